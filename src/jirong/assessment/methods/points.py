"""The points table: indicators in bands, weighted by the stage a firm is in.

Each indicator earns 0 to 100 points by its band; a weight says what part of the total it is, and the weights of a
stage (start-up, growth, stable) sum to 100. Total = Σ weight × points / 100, to the hundredth of a point, half up.
The national 创新积分 has three first-level and eighteen second-level indicators with weights by stage; its weight
table is unread here, so every weight and bound is configuration and says so (``verified: false``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from jirong.assessment.methods import columns as columnar
from jirong.assessment.methods import wording
from jirong.assessment.methods.bands import HUNDREDTHS, Band, Bands, half_up, half_up_column, in_points
from jirong.assessment.methods.base import Judged, Method, Values
from jirong.assessment.methods.changes import Move, changes
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

WHOLE = 100 * HUNDREDTHS
"""The weights of a stage, in hundredths of a percent, sum to this."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage begins at ``low`` of the stage feature (None: no lower bound)."""

    code: str
    title: Text
    low: Decimal | None


@dataclass(frozen=True, slots=True)
class Stages:
    """Which feature tells the stage, and where each begins, in order."""

    feature: str
    stages: tuple[Stage, ...]

    def place(self, value: Decimal) -> int:
        places = [i for i, stage in enumerate(self.stages) if stage.low is None or value >= stage.low]
        return places[-1]


@dataclass(frozen=True)
class PointsTable(Method):
    """``weights`` by feature: one weight a stage, hundredths of a percent."""

    indicators: tuple[Bands, ...]
    weights: Mapping[str, tuple[int, ...]]
    stages: Stages | None
    strong_at: int = 60 * HUNDREDTHS
    """From here on an indicator is said to have helped, below it to have hurt."""

    def judge(self, values: Values, as_of: dt.date) -> Judged:
        place, score = self._place(values), self._score(values)
        found = {bands.input.feature: bands.of(values[bands.input.feature]) for bands in self.indicators}
        return Judged(score, self._reasons(values, found, place, score, as_of))

    def _score(self, values: Values) -> Decimal:
        place = self._place(values)
        parts = [
            bands.of(values[bands.input.feature]).points * self.weights[bands.input.feature][place]
            for bands in self.indicators
        ]
        return in_points(half_up(parts, WHOLE))

    def columns(self, given: columnar.Columns, as_of: dt.date) -> columnar.Scores:
        """The columnar twin of :meth:`assess`: the same scores and levels for a whole cluster."""
        values, complete = columnar.read(self.head, given)
        place = np.zeros(given.rows, dtype=np.int64)
        if self.stages is not None:
            lows = np.array([float(stage.low) for stage in self.stages.stages if stage.low is not None])
            at = values[self.stages.feature]
            place = np.clip(np.searchsorted(lows, at, side="right"), 0, len(self.stages.stages) - 1)
        total = np.zeros(given.rows, dtype=np.int64)
        for bands in self.indicators:
            weights = np.array(self.weights[bands.input.feature], dtype=np.int64)
            total += bands.points_of(values[bands.input.feature]) * weights[place]
        score = np.where(complete, half_up_column(total, WHOLE), 0)
        return columnar.Scores(complete, score, columnar.levels(self.head.levels, score, as_of), self.head.levels.codes)

    def _place(self, values: Values) -> int:
        if self.stages is None:
            return 0
        value = values[self.stages.feature]
        assert isinstance(value, Decimal)
        return self.stages.place(value)

    def _reasons(
        self, values: Values, found: Mapping[str, Band], place: int, score: Decimal, as_of: dt.date
    ) -> tuple[Reason, ...]:
        said = [self._stage_said(place)] if self.stages is not None else []
        parts = [self._part(bands, values, found[bands.input.feature], place) for bands in self.indicators]
        parts.sort(key=lambda reason: (reason.effect is Effect.HURT, -abs(reason.points or Decimal(0))))
        moves = [Move(bands, found[bands.input.feature]) for bands in self.indicators]
        advice = changes(
            self.head.levels, score, moves, lambda name, value: self._score({**values, name: value}), as_of
        )
        return (*said, *parts, *advice)

    def _stage_said(self, place: int) -> Reason:
        assert self.stages is not None
        title = self.stages.stages[place].title
        text = Text(f"按{title.zh}企业的权重计分", f"scored with the weights of a firm in the {title.en} stage")
        return Reason(Effect.NOTED, self.stages.feature, text)

    def _part(self, bands: Bands, values: Values, band: Band, place: int) -> Reason:
        item, weight = bands.input, self.weights[bands.input.feature][place]
        earned, most = Decimal(band.points * weight) / (WHOLE * 100), Decimal(bands.best * weight) / (WHOLE * 100)
        value = values[item.feature]
        shown = item.shown(value) if value is not None else Text("没有资料", "no facts")
        have, of = wording.points(earned), wording.points(most)
        text = Text(
            f"{item.title.zh}为{shown.zh}，得{have}分（满分{of}分）",
            f"{item.title.en}: {shown.en}, {have} of {of} points",
        )
        helped = band.points >= self.strong_at
        signed = earned if helped else earned - most
        return Reason(Effect.HELPED if helped else Effect.HURT, item.feature, text, wording.rounded(signed, 2))
