"""Notes: the list, the page with its life, accepting or declining, falling due and being paid."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.engine.intents import Payment
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import drawing, forms, preview, queries, shown, tables
from jirong.notes.models import Note
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def note_list(request: HttpRequest) -> HttpResponseBase:
    """Every note that reached one: issued, received, held, or shown to finance it."""
    rows = queries.dated(queries.visible(actor_of(request)), business_date.today())
    return web_tables.respond(request, "notes/list.html", tables.NoteTable(request, rows))


@guard.acting("core")
def maturity_list(request: HttpRequest) -> HttpResponseBase:
    actor, today = actor_of(request), business_date.today()
    rows = queries.dated(queries.maturities(actor), today)
    context = {"sums": queries.note_sums(actor, today), "today": today}
    return web_tables.respond(request, "notes/maturities.html", tables.MaturityTable(request, rows), context=context)


@guard.acting()
def note_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The note's promise, its life as far as one may see it, and what happened."""
    actor, today = actor_of(request), business_date.today()
    note = queries.access_note(actor, id)
    told = drawing.tell(actor, note)
    first = derived_id(id, "lot")
    context = {
        "note": note, "header": _header(note, actor.party, today), "told": told, "why": shown.why(told.reasons),
        "invoices": queries.invoices_of(note.backings), "parts": dict(note.backings),
        "lot": first if first in told.lots else None, "today": today, "gone": _gone(note, today),
    }  # fmt: skip
    return render(request, "notes/note.html", context)


def _gone(note: Note, today: Any) -> list[parts.Finding]:
    """What the note no longer stands on, while it is not paid."""
    if note.status not in ("offered", "live", "overdue"):
        return []
    found = shown.findings([shown.background([invoice for invoice, _ in note.backings], today)])
    return [item for item in found if item.verdict != "pass"]


def _header(note: Note, party: uuid.UUID | None, today: Any) -> parts.Header:
    return parts.Header(
        title=note.number,
        kind=Text("链单", "Chain note"),
        status=shown.note_status(note, today),
        next_action=_next(note, party, today),
        actions=_others(note, party),
        figures=[
            parts.Figure(Text("金额", "Amount"), note.amount_minor, kind="money"),
            parts.Figure(Text("未付余额", "Outstanding"), note.outstanding_minor, kind="money"),
            parts.Figure(Text("开立人", "Issuer"), labels.name_of(note.issuer), href=reverse("party", args=[note.issuer_id])),
            parts.Figure(Text("收款人", "Payee"), labels.name_of(note.payee), href=reverse("party", args=[note.payee_id])),
            parts.Figure(Text("开立日", "Issued"), note.issued_on, kind="date"),
            parts.Figure(Text("到期日", "Due"), note.due, kind="date"),
            parts.Figure(Text("逾期利率", "Late interest"), note.late_rate, kind="rate") if note.late_rate is not None
            else parts.Figure(Text("逾期利率", "Late interest"), Text("未约定，按法定", "none agreed; statutory")),
        ],
    )  # fmt: skip


def _next(note: Note, party: uuid.UUID | None, today: Any) -> parts.Action | None:
    if note.status == "offered" and party == note.payee_id:
        return parts.Action(Text("核对并签收", "Check and accept"), reverse("accept_note", args=[note.pk]), icon="sign")
    if note.status in ("live", "overdue") and party == note.issuer_id:
        label = Text("到期付款", "Pay")
        if note.due > today:
            return parts.Action(label, why_not=Text(f"{note.due}到期后付款", f"payable from {note.due}"))
        return parts.Action(label, reverse("pay_note", args=[note.pk]), icon="bank")
    return None


def _others(note: Note, party: uuid.UUID | None) -> list[parts.Action]:
    if note.status != "offered" or party not in (note.issuer_id, note.payee_id):
        return []
    label = Text("撤回", "Withdraw") if party == note.issuer_id else Text("拒收", "Decline")
    return [parts.Action(label, reverse("decline_note", args=[note.pk]))]


