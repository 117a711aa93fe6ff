"""The tree in tiles of 256 hashes, and the leaves in bundles of 256: the static files of C2SP tlog-tiles.

Level 0 holds leaf hashes; each hash of level ``l + 1`` is the root of one full tile of level ``l``. A full tile
never changes, so it may be cached for ever; only the last tile of a level is partial, and its width is part of its
name. Everything a monitor, a witness or a receipt asks of the tree is computed from a few tiles.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jirong.trust import merkle

WIDTH = 256
HEIGHT = 8
ENTRY_MAX = 2**16 - 1
"""Longest leaf in bytes: a bundle gives each leaf's length in 16 bits."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Which tile: ``level`` (0–63, or −1 for the entry bundle), ``number`` within it, ``width`` in hashes (1–256)."""

    level: int
    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (-1 <= self.level < 64 and self.number >= 0 and 1 <= self.width <= WIDTH):
            raise ValueError(f"no such tile: level {self.level}, number {self.number}, width {self.width}")

    @property
    def path(self) -> str:
        """``tile/0/x001/x234/067``, with ``.p/<width>`` when partial; ``tile/entries/…`` for a bundle."""
        groups = f"{self.number:,}".split(",")
        padded = [group.zfill(3) for group in groups]
        number = "/".join(["x" + group for group in padded[:-1]] + padded[-1:])
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{number}{partial}"


ENTRIES = -1
Read = Callable[[Place], bytes]
"""The hashes of a tile, concatenated."""

_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


def parse_path(path: str) -> Place:
    """The place a path names; ``ValueError`` for anything but the one spelling the format allows."""
    match = _PATH.fullmatch(path)
    if not match:
        raise ValueError(f"not a tile path: {path!r}")
    level, number, width = match.groups()
    place = Place(
        ENTRIES if level == "entries" else int(level),
        int(number.replace("x", "").replace("/", "")),
        int(width) if width else WIDTH,
    )
    if place.path != path:
        raise ValueError(f"not the tile path {place.path!r} in its one spelling: {path!r}")
    return place


def places(size: int) -> Iterator[Place]:
    """Every tile of a tree of ``size`` leaves, level by level, the partial one of a level last."""
    count, level = size, 0
    while count:
        full, rest = divmod(count, WIDTH)
        yield from (Place(level, number) for number in range(full))
        if rest:
            yield Place(level, full, rest)
        count, level = full, level + 1


def last_partial(level: int, size: int) -> Place | None:
    """The partial tile of ``level`` in a tree of ``size`` leaves, if that level ends in one."""
    full, rest = divmod(size >> HEIGHT * level, WIDTH)
    return Place(level, full, rest) if rest else None


def nodes(read: Read, size: int) -> merkle.Node:
    """Perfect subtrees of the tree of ``size`` leaves, read from its tiles; each tile is read once."""
    known: dict[Place, bytes] = {}

    def node(height: int, index: int) -> bytes:
        level, within = divmod(height, HEIGHT)
        first = index << within
        number, offset = divmod(first, WIDTH)
        place = Place(level, number, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))
        if place not in known:
            known[place] = read(place)
        return merkle.fold(split(known[place])[offset : offset + (1 << within)])

    return node


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile one by one."""
    return [tile[i : i + merkle.HASH_SIZE] for i in range(0, len(tile), merkle.HASH_SIZE)]


def append(size: int, leaf_hashes: Sequence[bytes], partial: Read) -> list[tuple[Place, bytes]]:
    """The tiles that change when ``leaf_hashes`` follow the first ``size`` leaves: new full ones and each last partial.

    ``partial`` reads the partial tiles of the tree of ``size`` (at most one a level), which is all the past needed.
    """
    result: list[tuple[Place, bytes]] = []
    added, level = list(leaf_hashes), 0
    while added:
        before = last_partial(level, size)
        row = (split(partial(before)) if before else []) + added
        first = (size >> HEIGHT * level) // WIDTH
        added = []
        for start in range(0, len(row), WIDTH):
            hashes = row[start : start + WIDTH]
            result.append((Place(level, first + start // WIDTH, len(hashes)), b"".join(hashes)))
            if len(hashes) == WIDTH:
                added.append(merkle.fold(hashes))
        level += 1
    return result


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Leaves one after another, each behind its length in two big-endian bytes."""
    for entry in entries:
        if len(entry) > ENTRY_MAX:
            raise ValueError(f"a leaf of {len(entry)} bytes does not fit a bundle")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The leaves of a bundle; ``ValueError`` if it is cut short."""
    entries, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError(f"the bundle ends inside a length at byte {at}")
        (length,) = struct.unpack_from(">H", data, at)
        at += 2
        if at + length > len(data):
            raise ValueError(f"the bundle ends inside a leaf at byte {at}")
        entries.append(data[at : at + length])
        at += length
    return entries
