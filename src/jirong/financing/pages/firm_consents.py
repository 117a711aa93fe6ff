"""Who may read what of the firm, what for, until when; what was read under it; and taking it back."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from jirong.facts.sources import SUPPLY
from jirong.financing.models import Application
from jirong.financing.pages import firm_forms, firm_reads, firm_tables, shared
from jirong.financing.pages.firm_offers import VERDICTS
from jirong.kernel import calendar
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.parties.models import Consent
from jirong.store import business_date
from jirong.web import parts, tables
from jirong.web.api import actor_of

FIRMS = ("firm", "core")


@guard.acting(*FIRMS)
def consent_list(request: HttpRequest) -> HttpResponseBase:
    rows = firm_reads.dated(firm_reads.consents(actor_of(request)), business_date.today())
    return tables.respond(request, "financing/firm_consents.html", firm_tables.ConsentTable(request, rows))


@guard.acting(*FIRMS)
def consent_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One consent with every decision and assessment made under it."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.access_consent(actor, id)
    decisions, judged = firm_reads.read_under(actor, row)
    reads = [
        (
            each,
            VERDICTS[each.verdict],
            shared.title_of(each.application.policy),
            _looked_at(each.inputs.get("features", {})),
        )
        for each in decisions
    ]
    context = {
        "row": row, "header": _header(row, today), "reads": reads, "judged": judged, "receipts": firm_reads.receipts(actor, row.pk),
        "crumbs": [parts.Crumb(Text("数据授权", "Consents"), reverse("firm_consents")), parts.Crumb(labels.name_of(row.grantee))],
    }  # fmt: skip
    return render(request, "financing/firm_consent.html", context)


def _looked_at(features: dict[str, dict[str, object]]) -> Text:
    """Which figures a decision looked at and knew."""
    names = [shared.feature_title(name) for name, kept in features.items() if kept["known"] == "present"]
    return labels.joined(names)


def _header(row: Consent, today: datetime.date) -> parts.Header:
    status = firm_tables.consent_status(row, today)
    live = status.tone == "good"
    return parts.Header(
        title=Text(f"授权{labels.name_of(row.grantee).zh}", f"Consent to {labels.name_of(row.grantee).en}"),
        kind=Text("数据授权", "Consent"), status=status,
        actions=[parts.Action(Text("撤回授权", "Withdraw"), reverse("firm_consent_withdraw", args=[row.pk]))] if live else [],
        figures=[
            parts.Figure(Text("用于", "For"), shared.purpose_words(row.purpose)),
            parts.Figure(Text("可读取", "May read"), labels.joined(shared.kind_title(code) for code in row.scope)),
            parts.Figure(Text("起", "From"), row.valid.lower, "date"),
            parts.Figure(Text("止", "Until"), firm_tables.last_day(row), "date"),
            parts.Figure(Text("授权时间", "Given at"), row.recorded_at, "moment"),
        ],
    )  # fmt: skip


@guard.acting(*FIRMS)
def give(request: HttpRequest) -> HttpResponseBase:
    """Let somebody read, or supply, chosen kinds of the firm's facts; ``?purpose=`` and ``?scope=`` fill the form."""
    today = business_date.today()
    asked = request.GET
    start = {
        "purpose": asked.get("purpose", "credit_assessment"), "scope": asked.get("scope", ""),
        "until": calendar.add_months(today, 12) - datetime.timedelta(days=1),
    }  # fmt: skip
    act = acting.Act(
        code="consent.grant", title=Text("新增授权", "Give a consent"), submit=Text("签署并授权", "Sign and consent"), form=firm_forms.Give,
        start=start, body=lambda values: _given(values, today), words=lambda values: _given_words(values, today),
        lead=Text("只有写明的单位、用途、内容和期限内有效，随时可撤回。", "Only for the party, purpose, kinds and time named; withdrawn at any time."),
        done=lambda outcome: reverse("firm_consent", args=[outcome["consent"]]), said=Text("已授权", "Consent given"),
        back=reverse("firm_consents"),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")


def _given(values: acting.Values, today: datetime.date) -> dict[str, Any]:
    return {
        "grantee": values["grantee"][0], "purpose": values["purpose"], "scope": [values["scope"]], "since": today, "until": values["until"],
    }  # fmt: skip


def _given_words(values: acting.Values, today: datetime.date) -> list[Text]:
    to = labels.names(values["grantee"]).get(values["grantee"][0], labels.UNKNOWN)
    read, purpose = shared.kind_title(values["scope"]), shared.purpose_words(values["purpose"])
    until = values["until"]
    if values["purpose"] == SUPPLY:
        return [
            Text(
                f"同意{to.zh}向平台提供本单位的{read.zh}，至{until}止。",
                f"{to.en} may supply our {read.en} to the platform, until {until}.",
            )
        ]
    return [
        Text(
            f"同意{to.zh}为“{purpose.zh}”读取本单位的{read.zh}，至{until}止。",
            f"{to.en} may read our {read.en} for {purpose.en}, until {until}.",
        )
    ]


@guard.acting(*FIRMS)
def withdraw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Take a consent back; what that means for applications under way is said first."""
    actor = actor_of(request)
    row = firm_reads.access_consent(actor, id)
    if row.withdrawn_at and "statement" not in request.POST:
        return redirect("firm_consent", id)
    to = labels.name_of(row.grantee)
    waiting = firm_reads.applications(actor).filter(policy__lender=row.grantee_id, state__in=["asked", "referred"])
    act = acting.Act(
        code="consent.withdraw", title=Text("撤回授权", "Withdraw the consent"), submit=Text("确认撤回", "Withdraw"),
        body=lambda values: {"consent": id}, words=lambda values: _words(row, to), findings=lambda values: _effects(list(waiting), to),
        done=lambda outcome: reverse("firm_consent", args=[id]), said=Text("授权已撤回", "Withdrawn"),
        back=reverse("firm_consent", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="financing/firm_act.html")


def _words(row: Consent, to: Text) -> list[Text]:
    read, purpose = labels.joined(shared.kind_title(code) for code in row.scope), shared.purpose_words(row.purpose)
    return [
        Text(
            f"自现在起，{to.zh}不得再为“{purpose.zh}”读取本单位的{read.zh}。",
            f"From now on {to.en} may no longer read our {read.en} for {purpose.en}.",
        ),
        Text(
            "已经读过并据以作出的决定不受影响；已签的合同照常履行。",
            "What was read and decided before stands; signed contracts run on.",
        ),
    ]


def _effects(waiting: list[Application], to: Text) -> list[parts.Finding]:
    return [
        parts.Finding(
            Text(f"“{row.policy.scheme.title}”的申请会受影响", f"The application under “{row.policy.scheme.title_en}” is affected"), "warn",
            Text(f"{to.zh}再读不到资料，申请将无法批准", f"{to.en} can read no facts, so it cannot be approved"),
            remedy=Text("如不再需要，可一并撤回申请", "Withdraw the application too if it is no longer wanted"),
        )
        for row in waiting
    ]  # fmt: skip
