"""The life of a note, drawn: time runs right, the issue splits like a delta into lots, today's holders at the edge.

Pure geometry over the visible lots. What a lot still holds (or held to its end) is a *strand*; every strand runs from
the issue at the left through the lots it passed to its holder at the right, as thick as its amount. Strands of one lot
lie side by side; where a part was cut off, its strands leave for their own lane. A *knot* stands where a lot began.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jirong.claims.models import ClaimRow
from jirong.kernel.money import Money

WIDTH, LEFT, RIGHT, TOP = 1000, 24, 300, 34
LANE, BAND_MAX, THIN = 58, 44, 2.5
"""Height of a lane, of the whole issue's band, and of the thinnest strand that can still be seen."""


@dataclass(frozen=True)
class Strand:
    """An amount that ended in one lot: its outline as an SVG path, and where its label stands."""

    lot: ClaimRow
    path: str
    y: float
    tone: str
    amount_minor: int


@dataclass(frozen=True)
class Knot:
    """Where a lot began; ``left`` and ``top`` are per cent of the drawing, for the button over it."""

    lot: ClaimRow
    x: float
    y: float
    height: float
    left: str
    top: str

    @property
    def half(self) -> float:
        return self.height / 2

    @property
    def amount(self) -> str:
        return Money(self.lot.amount_minor).grouped()


@dataclass(frozen=True)
class Tick:
    x: float
    label: str
    left: str


@dataclass(frozen=True)
class Life:
    width: int
    height: float
    edge: float
    strands: Sequence[Strand]
    knots: Sequence[Knot]
    ticks: Sequence[Tick]


def draw(lots: Sequence[ClaimRow], began: Mapping[uuid.UUID, str], today: str) -> Life:
    """Lay out a note's visible ``lots``; ``began`` says on which business date each began; the edge is ``today``."""
    shown = {lot.pk: lot for lot in lots}
    ordered = sorted(lots, key=lambda lot: (lot.recorded_at, _depth(lot, shown), lot.pk))
    column = _columns(ordered, shown)
    strands = [lot for lot in _in_delta_order(ordered, shown) if _rest(lot) > 0]
    if not strands:
        return Life(WIDTH, TOP, WIDTH - RIGHT, (), (), ())
    return _Layout(ordered, shown, strands, column, began, today).life()


def _rest(lot: ClaimRow) -> int:
    """What of a lot did not pass on: what is outstanding, and what was paid, written off or made void in this hand."""
    return lot.amount_minor - lot.moved_minor


def _depth(lot: ClaimRow, shown: Mapping[uuid.UUID, ClaimRow]) -> int:
    """How many visible lots lie before this one."""
    before = 0
    while lot.parent_id in shown:
        lot, before = shown[lot.parent_id], before + 1  # type: ignore[index]
    return before


def _columns(ordered: Sequence[ClaimRow], shown: Mapping[uuid.UUID, ClaimRow]) -> dict[uuid.UUID, int]:
    """A column for each moment at which lots began; a lot always stands right of the one it came from."""
    moments = {lot.pk: (lot.recorded_at, _depth(lot, shown)) for lot in ordered}
    places = {moment: place for place, moment in enumerate(sorted(set(moments.values())))}
    return {id: places[moment] for id, moment in moments.items()}


def _in_delta_order(ordered: Sequence[ClaimRow], shown: Mapping[uuid.UUID, ClaimRow]) -> list[ClaimRow]:
    """Lots depth first: what a holder kept above what it passed on, the later cut nearer to it."""
    found: list[ClaimRow] = []
    children: dict[uuid.UUID | None, list[ClaimRow]] = {}
    for lot in ordered:
        parent = lot.parent_id if lot.parent_id in shown else None
        children.setdefault(parent, []).append(lot)

    def walk(lot: ClaimRow) -> None:
        found.append(lot)
        for child in reversed(children.get(lot.pk, [])):
            walk(child)

    for root in children.get(None, []):
        walk(root)
    return found


