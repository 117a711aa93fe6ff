"""From a form to an action: fill in, see exactly what will be signed, sign once.

A view describes an :class:`Act`; :func:`respond` shows its form, judges it, shows the signing panel with the exact
bytes, and performs the action when those very bytes come back. The action's id is made with the panel and travels in
it, so a double click or a reload is the same action. A refusal is shown on the same page, with what was typed.
Acts that need no panel (``plain``) are a form with the id in it. An action that takes two people becomes a proposal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.log.actions import SuppliedSignature
from jirong.parties import proposals
from jirong.parties.models import Key
from jirong.store.identity import Actor
from jirong.store.ids import new_id
from jirong.web import display, parts, signing
from jirong.web.api import actor_of
from jirong.web.display import Label

Values = Mapping[str, Any]
TEMPLATE = "parties/act.html"


@dataclass(frozen=True, kw_only=True)
class Act:
    """``body`` turns the form's cleaned values into the action's arguments, ``words`` into what is signed in words.

    ``findings`` gives the rule results shown before signing; ``done`` the address to go to with the outcome; ``said``
    what is told there. ``start`` fills the form at first.
    """

    code: str
    title: Label
    submit: Label
    body: Callable[[Values], dict[str, Any]]
    done: Callable[[Mapping[str, Any]], str]
    words: Callable[[Values], Sequence[Label]] = lambda values: ()
    findings: Callable[[Values], Sequence[parts.Finding]] = lambda values: ()
    form: Callable[..., forms.Form] | None = None
    start: Mapping[str, Any] = field(default_factory=dict)
    said: Label = ""
    plain: bool = False
    back: str = ""
    lead: Label = ""
    next_label: Label = ""
    crumbs: Sequence[parts.Crumb] = ()

    @property
    def two_people(self) -> bool:
        return log_actions.REGISTRY[self.code].two_people


def respond(
    request: HttpRequest, act: Act, *, template: str = TEMPLATE, context: Mapping[str, Any] | None = None
) -> HttpResponseBase:
    """The form, the panel, or the deed."""
    page = _Page(request, act, template, dict(context or {}))
    if request.method != "POST":
        return page.form_page(act.form(initial=act.start) if act.form else None)
    form = act.form(request.POST) if act.form else None
    if form is not None and not form.is_valid():
        return page.form_page(form, status=422)
    values = form.cleaned_data if form is not None else {}
    if act.plain:
        return page.perform_plainly(form, values)
    if "statement" in request.POST:
        return page.perform(form, values)
    return page.panel_page(form, values, new_id())


def key_for(request: HttpRequest, code: str) -> tuple[str, str, list[str]]:
    """Grade and key an action will be signed with, and the party's other own keys (``?key=`` chooses among them)."""
    actor = actor_of(request)
    if not log_actions.REGISTRY[code].own_key or actor.party is None:
        return "platform", "", []
    rows = Key.objects.filter(party=actor.party, custody="own", revoked_at=None).order_by("-recorded_at", "-pk")
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        return "platform", "", []
    chosen = request.GET.get("key", "")
    key = chosen if chosen in keys else keys[0]
    return "own", key, [other for other in keys if other != key]


def supplied(signed: signing.Signed) -> SuppliedSignature | None:
    """The own-key signature that came with the panel, if there is one."""
    return SuppliedSignature(signing.encode(signed.signature), signed.key_id) if signed.signature else None


def require_shown(shown: bytes, now: bytes) -> None:
    """Refuse to act on bytes other than those the person saw."""
    if shown != now:
        raise Conflict(
            "signing.changed",
            Text("内容在签署前已改变，与您看到的不同", "What is to be signed changed and is not what you saw"),
            remedy=Text("请核对后重新签署", "Check it and sign again"),
        )


@dataclass
class _Page:
    request: HttpRequest
    act: Act
    template: str
    context: dict[str, Any]

    @property
    def actor(self) -> Actor:
        acting: Actor = actor_of(self.request)
        return acting

    def form_page(
        self, form: forms.Form | None, *, status: int = 200, refusal: Refusal | None = None, id: uuid.UUID | None = None
    ) -> HttpResponse:
        if form is None and not self.act.plain and refusal is None:
            return self.panel_page(None, {}, new_id())
        return self._show(status, form=form, refusal=refusal, action_id=id or new_id())

    def panel_page(
        self, form: forms.Form | None, values: Values, id: uuid.UUID, refusal: Refusal | None = None
    ) -> HttpResponse:
        act = self.act
        grade, key, others = ("platform", "", []) if act.two_people else key_for(self.request, act.code)
        panel = parts.Signing(
            title=act.title,
            words=act.words(values),
            statement=self._statement(values, id),
            action_id=str(id),
            submit_url=self.request.get_full_path(),
            submit_label=Text("提交复核", "Submit for approval") if act.two_people else act.submit,
            grade=grade,
            key_id=key,
            findings=act.findings(values),
            fields={
                name: self.request.POST[name] for name in (form.fields if form else ()) if name in self.request.POST
            },
            cancel_url=act.back if form is None else self.request.get_full_path(),
        )
        status = refusal.status if refusal else 200
        return self._show(status, signing=panel, refusal=refusal, other_keys=others)

    def perform(self, form: forms.Form | None, values: Values) -> HttpResponseBase:
        signed = signing.read(self.request.POST)
        try:
            require_shown(signed.statement, self._statement(values, signed.action_id))
            outcome = self._deed(values, signed.action_id, supplied(signed))
        except Refusal as refusal:
            return self.panel_page(form, values, signed.action_id, refusal)
        return self._done(outcome)

    def perform_plainly(self, form: forms.Form | None, values: Values) -> HttpResponseBase:
        id = action_id(self.request)
        try:
            outcome = self._deed(values, id, None)
        except Refusal as refusal:
            return self.form_page(form, status=refusal.status, refusal=refusal, id=id)
        return self._done(outcome)

    def _deed(self, values: Values, id: uuid.UUID, signature: SuppliedSignature | None) -> Mapping[str, Any]:
        registered = log_actions.REGISTRY[self.act.code]
        arguments = self.act.body(values)
        if not registered.two_people:
            return registered.perform(actor=self.actor, id=id, signature=signature, **arguments)
        return proposals.propose(
            actor=self.actor,
            id=derived_id(id, "propose"),
            code=self.act.code,
            action_id=id,
            body=proposals.body_of(**arguments),
        )

    def _done(self, outcome: Mapping[str, Any]) -> HttpResponseBase:
        if self.act.two_people:
            messages.success(
                self.request, display.say(Text("已提交，等待同事复核", "Submitted; a colleague approves it"))
            )
            return redirect(reverse("proposal", args=[outcome["proposal"]]))
        if self.act.said:
            messages.success(self.request, display.say(self.act.said))
        return redirect(self.act.done(outcome))

    def _statement(self, values: Values, id: uuid.UUID) -> bytes:
        return log_actions.statement_bytes(self.act.code, actor=self.actor, id=id, **self.act.body(values))

    def _show(self, status: int, **shown: Any) -> HttpResponse:
        return render(self.request, self.template, {"act": self.act, **self.context, **shown}, status=status)


def action_id(request: HttpRequest) -> uuid.UUID:
    """The id in a plain form; a form without one is a new action."""
    try:
        return uuid.UUID(request.POST.get("id", ""))
    except ValueError:
        return new_id()
