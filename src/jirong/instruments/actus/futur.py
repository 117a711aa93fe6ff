"""FUTUR, future: an agreement to trade at an agreed price on a day; the difference to the market is settled.

Unlike an option it binds both sides, so the amount fixed at exercise may be negative. ACTUS techspecs §7.16.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from jirong.instruments.actus import exercise, model
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    return exercise.plan(contract)


def difference(contract: Contract, due: Due) -> Decimal:
    return exercise.underlying_value(contract, due) - contract.terms.need_number("futuresPrice")


def mature(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_MD: a gain is exercised at maturity; a loss is only fixed at the exercise that follows."""
    exercised = due.time if difference(contract, due) > 0 else None
    return replace(state, exercise_date=state.exercise_date or exercised, at=due.at)


def fix_amount(contract: Contract, _: Plan, state: State, due: Due) -> State:
    amount = difference(contract, due)
    exercised = state.exercise_date or (due.time if amount else None)
    return replace(state, exercise_amount=amount, exercise_date=exercised, at=due.at)


MODEL = Model(
    plan,
    {
        EventType.AD: model.stamp,
        EventType.PRD: model.stamp,
        EventType.TD: model.stamp,
        EventType.MD: mature,
        EventType.XD: fix_amount,
        EventType.STD: exercise.settle,
        EventType.CE: model.default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.unsigned_termination,
        EventType.STD: exercise.pay_settlement,
    },
    contingent=True,
)
