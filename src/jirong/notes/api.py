"""Notes over HTTP: trades and their match, notes, lots, offers, loans, the day's close."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from jirong.claims.models import ClaimRow
from jirong.facts import queries as facts
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.notes import backing, closing
from jirong.notes import queries as notes
from jirong.notes.models import LotLoan, Note, Offer, Step
from jirong.web import api
from jirong.web.api import actor_of, money

router = Router()


class TradeOut(ninja.Schema):
    seller: uuid.UUID
    buyer: uuid.UUID
    order_no: str
    matched: bool
    accepted_on: datetime.date | None
    findings: list[dict[str, Any]]
    invoices: list[dict[str, Any]]


@router.get("/trades/{seller}/{order_no}", response=TradeOut, tags=["facts"])
def get_trade(request: HttpRequest, seller: uuid.UUID, order_no: str, purpose: str = "") -> dict[str, Any]:
    """The three-way match of one order, and what is free of each of its invoices; another's is read for ``purpose``."""
    trade = facts.access_trade(actor_of(request), seller, order_no, purpose)
    invoices = trade.of("invoice")
    free = backing.free_minor(invoices)
    return {
        "seller": trade.seller,
        "buyer": trade.buyer,
        "order_no": trade.order_no,
        "matched": trade.match.holds,
        "accepted_on": trade.match.accepted_on,
        "findings": [finding.as_dict() for finding in trade.match.findings],
        "invoices": [
            {"id": str(f.pk), "key": f.key, "gross": money(f.amount_minor or 0), "free": money(free[f.pk])}
            for f in invoices
        ],
    }


class NoteOut(ninja.Schema):
    id: uuid.UUID
    number: str = Field(examples=["LD202601083F9C21B7DE00"])
    issuer: uuid.UUID
    payee: uuid.UUID
    amount: str
    outstanding: str
    unit: str
    issued_on: datetime.date
    due: datetime.date
    status: str
    consent: bool | None
    lots: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []


@router.get("/notes", response=api.PageOf[NoteOut], tags=["note"])
def list_notes(request: HttpRequest, params: Query[api.PageParams], status: str = "") -> dict[str, Any]:
    return api.page(notes.visible(actor_of(request), status), params, show=_note)


