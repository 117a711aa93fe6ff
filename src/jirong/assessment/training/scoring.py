"""A document on a table: the probability of default it gives each row, by the same code that serves the platform; and
whether the table's periods come after those the document learnt from.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jirong.assessment.directions import Direction
from jirong.assessment.methods import columns, document, parse
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.training.report import Sample
from jirong.assessment.training.table import Floats, Table
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Judged:
    """A document to be judged: the method, and what its document says it learnt from (None where it does not say)."""

    name: str
    method: Boosted | Scorecard
    trained: Sample | None

    @property
    def monotone(self) -> tuple[Direction, ...]:
        return self.method.monotone if isinstance(self.method, Boosted) else ()

    def forecast(self, table: Table, on: dt.date | None = None) -> Floats:
        """Probabilities in the order of the rows; :class:`Invalid` where the method states none."""
        given = columns.Columns(table.rows, {name: table.column(name) for name in table.features})
        scored = self.method.columns(given, on or self.method.head.levels.rows[-1].since)
        if scored.pd is None:
            raise _states_none(self.name)
        return np.array([float(pd) for pd in scored.pd])

    def require_later(self, test: Table) -> None:
        """Refuse a test on periods that are not all after those it learnt from: it would be called out of time."""
        if test.period is None:
            return
        first = int(test.period.min())
        seen = self.trained.last if self.trained else None
        if seen is None:
            raise _in_time(self.name, "没有写明训练时期", "does not say which periods it learnt from")
        if int(seen) >= first:
            since = self.trained.first if self.trained else seen
            raise _in_time(
                self.name,
                f"用{since}至{seen}年的数据训练，检验期{first}年已在其中",
                f"learnt from {since} to {seen}, and the period tested, {first}, is among them",
            )


def read(path: Path) -> Judged:
    """The document at ``path``; refuses a file that cannot be read and a method that states no probability."""
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
        raise _states_none(path.name)
    return Judged(path.name, method, _trained(document.load(path.name, text).get("trained")))


def forecast(path: Path, table: Table, on: dt.date | None = None) -> Floats:
    """Probabilities a document gives, in the order of the rows."""
    return read(path).forecast(table, on)


def _trained(node: document.Node | None) -> Sample | None:
    if node is None:
        return None
    periods = node.get("periods")
    span = [str(item.whole()) for item in periods.list()] if periods else [None, None]
    return Sample(node["firms"].whole(), node["defaults"].whole(), span[0], span[-1])


def _in_time(where: str, zh: str, en: str) -> Refusal:
    return Refusal(
        "models.in_time",
        Text(f"这不是跨期检验：该方法{zh}", f"This is no test out of time: the method {en}"),
        remedy=Text(
            "请用只以更早时期训练的方法，或加 --in-time，结果将标明“样本内”",
            "Judge a method that learnt from earlier periods only, or say --in-time and the result is marked IN TIME",
        ),
        where=where,
    )


def _states_none(where: str) -> Invalid:
    return Invalid(
        "models.no_probability",
        Text(
            "这一方法不给出违约概率，无法评估", "This method states no probability of default, so it cannot be judged"
        ),
        remedy=Text("请选择训练得到的评分卡或模型", "Choose a trained scorecard or model"),
        where=where,
    )
