"""Reading facts: what the actor may see, a trade's documents, its match, and its invoices.

A document several sources stated is shown once: the earliest uncorrected statement of each (kind, subject, number).
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from jirong.facts import doubt, kinds, match
from jirong.facts.models import Batch, Disclosure, Fact, Following
from jirong.kernel.errors import Forbidden, NotFound
from jirong.kernel.text import Text
from jirong.parties.models import Consent
from jirong.store import business_date, hot
from jirong.store.identity import Actor

OF_ORDERS = hot.Read(
    Fact,
    "subject_id = ANY(%s) AND order_no = ANY(%s) AND kind = ANY(%s) AND recorded_at <= %s::timestamptz AND NOT EXISTS"
    " (SELECT FROM facts_fact AS later WHERE later.corrects_id = here.id AND later.recorded_at <= %s::timestamptz)"
    ' ORDER BY "on", recorded_at, id',
)


@dataclass(frozen=True, slots=True)
class Trade:
    """One order between two parties, with every document on file, what a match needs of each, and how they match."""

    seller: uuid.UUID
    buyer: uuid.UUID
    order_no: str
    documents: tuple[Fact, ...]
    papers: tuple[match.Document, ...]
    match: match.Match

    def of(self, kind: str) -> list[Fact]:
        return [fact for fact in self.documents if fact.kind == kind]


def access_fact(actor: Actor, id: uuid.UUID, purpose: str = "") -> Fact:
    """A fact of the actor's own, disclosed to it, or public; any other under consent for ``purpose``.

    What row security hides does not exist for the actor. What it shows for some purpose or other is read for the one
    that is named, and :class:`Forbidden` where none is, or where no consent covers it today.
    """
    found = Fact.objects.select_related("subject", "counterparty", "source").filter(pk=id).first()
    if found is None:
        raise NotFound("fact.unknown", Text("没有这份单据", "There is no such document"))
    if not (is_own(actor, found) or kinds.kind_of(found.kind).public or disclosed_to(actor, [found])):
        need_consent(actor, found.subject_id, [found.kind], purpose, business_date.today())
    return found


def is_own(actor: Actor, fact: Fact) -> bool:
    """Whether the actor is a side of what the fact says, or said it itself."""
    return actor.role == "system" or actor.party in (fact.subject_id, fact.counterparty_id, fact.source_id)


def disclosed_to(actor: Actor, facts: Iterable[Fact]) -> set[uuid.UUID]:
    """Which of ``facts`` somebody disclosed to the acting party."""
    shown = Disclosure.objects.filter(party=actor.party, fact__in=[fact.pk for fact in facts])
    return set(shown.values_list("fact_id", flat=True))


def access_batch(actor: Actor, id: uuid.UUID) -> Batch:
    found = Batch.objects.filter(pk=id, source=actor.party).first()
    if found is None:
        raise NotFound("batch.unknown", Text("没有这次导入", "There is no such import"))
    return found


def visible(actor: Actor, kind: str = "", order_no: str = "") -> QuerySet[Fact]:
    """The actor's facts that stand (not corrected), newest first."""
    found = Fact.objects.filter(corrections__isnull=True).select_related("subject", "counterparty", "source")
    found = _of_actor(actor, found)
    if kind:
        found = found.filter(kind=kinds.kind_of(kind).code)
    if order_no:
        found = found.filter(order_no=order_no)
    return found.order_by("-recorded_at", "-pk")


def _of_actor(actor: Actor, found: QuerySet[Fact]) -> QuerySet[Fact]:
    """Those of a trade the actor is a side of, about itself, or disclosed to it; what others consented to is read for
    a purpose, by :func:`consented_facts`.
    """
    if actor.role == "system":
        return found
    shown = Disclosure.objects.filter(party=actor.party, fact=OuterRef("pk"))
    return found.filter(Q(subject=actor.party) | Q(counterparty=actor.party) | Exists(shown))


def access_trade(actor: Actor, seller: uuid.UUID, order_no: str, purpose: str = "") -> Trade:
    """The trade's documents and match; ``NotFound`` where the actor sees none of it.

    A side reads its own trade, a financier what was disclosed to it; anybody else needs the seller's consent for
    ``purpose`` to all four kinds (:class:`Forbidden`), so that nobody takes a part of a trade for the whole.
    """
    trades = trades_of([(seller, order_no)])
    if not trades:
        raise NotFound("trade.unknown", Text("没有这笔交易的单据", "There are no documents of this trade"))
    trade = trades[0]
    if actor.role == "system" or actor.party in (trade.seller, trade.buyer):
        return trade
    if len(disclosed_to(actor, trade.documents)) < len(trade.documents):
        need_consent(actor, seller, kinds.TRADE_KINDS, purpose, business_date.today())
    return trade


