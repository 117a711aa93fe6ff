"""Why: a decision's answers (or a preview's) as findings, each with its clause and the figures it rested on.

Made from what the decision keeps: the value, its day, where it comes from, and the way to the facts. So a page can
never say other than what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse

from jirong.facts import kinds
from jirong.facts.features import FEATURES
from jirong.facts.features.parts import Feature
from jirong.facts.sources import ROLE_NAMES
from jirong.financing import deciding
from jirong.financing.models import Decision, Policy
from jirong.financing.pages import shared
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.amounts import Amount, ByLevel, leaves
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.titles import FIELDS
from jirong.web import parts

VERDICTS = {"met": "pass", "noted": "pass", "failed": "bar", "ask": "warn", "refer": "warn"}


def keys_by_path(scheme: Scheme) -> dict[str, list[str]]:
    """Which features and papers each clause of the scheme rests on, by the clause's path."""
    found: dict[str, list[str]] = {}
    for place, test in enumerate(scheme.eligible):
        each = test.any_of if isinstance(test, AnyOf) else (test,)
        found[f"eligible/{place}"] = [("paper:" if isinstance(item, EvidenceTest) else "") + item.key for item in each]
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if not isinstance(leaf, Amount | ByLevel):
            found[leaf.spot.path] = [f"{leaf.about}.{leaf.of}" if leaf.about else leaf.of]
    return found


def finding(answer: Mapping[str, Any], scheme: Scheme, looked_at: Mapping[str, Any], *, own: bool) -> parts.Finding:
    """One clause's answer with the figures behind it; ``own``: the reader is the firm, so figures lead to its facts."""
    inputs = [input_figure(key, scheme, looked_at, own=own) for key in keys_by_path(scheme).get(answer["path"], ())]
    if answer["path"] == "assess" and looked_at.get("level"):
        day = looked_at["assessed_on"]
        inputs.append(
            parts.Figure(Text("评估等级", "Level"), looked_at["level"], hint=Text(f"评估日{day}", f"assessed on {day}"))
        )
    verdict = VERDICTS[answer["standing"]]
    change: Text | str = Text.from_dict(answer["change"]) if answer.get("change") else ""
    if own and isinstance(change, Text) and answer["standing"] in ("ask", "refer"):
        change = _and_how(change, keys_by_path(scheme).get(answer["path"], ()), looked_at)
    source = _source(answer.get("source")) or scheme.source
    section = FIELDS.get(answer["path"].partition("/")[0]) or Text("条款", "clause")
    citation = Text(
        f"{scheme.title.zh}（{scheme.ref}）“{section.zh}”", f"{scheme.title.en} ({scheme.ref}), {section.en}"
    )
    return parts.Finding(
        Text.from_dict(answer["rule"]), verdict, Text.from_dict(answer["reason"]), inputs,
        parts.Clause(source, citation, scheme.effective), change,
    )  # fmt: skip


def _source(kept: Any) -> Text | None:
    """What the clause rests on, as the decision keeps it; older decisions keep one text for both languages."""
    if isinstance(kept, Mapping):
        return Text.from_dict(kept)
    return Text(kept, kept) if kept else None


def how_to_supply(feature: Feature) -> Text:
    """What is to be brought and by whom."""
    said = []
    for code in feature.sources:
        kind = kinds.KINDS.get(code)
        if kind is None:
            continue
        if "subject" in kind.by:
            said.append(Text(f"上传{kind.title.zh}", f"upload {kind.title.en.lower()}"))
        else:
            who = labels.joined(ROLE_NAMES.get(role, Text(role, role)) for role in kind.by)
            said.append(
                Text(
                    f"请{who.zh}提供{kind.title.zh}，并授权其“提供数据”",
                    f"let {who.en} supply {kind.title.en.lower()} (consent to supply)",
                )
            )
    if not said:
        return Text("由相关业务自动记录", "recorded by the business itself")
    return Text("；".join(text.zh for text in said), "; ".join(text.en for text in said))


def _and_how(change: Text, keys: Iterable[str], looked_at: Mapping[str, Any]) -> Text:
    """A remedy with who may supply what is missing."""
    known = looked_at.get("features", {})
    missing = [key for key in keys if key in FEATURES and known.get(key, {}).get("known", "missing") == "missing"]
    said = dict.fromkeys(how_to_supply(FEATURES[key]) for key in missing)
    if not said:
        return change
    return Text(
        f"{change.zh}：{'；'.join(how.zh for how in said)}", f"{change.en}: {'; '.join(how.en for how in said)}"
    )


