"""Terms from what a person types: the calculator's form, the API's body, the command line's options.

Values are strings as typed; a rate is in percent. Whatever cannot be read is refused naming its field, and whatever
can be read but not be is refused by the terms themselves. Every value has a length beyond which it is not even read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from jirong.instruments.practice import checks
from jirong.instruments.practice.terms import (
    Basis,
    DueShift,
    FixedRate,
    FloatingRate,
    LoanTerms,
    PlannedPrincipal,
    RatePlan,
    Repayment,
    Reset,
)
from jirong.kernel import rates
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

FIELDS = (
    "principal",
    "rate",
    "base",
    "bp",
    "reset",
    "start",
    "repayment",
    "months",
    "maturity",
    "basis",
    "every_months",
    "first_due",
    "interest_only",
    "due_shift",
    "plan",
    "grace_days",
    "penalty_factor",
    "compound",
    "early_fee",
)
"""What :func:`terms_from` reads; an empty or absent value takes the terms' default."""

LABELS = {
    "principal": Text("本金", "principal"),
    "rate": Text("年利率", "rate"),
    "start": Text("起息日", "start"),
    "repayment": Text("还款方式", "way of repaying"),
    "months": Text("期限（月）", "tenor in months"),
    "plan": Text("还款计划", "repayment plan"),
    "amount": Text("票面金额", "amount"),
    "on": Text("贴现日", "day of the discount"),
    "due": Text("到期日", "due date"),
    "early_on": Text("提前还款日", "day of the early repayment"),
    "late_from": Text("逾期期数", "first late instalment"),
    "late_days": Text("逾期天数", "days late"),
}
"""What a person calls the fields that may be missing."""

WHOLE_BOUNDS = {
    "months": (1, checks.PERIODS_MAX),
    "every_months": (1, checks.PERIODS_MAX),
    "interest_only": (0, checks.PERIODS_MAX),
    "bp": (-checks.BP_MAX, checks.BP_MAX),
    "grace_days": (0, checks.GRACE_DAYS_MAX),
    "late_from": (1, checks.PERIODS_MAX),
    "late_days": (1, checks.LATE_DAYS_MAX),
}
"""The least and the most of each whole number, so that a refusal says what would be valid."""

LENGTH_MAX = 64
PLAN_LENGTH_MAX = 60_000
YEARS = (1949, 2999)
RATE_DECIMALS_MAX = 8

_Choice = TypeVar("_Choice", bound=StrEnum)


def terms_from(values: Mapping[str, str | None]) -> LoanTerms:
    """Loan terms from typed values; see :data:`FIELDS`.

    ``rate`` (percent) or ``base`` (``LPR-1Y``, ``LPR-5Y``) with ``bp``; ``plan`` is ``2026-05-01=200000, …`` for an
    irregular loan, or one ``2026-05-01 200,000`` a line; ``early_fee`` is in percent; ``compound`` is ``yes`` or
    ``no``. Raises :class:`~jirong.kernel.errors.Invalid` with ``where`` naming the field.
    """
    given = texts(values, FIELDS)
    if given["repayment"] == Repayment.IRREGULAR:
        needed(given, "plan")
    plan = tuple(_planned(part) for part in _plan_parts(given["plan"]))
    return LoanTerms(
        principal=Money.parse(needed(given, "principal"), where="principal"),
        rate=_rate(given),
        start=read_date(needed(given, "start"), "start"),
        repayment=choice(Repayment, needed(given, "repayment"), "repayment"),
        months=whole(given, "months"),
        maturity=read_date(given["maturity"], "maturity") if given["maturity"] else _last(plan, given),
        basis=choice(Basis, given["basis"], "basis") if given["basis"] else None,
        every_months=whole(given, "every_months") or 1,
        first_due=read_date(given["first_due"], "first_due") if given["first_due"] else None,
        plan=plan,
        interest_only_periods=whole(given, "interest_only") or 0,
        due_shift=choice(DueShift, given["due_shift"] or DueShift.NONE, "due_shift"),
        grace_days=whole(given, "grace_days") or 0,
        penalty_factor=Decimal("1.5") if (factor := decimal(given, "penalty_factor")) is None else factor,
        compound=choice(YesNo, given["compound"] or YesNo.YES, "compound") is YesNo.YES,
        early_fee=(decimal(given, "early_fee") or Decimal(0)) / 100,
    )


class YesNo(StrEnum):
    YES = "yes"
    NO = "no"


def texts(values: Mapping[str, str | None], names: tuple[str, ...]) -> dict[str, str]:
    """The named values without blanks around them, absent ones empty; refuses what is too long to be meant."""
    given = {name: (values.get(name) or "").strip() for name in names}
    for name, text in given.items():
        longest = PLAN_LENGTH_MAX if name == "plan" else LENGTH_MAX
        if len(text) > longest:
            raise unreadable(name, text, Text(f"最多 {longest} 个字符", f"at most {longest} characters"))
    return given


