"""CSH, cash: an amount held. It pays nothing; it only answers analysis dates. ACTUS techspecs §7.8."""

from __future__ import annotations

from jirong.instruments.actus import model
from jirong.instruments.actus.model import Contract, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    held = contract.sign * contract.terms.need_number("notionalPrincipal")
    return Plan(State(contract.start, notional=held), tuple(model.analysis_dues(contract)))


MODEL = Model(plan, {EventType.AD: model.stamp})
