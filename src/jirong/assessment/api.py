"""Assessments over HTTP: results with their reasons and inputs, and the catalogue of methods."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from jirong.assessment import queries
from jirong.assessment.methods import Method, house_methods
from jirong.assessment.models import Assessment
from jirong.web import api
from jirong.web.api import actor_of

router = Router()


class ReasonOut(ninja.Schema):
    """One sentence on one input: helped, hurt, change, lacking, stood_in or noted."""

    effect: str = Field(examples=["helped"])
    feature: str = Field(examples=["rd_intensity"])
    text: dict[str, str]
    points: str | None


class AssessmentOut(ninja.Schema):
    """A result with all it rests on."""

    id: uuid.UUID
    subject: uuid.UUID
    assessor: uuid.UUID
    method: str = Field(examples=["innovation-points@1"])
    as_of: datetime.date
    status: str = Field(examples=["assessed"])
    score: str | None
    level: str | None
    pd: str | None
    reasons: list[ReasonOut]
    inputs: dict[str, Any]
    inputs_hash: str
    figures: dict[str, str]
    verified: bool
    recorded_at: datetime.datetime


class InputOut(ninja.Schema):
    feature: str = Field(examples=["rd_intensity"])
    title: dict[str, str]
    kind: str = Field(examples=["percent"])


class MethodOut(ninja.Schema):
    """A method of the catalogue: what it reads and which levels it can answer, best first."""

    method: str = Field(examples=["innovation-points@1"])
    title: dict[str, str]
    summary: dict[str, str]
    source: str
    effective: datetime.date
    verified: bool
    levels: list[str]
    inputs: list[InputOut]


@router.get("/assessments", response=api.PageOf[AssessmentOut], tags=["assessment"])
def list_assessments(
    request: HttpRequest, params: Query[api.PageParams], subject: uuid.UUID | None = None, method: str = ""
) -> dict[str, Any]:
    """Results of the acting party, made by it, or shown to it."""
    return api.page(queries.assessments(actor_of(request), subject, method), params, show=_assessment)


@router.get("/assessments/{id}", response=AssessmentOut, tags=["assessment"])
def get_assessment(request: HttpRequest, id: uuid.UUID) -> dict[str, Any]:
    return _assessment(queries.access_assessment(actor_of(request), id))


@router.get("/assessment-methods", response=list[MethodOut], tags=["assessment"])
def list_methods(request: HttpRequest) -> list[dict[str, Any]]:
    """The methods a scheme may name."""
    return [_method(method) for method in house_methods()]


@router.get("/assessment-methods/{method}", response=MethodOut, tags=["assessment"])
def get_method(request: HttpRequest, method: str) -> dict[str, Any]:
    return _method(house_methods()[method])


def _assessment(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.pk, "subject": row.subject_id, "assessor": row.assessor_id, "method": row.method,
        "as_of": row.as_of, "status": row.status, "level": row.level, "reasons": row.reasons, "inputs": row.inputs,
        "score": None if row.score is None else str(row.score), "pd": None if row.pd is None else str(row.pd),
        "inputs_hash": row.inputs_hash, "figures": row.figures, "verified": row.verified,
        "recorded_at": row.recorded_at,
    }  # fmt: skip


def _method(method: Method) -> dict[str, Any]:
    head = method.head
    return {
        "method": head.id, "title": head.title.as_dict(), "summary": head.summary.as_dict(), "source": head.source,
        "effective": head.effective, "verified": head.verified, "levels": list(head.levels.codes),
        "inputs": [
            {"feature": item.feature, "title": item.title.as_dict(), "kind": item.kind} for item in head.inputs
        ],
    }  # fmt: skip
