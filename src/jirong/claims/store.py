"""Between rows and the engine: load claims under lock, store what a step changed.

``apply`` is the only place that writes claims. It runs inside the caller's action, after the engine has decided: new
claims are inserted, changed ones updated, and the ledger posts the same step's transfers in one batch, so that claims
and books can never disagree.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from jirong.claims.models import ClaimRow
from jirong.engine.claims import Changes, Claim, State
from jirong.kernel.money import UNITS
from jirong.ledger import intents
from jirong.store import hot
from jirong.store.identity import SYSTEM, acting_as

AMOUNTS = (
    "outstanding_minor",
    "moved_minor",
    "settled_minor",
    "written_off_minor",
    "voided_minor",
    "reserved_minor",
)
CHANGEABLE = (*AMOUNTS, "state", "pledgee", "recourse", "frozen_by", "late_from")
LOCKED = hot.Read(ClaimRow, "id = ANY(%s) ORDER BY id FOR NO KEY UPDATE")
PARENTS = hot.Read(ClaimRow, "id = ANY(%s)")
UPDATE = (
    f"UPDATE claims_claim SET {', '.join(f'{name} = %s' for name in CHANGEABLE)}, "  # noqa: S608 (our own names)
    "seen_by = ARRAY(SELECT DISTINCT unnest(seen_by || %s::uuid[]) ORDER BY 1) WHERE id = %s"
)


def claim_of(row: ClaimRow) -> Claim:
    """The engine's value of a row."""
    return Claim(
        id=row.pk,
        kind=row.kind,
        debtor=row.debtor,
        creditor=row.creditor,
        amount_minor=row.amount_minor,
        due=row.due,
        root=row.root,
        unit=UNITS[row.unit],
        state=State(row.state),
        parent=row.parent_id,
        tier=row.tier,
        pledgee=row.pledgee,
        recourse=row.recourse,
        background=tuple(row.background),
        frozen_by=row.frozen_by or None,
        late_from=row.late_from,
        **{name: getattr(row, name) for name in AMOUNTS},
    )


def lock(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Claim]:
    """The claims by id, locked until the transaction ends, in id order so that two steps cannot deadlock.

    Reads as the house: whoever calls has already authorised the actor. Missing ids are simply absent.
    """
    wanted = set(ids)
    if not wanted:
        return {}
    with acting_as(SYSTEM):
        return {row.pk: claim_of(row) for row in LOCKED.rows(sorted(wanted))}


def lock_contract(contract: uuid.UUID) -> dict[uuid.UUID, Claim]:
    """All claims of a contract, locked in id order (a maturity takes them all)."""
    with acting_as(SYSTEM):
        rows = ClaimRow.objects.filter(contract=contract).order_by("pk").select_for_update(no_key=True)
        return {row.pk: claim_of(row) for row in rows}


def apply(
    changes: Changes,
    *,
    contract: uuid.UUID,
    journal: uuid.UUID,
    on: datetime.date,
    shown_to: Mapping[uuid.UUID, Iterable[uuid.UUID]] | None = None,
) -> None:
    """Store ``changes`` of ``contract`` and post their transfers as ``journal`` on business date ``on``.

    ``shown_to`` lets further parties see a claim (claim id → parties), for instance the funders asked.
    """
    with acting_as(SYSTEM):
        seen = _seen(changes)
        for claim, parties in (shown_to or {}).items():
            seen.setdefault(claim, set()).update(parties)
        _insert(changes.opened, contract, seen)
        _update([*changes.updated, *changes.closed], seen)
        if changes.transfers:
            intents.post(changes.transfers, journal=journal, on=on)


def show(claim: uuid.UUID, to: Iterable[uuid.UUID]) -> None:
    """Let ``to`` see a claim from now on, without changing it."""
    with acting_as(SYSTEM):
        row = ClaimRow.objects.select_for_update(no_key=True).get(pk=claim)
        row.seen_by = sorted(set(row.seen_by) | set(to))
        row.save(update_fields=["seen_by"])


def _seen(changes: Changes) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Who sees each touched claim by its own parties; a child inherits its parent's viewers on insert."""
    return {
        claim.id: {p for p in (claim.debtor, claim.creditor, claim.pledgee, claim.recourse) if p}
        for claim in changes.claims.values()
    }


def _insert(opened: Iterable[Claim], contract: uuid.UUID, seen: Mapping[uuid.UUID, set[uuid.UUID]]) -> None:
    opened = list(opened)
    made = {claim.id for claim in opened}
    parents = sorted({claim.parent for claim in opened if claim.parent} - made)
    inherited = {row.pk: row.seen_by for row in PARENTS.rows(parents)} if parents else {}
    rows = []
    for claim in opened:
        viewers = seen[claim.id] | set(inherited.get(claim.parent, ()) if claim.parent else ())
        inherited[claim.id] = sorted(viewers)
        rows.append(_row(claim, contract, viewers))
    if len(rows) == 1:
        hot.insert(rows[0])
    else:
        ClaimRow.objects.bulk_create(rows, batch_size=2000)


def _update(claims: list[Claim], seen: Mapping[uuid.UUID, set[uuid.UUID]]) -> None:
    """Write what may change, row by row in one batch of statements; viewers are only ever added."""
    if not claims:
        return
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE, [_changes(claim, seen[claim.id]) for claim in claims])


def _changes(claim: Claim, viewers: set[uuid.UUID]) -> list[Any]:
    amounts = [getattr(claim, name) for name in AMOUNTS]
    state = [claim.state.value, claim.pledgee, claim.recourse, claim.frozen_by or "", claim.late_from]
    return [*amounts, *state, sorted(viewers), claim.id]


def _row(claim: Claim, contract: uuid.UUID, viewers: set[uuid.UUID]) -> ClaimRow:
    return ClaimRow(
        id=claim.id,
        contract=contract,
        kind=claim.kind,
        debtor=claim.debtor,
        creditor=claim.creditor,
        amount_minor=claim.amount_minor,
        unit=claim.unit.code,
        due=claim.due,
        state=claim.state.value,
        root=claim.root,
        parent_id=claim.parent,
        tier=claim.tier,
        pledgee=claim.pledgee,
        recourse=claim.recourse,
        background=list(claim.background),
        frozen_by=claim.frozen_by or "",
        late_from=claim.late_from,
        seen_by=sorted(viewers),
        **{name: getattr(claim, name) for name in AMOUNTS},
    )
