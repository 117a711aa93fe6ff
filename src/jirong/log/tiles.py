"""Reading the tree from its rows, for any size it ever had, and writing it out as the files of C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from jirong.log import leaves
from jirong.log.models import Checkpoint, Entry, Leaf, Tile
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import leaf, merkle, notes, tiles
from jirong.trust.tiles import WIDTH, Place


def read(place: Place) -> bytes:
    """The hashes of a tile. A partial one is the beginning of what has since become a full one, or of the leaves."""
    first = place.number * WIDTH
    if place.width == WIDTH:
        return bytes(Tile.objects.values_list("hashes", flat=True).get(level=place.level, number=place.number))
    last = first + place.width
    if place.level == 0:
        rows = Leaf.objects.filter(index__gte=first, index__lt=last).order_by("index")
        return b"".join(map(bytes, rows.values_list("hash", flat=True)))
    below = Tile.objects.filter(level=place.level - 1, number__gte=first, number__lt=last).order_by("number")
    return b"".join(map(bytes, below.values_list("root", flat=True)))


def nodes(size: int) -> merkle.Node:
    """The perfect subtrees of the tree of ``size`` leaves; call it and use it inside one transaction."""
    return tiles.nodes(read, size)


def head() -> Checkpoint | None:
    """The newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def cosigned(checkpoint: Checkpoint) -> notes.Note:
    """A checkpoint with every witness's line it has got."""
    note = notes.parse(checkpoint.note)
    lines = checkpoint.cosignatures.order_by("witness__vkey").values_list("line", flat=True)
    return note.with_signatures(signature for line in lines for signature in notes.parse_signatures(line))


def write_out(folder: Path, *, entries: bool = False) -> int:
    """Write the newest tree under ``folder`` (``checkpoint``, ``tile/…``) and answer its size.

    ``entries`` adds the leaves themselves: every statement of every party, for a supervisor's eyes only.
    """
    with acting_as(SYSTEM), transaction.atomic():
        newest = head()
        if newest is None:
            return 0
        for place, data in _files(newest.size, entries):
            path = folder / place.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        # Last, so that whoever reads the folder finds the tiles its checkpoint speaks of.
        (folder / "checkpoint").write_text(cosigned(newest).encode(), encoding="utf-8")
        return newest.size


def _files(size: int, entries: bool) -> Iterator[tuple[Place, bytes]]:
    for place in tiles.places(size):
        yield place, read(place)
        if entries and place.level == 0:
            yield Place(tiles.ENTRIES, place.number, place.width), _bundle(place)


def _bundle(place: Place) -> bytes:
    first = place.number * WIDTH
    rows = Entry.objects.filter(leaf__index__gte=first, leaf__index__lt=first + place.width).order_by("leaf__index")
    return tiles.encode_bundle([leaf.encode(leaves.leaf_of(row)) for row in rows])
