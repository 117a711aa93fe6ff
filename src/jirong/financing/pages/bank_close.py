"""The close of business on screen: runs with their steps and partitions, errors with loan and remedy, start and go on."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Value
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jirong.financing import queries
from jirong.financing.close import apart, starting
from jirong.financing.models import CloseError, ClosePart, CloseRun, Loan
from jirong.financing.pages import bank_forms, bank_tables, shared
from jirong.financing.pages.bank_places import LENDERS
from jirong.financing.pages.bank_tables import CLASS_NAMES, column, percent_of
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import display, parts, tables
from jirong.web.api import actor_of

UNFINISHED_MAX = 10
STEPS = {
    "raise": Text("到期入账", "Raise what falls due"),
    "debit": Text("委托扣款", "Debit by mandate"),
    "overdue": Text("标记逾期", "Mark overdue"),
    "classify": Text("五级分类", "Classify"),
    "provide": Text("计提拨备", "Provide"),
    "watch": Text("核查触发条件", "Watch triggers"),
}
COUNTS = {
    "columns": Text("成批入账", "in columns"),
    "single": Text("逐笔入账", "one by one"),
    "errors": Text("出错", "errors"),
    "debits": Text("扣款指令", "debits"),
    "claims": Text("债权逾期", "claims overdue"),
    "loans": Text("贷款", "loans"),
    "debtors": Text("债务人", "debtors"),
    "changed": Text("分类变动", "class changes"),
    "provision_minor": Text("拨备（分）", "provision (fen)"),
}
REMEDIES = {
    "close.unexpected": Text(
        "请运营方查看该笔贷款的记录后继续日终", "The operator looks at the loan's record and resumes the close"
    ),
}
REMEDY = Text(
    "请打开贷款核对；处理后的下一次日终或还款时会自动补做",
    "Open the loan; its next close or payment catches up by itself",
)


@dataclass(frozen=True)
class StepShown:
    """A step of a run: parts done of how many, what they counted, how long they took."""

    label: Text
    done: int
    of: int
    seconds: float
    counts: list[tuple[Text, int]]
    errors: int
    state: str


@dataclass(frozen=True)
class Unfinished:
    """A run that is not done: whose, how it stands, how many of its parts are done."""

    run: CloseRun
    lender: Text
    status: parts.Status
    done: int
    of: int


class RunTable(tables.Table):
    """Rows carry ``part_count``, ``error_count`` and ``under_way``."""

    name, title = "runs", _("日终")
    columns = (
        tables.Column("on", _("营业日"), kind="date", sort="on", primary=True, link=lambda row: reverse("bank_close_run", args=[row.pk])),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), sort="lender__name"),
        tables.Column("parts", _("完成分区"), kind="number", value=lambda row: row.part_count),
        tables.Column("of", _("共"), kind="number", value=lambda row: len(row.steps) * row.partitions, optional=True),
        tables.Column("errors", _("异常"), kind="number", value=lambda row: row.error_count),
        tables.Column("finished_at", _("完成时间"), kind="moment", sort="finished_at", optional=True),
        tables.Column("state", _("状态"), value=lambda row: run_status(row), template=bank_tables.STATUS),
    )  # fmt: skip
    filters = (
        tables.DateRange("on", _("营业日")),
        tables.Choice("state", _("状态"), [("running", _("进行中")), ("done", _("已完成"))]),
    )
    order = ("-on", "-id")
    empty = _("还没有日终。放款后由平台每天日终一次，结果列在这里。")


def run_status(row: CloseRun) -> parts.Status:
    """A run that is not done either goes on or was interrupted; ``under_way`` of the row says whether a close runs."""
    errors = getattr(row, "error_count", 0)
    if row.state != "done":
        left = len(row.steps) * row.partitions - getattr(row, "part_count", 0)
        blocker = Text(f"还差{left}个分区", labels.counted(left, "part to go", "parts to go"))
        if getattr(row, "under_way", False):
            return parts.Status(Text("进行中", "Running"), blocker, "wait")
        return parts.Status(Text("中断", "Interrupted"), blocker, "bad")
    if errors:
        return parts.Status(Text("已完成", "Done"), Text(f"{errors}笔贷款待处理", f"{errors} loans to look at"), "bad")
    return parts.Status(Text("已完成", "Done"), tone="good")


def _counted(rows: Any, under_way: bool) -> Any:
    """The runs with how many parts are done, how many loans were left out, and whether a close is under way."""
    return rows.annotate(
        part_count=Count("parts", distinct=True), error_count=Count("errors", distinct=True), under_way=Value(under_way)
    )


@guard.acting(*sorted(LENDERS), "operator")
def runs(request: HttpRequest) -> HttpResponseBase:
    """Every close, newest first; the operator starts one here or goes on with one."""
    actor, today = actor_of(request), business_date.today()
    under_way = apart.is_under_way()
    rows = _counted(queries.close_runs(actor), under_way)
    on = request.GET.get("on", "")
    if on:
        try:
            rows = rows.filter(on=datetime.date.fromisoformat(on))
        except ValueError:
            on = ""
    operator = actor.role == "operator"
    context = {
        "today": today, "operator": operator, "under_way": under_way,
        "unfinished": unfinished(actor, under_way),
        "form": bank_forms.StartClose(initial={"on": today}, today=today) if operator else None,
    }  # fmt: skip
    return tables.respond(request, "financing/bank_close.html", RunTable(request, rows), context=context)


def unfinished(actor: Actor, under_way: bool) -> list[Unfinished]:
    """Runs that are not done, the latest days first."""
    rows = _counted(queries.close_runs(actor).exclude(state="done"), under_way)[:UNFINISHED_MAX]
    return [
        Unfinished(row, labels.name_of(row.lender), run_status(row), row.part_count, len(row.steps) * row.partitions)
        for row in rows
    ]


@guard.acting(*sorted(LENDERS), "operator")
def run_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One close: its steps, the provisions of the day, and each error with what to do about it."""
    actor = actor_of(request)
    under_way = apart.is_under_way()
    row = _counted(queries.close_runs(actor), under_way).filter(pk=id).first()
    if row is None:
        raise NotFound("close.unknown", Text("没有这次日终", "There is no such close"))
    found = list(ClosePart.objects.filter(run=row))
    errors = list(CloseError.objects.filter(run=row).order_by("pk"))
    operator = actor.role == "operator"
    provisions = provision_table(request, row)
    header = parts.Header(
        title=Text(f"{row.on} 日终", f"Close of {row.on}"), kind=labels.name_of(row.lender), status=run_status(row),
        next_action=parts.Action(Text("继续日终", "Go on"), reverse("bank_close_resume", args=[id]), post=True)
        if operator and row.state != "done" and not under_way else None,
        figures=[
            parts.Figure(Text("开始", "Began"), row.recorded_at, "moment"), parts.Figure(Text("完成", "Finished"), row.finished_at, "moment"),
            parts.Figure(Text("分区", "Partitions"), row.partitions), parts.Figure(Text("异常", "Errors"), len(errors)),
        ],
    )  # fmt: skip
    rules, own = queries.provision_rules(row.lender_id, [row.on])
    context = {
        "clauses": [shared.clause_of(rule) for rule in rules], "own_plan": own,
        "run": row, "header": header, "steps": steps_of(row, found, errors), "errors": error_rows(errors, operator=operator),
        "done": len(found), "of": len(row.steps) * row.partitions, "goes_on": row.state != "done" and under_way,
    }  # fmt: skip
    return tables.respond(request, "financing/bank_close_run.html", provisions, context=context)


