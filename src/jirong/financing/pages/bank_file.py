"""A file on the desk: what the firm asks, what is known and how, what the method and the clauses say, cases like it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jirong.assessment.models import Assessment
from jirong.facts.features import FEATURES
from jirong.financing import deciding, inputs
from jirong.financing import queries as financing
from jirong.financing.models import Application, Decision
from jirong.financing.pages import bank_forms, bank_reads, bank_tables, bank_words, reasons, shared
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import decoding
from jirong.parties import acting, labels
from jirong.parties.models import Proposal
from jirong.schemes import explain
from jirong.schemes.evaluate import Terms
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.display import Label

LIMIT_SECTIONS = ("programme", "limit", "price", "instrument", "drawing", "losses")


@dataclass(frozen=True)
class Fact:
    """A figure the decision looked at: ``state`` says how it is known where it has no value."""

    label: Label
    value: Label
    source: Label
    fresh_on: str | None
    age_days: int | None
    tone: str


@dataclass(frozen=True)
class Case:
    """A decision like this one, and what became of it."""

    who: Label
    on: datetime.date
    level: str
    verdict: Label
    amount: Money | None
    became: Label
    url: str


@dataclass(frozen=True)
class File:
    """Everything the pane shows; ``terms`` what the scheme would allow if people vouch, ``proposal`` what a maker has
    prepared, ``refused_by_scheme`` that nobody may approve.
    """

    row: Application
    header: parts.Header
    asked: Sequence[parts.Figure]
    why: parts.Why
    facts: Sequence[Fact]
    assessment: Assessment | None
    reasons: Mapping[str, list[Text]]
    sentences: Sequence[Text]
    cases: Sequence[Case]
    terms: Terms | None
    free: Money
    proposal: Proposal | None
    refused_by_scheme: bool
    decisions: Sequence[Decision]

    @property
    def open_findings(self) -> list[parts.Finding]:
        """The clauses somebody vouches for by approving: maker and checker see the same."""
        return [finding for finding in self.why.findings if finding.verdict != "pass"]


def read(actor: Actor, row: Application, today: datetime.date) -> File:
    """Read a file as of ``today``: of one still open what would be decided now, of others what was decided."""
    scheme = deciding.scheme_behind(row.policy)
    decided = list(financing.decisions(row))
    judged = deciding.judge(row.policy, row, today) if row.state == "referred" else None
    looked_at = judged.inputs if judged else (decided[0].inputs if decided else {})
    answers = (
        [answer.as_dict() for answer in judged.evaluation.answers]
        if judged
        else (decided[0].answers if decided else [])
    )
    verdict = judged.evaluation.verdict.value if judged else (decided[0].verdict if decided else "ask")
    terms = judged.evaluation.terms if judged else None
    assessment = _assessment(decided, row)
    level = (terms.level if terms else None) or looked_at.get("level") or ""
    return File(
        row=row, header=_header(row, today), asked=_asked(row, scheme, decided),
        why=reasons.why(verdict, answers, scheme, looked_at, own=False, sha256=judged.sha256 if judged else ""),
        facts=facts_of(scheme, looked_at, today), assessment=assessment, reasons=_reasons(assessment),
        sentences=[s.text for s in explain.explain(scheme, shared.registry()) if s.section in LIMIT_SECTIONS],
        cases=_cases(actor, row, level), terms=terms, free=deciding.free_of(row.policy),
        proposal=bank_reads.pending(actor).get(row.pk) if row.state == "referred" else None,
        refused_by_scheme=verdict == "refuse" and row.state == "referred", decisions=decided,
    )  # fmt: skip


def act(file: File) -> acting.Act:
    """The maker's form and panel: approve within the limit, or refuse, with the reason."""
    row = file.row
    most = None
    if file.terms is not None and not file.refused_by_scheme:
        most = Money(min(file.terms.limit.minor, file.free.minor)) if file.free.minor > 0 else None
    return acting.Act(
        code=bank_reads.DECIDE, title=Text("作出决定", "Decide"), submit=Text("提交复核", "Submit for approval"),
        form=lambda *args, **kwargs: bank_forms.Decide(*args, most=most, **kwargs),
        start={"amount": str(file.terms.amount) if most and file.terms else ""},
        body=lambda values: body(row, values),
        words=lambda values: bank_words.decide_words(
            row, approve=values["verdict"] == "approve", amount=values.get("amount"), note=values["note"]
        ),
        findings=lambda values: file.open_findings if values["verdict"] == "approve" else [],
        done=lambda outcome: reverse("bank_desk"),
    )  # fmt: skip


def body(row: Application, values: Mapping[str, Any]) -> dict[str, Any]:
    """The action's arguments of the form."""
    approve = values["verdict"] == "approve"
    said = {"application": row.pk, "approve": approve, "note": values["note"]}
    return said | ({"amount": values["amount"]} if approve and values.get("amount") is not None else {})


def proposed(file: File) -> dict[str, Any]:
    """The pending proposal's arguments, decoded as the action will take them."""
    assert file.proposal is not None
    _perform, arguments = decoding.arguments(file.proposal.action, file.proposal.body)
    return arguments


def proposed_words(actor: Actor, file: File) -> Sequence[Label]:
    return bank_words.decide(actor, proposed(file))


