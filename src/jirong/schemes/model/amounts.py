"""How much and at what price: the limit is built from amounts, shares and levels; the rate from a base and points.

A limit is a small tree (``least_of``, ``greatest_of``, ``sum_of`` over amounts, amounts by level, and parts or
multiples of a feature), so that the clause that binds can be named. A rate is LPR or a named reference rate plus
basis points by level and by use, or fixed, or bid for; ``floor`` and ``cap`` hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.scalars import NumberShape, WordShape
from jirong.schemes.shapes import Span, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Clause):
    """A fixed amount."""

    head: ClassVar[str] = "amount"

    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLevel(Clause):
    """An amount for each level of the assessment."""

    head: ClassVar[str] = "by_level"

    by_level: Annotated[Table[Money], values.MoneyByLevel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Clause):
    """A share of a feature that is an amount of money."""

    head: ClassVar[str] = "part"

    part: values.Share
    of: values.Feature
    about: values.Party | None = None
    within: Span | None = None

    @property
    def factor(self) -> Decimal:
        return self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiple(Clause):
    """A multiple of a feature that is an amount of money."""

    head: ClassVar[str] = "times"

    times: values.Times
    of: values.Feature
    about: values.Party | None = None
    within: Span | None = None

    @property
    def factor(self) -> Decimal:
        return self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastOf(Clause):
    """The smallest of several amounts."""

    head: ClassVar[str] = "least_of"

    least_of: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GreatestOf(Clause):
    """The greatest of several amounts."""

    head: ClassVar[str] = "greatest_of"

    greatest_of: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SumOf(Clause):
    """Several amounts added."""

    head: ClassVar[str] = "sum_of"

    sum_of: tuple[Limit, ...]


Limit = Amount | ByLevel | Part | Multiple | LeastOf | GreatestOf | SumOf


def branches(limit: Limit) -> tuple[Limit, ...]:
    """The amounts a clause is built from; none for a leaf."""
    match limit:
        case LeastOf():
            return limit.least_of
        case GreatestOf():
            return limit.greatest_of
        case SumOf():
            return limit.sum_of
    return ()


def leaves(limit: Limit) -> list[Amount | ByLevel | Part | Multiple]:
    """The leaves of a limit, in the order written."""
    if isinstance(limit, Amount | ByLevel | Part | Multiple):
        return [limit]
    return [leaf for branch in branches(limit) for leaf in leaves(branch)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Points(Clause):
    """Basis points: one number, or a number by level and one by use that add up."""

    shorthand: ClassVar[str] = "flat"

    flat: values.BasisPoints | None = None
    by_level: Annotated[Table[Decimal], values.BpByLevel] | None = None
    by_use: Annotated[Table[Decimal], values.BpByUse] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRate(Clause):
    """A rate a year, one for all or by level."""

    shorthand: ClassVar[str] = "rate"
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("rate", "by_level"),)

    rate: values.Rate | None = None
    by_level: Annotated[Table[Decimal], values.RateByLevel] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Base(Clause):
    """What the rate starts from: an LPR, or a reference rate with its name (the market's, the lender's usual one)."""

    shorthand: ClassVar[str] = "lpr"
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("lpr", "rate"),)

    lpr: Annotated[str, WordShape(words.BASE)] | None = None
    rate: values.Rate | None = None
    named: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Clause):
    """The rate a year: ``base`` times ``times`` plus ``plus_bp``, held between ``floor`` and ``cap``."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("base", "fixed", "bids"),)

    base: Base | None = None
    fixed: FixedRate | None = None
    bids: Annotated[str, WordShape(words.BIDS)] | None = None
    times: values.Rate | None = None
    plus_bp: Points | None = None
    floor: values.Rate | None = None
    cap: values.Rate | None = None
    repriced: Annotated[str, WordShape(words.REPRICED)] = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(Clause):
    """What late payment costs: a multiple of the contract's rate, or a rate a day; nothing within ``grace``."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("times", "daily"),)

    times: Annotated[Decimal, NumberShape(1, 3)] | None = None
    daily: values.Share | None = None
    grace: Span | None = None
