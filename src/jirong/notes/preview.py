"""What would happen: an engine step on what is on file now, taken without storing anything.

The pages show rule results, prices and shares before anybody signs. They ask the same step the action will take, so
the preview and the deed can only differ where the world has moved in between; rows are read without locks.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jirong.claims import store as claims
from jirong.claims.models import ClaimRow
from jirong.engine import checks, step
from jirong.engine.claims import Purpose
from jirong.engine.contract import Outcome
from jirong.engine.kinds import chain_note, lot_loan
from jirong.engine.kinds.chain_note.passing import discount_minor
from jirong.facts.models import Fact
from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.notes import backing, loans, queries, runtime
from jirong.notes.models import LotLoan, Note, Offer
from jirong.parties.models import Party
from jirong.rails.models import Leg
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

Reasons = list[dict[str, Any]]


@dataclass(frozen=True)
class Preview:
    """The reasons of the step, the outcome if it may be taken, the refusal if not."""

    reasons: Reasons
    outcome: Outcome | None = None
    refusal: Refusal | None = None


def taken(terms: Any, state: Any, event: Any, on: datetime.date) -> Preview:
    """Take a step and tell what came of it; a refusal carries the reasons it was judged by."""
    try:
        outcome = step.step(terms, state, event, on)
    except Refusal as refusal:
        reasons = refusal.details.get("reasons") or [_reason_of(refusal)]
        return Preview(reasons, refusal=refusal)
    return Preview([reason.as_dict() for reason in outcome.reasons], outcome)


def issue(
    issuer: Party, payee: Party, parts: Sequence[tuple[Fact, int]], due: datetime.date, on: datetime.date,
    *, agreed_days: int | None, note_agreed: bool, set_off_waived: bool, late_rate: Decimal | None,
) -> Preview:  # fmt: skip
    """Issuing a note on ``parts`` (invoice and minor units of it), as the rules see it before anybody signs."""
    invoices = [fact for fact, _ in parts]
    row = Note(
        id=new_id(), issuer_id=issuer.pk, payee_id=payee.pk, amount_minor=sum(minor for _, minor in parts),
        issued_on=on, due=due, late_rate=late_rate, unit="CNY", status="new", outstanding_minor=0, seen_by=[],
        backings=[[backing.key_of(fact), minor] for fact, minor in parts],
        trade={
            "buyer_size": issuer.size if issuer.size in ("large", "public") else "small",
            "seller_is_sme": payee.size in ("medium", "small", "micro"),
            "agreed_days": agreed_days,
            "note_agreed": note_agreed,
        },
    )  # fmt: skip
    event = chain_note.Issue(
        id=row.pk,
        by=issuer.pk,
        evidence=backing.evidence_of(invoices),
        standing=checks.Standing(overdue_notes=queries.overdue_notes(issuer.pk)),
        trade=runtime.trade_of(row),
        set_off_waived=set_off_waived,
    )
    return taken(runtime.terms_of(row), chain_note.NoteState(), event, on)


def accept(note: Note, on: datetime.date, consents: bool | None) -> Preview:
    """Accepting an offered note; ``consents`` is the payee's answer to its term, ``None`` before it was given."""
    with acting_as(SYSTEM):
        invoices = queries.invoices_of(note.backings)
        evidence = backing.evidence_of(invoices)
    event = chain_note.Accept(
        id=new_id(), by=note.payee_id, trade=runtime.trade_of(note), evidence=evidence, consents_to_term=consents,
        grounds=backing.lot_grounds(derived_id(note.pk, "lot")),
    )  # fmt: skip
    return taken(runtime.terms_of(note), state_of(note), event, on)


def take_offer(offer: Offer, finance: checks.Finance | None, on: datetime.date) -> Preview:
    """Taking an offer; for finance with what the funder has registered and reviewed so far."""
    grounds = backing.lot_grounds(offer.lot)
    event = chain_note.TakeOffer(id=new_id(), by=offer.to_id, offer=offer.pk, finance=finance, grounds=grounds)
    return taken(runtime.terms_of(offer.note), state_of(offer.note), event, on)


