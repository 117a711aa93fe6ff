"""Times, periods and cycles as ACTUS writes them (techspecs §2.8 Date/Time, §3.1 Schedule).

A time is ISO 8601 to the second, without a zone. ``23:59:59`` (and ``24:00``) means the midnight that ends the day:
it is the same point as ``00:00`` of the next day when time is measured, but another point when events are ordered.
A period is ``P3M``, ``P2W``, ``P1Y6M``; also ``3M`` and the quarters and half years of the older notation (``1Q``).
A cycle is a period with what happens to a broken last period: ``L1`` or ``-`` keeps it (short stub), ``L0`` or ``+``
joins it to the one before (long stub).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from jirong.instruments.actus import refusals
from jirong.kernel.text import Text

DAY_END = time(23, 59, 59)

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?)?", re.ASCII)
_PERIOD = re.compile(r"P?((?:\d+[DWMQHY])+)(?:L?([01])|([+-]))?", re.ASCII)
_PART = re.compile(r"(\d+)([DWMQHY])", re.ASCII)
_MONTHS = {"M": 1, "Q": 3, "H": 6, "Y": 12}
_DAYS = {"D": 1, "W": 7}
_DATE_FORM = Text("日期，例如 2026-01-31 或 2026-01-31T00:00:00", "a date such as 2026-01-31 or 2026-01-31T00:00:00")
_PERIOD_FORM = Text("期间，例如 P3M 或 P10D", "a period such as P3M or P10D")
_CYCLE_FORM = Text("周期，例如 P3ML1 或 P1YL0", "a cycle such as P3ML1 or P1YL0")
YEAR_MIN, YEAR_MAX = 1800, 2999
"""Years a contract may reach."""

DAYS_MAX = 500_000
_YEAR_FORM = Text(f"{YEAR_MIN} 至 {YEAR_MAX} 年的日期", f"a date from {YEAR_MIN} to {YEAR_MAX}")
PERIOD_COUNT_MAX = 100_000
"""No single number in a period may exceed this many units."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of calendar months and days, both ≥ 0."""

    months: int
    days: int

    @property
    def is_zero(self) -> bool:
        return not self.months and not self.days

    def after(self, start: datetime, times: int = 1, *, month_end: bool = False) -> datetime:
        """``start`` plus ``times`` periods, counted from ``start`` so that the 31st survives February.

        ``month_end`` puts whole-month steps from a month's last day on the last day of theirs. Negative ``times``
        goes back. Refuses to leave the years :data:`YEAR_MIN` to :data:`YEAR_MAX`.
        """
        index = start.year * 12 + start.month - 1 + self.months * times
        year, month = index // 12, index % 12 + 1
        if not YEAR_MIN <= year <= YEAR_MAX or abs(self.days * times) > DAYS_MAX:
            raise _out_of_range(start, self, times)
        last = calendar.monthrange(year, month)[1]
        sticks = month_end and self.months and not self.days and is_month_end(start)
        moved = start.replace(year=year, month=month, day=last if sticks else min(start.day, last))
        moved += timedelta(days=self.days * times)
        if not YEAR_MIN <= moved.year <= YEAR_MAX:
            raise _out_of_range(start, self, times)
        return moved


@dataclass(frozen=True, slots=True)
class Cycle:
    """A period that repeats, and whether a broken last period is joined to the one before."""

    period: Period
    long_stub: bool


def is_month_end(instant: datetime) -> bool:
    return instant.day == calendar.monthrange(instant.year, instant.month)[1]


def day(instant: datetime) -> date:
    """The day a time is measured from: the next one for 23:59:59 (techspecs §2.8, note on midnight)."""
    if instant.time() == DAY_END:
        return (instant + timedelta(seconds=1)).date()
    return instant.date()


def spellings(instant: datetime) -> tuple[datetime, ...]:
    """The time and, where it is a midnight, the other way to write it."""
    if instant.time() == DAY_END:
        return instant, instant + timedelta(seconds=1)
    if instant.time() == time():
        return instant, instant - timedelta(seconds=1)
    return (instant,)


def parse_instant(value: object, where: str) -> datetime:
    """A date or time, of 10, 16 or 19 characters, blanks around it allowed; raises :class:`Invalid`."""
    if isinstance(value, datetime):
        value = value.replace(microsecond=0).isoformat()
    elif isinstance(value, date):
        value = value.isoformat()
    match = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise refusals.unreadable(where, value, _DATE_FORM)
    try:
        midnight = datetime.fromisoformat(match[1])
        if not YEAR_MIN <= midnight.year <= YEAR_MAX:
            raise refusals.unreadable(where, value, _YEAR_FORM)
        hour, minute, second = (int(part or 0) for part in match.groups()[1:])
        if (hour, minute, second) == (24, 0, 0):
            return datetime.combine(midnight, DAY_END)
        return midnight.replace(hour=hour, minute=minute, second=second)
    except ValueError:
        raise refusals.unreadable(where, value, _DATE_FORM) from None


def parse_period(value: object, where: str) -> Period:
    """``P0D``, ``P3M``; a stub suffix is allowed and means nothing here. Raises :class:`Invalid`."""
    return _parse(value, where, _PERIOD_FORM)[0]


def parse_cycle(value: object, where: str) -> Cycle:
    """``P1ML0``; without a suffix the stub is short. A cycle of no length would never end and is refused."""
    period, long_stub = _parse(value, where, _CYCLE_FORM)
    if period.is_zero:
        raise refusals.impossible(
            where,
            value,
            Text("周期长度为零，日程永无终点", "a cycle of no length never ends"),
            Text("请填写至少一天的周期，例如 P1ML1", "Give a cycle of at least a day, such as P1ML1"),
        )
    return Cycle(period, long_stub)


def _out_of_range(start: datetime, period: Period, times: int) -> Exception:
    return refusals.impossible(
        "cycle",
        f"{times} × ({period.months} M, {period.days} D)",
        Text(f"自 {start.date()} 起超出可用年份", f"counted from {start.date()} it leaves the years there are"),
        Text(f"请使日期在 {YEAR_MIN} 至 {YEAR_MAX} 年之间", f"Keep dates from {YEAR_MIN} to {YEAR_MAX}"),
    )


def _parse(value: object, where: str, form: Text) -> tuple[Period, bool]:
    match = _PERIOD.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    if match is None:
        raise refusals.unreadable(where, value, form)
    months = days = 0
    for count, unit in _PART.findall(match[1]):
        if len(count) > 6 or int(count) > PERIOD_COUNT_MAX:
            raise refusals.unreadable(where, value, form)
        months += int(count) * _MONTHS.get(unit, 0)
        days += int(count) * _DAYS.get(unit, 0)
    return Period(months, days), match[2] == "0" or match[3] == "+"
