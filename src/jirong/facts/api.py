"""Facts over HTTP: files in, documents out; features with how each is known, and how fresh what is on file is."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from decimal import Decimal
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from jirong.facts import actions as facts_actions
from jirong.facts import compared, features, kinds
from jirong.facts import queries as facts
from jirong.facts.features import reading
from jirong.facts.features.online import Reader
from jirong.facts.models import Fact
from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import queries as parties
from jirong.store import business_date
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
    request: HttpRequest,
    kind: Form[str],
    file: File[UploadedFile],
    order_no: Form[str] = "",
    idempotency_key: api.IdempotencyKey = None,
) -> dict[str, Any]:
    """Add a CSV file of one kind: good rows stay, known ones are skipped, bad ones are named by line and reason.

    The XML of one e-invoice (数电票) is taken as kind ``invoice``; ``order_no`` where its remark names no order.
    """
    return facts_actions.import_file(
        actor=actor_of(request),
        id=api.action_id(idempotency_key),
        kind=kind,
        name=file.name or "upload.csv",
        data=file.read(),
        order_no=order_no,
    )


@router.get("/facts", response=api.PageOf[FactOut], tags=["facts"])
def list_facts(
    request: HttpRequest, params: Query[api.PageParams], kind: str = "", order_no: str = ""
) -> dict[str, Any]:
    return api.page(facts.visible(actor_of(request), kind, order_no), params, show=_fact)


@router.get("/facts/{id}", response=FactOut, tags=["facts"])
def get_fact(request: HttpRequest, id: uuid.UUID, purpose: str = "") -> dict[str, Any]:
    """One's own, disclosed or public facts; another firm's under its consent for ``purpose``."""
    return _fact(facts.access_fact(actor_of(request), id, purpose))


@router.get("/firms/{subject}/facts", response=api.PageOf[FactOut], tags=["facts"])
def firm_facts(
    request: HttpRequest, subject: uuid.UUID, kinds: str, params: Query[api.PageParams], purpose: str = ""
) -> dict[str, Any]:
    """A firm's standing facts of ``kinds`` (separated by commas), read for ``purpose``; one kind without consent refuses all."""
    actor = actor_of(request)
    parties.party(subject)
    asked = [name.strip() for name in kinds.split(",") if name.strip()]
    found = facts.consented_facts(actor, subject, asked, purpose, business_date.today())
    return api.page(found, params, show=_fact)


def _fact(row: Fact) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "key": row.key, "order_no": row.order_no, "on": row.on,
        "subject": row.subject_id, "counterparty": row.counterparty_id, "source": row.source_id,
        "values": row.values, "recorded_at": row.recorded_at,
    }  # fmt: skip


class FeatureOut(ninja.Schema):
    """A feature's definition: what it means, and from which kinds of fact it is computed."""

    feature: str = Field(examples=["revenue_12m"])
    title: dict[str, str]
    meaning: dict[str, str]
    kind: str = Field(examples=["money"])
    unit: dict[str, str] | None
    window: dict[str, str]
    sources: list[str] = Field(examples=[["tax.filing"]])
    consent_needed: list[str] = Field(examples=[["tax.filing"]])
    given: bool
    sql: str


class ValueOut(ninja.Schema):
    """A value and how it is known: present, missing, withheld or contradictory; only a present one has a value."""

    feature: str = Field(examples=["revenue_12m"])
    known: str = Field(examples=["present"])
    value: str | bool | None = Field(examples=["8640000.00"])
    fresh_on: datetime.date | None = Field(examples=["2026-05-31"])


class ValuesOut(ninja.Schema):
    """Features of one firm on a day, as the reader may know them for its purpose."""

    subject: uuid.UUID
    as_of: datetime.date
    purpose: str = Field(examples=["credit_assessment"])
    values: list[ValueOut]


class FreshnessOut(ninja.Schema):
    """What one source has said of a kind, and how recent it is."""

    kind: str = Field(examples=["tax.filing"])
    source: uuid.UUID
    statements: int = Field(examples=[12])
    latest_on: datetime.date
    recorded_at: datetime.datetime


@router.get("/features", response=list[FeatureOut], tags=["facts"])
def list_features(request: HttpRequest) -> list[dict[str, Any]]:
    """Every feature a scheme or a method may name."""
    return [_feature(item) for item in features.FEATURES.values()]


