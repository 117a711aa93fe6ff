"""Business days and calendar months.

A Chinese business day is a working day of the State Council's yearly holiday notice: weekdays that are no holiday,
and the weekend days worked to make up for a long one (调休). The tables come year by year with the kept library
``chinesecalendar`` and end with the last published year. Beyond them the strict calendar refuses; a schedule that
reaches further uses :data:`CHINA_PROJECTED`, which falls back to Monday–Friday, and marks those dates with
:func:`is_published` false. Anything with ``is_business_day`` is a :class:`Calendar`, so every rule takes its own.
Months are calendar months: 31 January + 1 month is the last day of February.
"""

from __future__ import annotations

import calendar as months_table
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import chinese_calendar

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

SEARCH_DAYS_MAX = 366
"""How far a search for a business day goes before the calendar itself must be wrong."""

_HOLIDAYS: frozenset[date] = frozenset(chinese_calendar.holidays)
_MADE_UP: frozenset[date] = frozenset(chinese_calendar.workdays)
FIRST_YEAR = min(_HOLIDAYS).year
LAST_YEAR = max(_HOLIDAYS).year
"""Years whose holiday notice the installed tables hold."""


class Calendar(Protocol):
    """Anything that knows which days are worked."""

    def is_business_day(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class ChinaCalendar:
    """Working days of mainland China; ``projected`` takes Monday–Friday where no notice is published."""

    projected: bool = False

    def is_business_day(self, day: date) -> bool:
        """Raises :class:`Invalid` beyond the published years, unless ``projected``."""
        if not is_published(day):
            if self.projected:
                return day.weekday() < 5
            raise _unpublished(day)
        return day in _MADE_UP or (day.weekday() < 5 and day not in _HOLIDAYS)


@dataclass(frozen=True, slots=True)
class WeekdayCalendar:
    """Monday to Friday, no holidays."""

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class EveryDayCalendar:
    """Every day is worked: payment dates never move."""

    def is_business_day(self, day: date) -> bool:
        return True


CHINA = ChinaCalendar()
CHINA_PROJECTED = ChinaCalendar(projected=True)
WEEKDAYS = WeekdayCalendar()
EVERY_DAY = EveryDayCalendar()


def is_published(day: date) -> bool:
    """Whether the holiday notice of that year is in the tables; if not, a projected date may still move."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_business_day(day: date, calendar: Calendar = CHINA) -> bool:
    return calendar.is_business_day(day)


def next_business_day(day: date, calendar: Calendar = CHINA) -> date:
    """``day`` itself when it is worked, else the first worked day after it (遇节假日顺延)."""
    return _search(day, 1, calendar)


def previous_business_day(day: date, calendar: Calendar = CHINA) -> date:
    """``day`` itself when it is worked, else the last worked day before it."""
    return _search(day, -1, calendar)


def add_business_days(day: date, count: int, calendar: Calendar = CHINA) -> date:
    """The ``count``-th worked day after ``day`` (before it, when negative); 0 gives ``next_business_day``."""
    if count == 0:
        return next_business_day(day, calendar)
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = _search(day + timedelta(days=step), step, calendar)
    return day


def add_months(day: date, months: int) -> date:
    """``months`` calendar months on (or back); a day the month lacks becomes its last day.

    Count every instalment from the first date, not from the one before: 31 January gives 28 February and then
    31 March again. Raises :class:`Invalid` outside the years 1 to 9999.
    """
    year, month0 = divmod(12 * day.year + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Invalid(
            "calendar.out_of_range",
            Text(f"{day} 加 {months} 个月超出日历范围", f"{day} plus {months} months is outside the calendar"),
            remedy=Text("请使用较短的期限", "Use a shorter tenor"),
            where="months",
        )
    return date(year, month0 + 1, min(day.day, days_in_month(year, month0 + 1)))


def end_of_month(day: date) -> date:
    return day.replace(day=days_in_month(day.year, day.month))


def days_in_month(year: int, month: int) -> int:
    return months_table.monthrange(year, month)[1]


def _search(day: date, step: int, calendar: Calendar) -> date:
    for i in range(SEARCH_DAYS_MAX):
        candidate = day + timedelta(days=i * step)
        if calendar.is_business_day(candidate):
            return candidate
    raise ValueError(f"no business day within {SEARCH_DAYS_MAX} days of {day}")


def _unpublished(day: date) -> Invalid:
    return Invalid(
        "calendar.unpublished",
        Text(
            f"{day.year} 年的节假日安排不在日历数据中（现有 {FIRST_YEAR}—{LAST_YEAR} 年）",
            f"the holidays of {day.year} are not in the calendar tables (they hold {FIRST_YEAR} to {LAST_YEAR})",
        ),
        remedy=Text(
            "请升级 chinesecalendar 至含该年安排的版本；仅作测算时可使用推算日历（周一至周五）",
            "Upgrade chinesecalendar to a release that holds that year; for a projection, use the projected "
            "calendar (Monday to Friday)",
        ),
        where="date",
        details={"date": day.isoformat(), "first_year": FIRST_YEAR, "last_year": LAST_YEAR},
    )
