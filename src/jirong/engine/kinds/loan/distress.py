"""When it goes wrong: new terms, everything called due, the loss shared, recoveries, the write-off.

A bearer of loss who pays (代偿) takes the lender's place for what it paid: the claim passes to it, nothing is
extinguished. The final loss follows the scheme's waterfall to the fen; what comes back later returns by it too.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from uuid import UUID

from jirong.engine import claims
from jirong.engine.claims import Changes, State
from jirong.engine.contract import Outcome, acts
from jirong.engine.intents import Payment
from jirong.engine.kinds.loan import holding
from jirong.engine.kinds.loan.model import (
    RUNNING,
    Change,
    LoanState,
    LoanStatus,
    LoanTerms,
    Recover,
    ShareLoss,
    WriteOff,
)
from jirong.engine.kinds.loan.paying import expect
from jirong.engine.reasons import Reason
from jirong.engine.waterfall import share_loss, share_recovery
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text


def change(terms: LoanTerms, state: LoanState, event: Change, date: dt.date) -> Outcome:
    """Apply what the lender agreed to; a restructuring gathers the claims it takes in into one that stands anew."""
    expect(state, *RUNNING)
    if event.by is not None:
        acts(event.by, terms.lender, "lender")
    state, changes = holding.fall_due(terms, state, date)
    after = replace(state, events=(*state.events, event.change))
    match event.change:
        case practice.Restructuring():
            after, more = _restructured(terms, state, after, event, date)
        case practice.Waiver():
            after, more = _waived(terms, state, after, event, date)
        case _:
            after, more = holding.fall_due(terms, after, date)
    holding.replayed(terms, after, date)
    return Outcome(after, changes.then(more))


def share(terms: LoanTerms, state: LoanState, event: ShareLoss, date: dt.date) -> Outcome:
    """Compute who bears what of all that is unpaid and instruct each bearer's payment to the lender."""
    expect(state, *RUNNING)
    acts(event.by, terms.lender, "lender")
    state, changes = holding.fall_due(terms, state, date)
    if holding.replayed(terms, state, date).performing:
        raise Conflict(
            "loan.not_all_due",
            Text("尚有未到期本金，不能确定最终损失", "Principal is still to fall due, so the loss is not final"),
            remedy=Text("请先宣布提前到期", "Declare everything due first"),
        )
    open_minor = sum(c.outstanding_minor for c in state.claims.values() if c.is_open and c.creditor == terms.lender)
    borne = share_loss(open_minor, event.layers, excess=event.excess)
    payments = {
        id: Payment(
            id=id, payer=party, payee=terms.lender, amount_minor=minor, unit=terms.unit, because="compensation",
            lot=terms.id,
        )
        for party, minor in borne.by_party.items()
        if party != terms.lender and minor
        for id in [derived_id(event.id, "compensation", party)]
    }  # fmt: skip
    after = replace(
        state, status=LoanStatus.DEFAULTED, borne=borne, payments={**state.payments, **payments}, recovered_minor=0
    )
    reason = _loss_reason(terms, open_minor, {str(k): v for k, v in borne.by_party.items()})
    return Outcome(after, changes.then(Changes(payments=tuple(payments.values()))), (reason,))


def compensated(terms: LoanTerms, state: LoanState, payment: Payment) -> tuple[LoanState, Changes]:
    """The bearer's bank has paid: its part of the claims is its own now."""
    return holding.pass_on(state, terms.lender, payment.payer, payment.amount_minor, payment.id)


