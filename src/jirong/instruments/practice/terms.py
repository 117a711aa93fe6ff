"""The terms of a loan as a Chinese bank writes them; frozen, checked on the way in, never changed afterwards.

Five ways to repay: annuity 等额本息, linear 等额本金, interest first 先息后本 (interest along the way, principal last),
bullet 到期还本付息 (both last) and irregular (principal on stated dates). Interest of the first two is rate/12 for a
whole month and A/360 for a part of one; the others count A/360; ``basis`` overrides. A rate is fixed, or LPR (or a
multiple of it) plus basis points, floored and capped, fixed anew each 1 January or each anniversary. Whatever happens
later (a payment, an extension) is an event, not a change of terms; see :mod:`jirong.instruments.practice.events`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jirong.instruments.practice import checks
from jirong.instruments.practice.allocation import OLDEST_FIRST, AllocationOrder
from jirong.kernel import calendar, rates
from jirong.kernel.money import MINOR_MAX, Money, total
from jirong.kernel.text import Text

TIMES_MAX = 10
"""Ten times the LPR is surely a percentage typed as a multiple."""


class Repayment(StrEnum):
    ANNUITY = "annuity"
    LINEAR = "linear"
    INTEREST_FIRST = "interest_first"
    BULLET = "bullet"
    IRREGULAR = "irregular"


class Basis(StrEnum):
    """How interest counts time: whole months as rate/12 (parts of one A/360), or a day count throughout."""

    MONTHS = "MONTHS"
    A360 = "A360"
    A365 = "A365"
    THIRTY_E_360 = "30E360"


class DueShift(StrEnum):
    """What a due date on a holiday does: stays; moves to the next business day; moves and bears interest to it."""

    NONE = "none"
    FOLLOWING = "following"
    FOLLOWING_WITH_INTEREST = "following_with_interest"


class Reset(StrEnum):
    """When a floating rate is fixed anew (重定价日)."""

    NEVER = "never"
    JANUARY = "january"
    ANNIVERSARY = "anniversary"


@dataclass(frozen=True, slots=True)
class FixedRate:
    """One rate for the whole term, as a fraction a year."""

    rate: Decimal

    def __post_init__(self) -> None:
        checks.rate("rate", self.rate)


@dataclass(frozen=True, slots=True)
class FloatingRate:
    """LPR of ``base`` in force on the last reset date, ``times`` over, plus ``plus_bp``; held between ``floor`` and
    ``cap`` (none: it may rise without end). ACTUS calls these RRMLT, RRSP, RRLF and RRLC and computes them the same way.
    """

    base: str = "LPR-1Y"
    plus_bp: int = 0
    reset: Reset = Reset.JANUARY
    floor: Decimal = Decimal(0)
    times: Decimal = Decimal(1)
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        if self.base not in ("LPR-1Y", "LPR-5Y"):
            raise checks.invalid(
                "base",
                self.base,
                Text("未知的基准利率", "unknown base rate"),
                Text("请使用 LPR-1Y 或 LPR-5Y", "Use LPR-1Y or LPR-5Y"),
            )
        checks.whole("plus_bp", self.plus_bp, -checks.BP_MAX, checks.BP_MAX)
        checks.rate("floor", self.floor)
        _check_times(self.times)
        if self.cap is not None:
            checks.rate("cap", self.cap)
            _check_cap(self.cap, self.floor)

    def at(self, base: Decimal) -> Decimal:
        """The rate that a base rate of ``base`` gives."""
        rate = max(rates.plus_bp(base * self.times, self.plus_bp), self.floor)
        return rate if self.cap is None else min(rate, self.cap)


RatePlan = FixedRate | FloatingRate


@dataclass(frozen=True, slots=True)
class PlannedPrincipal:
    """One repayment of an irregular plan."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """A loan's terms. Give ``months`` or ``maturity``, not both; ``plan`` for irregular loans only.

    ``start``: the day interest begins. ``every_months``: distance of due dates. ``first_due``: the first due date
    when it is not ``every_months`` after the start (its period is then a stub). ``interest_only_periods``: first
    periods without principal. ``grace_days``: days after a due date without penalty; once they are over the
    penalty counts from the due date (or, with ``grace_counts_back`` false, from their end). ``penalty_factor``:
    overdue principal bears the rate times this instead of the rate (银发〔2003〕251号: 1.3 to 1.5); ``compound``:
    overdue interest bears it too. ``early_fee``: fraction of principal repaid early. Raises
    :class:`~jirong.kernel.errors.Invalid` naming the term.
    """

    principal: Money
    rate: RatePlan
    start: date
    repayment: Repayment
    months: int | None = None
    maturity: date | None = None
    basis: Basis | None = None
    every_months: int = 1
    first_due: date | None = None
    plan: tuple[PlannedPrincipal, ...] = ()
    interest_only_periods: int = 0
    due_shift: DueShift = DueShift.NONE
    calendar: calendar.Calendar = calendar.CHINA_PROJECTED
    grace_days: int = 0
    grace_counts_back: bool = True
    penalty_factor: Decimal = Decimal("1.5")
    compound: bool = True
    early_fee: Decimal = Decimal(0)
    order: AllocationOrder = OLDEST_FIRST

    def __post_init__(self) -> None:
        _check_amounts(self)
        _check_dates(self)
        _check_plan(self)

    @property
    def ends(self) -> date:
        """The contractual maturity, before any move to a business day."""
        if self.maturity is not None:
            return self.maturity
        assert self.months is not None
        return calendar.add_months(self.start, self.months)

    @property
    def counts(self) -> Basis:
        """The basis in use: the stated one, or the custom of the way of repaying."""
        if self.basis is not None:
            return self.basis
        return Basis.MONTHS if self.repayment in (Repayment.ANNUITY, Repayment.LINEAR) else Basis.A360


def rate_on(plan: RatePlan, start: date, on: date, history: rates.RateHistory) -> Decimal:
    """The rate a contract begun on ``start`` bears on that day: floating ones as of their last reset date."""
    if isinstance(plan, FixedRate):
        return plan.rate
    fixed_on = start
    for reset in reset_dates(plan, start):
        if reset > on:
            break
        fixed_on = reset
    quote = history.at(fixed_on)
    return plan.at(quote.one_year if plan.base == "LPR-1Y" else quote.five_year)


def reset_dates(plan: RatePlan, start: date) -> Iterator[date]:
    """Reset dates after ``start``, without end (to the calendar's), in order; none for a rate that never resets."""
    if isinstance(plan, FixedRate) or plan.reset is Reset.NEVER:
        return
    for year in range(start.year + 1, 10_000):
        if plan.reset is Reset.JANUARY:
            yield date(year, 1, 1)
        else:
            yield calendar.add_months(start, 12 * (year - start.year))


def _check_times(times: Decimal) -> None:
    if not times.is_finite() or not 0 < times <= TIMES_MAX:
        raise checks.invalid(
            "times",
            times,
            Text(f"倍数须大于 0、不超过 {TIMES_MAX}", f"the multiple must be above 0 and at most {TIMES_MAX}"),
            Text("例如 LPR 的 1.2 倍写作 1.2", "Write 1.2 for 1.2 times the LPR"),
        )


def _check_cap(cap: Decimal, floor: Decimal) -> None:
    if cap < floor:
        raise checks.invalid(
            "cap",
            cap,
            Text(f"利率上限低于下限 {floor}", f"the cap lies below the floor of {floor}"),
            Text("请提高上限或降低下限", "Raise the cap or lower the floor"),
        )


def _check_amounts(terms: LoanTerms) -> None:
    checks.positive("principal", terms.principal)
    if terms.principal.minor > MINOR_MAX:
        raise checks.invalid(
            "principal",
            terms.principal,
            Text("本金超出可记账范围", "the principal is beyond what an account holds"),
            Text("请拆分为多笔", "Split it into several contracts"),
        )
    if not Decimal(1) <= terms.penalty_factor <= Decimal(2):
        raise checks.invalid(
            "penalty_factor",
            terms.penalty_factor,
            Text("罚息倍数须在 1 与 2 之间", "the penalty factor must lie between 1 and 2"),
            Text("逾期罚息通常为 1.3 至 1.5 倍", "Overdue loans usually bear 1.3 to 1.5 times the rate"),
        )
    checks.rate("early_fee", terms.early_fee)
    checks.whole("grace_days", terms.grace_days, 0, checks.GRACE_DAYS_MAX)


def _check_dates(terms: LoanTerms) -> None:
    if (terms.months is None) == (terms.maturity is None):
        raise checks.invalid(
            "maturity",
            terms.maturity,
            Text("期限与到期日须且只能填写一项", "give either the months or the maturity, not both"),
            Text("请填写 months 或 maturity 之一", "Set one of months and maturity"),
        )
    if terms.months is not None:
        checks.whole("months", terms.months, 1, checks.PERIODS_MAX)
    checks.whole("every_months", terms.every_months, 1, checks.PERIODS_MAX)
    if terms.ends <= terms.start:
        raise checks.invalid(
            "maturity",
            terms.ends,
            Text(f"到期日不晚于起息日 {terms.start}", f"the maturity is not after the start {terms.start}"),
            Text(f"请填写 {terms.start} 之后的日期", f"Give a date after {terms.start}"),
        )
    if terms.first_due is not None and not terms.start < terms.first_due <= terms.ends:
        raise checks.invalid(
            "first_due",
            terms.first_due,
            Text("首个还款日不在合同期内", "the first due date lies outside the contract"),
            Text(
                f"请填写 {terms.start} 之后至 {terms.ends} 的日期", f"Give a date after {terms.start}, to {terms.ends}"
            ),
        )
    span_months = 12 * (terms.ends.year - terms.start.year) + terms.ends.month - terms.start.month
    if span_months // terms.every_months > checks.PERIODS_MAX:
        raise checks.invalid(
            "maturity",
            terms.ends,
            Text(f"还款期数超过上限 {checks.PERIODS_MAX}", f"more than {checks.PERIODS_MAX} instalments"),
            Text("请缩短期限或拉长还款间隔", "Shorten the tenor or lengthen every_months"),
        )


def _check_plan(terms: LoanTerms) -> None:
    irregular = terms.repayment is Repayment.IRREGULAR
    if irregular != bool(terms.plan):
        raise checks.invalid(
            "plan",
            len(terms.plan),
            Text("还款计划只用于不规则还款，且必须填写", "a plan belongs to irregular repayment, which needs one"),
            Text("请逐笔列出还款日与本金", "List each date with its principal, or choose another repayment"),
        )
    checks.whole("interest_only_periods", terms.interest_only_periods, 0, checks.PERIODS_MAX)
    if not irregular:
        return
    checks.whole("plan", len(terms.plan), 1, checks.PERIODS_MAX)
    dates = [part.on for part in terms.plan]
    if dates != sorted(set(dates)) or dates[0] <= terms.start or dates[-1] != terms.ends:
        raise checks.invalid(
            "plan",
            ", ".join(str(day) for day in dates),
            Text(
                "计划日期须逐日递增、晚于起息日、止于到期日",
                "plan dates must rise, after the start, up to the maturity",
            ),
            Text(
                f"请列出 {terms.start} 之后至 {terms.ends} 的日期",
                f"List dates after {terms.start}, the last {terms.ends}",
            ),
        )
    for part in terms.plan:
        checks.not_negative("plan", part.amount)
    planned = total([part.amount for part in terms.plan], terms.principal.unit)
    if planned != terms.principal:
        raise checks.invalid(
            "plan",
            planned,
            Text("计划本金合计与贷款本金不符", "the planned principal does not sum to the loan"),
            Text(f"合计须为 {terms.principal}", f"It must sum to {terms.principal}"),
        )
