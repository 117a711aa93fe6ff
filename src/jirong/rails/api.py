"""Payments over HTTP: one's orders and receipts, one's accounts, the pretended bank."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties import queries as parties
from jirong.rails import batches, sandbox
from jirong.rails import queries as rails
from jirong.rails.models import Batch, Instruction
from jirong.web import api
from jirong.web.api import actor_of, money

router = Router()


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


class AnswerOut(ninja.Schema):
    paid: bool
    bank_reference: str
    value_date: datetime.date
    reason: api.Sentence | None


class UnbookedOut(ninja.Schema):
    """Why the bank's answer could not be booked when it last came."""

    code: str
    reason: api.Sentence
    tried_on: datetime.date


class PaymentOut(ninja.Schema):
    id: uuid.UUID
    payer: uuid.UUID
    purpose: str
    subject: uuid.UUID
    state: str
    business_date: datetime.date
    legs: list[dict[str, Any]]
    answer: AnswerOut | None
    unbooked: UnbookedOut | None


@router.get("/payments", response=api.PageOf[PaymentOut], tags=["payment"])
def list_payments(request: HttpRequest, params: Query[api.PageParams], state: str = "") -> dict[str, Any]:
    """Payments one orders, receives or executes; a payee sees its own part."""
    return api.page(
        rails.visible(actor_of(request), state).select_related("confirmation", "unbooked").prefetch_related("legs"),
        params,
        show=_payment,
    )


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
        "business_date": row.business_date, "legs": legs, "answer": _answer(row),
        "unbooked": _unbooked(row),
    }  # fmt: skip


def _answer(row: Instruction) -> dict[str, Any] | None:
    """What the bank said, as far as one may see it."""
    found = getattr(row, "confirmation", None)
    if found is None:
        return None
    return {
        "paid": found.paid, "bank_reference": found.bank_reference, "value_date": found.value_date, "reason": found.why,
    }  # fmt: skip


def _unbooked(row: Instruction) -> dict[str, Any] | None:
    found = getattr(row, "unbooked", None)
    if found is None or row.state != "instructed":
        return None
    return {"code": found.code, "reason": found.why, "tried_on": found.tried_on}


class BatchOut(ninja.Schema):
    id: uuid.UUID
    collector: uuid.UUID
    bank: uuid.UUID
    purpose: str
    items: int
    total: str
    unit: str
    business_date: datetime.date


@router.get("/batches", response=api.PageOf[BatchOut], tags=["payment"])
def list_batches(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """Batches one collects by, or executes as the payers' bank."""
    return api.page(batches.visible(actor_of(request)), params, show=_batch)


@router.get("/batches/{id}/file", tags=["payment"])
def batch_file(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The batch as a CSV file, a line an instruction; the answers go to ``payment.confirm_batch``."""
    found = batches.access(actor_of(request), id)
    headers = {"Content-Disposition": f'attachment; filename="batch-{found.business_date}-{found.pk}.csv"'}
    return HttpResponse(batches.file_of(found), content_type="text/csv; charset=utf-8", headers=headers)


def _batch(row: Batch) -> dict[str, Any]:
    return {
        "id": row.pk, "collector": row.collector_id, "bank": row.bank_id, "purpose": row.purpose, "items": row.items,
        "total": money(row.total_minor, row.unit), "unit": row.unit, "business_date": row.business_date,
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
