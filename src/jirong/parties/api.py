"""Parties over HTTP: the public register, whom one acts for, tokens."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Form, Query, Router
from pydantic import Field

from jirong.parties import actions as party_actions
from jirong.parties import queries as parties
from jirong.parties.models import Party
from jirong.store import business_date
from jirong.web import api
from jirong.web.api import actor_of

router = Router()


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
    scope: str = Field(examples=["read"])


@router.post("/tokens", response=TokenOut, tags=["party"])
def create_token(
    request: HttpRequest,
    name: Form[str],
    days: Form[int] = 90,
    scope: Form[str] = "all",
    idempotency_key: api.IdempotencyKey = None,
) -> dict[str, Any]:
    """A bearer token for the logged-in person and party; shown here only (and again for the same key). Its scope is
    ``all``, or ``read`` for one that changes nothing.
    """
    id = api.action_id(idempotency_key)
    outcome = party_actions.create_token(actor=actor_of(request), id=id, name=name, days=days, scope=scope)
    return {"token": party_actions.token_of(id), **outcome}
