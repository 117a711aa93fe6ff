"""How the tests of contract types show events: chosen fields, ready for whole-structure equality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from jirong.instruments import actus


@pytest.fixture
def columns() -> Callable[..., list[Any]]:
    """``columns(events, "day", "type", "payoff")``: those fields of every event; the day as month and day."""

    def chosen(found: Sequence[actus.Event], *names: str) -> list[Any]:
        return [tuple(_field(event, name) for name in names) for event in found]

    return chosen


def _field(event: actus.Event, name: str) -> Any:
    if name == "day":
        return event.time.strftime("%m-%d")
    return str(event.type) if name == "type" else getattr(event, name)
