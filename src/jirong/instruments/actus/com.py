"""COM, commodity: a quantity of a good, bought and sold at agreed prices a unit. ACTUS techspecs §7.10."""

from __future__ import annotations

from decimal import Decimal

from jirong.instruments.actus import model
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    return Plan(State(contract.start), tuple(model.trade_dues(contract) + model.analysis_dues(contract)))


def pay_purchase(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    return contract.terms.need_number("quantity") * model.signed_purchase(contract, plan, state, due)


def pay_termination(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    return contract.terms.need_number("quantity") * model.signed_termination(contract, plan, state, due)


MODEL = Model(
    plan,
    {EventType.AD: model.stamp, EventType.PRD: model.stamp, EventType.TD: model.stamp},
    {EventType.PRD: pay_purchase, EventType.TD: pay_termination},
)
