"""A loan's life after it is paid out: repaid from any source, changed, collected, its loss shared, written off."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from jirong.engine.kinds import loan
from jirong.financing import bearing, deciding, means, product, queries, runtime
from jirong.financing.actions.common import Outcome, acting, house_only, only, positive
from jirong.financing.models import CollectionStep, Contract, Loan
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import intents as ledger
from jirong.log.actions import action, concern
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

NOTE_MAX = 500
COLLECTION = ("call", "letter", "visit", "promise", "suit", "enforcement")


@action("credit.repay", Text("还款", "Repay a loan"))
def repay(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, amount: Money | None = None) -> Outcome:
    """A debtor instructs its bank to pay what is due, or ``amount``: what exceeds the dues is an early repayment."""
    party = acting(actor)
    queries.access_loan(actor, loan_id)
    running = _current(loan_id, id)
    if party not in running.terms.borrowers:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    minor = amount.minor if amount else None
    outcome = runtime.take(
        running, loan.Repay(id=id, by=party, payer=party, amount_minor=minor), business_date.today(), kind="repay",
        minor=minor,
    )  # fmt: skip
    return _instructed(loan_id, outcome)


@action("credit.settle", Text("结算还款", "Repay from a settlement"))
def settle(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, amount: Money) -> Outcome:
    """A buyer or platform that settles with the borrower pays the loan first (or the part of the settlement the scheme
    says) and the borrower the rest, as the scheme agreed; one instruction, the shares shown.
    """
    payer = acting(actor)
    contract = _require_settles(loan_id, payer)
    running = _current(loan_id, id)
    running.row.contract = contract
    event = loan.Repay(
        id=id, by=payer, payer=payer, amount_minor=amount.minor, surplus_to=running.row.borrower_id, agreed=True,
        most_minor=product.settled_minor(deciding.scheme_behind(contract.policy), contract.parties, payer, amount.minor),
    )  # fmt: skip
    return _instructed(loan_id, runtime.take(running, event, business_date.today(), kind="settle", minor=amount.minor))


@action("credit.recover", Text("违约后还款", "Pay after default"))
def recover(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, amount: Money) -> Outcome:
    """A debtor pays after the loss was shared or written off: each who bore it receives its part."""
    queries.access_loan(actor, loan_id)
    running = runtime.lock_loan(loan_id)
    event = loan.Recover(id=id, payer=acting(actor), amount_minor=amount.minor)
    outcome = runtime.take(running, event, business_date.today(), kind="recover", minor=amount.minor)
    return _instructed(loan_id, outcome)


@action("credit.extend", Text("展期", "Extend a loan"), own_key=True, two_people=True)
def extend(
    *, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, maturity: datetime.date, rate: Decimal | None = None
) -> Outcome:
    """The lender agrees to a later maturity before the old one; the rest is spread over the longer time."""
    today = business_date.today()
    return _change(actor, id, loan_id, practice.Extension(today, maturity, rate), "extend")


@action("credit.restructure", Text("重组", "Restructure a loan"), own_key=True, two_people=True)
def restructure(
    *, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, repay: str, rate: Decimal, months: int,
    capitalise_interest: bool = False,
) -> Outcome:  # fmt: skip
    """What is owed starts again under new terms; ``repay`` is annuity, equal_principal, interest_first or bullet."""
    if repay not in product.REPAY:
        raise Invalid("restructure.repay", Text("还款方式未知", "There is no such way to repay"), where="repay")
    joined = frozenset({Bucket.INTEREST}) if capitalise_interest else frozenset()
    change = practice.Restructuring(
        on=business_date.today(), repayment=product.REPAY[repay], rate=practice.FixedRate(rate), months=months,
        capitalise=joined,
    )  # fmt: skip
    return _change(actor, id, loan_id, change, "restructure")


@action("credit.waive", Text("减免利息罚息", "Waive part of what is due"), own_key=True, two_people=True)
def waive(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, bucket: str, amount: Money) -> Outcome:
    """The lender forgives ``amount`` of fee, compound, penalty, interest or principal that has fallen due."""
    if bucket not in {each.value for each in Bucket}:
        raise Invalid("waive.bucket", Text("项目未知", "There is no such item"), where="bucket")
    return _change(actor, id, loan_id, practice.Waiver(business_date.today(), Bucket(bucket), amount), "waive")


@action("credit.accelerate", Text("宣布提前到期", "Call everything due"), own_key=True, two_people=True)
def accelerate(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID) -> Outcome:
    """The lender declares all principal due today."""
    return _change(actor, id, loan_id, practice.Acceleration(business_date.today()), "accelerate")


@action("credit.collect", Text("记录催收", "Record a collection step"))
def collect(
    *, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, kind: str, note: str,
    promised_on: datetime.date | None = None, promised: Money | None = None,
) -> Outcome:  # fmt: skip
    """The lender records a call, a letter, a visit, a promise, a suit or an enforcement."""
    row = queries.access_loan(actor, loan_id)
    only(actor, row.lender_id, "贷款人", "the lender")
    _check_collection(kind, note, promised_on, promised)
    with acting_as(SYSTEM):
        CollectionStep.objects.create(
            loan=row, action=id, kind=kind, note=note, promised_on=promised_on,
            promised_minor=promised.minor if promised else None, by_id=row.lender_id, on=business_date.today(),
        )  # fmt: skip
    return {"loan": str(loan_id), "kind": kind}


@action("credit.share_loss", Text("确认损失并要求代偿", "Call the bearers of loss"), own_key=True, two_people=True)
def share_loss(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID) -> Outcome:
    """The lender calls those who bear the loss by the scheme's version of the contract: each one's payment to it is
    instructed to the fen; paid, that part of the claims is the payer's.
    """
    row = queries.access_loan(actor, loan_id)
    only(actor, row.lender_id, "贷款人", "the lender")
    running = _current(loan_id, id)
    contract = _behind(running)
    unpaid = sum(c.outstanding_minor for c in running.state.claims.values() if c.creditor == row.lender_id)
    found = bearing.called(contract, unpaid)
    if not found.layers:
        raise Invalid(
            "loan.no_losses", Text("方案没有损失分担条款", "The scheme has no clause on losses"),
            remedy=Text("损失由贷款人自担，可直接核销", "The lender bears it; it may be written off"),
        )  # fmt: skip
    _refuse_relayed(row)
    event = loan.ShareLoss(id=id, by=row.lender_id, layers=found.layers, excess=found.excess)
    return _call(running, event, found.capped, kind="share_loss")


@action("credit.call_again", Text("再次要求代偿", "Call unpaid parts again"), own_key=True, two_people=True)
def call_again(
    *, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, unable: list[uuid.UUID] | None = None
) -> Outcome:  # fmt: skip
    """The lender calls again those whose banks did not pay their part; what those named ``unable`` owe moves on as the
    scheme says (see :mod:`jirong.financing.bearing`).
    """
    row = queries.access_loan(actor, loan_id)
    only(actor, row.lender_id, "贷款人", "the lender")
    running = runtime.lock_loan(loan_id)
    contract = _behind(running)
    owing = loan.missing(running.terms, running.state)
    event, found = bearing.again(contract, running.state, owing, unable or (), id)
    return _call(running, event, found.capped, kind="call_again")


@action("credit.write_off", Text("核销", "Write off"), own_key=True, two_people=True)
def write_off(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID) -> Outcome:
    """A holder gives up in its books the claims it holds; the debtor owes them still."""
    queries.access_loan(actor, loan_id)
    running = _current(loan_id, id)
    contract = running.row.contract
    if running.state.status is loan.LoanStatus.OVERDUE and contract is not None and bearing.others(contract):
        raise Conflict(
            "loan.loss_not_shared",
            Text("方案有其他分担方，须先确认损失并要求代偿", "Others bear part of the loss by the scheme; it is shared first"),
            remedy=Text("请先确认损失并要求代偿，再核销自担部分", "Call the bearers of loss, then write off your own part"),
        )  # fmt: skip
    _refuse_relayed(running.row)
    event = loan.WriteOff(id=id, by=acting(actor))
    runtime.take(running, event, business_date.today(), kind="write_off")
    return {"loan": str(loan_id), "state": running.row.status}


@action("credit.close_day", Text("贷款日终", "Close a loan's day"), public=False)
def close_day(*, actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, on: datetime.date) -> Outcome:
    """What fell due by ``on`` becomes claims and what is unpaid is overdue."""
    house_only(actor)
    running = runtime.lock_loan(loan_id)
    runtime.take(running, loan.CloseDay(id=id), on, kind="close_day", quiet=True)
    return {"loan": str(loan_id), "state": running.row.status}


def _current(id: uuid.UUID, act: uuid.UUID) -> runtime.Running:
    """The loan, closed up to today first where the close of business has not reached it yet (inline catch-up)."""
    running = runtime.lock_loan(id)
    today = business_date.today()
    if running.state.status in loan.RUNNING:
        event = loan.CloseDay(id=derived_id(act, "catch up"))
        runtime.take(running, event, today, kind="close_day", quiet=True)
    return running


def _change(actor: Actor, id: uuid.UUID, loan_id: uuid.UUID, change: Any, kind: str) -> Outcome:
    queries.access_loan(actor, loan_id)
    running = _current(loan_id, id)
    event = loan.Change(id=id, by=acting(actor), change=change)
    runtime.take(running, event, business_date.today(), kind=kind)
    concern(*running.row.seen_by)
    return {"loan": str(loan_id), "state": running.row.status, "next_due": _day(running.row.next_due)}


def _check_collection(kind: str, note: str, promised_on: datetime.date | None, promised: Money | None) -> None:
    """A step says what was done; a promise names a day to come and an amount."""
    if kind not in COLLECTION:
        raise Invalid(
            "collect.kind", Text("催收方式未知", "There is no such step"), where="kind",
            remedy=Text("可选：" + "、".join(COLLECTION), "Choose one of: " + ", ".join(COLLECTION)),
        )  # fmt: skip
    if not note.strip() or len(note) > NOTE_MAX:
        raise Invalid(
            "collect.note", Text(f"请写明经过，不超过{NOTE_MAX}字", f"Say what was done, in at most {NOTE_MAX} characters"),
            where="note", remedy=Text("请填写催收经过", "Write down what was done"),
        )  # fmt: skip
    if kind == "promise" and (promised is None or promised_on is None):
        raise Invalid(
            "collect.promise", Text("还款承诺须有日期和金额", "A promise has a day and an amount"),
            where="promised" if promised is None else "promised_on",
            remedy=Text("请填写承诺还款日与金额", "Give the day and the amount promised"),
        )  # fmt: skip
    if promised is not None:
        positive(promised.minor, "promised")
    if promised_on is not None and promised_on < business_date.today():
        raise Invalid(
            "collect.promised_on", Text("承诺还款日早于营业日", "The day promised is before the business date"),
            where="promised_on", remedy=Text("请填写今日或以后的日期", "Give today or a later day"),
        )  # fmt: skip


def _require_settles(loan_id: uuid.UUID, payer: uuid.UUID) -> Contract:
    """The loan's contract, if the payer is one whom the scheme's sources of repayment name; to anybody else there is no
    such loan (asked before the loan is touched, and as the house: whoever settles need not see the contract).
    """
    with acting_as(SYSTEM):
        row = Loan.objects.select_related("contract__policy__scheme").filter(pk=loan_id).first()
    contract = row.contract if row else None
    scheme = deciding.scheme_behind(contract.policy) if contract else None
    named = {source.by for source in scheme.repaid_from if source.by} if scheme else set()
    if contract is None or str(payer) not in {contract.parties.get(name or "") for name in named}:
        raise NotFound("loan.unknown", Text("没有这笔贷款", "There is no such loan"))
    return contract


def _behind(running: runtime.Running) -> Contract:
    contract = running.row.contract
    if contract is None:
        raise NotFound("loan.no_scheme", Text("该贷款没有方案", "The loan has no scheme"))
    return contract


def _call(running: runtime.Running, event: Any, capped: Collection[uuid.UUID], *, kind: str) -> Outcome:
    """Take the step that calls bearers, and set the means of those who are capped aside until their banks answer."""
    today = business_date.today()
    outcome = runtime.take(running, event, today, kind=kind)
    reserved = [
        means.reserved(payment.payer, payment.amount_minor, payment.id)
        for payment in outcome.changes.payments
        if payment.payer in capped
    ]
    if reserved:
        ledger.post(reserved, journal=derived_id(event.id, "means"), on=today)
    borne = outcome.state.borne.by_party
    called = {str(payment.payer): str(payment.amount) for payment in outcome.changes.payments}
    return {
        "loan": str(running.row.pk), "borne": {str(party): str(Money(minor)) for party, minor in borne.items()},
        "called": called,
    }  # fmt: skip


def _refuse_relayed(row: Loan) -> None:
    """While another loan that pays this one off is being paid out, its end waits for the bank."""
    with acting_as(SYSTEM):
        under_way = Loan.objects.filter(relays=row.pk, status="paying").exists()
    if under_way:
        raise Conflict(
            "loan.payment_unanswered",
            Text("承接该贷款的新贷款正在放款，尚待银行答复", "A loan that takes this one over is being paid out"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )


def _instructed(loan_id: uuid.UUID, outcome: Any) -> Outcome:
    payments = outcome.changes.payments
    positive(len(payments), "amount")
    legs = [{"payee": str(p.payee), "amount": str(p.amount), "because": p.because} for p in payments]
    return {"loan": str(loan_id), "state": "instructed", "payments": legs}


def _day(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
