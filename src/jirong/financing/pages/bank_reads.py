"""What a lender's desk asks: what to do now, the funnel of its applications, cases like the one before it.

Everything runs as the reader, so row security decides what is there; each question is one statement.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.urls import reverse

from jirong.financing import queries
from jirong.financing.models import (
    UNSENT_APPLICATIONS,
    Application,
    CloseError,
    CollectionStep,
    Contract,
    Decision,
    LateMark,
    Loan,
    Policy,
    PolicySignature,
)
from jirong.financing.pages import shared
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.parties.models import Proposal
from jirong.rails import queries as rails
from jirong.rails.models import Instruction
from jirong.store.identity import Actor
from jirong.web.display import Label

DECIDE = "application.decide"
CALL_AGAIN_DAYS = 7
"""An overdue loan without a collection step for so long waits for one."""
EXPIRES_WITHIN = 2
SHOWN = 12

FUNNEL = """
SELECT count(*) AS applied, count(d.at) AS decided, count(c.at) AS signed, count(l.at) AS paid,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY d.at - a.recorded_at),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY c.at - d.at),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY l.at - c.at),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY d.at - a.recorded_at),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY c.at - d.at),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY l.at - c.at)
FROM financing_application a JOIN financing_policy p ON p.id = a.policy_id AND p.lender_id = %(lender)s
LEFT JOIN LATERAL (
    SELECT max(recorded_at) AS at FROM financing_decision WHERE application_id = a.id AND verdict IN ('approve', 'refuse')
) AS d ON true
LEFT JOIN LATERAL (SELECT id, recorded_at AS at FROM financing_contract WHERE application_id = a.id) AS c ON true
LEFT JOIN LATERAL (
    SELECT min(s.recorded_at) AS at FROM financing_step s WHERE s.contract_id = c.id AND s.kind = 'disburse.paid'
) AS l ON true
WHERE a.state NOT IN ('draft', 'discarded') AND a.recorded_at >= %(since)s AND (%(policy)s::uuid IS NULL OR a.policy_id = %(policy)s)
"""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: ``tone`` ``bad`` before ``wait`` before ``plain``; ``file`` opens beside the queue."""

    what: Label
    who: Label
    detail: Label
    url: str
    amount_minor: int | None = None
    tone: str = "wait"
    file: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many of the applications came how far, and the median and ninth decile of each step's time."""

    applied: int
    decided: int
    signed: int
    paid: int
    median: tuple[datetime.timedelta | None, ...]
    slow: tuple[datetime.timedelta | None, ...]


def referred(actor: Actor) -> QuerySet[Application]:
    """Files that wait for the lender's people, the oldest first."""
    found = queries.applications(actor, "referred").filter(policy__lender=actor.party)
    since = Decision.objects.filter(pk=OuterRef("decision")).values("on")
    return found.annotate(since=Subquery(since)).order_by("recorded_at", "pk")


def pending(actor: Actor) -> dict[uuid.UUID, Proposal]:
    """Decisions that a maker has prepared and a colleague is to check, by application."""
    rows = Proposal.objects.filter(party=actor.party, state="proposed", action=DECIDE).order_by("recorded_at", "pk")
    return {uuid.UUID(str(row.body["application"])): row for row in rows}


def todos(actor: Actor, today: datetime.date) -> list[Todo]:
    """What waits for the lender, the most urgent kind first."""
    return [
        *_exceptions(actor), *_rejected(actor), *_files(actor, today), *_policies(actor), *_late(actor, today),
        *_offers(actor, today),
    ]  # fmt: skip


