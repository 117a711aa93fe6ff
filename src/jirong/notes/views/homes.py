"""The first page of each role: what stands now, and what to do next."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jirong.facts import queries as facts
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.notes import backing, queries, shown
from jirong.notes.models import Note
from jirong.parties import guard, labels
from jirong.parties import queries as parties
from jirong.rails import queries as rails
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import display, home, parts
from jirong.web.api import actor_of

ROWS = 8
"""Rows a list shows on a home page; the rest is behind "all"."""


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the person: what, how much, where to do it. ``urgent`` ones are marked."""

    label: Text
    url: str
    detail: Text | str = ""
    urgent: bool = False


@guard.acting("core")
def core(request: HttpRequest) -> HttpResponse:
    """What to confirm, what falls due, what may be issued."""
    actor, today = actor_of(request), business_date.today()
    sums = queries.note_sums(actor, today)
    due = list(queries.dated(queries.maturities(actor), today)[:ROWS])
    invoices = _issuable(actor)
    context = {
        "today": today, "sums": sums, "todos": _core_todos(actor, sums), "due": due, "invoices": invoices,
        "free": sum(free for _, free in invoices), "ladder": _ladder_of_notes(actor, today),
        "next": _next_due(due, today), "soon": sums["soon"] or 0,
    }  # fmt: skip
    return render(request, "notes/home_core.html", context)


def _next_due(due: Sequence[Note], today: datetime.date) -> dict[str, Any] | None:
    """The next day on which something is to be paid, and how much of it; what is overdue comes first."""
    if not due:
        return None
    minor = sum(note.outstanding_minor for note in due if note.due == due[0].due)
    return {"words": shown.days_words(due[0].due, today), "minor": minor}


def _core_todos(actor: Actor, sums: dict[str, Any]) -> list[Todo]:
    found = _common_todos(actor)
    if overdue := sums["overdue_count"]:
        amount = Money(sums["overdue"]).grouped()
        label = Text(f"{overdue}张链单到期未付", f"{labels.counted(overdue, 'note', 'notes')} unpaid at maturity")
        detail = Text(f"{amount} 元，付清前不能再开立", f"CNY {amount}; no new notes until paid")
        found.insert(0, Todo(label, reverse("maturities"), detail, True))
    if offered := sums["offered_count"]:
        awaits = labels.counted(offered, "note awaits its supplier", "notes await their suppliers")
        found.append(Todo(Text(f"{offered}张链单待供应商签收", awaits), reverse("notes") + "?status=offered"))
    return found


def _common_todos(actor: Actor) -> list[Todo]:
    """What waits for a second person, and offers to answer."""
    found = []
    waiting, offers = parties.waiting_count(actor), queries.received_count(actor)
    if waiting:
        found.append(Todo(Text(f"{waiting}项待您复核", f"{waiting} to approve"), reverse("inbox"), urgent=True))
    if offers:
        found.append(
            Todo(
                Text(f"{offers}项要约待您答复", labels.counted(offers, "offer to answer", "offers to answer")),
                reverse("offers"),
                urgent=True,
            )
        )
    return found


def _issuable(actor: Actor) -> list[tuple[Any, int]]:
    """The newest invoices the actor owes, with what is free of each; those used up are left out."""
    rows = list(facts.invoices(actor).filter(counterparty=actor.party)[: 2 * ROWS])
    free = backing.free_minor(rows)
    return [(row, free[row.pk]) for row in rows if free[row.pk] > 0][:ROWS]


def _ladder_of_notes(actor: Actor, today: datetime.date) -> parts.Chart | None:
    rows = queries.maturities(actor).order_by().values_list("due", "outstanding_minor")
    return _by_month("due", Text("到期分布", "Maturities"), [(Text("应付", "Payable"), list(rows))], today)


@guard.acting("firm", "core")
def firm(request: HttpRequest) -> HttpResponse:
    """One number: what is in hand and free to use today; why, what would raise it, what is due next."""
    actor, today = actor_of(request), business_date.today()
    sums = queries.lot_sums(actor)
    lots: list[Any] = list(queries.lots_shown(actor, today).filter(creditor=actor.party).order_by("due", "pk")[:ROWS])
    for lot in lots:
        lot.issuer = Text(lot.issuer_name, lot.issuer_name_en or lot.issuer_name)
    credit = home.credit(request)
    context = {
        "today": today, "sums": sums, "free": (sums["free"] or 0) + sum(one.minor for one in credit), "lots": lots,
        "why": _firm_why(sums, credit), "todos": [*_firm_todos(actor), *home.waiting(request, "firm")],
        "last": queries.last_rate(actor), "raises": _raises(sums), "credit": credit,
        "first_credit": max(credit, key=lambda one: one.minor, default=None),
        "first_free": next((lot for lot in lots if not lot.pledgee and lot.state == "held" and lot.outstanding_minor > lot.reserved_minor), None),
    }  # fmt: skip
    return render(request, "notes/home_firm.html", context)


