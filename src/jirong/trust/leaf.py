"""A leaf of the log: what one action was, who signed it, and hashes of what it answered, as canonical bytes.

The leaf must fit a bundle of C2SP tlog-tiles (65,535 bytes), so a statement too long for it stands as its hash and
the statement travels beside it. What a reader of the proof need not see (which parties may read the entry, which
member of staff pressed the button) is bound by one hash, ``row``, so that it cannot be changed either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jirong.trust import canonical, tiles

FIELDS = ("business_date", "grade", "key", "outcome", "recorded_at", "row", "signature", "statement")


def build(
    *,
    statement: Mapping[str, Any],
    signature: str,
    key: str,
    grade: str,
    outcome: str,
    row: Mapping[str, Any],
    recorded_at: str,
    business_date: str | None,
) -> dict[str, Any]:
    """The leaf of one entry. ``outcome`` is the SHA-256 of the outcome's canonical bytes (hexadecimal); ``row`` enters
    as a hash; dates are ISO 8601 texts.
    """
    leaf = {
        "business_date": business_date,
        "grade": grade,
        "key": key,
        "outcome": outcome,
        "recorded_at": recorded_at,
        "row": canonical.digest(row),
        "signature": signature,
        "statement": dict(statement),
    }
    if len(canonical.encode(leaf)) > tiles.ENTRY_MAX:
        leaf["statement"] = {"sha256": canonical.digest(statement)}
    return leaf


def holds_statement(leaf: Mapping[str, Any]) -> bool:
    """Whether the statement itself stands in the leaf, not only its hash."""
    return set(leaf["statement"]) != {"sha256"}


def encode(leaf: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed into the tree."""
    return canonical.encode(leaf)
