"""Subsidised interest (贴息): who pays which part of each instalment's interest.

The lender's receivable stays whole; the subsidiser pays a share of the interest, or so many points of the rate, up
to a cap over the contract's life and until a last day. Whatever the subsidy does not pay, the borrower does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice import checks
from jirong.instruments.practice.state import Instalment
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """Give ``share`` (of the interest, 0 to 1) or ``points`` (of the rate, as a fraction a year), not both."""

    share: Decimal | None = None
    points: Decimal | None = None
    cap: Money | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.points is None):
            raise checks.invalid(
                "share",
                self.share,
                Text("贴息比例与贴息点数须且只能填写一项", "give either a share or points, not both"),
                Text("请填写 share 或 points 之一", "Set one of share and points"),
            )
        if self.share is not None and not 0 <= self.share <= 1:
            raise checks.invalid(
                "share",
                self.share,
                Text("贴息比例须在 0 与 1 之间", "the share must lie between 0 and 1"),
                Text("一半写作 0.5", "Write a half as 0.5"),
            )
        if self.points is not None:
            checks.rate("points", self.points)
        if self.cap is not None:
            checks.not_negative("cap", self.cap)


@dataclass(frozen=True, slots=True)
class SubsidisedInterest:
    """One instalment's interest in two parts that sum to it."""

    number: int
    due: date
    interest: Money
    borrower: Money
    subsidiser: Money


def subsidise(instalments: Iterable[Instalment], subsidy: Subsidy) -> tuple[SubsidisedInterest, ...]:
    """Split each instalment's interest; the subsidiser's parts never exceed the cap nor outlast ``until``.

    Rounding is carried forward: after every instalment the subsidiser has paid its exact part of all interest so
    far, half up to the fen, so a half is a half over the life of the loan.
    """
    parts: list[SubsidisedInterest] = []
    exact, so_far = Fraction(0), 0
    for line in instalments:
        exact += line.interest.minor * _part(line, subsidy)
        upto = round_half_up(exact)
        if subsidy.cap is not None:
            upto = min(upto, subsidy.cap.minor)
        paid = Money(upto - so_far, line.interest.unit)
        so_far += paid.minor
        parts.append(SubsidisedInterest(line.number, line.due, line.interest, line.interest - paid, paid))
    return tuple(parts)


def _part(line: Instalment, subsidy: Subsidy) -> Fraction:
    """The fraction of this instalment's interest that is subsidised, before the cap."""
    if subsidy.until is not None and line.due > subsidy.until:
        return Fraction(0)
    if subsidy.share is not None:
        return Fraction(subsidy.share)
    assert subsidy.points is not None
    return min(Fraction(1), Fraction(subsidy.points) / Fraction(line.rate)) if line.rate else Fraction(0)
