"""What says how good a model is, by hand: ranking, calibration, drift, and intervals from the bootstrap.

AUC by ranks with ties at half (Mann–Whitney); Gini = 2·AUC − 1; KS the greatest gap of the two distributions; Brier
score split as reliability − resolution + uncertainty (Murphy 1973) over bins of equal count; PSI = Σ (a − e)·ln(a/e);
the Jeffreys test of a grade (ECB's validation instructions): the posterior Beta(d + ½, n − d + ½) at the forecast.
Intervals are percentiles of a bootstrap over firms with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.training.table import Floats, Ints

BOOTSTRAPS = 2000
FEW_VALUES = 20
"""Up to so many distinct values are each a bin."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where 95 % of its bootstrap lies."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


def auc(outcome: Ints, score: Floats) -> float:
    """The chance that a defaulter scores above a payer; NaN where there is only one kind."""
    bad = int(outcome.sum())
    good = len(outcome) - bad
    if not bad or not good:
        return float("nan")
    ranks = _ranks(score)
    return float((ranks[outcome == 1].sum() - bad * (bad + 1) / 2) / (bad * good))


def gini(outcome: Ints, score: Floats) -> float:
    return 2 * auc(outcome, score) - 1


def ks(outcome: Ints, score: Floats) -> float:
    """The greatest distance between the score's distributions of defaulters and payers."""
    order = np.argsort(score, kind="stable")
    sorted_score, bad = score[order], outcome[order] == 1
    gaps = np.abs(np.cumsum(bad) / max(1, bad.sum()) - np.cumsum(~bad) / max(1, (~bad).sum()))
    last = np.append(sorted_score[1:] != sorted_score[:-1], True)
    return float(gaps[last].max())


def brier(outcome: Ints, pd: Floats) -> float:
    return float(np.mean((pd - outcome) ** 2))


@dataclass(frozen=True, slots=True)
class Brier:
    """Murphy's parts; ``reliability`` (small is good) − ``resolution`` (large is good) + ``uncertainty`` ≈ ``score``,
    exactly so for forecasts that are alike within a bin.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def brier_parts(outcome: Ints, pd: Floats, bins: int = 10) -> Brier:
    rate, total = outcome.mean(), len(outcome)
    reliability = resolution = 0.0
    for rows in _equal_bins(pd, bins):
        seen, said = outcome[rows].mean(), pd[rows].mean()
        reliability += len(rows) / total * (said - seen) ** 2
        resolution += len(rows) / total * (seen - rate) ** 2
    return Brier(brier(outcome, pd), float(reliability), float(resolution), float(rate * (1 - rate)))


@dataclass(frozen=True, slots=True)
class Grade:
    """A bin of forecasts: how many, what was said, what came, and the Jeffreys p-value that the truth is no higher."""

    firms: int
    said: float
    seen: float
    p_value: float


def calibration(outcome: Ints, pd: Floats, bins: int = 10) -> list[Grade]:
    """The calibration table; a small ``p_value`` says that risk was understated."""
    from jirong.assessment.training.extra import library

    beta = library("scipy.stats").beta
    grades = []
    for rows in _equal_bins(pd, bins):
        bad, count, said = int(outcome[rows].sum()), len(rows), float(pd[rows].mean())
        p_value = float(beta.cdf(said, bad + 0.5, count - bad + 0.5))
        grades.append(Grade(count, said, bad / count, p_value))
    return grades


def psi(expected: Floats, actual: Floats, bins: int = 10) -> float:
    """Population stability index; absent values are a bin of their own.

    Few values (a flag, a grade) are a bin each; otherwise bins hold equal counts of ``expected``, and a value that
    many share (a zero, a cap) has one of its own.
    """
    both = np.concatenate([expected, actual])
    distinct = np.unique(both[~np.isnan(both)])
    edges = distinct[1:] if len(distinct) <= FEW_VALUES else _edges(expected, distinct, bins)
    shares = [_shares(column, edges) for column in (expected, actual)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _edges(expected: Floats, distinct: Floats, bins: int) -> Floats:
    """Cuts of ``expected``, and both sides of each value many of its rows share, seen among all ``distinct`` values."""
    values, counts = np.unique(expected[~np.isnan(expected)], return_counts=True)
    shared = np.searchsorted(distinct, values[counts * bins >= counts.sum()])
    sides = np.concatenate([shared, shared + 1])
    sides = sides[(sides > 0) & (sides < len(distinct))]
    return np.union1d(cuts(expected, bins, spread=False), distinct[sides])


def cuts(column: Floats, bins: int, *, spread: bool = True) -> Floats:
    """Where to cut a column: values it has, each the least of the bin above it (``searchsorted(…, side="right")``).

    Few values are cut apart each. Otherwise cuts lie at quantiles of the rows; beside a value many rows share also at
    the next one above, so that it stands alone; and with ``spread`` at quantiles of the distinct values too, which
    sees what only a few rows have.
    """
    values = np.sort(column[~np.isnan(column)])
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= FEW_VALUES:
        rest: Floats = distinct[1:]
        return rest
    parts = np.linspace(0, 1, bins + 1)[1:-1]
    at = np.searchsorted(distinct, values[(parts * len(values)).astype(np.int64)])
    shared = np.flatnonzero(counts * bins >= len(values))
    places = np.concatenate([at, shared, shared + 1])
    if spread:
        places = np.concatenate([places, (parts * len(distinct)).astype(np.int64)])
    kept = np.unique(places)
    found: Floats = distinct[kept[(kept > 0) & (kept < len(distinct))]]
    return found


def psi_words(expected: NDArray[np.str_], actual: NDArray[np.str_]) -> float:
    """PSI of a column of words."""
    words = np.unique(np.concatenate([expected, actual]))
    shares = [np.array([max((column == word).mean(), 1e-4) for word in words]) for column in (expected, actual)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def bootstrap(
    outcome: Ints, figure: Callable[[Ints, Floats], float], score: Floats, *, seed: int = 1, rounds: int = BOOTSTRAPS
) -> Interval:
    """A figure with its interval over resampled firms."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        rows = random.integers(0, len(outcome), len(outcome))
        drawn.append(figure(outcome[rows], score[rows]))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Interval(figure(outcome, score), float(low), float(high))


