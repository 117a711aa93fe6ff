"""The cards of the two public experiments: what is asked of each model, and where it must not be used."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jirong.assessment.training import boosting, calibrate, leakage, polish, report, sba, table
from jirong.assessment.training.report import Report

POLISH_SEED = 11

_WORDS: dict[str, tuple[str, str, Sequence[str], str]] = {
    "polish": (
        "Ranks Polish companies by the chance of bankruptcy in the forecasting period, from one year's accounts. A "
        "trial of the training machinery; no lender's decision rests on it.",
        "LightGBM, three seeds averaged, 300 rounds at 0.05, on 64 published ratios and 14 economic quantities they "
        "imply; beta calibration. No monotone constraints: most ratios have no single right direction.",
        (
            "The file has no dates, so testing is by stratified folds and not out of time: expect less in use.",
            "Bankrupt firms are 3.9 % by sampling; probabilities would need re-basing on a real portfolio.",
            "Much of every model's power on this file rests on X27 being absent; see the alarm. The figures without "
            "X27 are the ones to believe.",
            "Differences of ratios are kept to three decimals: finer ones carry residuals of how the file was made.",
            "Age, region and sector are not in the file, so fairness is shown by size alone.",
        ),
        "Polish bankruptcies (1year)",
    ),
    "sba": (
        "Ranks small-business loans by the chance of charge-off at approval, trained on earlier years. A trial of "
        "out-of-time evaluation; no lender's decision rests on it.",
        "LightGBM, three seeds averaged, 120 rounds at 0.03 with six leaves, on staff (monotone: fewer is riskier) and "
        "the shrunk default log-odds of industry and place (monotone); beta calibration.",
        (
            "The ranking is weak: little known at approval keeps its meaning from 1997 to 2004. It beats the baselines, "
            "which rank worse than chance, and is not good enough to decide by.",
            "Calibration fails: defaults of 2004 approvals (22.7 %) were over three times those of the training years; "
            "no recalibration on the past could know.",
            "The set of inputs was chosen by leaving out eras of the training years; that bank and programme should not "
            "be among the candidates was settled after seeing them turn round in 2004. The gain is optimistic by that.",
            "Years before 1995 are left out of training: the file keeps almost only defaulted loans of them.",
            "Columns filled after approval (disbursement, charge-off) are never offered; Term was barred by the alarm.",
        ),
        "SBA loans, trained to FY 2003, tested on FY 2004",
    ),
}


def words_of(source: str) -> tuple[str, str, Sequence[str], str]:
    """Purpose, model, limits and title of a data set's card."""
    known = (
        "A trained method on a lender's own history.",
        "See the method's document.",
        ("Set the limits here.",),
        source,
    )
    return _WORDS.get(source, known)


def report_of(source: str, folder: Path | None = None) -> Report:
    """The report behind a public card; takes minutes."""
    return _sba(folder) if source == "sba" else _polish(folder)


def _sba(folder: Path | None) -> Report:
    run = sba.run(table.sba(table.data_file(table.SBA, folder)))
    past = calibrate.out_of_fold(boosting.pick(sba.NUMBERS, run.train), sba.TUNED)
    calibrated = calibrate.apply_beta(calibrate.beta(past, run.train.outcome), past)
    beside = {name: run.forecasts[name] for name in ("untuned LightGBM", "logistic regression")}
    return report.report(
        run.train, run.test, run.forecasts["tuned, calibrated"], trained_pd=calibrated, alarms=run.alarms, beside=beside
    )


def _polish(folder: Path | None) -> Report:
    """One pass of ten folds: each firm is forecast by a model that did not see it, calibrated within its training part."""
    plain = table.polish(table.data_file(table.POLISH, folder))
    rich, forecasts = polish.with_economics(plain), {}
    for name, data, settings in (("tuned", rich, polish.TUNED), ("untuned LightGBM", plain, boosting.UNTUNED)):
        forecasts[name] = calibrate.out_of_fold(data, settings, count=polish.FOLDS, seed=POLISH_SEED)
    pd = _cross_calibrated(forecasts["tuned"], rich)
    found = report.report(
        plain, plain, pd, alarms=leakage.alarms(plain), beside={"untuned LightGBM": forecasts["untuned LightGBM"]}
    )
    # Tested on the firms it was trained on, fold by fold: there is no second population to have drifted.
    every = "each tenth of the firms by models of the other nine tenths, undated"
    return dataclasses.replace(found, trained_on=every, drift={})


def _cross_calibrated(forecast: table.Floats, data: table.Table) -> table.Floats:
    """Beta calibration of each fold learnt on the others."""
    calibrated = np.zeros(data.rows)
    for rows in boosting.folds(data.outcome, polish.FOLDS, POLISH_SEED):
        others = np.ones(data.rows, dtype=np.bool_)
        others[rows] = False
        beta = calibrate.beta(forecast[others], data.outcome[others])
        calibrated[rows] = calibrate.apply_beta(beta, forecast[rows])
    return calibrated