@router.get("/notes/{id}", response=NoteOut, tags=["note"])
def get_note(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """A note with the lots and steps the caller may see, each step with its reasons."""
    row = notes.access_note(actor_of(request), id)
    lots = [_lot(lot) for lot in notes.lot_tree(row)]
    return _note(row) | {"lots": lots, "steps": [_step(step) for step in notes.steps(row)]}


def _note(row: Note) -> dict[str, Any]:
    return {
        "id": row.pk, "number": row.number, "issuer": row.issuer_id, "payee": row.payee_id,
        "amount": money(row.amount_minor, row.unit), "outstanding": money(row.outstanding_minor, row.unit),
        "unit": row.unit, "issued_on": row.issued_on, "due": row.due, "status": row.status, "consent": row.consent,
    }  # fmt: skip


def _step(row: Step) -> dict[str, Any]:
    amount = None if row.amount_minor is None else money(row.amount_minor)
    return {
        "action": str(row.action), "kind": row.kind, "by": str(row.by_id) if row.by_id else None,
        "lot": str(row.lot) if row.lot else None, "on": row.on.isoformat(), "amount": amount, "reasons": row.reasons,
    }  # fmt: skip


class LotOut(ninja.Schema):
    id: uuid.UUID
    note: uuid.UUID
    parent: uuid.UUID | None
    holder: uuid.UUID
    tier: int
    amount: str
    outstanding: str
    free: str
    due: datetime.date
    state: str
    encumbrance: str
    pledgee: uuid.UUID | None
    recourse: uuid.UUID | None
    frozen_by: str | None = Field(description="The paper that took its ground away; frozen, it does not move.")


@router.get("/lots", response=api.PageOf[LotOut], tags=["lot"])
def list_lots(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """Lots in one's hands or pledged to one, by due date."""
    return api.page(notes.lots(actor_of(request)), params, order=("due", "id"), show=_lot)


@router.get("/lots/{id}", response=LotOut, tags=["lot"])
def get_lot(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _lot(notes.access_lot(actor_of(request), id))


def _lot(row: ClaimRow) -> dict[str, Any]:
    free = 0 if row.pledgee or row.frozen_by else row.outstanding_minor - row.reserved_minor
    encumbrance = "pledged" if row.pledgee else "reserved" if row.reserved_minor else "none"
    return {
        "id": row.pk, "note": row.contract, "parent": row.parent_id, "holder": row.creditor, "tier": row.tier,
        "amount": money(row.amount_minor, row.unit), "outstanding": money(row.outstanding_minor, row.unit),
        "free": money(free, row.unit), "due": row.due, "state": row.state, "encumbrance": encumbrance,
        "pledgee": row.pledgee, "recourse": row.recourse, "frozen_by": row.frozen_by or None,
    }  # fmt: skip


class OfferOut(ninja.Schema):
    id: uuid.UUID
    note: uuid.UUID
    lot: uuid.UUID
    by: uuid.UUID
    to: uuid.UUID
    purpose: str
    amount: str
    rate: str | None
    overdue_rate: str | None = Field(description="What a loan asked for bears a year on late days.")
    loan: str | None
    price: str | None
    expires_on: datetime.date
    state: str


@router.get("/offers", response=api.PageOf[OfferOut], tags=["offer"])
def list_offers(
    request: HttpRequest, params: Query[api.PageParams], received: bool = True, state: str = "open"
) -> dict[str, Any]:
    """Offers received (or, with ``received=false``, made)."""
    return api.page(notes.offers(actor_of(request), received=received, state=state), params, show=_offer)


@router.get("/offers/{id}", response=OfferOut, tags=["offer"])
def get_offer(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _offer(notes.access_offer(actor_of(request), id))


def _offer(row: Offer) -> dict[str, Any]:
    rate = row.rate if row.rate is not None else row.loan_rate
    return {
        "id": row.pk, "note": row.note_id, "lot": row.lot, "by": row.by_id, "to": row.to_id, "purpose": row.purpose,
        "amount": money(row.amount_minor), "rate": None if rate is None else str(rate.normalize()),
        "overdue_rate": None if row.overdue_rate is None else str(row.overdue_rate.normalize()),
        "loan": None if row.loan_minor is None else money(row.loan_minor),
        "price": None if row.price_minor is None else money(row.price_minor), "expires_on": row.expires_on,
        "state": row.state,
    }  # fmt: skip


class LoanOut(ninja.Schema):
    id: uuid.UUID
    lot: uuid.UUID
    lender: uuid.UUID
    borrower: uuid.UUID
    principal: str
    rate: str
    overdue_rate: str | None = Field(description="What unpaid principal bears a year after the due date.")
    due: datetime.date
    status: str
    principal_paid: str
    interest_paid: str


@router.get("/lot-loans", response=api.PageOf[LoanOut], tags=["offer"])
def list_loans(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """Loans against lots, given or taken."""
    found = api.page(notes.loans(actor_of(request)), params)
    paid = notes.paid_on_loans(row.pk for row in found["items"])
    return {**found, "items": [_loan(row, paid) for row in found["items"]]}


@router.get("/lot-loans/{id}", response=LoanOut, tags=["offer"])
def get_loan(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    row = notes.access_loan(actor_of(request), id)
    return _loan(row, notes.paid_on_loans([row.pk]))


def _loan(row: LotLoan, paid: dict[tuple[uuid.UUID, str], int]) -> dict[str, Any]:
    return {
        "id": row.pk, "lot": row.lot, "lender": row.lender_id, "borrower": row.borrower_id,
        "principal": money(row.principal_minor, row.unit), "rate": str(row.rate.normalize()),
        "overdue_rate": None if row.overdue_rate is None else str(row.overdue_rate.normalize()), "due": row.due,
        "status": row.status, "principal_paid": money(paid.get((row.pk, "loan"), 0), row.unit),
        "interest_paid": money(paid.get((row.pk, "interest"), 0), row.unit),
    }  # fmt: skip


class ClosedOut(ninja.Schema):
    on: datetime.date
    notes: int
    loans: int
    errors: list[dict[str, str]]


@router.post("/close-of-business", response=ClosedOut, tags=["operator"])
def close_of_business(request: HttpRequest) -> Any:
    """Close the current business date: lapse offers, mark what is unpaid. Repeating it changes nothing."""
    actor = actor_of(request)
    if actor.role != "operator":
        raise Forbidden("close.operator_only", Text("日终由运营方执行", "The operator closes the day"))
    return vars(closing.close(actor))
