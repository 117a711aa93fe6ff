"""Fitting: gradient boosting with monotone constraints, words as smoothed log-odds, and a plain baseline beside it.

A word (an industry, a town) becomes the log-odds of default of its class, shrunk towards the whole by ``shrink``
pseudo-firms, and computed for each training firm from the other folds only, so that no firm sees its own outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.training.extra import library
from jirong.assessment.training.table import Floats, Ints, Table

FOLDS = 5


@dataclass(frozen=True)
class Settings:
    """``options`` go to LightGBM; ``seeds`` models are averaged in log-odds; ``monotone`` by feature: +1 where more
    means riskier, −1 where less; ``words`` are the categorical columns used, with ``shrink`` pseudo-firms;
    ``rising`` holds the forecast to rise with their log-odds.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 1
    monotone: Mapping[str, int] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    shrink: float = 100.0
    rising: bool = True


UNTUNED = Settings()
"""LightGBM as it comes: the baseline everything is held against."""


@dataclass(frozen=True)
class Fitted:
    """Boosters with the encoding of words they were given."""

    boosters: tuple[Any, ...]
    features: tuple[str, ...]
    codes: Mapping[str, Mapping[str, float]]
    unseen: float

    def predict(self, table: Table) -> Floats:
        """Uncalibrated probability of default of each row."""
        matrix = self.matrix(table)
        raw = np.mean([booster.predict(matrix, raw_score=True, num_threads=1) for booster in self.boosters], axis=0)
        found: Floats = 1 / (1 + np.exp(-raw))
        return found

    def contributions(self, table: Table) -> Floats:
        """Each input's part of the log-odds, averaged over the boosters; the last column is the base."""
        matrix = self.matrix(table)
        parts = [booster.predict(matrix, pred_contrib=True, num_threads=1) for booster in self.boosters]
        found: Floats = np.mean(parts, axis=0)
        return found

    def drivers(self, table: Table) -> dict[str, float]:
        """Each input's share of the absolute contributions over the firms of ``table``, the greatest first."""
        moved = np.abs(self.contributions(table)[:, :-1]).mean(axis=0)
        shares = moved / moved.sum() if moved.sum() else moved
        order = np.argsort(-shares)
        return {self.features[place]: float(shares[place]) for place in order if shares[place] > 0}

    def matrix(self, table: Table) -> Floats:
        columns = [
            _coded(table.words[name], self.codes[name], self.unseen) if name in self.codes else table.column(name)
            for name in self.features
        ]
        return np.column_stack(columns)


def fit(table: Table, settings: Settings, *, seed: int = 7) -> Fitted:
    """Train on every row of ``table``, one thread."""
    lightgbm = library("lightgbm")
    whole = _log_odds(float(table.outcome.mean()))
    codes = {name: _codes(table.words[name], table.outcome, settings.shrink) for name in settings.words}
    matrix = table.values
    for name in settings.words:
        matrix = np.column_stack([matrix, _out_of_fold(table.words[name], table.outcome, settings.shrink, seed)])
    features = (*table.features, *settings.words)
    constraints = [settings.monotone.get(name, int(settings.rising and name in settings.words)) for name in features]
    boosters = []
    for place in range(settings.seeds):
        options = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "seed": seed + place}
        options |= {"monotone_constraints": constraints} if any(constraints) else {}
        options |= {name: value for name, value in settings.options.items() if name != "rounds"}
        data = lightgbm.Dataset(matrix, table.outcome, feature_name=[f"f{i}" for i in range(len(features))])
        boosters.append(lightgbm.train(options, data, settings.options.get("rounds", 100)))
    return Fitted(tuple(boosters), features, codes, whole)


def logistic(train: Table, test: Table) -> Floats:
    """The plain baseline: logistic regression on the numbers, medians for absent values, ranks for shape."""
    preprocessing, linear = library("sklearn.preprocessing"), library("sklearn.linear_model")
    middle = np.nanmedian(train.values, axis=0)
    filled = [np.where(np.isnan(part.values), middle, part.values) for part in (train, test)]
    shaper = preprocessing.QuantileTransformer(
        n_quantiles=min(200, train.rows), output_distribution="normal", random_state=7
    )
    model = linear.LogisticRegression(max_iter=2000, C=0.1).fit(shaper.fit_transform(filled[0]), train.outcome)
    found: Floats = model.predict_proba(shaper.transform(filled[1]))[:, 1]
    return found


def _codes(words: NDArray[Any], outcome: Ints, shrink: float) -> dict[str, float]:
    rate = float(outcome.mean())
    names, place = np.unique(words, return_inverse=True)
    bad, count = np.bincount(place, outcome), np.bincount(place)
    rates = (bad + shrink * rate) / (count + shrink)
    return {str(name): _log_odds(float(found)) for name, found in zip(names, rates, strict=True)}


def _coded(words: NDArray[Any], codes: Mapping[str, float], unseen: float) -> Floats:
    return np.array([codes.get(str(word), unseen) for word in words])


def _out_of_fold(words: NDArray[Any], outcome: Ints, shrink: float, seed: int) -> Floats:
    coded = np.zeros(len(outcome))
    for rows in folds(outcome, FOLDS, seed):
        others = np.ones(len(outcome), dtype=np.bool_)
        others[rows] = False
        codes = _codes(words[others], outcome[others], shrink)
        coded[rows] = _coded(words[rows], codes, _log_odds(float(outcome[others].mean())))
    return coded


def folds(outcome: Ints, count: int, seed: int) -> list[NDArray[np.int64]]:
    """Stratified folds with a fixed seed: each class is shuffled and dealt out in turn."""
    random = np.random.default_rng(seed)
    dealt = np.empty(len(outcome), dtype=np.int64)
    start = 0
    for kind in (1, 0):
        rows = random.permutation(np.flatnonzero(outcome == kind))
        dealt[rows] = (np.arange(len(rows)) + start) % count
        start += len(rows)
    return [np.flatnonzero(dealt == place) for place in range(count)]


def _log_odds(rate: float) -> float:
    rate = min(max(rate, 1e-4), 1 - 1e-4)
    return float(np.log(rate / (1 - rate)))


def pick(names: Sequence[str], table: Table) -> Table:
    """Only these features."""
    return table.without(*(name for name in table.features if name not in names))
