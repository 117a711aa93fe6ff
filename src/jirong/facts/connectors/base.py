"""What a connector is: a name, a kind of fact, and pages after a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by field name, values as text, and the ``cursor`` of its kind to go on from once they are stored.

    A page that could not be read has no rows but a ``refusal``: it is set aside, and the next one is taken.
    """

    kind: str
    rows: tuple[Mapping[str, str], ...]
    cursor: str
    name: str = ""
    refusal: Refusal | None = None


class Connector(Protocol):
    """``pages(cursors)`` gives what came after the cursor of each kind (none is the beginning), oldest first.

    A page given twice does no harm. Raises a :class:`~jirong.kernel.errors.Refusal` where the source cannot be read.
    """

    def pages(self, cursors: Mapping[str, str]) -> Iterator[Page]: ...


CONNECTORS: dict[str, Callable[[Mapping[str, Any]], Connector]] = {}
"""Connector classes by the name a configuration gives as ``type``."""


def register(name: str, make: Callable[[Mapping[str, Any]], Connector]) -> None:
    CONNECTORS[name] = make


def make(settings: Mapping[str, Any]) -> Connector:
    """The connector a configuration describes."""
    found = CONNECTORS.get(str(settings.get("type")))
    if found is None:
        raise Invalid(
            "connector.type",
            Text(f"没有“{settings.get('type')}”这种连接器", f"There is no connector type “{settings.get('type')}”"),
            remedy=Text(f"可选：{'、'.join(CONNECTORS)}", f"Choose one of: {', '.join(CONNECTORS)}"),
            where="type",
        )
    return found(settings)
