"""Reading the log: one's own actions, how far the proof of each has come, and how the log as a whole stands.

An entry is seen by its actor and whom it concerns; leaves, checkpoints and cosignatures carry nobody's data and are
read as the house.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.log.models import Checkpoint, Entry, Leaf, Queued, Witness
from jirong.store.identity import SYSTEM, Actor, acting_as

PENDING, LOGGED, COSIGNED = "pending", "logged", "cosigned"


@dataclass(frozen=True, slots=True)
class LogState:
    """Entries sequenced and waiting, the size of the newest head and of the newest one enough witnesses cosigned."""

    waiting: int
    leaves: int
    head: int
    cosigned: int
    witnesses: int


def entries(actor: Actor) -> QuerySet[Entry]:
    """Actions of the acting party and actions that concern it, newest first (row security decides)."""
    return Entry.objects.order_by("-recorded_at", "-id")


def access_entry(actor: Actor, id: uuid.UUID) -> Entry:
    found = Entry.objects.filter(pk=id).first()
    if found is None:
        raise NotFound("receipt.unknown", Text("没有这项操作", "There is no such action"))
    return found


def grades(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The grade of each action the identity may read, in one query."""
    return dict(Entry.objects.filter(pk__in=set(ids)).values_list("pk", "grade"))


def proofs(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """How far each action's proof has come: waiting for its place, in the log, or cosigned by every witness."""
    wanted = set(ids)
    with acting_as(SYSTEM), transaction.atomic():
        places = dict(Leaf.objects.filter(entry__in=wanted).values_list("entry_id", "index"))
        heads = _heads()
    return {id: _proof(places.get(id), heads) for id in wanted}


def state() -> LogState:
    """How the log stands: for the operator's home."""
    with acting_as(SYSTEM), transaction.atomic():
        head, cosigned, witnesses = _heads()
        leaves = Leaf.objects.aggregate(last=Max("index"))["last"]
        return LogState(
            waiting=Queued.objects.count(),
            leaves=0 if leaves is None else leaves + 1,
            head=head,
            cosigned=cosigned,
            witnesses=witnesses,
        )


def _heads() -> tuple[int, int, int]:
    """The newest head's size, the newest fully cosigned one's, and how many witnesses there are."""
    witnesses = Witness.objects.count()
    head = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    if not witnesses:
        return head, 0, 0
    full = Checkpoint.objects.annotate(lines=Count("cosignatures")).filter(lines__gte=witnesses)
    return head, full.aggregate(size=Max("size"))["size"] or 0, witnesses


def _proof(index: int | None, heads: tuple[int, int, int]) -> str:
    head, cosigned, _witnesses = heads
    if index is None or index >= head:
        return PENDING
    return COSIGNED if index < cosigned else LOGGED
