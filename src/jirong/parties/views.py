"""Pages about parties: the register, one's own party with its people, keys and accounts, and the checkers' inbox."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from jirong.kernel.errors import NotFound, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.log import decoding
from jirong.parties import (
    acting,
    forms,
    guard,
    invitations,
    labels,
    proposals,
    queries,
    tables,
    together,
    token_views,
    wording,
)
from jirong.parties import actions as party_actions
from jirong.parties.models import Key, Proposal
from jirong.store.identity import Actor
from jirong.store.ids import new_id
from jirong.web import display, parts, signing
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@require_POST
@guard.acting()
def act_for(request: HttpRequest, party: uuid.UUID) -> HttpResponseBase:
    """Choose the party to act for; a party one is no staff of is no choice."""
    if party not in {seat.party_id for seat in queries.seats_of(request.user.pk or 0)}:
        raise NotFound("party.not_yours", Text("您不是该单位的经办人员", "You are not on that party's staff"))
    request.session["party"] = str(party)
    return redirect("/")


# The register ------------------------------------------------------------------------------------------------------


@guard.acting()
def party_list(request: HttpRequest) -> HttpResponseBase:
    table = tables.PartyTable(request, queries.directory().prefetch_related("roles"))
    operates = actor_of(request).role == "operator"
    return web_tables.respond(request, "parties/list.html", table, context={"operates": operates})


@guard.acting()
def party_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """What the register says of a party; the rest of it is its own."""
    row = queries.party(id)
    roles = sorted(queries.roles(id))
    clusters = queries.clusters_of(id)
    header = parts.Header(
        title=labels.name_of(row),
        kind=labels.joined(labels.ROLES[role] for role in roles),
        status=parts.Status(Text("已登记", "Registered"), tone="good"),
        actions=[parts.Action(Text("本单位设置", "Settings"), reverse("own_party"))]
        if id == actor_of(request).party
        else [],
        figures=[
            parts.Figure(Text("统一社会信用代码", "Credit code"), row.uscc),
            parts.Figure(Text("企业规模", "Size"), labels.SIZES[row.size]),
            parts.Figure(Text("行业", "Sector"), row.sector or None),
            parts.Figure(Text("地区", "Region"), row.region or None),
            parts.Figure(Text("登记时间", "Registered at"), row.recorded_at, kind="moment"),
        ],
    )
    context = {"party": row, "header": header, "clusters": clusters, "keys": queries.public_keys(id)}
    return render(request, "parties/party.html", context)


@guard.acting("operator")
def register_party(request: HttpRequest) -> HttpResponseBase:
    act = acting.Act(
        code="party.register",
        title=Text("登记主体", "Register a party"),
        lead=Text(
            "主体是全平台唯一的：一家企业只登记一次，可有多个角色。",
            "A party is registered once, with as many roles as it has.",
        ),
        submit=Text("登记", "Register"),
        form=forms.RegisterParty,
        body=lambda values: dict(values),
        done=lambda outcome: reverse("party", args=[outcome["party"]]),
        said=Text("已登记。下一步：增加经办人员", "Registered. Next: add its people"),
        plain=True,
        back=reverse("parties"),
    )
    return acting.respond(request, act)


@guard.acting("operator")
def add_role(request: HttpRequest, party: uuid.UUID) -> HttpResponseBase:
    """Let a party act in one more role."""
    target = queries.party(party)
    back = reverse("party", args=[party])
    act = acting.Act(
        code="party.add_role",
        title=Text(f"为{target.name}增加角色", f"Add a role to {target.name_en or target.name}"),
        submit=Text("增加", "Add"),
        form=forms.AddRole,
        body=lambda values: {"party": party, **values},
        done=lambda outcome: back,
        said=Text("已增加", "Added"),
        plain=True,
        back=back,
    )
    return acting.respond(request, act)


# One's own party ---------------------------------------------------------------------------------------------------

TABS = (
    ("staff", Text("人员", "People")),
    ("roles", Text("角色与集群", "Roles and clusters")),
    ("keys", Text("密钥", "Keys")),
    ("accounts", Text("银行账户", "Bank accounts")),
    ("tokens", Text("接口令牌", "API tokens")),
)


@guard.acting()
def own_party(request: HttpRequest, tab: str = "staff") -> HttpResponseBase:
    """People, roles, keys, accounts and tokens of the party one acts for."""
    actor = actor_of(request)
    party = queries.party(actor.party)
    is_admin = queries.has_duty(actor, "admin")
    rows: dict[str, Any] = {
        "staff": lambda: [(row, invitations.path_for(row.user)) for row in queries.staff_of_party(actor.party)],
        "keys": lambda: queries.public_keys(actor.party),
        "accounts": lambda: queries.accounts(actor),
        "roles": lambda: queries.roles_of(party.pk),
        "tokens": lambda: [token_views.shown(row) for row in queries.tokens(actor)],
    }
    base = reverse("own_party")
    tabs = [parts.Tab(label, base if key == "staff" else f"{base}{key}/", current=key == tab) for key, label in TABS]
    context = {
        "party": party,
        "tab": tab,
        "tabs": tabs,
        "rows": rows[tab](),
        "is_admin": is_admin,
        "title": labels.name_of(party),
        "clusters": queries.clusters_of(party.pk) if tab == "roles" else (),
    }
    return render(request, "parties/own.html", context)


@guard.acting()
def add_staff(request: HttpRequest, party: uuid.UUID | None = None) -> HttpResponseBase:
    """Let a person act for one's party (or, for the operator, for any)."""
    actor = actor_of(request)
    target = queries.party(party or actor.party)
    back = reverse("party", args=[target.pk]) if party else reverse("own_party")

    def body(values: acting.Values) -> dict[str, Any]:
        _register_log_in(request, values["username"])
        return {"party": target.pk, "username": values["username"], "duties": values["duties"]}

    act = acting.Act(
        code="staff.add",
        title=Text(f"为{target.name}增加经办人员", f"Add staff to {target.name_en or target.name}"),
        submit=Text("增加", "Add"),
        form=forms.AddStaff,
        body=body,
        done=lambda outcome: back,
        said=Text("已增加", "Added"),
        plain=True,
        back=back,
    )
    return acting.respond(request, act)


