"""The columnar twin's frame: a cluster as columns in, scores and levels as columns out.

A column is an array of one value a firm: floats for numbers (NaN where absent), objects for words and flags (None
where absent). ``silent`` marks, by feature, rows whose value is withheld, contradictory, stale or otherwise unusable
for another reason than plain absence. A firm with an unanswered silence has ``complete`` False and score 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.methods.bands import HUNDREDTHS, present
from jirong.assessment.methods.base import ASK, Head, Input, StandIn
from jirong.assessment.methods.levels import LevelTable

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """``rows`` firms; a feature without a column is absent for all of them."""

    rows: int
    values: Mapping[str, Column]
    silent: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """``hundredths`` of a point and ``level`` (a place in ``levels``) of each firm; ``pd`` where one is estimated."""

    complete: NDArray[np.bool_]
    hundredths: NDArray[np.int64]
    level: NDArray[np.int8]
    levels: tuple[str, ...]
    pd: NDArray[Any] | None = None

    def score(self, row: int) -> Decimal | None:
        return Decimal(int(self.hundredths[row])) / HUNDREDTHS if self.complete[row] else None

    def level_of(self, row: int) -> str | None:
        return self.levels[int(self.level[row])] if self.complete[row] else None


def read(head: Head, columns: Columns) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    """Each input's column with stand-ins filled in, and which firms have an answer to every silence."""
    values: dict[str, Column] = {}
    complete = np.ones(columns.rows, dtype=np.bool_)
    for item in head.inputs:
        column = _column(item, columns)
        absent = _absent(item, column)
        usable = present(item, column)
        if item.missing != ASK:
            usable |= absent
        silent = columns.silent.get(item.feature)
        if silent is not None:
            usable &= ~silent
        complete &= usable
        values[item.feature] = _filled(item, column, absent)
    return values, complete


def levels(table: LevelTable, hundredths: NDArray[np.int64], on: dt.date) -> NDArray[np.int8]:
    """Each score's level, as its place in ``table.codes``."""
    row = table.at(on)
    found = np.full(len(hundredths), len(row.at_least), dtype=np.int8)
    for place in range(len(row.at_least) - 1, -1, -1):
        least = row.at_least[place][1] * HUNDREDTHS
        found[hundredths >= int(least)] = place
    return found


def _column(item: Input, columns: Columns) -> Column:
    if item.feature in columns.values:
        return columns.values[item.feature]
    if item.kind in ("flag", "word"):
        return np.full(columns.rows, None, dtype=object)
    return np.full(columns.rows, np.nan)


def _absent(item: Input, column: Column) -> NDArray[np.bool_]:
    if item.kind in ("flag", "word"):
        return np.fromiter((value is None for value in column), dtype=np.bool_, count=len(column))
    return np.isnan(column)


def _filled(item: Input, column: Column, absent: NDArray[np.bool_]) -> Column:
    if not isinstance(item.missing, StandIn) or not absent.any():
        return column
    value = item.missing.value
    filled = column.copy()
    filled[absent] = float(value) if isinstance(value, Decimal) else value
    return filled
