"""Pages by key: the next page begins after the last row seen, not at a row number.

A keyset page costs the same however deep it is and never skips or repeats a row when others are added meanwhile.
An *order* is a tuple of paths ("-recorded_at", "-id") whose last is unique; a *cursor* is the last row's values in
that order, signed so that it cannot be made up and bound to its order so that it cannot be used with another.
Nulls come last in either direction. The same pages serve the API (forward) and the tables (both ways).
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

Row = TypeVar("Row")

PAGE_ROWS = 20
PAGE_ROWS_MAX = 200
COUNT_MAX = 1000
"""Counting stops here: an exact count of a long list costs more than anyone gains from it."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows and the cursors of the pages beside them (``None`` where there is none)."""

    items: list[Row]
    next: str | None
    previous: str | None


def page(
    rows: QuerySet[Any] | Sequence[Any],
    order: Sequence[str],
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = PAGE_ROWS,
) -> Page[Any]:
    """One page of a queryset (one query) or of a list, in ``order``; refuses a cursor that is not of this order."""
    limit = max(1, min(limit, PAGE_ROWS_MAX))
    backward = before is not None and after is None
    cursor = before if backward else after
    values = read_cursor(cursor, order) if cursor else None
    walked = reverse(order) if backward else tuple(order)
    if isinstance(rows, QuerySet):
        found = _from_queryset(rows, walked, values, limit + 1, backward)
    else:
        found = _from_list(rows, walked, values, limit + 1, backward)
    more, items = len(found) > limit, found[:limit]
    if backward:
        items.reverse()
    has_next = backward or more
    has_previous = more if backward else cursor is not None
    return Page(
        items,
        next=make_cursor(items[-1], order) if items and has_next else None,
        previous=make_cursor(items[0], order) if items and has_previous else None,
    )


def capped_count(rows: QuerySet[Any] | Sequence[Any], cap: int = COUNT_MAX) -> tuple[int, bool]:
    """How many rows there are, and whether counting stopped at ``cap`` with more left."""
    found = rows.order_by()[: cap + 1].count() if isinstance(rows, QuerySet) else len(rows[: cap + 1])
    return min(found, cap), found > cap


def reverse(order: Sequence[str]) -> tuple[str, ...]:
    return tuple(path[1:] if path.startswith("-") else f"-{path}" for path in order)


def sorted_queryset(rows: QuerySet[Any], order: Sequence[str], nulls_first: bool = False) -> QuerySet[Any]:
    """The queryset in ``order`` with nulls last (first when walking backwards)."""
    return rows.order_by(*(_order_by(rows, path, nulls_first) for path in order))


def sorted_list(rows: Iterable[Row], order: Sequence[str], nulls_first: bool = False) -> list[Row]:
    """The same order for rows held in memory."""
    result = list(rows)
    for path in reversed(order):
        value_of = functools.partial(value_at, path=path.removeprefix("-"))
        known = [row for row in result if value_of(row) is not None]
        empty = [row for row in result if value_of(row) is None]
        known.sort(key=value_of, reverse=path.startswith("-"))
        result = empty + known if nulls_first else known + empty
    return result


def value_at(row: Any, path: str) -> Any:
    """Follow ``a__b`` (or ``a.b``) through attributes or mapping keys; a missing step of ``None`` gives ``None``."""
    value = row
    for step in path.replace(".", "__").split("__"):
        if value is None:
            return None
        value = value[step] if isinstance(value, dict) else getattr(value, step)
    return value


def make_cursor(row: Any, order: Sequence[str]) -> str:
    """The signed, opaque name of the place just after ``row``."""
    values = [_pack(value_at(row, path.removeprefix("-"))) for path in order]
    return signing.dumps(values, salt=_salt(order), compress=False).replace(":", ".")


def read_cursor(cursor: str, order: Sequence[str]) -> list[Any]:
    """The values a cursor stands for; refuses one that was altered or belongs to another order."""
    try:
        packed = signing.loads(cursor.replace(".", ":"), salt=_salt(order))
        return [_unpack(kind, text) for kind, text in packed]
    except (signing.BadSignature, ValueError, TypeError, KeyError) as error:
        raise Invalid(
            "page.bad_cursor",
            Text("翻页位置无效，或属于另一种排序", "The page cursor is invalid or belongs to another order"),
            remedy=Text("请从第一页重新开始", "Start again from the first page"),
            where="after",
        ) from error


