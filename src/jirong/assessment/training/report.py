"""What is measured of a model on firms it has not seen: ranking with intervals, calibration, drift, fairness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jirong.assessment.training import fairness, metrics
from jirong.assessment.training.leakage import Alarm
from jirong.assessment.training.metrics import Brier, Grade, Interval
from jirong.assessment.training.table import Floats, Table


@dataclass(frozen=True, slots=True)
class Report:
    """``gains`` are AUC differences to other forecasts of the same firms; ``drift`` is PSI by input."""

    data: str
    trained_on: str
    tested_on: str
    firms: int
    defaults: int
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
    rounds: int = metrics.BOOTSTRAPS,
) -> Report:
    """Everything said of forecasts ``pd`` of ``test``; ``trained_pd`` are unseen forecasts of the training firms."""
    outcome = test.outcome
    gains = {
        name: metrics.bootstrap_gain(outcome, metrics.auc, pd, other, rounds=rounds)
        for name, other in (beside or {}).items()
    }
    return Report(
        data=test.name,
        trained_on=_dates(train),
        tested_on=_dates(test),
        firms=test.rows,
        defaults=int(outcome.sum()),
        alarms=tuple(alarms or ()),
        auc=metrics.bootstrap(outcome, metrics.auc, pd, rounds=rounds),
        gini=metrics.bootstrap(outcome, metrics.gini, pd, rounds=rounds),
        ks=metrics.bootstrap(outcome, metrics.ks, pd, rounds=rounds),
        brier=metrics.brier_parts(outcome, pd),
        grades=tuple(metrics.calibration(outcome, pd)),
        drift={name: metrics.psi(train.column(name), test.column(name)) for name in test.features}
        | {name: metrics.psi_words(train.words[name], test.words[name]) for name in test.words},
        score_drift=float("nan") if trained_pd is None else metrics.psi(trained_pd, pd),
        classes=tuple(fairness.classes(test, pd)),
        gains=gains,
    )


def _dates(table: Table) -> str:
    rows = f"{table.rows:,} firms, {int(table.outcome.sum()):,} defaults"
    if table.period is None:
        return f"{rows}, undated"
    return f"{rows}, {table.period.min()} to {table.period.max()}"
