"""Reading notes: one's own as issuer, holder or asked funder; offers to answer; what falls due."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum

from jirong.claims import queries as claims
from jirong.claims.models import ClaimRow
from jirong.engine.claims import State
from jirong.engine.kinds import chain_note
from jirong.facts.models import Fact
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.notes import runtime
from jirong.notes.models import LotLoan, Note, Offer, Step
from jirong.store.identity import Actor


def access_note(actor: Actor, id: uuid.UUID) -> Note:
    """A note that reached the actor; any other answers as if it did not exist."""
    found = Note.objects.select_related("issuer", "payee").filter(pk=id).first()
    if found is None:
        raise NotFound("note.unknown", Text("没有这张链单", "There is no such note"))
    return found


def access_lot(actor: Actor, id: uuid.UUID) -> ClaimRow:
    return claims.access_claim(actor, id, chain_note.LOT)


def access_offer(actor: Actor, id: uuid.UUID) -> Offer:
    """An offer the actor made or received."""
    found = Offer.objects.select_related("note", "by", "to").filter(pk=id).first()
    if found is None or (actor.role == "party" and actor.party not in (found.by_id, found.to_id)):
        raise NotFound("offer.unknown", Text("没有这项要约", "There is no such offer"))
    return found


def access_loan(actor: Actor, id: uuid.UUID) -> LotLoan:
    found = LotLoan.objects.select_related("lender", "borrower", "offer__note").filter(pk=id).first()
    if found is None:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    return found


def issued(actor: Actor, status: str = "") -> QuerySet[Note]:
    """Notes the actor issued, newest first."""
    found = Note.objects.filter(issuer=actor.party).select_related("issuer", "payee")
    return (found.filter(status=status) if status else found).order_by("-recorded_at", "-pk")


def visible(actor: Actor, status: str = "") -> QuerySet[Note]:
    """Every note the actor may see, newest first."""
    found = Note.objects.select_related("issuer", "payee")
    return (found.filter(status=status) if status else found).order_by("-recorded_at", "-pk")


def lots(actor: Actor) -> QuerySet[ClaimRow]:
    """Lots in the actor's hands or pledged to it, by due date."""
    return ClaimRow.objects.filter(
        Q(creditor=actor.party) | Q(pledgee=actor.party), kind=chain_note.LOT, outstanding_minor__gt=0
    ).order_by("due", "pk")


def offers(actor: Actor, *, received: bool, state: str = "") -> QuerySet[Offer]:
    """Offers received (or made) by the actor, newest first."""
    found = Offer.objects.filter(**{"to" if received else "by": actor.party}).select_related("note", "by", "to")
    return (found.filter(state=state) if state else found).order_by("-recorded_at", "-pk")


def waiting_notes(actor: Actor) -> QuerySet[Note]:
    """Notes offered to the actor that await its acceptance."""
    return Note.objects.filter(payee=actor.party, status="offered").select_related("issuer").order_by("recorded_at")


def maturities(actor: Actor) -> QuerySet[Note]:
    """The actor's own notes that are to be paid, by due date."""
    return (
        Note.objects.filter(issuer=actor.party, status__in=["live", "overdue"])
        .select_related("payee")
        .order_by("due", "pk")
    )


def loans(actor: Actor) -> QuerySet[LotLoan]:
    """Loans against lots the actor gave or took, newest first."""
    return (
        LotLoan.objects.filter(Q(lender=actor.party) | Q(borrower=actor.party))
        .select_related("lender", "borrower", "offer__note")
        .order_by("-recorded_at", "-pk")
    )


def steps(note: Note) -> QuerySet[Step]:
    """What happened to a note that the actor may know, newest first."""
    return Step.objects.filter(note=note).select_related("by").order_by("-recorded_at", "-pk")


def lot_tree(note: Note) -> list[ClaimRow]:
    """The visible lots of a note, parents first."""
    return list(ClaimRow.objects.filter(contract=note.pk, kind=chain_note.LOT).order_by("tier", "recorded_at", "pk"))


def overdue_notes(issuer: uuid.UUID) -> int:
    """How many notes the issuer has left unpaid at maturity (issuing stops while there are any)."""
    return Note.objects.filter(issuer=issuer, status="overdue").count()


def invoices_of(backings: Iterable[Sequence[Any]]) -> list[Fact]:
    """The invoices' facts behind ``[[invoice key, minor], …]``, in that order."""
    keys = [key.partition(":") for key, _ in backings]
    rows = Fact.objects.filter(
        kind="invoice",
        subject__in={uuid.UUID(seller) for seller, _, _ in keys},
        key__in={number for _, _, number in keys},
        corrections__isnull=True,
    ).order_by("recorded_at", "pk")
    found: dict[tuple[str, str], Fact] = {}
    for row in rows:
        found.setdefault((str(row.subject_id), row.key), row)
    return [found[seller, number] for seller, _, number in keys if (seller, number) in found]


def due_minor(running: runtime.Running, on: datetime.date) -> int:
    """All that is to be paid on ``on``: what is outstanding and late interest not yet charged.

    Lots whose last payment the bank has not answered wait, as in the engine.
    """
    waiting = {payment.lot for payment in running.state.payments.values()}
    taken = {offer.hold.claim for offer in running.state.offers.values() if offer.payment}
    due = 0
    for claim in running.state.lots.values():
        lot = claim.parent if claim.kind == chain_note.LATE_INTEREST else claim.id
        if lot in waiting or lot in taken or claim.state not in (State.HELD, State.OVERDUE):
            continue
        due += claim.outstanding_minor
        if claim.kind == chain_note.LOT:
            due += chain_note.late_interest_minor(running.terms, claim, on)
    return due


def paid_on_loans(loans: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    """What was paid so far, in minor units, by (loan, claim kind ``loan`` or ``interest``)."""
    rows = ClaimRow.objects.filter(contract__in=list(loans)).values_list("contract", "kind")
    return {(contract, kind): paid for contract, kind, paid in rows.annotate(paid=Sum("settled_minor"))}
