"""A table bound to a request: reads the address, narrows and sorts the rows, and gives the template one page.

The address is the whole state (filters, sort, cursor), so that a view can be bookmarked, sent and exported. Bad
parts of it are reported and ignored. Rows are a queryset, or a list where the data is small and not in a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from jirong.kernel.errors import Invalid
from jirong.web import display, paging
from jirong.web.tables.columns import Column
from jirong.web.tables.filters import Chip, Filter

EXPORT_ROWS_MAX = 100_000
CURSOR_PARAMS = ("after", "before")


@dataclass(frozen=True)
class Heading:
    """A column's head: where a click leads, and how the list is sorted by it now (``ascending`` …, or nothing)."""

    column: Column
    url: str | None
    sorted: str


@dataclass(frozen=True)
class Field:
    """A filter with what the reader typed and, if that cannot be read, why."""

    filter: Filter
    typed: dict[str, str]
    error: Invalid | None

    @property
    def inputs(self) -> list[tuple[str, str]]:
        """Parameter names and typed texts, in order."""
        return list(self.typed.items())


@dataclass(frozen=True)
class Cell:
    column: Column
    html: str


class Table:
    """Subclass and declare; see the package's docstring for one that is complete.

    ``order`` is the standing order and must end in a unique path. ``prefix`` keeps two tables of one page apart.
    ``empty`` says what would stand here and ``empty_action`` how to bring it about: an empty list teaches.
    """

    name: ClassVar[str] = "table"
    title: ClassVar[display.Label] = ""
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    order: ClassVar[Sequence[str]] = ("-pk",)
    prefix: ClassVar[str] = ""
    page_rows: ClassVar[int] = paging.PAGE_ROWS
    empty: ClassVar[display.Label] = ""
    empty_action: ClassVar[tuple[display.Label, str] | None] = None

    def __init__(self, request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> None:
        self.request = request
        self.path = request.path
        self._rows = rows
        self.data = {name: request.GET[name] for name in request.GET}

    def param(self, name: str) -> str:
        return f"{self.prefix}{name}"

    @cached_property
    def fields(self) -> list[Field]:
        return [self._field(each) for each in self.filters]

    def _field(self, each: Filter) -> Field:
        typed = {name: self.data.get(self.param(name), "") for name in each.params}
        try:
            each.read(typed)
        except Invalid as error:
            return Field(each, typed, error)
        return Field(each, typed, None)

    @cached_property
    def active(self) -> list[tuple[Filter, Any]]:
        """The filters in force with their values."""
        readable = [(each.filter, each.filter.read(each.typed)) for each in self.fields if each.error is None]
        return [(each, value) for each, value in readable if value is not None]

    @cached_property
    def narrowed(self) -> QuerySet[Any] | Sequence[Any]:
        """All rows the filters leave, unsorted."""
        if isinstance(self._rows, QuerySet):
            condition = Q()
            for each, value in self.active:
                condition &= each.q(value)
            return self._rows.filter(condition)
        return [row for row in self._rows if all(each.keeps(row, value) for each, value in self.active)]

    @cached_property
    def sort(self) -> str:
        """The column key sorted by, with a leading minus when descending; empty for the standing order."""
        asked = self.data.get(self.param("sort"), "")
        sortable = {column.key for column in self.columns if column.sort}
        return asked if asked.removeprefix("-") in sortable else ""

    @cached_property
    def full_order(self) -> tuple[str, ...]:
        """The order of rows: the column asked for, then the standing order's unique last path."""
        if not self.sort:
            return tuple(self.order)
        minus = "-" if self.sort.startswith("-") else ""
        column = next(column for column in self.columns if column.key == self.sort.removeprefix("-"))
        unique = self.order[-1].removeprefix("-")
        return (f"{minus}{column.sort}",) if column.sort == unique else (f"{minus}{column.sort}", f"{minus}{unique}")

    @cached_property
    def page(self) -> paging.Page[Any]:
        cursors = {name: self.data.get(self.param(name)) or None for name in CURSOR_PARAMS}
        try:
            return paging.page(self.narrowed, self.full_order, limit=self.page_rows, **cursors)
        except Invalid:
            return paging.page(self.narrowed, self.full_order, limit=self.page_rows)

    def all_rows(self) -> Iterator[Any]:
        """Every row of the filtered view in its order, up to the export's cap plus one (to tell that it was cut)."""
        if isinstance(self.narrowed, QuerySet):
            ordered = paging.sorted_queryset(self.narrowed, self.full_order)
            return iter(ordered[: EXPORT_ROWS_MAX + 1].iterator(chunk_size=2000))
        return iter(paging.sorted_list(self.narrowed, self.full_order)[: EXPORT_ROWS_MAX + 1])

    # What the template asks for.

    @property
    def html_id(self) -> str:
        return f"table-{self.name}"

    @cached_property
    def headings(self) -> list[Heading]:
        return [self._heading(column) for column in self.columns]

    @cached_property
    def rows(self) -> list[list[Cell]]:
        return [[Cell(column, column.cell(row)) for column in self.columns] for row in self.page.items]

    @cached_property
    def chips(self) -> list[tuple[Chip, str]]:
        """Active filters in words, each with the address that removes it."""
        chips = [each.chip(value) for each, value in self.active]
        return [(chip, self.url(**dict.fromkeys(chip.drop))) for chip in chips]

    @property
    def clear_url(self) -> str:
        return self.url(**{name: None for each in self.filters for name in each.params})

    @property
    def next_url(self) -> str | None:
        return self.url(after=self.page.next) if self.page.next else None

    @property
    def previous_url(self) -> str | None:
        return self.url(before=self.page.previous) if self.page.previous else None

    @property
    def count_url(self) -> str:
        return self.url(count=self.name)

    @property
    def xlsx_url(self) -> str:
        return self.url(export="xlsx", table=self.name)

    @property
    def csv_url(self) -> str:
        return self.url(export="csv", table=self.name)

    @property
    def is_whole(self) -> bool:
        """Whether this page is all there is, so that nothing needs counting."""
        return self.page.next is None and self.page.previous is None

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters of the address the filter form must carry along (the sort, another table's state)."""
        own = {self.param(name) for each in self.filters for name in each.params}
        own |= {self.param(name) for name in CURSOR_PARAMS}
        return [(name, value) for name, value in self.data.items() if name not in own]

    def count(self) -> tuple[int, bool]:
        return paging.capped_count(self.narrowed)

    def url(self, **changes: str | None) -> str:
        """The present address with parameters changed (``None`` drops one); the cursor never outlives a change."""
        query = self.request.GET.copy()
        for name in CURSOR_PARAMS:
            query.pop(self.param(name), None)
        for name, value in changes.items():
            query.pop(self.param(name), None)
            if value is not None:
                query[self.param(name)] = value
        encoded = query.urlencode()
        return f"{self.path}?{encoded}" if encoded else self.path

    def _heading(self, column: Column) -> Heading:
        if not column.sort:
            return Heading(column, None, "")
        state = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "")
        # First click sorts amounts and dates from the top, words from A; the third returns to the standing order.
        first = f"-{column.key}" if column.kind != "text" else column.key
        steps = [first, column.key if first.startswith("-") else f"-{column.key}"]
        following = {"": steps[0], steps[0]: steps[1], steps[1]: None}
        return Heading(column, self.url(sort=following[self.sort if state else ""]), state)
