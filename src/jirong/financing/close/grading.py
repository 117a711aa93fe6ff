"""What is late, how grave it is, what is set aside for it: overdue, loan classes by debtor, provisions.

Set-based: only rows that change are written. Classes follow the dated rules of the rulebook (floors; see
``instruments.portfolio.classes``): every loan of a debtor at a lender takes the class of its latest one.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from jirong.financing import queries
from jirong.financing.close import columns
from jirong.financing.close.raising import Part, Report
from jirong.financing.models import ClassChange, ClosePlan, Loan, LoanEvent, Provision
from jirong.instruments.portfolio import book as books
from jirong.instruments.portfolio.classes import CLASSES, loan_class, loan_classes
from jirong.instruments.portfolio.contracts import Contracts
from jirong.kernel import calendar, rates
from jirong.kernel.errors import Refusal
from jirong.kernel.money import round_half_up
from jirong.kernel.rules import RuleValue
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
BOOK = """
SELECT id, principal_minor, principal_left_minor, rate_e6, coalesce(started, DATE '1970-01-01') - DATE '1970-01-01',
    periods, every_months, repayment, basis, loan_class, plain, status <> 'defaulted' AND next_due IS NOT NULL
FROM financing_loan
WHERE lender_id = %s AND partition = ANY(%s) AND status IN ('live', 'overdue', 'defaulted')
"""
BOOK_KINDS = {
    "id": "uuid", "principal_minor": "bigint", "left_minor": "bigint", "rate_e6": "integer", "started": "integer",
    "periods": "integer", "every_months": "integer", "repayment": "smallint", "basis": "smallint",
    "loan_class": "smallint", "plain": "boolean", "earning": "boolean",
}  # fmt: skip
Rows = npt.NDArray[Any]
PROVISION_RULE = "provision.rates"
"""The dated rule a lender provides by that has no plan of its own."""


@dataclass(frozen=True, slots=True)
class ProvisionRates:
    """What is set aside of each class's principal, in basis points, and the rule that says so (None: the lender)."""

    bp: tuple[int, ...]
    rule: RuleValue | None = None


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
    debtors = set(restructured.values())
    watched = np.array([borrower in debtors for borrower, _, _ in rows])
    codes = loan_classes(part.on, np.maximum(days, 0), restructured=watched, rulebook=rules).tolist()
    changed = [
        (borrower, before, after, late)
        for (borrower, _, before), after, late in zip(rows, codes, days.tolist(), strict=True)
        if before != after
    ]
    _regrade(part, changed, rules, debtors)
    return {"debtors": len(rows), "changed": len(changed)}


def provide(part: Part, report: Report) -> dict[str, int]:
    """Count the book by class and set the plan's share of each class's principal aside."""
    shares = provision_rates(part.lender, part.on)
    with acting_as(SYSTEM):
        rows = columns.read(BOOK, [part.lender, list(part.partitions)], BOOK_KINDS)
    accrued = np.zeros(len(rows["id"]), dtype=np.int64)
    earning = np.flatnonzero(rows["earning"])
    _accrue(part.on, rows, earning[rows["plain"][earning]], accrued, report)
    for row in earning[~rows["plain"][earning]].tolist():
        _accrue_replayed(part.on, rows, row, accrued, report)
    made = []
    for code in np.unique(rows["loan_class"]).tolist():
        some = rows["loan_class"] == code
        principal = int(rows["left_minor"][some].sum())
        made.append(
            Provision(
                lender_id=part.lender, on=part.on, partition=part.partitions[0], loan_class=code, loans=int(some.sum()),
                principal_minor=principal, accrued_minor=int(accrued[some].sum()),
                provision_minor=round_half_up(Fraction(principal * shares.bp[code], 10_000)),
                rule=shares.rule.id if shares.rule else "",
            )
        )  # fmt: skip
    with acting_as(SYSTEM):
        Provision.objects.bulk_create(made)
    return {"loans": len(accrued), "provision_minor": sum(row.provision_minor for row in made)}


def provision_rates(lender: uuid.UUID, on: datetime.date) -> ProvisionRates:
    """The lender's own plan, or where it has none the rule in force on ``on``."""
    with acting_as(SYSTEM):
        plan = ClosePlan.objects.filter(lender=lender).first()
    return ProvisionRates(tuple(plan.provision_bp)) if plan else ruled_rates(on)


def ruled_rates(on: datetime.date) -> ProvisionRates:
    """What the rule in force on ``on`` says of each class."""
    rule = catalogue.rulebook().at(PROVISION_RULE, on)
    return ProvisionRates(tuple(int(rates.in_bp(Decimal(rule.value[code.value]))) for code in CLASSES), rule)


def _accrue(on: datetime.date, rows: dict[str, Any], which: Rows, accrued: Rows, report: Report) -> None:
    """Interest earned and not yet due of plain loans, in columns; by halves where a row is not what columns can hold."""
    if not len(which):
        return
    try:
        contracts = Contracts(
            principal=rows["principal_minor"][which], rate_e6=rows["rate_e6"][which].astype(np.int64),
            start=rows["started"][which].astype("M8[D]"), periods=rows["periods"][which].astype(np.int64),
            every_months=rows["every_months"][which].astype(np.int64),
            repayment=rows["repayment"][which].astype(np.int8), basis=rows["basis"][which].astype(np.int8),
            interest_only=np.zeros(len(which), dtype=np.int64),
        )  # fmt: skip
        accrued[which] = books.book(contracts, contracts.fallen(np.datetime64(on)), on).accrued
    except Refusal as refusal:
        if len(which) == 1:
            report(_id(rows, int(which[0])), refusal)
            return
        half = len(which) // 2
        _accrue(on, rows, which[:half], accrued, report)
        _accrue(on, rows, which[half:], accrued, report)


def _accrue_replayed(on: datetime.date, rows: dict[str, Any], row: int, accrued: Rows, report: Report) -> None:
    """The same of a loan with a life of its own."""
    id = _id(rows, row)
    try:
        with acting_as(SYSTEM), transaction.atomic():
            state = queries.standing(Loan.objects.get(pk=id), on)
        accrued[row] = state.accrued.minor if state else 0
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one loan stays with it
        report(id, error)


def _id(rows: dict[str, Any], row: int) -> uuid.UUID:
    return uuid.UUID(bytes=rows["id"][row].tobytes())


def _regrade(part: Part, changed: list[tuple[uuid.UUID, int, int, int]], rules: Any, watched: set[uuid.UUID]) -> None:
    if not changed:
        return
    because: dict[tuple[int, bool], list[str]] = {}
    kept = []
    for borrower, before, after, days in changed:
        why = max(days, 0), borrower in watched
        if why not in because:
            found = loan_class(part.on, why[0], restructured=why[1], rulebook=rules)
            because[why] = [rule.id for rule in found.because]
        kept.append(
            ClassChange(
                lender_id=part.lender, debtor_id=borrower, on=part.on, before=before, after=after, days_past_due=days,
                rules=because[why],
            )
        )  # fmt: skip
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
