"""The scorecard: each input's bin has points, the points add up, and reason codes are the points below neutral.

Scoring needs nothing but the document: optbinning (or a banker) makes the bins, this code adds them. A trained card
carries its scaling (``points`` at ``odds`` of good to bad, ``pdo`` points to double the odds), from which the
probability of default follows: odds = odds₀ · 2^((score − points₀)/pdo), PD = 1/(1 + odds). An expert card has no
scaling and claims no probability. Neutral points are those of an average firm, stated bin by bin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np

from jirong.assessment.methods import columns as columnar
from jirong.assessment.methods import wording
from jirong.assessment.methods.bands import Band, Bands, in_points
from jirong.assessment.methods.base import Judged, Method, Values
from jirong.assessment.methods.changes import Move, changes
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

PD_STEP = Decimal("0.000001")
_EXACT = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Scaling:
    """``points`` of score stand for ``odds`` good to one bad, and every ``pdo`` more double them."""

    points: Decimal
    odds: Decimal
    pdo: Decimal

    def pd(self, score: Decimal) -> Decimal:
        """Probability of default, to six decimals."""
        exponent = _EXACT.divide(score - self.points, self.pdo)
        odds = _EXACT.multiply(self.odds, _EXACT.power(Decimal(2), exponent))
        return _EXACT.divide(Decimal(1), 1 + odds).quantize(PD_STEP, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Scorecard(Method):
    """``base`` and ``neutral`` points in hundredths."""

    characteristics: tuple[Bands, ...]
    neutral: Mapping[str, int]
    base: int
    scaling: Scaling | None

    def judge(self, values: Values, as_of: dt.date) -> Judged:
        found = [(bands, bands.of(values[bands.input.feature])) for bands in self.characteristics]
        score = self._score(values)
        parts = [self._part(bands, band, values) for bands, band in found]
        parts.sort(key=lambda reason: (reason.effect is Effect.HURT, -abs(reason.points or Decimal(0))))
        moves = [Move(bands, band) for bands, band in found]
        advice = changes(
            self.head.levels, score, moves, lambda name, value: self._score({**values, name: value}), as_of
        )
        pd = self.scaling.pd(score) if self.scaling else None
        return Judged(score, (*parts, *advice), pd)

    def _score(self, values: Values) -> Decimal:
        return in_points(
            self.base + sum(bands.of(values[bands.input.feature]).points for bands in self.characteristics)
        )

    def columns(self, given: columnar.Columns, as_of: dt.date) -> columnar.Scores:
        """The columnar twin of :meth:`assess`; each distinct score's PD comes from the scalar formula."""
        values, complete = columnar.read(self.head, given)
        total = np.full(given.rows, self.base, dtype=np.int64)
        for bands in self.characteristics:
            total += bands.points_of(values[bands.input.feature])
        score = np.where(complete, total, 0)
        pd = None
        if self.scaling is not None:
            distinct, place = np.unique(score, return_inverse=True)
            pd = np.array([self.scaling.pd(in_points(int(item))) for item in distinct], dtype=object)[place]
        return columnar.Scores(
            complete, score, columnar.levels(self.head.levels, score, as_of), self.head.levels.codes, pd
        )

    def _part(self, bands: Bands, band: Band, values: Values) -> Reason:
        item = bands.input
        difference = band.points - self.neutral[item.feature]
        value = values[item.feature]
        shown = item.shown(value) if value is not None else Text("没有资料", "no facts")
        gap, earned = wording.points(abs(in_points(difference))), wording.points(in_points(band.points))
        if difference < 0:
            beside = Text(f"比一般企业低{gap}分", f"{gap} below an average firm")
        elif difference:
            beside = Text(f"比一般企业高{gap}分", f"{gap} above an average firm")
        else:
            beside = Text("与一般企业持平", "as an average firm")
        text = Text(
            f"{item.title.zh}为{shown.zh}，得{earned}分，{beside.zh}",
            f"{item.title.en}: {shown.en}, {earned} points, {beside.en}",
        )
        effect = Effect.HURT if difference < 0 else Effect.HELPED if difference else Effect.NOTED
        return Reason(effect, item.feature, text, in_points(difference))
