"""How terms are refused: one sentence that names the term and its value, one that says what would be valid."""

from __future__ import annotations

from decimal import Decimal

from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

RATE_MAX = Decimal(1)
"""A rate is a fraction of one a year; 100 % a year is surely a percent typed as a fraction."""
BP_MAX = 10_000
PERIODS_MAX = 1200
"""Most instalments a contract may have: a century of months."""
GRACE_DAYS_MAX = 366
LATE_DAYS_MAX = 3_660
EVENTS_MAX = 100_000
"""Most events one replay reads."""


def invalid(term: str, value: object, problem: Text, remedy: Text) -> Invalid:
    """The refusal for a term that cannot be, under the code ``terms.<term>``."""
    shown = str(value)[:60]
    return Invalid(
        f"terms.{term}",
        Text(f"{problem.zh}（{term} = {shown}）", f"{problem.en} ({term} = {shown})"),
        remedy=remedy,
        where=term,
        details={"term": term, "value": shown},
    )


def not_now(code: str, problem: Text, remedy: Text, where: str) -> Conflict:
    """The refusal for an event that the contract's present state does not allow."""
    return Conflict(f"loan.{code}", problem, remedy=remedy, where=where)


def positive(term: str, amount: Money) -> None:
    if amount.minor <= 0:
        raise invalid(
            term,
            amount,
            Text("金额须大于零", "the amount must be above zero"),
            Text("请填写大于零的金额，例如 1000.00", "Give an amount above zero, such as 1000.00"),
        )


def not_negative(term: str, amount: Money) -> None:
    if amount.minor < 0:
        raise invalid(
            term,
            amount,
            Text("金额不能为负", "the amount cannot be negative"),
            Text("请填写零或正数", "Give zero or more"),
        )


def rate(term: str, value: Decimal) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"{term} must be Decimal, not {type(value).__name__}")
    if not value.is_finite() or not 0 <= value < RATE_MAX:
        raise invalid(
            term,
            value,
            Text("年利率须在 0 与 100% 之间", "the yearly rate must lie between 0 and 100 %"),
            Text("请填写小数，5.85% 写作 0.0585", "Give a fraction: write 5.85 % as 0.0585"),
        )


def whole(term: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{term} must be int, not {type(value).__name__}")
    if not low <= value <= high:
        raise invalid(
            term,
            value,
            Text(f"须在 {low} 与 {high} 之间", f"must lie between {low} and {high}"),
            Text(f"请填写 {low} 至 {high} 的整数", f"Give a whole number from {low} to {high}"),
        )
