"""Everything a note's or a lot's page tells: its drawn life, a card for each knot, the timeline and the reasons.

Six queries in all, whatever the note's size: lots, steps, offers, documents, names, and which receipts one may open.
What another party may not see is simply not among the rows, and so not in the drawing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from jirong.claims.models import ClaimRow
from jirong.facts.models import Fact
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.notes import life, queries, shown
from jirong.notes.models import Note, Offer, Step
from jirong.parties import labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts

TONES = {"unpaid": "bad", "decline": "bad", "drop": "bad", "freeze": "bad", "paid": "good", "accept": "good", "take": "good",
         "pledge": "good", "collect": "good"}  # fmt: skip
QUIET = {"close_day"}
"""Steps that say nothing to a reader unless something came of them."""


@dataclass(frozen=True)
class Card:
    """What a knot opens: the lot, whose it is, its trade, its price, and the receipt of the step that made it."""

    lot: ClaimRow
    holder: Text
    status: parts.Status
    documents: Sequence[Fact]
    offer: Offer | None
    began: str
    receipt_url: str
    short: parts.Status
    top: str
    line: str

    @property
    def name(self) -> str:
        return f"knot-{self.lot.pk}"

    @property
    def kept_minor(self) -> int:
        """What of the lot did not pass on."""
        return int(self.lot.amount_minor - self.lot.moved_minor)


@dataclass(frozen=True)
class Told:
    lots: Mapping[uuid.UUID, ClaimRow]
    life: life.Life
    cards: Sequence[Card]
    entries: Sequence[parts.Entry]
    reasons: Sequence[Mapping[str, Any]]
    names: Mapping[uuid.UUID, Text]
    offers: Sequence[Offer]

    @property
    def edge_cards(self) -> list[Card]:
        """Today's holders: those with a strand in the drawing."""
        return [card for card in self.cards if card.top]

    @property
    def edge_left(self) -> str:
        return f"{100 * self.life.edge / self.life.width:.3f}%"


def tell(actor: Actor, note: Note, lot: uuid.UUID | None = None) -> Told:
    """All of a note that the actor may see; with ``lot`` the reasons are those of its steps."""
    lots, steps = queries.lot_tree(note), queries.steps_of_lots(note.pk)
    offers = queries.offers_on(row.pk for row in lots)
    receipts = log.grades(step.action for step in steps)
    parties = {side for row in lots for side in (row.creditor, row.pledgee)}
    names = labels.names(parties)
    began = {row.pk: _began(row, steps) for row in lots}
    drawn = life.draw(lots, {id: str(step.on) for id, step in began.items() if step}, str(business_date.today()))
    cards = _cards(lots, drawn, began, offers, receipts, names)
    reasons = [reason for step in steps if lot is None or step.lot in (None, lot) for reason in step.reasons]
    return Told({row.pk: row for row in lots}, drawn, cards, _entries(steps, receipts), reasons, names, offers)


def _began(lot: ClaimRow, steps: Sequence[Step]) -> Step | None:
    """The step that opened a lot: the first on it or on the lot it was cut from that is not older than itself.

    A step is recorded in the lot's own transaction, a moment after it.
    """
    own = (lot.pk, lot.parent_id)
    return next((step for step in steps if step.lot in own and step.recorded_at >= lot.recorded_at), None)


def _cards(
    lots: Sequence[ClaimRow], drawn: life.Life, began: Mapping[uuid.UUID, Step | None], offers: Sequence[Offer],
    receipts: Mapping[uuid.UUID, str], names: Mapping[uuid.UUID, Text],
) -> list[Card]:  # fmt: skip
    today = business_date.today()
    documents = _documents(lots)
    lane = {strand.lot.pk: strand for strand in drawn.strands}
    made = {derived_id(offer.pk, "lot"): offer for offer in offers}
    taken = {offer.lot: offer for offer in offers if offer.state in ("done", "taken") and offer.purpose != "transfer"}
    cards = []
    for row in lots:
        step = began[row.pk]
        strand, status = lane.get(row.pk), shown.lot_status(row, names, today)
        cards.append(
            Card(
                lot=row,
                holder=names.get(row.creditor, shown.NOBODY),
                status=status,
                documents=[documents[key] for key in row.background if key in documents],
                offer=made.get(row.pk) or (taken.get(row.pk) if row.pledgee else None),
                began=str(step.on) if step else "",
                receipt_url=reverse("receipt", args=[step.action]) if step and step.action in receipts else "",
                short=parts.Status(status.state, tone=status.tone),
                top=f"{100 * strand.y / drawn.height:.3f}%" if strand else "",
                line=strand.tone if strand else "",
            )
        )
    return cards


def _documents(lots: Sequence[ClaimRow]) -> dict[str, Fact]:
    keys = dict.fromkeys(key for row in lots for key in row.background)
    found = queries.invoices_of([[key, 0] for key in keys]) if keys else []
    return {f"{fact.subject_id}:{fact.key}": fact for fact in found}


def _entries(steps: Sequence[Step], receipts: Mapping[uuid.UUID, str]) -> list[parts.Entry]:
    """The timeline, newest first."""
    return [_entry(step, receipts) for step in reversed(steps) if step.kind not in QUIET or step.reasons]


def _entry(step: Step, receipts: Mapping[uuid.UUID, str]) -> parts.Entry:
    amount = Money(step.amount_minor).grouped() if step.amount_minor else ""
    return parts.Entry(
        at=step.recorded_at,
        what=shown.STEPS.get(step.kind, step.kind),
        who=labels.name_of(step.by) if step.by else "",
        detail=Text(f"{amount} 元 · 营业日 {step.on}", f"CNY {amount} · business date {step.on}") if amount
        else Text(f"营业日 {step.on}", f"business date {step.on}"),
        tone=TONES.get(step.kind, "plain"),
        receipt_url=reverse("receipt", args=[step.action]) if step.action in receipts else "",
        grade=receipts.get(step.action, ""),
    )  # fmt: skip
