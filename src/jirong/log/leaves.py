"""From an entry's row to its leaf: every column counts, so that no byte of a row can change unseen."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from jirong.log.models import Entry
from jirong.trust import canonical, leaf


def leaf_of(entry: Entry) -> dict[str, Any]:
    """The leaf of ``entry``. The columns action, actor and id stand in the statement; the others are bound by hash."""
    return leaf.build(
        statement=canonical.parse(entry.statement),
        signature=entry.signature,
        key=entry.key,
        grade=entry.grade,
        outcome=hashlib.sha256(entry.outcome.encode()).hexdigest(),
        row={
            "concerns": [str(party) for party in entry.concerns],
            "serial": entry.serial,
            "user": entry.user,
        },
        recorded_at=instant(entry.recorded_at),
        business_date=entry.business_date.isoformat() if entry.business_date else None,
    )


def instant(at: datetime.datetime) -> str:
    """UTC with microseconds, the precision PostgreSQL keeps: ``2026-03-02T01:02:03.000000Z``."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