def steps_of(row: CloseRun, found: list[ClosePart], errors: list[CloseError]) -> list[StepShown]:
    shown = []
    for step in row.steps:
        mine = [part for part in found if part.step == step]
        counts: dict[str, int] = {}
        for part in mine:
            for name, count in part.counts.items():
                counts[name] = counts.get(name, 0) + int(count)
        state = "done" if len(mine) == row.partitions else "now" if mine else "next"
        said = [(COUNTS.get(name, Text(name, name)), count) for name, count in counts.items()]
        shown.append(
            StepShown(
                STEPS.get(step, Text(step, step)), len(mine), row.partitions, sum(part.seconds for part in mine), said,
                sum(1 for error in errors if error.step == step), state,
            )
        )  # fmt: skip
    return shown


def error_rows(errors: list[CloseError], *, operator: bool) -> list[dict[str, Any]]:
    """Each error with its loan and remedy; an operator sees no loans and so no way into one."""
    seen = (
        set()
        if operator
        else set(Loan.objects.filter(pk__in=[error.loan for error in errors]).values_list("pk", flat=True))
    )
    return [
        {
            "step": STEPS.get(error.step, Text(error.step, error.step)), "reason": Text.from_dict(error.reason), "code": error.code,
            "remedy": REMEDIES.get(error.code, REMEDY), "loan": str(error.loan)[:8],
            "url": reverse("bank_loan", args=[error.loan]) if error.loan in seen else "", "solved_on": error.solved_on,
        }
        for error in errors
    ]  # fmt: skip


def provision_table(request: HttpRequest, row: CloseRun) -> bank_tables.Rows:
    found = {each["loan_class"]: each for each in queries.provisions(row.lender_id, row.on)}
    rows = [
        {
            "name": CLASS_NAMES[code], "loans": each["count"], "principal": each["principal"], "accrued": each["accrued"],
            "provision": each["provision"], "share": percent_of(each["provision"], each["principal"]),
        }
        for code, each in sorted(found.items())
    ]  # fmt: skip
    columns = [
        column("name", Text("分类", "Class"), primary=True), column("loans", Text("笔数", "Loans"), "number"),
        column("principal", Text("本金余额（元）", "Principal left (CNY)"), "money"),
        column("accrued", Text("应计利息（元）", "Accrued (CNY)"), "money", optional=True),
        column("provision", Text("拨备（元）", "Provision (CNY)"), "money"), column("share", Text("拨备率", "Of principal"), "rate"),
    ]  # fmt: skip
    return bank_tables.Rows(
        request,
        rows,
        columns,
        name="provisions",
        title=Text("当日拨备", "Provisions of the day"),
        empty=Text("计提一步尚未完成", "The day's provisions are not made yet"),
    )


@transaction.non_atomic_requests
@require_POST
@guard.acting("operator")
def start(request: HttpRequest) -> HttpResponseBase:
    """Begin to close a day of every lender, unfinished runs first, in a process of its own; this page is answered at
    once and shows how far it is. Asking twice closes nothing twice.
    """
    with transaction.atomic():
        today = business_date.today()
    form = bank_forms.StartClose(request.POST, today=today)
    if not form.is_valid():
        messages.error(request, display.say(Text("请填写日终日期", "Give the day to close")))
    else:
        messages.success(request, display.say(starting.close_until(form.cleaned_data["on"])))
    return redirect("bank_close")


@transaction.non_atomic_requests
@require_POST
@guard.acting("operator")
def resume(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Go on with this run and whatever else was interrupted."""
    with transaction.atomic():
        known = queries.close_runs(actor_of(request)).filter(pk=id).exists()
    if not known:
        raise NotFound("close.unknown", Text("没有这次日终", "There is no such close"))
    messages.success(request, display.say(starting.resume()))
    return redirect("bank_close_run", id=id)
