"""Security over HTTP: assets with what lies on them, and what secures a contract and is missing of it."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router

from jirong.collateral import queries, runtime
from jirong.collateral.models import Agreement, Asset, Secured, Step, Valuation
from jirong.engine.cover import Cover
from jirong.kernel.money import round_half_up
from jirong.store import business_date
from jirong.web import api
from jirong.web.api import actor_of, money

router = Router()


class AssetOut(ninja.Schema):
    id: uuid.UUID
    owner: uuid.UUID
    kind: str
    title: str
    number: str
    state: str
    value: str
    usable: str
    promised: str
    valued_on: datetime.date | None
    quantity: str | None
    price: str | None
    valuations: list[dict[str, Any]] = []
    encumbrances: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []


@router.get("/assets", response=api.PageOf[AssetOut], tags=["collateral"])
def list_assets(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """One's own assets and those shown to one, newest first."""
    return api.page(queries.assets(actor_of(request)), params, show=_asset)


@router.get("/assets/{id}", response=AssetOut, tags=["collateral"])
def get_asset(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """An asset with its valuations, the rights on it in the order of payment, and what happened."""
    actor = actor_of(request)
    row = queries.access_asset(actor, id)
    return _asset(row) | {
        "valuations": [_valuation(item) for item in queries.valuations(row)],
        "encumbrances": [_encumbrance(item) for item in queries.encumbrances(actor, row)],
        "steps": [_step(step) for step in queries.steps(asset=row)],
    }


class PledgeOut(ninja.Schema):
    id: uuid.UUID
    asset: uuid.UUID
    owner: uuid.UUID
    holder: uuid.UUID
    secures: uuid.UUID
    form: str
    share: str
    secured: str
    state: str
    registered_with: str
    register_number: str
    registered_until: datetime.date | None


@router.get("/pledges", response=api.PageOf[PledgeOut], tags=["collateral"])
def list_pledges(request: HttpRequest, params: Query[api.PageParams], state: str = "") -> dict[str, Any]:
    """Security one gave or holds, newest first."""
    return api.page(queries.agreements(actor_of(request), state), params, show=_pledge)


class SecurityOut(ninja.Schema):
    contract: uuid.UUID
    lender: uuid.UUID
    borrower: uuid.UUID
    debt: str
    value: str
    carries: str
    short: str
    room: str
    ratio: str | None
    called: bool
    findings: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    pledges: list[dict[str, Any]]
    steps: list[dict[str, Any]]


@router.get("/contracts/{id}/security", response=SecurityOut, tags=["collateral"])
def get_security(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """What secures a contract today, each demand of its scheme answered, and what would stop a payout."""
    row = queries.access_secured(actor_of(request), id)
    today = business_date.today()
    now = runtime.cover_now(row, today)
    found = runtime.findings(row, today)
    own = queries.agreements(actor_of(request)).filter(secures=id)
    return _cover(row, now) | {
        "called": queries.open_call(row) is not None,
        "findings": [reason.as_dict() for reason in found],
        "missing": [reason.as_dict() for reason in found if reason.bars],
        "pledges": [_pledge(item) for item in own],
        "steps": [_step(step) for step in queries.steps(secured=row)],
    }


def _cover(row: Secured, now: Cover) -> dict[str, Any]:
    ratio = None if now.ratio is None else str(round_half_up(now.ratio * 10_000) / Decimal(10_000))
    return {
        "contract": row.pk, "lender": row.lender_id, "borrower": row.borrower_id, "debt": money(now.debt_minor),
        "value": money(now.value_minor), "carries": money(now.carries_minor), "short": money(now.short_minor),
        "room": money(now.room_minor), "ratio": ratio,
    }  # fmt: skip


def _asset(row: Asset) -> dict[str, Any]:
    return {
        "id": row.pk, "owner": row.owner_id, "kind": row.kind, "title": row.title, "number": row.number,
        "state": row.state, "value": money(row.value_minor), "usable": money(row.usable_minor),
        "promised": money(row.promised_minor), "valued_on": row.valued_on,
        "quantity": None if row.quantity is None else f"{row.quantity:f}",
        "price": None if row.price_minor is None else money(row.price_minor),
    }  # fmt: skip


def _valuation(row: Valuation) -> dict[str, Any]:
    return {
        "id": str(row.pk), "source": str(row.source_id), "method": row.method, "value": money(row.value_minor),
        "haircut": str(row.haircut), "usable": money(row.usable_minor), "approaches": row.approaches,
        "on": row.on.isoformat(), "corrects": str(row.corrects_id) if row.corrects_id else None,
    }  # fmt: skip


def _encumbrance(item: queries.Encumbrance) -> dict[str, Any]:
    return {
        "place": item.place, "holder": item.holder.as_dict() if item.holder else None,
        "secured": money(item.secured_minor), "share": money(item.share_minor), "counts": money(item.counts_minor),
        "state": item.state, "register": item.register, "register_number": item.register_number,
        "at": item.at.isoformat() if item.at else None, "until": item.until.isoformat() if item.until else None,
    }  # fmt: skip


def _pledge(row: Agreement) -> dict[str, Any]:
    return {
        "id": row.pk, "asset": row.asset_id, "owner": row.owner_id, "holder": row.holder_id, "secures": row.secures,
        "form": row.form, "share": money(row.share_minor), "secured": money(row.secured_minor), "state": row.state,
        "registered_with": row.register, "register_number": row.register_number, "registered_until": row.registered_until,
    }  # fmt: skip


def _step(row: Step) -> dict[str, Any]:
    return {
        "action": str(row.action), "kind": row.kind, "by": str(row.by_id) if row.by_id else None,
        "on": row.on.isoformat(), "amount": None if row.amount_minor is None else money(row.amount_minor),
        "said": row.said, "reasons": row.reasons,
    }  # fmt: skip