def _firm_todos(actor: Actor) -> list[Todo]:
    found = _common_todos(actor)
    for note in queries.waiting_notes(actor)[:5]:
        amount, issuer = Money(note.amount_minor).grouped(), labels.name_of(note.issuer)
        label = Text(f"签收{issuer.zh}开立的链单", f"Accept the note of {issuer.en}")
        found.append(
            Todo(
                label,
                reverse("note", args=[note.pk]),
                Text(f"{amount} 元，{note.due}到期", f"CNY {amount}, due {note.due}"),
                True,
            )
        )
    return found


def _firm_why(sums: dict[str, Any], credit: Sequence[home.Credit]) -> parts.Why:
    """Which part of what is held is free and which is not, and what other rooms would let the firm have."""
    rows = (
        (
            "pledged",
            Text("已质押给银行", "Pledged to a bank"),
            Text("还清贷款或到期兑付后解除", "Free again once the loan is repaid"),
        ),
        (
            "promised",
            Text("已提出要约，待对方答复", "Offered to somebody"),
            Text("撤回要约即可释放", "Withdraw the offer to free it"),
        ),
        (
            "frozen",
            Text("因红字发票暂停流转", "Frozen for a red-letter invoice"),
            Text("请与卖方处理红字发票", "Settle the red-letter invoice"),
        ),
        (
            "overdue",
            Text("开立人到期未付", "Unpaid at maturity"),
            Text("可催收，有追索权的可要求回购", "Claim it, or call recourse"),
        ),
    )
    held = [parts.Finding(label, "warn", _yuan(sums[key]), remedy=remedy) for key, label, remedy in rows if sums[key]]
    lent = [
        parts.Finding(
            one.label,
            "pass",
            Text(f"{_yuan(one.minor).zh}，{display.say(one.note)}", f"{_yuan(one.minor).en}, {display.say(one.note)}"),
        )
        for one in credit
    ]
    free = parts.Finding(
        Text("可用于付款、质押或贴现", "Free to pay with, pledge or sell"), "pass", _yuan(sums["free"] or 0)
    )
    borrowed = sum(one.minor for one in credit)
    outcome = Text(
        f"持有份额{_yuan(sums['held'] or 0).zh}，其中可用{_yuan(sums['free'] or 0).zh}；另可借{_yuan(borrowed).zh}",
        f"You hold lots of {_yuan(sums['held'] or 0).en}, {_yuan(sums['free'] or 0).en} of it free; "
        f"{_yuan(borrowed).en} may be borrowed besides",
    )
    return parts.Why(outcome, [free, *lent, *held], tone="good" if sums["free"] or borrowed else "plain")


def _raises(sums: dict[str, Any]) -> list[Todo]:
    """What would raise the one number."""
    found = []
    if sums["offered"]:
        found.append(
            Todo(
                Text(
                    f"签收待签收的链单，增加{_yuan(sums['offered']).zh}",
                    f"Accept what is offered: {_yuan(sums['offered']).en} more",
                ),
                reverse("notes") + "?status=offered",
            )
        )
    if sums["promised"]:
        found.append(
            Todo(
                Text(
                    f"撤回未答复的要约，释放{_yuan(sums['promised']).zh}",
                    f"Withdraw open offers: {_yuan(sums['promised']).en} more",
                ),
                reverse("offers") + "?side=made",
            )
        )
    found.append(
        Todo(
            Text("上传验收单和发票，请核心企业开立链单", "Upload acceptances and invoices, and ask for a note"),
            reverse("import_file"),
        )
    )
    found.append(
        Todo(
            Text("不用链单：看信用贷款和额度今天能借多少", "Without notes: see what you can borrow today"),
            reverse("firm_credit"),
        )
    )
    return found


