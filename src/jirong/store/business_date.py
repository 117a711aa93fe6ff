"""Reading and setting the business date of a calendar."""

from __future__ import annotations

import datetime

from jirong.kernel.errors import Conflict
from jirong.kernel.text import Text
from jirong.store import hot
from jirong.store.models import BusinessDay

PLATFORM = "platform"
DAYS = hot.Read(BusinessDay, "calendar = ANY(%s)")


def today(calendar: str = PLATFORM) -> datetime.date:
    """The business date of ``calendar``, or of the platform where a lender keeps none of its own."""
    dates = {day.calendar: day.date for day in DAYS.rows([calendar, PLATFORM])}
    if not dates:
        raise Conflict(
            "business_date.unset",
            Text("平台尚未设定营业日", "The platform has no business date yet"),
            remedy=Text("请运营方先设定营业日", "Ask the operator to set the business date first"),
        )
    return dates.get(calendar) or dates[PLATFORM]


def advance(to: datetime.date, calendar: str = PLATFORM) -> datetime.date:
    """Move ``calendar`` to ``to`` and return the date it left; days only go forward. Runs in the caller's action."""
    day = BusinessDay.objects.select_for_update().filter(calendar=calendar).first()
    if day is None:
        BusinessDay.objects.create(calendar=calendar, date=to)
        return to
    if to < day.date:
        raise Conflict(
            "business_date.backwards",
            Text(f"营业日不能从{day.date}退回到{to}", f"The business date cannot go back from {day.date} to {to}"),
            remedy=Text("请选择之后的日期", "Choose a later date"),
        )
    left, day.date = day.date, to
    day.save(update_fields=["date"])
    return left
