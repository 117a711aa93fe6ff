"""Applying, on a phone between two orders: what for, consent, check and sign, answer.

What is typed is saved after every field by ``application.save`` itself, so the draft is there on any device. The form
sends with each field what it showed (``was-…``): only what the person changed is written, so two windows never undo
each other, and what cannot be read as a value yet is kept in the session. At the end the firm signs
``application.apply``, whose statement holds every term; the draft it came from is then put away. The decision is made
in that same request.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jirong.financing import asking, deciding
from jirong.financing.models import Application, Policy
from jirong.financing.pages import firm_forms, firm_look, firm_reads, shared
from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.parties import acting, guard, labels
from jirong.parties.models import Party
from jirong.schemes.evaluate import Standing, Verdict
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.scheme import Scheme
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.store.ids import new_id
from jirong.web import display, parts, signing
from jirong.web.api import actor_of

FIRMS = ("firm", "core")
STEPS = (
    ("firm_ask", Text("借多少", "How much")),
    ("firm_agree", Text("授权", "Consent")),
    ("firm_review", Text("核对签署", "Check and sign")),
)


@dataclass(frozen=True)
class Mark:
    """A step in the bar at the top: ``state`` is ``done``, ``now`` or ``ahead``."""

    label: Text
    state: str
    url: str


def marks(id: uuid.UUID, now: str) -> list[Mark]:
    place = [name for name, _ in STEPS].index(now)
    states = ["done" if n < place else "now" if n == place else "ahead" for n in range(len(STEPS))]
    return [Mark(label, states[n], reverse(name, args=[id])) for n, (name, label) in enumerate(STEPS)]


@guard.acting(*FIRMS)
@require_POST
def begin(request: HttpRequest, policy: uuid.UUID) -> HttpResponseBase:
    """A draft under the policy; the one there is already, if any."""
    actor = actor_of(request)
    row = firm_reads.access_open_policy(actor, policy)
    kept = firm_reads.applications(actor).filter(policy=row.pk, state="draft").first()
    if kept is not None:
        return redirect("firm_ask", kept.pk)
    scheme = deciding.scheme_behind(row)
    use = scheme.uses.allowed[0] if scheme.uses else ""
    done = perform(
        "application.save", actor, new_id(), policy=row.pk, use=use, months=firm_forms.longest_months(scheme)
    )
    return redirect("firm_ask", uuid.UUID(done["application"]))


def perform(code: str, actor: Actor, id: uuid.UUID, **body: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = log_actions.REGISTRY[code].perform(actor=actor, id=id, signature=None, **body)
    return found


# What for -----------------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def ask(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The fields; saved as they are typed, judged on "next"."""
    actor = actor_of(request)
    row = firm_reads.draft(actor, id)
    if row.state != "draft":
        return redirect("firm_application", id)
    page = _Asking(request, actor, row)
    if request.method != "POST":
        return page.show(page.form_class(initial=page.typed()))
    form = page.save()
    if "autosave" in request.GET:
        return page.saved(form)
    if not form.is_valid():
        return page.show(form, status=422)
    return redirect("firm_agree", id)


