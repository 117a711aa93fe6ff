"""Between the engine and the tables: load what an event touches, take the step, store what came of it.

A step on one lot locks that lot and shares the header (FOR KEY SHARE, which an update of ``seen_by`` does not break),
so lots of one note move side by side; a maturity takes the header for itself (FOR UPDATE) and every open lot with it.
Locks are always taken header first, then claims in id order.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from jirong.claims import store as claims
from jirong.engine import checks, step
from jirong.engine.checks import Backing
from jirong.engine.claims import Claim, Hold, Purpose
from jirong.engine.contract import Outcome
from jirong.engine.intents import Payment
from jirong.engine.kinds import chain_note
from jirong.engine.reasons import Reason
from jirong.kernel.money import UNITS
from jirong.log.actions import concern
from jirong.notes.models import LotLoan, Note, Offer, Step
from jirong.rails import actions as rails
from jirong.rails.models import Leg
from jirong.store import catalogue, hot
from jirong.store.identity import SYSTEM, acting_as

HEADER = hot.Read(Note, "id = %s FOR KEY SHARE")
# An offer that was dropped or done is none any more, whatever else may be reserved on its lot.
STANDING = hot.Read(Offer, "id = ANY(%s) AND state IN ('open', 'taken') ORDER BY id FOR NO KEY UPDATE")
PURPOSE = {"discount": "note.discount", "recourse": "note.recourse"}
"""The rails' purpose of a payment by why it is made; everything else pays the note itself (``note.pay``)."""


@dataclass(frozen=True, slots=True)
class Running:
    """A note as loaded for one step: its row, the engine's terms and state, and the offers' rows."""

    row: Note
    terms: chain_note.NoteTerms
    state: chain_note.NoteState
    offers: dict[uuid.UUID, Offer]


def terms_of(row: Note) -> chain_note.NoteTerms:
    return chain_note.NoteTerms(
        id=row.pk,
        issuer=row.issuer_id,
        payee=row.payee_id,
        amount_minor=row.amount_minor,
        issued_on=row.issued_on,
        due=row.due,
        backings=backings_of(row.backings),
        rules=catalogue.rulebook(),
        unit=UNITS[row.unit],
        late_rate=row.late_rate,
    )


def backings_of(pairs: Iterable[Sequence[Any]]) -> tuple[Backing, ...]:
    return tuple(Backing(invoice, minor) for invoice, minor in pairs)


def trade_of(row: Note) -> checks.Trade:
    return checks.Trade(**{**row.trade, "buyer_size": checks.BuyerSize(row.trade["buyer_size"])})


def load(note: uuid.UUID, lots: Iterable[uuid.UUID] = (), offers: Iterable[uuid.UUID] = ()) -> Running:
    """The note for a step on some lots; the header is shared with other such steps, payments are not looked at."""
    with acting_as(SYSTEM):
        (row,) = HEADER.rows(note)
        wanted = sorted(set(offers))
        rows = STANDING.rows(wanted) if wanted else []
        held = claims.lock({*lots, *(offer.lot for offer in rows)})
    return _running(row, held, rows, {})


def load_whole(note: uuid.UUID, answered: Iterable[Leg] = ()) -> Running:
    """The note with every open claim and offer and the payments that await an answer (or are being ``answered``);
    nothing else moves meanwhile.
    """
    with acting_as(SYSTEM):
        row = Note.objects.select_for_update().get(pk=note)
        rows = list(
            Offer.objects.select_for_update(no_key=True).filter(note=note, state__in=["open", "taken"]).order_by("pk")
        )
        held = {id: claim for id, claim in claims.lock_contract(note).items() if claim.is_open}
    payments = _unanswered(row.pk) | {leg.pk: payment_of(leg) for leg in answered}
    return _running(row, held, rows, payments, being_lent(held.values()))


def take(
    running: Running,
    event: Any,
    on: datetime.date,
    *,
    kind: str,
    lot: uuid.UUID | None = None,
    amount_minor: int | None = None,
    shown_to: Iterable[uuid.UUID] = (),
) -> Running:
    """Take the step, store everything it changed, and answer with the note after it."""
    outcome = step.step(running.terms, running.state, event, on)
    shown = set(shown_to)
    row = _store_header(running, outcome, shown)
    claims.apply(
        outcome.changes,
        contract=row.pk,
        journal=event.id,
        on=on,
        shown_to={lot: shown} if lot and lot in outcome.changes.claims else None,
    )
    offers = _store_offers(running, outcome)
    _instruct(outcome.changes.payments, row.pk, on)
    parties = _parties(running, outcome) | shown
    record(
        row, event.id, kind, on, outcome.reasons, parties, by=getattr(event, "by", None), lot=lot, minor=amount_minor
    )
    concern(*parties)
    return replace(running, row=row, state=outcome.state, offers=offers)


def record(
    note: Note,
    action: uuid.UUID,
    kind: str,
    on: datetime.date,
    reasons: Iterable[Reason],
    seen_by: Iterable[uuid.UUID],
    *,
    by: uuid.UUID | None,
    lot: uuid.UUID | None = None,
    minor: int | None = None,
) -> None:
    """Keep what happened and why, for the timeline and the why drawer."""
    row = Step(
        action=action, note=note, lot=lot, kind=kind, by_id=by, on=on, amount_minor=minor,
        reasons=[reason.as_dict() for reason in reasons], seen_by=sorted(set(seen_by)),
    )  # fmt: skip
    with acting_as(SYSTEM):
        hot.insert(row)


