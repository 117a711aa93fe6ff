"""Financing over HTTP: schemes and policies, applications and decisions, contracts, loans with their why."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router

from jirong.financing import actions, asking, deciding, queries
from jirong.financing.api_close import router as closes
from jirong.financing.api_conduct import router as conduct
from jirong.financing.models import Application, Contract, Decision, Loan, Policy, SchemeVersion, Step
from jirong.instruments import practice
from jirong.instruments.portfolio.classes import CLASSES
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import api
from jirong.web.api import actor_of, money

__all__ = ["actions", "router"]

router = Router()
router.add_router("", closes)
router.add_router("", conduct)


class SchemeOut(ninja.Schema):
    id: uuid.UUID
    ref: str
    title: str
    title_en: str
    effective: datetime.date
    sha256: str
    published_by: uuid.UUID
    text: str = ""


@router.get("/schemes", response=api.PageOf[SchemeOut], tags=["scheme"])
def list_schemes(request: HttpRequest, params: Query[api.PageParams], search: str = "") -> dict[str, Any]:
    """Published scheme versions."""
    return api.page(queries.schemes(search), params, show=_scheme)


@router.get("/schemes/{id}", response=SchemeOut, tags=["scheme"])
def get_scheme(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """One version, with its text as written."""
    row = queries.access_scheme(id)
    return _scheme(row) | {"text": row.text}


def _scheme(row: SchemeVersion) -> dict[str, Any]:
    return {
        "id": row.pk, "ref": str(row), "title": row.title, "title_en": row.title_en, "effective": row.effective,
        "sha256": row.sha256, "published_by": row.published_by_id,
    }  # fmt: skip


class PolicyOut(ninja.Schema):
    id: uuid.UUID
    scheme: uuid.UUID
    ref: str
    lender: uuid.UUID
    automatic: bool
    budget: str | None
    state: str
    waits_for: list[str]
    signed_on: datetime.date


@router.get("/policies", response=api.PageOf[PolicyOut], tags=["policy"])
def list_policies(request: HttpRequest, params: Query[api.PageParams], state: str = "open") -> dict[str, Any]:
    """Policies lenders have signed: what one may apply under."""
    actor = actor_of(request)
    return api.page(queries.policies(state), params, show=lambda row: _policy(row, actor))


@router.get("/policies/{id}", response=PolicyOut, tags=["policy"])
def get_policy(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _policy(queries.access_policy(id), actor_of(request))


def _policy(row: Policy, actor: Actor) -> dict[str, Any]:
    own = actor.party == row.lender_id
    return {
        "id": row.pk, "scheme": row.scheme_id, "ref": str(row.scheme), "lender": row.lender_id,
        "automatic": row.automatic, "budget": money(row.budget_minor) if own else None, "state": row.state, "waits_for": row.waits_for,
        "signed_on": row.signed_on,
    }  # fmt: skip


class ApplicationOut(ninja.Schema):
    id: uuid.UUID
    policy: uuid.UUID
    ref: str
    borrower: uuid.UUID
    lender: uuid.UUID
    amount: str | None
    use: str
    months: int | None
    state: str
    offered_until: datetime.date | None
    joint: list[uuid.UUID] = []
    joined: list[uuid.UUID] = []
    offer: dict[str, Any] | None = None
    next: dict[str, Any] | None = None
    decisions: list[dict[str, Any]] = []


@router.get("/applications", response=api.PageOf[ApplicationOut], tags=["application"])
def list_applications(request: HttpRequest, params: Query[api.PageParams], state: str = "") -> dict[str, Any]:
    """One's own applications, and those one is asked to decide."""
    return api.page(queries.applications(actor_of(request), state), params, show=_application)


