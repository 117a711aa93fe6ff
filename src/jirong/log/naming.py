"""Who an actor is, in words. The log knows parties only by id; the room of parties tells their names."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping

from jirong.kernel.text import Text

Names = Callable[[Iterable[uuid.UUID | None]], Mapping[uuid.UUID, Text]]

HOUSE = Text("平台系统", "The platform itself")
_source: list[Names] = []


def register(names: Names) -> None:
    _source[:] = [names]


def names(ids: Iterable[uuid.UUID | None]) -> Mapping[uuid.UUID, Text]:
    """Names by id; empty while no room has told any."""
    return _source[0](ids) if _source else {}
