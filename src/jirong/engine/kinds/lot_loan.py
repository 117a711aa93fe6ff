"""A loan against a pledged lot: bullet, A/360, its whole principal paid out, repaid from the lot's payment.

It is another product than a discount: the lot stays its holder's, pledged; interest is never taken up front
(民法典 670) but paid with the principal when the lot is (674). Money that comes in pays interest before principal
(561). The principal becomes a claim when the bank confirms that it was paid out; interest becomes a claim whenever
money comes in, for the days since the last time. Repaid early, interest is for the days used (677).

A payment is of what was owed on the day it was instructed, and is booked as of that day whenever the bank makes it: a
bank's own day or two neither leaves a stump of interest nor makes the payment too large.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from jirong.engine import checks, claims
from jirong.engine.checks import Finance
from jirong.engine.claims import Changes, Claim, State
from jirong.engine.contract import Kind, Outcome, acts
from jirong.engine.intents import Payment
from jirong.engine.reasons import Reason, require
from jirong.kernel import daycount, rates
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit, round_half_up
from jirong.kernel.rules import Effect, Rulebook
from jirong.kernel.text import Text

NAME = "lot_loan"
RATE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """``lender`` lends ``principal_minor`` to ``borrower`` against ``lot`` until ``due`` at ``rate`` a year (A/360).

    After ``due`` unpaid principal bears ``overdue_rate``, which both sides signed with the loan and which lies within
    what the rule of the day allows (:func:`overdue_bounds`); or ``rate`` where none was agreed.
    """

    id: UUID
    borrower: UUID
    lender: UUID
    lot: UUID
    principal_minor: int
    rate: Decimal
    due: dt.date
    rules: Rulebook = field(repr=False)
    unit: Unit = CNY
    overdue_rate: Decimal | None = None

    @property
    def kind(self) -> str:
        return NAME


class LoanStatus(StrEnum):
    """``new``; ``paying`` until the bank answers the pay-out, ``void`` if it was not made; ``live``; ``overdue``;
    ``repaid``.
    """

    NEW = "new"
    PAYING = "paying"
    LIVE = "live"
    OVERDUE = "overdue"
    REPAID = "repaid"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanState:
    """``claims`` holds the principal and the interest charged, by id; ``accrued_to`` the day charged up to."""

    status: LoanStatus = LoanStatus.NEW
    claims: Mapping[UUID, Claim] = field(default_factory=dict)
    accrued_to: dt.date | None = None
    payments: Mapping[UUID, Payment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disburse:
    """The lender instructs the pay-out; ``lot`` is the pledged lot as it stands, ``finance`` what was verified."""

    id: UUID
    by: UUID
    lot: Claim
    finance: Finance
    paid_out_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Money for the lender came in from the lot's payment, already confirmed by the bank; ``id`` is that payment's.

    ``as_of`` is the day it was instructed, on which its amount was owed (the step's own date where not given).
    """

    id: UUID
    amount_minor: int
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repay:
    """The borrower instructs a repayment of its own, early or late."""

    id: UUID
    by: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The bank says that the pay-out or the repayment was made; a repayment counts as of the day it was instructed."""

    id: UUID
    payment: UUID
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """The bank says that the pay-out or the repayment was not made."""

    id: UUID
    payment: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay:
    """The close of business: on or after the due date what is unpaid is overdue."""

    id: UUID


def interest_minor(terms: LoanTerms, state: LoanState, date: dt.date) -> int:
    """Interest not yet charged from the last charge to ``date``, half up to the minor unit."""
    principal = _principal(terms, state)
    if principal is None or state.accrued_to is None or date <= state.accrued_to:
        return 0
    start, turn = state.accrued_to, max(state.accrued_to, min(terms.due, date))
    late_rate = terms.rate if terms.overdue_rate is None else terms.overdue_rate
    usual = Fraction(terms.rate) * daycount.year_fraction(daycount.A360, start, turn)
    late = Fraction(late_rate) * daycount.year_fraction(daycount.A360, turn, date)
    return round_half_up(principal.outstanding_minor * (usual + late))


def owed_minor(terms: LoanTerms, state: LoanState, date: dt.date) -> int:
    """All the borrower owes on ``date``: principal, interest charged and interest accrued. 0 before the pay-out."""
    charged = sum(claim.outstanding_minor for claim in state.claims.values())
    return charged + interest_minor(terms, state, date)


def overdue_bounds(rules: Rulebook, date: dt.date, rate: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the most an overdue loan at ``rate`` may bear a year (银发〔2003〕251号), cut to six decimals."""
    times = rules.at("loan.late_times", date).value
    least, most = ((rate * Decimal(times[name])).quantize(RATE_STEP, rounding=ROUND_DOWN) for name in ("least", "most"))
    return least, most


