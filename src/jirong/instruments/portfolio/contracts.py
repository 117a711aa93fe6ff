"""A book of loans as columns: one array a term, one row a loan.

Columns hold the plain majority: a fixed rate, whole periods from the start, no stub, no move of due dates. What is
not plain (an irregular plan, a floating rate inside its term, a restructured loan) is told apart by
:func:`is_plain` and belongs to the scalar form in :mod:`jirong.instruments.practice`. Principal is int64 fen, the
rate int64 millionths a year, dates ``datetime64[D]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from jirong.instruments.portfolio.exact import RATE_SCALE, Ints
from jirong.instruments.practice import checks
from jirong.instruments.practice.terms import Basis, DueShift, FixedRate, LoanTerms, Repayment
from jirong.kernel.money import CNY, Unit
from jirong.kernel.text import Text

Codes = npt.NDArray[np.int8]
Days = npt.NDArray[np.datetime64]

REPAYMENTS = (Repayment.ANNUITY, Repayment.LINEAR, Repayment.INTEREST_FIRST, Repayment.BULLET)
BASES = (Basis.MONTHS, Basis.A360, Basis.A365, Basis.THIRTY_E_360)
"""A row's code is the place of its value in these."""
OVER = {Basis.MONTHS: 12, Basis.A360: 360, Basis.A365: 365 * 2, Basis.THIRTY_E_360: 360}
"""Units of time a year by basis (A/365 in half days, so that the divisor is even)."""
PRINCIPAL_MAX = 10**15
"""Ten thousand billion yuan in fen: beyond it float64 no longer counts single fen."""


@dataclass(frozen=True, slots=True, eq=False)
class Contracts:
    """Columns of equal length. A bullet is one period of all its months."""

    principal: Ints
    rate_e6: Ints
    start: Days
    periods: Ints
    every_months: Ints
    repayment: Codes
    basis: Codes
    interest_only: Ints
    unit: Unit = CNY

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self) if field.name != "unit"}
        if len(lengths) != 1:
            raise ValueError(f"columns differ in length: {sorted(lengths)}")
        _check("principal", self.principal, 1, PRINCIPAL_MAX)
        _check("rate_e6", self.rate_e6, 0, RATE_SCALE - 1)
        _check("periods", self.periods, 1, checks.PERIODS_MAX)
        _check("every_months", self.every_months, 1, checks.PERIODS_MAX)
        _check("interest_only", self.interest_only, 0, checks.PERIODS_MAX)
        _check("repayment", self.repayment, 0, len(REPAYMENTS) - 1)
        _check("basis", self.basis, 0, len(BASES) - 1)

    def __len__(self) -> int:
        return len(self.principal)

    def take(self, rows: npt.NDArray[np.intp] | slice) -> Contracts:
        """The contracts in those rows, in that order."""
        picked = {field.name: getattr(self, field.name)[rows] for field in fields(self) if field.name != "unit"}
        return replace(self, **picked)

    def due_date(self, number: Ints | int) -> Days:
        """Due date of instalment ``number`` (1 is the first; 0 gives the start)."""
        return add_months(self.start, self.every_months * number)

    def fallen(self, as_of: np.datetime64) -> Ints:
        """How many instalments have fallen due up to and including ``as_of``."""
        months = (as_of.astype("M8[M]") - self.start.astype("M8[M]")).astype(np.int64)
        number = np.clip(months // self.every_months, 0, self.periods)
        early = (number > 0) & (self.due_date(number) > as_of)
        fallen: Ints = number - early
        return fallen

    def kinds(self) -> Iterator[tuple[Repayment, Basis, npt.NDArray[np.intp] | slice]]:
        """Rows by repayment and basis; a book of one kind gives one slice, without copying."""
        code = self.repayment.astype(np.int64) * len(BASES) + self.basis
        found = np.unique(code)
        for value in found:
            repayment, basis = REPAYMENTS[int(value) // len(BASES)], BASES[int(value) % len(BASES)]
            yield repayment, basis, slice(None) if len(found) == 1 else np.flatnonzero(code == value)


def from_terms(terms: Sequence[LoanTerms]) -> Contracts:
    """Columns from scalar terms; :class:`~jirong.kernel.errors.Invalid` names the first row that is not plain."""
    for row, each in enumerate(terms):
        if not is_plain(each):
            raise checks.invalid(
                "row",
                row,
                Text("该合同不适合列式计算", "this contract does not fit columns"),
                Text("请用逐笔计算（practice.replay）", "Use the scalar form (practice.replay)"),
            )
    shapes = [_shape(each) for each in terms]
    whole = np.int64
    return Contracts(
        principal=np.array([each.principal.minor for each in terms], dtype=whole),
        rate_e6=np.array([_rate_e6(each) for each in terms], dtype=whole),
        start=np.array([each.start for each in terms], dtype="M8[D]"),
        periods=np.array([periods for periods, _ in shapes], dtype=whole),
        every_months=np.array([every for _, every in shapes], dtype=whole),
        repayment=np.array([REPAYMENTS.index(each.repayment) for each in terms], dtype=np.int8),
        basis=np.array([BASES.index(each.counts) for each in terms], dtype=np.int8),
        interest_only=np.array([each.interest_only_periods for each in terms], dtype=whole),
        unit=terms[0].principal.unit if terms else CNY,
    )


def is_plain(terms: LoanTerms) -> bool:
    """Whether columns can hold it: see the module's docstring."""
    if not isinstance(terms.rate, FixedRate) or terms.rate.rate * RATE_SCALE % 1:
        return False
    if terms.months is None or terms.first_due is not None or terms.due_shift is not DueShift.NONE:
        return False
    if terms.repayment is Repayment.IRREGULAR or terms.principal.minor > PRINCIPAL_MAX:
        return False
    return terms.repayment is Repayment.BULLET or terms.months % terms.every_months == 0


def add_months(start: Days, months: Ints) -> Days:
    """Calendar months on, end-of-month safe, as :func:`jirong.kernel.calendar.add_months`."""
    first = start.astype("M8[M]")
    day = (start - first).astype(np.int64)
    target = first + months
    begin = target.astype("M8[D]")
    length = ((target + 1).astype("M8[D]") - begin).astype(np.int64)
    found: Days = begin + np.minimum(day, length - 1)
    return found


def _shape(terms: LoanTerms) -> tuple[int, int]:
    assert terms.months is not None
    if terms.repayment is Repayment.BULLET:
        return 1, terms.months
    return terms.months // terms.every_months, terms.every_months


def _rate_e6(terms: LoanTerms) -> int:
    assert isinstance(terms.rate, FixedRate)
    return int(terms.rate.rate * Decimal(RATE_SCALE))


def _check(term: str, column: npt.NDArray[np.integer], low: int, high: int) -> None:
    if not np.issubdtype(column.dtype, np.integer):
        raise TypeError(f"{term} must be integers, not {column.dtype}")
    bad = np.flatnonzero((column < low) | (column > high))
    if len(bad):
        raise checks.invalid(
            term,
            int(column[bad[0]]),
            Text(f"第 {bad[0]} 行须在 {low} 与 {high} 之间", f"row {bad[0]} must lie between {low} and {high}"),
            Text(f"共 {len(bad)} 行不符，请更正", f"Correct the {len(bad)} rows that do not"),
        )
