"""The columnar twin equals the scalar, firm by firm, whatever the firms: levels, scores, silence and probability."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.assessment.methods import Method, Status, house_methods, parse
from jirong.assessment.methods.base import Input
from jirong.assessment.methods.columns import Columns
from jirong.assessment.methods.document import load
from jirong.assessment.methods.levels import LevelRow, LevelTable
from jirong.assessment.methods.points import PointsTable
from jirong.assessment.methods.scorecard import Scaling, Scorecard
from jirong.schemes.evaluate.facts import MISSING, FeatureValue, Known

ON = dt.date(2026, 3, 2)
TRAINED = """{
"method": "card", "version": 1, "kind": "scorecard", "title": {"zh": "卡", "en": "card"},
"summary": {"zh": "卡", "en": "card"}, "source": "test", "effective": "2026-01-01", "verified": false,
"levels": [{"from": "2026-01-01", "at_least": {"A": 620.5, "B": 590}, "otherwise": "C", "verified": true, "source": "t"}],
"inputs": [
  {"feature": "age", "title": {"zh": "龄", "en": "age"}, "kind": "number", "missing": "bin"},
  {"feature": "debt", "title": {"zh": "债", "en": "debt"}, "kind": "percent", "missing": "bin"},
  {"feature": "grade", "title": {"zh": "级", "en": "grade"}, "kind": "word", "missing": "bin"},
  {"feature": "sued", "title": {"zh": "诉", "en": "sued"}, "kind": "flag"}],
"base": 561.17, "scaling": {"points": 600, "odds": 50, "pdo": 20},
"characteristics": [
  {"feature": "age", "neutral": 9, "missing": -3.25, "bins": [{"points": 1.5}, {"from": 2, "points": 9}, {"from": 8.125, "points": 31.75}]},
  {"feature": "debt", "neutral": 5, "missing": 0, "bins": [{"points": 30}, {"from": 0.4, "points": 11.11}, {"from": 0.7, "points": -20}]},
  {"feature": "grade", "neutral": 5, "missing": 0.5, "other": -7, "bins": [{"is": ["A", "B"], "points": 12}]},
  {"feature": "sued", "neutral": 0, "bins": [{"is": [true], "points": -40}, {"is": [false], "points": 3}]}]}"""
CARD = parse.read("card.json", TRAINED)
METHODS: list[Method] = [
    *(
        house_methods()[name]
        for name in ("innovation-points@1", "transaction-rating@1", "behaviour-score@1", "tax-score@1")
    ),
    CARD,
]
numbers = st.one_of(
    st.decimals(min_value=-2, max_value=60, places=4),
    st.decimals(min_value=-(10**7), max_value=10**9, places=2),
    st.integers(-1, 12).map(Decimal),
    st.sampled_from(
        [Decimal(text) for text in ("0.03", "0.05", "0.10", "0.4", "0.7", "2", "8.125", "5000", "20000000")]
    ),
)
silences = st.sampled_from(
    [MISSING, FeatureValue(None, known=Known.WITHHELD), FeatureValue(None, known=Known.CONTRADICTORY)]
)


def values(item: Input) -> st.SearchStrategy[FeatureValue]:
    if item.kind == "flag":
        present: st.SearchStrategy[Any] = st.booleans()
    elif item.kind == "word":
        present = st.sampled_from(["A", "B", "M", "C", "D", "", "甲"])
    else:
        bounds = [bound for bound in item.plausible or () if bound.is_finite()]
        present = st.one_of(numbers, st.sampled_from(bounds)) if bounds else numbers
    return st.one_of(present.map(FeatureValue), present.map(FeatureValue), present.map(FeatureValue), silences)


@st.composite
def clusters(draw: st.DrawFn) -> tuple[Method, list[dict[str, FeatureValue]]]:
    method = draw(st.sampled_from(METHODS))
    firm = st.fixed_dictionaries({item.feature: values(item) for item in method.head.inputs})
    return method, draw(st.lists(firm, min_size=1, max_size=12))


def as_columns(method: Method, firms: list[dict[str, FeatureValue]]) -> Columns:
    columns: dict[str, Any] = {}
    silent: dict[str, Any] = {}
    for item in method.head.inputs:
        raw = [firm[item.feature] for firm in firms]
        if item.kind in ("flag", "word"):
            columns[item.feature] = np.array([found.value for found in raw], dtype=object)
        else:
            columns[item.feature] = np.array([np.nan if f.value is None else float(str(f.value)) for f in raw])
        silent[item.feature] = np.array([f.known in (Known.WITHHELD, Known.CONTRADICTORY) for f in raw])
    return Columns(len(firms), columns, silent)


@settings(max_examples=150, deadline=None)
@given(clusters())
def test_twin_equals_scalar(cluster: tuple[Method, list[dict[str, FeatureValue]]]) -> None:
    method, firms = cluster
    assert isinstance(method, PointsTable | Scorecard)
    scores = method.columns(as_columns(method, firms), ON)
    for row, firm in enumerate(firms):
        result = method.assess(firm, ON)
        assert bool(scores.complete[row]) == (result.status is Status.ASSESSED)
        assert (scores.score(row), scores.level_of(row)) == (result.score, result.level)
        if scores.pd is not None and result.status is Status.ASSESSED:
            assert scores.pd[row] == result.pd


def test_a_cluster_without_a_column_is_silent_about_it() -> None:
    scores = house_methods()["behaviour-score@1"].columns(Columns(3, {}), ON)  # type: ignore[attr-defined]
    assert not scores.complete.any()
    assert scores.score(0) is None
    assert scores.level_of(0) is None


def test_probability_doubles_its_odds_every_pdo() -> None:
    scaling = Scaling(Decimal(600), Decimal(50), Decimal(20))
    assert [scaling.pd(Decimal(score)) for score in (600, 620, 580)] == [
        Decimal("0.019608"), Decimal("0.009901"), Decimal("0.038462"),
    ]  # fmt: skip


def test_many_firms_by_the_scalar() -> None:
    method = house_methods()["effect-scorecard@2"]
    firms = [{"effect_gain": FeatureValue(Decimal(gain))} for gain in ("0.31", "0.05")] + [{}]
    assert method.assess_many(firms, ON) == [(Decimal("31.00"), "A"), (Decimal("5.00"), "D"), (None, None)]


def test_levels_meet_the_bound_from_above() -> None:
    rows = LevelTable((LevelRow(ON, (("A", Decimal("10.01")), ("B", Decimal(5))), "C", True, "t"),))
    assert [rows.of(Decimal(text), ON) for text in ("10.01", "10.00", "5", "4.99")] == ["A", "B", "B", "C"]
    assert rows.next_up(Decimal(7), ON) == ("A", Decimal("10.01"))
    assert rows.next_up(Decimal(11), ON) is None


def test_numbers_of_a_document_are_exact() -> None:
    assert load("x.yaml", "a: 0.1")["a"].number() == Decimal("0.1")
    assert load("x.json", '{"a": 0.1}')["a"].number() == Decimal("0.1")


@pytest.mark.parametrize("name", ["innovation-points@1", "tax-score@1"])
def test_stand_ins_and_bins_fill_whole_columns(name: str) -> None:
    """Every declared answer to absence is the same for a cluster as for a firm."""
    method = house_methods()[name]
    assert isinstance(method, PointsTable | Scorecard)
    firm = {item.feature: MISSING for item in method.head.inputs}
    scores = method.columns(as_columns(method, [firm]), ON)
    assert scores.score(0) == method.assess(firm, ON).score
