"""Gradient boosting: a trained LightGBM model in a document, with the probability it was calibrated to.

The document carries the model's own text, the order and kind of its inputs, the calibration (beta, Kull 2017:
logit q = a·ln p − b·ln(1−p) + c) and the scaling of scores. Scoring needs the extra ``models``; without it the answer is
a refusal that says so, never a guess. Reasons are the model's own contributions (``pred_contrib``) in points; what
would change it is asked of the model itself, by putting one input at the typical value and scoring again.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.directions import Direction
from jirong.assessment.methods import columns as columnar
from jirong.assessment.methods import wording
from jirong.assessment.methods.base import Judged, Method, Values
from jirong.assessment.methods.scorecard import Scaling
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text

REASONS_MAX = 4
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta calibration; ``a`` = ``b`` = 1 and ``c`` = 0 change nothing."""

    a: float
    b: float
    c: float

    def of(self, p: float) -> float:
        p = min(max(p, _EDGE), 1 - _EDGE)
        logit = self.a * math.log(p) - self.b * math.log(1 - p) + self.c
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))


@dataclass(frozen=True)
class Boosted(Method):
    """``typical`` are medians of the training firms, by feature; ``monotone`` the directions it was held to."""

    model: str
    calibration: Beta
    scaling: Scaling
    typical: Mapping[str, Decimal]
    monotone: tuple[Direction, ...] = ()

    def judge(self, values: Values, as_of: dt.date) -> Judged:
        row = self._row(values)
        pd, score = self._scored(row)[0]
        contributions = _booster(self.model).predict(row, pred_contrib=True, num_threads=1)[0][:-1]
        per_point = -float(self.scaling.pdo) / math.log(2)
        moved = {name: per_point * float(part) for name, part in zip(self.features, contributions, strict=True)}
        reasons = [*self._parts(moved, values), *self._changes(moved, values, score, as_of)]
        return Judged(score, tuple(reasons), pd)

    def columns(self, given: columnar.Columns, as_of: dt.date) -> columnar.Scores:
        """The columnar twin: one prediction for the whole cluster, calibrated firm by firm as the scalar does."""
        values, complete = columnar.read(self.head, given)
        matrix = np.column_stack([values[name].astype(np.float64) for name in self.features])
        scored = self._scored(matrix)
        hundredths = np.array([int(score * 100) for _, score in scored], dtype=np.int64)
        hundredths = np.where(complete, hundredths, 0)
        pd = np.array([item for item, _ in scored], dtype=object)
        level = columnar.levels(self.head.levels, hundredths, as_of)
        return columnar.Scores(complete, hundredths, level, self.head.levels.codes, pd)

    def _row(self, values: Values) -> NDArray[np.float64]:
        return np.array([[_float(values[name]) for name in self.features]])

    def _scored(self, matrix: NDArray[np.float64]) -> list[tuple[Decimal, Decimal]]:
        """Probability of default and score of each row."""
        raw = _booster(self.model).predict(matrix, num_threads=1)
        return [self._in_points(self.calibration.of(float(p))) for p in raw]

    def _in_points(self, p: float) -> tuple[Decimal, Decimal]:
        p = min(max(p, _EDGE), 1 - _EDGE)
        doubled = math.log2((1 - p) / p / float(self.scaling.odds))
        score = float(self.scaling.points) + float(self.scaling.pdo) * doubled
        return wording.rounded(Decimal(repr(p)), 6), wording.rounded(Decimal(repr(score)), 2)

    def _parts(self, moved: Mapping[str, float], values: Values) -> list[Reason]:
        best = sorted(moved, key=lambda name: -moved[name])
        helped = [name for name in best if moved[name] > 0.005][:REASONS_MAX]
        hurt = [name for name in reversed(best) if moved[name] < -0.005][:REASONS_MAX]
        return [self._part(name, moved[name], values) for name in (*helped, *hurt)]

    def _part(self, name: str, moved: float, values: Values) -> Reason:
        item, value = self.head.input(name), values[name]
        shown = item.shown(value) if value is not None else Text("没有资料", "no facts")
        points = wording.rounded(Decimal(repr(moved)), 2)
        size = wording.points(abs(points))
        zh, en = ("加", "adds") if moved > 0 else ("减", "takes")
        text = Text(f"{item.title.zh}为{shown.zh}，{zh}{size}分", f"{item.title.en}: {shown.en}, {en} {size} points")
        return Reason(Effect.HELPED if moved > 0 else Effect.HURT, name, text, points)

    def _changes(self, moved: Mapping[str, float], values: Values, score: Decimal, as_of: dt.date) -> list[Reason]:
        """One input at a time put at the typical firm's value, and scored again by the model itself."""
        said = []
        for name in sorted(moved, key=lambda item: moved[item])[:REASONS_MAX]:
            if moved[name] >= 0 or name not in self.typical:
                continue
            _, after = self._scored(self._row({**values, name: self.typical[name]}))[0]
            if after > score:
                said.append(self._change(name, score, after, as_of))
        up = self.head.levels.next_up(score, as_of)
        if up is not None:
            gap = wording.points(up[1] - score)
            text = Text(f"距{up[0]}级还差{gap}分", f"{gap} points below {up[0]}")
            said.insert(0, Reason(Effect.CHANGE, "", text, up[1] - score))
        return said

    def _change(self, name: str, score: Decimal, after: Decimal, as_of: dt.date) -> Reason:
        item, gain = self.head.input(name), after - score
        to, more = item.shown(self.typical[name]), wording.points(gain)
        level = self.head.levels.of(after, as_of)
        text = Text(
            f"{item.title.zh}若为一般企业的{to.zh}，可加{more}分，等级为{level}",
            f"{item.title.en} at an ordinary firm's {to.en} would add {more} points, level {level}",
        )
        return Reason(Effect.CHANGE, name, text, gain)


def _float(value: Decimal | bool | str | None) -> float:
    if value is None:
        return math.nan
    assert not isinstance(value, str)
    return float(value)


@functools.lru_cache(maxsize=8)
def _booster(model: str) -> Any:
    try:
        import lightgbm
    except ImportError:
        raise Refusal(
            "method.needs_models",
            Text("这一评估方法需要安装“models”附加组件", "This method needs the extra “models” to be installed"),
            remedy=Text("请运行 pip install 'jirong[models]'", "Run pip install 'jirong[models]'"),
        ) from None
    return lightgbm.Booster(model_str=model)
