"""What a lender does with a loan: collect, extend, restructure, waive, call due, share the loss, write off.

Before anything is signed the page shows what would come of it: the schedule as it would be, what is forgiven, who
would bear what to the fen. The preview replays the loan with the change and writes nothing.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.financing import product, queries, runtime
from jirong.financing.models import Loan
from jirong.financing.pages import bank_forms, bank_waterfall, bank_words
from jirong.financing.pages.bank_places import LENDERS
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.api import actor_of

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Deed:
    """One thing a lender may do: its action, the words of its button, in which states, and the change it makes."""

    code: str
    title: Text
    states: frozenset[str]
    form: Callable[..., Any] | None = None
    change: Callable[[Values, datetime.date], practice.Event] | None = None


RUNNING = frozenset({"live", "overdue"})
DEEDS = {
    "collect": Deed("credit.collect", Text("记录催收", "Record a collection step"), RUNNING | {"defaulted", "written_off"}, bank_forms.Collect),
    "extend": Deed(
        "credit.extend", Text("展期", "Extend"), RUNNING, bank_forms.Extend,
        lambda values, on: practice.Extension(on, values["maturity"], values.get("rate")),
    ),
    "restructure": Deed(
        "credit.restructure", Text("重组", "Restructure"), RUNNING, bank_forms.Restructure,
        lambda values, on: practice.Restructuring(
            on=on, repayment=product.REPAY[values["repay"]], rate=practice.FixedRate(values["rate"]), months=values["months"],
            capitalise=frozenset({Bucket.INTEREST}) if values.get("capitalise_interest") else frozenset(),
        ),
    ),
    "waive": Deed(
        "credit.waive", Text("减免", "Waive"), RUNNING, bank_forms.Waive,
        lambda values, on: practice.Waiver(on, Bucket(values["bucket"]), values["amount"]),
    ),
    "accelerate": Deed(
        "credit.accelerate", Text("宣布提前到期", "Call everything due"), RUNNING, None, lambda values, on: practice.Acceleration(on)
    ),
    "share_loss": Deed("credit.share_loss", Text("确认损失并要求代偿", "Call the bearers of loss"), RUNNING),
    "call_again": Deed("credit.call_again", Text("再次要求代偿", "Call unpaid parts again"), frozenset({"defaulted"})),
    "write_off": Deed("credit.write_off", Text("核销", "Write off"), frozenset({"overdue", "defaulted"})),
}  # fmt: skip


def offered(row: Loan) -> list[parts.Action]:
    """What may be done with the loan as it stands."""
    return [
        parts.Action(deed.title, reverse("bank_act", args=[row.pk, name]))
        for name, deed in DEEDS.items() if row.status in deed.states and (name != "share_loss" or row.contract_id)
    ]  # fmt: skip


@guard.acting(*sorted(LENDERS))
def act(request: HttpRequest, id: uuid.UUID, name: str) -> HttpResponseBase:
    """The form, the preview with the panel, the proposal."""
    from jirong.financing.pages.bank_loan import own_loan

    actor, today = actor_of(request), business_date.today()
    if name not in DEEDS:
        raise Http404
    row, deed = own_loan(actor, id), DEEDS[name]
    values = _typed(request, deed)
    context: dict[str, Any] = {"loan": row, "today": today, "back": reverse("bank_loan", args=[id])}
    if deed.change is not None and values is not None:
        context["preview"] = preview(row, deed.change(values, today), today)
    if name == "share_loss":
        context["waterfall"] = bank_waterfall.preview(row)
    made = acting.Act(
        code=deed.code, title=Text(f"{deed.title.zh}：{labels.name_of(row.borrower).zh}", f"{deed.title.en}: {labels.name_of(row.borrower).en}"),
        submit=deed.title, form=deed.form, start=start(name, row, today),
        body=lambda values: body(row, values),
        words=lambda values: _words(actor, deed, body(row, values)),
        findings=lambda values: _findings(row, deed, values, today),
        done=lambda outcome: reverse("bank_loan", args=[id]), back=reverse("bank_loan", args=[id]), plain=name == "collect",
        said=Text("已记录", "Recorded"), next_label=Text("下一步：看结果并签署", "Next: see what comes of it"),
        crumbs=[
            parts.Crumb(Text("全部贷款", "All loans"), reverse("bank_loans")),
            parts.Crumb(labels.name_of(row.borrower), reverse("bank_loan", args=[id])), parts.Crumb(deed.title),
        ],
    )  # fmt: skip
    return acting.respond(request, made, template="financing/bank_act.html", context=context)


def body(row: Loan, values: Values) -> dict[str, Any]:
    """The action's arguments: what was typed, without what was left empty."""
    return {"loan_id": row.pk} | {name: value for name, value in values.items() if value not in (None, "")}


def start(name: str, row: Loan, today: datetime.date) -> dict[str, Any]:
    """What a form begins with."""
    if name == "extend":
        last = [line.due for line in queries.schedule(row, today)]
        return {"maturity": last[-1]} if last else {}
    return {"rate": str(row.rate_e6 / 10_000), "months": 12} if name == "restructure" else {}


@dataclass(frozen=True)
class Preview:
    """A loan's payments before and after a change, side by side, and what the change costs or brings."""

    rows: Sequence[tuple[datetime.date, Money | None, Money | None]]
    before: Money
    after: Money
    due_now: Money
    refusal: Refusal | None = None
    chart: parts.Chart | None = None


