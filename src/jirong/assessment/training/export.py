"""From a fit to a document: what a trained method needs to score, and nothing of the firms it learnt from.

A scorecard's bins are cut by optbinning and exported as plain numbers; its points come from a logistic regression on
the bins' weights of evidence, scaled so that 600 points are 50 good to one bad and 20 more double the odds. A boosted
model carries LightGBM's own text, its beta calibration and the medians of the training firms.
"""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jirong.assessment.directions import Direction
from jirong.assessment.training import boosting, calibrate
from jirong.assessment.training.boosting import Settings
from jirong.assessment.training.extra import library
from jirong.assessment.training.table import Floats, Table

POINTS, ODDS, PDO = 600, 50, 20
FACTOR = PDO / math.log(2)
BINS_MOST, SHARE_LEAST = 6, 0.05
LEVELS = {"A": 0.02, "B": 0.05, "C": 0.10}
"""Level by probability of default at most; the rest is D. A design of ours, to be replaced by the lender's policy."""
TITLE = {"boosted": ("梯度提升违约模型", "gradient boosting"), "scorecard": ("违约评分卡", "scorecard")}


@dataclass(frozen=True, slots=True)
class Named:
    """What a document is called and where its numbers come from."""

    name: str
    version: int
    effective: dt.date
    source: str


def boosted(table: Table, settings: Settings, named: Named, held: Sequence[Direction] = ()) -> dict[str, Any]:
    """A boosted method's document; words are not offered here, so that every input is a feature of the platform. It is
    held to the directions in ``held`` and names them with their reasons.
    """
    monotone = {item.feature: item.direction for item in held}
    alone = replace(settings, seeds=1, words=(), monotone=monotone)
    fitted = boosting.fit(table, alone)
    beta = calibrate.beta(calibrate.out_of_fold(table, alone), table.outcome)
    middle = {name: float(np.nanmedian(table.column(name))) for name in table.features}
    return _head(table, named, "boosted") | {
        "scaling": {"points": POINTS, "odds": ODDS, "pdo": PDO},
        "calibration": {"a": round(beta.a, 6), "b": round(beta.b, 6), "c": round(beta.c, 6)},
        "typical": {name: round(value, 6) for name, value in middle.items() if math.isfinite(value)},
        "monotone": [item.as_dict() for item in held],
        "trained": _trained(table),
        "model": fitted.boosters[0].model_to_string(),
    }


def scorecard(table: Table, named: Named) -> dict[str, Any]:
    """A scorecard's document: plain bins, which our own code scores."""
    splits = {name: _splits(table.column(name), table) for name in table.features}
    kept = {name: found for name, found in splits.items() if found}
    used = table.without(*(name for name in table.features if name not in kept))
    evidence = {name: _evidence(table.column(name), table, cuts) for name, cuts in kept.items()}
    columns = [_woe(table.column(name), cuts, evidence[name]) for name, cuts in kept.items()]
    linear = library("sklearn.linear_model").LogisticRegression(C=1.0, max_iter=2000)
    model = linear.fit(np.column_stack(columns), table.outcome)
    base = POINTS - FACTOR * math.log(ODDS) - FACTOR * float(model.intercept_[0])
    parts = [
        _characteristic(name, cuts, -FACTOR * float(weight) * evidence[name], table)
        for (name, cuts), weight in zip(kept.items(), model.coef_[0], strict=True)
    ]
    return _head(used, named, "scorecard") | {
        "base": round(base, 2),
        "scaling": {"points": POINTS, "odds": ODDS, "pdo": PDO},
        "characteristics": parts,
        "trained": _trained(table),
    }


def _head(table: Table, named: Named, kind: str) -> dict[str, Any]:
    zh, en = TITLE[kind]
    at_least = {level: round(_score(pd), 2) for level, pd in LEVELS.items()}
    return {
        "method": named.name,
        "version": named.version,
        "kind": kind,
        "title": {"zh": zh, "en": en},
        "summary": {"zh": "由历史违约数据训练，输出违约概率", "en": "trained on past defaults, with a probability"},
        "source": named.source,
        "effective": named.effective.isoformat(),
        "verified": False,
        "levels": [
            {
                "from": named.effective.isoformat(), "at_least": at_least, "otherwise": "D", "verified": False,
                "source": "设计：按违约概率2%、5%、10%分级",
            }
        ],
        "inputs": [
            {"feature": name, "title": {"zh": name, "en": name}, "kind": "number", "missing": "bin"}
            for name in table.features
        ],
    }  # fmt: skip


def _trained(table: Table) -> dict[str, Any]:
    span = None if table.period is None else [int(table.period.min()), int(table.period.max())]
    return {"data": table.name, "firms": table.rows, "defaults": int(table.outcome.sum()), "periods": span}


def _score(pd: float) -> float:
    return POINTS + FACTOR * math.log((1 - pd) / pd / ODDS)


def _splits(column: Floats, table: Table) -> list[float]:
    """Where optbinning cuts a column, to six significant digits."""
    present = ~np.isnan(column)
    if len(np.unique(column[present])) < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # optbinning's solvers warn of ones that are not installed
        binning = library("optbinning").OptimalBinning(
            dtype="numerical", max_n_bins=BINS_MOST, min_bin_size=SHARE_LEAST, monotonic_trend="auto"
        )
        binning.fit(column[present], table.outcome[present])
    return sorted({float(f"{cut:.6g}") for cut in binning.splits})


def _place(column: Floats, cuts: list[float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The bin of each value; the last is the bin of absent ones."""
    place = np.searchsorted(np.array(cuts), column, side="right")
    return np.where(np.isnan(column), len(cuts) + 1, place).astype(np.int64)


def _evidence(column: Floats, table: Table, cuts: list[float]) -> Floats:
    """Weight of evidence of each bin, log of bad share over good share, with half a firm added to each count; a bin
    nobody was in says nothing (zero).
    """
    place = _place(column, cuts)
    bad = np.bincount(place, table.outcome, minlength=len(cuts) + 2)
    good = np.bincount(place, 1 - table.outcome, minlength=len(cuts) + 2)
    logs = [np.log((count + 0.5) / (count + 0.5).sum()) for count in (bad, good)]
    found: Floats = np.where(bad + good > 0, logs[0] - logs[1], 0.0)
    return found


def _woe(column: Floats, cuts: list[float], evidence: Floats) -> Floats:
    found: Floats = evidence[_place(column, cuts)]
    return found


def _characteristic(name: str, cuts: list[float], points: Floats, table: Table) -> dict[str, Any]:
    counts = np.bincount(_place(table.column(name), cuts), minlength=len(cuts) + 2)
    neutral = float((points * counts).sum() / counts.sum())
    bins: list[dict[str, float]] = [{"points": round(float(points[0]), 2)}]
    bins += [{"from": cut, "points": round(float(points[i + 1]), 2)} for i, cut in enumerate(cuts)]
    return {"feature": name, "neutral": round(neutral, 2), "missing": round(float(points[-1]), 2), "bins": bins}
