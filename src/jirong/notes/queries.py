"""Reading notes: one's own as issuer, holder or asked funder; offers to answer; what falls due."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value

from jirong.claims import queries as claims
from jirong.claims.models import ClaimRow
from jirong.engine.claims import State
from jirong.engine.kinds import chain_note
from jirong.facts.models import Fact
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.notes import runtime
from jirong.notes.models import LotLoan, Note, Offer, Step
from jirong.parties.models import Party
from jirong.rails.models import Leg
from jirong.store import hot
from jirong.store.identity import SYSTEM, Actor, acting_as

NOTE = hot.Read(Note, "id = %s")
OFFER = hot.Read(Offer, "id = %s")


def access_note(actor: Actor, id: uuid.UUID) -> Note:
    """A note that reached the actor; any other answers as if it did not exist."""
    found = NOTE.first(id)
    if found is None:
        raise NotFound("note.unknown", Text("没有这张链单", "There is no such note"))
    return found


def access_lot(actor: Actor, id: uuid.UUID) -> ClaimRow:
    return claims.access_claim(actor, id, chain_note.LOT)


def access_offer(actor: Actor, id: uuid.UUID) -> Offer:
    """An offer the actor made or received."""
    found = OFFER.first(id)
    if found is None or (actor.role == "party" and actor.party not in (found.by_id, found.to_id)):
        raise NotFound("offer.unknown", Text("没有这项要约", "There is no such offer"))
    return found


def access_loan(actor: Actor, id: uuid.UUID) -> LotLoan:
    """A loan the actor gave or took; what it costs is nobody else's, the operator's neither."""
    found = LotLoan.objects.select_related("lender", "borrower").filter(pk=id).first()
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
    waiting = {payment.lot for payment in running.state.payments.values()} | running.state.lending
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


# For the pages: rows with what a list shows, and the sums a home page opens with.


def dated(rows: QuerySet[Any], today: datetime.date) -> QuerySet[Any]:
    """Rows that know the business date, so that a cell can say how many days are left."""
    found: QuerySet[Any] = rows.annotate(today=Value(today, output_field=DateField()))
    return found


def lots_shown(actor: Actor, today: datetime.date, *, past: bool = False) -> QuerySet[ClaimRow]:
    """Lots in the actor's hands or pledged to it (``past``: also those it held), with number and names."""
    rows = ClaimRow.objects.filter(kind=chain_note.LOT)
    mine = Q(creditor=actor.party) | Q(pledgee=actor.party)
    rows = rows.filter(mine) if past else rows.filter(mine, outstanding_minor__gt=0)
    found: QuerySet[ClaimRow] = dated(rows, today).annotate(
        number=Subquery(Note.objects.filter(pk=OuterRef("contract")).values("number")[:1]),
        issuer_name=_name("debtor", "name"),
        issuer_name_en=_name("debtor", "name_en"),
        pledgee_name=_name("pledgee", "name"),
    )
    return found


def _name(side: str, field: str) -> Subquery:
    return Subquery(Party.objects.filter(pk=OuterRef(side)).values(field)[:1])


def note_sums(actor: Actor, today: datetime.date) -> dict[str, Any]:
    """What the actor issued and owes, in one query: sums in minor units and counts."""
    soon = today + datetime.timedelta(days=30)
    open_ = Q(status__in=["live", "overdue"])
    return Note.objects.filter(issuer=actor.party).aggregate(
        outstanding=Sum("outstanding_minor", filter=open_),
        live=Count("pk", filter=open_),
        soon=Sum("outstanding_minor", filter=open_ & Q(due__lte=soon)),
        soon_count=Count("pk", filter=open_ & Q(due__lte=soon)),
        overdue=Sum("outstanding_minor", filter=Q(status="overdue")),
        overdue_count=Count("pk", filter=Q(status="overdue")),
        offered=Sum("amount_minor", filter=Q(status="offered")),
        offered_count=Count("pk", filter=Q(status="offered")),
    )


def lot_sums(actor: Actor) -> dict[str, Any]:
    """What the actor holds, in one query: all of it, what is free, pledged, promised, frozen, and not yet accepted."""
    assert actor.party is not None, "guarded"
    held = Q(creditor=actor.party, state__in=["held", "overdue"])
    usable = held & Q(pledgee=None, frozen_by="", state="held")
    return ClaimRow.objects.filter(kind=chain_note.LOT, creditor=actor.party).aggregate(
        held=Sum("outstanding_minor", filter=held),
        free=Sum(F("outstanding_minor") - F("reserved_minor"), filter=usable),
        free_count=Count("pk", filter=usable & Q(reserved_minor__lt=F("outstanding_minor"))),
        pledged=Sum("outstanding_minor", filter=held & Q(pledgee__isnull=False)),
        promised=Sum("reserved_minor", filter=held),
        frozen=Sum("outstanding_minor", filter=held & ~Q(frozen_by="")),
        offered=Sum("outstanding_minor", filter=Q(creditor=actor.party, state="offered")),
        offered_count=Count("pk", filter=Q(creditor=actor.party, state="offered")),
        overdue=Sum("outstanding_minor", filter=held & Q(state="overdue")),
    )


