"""SWAPS, swap: two whole contracts, one received and one paid.

Delivered (D), the legs' events stand side by side; settled net (S), exchanges, interest and principal that fall on
one day become one payment. The legs keep their own terms; only their roles follow from the swap's.
ACTUS techspecs §7.13.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import composed, model
from jirong.instruments.actus.model import ZERO, Contract, Due, Event, EventType

NETTED = (EventType.IED, EventType.IP, EventType.PR, EventType.MD)


def events(contract: Contract) -> list[Event]:
    legs = _legs(contract)
    paid = [composed.events(leg) for leg in legs]
    if contract.terms.choice("deliverySettlement") == "S":
        flows = _net(*paid)
    else:
        flows = [event for leg in paid for event in leg]
    flows = [event for event in flows if event.type not in (EventType.AD, EventType.CE)]
    own = _own_events(contract, legs)
    return model.visible(contract, composed.within(contract, [*flows, *own]))


def _legs(contract: Contract) -> tuple[Contract, Contract]:
    """Receive the first leg (RFL) or pay it (PFL)."""
    roles = ("RPA", "RPL") if contract.sign > 0 else ("RPL", "RPA")
    first, second = composed.references(contract, "FIL")[0], composed.references(contract, "SEL")[0]
    return (
        composed.child(contract, first, contractRole=roles[0]),
        composed.child(contract, second, contractRole=roles[1]),
    )


def _net(first: Sequence[Event], second: Sequence[Event]) -> list[Event]:
    """§7.13 z: congruent events added into one; its rate is no leg's and stands at zero."""
    waiting = {(event.time, event.type, event.currency): event for event in second if event.type in NETTED}
    found = []
    for event in first:
        other = waiting.pop((event.time, event.type, event.currency), None)
        found.append(event if other is None else _sum(event, other))
    kept = {id(event) for event in waiting.values()}
    return found + [event for event in second if event.type not in NETTED or id(event) in kept]


def _sum(first: Event, second: Event) -> Event:
    return Event(
        first.time,
        first.type,
        first.payoff + second.payoff,
        first.currency,
        first.notional + second.notional,
        ZERO,
        first.accrued + second.accrued,
    )


def _own_events(contract: Contract, legs: Sequence[Contract]) -> list[Event]:
    """Purchase, termination and analyses of the swap itself; its state has no notional and no rate."""
    found = []
    for due in model.trade_dues(contract) + model.analysis_dues(contract) + model.credit_dues(contract):
        accrued = _accrued(legs, due.time)
        payoff = _payoff(contract, due, accrued)
        left = ZERO if due.type is EventType.TD else accrued
        found.append(Event(due.time, due.type, payoff, contract.currency, ZERO, ZERO, left))
    return found


def _accrued(legs: Sequence[Contract], time: datetime) -> Decimal:
    return sum((composed.standing(leg, time).accrued for leg in legs), ZERO)


def _payoff(contract: Contract, due: Due, accrued: Decimal) -> Decimal:
    """POF_PRD and POF_TD: the price and what the legs have accrued, as the formulas have them."""
    terms = contract.terms
    if due.type is EventType.PRD:
        return contract.settle(accrued - terms.need_number("priceAtPurchaseDate"), due)
    if due.type is EventType.TD:
        return contract.settle(accrued + terms.need_number("priceAtTerminationDate"), due)
    return ZERO