def overdue_rate_allowed(rules: Rulebook, date: dt.date, rate: Decimal, overdue_rate: Decimal) -> Reason:
    """Whether a rate for late days may be agreed on a loan at ``rate``."""
    least, most = overdue_bounds(rules, date, rate)
    low, high = rates.shown(least, 4), rates.shown(most, 4)
    asked, own = rates.shown(overdue_rate, 4), rates.shown(rate, 4)
    return Reason(
        code="loan.overdue_rate",
        holds=least <= overdue_rate <= most,
        effect=Effect.BAR,
        text=Text(
            f"逾期利率{asked}，贷款利率{own}的，应为{low}至{high}",
            f"The rate for late days is {asked}; for a loan at {own} it lies between {low} and {high}",
        ),
        rule=rules.at("loan.late_times", date),
        inputs={"rate": str(rate), "overdue_rate": str(overdue_rate), "least": str(least), "most": str(most)},
        remedy=Text(f"请填写{low}至{high}之间的逾期利率", f"Give a rate between {low} and {high}"),
    )


def disburse(terms: LoanTerms, state: LoanState, event: Disburse, date: dt.date) -> Outcome:
    """Check pledge, registration and the pay-out, and answer with the payment to instruct."""
    _expect(state, LoanStatus.NEW)
    acts(event.by, terms.lender, "lender")
    reasons = require(
        (
            _pledged_to_lender(terms, event.lot, date),
            *checks.may_finance(terms.rules, date, event.finance),
            checks.no_interest_up_front(terms.rules, date, terms.principal_minor, event.paid_out_minor),
            _covered(terms, event.lot, date),
            *_overdue_rate(terms, date),
        )
    )
    payment = Payment(
        id=derived_id(event.id, "loan"), payer=terms.lender, payee=terms.borrower, amount_minor=terms.principal_minor,
        unit=terms.unit, because="loan", lot=terms.lot,
    )  # fmt: skip
    after = replace(state, status=LoanStatus.PAYING, payments={payment.id: payment})
    return Outcome(after, Changes(payments=(payment,)), reasons)


def confirm(terms: LoanTerms, state: LoanState, event: Confirm, date: dt.date) -> Outcome:
    """The pay-out was made: the principal is owed from that day. Or a repayment was: book it."""
    payment = _payment(state, event.payment)
    left = {key: item for key, item in state.payments.items() if key != payment.id}
    if payment.because == "repayment":
        return _book(terms, replace(state, payments=left), payment.id, payment.amount_minor, event.as_of or date)
    principal = Claim(
        id=principal_id(terms), kind="loan", debtor=terms.borrower, creditor=terms.lender,
        amount_minor=terms.principal_minor, outstanding_minor=terms.principal_minor, due=terms.due,
        root=principal_id(terms), unit=terms.unit, background=(str(terms.lot),),
    )  # fmt: skip
    changes = claims.open_claim(principal)
    after = LoanState(status=LoanStatus.LIVE, claims=changes.apply(state.claims), accrued_to=date, payments=left)
    return Outcome(after, changes)


