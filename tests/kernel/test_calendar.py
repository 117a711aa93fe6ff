"""Chinese business days against the State Council's notices, and calendar months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel import calendar
from jirong.kernel.errors import Invalid

PUBLISHED = st.dates(date(calendar.FIRST_YEAR, 1, 20), date(calendar.LAST_YEAR, 12, 1))


@pytest.mark.parametrize("day", [date(2026, 1, 8), date(2026, 7, 7), date(2026, 3, 9), date(2026, 8, 31)])
def test_the_examples_play_on_business_days(day: date) -> None:
    assert calendar.is_business_day(day)


def test_holidays_weekends_and_made_up_days() -> None:
    assert not calendar.is_business_day(date(2026, 1, 1))  # New Year's Day
    assert not calendar.is_business_day(date(2026, 7, 5))  # a Sunday
    assert calendar.is_business_day(date(2026, 1, 4))  # a Sunday worked for the New Year bridge
    assert not calendar.is_business_day(date(2026, 2, 17))  # Spring Festival, a Tuesday


def test_next_and_previous_stay_on_a_business_day() -> None:
    assert calendar.next_business_day(date(2026, 7, 7)) == date(2026, 7, 7)
    assert calendar.next_business_day(date(2026, 10, 1)) == date(2026, 10, 8)
    assert calendar.previous_business_day(date(2026, 10, 7)) == date(2026, 9, 30)


def test_adding_business_days_counts_worked_days() -> None:
    assert calendar.add_business_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendar.add_business_days(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert calendar.add_business_days(date(2026, 10, 1), 0) == date(2026, 10, 8)


def test_unpublished_year_is_refused_with_the_remedy() -> None:
    day = date(calendar.LAST_YEAR + 1, 5, 3)
    with pytest.raises(Invalid) as refusal:
        calendar.is_business_day(day)
    assert refusal.value.code == "calendar.unpublished"
    assert refusal.value.remedy is not None
    assert "chinesecalendar" in refusal.value.remedy.en


def test_projected_calendar_falls_back_to_weekdays_and_says_so() -> None:
    monday = date(2029, 1, 1)
    assert calendar.is_business_day(monday, calendar.CHINA_PROJECTED)
    assert not calendar.is_business_day(date(2029, 1, 6), calendar.CHINA_PROJECTED)
    assert not calendar.is_published(monday)
    assert calendar.is_published(date(2026, 7, 7))


def test_any_object_that_knows_worked_days_is_a_calendar() -> None:
    class OnlyFridays:
        def is_business_day(self, day: date) -> bool:
            return day.weekday() == 4

    assert calendar.next_business_day(date(2026, 7, 7), OnlyFridays()) == date(2026, 7, 10)


def test_a_calendar_without_worked_days_stops() -> None:
    class Never:
        def is_business_day(self, day: date) -> bool:
            return False

    with pytest.raises(ValueError, match="no business day"):
        calendar.next_business_day(date(2026, 7, 7), Never())


def test_months_keep_the_day_where_they_can() -> None:
    assert calendar.add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert calendar.add_months(date(2026, 1, 31), 2) == date(2026, 3, 31)
    assert calendar.add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert calendar.add_months(date(2026, 3, 15), -3) == date(2025, 12, 15)
    assert calendar.end_of_month(date(2028, 2, 3)) == date(2028, 2, 29)


def test_months_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        calendar.add_months(date(2026, 1, 1), 200_000)
    assert refusal.value.code == "calendar.out_of_range"


@given(PUBLISHED)
def test_next_is_the_nearest_worked_day(day: date) -> None:
    found = calendar.next_business_day(day)
    assert calendar.is_business_day(found)
    assert not any(calendar.is_business_day(day + timedelta(days=i)) for i in range((found - day).days))


@given(PUBLISHED, st.integers(1, 15))
def test_adding_and_taking_away_meet(day: date, count: int) -> None:
    start = calendar.next_business_day(day)
    assert calendar.add_business_days(calendar.add_business_days(start, count), -count) == start
