"""The book's pulse in figures and drawings; every one of them leads to the rows behind it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jirong.financing.pages import bank_tables
from jirong.financing.pages.bank_figures import Cell, Debtor, Rung, Share, total
from jirong.instruments.portfolio.classes import BAD_FROM
from jirong.kernel import calendar
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.web import parts
from jirong.web.display import Label

MENTION = 1


@dataclass(frozen=True, slots=True)
class Roll:
    """A move between classes in a month: its share with the interval, in words for the row it stands in."""

    label: Label
    month: str
    share: Share
    tone: str


@dataclass(frozen=True, slots=True)
class Slice:
    name: Label
    minor: int
    part: Any
    width: str
    url: str
    note: Label = ""


def figures(cells: Sequence[Cell]) -> list[parts.Figure]:
    """The figures a head of credit opens the day with."""
    loans, minor = total(cells)
    late = sum(cell.late_minor for cell in cells)
    bad = sum(cell.minor for cell in cells if cell.loan_class >= BAD_FROM)
    share = bank_tables.percent_of(bad, minor)
    graver = Text("次级、可疑、损失三类的本金占比", "substandard, doubtful and loss, by principal")
    return [
        parts.Figure(Text("本金余额", "Principal left"), minor, "summary", bank_tables.book_url(running=1)),
        parts.Figure(Text("在贷笔数", "Loans"), loans, href=bank_tables.book_url(running=1)),
        parts.Figure(Text("逾期本金余额", "Late"), late, "summary", bank_tables.book_url(late=1)),
        parts.Figure(Text("不良率", "Bad loans"), share, "percent", bank_tables.book_url(bad=1), graver),
    ]  # fmt: skip


def ladder_chart(rungs: Sequence[Rung], today: datetime.date) -> parts.Chart | None:
    """Principal by the month it falls due; ``None`` for an empty book."""
    if not any(rung.minor for rung in rungs):
        return None
    rows = [(rung_label(rung, rungs), Money(rung.minor)) for rung in rungs if rung.month or rung.minor]
    return parts.Chart(
        "ladder", Text("本金到期阶梯", "Ladder of maturities"), "bar", (Text("月份", "Month"), Text("到期本金", "Principal")),
        rows, Text("元", "CNY"), Text("按合同还款计划推算；最后一栏为一年以后", "By the schedules; the last bar is all beyond a year"),
    )  # fmt: skip


def rung_label(rung: Rung, rungs: Sequence[Rung]) -> Text:
    if rung.month is None:
        return Text("已到期未还", "Due, unpaid")
    month = f"{rung.month:%Y-%m}"
    return Text(f"{month} 起", f"from {month}") if rung is rungs[-1] else Text(month, month)


def rung_url(rung: Rung, rungs: Sequence[Rung], today: datetime.date) -> str:
    """Loans whose next instalment falls in the rung (a schedule's later instalments have no rows of their own)."""
    if rung.month is None:
        return bank_tables.book_url(late=1)
    if rung is rungs[-1]:
        return bank_tables.book_url(next_due_from=rung.month)
    last = calendar.add_months(rung.month, 1) - datetime.timedelta(days=1)
    return bank_tables.book_url(next_due_from=rung.month, next_due_to=last)


def moves(counts: Mapping[tuple[int, int], int], before: int, worse: bool) -> Share:
    """Of the debtors that began the month in ``before``: how many ended it in a worse (or a better) class."""
    whole = sum(count for (start, _), count in counts.items() if start == before)
    part = sum(c for (start, end), c in counts.items() if start == before and (end > before if worse else end < before))
    return Share(part, whole)


def roll_lines(found: Mapping[datetime.date, Mapping[tuple[int, int], int]], today: datetime.date) -> list[Roll]:
    """The three moves that say most of a book, in the last month with any."""
    if not found:
        return []
    month = max(found)
    counts, label = found[month], f"{month:%Y-%m}"
    asked = (
        (Text("关注 → 更差", "Special mention → worse"), MENTION, True, "bad"),
        (Text("关注 → 正常", "Special mention → pass"), MENTION, False, "good"),
        (Text("次级 → 更差", "Substandard → worse"), BAD_FROM, True, "bad"),
    )
    return [Roll(name, label, moves(counts, code, worse), tone) for name, code, worse, tone in asked]


def debtor_shares(found: Iterable[Debtor], whole: int) -> list[Slice]:
    rows = list(found)
    most = max((row.minor for row in rows), default=0)
    names = labels.names(row.party for row in rows)
    return [
        Slice(
            names.get(row.party, labels.UNKNOWN), row.minor, bank_tables.percent_of(row.minor, whole),
            f"{100 * row.minor / most:.2f}%" if most else "0%", bank_tables.book_url(debtor=row.party),
            bank_tables.CLASS_NAMES[row.worst] if row.worst else "",
        )
        for row in rows
    ]  # fmt: skip