@guard.acting("bank", "factor")
def bank(request: HttpRequest) -> HttpResponse:
    """Left what to decide now, right the book's pulse."""
    actor, today = actor_of(request), business_date.today()
    queue = list(
        queries.dated(queries.offers(actor, received=True, state="open"), today).order_by("expires_on", "pk")[:20]
    )
    book = queries.book(actor)
    names = labels.names(row["issuer"] for row in book)
    total = sum(row["minor"] for row in book)
    context = {
        "today": today, "queue": queue, "others": home.waiting(request, "bank"),
        "waiting": parties.waiting_count(actor), "answers": rails.waiting_at(actor).count(),
        "total": total, "lent": sum(r["minor"] for r in book if r["kind"] == "loan"),
        "bought": sum(r["minor"] for r in book if r["kind"] == "lot"),
        "late": sum(r["minor"] for r in book if r["due"] < today),
        "ladder": _book_ladder(book, today), "issuers": _concentration(book, names, total),
    }  # fmt: skip
    return render(request, "notes/home_bank.html", context)


def _book_ladder(book: list[dict[str, Any]], today: datetime.date) -> parts.Chart | None:
    series = [
        (Text("质押贷款本金", "Loans"), [(r["due"], r["minor"]) for r in book if r["kind"] == "loan"]),
        (Text("买入份额", "Lots bought"), [(r["due"], r["minor"]) for r in book if r["kind"] == "lot"]),
    ]
    return _by_month("ladder", Text("到期阶梯", "Ladder of maturities"), series, today, kind="stack")


def _concentration(book: list[dict[str, Any]], names: Any, total: int) -> list[dict[str, Any]]:
    """Exposure by issuer, largest first, with its share of the book."""
    sums: dict[Any, int] = defaultdict(int)
    for row in book:
        sums[row["issuer"]] += row["minor"]
    largest = sorted(sums.items(), key=lambda item: -item[1])[:10]
    return [
        {"name": names.get(id, shown.NOBODY), "minor": minor, "part": Money(minor).major / Money(total).major,
         "url": reverse("party", args=[id]), "width": f"{100 * minor / total:.1f}%"}
        for id, minor in largest
    ]  # fmt: skip


def _by_month(
    name: str, title: Text, series: list[tuple[Text, list[tuple[datetime.date, int]]]], today: datetime.date,
    kind: str = "bar",
) -> parts.Chart | None:  # fmt: skip
    """Amounts by month of maturity, months without any left in, at most a year; ``None`` where there is nothing."""
    days = [day for _, rows in series for day, _ in rows]
    if not days:
        return None
    first, last = min(min(days), today), max(days)
    months = [(first.year + m // 12, m % 12 + 1) for m in range(first.month - 1, first.month + 11 + 12)]
    months = [(year, month) for year, month in months if (year, month) <= (last.year, last.month)][:13]
    rows = []
    for year, month in months:
        sums = [sum(minor for day, minor in each if (day.year, day.month) == (year, month)) for _, each in series]
        rows.append((f"{year}-{month:02d}", *(Money(minor) for minor in sums)))
    columns = (Text("月份", "Month"), *(label for label, _ in series))
    return parts.Chart(name, title, kind, columns, rows, unit=Text("元", "CNY"))


@guard.acting("operator")
def operator(request: HttpRequest) -> HttpResponse:
    """The business date, the log, failed payments: what keeps the platform running."""
    actor, today = actor_of(request), business_date.today()
    state = log.state()
    context = {
        "today": today, "log": state, "log_status": _log_status(state), "failed": list(rails.stuck(actor)[:ROWS]),
        "unanswered": rails.visible(actor, "instructed").count(), "parties": parties.directory().count(),
        "open_day": queries.to_close(today),
    }  # fmt: skip
    return render(request, "notes/home_operator.html", context)


def _log_status(state: log.LogState) -> parts.Status:
    if state.waiting:
        return parts.Status(
            Text("有操作待入日志", "Entries are waiting"), Text(f"{state.waiting}条", f"{state.waiting}"), "wait"
        )
    if not state.witnesses:
        return parts.Status(
            Text("已全部入日志", "All in the log"), Text("尚未登记见证人", "no witness is registered"), "wait"
        )
    if state.cosigned < state.head:
        return parts.Status(
            Text("已全部入日志", "All in the log"),
            Text("最新检查点待见证", "the newest head awaits its witnesses"),
            "wait",
        )
    return parts.Status(Text("已全部入日志并见证", "All in the log and cosigned"), tone="good")


def _yuan(minor: int) -> Text:
    shown_amount = Money(minor).grouped()
    return Text(f"{shown_amount} 元", f"CNY {shown_amount}")