@router.get("/features/{code}", response=FeatureOut, tags=["facts"])
def get_feature(request: HttpRequest, code: str) -> dict[str, Any]:
    if code not in features.FEATURES:
        raise NotFound("feature.unknown", Text("没有这个特征", "There is no such feature"))
    return _feature(features.FEATURES[code])


@router.get("/firms/{subject}/features", response=ValuesOut, tags=["facts"])
def firm_features(
    request: HttpRequest, subject: uuid.UUID, names: str = "", purpose: str = "credit_assessment"
) -> dict[str, Any]:
    """A firm's features on the business date: ``names`` separated by commas (all), read for ``purpose``.

    What the reader has no consent for now is ``withheld``; silence is ``missing`` and never zero.
    """
    actor, today = actor_of(request), business_date.today()
    parties.party(subject)
    asked = [name.strip() for name in names.split(",") if name.strip()] or list(features.FEATURES)
    reader = Reader(actor.party, purpose, today) if actor.party else None
    found = features.online(subject, asked, as_of=today, reader=reader)
    values = [
        {"feature": name, "known": value.known.value, "value": _plain(value.value), "fresh_on": value.fresh_on}
        for name, value in found.items()
    ]
    return {"subject": subject, "as_of": today, "purpose": purpose, "values": values}


class FlowOut(ninja.Schema):
    """One of goods, papers, money and information: its sum in yuan, and how it is known."""

    flow: str = Field(examples=["papers"])
    feature: str = Field(examples=["invoiced_12m"])
    known: str = Field(examples=["present"])
    value: str | None = Field(examples=["8640000.00"])


class RingOut(ninja.Schema):
    """A circle of firms that each invoice the next about as much, and what this firm invoiced in it."""

    firms: int = Field(examples=[3])
    amount: str = Field(examples=["500000.00"])


class FlowsOut(ninja.Schema):
    """The four flows of twelve months set side by side; ``agree`` is null where a flow has no records."""

    subject: uuid.UUID
    as_of: datetime.date
    agree: bool | None
    known: str = Field(examples=["present"])
    flows: list[FlowOut]
    findings: list[dict[str, Any]]
    rings: list[RingOut] | None


@router.get("/firms/{subject}/flows", response=FlowsOut, tags=["facts"])
def firm_flows(request: HttpRequest, subject: uuid.UUID, purpose: str = "credit_assessment") -> dict[str, Any]:
    """Goods, papers, money and information of a firm compared, read for ``purpose``; what is not consented to is withheld.

    ``rings`` is null without consent to the firm's invoices.
    """
    actor, today = actor_of(request), business_date.today()
    parties.party(subject)
    reader = Reader(actor.party, purpose, today) if actor.party else None
    found = compared.compared(subject, as_of=today, reader=reader)
    flows = [
        {"flow": flow, "feature": compared.FLOWS[flow], "known": value.known.value, "value": _plain(value.value)}
        for flow, value in found.values.items()
    ]
    rings = None if found.rings is None else [{"firms": r.firms, "amount": str(Money(r.minor))} for r in found.rings]
    return {
        "subject": subject, "as_of": today, "agree": found.agree.value, "known": found.agree.known.value, "flows": flows,
        "findings": [finding.as_dict() for finding in found.findings], "rings": rings,
    }  # fmt: skip


@router.get("/firms/{subject}/freshness", response=list[FreshnessOut], tags=["facts"])
def firm_freshness(
    request: HttpRequest, subject: uuid.UUID, purpose: str = "credit_assessment"
) -> list[dict[str, Any]]:
    """By kind and source, how much the reader may read of a firm for ``purpose`` and how recent it is."""
    actor = actor_of(request)
    parties.party(subject)
    rows = facts.consented_freshness(actor, subject, purpose, business_date.today())
    return [dataclasses.asdict(row) for row in rows]


def _feature(item: features.Feature) -> dict[str, Any]:
    return {
        "feature": item.code, "title": item.title.as_dict(), "meaning": item.meaning.as_dict(), "kind": item.kind,
        "unit": item.unit.as_dict() if item.unit else None, "window": item.window.as_dict(),
        "sources": list(item.sources), "consent_needed": list(features.consent_needed(item)), "given": item.given,
        "sql": reading.statement(item),
    }  # fmt: skip


def _plain(value: Decimal | bool | str | None) -> str | bool | None:
    return format(value, "f") if isinstance(value, Decimal) else value


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
