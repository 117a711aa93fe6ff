"""Policies: a scheme published, signed by the lender as its own, joined by those who bear its losses, stopped."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.financing import deciding, product, queries
from jirong.financing.actions.schemes import VEHICLE_ROLES, Stand
from jirong.financing.models import Policy, PolicySignature, SchemeVersion
from jirong.financing.pages import bank_forms, bank_reads, bank_tables, bank_words, shared
from jirong.financing.pages.bank_places import BEARERS, LENDERS
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.parties import acting, guard, labels
from jirong.schemes import explain
from jirong.schemes.explain.phrases import Names
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.contracts import CreditLine, Loan
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import Actor
from jirong.web import parts, tables, viewer
from jirong.web.api import actor_of

STATES = {
    "signing": Text("待签署", "Being signed"),
    "open": Text("生效中", "In force"),
    "withdrawn": Text("已停止", "Withdrawn"),
}


class PolicyTable(tables.Table):
    name, title = "policies", _("授信政策")
    columns = (
        tables.Column("scheme", _("方案"), value=lambda row: shared.title_of(row), sort="scheme__title", primary=True,
                      link=lambda row: reverse("bank_policy", args=[row.pk])),
        tables.Column("ref", _("版本"), value=lambda row: str(row.scheme), optional=True),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), sort="lender__name", optional=True),
        tables.Column("budget", _("预算（元）"), kind="money", value="budget_minor", sort="budget_minor"),
        tables.Column("automatic", _("自动批准"), value="automatic"),
        tables.Column("signed_on", _("签署日"), kind="date", sort="signed_on"),
        tables.Column("state", _("状态"), value=lambda row: status(row), template=bank_tables.STATUS, sort="state"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("方案名称"), ("scheme__title", "scheme__name")),
        tables.Choice("state", _("状态"), list(STATES.items())),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有授信政策。选一个已发布的方案签署后，企业就能在它下面申请。")


class SchemeTable(tables.Table):
    """Published versions that this lender may sign."""

    name, title, prefix = "schemes", _("可签署的方案"), "s_"
    columns = (
        tables.Column("title", _("方案"), value=lambda row: Text(row.title, row.title_en or row.title), sort="title", primary=True,
                      link=lambda row: reverse("bank_sign_policy", args=[row.pk])),
        tables.Column("ref", _("版本"), value=lambda row: str(row)),
        tables.Column("effective", _("生效日"), kind="date", sort="effective"),
        tables.Column("recorded_at", _("发布时间"), kind="moment", sort="recorded_at", optional=True),
    )  # fmt: skip
    filters = (tables.Search("q", _("方案名称"), ("title", "name")),)
    order = ("-recorded_at", "-id")
    page_rows = 10
    empty = _("还没有发布的方案。规划师或本行发布方案后列在这里。")


def status(row: Policy) -> parts.Status:
    if row.state == "signing":
        scheme = deciding.scheme_behind(row)
        names = Names(scheme, shared.registry())
        waits = labels.joined(names.party(name) for name in row.waits_for)
        return parts.Status(STATES["signing"], Text(f"还差{waits.zh}", f"awaits {waits.en}"), "wait")
    return parts.Status(STATES[row.state], tone="good" if row.state == "open" else "plain")


@guard.acting(*sorted(LENDERS | BEARERS))
def policy_list(request: HttpRequest) -> HttpResponseBase:
    """One's policies; a lender also sees what it may sign."""
    actor = actor_of(request)
    made: list[tables.Table] = [PolicyTable(request, bank_reads.lender_policies(actor))]
    lends = bool(viewer.of(request).roles & LENDERS)
    if lends:
        made.append(SchemeTable(request, queries.schemes()))
    return tables.respond(request, "financing/bank_policies.html", *made, context={"lends": lends})


