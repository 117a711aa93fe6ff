"""Single sums: simple interest over days, the price of a discount, late interest on a payment for goods.

A discount (贴现) sells a claim: the funder pays the amount less interest to maturity at once. A loan may not be
discounted like that (民法典 670), so the two are different products. Late interest protects small suppliers
(保障中小企业款项支付条例 第十七条): an agreed rate may not be below the one-year LPR at the contract date; where
nothing is agreed, 0.05 % a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice import checks
from jirong.kernel import daycount, rates
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

LATE_RATE_A_DAY = Decimal("0.0005")
ARTICLE_17 = Text(
    "《保障中小企业款项支付条例》（国令第802号，2025年6月1日起施行）第十七条：约定利率不得低于合同订立时1年期"
    "贷款市场报价利率；未作约定的，按照每日利率万分之五支付逾期利息。",
    "Regulation on Ensuring Payments to Small and Medium-sized Enterprises (State Council Order 802, in force "
    "2025-06-01), article 17: an agreed rate may not be below the one-year LPR at the contract date; without one, "
    "0.05 % a day is due.",
)


@dataclass(frozen=True, slots=True)
class Discount:
    """A claim of ``amount`` sold: ``charge`` is kept by the funder, ``proceeds`` paid to the seller."""

    amount: Money
    rate: Decimal
    days: int
    charge: Money
    proceeds: Money


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Interest on ``amount`` paid ``days`` late, and the clause it rests on."""

    amount: Money
    days: int
    interest: Money
    agreed_rate: Decimal | None
    clause: Text


def simple_interest(
    principal: Money, rate: Decimal, start: date, end: date, day_count: daycount.DayCount = daycount.A360
) -> Money:
    """``principal × rate × years``, half up to the fen; ``end`` on or after ``start``."""
    checks.rate("rate", rate)
    _in_order(start, end)
    return principal.times(Fraction(rate) * daycount.year_fraction(day_count, start, end))


def discount(
    amount: Money, rate: Decimal, on: date, due: date, day_count: daycount.DayCount = daycount.A360
) -> Discount:
    """Sell ``amount`` due on ``due`` on the day ``on`` at ``rate`` a year.

    Raises :class:`~jirong.kernel.errors.Invalid` when the charge would eat the whole amount.
    """
    checks.positive("amount", amount)
    charge = simple_interest(amount, rate, on, due, day_count)
    if charge >= amount:
        raise checks.invalid(
            "rate",
            rate,
            Text("贴现利息不低于票面金额", "the discount is not less than the amount"),
            Text("请核对利率与到期日", "Check the rate and the due date"),
        )
    return Discount(amount, rate, daycount.days(day_count, on, due), charge, amount - charge)


def late_interest(
    amount: Money, due: date, paid: date, contract_date: date, agreed_rate: Decimal | None = None
) -> LateInterest:
    """Late interest under article 17 on ``amount`` due on ``due`` and paid on ``paid`` (nothing if in time).

    An agreed yearly rate counts A/360. Raises :class:`~jirong.kernel.errors.Invalid` with the clause when it is
    below the one-year LPR at ``contract_date``.
    """
    checks.positive("amount", amount)
    days = max(0, (paid - due).days)
    if agreed_rate is None:
        return LateInterest(amount, days, amount.times(LATE_RATE_A_DAY * days), None, ARTICLE_17)
    checks.rate("agreed_rate", agreed_rate)
    floor = rates.lpr_1y(contract_date)
    if agreed_rate < floor:
        raise _below_lpr(agreed_rate, floor)
    return LateInterest(
        amount, days, simple_interest(amount, agreed_rate, due, max(due, paid)), agreed_rate, ARTICLE_17
    )


def _below_lpr(agreed: Decimal, floor: Decimal) -> Invalid:
    shown, least = rates.shown(agreed), rates.shown(floor)
    return Invalid(
        "late_interest.below_lpr",
        Text(
            f"约定的逾期利率 {shown} 低于合同订立时的1年期 LPR {least}",
            f"the agreed late rate {shown} is below the one-year LPR at the contract date, {least}",
        ),
        remedy=Text(
            f"请约定不低于 {least} 的利率，或不作约定（每日万分之五）",
            f"Agree on at least {least}, or agree on none (0.05 % a day)",
        ),
        clause=ARTICLE_17,
        where="agreed_rate",
        details={"agreed": str(agreed), "floor": str(floor)},
    )


def _in_order(start: date, end: date) -> None:
    if end < start:
        raise checks.invalid(
            "end",
            end,
            Text(f"结束日早于开始日 {start}", f"the end precedes the start {start}"),
            Text(f"请填写 {start} 或之后的日期", f"Give {start} or a later date"),
        )
