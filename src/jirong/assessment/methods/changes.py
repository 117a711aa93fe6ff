"""What would change a banded score: the nearest better bands, what each is worth, and whether it lifts the level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.bands import HUNDREDTHS, Band, Bands
from jirong.assessment.methods.levels import LevelTable
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

CHANGES_MAX = 5
"""The most that is advised at once; the most worthwhile first."""


@dataclass(frozen=True, slots=True)
class Move:
    """An input, the band it is in, and what a band's point is worth in the score."""

    bands: Bands
    now: Band
    weight: Decimal

    def gain(self, to: Band) -> Decimal:
        return Decimal(to.points - self.now.points) * self.weight / HUNDREDTHS


def changes(levels: LevelTable, score: Decimal, moves: Sequence[Move], as_of: dt.date) -> list[Reason]:
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
    steps = [step for move in moves if (step := _step(move, score, up)) is not None]
    steps.sort(key=lambda reason: -(reason.points or 0))
    return [*said, *steps[:CHANGES_MAX]]


def _step(move: Move, score: Decimal, up: tuple[str, Decimal] | None) -> Reason | None:
    better = [band for band in move.bands.better(move.now) if move.gain(band) > 0]
    if not better:
        return None
    lifting = next((band for band in better if up is not None and score + move.gain(band) >= up[1]), None)
    to = lifting or better[0]
    gain, item, where = move.gain(to), move.bands.input, move.bands.says(to)
    shown = wording.points(gain)
    zh, en = f"{item.title.zh}达到{where.zh}，可加{shown}分", f"{item.title.en}: {where.en} would add {shown} points"
    if lifting is not None and up is not None:
        zh, en = f"{zh}，仅此一项即可升至{up[0]}级", f"{en}, enough alone for {up[0]}"
    return Reason(Effect.CHANGE, item.feature, Text(zh, en), wording.rounded(gain, 2))
