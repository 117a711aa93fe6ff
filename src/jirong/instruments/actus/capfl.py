"""CAPFL, cap or floor: insurance against an interest rate above a cap or below a floor.

The underlying loan is evaluated twice, with and without the limits; on each of its interest days the difference is
paid. ACTUS techspecs §7.14.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import composed, model, refusals
from jirong.instruments.actus.model import ZERO, Contract, Event, EventType
from jirong.kernel.text import Text


def events(contract: Contract) -> list[Event]:
    free, limited = _underlyings(contract)
    return model.visible(
        contract,
        composed.within(contract, _differences(contract, free, limited) + _own_events(contract, free, limited)),
    )


def _underlyings(contract: Contract) -> tuple[Contract, Contract]:
    """The underlying without and with the limits."""
    reference, terms = composed.references(contract, "UDL")[0], contract.terms
    cap, floor = terms.number("lifeCap"), terms.number("lifeFloor")
    if cap is None and floor is None:
        raise refusals.missing(terms.kind, "lifeCap", Text("请填写 lifeCap 或 lifeFloor", "Give lifeCap or lifeFloor"))
    return (
        composed.child(contract, reference, contractRole="RPA", lifeCap=None, lifeFloor=None),
        composed.child(contract, reference, contractRole="RPA", lifeCap=cap, lifeFloor=floor),
    )


def _differences(contract: Contract, free: Contract, limited: Contract) -> list[Event]:
    """§7.14 z: what the limits change of each interest payment."""
    with_limits = {e.time: e for e in composed.events(limited) if e.type is EventType.IP}
    return [
        _event(contract, event.time, EventType.IP, contract.sign * abs(event.payoff - with_limits[event.time].payoff))
        for event in composed.events(free)
        if event.type is EventType.IP and event.time in with_limits
    ]


def _own_events(contract: Contract, free: Contract, limited: Contract) -> list[Event]:
    """Purchase, termination and analyses: the price and the difference accrued so far."""
    found, terms = [], contract.terms
    for due in model.trade_dues(contract) + model.analysis_dues(contract) + model.credit_dues(contract):
        gap = composed.standing(free, due.time).accrued - composed.standing(limited, due.time).accrued
        accrued = contract.sign * abs(gap)
        if due.type is EventType.PRD:
            payoff = contract.settle(accrued - terms.need_number("priceAtPurchaseDate"), due)
        elif due.type is EventType.TD:
            payoff, accrued = contract.settle(accrued + terms.need_number("priceAtTerminationDate"), due), ZERO
        else:
            payoff = ZERO
        found.append(_event(contract, due.time, due.type, payoff, accrued))
    return found


def _event(contract: Contract, time: datetime, kind: EventType, payoff: Decimal, accrued: Decimal = ZERO) -> Event:
    return Event(time, kind, payoff, contract.currency, ZERO, ZERO, accrued)
