"""Facts over HTTP: files in, documents out."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from jirong.facts import actions as facts_actions
from jirong.facts import kinds
from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.web import api
from jirong.web.api import actor_of

router = Router()


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
