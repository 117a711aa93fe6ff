"""Interest periods and due dates, from the terms alone.

Due dates are counted from the first one (or the start), never from the one before, so a loan of the 31st returns to
the 31st after February. A period knows how many whole months it spans, or that it is a stub. On a holiday a due
date stays, moves without interest (the period ends where it would have, the money may come later), or moves with
interest (the period is longer, the next one shorter).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jirong.instruments.practice.terms import DueShift, LoanTerms, Repayment
from jirong.kernel import calendar


@dataclass(frozen=True, slots=True)
class Period:
    """One interest period: ``starts`` to ``ends`` by the contract, ``accrues_from`` to ``accrues_to`` as counted.

    ``months`` is the number of whole months, or None for a stub; ``due`` is the day the money must be there.
    """

    starts: date
    ends: date
    accrues_from: date
    accrues_to: date
    due: date
    months: int | None


def periods(terms: LoanTerms) -> list[Period]:
    """All periods of the contract, in order."""
    found, starts = [], terms.start
    for ends in due_dates(terms):
        found.append(_period(terms, starts, ends))
        starts = ends
    return found


def due_dates(terms: LoanTerms) -> list[date]:
    """Contractual due dates, before any move to a business day; the last is the maturity."""
    if terms.repayment is Repayment.IRREGULAR:
        return [part.on for part in terms.plan]
    if terms.repayment is Repayment.BULLET:
        return [terms.ends]
    anchor, offset = (terms.start, 1) if terms.first_due is None else (terms.first_due, 0)
    dates: list[date] = []
    day = calendar.add_months(anchor, offset * terms.every_months)
    while day < terms.ends:
        dates.append(day)
        offset += 1
        day = calendar.add_months(anchor, offset * terms.every_months)
    return [*dates, terms.ends]


def _period(terms: LoanTerms, starts: date, ends: date) -> Period:
    months = _whole_months(terms, starts, ends)
    if terms.due_shift is DueShift.NONE:
        return Period(starts, ends, starts, ends, ends, months)
    due = calendar.next_business_day(ends, terms.calendar)
    if terms.due_shift is DueShift.FOLLOWING:
        return Period(starts, ends, starts, ends, due, months)
    moved = starts if starts == terms.start else calendar.next_business_day(starts, terms.calendar)
    return Period(starts, ends, moved, due, due, months)


def _whole_months(terms: LoanTerms, starts: date, ends: date) -> int | None:
    """Months between two dates that are the same day of their months (or cut to a short month's last day)."""
    months = 12 * (ends.year - starts.year) + ends.month - starts.month
    anchor = (terms.first_due or terms.start).day
    wanted = {min(anchor, calendar.days_in_month(day.year, day.month)) == day.day for day in (starts, ends)}
    if months >= 1 and (wanted == {True} or calendar.add_months(starts, months) == ends):
        return months
    return None
