"""After it went wrong, on screen: a debtor pays what it still owes, whoever is called upon answers, a lender judges anew.

A call is shown to the party it names with what it is to do and by when; its answer stands for the lender to read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.financing import conduct_queries, queries
from jirong.financing.models import Loan
from jirong.financing.models_conduct import Call
from jirong.financing.pages import shared
from jirong.financing.pages.bank_places import BEARERS, LENDERS
from jirong.financing.pages.firm_places import FIRMS
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.schemes import vocabulary
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts, tables
from jirong.web.api import actor_of
from jirong.web.fields import AmountField

CALLED = sorted(FIRMS | LENDERS | BEARERS)
ENDED = ("defaulted", "written_off")


class Amount(forms.Form):
    amount = AmountField(label=_("还多少（元）"), help_text=_("按各方仍持有的债权分给各方"))


class Answer(forms.Form):
    note = forms.CharField(label=_("做了什么"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class CallTable(tables.Table):
    """What is asked, of whom, by when, what was answered."""

    name, title = "calls", _("要求")
    columns = (
        tables.Column("to", _("要求"), value=lambda row: asked(row), primary=True),
        tables.Column("party", _("要求谁"), value=lambda row: labels.name_of(row.party)),
        tables.Column("on", _("提出日"), kind="date", sort="on", optional=True),
        tables.Column("due", _("期限"), kind="date", sort="due"),
        tables.Column("done_on", _("答复日"), kind="date", sort="done_on"),
        tables.Column("note", _("答复"), optional=True),
    )
    order = ("-recorded_at", "-pk")
    empty = _("没有收到要求。合同的触发条件成立并要求贵单位做事时，列在这里。")


def asked(row: Call) -> Text:
    return vocabulary.CALL.get(row.to, Text(row.to, row.to))


def waiting(actor: Actor) -> list[Call]:
    """What the acting party is called upon to do and has not answered, the nearest day first."""
    found = conduct_queries.calls(actor, waiting=True).filter(party=actor.party)
    return list(found.select_related("contract__lender", "contract__borrower", "party").order_by("due", "pk")[:50])


@guard.acting(*CALLED)
def call_list(request: HttpRequest) -> HttpResponseBase:
    """What waits for an answer of ours, each with its contract; below, every call we may see."""
    actor, today = actor_of(request), business_date.today()
    items = [
        {
            "asked": asked(row), "lender": labels.name_of(row.contract.lender), "due": row.due,
            "late": row.due < today, "url": reverse("call_answer", args=[row.pk]),
        }
        for row in waiting(actor)
    ]  # fmt: skip
    table = CallTable(request, conduct_queries.calls(actor).select_related("party"))
    return tables.respond(request, "financing/calls.html", table, context={"items": items})


@guard.acting(*CALLED)
def answer(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Say what was done about a call."""
    actor = actor_of(request)
    found = conduct_queries.calls(actor).filter(pk=id, party=actor.party)
    row = found.select_related("contract__lender", "contract__borrower").first()
    if row is None:
        raise NotFound("call.unknown", Text("没有这项要求", "There is no such call"))
    what, lender, firm = asked(row), labels.name_of(row.contract.lender), labels.name_of(row.contract.borrower)
    lead = Text(
        f"{lender.zh}与{firm.zh}的合同要求贵单位于{row.due}前{what.zh}。",
        f"The contract of {lender.en} with {firm.en} asks you {what.en} by {row.due}.",
    )
    act = acting.Act(
        code="call.answer", title=Text("答复要求", "Answer the call"), submit=Text("答复", "Answer"), form=Answer,
        body=lambda values: {"call": id, "note": values["note"]}, lead=lead,
        words=lambda values: [lead, Text(f"答复：{values['note']}", f"Answer: {values['note']}")],
        done=lambda outcome: reverse("calls"), said=Text("已答复", "Answered"), back=reverse("calls"),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting(*sorted(FIRMS))
def recover(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Pay after default: what is still owed, and to whom."""
    actor = actor_of(request)
    row = queries.access_loan(actor, id)
    if actor.party not in row.borrowers or row.status not in ENDED:
        raise NotFound("loan.unknown", Text("没有这笔违约贷款", "There is no such loan in default"))
    owed = owed_to(row)
    total = shared.yuan(sum(owed.values()))
    names = labels.names(owed)
    parts_zh = "，".join(f"{names[each].zh} {shared.yuan(minor).zh}" for each, minor in owed.items())
    parts_en = ", ".join(f"{names[each].en} {shared.yuan(minor).en}" for each, minor in owed.items())
    act = acting.Act(
        code="credit.recover", title=Text("违约后还款", "Pay after default"), submit=Text("确认还款", "Pay"), form=Amount,
        lead=Text(f"这笔贷款尚欠{total.zh}：{parts_zh}。", f"{total.en} of this loan is still owed: {parts_en}."),
        body=lambda values: {"loan_id": id, "amount": values["amount"]}, words=lambda values: _words(row, values),
        done=lambda outcome: reverse("firm_loan", args=[id]), back=reverse("firm_loan", args=[id]),
        said=Text("还款指令已发给银行", "The bank is instructed to pay"),
        crumbs=[parts.Crumb(Text("贷款", "Loans"), reverse("firm_loans")),
                parts.Crumb(labels.name_of(row.lender), reverse("firm_loan", args=[id]))],
    )  # fmt: skip
    return acting.respond(request, act)


def owed_to(row: Loan) -> Mapping[uuid.UUID, int]:
    """What is still owed of a loan in default, in minor units, by whom it is owed to; what was written off too."""
    found: dict[uuid.UUID, int] = {}
    for claim in queries.claims_of(row):
        left = claim.outstanding_minor + claim.written_off_minor
        if left and claim.kind != "contribution":
            found[claim.creditor] = found.get(claim.creditor, 0) + left
    return found


def _words(row: Loan, values: acting.Values) -> list[Text]:
    amount, lender = shared.yuan(values["amount"]), labels.name_of(row.lender)
    return [
        Text(
            f"就{lender.zh}的违约贷款还款{amount.zh}，由本单位账户支付，按各方仍持有的债权分配。",
            f"Pay {amount.en} of the loan of {lender.en} in default from our account; it is shared by what each holds.",
        )
    ]


@guard.acting(*sorted(LENDERS))
def watch(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Judge a contract's triggers now instead of at the close."""
    actor = actor_of(request)
    row = queries.access_contract(actor, id)
    if row.lender_id != actor.party:
        raise NotFound("contract.unknown", Text("没有这份合同", "There is no such contract"))
    firm = labels.name_of(row.borrower)
    act = acting.Act(
        code="contract.watch", title=Text(f"核查触发条件：{firm.zh}", f"Judge the triggers: {firm.en}"),
        submit=Text("现在核查", "Judge now"), body=lambda values: {"contract": id},
        words=lambda values: [Text(
            "按今天的事实核查合同的触发条件；成立或解除的，照方案执行。",
            "The contract's triggers are judged on today's facts; what begins or ends is carried out as the scheme says.",
        )],
        done=lambda outcome: reverse("bank_contract", args=[id]), back=reverse("bank_contract", args=[id]),
        said=Text("已核查，结果见经过", "Judged; what came of it stands in the timeline"),
    )  # fmt: skip
    return acting.respond(request, act)
