"""A lender's book as it stands after a year and a half: firms, decisions, contracts, loans in every state.

Each loan's payments are replayed by the instrument itself, so a seeded loan's page, its claims and its columns agree.
What is drawn by lot follows from the loan's number alone: the same book every time.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from jirong.claims.models import ClaimRow
from jirong.cli import world as worlds
from jirong.engine.kinds import loan as loans
from jirong.financing import happenings, product, runtime
from jirong.financing.actions import schemes
from jirong.financing.models import Application, ClassChange, Contract, Decision, LateMark, Loan, LoanEvent, Policy
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel import calendar
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.parties.models import Cluster, Membership, Party, Role
from jirong.store.identity import SYSTEM, acting_as

SEED = uuid.UUID("5e1f3c52-0d4f-5c1a-9b53-0f2f7d7e9a10")
PLACES = ("顺德", "澄海", "永康", "柯桥", "晋江")
NAMES = ("宏泰", "金辉", "新联", "恒丰", "锦程", "华盛", "同兴", "永达", "瑞和", "德昌", "嘉信", "万利")
TRADES = ("家具", "玩具", "五金", "纺织", "鞋业", "塑料", "灯饰")
RATES = {"A": Decimal("0.0385"), "B": Decimal("0.0435"), "C": Decimal("0.0520")}
CLASS_DAYS = (1, 91, 271, 361)
LATE_DAYS = (30, 90)


@dataclass
class Furnished:
    """A lender with two policies, one of which shares its losses with a pool, and a book under both."""

    policies: list[uuid.UUID]
    loans: list[uuid.UUID]


def furnish(lending: Any, today: datetime.date, count: int) -> Furnished:
    """Give the world a pool and another bank, a second policy that the pool has joined, and a seeded book."""
    more = {
        "pool": {"name": "风险补偿基金", "size": "large", "roles": ["fund"], "bank": "bank", "balance": "9000000.00"},
        "rival": {"name": "另一银行", "size": "large", "roles": ["bank"]},
        "bank": {"name": "银行", "size": "large", "roles": ["bank"], "bank": "bank", "balance": "90000000.00"},
    }
    added = worlds.found("lending", {"business_date": str(today), "parties": more})
    for name in ("parties", "logins", "tokens", "accounts"):
        getattr(lending.world, name).update(getattr(added, name))
    stand = schemes.Stand("pool", lending.party("pool"))
    shared = lending.sign_policy("toy-bridge-loan", parties_named=[stand], budget=Money.parse("9000000.00"))
    lending.do("pool", schemes.commit_means, amount=Money.parse("200000.00"))
    lending.do("pool", schemes.join_policy, policy=shared, name="pool")
    policies = [lending.policy, shared]
    with transaction.atomic():
        return Furnished(policies, seed(policies, today, count))


@dataclass
class Made:
    """One loan on the way into the tables."""

    number: int
    level: str
    started: datetime.date
    months: int
    minor: int
    policy: Policy
    firm: uuid.UUID

    def id(self, *parts: object) -> uuid.UUID:
        return derived_id(SEED, self.policy.pk, self.number, *parts)


def seed(policies: Sequence[uuid.UUID], today: datetime.date, count: int) -> list[uuid.UUID]:
    """``count`` loans under the policies, the youngest a week old; their ids."""
    with acting_as(SYSTEM):
        found = list(Policy.objects.filter(pk__in=policies).order_by("pk"))
        firms = make_firms(found[0].lender_id, count)
        made = [one(number, firms[number], found[number % len(found)], today) for number in range(count)]
        return [write(each, today) for each in made]


def make_firms(lender: uuid.UUID, count: int) -> list[uuid.UUID]:
    """As many firms in five clusters."""
    ids = [derived_id(SEED, lender, "firm", number) for number in range(count)]
    clusters = [derived_id(SEED, lender, "cluster", place) for place in PLACES]
    Cluster.objects.bulk_create(
        [
            Cluster(id=id, name=f"{place}产业集群", name_en=f"{place} cluster")
            for id, place in zip(clusters, PLACES, strict=True)
        ]
    )
    Party.objects.bulk_create(
        [
            Party(
                id=id,
                name=firm_name(number),
                uscc=f"9{number:017d}",
                size="micro",
                sector=TRADES[number % 7],
                region=PLACES[number % 5],
            )
            for number, id in enumerate(ids)
        ]
    )
    Role.objects.bulk_create([Role(party_id=id, role="firm") for id in ids])
    since = datetime.date(2024, 1, 1)
    Membership.objects.bulk_create(
        [Membership(cluster_id=clusters[number % 5], party_id=id, since=since) for number, id in enumerate(ids)]
    )
    return ids


def firm_name(number: int) -> str:
    return f"{PLACES[number % 5]}{NAMES[number // 5 % 12]}{TRADES[number % 7]}有限公司" + (
        f"第{number // 60 + 1}厂" if number >= 60 else ""
    )


def one(number: int, firm: uuid.UUID, policy: Policy, today: datetime.date) -> Made:
    level = "AABBBC"[number % 6]
    started = today - datetime.timedelta(days=8 + number * 37 % 540)
    minor = (20_000 + number * 7_919 % 480_000) * 100
    return Made(number, level, started, (6, 12, 24)[number % 3], minor, policy, firm)


def luck(made: Made) -> str:
    """How the loan goes: most pay; some slip once; few stop."""
    lot = made.number * 61 % 100 + {"A": 8, "B": 4, "C": 0}[made.level]
    return "stops" if lot < 6 else "slips" if lot < 13 else "pays"


def write(made: Made, today: datetime.date) -> uuid.UUID:
    contract = signed(made)
    kept = contract.product
    id = made.id("loan")
    row = runtime.new_loan(contract, id, made.minor, kept)
    row.started, row.standing = made.started, derived_id(id, "principal")
    begun = product.from_json(kept).begun(Money(made.minor), made.started)
    events, spells = lived(made, begun, today)
    state = practice.replay(begun, events, today)
    ahead = practice.ahead(begun, events, today)
    row.principal_left_minor = state.principal.minor
    row.raised = ahead[0].number - 1 if ahead else row.periods
    row.next_due = ahead[0].due if ahead else None
    row.oldest_due = min((due.due for due in state.dues), default=None)
    row.plain = not any(happenings.breaks_columns(event) for event in events)
    late = row.oldest_due is not None and row.oldest_due < today
    row.status = "repaid" if state.closed else "overdue" if late else "live"
    row.closed_on = events[-1].on if state.closed and events else None
    row.loan_class = sum((today - row.oldest_due).days >= days for days in CLASS_DAYS) if row.oldest_due else 0
    row.save(force_insert=True)
    LoanEvent.objects.bulk_create(
        [LoanEvent(loan=row, place=place, on=event.on, kind=type(event).__name__, body=happenings.write(event), action=made.id("event", place))
         for place, event in enumerate(events)]
    )  # fmt: skip
    claims(row, state)
    history(row, spells, today)
    return id


def signed(made: Made) -> Contract:
    """The application, its decision and the contract behind a loan."""
    rate, policy = RATES[made.level], made.policy
    kept = {
        "rate": str(rate), "repayment": "annuity", "months": made.months, "days": None, "every_months": 1, "basis": None,
        "grace_days": 0, "penalty_factor": "1.5", "early": True,
    }  # fmt: skip
    terms = {
        "amount": str(Money(made.minor)), "limit": str(Money(made.minor)), "currency": "CNY", "bound_by": "limit", "rate": str(rate),
        "level": made.level, "annual_rate": str(rate), "product": kept,
    }  # fmt: skip
    application = Application.objects.create(
        id=made.id("application"),
        policy=policy,
        borrower_id=made.firm,
        asked_minor=made.minor,
        state="signed",
        decision=made.id("decision"),
    )
    Decision.objects.create(
        id=made.id("decision"), application=application, lender_id=policy.lender_id, borrower_id=made.firm, on=made.started,
        verdict="approve", automatic=True, terms=terms, answers=[], inputs={"on": made.started.isoformat(), "level": made.level}, sha256="0" * 64,
    )  # fmt: skip
    return Contract.objects.create(
        id=made.id("contract"), application=application, policy=policy, lender_id=policy.lender_id, borrower_id=made.firm,
        borrowers=[made.firm], parties={**policy.parties, "lender": str(policy.lender_id), "borrower": str(made.firm)},
        limit_minor=made.minor, rate=rate, annual_rate=rate, product=kept, how="once", least_minor=1, multiple_minor=1, opened_on=made.started,
        ends=calendar.add_months(made.started, 3), status="live", in_use_minor=made.minor, seen_by=sorted({made.firm, policy.lender_id}),
    )  # fmt: skip


def lived(
    made: Made, begun: practice.LoanTerms, today: datetime.date
) -> tuple[list[practice.Event], list[tuple[datetime.date, datetime.date | None]]]:
    """Payments up to ``today`` and the late spells: due day and the day it was cured (None: not yet)."""
    how = luck(made)
    events: list[practice.Event] = []
    spells: list[tuple[datetime.date, datetime.date | None]] = []
    plan = practice.schedule(begun).instalments
    turn = 1 + made.number % max(1, len(plan) - 2)
    for line in plan:
        if line.due >= today or (how == "stops" and line.number > turn):
            if line.due < today:
                spells.append((line.due, None))
            break
        late = (35 if made.number % 4 else 100) if how == "slips" and line.number == turn else 0
        paid = line.due + datetime.timedelta(days=late)
        if late:
            spells.append((line.due, paid if paid < today else None))
            if paid >= today:
                break
        due = practice.replay(begun, events, paid).due_amount
        if due.minor:
            events.append(practice.Payment(paid, due))
    return events, spells


def claims(row: Loan, state: practice.LoanState) -> None:
    """Claims of what is due and of the rest that stands."""
    rows: list[dict[str, Any]] = []
    terms = runtime.terms_of(row)
    for due in state.dues:
        for bucket, kind, amount in (
            (Bucket.PRINCIPAL, "loan", due.principal),
            (Bucket.INTEREST, "interest", due.interest),
        ):
            if amount.minor:
                rows.append(
                    {"id": loans.due_id(terms, due.number, bucket), "kind": kind, "minor": amount.minor, "due": due.due}
                )
    if state.performing.minor:
        rows.append(
            {"id": row.standing, "kind": "loan", "minor": state.performing.minor, "due": row.next_due or state.as_of}
        )
    ClaimRow.objects.bulk_create(
        ClaimRow(
            id=each["id"], contract=row.pk, kind=each["kind"], debtor=row.borrower_id, creditor=row.lender_id, amount_minor=each["minor"],
            outstanding_minor=each["minor"], unit="CNY", due=each["due"], state="overdue" if each["due"] < state.as_of else "held", root=each["id"],
            seen_by=row.seen_by,
        )
        for each in rows
    )  # fmt: skip


def history(row: Loan, spells: Sequence[tuple[datetime.date, datetime.date | None]], today: datetime.date) -> None:
    """Class changes and late marks that such spells leave behind."""
    assert row.started is not None
    for due, cured in spells:
        last, code = cured or today, 0
        for after, days in enumerate(CLASS_DAYS, start=1):
            on = due + datetime.timedelta(days=days)
            if on <= last:
                change(row, on, code, after, days)
                code = after
        if cured:
            change(row, cured, code, 0, 0)
            for days in LATE_DAYS:
                if (cured - due).days >= days:
                    on = due + datetime.timedelta(days=days)
                    LateMark.objects.create(loan=row, lender_id=row.lender_id, started=row.started, days=days, on=on)


def change(row: Loan, on: datetime.date, before: int, after: int, days: int) -> None:
    rules = ["loan_class.overdue_days"] if after else []
    ClassChange.objects.create(
        lender_id=row.lender_id,
        debtor_id=row.borrower_id,
        on=on,
        before=before,
        after=after,
        days_past_due=days,
        rules=rules,
    )