def facts_of(scheme: Scheme, looked_at: Mapping[str, Any], today: datetime.date) -> list[Fact]:
    """What was looked at, with where it comes from and how fresh it is; what has no value stands first."""
    found = []
    features, papers = inputs.names_in(scheme)
    looked = looked_at.get("features", {})
    for key in sorted(features | set(looked)):
        kept = looked.get(key) or {"known": "missing", "fresh_on": None}
        figure = reasons.input_figure(key, scheme, looked_at, own=False)
        fresh = kept.get("fresh_on")
        age = (today - datetime.date.fromisoformat(fresh)).days if fresh else None
        tone = "good" if kept["known"] == "present" else "bad"
        found.append(Fact(figure.label, figure.value, _source(key), fresh, age, tone))
    for key in sorted(papers):
        day = looked_at.get("evidence", {}).get(key)
        figure = reasons.input_figure(f"paper:{key}", scheme, looked_at, own=False)
        age = (today - datetime.date.fromisoformat(day)).days if day else None
        value = Text(f"{day} 出具", f"of {day}") if day else shared.KNOWN["missing"]
        found.append(Fact(figure.label, value, Text("文件", "paper"), day, age, "good" if day else "bad"))
    return sorted(found, key=lambda fact: fact.tone)


def _source(key: str) -> Text:
    """Which facts a feature is made of; one no room computes is what a third party stated."""
    found = FEATURES.get(key.rpartition(".")[2])
    sources = [shared.kind_title(code) for code in found.sources] if found else []
    return labels.joined(sources) if sources else Text("第三方报送", "stated by a third party")


def _header(row: Application, today: datetime.date) -> parts.Header:
    firm = labels.name_of(row.borrower)
    return parts.Header(title=firm, kind=shared.title_of(row.policy), status=shared.application_status(row, today))


def _asked(row: Application, scheme: Scheme, decided: Sequence[Decision]) -> list[parts.Figure]:
    payee = labels.names([row.payee]).get(row.payee) if row.payee else None
    found = [
        parts.Figure(Text("申请金额", "Asked for"), row.asked_minor, "money"),
        parts.Figure(Text("用途", "Use"), Names(scheme, shared.registry()).use(row.use) if row.use else None),
        parts.Figure(
            Text("期限", "Term"),
            Text(f"{row.months}个月", f"{row.months} months") if row.months else shared.tenor(scheme),
        ),
        parts.Figure(Text("提交", "Submitted"), row.recorded_at, "moment"),
        parts.Figure(Text("企业", "Firm"), labels.name_of(row.borrower), href=reverse("party", args=[row.borrower_id])),
        parts.Figure(
            Text("资料与四流比对", "Facts and the four flows"),
            Text("查看", "See them"),
            href=reverse("firm_facts", args=[row.borrower_id]) + f"?purpose={inputs.CREDIT}",
        ),
    ]
    if payee:
        found.append(parts.Figure(Text("收款方", "Payee"), payee))
    if row.accept_rate is not None:
        found.append(parts.Figure(Text("企业预先接受的利率", "Rate accepted in advance"), row.accept_rate, "rate"))
    if row.purpose:
        found.append(parts.Figure(Text("说明", "Purpose"), row.purpose))
    return found


def _assessment(decided: Sequence[Decision], row: Application) -> Assessment | None:
    """The result the newest decision kept."""
    kept = next((d.inputs["assessment"] for d in decided if d.inputs.get("assessment")), None)
    return Assessment.objects.filter(pk=uuid.UUID(kept), subject=row.borrower_id).first() if kept else None


def _reasons(found: Assessment | None) -> dict[str, list[Text]]:
    """The method's reasons in words by what they do: helped, hurt, would change."""
    sorted_by: dict[str, list[Text]] = {"helped": [], "hurt": [], "change": []}
    for reason in found.reasons if found else ():
        effect = reason.get("effect", "")
        if effect in sorted_by and reason.get("text"):
            sorted_by[effect].append(Text.from_dict(reason["text"]))
    return sorted_by


def _cases(actor: Actor, row: Application, level: str) -> list[Case]:
    rows = bank_reads.similar(row, level)
    contracts = {d.application_id: d.application.contract.pk for d in rows if hasattr(d.application, "contract")}
    became = bank_reads.outcome_of(list(contracts.values()))
    found = []
    for d in rows:
        terms = d.terms or {}
        state, code = became.get(contracts.get(d.application_id, uuid.UUID(int=0)), ("", 0))
        ended = shared.LOAN_STATES.get(state) or shared.APPLICATION_STATES[d.application.state]
        if code:
            name = bank_tables.CLASS_NAMES[code]
            ended = Text(f"{ended.zh} · {name.zh}", f"{ended.en} · {name.en}")
        verdict = Text("批准", "Approved") if d.verdict == "approve" else Text("拒绝", "Refused")
        found.append(
            Case(
                labels.name_of(d.borrower), d.on, terms.get("level") or d.inputs.get("level") or "", verdict,
                Money.parse(terms["amount"]) if terms.get("amount") else None, ended,
                f"{reverse('bank_desk')}?file={d.application_id}",
            )
        )  # fmt: skip
    return found
