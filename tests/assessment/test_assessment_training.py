"""Training and judging models: metrics by hand and beside a library, the alarm, and documents that score as fitted.

Needs the extra ``models``; the public data are used where the shared data folder lies beside the repository.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from jirong.assessment.training import extra

if not extra.available():
    pytest.skip("the extra `models` is not installed: nothing is trained here", allow_module_level=True)

from jirong.assessment import cards as shown
from jirong.assessment.methods import Effect, parse
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.columns import Columns
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.training import (
    boosting,
    calibrate,
    card,
    cards,
    export,
    fairness,
    files,
    leakage,
    metrics,
    polish,
    report,
    sba,
    scoring,
    table,
)
from jirong.assessment.training.boosting import Settings
from jirong.assessment.training.table import Table
from jirong.cli.main import build_parser
from jirong.kernel.errors import Invalid, NotFound
from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import MISSING, FeatureValue

ON = dt.date(2026, 3, 2)
FAST = Settings(options={"rounds": 25, "num_leaves": 7}, monotone={"debt": 1, "age": -1})


def made(rows: int = 1500, seed: int = 5) -> Table:
    """Firms whose default follows debt and age; noise says nothing; a tenth of ages are absent."""
    random = np.random.default_rng(seed)
    debt, age, noise = random.uniform(0, 1, rows), random.integers(1, 30, rows).astype(float), random.normal(size=rows)
    chance = 1 / (1 + np.exp(-(-3.0 + 3.5 * debt - 0.06 * age)))
    outcome = (random.uniform(size=rows) < chance).astype(np.int64)
    age[random.uniform(size=rows) < 0.1] = np.nan
    period = 2020 + np.arange(rows) * 4 // rows
    groups = {"size": np.where(np.arange(rows) % 3 == 0, "small", "large")}
    words = {"town": np.where(debt > 0.5, "east", "west")}
    return Table("made", ("debt", "age", "noise"), np.column_stack([debt, age, noise]), outcome, period, words, groups)


NAMED = export.Named("made-model", 1, dt.date(2026, 1, 1), "test")


def test_ranking_figures_equal_the_library() -> None:
    sklearn = extra.library("sklearn.metrics")

    random = np.random.default_rng(1)
    outcome, score = random.integers(0, 2, 400), random.integers(0, 12, 400) / 12.0
    false, true, _ = sklearn.roc_curve(outcome, score, drop_intermediate=False)
    assert metrics.auc(outcome, score) == pytest.approx(sklearn.roc_auc_score(outcome, score), abs=1e-12)
    assert metrics.ks(outcome, score) == pytest.approx(np.abs(true - false).max(), abs=1e-12)
    assert metrics.brier(outcome, score) == pytest.approx(sklearn.brier_score_loss(outcome, score), abs=1e-12)


def test_brier_parts_sum_to_the_score_where_forecasts_are_alike_within_a_bin() -> None:
    pd = np.repeat([0.1, 0.3, 0.5, 0.9], 50)
    outcome = (np.arange(200) % 3 == 0).astype(np.int64)
    parts = metrics.brier_parts(outcome, pd, bins=4)
    assert parts.score == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty, abs=1e-12)


def test_psi_is_zero_for_the_same_and_large_for_another_population() -> None:
    random = np.random.default_rng(2)
    one = random.normal(size=4000)
    assert metrics.psi(one, one) == pytest.approx(0, abs=1e-12)
    assert metrics.psi(one, one + 1) > 0.5
    absent = one.copy()
    absent[:2000] = np.nan
    assert metrics.psi(one, absent) > 0.5


def test_psi_by_hand() -> None:
    """Half and half against nine tenths and one: (0.4)·ln(0.9/0.5) + (−0.4)·ln(0.1/0.5)."""
    words = np.array(["a"] * 50 + ["b"] * 50), np.array(["a"] * 90 + ["b"] * 10)
    assert metrics.psi_words(*words) == pytest.approx(0.4 * np.log(1.8) - 0.4 * np.log(0.2), abs=1e-12)


def test_the_corrected_interval_by_hand() -> None:
    """Four differences of mean 0.02 and variance 2/30000: half-width t(0.975; 3) · √(var · (1/4 + 1/9))."""
    found = metrics.paired_interval(np.array([0.01, 0.02, 0.03, 0.02]), 10, 90)
    reach = 3.182446305 * np.sqrt(np.var([0.01, 0.02, 0.03, 0.02], ddof=1) * (0.25 + 1 / 9))
    assert found.value == pytest.approx(0.02)
    assert found.low == pytest.approx(0.02 - reach, abs=1e-8)


def test_folds_are_stratified_fixed_and_whole() -> None:
    outcome = made().outcome
    folds = boosting.folds(outcome, 10, seed=11)
    assert sorted(int(row) for fold in folds for row in fold) == list(range(len(outcome)))
    assert max(outcome[fold].sum() for fold in folds) - min(outcome[fold].sum() for fold in folds) <= 1
    again = boosting.folds(outcome, 10, seed=11)
    assert all((one == two).all() for one, two in zip(folds, again, strict=True))


def test_no_firm_sees_its_own_outcome_in_its_word() -> None:
    """Give every firm a town of its own: out of fold all of them are unseen, so the column says nothing."""
    data = made(300)
    towns = np.array([f"t{i}" for i in range(300)])
    coded = boosting._out_of_fold(towns, data.outcome, 1.0, seed=1)
    assert metrics.auc(data.outcome, coded) < 0.75
    assert len(np.unique(coded)) <= boosting.FOLDS


def test_monotone_constraints_hold_everywhere() -> None:
    fitted = boosting.fit(made(), FAST)
    grid = np.column_stack([np.linspace(0, 1, 200), np.full(200, 9.0), np.zeros(200)])
    forecast = fitted.predict(Table("grid", ("debt", "age", "noise"), grid, np.zeros(200, dtype=np.int64)))
    assert (np.diff(forecast) >= -1e-12).all()


def test_the_alarm_flags_a_leak_of_each_sign_and_no_honest_input() -> None:
    data = made()
    random = np.random.default_rng(9)
    bad = data.outcome == 1
    known_after = np.where(bad, 1.0, 0.0) + random.normal(scale=0.3, size=data.rows)
    term = np.where(bad, random.integers(3, 80, data.rows), 12 * random.integers(1, 9, data.rows)).astype(float)
    absent = np.where(bad & (random.uniform(size=data.rows) < 0.25), np.nan, random.normal(size=data.rows))
    leaky = data.with_columns(
        ("balance", "term", "rating", "recovered"),
        np.column_stack([known_after, term, absent, random.normal(size=data.rows)]),
    )
    found = {(alarm.feature, alarm.sign) for alarm in leakage.alarms(leaky)}
    assert {("balance", "power"), ("term", "cut short"), ("rating", "absence"), ("recovered", "name")} <= found
    assert not {name for name, _ in found} & {"debt", "age", "noise"}
    assert set(leakage.barred(leakage.alarms(leaky))) == {"balance", "term", "recovered"}
    assert leakage.alarms(data) == []


def test_the_alarm_looks_within_periods() -> None:
    """A leak of one year only is found there."""
    data = made()
    random = np.random.default_rng(3)
    assert data.period is not None
    value = np.where(data.period == 2023, data.outcome * 3.0, 0) + random.normal(size=data.rows)
    found = leakage.alarms(data.with_columns(("late",), value[:, None]))
    assert [(alarm.feature, alarm.sign) for alarm in found] == [("late", "power")]
    assert "2023" in found[0].said.en


def test_beta_calibration_repairs_a_distorted_forecast() -> None:
    random = np.random.default_rng(4)
    true = random.uniform(0.02, 0.6, 6000)
    outcome = (random.uniform(size=6000) < true).astype(np.int64)
    distorted = true**2
    for repaired in (
        calibrate.apply_beta(calibrate.beta(distorted, outcome), distorted),
        calibrate.apply_isotonic(calibrate.isotonic(distorted, outcome), distorted),
    ):
        assert metrics.brier(outcome, repaired) < metrics.brier(outcome, distorted) - 0.005
        assert metrics.brier_parts(outcome, repaired).reliability < 0.001


def test_fairness_marks_the_class_approved_far_less() -> None:
    data = made()
    pd = np.where(data.groups["size"] == "small", 0.5, 0.1) + data.column("debt") / 100
    classes = {item.name: item for item in fairness.classes(data, pd)}
    assert not classes["large"].marked
    assert classes["small"].marked
    assert classes["small"].firms == 500


def test_a_trained_scorecard_scores_by_plain_bins(tmp_path: Path) -> None:
    """The document's forecasts rank, are calibrated on its own firms, and equal the scalar's."""
    data = made()
    method = parse.read("made-model@1.json", json.dumps(export.scorecard(data, NAMED)))
    assert isinstance(method, Scorecard)
    given = Columns(data.rows, {name: data.column(name) for name in method.features})
    scored = method.columns(given, ON)
    assert scored.pd is not None
    pd = scored.pd.astype(float)
    assert metrics.auc(data.outcome, pd) > 0.75
    assert pd.mean() == pytest.approx(data.outcome.mean(), abs=0.005)
    for row in range(0, 60, 7):
        firm = firm_of(data, row)
        result = method.assess(firm, ON)
        assert (result.score, result.level, result.pd) == (scored.score(row), scored.level_of(row), scored.pd[row])


def firm_of(data: Table, row: int) -> dict[str, FeatureValue]:
    cells = {name: data.column(name)[row] for name in data.features}
    return {n: MISSING if np.isnan(v) else FeatureValue(Decimal(repr(float(v)))) for n, v in cells.items()}


def test_a_boosted_document_scores_as_fitted_and_explains_itself() -> None:
    data = made()
    method = parse.read("made-model@1.json", json.dumps(export.boosted(data, FAST, NAMED)))
    assert isinstance(method, Boosted)
    scored = method.columns(Columns(data.rows, {name: data.column(name) for name in data.features}), ON)
    assert scored.pd is not None
    assert scored.pd.astype(float).mean() == pytest.approx(data.outcome.mean(), abs=0.02)
    worst = int(np.argmax(scored.pd.astype(float)))
    result = method.assess(firm_of(data, worst), ON)
    assert (result.score, result.pd, result.level) == (scored.score(worst), scored.pd[worst], "D")
    hurt = [reason.feature for reason in result.of(Effect.HURT)]
    assert hurt[0] == "debt"
    advice = {reason.feature: reason.points for reason in result.of(Effect.CHANGE) if reason.feature}
    lowered = {**firm_of(data, worst), "debt": FeatureValue(method.typical["debt"])}
    assert method.assess(lowered, ON).score == (result.score or 0) + (advice["debt"] or 0)


def test_training_out_of_time_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """train → evaluate → compare on a lender's own CSV: the newest year is held out, the leak is left out by itself."""
    data = made()
    leak = np.where(data.outcome == 1, 7.0, 1.0) + np.random.default_rng(1).normal(size=data.rows) / 10
    write_csv(tmp_path / "loans.csv", data.with_columns(("recovered_part",), leak[:, None]))
    common = [str(tmp_path / "loans.csv"), "--outcome", "bad", "--period", "year"]
    for kind in ("scorecard", "boosted"):
        run(
            "train",
            *common,
            "--kind",
            kind,
            "--method",
            f"{kind}@1",
            "--effective",
            "2026-01-01",
            "--out",
            str(tmp_path),
        )
        assert "! recovered_part [power]" in capsys.readouterr().out
        made_of = json.loads((tmp_path / f"{kind}@1.json").read_text(encoding="utf-8"))
        assert made_of["trained"]["periods"] == [2020, 2022]
        assert "recovered_part" not in {item["feature"] for item in made_of["inputs"]}
    run("evaluate", *common, "--method", str(tmp_path / "scorecard@1.json"))
    said = capsys.readouterr().out
    assert "2020 to 2022" in said
    assert "| recovered_part | power |" in said
    run("compare", *common, str(tmp_path / "scorecard@1.json"), str(tmp_path / "boosted@1.json"))
    assert "boosted@1 − scorecard@1: AUC difference" in capsys.readouterr().out


