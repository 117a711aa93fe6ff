"""Cover: how much debt a thing carries, when more of it must be given, and how much of it may leave.

A thing given as security carries its counted value divided by the cover the scheme asks for: at 140 % cover stock worth
1,400,000.00 carries 1,000,000.00. Several things carry the sum of what each carries. While that is no less than the debt
nothing is short. A fall below the second, lower bar (``call_below``) calls for a top-up, back to the full cover; a
withdrawal is measured by the full cover at once, so that nobody takes out what would be called back next day.

Shares of one thing stand in the order of their rank: when it loses value, the last in rank loses first
(:func:`counted`). Value is a capacity account besides, so shares never exceed it when they are given (``capacity``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

FULL = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """``value_minor`` of one thing that counts for one lender; ``cover`` 5/2 means 250 % of the debt.

    ``call_below`` is the cover under which a top-up is called (``None``: ``cover`` itself).
    """

    value_minor: int
    cover: Fraction = FULL
    call_below: Fraction | None = None

    def __post_init__(self) -> None:
        assert self.value_minor >= 0, "a value is not negative"
        assert self.cover > 0
        assert self.call_below is None or 0 < self.call_below <= self.cover

    @property
    def carries_minor(self) -> int:
        """The debt it carries at full cover, rounded down."""
        return int(self.value_minor / self.cover)

    @property
    def carries_uncalled_minor(self) -> int:
        """The debt it carries before a top-up is called."""
        return int(self.value_minor / (self.call_below or self.cover))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """How a debt stands against what secures it; amounts in minor units."""

    debt_minor: int
    value_minor: int
    carries_minor: int
    called: bool

    @property
    def short_minor(self) -> int:
        """Debt that is not carried: repay this much, or add what carries it."""
        return max(0, self.debt_minor - self.carries_minor)

    @property
    def room_minor(self) -> int:
        """What could still be drawn on it."""
        return max(0, self.carries_minor - self.debt_minor)

    @property
    def ratio(self) -> Fraction | None:
        """Value over debt; ``None`` where nothing is owed."""
        return Fraction(self.value_minor, self.debt_minor) if self.debt_minor else None


def cover_of(supports: Sequence[Support], debt_minor: int) -> Cover:
    """All that secures one debt taken together."""
    assert debt_minor >= 0, "a debt is not negative"
    return Cover(
        debt_minor=debt_minor,
        value_minor=sum(support.value_minor for support in supports),
        carries_minor=sum(support.carries_minor for support in supports),
        called=debt_minor > sum(support.carries_uncalled_minor for support in supports),
    )


def needed_minor(cover: Fraction, debt_minor: int) -> int:
    """The least value that carries ``debt_minor`` at ``cover``."""
    exact = cover * debt_minor
    return -(-exact.numerator // exact.denominator)


def releasable_minor(support: Support, others: Sequence[Support], debt_minor: int) -> int:
    """How much of ``support`` may leave while everything together still carries the debt; all of it once nothing is
    owed, nothing while it is short.
    """
    left = max(0, debt_minor - sum(other.carries_minor for other in others))
    return max(0, support.value_minor - needed_minor(support.cover, left))


def top_up_minor(support: Support, others: Sequence[Support], debt_minor: int) -> int:
    """How much value must be added to ``support`` to bring the whole back to full cover."""
    left = max(0, debt_minor - sum(other.carries_minor for other in others))
    return max(0, needed_minor(support.cover, left) - support.value_minor)


def counted(value_minor: int, shares: Sequence[tuple[Key, int]]) -> dict[Key, int]:
    """What each share of a thing is worth now, ``shares`` in the order of their rank: the first is filled first."""
    left, found = max(0, value_minor), {}
    for key, share_minor in shares:
        found[key] = min(share_minor, left)
        left -= found[key]
    return found


def after_haircut(value_minor: int, haircut: Fraction) -> int:
    """The part of a value that counts, rounded down: a haircut of 3/10 leaves 70 %."""
    assert 0 <= haircut <= 1, "a haircut is a part of the value"
    return int(value_minor * (1 - haircut))


def granted_minor(usable_minor: int, promised_minor: int) -> int:
    """The size of the thing's capacity account: its usable value, never less than what of it is promised already.

    So a fall in value leaves nothing free, and what is short shows against the promises instead of breaking them.
    """
    return max(usable_minor, promised_minor)
