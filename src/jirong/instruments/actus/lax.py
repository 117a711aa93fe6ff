"""LAX, exotic linear amortizer: principal paid out and back in steps, by a list of agreed phases.

Each phase has an anchor, perhaps a cycle, an amount and a direction (DEC repays, INC draws more); interest and rate
resets may have phases of their own. Without a maturity the contract ends with the payment that brings the notional
to nothing. ACTUS techspecs §7.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from jirong.instruments.actus import amortizer, loan_functions, loan_schedule, refusals, schedule
from jirong.instruments.actus.instants import Cycle
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Phase:
    """Redemptions of one amount in one direction (+1 repays, −1 draws), from an anchor on."""

    anchor: datetime
    cycle: Cycle | None
    amount: Decimal
    direction: int


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    phases = _phases(contract)
    maturity = _maturity(contract, phases)
    interest = loan_schedule.interest_dues(contract, _interest_times(contract, maturity.scheduled), maturity)
    fees = loan_schedule.fee_dues(contract, maturity)
    fee_times = tuple(due.at for due in fees)
    dues = (
        loan_schedule.exchange_dues(contract, maturity)
        + _redemptions(contract, phases, maturity)
        + interest
        + fees
        + loan_schedule.base_dues(contract, maturity)
        + _resets(contract, maturity)
        + loan_schedule.scaling_dues(contract, maturity)
        + loan_schedule.prepayment_dues(contract, maturity)
    )
    state = loan_functions.initial_state(contract, interest, fee_times)
    return Plan(state, tuple(dues), maturity.slot.at, fee_times)


def _spread(contract: Contract, name: str, length: int, values: Sequence[Any]) -> list[Any]:
    """One value for each anchor; a single value serves all (§7.3 C)."""
    if len(values) == length:
        return list(values)
    if len(values) == 1:
        return list(values) * length
    raise refusals.impossible(
        name,
        f"{len(values)} values",
        Text(f"与 {length} 个起始日不对应", f"it does not match the {length} anchor dates"),
        Text(f"请填写 1 个或 {length} 个值", f"Give 1 or {length} values"),
    )


def _ascending(name: str, anchors: Sequence[datetime]) -> None:
    for before, after in pairwise(anchors):
        if after <= before:
            raise refusals.impossible(
                name,
                after.isoformat(),
                Text(
                    f"不晚于前一个起始日 {before.date()}",
                    f"it does not come after the anchor before it, {before.date()}",
                ),
                Text("请按时间先后填写起始日", "Give the anchors in the order of time"),
            )


def _phases(contract: Contract) -> list[Phase]:
    terms = contract.terms
    anchors = terms.list("arrayCycleAnchorDateOfPrincipalRedemption")
    _ascending("arrayCycleAnchorDateOfPrincipalRedemption", anchors)
    count = len(anchors)
    cycles = terms.list("arrayCycleOfPrincipalRedemption") or (None,)
    columns = (
        _spread(contract, "arrayCycleOfPrincipalRedemption", count, cycles),
        _spread(
            contract,
            "arrayNextPrincipalRedemptionPayment",
            count,
            terms.list("arrayNextPrincipalRedemptionPayment"),
        ),
        _spread(contract, "arrayIncreaseDecrease", count, terms.list("arrayIncreaseDecrease")),
    )
    return [
        Phase(anchor, cycle, amount, 1 if direction == "DEC" else -1)
        for anchor, cycle, amount, direction in zip(anchors, *columns, strict=True)
    ]


def _maturity(contract: Contract, phases: Sequence[Phase]) -> Maturity:
    """§7.3 Md: as given, else when the payments have brought the notional to nothing."""
    given = contract.terms.date("maturityDate")
    if given is not None:
        return Maturity.given(contract, given)
    left = contract.terms.need_number("notionalPrincipal")
    begin = max(contract.start, contract.terms.need_date("initialExchangeDate"))
    for time, phase in _endless(contract, phases):
        if time >= begin:
            left -= phase.direction * phase.amount
            if left <= 0:
                return Maturity.computed(contract, time)
    raise refusals.missing(contract.terms.kind, "maturityDate", _NEVER_REPAID)


def _endless(contract: Contract, phases: Sequence[Phase]) -> Iterator[tuple[datetime, Phase]]:
    """Every redemption without regard to a maturity; a last phase that repays nothing is taken once."""
    month_end = contract.conventions.month_end
    for i, phase in enumerate(phases):
        following = phases[i + 1].anchor if i + 1 < len(phases) else None
        repays = phase.direction > 0 and phase.amount > 0
        yield phase.anchor, phase
        if phase.cycle is None or (following is None and not repays):
            continue
        for k in range(1, schedule.TIMES_MAX):
            time = phase.cycle.period.after(phase.anchor, k, month_end=month_end)
            if following is not None and time >= following:
                break
            yield time, phase


_NEVER_REPAID = Text(
    "各期还款不足以还清本金，请填写 maturityDate 或增加还款",
    "The payments never repay the notional: give maturityDate, or more payments",
)


def _redemptions(contract: Contract, phases: Sequence[Phase], maturity: Maturity) -> list[Due]:
    """§7.3 PR and PI: each phase's times with its amount."""
    conventions = contract.conventions
    times = schedule.array_times(
        [phase.anchor for phase in phases],
        [phase.cycle for phase in phases],
        maturity.scheduled,
        month_end=conventions.month_end,
        where="arrayCycleOfPrincipalRedemption",
    )
    begin = contract.terms.need_date("initialExchangeDate")
    return [
        Due(EventType.PR if phases[i].direction > 0 else EventType.PI, conventions.slot(time), phases[i].amount)
        for i, time in times
        if time >= begin
    ]