@guard.acting(*sorted(LENDERS | BEARERS))
def policy_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The policy: its scheme in sentences, who stands where, who has signed, what is left of the budget."""
    actor = actor_of(request)
    row = bank_reads.lender_policies(actor).filter(pk=id).first()
    if row is None:
        raise NotFound("policy.unknown", Text("没有这项政策", "There is no such policy"))
    scheme, own = deciding.scheme_behind(row), row.lender_id == actor.party
    signatures = list(PolicySignature.objects.filter(policy=row).select_related("party").order_by("recorded_at", "pk"))
    context = {
        "policy": row, "header": header(actor, row, scheme, own=own), "own": own, "chapters": chapters(scheme),
        "stands": stands(row, scheme), "signatures": [(s, Names(scheme, shared.registry()).party(s.name), labels.name_of(s.party)) for s in signatures],
        "grades": log.grades([s.action for s in signatures]),
    }  # fmt: skip
    return render(request, "financing/bank_policy.html", context)


def header(actor: Actor, row: Policy, scheme: Scheme, *, own: bool) -> parts.Header:
    actions, following = [], None
    if own and row.state == "open":
        actions.append(parts.Action(Text("停止政策", "Withdraw"), reverse("bank_withdraw_policy", args=[row.pk])))
    mine = [name for name in row.waits_for if row.parties.get(name) == str(actor.party)]
    if mine and row.state == "signing":
        following = parts.Action(
            Text("签署我方条款", "Sign our part"), reverse("bank_join_policy", args=[row.pk, mine[0]]), icon="sign"
        )
    figures = [
        parts.Figure(Text("方案", "Scheme"), str(row.scheme), href=reverse("studio_version", args=[row.scheme.name, row.scheme.version])),
        parts.Figure(Text("贷款人", "Lender"), labels.name_of(row.lender), href=reverse("party", args=[row.lender_id])),
        parts.Figure(Text("签署日", "Signed"), row.signed_on, "date"),
        parts.Figure(Text("自动批准", "Approves by itself"), row.automatic),
        parts.Figure(Text("方案哈希", "Hash"), row.scheme.sha256, "hash"),
    ]  # fmt: skip
    if own:
        figures[2:2] = [
            parts.Figure(Text("预算", "Budget"), row.budget_minor, "money"),
            parts.Figure(
                Text("剩余", "Left of it"), deciding.free_of(row), "money", bank_tables.book_url(policy=row.pk)
            ),
        ]
    return parts.Header(
        title=shared.title_of(row),
        kind=Text("授信政策", "Lending policy"),
        status=status(row),
        next_action=following,
        actions=actions,
        figures=figures,
    )


def chapters(scheme: Scheme) -> list[explain.Sentence]:
    """The scheme as sentences, in the banker's order."""
    return explain.explain(scheme, shared.registry())


def stands(row: Policy, scheme: Scheme) -> list[tuple[Text, Text, bool]]:
    """Each of the scheme's names, who stands there, and whether it still has to sign."""
    ids = {name: uuid.UUID(party) for name, party in row.parties.items()}
    names, known = Names(scheme, shared.registry()), labels.names(ids.values())
    return [(names.party(name), known.get(id, labels.UNKNOWN), name in row.waits_for) for name, id in ids.items()]


@guard.acting(*sorted(LENDERS))
def sign_policy(request: HttpRequest, scheme: uuid.UUID) -> HttpResponseBase:
    """Sign a published scheme as one's own policy: budget, who stands where, whether it may approve by itself."""
    actor, version = actor_of(request), queries.access_scheme(scheme)
    read = deciding.scheme_of(version.sha256, version.canonical, version.text)
    barred = why_not(request, read)
    asked = [] if barred else wanted(read)
    made = acting.Act(
        code="policy.sign", title=Text(f"签署授信政策：{version.title}", f"Sign a policy: {version.title_en}"), submit=Text("提交复核", "Submit for approval"),
        form=lambda *args, **kwargs: bank_forms.SignPolicy(*args, stands=asked, **kwargs),
        body=lambda values: body(version, values, [name for name, *_rest in asked]),
        words=lambda values: bank_words.sign_policy(actor, body(version, values, [name for name, *_rest in asked])),
        done=lambda outcome: reverse("bank_policies"), back=reverse("bank_policies"),
    )  # fmt: skip
    context = {"chapters": chapters(read), "barred": barred}
    return acting.respond(request, made, template="financing/bank_sign_policy.html", context=context)


