"""Proposals over HTTP: what waits for a second person, and that person's answer."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import ninja
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from jirong.api import operations
from jirong.api.operations import Done, SignatureIn
from jirong.log.actions import REGISTRY
from jirong.parties import proposals
from jirong.parties import queries as parties
from jirong.parties.models import Proposal
from jirong.web import api
from jirong.web.api import actor_of

router = Router()


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
