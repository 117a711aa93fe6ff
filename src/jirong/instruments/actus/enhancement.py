"""What credit enhancements share: what is covered, what it is worth, and what calls it (ACTUS techspecs §7.17, §7.18).

A covered contract's exposure is its notional (NO), its notional and interest (NI) or its market value (MV). A credit
event of any covered contract calls the enhancement for all of them; it counts when it leads to a covered performance
(``creditEventTypeCovered``) before the enhancement ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import composed, refusals
from jirong.instruments.actus.model import ZERO, Contract, Due, EventType
from jirong.instruments.actus.terms import Reference
from jirong.kernel.text import Text

_OBSERVED = (EventType.AD, EventType.CE)
"""Events of a contract that are no part of its own schedule."""


def covered(contract: Contract) -> tuple[Reference, ...]:
    return composed.references(contract, "COVE")


def children(contract: Contract, references: Sequence[Reference]) -> list[Contract]:
    return [composed.child(contract, reference) for reference in references if reference.type == "CNT"]


def maturity(contract: Contract) -> datetime:
    """Md: as given, else the last event of what is covered."""
    given = contract.terms.date("maturityDate")
    if given is not None:
        return given
    children_events = [composed.all_events(one) for one in children(contract, covered(contract))]
    times = [event.time for found in children_events for event in found if event.type not in _OBSERVED]
    if not times:
        raise refusals.missing(contract.terms.kind, "maturityDate")
    return max(times)


def called(contract: Contract, end: datetime) -> datetime | None:
    """Xd: as given, else the first credit event after the status date that is covered; None without one."""
    given = contract.terms.date("exerciseDate")
    if given is not None:
        return given
    ids = {_identifier(reference) for reference in covered(contract)} - {None}
    performances = contract.terms.list("creditEventTypeCovered") or ("DF",)
    for event in contract.events:
        if event.type != "CE" or not contract.start < event.time <= end:
            continue
        concerns = event.contract in ids or (event.contract is None and len(ids) == 1)
        if concerns and event.performance in performances:
            return event.time
    return None


def _identifier(reference: Reference) -> str | None:
    if reference.terms is None:
        return reference.code
    named = reference.terms.get("contractID", reference.terms.get("contractIdentifier"))
    return None if named is None else str(named).strip()


def exposure(contract: Contract, due: Due) -> Decimal:
    """CECV × Σ n, unsigned: the covered part of what the covered contracts owe at the event."""
    kind = contract.terms.choice("guaranteedExposure")
    references = covered(contract)
    total = ZERO
    for reference, one in zip(references, (_whole(contract, reference) for reference in references), strict=True):
        if kind == "MV":
            total += contract.observe(_market_code(reference), due)
            continue
        stands = composed.standing(one, due.time)
        total += abs(stands.notional + (stands.accrued if kind == "NI" else ZERO))
    return contract.terms.need_number("coverageOfCreditEnhancement") * total


def _whole(contract: Contract, reference: Reference) -> Contract:
    if reference.type != "CNT":
        raise refusals.missing(
            contract.terms.kind,
            "notionalPrincipal",
            Text(
                "被保合约仅以编号引用，请填写 notionalPrincipal 或给出完整合约条款",
                "The covered contract is named by id only: give notionalPrincipal, or the whole contract",
            ),
        )
    return composed.child(contract, reference)


def _market_code(reference: Reference) -> str:
    code = None if reference.terms is None else reference.terms.get("marketObjectCode")
    if code is None:
        raise refusals.missing(reference.role, "marketObjectCode")
    return str(code).strip()


def cover_value(contract: Contract, due: Due) -> Decimal:
    """Σ v: the market value of all covering contracts, quantity × observed price; cash counts at its amount."""
    total = ZERO
    for one in children(contract, composed.references(contract, "COVI")):
        if one.terms.kind == "CSH":
            total += one.terms.need_number("notionalPrincipal")
        else:
            code = one.terms.need_text("marketObjectCode")
            total += one.terms.need_number("quantity") * contract.observe(code, due)
    return total
