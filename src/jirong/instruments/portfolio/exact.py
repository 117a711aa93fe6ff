"""Exact integer arithmetic on columns: what :mod:`jirong.kernel.money` does for one amount, for a million.

Amounts are int64 fen, rates int64 millionths a year (5.85 % is 58,500). A product over a divisor is rounded half up
in integers, in two steps where one would overflow. The annuity's level instalment needs a power; it is found in
float64, whose error here is a few parts in 10^15, and every answer nearer to a half fen than 10^-13 of itself is found
again in exact integers. So columns and scalar form agree to the fen, always.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt

from jirong.instruments.practice import plans

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RATE_SCALE = 1_000_000
_SAFE = 2**62
_DIGIT = 1_000_000
_OVER_MAX = 4 * 10**12
FLOAT_ERROR = 1e-13
"""Relative distance from a half fen within which a float is not trusted: fifty times the error of its few steps."""
SUM_ERROR = 1e-12
"""The same for a sum of up to twelve hundred such products."""


def times_over(amount: Ints, times: Ints | int, over: int) -> Ints:
    """``amount × times / over`` half up, exact, for non-negative amounts below 10^18 and an even ``over`` to 4 × 10^12.

    Where the product fits 62 bits it is one division; otherwise a long division in digits of a million.
    """
    assert over % 2 == 0
    assert over <= _OVER_MAX
    most = int(amount.max(initial=0)) * int(np.max(times, initial=0))
    if most < _SAFE:
        return (amount * times + over // 2) // over
    whole, rest = np.divmod(np.asarray(times, dtype=np.int64), over)
    found, carried = np.zeros_like(amount), np.zeros_like(amount)
    for digit in (amount // _DIGIT**2, amount // _DIGIT % _DIGIT, amount % _DIGIT):
        quotient, carried = np.divmod(carried * _DIGIT + digit * rest, over)
        found = found * _DIGIT + quotient
    return amount * whole + found + (2 * carried >= over)


def level_instalments(principal: Ints, rate_e6: Ints, months: Ints, count: Ints) -> Ints:
    """The level instalment of each annuity, as :func:`jirong.instruments.practice.plans.level_instalment`."""
    top = rate_e6 * months
    per_period = top / (12.0 * RATE_SCALE)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = principal * per_period / -np.expm1(-count * np.log1p(per_period))
    level = np.where(top == 0, principal / count, exact)
    found, doubtful = half_up_or_doubt(level)
    for i in doubtful:
        found[i] = plans.level_instalment(int(principal[i]), rate_of(int(rate_e6[i])), int(months[i]), int(count[i]))
    return found


def half_up_or_doubt(value: Floats, error: float = FLOAT_ERROR) -> tuple[Ints, npt.NDArray[np.intp]]:
    """Each float rounded half up, and the places where a relative ``error`` could have flipped the fen."""
    raised = value + 0.5
    doubtful = np.abs(raised - np.round(raised)) <= value * error + 1e-9
    return np.floor(raised).astype(np.int64), np.flatnonzero(doubtful)


def rate_of(rate_e6: int) -> Decimal:
    """The rate as the scalar form has it."""
    return Decimal(rate_e6) / RATE_SCALE