def _register_log_in(request: HttpRequest, username: str) -> None:
    """A log-in that does not exist yet is registered first; its own action, with an id that follows from the form's."""
    if not queries.log_in_exists(username):
        id = derived_id(acting.action_id(request), "user")
        party_actions.register_user(actor=actor_of(request), id=id, username=username)


@require_POST
@guard.acting()
def end_staff(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    id = acting.action_id(request)
    party_actions.end_staff(actor=actor, id=id, party=actor.party, username=request.POST.get("username", ""))
    messages.success(request, display.say(Text("已停用", "Ended")))
    return redirect("own_party")


@guard.acting()
@require_http_methods(["GET", "POST"])
def register_key(request: HttpRequest) -> HttpResponseBase:
    """First the device makes a key pair and sends the public half; then it signs that it holds the private one.

    A party that has a key already vouches for another device's by two people.
    """
    actor = actor_of(request)
    second = Key.objects.filter(party=actor.party, custody="own", revoked_at=None).exists()
    context: dict[str, Any] = {"id": new_id(), "party": actor.party, "second": second}
    if request.method == "POST":
        try:
            said = _propose_key(request) if second else _register_key(request)
        except Refusal as refusal:
            return render(request, "parties/new_key.html", {**context, "refusal": refusal}, status=refusal.status)
        messages.success(request, display.say(said))
        return redirect("own_party_tab", "keys")
    return render(request, "parties/new_key.html", context)


def _key_sent(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("public", "proof")}


def _register_key(request: HttpRequest) -> Text:
    party_actions.register_key(actor=actor_of(request), id=acting.action_id(request), **_key_sent(request))
    return Text("密钥已登记。今后的签署由本设备完成。", "The key is registered. From now on this device signs.")


def _propose_key(request: HttpRequest) -> Text:
    id = acting.action_id(request)
    body = proposals.body_of(**_key_sent(request))
    proposals.propose(
        actor=actor_of(request), id=derived_id(id, "propose"), code="key.register", action_id=id, body=body
    )
    return Text(
        "已提交复核：另一位同事通过后，本设备的密钥即生效。",
        "Proposed: this device's key counts once another colleague approves it.",
    )


@guard.acting()
def revoke_key(request: HttpRequest, key: str) -> HttpResponseBase:
    act = acting.Act(
        code="key.revoke",
        title=Text("吊销密钥", "Revoke a key"),
        submit=Text("签署并吊销", "Sign and revoke"),
        body=lambda values: {"key": key},
        words=lambda values: [
            Text(f"吊销密钥 {key}，从此它的签名不再有效。", f"Revoke key {key}; from now on it signs nothing."),
            Text("此前由它签署的凭据仍然成立。", "What it signed before stays proven."),
        ],
        done=lambda outcome: reverse("own_party_tab", args=["keys"]),
        said=Text("已吊销", "Revoked"),
        back=reverse("own_party_tab", args=["keys"]),
    )
    return acting.respond(request, act)


@guard.acting()
def add_account(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    act = acting.Act(
        code="account.add",
        title=Text("登记银行账户", "Add a bank account"),
        lead=Text(
            "收付款走最早登记的账户；平台不持有资金。",
            "Money moves over the earliest account; the platform holds none.",
        ),
        submit=Text("登记", "Add"),
        form=forms.AddAccount,
        body=lambda values: {"party": actor.party, "bank": values["bank"].pk, "number": values["number"]},
        done=lambda outcome: reverse("own_party_tab", args=["accounts"]),
        said=Text("账户已登记", "The account is on record"),
        plain=True,
        back=reverse("own_party_tab", args=["accounts"]),
    )
    return acting.respond(request, act)


# Maker and checker -------------------------------------------------------------------------------------------------


@guard.acting()
def inbox(request: HttpRequest) -> HttpResponseBase:
    """What colleagues prepared and what became of it."""
    actor = actor_of(request)
    table = tables.ProposalTable(request, queries.all_proposals(actor))
    waiting = queries.waiting_count(actor) if queries.has_duty(actor, "checker") else 0
    return web_tables.respond(request, "parties/inbox.html", table, context={"waiting": waiting})


@guard.acting()
@require_http_methods(["GET", "POST"])
def approve_several(request: HttpRequest) -> HttpResponseBase:
    """Every proposal this person may approve, each in its words, under one confirmation."""
    actor = actor_of(request)
    queries.require_duty(actor, "checker")
    waiting = queries.proposals(actor).exclude(maker=actor.user or 0).order_by("recorded_at", "pk")
    people = queries.people(row.maker for row in waiting[: together.ITEMS_MAX])
    return together.respond(
        request,
        [_item(actor, row, people.get(row.maker, "")) for row in waiting[: together.ITEMS_MAX]],
        title=Text("一并复核", "Approve several"),
        lead=Text("逐项核对后勾选，一次确认", "Check each, tick it, confirm once"),
        submit=Text("签署并通过所选", "Sign and approve what is ticked"),
        back=reverse("inbox"),
    )


def _item(actor: Actor, found: Proposal, maker: str) -> together.Item:
    _perform, arguments = decoding.arguments(found.action, found.body)
    worded, title = wording.of(found.action), wording.title(found.action)
    return together.Item(
        subject=found.pk,
        id=found.pk,
        code=found.action,
        title=Text(f"{title.zh}（经办人 {maker}）", f"{title.en} (prepared by {maker})"),
        url=reverse("proposal", args=[found.pk]),
        statement=lambda id: log_actions.statement_bytes(found.action, actor=actor, id=id, **arguments),
        perform=lambda id, signature: proposals.approve(actor=actor, proposal=found.pk, signature=signature),
        words=worded.words(actor, arguments),
        findings=[finding for finding in worded.findings(actor, arguments) if finding.verdict != "pass"],
    )


@guard.acting()
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """A prepared action in words, with its rule results: sign and approve, or send back with the reason."""
    actor = actor_of(request)
    found = queries.access_proposal(actor, id)
    refusal: Refusal | None = None
    form = forms.Reject()
    if request.method == "POST":
        try:
            if "statement" in request.POST:
                return _approve(request, found)
            form = forms.Reject(request.POST)
            if form.is_valid():
                return _reject(request, found, form.cleaned_data["note"])
        except NotFound:
            raise
        except Refusal as caught:
            refusal = caught
            found.refresh_from_db()
    status = refusal.status if refusal else 422 if form.errors else 200
    context = _proposal_context(request, found) | {"form": form, "refusal": refusal}
    return render(request, "parties/proposal.html", context, status=status)


def _approve(request: HttpRequest, found: Proposal) -> HttpResponseBase:
    actor = actor_of(request)
    signed = signing.read(request.POST)
    acting.require_shown(signed.statement, proposals.statement_of(actor=actor, proposal=found.pk))
    outcome = proposals.approve(actor=actor, proposal=found.pk, signature=acting.supplied(signed))
    messages.success(request, display.say(Text("已复核通过", "Approved")))
    return redirect(wording.of(found.action).url(outcome) or reverse("inbox"))


def _reject(request: HttpRequest, found: Proposal, note: str) -> HttpResponseBase:
    proposals.reject(actor=actor_of(request), id=acting.action_id(request), proposal=found.pk, note=note)
    messages.success(request, display.say(Text("已退回经办人", "Sent back to its maker")))
    return redirect("inbox")


def _proposal_context(request: HttpRequest, found: Proposal) -> dict[str, Any]:
    actor = actor_of(request)
    _perform, arguments = decoding.arguments(found.action, found.body)
    worded = wording.of(found.action)
    words = worded.words(actor, arguments)
    why_not = _why_not(request, found)
    panel = None
    if found.state == "proposed" and not why_not:
        grade, key, others = acting.key_for(request, found.action)
        panel = parts.Signing(
            title=Text(f"复核：{wording.title(found.action).zh}", f"Approve: {wording.title(found.action).en}"),
            words=words,
            statement=log_actions.statement_bytes(found.action, actor=actor, id=found.pk, **arguments),
            action_id=str(found.pk),
            submit_url=request.get_full_path(),
            submit_label=Text("签署并通过", "Sign and approve"),
            grade=grade,
            key_id=key,
            findings=worded.findings(actor, arguments),
        )
    else:
        others = []
    people = queries.people([found.maker, found.checker])
    header = parts.Header(
        title=wording.title(found.action),
        kind=_("待复核事项"),
        status=tables.proposal_status(found, why_not),
        figures=[
            parts.Figure(Text("经办人", "Maker"), people.get(found.maker)),
            parts.Figure(Text("提交时间", "Submitted"), found.recorded_at, kind="moment"),
            parts.Figure(Text("复核人", "Checker"), people.get(found.checker or 0)),
            parts.Figure(Text("处理时间", "Decided"), found.decided_at, kind="moment"),
        ],
    )
    result_url = worded.url({"note": str(found.pk)}) if found.state == "approved" else ""
    return {
        "proposal": found, "header": header, "signing": panel, "words": words, "other_keys": others,
        "findings": () if panel else worded.findings(actor, arguments) if found.state == "proposed" else (),
        "reject_id": derived_id(found.pk, "reject"), "result_url": result_url,
    }  # fmt: skip


def _why_not(request: HttpRequest, found: Proposal) -> Text | None:
    """Why this person cannot decide, if so."""
    actor = actor_of(request)
    if found.maker == actor.user:
        return Text("须由另一位同事复核", "another colleague must approve it")
    if not queries.has_duty(actor, "checker"):
        return Text("您没有复核职责", "you have no checker's duty")
    return None