def read_date(text: str, where: str) -> date:
    """A date written 2026-01-15, in the years :data:`YEARS`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise unreadable(where, text, Text("例如 2026-01-15", "such as 2026-01-15")) from None
    first, last = YEARS
    if not first <= found.year <= last:
        raise unreadable(where, text, Text(f"{first} 年至 {last} 年的日期", f"a date from {first} to {last}"))
    return found


def _rate(given: Mapping[str, str]) -> RatePlan:
    if bool(given["rate"]) == bool(given["base"]):
        raise Invalid(
            "terms.rate",
            Text("固定利率与基准利率须且只能填写一项", "give either a fixed rate or a base rate"),
            remedy=Text("填写 rate（如 5.85），或 base 与 bp", "Give rate (such as 5.85), or base and bp"),
            where="rate",
        )
    if given["rate"]:
        return FixedRate(percent_of(given, "rate"))
    reset = choice(Reset, given["reset"] or Reset.JANUARY, "reset")
    return FloatingRate(base=given["base"].upper(), plus_bp=whole(given, "bp") or 0, reset=reset)


def percent_of(given: Mapping[str, str], name: str) -> Decimal:
    """A yearly rate typed in percent, as a fraction from 0 to below 1."""
    text = given[name]
    rate = rates.percent(text)
    exponent = rate.as_tuple().exponent
    if not 0 <= rate < checks.RATE_MAX or (isinstance(exponent, int) and exponent < -RATE_DECIMALS_MAX - 2):
        valid = Text(
            f"年利率百分数，0 至 100 之间，最多 {RATE_DECIMALS_MAX} 位小数",
            f"percent a year, from 0 to 100, at most {RATE_DECIMALS_MAX} decimals",
        )
        raise unreadable(name, text, valid)
    return rate


def _plan_parts(text: str) -> list[str]:
    """One part a line (amounts may then be grouped), or parts between commas."""
    parts = re.split(r"[\n;；]", text) if re.search(r"[\n;；]", text) else re.split(r"[,，](?=\s*\d{4}-)", text)
    return [part for part in parts if part.strip()]


def _planned(part: str) -> PlannedPrincipal:
    found = re.fullmatch(r"(\S+?)\s*(?:=|\s|：|:)\s*(\S+)", part.strip())
    if not found:
        raise unreadable("plan", part, Text("例如 2026-05-01=200000", "such as 2026-05-01=200000"))
    return PlannedPrincipal(read_date(found[1], "plan"), Money.parse(found[2], where="plan"))


def _last(plan: tuple[PlannedPrincipal, ...], given: Mapping[str, str]) -> date | None:
    """An irregular loan ends with its plan, unless told."""
    return max(part.on for part in plan) if plan and not given["months"] else None


def needed(given: Mapping[str, str], name: str) -> str:
    """The value, which must be there."""
    if not given[name]:
        label = LABELS.get(name, Text(name, name))
        raise Invalid(
            f"terms.{name}",
            Text(f"缺少{label.zh}（{name}）", f"the {label.en} is missing ({name})"),
            remedy=Text(f"请填写{label.zh}", f"Give the {label.en}"),
            where=name,
        )
    return given[name]


def whole(given: Mapping[str, str], name: str) -> int | None:
    """A whole number, None where nothing was typed."""
    text = given[name]
    if not text:
        return None
    if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
        raise unreadable(name, text, Text("须为整数，例如 12", "a whole number, such as 12"))
    value = int(text)
    checks.whole(name, value, *WHOLE_BOUNDS[name])
    return value


def decimal(given: Mapping[str, str], name: str) -> Decimal | None:
    """A plain number of at most eight decimals, None where nothing was typed."""
    text = given[name]
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}(\.\d{1,8})?", text, re.ASCII):
        raise unreadable(name, text, Text("须为数字，例如 1.5", "a number, such as 1.5"))
    return Decimal(text)


def choice(kind: type[_Choice], text: str, where: str) -> _Choice:
    """One of the values of ``kind``."""
    try:
        return kind(text)
    except ValueError:
        names = ", ".join(kind)
        raise unreadable(where, text, Text(f"可选：{names}", f"one of: {names}")) from None


def unreadable(where: str, text: str, example: Text) -> Invalid:
    """The refusal for a value that cannot be read; ``example`` says what can."""
    shown = text if len(text) <= 40 else text[:40] + "…"
    return Invalid(
        f"terms.{where}",
        Text(f"无法识别 {where}：“{shown}”", f"cannot read {where}: “{shown}”"),
        remedy=example,
        where=where,
        details={"term": where, "value": shown},
    )
