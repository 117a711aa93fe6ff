"""A wizard: a few small forms in order, saved as they are typed, finished by one action.

Declare the steps; :func:`respond` shows the step of the address (``?step=2``), keeps what was typed in the log-in
session (so a closed page or a lost phone signal loses nothing; logging out discards it), and calls ``finish`` with
all cleaned values once every step is valid. Typing is saved by htmx without judging it; only "next" judges.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from jirong.web import display

DRAFT_CHARS_MAX = 20_000


@dataclass(frozen=True)
class Step:
    """One small form with its name; ``template`` draws it otherwise than field by field."""

    key: str
    label: display.Label
    form: type[forms.Form]
    template: str = "web/wizard_step.html"
    options: Callable[[HttpRequest, dict[str, Any]], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Mark:
    """A step in the bar at the top: ``state`` is ``done``, ``now`` or ``ahead``."""

    step: Step
    state: str
    url: str


@dataclass
class Wizard:
    """Bound to a request. ``name`` keeps drafts of different wizards apart; give ``subject`` for one a thing."""

    request: HttpRequest
    name: str
    title: display.Label
    steps: Sequence[Step]
    subject: str = ""
    submit: display.Label = ""
    template: ClassVar[str] = "web/wizard.html"
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def draft_key(self) -> str:
        return f"wizard:{self.name}:{self.subject}"

    @cached_property
    def draft(self) -> dict[str, Any]:
        kept = self.request.session.get(self.draft_key)
        return kept if isinstance(kept, dict) else {"id": str(uuid.uuid4()), "data": {}, "saved": ""}

    @property
    def action_id(self) -> uuid.UUID:
        """The id the finished action will have: the draft's own, so that finishing twice is finishing once."""
        return uuid.UUID(self.draft["id"])

    @property
    def place(self) -> int:
        asked = self.request.GET.get("step", "1")
        return min(int(asked), len(self.steps)) - 1 if asked.isdecimal() and 0 < int(asked) < 100 else 0

    @property
    def step(self) -> Step:
        return self.steps[self.place]

    @property
    def is_last(self) -> bool:
        return self.place == len(self.steps) - 1

    @property
    def marks(self) -> list[Mark]:
        states = ["done" if i < self.place else "now" if i == self.place else "ahead" for i in range(len(self.steps))]
        return [Mark(step, states[i], self.url(i)) for i, step in enumerate(self.steps)]

    @property
    def back_url(self) -> str:
        return self.url(self.place - 1) if self.place else ""

    @property
    def autosave_url(self) -> str:
        return f"{self.url(self.place)}&autosave=1"

    @property
    def saved_at(self) -> dt.datetime | None:
        """When the draft was last kept."""
        return dt.datetime.fromisoformat(self.draft["saved"]) if self.draft["saved"] else None

    def url(self, place: int) -> str:
        return f"{self.request.path}?step={place + 1}"

    def form(self, step: Step, *, judged: bool) -> forms.Form:
        """The step's form with what was typed; unjudged it shows no errors."""
        typed = self.draft["data"].get(step.key)
        options = step.options(self.request, self.values) if step.options else {}
        if judged:
            return step.form(typed or {}, **options)
        return step.form(initial=typed, **options)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Cleaned values of the valid steps before this one."""
        found: dict[str, Any] = {}
        for step in self.steps[: self.place]:
            form = step.form(self.draft["data"].get(step.key, {}))
            if form.is_valid():
                found |= form.cleaned_data
        return found

    def save(self) -> None:
        """Keep what was typed in this step, judged or not."""
        known = set(self.step.form.base_fields)
        typed = {name: value[:DRAFT_CHARS_MAX] for name, value in self.request.POST.items() if name in known and value}
        self.draft["data"][self.step.key] = typed
        self.draft["saved"] = timezone.now().isoformat()
        self.request.session[self.draft_key] = self.draft

    def discard(self) -> None:
        self.request.session.pop(self.draft_key, None)


def respond(wizard: Wizard, finish: Callable[[Wizard, dict[str, Any]], HttpResponseBase]) -> HttpResponseBase:
    """Show, save or advance. ``finish(wizard, values)`` runs when the last step and all before it are valid."""
    if wizard.request.method != "POST":
        return _show(wizard, judged=False)
    wizard.save()
    if "autosave" in wizard.request.GET:
        return render(wizard.request, "web/wizard_saved.html", {"wizard": wizard})
    if not wizard.form(wizard.step, judged=True).is_valid():
        return _show(wizard, judged=True)
    if not wizard.is_last:
        return redirect(wizard.url(wizard.place + 1))
    return _finish(wizard, finish)


def _finish(wizard: Wizard, finish: Callable[[Wizard, dict[str, Any]], HttpResponseBase]) -> HttpResponseBase:
    values: dict[str, Any] = {}
    for place, step in enumerate(wizard.steps):
        form = wizard.form(step, judged=True)
        if not form.is_valid():
            return redirect(wizard.url(place))
        values |= form.cleaned_data
    response = finish(wizard, values)
    if response.status_code < 400:
        wizard.discard()
    return response


def _show(wizard: Wizard, *, judged: bool) -> HttpResponse:
    context = {"wizard": wizard, "form": wizard.form(wizard.step, judged=judged), "values": wizard.values}
    status = 422 if judged else 200
    return render(wizard.request, wizard.template, context | wizard.context, status=status)