def trades_of(
    orders: Iterable[tuple[uuid.UUID, str]],
    tolerance: match.Tolerance | None = None,
    known_at: datetime.datetime | None = None,
) -> list[Trade]:
    """The trades of (seller, order number) as known at ``known_at`` (now), in one query; documents the identity may
    not see are missing.
    """
    wanted, known = set(orders), known_at or "infinity"
    facts = OF_ORDERS.rows(
        sorted({seller for seller, _ in wanted}),
        sorted({order_no for _, order_no in wanted}),
        sorted(kinds.TRADE_KINDS),
        known,
        known,
    )
    grouped: dict[tuple[uuid.UUID, uuid.UUID, str], dict[tuple[str, str], Fact]] = {}
    for fact in facts:
        if (fact.subject_id, fact.order_no) in wanted and fact.counterparty_id is not None:
            documents = grouped.setdefault((fact.subject_id, fact.counterparty_id, fact.order_no), {})
            documents.setdefault((fact.kind, fact.key), fact)
    doubts = doubt.of((doubt.document(fact) for found in grouped.values() for fact in found.values()), known_at)
    return [_trade(key, tuple(documents.values()), doubts, tolerance) for key, documents in grouped.items()]


def _trade(
    key: tuple[uuid.UUID, uuid.UUID, str],
    documents: tuple[Fact, ...],
    doubts: Mapping[doubt.Document, doubt.Doubt],
    tolerance: match.Tolerance | None,
) -> Trade:
    papers = tuple(document_of(fact, doubts.get(doubt.document(fact))) for fact in documents)
    return Trade(*key, documents, papers, match.three_way(papers, tolerance))


def document_of(fact: Fact, why: doubt.Doubt | None = None) -> match.Document:
    """What a match needs of a document; a red-letter invoice takes its quantity back, whatever sign it was given."""
    quantity = Decimal(fact.values["quantity"])
    return match.Document(
        kind=fact.kind,
        key=fact.key,
        on=fact.on,
        quantity=-abs(quantity) if fact.values.get("colour") == "red" else quantity,
        amount_minor=fact.amount_minor,
        doubt=why.why if why else "",
    )


def standing_invoices(seller: uuid.UUID, buyer: uuid.UUID, order_no: str) -> list[Fact]:
    """Blue invoices of a trade, one row a document, less those a red-letter invoice reversed."""
    trade = next((found for found in trades_of([(seller, order_no)]) if found.buyer == buyer), None)
    if trade is None:
        return []
    invoices = trade.of("invoice")
    reversed_by_red = {fact.values.get("red_of") for fact in invoices if fact.values.get("colour") == "red"}
    return [f for f in invoices if f.values.get("colour") != "red" and f.key not in reversed_by_red]


def batches(actor: Actor) -> QuerySet[Batch]:
    """Files and pushes of the acting party, newest first."""
    return Batch.objects.filter(source=actor.party).order_by("-recorded_at", "-pk")


def following() -> QuerySet[Following]:
    """The connectors that are pulled by themselves, as far as the identity sees them."""
    return Following.objects.select_related("source")


def orders_of_batch(batch: Batch, limit: int = 20) -> list[tuple[uuid.UUID, str]]:
    """The trades (seller, order number) that documents of a batch belong to, at most ``limit``."""
    rows = batch.facts.exclude(order_no="").order_by("subject", "order_no")
    return list(rows.values_list("subject_id", "order_no").distinct()[:limit])


@dataclass(frozen=True, slots=True)
class Freshness:
    """What one source has said of a kind: how many statements, the latest day they are about, when they came."""

    kind: str
    source: uuid.UUID
    statements: int
    latest_on: datetime.date
    recorded_at: datetime.datetime


def consented_facts(
    actor: Actor, subject: uuid.UUID, wanted: Iterable[str], purpose: str, on: datetime.date
) -> QuerySet[Fact]:
    """Standing facts of ``subject`` that the actor may use for ``purpose`` on ``on``, newest first.

    Consent is looked up now, at this read: by grantee, purpose, scope and term, and not withdrawn. A kind without it
    refuses the whole read (:class:`Forbidden`, naming the kinds), so that nobody takes a part for the whole. The
    subject's own facts need none, nor public ones.
    """
    codes = [kinds.kind_of(code).code for code in wanted]
    need_consent(actor, subject, codes, purpose, on)
    found = Fact.objects.filter(subject=subject, kind__in=codes, corrections__isnull=True, on__lte=on)
    return found.select_related("source").order_by("-on", "-recorded_at", "-pk")


