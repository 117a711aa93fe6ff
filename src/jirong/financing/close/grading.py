"""What is late, how grave it is, what is set aside for it: overdue, loan classes by debtor, provisions.

Set-based: only rows that change are written. Classes follow the dated rules of the rulebook (floors; see
``instruments.portfolio.classes``): every loan of a debtor at a lender takes the class of its latest one, and so do
the loans of whoever owes a loan together with it. A loan whose loss was called is credit-impaired. What is provided for
is what the lender itself is owed.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Q

from jirong.financing import queries, runtime
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
DEBTORS = """
SELECT borrower_id, min(oldest_due), max(loan_class), min(loan_class), bool_or(status = 'defaulted')
FROM financing_loan WHERE lender_id = %s AND partition = ANY(%s) AND status IN ('live', 'overdue', 'defaulted')
GROUP BY borrower_id
HAVING min(oldest_due) IS NOT NULL OR max(loan_class) > 0 OR bool_or(status = 'defaulted') OR borrower_id = ANY(%s)
ORDER BY borrower_id
"""
"""What a class is made of, by debtor of a part; those of whom there is nothing to say (and not named) are left out."""
JOINED = """
SELECT borrower_id, least(min(oldest_due), min(next_due) FILTER (WHERE next_due <= %s)), max(loan_class), min(loan_class), bool_or(status = 'defaulted')
FROM financing_loan WHERE borrower_id = ANY(%s) AND status IN ('live', 'overdue', 'defaulted') AND lender_id = %s
GROUP BY borrower_id
"""
"""The same of debtors of any part, which may not have raised what falls due by the day yet: parts come in any order."""
JOINT = """
SELECT borrowers FROM financing_loan
WHERE lender_id = %s AND cardinality(borrowers) > 1 AND status IN ('live', 'overdue', 'defaulted')
"""
REGRADE = """
UPDATE financing_loan l SET loan_class = u.class FROM unnest(%s::uuid[], %s::int[]) AS u (borrower, class)
WHERE l.lender_id = %s AND l.partition = ANY(%s) AND l.borrower_id = u.borrower AND l.loan_class <> u.class
    AND l.status IN ('live', 'overdue', 'defaulted')
"""
BOOK = """
SELECT id, principal_minor, held_minor, rate_e6, coalesce(started, DATE '1970-01-01') - DATE '1970-01-01',
    periods, every_months, repayment, basis, loan_class, plain, status <> 'defaulted' AND next_due IS NOT NULL
FROM financing_loan
WHERE lender_id = %s AND partition = ANY(%s) AND status IN ('live', 'overdue', 'defaulted')
    AND (others_minor = 0 OR held_minor > 0)
"""
"""A loan that others have taken over whole is in the lender's book no more."""
BOOK_KINDS = {
    "id": "uuid", "principal_minor": "bigint", "held_minor": "bigint", "rate_e6": "integer", "started": "integer",
    "periods": "integer", "every_months": "integer", "repayment": "smallint", "basis": "smallint",
    "loan_class": "smallint", "plain": "boolean", "earning": "boolean",
}  # fmt: skip
Rows = npt.NDArray[Any]
PROVISION_RULE = "provision.rates"
"""The dated rule a lender provides by that has no plan of its own."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a debtor's class follows from, and the worst and least of the classes its loans stand in."""

    debtor: uuid.UUID
    days: int
    worst: int
    least: int
    impaired: bool
    watched: bool

    @property
    def why(self) -> tuple[int, bool, bool]:
        return self.days, self.impaired, self.watched

    def with_all(self, others: Sequence[Standing]) -> Standing:
        """The same debtor, as late and as bad as the worst of those it owes with."""
        return replace(
            self, days=max(each.days for each in others), impaired=any(each.impaired for each in others),
            watched=any(each.watched for each in others),
        )  # fmt: skip


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
    found = _standing(part)
    if not found:
        return {"debtors": 0, "changed": 0}
    codes = loan_classes(
        part.on, np.array([each.days for each in found], dtype=np.int64),
        credit_impaired=np.array([each.impaired for each in found]),
        restructured=np.array([each.watched for each in found]), rulebook=rules,
    ).tolist()  # fmt: skip
    changed = [(each, code) for each, code in zip(found, codes, strict=True) if not each.worst == each.least == code]
    _regrade(part, changed, rules)
    return {"debtors": len(found), "changed": len(changed)}


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
        principal = int(rows["held_minor"][some].sum())
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


