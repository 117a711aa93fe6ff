"""Publishing a scheme, signing it as a policy, and the figures third parties state about firms."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from jirong.financing import budgets, deciding, figures, means, product, sharing, sources, watching
from jirong.financing.actions.common import Outcome, acting, in_role, positive
from jirong.financing.models import Figure, Policy, PolicySignature, SchemeVersion
from jirong.kernel import rates
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.schemes import canonical, check, findings
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.scheme import Scheme
from jirong.store import business_date, catalogue
from jirong.store.identity import SYSTEM, Actor, acting_as

VEHICLE_ROLES = {
    "bank_loan": ("bank",),
    "entrusted_loan": ("bank",),
    "factoring": ("factor", "bank"),
    "lease": ("lessor",),
}
"""Who holds the licence that a scheme's vehicle asks for (law 11)."""


@dataclass(frozen=True, slots=True)
class Stand:
    """The party that stands where the scheme writes ``name``."""

    name: str
    party: uuid.UUID


@dataclass(frozen=True, slots=True)
class SchemeText:
    """A scheme as the planner wrote it: YAML, of at most ``TEXT_MAX`` characters."""

    text: str


TEXT_MAX = 200_000


@action("scheme.publish", Text("发布融资方案", "Publish a scheme"), two_people=True)
def publish_scheme(*, actor: Actor, id: uuid.UUID, document: SchemeText) -> Outcome:
    """Check a scheme's text and keep it for good; a version once published never changes."""
    if len(document.text) > TEXT_MAX:
        raise Invalid("scheme.too_long", Text("方案文本过长", "The scheme's text is too long"), where="document")
    publisher = in_role(actor, "planner", "bank", "factor", "treasury", "operator")
    return _publish(publisher, id, document.text)


@action("scheme.publish_catalogue", Text("发布目录中的方案", "Publish a scheme of the catalogue"), two_people=True)
def publish_catalogue(*, actor: Actor, id: uuid.UUID, name: str, sha256: str | None = None) -> Outcome:
    """Publish ``catalogue/schemes/<name>.yaml``; with ``sha256`` only if that is the hash of its canonical form."""
    text = catalogue.schemes().get(name)
    if text is None:
        raise NotFound(
            "scheme.not_in_catalogue",
            Text(f"目录中没有方案“{name[:80]}”", f"The catalogue has no scheme “{name[:80]}”"),
            remedy=Text("可选：" + "、".join(catalogue.schemes()), "Choose one of: " + ", ".join(catalogue.schemes())),
        )
    publisher = in_role(actor, "planner", "bank", "factor", "treasury", "operator")
    return _publish(publisher, id, text, sha256)


@action("policy.sign", Text("签署授信政策", "Sign a lending policy"), own_key=True, two_people=True)
def sign_policy(
    *, actor: Actor, id: uuid.UUID, scheme: uuid.UUID, budget: Money, parties_named: list[Stand], automatic: bool = True
) -> Outcome:
    """The lender signs a scheme version as its own policy: under it applications are decided, automatically if it says
    so. ``parties_named`` gives the scheme's other names their parties; those who bear losses, share their income or
    subsidise sign next.
    """
    version = _version(scheme)
    read = deciding.scheme_of(version.sha256, version.canonical, version.text)
    lender = in_role(actor, *VEHICLE_ROLES.get(read.vehicle, ()) or _refuse_vehicle(read))
    product.check_carried(read, business_date.today())
    sharing.check_carried(read)
    watching.check_carried(read)
    positive(budget.minor, "budget")
    named = {stand.name: stand.party for stand in parties_named}
    _check_stands(read, named)
    today = business_date.today()
    waits = list(dict.fromkeys([*product.bearers(read), *sharing.signers(read)]))
    row = Policy(
        id=id, scheme=version, lender_id=lender, parties={name: str(party) for name, party in named.items()},
        waits_for=waits, automatic=automatic, budget_minor=budget.minor, state="signing" if waits else "open",
        signed_on=today,
    )  # fmt: skip
    with acting_as(SYSTEM):
        row.save(force_insert=True)
        PolicySignature.objects.create(policy=row, name="lender", party_id=lender, action=id, on=today)
        grant = budgets.grant(deciding.budget_name(row), budget.minor, id, owner=lender)
        ledger.post([grant, *sharing.budgets(row, "lender", id, lender)], journal=id, on=today)
    concern(*named.values())
    return {"policy": str(id), "scheme": str(version), "sha256": version.sha256, "state": row.state, "waits_for": waits}


