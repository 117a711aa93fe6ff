"""What future payments are worth on a day, by a curve of yearly rates.

A payment d days ahead is worth its amount × (1 + z(d))^(−d/365), z read from the curve: linear between its points,
flat beyond them. Powers are taken in decimals of fifty digits and the sum is rounded once, half up to the fen.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from jirong.instruments.practice import checks
from jirong.instruments.practice.state import Instalment
from jirong.kernel.money import Money
from jirong.kernel.text import Text

DIGITS = 50
POINTS_MAX = 10_000
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (days ahead, yearly rate as a fraction), days rising from 0 or more."""

    points: tuple[tuple[int, Decimal], ...]

    def __post_init__(self) -> None:
        days = [day for day, _ in self.points]
        if not days or days != sorted(set(days)) or days[0] < 0 or len(days) > POINTS_MAX:
            raise checks.invalid(
                "curve",
                days[:5],
                Text("曲线各点的天数须递增且不为负", "the curve's days must rise and not be negative"),
                Text(f"请给出 1 至 {POINTS_MAX} 个点", f"Give 1 to {POINTS_MAX} points"),
            )
        if any(rate <= -1 for _, rate in self.points):
            raise checks.invalid(
                "curve",
                min(rate for _, rate in self.points),
                Text("利率须高于 −100%", "a rate must be above −100 %"),
                Text("请填写小数，3% 写作 0.03", "Give a fraction: write 3 % as 0.03"),
            )

    @classmethod
    def flat(cls, rate: Decimal) -> Curve:
        return cls(((0, rate),))

    def shifted(self, bp: int) -> Curve:
        """The curve with every rate ``bp`` basis points higher (lower, when negative)."""
        return Curve(tuple((day, rate + Decimal(bp) / 10_000) for day, rate in self.points))

    def rate(self, days: int) -> Decimal:
        place = bisect.bisect_left(self.points, days, key=lambda point: point[0])
        if place == len(self.points):
            return self.points[-1][1]
        day, rate = self.points[place]
        if place == 0 or day == days:
            return rate
        before, low = self.points[place - 1]
        with localcontext(prec=DIGITS):
            return low + (rate - low) * (days - before) / (day - before)

    def factor(self, days: int) -> Decimal:
        """What one unit ``days`` ahead is worth today; one for anything not ahead."""
        if days <= 0:
            return Decimal(1)
        with localcontext(prec=DIGITS):
            return (1 + self.rate(days)) ** (-Decimal(days) / YEAR_DAYS)


def present_value(instalments: Iterable[Instalment], on: date, curve: Curve) -> Money:
    """What ``instalments`` are worth on ``on``; those due on or before it count in full."""
    lines = list(instalments)
    with localcontext(prec=DIGITS):
        worth = sum((line.amount.minor * curve.factor((line.due - on).days) for line in lines), Decimal(0))
        minor = int(worth.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return Money(minor, lines[0].amount.unit) if lines else Money(minor)
