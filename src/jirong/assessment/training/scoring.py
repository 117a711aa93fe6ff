"""A document on a table: the probability of default it gives each row, by the same code that serves the platform."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from jirong.assessment.methods import columns, parse
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.training.table import Floats, Table
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


def forecast(path: Path, table: Table, on: dt.date | None = None) -> Floats:
    """Probabilities in the order of the rows; :class:`Invalid` where the method states none."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as broken:
        raise Invalid(
            "file.unreadable",
            Text(f"无法读取文件：{broken.strerror}", f"The file cannot be read: {broken.strerror}"),
            remedy=Text("请检查路径", "Check the path"),
            where=path.name,
        ) from None
    method = parse.read(path.name, text)
    if not isinstance(method, Boosted | Scorecard):
        raise _states_none(path)
    given = columns.Columns(table.rows, {name: table.column(name) for name in table.features})
    scored = method.columns(given, on or method.head.levels.rows[-1].since)
    if scored.pd is None:
        raise _states_none(path)
    return np.array([float(pd) for pd in scored.pd])


def _states_none(path: Path) -> Invalid:
    return Invalid(
        "models.no_probability",
        Text(
            "这一方法不给出违约概率，无法评估", "This method states no probability of default, so it cannot be judged"
        ),
        remedy=Text("请选择训练得到的评分卡或模型", "Choose a trained scorecard or model"),
        where=path.name,
    )
