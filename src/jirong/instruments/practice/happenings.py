"""How each event changes a loan: one function an event, called with the machine standing at the event's day.

An event that the state does not allow is refused with what to do instead; nothing is half done.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from fractions import Fraction

from jirong.instruments.practice import checks, plans
from jirong.instruments.practice.allocation import Bucket
from jirong.instruments.practice.events import (
    Acceleration,
    EarlyRepayment,
    Event,
    Extension,
    FeeCharged,
    Payment,
    RateSet,
    Reamortise,
    Restructuring,
    Waiver,
)
from jirong.instruments.practice.machine import Machine, OpenDue
from jirong.instruments.practice.periods import periods
from jirong.instruments.practice.state import FlowKind
from jirong.instruments.practice.terms import FixedRate, Repayment
from jirong.kernel.money import round_half_up
from jirong.kernel.text import Text


def happen(machine: Machine, event: Event) -> None:
    """Apply ``event``, then let credit held serve what became due by it.

    Raises :class:`~jirong.kernel.errors.Refusal` when the state does not allow the event.
    """
    match event:
        case Payment():
            machine.pay(event.amount.minor, event.on)
        case EarlyRepayment():
            _repay_early(machine, event)
        case RateSet():
            machine.terms = dataclasses.replace(machine.terms, rate=FixedRate(event.rate))
            machine.next_reset = None
            machine.set_rate(event.on, event.rate)
        case FeeCharged():
            machine.fees += 1
            machine.open.append(OpenDue(-machine.fees, event.on, fee=event.amount.minor))
        case Waiver():
            _waive(machine, event)
        case Extension():
            _extend(machine, event)
        case Restructuring():
            _restructure(machine, event)
        case Acceleration():
            _accelerate(machine, event.on)
    machine.use_credit(event.on)


def _repay_early(machine: Machine, event: EarlyRepayment) -> None:
    _check_running(machine, event.on)
    owed = sum(due.amount.minor for due in machine.shown_dues(event.on))
    if owed:
        raise checks.not_now(
            "overdue_first",
            Text(f"尚有到期未还 {machine.money(owed)}", f"{machine.money(owed)} is due and unpaid"),
            Text("请先还清到期款项，再提前还本", "Pay what is due first, then repay early"),
            "principal",
        )
    principal = machine.performing if event.principal is None else event.principal.minor
    if principal > machine.performing:
        raise checks.not_now(
            "more_than_owed",
            Text("提前还本超过剩余本金", "more principal than is left"),
            Text(f"最多可还 {machine.money(machine.performing)}", f"At most {machine.money(machine.performing)}"),
            "principal",
        )
    interest = machine.settle_interest(event.on)
    fee = round_half_up(principal * Fraction(machine.terms.early_fee))
    machine.performing -= principal
    used = machine.credit if not machine.performing else 0
    machine.credit -= used
    parts = {Bucket.PRINCIPAL: principal, Bucket.INTEREST: interest, Bucket.FEE: fee}
    machine.record(event.on, FlowKind.EARLY_REPAYMENT, parts, surplus=-used)
    _plan_again(machine, event.then)


def _plan_again(machine: Machine, then: Reamortise) -> None:
    if not machine.performing:
        machine.end()
    elif then is Reamortise.LOWER:
        machine.replan()
    else:
        machine.plan = plans.shorten(machine.terms, machine.performing, machine.rate, machine.plan, machine.free)
        machine.periods = machine.periods[: len(machine.plan.principals)]


def _waive(machine: Machine, event: Waiver) -> None:
    left, dues = event.amount.minor, {due.number: due for due in machine.open}
    for shown in sorted(machine.shown_dues(event.on), key=lambda due: (due.due, due.number)):
        forgiven = min(left, shown.of(event.bucket).minor)
        machine.reduce(dues[shown.number], event.bucket, forgiven)
        left -= forgiven
    machine.drop_settled(event.on)
    machine.record(event.on, FlowKind.WAIVER, {event.bucket: event.amount.minor - left})


def _extend(machine: Machine, event: Extension) -> None:
    _check_running(machine, event.on)
    ends = machine.terms.ends
    if event.maturity <= ends:
        raise checks.invalid(
            "maturity",
            event.maturity,
            Text(f"展期后的到期日须晚于原到期日 {ends}", f"an extension must end after the old maturity {ends}"),
            Text(f"请填写 {ends} 之后的日期", f"Give a date after {ends}"),
        )
    if machine.terms.repayment is Repayment.IRREGULAR:
        raise checks.not_now(
            "plan_needed",
            Text("不规则还款计划不能直接展期", "an irregular plan cannot simply be extended"),
            Text("请以重组事件给出新的还款方式", "Restructure it with another way of repaying"),
            "maturity",
        )
    machine.terms = dataclasses.replace(machine.terms, maturity=event.maturity, months=None)
    current = machine.periods[0].starts
    machine.periods = [period for period in periods(machine.terms) if period.starts >= current]
    machine.replan()
    if event.rate is not None:
        happen(machine, RateSet(event.on, event.rate))


def _restructure(machine: Machine, event: Restructuring) -> None:
    machine.accrue_dues(event.on)
    accrued = machine.settle_interest(event.on)
    if accrued and Bucket.INTEREST not in event.capitalise:
        machine.open_due(event.on, 0, accrued)
    joined = accrued if Bucket.INTEREST in event.capitalise else 0
    shown = {due.number: due for due in machine.shown_dues(event.on)}
    for due in machine.open:
        for bucket in (Bucket.PRINCIPAL, *sorted(event.capitalise - {Bucket.PRINCIPAL})):
            amount = shown[due.number].of(bucket).minor if due.number in shown else 0
            machine.reduce(due, bucket, amount)
            joined += amount
    machine.drop_settled(event.on)
    machine.restructured_on = event.on
    machine.begin(
        dataclasses.replace(
            machine.terms,
            principal=machine.money(machine.performing + joined),
            start=event.on,
            repayment=event.repayment,
            rate=event.rate,
            months=event.months,
            maturity=event.maturity,
            every_months=event.every_months,
            first_due=event.first_due,
            interest_only_periods=event.interest_only_periods,
            plan=(),
        )
    )


def _accelerate(machine: Machine, on: date) -> None:
    _check_running(machine, on)
    interest = machine.settle_interest(on)
    principal, machine.performing = machine.performing, 0
    machine.end()
    machine.open_due(on, principal, interest)


def _check_running(machine: Machine, on: date) -> None:
    if not machine.periods:
        raise checks.not_now(
            "ended",
            Text(f"合同在 {on} 已无未到期本金", f"nothing of the contract is still to fall due on {on}"),
            Text("请改为还款，或重组逾期部分", "Pay what is due, or restructure it"),
            "on",
        )