@router.get("/applications/{id}", response=ApplicationOut, tags=["application"])
def get_application(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """An application with every decision on it, each clause answered."""
    row = queries.access_application(actor_of(request), id)
    return _application(row) | {
        "offer": _offer(row),
        "next": deciding.next_step(row), "decisions": [_decision(each) for each in queries.decisions(row)],
    }  # fmt: skip


def _application(row: Application) -> dict[str, Any]:
    return {
        "id": row.pk, "policy": row.policy_id, "ref": str(row.policy.scheme), "borrower": row.borrower_id,
        "lender": row.policy.lender_id, "amount": None if row.asked_minor is None else money(row.asked_minor),
        "use": row.use, "months": row.months, "state": row.state, "offered_until": row.offered_until,
        "joint": row.joint, "joined": row.joined,
    }  # fmt: skip


def _offer(row: Application) -> dict[str, Any] | None:
    """What is signed for by ``application.sign`` and ``application.join``."""
    decision = queries.offer_of(row)
    if decision is None:
        return None
    said = asking.offered(decision)
    return {
        "asked": row.asked_sha256, "limit": str(said["limit"]), "rate": str(said["rate"]), "offer": said["offer"],
        "terms": decision.terms,
    }  # fmt: skip


def _decision(row: Decision) -> dict[str, Any]:
    return {
        "id": str(row.pk), "on": row.on.isoformat(), "verdict": row.verdict, "automatic": row.automatic,
        "terms": row.terms, "answers": row.answers, "inputs": row.inputs, "sha256": row.sha256, "note": row.note,
    }  # fmt: skip


class ContractOut(ninja.Schema):
    id: uuid.UUID
    ref: str
    sha256: str
    lender: uuid.UUID
    borrower: uuid.UUID
    borrowers: list[uuid.UUID]
    limit: str
    in_use: str
    free: str
    rate: str
    annual_rate: str | None
    how: str
    opened_on: datetime.date
    ends: datetime.date
    status: str
    steps: list[dict[str, Any]] = []


@router.get("/contracts", response=api.PageOf[ContractOut], tags=["contract"])
def list_contracts(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    return api.page(queries.contracts(actor_of(request)), params, show=_contract)


@router.get("/contracts/{id}", response=ContractOut, tags=["contract"])
def get_contract(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """A contract with what happened under it."""
    row = queries.access_contract(actor_of(request), id)
    return _contract(row) | {"steps": [_step(step) for step in queries.steps_of_contract(row)]}


def _contract(row: Contract) -> dict[str, Any]:
    limit = row.limit_minor - row.lowered_minor
    return {
        "id": row.pk, "ref": str(row.policy.scheme), "sha256": row.policy.scheme.sha256, "lender": row.lender_id,
        "borrower": row.borrower_id, "borrowers": row.borrowers, "limit": money(limit, row.unit),
        "in_use": money(row.in_use_minor, row.unit), "free": money(max(0, limit - row.in_use_minor), row.unit),
        "rate": str(row.rate.normalize()), "annual_rate": str(row.annual_rate) if row.annual_rate is not None else None,
        "how": row.how, "opened_on": row.opened_on, "ends": row.ends, "status": row.status,
    }  # fmt: skip


class LoanOut(ninja.Schema):
    id: uuid.UUID
    contract: uuid.UUID | None
    lender: uuid.UUID
    borrower: uuid.UUID
    principal: str
    principal_left: str
    rate: str
    status: str
    started: datetime.date | None
    next_due: datetime.date | None
    oldest_due: datetime.date | None
    loan_class: str
    paid: dict[str, str] = {}
    due: str | None = None
    accrued: str | None = None
    days_past_due: int | None = None
    claims: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []


@router.get("/loans", response=api.PageOf[LoanOut], tags=["loan"])
def list_loans(
    request: HttpRequest, params: Query[api.PageParams], status: str = "", contract: uuid.UUID | None = None
) -> dict[str, Any]:
    return api.page(queries.loans(actor_of(request), status, contract), params, show=_loan)


@router.get("/loans/{id}", response=LoanOut, tags=["loan"])
def get_loan(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """A loan today: what is due, what was paid of each kind, its claims, its timeline with reasons."""
    row = queries.access_loan(actor_of(request), id)
    paid = {kind: money(minor, row.unit) for (_, kind), minor in queries.paid_on([row.pk]).items()}
    body = _loan(row) | {
        "paid": paid,
        "claims": [_claim(claim) for claim in queries.claims_of(row)],
        "steps": [_step(step) for step in queries.steps(row)],
    }
    now = queries.standing(row, business_date.today()) if row.status in ("live", "overdue") else None
    if now is not None:
        body |= {"due": str(now.due_amount), "accrued": str(now.accrued), "days_past_due": now.days_past_due}
    return body


class InstalmentOut(ninja.Schema):
    number: int
    due: datetime.date
    principal: str
    interest: str
    amount: str
    balance: str


@router.get("/loans/{id}/schedule", response=list[InstalmentOut], tags=["loan"])
def get_schedule(request: HttpRequest, id: uuid.UUID) -> list[dict[str, Any]]:
    """The instalments still to come, derived from what happened so far."""
    row = queries.access_loan(actor_of(request), id)
    return [_instalment(line) for line in queries.schedule(row, business_date.today())]


def _instalment(line: practice.Instalment) -> dict[str, Any]:
    return {
        "number": line.number, "due": line.due, "principal": str(line.principal), "interest": str(line.interest),
        "amount": str(line.amount), "balance": str(line.balance),
    }  # fmt: skip


def _loan(row: Loan) -> dict[str, Any]:
    return {
        "id": row.pk, "contract": row.contract_id, "lender": row.lender_id, "borrower": row.borrower_id,
        "principal": money(row.principal_minor, row.unit), "principal_left": money(row.principal_left_minor, row.unit),
        "rate": _rate(row), "status": row.status, "started": row.started, "next_due": row.next_due,
        "oldest_due": row.oldest_due, "loan_class": CLASSES[row.loan_class].value,
    }  # fmt: skip


def _rate(row: Loan) -> str:
    """The rate a year now: as signed, or as it was reset or agreed anew since."""
    return (
        str(row.product["rate"])
        if row.plain or row.started is None
        else f"{Decimal(row.rate_e6).scaleb(-6).normalize():f}"
    )


def _claim(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk), "kind": row.kind, "creditor": str(row.creditor), "debtor": str(row.debtor),
        "amount": money(row.amount_minor, row.unit), "outstanding": money(row.outstanding_minor, row.unit),
        "settled": money(row.settled_minor, row.unit), "written_off": money(row.written_off_minor, row.unit),
        "due": row.due.isoformat(), "state": row.state,
    }  # fmt: skip


def _step(row: Step) -> dict[str, Any]:
    return {
        "action": str(row.action), "kind": row.kind, "by": str(row.by_id) if row.by_id else None,
        "loan": str(row.loan) if row.loan else None, "on": row.on.isoformat(),
        "amount": None if row.amount_minor is None else money(row.amount_minor), "reasons": row.reasons,
    }  # fmt: skip
