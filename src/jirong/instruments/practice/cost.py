"""What an offer really costs: the yearly rate of its cash flows, and two offers side by side.

The People's Bank asks every lender to show a loan's yearly rate plainly (中国人民银行公告〔2021〕第3号): all charges
tied to the loan, against the principal really in use, over time; found by the internal rate of return (compound), or
simply, if it says so. :func:`annual_rate` gives the compound rate, the one to show, and beside it the same monthly
rate times twelve, which is what contracts quote. A rate of return is a statistic: it is found in floating point and
rounded to a millionth; the money it is found from is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jirong.instruments.practice import checks
from jirong.instruments.practice.state import Schedule
from jirong.kernel import calendar
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money, total
from jirong.kernel.text import Text

YEAR_DAYS = 365
_STEPS_MAX = 200
_LOG_RATE_MAX = math.log(1_000_000)
_LOG_FACTOR_MAX = 600.0
"""Discount factors stay below e^600, so no flow overflows however far it lies."""
_METHOD = Text(
    "内部收益率法（复利；整月按月计，零头按天/365），依据中国人民银行公告〔2021〕第3号",
    "internal rate of return (compound; whole months, then days over 365), as People's Bank notice 3 of 2021 asks",
)


@dataclass(frozen=True, slots=True)
class AnnualRate:
    """``effective``: compound a year; ``nominal``: the equal monthly rate times twelve; fractions of one."""

    effective: Decimal
    nominal: Decimal
    method: Text = _METHOD


@dataclass(frozen=True, slots=True)
class Fee:
    """A charge tied to the loan, on a day."""

    name: Text
    on: date
    amount: Money

    def __post_init__(self) -> None:
        checks.not_negative("fee", self.amount)


@dataclass(frozen=True, slots=True)
class Offer:
    """A schedule somebody is offered, with its fees."""

    name: Text
    schedule: Schedule
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What an offer costs the borrower in all, and a year."""

    name: Text
    principal: Money
    interest: Money
    fees: Money
    annual: AnnualRate
    first_amount: Money
    largest_amount: Money
    penalty: Money

    @property
    def amount(self) -> Money:
        """Total cost: interest, fees and, where something was paid late, penalty."""
        return self.interest + self.fees + self.penalty


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two offers; ``cheaper_in_all`` and ``cheaper_a_year`` may differ when tenors do, and then both matter."""

    first: Cost
    second: Cost
    difference: Money
    cheaper_in_all: Cost | None
    cheaper_a_year: Cost | None


def annual_rate(cashflows: Sequence[tuple[date, Money]]) -> AnnualRate:
    """The yearly rate at which the flows (of one side: in positive, out negative) are worth nothing.

    Flows of the same day are netted. Raises :class:`~jirong.kernel.errors.Invalid` when no such rate exists: all
    flows have one sign, or lie on one day.
    """
    if not cashflows:
        raise _no_rate()
    begin = min(on for on, _ in cashflows)
    by_day: dict[date, int] = {}
    for on, amount in cashflows:
        by_day[on] = by_day.get(on, 0) + amount.minor
    flows = [(_years(begin, on), float(minor)) for on, minor in sorted(by_day.items()) if minor]
    if not any(amount > 0 for _, amount in flows) or not any(amount < 0 for _, amount in flows):
        raise _no_rate()
    bound = min(_LOG_RATE_MAX, _LOG_FACTOR_MAX / flows[-1][0])
    effective = _root(
        lambda log_rate: math.fsum(amount * math.exp(-log_rate * years) for years, amount in flows), bound
    )
    nominal = 12 * math.expm1(math.log1p(effective) / 12)
    return AnnualRate(_millionth(effective), _millionth(nominal))


def cost(offer: Offer) -> Cost:
    """Total and yearly cost of one offer; the yearly rate counts fees on the days they are paid."""
    terms = offer.schedule.terms
    flows = [(terms.start, terms.principal)]
    flows += [(line.due, -line.amount) for line in offer.schedule]
    flows += [(fee.on, -fee.amount) for fee in offer.fees]
    amounts = [line.amount for line in offer.schedule]
    return Cost(
        name=offer.name,
        principal=terms.principal,
        interest=offer.schedule.interest,
        fees=total([fee.amount for fee in offer.fees], terms.principal.unit),
        annual=annual_rate(flows),
        first_amount=amounts[0],
        largest_amount=max(amounts),
        penalty=Money(0, terms.principal.unit),
    )


def compare(first: Offer, second: Offer) -> Comparison:
    """Both offers' costs; ``difference`` is what the second costs more than the first, in all."""
    one, two = cost(first), cost(second)
    in_all = None if one.amount == two.amount else min(one, two, key=lambda item: item.amount)
    rates = one.annual.effective, two.annual.effective
    a_year = None if rates[0] == rates[1] else (one if rates[0] < rates[1] else two)
    return Comparison(one, two, two.amount - one.amount, in_all, a_year)


def _root(value: Callable[[float], float], bound: float) -> float:
    """Bisection in log(1 + rate), which no shape of flows can lead astray once the ends differ in sign."""
    low, high = -bound, bound
    low_value = value(low)
    if low_value * value(high) > 0:
        raise _no_rate()
    for _ in range(_STEPS_MAX):
        middle = (low + high) / 2
        if low_value * value(middle) > 0:
            low = middle
        else:
            high = middle
    return math.expm1((low + high) / 2)


def _years(begin: date, on: date) -> float:
    """Whole months as twelfths, the days left over 365: a loan repaid month by month shows its monthly rate."""
    months = 12 * (on.year - begin.year) + on.month - begin.month
    if calendar.add_months(begin, months) > on:
        months -= 1
    return months / 12 + (on - calendar.add_months(begin, months)).days / YEAR_DAYS


def _millionth(rate: float) -> Decimal:
    return Decimal(rate).quantize(Decimal("0.000001"))


def _no_rate() -> Invalid:
    return checks.invalid(
        "cashflows",
        "",
        Text("现金流求不出年化利率", "the flows have no yearly rate"),
        Text("须既有收到的款项也有支付的款项，且不在同一天", "There must be money in and money out, on different days"),
    )
