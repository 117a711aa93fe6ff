"""Paying out and paying back: what is instructed, and what a bank's answer books.

Money that comes in first pays what is due, in the contract's order; the rest is an early repayment with the interest
to the day (民法典 677), and what is more than all that is owed goes back to whoever paid it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from jirong.engine import claims
from jirong.engine.claims import Changes, Claim, State
from jirong.engine.contract import Outcome, acts
from jirong.engine.intents import Payment
from jirong.engine.kinds.loan import holding
from jirong.engine.kinds.loan.model import (
    RUNNING,
    CloseDay,
    Collect,
    Confirm,
    Disburse,
    LoanState,
    LoanStatus,
    LoanTerms,
    Reject,
    Repay,
)
from jirong.engine.reasons import Reason
from jirong.instruments import practice
from jirong.instruments.practice import joint
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import round_half_up
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text


def disburse(terms: LoanTerms, state: LoanState, event: Disburse, date: dt.date) -> Outcome:
    """Instruct the pay-out of the whole principal (民法典 670), to the payees the contract names."""
    expect(state, LoanStatus.NEW)
    if event.by is not None:
        acts(event.by, terms.lender, "lender")
    payments = {
        id: Payment(id=id, payer=terms.lender, payee=payee, amount_minor=minor, unit=terms.unit, because=because)
        for place, (payee, minor, because) in enumerate(terms.pay)
        for id in [derived_id(event.id, "payout", place)]
    }
    after = replace(state, status=LoanStatus.PAYING, payments=payments)
    return Outcome(after, Changes(payments=tuple(payments.values())), (_whole_principal(terms, date),))


def confirm(terms: LoanTerms, state: LoanState, event: Confirm, date: dt.date) -> Outcome:
    """The bank paid: the loan begins, or money has come in, or a bearer of loss takes over its part."""
    from jirong.engine.kinds.loan import losses

    paid = [find(state, id) for id in event.payments]
    state = without(state, event.payments)
    if state.status is LoanStatus.PAYING:
        return _begin(terms, state, date)
    changes = Changes()
    reasons: tuple[Reason, ...] = ()
    for payment in paid:
        match payment.because:
            case "compensation":
                state, more = losses.compensated(terms, state, payment)
            case "recovery":
                state, more = losses.recovered(terms, state, payment)
            case "repayment":
                state, more, reasons = book(terms, state, payment, date)
            case _:
                more = Changes()
        changes = changes.then(more)
    return Outcome(state, changes, reasons)


def reject(terms: LoanTerms, state: LoanState, event: Reject, date: dt.date) -> Outcome:
    """The bank did not pay: an unpaid loan is new again; otherwise nothing has happened."""
    for id in event.payments:
        find(state, id)
    status = LoanStatus.NEW if state.status is LoanStatus.PAYING else state.status
    return Outcome(replace(without(state, event.payments), status=status), Changes())


def repay(terms: LoanTerms, state: LoanState, event: Repay, date: dt.date) -> Outcome:
    """Instruct a payment of what is due, or of a sum up to everything owed."""
    expect(state, *RUNNING)
    _may_pay(terms, event)
    if any(payment.because == "repayment" for payment in state.payments.values()):
        raise Conflict(
            "loan.payment_unanswered",
            Text("上一笔还款尚待银行答复", "The last repayment still awaits the bank's answer"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )
    now = holding.replayed(terms, state, date)
    everything = owed_minor(terms, now)
    asked = now.due_amount.minor if event.amount_minor is None else event.amount_minor
    pays = asked if event.surplus_to is None else min(asked, everything)
    if event.surplus_to is not None and event.most_minor is not None:
        pays = min(pays, event.most_minor)
    _within(terms, now, event, pays, everything)
    payments = [_repayment(terms, event, "repayment", terms.lender, pays)]
    if asked > pays and event.surplus_to is not None:
        payments.append(_repayment(terms, event, "surplus", event.surplus_to, asked - pays))
    after = replace(state, payments={**state.payments, **{payment.id: payment for payment in payments}})
    return Outcome(after, Changes(payments=tuple(payments)), (_split(terms, now, pays, date),))


def collect(terms: LoanTerms, state: LoanState, event: Collect, date: dt.date) -> Outcome:
    """Book money the lender already has; it has moved, so nothing is refused: what is not owed goes back."""
    payment = Payment(
        id=event.id, payer=event.payer, payee=terms.lender, amount_minor=event.amount_minor, unit=terms.unit,
        because="repayment",
    )  # fmt: skip
    return Outcome(*book(terms, state, payment, date))


def close_day(terms: LoanTerms, state: LoanState, event: CloseDay, date: dt.date) -> Outcome:
    """What fell due by ``date`` becomes claims; on or after its due date what is unpaid is overdue."""
    if state.status not in RUNNING:
        return Outcome(state, Changes())
    state, changes = holding.fall_due(terms, state, date)
    late = [c for c in state.claims.values() if c.state is State.HELD and c.id != state.standing and c.due < date]
    changes = changes.then(claims.combine(claims.mark_overdue(claim, date) for claim in late))
    overdue = any(claim.state is State.OVERDUE for claim in {**state.claims, **changes.claims}.values())
    status = LoanStatus.OVERDUE if overdue else LoanStatus.LIVE
    return Outcome(replace(state, status=status, claims={**state.claims, **changes.claims}), changes)


def book(
    terms: LoanTerms, state: LoanState, payment: Payment, date: dt.date
) -> tuple[LoanState, Changes, tuple[Reason, ...]]:
    """Book a payment that reached the lender: dues first, then principal before its time, the rest goes back; all of
    it where the loan has ended since. What fell due before the bank answered is due, whatever day it paid on.
    """
    if state.status not in RUNNING:
        return state, refund(terms, payment, payment.amount_minor), (_ended(terms, state, payment),)
    date = max(date, holding.raised_to(state))
    state, changes = holding.fall_due(terms, state, date)
    now = holding.replayed(terms, state, date)
    on, left = now.as_of, payment.amount_minor
    reason = _split(terms, now, left, date)
    due = min(left, now.due_amount.minor)
    if due:
        parts = practice.allocate(terms.money(due), now).parts
        state, more = holding.pay_parts(terms, state, parts, payment.id, on)
        state = replace(state, events=(*state.events, practice.Payment(on, terms.money(due))))
        changes, left = changes.then(more), left - due
    if left and now.performing.minor:
        state, more, left = _repay_early(terms, state, now, payment, left)
        changes = changes.then(more)
    payer = payment.payer if payment.payer in terms.borrowers else terms.borrower
    received = payment.amount_minor - left
    state = replace(state, paid_by={**state.paid_by, payer: state.paid_by.get(payer, 0) + received})
    changes = changes.then(refund(terms, payment, left))
    state, more = _settle_status(terms, state, payment.id, on)
    return state, changes.then(more), (reason,)


def owed_minor(terms: LoanTerms, now: practice.LoanState) -> int:
    """All that ends the loan on the day of ``now``: dues, the rest of the principal, interest to the day, the fee."""
    fee = round_half_up(now.performing.minor * Fraction(terms.product.early_fee))
    return now.due_amount.minor + now.performing.minor + now.accrued.minor + fee


def expect(state: LoanState, *statuses: LoanStatus) -> None:
    if state.status not in statuses:
        raise Conflict(
            f"loan.is_{state.status}",
            Text("贷款当前状态不能进行此操作", f"The loan is {state.status}; this cannot be done now"),
            remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
        )


def find(state: LoanState, payment: UUID) -> Payment:
    found = state.payments.get(payment)
    if found is None:
        raise NotFound("loan.no_such_payment", Text("没有待确认的该笔付款", "No such payment awaits an answer"))
    return found


def without(state: LoanState, ids: tuple[UUID, ...]) -> LoanState:
    return replace(state, payments={id: payment for id, payment in state.payments.items() if id not in ids})


def refund(terms: LoanTerms, payment: Payment, minor: int) -> Changes:
    """What a payment brought beyond what it was for goes back from its payee; nothing to do for nothing."""
    if not minor:
        return Changes()
    back = Payment(
        id=derived_id(payment.id, "refund"), payer=payment.payee, payee=payment.payer, amount_minor=minor,
        unit=terms.unit, because="refund", lot=terms.id,
    )  # fmt: skip
    return Changes(payments=(back,))


def _begin(terms: LoanTerms, state: LoanState, date: dt.date) -> Outcome:
    ends = terms.product.begun(terms.money(terms.principal_minor), date).ends
    changes = holding.open_principal(terms, ends)
    after = replace(
        state, status=LoanStatus.LIVE, started=date, claims=changes.apply(state.claims), standing=terms.root
    )
    return Outcome(after, changes)


def _repay_early(
    terms: LoanTerms, state: LoanState, now: practice.LoanState, payment: Payment, left: int
) -> tuple[LoanState, Changes, int]:
    """Principal before its time out of ``left``, with its interest to the day and the fee; answers what is over."""
    interest, rate = now.accrued.minor, Fraction(terms.product.early_fee)
    fits = (left - interest) / (1 + rate)
    principal = min(now.performing.minor, int(fits))
    if principal <= 0:
        return state, Changes(), left
    fee = round_half_up(principal * rate)
    if interest + principal + fee > left:
        principal, fee = principal - 1, round_half_up((principal - 1) * rate)
    assert state.standing is not None
    whole = None if principal == now.performing.minor else terms.money(principal)
    event = practice.EarlyRepayment(now.as_of, whole, terms.product.then)
    changes = claims.settle(state.claims[state.standing], principal, payment.id)
    for kind, minor in (("interest", interest), ("fee", fee)):
        if minor:
            id = derived_id(payment.id, "early", kind)
            changes = changes.then(holding.charge_and_pay(terms, id, kind, minor, payment.id, now.as_of))
    after = replace(state, events=(*state.events, event), claims=changes.apply(state.claims))
    return after, changes, left - principal - interest - fee


def _settle_status(terms: LoanTerms, state: LoanState, act: UUID, date: dt.date) -> tuple[LoanState, Changes]:
    now = holding.replayed(terms, state, date)
    if now.closed:
        assert not any(claim.is_open for claim in state.claims.values()), "a closed loan leaves no claim open"
        changes = _contributions(terms, state, act, date)
        after = replace(state, status=LoanStatus.REPAID, claims={**state.claims, **changes.claims})
        return after, changes
    overdue = any(claim.state is State.OVERDUE for claim in state.claims.values())
    return replace(state, status=LoanStatus.OVERDUE if overdue else LoanStatus.LIVE), Changes()


def _contributions(terms: LoanTerms, state: LoanState, act: UUID, date: dt.date) -> Changes:
    """Once all is paid, a debtor who paid more than its share claims the excess from the others (民法典 519)."""
    paid = sum(state.paid_by.values())
    if len(terms.borrowers) == 1 or not paid:
        return Changes()
    names = {str(borrower): borrower for borrower in terms.borrowers}
    shares = dict(zip(names, terms.shares or [Decimal(1)] * len(names), strict=True))
    given = {str(party): terms.money(minor) for party, minor in state.paid_by.items()}
    changes = Changes()
    for found in joint.contributions(terms.money(paid), shares, given):
        id = derived_id(act, "contribution", found.creditor, found.debtor)
        claim = Claim(
            id=id, kind="contribution", debtor=names[found.debtor], creditor=names[found.creditor],
            amount_minor=found.amount.minor, outstanding_minor=found.amount.minor, due=date, root=id, unit=terms.unit,
        )  # fmt: skip
        changes = changes.then(claims.open_claim(claim))
    return changes


def _repayment(terms: LoanTerms, event: Repay, because: str, payee: UUID, minor: int) -> Payment:
    id = derived_id(event.id, because)
    return Payment(
        id=id, payer=event.payer, payee=payee, amount_minor=minor, unit=terms.unit, because=because, lot=terms.id
    )


def _may_pay(terms: LoanTerms, event: Repay) -> None:
    allowed = {*terms.borrowers, event.payer, terms.lender}
    if event.by not in allowed:
        raise Forbidden(
            "step.wrong_party",
            Text("只有借款人、付款人或贷款人可以发起还款", "Only a debtor, the payer or the lender starts a repayment"),
            remedy=Text("请由有权一方发起", "Let one of them do so"),
        )


def _within(terms: LoanTerms, now: practice.LoanState, event: Repay, pays: int, everything: int) -> None:
    if not 0 < pays <= everything:
        most = terms.money(everything).grouped()
        raise Invalid(
            "loan.pays_more_than_owed",
            Text(f"当前结清金额为{most}", f"{most} ends the loan today"),
            remedy=Text(f"请填写大于零、不超过{most}的金额", f"Give an amount above zero, at most {most}"),
            where="amount",
            details={"owed": str(terms.money(everything)), "due": str(now.due_amount)},
        )
    if pays > now.due_amount.minor and not (terms.product.early or event.agreed):
        raise Conflict(
            "loan.early_needs_consent",
            Text("合同约定提前还款须经贷款人同意", "The contract asks for the lender's consent to early repayment"),
            remedy=Text(f"今日到期应还{now.due_amount.grouped()}", f"{now.due_amount.grouped()} is due today"),
        )


def _whole_principal(terms: LoanTerms, date: dt.date) -> Reason:
    shown = terms.money(terms.principal_minor).grouped()
    return Reason(
        code="loan.whole_principal",
        holds=True,
        effect=Effect.BAR,
        text=Text(f"本金{shown}足额发放，未预扣利息", f"The whole principal of {shown} is paid out, no interest first"),
        rule=terms.rules.at("civil.no_interest_up_front", date),
        inputs={"principal": str(terms.money(terms.principal_minor)), "payouts": len(terms.pay)},
    )


def _ended(terms: LoanTerms, state: LoanState, payment: Payment) -> Reason:
    shown = terms.money(payment.amount_minor).grouped()
    return Reason(
        code="loan.returned",
        holds=False,
        effect=Effect.WARN,
        text=Text(
            f"{shown}到账时该笔贷款已不再收款，全额退回",
            f"{shown} came when the loan took no payment any more; it goes back",
        ),
        inputs={"amount": str(terms.money(payment.amount_minor)), "state": state.status.value},
    )


def _split(terms: LoanTerms, now: practice.LoanState, minor: int, date: dt.date) -> Reason:
    due = min(minor, now.due_amount.minor)
    shown, due_shown = terms.money(minor).grouped(), terms.money(due).grouped()
    early = terms.money(minor - due).grouped()
    return Reason(
        code="loan.booked",
        holds=True,
        effect=Effect.APPLY,
        text=Text(
            f"{shown}：先还到期{due_shown}（费用、利息、本金依次），其余{early}提前还款",
            f"{shown}: {due_shown} pays what is due (charges, interest, principal in turn), {early} is early",
        ),
        rule=terms.rules.at("civil.order_of_payment", date),
        inputs={"amount": str(terms.money(minor)), "due": str(now.due_amount), "date": str(date)},
    )
