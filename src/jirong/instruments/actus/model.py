"""The machine every contract type runs on (ACTUS techspecs §2: state, event, payoff, state transition).

A contract type is a :class:`Model`: a plan (which events are due, from which state) and, by event type, a payoff
function and a state transition function. Running it walks the due events in order, pays each from the state before
and moves to the state after. Events at one time follow the sequence of the event dictionary. Only events after the
status date count; a purchase hides what came before it, a termination ends the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from jirong.instruments.actus import dictionary, instants, refusals, schedule
from jirong.instruments.actus.observations import Observations, ObservedEvent
from jirong.instruments.actus.schedule import Conventions, Slot
from jirong.instruments.actus.terms import Terms
from jirong.kernel import calendar, daycount
from jirong.kernel.text import Text

ZERO = Decimal(0)
PRECISION = 50
"""Significant digits carried; published results state 15."""

EVENTS_MAX = 200_000
"""The most events one contract may have: five full schedules."""


class EventType(StrEnum):
    """Event types by their short names; IPFX and IPFL are the two legs of a plain swap."""

    IED = "IED"
    FP = "FP"
    PR = "PR"
    PI = "PI"
    PY = "PY"
    PP = "PP"
    IP = "IP"
    IPFX = "IPFX"
    IPFL = "IPFL"
    IPCI = "IPCI"
    CE = "CE"
    RRF = "RRF"
    RR = "RR"
    PRF = "PRF"
    DV = "DV"
    PRD = "PRD"
    TD = "TD"
    SC = "SC"
    IPCB = "IPCB"
    MD = "MD"
    XD = "XD"
    STD = "STD"
    AD = "AD"


SEQUENCE: dict[EventType, int] = {event: i for i, event in enumerate(EventType)}
"""Order at one time: that of the event dictionary, except that a payment is fixed (PRF) after the rate it follows."""


@dataclass(frozen=True, slots=True)
class State:
    """What changes over a contract's life, signed from its creator's side (dictionary: states)."""

    at: datetime
    notional: Decimal = ZERO
    rate: Decimal = ZERO
    accrued: Decimal = ZERO
    accrued_second: Decimal = ZERO
    fee: Decimal = ZERO
    base: Decimal = ZERO
    payment: Decimal = ZERO
    notional_scale: Decimal = Decimal(1)
    interest_scale: Decimal = Decimal(1)
    performance: str = "PF"
    exercise_date: datetime | None = None
    exercise_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a contract: what is paid, and the state after it.

    Amounts are in ``currency``, positive when they flow to the contract's creator. ``exercise_amount`` and
    ``exercise_date`` are those of a contingent claim and None for other contract types.
    """

    time: datetime
    type: EventType
    payoff: Decimal
    currency: str
    notional: Decimal
    rate: Decimal
    accrued: Decimal
    exercise_amount: Decimal | None = None
    exercise_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """An event that will happen: when, what for, and with what it brings along.

    ``amount`` is an observed or agreed amount (or a rate, for a fixed rate reset), ``note`` a performance status,
    ``currency`` one that differs from the contract's, ``last`` puts it behind all others of its time.
    """

    type: EventType
    slot: Slot
    amount: Decimal = ZERO
    note: str = ""
    currency: str | None = None
    last: bool = False

    @property
    def time(self) -> datetime:
        return self.slot.time

    @property
    def at(self) -> datetime:
        return self.slot.at

    @property
    def order(self) -> tuple[datetime, bool, int]:
        return self.slot.time, self.last, SEQUENCE[self.type]


