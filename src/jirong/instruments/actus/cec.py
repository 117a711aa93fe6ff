"""CEC, credit enhancement collateral: things pledged for what is owed.

A credit event of what is covered exercises the collateral: the claim is the covered share of the exposure, and what
is paid is no more than the collateral is worth that day. Without one the pledge ends with what it covers.
ACTUS techspecs §7.18.
"""

from __future__ import annotations

from dataclasses import replace

from jirong.instruments.actus import enhancement, exercise, model
from jirong.instruments.actus.ceg import close, pay_settlement
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = enhancement.maturity(contract)
    called = enhancement.called(contract, maturity)
    dues = model.analysis_dues(contract) + model.credit_dues(contract)
    if called is None:
        dues.append(Due(EventType.MD, contract.fixed(maturity)))
    else:
        dues += [Due(EventType.XD, contract.fixed(called)), exercise.settlement(contract, called)]
    return Plan(exercise.initial_state(contract), tuple(dues), maturity)


def measure(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_AD: what the collateral would pay if it were called now."""
    claim = min(enhancement.cover_value(contract, due), enhancement.exposure(contract, due))
    return replace(state, notional=contract.sign * claim, at=due.at)


def call(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_XD: the claim is fixed, and what of it the collateral pays."""
    claim = enhancement.exposure(contract, due)
    paid = min(enhancement.cover_value(contract, due), claim)
    return replace(
        state,
        notional=contract.sign * claim,
        exercise_amount=contract.sign * paid,
        exercise_date=due.time,
        at=due.at,
    )


MODEL = Model(
    plan,
    {
        EventType.AD: measure,
        EventType.XD: call,
        EventType.STD: close,
        EventType.MD: close,
        EventType.CE: model.default,
    },
    {EventType.STD: pay_settlement},
    contingent=True,
)
