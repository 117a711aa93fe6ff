"""Loans against pledged lots: the second contract that lives on a note.

The note pays the pledgee what it is owed and the loan books that payment, in one action of the bank that confirmed
it; neither knows the other's terms. A loan's claims stand under the loan's own contract id.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from jirong.claims import store as claims
from jirong.engine import step
from jirong.engine.checks import Finance
from jirong.engine.claims import Claim
from jirong.engine.kinds import lot_loan
from jirong.kernel.errors import Conflict
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS
from jirong.kernel.text import Text
from jirong.log.actions import concern
from jirong.notes import runtime
from jirong.notes.models import LotLoan, Offer
from jirong.rails import actions as rails
from jirong.rails.models import Leg
from jirong.store import catalogue
from jirong.store.identity import SYSTEM, acting_as


def terms_of(row: LotLoan) -> lot_loan.LoanTerms:
    return lot_loan.LoanTerms(
        id=row.pk,
        borrower=row.borrower_id,
        lender=row.lender_id,
        lot=row.lot,
        principal_minor=row.principal_minor,
        rate=row.rate,
        due=row.due,
        rules=catalogue.rulebook(),
        unit=UNITS[row.unit],
        overdue_rate=row.overdue_rate,
    )


def state_of(row: LotLoan, answered: Leg | None = None) -> lot_loan.LoanState:
    """The loan with its claims (locked) and its payments that await an answer, or are being ``answered``."""
    with acting_as(SYSTEM):
        legs = Leg.objects.filter(
            instruction__subject=row.pk, instruction__state="instructed", instruction__purpose__startswith="loan."
        ).select_related("instruction")
        payments = {leg.pk: runtime.payment_of(leg) for leg in (*legs, *([answered] if answered else []))}
    return lot_loan.LoanState(
        status=lot_loan.LoanStatus(row.status),
        claims=claims.lock_contract(row.pk),
        accrued_to=row.accrued_to,
        payments=payments,
    )


def disburse(
    running: runtime.Running,
    offer: Offer,
    pledged: Claim,
    finance: Finance,
    *,
    action: uuid.UUID,
    on: datetime.date,
) -> LotLoan:
    """Open the loan asked for by ``offer`` on the lot just pledged and instruct its pay-out."""
    if offer.loan_minor is None or offer.loan_rate is None:
        raise Conflict("loan.not_asked", Text("该质押没有申请贷款", "No loan was asked for with this pledge"))
    row = LotLoan(
        id=derived_id(offer.pk, "loan"),
        offer=offer,
        lot=pledged.id,
        lender_id=offer.to_id,
        borrower_id=offer.by_id,
        principal_minor=offer.loan_minor,
        unit=running.row.unit,
        rate=offer.loan_rate,
        overdue_rate=overdue_rate_of(offer, on),
        due=running.terms.payable_on,
        status=lot_loan.LoanStatus.NEW.value,
        finance={"registration": finance.registration, "registered_on": str(finance.registered_on)},
    )
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    event = lot_loan.Disburse(
        id=derived_id(action, "disburse"),
        by=offer.to_id,
        lot=pledged,
        finance=finance,
        paid_out_minor=row.principal_minor,
    )
    return take(row, event, on, kind="disburse", minor=row.principal_minor)


def overdue_rate_of(offer: Offer, on: datetime.date) -> Decimal | None:
    """What the asked loan bears on late days: what was asked, else the most the rule of the day allows."""
    if offer.loan_rate is None or offer.overdue_rate is not None:
        return offer.overdue_rate
    return lot_loan.overdue_bounds(catalogue.rulebook(), on, offer.loan_rate)[1]


def take(
    row: LotLoan, event: Any, on: datetime.date, *, kind: str, minor: int | None = None, answered: Leg | None = None
) -> LotLoan:
    """One engine step on a loan, stored like a note's; ``answered`` is the payment the event speaks of."""
    outcome = step.step(terms_of(row), state_of(row, answered), event, on)
    row.status, row.accrued_to = outcome.state.status.value, outcome.state.accrued_to
    with acting_as(SYSTEM):
        row.save(update_fields=["status", "accrued_to"])
    claims.apply(outcome.changes, contract=row.pk, journal=event.id, on=on)
    for payment in outcome.changes.payments:
        purpose = "loan.disburse" if payment.because == "loan" else "loan.repay"
        rails.instruct([payment], id=payment.id, purpose=purpose, subject=row.pk, on=on)
    sides = {row.lender_id, row.borrower_id}
    by = getattr(event, "by", None)
    runtime.record(row.offer.note, event.id, kind, on, outcome.reasons, sides, by=by, lot=row.lot, minor=minor)
    concern(*sides)
    return row


def standing_on(lots: Iterable[uuid.UUID]) -> QuerySet[LotLoan]:
    """The loans that are owed something on these lots: at most one a lot, whatever was lent on it before."""
    return LotLoan.objects.filter(lot__in=list(lots), status__in=["live", "overdue"])


def owed_by_lot(lots: Mapping[uuid.UUID, Claim], on: datetime.date) -> dict[uuid.UUID, int]:
    """What each pledgee is owed on ``on``, by pledged lot, in minor units."""
    pledged = [id for id, claim in lots.items() if claim.pledgee]
    with acting_as(SYSTEM):
        rows = list(standing_on(pledged).select_for_update(no_key=True).order_by("pk"))
    owed = dict.fromkeys(pledged, 0)
    for row in rows:
        owed[row.lot] += lot_loan.owed_minor(terms_of(row), state_of(row), on)
    return owed


def collect(lot: uuid.UUID, payment: uuid.UUID, minor: int, on: datetime.date, *, as_of: datetime.date) -> None:
    """The lot paid its pledgee ``on`` the bank's value date: book it on the loan as of the day it was instructed."""
    with acting_as(SYSTEM):
        row = standing_on([lot]).select_for_update(no_key=True).get()
    event = lot_loan.Collect(id=derived_id(payment, "collect"), amount_minor=minor, as_of=as_of)
    take(row, event, on, kind="collect", minor=minor)


def close_day(loan: uuid.UUID, action: uuid.UUID, on: datetime.date) -> str:
    """The close of business for one loan; returns its status after it."""
    with acting_as(SYSTEM):
        row = LotLoan.objects.select_for_update(no_key=True).get(pk=loan)
    return take(row, lot_loan.CloseDay(id=action), on, kind="close_day").status


def require_repaid(lot: uuid.UUID) -> None:
    """Refuse while a loan on the lot is owed."""
    with acting_as(SYSTEM):
        owing = LotLoan.objects.filter(lot=lot, status__in=["paying", "live", "overdue"]).exists()
    if owing:
        raise Conflict(
            "loan.not_repaid",
            Text("质押贷款尚未还清，不能解押", "The loan against this lot is not repaid; the pledge stands"),
            remedy=Text("请先还清贷款", "Repay the loan first"),
        )
