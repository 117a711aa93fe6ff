"""Receipts of entries, and the trust file a stranger needs to check them."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Count

from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.log import authority, leaves
from jirong.log import tiles as stored
from jirong.log.models import Checkpoint, Entry, Leaf, Registration, Witness
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical, keys, leaf, merkle, notes, receipt

CANDIDATES = 200
"""How many checkpoints after an entry are looked through for the best cosigned one (at most one a quarter second)."""


def receipt_for(entry_id: uuid.UUID) -> receipt.Receipt:
    """The receipt of an entry the current actor may read; without a checkpoint while the entry waits for its leaf.

    Raises :class:`NotFound` for an entry that is not there or not the actor's to see.
    """
    with transaction.atomic():
        entry = Entry.objects.filter(id=entry_id).first()
        if entry is None:
            raise NotFound("receipt.unknown", Text("没有这项操作", "There is no such action"))
        with acting_as(SYSTEM):
            return _receipt(entry)


def trust(quorum: int | None = None) -> receipt.Trust:
    """What to hand a reader: the log's key and its witnesses'; ``quorum`` is all of them unless given."""
    rows = Witness.objects.order_by("vkey").values_list("vkey", flat=True)
    witnesses = tuple(notes.Verifier.parse(vkey) for vkey in rows)
    return receipt.Trust(authority.verifier(), witnesses, len(witnesses) if quorum is None else quorum)


def _receipt(entry: Entry) -> receipt.Receipt:
    # The entry's place is read first: the registration of its key got a leaf no later, so the reads that follow see it.
    places = _places(entry)
    registration = _registration(entry)
    if registration is not None:
        places |= _places(registration)
    waiting = entry.pk not in places or (registration is not None and registration.pk not in places)
    checkpoint = None if waiting else _best(max(places.values()))
    if checkpoint is None:
        return receipt.Receipt(_proven(entry), _proven(registration) if registration else None, None)
    node = stored.nodes(checkpoint.size)
    return receipt.Receipt(
        entry=_proven(entry, places[entry.pk], checkpoint.size, node),
        registration=_proven(registration, places[registration.pk], checkpoint.size, node) if registration else None,
        checkpoint=stored.cosigned(checkpoint).encode(),
    )


def _places(entry: Entry) -> dict[uuid.UUID, int]:
    return dict(Leaf.objects.filter(entry=entry).values_list("entry_id", "index"))


def _registration(entry: Entry) -> Entry | None:
    """The entry that registered the key ``entry`` was signed with."""
    if entry.grade == keys.SYSTEM:
        return None
    row = Registration.objects.select_related("entry").filter(key=entry.key).first()
    return row.entry if row else None


def _best(index: int) -> Checkpoint | None:
    """A checkpoint over leaf ``index``: the one most witnesses cosigned, and of those the first."""
    over = Checkpoint.objects.filter(size__gt=index)
    first = list(over.order_by("size").values_list("size", flat=True)[:CANDIDATES])
    candidates = [*first, *over.order_by("-size").values_list("size", flat=True)[:1]]
    best = Checkpoint.objects.filter(size__in=candidates).annotate(lines=Count("cosignatures"))
    return best.order_by("-lines", "size").first()


def _proven(entry: Entry, index: int | None = None, size: int = 0, node: merkle.Node | None = None) -> receipt.Proven:
    row = leaves.leaf_of(entry)
    return receipt.Proven(
        leaf=row,
        index=index,
        proof=tuple(merkle.inclusion_proof(node, index, size)) if node and index is not None else (),
        statement=None if leaf.holds_statement(row) else canonical.parse(entry.statement),
        outcome=canonical.parse(entry.outcome),
    )
