"""Interest rates as exact decimals, and the loan prime rate (LPR) as dated facts.

A rate is a :class:`~decimal.Decimal` fraction of one a year: ``Decimal("0.0395")`` is 3.95 %. Contracts quote LPR
plus basis points (1 bp = 0.01 %). The LPR is published by the National Interbank Funding Center under authority of
the People's Bank of China on the 20th of a month (the next business day after a holiday); the values live in
``catalogue/lpr.yaml`` with their source. A value holds until the next one; dates after ``confirmed_until`` use the
latest value and :meth:`RateHistory.is_confirmed` says so.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

CATALOGUE_FILE = Path(__file__).parents[3] / "catalogue" / "lpr.yaml"
BASIS_POINT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Quote:
    """The LPR in force from ``on``: two tenors, as fractions of one a year."""

    on: date
    one_year: Decimal
    five_year: Decimal


@dataclass(frozen=True, slots=True)
class RateHistory:
    """Quotes in date order; ``confirmed_until`` is the last day somebody checked that no newer one exists."""

    quotes: tuple[Quote, ...]
    confirmed_until: date
    source: Text

    def __post_init__(self) -> None:
        dates = [quote.on for quote in self.quotes]
        if not dates or dates != sorted(set(dates)):
            raise ValueError("quotes must be non-empty, in date order, one a date")

    def at(self, on: date) -> Quote:
        """The quote in force on that day; raises :class:`Invalid` before the first."""
        index = bisect.bisect_right(self.quotes, on, key=lambda quote: quote.on)
        if index == 0:
            raise _before_first(on, self.quotes[0].on)
        return self.quotes[index - 1]

    def is_confirmed(self, on: date) -> bool:
        return on <= self.confirmed_until


def lpr_1y(on: date) -> Decimal:
    """One-year LPR in force on that day, as a fraction: ``Decimal("0.0300")``."""
    return lpr_history().at(on).one_year


def lpr_5y(on: date) -> Decimal:
    """Over-five-year LPR in force on that day, as a fraction."""
    return lpr_history().at(on).five_year


@functools.cache
def lpr_history() -> RateHistory:
    """The house's LPR table, read once from the catalogue."""
    return history_from(yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8")))


def history_from(document: Mapping[str, Any]) -> RateHistory:
    """Build a history from the catalogue's form: ``values`` of ``{from, one_year, five_year}`` in percent."""
    quotes = tuple(
        Quote(row["from"], percent(row["one_year"]), percent(row["five_year"])) for row in document["values"]
    )
    return RateHistory(quotes, document["confirmed_until"], Text.from_dict(document["source"]))


def percent(text: str | Decimal | int) -> Decimal:
    """``percent("3.95")`` is ``Decimal("0.0395")``; a trailing % sign is welcome. Raises :class:`Invalid`."""
    try:
        value = Decimal(str(text).strip().removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Invalid(
            "rate.unreadable",
            Text(f"“{text}”不是有效的利率", f"“{text}” is not a rate"),
            remedy=Text("请填写年利率百分数，例如 3.95", "Give percent a year, such as 3.95"),
            where="rate",
        )
    return value / 100


def basis_points(count: int | Decimal) -> Decimal:
    """``basis_points(95)`` is ``Decimal("0.0095")``."""
    return count * BASIS_POINT


def plus_bp(rate: Decimal, count: int | Decimal) -> Decimal:
    """``rate`` plus ``count`` basis points (minus, when negative)."""
    return rate + basis_points(count)


def in_bp(rate: Decimal) -> Decimal:
    """How many basis points ``rate`` is."""
    return rate / BASIS_POINT


def shown(rate: Decimal, decimals: int = 2) -> str:
    """Edge form in percent: ``shown(Decimal("0.0395"))`` is ``"3.95%"``."""
    return f"{rate * 100:.{decimals}f}%"


def _before_first(on: date, first: date) -> Invalid:
    return Invalid(
        "rate.before_first",
        Text(
            f"{on} 没有贷款市场报价利率（LPR）：首个报价日为 {first}", f"there is no LPR on {on}: it begins on {first}"
        ),
        remedy=Text(f"请使用 {first} 或之后的日期", f"Use {first} or a later date"),
        where="date",
        details={"date": on.isoformat(), "first": first.isoformat()},
    )