def recover(terms: LoanTerms, state: LoanState, event: Recover, date: dt.date) -> Outcome:
    """Instruct what a debtor pays after default: to each who bore the loss, as the waterfall returns it."""
    expect(state, LoanStatus.DEFAULTED, LoanStatus.WRITTEN_OFF)
    if event.payer not in terms.borrowers:
        raise Forbidden("step.wrong_party", Text("只有债务人可以还款", "Only a debtor pays"))
    if any(payment.because in ("recovery", "compensation") for payment in state.payments.values()):
        raise Conflict(
            "loan.payment_unanswered",
            Text("仍有付款待银行答复", "A payment still awaits the bank's answer"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )
    left = sum(c.outstanding_minor + c.written_off_minor for c in state.claims.values())
    if not 0 < event.amount_minor <= left:
        most = terms.money(left).grouped()
        raise Invalid(
            "loan.pays_more_than_owed", Text(f"尚欠{most}", f"{most} is owed"), where="amount",
            remedy=Text(f"请填写大于零、不超过{most}的金额", f"Give an amount above zero, at most {most}"),
        )  # fmt: skip
    payments = {
        id: Payment(
            id=id, payer=event.payer, payee=party, amount_minor=minor, unit=terms.unit, because="recovery",
            lot=terms.id,
        )
        for party, minor in _returns(terms, state, event.amount_minor).items()
        if minor
        for id in [derived_id(event.id, "recovery", party)]
    }  # fmt: skip
    after = replace(state, payments={**state.payments, **payments})
    return Outcome(after, Changes(payments=tuple(payments.values())))


def recovered(terms: LoanTerms, state: LoanState, payment: Payment) -> tuple[LoanState, Changes]:
    """A recovery reached one who bore the loss: its claims are settled, written off or not."""
    changes, left = Changes(), payment.amount_minor
    held = [
        c for c in state.claims.values() if c.creditor == payment.payee and c.outstanding_minor + c.written_off_minor
    ]
    for claim in sorted(held, key=lambda c: (c.kind == "loan", c.due, c.id)):
        part = min(left, claim.outstanding_minor)
        if part:
            changes = changes.then(claims.settle(claim, part, payment.id))
        back = min(left - part, claim.written_off_minor)
        if back:
            now = changes.claims.get(claim.id, claim)
            changes = changes.then(claims.recover(now, back, payment.id))
        left -= part + back
    assert left == 0, "a recovery is within what its receiver bore"
    after = {**state.claims, **changes.claims}
    owed = sum(c.outstanding_minor + c.written_off_minor for c in after.values())
    status = state.status if owed else LoanStatus.REPAID
    paid = {**state.paid_by, payment.payer: state.paid_by.get(payment.payer, 0) + payment.amount_minor}
    recovered_minor = state.recovered_minor + payment.amount_minor
    return replace(state, status=status, claims=after, paid_by=paid, recovered_minor=recovered_minor), changes


def write_off(terms: LoanTerms, state: LoanState, event: WriteOff, date: dt.date) -> Outcome:
    """``by`` writes off what it still holds; when nobody holds anything open, the loan is written off."""
    expect(state, LoanStatus.DEFAULTED, LoanStatus.OVERDUE)
    if state.payments:
        raise Conflict(
            "loan.payment_unanswered",
            Text("仍有付款待银行答复，不能核销", "A payment still awaits the bank's answer; nothing is written off"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )
    state, changes = holding.fall_due(terms, state, date) if state.status is LoanStatus.OVERDUE else (state, Changes())
    held = holding.in_order(state.claims.values(), event.by)
    if not held:
        raise Forbidden(
            "loan.holds_nothing",
            Text("贵单位不持有该贷款的债权", "Your party holds no claim of this loan"),
            remedy=Text("只有债权持有人可以核销", "Only a holder writes off"),
        )
    changes = changes.then(claims.combine(claims.write_off(c, c.outstanding_minor, event.id) for c in held))
    after = {**state.claims, **changes.claims}
    open_left = any(claim.is_open for claim in after.values())
    status = LoanStatus.DEFAULTED if open_left else LoanStatus.WRITTEN_OFF
    return Outcome(replace(state, status=status, claims=after), changes)


def _returns(terms: LoanTerms, state: LoanState, minor: int) -> dict[UUID, int]:
    """Each party's part of a further recovery: its part of all so far, less what it has had already."""
    if state.borne is None:
        return {terms.lender: minor}
    before = share_recovery(state.recovered_minor, state.borne)
    after = share_recovery(state.recovered_minor + minor, state.borne)
    found: Counter[UUID] = Counter({party: after[party] - before[party] for party in after})
    return dict(found)


def _restructured(
    terms: LoanTerms, before: LoanState, after: LoanState, event: Change, date: dt.date
) -> tuple[LoanState, Changes]:
    """Every claim the new principal is made of moves into one; interest earned to the day falls due or joins it."""
    assert isinstance(event.change, practice.Restructuring)
    now, then = holding.replayed(terms, before, date), holding.replayed(terms, after, date)
    changes, state = Changes(), before
    if now.accrued and Bucket.INTEREST in event.change.capitalise:
        changes = holding.open_charge(terms, derived_id(event.id, "accrued"), "interest", now.accrued.minor, date)
    for bucket in sorted(event.change.capitalise & {Bucket.PENALTY, Bucket.COMPOUND, Bucket.FEE}):
        if now.unpaid(bucket).minor:
            id = derived_id(event.id, bucket.value)
            changes = changes.then(holding.open_charge(terms, id, bucket.value, now.unpaid(bucket).minor, date))
    state = replace(before, claims=changes.apply(before.claims))
    kinds = {"loan", *(bucket.value for bucket in event.change.capitalise)}
    joining = tuple(c for c in state.claims.values() if c.is_open and c.kind in kinds)
    standing = derived_id(event.id, "standing")
    ends = then.terms.ends
    more = holding.regroup(joining, {c.id: c.outstanding_minor for c in joining}, standing, ends, "loan")
    assert more.opened[0].amount_minor == then.performing.minor, "the new principal is what joined it"
    state = replace(after, claims=more.apply(state.claims), standing=standing, status=LoanStatus.LIVE)
    state, raised = holding.fall_due(terms, state, date)
    return state, changes.then(more).then(raised)


def _waived(
    terms: LoanTerms, before: LoanState, after: LoanState, event: Change, date: dt.date
) -> tuple[LoanState, Changes]:
    """What is forgiven of principal or interest is written off; penalties not yet charged simply lapse."""
    changes = Changes()
    now, then = holding.replayed(terms, before, date), holding.replayed(terms, after, date)
    left = {due.number: due for due in then.dues}
    for due in now.dues:
        for bucket in (Bucket.PRINCIPAL, Bucket.INTEREST):
            gone = due.of(bucket).minor - (left[due.number].of(bucket).minor if due.number in left else 0)
            if gone:
                claim = before.claims[holding.due_id(terms, due.number, bucket)]
                changes = changes.then(claims.write_off(claim, gone, event.id))
    state = replace(after, claims=changes.apply(before.claims))
    if then.closed:
        state = replace(state, status=LoanStatus.REPAID)
    elif not any(claim.state is State.OVERDUE for claim in state.claims.values()):
        state = replace(state, status=LoanStatus.LIVE)
    return state, changes


def _loss_reason(terms: LoanTerms, loss: int, parts: dict[str, int]) -> Reason:
    shown = terms.money(loss).grouped()
    return Reason(
        code="loan.loss_shared",
        holds=True,
        effect=Effect.APPLY,
        text=Text(f"未清偿{shown}按方案的分担条款分担", f"{shown} unpaid is shared by the scheme's clause on losses"),
        inputs={"loss": str(terms.money(loss)), "parts": {p: str(terms.money(m)) for p, m in parts.items()}},
    )
