"""A lender's book in figures, each from one statement over the loans' rows: cells, ladder, debtors, vintages, rolls.

Everything is counted where the rows are and comes back grouped, so a book of a million loans answers as a small one.
The statements name the lender and run as the house (row security would only ask again, row by row). A *cell* is a
policy, a level and a class: most figures of a book are sums of cells. A book is what the lender itself is owed; what a
bearer of loss has paid and taken over is in it no more.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from jirong.kernel import calendar
from jirong.store.identity import SYSTEM, acting_as

RUNNING = ("live", "overdue", "defaulted")
LATE_DAYS = (30, 90)
Z95 = 1.959963984540054

CELLS = """
SELECT policy_id, level, loan_class, count(*), sum(held_minor)::bigint, count(oldest_due) FILTER (WHERE late),
    coalesce(sum(held_minor) FILTER (WHERE late), 0)::bigint
FROM (
    SELECT policy_id, level, loan_class, held_minor, oldest_due, oldest_due < %(today)s AS late
    FROM financing_loan WHERE lender_id = %(lender)s AND status = ANY(%(running)s)
        AND (others_minor = 0 OR held_minor > 0)
) AS book
GROUP BY policy_id, level, loan_class
"""
LADDER = """
SELECT next_due IS NULL OR next_due < %(today)s, (date_part('year', next_due) * 12 + date_part('month', next_due))::int,
    greatest(periods - raised, 1), every_months, repayment, rate_e6 / 1000, count(*), sum(held_minor)::bigint
FROM financing_loan WHERE lender_id = %(lender)s AND status = ANY(%(running)s) AND held_minor > 0
GROUP BY 1, 2, 3, 4, 5, 6
"""
DEBTORS = """
SELECT borrower_id, count(*), sum(held_minor)::bigint, max(loan_class)
FROM financing_loan WHERE lender_id = %(lender)s AND status = ANY(%(running)s)
GROUP BY borrower_id HAVING sum(held_minor) > 0 ORDER BY 3 DESC, 1 LIMIT %(most)s
"""
CLUSTERS = """
SELECT m.cluster_id, c.name, c.name_en, count(*), sum(d.minor)::bigint
FROM (
    SELECT borrower_id, sum(held_minor) AS minor
    FROM financing_loan WHERE lender_id = %(lender)s AND status = ANY(%(running)s) GROUP BY borrower_id
) AS d
JOIN parties_membership m ON m.party_id = d.borrower_id AND m.until IS NULL
JOIN parties_cluster c ON c.id = m.cluster_id
GROUP BY 1, 2, 3 HAVING sum(d.minor) > 0 ORDER BY 5 DESC, 1 LIMIT %(most)s
"""
BEGUN = """
SELECT date_trunc('month', started)::date, count(*), sum(principal_minor)::bigint
FROM financing_loan WHERE lender_id = %(lender)s AND started >= %(since)s GROUP BY 1 ORDER BY 1
"""
FIRST_LATE = """
WITH late AS (
    SELECT loan_id, started, days, "on" FROM financing_late_mark WHERE lender_id = %(lender)s
    UNION ALL
    SELECT id, started, days, oldest_due + days FROM financing_loan, unnest(%(days)s::int[]) AS days
    WHERE lender_id = %(lender)s AND oldest_due IS NOT NULL AND oldest_due + days <= %(today)s
), first_late AS (
    SELECT loan_id, started, days, min("on") AS "on" FROM late GROUP BY loan_id, started, days
)
"""
EVER_LATE = (
    FIRST_LATE
    + """
SELECT date_trunc('month', started)::date, days,
    (extract(year FROM "on") - extract(year FROM started)) * 12 + extract(month FROM "on") - extract(month FROM started),
    count(*)
FROM first_late WHERE started >= %(since)s GROUP BY 1, 2, 3
"""
)
OBSERVED = (
    FIRST_LATE
    + """