def received_count(actor: Actor) -> int:
    """Offers that await the actor's answer."""
    return Offer.objects.filter(to=actor.party, state="open").count()


def book(actor: Actor) -> list[dict[str, Any]]:
    """A bank's book as rows of ``month, issuer, minor``: lots it bought and principal it is owed, by maturity.

    A loan stands under the issuer whose note secures it: that is whose payment repays it.
    """
    assert actor.party is not None, "guarded"
    bought = ClaimRow.objects.filter(kind=chain_note.LOT, creditor=actor.party, outstanding_minor__gt=0)
    rows = [
        (row["due"], row["debtor"], row["minor"], "lot")
        for row in bought.values("due", "debtor").annotate(minor=Sum("outstanding_minor"))
    ]
    lent = LotLoan.objects.filter(lender=actor.party, status__in=["live", "overdue"])
    rows += [
        (row["due"], row["offer__note__issuer"], row["minor"], "loan")
        for row in lent.values("due", "offer__note__issuer").annotate(minor=Sum("principal_minor"))
    ]
    return [{"due": due, "issuer": issuer, "minor": minor, "kind": kind} for due, issuer, minor, kind in rows]


def last_rate(actor: Actor) -> Offer | None:
    """The last financing the actor was granted, for the rate it had."""
    done = Offer.objects.filter(by=actor.party, purpose__in=["pledge", "discount"], state__in=["done", "taken"])
    return done.order_by("-recorded_at").first()


def offers_on(lots: Iterable[uuid.UUID]) -> list[Offer]:
    """Offers on lots that the identity made or received, newest first."""
    found = Offer.objects.filter(lot__in=set(lots)).select_related("note", "by", "to")
    return list(found.order_by("-recorded_at", "-pk"))


def steps_of_lots(note: uuid.UUID) -> list[Step]:
    """A note's steps as far as the identity sees them, oldest first."""
    return list(Step.objects.filter(note=note).select_related("by").order_by("recorded_at", "pk"))


def loans_on(lots: Iterable[uuid.UUID]) -> list[LotLoan]:
    return list(LotLoan.objects.filter(lot__in=set(lots)).select_related("lender", "borrower").order_by("recorded_at"))


def issuer_stands(issuer: uuid.UUID) -> dict[str, Any]:
    """What a funder may know of an issuer as a payer: notes settled, live and overdue, without anybody's name."""
    with acting_as(SYSTEM):
        return Note.objects.filter(issuer=issuer).aggregate(
            settled=Count("pk", filter=Q(status="settled")),
            live=Count("pk", filter=Q(status="live")),
            overdue=Count("pk", filter=Q(status="overdue")),
        )


def to_close(today: datetime.date) -> int:
    """How many notes and loans the close of ``today`` would touch. For the operator."""
    lapsing = Offer.objects.filter(state="open", expires_on__lte=today).values("note")
    with acting_as(SYSTEM):
        due = Note.objects.filter(Q(status__in=["live", "offered"], due__lte=today) | Q(pk__in=lapsing, status="live"))
        return due.count() + loans_falling_due(today).count()


def loans_falling_due(on: datetime.date) -> QuerySet[LotLoan]:
    """Live loans to be marked overdue at the close of ``on``: not those whose payment the bank has yet to answer."""
    waiting = Leg.objects.filter(lot=OuterRef("lot"), because="pledgee", instruction__state="instructed")
    return LotLoan.objects.filter(~Exists(waiting), status="live", due__lte=on)


def proofs_of(lot: ClaimRow) -> list[uuid.UUID]:
    """The actions that prove a lot: its note's issue and acceptance, and each passing on down to it.

    What became of the other lots of the note is not among them. Reads as the house.
    """
    lineage = [lot.pk]
    row: ClaimRow | None = lot
    while row is not None and row.parent_id is not None:
        row = row.parent
        if row is not None:
            lineage.append(row.pk)
    made = Q(kind__in=["issue", "accept", "take"], lot__in=lineage)
    return list(Step.objects.filter(made, note=lot.contract).values_list("action", flat=True))