@guard.acting()
def accept_note(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The payee sees the promise and the rules; where the term clashes with the payment rules it answers to that."""
    actor = actor_of(request)
    note = queries.access_note(actor, id)
    before = preview.accept(note, business_date.today(), None)
    clashes = any(reason["code"] == "note.payment_term_clash" and not reason["holds"] for reason in before.reasons)
    issuer, amount = labels.name_of(note.issuer), Money(note.amount_minor).grouped()

    def words(values: acting.Values) -> list[Text]:
        said = [
            Text(f"签收{issuer.zh}开立的链单 {note.number}，金额 {amount} 元，{note.due} 到期。",
                 f"Accept note {note.number} of {issuer.en}: CNY {amount}, due {note.due}."),
            Text("对应发票的应付款由该链单结算。", "The invoices behind it are settled by this note."),
        ]  # fmt: skip
        if "consents_to_term" in values:
            yes = values["consents_to_term"]
            said.append(Text(f"对晚于法定付款期限的账期：{'同意' if yes else '不同意'}。",
                             f"To a term beyond the payment rules: {'consent' if yes else 'no consent'}."))  # fmt: skip
        return said

    act = acting.Act(
        code="note.accept",
        title=Text("签收链单", "Accept the note"),
        submit=Text("签署并签收", "Sign and accept"),
        form=forms.Accept if clashes else None,
        start={"consents_to_term": "yes"},
        body=lambda values: {"note": id, "consents_to_term": values.get("consents_to_term")},
        words=words,
        findings=lambda values: shown.panel(
            preview.accept(note, business_date.today(), values.get("consents_to_term")).reasons
        ),
        done=lambda outcome: reverse("lot", args=[outcome["lot"]]),
        said=Text("已签收，份额在您手中", "Accepted; the lot is yours"),
        back=reverse("note", args=[id]),
    )
    context = {"before": shown.findings(before.reasons) if clashes else ()}
    return acting.respond(request, act, template="notes/act_with_rules.html", context=context)


@guard.acting()
def decline_note(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor = actor_of(request)
    note = queries.access_note(actor, id)
    own = note.issuer_id == actor.party
    act = acting.Act(
        code="note.decline",
        title=Text("撤回链单", "Withdraw the note") if own else Text("拒收链单", "Decline the note"),
        submit=Text("签署并撤回", "Sign and withdraw") if own else Text("签署并拒收", "Sign and decline"),
        body=lambda values: {"note": id},
        words=lambda values: [
            Text(f"链单 {note.number}（{Money(note.amount_minor).grouped()} 元）作废，对应发票重新可用。",
                 f"Note {note.number} (CNY {Money(note.amount_minor).grouped()}) becomes void; its invoices are free again."),
        ],
        done=lambda outcome: reverse("note", args=[id]),
        said=Text("链单已作废", "The note is void"),
        back=reverse("note", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting("core")
def pay_note(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What each payee gets, late interest included, before the issuer signs one order to its bank."""
    actor, today = actor_of(request), business_date.today()
    note = queries.access_note(actor, id)
    _whole, due = preview.pay(note, today)

    def shares(values: acting.Values) -> list[Text]:
        found, _due = preview.pay(note, today, values["amount"].minor)
        payments = found.outcome.changes.payments if found.outcome else ()
        return [*_pay_words(note, values["amount"]), *_share_words(payments)]

    act = acting.Act(
        code="note.pay",
        title=Text(f"付款：{note.number}", f"Pay {note.number}"),
        lead=Text(f"今天应付 {Money(due).grouped()} 元", f"CNY {Money(due).grouped()} is due today"),
        submit=Text("签署并付款", "Sign and pay"),
        form=forms.Pay,
        start={"amount": str(Money(due))},
        body=lambda values: {"note": id, "amount": values["amount"]},
        words=shares,
        findings=lambda values: shown.panel(preview.pay(note, today, values["amount"].minor)[0].reasons),
        done=lambda outcome: reverse("note", args=[id]),
        said=Text("付款指令已发给银行，待银行答复", "The order went to your bank; it is to answer"),
        back=reverse("note", args=[id]),
        next_label=Text("下一步：核对各收款方", "Next: check each payee"),
    )
    return acting.respond(request, act, template="notes/pay.html", context={"plan": plan_of(note, today), "due": due})


def plan_of(note: Note, today: Any) -> list[dict[str, Any]]:
    """Each payee's part of all that is due today: ``payee, because, amount, interest``."""
    found, _due = preview.pay(note, today)
    payments = found.outcome.changes.payments if found.outcome else ()
    names = labels.names(payment.payee for payment in payments)
    late = (
        {claim.id for claim in found.outcome.changes.opened if claim.kind == "late_interest"}
        if found.outcome
        else set()
    )
    return [
        {"payee": names.get(item.payee, shown.NOBODY), "because": _because(item), "minor": item.amount_minor,
         "late": sum(minor for claim, minor in item.settles if claim in late)}
        for item in payments
    ]  # fmt: skip


def _because(payment: Payment) -> Text:
    return Text("质权人，优先受偿", "pledgee, first") if payment.because == "pledgee" else Text("持有人", "holder")


def _pay_words(note: Note, amount: Money) -> list[Text]:
    return [Text(f"指令本单位开户行为链单 {note.number} 付款 {amount.grouped()} 元。",
                 f"Order our bank to pay CNY {amount.grouped()} on note {note.number}.")]  # fmt: skip


def _share_words(payments: Any) -> list[Text]:
    names = labels.names(payment.payee for payment in payments)
    said = []
    for item in payments:
        name, because, amount = names.get(item.payee, shown.NOBODY), _because(item), Money(item.amount_minor).grouped()
        said.append(Text(f"{name.zh}（{because.zh}）收 {amount} 元。", f"{name.en} ({because.en}) gets CNY {amount}."))
    return said
