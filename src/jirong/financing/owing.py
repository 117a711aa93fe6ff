"""What a firm owes already, as far as it bounds new credit: what is late, and what of a limit drawn once is open.

A lender neither lends to a firm that is late with it nor lends its limit twice. Both questions are asked of the few
loans of one firm (found by who sees them, which is indexed), never of a book. Joint debtors each owe all, so what any of
them owes counts. Reads as the system, since a firm does not see what its joint debtor owes elsewhere: the caller shows
no more than the answer.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jirong.financing.models import Contract, Loan, Policy
from jirong.kernel.money import Money
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as

OWED = ("paying", "live", "overdue", "defaulted", "written_off")
"""A loan in one of these is owed, or will be when the bank has paid; written off, its debtor owes it still."""
IN_DEFAULT = ("defaulted", "written_off")


@dataclass(frozen=True, slots=True)
class Late:
    """The gravest late loan with a lender: ``since`` is the due date that passed unpaid."""

    loan: uuid.UUID
    since: datetime.date
    defaulted: bool


def late_by_lender(
    debtors: Iterable[uuid.UUID], on: datetime.date, lender: uuid.UUID | None = None
) -> dict[uuid.UUID, Late]:
    """By lender, the loan of ``debtors`` that is latest with it on ``on``, days of grace over; all lenders or one.

    A loan whose day has not been closed yet counts too: what was due yesterday is late today.
    """
    debtors = list(debtors)
    with acting_as(SYSTEM):
        rows = Loan.objects.filter(seen_by__overlap=debtors, borrowers__overlap=debtors, status__in=OWED)
        found = list(rows.filter(lender=lender) if lender else rows)
    worst: dict[uuid.UUID, Late] = {}
    for row in found:
        late = _late(row, on)
        known = worst.get(row.lender_id)
        if late and (known is None or (not late.defaulted, late.since) < (not known.defaulted, known.since)):
            worst[row.lender_id] = late
    return worst


def _late(row: Loan, on: datetime.date) -> Late | None:
    if row.status in IN_DEFAULT:
        return Late(row.pk, row.oldest_due or row.started or on, defaulted=True)
    due = row.oldest_due or row.next_due
    if row.status == "paying" or due is None or due + datetime.timedelta(days=row.product.get("grace_days", 0)) >= on:
        return None
    return Late(row.pk, due, defaulted=False)


def open_under(
    debtors: Iterable[uuid.UUID], policies: Iterable[Policy], on: datetime.date
) -> Mapping[uuid.UUID, Money]:
    """What of the limit of each of ``policies`` (of loans drawn once) ``debtors`` have open, under any policy of the same
    lender on the same scheme, whichever version. What they may still draw under a signed contract is open too.
    """
    once = {policy.pk: (policy.lender_id, policy.scheme.name) for policy in policies}
    if not once:
        return {}
    debtors = list(debtors)
    with acting_as(SYSTEM):
        rows = Contract.objects.filter(
            seen_by__overlap=debtors,
            borrowers__overlap=debtors,
            how="once",
            policy__lender__in={k for k, _ in once.values()},
        )
        held = list(rows.select_related("policy__scheme").prefetch_related("loans"))
    minor: dict[tuple[uuid.UUID, str], int] = {}
    for contract in held:
        key = (contract.lender_id, contract.policy.scheme.name)
        minor[key] = minor.get(key, 0) + _open_minor(contract, on)
    return {policy: Money(minor.get(key, 0)) for policy, key in once.items()}


def _open_minor(contract: Contract, on: datetime.date) -> int:
    if not contract.draws:
        may_draw = contract.status != "closed" and contract.ends >= on
        return contract.limit_minor - contract.lowered_minor if may_draw else 0
    return sum(
        row.principal_minor if row.status == "paying" else row.principal_left_minor
        for row in contract.loans.all() if row.status in OWED
    )  # fmt: skip


def drawn_once(scheme: Scheme) -> bool:
    """Whether contracts under the scheme are drawn once; a limit that is drawn in parts bounds itself."""
    return scheme.drawing is None or scheme.drawing.how == "once"
