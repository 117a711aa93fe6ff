"""A lender's own history as a CSV file: one row a loan, a column for the outcome, perhaps one for the period."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from jirong.assessment.training.table import Floats, Table
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

GROUPS = ("size", "region", "age", "sector")
"""Columns of these names are not inputs; fairness looks at them."""
ROWS_MOST = 5_000_000


def read(path: Path, *, outcome: str, period: str = "") -> Table:
    """Columns of numbers are inputs; :class:`Invalid` names a column that is not there or holds something else."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as broken:
        raise _bad(path.name, f"无法读取（{broken}）", f"it cannot be read ({broken})") from None
    if not rows:
        raise _bad(path.name, "没有数据行", "it has no rows")
    wanted = [outcome] + ([period] if period else [])
    absent = [name for name in wanted if name not in rows[0]]
    if absent:
        raise _bad(path.name, f"没有这一列：{absent[0]}", f"it has no column {absent[0]}")
    names = [name for name in rows[0] if name not in (*wanted, *GROUPS)]
    values = np.column_stack([_column(path, name, [row[name] for row in rows]) for name in names])
    found = _column(path, outcome, [row[outcome] for row in rows])
    if not set(np.unique(found)) <= {0.0, 1.0}:
        raise _bad(f"{path.name}: {outcome}", "结果列须为0或1", "the outcome must be 0 or 1")
    when = _column(path, period, [row[period] for row in rows]).astype(np.int64) if period else None
    groups = {name: np.array([row[name] for row in rows]) for name in GROUPS if name in rows[0]}
    return Table(path.stem, tuple(names), values, found.astype(np.int64), when, groups=groups)


def _column(path: Path, name: str, cells: list[str]) -> Floats:
    numbers = []
    for line, cell in enumerate(cells, 2):
        text = cell.strip()
        try:
            numbers.append(float(text) if text else float("nan"))
        except ValueError:
            raise _bad(f"{path.name}:{line}: {name}", f"“{text[:40]}”不是数字", f"“{text[:40]}” is no number") from None
    return np.array(numbers)


def _bad(where: str, zh: str, en: str) -> Invalid:
    return Invalid(
        "models.bad_data",
        Text(f"训练数据有误：{zh}", f"The training data are not usable: {en}"),
        remedy=Text("请更正文件后重试", "Correct the file and try again"),
        where=where,
    )
