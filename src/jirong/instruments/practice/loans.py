"""A loan's schedule and state: the four questions the rest of the house asks.

``schedule`` is what a borrower who pays on time pays; ``replay`` is where the loan stands on a day after what
happened; ``ahead`` is what is still to come from there; ``payoff`` is what ends it. All follow from terms and
events alone, so a back-dated event is a recomputation, never a repair.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jirong.instruments.practice import checks
from jirong.instruments.practice.allocation import Allocation, AllocationOrder, Bucket, allocate_dues
from jirong.instruments.practice.events import Event
from jirong.instruments.practice.happenings import happen
from jirong.instruments.practice.machine import Machine
from jirong.instruments.practice.state import Instalment, LoanState, Payoff, Schedule
from jirong.instruments.practice.terms import LoanTerms
from jirong.kernel import rates
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text


def schedule(terms: LoanTerms, *, history: rates.RateHistory | None = None) -> Schedule:
    """All instalments of ``terms``; floating rates follow ``history`` (the house's LPR table by default)."""
    return Schedule(terms, Machine(terms, history or rates.lpr_history()).ahead())


def replay(
    terms: LoanTerms, events: Iterable[Event], as_of: date, *, history: rates.RateHistory | None = None
) -> LoanState:
    """The loan on ``as_of`` after the events up to and including that day; later ones are not looked at.

    Raises :class:`~jirong.kernel.errors.Refusal` when an event precedes the loan or its state does not allow it.
    """
    return _machine(terms, events, as_of, history).state(as_of)


def ahead(
    terms: LoanTerms, events: Iterable[Event], as_of: date, *, history: rates.RateHistory | None = None
) -> tuple[Instalment, ...]:
    """The instalments still to fall due after ``as_of``, should nothing else happen."""
    return _machine(terms, events, as_of, history).ahead()


def payoff(terms: LoanTerms, events: Iterable[Event], on: date, *, history: rates.RateHistory | None = None) -> Payoff:
    """What the borrower must pay on that day to owe nothing: open dues, the rest of the principal, interest, fee."""
    machine = _machine(terms, events, on, history)
    state = machine.state(on)
    early_fee = state.performing.times(terms.early_fee) if state.performing else Money(0, machine.unit)
    return Payoff(
        on=on,
        principal=state.principal,
        interest=state.unpaid(Bucket.INTEREST) + machine.money(round_half_up(machine.earned(on))),
        penalty=state.unpaid(Bucket.PENALTY),
        compound=state.unpaid(Bucket.COMPOUND),
        fee=state.unpaid(Bucket.FEE) + early_fee,
        credit=state.credit,
    )


def allocate(payment: Money, state: LoanState, order: AllocationOrder | None = None) -> Allocation:
    """What ``payment`` would pay of the loan in that state; by the contract's own order if none is given."""
    return allocate_dues(payment, state.dues, order or state.terms.order)


def _machine(terms: LoanTerms, events: Iterable[Event], as_of: date, history: rates.RateHistory | None) -> Machine:
    machine = Machine(terms, history or rates.lpr_history())
    if as_of < terms.start:
        raise _too_early("as_of", as_of, terms)
    for count, event in enumerate(sorted(events, key=lambda event: event.on)):
        if event.on > as_of:
            break
        if count >= checks.EVENTS_MAX:
            raise checks.invalid(
                "events",
                count,
                Text("事件数超过上限", "too many events"),
                Text(f"每笔合同最多 {checks.EVENTS_MAX} 个事件", f"At most {checks.EVENTS_MAX} a contract"),
            )
        if event.on < terms.start:
            raise _too_early("on", event.on, terms)
        machine.advance(event.on)
        happen(machine, event)
    machine.advance(as_of)
    return machine


def _too_early(term: str, day: date, terms: LoanTerms) -> Exception:
    return checks.invalid(
        term,
        day,
        Text(f"日期早于起息日 {terms.start}", f"the date precedes the start {terms.start}"),
        Text(f"请使用 {terms.start} 或之后的日期", f"Use {terms.start} or a later date"),
    )
