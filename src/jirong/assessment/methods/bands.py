"""Bands: a value falls in one, the band gives points. The one shape points tables and scorecards share.

Numbers are cut by bounds (``from`` inclusive up to the next bound), words and flags are grouped. Points are held as
whole hundredths, so a sum is exact and the columnar twin adds the same integers. Comparing a float column with a
bound gives the scalar's answer as long as values have at most fifteen significant digits (the float is then the
nearest to its decimal and order is kept).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.methods.base import Input, Raw
from jirong.kernel.text import Text

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Band:
    """``low`` is None for the band without a lower bound, and for groups; ``members`` are a group's words or flags."""

    points: int
    """Hundredths of a point."""
    low: Decimal | None = None
    members: tuple[str | bool, ...] = ()
    stated: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The bands of one input: numeric ``bands`` in order of ``low``, or groups with ``other`` for any other word.

    ``missing`` is the band of an absent value, where the document has one.
    """

    input: Input
    bands: tuple[Band, ...]
    grouped: bool
    other: Band | None = None
    missing: Band | None = None

    @property
    def best(self) -> int:
        return max(band.points for band in self.every)

    @property
    def every(self) -> tuple[Band, ...]:
        return (*self.bands, *(band for band in (self.other, self.missing) if band is not None))

    def of(self, value: Raw | None) -> Band:
        """The band a value falls in; a value without one is a defect of the document, refused when it is read."""
        if value is None:
            assert self.missing is not None
            return self.missing
        if self.grouped:
            return self._group(value)
        assert isinstance(value, Decimal)
        return next(band for band in reversed(self.bands) if band.low is None or value >= band.low)

    def _group(self, value: Raw) -> Band:
        found = next((band for band in self.bands if any(_same(member, value) for member in band.members)), self.other)
        assert found is not None
        return found

    def says(self, band: Band) -> Text:
        """Where a band lies: ``8.5%至10%``, ``12个月以上``, ``A、B``."""
        if band is self.missing:
            return Text("没有资料", "no facts")
        if self.grouped:
            return self._says_group(band)
        place = self.bands.index(band)
        low = band.low
        high = self.bands[place + 1].low if place + 1 < len(self.bands) else None
        return _range(self.input, low, high)

    def _says_group(self, band: Band) -> Text:
        if band is self.other:
            return Text("其他", "anything else")
        shown = [self.input.shown(member) for member in band.members]
        return Text("、".join(text.zh for text in shown), " or ".join(text.en for text in shown))

    def within(self, band: Band) -> Raw:
        """A value of this band: its least one, or for the lowest the nearest whole number below the next, as far as
        that is plausible.
        """
        if band.members:
            return band.members[0]
        if band.low is not None:
            return band.low
        if len(self.bands) < 2 or self.bands[1].low is None:
            return Decimal(0)
        top = self.bands[1].low
        least = self.input.plausible[0] if self.input.plausible else top - 1
        return max(least, top - 1) if max(least, top - 1) < top else top - 1

    def better(self, band: Band) -> list[Band]:
        """Bands with more points a firm could move to, the nearest first."""
        reachable = [other for other in self.bands if other.points > band.points]
        if self.grouped or band is self.missing:
            return sorted(reachable, key=lambda other: other.points)
        place = self.bands.index(band)
        return sorted(reachable, key=lambda other: abs(self.bands.index(other) - place))

    def points_of(self, column: NDArray[Any]) -> NDArray[np.int64]:
        """Hundredths of a point for a column: floats with NaN for absent, or objects with None for absent."""
        if self.grouped:
            return self._grouped_points(column)
        lows = np.array([float(band.low) for band in self.bands if band.low is not None])
        points = np.array([band.points for band in self.bands], dtype=np.int64)
        first = 1 if self.bands[0].low is None else 0
        places = np.searchsorted(lows, column, side="right") - 1 + first
        found = points[np.clip(places, 0, len(points) - 1)]
        absent = np.isnan(column)
        if self.missing is not None and absent.any():
            found = np.where(absent, self.missing.points, found)
        return found

    def _grouped_points(self, column: NDArray[Any]) -> NDArray[np.int64]:
        table: dict[Raw | None, int] = {value: self.of(value).points for value in set(column) if value is not None}
        table[None] = self.missing.points if self.missing else 0
        return np.fromiter((table[value] for value in column), dtype=np.int64, count=len(column))


def present(item: Input, column: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows of a column have a usable value of this input (absent ones count where absence has an answer)."""
    if item.kind in ("flag", "word"):
        kind = bool if item.kind == "flag" else str
        return np.fromiter((isinstance(value, kind) for value in column), dtype=np.bool_, count=len(column))
    usable: NDArray[np.bool_] = np.isfinite(column)
    if item.plausible is not None:
        low, high = (float(bound) for bound in item.plausible)
        usable &= (column >= low) & (column <= high)
    return usable


def half_up(hundredths: Mapping[str, int] | Sequence[int], divisor: int) -> int:
    """The sum over ``divisor``, halves away from zero."""
    total = sum(hundredths.values() if isinstance(hundredths, Mapping) else hundredths)
    sign = -1 if total < 0 else 1
    return int(sign * ((2 * abs(total) + divisor) // (2 * divisor)))


def half_up_column(total: NDArray[np.int64], divisor: int) -> NDArray[np.int64]:
    """:func:`half_up` for a column of sums."""
    rounded: NDArray[np.int64] = np.sign(total) * ((2 * np.abs(total) + divisor) // (2 * divisor))
    return rounded


def in_points(hundredths: int) -> Decimal:
    return Decimal(hundredths) / HUNDREDTHS


def _same(member: str | bool, value: Raw) -> bool:
    return type(member) is type(value) and member == value


def _range(item: Input, low: Decimal | None, high: Decimal | None) -> Text:
    if low is None and high is None:
        return Text("任意值", "any value")
    if low is None:
        assert high is not None
        bound = item.shown(high)
        return Text(f"{bound.zh}以下", f"below {bound.en}")
    bound = item.shown(low)
    if high is None:
        return Text(f"{bound.zh}及以上", f"{bound.en} or more")
    top = item.shown(high)
    return Text(f"{bound.zh}（含）至{top.zh}", f"from {bound.en} to below {top.en}")