class _Layout:
    """Lanes at the right edge first; every band further left lies at the mean of its strands' lanes."""

    def __init__(
        self, ordered: Sequence[ClaimRow], shown: Mapping[uuid.UUID, ClaimRow], strands: Sequence[ClaimRow],
        column: Mapping[uuid.UUID, int], began: Mapping[uuid.UUID, str], today: str,
    ) -> None:  # fmt: skip
        self.ordered, self.shown, self.strands, self.column, self.began = ordered, shown, strands, column, began
        self.edge, self.today = WIDTH - RIGHT, today
        steps = max(column.values()) + 1
        self.step = (self.edge - LEFT) / max(steps, 1)
        total = sum(_rest(lot) for lot in strands)
        self.thick = {lot.pk: max(THIN, BAND_MAX * _rest(lot) / total) for lot in strands}
        self.lane = {lot.pk: TOP + LANE * (place + 0.5) for place, lot in enumerate(strands)}
        self.path_of = {lot.pk: self._path(lot) for lot in strands}

    def life(self) -> Life:
        height = TOP + LANE * len(self.strands)
        strands = [Strand(lot, self._outline(lot), self.lane[lot.pk], _tone(lot), _rest(lot)) for lot in self.strands]
        knots = [self._knot(lot, height) for lot in self.ordered if self._members(lot)]
        return Life(WIDTH, height, self.edge, strands, knots, self._ticks())

    def _path(self, lot: ClaimRow) -> list[ClaimRow]:
        """The lots a strand passed, from the first to its own."""
        passed = [lot]
        while passed[0].parent_id in self.shown:
            passed.insert(0, self.shown[passed[0].parent_id])  # type: ignore[index]
        return passed

    def _x(self, lot: ClaimRow) -> float:
        return LEFT + self.step * self.column[lot.pk]

    def _members(self, lot: ClaimRow) -> list[ClaimRow]:
        return [strand for strand in self.strands if lot in self.path_of[strand.pk]]

    def _offset(self, strand: ClaimRow, lot: ClaimRow, at: int) -> float:
        """The middle of ``strand`` inside the band of ``lot`` at column ``at``: those that left already are gone."""
        inside = [
            member for member in self._members(lot)
            if not any(p.parent_id == lot.pk and self.column[p.pk] <= at for p in self.path_of[member.pk])
            or member.pk == strand.pk
        ]  # fmt: skip
        middle = sum(self.lane[member.pk] for member in inside) / len(inside)
        before = sum(self.thick[member.pk] for member in inside[: inside.index(strand)])
        return middle - sum(self.thick[member.pk] for member in inside) / 2 + before + self.thick[strand.pk] / 2

    def _outline(self, strand: ClaimRow) -> str:
        """The strand as a closed outline: along its upper side to the edge and back along the lower one."""
        points: list[tuple[float, float]] = [(LEFT, self._offset(strand, self.path_of[strand.pk][0], 0))]
        path, last = self.path_of[strand.pk], max(self.column.values())
        for place, lot in enumerate(path):
            leaves = self.column[path[place + 1].pk] if place + 1 < len(path) else last + 1
            points += [
                (LEFT + self.step * at, self._offset(strand, lot, at)) for at in range(self.column[lot.pk] + 1, leaves)
            ]
            if place + 1 < len(path):
                following = path[place + 1]
                points.append((self._x(following), self._offset(strand, following, self.column[following.pk])))
        points.append((self.edge, self.lane[strand.pk]))
        half = self.thick[strand.pk] / 2
        upper = _curve([(x, y - half) for x, y in points], "M")
        lower = _curve([(x, y + half) for x, y in reversed(points)], "L")
        return f"{upper} {lower} Z"

    def _knot(self, lot: ClaimRow, height: float) -> Knot:
        members = self._members(lot)
        at = self.column[lot.pk]
        ys = [self._offset(member, lot, at) for member in members]
        thick = sum(self.thick[member.pk] for member in members)
        y = (min(ys) + max(ys)) / 2
        x = self._x(lot)
        return Knot(lot, x, y, max(thick, 10), f"{100 * x / WIDTH:.3f}%", f"{100 * y / height:.3f}%")

    def _ticks(self) -> list[Tick]:
        """A date over each column, once where several columns share it."""
        found: list[Tick] = []
        told = ""
        for lot in self.ordered:
            day = self.began.get(lot.pk, "")
            if day and day != told:
                x = self._x(lot)
                found.append(Tick(x, day, f"{100 * x / WIDTH:.3f}%"))
                told = day
        if told == self.today:
            return found
        return [*found, Tick(self.edge, self.today, f"{100 * self.edge / WIDTH:.3f}%")]


def _tone(lot: ClaimRow) -> str:
    if lot.state == "overdue" or lot.frozen_by:
        return "bad"
    if lot.state == "settled":
        return "settled"
    if lot.pledgee:
        return "pledged"
    return "void" if lot.state in ("void", "written_off") else "held"


def _curve(points: Sequence[tuple[float, float]], start: str) -> str:
    """A line that leaves and reaches every point level, as water would."""
    (x, y), *rest = points
    drawn = [f"{start}{x:.1f},{y:.1f}"]
    for nx, ny in rest:
        middle = (x + nx) / 2
        drawn.append(f"C{middle:.1f},{y:.1f} {middle:.1f},{ny:.1f} {nx:.1f},{ny:.1f}")
        x, y = nx, ny
    return " ".join(drawn)
