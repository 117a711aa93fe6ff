"""Owing jointly: what another firm asks this one to owe with it, signed or refused. Nobody owes what it has not signed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from jirong.financing import asking, deciding, queries
from jirong.financing.models import Application
from jirong.financing.pages import firm_apply, firm_offers, shared
from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.web import display
from jirong.web.api import actor_of

FIRMS = ("firm", "core")


@guard.acting(*FIRMS)
def join(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What was asked and what is offered, in words; signed, the firm owes the whole with the others."""
    actor = actor_of(request)
    row = queries.access_application(actor, id)
    if actor.party not in row.joint:
        raise NotFound("application.unknown", Text("没有这份申请", "There is no such application"))
    decision = queries.offer_of(row)
    if (row.state != "joining" or actor.party in row.joined) and "statement" not in request.POST:
        return redirect("firm_contracts")
    said = asking.offered(decision) if decision else {}
    terms = (decision.terms if decision else None) or {}
    act = acting.Act(
        code="application.join", title=Text("作为共同借款人签署", "Sign as a joint borrower"), submit=Text("签署", "Sign"),
        body=lambda values: {"application": id, "asked": row.asked_sha256} | said,
        words=lambda values: words(row, terms), done=lambda outcome: joined(request, outcome),
        lead=Text("不签署就不承担任何债务", "Without this signature you owe nothing"), back=reverse("firm_credit"),
    )  # fmt: skip
    context = {"refuse": reverse("firm_refuse_joint", args=[id])}
    return acting.respond(request, act, template="financing/firm_joining.html", context=context)


def words(row: Application, terms: dict[str, Any]) -> list[Text]:
    """The debt this firm would take on, then the terms as the first borrower signed them."""
    borrower = labels.name_of(row.borrower)
    whole = shared.yuan(Money.parse(terms["amount"])) if terms else Text("", "")
    others = labels.joined([borrower, *labels.names(row.joint).values()])
    scheme = deciding.scheme_behind(row.policy)
    return [
        Text(
            f"与{borrower.zh}共同借款：{others.zh}各自对全部债务负责，贷款人可以要求任何一家归还全部{whole.zh}及利息。",
            f"We borrow jointly with {borrower.en}: {others.en} each owe all; the lender may ask any one of them for all "
            f"of {whole.en} and the interest.",
        ),
        *firm_apply.asked_words(row, scheme),
        *(firm_offers.contract_words(row, terms, business_date.today()) if terms else []),
    ]


def joined(request: HttpRequest, outcome: Mapping[str, Any]) -> str:
    """Where to go with the outcome, and what to say there."""
    if "contract" in outcome:
        messages.success(request, display.say(Text("合同已签署", "The contract is signed")))
        return reverse("firm_contract", args=[outcome["contract"]])
    if outcome["state"] == "joining":
        messages.success(
            request, display.say(Text("已签署，等待其他共同借款人", "Signed; the other joint borrowers are next"))
        )
    else:
        messages.warning(request, display.say(firm_offers.ANEW))
    return reverse("firm_credit")


@guard.acting(*FIRMS)
def refuse(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Not to owe jointly: the offer ends."""
    actor = actor_of(request)
    if "statement" not in request.POST:
        row = queries.to_join(actor).filter(pk=id).first()
        if row is None:
            raise NotFound("application.unknown", Text("没有这份申请", "There is no such application"))
        borrower = labels.name_of(row.borrower)
    else:
        borrower = Text("申请人", "the applicant")
    act = acting.Act(
        code="application.refuse_joint", title=Text("拒绝共同借款", "Refuse to owe jointly"),
        submit=Text("确认拒绝", "Refuse"), body=lambda values: {"application": id},
        words=lambda values: [
            Text(f"本单位不与{borrower.zh}共同借款；该报价随即终止，本单位不承担任何债务。",
                 f"We do not borrow jointly with {borrower.en}; the offer ends and we owe nothing.")
        ],
        done=lambda outcome: reverse("firm_credit"), said=Text("已拒绝", "Refused"), back=reverse("firm_join", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")
