"""Day counts: how much of a year lies between two dates, exactly.

Interest is quoted a year and earned by the day; the convention says how many days a stretch has and how many a year
has. Every answer is a :class:`fractions.Fraction`, so nothing is lost before the one rounding to the fen. Actual
conventions count the start and not the end; 30- and 28-day conventions treat every month alike. Names are the
short ones of the ACTUS dictionary (``dayCountConvention``), plus ``B252`` for markets that count business days.
Sources: ISDA 2006 Definitions §4.16 (b, d, e, g, h); ACTUS dictionary, term IPDC.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


class DayCount(StrEnum):
    """The conventions of the house, by their short names."""

    A360 = "A360"
    A365 = "A365"
    AA = "AA"
    THIRTY_E_360 = "30E360"
    THIRTY_E_360_ISDA = "30E360ISDA"
    TWENTY_EIGHT_E_336 = "28E336"
    B252 = "B252"


A360 = DayCount.A360
A365 = DayCount.A365
AA = DayCount.AA
THIRTY_E_360 = DayCount.THIRTY_E_360
THIRTY_E_360_ISDA = DayCount.THIRTY_E_360_ISDA
TWENTY_EIGHT_E_336 = DayCount.TWENTY_EIGHT_E_336
B252 = DayCount.B252

BUSINESS_SPAN_DAYS_MAX = 36_600
"""The longest stretch B252 walks through day by day: a century."""

IsBusinessDay = Callable[[date], bool]


def year_fraction(
    convention: DayCount | str,
    start: date,
    end: date,
    *,
    maturity: date | None = None,
    is_business_day: IsBusinessDay | None = None,
) -> Fraction:
    """Years from ``start`` to ``end`` under ``convention``; negative when ``end`` comes first.

    ``maturity`` matters to 30E/360 ISDA alone (a February maturity keeps its day); ``is_business_day`` to B252
    alone. Raises :class:`Invalid` for an unknown convention or a B252 without a calendar.
    """
    known = parse(convention)
    if known is AA:
        return _actual_actual(start, end)
    counted = days(known, start, end, maturity=maturity, is_business_day=is_business_day)
    return Fraction(counted, _YEAR_DAYS[known])


def days(
    convention: DayCount | str,
    start: date,
    end: date,
    *,
    maturity: date | None = None,
    is_business_day: IsBusinessDay | None = None,
) -> int:
    """Days from ``start`` (counted) to ``end`` (not counted) under ``convention``; see :func:`year_fraction`."""
    known = parse(convention)
    if known in (A360, A365, AA):
        return (end - start).days
    if known is B252:
        return _business_days(start, end, is_business_day)
    month_days = 28 if known is TWENTY_EIGHT_E_336 else 30
    if known is THIRTY_E_360_ISDA:
        first = 30 if _is_last_day(start) else start.day
        february_maturity = end == maturity and end.month == 2
        last = 30 if _is_last_day(end) and not february_maturity else end.day
    else:
        first, last = min(start.day, month_days), min(end.day, month_days)
    months = 12 * (end.year - start.year) + end.month - start.month
    return month_days * months + last - first


def parse(convention: DayCount | str) -> DayCount:
    """The convention of that short name; raises :class:`Invalid` listing the names there are."""
    try:
        return DayCount(convention)
    except ValueError:
        names = ", ".join(DayCount)
        raise Invalid(
            "daycount.unknown",
            Text(f"没有名为“{convention}”的计息基础", f"there is no day count named “{convention}”"),
            remedy=Text(f"请使用以下之一：{names}", f"Use one of: {names}"),
            where="day_count",
        ) from None


_YEAR_DAYS = {A360: 360, A365: 365, THIRTY_E_360: 360, THIRTY_E_360_ISDA: 360, TWENTY_EIGHT_E_336: 336, B252: 252}


def _actual_actual(start: date, end: date) -> Fraction:
    """ISDA: days in leap years over 366 plus the other days over 365."""
    if end < start:
        return -_actual_actual(end, start)
    if start.year == end.year:
        return Fraction((end - start).days, _days_in_year(start.year))
    head = Fraction((date(start.year + 1, 1, 1) - start).days, _days_in_year(start.year))
    tail = Fraction((end - date(end.year, 1, 1)).days, _days_in_year(end.year))
    return head + (end.year - start.year - 1) + tail


def _business_days(start: date, end: date, is_business_day: IsBusinessDay | None) -> int:
    if is_business_day is None:
        raise Invalid(
            "daycount.calendar_missing",
            Text("B252 计息基础需要营业日历", "the B252 day count needs a business-day calendar"),
            remedy=Text("请提供营业日历，或改用 A360", "Give a calendar, or use A360"),
            where="is_business_day",
        )
    if end < start:
        return -_business_days(end, start, is_business_day)
    span = (end - start).days
    if span > BUSINESS_SPAN_DAYS_MAX:
        raise Invalid(
            "daycount.too_long",
            Text(f"{start} 至 {end} 共 {span} 天，超出上限", f"{start} to {end} is {span} days, beyond the limit"),
            remedy=Text(f"请不超过 {BUSINESS_SPAN_DAYS_MAX} 天", f"Stay within {BUSINESS_SPAN_DAYS_MAX} days"),
            where="end",
        )
    return sum(is_business_day(start + timedelta(days=i)) for i in range(span))


def _days_in_year(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _is_last_day(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]
