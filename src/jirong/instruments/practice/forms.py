"""Terms from what a person types: the calculator's form, the API's body, the command line's options.

Values are strings as typed; a rate is in percent. Whatever cannot be read is refused naming its field, and whatever
can be read but not be is refused by the terms themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
)
"""What :func:`terms_from` reads; an empty or absent value takes the terms' default."""

_Choice = TypeVar("_Choice", bound=StrEnum)


def terms_from(values: Mapping[str, str | None]) -> LoanTerms:
    """Loan terms from typed values; see :data:`FIELDS`.

    ``rate`` (percent) or ``base`` (``LPR-1Y``, ``LPR-5Y``) with ``bp``; ``plan`` is ``2026-05-01=200000, …`` for an
    irregular loan. Raises :class:`~jirong.kernel.errors.Invalid` with ``where`` naming the field.
    """
    given = {name: (values.get(name) or "").strip() for name in FIELDS}
    plan = tuple(_planned(part) for part in given["plan"].split(",") if part.strip())
    return LoanTerms(
        principal=Money.parse(_needed(given, "principal"), where="principal"),
        rate=_rate(given),
        start=read_date(_needed(given, "start"), "start"),
        repayment=_choice(Repayment, _needed(given, "repayment"), "repayment"),
        months=_whole(given, "months"),
        maturity=read_date(given["maturity"], "maturity") if given["maturity"] else _last(plan, given),
        basis=_choice(Basis, given["basis"], "basis") if given["basis"] else None,
        every_months=_whole(given, "every_months") or 1,
        first_due=read_date(given["first_due"], "first_due") if given["first_due"] else None,
        plan=plan,
        interest_only_periods=_whole(given, "interest_only") or 0,
        due_shift=_choice(DueShift, given["due_shift"] or DueShift.NONE, "due_shift"),
    )


def read_date(text: str, where: str) -> date:
    """A date written 2026-01-15."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unreadable(where, text, Text("例如 2026-01-15", "such as 2026-01-15")) from None


def _rate(given: Mapping[str, str]) -> RatePlan:
    if bool(given["rate"]) == bool(given["base"]):
        raise Invalid(
            "terms.rate",
            Text("固定利率与基准利率须且只能填写一项", "give either a fixed rate or a base rate"),
            remedy=Text("填写 rate（如 5.85），或 base 与 bp", "Give rate (such as 5.85), or base and bp"),
            where="rate",
        )
    if given["rate"]:
        rate = rates.percent(given["rate"])
        if not 0 <= rate < checks.RATE_MAX:
            raise _unreadable(
                "rate", given["rate"], Text("年利率百分数，0 至 100 之间", "percent a year, from 0 to 100")
            )
        return FixedRate(rate)
    reset = _choice(Reset, given["reset"] or Reset.JANUARY, "reset")
    return FloatingRate(base=given["base"].upper(), plus_bp=_whole(given, "bp") or 0, reset=reset)


def _planned(part: str) -> PlannedPrincipal:
    day, found, amount = part.partition("=")
    if not found:
        raise _unreadable("plan", part, Text("例如 2026-05-01=200000", "such as 2026-05-01=200000"))
    return PlannedPrincipal(read_date(day.strip(), "plan"), Money.parse(amount, where="plan"))


def _last(plan: tuple[PlannedPrincipal, ...], given: Mapping[str, str]) -> date | None:
    """An irregular loan ends with its plan, unless told."""
    return max(part.on for part in plan) if plan and not given["months"] else None


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given[name]:
        raise Invalid(
            f"terms.{name}",
            Text(f"缺少 {name}", f"{name} is missing"),
            remedy=Text(f"请填写 {name}", f"Give {name}"),
            where=name,
        )
    return given[name]


def _whole(given: Mapping[str, str], name: str) -> int | None:
    text = given[name]
    if not text:
        return None
    try:
        value = int(text)
    except ValueError:
        raise _unreadable(name, text, Text("须为整数，例如 12", "a whole number, such as 12")) from None
    checks.whole(name, value, -checks.BP_MAX, checks.BP_MAX)
    return value


def _choice(kind: type[_Choice], text: str, where: str) -> _Choice:
    try:
        return kind(text)
    except ValueError:
        names = ", ".join(kind)
        raise _unreadable(where, text, Text(f"可选：{names}", f"one of: {names}")) from None


def _unreadable(where: str, text: str, example: Text) -> Invalid:
    shown = text if len(text) <= 40 else text[:40] + "…"
    return Invalid(
        f"terms.{where}",
        Text(f"无法识别 {where}：“{shown}”", f"cannot read {where}: “{shown}”"),
        remedy=example,
        where=where,
    )
