"""Parties: everyone named is declared, everyone needed is there, and the licence is in the right hands."""

from __future__ import annotations

from collections.abc import Iterator

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.kinds import LICENCE_ROLES
from jirong.schemes.model.amounts import Multiple, Part, leaves
from jirong.schemes.model.conduct import JointDebt
from jirong.schemes.model.contracts import GuaranteeContract
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.model.responses import Call, Notify, PayInterest, PayLoss
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.model.sharing import Bearer, Income, Layer, Subsidy
from jirong.schemes.shapes import nearest

Mention = tuple[str, Clause, str]
"""A party's name, the clause that names it, and under which key."""


def parties(context: Context) -> Findings:
    """Undeclared and unused parties, missing ends, and who holds the licence."""
    named = list(mentions(context.scheme))
    yield from _undeclared(context, named)
    yield from _ends(context)
    yield from _vehicle(context)
    used = {name for name, _, _ in named} | {context.kind.payer, context.kind.receiver, context.kind.applicant}
    for name in context.scheme.parties:
        if name not in used:
            yield warning(
                "party_unused",
                context.scheme,
                "parties",
                Text(f"参与方“{name}”没有出现在任何条款里", f"The party “{name}” appears in no clause"),
                Text("请为它写上条款，或从参与方中删去", "Give it a clause, or take it out of the parties"),
            )


def mentions(scheme: Scheme) -> Iterator[Mention]:
    """Every place where a party is named, apart from ``parties`` itself."""
    yield from _in_tests(scheme)
    for consent in scheme.consent:
        yield from ((consent.of, consent, "of"), (consent.by, consent, "by"))
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if isinstance(leaf, Part | Multiple) and leaf.about:
            yield leaf.about, leaf, "about"
    yield from _in_conduct(scheme)
    yield from _in_sharing(scheme)
    yield from _in_responses(scheme)


def _in_tests(scheme: Scheme) -> Iterator[Mention]:
    tests = [*scheme.eligible, *(test for trigger in scheme.triggers for test in trigger.when)]
    flat: list[FeatureTest | EvidenceTest] = []
    for test in tests:
        flat.extend(test.any_of if isinstance(test, AnyOf) else (test,))
    for item in flat:
        if item.about:
            yield item.about, item, "about"


def _in_conduct(scheme: Scheme) -> Iterator[Mention]:
    if scheme.uses and scheme.uses.to:
        yield scheme.uses.to, scheme.uses, "to"
    if isinstance(scheme.instrument, GuaranteeContract) and scheme.instrument.counter:
        yield scheme.instrument.counter, scheme.instrument, "counter"
    for item in scheme.security if isinstance(scheme.security, tuple) else ():
        if isinstance(item, JointDebt):
            yield from ((name, item, "joint") for name in item.joint)
            continue
        for key in ("by", "watched_by", "valued_by"):
            name = getattr(item, key, None)
            if name:
                yield name, item, key
    for source in scheme.repaid_from:
        if source.by:
            yield source.by, source, "by"


def _in_sharing(scheme: Scheme) -> Iterator[Mention]:
    for name, pool in (scheme.pools or {}).items():
        yield name, pool, ""
        yield from ((item.by, item, "by") for item in pool.funded)
        if pool.managed_by:
            yield pool.managed_by, pool, "managed_by"
    if scheme.losses:
        bearers: list[Bearer | Layer] = [*(scheme.losses.borne or ()), *(scheme.losses.layers or ())]
        yield from ((item.by, item, "by") for item in bearers)
        yield scheme.losses.excess, scheme.losses, "excess"
    flows: list[Income | Subsidy] = [*scheme.income, *scheme.subsidy]
    for flow in flows:
        yield from ((flow.from_, flow, "from"), (flow.to, flow, "to"))


def _in_responses(scheme: Scheme) -> Iterator[Mention]:
    for response in (item for trigger in scheme.triggers for item in trigger.then):
        if isinstance(response, PayInterest | PayLoss):
            yield response.by, response, "by"
        elif isinstance(response, Call):
            yield response.call, response, "call"
        elif isinstance(response, Notify):
            yield from ((name, response, "notify") for name in response.notify)
    for name in scheme.disclose or ():
        yield name, scheme, "disclose"


def _undeclared(context: Context, named: list[Mention]) -> Findings:
    declared = context.scheme.parties
    for name, clause, key in named:
        if name not in declared:
            yield _not_declared(name, clause, key, nearest(name, declared))


def _not_declared(name: str, clause: Clause, key: str, meant: str | None) -> Finding:
    remedy = Text(f"请在 parties 中写明，例如 {name}: firm", f"Declare it under parties, such as {name}: firm")
    if meant:
        remedy = Text(f"是否想写“{meant}”？否则{remedy.zh}", f"Did you mean “{meant}”? Otherwise: {remedy.en}")
    reason = Text(f"“{name}”没有列为参与方", f"“{name}” is not declared as a party")
    return error("party_undeclared", clause, key, reason, remedy)


def _ends(context: Context) -> Findings:
    said = vocabulary.KIND[context.scheme.instrument.kind]
    for name in dict.fromkeys((context.kind.payer, context.kind.receiver, context.kind.applicant)):
        if name not in context.scheme.parties:
            party = vocabulary.PARTY.get(name, Text(name, name))
            yield error(
                "party_needed",
                context.scheme,
                "parties",
                Text(f"{said.zh}必须有{party.zh}（{name}）", f"A {said.en} needs {party.en} ({name})"),
                Text(f"请在 parties 中写明 {name}: …", f"Declare {name}: … under parties"),
            )


def _vehicle(context: Context) -> Findings:
    scheme, kind = context.scheme, context.kind
    if scheme.vehicle == "simulation_only":
        yield warning(
            "simulation_only",
            scheme,
            "vehicle",
            Text(
                "没有持牌载体：方案只能试算，不能放款", "There is no licensed vehicle: the scheme can be tried, not run"
            ),
            Text("上线前请写明由哪种持牌载体承做", "Name a licensed vehicle before it goes live"),
        )
        return
    if scheme.vehicle not in kind.vehicles:
        said, fits = vocabulary.KIND[scheme.instrument.kind], "、".join(vocabulary.VEHICLE[v].zh for v in kind.vehicles)
        held = vocabulary.VEHICLE[scheme.vehicle]
        yield error(
            "vehicle_unfit",
            scheme,
            "vehicle",
            Text(f"{held.zh}不能承做{said.zh}", f"A {said.en} cannot be carried by a {held.en}"),
            Text(f"可用：{fits}", f"Use one of: {', '.join(kind.vehicles)}"),
        )
    roles = LICENCE_ROLES.get(scheme.vehicle)
    role = scheme.parties.get(kind.licensed)
    if roles and role and role not in roles:
        yield _wrong_hands(scheme, kind.licensed, role, roles)


def _wrong_hands(scheme: Scheme, name: str, role: str, roles: tuple[str, ...]) -> Finding:
    vehicle, is_now = vocabulary.VEHICLE[scheme.vehicle], vocabulary.ROLE[role]
    fit = Text("或".join(vocabulary.ROLE[r].zh for r in roles), " or ".join(vocabulary.ROLE[r].en for r in roles))
    return error(
        "licence_missing",
        scheme,
        "parties",
        Text(
            f"{vehicle.zh}须由{fit.zh}承做，而“{name}”是{is_now.zh}",
            f"A {vehicle.en} must be made by a {fit.en}, but “{name}” is a {is_now.en}",
        ),
        Text(f"请把 {name} 改为持牌方，或更换持牌载体", f"Make {name} a licensed party, or change the vehicle"),
    )
