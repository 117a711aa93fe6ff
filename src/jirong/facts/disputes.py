"""Disputes: a side says that what somebody else stated about it is wrong, and whoever stated it has to answer.

From then on the document is in question (:data:`jirong.facts.doubt.RULE`): nothing is decided on it either way, and a
decision that asks for it answers "ask". The source corrects its statement (:func:`jirong.facts.actions.correct`, which ends the dispute) or
upholds it with a reason; the side may take the dispute back. A side may dispute a statement once, so that nothing can
be held open for ever; all that was said stays on record.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.db.models import Q, QuerySet

from jirong.facts import kinds, tally
from jirong.facts.models import Dispute, DisputeAnswer, Fact
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.log.statement import PersonalText
from jirong.store.identity import SYSTEM, Actor, acting_as

Outcome = dict[str, Any]
REASON_MAX = 300


@action("facts.dispute", Text("对数据提出异议", "Dispute a fact"))
def raise_dispute(*, actor: Actor, id: uuid.UUID, fact: uuid.UUID, reason: PersonalText) -> Outcome:
    """Say that what another stated about the actor is wrong, and why; features that rest on it turn contradictory."""
    row = Fact.objects.filter(pk=fact).first()
    if row is None:
        raise NotFound("fact.unknown", Text("没有这份单据", "There is no such document"))
    by = _may_dispute(actor, row)
    if Dispute.objects.filter(fact=row, by=by).exists():
        raise Conflict(
            "dispute.twice",
            Text("本单位已对这份数据提出过异议", "Your party has disputed this statement already"),
            remedy=Text("请在异议记录中查看答复", "See the answer among the disputes"),
        )
    moment = tally.lock({row.subject_id})
    Dispute.objects.create(id=id, fact=row, by_id=by, reason=_reason(reason), recorded_at=moment)
    tally.dispute(kinds.kind_of(row.kind), row, 1, moment)
    concern(row.subject_id, row.source_id)
    return {"dispute": str(id), "fact": str(row.pk), "state": "open"}


@action("facts.uphold", Text("维持已提交的数据", "Uphold a disputed fact"))
def uphold(*, actor: Actor, id: uuid.UUID, dispute: uuid.UUID, reason: PersonalText) -> Outcome:
    """Answer a dispute by standing by the statement, with the reason; only its source may."""
    found = _open(actor, dispute)
    if found.fact.source_id != actor.party:
        raise Forbidden(
            "dispute.not_the_source",
            Text("只有提交该数据的单位可以答复", "Only the party that stated the fact may answer"),
        )
    _close(found, "upheld", by=found.fact.source_id, reason=_reason(reason), because=id)
    return {"dispute": str(dispute), "fact": str(found.fact_id), "state": "upheld"}


@action("facts.withdraw_dispute", Text("撤回异议", "Take a dispute back"))
def withdraw(*, actor: Actor, id: uuid.UUID, dispute: uuid.UUID) -> Outcome:
    """Take one's own dispute back; the statement stands again."""
    found = _open(actor, dispute)
    if found.by_id != actor.party:
        raise Forbidden(
            "dispute.not_yours", Text("只能撤回本单位提出的异议", "You can only take back your own party's dispute")
        )
    _close(found, "withdrawn", by=found.by_id, reason="", because=id)
    return {"dispute": str(dispute), "fact": str(found.fact_id), "state": "withdrawn"}


def close_by_correction(old: Fact, new: Fact, moment: datetime.datetime, *, because: uuid.UUID) -> None:
    """End the open disputes of ``old``, which ``new`` corrects; inside the correcting action."""
    kind = kinds.kind_of(old.kind)
    with acting_as(SYSTEM):
        for found in Dispute.objects.filter(fact=old, answer__isnull=True):
            DisputeAnswer.objects.create(
                dispute=found, by_id=old.source_id, outcome="corrected", correction=new, because=because,
                recorded_at=moment,
            )  # fmt: skip
            tally.dispute(kind, old, -1, moment)


def involving(actor: Actor) -> QuerySet[Dispute]:
    """Disputes the acting party raised, and those of its own statements, newest first."""
    found = Dispute.objects.filter(Q(by=actor.party) | Q(fact__source=actor.party))
    return found.select_related("fact", "fact__source", "by", "answer").order_by("-recorded_at", "-pk")


def of_fact(fact: Fact) -> list[Dispute]:
    """The disputes of one statement, newest first; whoever sees the statement sees them."""
    found = Dispute.objects.filter(fact=fact).select_related("by", "answer", "answer__by")
    return list(found.order_by("-recorded_at", "-pk"))


def open_count(actor: Actor) -> int:
    """How many disputes wait for the acting party's answer."""
    return Dispute.objects.filter(fact__source=actor.party, answer__isnull=True).count()


def may_dispute(actor: Actor, fact: Fact) -> bool:
    """Whether the page offers it."""
    return actor.party in (fact.subject_id, fact.counterparty_id) and fact.source_id != actor.party


def access(actor: Actor, id: uuid.UUID) -> Dispute:
    """A dispute the acting party raised or has to answer; another does not exist for it."""
    found = involving(actor).filter(pk=id).first()
    if found is None:
        raise NotFound("dispute.unknown", Text("没有这项异议", "There is no such dispute"))
    return found


def _may_dispute(actor: Actor, row: Fact) -> uuid.UUID:
    """The party that disputes, if it may."""
    if row.source_id == actor.party:
        raise Invalid(
            "dispute.own",
            Text("这是本单位自己提交的数据", "Your own party stated this"),
            remedy=Text("请使用“更正”", "Use “correct”"),
            where="fact",
        )
    if actor.party is None or not may_dispute(actor, row):
        raise Forbidden(
            "dispute.not_a_side",
            Text(
                "只有数据所说的企业或交易对方可以提出异议", "Only the firm it is about, or the other side, may dispute"
            ),
        )
    if row.corrections.exists():
        raise Conflict(
            "fact.corrected", Text("该数据已被更正", "This fact has been corrected already"),
            remedy=Text("请查看最新的一条", "See the latest one"),
        )  # fmt: skip
    return actor.party


def _open(actor: Actor, id: uuid.UUID) -> Dispute:
    found = access(actor, id)
    if hasattr(found, "answer"):
        raise Conflict("dispute.answered", Text("这项异议已有结果", "This dispute is answered already"))
    return found


def _close(found: Dispute, outcome: str, *, by: uuid.UUID, reason: str, because: uuid.UUID) -> None:
    moment = tally.lock({found.fact.subject_id})
    DisputeAnswer.objects.create(
        dispute=found, by_id=by, outcome=outcome, reason=reason, because=because, recorded_at=moment
    )
    tally.dispute(kinds.kind_of(found.fact.kind), found.fact, -1, moment)
    concern(found.by_id, found.fact.subject_id, found.fact.source_id)


def _reason(said: str) -> str:
    text = " ".join(said.split())
    if not text or len(text) > REASON_MAX or not text.isprintable():
        raise Invalid(
            "dispute.reason",
            Text(f"请写明理由，不超过{REASON_MAX}个字", f"Give the reason, at most {REASON_MAX} characters"),
            where="reason",
        )
    return text
