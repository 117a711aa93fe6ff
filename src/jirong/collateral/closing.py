"""The close of business for security: interest grows and prices fall between two looks, so each debt is looked at daily.

Looking writes nothing; only where a call must open, or one is met, an action does it (``cover.check``), one a contract,
so a killed run goes on and repeating it changes nothing.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field

from django.db import transaction

from jirong.collateral import runtime
from jirong.collateral.actions import pledges
from jirong.collateral.models import Call, Secured
from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as


@dataclass
class Watched:
    """What a run did: contracts looked at, calls opened or met, and what went wrong with which."""

    on: datetime.date
    looked: int = 0
    changed: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)


def close() -> Watched:
    """Look at every debt that is drawn and must be covered, on the current business date."""
    with acting_as(SYSTEM), transaction.atomic():
        on = business_date.today()
        rows = list(Secured.objects.filter(drawings__isnull=False).distinct().order_by("pk"))
    result = Watched(on)
    for row in rows:
        if not runtime.wants_cover(row):
            continue
        result.looked += 1
        if not _changes(row, on):
            continue
        try:
            pledges.check_cover(actor=SYSTEM, id=_id(row.pk, on), contract=row.pk)
            result.changed += 1
        except Refusal as refusal:
            result.errors.append({"contract": str(row.pk), "code": refusal.code})
    return result


def _changes(row: Secured, on: datetime.date) -> bool:
    """Whether looking would open a call or find one met."""
    with acting_as(SYSTEM), transaction.atomic():
        now = runtime.cover_now(row, on)
        standing = Call.objects.filter(secured=row, met_on=None).exists()
    return now.called if not standing else now.short_minor == 0


def _id(contract: uuid.UUID, on: datetime.date) -> uuid.UUID:
    """The same look has the same id; after a call opened or was met the next look is another."""
    with acting_as(SYSTEM), transaction.atomic():
        calls = Call.objects.filter(secured=contract)
        return derived_id(contract, "cover", on, calls.count(), calls.filter(met_on=None).count())
