"""Over HTTP: income shares and subsidies with what they came to, a contract's triggers as they stand, calls made."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router

from jirong.financing import conduct_queries as queries
from jirong.financing.models_conduct import Call, Entitlement, Watch
from jirong.store import business_date
from jirong.web import api
from jirong.web.api import actor_of, money

router = Router()


class EntitlementOut(ninja.Schema):
    id: uuid.UUID
    policy: uuid.UUID
    contract: uuid.UUID
    loan: uuid.UUID
    what: str
    path: str
    debtor: uuid.UUID
    creditor: uuid.UUID
    accrued: str
    paid: str
    open: str
    fell_away: str
    budget_left: str | None


@router.get("/entitlements", response=api.PageOf[EntitlementOut], tags=["entitlement"])
def list_entitlements(
    request: HttpRequest, params: Query[api.PageParams], loan: uuid.UUID | None = None, policy: uuid.UUID | None = None
) -> dict[str, Any]:
    """Income shares and subsidies one owes, is owed or lends beside, newest first."""
    return api.page(queries.entitlements(actor_of(request), loan, policy), params, show=_entitlement)


class WatchOut(ninja.Schema):
    place: int
    level: int
    title: dict[str, str]
    standing: str
    since: datetime.date
    checked_on: datetime.date
    answers: list[dict[str, Any]]


@router.get("/contracts/{id}/triggers", response=list[WatchOut], tags=["contract"])
def list_triggers(request: HttpRequest, id: uuid.UUID) -> list[dict[str, Any]]:
    """How each trigger of the contract's scheme stands, with the answer of each of its tests; none before the first
    check.
    """
    return [_watch(row) for row in queries.watches(actor_of(request), id)]


class CallOut(ninja.Schema):
    id: uuid.UUID
    contract: uuid.UUID
    party: uuid.UUID
    name: str
    to: str
    on: datetime.date
    due: datetime.date
    done_on: datetime.date | None
    overdue: bool
    note: str


@router.get("/calls", response=api.PageOf[CallOut], tags=["contract"])
def list_calls(
    request: HttpRequest, params: Query[api.PageParams], contract: uuid.UUID | None = None, waiting: bool = False
) -> dict[str, Any]:
    """Calls made upon oneself, or under one's contracts, newest first."""
    return api.page(queries.calls(actor_of(request), contract, waiting), params, show=_call)


def _entitlement(row: Entitlement) -> dict[str, Any]:
    paid = queries.paid_minor(row)
    left = queries.budget_left(row)
    return {
        "id": row.pk, "policy": row.policy_id, "contract": row.contract_id, "loan": row.loan, "what": row.what,
        "path": f"{row.what}/{row.place}", "debtor": row.debtor_id, "creditor": row.creditor_id,
        "accrued": money(row.accrued_minor), "paid": money(paid), "open": money(row.accrued_minor - paid),
        "fell_away": money(row.lost_minor), "budget_left": None if left is None else money(left),
    }  # fmt: skip


def _watch(row: Watch) -> dict[str, Any]:
    trigger = queries.trigger_of(row)
    title = (
        trigger.title.as_dict() if trigger.title else {"zh": f"{trigger.level}级风险", "en": f"level {trigger.level}"}
    )
    return {
        "place": row.place, "level": trigger.level, "title": title, "standing": row.standing, "since": row.since,
        "checked_on": row.on, "answers": row.answers,
    }  # fmt: skip


def _call(row: Call) -> dict[str, Any]:
    return {
        "id": row.pk, "contract": row.contract_id, "party": row.party_id, "name": row.name, "to": row.to,
        "on": row.on, "due": row.due, "done_on": row.done_on,
        "overdue": row.done_on is None and row.due < business_date.today(), "note": row.note,
    }  # fmt: skip
