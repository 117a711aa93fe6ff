"""The alarm at every default rate: what equals the outcome is flagged, what says nothing is not; PSI sees flags move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.assessment.training import extra

if not extra.available():
    pytest.skip("the extra `models` is not installed: nothing is trained here", allow_module_level=True)

from jirong.assessment.training import leakage, metrics
from jirong.assessment.training.table import Floats, Table

RATES = st.floats(0.005, 0.5)
SHAPES: dict[str, Callable[..., Floats]] = {
    "the outcome itself": lambda y, r: y,
    "falling": lambda y, r: -3.0 * y,
    "far and steep": lambda y, r: np.exp(9.0 * y) + 1e6,
    "an amount only defaulters have": lambda y, r: np.where(y == 1, r.lognormal(10, 1, len(y)).round(2), 0.0),
    "filled in for defaulters only": lambda y, r: np.where(y == 1, 1.0, np.nan),
    "one in a hundred wrong": lambda y, r: np.where(r.uniform(size=len(y)) < 0.01, 1.0 - y, y),
    "a hundredth of noise": lambda y, r: y + r.normal(scale=0.01, size=len(y)),
    "in between": lambda y, r: np.where(y == 1, 0.5, r.choice([0.0, 1.0], len(y))) + r.normal(scale=0.01, size=len(y)),
}
INNOCENT: dict[str, Callable[..., Floats]] = {
    "noise": lambda n, r: r.normal(size=n),
    "a rare flag": lambda n, r: (r.uniform(size=n) < 0.02).astype(float),
    "mostly zero": lambda n, r: np.where(r.uniform(size=n) < 0.95, 0.0, r.lognormal(10, 1, n)),
    "a grade": lambda n, r: r.integers(1, 6, n).astype(float),
    "often absent": lambda n, r: np.where(r.uniform(size=n) < 0.6, np.nan, r.normal(size=n)),
}


def firms(rate: float, rows: int, seed: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.random.Generator]:
    """Outcomes of exactly ``rate`` (at least eight defaults), in any order."""
    random = np.random.default_rng(seed)
    outcome = np.zeros(rows, dtype=np.int64)
    outcome[random.permutation(rows)[: max(8, round(rate * rows))]] = 1
    return outcome, random


def flagged(column: Floats, outcome: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
    table = Table("made", ("x",), np.asarray(column, dtype=np.float64)[:, None], outcome)
    return bool(leakage.barred(leakage.alarms(table)))


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=25, deadline=None)
@given(rate=RATES, rows=st.sampled_from([2000, 5000]), seed=st.integers(0, 10_000))
def test_what_equals_the_outcome_is_flagged_at_any_default_rate(shape: str, rate: float, rows: int, seed: int) -> None:
    outcome, random = firms(rate, rows, seed)
    assert flagged(SHAPES[shape](outcome, random), outcome)


@pytest.mark.parametrize("rate", [0.005, 0.02, 0.039, 0.05, 0.2, 0.5])
def test_sorted_rows_hide_no_leak(rate: float) -> None:
    """All defaulters first, or every other row."""
    rows = 2000
    outcome = (np.arange(rows) < rate * rows).astype(np.int64)
    assert flagged(outcome.astype(float), outcome)
    assert flagged(outcome[::-1].astype(float), outcome[::-1])
    alternate = ((np.arange(rows) % 2 == 0) & (np.arange(rows) < 2 * rate * rows)).astype(np.int64)
    assert flagged(alternate.astype(float), alternate)


def test_innocent_inputs_are_not_flagged() -> None:
    """Six hundred columns that say nothing, half of them beside fewer than twelve defaulters: not one is flagged."""
    wrong = []
    for name, make in INNOCENT.items():
        for seed in range(120):
            rate = (0.005, 0.006, 0.01, 0.05, 0.2, 0.5)[seed % 6]
            outcome, random = firms(rate, 1600, seed)
            if flagged(make(1600, random), outcome):
                wrong.append((name, seed))
    assert wrong == []


def test_an_honest_strong_input_is_not_flagged() -> None:
    """An AUC of 0.76 alone, as the best single ratios of credit data reach, at any default rate."""
    for seed, rate in enumerate((0.01, 0.03, 0.1, 0.3)):
        outcome, random = firms(rate, 4000, seed)
        assert not flagged(outcome + random.normal(size=4000), outcome)


def test_an_honest_strong_input_seen_in_few_defaulters_is_rarely_flagged() -> None:
    """Eight to sixteen defaulters, an AUC of 0.76: chance lifts it over the bar in at most one of forty samples."""
    wrong = 0
    for seed in range(200):
        outcome, random = firms(0.005 + seed % 3 * 0.0025, 1600, seed)
        wrong += flagged(outcome + random.normal(size=1600), outcome)
    assert wrong <= 5


def test_a_word_that_tells_the_outcome_is_flagged_and_an_innocent_one_is_not() -> None:
    for rate in (0.005, 0.05, 0.5):
        outcome, random = firms(rate, 3000, 4)
        words = {
            "state": np.where(outcome == 1, "in collection", random.choice(["open", "repaid"], 3000)),
            "town": random.choice([f"town {place}" for place in range(300)], 3000),
        }
        table = Table("made", ("x",), random.normal(size=(3000, 1)), outcome, words=words)
        assert [(alarm.feature, alarm.sign) for alarm in leakage.alarms(table)] == [("state", "power")]


def test_one_class_alone_is_no_alarm_and_no_error() -> None:
    assert not flagged(np.arange(50.0), np.zeros(50, dtype=np.int64))
    assert not flagged(np.full(50, np.nan), (np.arange(50) < 5).astype(np.int64))


def test_psi_sees_a_flag_and_a_cap_move() -> None:
    """3 % → 50 % ones by hand: 0.47·ln(0.5/0.03) + (−0.47)·ln(0.5/0.97)."""
    few, many = np.repeat([0.0, 1.0], [970, 30]), np.repeat([0.0, 1.0], [500, 500])
    assert metrics.psi(few, many) == pytest.approx(0.47 * np.log(0.5 / 0.03) - 0.47 * np.log(0.5 / 0.97), abs=1e-9)
    random = np.random.default_rng(1)
    zeros, fewer = (
        np.where(random.uniform(size=4000) < part, 0.0, random.lognormal(size=4000)) for part in (0.97, 0.5)
    )
    assert metrics.psi(zeros, fewer) > 1
    capped = np.minimum(random.normal(size=4000), 0.0)
    assert metrics.psi(capped, random.normal(size=4000)) > 0.25


@settings(max_examples=40, deadline=None)
@given(rate=st.floats(0.01, 0.99), kind=st.sampled_from(sorted(INNOCENT)), seed=st.integers(0, 10_000))
def test_psi_of_two_samples_of_one_population_is_small(rate: float, kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    assert metrics.psi(INNOCENT[kind](4000, random), INNOCENT[kind](4000, random)) < 0.05


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.one_of(st.just(float("nan")), st.integers(0, 60).map(float)), min_size=1, max_size=200))
def test_cuts_are_rising_values_of_the_column_above_its_least(values: list[float]) -> None:
    column = np.array(values)
    found = metrics.cuts(column, 20)
    present = column[~np.isnan(column)]
    assert (np.diff(found) > 0).all()
    assert set(found) <= set(present)
    assert not len(found) or found[0] > present.min()
