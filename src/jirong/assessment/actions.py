"""Writing results: assess a firm, and show a result to somebody."""

from __future__ import annotations

import uuid
from typing import Any

from jirong.assessment import queries, results
from jirong.assessment.models import Assessment
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.store import business_date
from jirong.store.identity import Actor

Outcome = dict[str, Any]


@action("assessment.make", Text("评估企业", "Assess a firm"))
def make_assessment(
    *, actor: Actor, id: uuid.UUID, subject: uuid.UUID, method: str, purpose: str = "credit_assessment"
) -> Outcome:
    """Assess ``subject`` by ``method`` (``name@version``) on the business date, from what the actor may read.

    An input the actor has no consent for is withheld and leaves the result incomplete: the result says which. A firm
    may assess itself. Raises :class:`~jirong.kernel.errors.NotFound` for an unknown firm or method.
    """
    assessor = _party(actor)
    parties.party(subject)
    row, _ = results.assess(
        subject,
        method,
        assessor=assessor,
        because=id,
        as_of=business_date.today(str(assessor)),
        purpose=purpose,
    )
    concern(subject)
    return _outcome(row)


@action("assessment.disclose", Text("出示评估结果", "Show an assessment"))
def disclose_assessment(*, actor: Actor, id: uuid.UUID, assessment: uuid.UUID, to: uuid.UUID) -> Outcome:
    """Let ``to`` read a result; the firm assessed decides, for it is the firm's data."""
    row = queries.access_assessment(actor, assessment)
    if row.subject_id != actor.party:
        raise Forbidden(
            "assessment.not_the_subject",
            Text("只有被评估的企业可以出示评估结果", "Only the firm assessed may show its result to others"),
            remedy=Text("请联系该企业出示", "Ask the firm to show it"),
        )
    parties.party(to)
    results.disclose(row, [to], because=id)
    concern(to, row.assessor_id)
    return {"assessment": str(row.pk), "shown_to": str(to)}


def _party(actor: Actor) -> uuid.UUID:
    if actor.party is None:
        raise Forbidden("assessment.no_assessor", Text("请先选择代表的单位", "Choose the party you act for first"))
    return actor.party


def _outcome(row: Assessment) -> Outcome:
    return {
        "assessment": str(row.pk),
        "status": row.status,
        "score": None if row.score is None else str(row.score),
        "level": row.level,
        "pd": None if row.pd is None else str(row.pd),
        "inputs_hash": row.inputs_hash,
    }
