"""Levels by dated table: what score makes an A is a rule with a date and a source, and changes by a new row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class LevelRow:
    """From ``since``: the least score of each level, best first, and the level of everything below."""

    since: dt.date
    at_least: tuple[tuple[str, Decimal], ...]
    otherwise: str
    verified: bool
    source: str

    def of(self, score: Decimal) -> str:
        return next((level for level, least in self.at_least if score >= least), self.otherwise)


@dataclass(frozen=True, slots=True)
class LevelTable:
    """Rows in order of date; every row names the same levels."""

    rows: tuple[LevelRow, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every level, best first."""
        row = self.rows[-1]
        return (*(level for level, _ in row.at_least), row.otherwise)

    def at(self, on: dt.date) -> LevelRow:
        """The row in force; :class:`Invalid` before the first."""
        held = [row for row in self.rows if row.since <= on]
        if not held:
            first = self.rows[0].since
            raise Invalid(
                "method.not_in_force",
                Text(f"该评估方法自{first}起生效，{on}尚不能使用", f"The method is in force from {first}, not on {on}"),
                remedy=Text("请改用当时有效的版本", "Use the version in force then"),
                where="as_of",
            )
        return held[-1]

    def of(self, score: Decimal, on: dt.date) -> str:
        return self.at(on).of(score)

    def verified(self, on: dt.date) -> bool:
        return self.at(on).verified

    def next_up(self, score: Decimal, on: dt.date) -> tuple[str, Decimal] | None:
        """The next better level and its least score; None at the best."""
        better = [(level, least) for level, least in self.at(on).at_least if least > score]
        return better[-1] if better else None
