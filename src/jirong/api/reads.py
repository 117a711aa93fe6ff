"""What can be read through the API. Each list pages by key, each thing is fetched through its room's ``access_*``."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from jirong.api import operations
from jirong.api.operations import Done, SignatureIn
from jirong.claims.models import ClaimRow
from jirong.facts import actions as facts_actions
from jirong.facts import kinds
from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.kernel.errors import Forbidden
from jirong.kernel.money import UNITS, Money
from jirong.kernel.text import Text
from jirong.log.actions import REGISTRY
from jirong.notes import backing, closing
from jirong.notes import queries as notes
from jirong.notes.models import LotLoan, Note, Offer, Step
from jirong.parties import actions as party_actions
from jirong.parties import proposals
from jirong.parties import queries as parties
from jirong.parties.models import Party, Proposal
from jirong.rails import queries as rails
from jirong.rails import sandbox
from jirong.rails.models import Instruction
from jirong.store import business_date
from jirong.web import api

router = Router()


def actor_of(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def money(minor: int, unit: str = "CNY") -> str:
    return str(Money(minor, UNITS[unit]))


class PartyOut(ninja.Schema):
    id: uuid.UUID
    name: str = Field(examples=["锦程服装有限公司"])
    name_en: str
    uscc: str | None
    size: str
    sector: str
    region: str
    roles: list[str]


@router.get("/parties", response=api.PageOf[PartyOut], tags=["party"])
def list_parties(
    request: HttpRequest, params: Query[api.PageParams], search: str = "", role: str = ""
) -> dict[str, Any]:
    """The public register of organisations, by name or the beginning of the credit code."""
    found = parties.directory(search, role).prefetch_related("roles")
    return api.page(found, params, order=("name", "id"), show=_party)


@router.get("/parties/{id}", response=PartyOut, tags=["party"])
def get_party(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _party(parties.party(id))


def _party(row: Party) -> dict[str, Any]:
    roles = sorted(role.role for role in row.roles.all())
    return {
        "id": row.pk, "name": row.name, "name_en": row.name_en, "uscc": row.uscc, "size": row.size,
        "sector": row.sector, "region": row.region, "roles": roles,
    }  # fmt: skip


class MeOut(ninja.Schema):
    party: PartyOut | None
    role: str
    business_date: datetime.date


@router.get("/me", response=MeOut, tags=["party"])
def me(request: HttpRequest) -> dict[str, Any]:
    """Whom this request acts for, and the business date."""
    actor = actor_of(request)
    party = _party(parties.party(actor.party)) if actor.party else None
    return {"party": party, "role": actor.role, "business_date": business_date.today()}


class TokenOut(ninja.Schema):
    token: str
    name: str
    days: int


@router.post("/tokens", response=TokenOut, tags=["party"])
def create_token(
    request: HttpRequest, name: Form[str], days: Form[int] = 90, idempotency_key: api.IdempotencyKey = None
) -> dict[str, Any]:
    """A bearer token for the logged-in person and party; shown here only (and again for the same key)."""
    id = api.action_id(idempotency_key)
    outcome = party_actions.create_token(actor=actor_of(request), id=id, name=name, days=days)
    return {"token": party_actions.token_of(id), **outcome}


class AccountOut(ninja.Schema):
    id: uuid.UUID
    bank: uuid.UUID
    number: str
    unit: str
    balance: str | None


@router.get("/accounts", response=list[AccountOut], tags=["party"])
def list_accounts(request: HttpRequest) -> list[dict[str, Any]]:
    """One's bank accounts; ``balance`` only where the bank is the sandbox's."""
    actor = actor_of(request)
    balances = rails.sandbox_balances(actor.party)
    return [
        {
            "id": row.pk, "bank": row.bank_id, "number": row.number, "unit": row.unit,
            "balance": money(balances[row.pk], row.unit) if row.pk in balances else None,
        }
        for row in parties.accounts(actor)
    ]  # fmt: skip


class ProposalOut(ninja.Schema):
    id: uuid.UUID
    action: str
    title: api.Sentence
    body: dict[str, Any]
    state: str
    recorded_at: datetime.datetime


class ApproveIn(api.Schema):
    signature: SignatureIn | None = None


class RejectIn(api.Schema):
    note: str = Field(min_length=1, max_length=500, examples=["到期日有误"])


@router.get("/proposals", response=api.PageOf[ProposalOut], tags=["proposal"])
def list_proposals(request: HttpRequest, params: Query[api.PageParams], state: str = "proposed") -> dict[str, Any]:
    """What waits for a checker of one's own party."""
    return api.page(parties.proposals(actor_of(request), state), params, show=_proposal)


