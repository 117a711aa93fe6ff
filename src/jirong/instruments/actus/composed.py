"""How a combined contract sees its children (ACTUS techspecs §4 Composition, §6 Child Contract Observer).

A child is a whole contract inside ``contractStructure``. Its parent decides its role, may change its terms, and asks
for two things only: its events, and where it stands at a time (notional and interest accrued up to then). The second
is an analysis event put into the first, so there is one way to compute either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import refusals, terms
from jirong.instruments.actus.model import SEQUENCE, Contract, Event, EventType
from jirong.instruments.actus.observations import ObservedEvent
from jirong.instruments.actus.terms import Reference
from jirong.kernel.text import Text

DEPTH_MAX = 4
"""How deep contracts may nest."""

OPEN_ENDED = ("CLM", "UMP", "CSH", "STK", "COM")
"""Types that may have no end of their own and then need their parent's horizon."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contract stands at a time: signed notional and interest accrued."""

    notional: Decimal
    accrued: Decimal


def references(contract: Contract, role: str) -> tuple[Reference, ...]:
    """The children of that role; refuses when there is none."""
    found = contract.terms.references(role)
    if not found:
        raise refusals.missing(
            contract.terms.kind,
            "contractStructure",
            Text(
                f"请在 contractStructure 中给出角色为 {role} 的合约",
                f"Give a contract with the role {role} in contractStructure",
            ),
        )
    return found


def child(contract: Contract, reference: Reference, **changes: object) -> Contract:
    """The child as a contract of its own, with what the parent sets; status date and currency default to its own."""
    if contract.depth >= DEPTH_MAX:
        limit = Text(f"嵌套超过 {DEPTH_MAX} 层", f"contracts nest deeper than {DEPTH_MAX}")
        raise refusals.impossible("contractStructure", reference.role, limit, Text("请减少嵌套", "Nest less deeply"))
    if reference.terms is None:
        raise refusals.unreadable(
            "contractStructure", reference.code, Text("完整的合约条款（CNT）", "a whole contract's terms (CNT)")
        )
    defaults = {
        "statusDate": contract.terms.date("statusDate"),
        "currency": contract.terms.text("currency"),
        "contractRole": "RPA",
    }
    parsed = terms.parse(reference.terms, **defaults).with_values(**changes)
    return replace(contract, terms=parsed, depth=contract.depth + 1)


def events(contract: Contract) -> list[Event]:
    return contract.evaluator(contract)


def all_events(contract: Contract) -> list[Event]:
    """The child's events to its own end, whatever the parent's view; to the view's end where it has no end."""
    if contract.terms.kind in OPEN_ENDED and not contract.terms.has("maturityDate"):
        return events(contract)
    return events(replace(contract, until=None))


def standing(contract: Contract, time: datetime) -> Standing:
    """Notional and accrued interest at ``time``, after all that happens then; before the status date, as at it."""
    at = max(time, contract.start)
    asked = ObservedEvent(at, "AD", contract=None)
    found = events(replace(contract, events=(*contract.events, asked), until=at))
    analysed = [event for event in found if event.type is EventType.AD and event.time == at]
    if not analysed:
        return Standing(Decimal(0), Decimal(0))
    return Standing(analysed[-1].notional, analysed[-1].accrued)


def in_order(events: Sequence[Event]) -> list[Event]:
    """Events by time and sequence, those of earlier children first."""
    return sorted(events, key=lambda event: (event.time, SEQUENCE[event.type]))


def within(contract: Contract, events: Sequence[Event]) -> list[Event]:
    """The parent's view: after its status date, up to its end and to its termination, from its purchase on."""
    start, until = contract.start, contract.until
    ended = contract.terms.date("terminationDate")
    if ended is not None and ended <= start:
        return []
    found: list[Event] = []
    for event in in_order(events):
        before = event.time < start or (event.time == start and event.type is not EventType.AD)
        if before or (until is not None and event.time > until):
            continue
        found.append(event)
        if event.type is EventType.TD:
            break
    return found
