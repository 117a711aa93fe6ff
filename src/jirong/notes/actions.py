"""What parties do with a note: issue, accept, offer, take, drop, release, pay. Each is one engine step, stored.

The engine decides; this file authorises, gathers what the step needs to know from facts and ledger, and hands over.
Issuing, accepting, offering and taking ask for the party's own key where it has one; issuing takes two people.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from jirong.claims import queries as claims_queries
from jirong.engine import checks
from jirong.engine.claims import Purpose
from jirong.engine.kinds import chain_note
from jirong.engine.kinds.chain_note import Ending
from jirong.facts.models import Fact
from jirong.kernel.errors import Forbidden, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.limits import Length
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import disclosing
from jirong.log.actions import action, concern
from jirong.notes import backing, bounds, loans, queries, runtime
from jirong.notes.models import Note, Offer
from jirong.parties import queries as parties
from jirong.store import business_date, hot
from jirong.store.identity import SYSTEM, Actor, acting_as

Outcome = dict[str, Any]
Registration = Annotated[str, Length(0, 60)]
"""The number of the entry in the movable-property register; the engine refuses money without one."""


@dataclass(frozen=True, slots=True)
class InvoicePart:
    """``amount`` of the invoice with fact id ``invoice``."""

    invoice: uuid.UUID
    amount: Money


@action("note.issue", Text("开立链单", "Issue a chain note"), own_key=True, two_people=True)
def issue_note(
    *,
    actor: Actor,
    id: uuid.UUID,
    payee: uuid.UUID,
    backings: list[InvoicePart],
    due: datetime.date,
    agreed_days: int | None = None,
    note_agreed: bool = True,
    set_off_waived: bool = True,
    late_rate: Decimal | None = None,
    cluster: uuid.UUID | None = None,
) -> Outcome:
    """Promise to pay ``payee`` on ``due`` what the invoices' parts sum to; it awaits the payee's acceptance.

    ``agreed_days`` is the payment term of the contract in days from acceptance (``None``: none agreed),
    ``note_agreed`` whether the contract provides for payment by note, ``set_off_waived`` the issuer's waiver.
    """
    issuer, today = _party(actor, "core"), business_date.today()
    bounds.after_today(due, today)
    if late_rate is not None:
        bounds.rate(late_rate, "late_rate")
    bounds.agreed_days(agreed_days, today)
    bounds.in_cluster(cluster, issuer)
    invoices, amounts = _parts(backings)
    evidence = backing.evidence_of(invoices, opening=True)
    size = parties.party(issuer).size
    seller = parties.party(payee)
    trade = {
        "buyer_size": size if size in ("large", "public") else "small",
        "seller_is_sme": seller.size in ("medium", "small", "micro"),
        "agreed_days": agreed_days,
        "note_agreed": note_agreed,
    }
    row = Note(
        id=id,
        number=number_of(id, today),
        cluster_id=cluster,
        issuer_id=issuer,
        payee_id=payee,
        amount_minor=sum(amounts),
        issued_on=today,
        due=due,
        late_rate=late_rate,
        backings=[[part.invoice, part.amount_minor] for part in backing.backings_of(invoices, amounts)],
        trade=trade,
        status=chain_note.NoteStatus.NEW.value,
        outstanding_minor=0,
        seen_by=sorted({issuer, payee}),
    )
    with acting_as(SYSTEM):
        hot.insert(row)
    event = chain_note.Issue(
        id=id,
        by=issuer,
        evidence=evidence,
        standing=checks.Standing(overdue_notes=queries.overdue_notes(issuer)),
        trade=runtime.trade_of(row),
        set_off_waived=set_off_waived,
    )
    running = runtime.Running(row, runtime.terms_of(row), chain_note.NoteState(), {})
    lot = derived_id(id, "lot")
    runtime.take(running, event, today, kind="issue", lot=lot, amount_minor=row.amount_minor)
    concern(payee)
    return {"note": str(id), "number": row.number, "lot": str(lot), "state": "offered"}


@action("note.accept", Text("签收链单", "Accept a chain note"), own_key=True)
def accept_note(*, actor: Actor, id: uuid.UUID, note: uuid.UUID, consents_to_term: bool | None = None) -> Outcome:
    """The payee takes the note; where its term clashes with the payment rules the answer to it is recorded."""
    party = _access(actor, note)
    today = business_date.today()
    running = runtime.load(note, [derived_id(note, "lot")])
    invoices = _invoices(running.row)
    event = chain_note.Accept(
        id=id,
        by=party,
        trade=runtime.trade_of(running.row),
        evidence=backing.evidence_of(invoices),
        grounds=backing.lot_grounds(derived_id(note, "lot")),
        consents_to_term=consents_to_term,
    )
    lot = derived_id(note, "lot")
    running = runtime.take(running, event, today, kind="accept", lot=lot)
    with acting_as(SYSTEM):
        Note.objects.filter(pk=note).update(consent=consents_to_term)
    return {"note": str(note), "lot": str(lot), "state": "held"}


@action("note.decline", Text("拒收或撤回链单", "Decline or withdraw a note"))
def decline_note(*, actor: Actor, id: uuid.UUID, note: uuid.UUID) -> Outcome:
    """The payee refuses the offered note, or the issuer takes it back; its invoices are free again."""
    party = _access(actor, note)
    today = business_date.today()
    running = runtime.load(note, [derived_id(note, "lot")])
    why = Ending.WITHDRAWN if party == running.row.issuer_id else Ending.REFUSED
    event = chain_note.Decline(id=id, by=party, why=why)
    runtime.take(running, event, today, kind="decline", lot=derived_id(note, "lot"))
    return {"note": str(note), "state": "void"}


@action("lot.transfer", Text("转让份额", "Offer a lot in payment"), own_key=True)
def transfer_lot(
    *, actor: Actor, id: uuid.UUID, lot: uuid.UUID, to: uuid.UUID, backings: list[InvoicePart],
    expires_on: datetime.date | None = None,
) -> Outcome:  # fmt: skip
    """Offer part or all of a lot to a supplier for its invoices; it passes when the supplier takes it."""
    invoices, amounts = _parts(backings)
    parts = backing.backings_of(invoices, amounts)
    offer = Offer(
        id=id, lot=lot, to_id=to, amount_minor=sum(amounts), purpose=Purpose.TRANSFER.value,
        backings=[[part.invoice, part.amount_minor] for part in parts],
    )  # fmt: skip
    return _offer(actor, offer, expires_on, backings=parts, invoices=invoices)


@action("lot.ask_loan", Text("质押份额申请贷款", "Ask for a loan against a lot"), own_key=True)
def ask_loan(
    *, actor: Actor, id: uuid.UUID, lot: uuid.UUID, lender: uuid.UUID, principal: Money, rate: Decimal,
    overdue_rate: Decimal | None = None, amount: Money | None = None, expires_on: datetime.date | None = None,
) -> Outcome:  # fmt: skip
    """Offer a lot (or ``amount`` of it) as security for a loan of ``principal`` at yearly ``rate`` (0.035 = 3.50 %).

    ``overdue_rate`` is what unpaid principal bears after the due date: 1.3 to 1.5 times the rate (银发〔2003〕251号),
    the most of it where none is asked. The lender takes the offer as it stands.
    """
    row = claims_queries.access_claim(actor, lot, chain_note.LOT)
    bounds.funder(lender, business_date.today(), "lender")
    bounds.positive(principal, "principal")
    bounds.rate(rate)
    offer = Offer(
        id=id, lot=lot, to_id=lender, amount_minor=(row.outstanding_minor if amount is None else amount.minor),
        purpose=Purpose.PLEDGE.value, loan_minor=principal.minor, loan_rate=rate,
        overdue_rate=bounds.overdue_rate(overdue_rate, rate, business_date.today()),
    )  # fmt: skip
    return _offer(actor, offer, expires_on, show_papers=True)


@action("lot.ask_discount", Text("申请贴现", "Ask for a discount"), own_key=True)
def ask_discount(
    *, actor: Actor, id: uuid.UUID, lot: uuid.UUID, funder: uuid.UUID, rate: Decimal, recourse: bool = False,
    amount: Money | None = None, expires_on: datetime.date | None = None,
) -> Outcome:  # fmt: skip
    """Offer a lot (or ``amount`` of it) for sale at yearly discount ``rate``, with or without recourse."""
    row = claims_queries.access_claim(actor, lot, chain_note.LOT)
    bounds.funder(funder, business_date.today(), "funder")
    bounds.rate(rate)
    offer = Offer(
        id=id, lot=lot, to_id=funder, amount_minor=(row.outstanding_minor if amount is None else amount.minor),
        purpose=Purpose.DISCOUNT.value, rate=rate, recourse=recourse,
    )  # fmt: skip
    return _offer(actor, offer, expires_on, show_papers=True)


@action("offer.take", Text("接受份额", "Take a lot offered in payment"), own_key=True)
def take_offer(*, actor: Actor, id: uuid.UUID, offer: uuid.UUID) -> Outcome:
    """A supplier takes a lot offered in payment of its invoices."""
    row = _access_offer(actor, offer, Purpose.TRANSFER)
    today = business_date.today()
    running = runtime.load(row.note_id, offers=[offer])
    event = chain_note.TakeOffer(id=id, by=_acting(actor), offer=offer, grounds=backing.lot_grounds(row.lot))
    lot = derived_id(offer, "lot")
    runtime.take(running, event, today, kind="take", lot=lot, amount_minor=row.amount_minor)
    return {"offer": str(offer), "lot": str(lot), "state": "held"}


@action("offer.discount", Text("贴现买入份额", "Buy a lot at a discount"), own_key=True)
def buy_lot(
    *, actor: Actor, id: uuid.UUID, offer: uuid.UUID, registration: Registration, registered_on: datetime.date,
    background_checked: bool, term_reviewed: bool = False,
) -> Outcome:  # fmt: skip
    """A funder takes a discount: its payment is instructed now, the lot passes when its bank confirms."""
    row = _access_offer(actor, offer, Purpose.DISCOUNT)
    finance = _finance(actor, registration, registered_on, background_checked, term_reviewed)
    today = business_date.today()
    running = runtime.load(row.note_id, offers=[offer])
    grounds = backing.lot_grounds(row.lot)
    event = chain_note.TakeOffer(id=id, by=_acting(actor), offer=offer, finance=finance, grounds=grounds)
    running = runtime.take(running, event, today, kind="buy", lot=row.lot, amount_minor=row.amount_minor)
    price = running.offers[offer].price_minor or 0
    return {"offer": str(offer), "price": str(Money(price)), "state": "taken"}


@action("offer.lend", Text("质押放款", "Lend against a lot"), own_key=True)
def lend(
    *, actor: Actor, id: uuid.UUID, offer: uuid.UUID, registration: Registration, registered_on: datetime.date,
    background_checked: bool, term_reviewed: bool = False,
) -> Outcome:  # fmt: skip
    """A bank takes the pledge and instructs the pay-out of the loan asked for, at the rates asked for, in one step."""
    row = _access_offer(actor, offer, Purpose.PLEDGE)
    finance = _finance(actor, registration, registered_on, background_checked, term_reviewed)
    today = business_date.today()
    running = runtime.load(row.note_id, offers=[offer])
    grounds = backing.lot_grounds(row.lot)
    event = chain_note.TakeOffer(id=id, by=_acting(actor), offer=offer, finance=finance, grounds=grounds)
    running = runtime.take(running, event, today, kind="pledge", lot=row.lot, amount_minor=row.amount_minor)
    pledged = next(claim for claim in running.state.lots.values() if claim.pledgee == actor.party)
    loan = loans.disburse(running, row, pledged, finance, action=id, on=today)
    return {"offer": str(offer), "loan": str(loan.pk), "lot": str(pledged.id), "state": loan.status}


@action("offer.drop", Text("拒绝或撤回要约", "Refuse or withdraw an offer"))
def drop_offer(*, actor: Actor, id: uuid.UUID, offer: uuid.UUID) -> Outcome:
    """The other side refuses, or the holder withdraws; what was reserved is free again."""
    row = _access_offer(actor, offer, None)
    why = Ending.WITHDRAWN if row.by_id == actor.party else Ending.REFUSED
    today = business_date.today()
    running = runtime.load(row.note_id, offers=[offer])
    event = chain_note.DropOffer(id=id, by=_acting(actor), offer=offer, why=why)
    runtime.take(running, event, today, kind="drop", lot=row.lot)
    with acting_as(SYSTEM):
        Offer.objects.filter(pk=offer).update(state=why.value)
    return {"offer": str(offer), "state": why.value}


@action("lot.release", Text("解除质押", "Release a pledge"), own_key=True)
def release_pledge(*, actor: Actor, id: uuid.UUID, lot: uuid.UUID) -> Outcome:
    """The pledgee lifts its pledge; refused while a loan on the lot is not repaid."""
    row = claims_queries.access_claim(actor, lot, chain_note.LOT)
    loans.require_repaid(lot)
    today = business_date.today()
    running = runtime.load(row.contract, [lot])
    event = chain_note.Release(id=id, by=_acting(actor), lot=lot)
    runtime.take(running, event, today, kind="release", lot=lot)
    return {"lot": str(lot), "state": "held"}


@action("note.pay", Text("到期付款", "Pay a note"))
def pay_note(*, actor: Actor, id: uuid.UUID, note: uuid.UUID, amount: Money | None = None) -> Outcome:
    """The issuer instructs its bank to pay what is due (or ``amount`` of it): one order, one leg a payee."""
    party = _access(actor, note)
    today = business_date.today()
    running = runtime.load_whole(note)
    owed = loans.owed_by_lot(running.state.lots, today)
    pays = queries.due_minor(running, today) if amount is None else amount.minor
    event = chain_note.PayDue(id=id, by=party, amount_minor=pays, owed=owed)
    runtime.take(running, event, today, kind="pay", amount_minor=pays)
    return {"note": str(note), "amount": str(Money(pays)), "state": "instructed"}


@action("lot.call_recourse", Text("要求回购", "Call recourse"))
def call_recourse(*, actor: Actor, id: uuid.UUID, lot: uuid.UUID) -> Outcome:
    """The holder of an overdue lot bought with recourse asks the seller to buy it back."""
    row = claims_queries.access_claim(actor, lot, chain_note.LOT)
    today = business_date.today()
    running = runtime.load_whole(row.contract)
    event = chain_note.CallRecourse(id=id, by=_acting(actor), lot=lot)
    runtime.take(running, event, today, kind="recourse", lot=lot, amount_minor=row.outstanding_minor)
    return {"lot": str(lot), "state": "recourse_called"}


@action("note.close_day", Text("链单日终", "Close a note's day"), public=False)
def close_day(*, actor: Actor, id: uuid.UUID, note: uuid.UUID) -> Outcome:
    """Lapse offers past their day and mark what is unpaid after its due date; the close of business does so."""
    if actor.role not in ("operator", "system"):
        raise Forbidden("note.close_day", Text("日终由平台执行", "The platform closes the day"))
    today = business_date.today()
    running = runtime.load_whole(note)
    running = runtime.take(running, chain_note.CloseDay(id=id), today, kind="close_day")
    return {"note": str(note), "state": running.row.status}


@action("loan.close_day", Text("质押贷款日终", "Close a lot loan's day"), public=False)
def close_loan_day(*, actor: Actor, id: uuid.UUID, loan: uuid.UUID) -> Outcome:
    """Mark a loan against a lot overdue when its due date closes unpaid."""
    if actor.role not in ("operator", "system"):
        raise Forbidden("note.close_day", Text("日终由平台执行", "The platform closes the day"))
    status = loans.close_day(loan, id, business_date.today())
    return {"loan": str(loan), "state": status}


def number_of(id: uuid.UUID, on: datetime.date) -> str:
    """The number people quote: ``LD`` + date of issue + twelve characters of the id."""
    return f"LD{on:%Y%m%d}{id.hex[-12:].upper()}"


def _offer(
    actor: Actor,
    offer: Offer,
    expires_on: datetime.date | None,
    *,
    show_papers: bool = False,
    backings: tuple[checks.Backing, ...] = (),
    invoices: Sequence[Fact] = (),
) -> Outcome:
    """Store the offer and take the engine's step; for finance the funder is shown the papers and receipts behind it."""
    lot = claims_queries.access_claim(actor, offer.lot, chain_note.LOT)
    parties.party(offer.to_id)
    today = business_date.today()
    evidence = backing.evidence_of(invoices, opening=True) if invoices else ()
    running = runtime.load(lot.contract, [offer.lot])
    offer.note_id, offer.by_id = lot.contract, _acting(actor)
    offer.expires_on = expires_on or min(today + datetime.timedelta(days=30), running.row.due - datetime.timedelta(1))
    event = chain_note.MakeOffer(
        id=offer.pk,
        by=_acting(actor),
        lot=offer.lot,
        to=offer.to_id,
        amount_minor=offer.amount_minor,
        purpose=Purpose(offer.purpose),
        expires_on=offer.expires_on,
        backings=backings,
        evidence=evidence,
        rate=offer.rate,
        recourse=offer.recourse,
        grounds=backing.grounds_of(lot.background),
    )
    kind = {"transfer": "offer_transfer", "pledge": "ask_loan", "discount": "ask_discount"}[offer.purpose]
    runtime.take(
        running, event, today, kind=kind, lot=offer.lot, amount_minor=offer.amount_minor, shown_to=[offer.to_id]
    )
    with acting_as(SYSTEM):
        hot.insert(offer)
        if show_papers:
            backing.disclose(lot.background, offer.to_id, offer.pk)
            disclosing.disclose(queries.proofs_of(lot), offer.to_id, offer.pk)
    concern(offer.to_id)
    return {"offer": str(offer.pk), "amount": str(Money(offer.amount_minor)), "state": "open"}


