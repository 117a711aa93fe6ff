"""Present value of a book, and what a shift of the curve does to it.

Factors are computed once a day ahead in fifty digits and used as floats; a value that comes out nearer to a half
fen than its error is summed again in decimals. So a row equals
:func:`jirong.instruments.practice.value.present_value` to the fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np

from jirong.instruments.portfolio.contracts import Contracts
from jirong.instruments.portfolio.exact import SUM_ERROR, Ints, half_up_or_doubt
from jirong.instruments.portfolio.schedules import in_blocks, schedules, walk
from jirong.instruments.practice.value import DIGITS, Curve


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """Value of each row today, and with the curve ``shift_bp`` higher and lower."""

    shift_bp: int
    base: Ints
    up: Ints
    down: Ints


def present_value(contracts: Contracts, paid: Ints, as_of: date, curve: Curve) -> Ints:
    """Worth on ``as_of`` of all that row i has not paid, its first ``paid[i]`` instalments being paid."""
    day = np.datetime64(as_of)
    ahead_last = (contracts.due_date(contracts.periods) - day).astype(np.int64)
    factors = _factors(curve, int(ahead_last.max(initial=0)))
    table = np.array([float(factor) for factor in factors])
    found = np.zeros(len(contracts), dtype=np.int64)

    def keep(block: Contracts, rows: slice) -> None:
        worth = np.zeros(len(block))
        done = paid[rows]
        for kind, basis, part in block.kinds():
            some = block.take(part)
            for step in walk(some, kind, basis):
                ahead = np.maximum((some.due_date(step.number) - day).astype(np.int64), 0)
                unpaid = (done[part] < step.number) & (some.periods >= step.number)
                worth[part] += np.where(unpaid, (step.principal + step.interest) * table[ahead * unpaid], 0.0)
        rounded, doubtful = half_up_or_doubt(worth, SUM_ERROR)
        if len(doubtful):
            rounded[doubtful] = _exactly(block.take(doubtful), done[doubtful], day, factors)
        found[rows] = rounded

    in_blocks(contracts, keep)
    return found


def sensitivity(contracts: Contracts, paid: Ints, as_of: date, curve: Curve, shift_bp: int = 100) -> Sensitivity:
    """The book valued three times: on the curve, and on it shifted in parallel both ways."""
    curves = curve, curve.shifted(shift_bp), curve.shifted(-shift_bp)
    return Sensitivity(shift_bp, *(present_value(contracts, paid, as_of, each) for each in curves))


def _factors(curve: Curve, days: int) -> list[Decimal]:
    return [curve.factor(ahead) for ahead in range(max(days, 0) + 1)]


def _exactly(contracts: Contracts, paid: Ints, day: np.datetime64, factors: list[Decimal]) -> list[int]:
    """The same sums in decimals, for the few rows where the float cannot tell which fen."""
    plan = schedules(contracts)
    amounts = plan.principal + plan.interest
    numbers = range(1, amounts.shape[1] + 1)
    ahead = np.array([(contracts.due_date(number) - day).astype(np.int64) for number in numbers]).T
    found = []
    with localcontext(prec=DIGITS):
        for row in range(len(contracts)):
            worth = sum(
                (int(amounts[row, k - 1]) * factors[max(0, int(ahead[row, k - 1]))]
                 for k in range(int(paid[row]) + 1, int(contracts.periods[row]) + 1)),
                Decimal(0),
            )  # fmt: skip
            found.append(int(worth.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    return found