def reject(terms: LoanTerms, state: LoanState, event: Reject, date: dt.date) -> Outcome:
    """The bank did not pay: a loan that was not paid out comes to nothing for good, a live one stands as before."""
    payment = _payment(state, event.payment)
    left = {key: item for key, item in state.payments.items() if key != payment.id}
    status = LoanStatus.VOID if payment.because == "loan" else state.status
    return Outcome(replace(state, status=status, payments=left), Changes())


def collect(terms: LoanTerms, state: LoanState, event: Collect, date: dt.date) -> Outcome:
    """Book what the lot paid: interest first, then principal."""
    _expect(state, LoanStatus.LIVE, LoanStatus.OVERDUE)
    return _book(terms, state, event.id, event.amount_minor, event.as_of or date)


def repay(terms: LoanTerms, state: LoanState, event: Repay, date: dt.date) -> Outcome:
    """Instruct a repayment by the borrower, of no more than it owes today."""
    _expect(state, LoanStatus.LIVE, LoanStatus.OVERDUE)
    acts(event.by, terms.borrower, "borrower")
    if state.payments:
        raise Conflict(
            "loan.payment_unanswered",
            Text("上一笔还款尚待银行答复", "The last repayment still awaits the bank's answer"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )
    _within(terms, state, event.amount_minor, date)
    payment = Payment(
        id=derived_id(event.id, "repayment"), payer=terms.borrower, payee=terms.lender,
        amount_minor=event.amount_minor, unit=terms.unit, because="repayment", lot=terms.lot,
    )  # fmt: skip
    return Outcome(replace(state, payments={payment.id: payment}), Changes(payments=(payment,)))


def close_day(terms: LoanTerms, state: LoanState, event: CloseDay, date: dt.date) -> Outcome:
    """On or after the due date what is still owed is overdue."""
    if state.status is not LoanStatus.LIVE or date < terms.due:
        return Outcome(state, Changes())
    held = [claim for claim in state.claims.values() if claim.state is State.HELD and claim.due <= date]
    changes = claims.combine(claims.mark_overdue(claim, date) for claim in held)
    return Outcome(replace(state, status=LoanStatus.OVERDUE, claims=changes.apply(state.claims)), changes)


def _book(terms: LoanTerms, state: LoanState, act_id: UUID, amount_minor: int, date: dt.date) -> Outcome:
    _within(terms, state, amount_minor, date)
    changes = _charge(terms, state, act_id, date)
    standing = changes.apply(state.claims)
    left = amount_minor
    for claim in _in_order(terms, standing):
        part = min(left, claim.outstanding_minor)
        if part:
            changes = changes.then(claims.settle(claim, part, act_id))
            left -= part
    assert left == 0, "money that came in is within what is owed"
    after = changes.apply(state.claims)
    open_minor = sum(claim.outstanding_minor for claim in after.values())
    status = state.status if open_minor else LoanStatus.REPAID
    accrued_to = max(date, state.accrued_to) if state.accrued_to else date
    return Outcome(
        replace(state, status=status, claims=after, accrued_to=accrued_to),
        changes,
        (_booked(terms, amount_minor, date),),
    )


def _charge(terms: LoanTerms, state: LoanState, act_id: UUID, date: dt.date) -> Changes:
    amount = interest_minor(terms, state, date)
    if not amount:
        return Changes()
    interest = Claim(
        id=derived_id(act_id, "interest"), kind="interest", debtor=terms.borrower, creditor=terms.lender,
        amount_minor=amount, outstanding_minor=amount, due=date, root=principal_id(terms), unit=terms.unit,
        parent=principal_id(terms),
    )  # fmt: skip
    return claims.open_claim(interest)


def _in_order(terms: LoanTerms, standing: Mapping[UUID, Claim]) -> list[Claim]:
    """Interest before principal, the older first (民法典 561)."""
    owed = [claim for claim in standing.values() if claim.is_open]
    return sorted(owed, key=lambda claim: (claim.id == principal_id(terms), claim.due, claim.id))


def principal_id(terms: LoanTerms) -> UUID:
    """The id of the loan's principal claim; interest claims name it as parent and root."""
    return derived_id(terms.id, "principal")


def _principal(terms: LoanTerms, state: LoanState) -> Claim | None:
    return state.claims.get(principal_id(terms))


def _pledged_to_lender(terms: LoanTerms, lot: Claim, date: dt.date) -> Reason:
    rule = terms.rules.at("civil.receivable_pledge", date)
    return Reason(
        code="loan.lot_not_pledged",
        holds=lot.id == terms.lot and lot.pledgee == terms.lender and lot.creditor == terms.borrower and lot.is_open,
        effect=Effect.BAR,
        text=Text("份额须由借款人质押给贷款人", "The borrower's lot stands pledged to the lender"),
        rule=rule,
        inputs={"lot": str(lot.id), "pledgee": str(lot.pledgee) if lot.pledgee else None},
        remedy=Text("请先办理质押", "Pledge the lot first"),
    )


def _overdue_rate(terms: LoanTerms, date: dt.date) -> tuple[Reason, ...]:
    if terms.overdue_rate is None:
        return ()
    return (overdue_rate_allowed(terms.rules, date, terms.rate, terms.overdue_rate),)


def _covered(terms: LoanTerms, lot: Claim, date: dt.date) -> Reason:
    years = daycount.year_fraction(daycount.A360, date, terms.due)
    at_due = terms.principal_minor + round_half_up(terms.principal_minor * Fraction(terms.rate) * years)
    owed, cover = Money(at_due, terms.unit), lot.outstanding
    return Reason(
        code="loan.lot_too_small",
        holds=owed <= cover,
        effect=Effect.WARN,
        text=Text(
            f"到期本息{owed.grouped()}，份额{cover.grouped()}",
            f"Principal and interest at maturity {owed.grouped()}; the lot is {cover.grouped()}",
        ),
        inputs={"owed_at_due": str(owed), "lot": str(cover)},
        remedy=Text("请降低贷款金额，或增加担保", "Lower the loan, or add security"),
    )


def _booked(terms: LoanTerms, amount_minor: int, date: dt.date) -> Reason:
    shown = Money(amount_minor, terms.unit)
    return Reason(
        code="loan.booked",
        holds=True,
        effect=Effect.APPLY,
        text=Text(f"{shown.grouped()}先还利息、后还本金", f"{shown.grouped()} pays interest first, then principal"),
        rule=terms.rules.at("civil.order_of_payment", date),
        inputs={"amount": str(shown), "date": str(date)},
    )


def _within(terms: LoanTerms, state: LoanState, amount_minor: int, date: dt.date) -> None:
    owed = Money(owed_minor(terms, state, date), terms.unit)
    if not 0 < amount_minor <= owed.minor:
        raise Invalid(
            "loan.pays_more_than_owed",
            Text(f"当前应还{owed.grouped()}", f"{owed.grouped()} is owed"),
            remedy=Text(f"请填写不超过{owed.grouped()}的金额", f"Give at most {owed.grouped()}"),
            details={"owed": str(owed)},
        )


def _expect(state: LoanState, *statuses: LoanStatus) -> None:
    if state.status not in statuses:
        raise Conflict(
            f"loan.is_{state.status}",
            Text("贷款当前状态不能进行此操作", f"The loan is {state.status}; this cannot be done now"),
            remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
        )


def _payment(state: LoanState, payment_id: UUID) -> Payment:
    found = state.payments.get(payment_id)
    if found is None:
        raise NotFound("loan.no_such_payment", Text("没有待确认的该笔付款", "No such payment awaits an answer"))
    return found


KIND = Kind(
    NAME,
    {
        Disburse: disburse,
        Confirm: confirm,
        Reject: reject,
        Collect: collect,
        Repay: repay,
        CloseDay: close_day,
    },
)