def being_lent(lots: Iterable[Claim]) -> frozenset[uuid.UUID]:
    """Pledged lots whose loan the bank has been told to pay out and has not answered."""
    pledged = [lot.id for lot in lots if lot.pledgee]
    if not pledged:
        return frozenset()
    with acting_as(SYSTEM):
        return frozenset(LotLoan.objects.filter(lot__in=pledged, status="paying").values_list("lot", flat=True))


def _running(
    row: Note,
    held: dict[uuid.UUID, Claim],
    offers: list[Offer],
    payments: dict[uuid.UUID, Payment],
    lending: frozenset[uuid.UUID] = frozenset(),
) -> Running:
    state = chain_note.NoteState(
        status=chain_note.NoteStatus(row.status),
        outstanding_minor=row.outstanding_minor,
        lots=held,
        offers={offer.pk: offer_of(offer) for offer in offers},
        payments=payments,
        lending=lending,
    )
    return Running(row, terms_of(row), state, {offer.pk: offer for offer in offers})


def offer_of(row: Offer) -> chain_note.Offer:
    hold = Hold(id=row.pk, claim=row.lot, to=row.to_id, amount_minor=row.amount_minor, purpose=Purpose(row.purpose))
    return chain_note.Offer(
        hold=hold,
        expires_on=row.expires_on,
        backings=backings_of(row.backings),
        rate=row.rate,
        recourse=row.recourse,
        price_minor=row.price_minor,
        payment=row.payment,
    )


def payment_of(leg: Leg) -> Payment:
    return Payment(
        id=leg.pk,
        payer=leg.instruction.payer_id,
        payee=leg.payee_id,
        amount_minor=leg.amount_minor,
        unit=UNITS[leg.unit],
        because=leg.because,
        lot=leg.lot,
        settles=tuple((uuid.UUID(claim), minor) for claim, minor in leg.settles),
    )


def _unanswered(note: uuid.UUID) -> dict[uuid.UUID, Payment]:
    with acting_as(SYSTEM):
        legs = Leg.objects.filter(
            instruction__subject=note, instruction__state="instructed", instruction__purpose__startswith="note."
        ).select_related("instruction")
        return {leg.pk: payment_of(leg) for leg in legs}


def _store_header(running: Running, outcome: Outcome, shown: set[uuid.UUID]) -> Note:
    row = running.row
    status, outstanding = outcome.state.status.value, outcome.state.outstanding_minor
    seen = set(row.seen_by) | _parties(running, outcome) | shown
    if (row.status, row.outstanding_minor, set(row.seen_by)) != (status, outstanding, seen):
        with acting_as(SYSTEM):
            if seen != set(row.seen_by):
                _show(row.pk, seen)
            if (row.status, row.outstanding_minor) != (status, outstanding):
                Note.objects.filter(pk=row.pk).update(status=status, outstanding_minor=outstanding)
        row.status, row.outstanding_minor, row.seen_by = status, outstanding, sorted(seen)
    return row


def _show(note: uuid.UUID, parties: set[uuid.UUID]) -> None:
    """Add viewers in one statement: two steps on different lots may do so at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notes_note SET seen_by = ARRAY(SELECT DISTINCT unnest(seen_by || %s::uuid[]) ORDER BY 1) "
            "WHERE id = %s AND NOT seen_by @> %s::uuid[]",
            [sorted(parties), note, sorted(parties)],
        )


def _store_offers(running: Running, outcome: Outcome) -> dict[uuid.UUID, Offer]:
    """Offers that left the state are done (their lot passed) or, where the caller said so already, dropped."""
    offers = dict(running.offers)
    with acting_as(SYSTEM):
        for id, row in running.offers.items():
            now = outcome.state.offers.get(id)
            if now is None:
                opened_for = any(claim.parent == row.lot for claim in outcome.changes.opened)
                pledged = row.purpose == "pledge" and any(
                    c.pledgee == row.to_id for c in outcome.changes.claims.values()
                )
                row.state = "done" if opened_for or pledged else "lapsed"
                offers.pop(id)
            else:
                row.state = "taken" if now.payment else "open"
                row.price_minor, row.payment = now.price_minor, now.payment
            _write_offer(row)
    return offers


def _write_offer(row: Offer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notes_offer SET state = %s, price_minor = %s, payment = %s WHERE id = %s",
            [row.state, row.price_minor, row.payment, row.pk],
        )


def _instruct(payments: Sequence[Payment], note: uuid.UUID, on: datetime.date) -> None:
    """One instruction for each payer and purpose; a maturity is one order of the issuer to its bank."""
    groups: dict[tuple[uuid.UUID, str], list[Payment]] = {}
    for payment in payments:
        groups.setdefault((payment.payer, PURPOSE.get(payment.because, "note.pay")), []).append(payment)
    for (_, purpose), group in groups.items():
        rails.instruct(group, id=group[0].id, purpose=purpose, subject=note, on=on)


def _parties(running: Running, outcome: Outcome) -> set[uuid.UUID]:
    touched = outcome.changes.claims.values()
    sides = {p for claim in touched for p in (claim.creditor, claim.pledgee, claim.recourse) if p}
    return {running.row.issuer_id, *sides}
