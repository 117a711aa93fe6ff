"""Security in one's hands or given: the list, an agreement's page, giving, signing, registering, releasing."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.collateral import demands, forms, queries, runtime, shown, tables, wording
from jirong.collateral.models import Agreement, Asset, Secured
from jirong.collateral.views.assets import not_yours
from jirong.engine import security
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store import business_date, catalogue
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def pledge_list(request: HttpRequest) -> HttpResponseBase:
    rows = queries.agreements_shown(actor_of(request), business_date.today())
    return web_tables.respond(request, "collateral/pledges.html", tables.PledgeTable(request, rows))


@guard.acting()
def pledge_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One agreement: what is given for what, its rank, its registration and everything recorded of it."""
    actor, today = actor_of(request), business_date.today()
    row = queries.access_agreement(actor, id)
    place = next((item for item in queries.encumbrances(actor, row.asset) if item.agreement == id), None)
    secured = Secured.objects.filter(pk=row.secures).first()
    how = security.KINDS[row.asset.kind][1]
    context = {
        "row": row,
        "header": _header(actor, row, place, secured),
        "entries": queries.entries(row),
        "register": security.REGISTERS[security.KINDS[row.asset.kind][0]],
        "constitutes": how.constitutes,
        "clause": _clause(how.rule),
        "timeline": shown.entries(
            [step for step in queries.steps(asset=row.asset) if set(step.seen_by) <= set(row.seen_by)]
        ),
        "secured": secured,
        "today": today,
    }
    return render(request, "collateral/pledge.html", context)


def _clause(rule_id: str) -> parts.Clause | None:
    rule = catalogue.rulebook().find(rule_id, business_date.today())
    return parts.Clause(rule.citation, rule.rule.title, rule.since, rule.verified) if rule else None


def _header(actor: Actor, row: Agreement, place: queries.Encumbrance | None, secured: Secured | None) -> parts.Header:
    asset = row.asset
    actions, next_action = _actions(actor, row)
    figures = [
        parts.Figure(Text("最高担保额", "Secures up to"), row.secured_minor, kind="money"),
        parts.Figure(Text("占用价值", "Share of the value"), row.share_minor, kind="money"),
        parts.Figure(Text("现值计入", "Counts now"), place.counts_minor if place else 0, kind="money"),
        parts.Figure(Text("清偿顺位", "Rank"), Text(f"第{place.place}顺位", f"no. {place.place}") if place else "—"),
        parts.Figure(Text("押品", "Asset"), asset.title, href=reverse("asset", args=[asset.pk])),
        parts.Figure(Text("所有人", "Owner"), labels.name_of(row.owner), href=reverse("party", args=[row.owner_id])),
        parts.Figure(Text("债权人", "Holder"), labels.name_of(row.holder), href=reverse("party", args=[row.holder_id])),
    ]
    if secured:
        figures.append(
            parts.Figure(
                Text("担保的合同", "Secures"), shown.secured_title(secured), href=reverse("security", args=[secured.pk])
            )
        )
    elif row.debt_title:
        figures.append(parts.Figure(Text("担保的债务", "Secures"), row.debt_title))
    return parts.Header(
        title=Text(f"{shown.kind_title(asset.kind).zh}{shown.FORMS[row.form].zh}", f"{shown.FORMS[row.form].en} of {shown.kind_title(asset.kind).en}"),
        kind=Text("担保", "Security"), status=shown.agreement_status(row, asset.kind, business_date.today()),
        next_action=next_action, actions=actions, figures=figures,
    )  # fmt: skip


def _actions(actor: Actor, row: Agreement) -> tuple[list[parts.Action], parts.Action | None]:
    def to(name: str) -> str:
        return reverse(name, args=[row.pk])

    mine = actor.party == row.holder_id
    if row.state == "offered":
        drop = parts.Action(Text("谢绝", "Decline") if mine else Text("撤回", "Withdraw"), to("pledge_drop"))
        sign = parts.Action(Text("核对并签署", "Check and sign"), to("pledge_accept"), icon="sign") if mine else None
        return [drop], sign
    if not mine:
        return [], None
    release = parts.Action(Text("解除担保", "Release"), to("pledge_release"))
    if row.state == "signed":
        return [release], parts.Action(Text("填报登记", "Record registration"), to("pledge_register"), icon="sign")
    if row.state == "registered":
        more = [parts.Action(Text("处置", "Realise"), reverse("asset_sell", args=[row.asset_id]))]
        if row.registered_until:
            more.append(parts.Action(Text("登记展期", "Extend registration"), to("pledge_prolong")))
        if row.debt_title:
            more.append(parts.Action(Text("填报余额", "State the debt"), to("pledge_debt")))
        return [*more, release], None
    if row.register_number and not any(entry.kind == "cancelled" for entry in row.entries.all()):
        return [], parts.Action(Text("注销登记", "Cancel the registration"), to("pledge_cancel"))
    return [], None