def _files(actor: Actor, today: datetime.date) -> list[Todo]:
    waiting = pending(actor)
    found = []
    for row in referred(actor)[:SHOWN]:
        proposed = waiting.get(row.pk)
        since: datetime.date | None = row.since  # type: ignore[attr-defined]
        age = (today - since).days if since else 0
        if proposed is None:
            what, tone = Text("人工审批", "To decide"), "bad" if age > 2 else "wait"
        elif proposed.maker == actor.user:
            what, tone = Text("待同事复核", "With a colleague"), "plain"
        else:
            what, tone = Text("待您复核", "To check"), "bad"
        title = shared.title_of(row.policy)
        days = (
            Text(f"{title.zh} · 已{age}天", f"{title.en} · {age} days")
            if age > 0
            else Text(f"{title.zh} · 今天", f"{title.en} · today")
        )
        url = f"{reverse('bank_desk')}?file={row.pk}"
        found.append(Todo(what, labels.name_of(row.borrower), days, url, row.asked_minor, tone, row.pk))
    return found


def _offers(actor: Actor, today: datetime.date) -> list[Todo]:
    rows = queries.applications(actor, "offered").filter(
        policy__lender=actor.party, offered_until__lte=today + datetime.timedelta(days=EXPIRES_WITHIN)
    )
    return [
        Todo(
            Text("报价将失效", "Offer ends"), labels.name_of(row.borrower),
            Text(f"{row.offered_until} 到期，企业尚未签署", f"open until {row.offered_until}, not signed yet"),
            f"{reverse('bank_desk')}?file={row.pk}", row.asked_minor, "plain", row.pk,
        )
        for row in rows.order_by("offered_until", "pk")[:SHOWN]
    ]  # fmt: skip


def _policies(actor: Actor) -> list[Todo]:
    """Policies that wait for this party's signature under one of its names."""
    return [
        Todo(
            Text("政策待签", "Policy to sign"), labels.name_of(row.lender), shared.title_of(row),
            reverse("bank_policy", args=[row.pk]), None, "wait",
        )
        for row in awaiting(actor)[:SHOWN]
    ]  # fmt: skip


def awaiting(actor: Actor) -> list[Policy]:
    rows = Policy.objects.filter(state="signing").select_related("scheme", "lender").order_by("recorded_at", "pk")
    return [row for row in rows if any(row.parties.get(name) == str(actor.party) for name in row.waits_for)]


def _late(actor: Actor, today: datetime.date) -> list[Todo]:
    found = []
    for row in to_collect(actor, today)[:SHOWN]:
        assert row.oldest_due is not None
        days = (today - row.oldest_due).days
        found.append(
            Todo(
                Text("催收", "Collect"), labels.name_of(row.borrower),
                Text(f"逾期{days}天，{CALL_AGAIN_DAYS}天内没有催收记录", f"{days} days late, no step for {CALL_AGAIN_DAYS} days"),
                reverse("bank_loan", args=[row.pk]), row.held_minor, "bad" if days > 30 else "wait",
            )
        )  # fmt: skip
    return found


def to_collect(actor: Actor, today: datetime.date) -> QuerySet[Loan]:
    """Late loans nobody has called about lately and whose debtor's promise, if any, has passed."""
    recent = CollectionStep.objects.filter(loan=OuterRef("pk")).filter(
        Q(on__gt=today - datetime.timedelta(days=CALL_AGAIN_DAYS)) | Q(promised_on__gte=today)
    )
    late = Loan.objects.filter(lender=actor.party, oldest_due__lt=today, status__in=["live", "overdue", "defaulted"])
    return late.filter(~Exists(recent)).select_related("borrower").order_by("oldest_due", "pk")


def _exceptions(actor: Actor) -> list[Todo]:
    rows = (
        CloseError.objects.filter(run__lender=actor.party, solved_on=None).select_related("run").order_by("-pk")[:SHOWN]
    )
    return [
        Todo(
            Text("日终异常", "Close exception"), Text(f"{row.run.on} · {row.code}", f"{row.run.on} · {row.code}"),
            Text.from_dict(row.reason), reverse("bank_close_run", args=[row.run_id]), None, "bad",
        )
        for row in rows
    ]  # fmt: skip


