"""The book: five classes and ladder, vintages, rolls, expected loss, concentration, provisions, and the loans behind.

One tab is one address and asks at most one statement a section. Each table can be taken away as a file, and each
figure leads to the loans it counts.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.financing.models import Loan
from jirong.financing.pages import bank_figures, bank_pulse, bank_reads, bank_tables, shared
from jirong.financing.pages.bank_figures import Cell, Share, Vintage
from jirong.financing.pages.bank_places import LENDERS
from jirong.financing.pages.bank_tables import CLASS_NAMES, book_url, column, percent_of
from jirong.instruments.portfolio.classes import BAD_FROM, CLASSES
from jirong.kernel import calendar
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import guard
from jirong.parties.models import Membership
from jirong.store import business_date, catalogue
from jirong.web import parts, tables
from jirong.web.api import actor_of

TABS = (
    ("bank_book", Text("总览", "Overview")),
    ("bank_vintages", Text("账龄", "Vintages")),
    ("bank_rolls", Text("迁徙率", "Roll rates")),
    ("bank_losses", Text("预期损失", "Expected loss")),
    ("bank_concentration", Text("集中度", "Concentration")),
    ("bank_provisions", Text("拨备", "Provisions")),
    ("bank_loans", Text("全部贷款", "All loans")),
)
VINTAGE_LINES = 6
WHOLE = Text("1 即 100%", "1 is 100 %")
OLDEST_MOB = 18
MILESTONES = (3, 6, 9, 12, 18)
"""Months on book that stay where room is short."""
CLASS_RULES = ("loan_class.overdue_days", "loan_class.expected_loss", "loan_class.restructured")


def tabs(current: str) -> list[parts.Tab]:
    return [parts.Tab(label, reverse(name), current=name == current) for name, label in TABS]


def lender_of(request: HttpRequest) -> uuid.UUID:
    party: uuid.UUID | None = actor_of(request).party
    assert party is not None, "the guard lets in who acts for a party"
    return party


@guard.acting(*sorted(LENDERS))
def overview(request: HttpRequest) -> HttpResponseBase:
    """The five classes with the clauses they rest on, and the ladder."""
    lender, today = lender_of(request), business_date.today()
    cells = bank_figures.cells(lender, today)
    rungs = bank_figures.ladder(lender, today)
    _loans, whole = bank_figures.total(cells)
    classes = bank_tables.Rows(
        request, class_rows(cells, today), [
            column("name", Text("分类", "Class"), primary=True), column("loans", Text("笔数", "Loans"), "number"),
            column("minor", Text("本金余额（元）", "Principal left (CNY)"), "money"), column("share", Text("占比", "Share"), "rate"),
            column("late", Text("其中逾期（元）", "Of it late (CNY)"), "money", optional=True),
            column("days", Text("逾期天数下限", "From days late"), "number", optional=True),
        ], name="classes", title=Text("五级分类", "Five classes"), empty=Text("还没有在贷余额", "Nothing is lent"),
    )  # fmt: skip
    steps = bank_tables.Rows(
        request, [
            {"month": bank_pulse.rung_label(r, rungs), "month_href": bank_pulse.rung_url(r, rungs, today), "minor": r.minor,
             "share": percent_of(r.minor, whole)}
            for r in rungs
        ], [
            column("month", Text("月份", "Month"), primary=True), column("minor", Text("到期本金（元）", "Principal due (CNY)"), "money"),
            column("share", Text("占比", "Share"), "rate"),
        ], name="ladder", title=Text("到期阶梯", "Ladder of maturities"),
    )  # fmt: skip
    context = {
        "tabs": tabs("bank_book"),
        "today": today,
        "ladder": bank_pulse.ladder_chart(rungs, today),
        "whole": whole,
        "clauses": clauses(CLASS_RULES, today),
        "classes_chart": classes_chart(cells),
    }
    return tables.respond(request, "financing/bank_book.html", classes, steps, context=context)


def class_rows(cells: Sequence[Cell], today: datetime.date) -> list[dict[str, Any]]:
    _loans, whole = bank_figures.total(cells)
    days = catalogue.rulebook().at("loan_class.overdue_days", today).value
    rows = []
    for code, name in enumerate(CLASS_NAMES):
        some = [cell for cell in cells if cell.loan_class == code]
        loans, minor = bank_figures.total(some)
        rows.append(
            {
                "name": name, "name_href": book_url(**{"class": code}, running=1), "loans": loans, "minor": minor,
                "share": percent_of(minor, whole), "late": sum(cell.late_minor for cell in some),
                "days": days[CLASSES[code].value] if code else 0,
            }
        )  # fmt: skip
    return rows


def classes_chart(cells: Sequence[Cell]) -> parts.Chart | None:
    _loans, whole = bank_figures.total(cells)
    if not whole:
        return None
    rows = [
        (CLASS_NAMES[code], Money(sum(cell.minor for cell in cells if cell.loan_class == code)))
        for code in range(1, len(CLASSES))
    ]
    if not any(amount.minor for _, amount in rows):
        return None
    columns = (Text("分类", "Class"), Text("本金余额", "Principal left"))
    return parts.Chart("classes", Text("正常以外各类", "Below pass"), "bar", columns, rows, Text("元", "CNY"))


def clauses(names: Iterable[str], today: datetime.date) -> list[parts.Clause]:
    """These rules as of ``today``, each marked where nobody has read it."""
    book = catalogue.rulebook()
    return [shared.clause_of(rule) for name in names if (rule := book.find(name, today)) is not None]


@guard.acting(*sorted(LENDERS))
def vintages(request: HttpRequest) -> HttpResponseBase:
    """By month of origination, the share ever 30 (or 90) days late by months on book."""
    lender, today = lender_of(request), business_date.today()
    days = 90 if request.GET.get("days") == "90" else 30
    found = bank_figures.vintages(lender, today)
    oldest = min(OLDEST_MOB, max((v.months_on_book for v in found), default=0))
    columns = [
        column("month", Text("放款月份", "Month begun"), primary=True), column("loans", Text("笔数", "Loans"), "number"),
        column("minor", Text("发放本金（元）", "Lent (CNY)"), "money", optional=True),
        *(_month_column(n) for n in range(1, oldest + 1)),
    ]  # fmt: skip
    table = bank_tables.Rows(
        request, [vintage_row(v, days, oldest) for v in found], columns, name="vintages",
        title=Text("账龄分析", "Vintages"), empty=Text("还没有放款。放款后按月份列出各期贷款的逾期表现。", "Nothing was lent yet."),
    )  # fmt: skip
    base = reverse("bank_vintages")
    context = {
        "tabs": tabs("bank_vintages"), "today": today, "days": days, "chart": vintage_chart(found, days),
        "choices": [
            parts.Tab(Text("曾逾期30天以上", "Ever 30 days late"), base, current=days == 30),
            parts.Tab(Text("曾逾期90天以上", "Ever 90 days late"), f"{base}?days=90", current=days == 90),
        ],
    }  # fmt: skip
    return tables.respond(request, "financing/bank_vintages.html", table, context=context)


def _month_column(n: int) -> tables.Column:
    """A month on book; short screens keep the milestones."""
    return tables.Column(
        f"m{n}", Text(f"第{n}月", f"M{n}"), "rate", value=lambda row: row.get(f"m{n}"), template="financing/bank_heat.html",
        optional=n not in MILESTONES,
    )  # fmt: skip


def vintage_row(v: Vintage, days: int, oldest: int) -> dict[str, Any]:
    last = calendar.add_months(v.month, 1) - datetime.timedelta(days=1)
    row: dict[str, Any] = {
        "month": f"{v.month:%Y-%m}", "month_href": book_url(started_from=v.month, started_to=last), "loans": v.loans,
        "minor": v.minor, "late_href": book_url(started_from=v.month, started_to=last, ever=days),
    }  # fmt: skip
    for n in range(1, min(v.months_on_book, oldest) + 1):
        row[f"m{n}"] = Decimal(v.late[days][n]) / v.loans
        row[f"n{n}"] = v.late[days][n]
    return row


def vintage_chart(found: Sequence[Vintage], days: int) -> parts.Chart | None:
    """A line for each of the newest vintages that are at least three months on book."""
    ripe = [v for v in found if v.months_on_book >= 3][-VINTAGE_LINES:]
    if not ripe:
        return None
    longest = max(v.months_on_book for v in ripe)
    rows = [
        (n, *(Decimal(v.late[days][n]) / v.loans if n <= v.months_on_book else None for v in ripe))
        for n in range(1, longest + 1)
    ]
    columns = (Text("账龄（月）", "Months on book"), *(Text(f"{v.month:%Y-%m}", f"{v.month:%Y-%m}") for v in ripe))
    return parts.Chart(
        "vintages",
        Text(f"曾逾期{days}天以上的笔数占比", f"Share of loans ever {days} days late"),
        "line",
        columns,
        rows,
        WHOLE,
    )


@guard.acting(*sorted(LENDERS))
def rolls(request: HttpRequest) -> HttpResponseBase:
    """Class to class in the month asked for, and the moves that matter over the year."""
    lender, today = lender_of(request), business_date.today()
    asked = _month(request.GET.get("month", ""), today)
    found = bank_figures.rolls(lender, today)
    counts = dict(found.get(asked, {}))
    known = sum(count for (before, _), count in counts.items() if before == 0)
    never = bank_figures.debtors_at(lender, asked) - sum(c for (b, _), c in counts.items() if b > 0) - known
    if never > 0:
        counts[0, 0] = counts.get((0, 0), 0) + never
    matrix = bank_tables.Rows(
        request, roll_rows(counts), [
            column("before", Text("月初分类", "At the beginning"), primary=True), column("debtors", Text("户数", "Debtors"), "number"),
            *(column(f"to{code}", name, template="financing/bank_roll.html") for code, name in enumerate(CLASS_NAMES)),
        ], name="rolls", title=Text("迁徙矩阵", "Roll matrix"), empty=Text("还没有分类记录", "Nothing was classed yet"),
    )  # fmt: skip
    trend = bank_tables.Rows(
        request, [trend_row(month, found[month]) for month in sorted(found)], [
            column("month", Text("月份", "Month"), primary=True),
            *(c for key, label in TREND for c in (
                column(f"{key}_n", Text(f"{label.zh}：户数", f"{label.en}: debtors"), "number", optional=True),
                column(key, label, "rate"), column(f"{key}_range", Text("95% 区间", "95 %"), optional=True))),
        ], name="trend", title=Text("逐月迁徙率", "Roll rates by month"), empty=Text("还没有分类变动", "No class has changed yet"),
    )  # fmt: skip
    context = {
        "tabs": tabs("bank_rolls"), "today": today, "month": f"{asked:%Y-%m}",
        "months": [f"{calendar.add_months(today.replace(day=1), -n):%Y-%m}" for n in range(12)], "chart": trend_chart(found),
    }  # fmt: skip
    return tables.respond(request, "financing/bank_rolls.html", matrix, trend, context=context)


TREND = (
    ("worse", Text("关注 → 更差", "Special mention → worse")),
    ("cured", Text("关注 → 正常", "Special mention → pass")),
    ("sunk", Text("次级 → 更差", "Substandard → worse")),
)
MOVES = {"worse": (1, True), "cured": (1, False), "sunk": (BAD_FROM, True)}


def roll_rows(counts: dict[tuple[int, int], int]) -> list[dict[str, Any]]:
    rows = []
    for before, name in enumerate(CLASS_NAMES):
        whole = sum(count for (start, _), count in counts.items() if start == before)
        row: dict[str, Any] = {"before": name, "debtors": whole}
        for after in range(len(CLASS_NAMES)):
            share = Share(counts.get((before, after), 0), whole)
            row[f"to{after}"] = share if whole else None
        rows.append(row)
    return rows


def trend_row(month: datetime.date, counts: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"month": f"{month:%Y-%m}", "month_href": f"{reverse('bank_rolls')}?month={month:%Y-%m}"}
    for key, (before, worse) in MOVES.items():
        share = bank_pulse.moves(counts, before, worse)
        row |= {key: share.value, f"{key}_n": share.whole or None, f"{key}_range": interval(share)}
    return row


def trend_chart(found: Any) -> parts.Chart | None:
    if len(found) < 2:
        return None
    rows = [
        (f"{month:%Y-%m}", *(bank_pulse.moves(found[month], *MOVES[key]).value for key, _ in TREND))
        for month in sorted(found)
    ]
    columns = (Text("月份", "Month"), *(label for _, label in TREND))
    return parts.Chart("trend", Text("逐月迁徙率", "Roll rates by month"), "line", columns, rows, WHOLE)


def interval(share: Share) -> str:
    """The Wilson interval in per cent: ``1.2–3.4 %``."""
    if share.low is None or share.high is None:
        return ""
    return f"{share.low * 100:.1f}–{share.high * 100:.1f} %"


def _month(text: str, today: datetime.date) -> datetime.date:
    try:
        asked = datetime.date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return min(asked, today.replace(day=1))


@guard.acting(*sorted(LENDERS))
def loans(request: HttpRequest) -> HttpResponseBase:
    """The loans behind any figure: the address says which."""
    today = business_date.today()
    rows, said = narrowed(request, bank_reads.book(actor_of(request)), today)
    table = bank_tables.BookTable(request, rows.annotate(today=bank_reads.as_day(today)))
    context = {"tabs": tabs("bank_loans"), "today": today, "said": said, "all_url": reverse("bank_loans")}
    return tables.respond(request, "financing/bank_loans.html", table, context=context)


def narrowed(request: HttpRequest, rows: QuerySet[Loan], today: datetime.date) -> tuple[QuerySet[Loan], list[Text]]:
    """What the address asks beside the table's own filters, and each of it in words."""
    asked = request.GET
    said: list[Text] = []
    running = list(bank_figures.RUNNING)
    if asked.get("running"):
        rows, said = rows.filter(status__in=running), [*said, Text("在贷", "running")]
    if asked.get("late"):
        rows, said = rows.filter(status__in=running, oldest_due__lt=today), [*said, Text("逾期", "late")]
    if asked.get("bad"):
        rows, said = rows.filter(status__in=running, loan_class__gte=BAD_FROM), [*said, Text("不良", "bad loans")]
    if asked.get("ever") in ("30", "90"):
        days = int(asked["ever"])
        rows, said = (
            bank_reads.ever_late(rows, days, today),
            [*said, Text(f"曾逾期{days}天以上", f"ever {days} days late")],
        )
    if "level" in asked:
        level = "" if asked["level"] == "none" else asked["level"]
        rows, said = rows.filter(level=level), [*said, Text(f"等级 {level or '未评级'}", f"level {level or 'none'}")]
    for key, path in (("debtor", "borrower"), ("policy", "policy"), ("cluster", "borrower")):
        if asked.get(key):
            rows, words = _by_party(rows, key, path, asked[key])
            said.append(words)
    return rows, said


def _by_party(rows: QuerySet[Loan], key: str, path: str, text: str) -> tuple[QuerySet[Loan], Text]:
    if key == "policy" and text == "none":
        return rows.filter(policy=None), Text("没有方案", "without a scheme")
    ids = [uuid.UUID(part) for part in text.split(",")[:50] if _is_uuid(part)]
    if key == "cluster":
        members = Membership.objects.filter(cluster__in=ids, until=None).values("party")
        return rows.filter(borrower__in=members), Text("某产业集群", "one cluster")
    words = Text("某债务人", "one debtor") if key == "debtor" else Text("某政策", "one policy")
    return rows.filter(**{f"{path}__in": ids}), words


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