# Giving ------------------------------------------------------------------------------------------------------------


@guard.acting()
def give(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Choose the contract, say how much, see exactly what is signed; a colleague approves it."""
    actor = actor_of(request)
    row = _own(actor, id)
    contracts = queries.to_secure(actor, row.kind)

    def form(*args: Any, **kwargs: Any) -> forms.Pledge:
        return forms.Pledge(*args, contracts=contracts, movable=row.kind == "equipment", **kwargs)

    def body(values: acting.Values) -> dict[str, Any]:
        contract = values["contract"]
        found = {"asset": id, "holder": contract.lender_id, "secures": contract.pk, "secured": values["secured"]}
        return {**found, "share": values["share"], "whole": values["whole"], "delivered_on": values.get("delivered_on")}

    start = {"contract": contracts[0].pk, "secured": str(Money(contracts[0].limit_minor))} if contracts else {}
    act = acting.Act(
        code="pledge.offer", title=Text("用来担保", "Give as security"), lead=row.title,
        submit=Text("提交复核", "Submit for approval"), form=form, start=start, body=body,
        words=lambda values: wording.offer_words(actor, body(values)),
        findings=lambda values: wording.offer_findings(actor, body(values)),
        done=lambda outcome: reverse("pledge", args=[outcome["pledge"]]), back=reverse("asset", args=[id]),
    )  # fmt: skip
    context = {
        "asset": row,
        "steps": _steps(),
        "none": not contracts,
        "free": max(0, row.usable_minor - row.promised_minor),
    }
    return acting.respond(request, act, template="collateral/give.html", context=context)


@guard.acting()
def give_outside(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Give an asset for a debt outside the platform, so that its value is not given twice."""
    actor = actor_of(request)
    row = _own(actor, id)

    def body(values: acting.Values) -> dict[str, Any]:
        # The debt's id follows from what it is called and to whom it is owed, so that the panel and the deed agree.
        secures = uuid.uuid5(values["holder"].pk, f"{row.owner_id}/{values['debt_title']}")
        return {"asset": id, "holder": values["holder"].pk, "secures": secures, "secured": values["secured"],
                "share": values["share"], "debt_title": values["debt_title"]}  # fmt: skip

    act = acting.Act(
        code="pledge.offer", title=Text("为平台外的债务担保", "Secure a debt outside the platform"), lead=row.title,
        submit=Text("提交复核", "Submit for approval"), form=forms.PledgeOutside, body=body,
        words=lambda values: wording.offer_words(actor, body(values)),
        findings=lambda values: wording.offer_findings(actor, body(values)),
        done=lambda outcome: reverse("pledge", args=[outcome["pledge"]]), back=reverse("asset_pledge", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


def _steps() -> list[Text]:
    return [
        Text("登记并估值", "Record and value"), Text("提出担保", "Offer"), Text("债权人签署", "Holder signs"),
        Text("登记", "Register"), Text("放款", "Pay out"),
    ]  # fmt: skip


def _own(actor: Actor, id: uuid.UUID) -> Asset:
    row = queries.access_asset(actor, id)
    if row.owner_id != actor.party:
        raise not_yours()
    return row


# The holder's part -------------------------------------------------------------------------------------------------


@guard.acting()
def accept(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor = actor_of(request)
    row = _held(actor, id)
    body = {"pledge": id}
    return acting.respond(request, _act(
        row, "pledge.accept", Text("签署担保", "Sign the security"), Text("签署", "Sign"), body=lambda values: body,
        words=lambda values: wording.accept_words(actor, body),
        findings=lambda values: wording.accept_findings(actor, body),
    ))  # fmt: skip


@guard.acting()
def drop(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor = actor_of(request)
    row = queries.access_agreement(actor, id)
    title = (
        Text("撤回担保", "Withdraw the offer") if actor.party == row.owner_id else Text("谢绝担保", "Decline the offer")
    )
    share = runtime.yuan(row.share_minor)
    return acting.respond(request, _act(
        row, "pledge.drop", title, Text("确认", "Confirm"), body=lambda values: {"pledge": id},
        words=lambda values: [Text(f"“{row.asset.title}”的 {share} 元价值重新可用。", f"CNY {share} of “{row.asset.title}” is free again.")],
    ))  # fmt: skip


@guard.acting()
def register(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The register's number, moment and term, from its proof."""
    row = _held(actor_of(request), id)
    where = security.REGISTERS[security.KINDS[row.asset.kind][0]]

    def words(values: acting.Values) -> list[Text]:
        at, number, title = f"{values['registered_on']} {values['registered_time']}", values["number"], row.asset.title
        found = [
            Text(
                f"“{title}”已于 {at} 在{where.zh}登记，登记号 {number}。",
                f"“{title}” was registered with {where.en} on {at}, number {number}.",
            )
        ]
        if values["until"]:
            found.append(Text(f"登记至 {values['until']}。", f"It runs until {values['until']}."))
        return found

    names = ("number", "registered_on", "registered_time", "until")
    return acting.respond(request, _act(
        row, "pledge.register", Text(f"填报{where.zh}登记", f"Record the registration with {where.en}"), Text("签署", "Sign"),
        form=forms.Register, start={"registered_on": business_date.today()},
        body=lambda values: {"pledge": id, **{name: values[name] for name in names}}, words=words,
    ))  # fmt: skip


@guard.acting()
def prolong(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = _held(actor_of(request), id)
    return acting.respond(request, _act(
        row, "pledge.prolong", Text("登记展期", "Extend the registration"), Text("确认", "Confirm"), form=forms.Prolong,
        body=lambda values: {"pledge": id, "until": values["until"]},
        words=lambda values: [Text(f"登记 {row.register_number} 展期至 {values['until']}，顺位不变。",
                                   f"Registration {row.register_number} runs until {values['until']}; the rank stays.")],
    ))  # fmt: skip


@guard.acting()
def release(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    actor = actor_of(request)
    row = _held(actor, id)

    def body(values: acting.Values) -> dict[str, Any]:
        return {"pledge": id, "part": values["part"]}

    return acting.respond(request, _act(
        row, "pledge.release", Text("解除担保", "Release the security"), Text("提交复核", "Submit for approval"),
        form=forms.Release, body=body, words=lambda values: wording.release_words(actor, body(values)),
        findings=lambda values: wording.release_findings(actor, body(values)),
    ))  # fmt: skip


@guard.acting()
def cancel(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = _held(actor_of(request), id)
    return acting.respond(request, _act(
        row, "pledge.cancel_registration", Text("注销登记", "Cancel the registration"), Text("确认", "Confirm"),
        body=lambda values: {"pledge": id},
        words=lambda values: [Text(f"登记 {row.register_number} 已注销。", f"Registration {row.register_number} was cancelled.")],
    ))  # fmt: skip


@guard.acting()
def state_debt(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    row = _held(actor_of(request), id)
    return acting.respond(request, _act(
        row, "pledge.state_debt", Text("填报债务余额", "State the debt"), Text("确认", "Confirm"), form=forms.StateDebt,
        body=lambda values: {"pledge": id, "owed": values["owed"]},
        words=lambda values: [Text(f"“{row.debt_title}”尚欠 {values['owed'].grouped()} 元。",
                                   f"CNY {values['owed'].grouped()} is owed on “{row.debt_title}”.")],
    ))  # fmt: skip


def _act(row: Agreement, code: str, title: Text, submit: Text, **more: Any) -> acting.Act:
    """An act on an agreement: leads back to its page."""
    page = reverse("pledge", args=[row.pk])
    lead = Text(
        f"{row.asset.title} · {demands.TITLES[row.asset.kind].zh}",
        f"{row.asset.title} · {demands.TITLES[row.asset.kind].en}",
    )
    return acting.Act(code=code, title=title, submit=submit, lead=lead, done=lambda outcome: page, back=page,
                      said=Text("已办理", "Done"), **more)  # fmt: skip


def _held(actor: Actor, id: uuid.UUID) -> Agreement:
    row = queries.access_agreement(actor, id)
    if row.holder_id != actor.party:
        raise Conflict(
            "pledge.not_holder",
            Text("只有债权人可以办理", "Only the holder may do this"),
            remedy=Text("请由债权人办理", "The holder may do so"),
        )
    return row