def _parts(backings: Sequence[InvoicePart]) -> tuple[list[Fact], list[int]]:
    """The invoices and how much of each is used."""
    invoices = backing.resolve(part.invoice for part in backings)
    return invoices, bounds.parts(invoices, [(part.invoice, part.amount) for part in backings])


def _finance(
    actor: Actor, registration: str, registered_on: datetime.date, background_checked: bool, term_reviewed: bool
) -> checks.Finance:
    return checks.Finance(
        licensed=bounds.licensed(_acting(actor)),
        registration=registration.strip() or None,
        registered_on=registered_on,
        background_checked=background_checked,
        term_reviewed=term_reviewed,
    )


def _access(actor: Actor, note: uuid.UUID) -> uuid.UUID:
    queries.access_note(actor, note)
    return _acting(actor)


def _access_offer(actor: Actor, offer: uuid.UUID, purpose: Purpose | None) -> Offer:
    found = queries.access_offer(actor, offer)
    if purpose is not None and found.purpose != purpose.value:
        raise Invalid(
            "offer.other_purpose",
            Text("该要约的用途不同", "The offer is for another purpose"),
            remedy=Text("请按要约用途操作", "Act on it as it was offered"),
            where="offer",
        )
    return found


def _invoices(note: Note) -> list[Any]:
    """The invoices' facts behind a note's first lot, as the house sees them."""
    with acting_as(SYSTEM):
        return queries.invoices_of(note.backings)


def _party(actor: Actor, role: str) -> uuid.UUID:
    party = _acting(actor)
    if not parties.has_role(party, role):
        raise Forbidden("note.not_a_core", Text("只有核心企业可以开立链单", "Only a core enterprise issues notes"))
    return party


def _acting(actor: Actor) -> uuid.UUID:
    if actor.party is None:
        raise Forbidden("party.none", Text("请先选择代表的单位", "Choose the party you act for first"))
    return actor.party