SELECT l.level, count(*), count(f.loan_id)
FROM financing_loan l
LEFT JOIN first_late f ON f.loan_id = l.id AND f.days = 90 AND f."on" <= l.started + interval '12 months'
WHERE l.lender_id = %(lender)s AND l.started > %(since)s AND l.started <= %(until)s
GROUP BY l.level ORDER BY l.level
"""
)
ROLLS = """
WITH spans AS (
    SELECT debtor_id, after, "on", lead("on") OVER (PARTITION BY debtor_id ORDER BY "on", id) AS until
    FROM financing_class_change WHERE lender_id = %(lender)s
), months AS (
    SELECT m::date AS begins, (m + interval '1 month')::date AS ends
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') AS m
), stood AS (
    SELECT m.begins, s.debtor_id, s.after FROM months m
    JOIN spans s ON s."on" < m.begins AND (s.until IS NULL OR s.until >= m.begins)
), stands AS (
    SELECT m.begins, s.debtor_id, s.after FROM months m
    JOIN spans s ON s."on" < m.ends AND (s.until IS NULL OR s.until >= m.ends)
)
SELECT e.begins, coalesce(b.after, 0), e.after, count(*)
FROM stands e LEFT JOIN stood b ON b.begins = e.begins AND b.debtor_id = e.debtor_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
DEBTORS_AT = """
SELECT count(*) FROM (
    SELECT borrower_id FROM financing_loan
    WHERE lender_id = %(lender)s AND started < %(on)s AND (closed_on IS NULL OR closed_on >= %(on)s)
    GROUP BY borrower_id
) AS owing
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """Running loans of one policy, level and class; amounts are principal not yet paid, in minor units."""

    policy: uuid.UUID | None
    level: str
    loan_class: int
    loans: int
    minor: int
    late_loans: int
    late_minor: int


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` with its Wilson 95 % interval; ``low`` and ``high`` are ``None`` where there is nothing."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        return Decimal(self.part) / self.whole if self.whole else None

    @property
    def low(self) -> Decimal | None:
        return wilson(self.part, self.whole)[0] if self.whole else None

    @property
    def high(self) -> Decimal | None:
        return wilson(self.part, self.whole)[1] if self.whole else None


@dataclass(frozen=True, slots=True)
class Rung:
    """Principal that falls due in a month; ``month`` is its first day, ``None`` stands for what is due already."""

    month: datetime.date | None
    minor: int


@dataclass(frozen=True, slots=True)
class Debtor:
    party: uuid.UUID
    loans: int
    minor: int
    worst: int


@dataclass(frozen=True, slots=True)
class ClusterShare:
    cluster: uuid.UUID
    name: str
    name_en: str
    debtors: int
    minor: int


@dataclass(frozen=True, slots=True)
class Vintage:
    """Loans begun in a month; ``late[days][n]``: how many were ever that late by the end of month ``n`` on book."""

    month: datetime.date
    loans: int
    minor: int
    months_on_book: int
    late: Mapping[int, Sequence[int]]


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal]:
    """The Wilson score interval (E. B. Wilson 1927) of a share at 95 %: it stays within 0 and 1 for any count."""
    share, weight = part / whole, Z95 * Z95 / whole
    centre = (share + weight / 2) / (1 + weight)
    half = Z95 / (1 + weight) * ((share * (1 - share) + weight / 4) / whole) ** 0.5
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return _statistic(0.0 if part == 0 else low), _statistic(1.0 if part == whole else high)


def cells(lender: uuid.UUID, today: datetime.date) -> list[Cell]:
    """The running book by policy, level and class."""
    return [Cell(*row) for row in _rows(CELLS, lender=lender, today=today)]


def ladder(lender: uuid.UUID, today: datetime.date, months: int = 12) -> list[Rung]:
    """When the running book's principal comes back by its schedules: due already, month by month, and later.

    Counted by groups of equal terms (rates to 0.1 %), so single amounts are the schedule's to within cents; the total
    is the book's to the fen. The last rung's month is the first of all that lies further off.
    """
    first = today.replace(day=1)
    ahead = [0] * (months + 1)
    due = 0
    for late, month, left, every, repayment, rate, _count, minor in _rows(LADDER, lender=lender, today=today):
        if late:
            due += minor
            continue
        start = max(0, month - (first.year * 12 + first.month))
        given = 0
        for place, part in _repaid(left, every, repayment, rate / 1e3):
            amount = minor - given if place == left - 1 else round(minor * part)
            given += amount
            ahead[min(months, start + place * every)] += amount
    rungs = [Rung(calendar.add_months(first, place), minor) for place, minor in enumerate(ahead)]
    return [Rung(None, due), *rungs]


def debtors(lender: uuid.UUID, most: int = 20) -> list[Debtor]:
    """The largest debtors, by what is left of their loans' principal."""
    return [Debtor(*row) for row in _rows(DEBTORS, lender=lender, most=most)]


