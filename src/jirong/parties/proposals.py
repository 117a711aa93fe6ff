"""Maker and checker: one person prepares an action, another approves it, and only then it happens.

A proposal keeps the action's code, id and body in the statement's form. Approval decodes the body by the function's
own type hints and performs the action with the proposal's id, so the log holds what the maker wrote and the checker
signed, and approving twice does it once.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from jirong.kernel.errors import Conflict, Forbidden
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.log import decoding, statement
from jirong.log.actions import SuppliedSignature, action
from jirong.parties import queries
from jirong.parties.models import Proposal
from jirong.store.identity import Actor

Outcome = dict[str, Any]


@action("proposal.make", Text("提交复核", "Propose an action"))
def propose(*, actor: Actor, id: uuid.UUID, code: str, action_id: uuid.UUID, body: dict[str, Any]) -> Outcome:
    """Prepare action ``code`` with ``body`` (statement form) for a checker; ``action_id`` is the id it will have."""
    queries.require_duty(actor, "maker")
    decoding.arguments(code, body)
    assert actor.party is not None
    assert actor.user is not None
    proposal, created = Proposal.objects.get_or_create(
        id=action_id, defaults={"party_id": actor.party, "action": code, "body": body, "maker": actor.user}
    )
    if not created:
        raise Conflict("proposal.known", Text("该事项已提交过复核", "This action was already proposed"))
    return {"proposal": str(proposal.pk), "state": proposal.state}


@action("proposal.reject", Text("退回", "Reject a proposal"))
def reject(*, actor: Actor, id: uuid.UUID, proposal: uuid.UUID, note: str) -> Outcome:
    """Send a proposal back with the reason; nothing of it happens."""
    queries.require_duty(actor, "checker")
    changed = Proposal.objects.filter(pk=queries.access_proposal(actor, proposal).pk, state="proposed").update(
        state="rejected", checker=actor.user, note=note, decided_at=Now()
    )
    if not changed:
        raise _decided()
    return {"proposal": str(proposal), "state": "rejected"}


def approve(*, actor: Actor, proposal: uuid.UUID, signature: SuppliedSignature | None = None) -> Outcome:
    """Check and perform: the proposal's own action is the write (same transaction). Returns the action's outcome.

    Repeating an approval answers the first outcome. The checker must be another person than the maker.
    """
    with transaction.atomic():
        queries.require_duty(actor, "checker")
        queries.access_proposal(actor, proposal)
        waiting = Proposal.objects.select_for_update().get(pk=proposal)
        if waiting.state not in ("proposed", "approved"):
            raise _decided()
        if waiting.maker == actor.user:
            raise Forbidden(
                "proposal.same_person",
                Text("经办人不能复核自己提交的事项", "A maker cannot approve their own proposal"),
                remedy=Text("请由另一位有复核权限的同事处理", "Ask a colleague with the checker's duty"),
            )
        function, arguments = decoding.arguments(waiting.action, waiting.body)
        with log_actions.checked_by(waiting.maker):
            outcome: Outcome = function(actor=actor, id=waiting.pk, signature=signature, **arguments)
        if waiting.state == "proposed":
            waiting.state, waiting.checker = "approved", actor.user
            waiting.decided_at = Now()
            waiting.save(update_fields=["state", "checker", "decided_at"])
        return outcome


def statement_of(*, actor: Actor, proposal: uuid.UUID) -> bytes:
    """The bytes a checker with the party's own key signs to approve ``proposal``."""
    waiting = queries.access_proposal(actor, proposal)
    _, arguments = decoding.arguments(waiting.action, waiting.body)
    return log_actions.statement_bytes(waiting.action, actor=actor, id=waiting.pk, **arguments)


def body_of(**arguments: Any) -> dict[str, Any]:
    """The statement form of an action's arguments, as a proposal keeps it."""
    salts = statement.Salts()
    body = {name: statement.encode(value, salts, name) for name, value in arguments.items()}
    if salts.by_path:
        raise TypeError("an action with personal values cannot be proposed: its values would be stored unerasably")
    return body


def _decided() -> Conflict:
    return Conflict(
        "proposal.decided",
        Text("该事项已处理", "This proposal has already been decided"),
        remedy=Text("请刷新列表", "Refresh the list"),
    )