@router.get("/proposals/{id}/statement", response=operations.Statement, tags=["proposal"])
def proposal_statement(request: HttpRequest, id: uuid.UUID) -> dict[str, str]:
    """The bytes a checker with the party's own key signs to approve."""
    return operations.statement_answer(proposals.statement_of(actor=actor_of(request), proposal=id))


@router.post("/proposals/{id}/approve", response=Done, tags=["proposal"])
def approve(request: HttpRequest, id: uuid.UUID, payload: ApproveIn) -> dict[str, Any]:
    """Approve as another person than the maker: the action happens. Repeating answers the first outcome."""
    actor = actor_of(request)
    found = parties.access_proposal(actor, id)
    outcome = proposals.approve(actor=actor, proposal=id, signature=operations.supplied(payload.signature))
    return operations.done(found.action, id, outcome)


@router.post("/proposals/{id}/reject", response=Done, tags=["proposal"])
def reject(
    request: HttpRequest, id: uuid.UUID, payload: RejectIn, idempotency_key: api.IdempotencyKey = None
) -> dict[str, Any]:
    """Send a proposal back with the reason."""
    action = api.action_id(idempotency_key)
    outcome = proposals.reject(actor=actor_of(request), id=action, proposal=id, note=payload.note)
    return operations.done("proposal.reject", action, outcome)


def _proposal(row: Proposal) -> dict[str, Any]:
    return {
        "id": row.pk, "action": row.action, "title": REGISTRY[row.action].title, "body": row.body,
        "state": row.state, "recorded_at": row.recorded_at,
    }  # fmt: skip


class FactOut(ninja.Schema):
    id: uuid.UUID
    kind: str
    key: str
    order_no: str
    on: datetime.date
    subject: uuid.UUID
    counterparty: uuid.UUID | None
    source: uuid.UUID
    values: dict[str, Any]
    recorded_at: datetime.datetime


class ImportOut(ninja.Schema):
    batch: uuid.UUID
    added: int
    known: int
    refused: list[dict[str, Any]]


@router.post("/facts/import", response=ImportOut, tags=["facts"])
def import_facts(
    request: HttpRequest, kind: Form[str], file: File[UploadedFile], idempotency_key: api.IdempotencyKey = None
) -> dict[str, Any]:
    """Add a CSV file of one kind: good rows stay, known ones are skipped, bad ones are named by line and reason."""
    return facts_actions.import_file(
        actor=actor_of(request),
        id=api.action_id(idempotency_key),
        kind=kind,
        name=file.name or "upload.csv",
        data=file.read(),
    )


@router.get("/facts", response=api.PageOf[FactOut], tags=["facts"])
def list_facts(
    request: HttpRequest, params: Query[api.PageParams], kind: str = "", order_no: str = ""
) -> dict[str, Any]:
    return api.page(facts.visible(actor_of(request), kind, order_no), params, show=_fact)


@router.get("/facts/{id}", response=FactOut, tags=["facts"])
def get_fact(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _fact(facts.access_fact(actor_of(request), id))


def _fact(row: Fact) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "key": row.key, "order_no": row.order_no, "on": row.on,
        "subject": row.subject_id, "counterparty": row.counterparty_id, "source": row.source_id,
        "values": row.values, "recorded_at": row.recorded_at,
    }  # fmt: skip


class TradeOut(ninja.Schema):
    seller: uuid.UUID
    buyer: uuid.UUID
    order_no: str
    matched: bool
    accepted_on: datetime.date | None
    findings: list[dict[str, Any]]
    invoices: list[dict[str, Any]]


