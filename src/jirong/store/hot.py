"""Reads and inserts of the hot paths: their SQL is made once, and rows come back as instances of the model.

Making a query costs the ORM several times what PostgreSQL needs to answer it. Where a write reads the same few rows
by key every time, the statement is therefore written once: the model still says which columns there are and how a
value is turned, and the condition is ours. Everything else stays with the ORM.

    LOT = hot.Read(ClaimRow, "id = ANY(%s) ORDER BY id FOR NO KEY UPDATE")
    LOT.rows([first, second])
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Any], Any]


class Read(Generic[M]):
    """``SELECT`` every column of ``model`` ``WHERE`` our own ``condition``; ``extra`` columns become attributes.

    The condition is code, never input; values are its parameters.
    """

    def __init__(self, model: type[M], condition: str, **extra: str) -> None:
        self.model = model
        self.condition = condition
        self.extra = extra

    def rows(self, *values: Any) -> list[M]:
        """Every row, in the order the condition asks for."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            return [self._made(row) for row in cursor.fetchall()]

    def first(self, *values: Any) -> M | None:
        """The first row, or ``None``."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            row = cursor.fetchone()
        return None if row is None else self._made(row)

    @functools.cached_property
    def _sql(self) -> str:
        columns = [f"here.{connection.ops.quote_name(field.column)}" for field in self._fields]
        named = [*columns, *(f"({sql}) AS {name}" for name, sql in self.extra.items())]
        return f"SELECT {', '.join(named)} FROM {self.model._meta.db_table} AS here WHERE {self.condition}"  # noqa: S608

    @functools.cached_property
    def _fields(self) -> Sequence[Any]:
        return self.model._meta.concrete_fields

    @functools.cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @functools.cached_property
    def _turned(self) -> list[tuple[int, Any, Convert]]:
        """Fields whose stored value is not yet the value: place, column expression, conversion."""
        return [
            (place, field.cached_col, convert)
            for place, field in enumerate(self._fields)
            for convert in field.get_db_converters(connection)
        ]

    def _made(self, row: tuple[Any, ...]) -> M:
        values = list(row[: len(self._names)])
        for place, column, convert in self._turned:
            values[place] = convert(values[place], column, connection)  # type: ignore[call-arg]
        made = self.model.from_db(connection.alias, self._names, values)
        for name, value in zip(self.extra, row[len(values) :], strict=True):
            setattr(made, name, value)
        return made


def insert(row: models.Model) -> None:
    """Insert ``row`` as it stands. Columns the database fills are left to it and not read back."""
    sql, fields = _inserting(type(row), frozenset(_filled_by_database(row)))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    row._state.adding, row._state.db = False, connection.alias


def _filled_by_database(row: models.Model) -> list[str]:
    fields = row._meta.concrete_fields
    defaulted = [f.attname for f in fields if isinstance(getattr(row, f.attname), DatabaseDefault)]
    return [*defaulted, *(f.attname for f in fields if f.primary_key and getattr(row, f.attname) is None)]


@functools.cache
def _inserting(model: type[models.Model], left_out: frozenset[str]) -> tuple[str, list[Any]]:
    fields = [field for field in model._meta.concrete_fields if field.attname not in left_out]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    marks = ", ".join(_mark(field) for field in fields)
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})", fields  # noqa: S608


def _mark(field: Any) -> str:
    """A column's placeholder, with its type where an empty array would not tell it."""
    placed = getattr(field, "get_placeholder", None)
    return placed(None, None, connection) if placed else "%s"
