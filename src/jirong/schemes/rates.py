"""The rate of a scheme's price on a date: base × times + points, held between floor and cap; exact decimals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from jirong.kernel.rates import RateHistory, plus_bp
from jirong.schemes.model.amounts import Base, Price
from jirong.schemes.shapes import Table

BASE_YEARS_LONG = 5


@dataclass(frozen=True, slots=True)
class RateRange:
    """The least and the greatest rate a price can give, over its levels and uses."""

    low: Decimal
    high: Decimal


def base_rate(base: Base, lpr: RateHistory, on: dt.date) -> Decimal:
    """The base as a fraction a year on ``on``."""
    if base.rate is not None:
        return base.rate
    quote = lpr.at(on)
    return quote.five_year if base.lpr == "LPR-5Y" else quote.one_year


def points_for(price: Price, level: str | None, use: str | None) -> Decimal:
    """Basis points on top of the base for one level and use; what the scheme does not name adds nothing."""
    added = price.plus_bp
    if added is None:
        return Decimal(0)
    named = (_at(added.by_level, level), _at(added.by_use, use))
    return sum((points for points in named if points is not None), added.flat or Decimal(0))


def _at(table: Table[Decimal] | None, key: str | None) -> Decimal | None:
    return table.get(key) if table is not None and key is not None else None


def unbounded_rate(price: Price, lpr: RateHistory, on: dt.date, level: str | None, use: str | None) -> Decimal | None:
    """The rate before floor and cap; None where it is bid for or fixed for no such level."""
    if price.fixed:
        return price.fixed.rate if price.fixed.rate is not None else _at(price.fixed.by_level, level)
    if price.base is None:
        return None
    base = base_rate(price.base, lpr, on)
    return plus_bp(base * price.times if price.times is not None else base, points_for(price, level, use))


def bounded(price: Price, rate: Decimal) -> Decimal:
    """``rate`` held between floor and cap."""
    if price.floor is not None:
        rate = max(rate, price.floor)
    return rate if price.cap is None else min(rate, price.cap)


def rate_range(price: Price, lpr: RateHistory, on: dt.date) -> RateRange | None:
    """The rates over all levels and uses on ``on``; for bids up to the cap; None when nothing bounds them."""
    if price.bids:
        return None if price.cap is None else RateRange(price.cap, price.cap)
    levels: list[str | None] = [None]
    uses: list[str | None] = [None]
    if price.fixed and price.fixed.by_level:
        levels = list(price.fixed.by_level)
    if price.plus_bp:
        levels = list(price.plus_bp.by_level) if price.plus_bp.by_level else levels
        uses = list(price.plus_bp.by_use) if price.plus_bp.by_use else uses
    found = [unbounded_rate(price, lpr, on, level, use) for level, use in product(levels, uses)]
    rates = [bounded(price, rate) for rate in found if rate is not None]
    return RateRange(min(rates), max(rates)) if rates else None
