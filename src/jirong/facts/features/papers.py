"""Evidence: of which day the latest paper of a kind is, and when a firm's papers last agreed with each other.

A trade's document speaks for both its sides: the buyer who asks for a note has the acceptance on file as much as the
seller does. The three-way match is no document but what four of them say together; it is evidence all the same, as of
the day of the latest of the four, and a reader needs consent for each of them. What is in question is no evidence
(:mod:`jirong.facts.doubt`).
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from jirong.facts import doubt, kinds, match, queries
from jirong.facts.features import catalogue
from jirong.facts.features.online import FOREVER, Reader, consented
from jirong.facts.features.parts import months_before
from jirong.facts.models import Fact
from jirong.store.identity import SYSTEM, acting_as

MONTHS, TRADES_MAX = 12, 200
"""How far back, and through how many invoices, newest first, a trade whose papers agree is looked for."""


def evidence(
    subject: uuid.UUID,
    names: Iterable[str],
    *,
    as_of: datetime.date,
    known_at: datetime.datetime | None = None,
    reader: Reader | None = None,
) -> dict[str, datetime.date]:
    """The day of the latest document of each kind in ``names``; kinds without one, or withheld, are absent."""
    wanted = [name for name in names if name in kinds.KINDS or name == catalogue.MATCH]
    if reader is not None:
        allowed = consented(subject, reader)
        wanted = [name for name in wanted if all(kind in allowed for kind in catalogue.consent_for(name))]
    with acting_as(SYSTEM), transaction.atomic():
        doubts = doubt.about(subject, [name for name in wanted if name in kinds.KINDS], known_at)
        found = _tallied(subject, wanted, as_of, known_at, doubts)
        traded = [name for name in wanted if name in kinds.TRADE_KINDS]
        for kind, day in _as_buyer(subject, traded, as_of, known_at, doubts):
            found[kind] = max(day, found.get(kind, day))
        agreed = matched_on(subject, as_of, known_at) if catalogue.MATCH in wanted else None
    return found if agreed is None else found | {catalogue.MATCH: agreed}


def matched_on(
    subject: uuid.UUID, as_of: datetime.date, known_at: datetime.datetime | None = None
) -> datetime.date | None:
    """The day of the newest trade of the firm, as either side, whose four papers agree; None where none does."""
    since = months_before(as_of, MONTHS)
    invoices = Fact.objects.filter(Q(subject=subject) | Q(counterparty=subject), kind="invoice", on__gt=since)
    standing = doubt.stood(invoices.filter(on__lte=as_of), known_at).exclude(order_no="").order_by("-on", "-pk")
    trades = queries.trades_of(standing.values_list("subject_id", "order_no")[:TRADES_MAX], known_at=known_at)
    days = []
    for trade in trades:
        papers = [paper for paper in trade.papers if paper.on <= as_of]
        if match.three_way(papers).holds:
            days.append(max(paper.on for paper in papers))
    return max(days, default=None)


def _tallied(
    subject: uuid.UUID,
    wanted: list[str],
    as_of: datetime.date,
    known_at: datetime.datetime | None,
    doubts: Mapping[doubt.Document, doubt.Doubt],
) -> dict[str, datetime.date]:
    """By kind the latest day with a document that is not in question.

    A day all of whose documents were moved by a correction has none left; of one that has only one answer, sources
    that disagree leave none.
    """
    query = (
        'SELECT kind, max("on") FROM (SELECT kind, "on", sum(count) AS n, sum(disputes) AS disputes FROM facts_tally '
        'WHERE subject_id = %s AND kind = ANY(%s) AND "on" <= %s AND recorded_at <= %s GROUP BY kind, "on") AS days '
        "LEFT JOIN unnest(%s::text[], %s::date[], %s::bigint[]) AS doubted(of_kind, of_day, doubts) "
        'ON of_kind = kind AND of_day = "on" '
        "WHERE n > coalesce(doubts, 0) AND NOT (kind = ANY(%s) AND disputes > 0) GROUP BY kind"
    )
    doubted = Counter((each.kind, found.on) for each, found in doubts.items() if each.subject == subject)
    columns: list[list[Any]] = [[kind for kind, _ in doubted], [day for _, day in doubted], list(doubted.values())]
    one_answer = [code for code, kind in kinds.KINDS.items() if kind.one_answer]
    with connection.cursor() as cursor:
        cursor.execute(query, [subject, wanted, as_of, known_at or FOREVER, *columns, one_answer])
        return dict(cursor.fetchall())


def _as_buyer(
    subject: uuid.UUID,
    wanted: list[str],
    as_of: datetime.date,
    known_at: datetime.datetime | None,
    doubts: Mapping[doubt.Document, doubt.Doubt],
) -> list[tuple[str, datetime.date]]:
    if not wanted:
        return []
    found = Fact.objects.filter(counterparty=subject, kind__in=wanted, on__lte=as_of)
    doubted = [statement for each in doubts.values() for statement in each.statements]
    standing = doubt.stood(found, known_at).exclude(pk__in=doubted)
    return list(standing.values_list("kind").annotate(Max("on")))