def input_figure(key: str, scheme: Scheme, looked_at: Mapping[str, Any], *, own: bool) -> parts.Figure:
    """A figure a clause rested on: value, and in the hint its day and source."""
    names = Names(scheme, shared.registry())
    if key.startswith("paper:"):
        name = key.removeprefix("paper:")
        day = looked_at.get("evidence", {}).get(name)
        label = names.evidence(name.rpartition(".")[2] if name not in kinds.KINDS else name)
        return parts.Figure(label, day or shared.KNOWN["missing"])
    kept = looked_at.get("features", {}).get(key) or {"value": None, "known": "missing", "fresh_on": None}
    prefix, dot, rest = key.partition(".")
    name = rest if dot and prefix in scheme.parties else key
    value = shared.KNOWN[kept["known"]] if kept["known"] != "present" else _said(name, kept["value"], names)
    href = reverse("firm_feature", args=[name]) if own and name == key and name in FEATURES else ""
    return parts.Figure(names.feature(name), value, href=href, hint=provenance(name, kept.get("fresh_on")))


def _said(name: str, value: Any, names: Names) -> Text:
    """A kept value as the feature's figures are written."""
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    try:
        return names.figure(name, Decimal(str(value)))
    except ArithmeticError:
        return names.explained(str(value)) or Text(str(value), str(value))


def provenance(name: str, fresh_on: Any) -> Text:
    """Where a feature comes from and of which day its stalest source is."""
    found = FEATURES.get(name)
    sources = [shared.kind_title(code) for code in found.sources] if found else []
    from_ = labels.joined(sources) if sources else Text("第三方报送", "stated by a third party")
    if not fresh_on:
        return Text(f"来源：{from_.zh}", f"From: {from_.en}")
    return Text(f"来源：{from_.zh}；截至{fresh_on}", f"From: {from_.en}; as of {fresh_on}")


def brief(found: Iterable[parts.Finding]) -> list[parts.Finding]:
    """For a panel or a list on a phone: what stands in the way in full, what is met by its sentence and figures."""
    return [
        parts.Finding(item.rule, "pass", item.reason, item.inputs) if item.verdict == "pass" else item for item in found
    ]


def summed(found: Iterable[parts.Finding]) -> list[parts.Finding]:
    """For a signing panel: what is met counted, what is not in full."""
    kept = list(found)
    met = sum(item.verdict == "pass" for item in kept)
    rest = [item for item in kept if item.verdict != "pass"]
    if not met:
        return rest
    return [
        *rest,
        parts.Finding(
            Text(f"{met}项条款已满足，逐条见“为什么”", f"{met} clauses are met; each stands under “why”"), "pass"
        ),
    ]


OUTCOMES = {
    "approve": (Text("各项条款均已满足，予以批准", "Every clause is met: approved"), "good"),
    "refuse": (Text("有条款不满足，未予批准", "A clause is not met: refused"), "bad"),
    "ask": (Text("有资料不清楚，请补充后再定", "Something is not known yet and is asked of you"), "wait"),
    "refer": (Text("有事项须由贷款人的人员判断", "The lender's people have to judge something"), "wait"),
}


def why_of(decision: Decision, policy: Policy, *, own: bool) -> parts.Why:
    """The drawer of a decision: every clause answered, what would change it, and what was looked at with its hash."""
    scheme = deciding.scheme_behind(policy)
    return why(decision.verdict, decision.answers, scheme, decision.inputs, own=own, sha256=decision.sha256)


def why(
    verdict: str, answers: Iterable[Mapping[str, Any]], scheme: Scheme, looked_at: Mapping[str, Any], *, own: bool, sha256: str = ""
) -> parts.Why:  # fmt: skip
    kept = list(answers)
    order = {"bar": 0, "warn": 1, "pass": 2}
    found = sorted(
        (finding(answer, scheme, looked_at, own=own) for answer in kept), key=lambda item: order[item.verdict]
    )
    changes = [Text.from_dict(answer["change"]) for answer in kept if answer.get("change")]
    helped = [reason for answer in kept for reason in answer.get("assessment", ())]
    changes += [Text.from_dict(reason["text"]) for reason in helped if reason["effect"] == "change"][:3]
    outcome, tone = OUTCOMES[verdict]
    inputs = [parts.Figure(Text("依据日", "As of"), looked_at.get("on"))]
    if sha256:
        inputs.append(parts.Figure(Text("依据的哈希", "Hash of the inputs"), sha256, "hash"))
    return parts.Why(outcome, found, list(dict.fromkeys(changes)), inputs, tone)
