"""How values are shown to a person: money, rates, dates and bilingual sentences in the reader's language.

Amounts carry 千分位 and the unit's decimals ("1,000.00"); summaries are in 万元 / 亿元 with the exact figure beside
them; rates read 年化 3.50 %; dates 2026-07-07. Rounding for a summary is half up and never feeds a calculation.
Everything here returns text; the template filters of the same names add the markup.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise

from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.text import Text

Label = str | Promise | Text
"""What a room may hand over as words: a string, a lazy translation, or a sentence in both languages."""

EMPTY = "—"
"""Stands where a value is absent, so that a missing amount is never mistaken for zero."""

UNIT_NAMES = {
    "CNY": Text("元", "CNY"),
    "USD": Text("美元", "USD"),
    "MIN": Text("分钟", "min"),
}

# Largest first; a summary keeps two decimals of the first scale whose rounded value reaches one.
SCALES_ZH = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
SCALES_EN = ((Decimal(10) ** 9, " billion"), (Decimal(10) ** 6, " million"))


def is_chinese() -> bool:
    return (translation.get_language() or "zh").startswith("zh")


def say(value: Label | None) -> str:
    """The sentence in the reader's language; ``None`` gives the empty string."""
    if isinstance(value, Text):
        return value.in_language(translation.get_language() or "zh")
    return "" if value is None else str(value)


def unit_name(unit: Unit) -> str:
    """元, 美元, 分钟; an unknown unit shows its code."""
    name = UNIT_NAMES.get(unit.code)
    return say(name) if name else unit.code


def as_money(value: Money | int, unit: Unit = CNY) -> Money:
    """Money as it is, or whole minor units of ``unit`` as money."""
    return value if isinstance(value, Money) else Money(value, unit)


def money(amount: Money) -> str:
    """Grouped and without a unit: "1,000.00"."""
    return amount.grouped()


def money_with_unit(amount: Money) -> str:
    """With the unit: "1,000.00 元" in Chinese, "CNY 1,000.00" in English."""
    name = unit_name(amount.unit)
    return f"{amount.grouped()} {name}" if is_chinese() or amount.unit.code == "MIN" else f"{name} {amount.grouped()}"


def money_summary(amount: Money) -> str:
    """In short: "800.00 万元", "1.20 亿元"; in English "CNY 8.00 million". Small amounts are shown exactly."""
    for scale, word in SCALES_ZH if is_chinese() else SCALES_EN:
        scaled = (amount.major / scale).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        if abs(scaled) >= 1:
            name = unit_name(amount.unit)
            return f"{scaled:,} {word}{name}" if is_chinese() else f"{name} {scaled:,}{word}"
    return money_with_unit(amount)


def percent(value: Decimal | Fraction | int, decimals: int = 2) -> str:
    """A fraction of one as "3.50 %"."""
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    return f"{(exact * 100).quantize(step, rounding=ROUND_HALF_UP)} %"


def rate(value: Decimal | Fraction) -> str:
    """A yearly rate, given as a fraction of one: 年化 3.50 % / 3.50 % p.a."""
    return f"年化 {percent(value)}" if is_chinese() else f"{percent(value)} p.a."


def rate_bp(basis_points: int) -> str:
    """A yearly rate in whole basis points: 350 → 年化 3.50 %."""
    return rate(Decimal(basis_points) / 10000)


def date(value: dt.date | dt.datetime) -> str:
    """2026-07-07; an instant is shown as the day in the reader's time zone."""
    return (timezone.localtime(value) if isinstance(value, dt.datetime) else value).strftime("%Y-%m-%d")


def moment(value: dt.datetime) -> str:
    """2026-07-07 09:30 in the reader's time zone."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


def plain(value: Any) -> str:
    """Any value as a person would expect it in a list cell."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return say(Text("是", "Yes") if value else Text("否", "No"))
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return date(value)
    if isinstance(value, int):
        return f"{value:,}"
    return say(value) if isinstance(value, (str, Promise, Text)) else str(value)
