"""Identifiers: time-ordered UUIDs made by whoever acts, so that a repeated request carries the same id."""

from __future__ import annotations

import uuid


def uuid7(milliseconds: int, random: bytes) -> uuid.UUID:
    """A version 7 UUID (RFC 9562 §5.7) from Unix milliseconds and ten random bytes; sorts by creation."""
    if len(random) != 10:
        raise ValueError(f"ten random bytes are needed, not {len(random)}")
    if not 0 <= milliseconds < 2**48:
        raise ValueError(f"not a time a version 7 UUID can hold: {milliseconds}")
    bits = int.from_bytes(random, "big")
    head = milliseconds << 80
    return uuid.UUID(int=head | 0x7 << 76 | (bits >> 68) << 64 | 0b10 << 62 | bits & (2**62 - 1))


def derived_id(parent: uuid.UUID, *parts: object) -> uuid.UUID:
    """A version 5 UUID that follows from ``parent`` and ``parts``: the same step always names the same child."""
    return uuid.uuid5(parent, "/".join(str(part) for part in parts))
