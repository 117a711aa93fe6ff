"""Day counts: published examples, the sources' dates, and what must hold for any two dates."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel import daycount
from jirong.kernel.errors import Invalid

DATES = st.dates(date(1990, 1, 1), date(2090, 12, 31))
WITHOUT_CALENDAR = [c for c in daycount.DayCount if c != "B252"]


def test_textile_note_runs_180_days() -> None:
    assert daycount.days("A360", date(2026, 1, 8), date(2026, 7, 7)) == 180
    assert daycount.year_fraction("A360", date(2026, 1, 8), date(2026, 7, 7)) == Fraction(1, 2)


def test_discount_and_five_steps_note_days() -> None:
    assert daycount.days("A360", date(2026, 2, 9), date(2026, 7, 7)) == 148
    assert daycount.days("A360", date(2026, 3, 16), date(2026, 8, 31)) == 168


def test_actual_365_ignores_the_leap_day_in_the_divisor() -> None:
    assert daycount.year_fraction("A365", date(2024, 1, 1), date(2025, 1, 1)) == Fraction(366, 365)


def test_actual_actual_splits_at_the_year() -> None:
    # ISDA's own example (EMU and market conventions, 1999): 1 November 2003 to 1 May 2004 = 61/365 + 121/366.
    found = daycount.year_fraction("AA", date(2003, 11, 1), date(2004, 5, 1))
    assert found == Fraction(61, 365) + Fraction(121, 366)


def test_actual_actual_counts_whole_years_between_as_one() -> None:
    found = daycount.year_fraction("AA", date(2019, 12, 31), date(2025, 1, 2))
    assert found == Fraction(1, 365) + 5 + Fraction(1, 365)


@pytest.mark.parametrize(
    ("start", "end", "plain", "isda"),
    [
        (date(2007, 1, 31), date(2007, 2, 28), 28, 30),
        (date(2007, 2, 28), date(2007, 3, 31), 32, 30),
        (date(2008, 2, 29), date(2009, 2, 28), 359, 360),
        (date(2007, 1, 15), date(2007, 1, 31), 15, 15),
        (date(2026, 1, 8), date(2027, 1, 8), 360, 360),
    ],
)
def test_thirty_day_months(start: date, end: date, plain: int, isda: int) -> None:
    assert daycount.days("30E360", start, end) == plain
    assert daycount.days("30E360ISDA", start, end) == isda


def test_isda_keeps_a_february_maturity() -> None:
    start, end = date(2006, 8, 31), date(2008, 2, 29)
    assert daycount.days("30E360ISDA", start, end) == 540
    assert daycount.days("30E360ISDA", start, end, maturity=end) == 539


def test_twenty_eight_day_months() -> None:
    assert daycount.year_fraction("28E336", date(2026, 1, 31), date(2027, 1, 30)) == 1
    assert daycount.days("28E336", date(2026, 1, 10), date(2026, 3, 12)) == 58


def test_business_days_over_252() -> None:
    weekday = lambda day: day.weekday() < 5  # noqa: E731
    found = daycount.year_fraction("B252", date(2026, 7, 6), date(2026, 7, 20), is_business_day=weekday)
    assert found == Fraction(10, 252)


def test_business_count_needs_a_calendar() -> None:
    with pytest.raises(Invalid) as refusal:
        daycount.year_fraction("B252", date(2026, 1, 1), date(2026, 2, 1))
    assert refusal.value.code == "daycount.calendar_missing"


def test_business_count_is_bounded() -> None:
    with pytest.raises(Invalid) as refusal:
        daycount.days("B252", date(1, 1, 1), date(9999, 1, 1), is_business_day=lambda _: True)
    assert refusal.value.code == "daycount.too_long"


def test_unknown_convention_lists_the_known() -> None:
    with pytest.raises(Invalid) as refusal:
        daycount.parse("30/360US")
    assert refusal.value.code == "daycount.unknown"
    assert refusal.value.remedy is not None
    assert "30E360ISDA" in refusal.value.remedy.en


@given(st.sampled_from(WITHOUT_CALENDAR), DATES, DATES)
def test_turning_the_dates_round_turns_the_sign(convention: str, start: date, end: date) -> None:
    there = daycount.year_fraction(convention, start, end)
    back = daycount.year_fraction(convention, end, start)
    assert there == -back


@given(st.sampled_from(["A360", "A365", "AA"]), DATES, st.integers(0, 900), st.integers(0, 900))
def test_actual_counts_add_up(convention: str, start: date, first: int, second: int) -> None:
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    parts = daycount.year_fraction(convention, start, middle) + daycount.year_fraction(convention, middle, end)
    assert parts == daycount.year_fraction(convention, start, end)
