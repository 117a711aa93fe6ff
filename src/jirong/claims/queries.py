"""Reading claims: what the actor holds, owes or once held."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from jirong.claims.models import ClaimRow
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.store import hot
from jirong.store.identity import Actor

CLAIM = hot.Read(ClaimRow, "id = %s")


def access_claim(actor: Actor, id: uuid.UUID, kind: str = "") -> ClaimRow:
    """A claim the actor may see; any other answers as if it did not exist."""
    found = CLAIM.first(id)
    if found is None or kind not in ("", found.kind):
        raise NotFound("claim.unknown", Text("没有这笔债权", "There is no such claim"))
    return found


def visible(actor: Actor) -> QuerySet[ClaimRow]:
    """Every claim the actor may see, newest first (row security decides)."""
    return ClaimRow.objects.order_by("-recorded_at", "-pk")


def held_by(party: uuid.UUID, kind: str) -> QuerySet[ClaimRow]:
    """Open claims of a kind in a party's hands, by due date."""
    return ClaimRow.objects.filter(creditor=party, kind=kind, state__in=["offered", "held", "overdue"]).order_by(
        "due", "pk"
    )


def lineage(claim: ClaimRow) -> list[ClaimRow]:
    """The visible part of the tree a claim belongs to, parents before children."""
    return list(ClaimRow.objects.filter(root=claim.root).order_by("tier", "recorded_at", "pk"))
