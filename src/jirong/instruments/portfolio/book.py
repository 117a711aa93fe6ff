"""A book of loans on a day: outstanding, accrued, due, penalty and ageing of every row.

Nothing is stored from day to day: what fell due follows from the terms, what is unpaid from how many instalments a
row has paid in full. So a day's close is one pass over the book, and yesterday's can be asked again. A loan to which
more has happened (a payment in part, an extension) is replayed by the scalar form and its row taken from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from jirong.instruments.portfolio.contracts import Contracts, Days
from jirong.instruments.portfolio.exact import RATE_SCALE, Ints, times_over
from jirong.instruments.portfolio.schedules import DAY_OVER, Step, in_blocks, units_between, walk
from jirong.instruments.practice import checks
from jirong.instruments.practice.state import AGEING_BOUNDS
from jirong.instruments.practice.terms import Basis
from jirong.kernel.text import Text

_COLUMNS = (
    "performing",
    "accrued",
    "due_principal",
    "due_interest",
    "penalty",
    "compound",
    "days_past_due",
    "next_principal",
    "next_interest",
)


@dataclass(frozen=True, slots=True)
class LateTerms:
    """What lateness costs in this book; see :class:`~jirong.instruments.practice.terms.LoanTerms`."""

    penalty_factor: Decimal = Decimal("1.5")
    compound: bool = True
    grace_days: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """One row a loan, int64 fen. ``aged_*`` have shape (bands, rows); ``next_due`` is NaT where nothing is to come."""

    as_of: date
    performing: Ints
    accrued: Ints
    due_principal: Ints
    due_interest: Ints
    penalty: Ints
    compound: Ints
    days_past_due: Ints
    next_principal: Ints
    next_interest: Ints
    next_due: Days
    aged_principal: Ints
    aged_interest: Ints
    bounds: tuple[int, ...]

    @property
    def outstanding(self) -> Ints:
        """Principal, due or not."""
        return self.performing + self.due_principal


def book(
    contracts: Contracts,
    paid: Ints,
    as_of: date,
    late: LateTerms | None = None,
    bounds: tuple[int, ...] = AGEING_BOUNDS,
) -> Book:
    """The book on ``as_of`` when row i has paid its first ``paid[i]`` instalments in full and on time.

    Raises :class:`~jirong.kernel.errors.Invalid` naming the first row that starts later, or paid more than fell due.
    """
    day, late = np.datetime64(as_of), late or LateTerms()
    _check(contracts, paid, day)
    size = len(contracts)
    columns = {name: np.zeros(size, dtype=np.int64) for name in _COLUMNS}
    aged = np.zeros((2, len(bounds) + 1, size), dtype=np.int64)
    next_due = np.full(size, np.datetime64("NaT"), dtype="M8[D]")

    def keep(block: Contracts, rows: slice) -> None:
        for kind, basis, part in block.kinds():
            some = block.take(part)
            row = _Rows(some, paid[rows][part], day, late, bounds)
            for step in walk(some, kind, basis, row.last):
                row.add(step, basis)
            for name in _COLUMNS:
                columns[name][rows][part] = getattr(row, name)
            aged[:, :, rows][:, :, part] = row.aged
            next_due[rows][part] = row.next_due

    in_blocks(contracts, keep)
    return Book(as_of=as_of, next_due=next_due, aged_principal=aged[0], aged_interest=aged[1], bounds=bounds, **columns)


class _Rows:
    """The sums of one block while its periods go by."""

    def __init__(
        self, contracts: Contracts, paid: Ints, day: np.datetime64, late: LateTerms, bounds: tuple[int, ...]
    ) -> None:
        self.contracts, self.paid, self.day, self.late, self.bounds = contracts, paid, day, late, bounds
        self.fallen = contracts.fallen(day)
        self.last = int(self.fallen.max(initial=0)) + 1
        size = len(contracts)
        for name in _COLUMNS:
            setattr(self, name, np.zeros(size, dtype=np.int64))
        self.aged = np.zeros((2, len(bounds) + 1, size), dtype=np.int64)
        self.next_due = np.full(size, np.datetime64("NaT"), dtype="M8[D]")
        self.performing: Ints
        self.accrued: Ints
        self.due_principal: Ints
        self.due_interest: Ints
        self.penalty: Ints
        self.compound: Ints
        self.days_past_due: Ints
        self.next_principal: Ints
        self.next_interest: Ints

    def add(self, step: Step, basis: Basis) -> None:
        current = np.flatnonzero((self.fallen == step.number - 1) & (self.contracts.periods >= step.number))
        if len(current):
            self._current(step, basis, current)
        unpaid = (self.paid < step.number) & (self.fallen >= step.number)
        unpaid &= (step.principal > 0) | (step.interest > 0)
        rows = np.flatnonzero(unpaid)
        if len(rows):
            self._unpaid(step, rows)

    def _current(self, step: Step, basis: Basis, rows: npt.NDArray[np.intp]) -> None:
        """The period the day lies in: what is performing, what it has earned, what comes next."""
        some = self.contracts.take(rows)
        units = units_between(basis, some.due_date(step.number - 1), np.full(len(rows), self.day))
        left = step.before[rows]
        self.performing[rows] = left
        self.accrued[rows] = times_over(left, some.rate_e6 * units, DAY_OVER[basis] * RATE_SCALE)
        self.next_principal[rows] = step.principal[rows]
        self.next_interest[rows] = step.interest[rows]
        self.next_due[rows] = some.due_date(step.number)

    def _unpaid(self, step: Step, rows: npt.NDArray[np.intp]) -> None:
        """An instalment that fell due and is unpaid: its penalty, and its place in the ageing."""
        some = self.contracts.take(rows)
        days = (self.day - some.due_date(step.number)).astype(np.int64)
        principal, interest = step.principal[rows], step.interest[rows]
        self.due_principal[rows] += principal
        self.due_interest[rows] += interest
        self.days_past_due[rows] = np.maximum(self.days_past_due[rows], days)
        factor = Fraction(self.late.penalty_factor)
        times = np.where(days > self.late.grace_days, some.rate_e6 * days * factor.numerator, 0)
        over = 360 * RATE_SCALE * factor.denominator
        self.penalty[rows] += times_over(principal, times, over)
        if self.late.compound:
            self.compound[rows] += times_over(interest, times, over)
        band = np.searchsorted(np.asarray(self.bounds), days, side="left")
        late = days > 0
        np.add.at(self.aged[0], (band[late], rows[late]), principal[late])
        np.add.at(self.aged[1], (band[late], rows[late]), interest[late])


def _check(contracts: Contracts, paid: Ints, day: np.datetime64) -> None:
    late_start = np.flatnonzero(contracts.start > day)
    if len(late_start):
        raise checks.invalid(
            "as_of",
            day,
            Text(f"第 {late_start[0]} 行尚未起息", f"row {late_start[0]} has not started"),
            Text("请选择更晚的日期或剔除该行", "Choose a later day or leave the row out"),
        )
    beyond = np.flatnonzero((paid < 0) | (paid > contracts.fallen(day)))
    if len(beyond):
        raise checks.invalid(
            "paid",
            int(paid[beyond[0]]),
            Text(f"第 {beyond[0]} 行已还期数超出到期期数", f"row {beyond[0]} has paid more than fell due"),
            Text("提前还款的合同请用逐笔计算（practice.replay）", "Use practice.replay for what is paid early"),
        )
