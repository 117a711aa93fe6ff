"""What would change a banded score: the nearest better bands, what each is worth, and the level it leads to.

Nothing is worked out by a shortcut: each move is judged again by the method itself with that one input changed, so
whoever follows the advice gets exactly what it says (rounding, and an input that also decides the stage, included).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.bands import Band, Bands
from jirong.assessment.methods.base import Raw, plausible
from jirong.assessment.methods.levels import LevelTable
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

CHANGES_MAX = 5
"""The most that is advised at once; the most worthwhile first."""
Again = Callable[[str, Raw], Decimal]
"""The score with one input put at another value."""


@dataclass(frozen=True, slots=True)
class Move:
    """An input and the band it is in."""

    bands: Bands
    now: Band


@dataclass(frozen=True, slots=True)
class _Step:
    """A better band, and the score once the input is there."""

    to: Band
    after: Decimal


def changes(levels: LevelTable, score: Decimal, moves: Sequence[Move], again: Again, as_of: dt.date) -> list[Reason]:
    """How far the next level is, then the moves by gain: the one step to a better band, and the step that lifts the
    level alone where one step does not.
    """
    said: list[Reason] = []
    up = levels.next_up(score, as_of)
    if up is not None:
        level, least = up
        gap = wording.points(least - score)
        said.append(
            Reason(Effect.CHANGE, "", Text(f"距{level}级还差{gap}分", f"{gap} points below {level}"), least - score)
        )
    steps = [step for move in moves if (step := _advice(move, levels, score, again, as_of)) is not None]
    steps.sort(key=lambda reason: -(reason.points or 0))
    return [*said, *steps[:CHANGES_MAX]]


def _advice(move: Move, levels: LevelTable, score: Decimal, again: Again, as_of: dt.date) -> Reason | None:
    steps = [step for band in move.bands.better(move.now) if (step := _step(move, band, again)).after > score]
    if not steps:
        return None
    now = levels.of(score, as_of)
    lifting = next((step for step in steps if levels.of(step.after, as_of) != now), None)
    step = lifting or steps[0]
    item, where, gain = move.bands.input, move.bands.says(step.to), step.after - score
    shown = wording.points(gain)
    verb = _verb(move, step.to)
    zh, en = f"{item.title.zh}{verb}{where.zh}，可加{shown}分", f"{item.title.en}: {where.en} would add {shown} points"
    if lifting is not None:
        level = levels.of(step.after, as_of)
        zh, en = f"{zh}，仅此一项即可升至{level}级", f"{en}, enough alone for {level}"
    return Reason(Effect.CHANGE, item.feature, Text(zh, en), gain)


def _step(move: Move, band: Band, again: Again) -> _Step:
    value = move.bands.within(band)
    if not plausible(move.bands.input, value):
        return _Step(band, Decimal("-Infinity"))
    return _Step(band, again(move.bands.input.feature, value))


def _verb(move: Move, to: Band) -> str:
    """Up to a higher band, down to a lower one, or into another group."""
    if move.bands.grouped or move.now is move.bands.missing:
        return "达到" if move.bands.input.kind == "word" else "为"
    bands = move.bands.bands
    return "达到" if bands.index(to) > bands.index(move.now) else "降到"
