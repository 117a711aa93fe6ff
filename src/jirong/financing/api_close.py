"""The close of business over HTTP: a lender's runs with their parts and errors, and what it provided for on a day."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router

from jirong.financing import queries
from jirong.financing.models import CloseRun
from jirong.instruments.portfolio.classes import CLASSES
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.store import business_date, catalogue
from jirong.web import api
from jirong.web.api import actor_of, money

router = Router(tags=["close"])


class CloseRunOut(ninja.Schema):
    id: uuid.UUID
    lender: uuid.UUID
    on: datetime.date
    state: str
    steps: list[str]
    partitions: int
    finished_at: datetime.datetime | None
    parts: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []


@router.get("/close-runs", response=api.PageOf[CloseRunOut])
def list_close_runs(request: HttpRequest, params: Query[api.PageParams]) -> dict[str, Any]:
    """The acting lender's closes (the operator sees all), newest day first."""
    return api.page(queries.close_runs(actor_of(request)), params, order=("-on", "-id"), show=_run)


@router.get("/close-runs/{id}", response=CloseRunOut)
def get_close_run(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    """One close: each part done with its counts, each loan left out with the reason."""
    row = queries.close_runs(actor_of(request)).filter(pk=id).first()
    if row is None:
        raise NotFound("close.unknown", Text("没有这次日终", "There is no such close"))
    parts = [
        {"step": part.step, "partition": part.partition, "counts": part.counts, "seconds": round(part.seconds, 3)}
        for part in row.parts.order_by("pk")
    ]
    errors = [
        {"step": error.step, "loan": str(error.loan), "code": error.code, "reason": error.reason}
        for error in row.errors.order_by("pk")
    ]
    return _run(row) | {"parts": parts, "errors": errors}


class ProvisionOut(ninja.Schema):
    loan_class: str
    loans: int
    principal: str
    accrued: str
    provision: str
    rule: dict[str, Any] | None = None
    """The dated rule that gave the share, with its clause and whether anybody has read it; none: the lender's plan."""


@router.get("/provisions", response=list[ProvisionOut])
def list_provisions(request: HttpRequest, on: datetime.date | None = None) -> list[dict[str, Any]]:
    """What the acting lender provided for at the close of ``on`` (the business date where none is given), by class."""
    actor = actor_of(request)
    if actor.party is None:
        return []
    day = on or business_date.today()
    book = catalogue.rulebook()
    return [
        {
            "loan_class": CLASSES[row["loan_class"]].value, "loans": row["count"], "principal": money(row["principal"]),
            "accrued": money(row["accrued"]), "provision": money(row["provision"]),
            "rule": book.at(row["rule"], day).as_dict() if row["rule"] else None,
        }
        for row in queries.provisions(actor.party, day)
    ]  # fmt: skip


def _run(row: CloseRun) -> dict[str, Any]:
    return {
        "id": row.pk, "lender": row.lender_id, "on": row.on, "state": row.state, "steps": row.steps,
        "partitions": row.partitions, "finished_at": row.finished_at,
    }  # fmt: skip