def _from_queryset(
    rows: QuerySet[Any], order: Sequence[str], values: list[Any] | None, limit: int, backward: bool
) -> list[Any]:
    narrowed = rows.filter(_beyond(rows, order, values, backward)) if values is not None else rows
    return list(sorted_queryset(narrowed, order, nulls_first=backward)[:limit])


def _from_list(
    rows: Sequence[Any], order: Sequence[str], values: list[Any] | None, limit: int, backward: bool
) -> list[Any]:
    # A row that is gone since its cursor was made sends the reader back to the start: lists here are short.
    ordered = sorted_list(rows, order, nulls_first=backward)
    places = (place for place, row in enumerate(ordered) if _values(row, order) == values)
    start = next(places, -1) + 1
    return ordered[start : start + limit]


def _values(row: Any, order: Sequence[str]) -> list[Any]:
    return [value_at(row, path.removeprefix("-")) for path in order]


def _beyond(rows: QuerySet[Any], order: Sequence[str], values: Sequence[Any], nulls_first: bool) -> Q:
    """Rows strictly after ``values``: (a > x) or (a = x and b > y) or …, with nulls at their end of the order."""
    condition, same = Q(pk__in=[]), Q()
    for path, value in zip(order, values, strict=True):
        name = path.removeprefix("-")
        condition |= same & _later(path, value, nulls_first, _nullable(rows, name))
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return _bound(rows, order[0], values[0]) & condition


def _later(path: str, value: Any, nulls_first: bool, nullable: bool) -> Q:
    name, descending = path.removeprefix("-"), path.startswith("-")
    if value is None:
        return Q(**{f"{name}__isnull": False}) if nulls_first else Q(pk__in=[])
    later = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    return later | Q(**{f"{name}__isnull": True}) if nullable and not nulls_first else later


def _bound(rows: QuerySet[Any], path: str, value: Any) -> Q:
    # The disjunction alone cannot start an index scan at the cursor; this redundant bound on the first column can.
    name = path.removeprefix("-")
    if value is None or _nullable(rows, name):
        return Q()
    return Q(**{f"{name}__{'lte' if path.startswith('-') else 'gte'}": value})


def _nullable(rows: QuerySet[Any], name: str) -> bool:
    """Whether the path can be null; an annotation might be."""
    model: Any = rows.model
    for step in name.split("__"):
        if step == "pk":
            return False
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = getattr(field, "related_model", None)
    return False


def _order_by(rows: QuerySet[Any], path: str, nulls_first: bool) -> OrderBy:
    # NULLS LAST keeps PostgreSQL from using a plain index, so it is asked for only where nulls can be.
    field, descending = F(path.removeprefix("-")), path.startswith("-")
    nulls: dict[str, bool] = {}
    if _nullable(rows, path.removeprefix("-")):
        nulls = {"nulls_first": True} if nulls_first else {"nulls_last": True}
    return field.desc(**nulls) if descending else field.asc(**nulls)


def _salt(order: Sequence[str]) -> str:
    return "jirong.page:" + ",".join(order)


_READERS: dict[str, Callable[[str], Any]] = {
    "n": lambda text: None,
    "b": lambda text: text == "True",
    "i": int,
    "d": Decimal,
    "t": dt.datetime.fromisoformat,
    "D": dt.date.fromisoformat,
    "u": uuid.UUID,
    "s": str,
}


def _pack(value: Any) -> tuple[str, str]:
    if value is None:
        return "n", ""
    if isinstance(value, (dt.datetime, dt.date)):
        return ("t" if isinstance(value, dt.datetime) else "D"), value.isoformat()
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "b"),
        (int, "i"),
        (Decimal, "d"),
        (uuid.UUID, "u"),
        (str, "s"),
    )
    for kind, letter in kinds:
        if isinstance(value, kind):
            return letter, str(value)
    raise TypeError(f"cannot page by a {type(value).__name__}")


def _unpack(kind: str, text: str) -> Any:
    return _READERS[kind](text)
