"""The SBA experiment: trained on approvals to fiscal year 2003, tried on those of 2004, without ``Term``.

``Term`` is removed because the alarm flags it, not because somebody knew. The tuned model judges a firm by what it is
and where: industry, place and staff. The bank, the programme and its parameters (low-doc, revolving, guaranteed share)
are left out: they say how a lender sold loans in one year and turn round in another (seen in 2004, so this much is
hindsight). Which of the remaining inputs to take was chosen by leaving out one era of the training years at a time.
Years before 1995 are left out of training: the file keeps almost only defaulted loans of them. The baselines are
untuned LightGBM on every input known at approval, step by step up to the same inputs and years, and logistic
regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jirong.assessment.directions import Direction
from jirong.assessment.training import boosting, calibrate, leakage, metrics
from jirong.assessment.training.boosting import Settings
from jirong.assessment.training.leakage import Alarm
from jirong.assessment.training.table import Floats, Ints, Table
from jirong.kernel.text import Text

TRAIN_FROM, TRAIN_TO, TEST = 1995, 2003, 2004
TUNED = Settings(
    options={
        "rounds": 120,
        "learning_rate": 0.03,
        "num_leaves": 6,
        "min_data_in_leaf": 50,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 10,
    },
    seeds=3,
    monotone={"staff": -1},
    words=("industry_2", "industry_3", "state", "zip_3"),
    shrink=100.0,
)
NUMBERS = ("staff",)
ALL_INPUTS, RECENT = "untuned LightGBM", "untuned LightGBM on every input, years from 1995"
SAME = "untuned LightGBM on the same inputs and years"
SAME_RISING = "the same with coded words held to rise"
LOGISTIC = "logistic regression"
BESIDE = (ALL_INPUTS, RECENT, SAME, SAME_RISING, LOGISTIC)
"""What the model is held against, each with one thing more in common with it: every input; the same years; the same
inputs too, coded alike; and the direction of the coded words, which leaves only staff's direction and the settings.
"""
HELD = (Direction("staff", -1, Text("雇员多的企业更经得起波动", "a firm with more staff withstands more")),)
CANDIDATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "industry and place": ((), TUNED.words),
    "industry, place, staff": (NUMBERS, TUNED.words),
    "industry, place, staff, new firm": (("staff", "new_firm"), TUNED.words),
    "the same with amount, finer industry, city": (
        ("staff", "new_firm", "amount"), (*TUNED.words, "industry_4", "city"),
    ),
    "industry, state, city, staff, urban": (
        ("staff", "urban"), ("industry_2", "industry_3", "industry_4", "state", "city"),
    ),
}  # fmt: skip
ERAS = ((1997, 1997), (1998, 1999), (2000, 2002), (2003, 2003))


@dataclass(frozen=True)
class Run:
    """What came out: alarms on the training years, and forecasts of the test year by model."""

    alarms: list[Alarm]
    train: Table
    test: Table
    forecasts: dict[str, Floats]
    drivers: dict[str, float]

    @property
    def outcome(self) -> Ints:
        return self.test.outcome

    def gain(self, beside: str, figure: str = "auc") -> metrics.Interval:
        measure = {"auc": metrics.auc, "ks": metrics.ks, "gini": metrics.gini}[figure]
        return metrics.bootstrap_gain(self.outcome, measure, self.forecasts["tuned"], self.forecasts[beside])


def run(table: Table) -> Run:
    """Alarms first, on the training years alone, then training and testing on what they leave."""
    assert table.period is not None
    found = leakage.alarms(table.take(table.period <= TRAIN_TO))
    clean = table.without(*leakage.barred(found))
    assert clean.period is not None
    past, test = clean.take(clean.period <= TRAIN_TO), clean.take(clean.period == TEST)
    assert past.period is not None
    recent = past.take(past.period >= TRAIN_FROM)
    chosen, tested = boosting.pick(NUMBERS, recent), boosting.pick(NUMBERS, test)
    fitted = boosting.fit(chosen, TUNED)
    raw = fitted.predict(tested)
    forecasts = {"tuned": raw, ALL_INPUTS: _plain(past, test), RECENT: _plain(recent, test)}
    for name, rising in ((SAME, False), (SAME_RISING, True)):
        untuned = Settings(words=TUNED.words, rising=rising)
        forecasts[name] = boosting.fit(chosen, untuned).predict(tested)
    forecasts[LOGISTIC] = boosting.logistic(past, test)
    beta = calibrate.beta(calibrate.out_of_fold(chosen, TUNED), recent.outcome)
    forecasts["tuned, calibrated"] = calibrate.apply_beta(beta, raw)
    return Run(found, recent, test, forecasts, fitted.drivers(tested))


def _plain(train: Table, test: Table) -> Floats:
    """LightGBM as it comes on every input known at approval."""
    coded_train, coded_test = _coded(train, test)
    return boosting.fit(coded_train, boosting.UNTUNED).predict(coded_test)


def eras(table: Table) -> dict[str, list[float]]:
    """AUC of each candidate set with one era of the training years left out at a time (1997 by every other firm)."""
    assert table.period is not None
    years = table.take((table.period >= TRAIN_FROM) & (table.period <= TRAIN_TO))
    return {name: _left_out(years, *chosen) for name, chosen in CANDIDATES.items()}


def _left_out(years: Table, numbers: tuple[str, ...], words: tuple[str, ...]) -> list[float]:
    assert years.period is not None
    settings = Settings(TUNED.options, TUNED.seeds, {"staff": -1, "new_firm": 1, "urban": 1}, words, TUNED.shrink)
    chosen, figures = boosting.pick(numbers, years), []
    for first, last in ERAS:
        era = (years.period >= first) & (years.period <= last)
        if first == ERAS[0][0]:
            era &= np.arange(years.rows) % 2 == 0
        fitted = boosting.fit(chosen.take(~era), settings)
        figures.append(metrics.auc(years.outcome[era], fitted.predict(chosen.take(era))))
    return figures


def _coded(train: Table, test: Table) -> tuple[Table, Table]:
    """Words as whole numbers, the way a first attempt would have them."""
    names = ("state", "bank_state", "industry_2")
    codes = {name: {word: float(i) for i, word in enumerate(np.unique(train.words[name]))} for name in names}
    parts = []
    for part in (train, test):
        columns = [[codes[name].get(word, np.nan) for word in part.words[name]] for name in names]
        parts.append(part.with_columns(names, np.array(columns).T))
    return parts[0], parts[1]