def preview(row: Loan, change: practice.Event, today: datetime.date) -> Preview:
    """Replay the loan with and without ``change``; a change the instrument refuses says why."""
    terms = runtime.terms_of(row)
    assert row.started is not None, "only a loan that runs is changed"
    begun = terms.product.begun(terms.money(terms.principal_minor), row.started)
    events = runtime.state_of(row, {}).events
    nothing = terms.money(0)
    before = _plan(begun, events, today)
    try:
        after = _plan(begun, (*events, change), today)
        due = practice.replay(begun, (*events, change), today).due_amount
    except Refusal as refusal:
        return Preview((), _sum(before, nothing), nothing, nothing, refusal)
    days = sorted({*before, *after})
    rows = [(day, before.get(day), after.get(day)) for day in days]
    columns = (Text("到期日", "Due"), Text("原计划", "As it was"), Text("新计划", "As it would be"))
    chart = parts.Chart(
        "preview", Text("还款计划：前后对照", "Payments before and after"), "bar", columns, rows, Text("元", "CNY")
    )
    return Preview(rows, _sum(before, nothing), _sum(after, nothing), due, None, chart if rows else None)


def _plan(
    begun: practice.LoanTerms, events: Sequence[practice.Event], today: datetime.date
) -> dict[datetime.date, Money]:
    last = max((event.on for event in events), default=begun.start)
    return {line.due: line.amount for line in practice.ahead(begun, events, max(today, last, begun.start))}


def _sum(plan: Mapping[datetime.date, Money], nothing: Money) -> Money:
    return sum(plan.values(), nothing)


def _typed(request: HttpRequest, deed: Deed) -> Values | None:
    """The form's values once they are sent and sound; a deed without a form needs none."""
    if deed.form is None:
        return {}
    if request.method != "POST":
        return None
    form = deed.form(request.POST)
    return form.cleaned_data if form.is_valid() else None


def _words(actor: Actor, deed: Deed, arguments: Values) -> Sequence[Any]:
    words = bank_words.WORDS.get(deed.code)
    return words(actor, arguments) if words else ()


def _findings(row: Loan, deed: Deed, values: Values, today: datetime.date) -> list[parts.Finding]:
    """What the loan itself refuses, before two people spend time on it."""
    if deed is DEEDS["share_loss"]:
        return _not_final(row, today)
    if deed.change is None:
        return []
    refusal = preview(row, deed.change(values, today), today).refusal
    if refusal is None:
        return []
    return [parts.Finding(deed.title, "bar", refusal.reason, remedy=refusal.remedy or "")]


def _not_final(row: Loan, today: datetime.date) -> list[parts.Finding]:
    """A loss is final once nothing is still to fall due."""
    now = queries.standing(row, today)
    if now is None or not now.performing:
        return []
    left = now.performing.grouped()
    reason = Text(f"尚有未到期本金 {left} 元，不能确定最终损失", f"CNY {left} of principal is still to fall due")
    remedy = Text("请先宣布提前到期", "Declare everything due first")
    return [parts.Finding(Text("损失已确定", "The loss is final"), "bar", reason, remedy=remedy)]


@guard.acting(*sorted(LENDERS))
def freeze(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Stop new drawings of a contract, or let them go on."""
    row = queries.access_contract(actor_of(request), id)
    frozen, firm = row.status != "frozen", labels.name_of(row.borrower)
    title = Text("冻结额度", "Freeze the limit") if frozen else Text("解冻额度", "Unfreeze the limit")
    words = (
        Text("不再受理新的提款，已借的照常偿还。", "No new drawing is taken; what is drawn is repaid as agreed.")
        if frozen
        else Text("恢复受理提款。", "Drawings are taken again.")
    )
    made = acting.Act(
        code="contract.freeze", title=Text(f"{title.zh}：{firm.zh}", f"{title.en}: {firm.en}"), submit=title,
        body=lambda values: {"contract": id, "frozen": frozen}, words=lambda values: [Text(f"{firm.zh}的合同：", f"The contract with {firm.en}:"), words],
        done=lambda outcome: reverse("bank_contract", args=[id]), back=reverse("bank_contract", args=[id]), said=title,
    )  # fmt: skip
    return acting.respond(request, made)


@guard.acting(*sorted(LENDERS))
def lower(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Lower a contract's limit."""
    row = queries.access_contract(actor_of(request), id)
    firm, now = labels.name_of(row.borrower), Money(row.limit_minor - row.lowered_minor).grouped()
    made = acting.Act(
        code="contract.lower", title=Text(f"调低额度：{firm.zh}", f"Lower the limit: {firm.en}"), submit=Text("签署并调低", "Sign and lower"),
        form=bank_forms.Lower, body=lambda values: {"contract": id, "limit": values["limit"]},
        words=lambda values: [Text(
            f"{firm.zh}的额度由 {now} 元调低为 {values['limit'].grouped()} 元，已提款的部分不变。",
            f"{firm.en}'s limit goes from CNY {now} to CNY {values['limit'].grouped()}; what is drawn stays drawn.",
        )],
        done=lambda outcome: reverse("bank_contract", args=[id]), back=reverse("bank_contract", args=[id]), said=Text("额度已调低", "The limit is lowered"),
    )  # fmt: skip
    return acting.respond(request, made)
