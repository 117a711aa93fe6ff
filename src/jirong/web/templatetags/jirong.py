"""Filters that show values with their markup: ``{{ lot.amount|money }}``, ``{{ total|summary }}``, ``{{ r|rate }}``.

Amounts are ``<data>`` elements in tabular figures; a summary carries the exact figure as its title, so that hovering
(or a screen reader) tells it. An absent value shows a dash, never a zero.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from jirong.kernel.money import UNITS, Money
from jirong.web import charts, display, icons, lineage, parts, signing

register = template.Library()


@register.filter
def say(value: display.Label | None) -> str:
    """A label or a bilingual sentence in the reader's language."""
    return display.say(value)


@register.filter
def money(value: Money | int | None, unit: str = "CNY") -> str | SafeString:
    """Grouped: "1,000.00"; whole numbers are minor units of ``unit``."""
    if value is None:
        return display.EMPTY
    amount = display.as_money(value, UNITS[unit])
    return format_html('<data class="num" value="{}">{}</data>', str(amount), display.money(amount))


@register.filter
def money_unit(value: Money | int | None, unit: str = "CNY") -> str | SafeString:
    """With the unit: "1,000.00 元"."""
    if value is None:
        return display.EMPTY
    amount = display.as_money(value, UNITS[unit])
    return format_html('<data class="num" value="{}">{}</data>', str(amount), display.money_with_unit(amount))


@register.filter
def summary(value: Money | int | None, unit: str = "CNY") -> str | SafeString:
    """In short: "800.00 万元" with "8,000,000.00 元" on hover."""
    if value is None:
        return display.EMPTY
    amount = display.as_money(value, UNITS[unit])
    return format_html(
        '<data class="num" value="{}" title="{}">{}</data>',
        str(amount),
        display.money_with_unit(amount),
        display.money_summary(amount),
    )


@register.filter
def change(value: Money | Decimal | int | None) -> str | SafeString:
    """A rise or a fall: sign, arrow and colour (never colour alone). Decimals are fractions, shown as per cent."""
    if value is None:
        return display.EMPTY
    sign = (
        (value > Money(0, value.unit)) - (value < Money(0, value.unit))
        if isinstance(value, Money)
        else ((value > 0) - (value < 0))
    )
    text = display.percent(value) if isinstance(value, Decimal) else display.plain(value)
    name, arrow = {1: ("rise", "▲ +"), -1: ("fall", "▼ "), 0: ("flat", "")}[sign]
    return format_html('<span class="num {}">{}{}</span>', name, arrow, text)


@register.filter
def rate(value: Decimal | None) -> str:
    """年化 3.50 % from the fraction 0.035."""
    return display.EMPTY if value is None else display.rate(value)


@register.filter
def rate_bp(value: int | None) -> str:
    """年化 3.50 % from 350 basis points."""
    return display.EMPTY if value is None else display.rate_bp(value)


@register.filter
def percent(value: Decimal | None, decimals: int = 2) -> str:
    """3.50 % from 0.035."""
    return display.EMPTY if value is None else display.percent(value, decimals)


@register.filter
def day(value: dt.date | None) -> str | SafeString:
    """2026-07-07."""
    if value is None:
        return display.EMPTY
    shown = display.date(value)
    return format_html('<time class="num" datetime="{}">{}</time>', shown, shown)


@register.filter
def moment(value: dt.datetime | None) -> str | SafeString:
    """2026-07-07 09:30, with the exact instant as title."""
    if value is None:
        return display.EMPTY
    return format_html(
        '<time class="num" datetime="{0}" title="{0}">{1}</time>', value.isoformat(), display.moment(value)
    )


@register.filter
def plain(value: Any) -> str:
    """Any value as a person would expect it."""
    return display.plain(value)


@register.filter
def fingerprint(value: str | None) -> str | SafeString:
    """A hash in groups of four, first and last sixteen characters, whole on hover."""
    if not value:
        return display.EMPTY
    groups = [value[i : i + 4] for i in range(0, len(value), 4)]
    short = " ".join(groups if len(groups) <= 8 else [*groups[:4], "…", *groups[-4:]])
    return format_html('<code class="hash" title="{}">{}</code>', value, short)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline drawing; decorative unless it has a label."""
    return mark_safe(icons.svg(name, label))  # noqa: S308 - drawn from our own table, label escaped there


@register.filter
def skeleton(count: str | int) -> range:
    """As many placeholders as rows are awaited, so that the layout stays still."""
    return range(int(count))


@register.filter
def base64(value: bytes) -> str:
    """Standard base64."""
    return signing.encode(value)


@register.filter
def sha256(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


@register.filter
def utf8(value: bytes) -> str:
    """Canonical bytes as the text they are."""
    return value.decode("utf-8", "replace")


@register.filter
def delta(strands: Sequence[parts.Strand]) -> lineage.Drawing:
    """The strands laid out as a delta."""
    return lineage.draw(strands)


@register.filter
def chart_data(value: parts.Chart) -> dict[str, Any]:
    return charts.data(value)


@register.filter
def chart_cells(value: parts.Chart) -> list[list[str]]:
    return charts.cells(value)