def why_not(request: HttpRequest, scheme: Scheme) -> Text | None:
    """Why this lender cannot sign the scheme, if so."""
    roles = VEHICLE_ROLES.get(scheme.vehicle, ())
    if not isinstance(scheme.instrument, Loan | CreditLine):
        return Text(
            "该方案不是贷款或额度，不在这里签署", "This scheme is neither a loan nor a line and is not signed here"
        )
    if not roles:
        return Text(
            "该方案没有持牌载体，只能用于模拟", "The scheme names no licensed vehicle; it is for simulation only"
        )
    if not viewer.of(request).roles & set(roles):
        wanted_roles = labels.joined(labels.ROLES[role] for role in roles)
        return Text(f"须由{wanted_roles.zh}签署", f"To be signed by: {wanted_roles.en}")
    return None


def wanted(scheme: Scheme) -> list[tuple[str, Text, set[str] | None, bool]]:
    """The scheme's names that need a party: those who bear losses must be named, the others may."""
    ends, names = KINDS[scheme.instrument.kind], Names(scheme, shared.registry())
    bearers = set(product.bearers(scheme))
    return [
        (name, names.party(name), product.ROLES.get(role), name in bearers)
        for name, role in scheme.parties.items() if name not in (ends.payer, ends.receiver, "lender", "borrower")
    ]  # fmt: skip


def body(version: SchemeVersion, values: Any, names: list[str]) -> dict[str, Any]:
    named = [Stand(name, values[f"stand_{name}"].pk) for name in names if values.get(f"stand_{name}")]
    return {"scheme": version.pk, "budget": values["budget"], "parties_named": named, "automatic": values["automatic"]}


@guard.acting(*sorted(LENDERS | BEARERS))
def join(request: HttpRequest, id: uuid.UUID, name: str) -> HttpResponseBase:
    """Sign what one bears under a policy."""
    actor = actor_of(request)
    row = next((each for each in bank_reads.awaiting(actor) if each.pk == id), None)
    if row is None or row.parties.get(name) != str(actor.party):
        raise NotFound("policy.not_yours", Text("没有待贵单位签署的政策", "No such policy awaits your signature"))
    scheme, lender = deciding.scheme_behind(row), labels.name_of(row.lender)
    mine = [s.text for s in explain.explain(scheme, shared.registry()) if s.section == "losses"]
    made = acting.Act(
        code="policy.join", title=Text(f"签署分担条款：{row.scheme.title}", f"Sign our part: {row.scheme.title_en}"), submit=Text("签署", "Sign"),
        body=lambda values: {"policy": id, "name": name},
        words=lambda values: [
            Text(
                f"在{lender.zh}的《{row.scheme.title}》（{row.scheme}）中承担“{name}”一方的条款：",
                f"Take the part of “{name}” in {lender.en}'s {row.scheme.title_en} ({row.scheme}):",
            ),
            *mine, Text(f"方案哈希 {row.scheme.sha256}。", f"Hash of the scheme: {row.scheme.sha256}."),
        ],
        done=lambda outcome: reverse("bank_policy", args=[id]), back=reverse("bank_policy", args=[id]), said=Text("已签署", "Signed"),
    )  # fmt: skip
    return acting.respond(request, made)


@guard.acting(*sorted(LENDERS))
def withdraw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Stop a policy: nothing new is decided under it."""
    row = bank_reads.lender_policies(actor_of(request)).filter(pk=id, lender=actor_of(request).party).first()
    if row is None:
        raise NotFound("policy.unknown", Text("没有这项政策", "There is no such policy"))
    made = acting.Act(
        code="policy.withdraw", title=Text(f"停止授信政策：{row.scheme.title}", f"Withdraw the policy: {row.scheme.title_en}"),
        submit=Text("签署并停止", "Sign and withdraw"),
        body=lambda values: {"policy": id},
        words=lambda values: [
            Text("该政策不再受理和批准新的申请。", "No new application is taken or decided under it."),
            Text("已签的合同按原版本继续。", "Contracts keep their version."),
        ],
        done=lambda outcome: reverse("bank_policy", args=[id]), back=reverse("bank_policy", args=[id]), said=Text("政策已停止", "The policy is withdrawn"),
    )  # fmt: skip
    return acting.respond(request, made)
