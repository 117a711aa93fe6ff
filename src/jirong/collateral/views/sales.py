"""Realising an asset: the holder agrees it with who gets what in plain sight, the payer pays, or it is withdrawn."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.collateral import forms, queries, runtime, shown, wording
from jirong.collateral.actions import sales
from jirong.collateral.models import LIVE, Agreement, Sale
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.web import parts
from jirong.web.api import actor_of


@guard.acting()
def sell(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Who pays, how much, and what each right on the asset would get of it today."""
    actor = actor_of(request)
    asset = queries.access_asset(actor, id)
    if not queries.agreements(actor).filter(asset=id, holder=actor.party, state__in=("signed", "registered")).exists():
        raise Conflict(
            "sale.not_holder", Text("只有押品的债权人可以处置", "Only a holder of security on it may realise it")
        )

    def body(values: acting.Values) -> dict[str, Any]:
        return {
            "asset": id,
            "payer": values["payer"].pk,
            "proceeds": values["proceeds"],
            "how": values["how"],
            "costs": values["costs"],
        }

    act = acting.Act(
        code="sale.agree", title=Text("处置押品", "Realise the asset"), lead=asset.title,
        submit=Text("提交复核", "Submit for approval"), form=forms.Sell, body=body,
        words=lambda values: wording.sale_words(actor, body(values)),
        done=lambda outcome: reverse("asset", args=[id]), back=reverse("asset", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def sale_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """A sale: the proceeds, and each payee in the order of payment."""
    actor = actor_of(request)
    sale = queries.access_sale(actor, id)
    names = labels.names([*(uuid.UUID(part["holder"]) for part in sale.parts), sale.costs_to_id, sale.asset.owner_id])
    rows = [
        {"place": part["place"], "name": names.get(uuid.UUID(part["holder"]), labels.UNKNOWN)}
        | {name: Money.parse(part[name]) for name in ("owed", "paid", "unpaid")}
        for part in sale.parts
    ]
    context = {
        "sale": sale, "rows": rows, "header": _header(actor, sale), "owner": names.get(sale.asset.owner_id, labels.UNKNOWN),
        "costs_to": names.get(sale.costs_to_id or sale.by_id, labels.UNKNOWN),
    }  # fmt: skip
    return render(request, "collateral/sale.html", context)


def _header(actor: Actor, sale: Sale) -> parts.Header:
    pay = parts.Action(Text("支付价款", "Pay"), reverse("sale_pay", args=[sale.pk]), icon="bank")
    back = parts.Action(Text("撤回处置", "Withdraw"), reverse("sale_withdraw", args=[sale.pk]))
    waits = sale.state == "agreed"
    return parts.Header(
        title=Text(f"处置：{sale.asset.title}", f"Sale: {sale.asset.title}"), kind=shown.HOW[sale.how],
        status=shown.sale_status(sale), next_action=pay if waits and actor.party == sale.payer_id else None,
        actions=[back] if waits and actor.party == sale.by_id else [],
        figures=[
            parts.Figure(Text("价款", "Proceeds"), sale.proceeds_minor, kind="money"),
            parts.Figure(Text("处置费用", "Costs"), sale.costs_minor, kind="money"),
            parts.Figure(Text("余款归所有人", "To the owner"), sale.owner_minor, kind="money"),
            parts.Figure(Text("付款方", "Payer"), labels.name_of(sale.payer), href=reverse("party", args=[sale.payer_id])),
            parts.Figure(Text("提出方", "Agreed by"), labels.name_of(sale.by), href=reverse("party", args=[sale.by_id])),
        ],
    )  # fmt: skip


@guard.acting()
def pay(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One order to the payer's bank, payees in the order of the law, as the debts stand today."""
    actor = actor_of(request)
    sale = queries.access_sale(actor, id)
    if sale.payer_id != actor.party:
        raise Conflict("sale.not_payer", Text("只有付款方可以付款", "Only the payer may pay"))

    def words(values: acting.Values) -> list[Text]:
        with acting_as(SYSTEM):
            live = list(Agreement.objects.filter(asset=sale.asset_id, state__in=LIVE).order_by("pk"))
        found = sales.distribution(live, sale.proceeds_minor, sale.costs_minor, business_date.today())
        whole = runtime.yuan(sale.proceeds_minor)
        return [Text(f"指令本单位开户行支付 {whole} 元。", f"Order our bank to pay CNY {whole}."),
                *wording.distribution_words(found, sale.asset.owner_id)]  # fmt: skip

    page = reverse("sale", args=[id])
    act = acting.Act(
        code="sale.pay", title=Text("支付处置价款", "Pay the proceeds"), lead=sale.asset.title, submit=Text("签署并付款", "Sign and pay"),
        body=lambda values: {"sale": id}, words=words, done=lambda outcome: page, back=page,
        said=Text("付款指令已发给银行，待银行答复", "The order went to your bank; it is to answer"),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def withdraw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    sale = queries.access_sale(actor_of(request), id)
    page = reverse("sale", args=[id])
    act = acting.Act(
        code="sale.withdraw", title=Text("撤回处置", "Withdraw the sale"), lead=sale.asset.title, submit=Text("确认撤回", "Withdraw"),
        body=lambda values: {"sale": id}, done=lambda outcome: page, back=page, said=Text("已撤回", "Withdrawn"),
        words=lambda values: [Text("不再按此价款处置；各方担保不变。", "It is not sold on these terms; everybody's security stays.")],
    )  # fmt: skip
    return acting.respond(request, act)