class _Asking:
    """One request about a draft."""

    def __init__(self, request: HttpRequest, actor: Actor, row: Application) -> None:
        self.request, self.actor, self.row = request, actor, row
        self.scheme = deciding.scheme_behind(row.policy)
        self.form_class = firm_forms.ask_form(self.scheme, payee_known=_payee_known(self.scheme, row.policy))

    @property
    def names(self) -> list[str]:
        return list(self.form_class.base_fields)

    def typed(self) -> dict[str, str]:
        """What each field shows: as stored, and over it what could not be stored yet."""
        people = _codes([*self.row.joint, *([self.row.payee] if self.row.payee else [])])
        return firm_forms.typed_of(self.row, self.names, people) | typed_aside(self.request, self.row.pk)

    def save(self) -> forms.Form:
        """Write what the person changed; answers the form as it now stands, judged."""
        before, post = self.typed(), self.request.POST
        changed = {
            name: post[name].strip()
            for name in self.names
            if name in post and post[name] != post.get(f"was-{name}", "\0")
        }
        now = before | changed
        form = self.form_class(now)
        form.is_valid()
        fit = {name: form.cleaned_data[name] for name in changed if name in form.cleaned_data and name != "accept_rate"}
        if any(now[name] != before.get(name) for name in fit):
            perform("application.save", self.actor, new_id(), **firm_forms.stored(fit, self.row))
            self.row.refresh_from_db()
        aside = {name: text for name, text in now.items() if name == "accept_rate" or (name in form.errors and text)}
        self.request.session[f"ask:{self.row.pk}"] = aside
        return form

    def saved(self, form: forms.Form) -> HttpResponseBase:
        """The time of saving, what the fields now stand at, what is wrong with one that cannot be saved as it is typed
        (not that an empty one is still to be filled in), and what would be answered.
        """
        shown = {name: self.request.POST.get(name, "") for name in self.names}
        wrong = [(name, list(form.errors.get(name, ())) if shown[name].strip() else []) for name in self.names]
        context = {
            "saved_at": timezone.localtime(), "shown": shown, "estimate": self.estimate(), "swap": True, "wrong": wrong,
            "unsaved": sum(1 for _, errors in wrong if errors),
        }  # fmt: skip
        return render(self.request, "financing/_ask_saved.html", context)

    def show(self, form: forms.Form, status: int = 200) -> HttpResponseBase:
        shown = {name: form[name].value() or "" for name in self.names}
        context = {
            "form": form, "row": self.row, "title": shared.title_of(self.row.policy), "lender": labels.name_of(self.row.policy.lender),
            "marks": marks(self.row.pk, "firm_ask"), "shown": shown, "estimate": self.estimate(), "fields": len(self.names),
            "product": reverse("firm_product", args=[self.row.policy_id]),
        }  # fmt: skip
        return render(self.request, "financing/firm_ask.html", context, status=status)

    def estimate(self) -> dict[str, Any]:
        """What today's facts would be answered for what is asked so far; reads the firm's own, writes nothing."""
        return estimate(self.actor, self.row)


def estimate(actor: Actor, row: Application) -> dict[str, Any]:
    assert actor.party is not None
    found = firm_look.look(actor.party, [row.policy], business_date.today())
    asked = Money(row.asked_minor) if row.asked_minor else None
    try:
        each = firm_look.preview(found, row.policy, asked=asked, use=row.use or None, months=row.months)
    except Refusal as refusal:
        return {"refusal": refusal.reason}
    told = {
        name: Money.parse(each.told[kept])
        for name, kept in (("first", "first_amount"), ("interest", "interest"))
        if each.told
    }
    return {"preview": each, "open": each.open_answers()[:3], "tone": TONES[each.verdict]} | told


TONES = {Verdict.APPROVE: "good", Verdict.ASK: "wait", Verdict.REFER: "wait", Verdict.REFUSE: "bad"}


def typed_aside(request: HttpRequest, id: uuid.UUID) -> dict[str, str]:
    """What was typed and is not stored in the draft: the rate signed for in advance, and what cannot be read yet."""
    kept = request.session.get(f"ask:{id}")
    return {str(name): str(text) for name, text in kept.items()} if isinstance(kept, dict) else {}


def _payee_known(scheme: Scheme, policy: Policy) -> bool:
    return scheme.uses is not None and scheme.uses.to is not None and scheme.uses.to in policy.parties