def clusters(lender: uuid.UUID, most: int = 20) -> list[ClusterShare]:
    """Exposure by cluster; a firm in two clusters counts in both, so parts may pass the whole."""
    return [ClusterShare(*row) for row in _rows(CLUSTERS, lender=lender, most=most)]


def vintages(lender: uuid.UUID, today: datetime.date, months: int = 18) -> list[Vintage]:
    """By month of origination: how many loans, and how many of them were ever 30 and 90 days late by months on book."""
    since = calendar.add_months(today.replace(day=1), -months)
    counted: dict[tuple[datetime.date, int], dict[int, int]] = {}
    for month, days, age, count in _rows(EVER_LATE, lender=lender, today=today, since=since, days=list(LATE_DAYS)):
        counted.setdefault((month, days), {})[int(age)] = count
    found = []
    for month, loans, minor in _rows(BEGUN, lender=lender, since=since):
        age = _months_between(month, today)
        late = {days: _running_total(counted.get((month, days), {}), age) for days in LATE_DAYS}
        found.append(Vintage(month, loans, int(minor), age, late))
    return found


def observed_defaults(lender: uuid.UUID, today: datetime.date) -> dict[str, Share]:
    """By level: of loans begun one to three years ago, how many were 90 days late within their first twelve months."""
    rows = _rows(
        OBSERVED, lender=lender, today=today, days=[90], since=calendar.add_months(today, -36),
        until=calendar.add_months(today, -12),
    )  # fmt: skip
    return {level: Share(bad, count) for level, count, bad in rows}


def rolls(lender: uuid.UUID, last: datetime.date, months: int = 12) -> dict[datetime.date, dict[tuple[int, int], int]]:
    """By month: debtors by class at its beginning and at its end, of those that were ever below pass.

    A debtor that never left pass has no change and is in no count; :func:`debtors_at` gives the whole.
    """
    found: dict[datetime.date, dict[tuple[int, int], int]] = {}
    last = last.replace(day=1)
    for month, before, after, count in _rows(
        ROLLS, lender=lender, first=calendar.add_months(last, 1 - months), last=last
    ):
        found.setdefault(month, {})[before, after] = count
    return found


def debtors_at(lender: uuid.UUID, on: datetime.date) -> int:
    """How many debtors owed the lender something as the day ``on`` began."""
    return int(_rows(DEBTORS_AT, lender=lender, on=on)[0][0])


def total(found: Iterable[Cell]) -> tuple[int, int]:
    """Loans and principal of some cells."""
    some = list(found)
    return sum(cell.loans for cell in some), sum(cell.minor for cell in some)


def _rows(statement: str, **asked: Any) -> list[tuple[Any, ...]]:
    with acting_as(SYSTEM), connection.cursor() as cursor:
        # Room enough to group a big book in memory; it lasts as long as the transaction.
        cursor.execute("SELECT set_config('work_mem', '64MB', true), set_config('enable_sort', 'off', true)")
        cursor.execute(statement, {"running": list(RUNNING), **asked})
        rows = list(cursor.fetchall())
        cursor.execute("SELECT set_config('enable_sort', 'on', true)")
        return rows


def _repaid(left: int, every: int, repayment: int, rate: float) -> Iterable[tuple[int, float]]:
    """Which part of the principal left each coming instalment repays; ``repayment`` as in the loan's column."""
    if repayment in (2, 3) or left == 1:
        return [(left - 1, 1.0)]
    step = rate * every / 12
    if repayment == 1 or step == 0:
        return [(place, 1 / left) for place in range(left)]
    first = step / ((1 + step) ** left - 1)
    return [(place, first * (1 + step) ** place) for place in range(left)]


def _running_total(by_age: Mapping[int, int], age: int) -> list[int]:
    found, so_far = [], 0
    for month in range(age + 1):
        so_far += by_age.get(month, 0)
        found.append(so_far)
    return found


def _months_between(first: datetime.date, last: datetime.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _statistic(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")
