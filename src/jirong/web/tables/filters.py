"""Filters of a table: each reads its part of the address, narrows the rows, and names itself as a chip.

A filter works on a queryset through :meth:`Filter.q` and on a list through :meth:`Filter.keeps`; both mean the same.
What cannot be read is reported at the field and narrows nothing, so that a mistyped date never empties a list in
silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from jirong.kernel.errors import Invalid
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.text import Text
from jirong.web import display, paging

SEARCH_LETTERS_MAX = 80


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the parameters to drop from the address to remove it."""

    text: str
    drop: tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """The common part. ``params`` are the names in the address; ``widget`` is the template of the field."""

    key: str
    label: display.Label
    widget: str = field(default="", init=False)

    @property
    def params(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, data: Mapping[str, str]) -> Any:
        """The value asked for, ``None`` if none is; raises :class:`Invalid` on one that cannot be read."""
        return data.get(self.key, "").strip() or None

    def q(self, value: Any) -> Q:
        raise NotImplementedError

    def keeps(self, row: Any, value: Any) -> bool:
        raise NotImplementedError

    def says(self, value: Any) -> str:
        """The value in words, for the chip."""
        return str(value)

    def chip(self, value: Any) -> Chip:
        return Chip(f"{display.say(self.label)}: {self.says(value)}", self.params)


@dataclass(frozen=True)
class Search(Filter):
    """Text contained in any of ``paths``, whatever the case."""

    paths: tuple[str, ...] = ()
    widget: str = field(default="web/filters/search.html", init=False)

    def read(self, data: Mapping[str, str]) -> str | None:
        return data.get(self.key, "").strip()[:SEARCH_LETTERS_MAX].replace("\x00", "") or None

    def q(self, value: str) -> Q:
        condition = Q(pk__in=[])
        for path in self.paths:
            condition |= Q(**{f"{path}__icontains": value})
        return condition

    def keeps(self, row: Any, value: str) -> bool:
        return any(value.lower() in str(paging.value_at(row, path) or "").lower() for path in self.paths)

    def says(self, value: str) -> str:
        return f"“{value}”"


@dataclass(frozen=True)
class Choice(Filter):
    """One of ``options``: pairs of value and label, or a function that gives them."""

    options: Sequence[tuple[str, display.Label]] | Callable[[], Sequence[tuple[str, display.Label]]] = ()
    path: str = ""
    widget: str = field(default="web/filters/choice.html", init=False)

    @property
    def choices(self) -> Sequence[tuple[str, display.Label]]:
        return self.options() if callable(self.options) else self.options

    def read(self, data: Mapping[str, str]) -> str | None:
        value = data.get(self.key, "").strip()
        if not value:
            return None
        if value not in {known for known, _ in self.choices}:
            raise Invalid(
                "filter.unknown_choice",
                Text("没有这个选项", "There is no such choice"),
                remedy=Text("请从列表中选择", "Pick one from the list"),
                where=self.key,
            )
        return value

    def q(self, value: str) -> Q:
        return Q(**{self.path or self.key: value})

    def keeps(self, row: Any, value: str) -> bool:
        return str(paging.value_at(row, self.path or self.key)) == value

    def says(self, value: str) -> str:
        return display.say(dict(self.choices)[value])


@dataclass(frozen=True)
class _Range(Filter):
    path: str = ""

    @property
    def params(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def one(self, text: str, where: str) -> Any:
        raise NotImplementedError

    def stored(self, value: Any) -> Any:
        """The bound as the column holds it."""
        return value

    def read(self, data: Mapping[str, str]) -> tuple[Any, Any] | None:
        low, high = (self.one(data[name].strip(), name) if data.get(name, "").strip() else None for name in self.params)
        if low is None and high is None:
            return None
        if low is not None and high is not None and low > high:
            raise Invalid(
                "filter.range_reversed",
                Text("起始值大于结束值", "The range begins after it ends"),
                remedy=Text("请交换两个值", "Swap the two values"),
                where=self.params[0],
            )
        return low, high

    def q(self, value: tuple[Any, Any]) -> Q:
        path, condition = self.path or self.key, Q()
        for bound, comparison in zip(value, ("gte", "lte"), strict=True):
            if bound is not None:
                condition &= Q(**{f"{path}__{comparison}": self.stored(bound)})
        return condition

    def keeps(self, row: Any, value: tuple[Any, Any]) -> bool:
        found = paging.value_at(row, self.path or self.key)
        low, high = value
        if found is None:
            return False
        if isinstance(found, int):
            low, high = (self.stored(bound) if bound is not None else None for bound in value)
        return (low is None or found >= low) and (high is None or found <= high)

    def says(self, value: tuple[Any, Any]) -> str:
        low, high = (display.plain(bound) if bound is not None else "…" for bound in value)
        return f"{low} – {high}"


@dataclass(frozen=True)
class DateRange(_Range):
    """Days from and to, both included; ``path`` is a date column, or ``recorded_at__date`` for an instant."""

    widget: str = field(default="web/filters/dates.html", init=False)

    def one(self, text: str, where: str) -> dt.date:
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise Invalid(
                "filter.bad_date",
                Text(f"“{text[:20]}”不是日期", f"“{text[:20]}” is not a date"),
                remedy=Text("请按 2026-07-07 的格式填写", "Write it like 2026-07-07"),
                where=where,
            ) from error


@dataclass(frozen=True)
class MoneyRange(_Range):
    """Amounts from and to, both included; ``path`` is a column of minor units."""

    unit: Unit = CNY
    widget: str = field(default="web/filters/amounts.html", init=False)

    def one(self, text: str, where: str) -> Money:
        return Money.parse(text, self.unit, where=where)

    def stored(self, value: Money) -> int:
        return value.minor
