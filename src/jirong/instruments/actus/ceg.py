"""CEG, credit enhancement guarantee: a guarantor answers for what others owe.

The guarantee covers a share of a stated notional or of the covered contracts' exposure. A credit event exercises it:
the covered amount is fixed that day and paid once the settlement period has run. Without one it ends at maturity.
Fees run meanwhile. ACTUS techspecs §7.17.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import enhancement, exercise, model, schedule
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

MEASURES_MAX = 5_000
"""Fees × covered contracts: each fee measures the exposure of every covered contract anew."""


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = enhancement.maturity(contract)
    called = enhancement.called(contract, maturity)
    fees = _fee_dues(contract, called or maturity)
    dues = model.trade_dues(contract) + model.analysis_dues(contract) + model.credit_dues(contract) + fees
    if called is None:
        dues.append(Due(EventType.MD, contract.fixed(maturity)))
    else:
        dues += [Due(EventType.XD, contract.fixed(called)), exercise.settlement(contract, called)]
    if not contract.terms.has("notionalPrincipal") and len(fees) * len(enhancement.covered(contract)) > MEASURES_MAX:
        raise schedule.too_long("cycleOfFee", f"{len(fees)} × {len(enhancement.covered(contract))}")
    fee_times = tuple(due.at for due in fees)
    return Plan(_initial_state(contract, maturity), tuple(dues), maturity, fee_times)


def _fee_dues(contract: Contract, end: datetime) -> list[Due]:
    """§7.17 FP: by the cycle from its anchor, else one cycle after the purchase, to the end of the cover."""
    terms, conventions = contract.terms, contract.conventions
    anchor, cycle = terms.date("cycleAnchorDateOfFee"), terms.cycle("cycleOfFee")
    if not terms.need_number("feeRate") or (anchor is None and cycle is None):
        return []
    if anchor is None and cycle is not None:
        anchor = cycle.period.after(terms.need_date("purchaseDate"))
    assert anchor is not None, "a fee has an anchor or a cycle"
    times = schedule.times(anchor, cycle, end, include_end=True, month_end=conventions.month_end, where="cycleOfFee")
    return [Due(EventType.FP, contract.fixed(time) if time == end else conventions.slot(time)) for time in times]


def _initial_state(contract: Contract, maturity: datetime) -> State:
    state = replace(exercise.initial_state(contract), fee=contract.terms.number("feeAccrued") or ZERO)
    if contract.start >= maturity or contract.terms.choice("guaranteedExposure") == "MV":
        return state
    return replace(state, notional=_guaranteed(contract, Due(EventType.AD, contract.fixed(contract.start))))


def _guaranteed(contract: Contract, due: Due) -> Decimal:
    """Nt: the covered share of the stated notional, else of the exposure, signed by the creator's side."""
    stated = contract.terms.number("notionalPrincipal")
    if stated is not None:
        return contract.sign * contract.terms.need_number("coverageOfCreditEnhancement") * stated
    return contract.sign * enhancement.exposure(contract, due)


def fee(contract: Contract, state: State, due: Due) -> Decimal:
    terms = contract.terms
    if not terms.need_number("feeRate") or terms.choice("feeBasis") == "A":
        return state.fee
    years = contract.years(state.at, due.at)
    return state.fee + times_fraction(state.notional * terms.need_number("feeRate"), years)


def pay_fee(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    if contract.terms.choice("feeBasis") == "A":
        return contract.settle(contract.sign * contract.terms.need_number("feeRate"), due)
    return contract.settle(fee(contract, state, due), due)


def remeasure(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """The guaranteed amount as of the event, the fee run up to it."""
    return replace(state, notional=_guaranteed(contract, due), fee=fee(contract, state, due), at=due.at)


def clear_fee(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(remeasure(contract, plan, state, due), fee=ZERO)


def call(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_XD: what is guaranteed that day is what will be paid."""
    moved = remeasure(contract, plan, state, due)
    return replace(moved, exercise_amount=moved.notional, exercise_date=due.time)


def pay_settlement(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(state.exercise_amount + state.fee, due)


def close(_: Contract, __: Plan, state: State, due: Due) -> State:
    """STF_MD and STF_STD: nothing is guaranteed any more; the amount exercised stays on record."""
    return replace(state, notional=ZERO, fee=ZERO, at=due.at)


MODEL = Model(
    plan,
    {
        EventType.AD: remeasure,
        EventType.PRD: remeasure,
        EventType.TD: close,
        EventType.FP: clear_fee,
        EventType.XD: call,
        EventType.STD: close,
        EventType.MD: close,
        EventType.CE: model.default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.signed_termination,
        EventType.FP: pay_fee,
        EventType.STD: pay_settlement,
    },
    contingent=True,
)