@router.get("/trades/{seller}/{order_no}", response=TradeOut, tags=["facts"])
def get_trade(request: HttpRequest, seller: uuid.UUID, order_no: str) -> dict[str, Any]:
    """The three-way match of one order, and what is free of each of its invoices."""
    trade = facts.access_trade(actor_of(request), seller, order_no)
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


@router.get("/fact-kinds", response=list[dict[str, Any]], tags=["facts"])
def fact_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """The kinds of fact that can be added, with their fields."""
    return [
        {
            "kind": kind.code,
            "title": kind.title.as_dict(),
            "fields": [
                {"name": f.name, "title": f.title.as_dict(), "required": f.required, "aliases": list(f.aliases)}
                for f in kind.fields
            ],
        }
        for kind in kinds.KINDS.values()
    ]


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


@router.get("/lots", response=api.PageOf[LotOut], tags=["lot"])
def list_lots(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """Lots in one's hands or pledged to one, by due date."""
    return api.page(notes.lots(actor_of(request)), params, order=("due", "id"), show=_lot)


@router.get("/lots/{id}", response=LotOut, tags=["lot"])
def get_lot(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _lot(notes.access_lot(actor_of(request), id))


def _lot(row: ClaimRow) -> dict[str, Any]:
    free = 0 if row.pledgee else row.outstanding_minor - row.reserved_minor
    encumbrance = "pledged" if row.pledgee else "reserved" if row.reserved_minor else "none"
    return {
        "id": row.pk, "note": row.contract, "parent": row.parent_id, "holder": row.creditor, "tier": row.tier,
        "amount": money(row.amount_minor, row.unit), "outstanding": money(row.outstanding_minor, row.unit),
        "free": money(free, row.unit), "due": row.due, "state": row.state, "encumbrance": encumbrance,
        "pledgee": row.pledgee, "recourse": row.recourse,
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
        "principal": money(row.principal_minor, row.unit), "rate": str(row.rate.normalize()), "due": row.due,
        "status": row.status, "principal_paid": money(paid.get((row.pk, "loan"), 0), row.unit),
        "interest_paid": money(paid.get((row.pk, "interest"), 0), row.unit),
    }  # fmt: skip


class PaymentOut(ninja.Schema):
    id: uuid.UUID
    payer: uuid.UUID
    purpose: str
    subject: uuid.UUID
    state: str
    business_date: datetime.date
    legs: list[dict[str, Any]]


@router.get("/payments", response=api.PageOf[PaymentOut], tags=["payment"])
def list_payments(request: HttpRequest, params: Query[api.PageParams], state: str = "") -> dict[str, Any]:
    """Payments one orders, receives or executes; a payee sees its own part."""
    return api.page(rails.visible(actor_of(request), state).prefetch_related("legs"), params, show=_payment)


@router.get("/payments/{id}", response=PaymentOut, tags=["payment"])
def get_payment(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _payment(rails.access_instruction(actor_of(request), id))


def _payment(row: Instruction) -> dict[str, Any]:
    legs = [
        {"payee": str(leg.payee_id), "amount": money(leg.amount_minor, leg.unit), "because": leg.because}
        for leg in row.legs.all()
    ]
    return {
        "id": row.pk, "payer": row.payer_id, "purpose": row.purpose, "subject": row.subject, "state": row.state,
        "business_date": row.business_date, "legs": legs,
    }  # fmt: skip


class AnsweredOut(ninja.Schema):
    answered: int


@router.post("/sandbox/answer", response=AnsweredOut, tags=["sandbox"])
def sandbox_answer(request: HttpRequest) -> dict[str, int]:
    """Let the pretended bank one acts for execute and answer the payments that wait at it."""
    actor = actor_of(request)
    if not parties.has_role(actor.party, "bank"):
        raise Forbidden("sandbox.not_a_bank", Text("只有银行可以这样做", "Only a bank may do this"))
    return {"answered": sandbox.answer_all(actor.party)}


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
