"""How principal is spread over the periods that remain.

A plan is made at the start and again whenever something breaks it (a new rate, a partial early repayment). The
annuity's level instalment is A = P·r / (1 − (1 + r)^−n) with r the rate of one whole period, exact, rounded once
half up to the fen; a period's principal is A less its rounded interest, and the last period takes what is left. A
stub pays its own interest but the principal of a whole period, so only its interest differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice.periods import Period
from jirong.instruments.practice.terms import LoanTerms, Repayment
from jirong.kernel.money import round_half_up, split_minor


@dataclass(slots=True)
class Plan:
    """Principal of each remaining period; ``level`` is the annuity's instalment or the linear part, else 0."""

    level: int
    principals: list[int]


def level_instalment(principal: int, rate: Decimal, months: int, count: int) -> int:
    """Minor units paid each period so that ``count`` payments repay ``principal`` at ``rate`` a year.

    >>> level_instalment(4_000_000, Decimal("0.0585"), 1, 12)
    343990
    """
    per_period = Fraction(rate) * months / 12
    if per_period == 0:
        return round_half_up(Fraction(principal, count))
    top, bottom = per_period.numerator, per_period.denominator
    grown, base = int((bottom + top) ** count), int(bottom**count)
    numerator, denominator = principal * top * grown, bottom * (grown - base)
    return (2 * numerator + denominator) // (2 * denominator)


def annuity_principals(principal: int, rate: Decimal, months: int, count: int, level: int) -> list[int]:
    """Principal part of each of ``count`` instalments of ``level``; shorter when ``level`` repays sooner."""
    per_period = Fraction(rate) * months / 12
    top, bottom = per_period.numerator, per_period.denominator
    parts, left = [], principal
    for _ in range(count - 1):
        interest = (2 * left * top + bottom) // (2 * bottom)  # half up, as everywhere
        part = min(left, max(0, level - interest))
        parts.append(part)
        left -= part
    return [*parts, left]


def linear_principals(principal: int, count: int, each: int) -> list[int]:
    """``count`` parts of ``each``; the last takes what is left."""
    parts, left = [], principal
    for _ in range(count - 1):
        parts.append(min(each, left))
        left -= parts[-1]
    return [*parts, left]


def spread(terms: LoanTerms, principal: int, rate: Decimal, periods: Sequence[Period], free: int) -> Plan:
    """The plan of the remaining periods for the contract's way of repaying; the first ``free`` pay no principal."""
    count = len(periods)
    if terms.repayment is Repayment.IRREGULAR:
        return Plan(0, _irregular(terms, principal, periods))
    if terms.repayment in (Repayment.BULLET, Repayment.INTEREST_FIRST):
        return Plan(0, [0] * (count - 1) + [principal])
    free = min(free, count - 1)
    if terms.repayment is Repayment.LINEAR:
        each = round_half_up(Fraction(principal, count - free))
        return Plan(each, [0] * free + linear_principals(principal, count - free, each))
    level = level_instalment(principal, rate, terms.every_months, count - free)
    return Plan(level, [0] * free + annuity_principals(principal, rate, terms.every_months, count - free, level))


def shorten(terms: LoanTerms, principal: int, rate: Decimal, before: Plan, free: int) -> Plan:
    """Keep the instalment and end sooner (缩短期限) now that ``principal`` is left; needless periods are dropped."""
    count, free = len(before.principals), min(free, len(before.principals) - 1)
    if terms.repayment is Repayment.ANNUITY:
        parts = annuity_principals(principal, rate, terms.every_months, count - free, before.level)
    elif terms.repayment is Repayment.LINEAR:
        parts = linear_principals(principal, count - free, before.level)
    else:
        free, parts = 0, _from_the_back(principal, before.principals)
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return Plan(before.level, [0] * free + parts)


def _irregular(terms: LoanTerms, principal: int, periods: Sequence[Period]) -> list[int]:
    """The stated amounts; scaled to what is left when early repayments have changed it."""
    stated = {part.on: part.amount.minor for part in terms.plan}
    weights = [stated[period.ends] for period in periods]
    if sum(weights) == principal:
        return weights
    if sum(weights) == 0:
        return [0] * (len(weights) - 1) + [principal]
    return split_minor(principal, weights)


def _from_the_back(principal: int, before: Sequence[int]) -> list[int]:
    parts, left = [], principal
    for part in before:
        parts.append(min(part, left))
        left -= parts[-1]
    return parts