def _standing(part: Part) -> list[Standing]:
    """The debtors of a part of whom there is something to say, each with what it and those it owes with stand in."""
    groups = _joint(part)
    beside = {member for members in groups.values() for member in members}
    with acting_as(SYSTEM), connection.cursor() as cursor:
        watched = _under_observation(part, beside)
        cursor.execute(DEBTORS, [part.lender, list(part.partitions), sorted(watched)])
        own = {row[0]: _stands(part, row, watched) for row in cursor.fetchall()}
        if beside:
            cursor.execute(JOINED, [part.on, sorted(beside), part.lender])
            together = {row[0]: _stands(part, row, watched) for row in cursor.fetchall()}
            for id, members in groups.items():
                if id in together:
                    own[id] = together[id].with_all([together[each] for each in members if each in together])
    return [own[id] for id in sorted(own)]


def _stands(part: Part, row: tuple[Any, ...], watched: Collection[uuid.UUID]) -> Standing:
    id, due, worst, least, impaired = row
    return Standing(id, max((part.on - due).days, 0) if due else 0, worst, least, impaired, id in watched)


def _joint(part: Part) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Each debtor of the part that owes a loan with others, with all whom such loans tie it to, itself among them.

    A joint loan is each debtor's, so it and every other loan of each of them stand in one class.
    """
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(JOINT, [part.lender])
        ties: list[list[uuid.UUID]] = [row[0] for row in cursor.fetchall()]
    group: dict[uuid.UUID, list[uuid.UUID]] = {}
    for borrowers in ties:
        merged = sorted({each for debtor in borrowers for each in group.get(debtor, [debtor])})
        group.update(dict.fromkeys(merged, merged))
    return {id: members for id, members in group.items() if runtime.partition_of(id) in part.partitions}


def _regrade(part: Part, changed: list[tuple[Standing, int]], rules: Any) -> None:
    if not changed:
        return
    because: dict[tuple[int, bool, bool], list[str]] = {}
    kept = []
    for each, after in changed:
        if each.why not in because:
            days, impaired, watched = each.why
            found = loan_class(part.on, days, credit_impaired=impaired, restructured=watched, rulebook=rules)
            because[each.why] = [rule.id for rule in found.because]
        kept.append(
            ClassChange(
                lender_id=part.lender, debtor_id=each.debtor, on=part.on, after=after, days_past_due=each.days,
                before=each.worst if each.worst != after else each.least, rules=because[each.why],
            )
        )  # fmt: skip
    with acting_as(SYSTEM), connection.cursor() as cursor:
        ids, codes = [each.debtor for each, _ in changed], [code for _, code in changed]
        cursor.execute(REGRADE, [ids, codes, part.lender, list(part.partitions)])
        ClassChange.objects.bulk_create(kept, batch_size=5000)


def _under_observation(part: Part, beside: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Debtors of the part, and of those ``beside`` it, with a loan restructured less than the observation period ago."""
    months = catalogue.rulebook().at("loan_class.restructured", part.on).whole
    since = calendar.add_months(part.on, -months)
    rows = LoanEvent.objects.filter(
        Q(loan__partition__in=part.partitions) | Q(loan__borrower__in=list(beside)), kind="Restructuring",
        on__gt=since, loan__lender=part.lender, loan__status__in=["live", "overdue", "defaulted"],
    )  # fmt: skip
    return set(rows.values_list("loan__borrower", flat=True))