@dataclass(frozen=True)
class Contract:
    """Terms with all they depend on; what a type's functions are given.

    ``until`` ends the view (included) and is the horizon of a contract without an end of its own. ``evaluator`` lets
    a combined contract evaluate its children without knowing their types.
    """

    terms: Terms
    observed: Observations
    events: tuple[ObservedEvent, ...]
    until: datetime | None
    calendars: Mapping[str, calendar.Calendar]
    evaluator: Callable[[Contract], list[Event]]
    depth: int = 0

    @property
    def start(self) -> datetime:
        """The status date, t0."""
        return self.terms.need_date("statusDate")

    @cached_property
    def sign(self) -> int:
        return dictionary.ROLE_SIGNS[self.terms.choice("contractRole")]

    @property
    def currency(self) -> str:
        return self.terms.text("settlementCurrency") or self.terms.text("currency") or ""

    @cached_property
    def conventions(self) -> Conventions:
        terms = self.terms
        month_end = terms.choice("endOfMonthConvention") == "EOM"
        return Conventions(month_end, terms.choice("businessDayConvention"), self._calendar)

    def fixed(self, time: datetime) -> Slot:
        """The slot of a date the terms or an observation give."""
        return self.conventions.fixed(time)

    @cached_property
    def _calendar(self) -> calendar.Calendar:
        name = self.terms.text("calendar") or "NC"
        folded = name.casefold().replace(" ", "")
        for known, found in {**_CALENDARS, **self.calendars}.items():
            if known.casefold() == folded:
                return found
        valid = "、".join(dict.fromkeys(["NC", "MF", *self.calendars]))
        raise refusals.unreadable("calendar", name, Text(f"以下之一：{valid}", f"one of: {valid.replace('、', ', ')}"))

    def years(self, start: datetime, end: datetime) -> Fraction:
        """Year fraction under the contract's day count; refuses when the contract has none."""
        return daycount.year_fraction(
            self.terms.choice("dayCountConvention"),
            instants.day(start),
            instants.day(end),
            maturity=self._maturity_day(),
            is_business_day=self._calendar.is_business_day,
        )

    def _maturity_day(self) -> date | None:
        maturity = self.terms.date("maturityDate")
        return None if maturity is None else instants.day(maturity)

    def observe(self, code: str, due: Due) -> Decimal:
        """A market value for an event: at its calculation time, else at its scheduled time."""
        return self.observed.value(code, due.at, due.slot.scheduled)

    def settle(self, amount: Decimal, due: Due) -> Decimal:
        """The amount in the settlement currency (techspecs §3.10)."""
        own, settled = self.terms.text("currency"), self.terms.text("settlementCurrency")
        if settled is None or settled == own or not amount:
            return amount
        return amount * self.observe(f"{own}/{settled}", due)

    def happened(self, *types: str) -> list[ObservedEvent]:
        """Observed events of these types that are this contract's, by id or by having none."""
        own = self.terms.text("contractID")
        return [event for event in self.events if event.type in types and event.contract in (None, own)]

    def horizon(self) -> datetime:
        """The end of the view, for a contract without an end of its own."""
        if self.until is None:
            raise refusals.missing(
                self.terms.kind,
                "to",
                Text("该类合约没有到期日，请给出测算截止日", "The contract has no end; give the date to look ahead to"),
            )
        return self.until


