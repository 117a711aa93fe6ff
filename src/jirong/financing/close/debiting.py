"""Debit mandates: what is due is collected from the agreed account, as the scheme says (``repaid_from: fixed``).

Plain loans are debited in columns and go to the banks in batches, one a bank, with an answer an item: the twin of the
engine's ``Repay`` of everything due, penalty included. A loan that has been paid in part, or has a life of its own,
goes through the engine. A loan with a payment under way waits for the bank.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection, transaction

from jirong.engine.intents import Payment
from jirong.engine.kinds import loan
from jirong.engine.reasons import Reason
from jirong.financing import runtime
from jirong.financing.close.raising import COLUMNS, Part, Report, contracts_of
from jirong.financing.models import ClosePlan, Step
from jirong.instruments.portfolio import book as books
from jirong.kernel.errors import Conflict
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS, Money
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text
from jirong.log.actions import concern
from jirong.rails import batches
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, acting_as

OWING = f"""
SELECT {", ".join(f"l.{name}" for name in COLUMNS)}, l.borrowers, l.contract_id, l.seen_by,
    (l.product ->> 'penalty_factor')::numeric AS factor, (l.product ->> 'grace_days')::int AS grace, due.principal, due.interest, due.instalments,
    l.plain AND due.ordinary AND NOT EXISTS (
        SELECT FROM financing_loan_event e WHERE e.loan_id = l.id AND e."on" >= l.oldest_due
    ) AS in_columns
FROM financing_loan l CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.outstanding_minor) FILTER (WHERE c.kind = 'loan'), 0)::bigint AS principal,
        coalesce(sum(c.outstanding_minor) FILTER (WHERE c.kind = 'interest'), 0)::bigint AS interest,
        count(DISTINCT c.due) AS instalments,
        coalesce(bool_and(c.kind IN ('loan', 'interest') AND c.creditor = l.lender_id), false) AS ordinary
    FROM claims_claim c WHERE c.contract = l.id AND c.id <> l.standing AND c.state IN ('held', 'overdue')
) due
WHERE l.lender_id = %s AND l.partition = ANY(%s) AND l.oldest_due <= %s AND l.status IN ('live', 'overdue')
    AND NOT EXISTS (
        SELECT FROM rails_instruction i
        WHERE i.subject = l.id AND i.state = 'instructed' AND i.purpose LIKE 'credit.%%'
    )
ORDER BY l.id FOR NO KEY UPDATE OF l
"""  # noqa: S608 - our own column names
PURPOSE = "credit.repay"


def debit(part: Part, report: Report) -> dict[str, int]:
    """Instruct a payment of everything due, for each loan that owes and has no payment under way."""
    with acting_as(SYSTEM):
        plan = ClosePlan.objects.filter(lender=part.lender, mandates=True).exists()
    if not plan:
        return {"debits": 0}
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute(OWING, [part.lender, list(part.partitions), part.on])
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    counts = {"debits": 0, "errors": 0}
    apart = [row for row in rows if not row["in_columns"]]
    together = _amounts([row for row in rows if row["in_columns"]], part.on, apart)
    for id in _in_batches(part, together):
        counts["errors"] += 1
        report(id, _without_account())
    counts["debits"] = len(together) - counts["errors"]
    for row in apart:
        try:
            with transaction.atomic():
                _debit(part, row["id"])
            counts["debits"] += 1
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one loan stays with it
            counts["errors"] += 1
            report(row["id"], error)
    return counts


def _amounts(
    rows: list[dict[str, Any]], on: datetime.date, apart: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], int]]:
    """What each row owes today, penalty included; a row whose claims are not what columns say goes ``apart``."""
    found: list[tuple[dict[str, Any], int]] = []
    for late in sorted({(row["factor"], row["grace"]) for row in rows}):
        some = [row for row in rows if (row["factor"], row["grace"]) == late]
        found += _amounts_of(some, on, books.LateTerms(Decimal(late[0]), grace_days=late[1]), apart)
    return found


def _amounts_of(
    rows: list[dict[str, Any]], on: datetime.date, late: books.LateTerms, apart: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], int]]:
    try:
        contracts = contracts_of(rows)
        fallen = contracts.fallen(np.datetime64(on))
        paid = fallen - np.array([row["instalments"] for row in rows], dtype=np.int64)
        book = books.book(contracts, np.maximum(paid, 0), on, late)
    except Exception:  # noqa: BLE001 - the engine will say it of the loan that it is about
        if len(rows) == 1:
            apart += rows
            return []
        half = len(rows) // 2
        return _amounts_of(rows[:half], on, late, apart) + _amounts_of(rows[half:], on, late, apart)
    owed = (book.due_principal + book.due_interest + book.penalty + book.compound).tolist()
    fits = (
        (fallen == np.array([row["raised"] for row in rows]))
        & (book.due_principal == np.array([row["principal"] for row in rows]))
        & (book.due_interest == np.array([row["interest"] for row in rows]))
    ).tolist()
    apart += [row for row, fit in zip(rows, fits, strict=True) if not fit]
    return [(row, minor) for row, minor, fit in zip(rows, owed, fits, strict=True) if fit]


def _in_batches(part: Part, owed: list[tuple[dict[str, Any], int]]) -> list[uuid.UUID]:
    """Instruct them, and write each in its loan's timeline; the loans whose debtor has no bank account."""
    if not owed:
        return []
    orders = [
        batches.Order(
            Payment(
                id=derived_id(_event(part, row["id"]), "repayment"), payer=row["borrower_id"], payee=part.lender,
                amount_minor=minor, unit=UNITS[row["unit"]], because="repayment", lot=row["id"],
            ),
            row["id"],
        )
        for row, minor in owed
    ]  # fmt: skip
    left = {
        order.subject
        for order in batches.instruct(orders, id=part.action, collector=part.lender, purpose=PURPOSE, on=part.on)
    }
    rule = catalogue.rulebook().at("civil.order_of_payment", part.on)
    steps = []
    for row, minor in owed:
        if row["id"] not in left:
            amount = Money(minor, UNITS[row["unit"]])
            said = Text(f"到期应还{amount.grouped()}，已指示扣款", f"{amount.grouped()} is due and ordered by debit")
            reason = Reason(
                code="loan.debited", holds=True, effect=Effect.APPLY, text=said, rule=rule,
                inputs={"amount": str(amount), "date": str(part.on)},
            )  # fmt: skip
            steps.append(_step(part, row, reason))
            concern(*row["borrowers"])
    with acting_as(SYSTEM):
        Step.objects.bulk_create(steps, batch_size=2000)
    return sorted(left)


def _step(part: Part, row: dict[str, Any], reason: Reason) -> Step:
    return Step(
        action=_event(part, row["id"]), contract_id=row["contract_id"], loan=row["id"], kind="debit",
        by_id=part.lender, on=part.on, reasons=[reason.as_dict()], seen_by=row["seen_by"],
    )  # fmt: skip


def _event(part: Part, id: uuid.UUID) -> uuid.UUID:
    return derived_id(part.action, id, "debit")


def _debit(part: Part, id: uuid.UUID) -> None:
    running = runtime.lock_loan(id)
    event = loan.Repay(id=_event(part, id), by=running.terms.lender, payer=running.terms.borrower)
    runtime.take(running, event, part.on, kind="debit")


def _without_account() -> Conflict:
    return Conflict(
        "account.missing",
        Text("借款人尚未登记还款账户", "The borrower has no bank account on record"),
        remedy=Text("请登记还款账户后另行扣收", "Add the account, then collect it"),
    )
