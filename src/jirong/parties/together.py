"""Several actions under one confirmation: each is listed with its words and bytes, signed by itself, and stays one
action with an id of its own, so one that is refused takes none of the others with it.

A view makes an :class:`Item` of each thing that could be done and hands them to :func:`respond`; the person ticks,
and what is ticked is done in order. Items that need anything but a signature do not belong here.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.log.actions import SuppliedSignature
from jirong.parties import acting
from jirong.store.ids import new_id
from jirong.web import display, parts, signing
from jirong.web.display import Label

ITEMS_MAX = 50


@dataclass(frozen=True, kw_only=True)
class Item:
    """``statement`` gives the bytes under an action's id, ``perform`` does it. ``id`` where the thing has one already
    (a proposal); without it the confirmation's own id decides, so that sending it twice is doing it once.
    """

    subject: uuid.UUID
    code: str
    title: Label
    url: str
    statement: Callable[[uuid.UUID], bytes]
    perform: Callable[[uuid.UUID, SuppliedSignature | None], Mapping[str, Any]]
    words: Sequence[Label] = ()
    findings: Sequence[parts.Finding] = ()
    id: uuid.UUID | None = None

    @property
    def barred(self) -> bool:
        return any(finding.verdict == "bar" for finding in self.findings)


@dataclass(frozen=True)
class Line:
    """An item as the page shows it: its bytes and their hash, how it will be signed, why it was refused."""

    item: Item
    id: uuid.UUID
    statement: bytes
    grade: str
    key: str
    ticked: bool
    refusal: Refusal | None = None

    @property
    def encoded(self) -> str:
        return base64.b64encode(self.statement).decode()

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.statement).hexdigest()


def respond(
    request: HttpRequest, items: Sequence[Item], *, title: Label, lead: Label, submit: Label, back: str
) -> HttpResponseBase:
    """The list to tick, or what was ticked done; whatever was refused is shown again with its reason."""
    batch = acting.action_id(request)
    ticked = set(request.POST.getlist("chosen"))
    refused: dict[uuid.UUID, Refusal] = {}
    done = 0
    if request.method == "POST":
        for item in items:
            if str(item.subject) not in ticked:
                continue
            try:
                with transaction.atomic():
                    _perform(request, item, item.id or derived_id(batch, item.subject))
                done += 1
            except Refusal as refusal:
                refused[item.subject] = refusal
        if done:
            messages.success(request, display.say(Text(f"已办理{done}项", f"{done} done")))
        if done and not refused:
            return redirect(back)
    id = batch if request.method == "POST" and not done else new_id()
    lines = [_line(request, item, id, item.subject in refused, refused.get(item.subject))
             for item in items if not (done and str(item.subject) in ticked and item.subject not in refused)]  # fmt: skip
    context = {
        "title": title, "lead": lead, "submit": submit, "back": back, "lines": lines, "batch": id,
        "nothing": request.method == "POST" and not ticked,
    }  # fmt: skip
    status = next(iter(refused.values())).status if refused else 422 if context["nothing"] else 200
    return render(request, "parties/together.html", context, status=status)


def _perform(request: HttpRequest, item: Item, id: uuid.UUID) -> None:
    signed = signing.read(
        {
            "id": str(id),
            "statement": request.POST.get(f"statement-{item.subject}", ""),
            "signature": request.POST.get(f"signature-{item.subject}", ""),
            "key": request.POST.get(f"key-{item.subject}", ""),
        }
    )
    acting.require_shown(signed.statement, item.statement(id))
    item.perform(id, acting.supplied(signed))


def _line(request: HttpRequest, item: Item, batch: uuid.UUID, ticked: bool, refusal: Refusal | None) -> Line:
    id = item.id or derived_id(batch, item.subject)
    grade, key, _ = acting.key_for(request, item.code)
    return Line(item, id, item.statement(id), grade, key, ticked and not item.barred, refusal)
