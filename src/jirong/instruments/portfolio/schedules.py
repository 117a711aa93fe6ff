"""Every instalment of every contract of a book.

:func:`walk` steps through the periods of one kind of contract, all rows at once; :func:`schedules` keeps what it
yields, other modules only sum it. Rows are taken in blocks that fit the processor's cache, on as many threads as
there are cores (NumPy lets go of the interpreter's lock), because memory is what a large book waits for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from jirong.instruments.portfolio.contracts import OVER, Contracts
from jirong.instruments.portfolio.exact import RATE_SCALE, Ints, level_instalments, times_over
from jirong.instruments.practice.terms import Basis, Repayment

BLOCK_ROWS = 32_768
CELLS_MAX = 2_000_000_000
"""Most instalments one call keeps: two arrays of 16 GB."""


class Step(NamedTuple):
    """Period ``number`` of a block: principal before it, and what falls due at its end (0 once a loan has ended)."""

    number: int
    before: Ints
    principal: Ints
    interest: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Schedules:
    """``principal`` and ``interest``, int64 fen, of shape (contracts, periods); zero after a contract's end."""

    contracts: Contracts
    principal: Ints
    interest: Ints

    def balance(self) -> Ints:
        """Principal left after each instalment."""
        found: Ints = self.contracts.principal[:, None] - np.cumsum(self.principal, axis=1)
        return found


def schedules(contracts: Contracts) -> Schedules:
    """All instalments; 16 bytes an instalment (576 MB for a million contracts of 36 periods)."""
    width = int(contracts.periods.max(initial=0))
    if width * len(contracts) > CELLS_MAX:
        raise ValueError(f"{len(contracts)} contracts of up to {width} periods: take the book in parts")
    # One row a period in memory, so that each step writes one stretch; handed out transposed.
    principal = np.zeros((width, len(contracts)), dtype=np.int64)
    interest = np.zeros((width, len(contracts)), dtype=np.int64)

    def keep(block: Contracts, rows: slice) -> None:
        for kind, basis, part in block.kinds():
            for step in walk(block.take(part), kind, basis):
                principal[step.number - 1, rows][part] = step.principal
                interest[step.number - 1, rows][part] = step.interest

    in_blocks(contracts, keep)
    return Schedules(contracts, principal.T, interest.T)


def in_blocks(contracts: Contracts, work: Callable[[Contracts, slice], None], rows: int = BLOCK_ROWS) -> None:
    """Call ``work`` with each block of rows, on all cores; an exception in one is raised here."""
    slices = [slice(at, min(at + rows, len(contracts))) for at in range(0, len(contracts), rows)]
    if len(slices) <= 1:
        for part in slices:
            work(contracts.take(part), part)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda part: work(contracts.take(part), part), slices):
            pass


def walk(contracts: Contracts, kind: Repayment, basis: Basis, upto: int | None = None) -> Iterator[Step]:
    """The periods of contracts of one kind, in order, up to number ``upto`` (all, if None)."""
    left = contracts.principal.copy()
    last = int(contracts.periods.max(initial=0))
    longest = last if upto is None else min(upto, last)
    ragged = bool(len(contracts)) and int(contracts.periods.min()) < longest
    pay = _principal_rule(contracts, kind)
    time = _Time(contracts, basis)
    for number in range(1, longest + 1):
        interest = times_over(left, contracts.rate_e6 * time.units(number), OVER[basis] * RATE_SCALE)
        principal = np.where(contracts.periods == number, left, pay(left, interest, number, basis))
        if ragged:
            principal[contracts.periods < number] = 0
        yield Step(number, left, principal, interest)
        left = left - principal


class _Time:
    """Units of time (months, days, half days) of each period, or of part of one, by basis."""

    def __init__(self, contracts: Contracts, basis: Basis) -> None:
        self.contracts, self.basis = contracts, basis
        self.ends = contracts.start

    def units(self, number: int) -> Ints:
        if self.basis is Basis.MONTHS:
            return self.contracts.every_months
        begins, self.ends = self.ends, self.contracts.due_date(number)
        return units_between(self.basis, begins, self.ends)


def units_between(basis: Basis, start: npt.NDArray[np.datetime64], end: npt.NDArray[np.datetime64]) -> Ints:
    """Units of time of a stretch of days (for MONTHS in days of a 360-day year), to go with :data:`DAY_OVER`."""
    if basis is Basis.THIRTY_E_360:
        return _thirty(end) - _thirty(start)
    days: Ints = (end - start).astype(np.int64)
    return days * 2 if basis is Basis.A365 else days


DAY_OVER = OVER | {Basis.MONTHS: 360}


def _thirty(day: npt.NDArray[np.datetime64]) -> Ints:
    months = day.astype("M8[M]")
    of_month = (day - months).astype(np.int64) + 1
    found: Ints = months.astype(np.int64) * 30 + np.minimum(of_month, 30)
    return found


def _principal_rule(contracts: Contracts, kind: Repayment) -> Callable[[Ints, Ints, int, Basis], Ints]:
    """What a period that is not the last pays of principal, given what is left and its interest."""
    free = np.minimum(contracts.interest_only, contracts.periods - 1)
    none_free = not free.any()
    if kind is Repayment.ANNUITY:
        level = level_instalments(
            contracts.principal, contracts.rate_e6, contracts.every_months, contracts.periods - free
        )
        monthly = contracts.rate_e6 * contracts.every_months

        def annuity(left: Ints, interest: Ints, number: int, basis: Basis) -> Ints:
            planned = interest if basis is Basis.MONTHS else times_over(left, monthly, 12 * RATE_SCALE)
            part = np.minimum(left, np.maximum(level - planned, 0))
            return part if none_free else np.where(number <= free, 0, part)

        return annuity
    if kind is Repayment.LINEAR:
        count = contracts.periods - free
        each = (2 * contracts.principal + count) // (2 * count)

        def linear(left: Ints, interest: Ints, number: int, basis: Basis) -> Ints:
            part = np.minimum(left, each)
            return part if none_free else np.where(number <= free, 0, part)

        return linear
    return lambda left, interest, number, basis: np.zeros_like(left)