def write_csv(path: Path, data: Table) -> None:
    assert data.period is not None
    lines = [",".join([*data.features, "bad", "year", "size"])]
    for row in range(data.rows):
        cells = ["" if np.isnan(v) else repr(float(v)) for v in data.values[row]]
        lines.append(",".join([*cells, str(data.outcome[row]), str(data.period[row]), data.groups["size"][row]]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(*words: str) -> None:
    arguments = build_parser().parse_args(["--lang", "en", "models", *words])
    assert arguments.run(arguments) == 0


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a,bad\n", "loans.csv"),
        ("a\n1\n", "loans.csv"),
        ("a,bad\nx,1\n", "loans.csv:2: a"),
        ("a,bad\n1,2\n", "loans.csv: bad"),
    ],
)
def test_a_bad_file_is_refused_by_place(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        files.read(path, outcome="bad")
    assert refused.value.where == where


def test_the_card_says_everything_measured() -> None:
    data = made(600)
    assert data.period is not None
    train, test = data.take(data.period < 2023), data.take(data.period == 2023)
    pd = boosting.fit(train, FAST).predict(test)
    found = report.report(train, test, pd, beside={"chance": np.zeros(test.rows)}, rounds=50)
    words = cards.words_of("made")
    text = card.card(words, found)
    for heading in ("Leakage alarm", "Ranking", "Calibration", "Drift", "Fairness", "Limits"):
        assert f"### {heading}" in text
    assert "2020 to 2022" in text
    assert json.loads(json.dumps(found.as_dict(), default=str))["tested"]["firms"] == test.rows
    kept = shown.read(json.dumps(card.document("made", words, found, "jirong models card made")).encode())
    assert (kept.id, kept.is_out_of_time, len(kept.grades)) == ("made@1", True, len(found.grades))
    assert kept.ranking[0].value == Decimal(str(round(found.auc.value, 6)))


def test_a_polish_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "folds.jsonl"
    told: list[Text] = []
    monkeypatch.setattr(polish, "variants", lambda data: {"untuned": (data, Settings({"rounds": 3}))})
    first = polish.run(made(400), kept, progress=told.append, seeds=(11,), names=("untuned",))
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"seed": 12, "fo')
    again = polish.run(made(400), kept, progress=told.append, seeds=(11,), names=("untuned",))
    assert len(told) == polish.FOLDS
    assert (first.figures["untuned"] == again.figures["untuned"]).all()


@pytest.mark.parametrize("change", ["settings", "values", "outcome", "column"])
def test_folds_of_other_settings_or_data_are_not_taken_for_these(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With anything changed every fold is computed again, and the former ones stay usable."""
    kept, rounds = tmp_path / "folds.jsonl", {"rounds": 2}
    told: list[Text] = []
    monkeypatch.setattr(polish, "variants", lambda data: {"untuned": (data, Settings(dict(rounds)))})
    data = made(400)

    def run_all(table: Table) -> None:
        polish.run(table, kept, progress=told.append, seeds=(11,), names=("untuned",))

    run_all(data)
    other = data
    if change == "settings":
        rounds["rounds"] = 3
    elif change == "values":
        other = replace(data, values=data.values + np.eye(1, 3) * 1e-9)
    elif change == "outcome":
        other = replace(data, outcome=1 - data.outcome)
    else:
        other = replace(data, features=("debt", "years", "noise"))
    run_all(other)
    assert len(told) == 2 * polish.FOLDS
    rounds["rounds"] = 2
    run_all(data)
    assert len(told) == 2 * polish.FOLDS


def test_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        table.data_file(table.SBA, tmp_path)


def shared(name: str) -> Path:
    try:
        return table.data_file(name)
    except NotFound:
        pytest.skip(f"the shared data folder beside the repository has no {name}")


def test_the_alarm_flags_term_unprompted() -> None:
    """Nobody names the column: on the training years alone it is found by power and by its odd lengths."""
    data = table.sba(shared(table.SBA))
    assert data.period is not None
    found = leakage.alarms(data.take(data.period <= sba.TRAIN_TO))
    assert {(alarm.feature, alarm.sign) for alarm in found} == {("Term", "power"), ("Term", "cut short")}


def test_sba_out_of_time_gains_on_the_plain_baselines() -> None:
    run_found = sba.run(table.sba(shared(table.SBA)))
    assert "Term" not in run_found.test.features
    assert run_found.train.period is not None
    assert run_found.test.period is not None
    assert run_found.train.period.max() == 2003
    assert set(run_found.test.period) == {2004}
    gain = metrics.bootstrap_gain(
        run_found.outcome,
        metrics.auc,
        run_found.forecasts["tuned"],
        run_found.forecasts["untuned LightGBM"],
        rounds=300,
    )
    assert gain.low > 0


def test_the_alarm_questions_the_polish_ratio_that_is_absent_for_the_bankrupt() -> None:
    data = table.polish(shared(table.POLISH))
    assert (data.rows, int(data.outcome.sum()), len(data.features)) == (7027, 271, 64)
    found = {(alarm.feature, alarm.sign) for alarm in leakage.alarms(data)}
    assert found == {("X27", "absence"), ("X11", "absence")}
    assert polish.with_economics(data).features[64:] == tuple(polish.ECONOMIC)


def test_scoring_a_method_without_probability_is_refused() -> None:
    from jirong.assessment.methods.library import CATALOGUE

    with pytest.raises(Invalid, match=r"models\.no_probability"):
        scoring.forecast(CATALOGUE / "tax-score@1.yaml", made(10))
