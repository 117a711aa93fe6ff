"""Debit mandates: what fell due is collected from the agreed account, as the scheme says (``repaid_from: fixed``)."""

from __future__ import annotations

import uuid

from django.db import transaction

from jirong.engine.kinds import loan
from jirong.financing import runtime
from jirong.financing.close.raising import Part, Report
from jirong.financing.models import ClosePlan, Loan
from jirong.kernel.ids import derived_id
from jirong.store.identity import SYSTEM, acting_as


def debit(part: Part, report: Report) -> dict[str, int]:
    """Instruct a payment of everything due, for each loan that owes and has no payment under way."""
    with acting_as(SYSTEM):
        plan = ClosePlan.objects.filter(lender=part.lender, mandates=True).exists()
    if not plan:
        return {"debits": 0}
    counts = {"debits": 0, "errors": 0}
    for id in _owing(part):
        try:
            with transaction.atomic():
                counts["debits"] += _debit(part, id)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one loan stays with it
            counts["errors"] += 1
            report(id, error)
    return counts


def _owing(part: Part) -> list[uuid.UUID]:
    with acting_as(SYSTEM):
        found = Loan.objects.filter(
            lender=part.lender, partition__in=part.partitions, oldest_due__lte=part.on, status__in=["live", "overdue"]
        )
        return list(found.order_by("pk").values_list("pk", flat=True))


def _debit(part: Part, id: uuid.UUID) -> int:
    running = runtime.lock_loan(id)
    if running.state.payments:
        return 0
    event = loan.Repay(id=derived_id(part.action, id, "debit"), by=running.terms.lender, payer=running.terms.borrower)
    runtime.take(running, event, part.on, kind="debit")
    return 1