_CALENDARS: dict[str, calendar.Calendar] = {
    "NC": calendar.EVERY_DAY,
    "NOCALENDAR": calendar.EVERY_DAY,
    "MF": calendar.WEEKDAYS,
    "MONDAYTOFRIDAY": calendar.WEEKDAYS,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due and from which state; times the functions look back and ahead to are times of calculation."""

    state: State
    dues: tuple[Due, ...]
    maturity: datetime | None = None
    fee_times: tuple[datetime, ...] = ()
    redemption_times: tuple[datetime, ...] = ()


Payoff = Callable[[Contract, Plan, State, Due], Decimal]
Transition = Callable[[Contract, Plan, State, Due], State]


@dataclass(frozen=True, slots=True)
class Model:
    """A contract type: its plan and its functions by event type; a missing payoff pays nothing."""

    plan: Callable[[Contract], Plan]
    transitions: Mapping[EventType, Transition]
    payoffs: Mapping[EventType, Payoff] = field(default_factory=dict)
    contingent: bool = False


def run(contract: Contract, model: Model) -> list[Event]:
    """The contract's events after its status date and up to ``until``, in order."""
    plan = model.plan(contract)
    state, found = plan.state, []
    for due in ordered(contract, plan.dues):
        pay = model.payoffs.get(due.type)
        payoff = pay(contract, plan, state, due) if pay else ZERO
        state = model.transitions[due.type](contract, plan, state, due)
        found.append(_event(contract, due, payoff, state, model.contingent))
    return visible(contract, found)


def ordered(contract: Contract, dues: Iterable[Due]) -> list[Due]:
    """Due events in order, after the status date, up to ``until`` and up to a termination.

    An analysis at the status date itself is answered from the initial state.
    """
    start, until = contract.start, contract.until
    ended = contract.terms.date("terminationDate")
    if ended is not None and ended <= start:
        return []
    kept = sorted((due for due in dues if _is_ahead(due, start, until)), key=lambda due: due.order)
    if len(kept) > EVENTS_MAX:
        raise schedule.too_long(contract.terms.kind, len(kept))
    for i, due in enumerate(kept):
        if due.type is EventType.TD:
            return kept[: i + 1]
    return kept


def _is_ahead(due: Due, start: datetime, until: datetime | None) -> bool:
    begun = due.time > start or (due.type is EventType.AD and due.time == start)
    return begun and (until is None or due.time <= until)


def visible(contract: Contract, events: Sequence[Event]) -> list[Event]:
    """What the holder sees: from the purchase on, if one lies ahead; analyses always."""
    for i, event in enumerate(events):
        if event.type is EventType.PRD:
            return [e for e in events[:i] if e.type is EventType.AD] + list(events[i:])
    return list(events)


def _event(contract: Contract, due: Due, payoff: Decimal, state: State, contingent: bool) -> Event:
    return Event(
        due.time,
        due.type,
        payoff,
        due.currency or contract.currency,
        state.notional,
        state.rate,
        state.accrued,
        state.exercise_amount if contingent else None,
        state.exercise_date if contingent else None,
    )


def times_fraction(amount: Decimal, fraction: Fraction) -> Decimal:
    """``amount × fraction`` at the working precision."""
    return amount * fraction.numerator / fraction.denominator


def trade_dues(contract: Contract) -> list[Due]:
    """Purchase and termination, where the terms have them."""
    dates = ((EventType.PRD, "purchaseDate"), (EventType.TD, "terminationDate"))
    return [Due(kind, contract.fixed(date)) for kind, name in dates if (date := contract.terms.date(name)) is not None]


def analysis_dues(contract: Contract) -> list[Due]:
    """Analysis dates asked for from outside (AD)."""
    return [Due(EventType.AD, contract.fixed(event.time)) for event in contract.happened("AD")]


def credit_dues(contract: Contract) -> list[Due]:
    """Credit events of this very contract (CE): observed ones that name it and change its performance."""
    own = contract.terms.text("contractID")
    return [
        Due(EventType.CE, contract.fixed(event.time), note=event.performance)
        for event in contract.happened("CE")
        if event.performance is not None and own is not None and event.contract == own
    ]


def stamp(_: Contract, __: Plan, state: State, due: Due) -> State:
    """The transition that only moves the status date on."""
    return replace(state, at=due.at)


def default(_: Contract, __: Plan, state: State, due: Due) -> State:
    """CE without accrual."""
    return replace(state, at=due.at, performance=due.note)


def signed_purchase(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    """POF_PRD_STK: the buyer pays the price."""
    return contract.settle(-contract.sign * contract.terms.need_number("priceAtPurchaseDate"), due)


def signed_termination(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    """POF_TD_STK: the seller receives the price."""
    return contract.settle(contract.sign * contract.terms.need_number("priceAtTerminationDate"), due)


def unsigned_termination(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    """POF_TD_OPTNS: the price as agreed, whatever the role; used where an instrument may be worth less than nothing."""
    return contract.settle(contract.terms.need_number("priceAtTerminationDate"), due)
