"""Payments as pages: orders, what each payee gets, and the bank's answer, which alone makes money posted."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.rails import queries, reasons, sandbox
from jirong.rails.models import Instruction
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import display, parts, tables
from jirong.web.api import actor_of

PURPOSES = {
    "note.pay": Text("链单到期兑付", "Payment of a note"),
    "note.discount": Text("贴现价款", "Price of a discount"),
    "note.recourse": Text("追索回购", "Buy-back on recourse"),
    "loan.disburse": Text("贷款发放", "Pay-out of a loan"),
    "loan.repay": Text("贷款归还", "Repayment of a loan"),
    "credit.disburse": Text("方案贷款发放", "Pay-out under a scheme"),
    "credit.repay": Text("方案贷款归还", "Repayment under a scheme"),
    "credit.refund": Text("多付退回", "Refund of an overpayment"),
    "credit.compensate": Text("代偿", "Compensation of a loss"),
    "credit.recover": Text("追偿款分配", "Recovery passed on"),
    "credit.entitle": Text("分润与补贴", "Shared income and subsidies"),
    "collateral.realise": Text("押品处置价款", "Proceeds of collateral"),
}
BECAUSE = {
    "pledgee": Text("质权人优先受偿", "pledgee, paid first"),
    "holder": Text("持有人", "holder"),
    "loan": Text("贷款本金", "principal of the loan"),
    "repayment": Text("还款", "repayment"),
    "discount": Text("贴现价款", "price of the discount"),
    "recourse": Text("追索回购", "buy-back"),
    "collateral": Text("押品优先受偿", "secured by the asset sold"),
    "costs": Text("处置费用", "costs of the sale"),
    "surplus": Text("余款", "the rest"),
    "relay": Text("归还原贷款（接力）", "pays off the former loan (relay)"),
    "refund": Text("多付退回", "overpaid, returned"),
    "compensation": Text("代偿", "compensation"),
    "recovery": Text("追偿款", "recovery"),
    "income": Text("分润", "share of income"),
    "subsidy": Text("补贴", "subsidy"),
}
STATES = {
    "instructed": parts.Status(
        Text("待银行答复", "Awaiting the bank"), Text("未答复前不入账", "nothing is booked before"), "wait"
    ),
    "paid": parts.Status(Text("已付", "Paid"), tone="good"),
    "rejected": parts.Status(Text("银行未付", "Not paid by the bank"), tone="bad"),
}


def status_of(row: Instruction) -> parts.Status:
    """The state as a sentence, with the bank's reason where it did not pay, or ours where its answer is not booked."""
    answer, open_ = getattr(row, "confirmation", None), getattr(row, "unbooked", None)
    if row.state == "instructed" and open_ is not None:
        return parts.Status(Text("银行已答复，未能入账", "Answered, but not booked"), open_.why, "bad")
    if row.state == "rejected" and answer is not None and answer.why:
        return parts.Status(Text("银行未付", "Not paid by the bank"), answer.why, "bad")
    return STATES[row.state]


