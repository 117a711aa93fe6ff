"""Metered contracts: what a meter counted times the tariff in force (machine hours, kilowatt-hours, effect points).

A tariff is a list of dated versions; a version has bands, so that the price may fall (or rise) with use: each band
prices the units within it. A bill covers the stretch between two readings, bands start anew with each bill, and a
version change inside a stretch splits its units by days and says so (``estimated``): read the meter on the day the
tariff changes and nothing is estimated. Each line rounds half up to the fen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice import checks
from jirong.kernel.money import Money, total
from jirong.kernel.text import Text

READINGS_MAX = 100_000
NO_MINIMUM = Money(0)


@dataclass(frozen=True, slots=True)
class Band:
    """Units up to ``up_to`` (all further ones when None) at ``price`` a unit, in major units (yuan)."""

    price: Decimal
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """The bands in force from a day until the next version."""

    since: date
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        ends = [band.up_to for band in self.bands]
        rising = [end for end in ends if end is not None]
        open_last = bool(ends) and ends[-1] is None and None not in ends[:-1]
        if not open_last or rising != sorted(set(rising)) or any(end <= 0 for end in rising):
            raise checks.invalid(
                "bands",
                ", ".join(str(end) for end in ends),
                Text("阶梯上限须逐级递增，最后一级不设上限", "bands must rise, and the last must be open"),
                Text("请把最后一级的上限留空", "Leave the last band without an upper end"),
            )
        if any(band.price < 0 for band in self.bands):
            raise checks.invalid(
                "price",
                min(band.price for band in self.bands),
                Text("单价不能为负", "a price cannot be negative"),
                Text("请填写零或正数", "Give zero or more"),
            )


@dataclass(frozen=True, slots=True)
class Reading:
    """The counter on a day; ``restarted`` when the meter was replaced and now counts from this value."""

    on: date
    value: Decimal
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class MeteredLine:
    """Units of one band under one version; ``estimated`` when a version change split the stretch by days."""

    since: date
    until: date
    units: Fraction
    price: Decimal
    amount: Money
    estimated: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """What one stretch between readings costs; never below the contract's ``minimum``."""

    since: date
    until: date
    units: Fraction
    lines: tuple[MeteredLine, ...]
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredTerms:
    """Tariff versions in date order and, if agreed, the least a bill comes to."""

    tariff: tuple[TariffVersion, ...]
    minimum: Money = NO_MINIMUM

    def __post_init__(self) -> None:
        dates = [version.since for version in self.tariff]
        if not dates or dates != sorted(set(dates)):
            raise checks.invalid(
                "tariff",
                ", ".join(str(day) for day in dates),
                Text("费率版本须按日期递增且至少一个", "tariff versions must rise in date, and there must be one"),
                Text("请按生效日排序", "Order them by the day they begin"),
            )
        checks.not_negative("minimum", self.minimum)


def bills(terms: MeteredTerms, readings: Iterable[Reading]) -> tuple[Bill, ...]:
    """One bill for each stretch between consecutive readings.

    Raises :class:`~jirong.kernel.errors.Invalid` for readings out of order, a counter that runs backwards, or a
    stretch before the first tariff.
    """
    known = sorted(readings, key=lambda reading: reading.on)
    checks.whole("readings", len(known), 0, READINGS_MAX)
    stretches = itertools.pairwise(known)
    return tuple(_bill(terms, before, after) for before, after in stretches if not after.restarted)


def _bill(terms: MeteredTerms, before: Reading, after: Reading) -> Bill:
    _check_stretch(terms, before, after)
    units = Fraction(after.value) - Fraction(before.value)
    pieces = _pieces(terms.tariff, before.on, after.on)
    lines: list[MeteredLine] = []
    for version, since, until in pieces:
        part = units * (until - since).days / (after.on - before.on).days
        lines += _lines(terms, version, since, until, part, len(pieces) > 1)
    amount = total([line.amount for line in lines], terms.minimum.unit)
    return Bill(before.on, after.on, units, tuple(lines), max(amount, terms.minimum))


def _pieces(tariff: Sequence[TariffVersion], since: date, until: date) -> list[tuple[TariffVersion, date, date]]:
    """The versions in force between two days, each with its part of the stretch."""
    ends = [version.since for version in tariff[1:]] + [date.max]
    clipped = [(v, max(since, v.since), min(until, end)) for v, end in zip(tariff, ends, strict=True)]
    return [(version, start, end) for version, start, end in clipped if start < end]


def _lines(
    terms: MeteredTerms, version: TariffVersion, since: date, until: date, units: Fraction, estimated: bool
) -> list[MeteredLine]:
    lines, low = [], Fraction(0)
    for band in version.bands:
        high = units if band.up_to is None else min(units, Fraction(band.up_to))
        if high > low:
            amount = Money.rounded((high - low) * Fraction(band.price), terms.minimum.unit)
            lines.append(MeteredLine(since, until, high - low, band.price, amount, estimated))
            low = high
    return lines


def _check_stretch(terms: MeteredTerms, before: Reading, after: Reading) -> None:
    if after.on == before.on:
        raise checks.invalid(
            "readings",
            after.on,
            Text("同一天有两次读数", "two readings on one day"),
            Text("每天保留一次读数", "Keep one reading a day"),
        )
    if after.value < before.value:
        raise checks.invalid(
            "readings",
            after.value,
            Text(f"{after.on} 的读数小于上次的 {before.value}", f"the reading of {after.on} is below {before.value}"),
            Text("请核对读数；如已换表，请标明 restarted", "Check it; if the meter was replaced, mark it restarted"),
        )
    if before.on < terms.tariff[0].since:
        raise checks.invalid(
            "tariff",
            terms.tariff[0].since,
            Text(f"{before.on} 尚无生效的费率", f"no tariff is in force on {before.on}"),
            Text("请补充更早的费率版本", "Add an earlier tariff version"),
        )
