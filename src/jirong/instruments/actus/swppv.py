"""SWPPV, plain vanilla interest rate swap: a fixed rate against a resetting one on one notional, never exchanged.

Settled gross (D) each leg pays its own interest (IPFX, IPFL), settled net (S) only the difference (IP). The state's
rate is the floating one; its accrued interest is that of the fixed leg, with the floating leg's beside it.
ACTUS techspecs §7.12.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.actus import loan_functions, loan_schedule, model
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import (
    ZERO,
    Contract,
    Due,
    Event,
    EventType,
    Model,
    Plan,
    State,
    run,
    times_fraction,
)


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = Maturity.given(contract, contract.terms.need_date("maturityDate"))
    times = loan_schedule.interest_times(contract, maturity.scheduled)
    net = contract.terms.choice("deliverySettlement") == "S"
    kinds = [EventType.IP] if net else [EventType.IPFX, EventType.IPFL]
    interest = [due for kind in kinds for due in loan_schedule.dues(contract, kind, times, maturity)]
    dues = loan_schedule.exchange_dues(contract, maturity) + interest + loan_schedule.reset_dues(contract, maturity)
    return Plan(_initial_state(contract, interest), tuple(dues), maturity.scheduled)


def _initial_state(contract: Contract, interest: list[Due]) -> State:
    terms, start = contract.terms, contract.start
    state = State(contract.fixed(start).at, performance=terms.choice("contractPerformance"))
    if terms.need_date("initialExchangeDate") > start:
        return state
    notional = contract.sign * terms.need_number("notionalPrincipal")
    running = replace(state, notional=notional, rate=terms.need_number("nominalInterestRate2"))
    earlier = [due.at for due in interest if due.at < state.at]
    years = contract.years(max(earlier), state.at) if earlier else Fraction(0)
    given = terms.number("accruedInterest")
    fixed = times_fraction(notional * terms.need_number("nominalInterestRate"), years)
    return replace(
        running,
        accrued=fixed if given is None else given,
        accrued_second=times_fraction(notional * running.rate, years),
    )


def accrue(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_AD: both legs run up to the event."""
    if not state.notional:
        return replace(state, at=due.at)
    years = contract.years(state.at, due.at)
    fixed = state.notional * contract.terms.need_number("nominalInterestRate")
    return replace(
        state,
        accrued=state.accrued + times_fraction(fixed, years),
        accrued_second=state.accrued_second + times_fraction(state.notional * state.rate, years),
        at=due.at,
    )


def initial_exchange(contract: Contract, _: Plan, state: State, due: Due) -> State:
    terms = contract.terms
    return replace(
        state,
        notional=contract.sign * terms.need_number("notionalPrincipal"),
        rate=terms.need_number("nominalInterestRate2"),
        accrued=ZERO,
        accrued_second=ZERO,
        at=due.at,
    )


def mature(_: Contract, __: Plan, state: State, due: Due) -> State:
    return replace(state, notional=ZERO, accrued=ZERO, accrued_second=ZERO, at=due.at)


def pay_net(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    moved = accrue(contract, plan, state, due)
    return contract.settle(moved.accrued - moved.accrued_second, due)


def pay_fixed(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(accrue(contract, plan, state, due).accrued, due)


def pay_floating(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(-accrue(contract, plan, state, due).accrued_second, due)


def clear_net(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), accrued=ZERO, accrued_second=ZERO)


def clear_fixed(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), accrued=ZERO)


def clear_floating(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), accrued_second=ZERO)


def reset_rate(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    terms = contract.terms
    market = contract.observe(terms.need_text("marketObjectCodeOfRateReset"), due)
    target = market * terms.need_number("rateMultiplier") + terms.need_number("rateSpread")
    moved = accrue(contract, plan, state, due)
    return replace(moved, rate=loan_functions.limit_rate(contract, state.rate, target))


def fix_rate(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), rate=due.amount)


def default(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), performance=due.note)


MODEL = Model(
    plan,
    {
        EventType.AD: accrue,
        EventType.IED: initial_exchange,
        EventType.IP: clear_net,
        EventType.IPFX: clear_fixed,
        EventType.IPFL: clear_floating,
        EventType.RR: reset_rate,
        EventType.RRF: fix_rate,
        EventType.PRD: accrue,
        EventType.TD: mature,
        EventType.MD: mature,
        EventType.CE: default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.unsigned_termination,
        EventType.IP: pay_net,
        EventType.IPFX: pay_fixed,
        EventType.IPFL: pay_floating,
    },
)
