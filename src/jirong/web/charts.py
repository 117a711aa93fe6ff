"""A chart and its table twin come from the same rows: what the drawing cannot say exactly, the table does.

The drawing's numbers leave here as decimal strings in major units; only the browser's canvas turns them into
floats. Colours come from the page's tokens, so a theme change redraws; the script is loaded only where a chart is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jirong.kernel.money import Money
from jirong.web import display, parts


def data(chart: parts.Chart) -> dict[str, Any]:
    """What ``chart.js`` reads: kind, labels and a list of numbers (strings, ``None`` for a gap) a series."""
    return {
        "kind": chart.kind,
        "unit": display.say(chart.unit),
        "labels": [display.plain(row[0]) for row in chart.rows],
        "series": [
            {"name": display.say(label), "values": [_number(row[place]) for row in chart.rows]}
            for place, label in enumerate(chart.columns)
            if place > 0
        ],
    }


def cells(chart: parts.Chart) -> list[list[str]]:
    """The twin's cells: amounts with 千分位, fractions as per cent."""
    return [[display.plain(row[0]), *(_cell(value) for value in row[1:])] for row in chart.rows]


def _number(value: Any) -> str | None:
    if value is None:
        return None
    return str(value.major) if isinstance(value, Money) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return display.EMPTY
    return display.percent(value) if isinstance(value, Decimal) else display.plain(value)
