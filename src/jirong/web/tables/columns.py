"""A column: where its value comes from, how it is shown, sorted and exported.

``kind`` decides both the cell and the exported value: ``text``, ``money`` (right-aligned, 千分位), ``rate`` (a
fraction of one), ``number``, ``date``, ``moment``. A ``template`` draws anything else and gets ``row`` and ``value``;
its export is still the plain value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html

from jirong.kernel.money import CNY, Money, Unit
from jirong.web import display, paging

NUMERIC = frozenset({"money", "rate", "number"})
"""Kinds whose cells align right."""

_SHOWN: dict[str, Callable[[Any], str]] = {
    "money": lambda value: display.money(value),
    "rate": lambda value: display.percent(value),
    "date": lambda value: display.date(value),
    "moment": lambda value: display.moment(value),
}


@dataclass(frozen=True)
class Column:
    """``key`` is also the path to the value unless ``value`` says otherwise; ``sort`` is the path to order by.

    ``primary`` marks the column that titles the row's card on a phone; ``hint`` explains the heading; ``optional``
    columns are dropped first where room is short.
    """

    key: str
    label: display.Label
    kind: str = "text"
    value: Callable[[Any], Any] | str | None = None
    sort: str | None = None
    link: Callable[[Any], str | None] | None = None
    template: str | None = None
    unit: Unit = CNY
    primary: bool = False
    optional: bool = False
    hint: display.Label = ""

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC

    def value_of(self, row: Any) -> Any:
        """The value itself: money columns give :class:`Money` whether the row holds money or minor units."""
        if callable(self.value):
            value = self.value(row)
        else:
            value = paging.value_at(row, self.value or self.key)
        if self.kind == "money" and isinstance(value, int):
            return Money(value, self.unit)
        return value

    def cell(self, row: Any) -> str:
        """The cell's inner HTML, safe."""
        value = self.value_of(row)
        if self.template:
            return render_to_string(self.template, {"row": row, "value": value})
        shown = self._shown(value)
        href = self.link(row) if self.link else None
        return format_html('<a href="{}">{}</a>', href, shown) if href else format_html("{}", shown)

    def export(self, row: Any) -> Any:
        """What a spreadsheet should hold: a number for amounts and rates, a date for dates, text otherwise."""
        value = self.value_of(row)
        if value is None:
            return None
        if isinstance(value, Money):
            return value.major
        if isinstance(value, dt.datetime):
            return timezone.localtime(value).replace(tzinfo=None)
        if isinstance(value, (dt.date, Decimal, int)) and not isinstance(value, bool):
            return value
        return display.plain(value)

    def _shown(self, value: Any) -> str:
        if value is None or value == "":
            return display.EMPTY
        return _SHOWN.get(self.kind, display.plain)(value)
