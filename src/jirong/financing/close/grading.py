"""What is late, how grave it is, what is set aside for it: overdue, loan classes by debtor, provisions.

Set-based: only rows that change are written. Classes follow the dated rules of the rulebook (floors; see
``instruments.portfolio.classes``): every loan of a debtor at a lender takes the class of its latest one.
"""

from __future__ import annotations

import datetime
import uuid
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import connection

from jirong.financing import queries
from jirong.financing.close.raising import COLUMNS, Part, contracts_of
from jirong.financing.models import ClassChange, ClosePlan, Loan, LoanEvent, Provision
from jirong.instruments.portfolio import book as books
from jirong.instruments.portfolio.classes import CLASSES, loan_class, loan_classes
from jirong.kernel import calendar
from jirong.kernel.money import round_half_up
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, acting_as

LATE_CLAIMS = """
UPDATE claims_claim c SET state = 'overdue' FROM financing_loan l
WHERE l.lender_id = %s AND l.partition = ANY(%s) AND l.oldest_due < %s AND l.status IN ('live', 'overdue')
    AND c.contract = l.id AND c.id <> l.standing AND c.state = 'held' AND c.due < %s AND c.kind <> 'contribution'
"""
LATE_LOANS = """
UPDATE financing_loan SET status = 'overdue'
WHERE lender_id = %s AND partition = ANY(%s) AND oldest_due < %s AND status = 'live'
"""
LATEST = """
SELECT borrower_id, min(oldest_due), max(loan_class) FROM financing_loan
WHERE lender_id = %s AND partition = ANY(%s) AND status IN ('live', 'overdue', 'defaulted')
    AND (oldest_due IS NOT NULL OR loan_class > 0 OR id = ANY(%s))
GROUP BY borrower_id ORDER BY borrower_id
"""
REGRADE = """
UPDATE financing_loan l SET loan_class = u.class FROM unnest(%s::uuid[], %s::int[]) AS u (borrower, class)
WHERE l.lender_id = %s AND l.partition = ANY(%s) AND l.borrower_id = u.borrower
    AND l.status IN ('live', 'overdue', 'defaulted')
"""
PROVISION_BP = (100, 200, 2500, 5000, 10000)
"""贷款损失准备：正常1 %、关注2 %、次级25 %、可疑50 %、损失100 % (银发〔2002〕98号, from memory, not read): a default
that a lender's own plan replaces.
"""


def mark_overdue(part: Part) -> dict[str, int]:
    """What was due before today and is unpaid is overdue."""
    with acting_as(SYSTEM), connection.cursor() as cursor:
        partitions = list(part.partitions)
        cursor.execute(LATE_CLAIMS, [part.lender, partitions, part.on, part.on])
        claims = cursor.rowcount
        cursor.execute(LATE_LOANS, [part.lender, partitions, part.on])
        return {"claims": claims, "loans": cursor.rowcount}


def classify(part: Part) -> dict[str, int]:
    """Put each debtor's loans in the class its latest one calls for; a change is kept with its rules."""
    rules = catalogue.rulebook()
    restructured = _under_observation(part)
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(LATEST, [part.lender, list(part.partitions), list(restructured)])
        rows = cursor.fetchall()
    if not rows:
        return {"debtors": 0, "changed": 0}
    days = np.array([(part.on - due).days if due else 0 for _, due, _ in rows], dtype=np.int64)
    watched = np.array([borrower in set(restructured.values()) for borrower, _, _ in rows])
    codes = loan_classes(part.on, np.maximum(days, 0), restructured=watched, rulebook=rules).tolist()
    changed = [
        (borrower, before, after, late)
        for (borrower, _, before), after, late in zip(rows, codes, days.tolist(), strict=True)
        if before != after
    ]
    _regrade(part, changed, rules, set(restructured.values()))
    return {"debtors": len(rows), "changed": len(changed)}


def provide(part: Part) -> dict[str, int]:
    """Count the book by class and set the plan's share of each class's principal aside."""
    rates = provision_bp(part.lender)
    with acting_as(SYSTEM):
        rows: list[dict[str, Any]] = list(
            Loan.objects.filter(
                lender=part.lender, partition__in=part.partitions, status__in=["live", "overdue", "defaulted"]
            ).values(*COLUMNS, "principal_left_minor", "loan_class", "plain", "status")
        )
        made = [_provision(part, rates, code, some) for code in range(len(CLASSES)) if (some := _of(rows, code))]
        Provision.objects.bulk_create(made)
    return {"loans": len(rows), "provision_minor": sum(row.provision_minor for row in made)}


def provision_bp(lender: uuid.UUID) -> tuple[int, ...]:
    with acting_as(SYSTEM):
        plan = ClosePlan.objects.filter(lender=lender).first()
    return tuple(plan.provision_bp) if plan else PROVISION_BP


def _of(rows: list[dict[str, Any]], code: int) -> list[dict[str, Any]]:
    return [row for row in rows if row["loan_class"] == code]


def _provision(part: Part, rates: tuple[int, ...], code: int, rows: list[dict[str, Any]]) -> Provision:
    principal = sum(row["principal_left_minor"] for row in rows)
    return Provision(
        lender_id=part.lender, on=part.on, partition=part.partitions[0], loan_class=code, loans=len(rows),
        principal_minor=principal, accrued_minor=_accrued(part.on, rows),
        provision_minor=round_half_up(Fraction(principal * rates[code], 10_000)),
    )  # fmt: skip


def _accrued(on: datetime.date, rows: list[dict[str, Any]]) -> int:
    """Interest earned and not yet due: plain loans in columns, the others replayed."""
    running = [row for row in rows if row["status"] != "defaulted" and row["next_due"] is not None]
    plain = [row for row in running if row["plain"]]
    total = 0
    if plain:
        contracts = contracts_of(plain)
        total = int(books.book(contracts, contracts.fallen(np.datetime64(on)), on).accrued.sum())
    for row in running:
        if not row["plain"]:
            state = queries.standing(Loan.objects.get(pk=row["id"]), on)
            total += state.accrued.minor if state else 0
    return total


def _regrade(part: Part, changed: list[tuple[uuid.UUID, int, int, int]], rules: Any, watched: set[uuid.UUID]) -> None:
    if not changed:
        return
    kept = [
        ClassChange(
            lender_id=part.lender, debtor_id=borrower, on=part.on, before=before, after=after, days_past_due=days,
            rules=[
                rule.id
                for rule in loan_class(
                    part.on, max(days, 0), restructured=borrower in watched, rulebook=rules
                ).because
            ],
        )
        for borrower, before, after, days in changed
    ]  # fmt: skip
    with acting_as(SYSTEM), connection.cursor() as cursor:
        ids, codes = [row[0] for row in changed], [row[2] for row in changed]
        cursor.execute(REGRADE, [ids, codes, part.lender, list(part.partitions)])
        ClassChange.objects.bulk_create(kept, batch_size=5000)


def _under_observation(part: Part) -> dict[uuid.UUID, uuid.UUID]:
    """Loans restructured less than the observation period ago, with their debtors."""
    months = catalogue.rulebook().at("loan_class.restructured", part.on).whole
    since = calendar.add_months(part.on, -months)
    with acting_as(SYSTEM):
        rows = LoanEvent.objects.filter(
            kind="Restructuring", on__gt=since, loan__lender=part.lender, loan__partition__in=part.partitions
        )
        return dict(rows.values_list("loan", "loan__borrower"))
