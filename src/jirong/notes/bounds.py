"""What a party may write down at all: amounts above nothing, rates as fine as they are kept, days within reason.

These come before any rule of the engine: what is signed must be what is stored, so nothing is rounded or cut.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from jirong.engine import checks
from jirong.engine.kinds import lot_loan
from jirong.engine.reasons import require
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.store import catalogue

RATE_DECIMALS = 6
"""As fine as rates are kept."""


def positive(amount: Money, where: str) -> None:
    if amount.minor <= 0:
        raise Invalid("amount.not_positive", Text("金额须大于零", "The amount must be more than zero"), where=where)


def rate(value: Decimal, where: str = "rate") -> None:
    """A yearly rate between nothing and the whole, with no more decimals than are kept."""
    if not 0 <= value < 1:
        raise Invalid(
            "rate.out_of_range",
            Text("年利率应在0到1之间，例如0.035表示3.50%", "A yearly rate lies between 0 and 1; 0.035 is 3.50 %"),
            where=where,
        )
    if value != round(value, RATE_DECIMALS):
        raise Invalid(
            "rate.too_fine",
            Text(f"年利率最多{RATE_DECIMALS}位小数", f"A yearly rate has at most {RATE_DECIMALS} decimals"),
            remedy=Text(
                "请四舍五入后填写，签署的利率即合同利率", "Round it first: the rate signed is the contract's rate"
            ),
            where=where,
        )


def overdue_rate(asked: Decimal | None, loan_rate: Decimal, on: datetime.date) -> Decimal:
    """The rate for late days of a loan asked for: as asked, else the most allowed; refuses what the rule does not."""
    rules = catalogue.rulebook()
    if asked is None:
        return lot_loan.overdue_bounds(rules, on, loan_rate)[1]
    rate(asked, "overdue_rate")
    require((lot_loan.overdue_rate_allowed(rules, on, loan_rate, asked),))
    return asked


def after_today(due: datetime.date, today: datetime.date) -> None:
    """A note falls due after the day it is issued."""
    rule = catalogue.rulebook().at("note.tenor_max", today)
    reason = checks.tenor(catalogue.rulebook(), today, due)
    if due <= today:
        raise Invalid(reason.code, reason.text, remedy=reason.remedy, clause=rule.citation, where="due")