def offer(lot: ClaimRow, note: Note, made: Offer, parts: Sequence[tuple[Fact, int]], on: datetime.date) -> Preview:
    """Offering a lot, as the rules see it."""
    event = chain_note.MakeOffer(
        id=made.pk, by=lot.creditor, lot=lot.pk, to=made.to_id, amount_minor=made.amount_minor,
        purpose=Purpose(made.purpose), expires_on=made.expires_on,
        backings=backing.backings_of([fact for fact, _ in parts], [minor for _, minor in parts]),
        evidence=backing.evidence_of([fact for fact, _ in parts]), rate=made.rate, recourse=made.recourse,
        grounds=backing.grounds_of(lot.background),
    )  # fmt: skip
    return taken(runtime.terms_of(note), state_of(note), event, on)


def pay(note: Note, on: datetime.date, amount_minor: int | None = None) -> tuple[Preview, int]:
    """Paying what is due (or part of it): each payee's share, and what is due in all."""
    terms, state = runtime.terms_of(note), state_of(note)
    with acting_as(SYSTEM):
        lent = loans.standing_on(id for id, lot in state.lots.items() if lot.pledgee)
        owed = {id: 0 for id, lot in state.lots.items() if lot.pledgee}
        for row in lent:
            owed[row.lot] += lot_loan.owed_minor(loans.terms_of(row), loan_state(row), on)
    due = queries.due_minor(runtime.Running(note, terms, state, {}), on)
    event = chain_note.PayDue(id=new_id(), by=note.issuer_id, amount_minor=amount_minor or due, owed=owed)
    return taken(terms, state, event, on), due


def state_of(note: Note) -> chain_note.NoteState:
    """The note as it stands, read without locks and as the house."""
    with acting_as(SYSTEM):
        held = {
            row.pk: claims.claim_of(row) for row in ClaimRow.objects.filter(contract=note.pk, outstanding_minor__gt=0)
        }
        rows = Offer.objects.filter(note=note, state__in=["open", "taken"])
        legs = Leg.objects.filter(
            instruction__subject=note.pk, instruction__state="instructed", instruction__purpose__startswith="note."
        ).select_related("instruction")
        return chain_note.NoteState(
            status=chain_note.NoteStatus(note.status),
            outstanding_minor=note.outstanding_minor,
            lots=held,
            offers={row.pk: runtime.offer_of(row) for row in rows},
            payments={leg.pk: runtime.payment_of(leg) for leg in legs},
            lending=runtime.being_lent(held.values()),
        )


def loan_state(row: LotLoan) -> lot_loan.LoanState:
    """A loan as it stands, read without locks."""
    rows = ClaimRow.objects.filter(contract=row.pk)
    return lot_loan.LoanState(
        status=lot_loan.LoanStatus(row.status),
        claims={claim.pk: claims.claim_of(claim) for claim in rows},
        accrued_to=row.accrued_to,
    )


def loan_terms(offer: Offer) -> lot_loan.LoanTerms:
    """The terms a loan asked for by ``offer`` would have."""
    note = runtime.terms_of(offer.note)
    return lot_loan.LoanTerms(
        id=derived_id(offer.pk, "loan"), borrower=offer.by_id, lender=offer.to_id, lot=offer.lot,
        principal_minor=offer.loan_minor or 0, rate=offer.loan_rate or Decimal(0), due=note.payable_on,
        rules=note.rules, overdue_rate=offer.overdue_rate,
    )  # fmt: skip


def price_minor(note: Note, amount_minor: int, rate: Decimal, on: datetime.date) -> int:
    """What a discount of ``amount_minor`` at yearly ``rate`` pays today."""
    return amount_minor - discount_minor(amount_minor, rate, on, runtime.terms_of(note).payable_on)


def _reason_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal that came before any rule was asked, in the form of a reason."""
    told: dict[str, Any] = {
        "code": refusal.code, "holds": False, "effect": "bar", "text": refusal.reason.as_dict(), "inputs": {},
    }  # fmt: skip
    return told | ({"remedy": refusal.remedy.as_dict()} if refusal.remedy else {})