def bootstrap_gain(
    outcome: Ints,
    figure: Callable[[Ints, Floats], float],
    score: Floats,
    beside: Floats,
    *,
    seed: int = 1,
    rounds: int = BOOTSTRAPS,
) -> Interval:
    """How much better ``score`` is than ``beside`` on the same resampled firms."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds):
        rows = random.integers(0, len(outcome), len(outcome))
        drawn.append(figure(outcome[rows], score[rows]) - figure(outcome[rows], beside[rows]))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Interval(figure(outcome, score) - figure(outcome, beside), float(low), float(high))


def paired_interval(differences: Floats, tested: int, trained: int) -> Interval:
    """Mean difference over repeated cross-validation with the corrected variance of Nadeau and Bengio (2003).

    Folds share training firms, so the plain standard error is too small: the variance is multiplied by
    1/n + tested/trained; t with n − 1 degrees of freedom.
    """
    from jirong.assessment.training.extra import library

    count, mean = len(differences), float(differences.mean())
    spread = float(np.sqrt(differences.var(ddof=1) * (1 / count + tested / trained)))
    reach = spread * float(library("scipy.stats").t.ppf(0.975, count - 1))
    return Interval(mean, mean - reach, mean + reach)


def _ranks(score: Floats) -> Floats:
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle: Floats = (ends - counts + 1 + ends) / 2
    return middle[place]


def _equal_bins(pd: Floats, bins: int) -> list[NDArray[np.int64]]:
    order = np.argsort(pd, kind="stable")
    return [rows for rows in np.array_split(order, bins) if len(rows)]


def _shares(column: Floats, edges: Floats) -> Floats:
    present = column[~np.isnan(column)]
    counts = np.bincount(np.searchsorted(edges, present, side="right"), minlength=len(edges) + 1)
    counts = np.append(counts, len(column) - len(present))
    shares: Floats = np.maximum(counts / max(1, len(column)), 1e-4)
    return shares
