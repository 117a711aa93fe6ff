"""What is measured of a model on firms it has not seen: ranking with intervals, calibration, drift, fairness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jirong.assessment.directions import Direction
from jirong.assessment.training import fairness, metrics
from jirong.assessment.training.leakage import Alarm
from jirong.assessment.training.metrics import Brier, Grade, Interval
from jirong.assessment.training.table import Floats, Table


@dataclass(frozen=True, slots=True)
class Sample:
    """Firms that were trained on or tested on; ``first`` and ``last`` are their periods, None where undated."""

    firms: int
    defaults: int
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """``gains`` are AUC differences to other forecasts of the same firms; ``drift`` is PSI by input; ``drivers`` are
    each input's share of what moves the forecast; ``folds`` is how many folds took turns where the same firms were
    trained on and tested, 0 where testing is on others; ``monotone`` are the directions the model was held to;
    ``inputs`` are those of the document judged; ``in_time`` says that periods were not held apart.
    """

    data: str
    trained: Sample
    tested: Sample
    folds: int
    alarms: tuple[Alarm, ...]
    auc: Interval
    gini: Interval
    ks: Interval
    brier: Brier
    grades: tuple[Grade, ...]
    drift: dict[str, float]
    score_drift: float
    classes: tuple[fairness.Class, ...]
    gains: dict[str, Interval]
    drivers: dict[str, float]
    monotone: tuple[Direction, ...] = ()
    inputs: tuple[str, ...] = ()
    in_time: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form."""
        from dataclasses import asdict

        return asdict(self)


def report(
    train: Table,
    test: Table,
    pd: Floats,
    *,
    trained_pd: Floats | None = None,
    alarms: list[Alarm] | None = None,
    beside: dict[str, Floats] | None = None,
    drivers: dict[str, float] | None = None,
    folds: int = 0,
    trained: Sample | None = None,
    monotone: Sequence[Direction] = (),
    inputs: Sequence[str] = (),
    in_time: bool = False,
    rounds: int = metrics.BOOTSTRAPS,
) -> Report:
    """Everything said of forecasts ``pd`` of ``test``; ``trained_pd`` are unseen forecasts of the training firms;
    ``trained`` says what the model learnt from where that is not ``train``.
    """
    outcome = test.outcome
    gains = {
        name: metrics.bootstrap_gain(outcome, metrics.auc, pd, other, rounds=rounds)
        for name, other in (beside or {}).items()
    }
    return Report(
        data=test.name,
        trained=trained or _sample(train),
        tested=_sample(test),
        folds=folds,
        alarms=tuple(alarms or ()),
        auc=metrics.bootstrap(outcome, metrics.auc, pd, rounds=rounds),
        gini=metrics.bootstrap(outcome, metrics.gini, pd, rounds=rounds),
        ks=metrics.bootstrap(outcome, metrics.ks, pd, rounds=rounds),
        brier=metrics.brier_parts(outcome, pd),
        grades=tuple(metrics.calibration(outcome, pd)),
        drift={} if folds else _drift(train, test),
        score_drift=float("nan") if trained_pd is None else metrics.psi(trained_pd, pd),
        classes=tuple(fairness.classes(test, pd)),
        gains=gains,
        drivers=drivers or {},
        monotone=tuple(monotone),
        inputs=tuple(inputs),
        in_time=in_time,
    )


def _drift(train: Table, test: Table) -> dict[str, float]:
    numbers = {name: metrics.psi(train.column(name), test.column(name)) for name in test.features}
    return numbers | {name: metrics.psi_words(train.words[name], test.words[name]) for name in test.words}


def _sample(table: Table) -> Sample:
    firms, defaults = table.rows, int(table.outcome.sum())
    if table.period is None:
        return Sample(firms, defaults)
    return Sample(firms, defaults, str(table.period.min()), str(table.period.max()))