def _rejected(actor: Actor) -> list[Todo]:
    """Payments of loans a bank refused and nothing was sent after."""
    rows = list(rails.failed(actor).filter(purpose__startswith="credit.")[:SHOWN])
    later = dict(
        Instruction.objects.filter(subject__in=[row.subject for row in rows])
        .values_list("subject")
        .annotate(Max("recorded_at"))
    )
    return [
        Todo(
            Text("付款被拒", "Payment refused"), labels.name_of(row.payer), Text(f"{row.business_date} 发出", f"sent {row.business_date}"),
            reverse("bank_loan", args=[row.subject]), sum(leg.amount_minor for leg in row.legs.all()), "bad",
        )
        for row in rows if later.get(row.subject) == row.recorded_at
    ]  # fmt: skip


def similar(row: Application, level: str, most: int = 6) -> list[Decision]:
    """The latest decisions under the same policy, those of the same level first, without the file's own."""
    rows = Decision.objects.filter(application__policy=row.policy_id, verdict__in=["approve", "refuse"])
    same = Case(When(terms__level=level, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = rows.exclude(application=row.pk).annotate(unlike=same).select_related("application__contract", "borrower")
    return list(found.order_by("unlike", "-recorded_at", "-pk")[:most])


def outcome_of(contracts: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, int]]:
    """How the loans of contracts went: the gravest class of each and its state."""
    rows = Loan.objects.filter(contract__in=contracts).order_by("contract", "loan_class")
    return {row.contract_id: (row.status, row.loan_class) for row in rows if row.contract_id}


def pipeline(actor: Actor) -> QuerySet[Application]:
    """Applications made to the lender with the moment of their last decision, drafts apart."""
    last = Decision.objects.filter(pk=OuterRef("decision"))
    found = queries.applications(actor).filter(policy__lender=actor.party)
    return found.annotate(
        decided_at=Subquery(last.values("recorded_at")), level=Subquery(last.values("terms__level")[:1])
    )


def funnel(actor: Actor, since: datetime.date, policy: uuid.UUID | None = None) -> Funnel:
    """Of the applications made since ``since``: how many came how far, and how long each step took."""
    with connection.cursor() as cursor:
        cursor.execute(FUNNEL, {"lender": actor.party, "since": since, "policy": policy})
        row = cursor.fetchone()
    applied, decided, signed, paid = row[:4]
    return Funnel(applied, decided, signed, paid, row[4:7], row[7:10])


def by_state(actor: Actor) -> dict[str, int]:
    """How many applications stand in each state."""
    found = (
        Application.objects.filter(policy__lender=actor.party)
        .exclude(state__in=UNSENT_APPLICATIONS)
        .values_list("state")
    )
    return dict(found.annotate(Count("pk")))


def book(actor: Actor) -> QuerySet[Loan]:
    """The lender's own loans, newest first."""
    return queries.loans(actor).filter(lender=actor.party)


def ever_late(rows: QuerySet[Loan], days: int, today: datetime.date) -> QuerySet[Loan]:
    """Those of ``rows`` that were ever so many days late."""
    marks = LateMark.objects.filter(loan=OuterRef("pk"), days=days)
    return rows.filter(Exists(marks) | Q(oldest_due__lte=today - datetime.timedelta(days=days)))


def lender_policies(actor: Actor) -> QuerySet[Policy]:
    """The lender's policies, and those the party stands in by another name, newest first."""
    signed = PolicySignature.objects.filter(policy=OuterRef("pk"), party=actor.party)
    rows = Policy.objects.select_related("scheme", "lender").order_by("-recorded_at", "-pk")
    stands = [row.pk for row in awaiting(actor)]
    return rows.filter(Q(lender=actor.party) | Exists(signed) | Q(pk__in=stands))


def contract_loans(actor: Actor, contract: Contract) -> list[Loan]:
    return list(queries.loans(actor, contract=contract.pk))


def collection(loan: Loan) -> list[CollectionStep]:
    return list(CollectionStep.objects.filter(loan=loan).order_by("-recorded_at", "-pk"))


def as_day(day: datetime.date) -> Value:
    """The business date as a column, for rows that say how they stand today."""
    return Value(day, output_field=DateField())
