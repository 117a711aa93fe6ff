"""What may happen to a loan after it is paid out: facts with a date, replayed in order, never edited.

Events of one day apply in the order given, after whatever the contract itself does that day (an instalment falling
due, a rate reset). A correction is another event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jirong.instruments.practice import checks
from jirong.instruments.practice.allocation import Bucket
from jirong.instruments.practice.terms import RatePlan, Repayment
from jirong.kernel.money import Money


class Reamortise(StrEnum):
    """After a partial early repayment: keep the instalment and end sooner, or keep the end and pay less."""

    SHORTEN = "shorten"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received; serves open dues in the contract's order, the rest waits as credit for the next due."""

    on: date
    amount: Money

    def __post_init__(self) -> None:
        checks.positive("payment", self.amount)


@dataclass(frozen=True, slots=True)
class EarlyRepayment:
    """Principal repaid before it is due (all of it when ``principal`` is None), with interest to the day and the fee.

    Asks that nothing be overdue. The money is taken to arrive the same day; see :func:`loans.payoff` for the sum.
    """

    on: date
    principal: Money | None = None
    then: Reamortise = Reamortise.LOWER

    def __post_init__(self) -> None:
        if self.principal is not None:
            checks.positive("principal", self.principal)


@dataclass(frozen=True, slots=True)
class RateSet:
    """A new rate agreed or imposed from that day; a floating loan stops floating."""

    on: date
    rate: Decimal

    def __post_init__(self) -> None:
        checks.rate("rate", self.rate)


@dataclass(frozen=True, slots=True)
class FeeCharged:
    """A fee that falls due that day."""

    on: date
    amount: Money

    def __post_init__(self) -> None:
        checks.positive("fee", self.amount)


@dataclass(frozen=True, slots=True)
class Waiver:
    """The lender forgives up to ``amount`` of a bucket of the open dues, oldest first (减免)."""

    on: date
    bucket: Bucket
    amount: Money

    def __post_init__(self) -> None:
        checks.positive("waiver", self.amount)


@dataclass(frozen=True, slots=True)
class Extension:
    """A later maturity, agreed before the old one (展期); ``rate`` if it changes too."""

    on: date
    maturity: date
    rate: Decimal | None = None

    def __post_init__(self) -> None:
        if self.rate is not None:
            checks.rate("rate", self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructuring:
    """What is owed starts again under new terms (重组): overdue principal returns to the plan.

    ``capitalise`` names the buckets that join the principal; the others stay due. Give ``months`` or ``maturity``.
    """

    on: date
    repayment: Repayment
    rate: RatePlan
    months: int | None = None
    maturity: date | None = None
    every_months: int = 1
    first_due: date | None = None
    interest_only_periods: int = 0
    capitalise: frozenset[Bucket] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Acceleration:
    """The lender declares everything due (宣布提前到期)."""

    on: date


Event = Payment | EarlyRepayment | RateSet | FeeCharged | Waiver | Extension | Restructuring | Acceleration
