"""The four flows of one firm as they are on file: each with how it is known, what they say of each other, and circles.

The sums are features (:data:`FLOWS`), so consent, silence and doubt mean what they mean everywhere, and the page shows
what the feature ``flows_agree`` decides on. Circles of invoices are looked for through other firms' invoices, as the
house; of them only how many firms stand in one and what the firm itself invoiced in it is told, not who they are.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from jirong.facts import features, flows, kinds
from jirong.facts.features.online import Reader, consented
from jirong.facts.features.parts import months_before
from jirong.facts.match import Finding
from jirong.facts.models import Fact
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as

FLOWS = {
    "goods": "goods_delivered_12m", "papers": "invoiced_12m", "money": "bank_inflow_12m",
    "information": "platform_sales_12m",
}  # fmt: skip
AGREE = "flows_agree"
MONTHS, RING_MAX, EDGES_MAX = 12, 5, 5000
"""How far back, through how many firms, and over how many ties at most a circle is followed."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle of ``firms`` firms that each invoice the next about as much; ``minor``: what the firm asked about did."""

    firms: int
    minor: int


@dataclass(frozen=True, slots=True)
class Compared:
    """``values`` by flow; ``findings`` of the flows that are known; ``rings`` is None where they may not be looked for."""

    as_of: datetime.date
    values: dict[str, FeatureValue]
    agree: FeatureValue
    findings: tuple[Finding, ...]
    rings: tuple[Ring, ...] | None


def compared(subject: uuid.UUID, *, as_of: datetime.date, reader: Reader | None = None) -> Compared:
    """The flows of ``subject`` in the twelve months before ``as_of``, as ``reader`` may know them; None is the firm
    itself or the house. A flow that is withheld or in question is compared with nothing.
    """
    found = features.online(subject, [*FLOWS.values(), AGREE], as_of=as_of, reader=reader)
    values = {flow: found[code] for flow, code in FLOWS.items()}
    unknown = {flow for flow, value in values.items() if value.known not in (Known.PRESENT, Known.MISSING)}
    sums = flows.Flows(**{flow: _minor(value) for flow, value in values.items()})
    findings = flows.compare(sums)
    told = tuple(finding for finding in findings if finding.code.removeprefix("flows.no_") not in unknown)
    may = reader is None or kinds.INVOICE.code in consented(subject, reader)
    return Compared(as_of, values, found[AGREE], told, rings_of(subject, as_of) if may else None)


def rings_of(subject: uuid.UUID, as_of: datetime.date) -> tuple[Ring, ...]:
    """Circles of invoices the firm stands in, the largest first."""
    invoiced: dict[tuple[str, str], int] = {}
    frontier, seen = {subject}, set[uuid.UUID]()
    with acting_as(SYSTEM), transaction.atomic():
        for _ in range(RING_MAX):
            ties = _invoiced_by(frontier, as_of)
            seen |= frontier
            invoiced |= {(str(seller), str(buyer)): minor for seller, buyer, minor in ties}
            frontier = {buyer for _, buyer, _ in ties} - seen
            if not frontier or len(invoiced) > EDGES_MAX:
                break
    circles = flows.rings_of(str(subject), invoiced, most=RING_MAX)
    found = [Ring(len(circle), invoiced[circle[0], circle[1]]) for circle in circles]
    return tuple(sorted(found, key=lambda ring: (-ring.minor, ring.firms)))


def _invoiced_by(sellers: set[uuid.UUID], as_of: datetime.date) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """What each invoiced to whom, every document once, red letters taken off."""
    standing = Fact.objects.filter(
        kind=kinds.INVOICE.code, subject__in=sellers, on__gt=months_before(as_of, MONTHS), on__lte=as_of,
        corrections__isnull=True, counterparty__isnull=False, amount_minor__isnull=False,
    )  # fmt: skip
    once = standing.order_by("subject", "key", "recorded_at", "pk").distinct("subject", "key")
    ties = (
        Fact.objects.filter(pk__in=once.values("pk"))
        .values("subject", "counterparty")
        .annotate(sum=Sum("amount_minor"))
    )
    found = ties.order_by("-sum").values_list("subject", "counterparty", "sum")[:EDGES_MAX]
    return [(seller, buyer, minor) for seller, buyer, minor in found if minor > 0]


def _minor(value: FeatureValue) -> int | None:
    return round(value.value * 100) if isinstance(value.value, Decimal) else None
