"""Calibration: making a score a probability, by the beta family or by an isotonic steps, never on the firms tested.

Beta calibration (Kull, Silva Filho, Flach 2017): logit q = a·ln p − b·ln(1 − p) + c with a, b ≥ 0, fitted by logistic
regression on forecasts of firms the model had not seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.methods.boosted import Beta
from jirong.assessment.training import boosting
from jirong.assessment.training.boosting import Settings
from jirong.assessment.training.extra import library
from jirong.assessment.training.table import Floats, Ints, Table

EDGE = 1e-6


def out_of_fold(table: Table, settings: Settings, *, count: int = 5, seed: int = 3) -> Floats:
    """A forecast of each firm by a model that did not see it."""
    forecast = np.zeros(table.rows)
    for rows in boosting.folds(table.outcome, count, seed):
        others = np.ones(table.rows, dtype=np.bool_)
        others[rows] = False
        forecast[rows] = boosting.fit(table.take(others), settings).predict(table.take(rows))
    return forecast


def beta(forecast: Floats, outcome: Ints) -> Beta:
    """The three parameters; a term whose sign turns negative is left out, as the paper does."""
    logs = np.column_stack([np.log(_inside(forecast)), -np.log(1 - _inside(forecast))])
    a, b, c = _logistic(logs, outcome)
    if a < 0:
        (b, c), a = _logistic(logs[:, [1]], outcome), 0.0
    elif b < 0:
        (a, c), b = _logistic(logs[:, [0]], outcome), 0.0
    return Beta(a, b, c)


def apply_beta(calibration: Beta, forecast: Floats) -> Floats:
    return np.array([calibration.of(float(p)) for p in forecast])


def isotonic(forecast: Floats, outcome: Ints) -> tuple[Floats, Floats]:
    """Steps that never fall: forecasts and the probabilities they stand for, to interpolate between."""
    steps = library("sklearn.isotonic").IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    steps.fit(forecast, outcome)
    return np.asarray(steps.X_thresholds_), np.asarray(steps.y_thresholds_)


def apply_isotonic(steps: tuple[Floats, Floats], forecast: Floats) -> Floats:
    found: Floats = np.interp(forecast, *steps)
    return found


def _inside(forecast: Floats) -> Floats:
    clipped: Floats = np.clip(forecast, EDGE, 1 - EDGE)
    return clipped


def _logistic(logs: NDArray[np.float64], outcome: Ints) -> tuple[float, ...]:
    model = library("sklearn.linear_model").LogisticRegression(C=1e6, max_iter=5000).fit(logs, outcome)
    return (*(float(part) for part in model.coef_[0]), float(model.intercept_[0]))