def _codes(ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = Party.objects.filter(pk__in=ids).values_list("pk", "uscc") if ids else ()
    return {id: uscc or "" for id, uscc in rows}


@guard.acting(*FIRMS)
@require_POST
def discard(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Throw a draft away."""
    actor = actor_of(request)
    row = firm_reads.draft(actor, id)
    if row.state == "draft":
        perform("application.withdraw", actor, derived_id(id, "discard"), application=id)
        request.session.pop(f"ask:{id}", None)
        messages.success(request, gettext("草稿已丢弃"))
    return redirect("firm_products")


# Consent ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grant:
    """A consent about to be given: who may read what, what for, until when, and the bytes signed."""

    ask: firm_reads.Ask
    to: Text
    id: uuid.UUID
    body: dict[str, Any]
    statement: bytes

    @property
    def words(self) -> Text:
        kinds = labels.joined(shared.kind_title(code) for code in self.ask.missing)
        purpose, until = shared.purpose_words(self.ask.clause.purpose), self.ask.until
        return Text(
            f"同意{self.to.zh}为“{purpose.zh}”读取本单位的{kinds.zh}，至{until}止；可随时撤回。",
            f"{self.to.en} may read our {kinds.en} for {purpose.en}, until {until}; this can be withdrawn at any time.",
        )


@guard.acting(*FIRMS)
def agree(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Every consent the scheme asks for on one screen, each with its words and hash; given together."""
    actor, today = actor_of(request), business_date.today()
    row = firm_reads.draft(actor, id)
    if row.state not in ("draft", "asked"):
        return redirect("firm_application", id)
    asked = firm_reads.asks(actor, row.policy, today)
    names = labels.names(ask.to for ask in asked)
    refusal = None
    if request.method == "POST":
        try:
            for grant in _grants(actor, asked, names, request):
                perform("consent.grant", actor, grant.id, **grant.body)
            return redirect("firm_review" if row.state == "draft" else "firm_resubmit", id)
        except Refusal as caught:
            refusal = caught
    scheme_names = Names(deciding.scheme_behind(row.policy), shared.registry())
    context = {
        "row": row, "marks": marks(id, "firm_agree"), "asked": asked, "grants": _grants(actor, asked, names, None), "refusal": refusal,
        "names": [(ask, names.get(ask.to, labels.UNKNOWN)) for ask in asked], "title": shared.title_of(row.policy),
        "others": [scheme_names.party(clause.of) for clause in firm_reads.asks_of_others(row.policy)],
    }  # fmt: skip
    return render(request, "financing/firm_agree.html", context, status=refusal.status if refusal else 200)


def _grants(
    actor: Actor, asked: list[firm_reads.Ask], names: Mapping[uuid.UUID, Text], request: HttpRequest | None
) -> list[Grant]:
    """One action for each consent still lacking. On the way back the bytes must be those that were shown."""
    found, today = [], business_date.today()
    for place, each in enumerate(ask for ask in asked if not ask.given):
        body = {
            "grantee": each.to, "purpose": each.clause.purpose, "scope": list(each.missing), "since": today, "until": each.until,
        }  # fmt: skip
        came = request.POST if request is not None else None
        signed = (
            signing.read({key: came.get(f"{key}-{place}", "") for key in ("id", "statement")})
            if came is not None
            else None
        )
        id = signed.action_id if signed else new_id()
        statement = log_actions.statement_bytes("consent.grant", actor=actor, id=id, **body)
        if signed:
            acting.require_shown(signed.statement, statement)
        found.append(Grant(each, names.get(each.to, labels.UNKNOWN), id, body, statement))
    return found


# Check and sign -----------------------------------------------------------------------------------------------------


@guard.acting(*FIRMS)
def review(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Exactly what will be signed, what today's facts would be answered; signed, the answer comes at once."""
    actor = actor_of(request)
    row = firm_reads.draft(actor, id)
    if row.state != "draft" and "statement" not in request.POST:
        return redirect("firm_application", id)
    scheme = deciding.scheme_behind(row.policy)
    page = _Asking(request, actor, row)
    if request.method != "POST" and not page.form_class(page.typed()).is_valid():
        return redirect("firm_ask", id)
    accept, today = _accepted(request, id), business_date.today()
    row.consents = [each.pk for each in firm_reads.standing(actor, row.policy, today)]
    started = time.perf_counter()
    act = acting.Act(
        code="application.apply", title=Text("提交融资申请", "Submit the application"),
        submit=Text("签署并提交", "Sign and submit"), body=lambda values: body_of(row, accept),
        words=lambda values: words(row, scheme, accept, len(row.consents)), findings=lambda values: _foreseen(actor, row),
        done=lambda outcome: _submitted(request, actor, row, outcome, time.perf_counter() - started),
        back=reverse("firm_ask", args=[id]),
    )  # fmt: skip
    lacking = [ask for ask in firm_reads.asks(actor, row.policy, today) if not ask.given]
    context = {
        "marks": marks(id, "firm_review"),
        "row": row,
        "lacking": lacking,
        "product": shared.title_of(row.policy),
    }
    return acting.respond(request, act, template="financing/firm_review.html", context=context)


def _accepted(request: HttpRequest, id: uuid.UUID) -> Decimal | None:
    text = typed_aside(request, id).get("accept_rate", "")
    try:
        return (Decimal(text) / 100).normalize() if text else None
    except ArithmeticError:
        return None


def body_of(row: Application, accept: Decimal | None) -> dict[str, Any]:
    """What the firm signs: the draft as it stands, with the consents put into it, and the rate it accepts."""
    row.accept_rate = accept
    return asking.of(row).body()


def words(row: Application, scheme: Scheme, accept: Decimal | None, consents: int) -> list[Text]:
    """What is asked for, in sentences; ``consents`` is how many it is judged by."""
    found = asked_words(row, scheme)
    if consents:
        count, sha = consents, row.policy.scheme.sha256[:12]
        found.append(
            Text(
                f"按方案版本 {sha}… 评定，依据本单位已给出的{count}项授权读取资料。",
                f"Judged by the scheme's version {sha}…, on {labels.counted(count, 'consent', 'consents')} we have given.",
            )
        )
    found.append(_consequence(row, accept))
    return found


def asked_words(row: Application, scheme: Scheme) -> list[Text]:
    """The terms asked for, in sentences."""
    lender, title, names = labels.name_of(row.policy.lender), shared.title_of(row.policy), Names(scheme)
    found = [
        Text(
            f"向{lender.zh}申请“{title.zh}”（{row.policy.scheme}）。",
            f"Apply to {lender.en} under “{title.en}” ({row.policy.scheme}).",
        )
    ]
    amount = shared.yuan(row.asked_minor) if row.asked_minor else Text("可批的最高额度", "the most that can be had")
    use = names.use(row.use) if row.use else Text("不限", "any")
    found.append(Text(f"金额：{amount.zh}；用途：{use.zh}。", f"Amount: {amount.en}; for {use.en}."))
    if row.months:
        found.append(Text(f"期限：{row.months}个月。", f"Tenor: {row.months} months."))
    people = labels.names([*row.joint, row.payee])
    if row.payee:
        to = people.get(row.payee, labels.UNKNOWN)
        found.append(Text(f"贷款直接付给：{to.zh}。", f"The money is paid straight to {to.en}."))
    if row.joint:
        joint = labels.joined(people.get(party, labels.UNKNOWN) for party in row.joint)
        found.append(
            Text(f"共同借款人：{joint.zh}，各自对全部债务负责。", f"Joint borrowers: {joint.en}, each owes all.")
        )
    if row.purpose:
        found.append(Text(f"说明：{row.purpose}", f"Note: {row.purpose}"))
    return found


def _consequence(row: Application, accept: Decimal | None) -> Text:
    if accept is None:
        return Text("获批后先给出方案，由本单位另行签署。", "An approval becomes an offer, which we sign separately.")
    rate = shared.percent(accept)
    return Text(
        f"获批足额且年利率不高于{rate}时，本单位现在即签署合同，一次提款的当场放款。",
        f"If the whole amount is approved at no more than {rate} a year, we sign the contract now; a loan drawn once is paid out at once.",
    )


def _foreseen(actor: Actor, row: Application) -> list[parts.Finding]:
    """What today's facts would be answered: never a bar, the decision is the lender's."""
    found = estimate(actor, row)
    if "refusal" in found:
        return [parts.Finding(Text("按今天的资料", "On today's facts"), "warn", found["refusal"])]
    each = found["preview"]
    open_answers = [
        parts.Finding(answer.rule, "warn", answer.reason, remedy=answer.change or "")
        for answer in each.open_answers() if answer.standing is not Standing.MET
    ]  # fmt: skip
    if each.short:
        short = Text(
            "贷款人本期额度已用完，现在提交会被退回", "the lender has nothing left to lend now; this would be sent back"
        )
        return [parts.Finding(Text("按今天的资料", "On today's facts"), "warn", short), *open_answers]
    if not each.fits:
        return open_answers
    amount, rate = shared.yuan(each.amount), shared.percent(each.annual)
    text = Text(
        f"预计可批{amount.zh}，真实年化{rate}", f"{amount.en} is likely to be approved at a true yearly rate of {rate}"
    )
    return [parts.Finding(Text("按今天的资料", "On today's facts"), "pass", text), *open_answers]


def _submitted(request: HttpRequest, actor: Actor, row: Application, outcome: Mapping[str, Any], seconds: float) -> str:
    """Put the draft away and say how long the answer took."""
    if row.state == "draft":
        perform("application.withdraw", actor, derived_id(row.pk, "submitted"), application=row.pk)
    took = Text(f"答复用时 {seconds:.2f} 秒", f"Answered in {seconds:.2f} seconds")
    messages.success(request, display.say(took))
    return reverse("firm_application", args=[outcome["application"]])
