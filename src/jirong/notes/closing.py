"""The close of business for notes: each note that has something to close is one action, so a killed run goes on.

An error stays with its note and is reported; the others are closed all the same.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.notes import actions, queries
from jirong.notes.models import Note, Offer
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as


@dataclass
class Closed:
    """What a run did: how many notes and loans were closed, and what went wrong with which."""

    on: datetime.date
    notes: int = 0
    loans: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)


def close(actor: Actor) -> Closed:
    """Close the current business date for every note and loan that needs it; repeating it changes nothing."""
    with acting_as(SYSTEM), transaction.atomic():
        on = business_date.today()
        notes, loans = _notes_to_close(on), _loans_to_close(on)
    result = Closed(on)
    for note in notes:
        try:
            actions.close_day(actor=actor, id=derived_id(note, "close", on), note=note)
            result.notes += 1
        except Refusal as refusal:
            result.errors.append({"note": str(note), "code": refusal.code})
    for loan in loans:
        try:
            actions.close_loan_day(actor=actor, id=derived_id(loan, "close", on), loan=loan)
            result.loans += 1
        except Refusal as refusal:
            result.errors.append({"loan": str(loan), "code": refusal.code})
    return result


def _notes_to_close(on: datetime.date) -> list[uuid.UUID]:
    """Notes due and unpaid, offered and due, or with an offer past its day."""
    lapsing = Offer.objects.filter(state="open", expires_on__lte=on).values("note")
    found = Note.objects.filter(
        Q(status="live", due__lte=on) | Q(status="offered", due__lte=on) | Q(pk__in=lapsing, status="live")
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


def _loans_to_close(on: datetime.date) -> list[uuid.UUID]:
    return list(queries.loans_falling_due(on).order_by("pk").values_list("pk", flat=True))
