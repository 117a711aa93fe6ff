"""Documents in question 存疑: who says so, and what that means, in one rule that the firm and the page are told alike.

A document is in question while a side disputes it and is not answered, or while two sources state it otherwise. An
acceptance is the buyer's word: one that the seller alone states is not confirmed, and counts for nothing until the
buyer, or a third source, states it too.

What is in question is looked up as the house: whoever may read a document is told that it is disputed, even where the
statement that says otherwise was not shown to it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from jirong.facts import kinds
from jirong.facts.kinds.fields import text
from jirong.facts.models import Dispute, DisputeAnswer, Fact
from jirong.kernel.text import Text
from jirong.store import hot
from jirong.store.identity import SYSTEM, acting_as

RULE = Text(
    "单据有异议未答复，或两个来源所述不同，即为存疑：不作证据，不参与三单匹配，用到这类单据的特征一律为“来源互相矛盾”，不据此作任何决定。",
    "A document is in question while a dispute of it is not answered, or while two sources state it otherwise: it is no "
    "evidence and matches nothing, every feature that reads such documents is contradictory, and nothing is decided on it.",
)
"""The one rule; ``docs/features.md`` and the page where a firm disputes have it in these words."""

DISPUTED, CONTRADICTORY, UNCONFIRMED = "disputed", "contradictory", "unconfirmed"
STATEMENTS = hot.Read(
    Fact,
    "kind = ANY(%s) AND subject_id = ANY(%s) AND key = ANY(%s) AND recorded_at <= %s::timestamptz AND NOT EXISTS"
    " (SELECT FROM facts_fact AS later WHERE later.corrects_id = here.id AND later.recorded_at <= %s::timestamptz)"
    " ORDER BY recorded_at, id",
    disputed="EXISTS (SELECT FROM facts_dispute AS said WHERE said.fact_id = here.id"
    " AND said.recorded_at <= %s::timestamptz AND NOT EXISTS (SELECT FROM facts_dispute_answer AS answer"
    " WHERE answer.dispute_id = said.id AND answer.recorded_at <= %s::timestamptz))",
)


class Document(NamedTuple):
    """What statements of several sources are about."""

    kind: str
    subject: uuid.UUID
    key: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a document counts for nothing, the statements of it, and the day the one that is counted is about."""

    why: str
    statements: tuple[uuid.UUID, ...]
    on: datetime.date


def document(fact: Fact) -> Document:
    return Document(fact.kind, fact.subject_id, fact.key)


def differs(kind: kinds.FactKind, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two statements of one document say otherwise. What only one of them gives is silence, and free text that
    need not be given (an item's name, the terms) is put differently by everybody: neither contradicts.
    """
    compared = (field.name for field in kind.fields if field.required or field.read is not text)
    return any(one[name] != other[name] for name in compared if one.get(name) and other.get(name))


def of(documents: Iterable[Document], known_at: datetime.datetime | None = None) -> dict[Document, Doubt]:
    """Those of the documents that count for nothing, as known at ``known_at`` (now)."""
    wanted, known = set(documents), known_at or "infinity"
    if not wanted:
        return {}
    asked = [sorted({each[place] for each in wanted}) for place in range(3)]
    with acting_as(SYSTEM), transaction.atomic():
        rows = STATEMENTS.rows(known, known, *asked, known, known)
    statements: dict[Document, list[Fact]] = {}
    for fact in rows:
        if document(fact) in wanted:
            statements.setdefault(document(fact), []).append(fact)
    return {
        each: Doubt(why, tuple(fact.pk for fact in said), said[0].on)
        for each, said in statements.items()
        if (why := _why(said))
    }


def about(party: uuid.UUID, codes: Iterable[str], known_at: datetime.datetime | None = None) -> dict[Document, Doubt]:
    """Every document of these kinds with ``party`` on a side of it that counts for nothing."""
    sides = Fact.objects.filter(Q(subject=party) | Q(counterparty=party), kind__in=list(codes))
    with acting_as(SYSTEM), transaction.atomic():
        said = stood(sides, known_at)
        several = said.values("kind", "subject", "key").annotate(n=Count("source", distinct=True)).filter(n__gt=1)
        suspects = {Document(*row) for row in several.values_list("kind", "subject", "key")}
        alone = said.filter(Exists(open_disputes(known_at)) | Q(kind=kinds.ACCEPTANCE.code, source=F("subject")))
        suspects |= {Document(*row) for row in alone.values_list("kind", "subject", "key")}
    return of(suspects, known_at)


def open_disputes(known_at: datetime.datetime | None = None) -> QuerySet[Dispute]:
    """Disputes of the outer query's fact without an answer, as known at ``known_at`` (now)."""
    raised, answers = Dispute.objects.filter(fact=OuterRef("pk")), DisputeAnswer.objects.filter(dispute=OuterRef("pk"))
    if known_at is not None:
        raised, answers = raised.filter(recorded_at__lte=known_at), answers.filter(recorded_at__lte=known_at)
    return raised.filter(~Exists(answers))


def stood(found: QuerySet[Fact], known_at: datetime.datetime | None) -> QuerySet[Fact]:
    """Those of ``found`` that stood at ``known_at`` (now): on record, and not corrected yet."""
    if known_at is None:
        return found.filter(corrections__isnull=True)
    corrected = Fact.objects.filter(corrects=OuterRef("pk"), recorded_at__lte=known_at)
    return found.filter(~Exists(corrected), recorded_at__lte=known_at)


def _why(said: list[Fact]) -> str:
    """What is wrong with a document, of its statements in the order they came; empty where nothing is."""
    first, *others = said
    kind = kinds.kind_of(first.kind)
    if any(getattr(fact, "disputed", False) for fact in said):
        return DISPUTED
    if any(differs(kind, first.values, fact.values) for fact in others):
        return CONTRADICTORY
    if kind is kinds.ACCEPTANCE and all(fact.source_id == fact.subject_id for fact in said):
        return UNCONFIRMED
    return ""