def _interest_times(contract: Contract, end: datetime) -> list[datetime]:
    """§7.3 IP: the phases' times and maturity; the plain cycle where there are no phases."""
    terms = contract.terms
    anchors = terms.list("arrayCycleAnchorDateOfInterestPayment")
    if not anchors or not terms.has("nominalInterestRate"):
        return loan_schedule.interest_times(contract, end)
    _ascending("arrayCycleAnchorDateOfInterestPayment", anchors)
    cycles = terms.list("arrayCycleOfInterestPayment") or (None,)
    spread = _spread(contract, "arrayCycleOfInterestPayment", len(anchors), cycles)
    month_end = contract.conventions.month_end
    times = schedule.array_times(anchors, spread, end, month_end=month_end, where="arrayCycleOfInterestPayment")
    begin = terms.need_date("initialExchangeDate")
    return [time for _, time in times if time >= begin] + [end]


def _resets(contract: Contract, maturity: Maturity) -> list[Due]:
    """§7.3 RR and RRF: a rate of each phase's own, fixed (F) or a spread over the market (V)."""
    terms = contract.terms
    anchors = terms.list("arrayCycleAnchorDateOfRateReset")
    if not anchors:
        return loan_schedule.reset_dues(contract, maturity)
    _ascending("arrayCycleAnchorDateOfRateReset", anchors)
    count = len(anchors)
    cycles = _spread(contract, "arrayCycleOfRateReset", count, terms.list("arrayCycleOfRateReset") or (None,))
    rates = _spread(contract, "arrayRate", count, terms.list("arrayRate"))
    kinds = _spread(contract, "arrayFixedVariable", count, terms.list("arrayFixedVariable"))
    conventions, begin = contract.conventions, terms.need_date("initialExchangeDate")
    times = schedule.array_times(
        anchors, cycles, maturity.scheduled, month_end=conventions.month_end, where="arrayCycleOfRateReset"
    )
    return [
        Due(EventType.RRF if kinds[i] == "F" else EventType.RR, conventions.slot(time), rates[i])
        for i, time in times
        if time >= begin
    ]


def _principal(contract: Contract, state: State, due: Due) -> Decimal:
    return amortizer.capped(contract, contract.sign * due.amount, state.notional)


def pay_principal(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(state.notional_scale * _principal(contract, state, due), due)


def repay_principal(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return amortizer.repay(contract, plan, state, due, _principal(contract, state, due))


def pay_increase(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(-contract.sign * state.notional_scale * due.amount, due)


def increase(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return amortizer.repay(contract, plan, state, due, -contract.sign * due.amount)


def reset_rate(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_RR_LAX: as §7.1, the phase's rate being the spread."""
    if not contract.terms.has("arrayRate"):
        return loan_functions.reset_rate(contract, plan, state, due)
    terms = contract.terms
    market = contract.observe(terms.need_text("marketObjectCodeOfRateReset"), due)
    target = market * terms.need_number("rateMultiplier") + due.amount
    moved = loan_functions.accrue(contract, plan, state, due)
    return replace(moved, rate=loan_functions.limit_rate(contract, state.rate, target))


MODEL = Model(
    plan,
    {
        **loan_functions.TRANSITIONS,
        EventType.PR: repay_principal,
        EventType.PI: increase,
        EventType.RR: reset_rate,
    },
    {**loan_functions.PAYOFFS, EventType.PR: pay_principal, EventType.PI: pay_increase},
)
