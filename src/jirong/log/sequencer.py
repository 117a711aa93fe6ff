"""Giving entries their leaves, off the hot path: in batches, in order, without a gap, within a second.

An entry is queued by the transaction that wrote it, so what the sequencer sees is committed, and one that commits
late (with a smaller serial) simply comes in a later batch. Leaves, full tiles and a signed checkpoint are written in
one transaction under an advisory lock: there is one sequencer, however many are started, and no signature leaves the
house before the rows it speaks of are safe. Witnesses are asked afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from jirong.log import authority, cosigning, leaves
from jirong.log import tiles as stored
from jirong.log.models import Checkpoint, Entry, Leaf, Queued, Registration, Tile
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical, checkpoint, leaf, merkle, tiles, verify

BATCH = 1000
INTERVAL_SECONDS = 0.25
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""How a lost server shows: wrapped by Django, or plain where the identity is told to a new transaction."""
LOCK = 0x6A69726F6E67  # "jirong"


def sequence(limit: int = BATCH) -> int:
    """Give up to ``limit`` waiting entries their leaves and sign the new head; how many there were."""
    with acting_as(SYSTEM), transaction.atomic():
        if not _only_one():
            return 0
        entries = _take(limit)
        if entries:
            _append(entries)
        return len(entries)


def sequence_all() -> int:
    """Sequence until nothing waits and ask the witnesses once; how many entries got a leaf."""
    total = 0
    while count := sequence():
        total += count
    cosigning.ask_all()
    return total


def follow(stop: threading.Event, tell: Callable[[str], None], interval: float = INTERVAL_SECONDS) -> None:
    """Sequence and ask witnesses until ``stop`` is set; a lost database or witness is told once and waited for."""
    patience = cosigning.Patience()
    lost = ""
    while not stop.is_set():
        try:
            while sequence():
                pass
            for failure in patience.ask():
                tell(failure)
            lost = ""
        except LOST as error:
            why = f"database: {error}".splitlines()[0]
            if why != lost:
                tell(why)
            lost = why
            connection.close()
        stop.wait(interval)


def _only_one() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (taken,) = cursor.fetchone()
    return bool(taken)


def _take(limit: int) -> list[Entry]:
    """The waiting entries that come first, taken out of the queue."""
    waiting = list(Queued.objects.order_by("serial").values_list("entry", flat=True)[:limit])
    if not waiting:
        return []
    Queued.objects.filter(entry__in=waiting).delete()
    entries = list(Entry.objects.filter(id__in=waiting).order_by("serial"))
    assert len(entries) == len(waiting), "an entry is queued that is not there"
    return entries


def _append(entries: list[Entry]) -> None:
    newest = stored.head()
    size = newest.size if newest else 0
    hashes = [merkle.leaf_hash(leaf.encode(leaves.leaf_of(entry))) for entry in entries]
    Leaf.objects.bulk_create(
        Leaf(index=index, entry=entry, hash=hash)
        for index, (entry, hash) in enumerate(zip(entries, hashes, strict=True), size)
    )
    changed = tiles.append(size, hashes, stored.read)
    full = [(place, data) for place, data in changed if place.width == tiles.WIDTH]
    Tile.objects.bulk_create(
        Tile(level=place.level, number=place.number, hashes=data, root=merkle.fold(tiles.split(data)))
        for place, data in full
    )
    Registration.objects.bulk_create(filter(None, map(registration, entries)), ignore_conflicts=True)
    _sign(size + len(hashes))


def _sign(size: int) -> None:
    head = checkpoint.Checkpoint(authority.origin(), size, merkle.root(stored.nodes(size), size))
    note = checkpoint.sign(head, authority.private_key())
    Checkpoint.objects.create(size=size, root=head.root, note=note.encode())


def registration(entry: Entry) -> Registration | None:
    """What ``entry`` says of a key, if it is the registration of one."""
    if entry.action not in verify.REGISTRATIONS:
        return None
    key = canonical.parse(entry.outcome).get("key")
    return Registration(key=key, entry=entry) if isinstance(key, str) else None