def need_consent(actor: Actor, subject: uuid.UUID, codes: Iterable[str], purpose: str, on: datetime.date) -> None:
    """Refuse (:class:`Forbidden`) unless the actor may read all these kinds of ``subject`` for ``purpose`` on ``on``."""
    allowed = _allowed(actor, subject, purpose, on)
    lacking = [code for code in codes if code not in allowed]
    if not lacking:
        return
    if not purpose:
        raise Forbidden(
            "facts.no_purpose",
            Text("读取其他单位的资料须说明用途", "Reading another party's facts needs a stated purpose"),
            remedy=Text(
                "请写明授权用途，如 purpose=credit_assessment",
                "Name the purpose consented to, such as purpose=credit_assessment",
            ),
            where="purpose",
        )
    titles = [kinds.KINDS[code].title for code in lacking]
    raise Forbidden(
        "consent.missing",
        Text(
            f"没有读取{'、'.join(title.zh for title in titles)}的有效授权，或授权已撤回、已到期、目的不符",
            f"No consent in force covers {', '.join(title.en for title in titles)} for this purpose and day",
        ),
        remedy=Text("请企业授权后重试", "Ask the firm to consent, then try again"),
        details={"kinds": lacking, "purpose": purpose},
    )


def _allowed(actor: Actor, subject: uuid.UUID, purpose: str, on: datetime.date) -> set[str]:
    if actor.role == "system" or actor.party == subject:
        return set(kinds.KINDS)
    scopes = Consent.objects.filter(
        grantor=subject, grantee=actor.party, purpose=purpose, valid__contains=on, withdrawn_at=None
    ).values_list("scope", flat=True)
    free = {code for code, kind in kinds.KINDS.items() if kind.public}
    return free.union(*scopes)


def readable(actor: Actor, subject: uuid.UUID, purpose: str, on: datetime.date) -> list[str]:
    """The kinds of ``subject``'s facts the actor may read for ``purpose`` on ``on``, public ones among them."""
    allowed = _allowed(actor, subject, purpose, on)
    return [code for code in kinds.KINDS if code in allowed]


def freshness(actor: Actor, subject: uuid.UUID) -> list[Freshness]:
    """By kind and source, what the actor sees of ``subject`` and how fresh it is: provenance for the profile page."""
    rows = (
        Fact.objects.filter(subject=subject, corrections__isnull=True)
        .values_list("kind", "source")
        .annotate(Count("pk"), Max("on"), Max("recorded_at"))
        .order_by("kind", "source")
    )
    return [Freshness(*row) for row in rows]


def consented_freshness(actor: Actor, subject: uuid.UUID, purpose: str, on: datetime.date) -> list[Freshness]:
    """:func:`freshness` of the kinds the actor may read for ``purpose`` on ``on``; consent is looked up now."""
    allowed = _allowed(actor, subject, purpose, on)
    return [row for row in freshness(actor, subject) if row.kind in allowed]


def behind(
    actor: Actor, subject: uuid.UUID, codes: Iterable[str], since: datetime.date, on: datetime.date
) -> QuerySet[Fact]:
    """Standing facts of ``subject`` of these kinds after ``since`` up to ``on``: what a feature is counted from."""
    return (
        Fact.objects.filter(subject=subject, kind__in=list(codes), on__gt=since, on__lte=on, corrections__isnull=True)
        .select_related("subject", "counterparty", "source")
        .order_by("-on", "-pk")
    )


def consents_in_force(grantor: uuid.UUID, on: datetime.date, codes: Iterable[str] = ()) -> list[Consent]:
    """The consents a firm has given that hold on the day, for any of ``codes`` (any at all where none is named)."""
    found = Consent.objects.filter(grantor=grantor, valid__contains=on, withdrawn_at=None).select_related("grantee")
    wanted = list(codes)
    return list((found.filter(scope__overlap=wanted) if wanted else found).order_by("grantee__name", "recorded_at"))


def orders(actor: Actor) -> QuerySet[Fact]:
    """The orders that stand in the actor's trades, one row a document whoever stated it first, newest first."""
    earlier = Fact.objects.filter(
        kind="order", subject=OuterRef("subject"), key=OuterRef("key"), corrections__isnull=True
    ).order_by("recorded_at", "pk")
    return (
        _of_actor(actor, Fact.objects.filter(kind="order", corrections__isnull=True))
        .filter(pk=Subquery(earlier.values("pk")[:1]))
        .select_related("subject", "counterparty")
        .order_by("-on", "-pk")
    )


def invoices(actor: Actor) -> QuerySet[Fact]:
    """Blue invoices of the actor's trades, one row a document whoever stated it first, newest first."""
    earlier = Fact.objects.filter(
        kind="invoice", subject=OuterRef("subject"), key=OuterRef("key"), corrections__isnull=True
    ).order_by("recorded_at", "pk")
    return (
        _of_actor(actor, Fact.objects.filter(kind="invoice", corrections__isnull=True, amount_minor__gt=0))
        .filter(pk=Subquery(earlier.values("pk")[:1]))
        .select_related("subject", "counterparty")
        .order_by("-on", "-pk")
    )
