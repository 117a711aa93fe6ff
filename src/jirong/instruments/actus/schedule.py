"""Cyclic times and the days they are moved to (ACTUS techspecs §3.1–3.5).

A schedule runs from its anchor in whole cycles up to an end. Every time is counted from the anchor, so a schedule
from 31 January falls on 28 February and again on 31 March. A broken last period is kept (short stub) or joined to
the one before (long stub); the anchor itself is an agreed date and is never dropped. A business-day convention then
gives each cyclic time two times: when the event happens, and when it is calculated for. Shift-calculate moves both,
calculate-shift only the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from jirong.instruments.actus import refusals
from jirong.instruments.actus.instants import Cycle
from jirong.kernel.calendar import EVERY_DAY, Calendar
from jirong.kernel.text import Text

TIMES_MAX = 40_000
"""The most times one schedule may have: a daily cycle for 109 years."""

SHIFT_DAYS_MAX = 366

_budget: ContextVar[list[int] | None] = ContextVar("_budget", default=None)
"""Times still to be had in the evaluation under way, and all it had; None where only each schedule is bounded."""


@contextmanager
def at_most(count: int | None) -> Iterator[None]:
    """Within, all schedules together, those of contracts inside contracts included, have at most ``count`` times."""
    token = _budget.set(None if count is None else [count, count])
    try:
        yield
    finally:
        _budget.reset(token)


CONVENTIONS = ("NOS", "SCF", "SCMF", "CSF", "CSMF", "SCP", "SCMP", "CSP", "CSMP")


@dataclass(frozen=True, slots=True)
class Slot:
    """One scheduled time: ``time`` it happens, ``at`` it is calculated for, ``scheduled`` before any shift."""

    time: datetime
    at: datetime
    scheduled: datetime


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a contract moves dates: end-of-month rule, business-day convention and whose business days."""

    month_end: bool = False
    shift: str = "NOS"
    calendar: Calendar = EVERY_DAY

    def slot(self, scheduled: datetime) -> Slot:
        """The slot of a cyclic time. A calendar without a business day within a year is a defect of the calendar."""
        moved = self._moved(scheduled)
        return Slot(moved, scheduled if self.shift.startswith("CS") else moved, scheduled)

    def fixed(self, time: datetime) -> Slot:
        """The slot of a date the terms give: it is not moved (dictionary, businessDayConvention, "Attention").

        Interest still runs to the day a shift-calculate convention would move it to, as in the published cases.
        """
        return Slot(time, self.calculation_time(time), time)

    def calculation_time(self, time: datetime) -> datetime:
        """When a time is calculated for: shift-calculate conventions move it, the others do not."""
        return self._moved(time) if self.shift.startswith("SC") else time

    def _moved(self, scheduled: datetime) -> datetime:
        if self.shift == "NOS" or self.calendar.is_business_day(scheduled.date()):
            return scheduled
        step = 1 if self.shift.endswith("F") else -1
        moved = self._next(scheduled, step)
        if "M" in self.shift and (moved.year, moved.month) != (scheduled.year, scheduled.month):
            return self._next(scheduled, -step)
        return moved

    def _next(self, scheduled: datetime, step: int) -> datetime:
        for distance in range(1, SHIFT_DAYS_MAX + 1):
            candidate = scheduled + timedelta(days=step * distance)
            if self.calendar.is_business_day(candidate.date()):
                return candidate
        raise ValueError(f"the calendar has no business day within a year of {scheduled.date()}")


def times(
    anchor: datetime,
    cycle: Cycle | None,
    end: datetime,
    *,
    include_end: bool,
    month_end: bool = False,
    where: str = "cycle",
) -> list[datetime]:
    """Unshifted times from ``anchor`` to ``end``, ascending; ``end`` itself only with ``include_end``.

    Without a cycle the anchor stands alone. ``where`` names the cycle's term for the refusal of a schedule longer
    than :data:`TIMES_MAX`.
    """
    found: list[datetime] = []
    if anchor < end:
        found = [anchor] if cycle is None else _repeated(anchor, cycle, end, month_end, where)
    if include_end:
        found.append(end)
    _spend(len(found), where, f"{anchor.date()} – {end.date()}")
    return found


def array_times(
    anchors: Sequence[datetime],
    cycles: Sequence[Cycle | None],
    end: datetime,
    *,
    month_end: bool = False,
    where: str = "cycle",
) -> list[tuple[int, datetime]]:
    """Array schedule (§3.2): each anchor's cycle runs to the next anchor, the last to ``end``; ends not included.

    Returns (index of the anchor, time), ascending.
    """
    found: list[tuple[int, datetime]] = []
    for i, (anchor, cycle) in enumerate(zip(anchors, cycles, strict=True)):
        stop = min(anchors[i + 1], end) if i + 1 < len(anchors) else end
        found += [(i, t) for t in times(anchor, cycle, stop, include_end=False, month_end=month_end, where=where)]
    return found


def too_long(where: str, value: object, most: int = TIMES_MAX) -> Exception:
    """The refusal of a schedule without an end in sight."""
    return refusals.impossible(
        where,
        value,
        Text(f"日程超过 {most} 个时点", f"the schedule has more than {most} times"),
        Text("请加长周期或提前到期日", "Lengthen the cycle or bring the end nearer"),
    )


def _repeated(anchor: datetime, cycle: Cycle, end: datetime, month_end: bool, where: str) -> list[datetime]:
    found: list[datetime] = []
    time = anchor
    left, most = _budget.get() or (TIMES_MAX, TIMES_MAX)
    while time < end:
        if len(found) == min(left, TIMES_MAX):
            raise too_long(where, f"{anchor.date()} – {end.date()}", min(most, TIMES_MAX))
        found.append(time)
        time = cycle.period.after(anchor, len(found), month_end=month_end)
    if cycle.long_stub and time != end and len(found) > 1:
        found.pop()
    return found


def _spend(count: int, where: str, value: str) -> None:
    budget = _budget.get()
    if budget is None:
        return
    if count > budget[0]:
        raise too_long(where, value, budget[1])
    budget[0] -= count
