"""Money as whole minor units of one unit of account; never a float.

``Money(100, CNY)`` is one yuan. Units need not be currencies: points and machine minutes are accounts too. Amounts
enter and leave the house as strings with the unit's decimals ("1000.00"). Rounding is half up to the minor unit;
a split gives the left-over units to the largest remainders, so parts always sum to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

MINOR_MAX = 2**63 - 1
"""Largest amount a BIGINT column holds."""
DIGITS_MAX = 40


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """A unit of account: ``code`` (``CNY``, ``MIN``) and how many decimals its minor unit has."""

    code: str
    decimals: int

    @property
    def minor_per_major(self) -> int:
        return int(10**self.decimals)


CNY = Unit("CNY", 2)
USD = Unit("USD", 2)
MINUTE = Unit("MIN", 0)
UNITS = {unit.code: unit for unit in (CNY, USD, MINUTE)}


def round_half_up(value: Decimal | Fraction) -> int:
    """Nearest integer, halves away from zero (四舍五入); exact whatever the decimal context's precision."""
    exact = Fraction(value)
    numerator, denominator = abs(exact.numerator), exact.denominator
    nearest = (2 * numerator + denominator) // (2 * denominator)
    return -nearest if exact < 0 else nearest


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount. Arithmetic between different units raises ``ValueError`` (a defect, not a refusal)."""

    minor: int
    unit: Unit = CNY

    def __post_init__(self) -> None:
        if type(self.minor) is not int:  # bool, float and NumPy integers are none
            raise TypeError(f"minor units must be int, not {type(self.minor).__name__}")

    @classmethod
    def parse(cls, text: str, unit: Unit = CNY, *, where: str | None = None) -> Money:
        """Read "1000", "1000.5" or "1,000.50"; refuses more decimals than the unit has, and exponents."""
        cleaned = text.strip()
        if not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", cleaned, re.ASCII):
            raise _unreadable(text, unit, where)
        whole, _, decimals = cleaned.replace(",", "").partition(".")
        if len(decimals) > unit.decimals:
            raise _unreadable(text, unit, where)
        # More digits than any amount has are not even converted: Python refuses to, beyond some thousands.
        minor = int((whole + decimals.ljust(unit.decimals, "0"))[:DIGITS_MAX])
        if len(whole) > DIGITS_MAX or abs(minor) > MINOR_MAX:
            most = cls(MINOR_MAX, unit).grouped()
            raise Invalid(
                "money.too_large",
                Text(f"金额超出可记录的范围（最多{most}）", f"The amount is beyond what can be recorded, {most}"),
                remedy=Text("请检查是否多输了数字", "See whether a digit too many was typed"),
                where=where,
            )
        return cls(minor, unit)

    @classmethod
    def rounded(cls, major: Decimal | Fraction, unit: Unit = CNY) -> Money:
        """Half up from an exact number of major units (yuan)."""
        return cls(round_half_up(Fraction(major) * unit.minor_per_major), unit)

    @property
    def major(self) -> Decimal:
        """Whole units (yuan), exact."""
        return Decimal(f"{self.minor}E-{self.unit.decimals}")

    def __str__(self) -> str:
        """Edge form: fixed decimals, no thousands separator ("1000.00")."""
        return f"{self.major:.{self.unit.decimals}f}"

    def grouped(self) -> str:
        """Screen form with 千分位: "1,000.00"."""
        return f"{self.major:,.{self.unit.decimals}f}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.unit)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.unit)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.unit)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, factor: Decimal | Fraction | int) -> Money:
        """``self × factor`` rounded half up to the minor unit."""
        return Money(round_half_up(Fraction(self.minor) * Fraction(factor)), self.unit)

    def split(self, weights: Sequence[Decimal | Fraction | int]) -> list[Money]:
        """Parts in proportion to ``weights`` (≥ 0, not all 0) that sum exactly; see :func:`split_minor`."""
        return [Money(part, self.unit) for part in split_minor(self.minor, weights)]

    def _same(self, other: Money) -> int:
        if self.unit != other.unit:
            raise ValueError(f"cannot combine {self.unit.code} with {other.unit.code}")
        return other.minor


def split_minor(total: int, weights: Sequence[Decimal | Fraction | int]) -> list[int]:
    """Divide ``total`` minor units by ``weights`` with the largest-remainder method; ties go to the earlier part."""
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in exact):
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in exact]
    parts = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    assert sum(parts) == abs(total)
    return [sign * part for part in parts]


def total(amounts: Sequence[Money], unit: Unit = CNY) -> Money:
    """Sum of amounts in one unit; the empty sum is zero of ``unit``."""
    result = Money(0, unit)
    for amount in amounts:
        result = result + amount
    return result


def _unreadable(text: str, unit: Unit, where: str | None) -> Invalid:
    shown = text if len(text) <= 40 else text[:40] + "…"
    return Invalid(
        "money.unreadable",
        Text(f"“{shown}”不是有效的{unit.code}金额", f"“{shown}” is not an amount of {unit.code}"),
        remedy=Text(
            f"请填写数字，最多{unit.decimals}位小数，例如 1000.00",
            f"Give a number with at most {unit.decimals} decimals, such as 1000.00",
        ),
        where=where,
    )