@action("policy.join", Text("签署分担条款", "Sign one's part of a policy"), own_key=True)
def join_policy(*, actor: Actor, id: uuid.UUID, policy: uuid.UUID, name: str) -> Outcome:
    """A party that bears part of the loss, shares its income or subsidises under ``name`` signs the same scheme version
    (a giver grants its budget with it); the last one opens it.
    """
    party = acting(actor)
    with acting_as(SYSTEM):
        row = Policy.objects.select_for_update(of=("self",)).select_related("scheme").filter(pk=policy).first()
        if row is None or row.parties.get(name) != str(party):
            raise NotFound("policy.not_yours", Text("没有待贵单位签署的政策", "No such policy awaits your signature"))
        if name in row.waits_for:
            row.waits_for = [other for other in row.waits_for if other != name]
            row.state = "signing" if row.waits_for else "open"
            row.save(update_fields=["waits_for", "state"])
            PolicySignature.objects.create(policy=row, name=name, party_id=party, action=id, on=business_date.today())
            granted = sharing.budgets(row, name, id, party)
            if granted:
                ledger.post(granted, journal=id, on=business_date.today())
    concern(row.lender_id)
    return {"policy": str(policy), "sha256": row.scheme.sha256, "state": row.state, "waits_for": row.waits_for}


@action("policy.withdraw", Text("停止授信政策", "Withdraw a policy"), own_key=True)
def withdraw_policy(*, actor: Actor, id: uuid.UUID, policy: uuid.UUID) -> Outcome:
    """No new application is decided under it; running contracts keep their version."""
    party = acting(actor)
    with acting_as(SYSTEM):
        changed = Policy.objects.filter(pk=policy, lender=party).exclude(state="withdrawn").update(state="withdrawn")
    if not changed:
        raise NotFound("policy.unknown", Text("没有这项有效政策", "There is no such policy in force"))
    return {"policy": str(policy), "state": "withdrawn"}


@action("means.commit", Text("承诺代偿资金", "Commit means"), own_key=True)
def commit_means(*, actor: Actor, id: uuid.UUID, amount: Money) -> Outcome:
    """A guarantor or pool commits money to the losses it bears "up to its means"; committed is not yet paid in."""
    party = in_role(actor, "guarantor", "fund", "treasury", "government", "insurer")
    positive(amount.minor, "amount")
    grant = budgets.grant(means.name(party), amount.minor, id, owner=party)
    ledger.post([grant], journal=id, on=business_date.today())
    return {"party": str(party), "committed": str(amount), "free": str(Money(means.free_minor(party)))}


@action("figure.state", Text("报送数据指标", "State a figure"))
def state_figure(
    *, actor: Actor, id: uuid.UUID, subject: uuid.UUID, kind: str, name: str, on: datetime.date, value: str = "",
    level: str = "", score: str = "",
) -> Outcome:  # fmt: skip
    """State a feature's value, a paper's day of issue or a rating of another party; who may is told in
    :mod:`jirong.financing.figures`. Where a kind of fact says the same, push the facts instead.
    """
    source = acting(actor)
    parties.party(subject)
    figures.check_source(actor, subject, kind, name)
    if on > business_date.today():
        raise Invalid("figure.future", Text("日期晚于营业日", "The date is after the business date"), where="on")
    stated = _figure(kind, value, level, score)
    with acting_as(SYSTEM):
        Figure.objects.create(id=id, subject_id=subject, source_id=source, kind=kind, name=name, on=on, value=stated)
    concern(subject)
    return {"figure": str(id), "name": name}


