"""The life of a divisible thing drawn as a delta: time runs right, a part that leaves is a stream that branches off.

Each strand (a lot) runs in a lane of its own from where it began to where it was used up; its thickness is its
amount at that moment, so what flows in at a fork is what flows out. Dates are columns in order, not to scale: a
morning in which three lots change hands is as readable as half a year of rest. A child never stands left of or in
its parent's column.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from jirong.kernel import money
from jirong.kernel.money import Money
from jirong.web.display import Label
from jirong.web.parts import Strand

COLUMN_PX = 168
LANE_PX = 66
BAND_PX = 36
"""Thickness of the whole; every strand is a part of it, but never thinner than :data:`THREAD_PX`."""
THREAD_PX = 3
CAPTION_PX = 20
END_PX = 28
BEND_PX = 74
STRANDS_MAX = 400


@dataclass(frozen=True)
class Ribbon:
    """One strand as drawn: the outline, where its caption stands, what is left of it, and whose part it was."""

    strand: Strand
    path: str
    x: int
    y: int
    thickness: int
    left: Money
    source: Label

    @property
    def lives(self) -> bool:
        """Whether something of it still runs at the right edge."""
        return bool(self.left)

    @property
    def is_whole(self) -> bool:
        return self.left == self.strand.amount


@dataclass(frozen=True)
class Drawing:
    """Everything the SVG needs: its size, the ribbons from the root down, and the dates over the columns."""

    width: int
    height: int
    ribbons: tuple[Ribbon, ...]
    dates: tuple[tuple[int, dt.date], ...]

    @property
    def edge(self) -> int:
        """Where the strands that still run end."""
        return self.width - END_PX


def draw(strands: Sequence[Strand]) -> Drawing:
    """Lay the strands out; a strand whose parent is not among them is a root. Refuses more than it can show."""
    if len(strands) > STRANDS_MAX:
        raise ValueError(f"{len(strands)} strands cannot be read; group them first")
    plan = _Plan(strands)
    ribbons = tuple(plan.ribbon(strand) for strand in plan.order)
    width = _x(plan.columns) + END_PX
    dates = tuple((_x(column), day) for column, day in sorted(plan.days.items()))
    return Drawing(width, CAPTION_PX + LANE_PX * len(plan.order), ribbons, dates)


class _Plan:
    """Which column and lane each strand has, and what is left of it after each child."""

    def __init__(self, strands: Sequence[Strand]) -> None:
        known = {strand.key for strand in strands}
        self.children: dict[str | None, list[Strand]] = {}
        for strand in sorted(strands, key=lambda strand: (strand.at, strand.key)):
            parent = strand.parent if strand.parent in known else None
            self.children.setdefault(parent, []).append(strand)
        self.order: list[Strand] = []
        self.column: dict[str, int] = {}
        self.parent: dict[str, Strand | None] = {}
        self.days: dict[int, dt.date] = {}
        self._place()
        self.lane = {strand.key: lane for lane, strand in enumerate(self.order)}
        self.columns = max(self.column.values(), default=0) + 1
        whole = max((strand.amount.minor for strand in self.order), default=1)
        self.scale = Fraction(BAND_PX, max(whole, 1))

    def _place(self) -> None:
        """Lanes by walking down the tree; columns by day, and within a day by the steps taken on it."""
        moments: dict[str, tuple[dt.date, int]] = {}
        waiting: list[tuple[Strand, Strand | None]] = [(root, None) for root in reversed(self.children.get(None, []))]
        while waiting:
            strand, parent = waiting.pop()
            self.order.append(strand)
            self.parent[strand.key] = parent
            before = moments[parent.key] if parent else (dt.date.min, 0)
            moments[strand.key] = (strand.at, 0) if strand.at > before[0] else (before[0], before[1] + 1)
            # The latest child lies nearest its parent, so that no branch has to cross another.
            waiting += [(child, strand) for child in self.children.get(strand.key, [])]
        columns = {moment: column for column, moment in enumerate(sorted(set(moments.values())))}
        self.column = {key: columns[moment] for key, moment in moments.items()}
        self.days = {column: day for (day, _), column in columns.items()}

    def ribbon(self, strand: Strand) -> Ribbon:
        """The outline: in along a bend from the parent, then right, thinner after each child, to the end."""
        children = sorted(self.children.get(strand.key, []), key=lambda child: self.column[child.key])
        left = strand.amount - money.total([child.amount for child in children], strand.amount.unit)
        start, top = _x(self.column[strand.key]), self._top(strand)
        steps = self._steps(strand, children)
        end = _x(self.columns) if left else steps[-1][0]
        path = self._outline(strand, start, top, steps, end)
        parent = self.parent[strand.key]
        source = parent.who if parent else ""
        return Ribbon(strand, path, start, top, self._thick(strand.amount.minor), left, source)

    def _steps(self, strand: Strand, children: Sequence[Strand]) -> list[tuple[int, int]]:
        """Where the strand grows thinner, and what thickness it has from there on."""
        steps, left = [], strand.amount.minor
        for child in children:
            left -= child.amount.minor
            steps.append((_x(self.column[child.key]) - BEND_PX, self._thick(left)))
        return steps

    def _outline(self, strand: Strand, start: int, top: int, steps: Sequence[tuple[int, int]], end: int) -> str:
        thick = self._thick(strand.amount.minor)
        parts = [f"M{start} {top}H{end}"]
        # Back along the lower edge, from the thin end to the thick beginning.
        thicknesses = [thick, *(each for _, each in steps)]
        parts.append(f"V{top + (thicknesses[-1] if end > (steps[-1][0] if steps else start) else thicknesses[-2])}")
        backwards = range(len(steps) - 1, -1, -1)
        parts += [f"H{steps[place][0]}V{top + thicknesses[place]}" for place in backwards]
        parts.append(f"H{start}")
        parts.append(self._bend(strand, start, top, thick))
        return "".join(parts)

    def _bend(self, strand: Strand, start: int, top: int, thick: int) -> str:
        """The way in from the parent's lower edge; a root begins straight."""
        parent = self.parent[strand.key]
        if parent is None:
            return "Z"
        source = self._leaves_at(parent, strand)
        x, middle = start - BEND_PX, start - BEND_PX // 2
        return (
            f"C{middle} {top + thick} {middle} {source + thick} {x} {source + thick}"
            f"V{source}C{middle} {source} {middle} {top} {start} {top}Z"
        )

    def _leaves_at(self, parent: Strand, child: Strand) -> int:
        """The upper edge of the part of the parent's band that becomes the child."""
        children = sorted(self.children[parent.key], key=lambda each: self.column[each.key])
        gone = sum(each.amount.minor for each in children[: children.index(child) + 1])
        return self._top(parent) + self._thick(parent.amount.minor - gone)

    def _top(self, strand: Strand) -> int:
        return CAPTION_PX + LANE_PX * self.lane[strand.key] + CAPTION_PX

    def _thick(self, minor: int) -> int:
        return max(THREAD_PX, int(minor * self.scale)) if minor > 0 else 0


def _x(column: int) -> int:
    return COLUMN_PX * column + 2