class PaymentTable(tables.Table):
    name, title = "payments", _("付款")
    columns = (
        tables.Column("purpose", _("用途"), value=lambda row: PURPOSES.get(row.purpose, row.purpose), primary=True,
                      link=lambda row: reverse("payment", args=[row.pk])),
        tables.Column("payer", _("付款方"), value=lambda row: labels.name_of(row.payer), sort="payer__name"),
        tables.Column("payees", _("收款方"), value=lambda row: labels.joined(
            dict.fromkeys(labels.name_of(leg.payee) for leg in row.legs.all()))),
        tables.Column("amount", _("金额（元）"), kind="money", value=lambda row: sum(leg.amount_minor for leg in row.legs.all())),
        tables.Column("state", _("状态"), value=status_of, template="rails/_status.html", sort="state"),
        tables.Column("business_date", _("营业日"), kind="date", sort="business_date"),
    )  # fmt: skip
    filters = (
        tables.Choice("state", _("状态"), [(key, item.state) for key, item in STATES.items()]),
        tables.Choice("purpose", _("用途"), list(PURPOSES.items())),
        tables.DateRange("day", _("营业日"), "business_date"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有付款。放款、贴现或到期兑付时，付款指令会出现在这里，由银行逐笔答复。")


@guard.acting()
def payment_list(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    rows = queries.visible(actor).select_related("payer", "confirmation", "unbooked").prefetch_related("legs__payee")
    return tables.respond(request, "rails/list.html", PaymentTable(request, rows), context={"bank": _waits_here(actor)})


@guard.acting()
def payment_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One order to a bank: the payees' parts as far as one may see them, and the bank's answer."""
    actor = actor_of(request)
    row = queries.access_instruction(actor, id)
    legs = queries.legs(row)
    accounts = queries.accounts_seen([row.account_id, *(leg.account_id for leg in legs)])
    answer = getattr(row, "confirmation", None)
    account = accounts.get(row.account_id)
    may_answer = account is not None and account.bank_id == actor.party and row.state == "instructed"
    header = parts.Header(
        title=PURPOSES.get(row.purpose, row.purpose),
        kind=_("付款"),
        status=status_of(row),
        next_action=parts.Action(Text("登记银行答复", "Answer as the bank"), reverse("answer_payment", args=[id])) if may_answer else None,
        figures=[
            parts.Figure(Text("合计", "Total"), sum(leg.amount_minor for leg in legs), kind="money"),
            parts.Figure(Text("付款方", "Payer"), labels.name_of(row.payer), href=reverse("party", args=[row.payer_id])),
            parts.Figure(Text("指令营业日", "Ordered on"), row.business_date, kind="date"),
            parts.Figure(Text("银行流水号", "Bank reference"), answer.bank_reference if answer else None),
            parts.Figure(Text("起息日", "Value date"), answer.value_date if answer else None, kind="date"),
        ],
    )  # fmt: skip
    shown = [
        {
            "payee": labels.name_of(leg.payee),
            "amount": leg.amount_minor,
            "because": BECAUSE.get(leg.because, leg.because),
            "account": accounts[leg.account_id].number if leg.account_id in accounts else "",
        }
        for leg in legs
    ]
    return render(request, "rails/payment.html", {"payment": row, "header": header, "legs": shown})


def _reason_choices() -> list[tuple[str, Any]]:
    return [
        ("", _("请选择")),
        *((code, display.say(text)) for code, text in reasons.USUAL.items()),
        ("other", _("其他")),
    ]


class Answer(forms.Form):
    """What the bank did with the order."""

    paid = forms.TypedChoiceField(
        label=_("结果"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", _("已付款")), ("no", _("未付款"))],
    )  # fmt: skip
    bank_reference = forms.CharField(label=_("银行流水号"), max_length=80)
    value_date = forms.DateField(label=_("起息日"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    why = forms.ChoiceField(label=_("未付原因"), required=False, choices=_reason_choices)
    why_zh = forms.CharField(label=_("其他原因"), max_length=reasons.LENGTH_MAX, required=False)
    why_en = forms.CharField(label=_("其他原因（英文）"), max_length=reasons.LENGTH_MAX, required=False)

    def clean(self) -> dict[str, Any]:
        """The reason as a sentence in both languages, asked for only where the bank did not pay."""
        values = dict(super().clean() or {})
        why, zh, en = (values.pop(name, "") for name in ("why", "why_zh", "why_en"))
        values["reason"] = None
        if values.get("paid") is not False:
            return values
        if not why:
            self.add_error("why", _("请选择未付原因"))
        elif why != "other":
            values["reason"] = reasons.USUAL[why]
        elif zh and en:
            values["reason"] = Text(zh, en)
        else:
            self.add_error("why_en" if zh else "why_zh", _("其他原因请用中英文各写一句"))
        return values


@guard.acting("bank")
def answer_payment(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor = actor_of(request)
    row = queries.access_instruction(actor, id)
    back = reverse("payment", args=[id])

    def words(values: acting.Values) -> list[Text]:
        paid, why = values["paid"], values["reason"]
        because = Text(f"，原因：{why.zh}", f" ({why.en})") if why else None
        return [
            Text(
                f"确认{labels.name_of(row.payer).zh}的付款指令{'已付款' if paid else '未付款'}{because.zh if because else ''}，"
                f"流水号{values['bank_reference']}。",
                f"The order of {labels.name_of(row.payer).en} was {'paid' if paid else 'not paid'}"
                f"{because.en if because else ''}, reference {values['bank_reference']}.",
            ),
            Text("答复一次有效，不可更改。", "The answer is given once and cannot be changed."),
        ]

    act = acting.Act(
        code="payment.confirm",
        title=Text("登记银行答复", "Answer as the bank"),
        submit=Text("签署并确认", "Sign and confirm"),
        form=Answer,
        start={"value_date": business_date.today(), "paid": "yes"},
        body=lambda values: {"instruction": id, **values},
        words=words,
        done=lambda outcome: back,
        said=Text("已记录银行答复", "The bank's answer is on record"),
        back=back,
    )
    return acting.respond(request, act)


@require_POST
@guard.acting("bank")
def sandbox_answer(request: HttpRequest) -> HttpResponseBase:
    """The pretended bank executes and answers what waits at it; a real bank's system does so by itself."""
    done = sandbox.answer_all(actor_of(request).party)
    said = Text(f"模拟银行已答复{done}笔付款", f"The pretended bank answered {done} payments")
    messages.success(request, display.say(said))
    return redirect("payments")


def _waits_here(actor: Actor) -> int:
    """How many orders of payers wait at the bank one acts for."""
    return queries.waiting_at(actor).count()
