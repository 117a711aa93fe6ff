"""Values as a person reads them, in Chinese and in English."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.money import CNY, MINUTE, USD, Money
from jirong.kernel.text import Text
from jirong.web import display
from jirong.web.templatetags import jirong as tags


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [
        (0, "0.00 元", "CNY 0.00"),
        (12345, "123.45 元", "CNY 123.45"),
        (999_999, "1.00 万元", "CNY 9,999.99"),
        (800_000_000, "800.00 万元", "CNY 8.00 million"),
        (9_999_999_999, "1.00 亿元", "CNY 100.00 million"),
        (12_345_678_901_200, "1,234.57 亿元", "CNY 123.46 billion"),
        (-800_000_000, "-800.00 万元", "CNY -8.00 million"),
    ],
)
def test_a_summary_keeps_two_decimals_of_the_scale_that_fits(minor: int, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert display.money_summary(Money(minor)) == zh
    with translation.override("en"):
        assert display.money_summary(Money(minor)) == en


def test_a_summary_of_almost_ten_thousand_rounds_into_the_next_scale() -> None:
    with translation.override("zh-hans"):
        assert display.money_summary(Money(999_499)) == "1.00 万元"
        assert display.money_summary(Money(994_999)) == "9,949.99 元"


@given(st.integers(-(10**15), 10**15))
def test_a_summary_is_never_off_by_more_than_half_its_last_place(minor: int) -> None:
    with translation.override("zh-hans"):
        words = display.money_summary(Money(minor)).split()
    scale = {"亿元": 10**8, "万元": 10**4, "元": 1}[words[1]]
    shown = Fraction(words[0].replace(",", "")) * scale * 100
    assert abs(shown - minor) <= Fraction(scale, 2)


def test_units_other_than_yuan_keep_their_names_and_decimals() -> None:
    with translation.override("zh-hans"):
        assert display.money_with_unit(Money(90, MINUTE)) == "90 分钟"
        assert display.money_with_unit(Money(123456, USD)) == "1,234.56 美元"
    with translation.override("en"):
        assert display.money_with_unit(Money(90, MINUTE)) == "90 min"


def test_rates_read_as_yearly_and_round_half_up() -> None:
    with translation.override("zh-hans"):
        assert display.rate(Decimal("0.0385")) == "年化 3.85 %"
        assert display.rate_bp(350) == "年化 3.50 %"
        assert display.rate(Fraction(1, 3)) == "年化 33.33 %"
        assert display.percent(Decimal("0.00125")) == "0.13 %"
    with translation.override("en"):
        assert display.rate(Decimal("0.0385")) == "3.85 % p.a."


def test_an_instant_is_shown_in_the_platforms_time_zone() -> None:
    late = dt.datetime(2026, 7, 6, 18, 30, tzinfo=dt.UTC)
    assert display.date(late) == "2026-07-07"
    assert display.moment(late) == "2026-07-07 02:30"


def test_an_absent_amount_is_a_dash_and_never_zero() -> None:
    for shown in (tags.money(None), tags.summary(None), tags.rate(None), tags.day(None), tags.change(None)):
        assert shown == "—"


def test_amounts_carry_their_exact_value_in_the_markup() -> None:
    with translation.override("zh-hans"):
        assert tags.money(Money(123456)) == '<data class="num" value="1234.56">1,234.56</data>'
        assert tags.summary(Money(800_000_000, CNY)) == (
            '<data class="num" value="8000000.00" title="8,000,000.00 元">800.00 万元</data>'
        )


def test_a_change_says_its_direction_without_colour() -> None:
    assert tags.change(Decimal("0.0123")) == '<span class="num rise">▲ +1.23 %</span>'
    assert tags.change(Money(-100)) == '<span class="num fall">▼ -1.00</span>'
    assert tags.change(0) == '<span class="num flat">0</span>'


def test_a_sentence_follows_the_reader() -> None:
    words = Text("待签收", "Awaiting acceptance")
    with translation.override("zh-hans"):
        assert display.say(words) == "待签收"
    with translation.override("en"):
        assert display.say(words) == "Awaiting acceptance"
    assert display.say(None) == ""


def test_markup_in_values_is_escaped() -> None:
    assert "<script>" not in tags.fingerprint("<script>alert(1)</script>")