def _figure(kind: str, value: str, level: str, score: str) -> Any:
    if kind == "feature" and value:
        return {"true": True, "false": False}.get(value, value)
    if kind == "evidence":
        return value
    if kind == "rating" and (level or score):
        return {name: said for name, said in (("level", level), ("score", score)) if said}
    raise Invalid(
        "figure.empty",
        Text("指标须有值，评级须有等级或得分", "A feature has a value, a rating a level or a score"),
        remedy=Text("kind 为 feature、evidence 或 rating", "kind is feature, evidence or rating"),
        where="kind",
    )


def _publish(publisher: uuid.UUID, id: uuid.UUID, text: str, sha256: str | None = None) -> Outcome:
    examined = check.examine(text, catalogue.rulebook(), lpr=rates.lpr_history())
    if examined.scheme is not None:
        names = sources.registry(examined.scheme)
        examined = check.examine(text, catalogue.rulebook(), lpr=rates.lpr_history(), registry=names)
    if examined.scheme is None:
        raise findings.refusal(list(examined.findings))
    scheme = examined.scheme
    digest = canonical.digest(scheme)
    if sha256 is not None and sha256 != digest:
        raise Conflict(
            "scheme.other_hash", Text("目录中的方案与所签哈希不符", "The catalogue's scheme has another hash"),
            details={"sha256": digest},
        )  # fmt: skip
    row = SchemeVersion(
        id=id, name=scheme.scheme, version=scheme.version, title=scheme.title.zh, title_en=scheme.title.en, text=text,
        canonical=canonical.canonical(scheme).decode(), sha256=digest, effective=scheme.effective,
        published_by_id=publisher,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "scheme.published",
            Text(f"方案{scheme.ref}已发布，不可更改", f"{scheme.ref} is published and cannot change"),
            remedy=Text("请提高版本号后再发布", "Raise the version and publish that"),
        ) from None
    warnings = [finding.as_dict() for finding in examined.findings]
    return {"scheme": str(id), "ref": scheme.ref, "sha256": digest, "warnings": warnings}


def _version(id: uuid.UUID) -> SchemeVersion:
    found = SchemeVersion.objects.filter(pk=id).first()
    if found is None:
        raise NotFound("scheme.unknown", Text("没有这个方案版本", "There is no such scheme version"))
    return found


def _refuse_vehicle(scheme: Scheme) -> tuple[str, ...]:
    raise Conflict(
        "scheme.no_vehicle",
        Text("该方案没有持牌载体，只能用于模拟", "The scheme names no licensed vehicle; it is for simulation only"),
        remedy=Text("请在方案中写明持牌机构的业务", "Name the licensed vehicle in the scheme"),
        details={"vehicle": scheme.vehicle},
    )


def _check_stands(scheme: Scheme, named: dict[str, uuid.UUID]) -> None:
    """Every party that bears, guarantees or settles has a name; whoever stands has the role."""
    ends = KINDS[scheme.instrument.kind]
    unknown = sorted(set(named) - set(scheme.parties) | set(named) & {ends.payer, ends.receiver})
    needed = dict.fromkeys(
        [*product.bearers(scheme), *product.settlers(scheme), *sharing.signers(scheme), *sharing.receivers(scheme)]
    )
    missing = [name for name in needed if name not in named]
    if unknown or missing:
        raise Invalid(
            "policy.parties",
            Text(
                f"方案中的主体须一一对应；缺少：{'、'.join(missing) or '无'}，多余：{'、'.join(unknown) or '无'}",
                f"Name the scheme's parties; missing: {', '.join(missing) or 'none'}, "
                f"unknown: {', '.join(unknown) or 'none'}",
            ),
            where="parties_named",
        )
    for name, party in named.items():
        allowed = product.ROLES.get(scheme.parties[name])
        if allowed and not parties.has_role(party, *allowed):
            raise Invalid(
                "policy.other_role",
                Text(f"“{name}”处的单位没有相应角色", f"The party named {name} has not the role it needs"),
                where="parties_named",
                details={"name": name, "roles": sorted(allowed)},
            )
