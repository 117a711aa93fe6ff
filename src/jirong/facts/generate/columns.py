"""Facts of one kind as columns: the vectorised twin of a checked row and of what it counts for.

Numbers are whole, with a count of decimals ("1234" with two is 12.34), so nothing is rounded anywhere. A test holds
``tally`` equal to what the importer counts of the same rows read from a file.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jirong.facts.kinds import FactKind
from jirong.facts.kinds.fields import MICRO, Measure

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Number:
    """Whole numbers with ``decimals``; money has two."""

    data: Ints
    decimals: int = 0

    def micro(self) -> Ints:
        return np.asarray(self.data * 10 ** (6 - self.decimals), dtype=np.int64)

    def texts(self) -> list[str]:
        if not self.decimals:
            return [str(value) for value in self.data.tolist()]
        scale, width = 10**self.decimals, self.decimals
        return [
            f"{'-' if value < 0 else ''}{abs(value) // scale}.{abs(value) % scale:0{width}d}"
            for value in self.data.tolist()
        ]


@dataclass(frozen=True)
class Columns:
    """``firm`` is the subject's number in the cluster, ``buyer`` the other side's (trade kinds); ``values`` the rest.

    A text column may be one word for all rows.
    """

    kind: FactKind
    firm: Ints
    on: Days
    values: Mapping[str, Number | Texts | str]
    buyer: Ints | None = None

    def __len__(self) -> int:
        return len(self.firm)

    def texts(self, name: str, codes: Sequence[str]) -> list[str]:
        """A field's column as the file shows it."""
        if name == self.kind.subject:
            return [codes[number] for number in self.firm.tolist()]
        if name == self.kind.counterparty:
            assert self.buyer is not None
            return [codes[number] for number in self.buyer.tolist()]
        if name == self.kind.on:
            return [str(day) for day in self.on]
        found = self.values.get(name, "")
        if isinstance(found, str):
            return [found] * len(self)
        return found.texts() if isinstance(found, Number) else [str(item) for item in found]

    def names(self) -> list[str]:
        """The fields that are filled, in the kind's order."""
        here = {self.kind.subject, self.kind.counterparty, self.kind.on, *self.values}
        return [field.name for field in self.kind.fields if field.name in here]

    def amount(self) -> Ints | None:
        """The row's amount in fen; None where the table does not give it."""
        if not self.kind.amount:
            return np.zeros(len(self), np.int64)
        found = self.values.get(self.kind.amount)
        return found.data if isinstance(found, Number) else None

    def label(self) -> Texts:
        parts = [self._words(name) for name in self.kind.label]
        if not parts:
            return np.full(len(self), "", dtype=np.str_)
        label = parts[0]
        for part in parts[1:]:
            label = np.char.add(np.char.add(label, ":"), part)
        return label

    def key(self) -> Texts:
        named = self.kind.row_name
        return self._words(named) if named else np.full(len(self), "", dtype=np.str_)

    def measure(self, place: int) -> Ints | None:
        """Measure ``a`` (0) to ``d`` (3) of every row; None where the table does not give it."""
        if place >= len(self.kind.measures):
            return np.zeros(len(self), np.int64)
        measure = self.kind.measures[place]
        if any(name not in self.values for name in (measure.field, measure.other) if name):
            return None
        return _measure(self, measure)

    def _words(self, name: str) -> Texts:
        found = self.values.get(name, "")
        if isinstance(found, str):
            return np.full(len(self), found, dtype=f"<U{max(1, len(found))}")
        assert not isinstance(found, Number)
        return found


def _measure(columns: Columns, measure: Measure) -> Ints:
    found = columns.values[measure.field]
    match measure.how:
        case "number":
            assert isinstance(found, Number)
            return found.micro()
        case "product":
            other = columns.values[measure.other]
            assert isinstance(found, Number)
            assert isinstance(other, Number)
            scale = 6 - found.decimals - other.decimals
            assert scale >= 0, "a product of generated numbers is exact in millionths"
            return np.asarray(found.data * other.data * 10**scale, dtype=np.int64)
        case "is_one":
            return np.isin(columns._words(measure.field), measure.values).astype(np.int64) * MICRO
    days = np.asarray(columns._words(measure.field), dtype="datetime64[D]")
    return {"month": months_of(days), "day": days_of(days), "ordinal": ordinals_of(days)}[measure.how] * MICRO


def months_of(days: Days) -> Ints:
    """Months since year 0."""
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) + 1970 * 12, dtype=np.int64)


def days_of(days: Days) -> Ints:
    return np.asarray((days - days.astype("datetime64[M]")).astype(np.int64) + 1, dtype=np.int64)


def ordinals_of(days: Days) -> Ints:
    return np.asarray(days.astype(np.int64) + datetime.date(1970, 1, 1).toordinal(), dtype=np.int64)


@dataclass(frozen=True)
class Tallied:
    """Rows of the tally, by column; ``firm`` stands for the subject. A figure no row gives is None."""

    kind: str
    firm: Ints
    on: Days
    key: Texts
    label: Texts
    count: Ints
    amount: Ints | None
    measures: tuple[Ints | None, Ints | None, Ints | None, Ints | None]

    def __len__(self) -> int:
        return len(self.firm)


def tally(columns: Columns) -> Tallied:
    """What the rows count for: a kind with levels keeps each, any other is summed by firm, day and label."""
    label, key, amount = columns.label(), columns.key(), columns.amount()
    measures = [columns.measure(place) for place in range(4)]
    ones = np.ones(len(columns), np.int64)
    if columns.kind.apart or not len(columns):
        a, b, c, d = measures
        return Tallied(columns.kind.code, columns.firm, columns.on, key, label, ones, amount, (a, b, c, d))
    _, label_number = np.unique(label, return_inverse=True)
    order = np.lexsort((label_number, columns.on, columns.firm))
    firm, on, words = columns.firm[order], columns.on[order], label_number[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (firm[1:] != firm[:-1]) | (on[1:] != on[:-1]) | (words[1:] != words[:-1])
    starts = np.flatnonzero(fresh)

    def summed(values: Ints) -> Ints:
        return np.asarray(np.add.reduceat(values[order], starts))

    amount, a, b, c, d = (None if values is None else summed(values) for values in (amount, *measures))
    first = order[starts]
    return Tallied(columns.kind.code, firm[starts], on[starts], key[first], label[first], summed(ones),
                   amount, (a, b, c, d))  # fmt: skip


def month_ends(last: datetime.date, months: int) -> Days:
    """The last days of ``months`` months, the month of ``last`` being the last; that one ends on ``last``."""
    final = np.datetime64(last, "M")
    ends = (np.arange(final - months + 1, final + 1) + 1).astype("datetime64[D]") - 1
    ends[-1] = np.datetime64(last)
    return np.asarray(ends)


def stacked(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
