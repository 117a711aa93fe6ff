"""Claims by the thousand, set-based: what a close of business opens and cuts, one statement each.

The caller has computed the same changes ``store.apply`` would be given one contract at a time (a property test holds
the two equal) and posts the ledger's side itself, in the same transaction. The table's constraints check every row.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from jirong.store.identity import SYSTEM, acting_as

INSERT = """
INSERT INTO claims_claim (id, contract, kind, debtor, creditor, amount_minor, outstanding_minor, moved_minor,
    settled_minor, written_off_minor, voided_minor, reserved_minor, unit, due, state, root, parent_id, tier,
    background, frozen_by, seen_by)
SELECT id, contract, kind, debtor, creditor, minor, minor, 0, 0, 0, 0, 0, %(unit)s, due, 'held', root, root, 0,
    '[]'::jsonb, '', CASE WHEN debtor < creditor THEN ARRAY[debtor, creditor] ELSE ARRAY[creditor, debtor] END
FROM unnest(%(id)s::uuid[], %(contract)s::uuid[], %(kind)s::text[], %(debtor)s::uuid[], %(creditor)s::uuid[],
    %(minor)s::bigint[], %(due)s::date[], %(root)s::uuid[])
    AS row (id, contract, kind, debtor, creditor, minor, due, root)
"""
CUT = """
UPDATE claims_claim c SET outstanding_minor = c.outstanding_minor - cut.minor, moved_minor = c.moved_minor + cut.minor,
    state = CASE WHEN c.outstanding_minor = cut.minor THEN 'moved' ELSE c.state END
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS cut (id, before, minor)
WHERE c.id = cut.id AND c.outstanding_minor = cut.before AND c.state = 'held'
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """Columns of new claims, held, each under its root; amounts in minor units of one ``unit``."""

    id: Sequence[uuid.UUID]
    contract: Sequence[uuid.UUID]
    kind: Sequence[str]
    debtor: Sequence[uuid.UUID]
    creditor: Sequence[uuid.UUID]
    minor: Sequence[int]
    due: Sequence[datetime.date]
    root: Sequence[uuid.UUID]
    unit: str = "CNY"


def insert(opened: Opened) -> None:
    """Open the claims; runs inside the caller's action."""
    if not opened.id:
        return
    names = ("id", "contract", "kind", "debtor", "creditor", "minor", "due", "root")
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(INSERT, {name: list(getattr(opened, name)) for name in names} | {"unit": opened.unit})


def cut(ids: Sequence[uuid.UUID], before: Sequence[int], minor: Sequence[int]) -> int:
    """Take ``minor`` off each standing claim that still has ``before`` outstanding; how many rows that was.

    Fewer than asked means that a claim has changed since it was read: the caller undoes everything.
    """
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(CUT, [list(ids), list(before), list(minor)])
        return int(cursor.rowcount)
