"""Batch scoring: 100,000 firms by every method that serves whole clusters, and the scalar that is their truth.

Run alone: ``python benchmarks/scoring.py [--small]``. Firms are drawn from a fixed seed; a hundredth of values are absent.
The columnar twin scores all of them; the scalar scores the first thousand, and the two must agree on every firm of
these. A boosted model (200 trees, 20 inputs) is trained on the spot where the extra ``models`` is installed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from jirong.assessment.methods import Method, house_methods, parse
from jirong.assessment.methods.base import Input
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.columns import Columns
from jirong.assessment.methods.points import PointsTable
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.training import extra
from jirong.schemes.evaluate.facts import MISSING, FeatureValue

AS_OF = date(2026, 7, 7)
SEED = 20260707
BUDGET_SECONDS = 60.0
SCALAR_ROWS = 1000
TOPS = {"percent": 0.6, "money": 3e7, "number": 120.0}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="2,000 firms")
    rows = 2_000 if parser.parse_args(arguments).small else 100_000
    print(f"{rows:,} firms, {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    worst = 0.0
    for method in _methods():
        worst = max(worst, _measure(method, rows))
    kept = worst <= BUDGET_SECONDS * rows / 100_000
    print(
        f"slowest method {worst:.2f} s; budget {BUDGET_SECONDS:.0f} s for 100,000 firms: {'kept' if kept else 'missed'}"
    )
    return 0 if kept else 1


def _methods() -> list[Method]:
    chosen: list[Method] = [item for item in house_methods() if isinstance(item, PointsTable | Scorecard)]
    if extra.available():
        chosen.append(_boosted())
    else:
        print("boosted model: left out, the extra `models` is not installed")
    return chosen


def _measure(method: Method, rows: int) -> float:
    """Seconds of the columnar twin over all rows."""
    assert isinstance(method, PointsTable | Scorecard | Boosted)
    columns = Columns(rows, {item.feature: _column(item, rows, place) for place, item in enumerate(method.head.inputs)})
    begun = time.perf_counter()
    scores = method.columns(columns, AS_OF)
    took = time.perf_counter() - begun
    count = min(SCALAR_ROWS, rows)
    begun = time.perf_counter()
    results = [method.assess(_firm(method, columns, row), AS_OF) for row in range(count)]
    scalar = (time.perf_counter() - begun) / count
    agree = all((r.score, r.level) == (scores.score(i), scores.level_of(i)) for i, r in enumerate(results))
    said = f"{method.id:24} {took:8.3f} s columnar, {scalar * 1e3:7.3f} ms a firm scalar with reasons"
    print(f"{said}, {int(scores.complete.sum()):,} complete, agree on {count:,}: {'yes' if agree else 'NO'}")
    if not agree:
        raise SystemExit(f"{method.id}: the columnar twin differs from the scalar")
    return took


def _column(item: Input, rows: int, place: int) -> Any:
    random = np.random.default_rng([SEED, place])
    if item.kind == "flag":
        return random.choice(np.array([True, False, None], dtype=object), rows, p=[0.1, 0.85, 0.05])
    if item.kind == "word":
        return random.choice(np.array(["A", "B", "M", "C", "D", None], dtype=object), rows)
    top = TOPS[item.kind] if item.plausible is None else min(TOPS[item.kind], float(item.plausible[1]))
    drawn = random.uniform(0, top, rows).round(4)
    drawn[random.uniform(size=rows) < 0.01] = np.nan
    return drawn


def _firm(method: Method, columns: Columns, row: int) -> dict[str, FeatureValue]:
    return {name: _value(columns.values[name][row]) for name in method.features}


def _value(cell: Any) -> FeatureValue:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return MISSING
    return FeatureValue(cell if isinstance(cell, bool | str) else Decimal(repr(float(cell))))


def _boosted() -> Method:
    from jirong.assessment.training import boosting, export
    from jirong.assessment.training.table import Table

    random = np.random.default_rng(SEED)
    values = random.uniform(0, 120, (5_000, 20)).round(4)
    outcome = (random.uniform(size=5_000) < 1 / (1 + np.exp(4 - values[:, 0] / 40))).astype(np.int64)
    table = Table("drawn", tuple(f"input_{i}" for i in range(20)), values, outcome)
    settings = boosting.Settings({"rounds": 200}, monotone={"input_0": 1})
    named = export.Named("boosted-drawn", 1, date(2026, 1, 1), "benchmarks/scoring.py")
    return parse.read("boosted-drawn@1.json", json.dumps(export.boosted(table, settings, named)))


if __name__ == "__main__":
    sys.exit(main())
