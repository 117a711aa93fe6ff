"""Issuing a note: choose invoices, set terms with the rules judging as one types, sign, and hand to a checker.

The address carries the invoices chosen, so the page can be left and come back to.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import actions, backing, forms, preview, shown, wording
from jirong.parties import acting, guard, labels
from jirong.parties import queries as parties
from jirong.parties.models import Party
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.api import actor_of

OFFERED_MAX = 200
"""Invoices offered for choice; whoever has more narrows them in the list of invoices."""
STEPS = (Text("选发票", "Invoices"), Text("定条件", "Terms"), Text("核对签署", "Check and sign"))


@dataclass(frozen=True)
class Supplier:
    """A seller with the invoices that may carry a note: fact, what is free of it, and how its trade matches."""

    party: Party
    invoices: Sequence[tuple[Fact, int, Any]]


@guard.acting("core")
def choose(request: HttpRequest) -> HttpResponse:
    """Invoices one owes that match and have something free, by supplier; the rest with what is missing."""
    actor = actor_of(request)
    ready, blocked = _candidates(actor)
    context = {"ready": ready, "blocked": blocked, "steps": _steps(0), "chosen": set(request.GET.getlist("invoice"))}
    return render(request, "notes/issue_choose.html", context)


def _candidates(actor: Actor) -> tuple[list[Supplier], list[tuple[Fact, Text]]]:
    rows = list(facts.invoices(actor).filter(counterparty=actor.party)[:OFFERED_MAX])
    free = backing.free_minor(rows)
    trades = {(t.seller, t.order_no): t for t in facts.trades_of({(row.subject_id, row.order_no) for row in rows})}
    ready: dict[uuid.UUID, list[tuple[Fact, int, Any]]] = {}
    blocked = []
    for row in rows:
        trade = trades.get((row.subject_id, row.order_no))
        if free[row.pk] <= 0:
            continue
        if trade and trade.match.holds:
            ready.setdefault(row.subject_id, []).append((row, free[row.pk], trade))
        else:
            fault = next((f.text for f in trade.match.findings if not f.holds), None) if trade else None
            blocked.append((row, fault or Text("没有订单", "no order on file")))
    return [Supplier(found[0][0].subject, found) for found in ready.values()], blocked


@guard.acting("core")
def terms(request: HttpRequest) -> HttpResponseBase:
    """Amounts, due date and promises; the rules judge at every change; then the panel, then the proposal."""
    actor = actor_of(request)
    invoices, free = _chosen(request)
    payee = invoices[0].subject
    act = _act(actor, invoices, free, payee)
    context = {
        "payee": labels.name_of(payee), "payee_id": payee.pk, "steps": _steps(1), "steps_signing": _steps(2),
        "check_url": f"{reverse('issue_check')}?{request.GET.urlencode()}",
        "findings": _start_findings(actor, invoices, free, payee),
    }  # fmt: skip
    return acting.respond(request, act, template="notes/issue_terms.html", context=context)


@require_POST
@guard.acting("core")
def check(request: HttpRequest) -> HttpResponse:
    """The rules' results for what is typed so far: a fragment that htmx puts beside the form."""
    actor = actor_of(request)
    invoices, free = _chosen(request)
    form = forms.Terms(request.POST, invoices=[(fact, free[fact.pk]) for fact in invoices])
    if not form.is_valid():
        return render(request, "notes/_rules.html", {"incomplete": True})
    found = wording.issue_findings(actor, _body(form, invoices[0].subject))
    total = Money(sum(amount.minor for _fact, amount in form.amounts()))
    sentence, tone = shown.verdict(found)
    return render(request, "notes/_rules.html", {"findings": found, "verdict": sentence, "tone": tone, "total": total})


def _act(actor: Actor, invoices: Sequence[Fact], free: dict[uuid.UUID, int], payee: Party) -> acting.Act:
    offered = [(fact, free[fact.pk]) for fact in invoices]
    bound: list[forms.Terms] = []

    def form(*args: Any, **kwargs: Any) -> forms.Terms:
        bound[:] = [forms.Terms(*args, invoices=offered, **kwargs)]
        return bound[0]

    return acting.Act(
        code="note.issue",
        title=Text("开立链单", "Issue a chain note"),
        lead=Text(f"收款人：{payee.name}", f"Payee: {payee.name_en or payee.name}"),
        submit=Text("签署", "Sign"),
        form=form,
        start={"due": _usual_due(business_date.today())},
        body=lambda values: _body(bound[0], payee),
        words=lambda values: wording.issue_words(actor, _body(bound[0], payee)),
        findings=lambda values: shown.brief(wording.issue_findings(actor, _body(bound[0], payee))),
        done=lambda outcome: reverse("inbox"),
        back=reverse("issue"),
    )


def _body(form: forms.Terms, payee: Party) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "payee": payee.pk,
        "backings": [actions.InvoicePart(fact.pk, amount) for fact, amount in form.amounts()],
        **{name: values[name] for name in ("due", "agreed_days", "note_agreed", "set_off_waived", "late_rate")},
    }


def _chosen(request: HttpRequest) -> tuple[list[Fact], dict[uuid.UUID, int]]:
    """The invoices of the address: known, of one supplier, owed by oneself."""
    actor = actor_of(request)
    try:
        ids = [uuid.UUID(text) for text in request.GET.getlist("invoice")]
    except ValueError:
        ids = []
    if not ids:
        raise Invalid(
            "issue.nothing_chosen",
            Text("尚未选择发票", "No invoice was chosen"),
            remedy=Text("请先勾选同一供应商的一张或多张发票", "Tick one or more invoices of one supplier first"),
        )
    found = {
        fact.pk: fact
        for fact in Fact.objects.filter(pk__in=ids, kind="invoice", counterparty=actor.party).select_related("subject")
    }
    invoices = backing.resolve(ids) and [found[id] for id in ids if id in found]
    if not invoices or len({fact.subject_id for fact in invoices}) > 1:
        raise Invalid(
            "issue.several_suppliers",
            Text("一张链单只付给一家供应商", "A note pays one supplier"),
            remedy=Text("请只勾选同一供应商开给本单位的发票", "Tick invoices of one supplier to your party only"),
        )
    return invoices, backing.free_minor(invoices)


def _start_findings(
    actor: Actor, invoices: Sequence[Fact], free: dict[uuid.UUID, int], payee: Party
) -> list[parts.Finding]:
    """The rules' results for the form as it opens."""
    today = business_date.today()
    assert actor.party is not None, "guarded"
    found = preview.issue(
        parties.party(actor.party), payee, [(fact, free[fact.pk]) for fact in invoices], _usual_due(today), today,
        agreed_days=None, note_agreed=True, set_off_waived=True, late_rate=None,
    )  # fmt: skip
    return shown.findings(found.reasons)


def _usual_due(today: datetime.date) -> datetime.date:
    """Six months less a day is the usual tenor; the form opens with 180 days."""
    return today + datetime.timedelta(days=180)


def _steps(now: int) -> list[dict[str, Any]]:
    states = ["done" if place < now else "now" if place == now else "ahead" for place in range(len(STEPS))]
    return [{"label": label, "state": state} for label, state in zip(STEPS, states, strict=True)]
