"""UMP, undefined maturity profile: a deposit or current account, run by its customer's behaviour.

Interest is capitalised by its cycle; withdrawals (PR) and additions (PI) are observed, not agreed, and the account
stays open until they empty it or the view ends. ACTUS techspecs §7.7.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from jirong.instruments.actus import clm, loan_functions, loan_schedule, model, refusals
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run
from jirong.kernel.text import Text

_OBSERVED = {"PR": EventType.PR, "PI": EventType.PI, "PD": EventType.PI}
"""The event dictionary calls a drawing PD, the specification and the published cases PI."""


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = Maturity.given(contract, contract.horizon())
    fees = [due for due in loan_schedule.fee_dues(contract, maturity) if due.at < maturity.scheduled]
    fee_times = tuple(due.at for due in fees)
    movements = [
        Due(_OBSERVED[event.type], contract.fixed(event.time), event.value) for event in contract.happened(*_OBSERVED)
    ]
    termination = [due for due in model.trade_dues(contract) if due.type is EventType.TD]
    dues = clm.running_dues(contract, maturity) + fees + movements + termination
    return Plan(loan_functions.initial_state(contract, (), fee_times), tuple(dues), None, fee_times)


def _withdrawn(contract: Contract, state: State, due: Due) -> Decimal:
    if due.amount > abs(state.notional):
        raise refusals.impossible(
            "eventsObserved.value",
            due.amount,
            Text(f"超过账户余额 {abs(state.notional)}", f"it exceeds the balance of {abs(state.notional)}"),
            Text("请填写不超过余额的金额", "Give no more than the balance"),
        )
    return contract.sign * due.amount


def pay_withdrawal(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(_withdrawn(contract, state, due), due)


def withdraw(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return _move(contract, plan, state, due, -_withdrawn(contract, state, due))


def pay_addition(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    return contract.settle(-contract.sign * due.amount, due)


def add(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return _move(contract, plan, state, due, contract.sign * due.amount)


def _move(contract: Contract, plan: Plan, state: State, due: Due, change: Decimal) -> State:
    moved = loan_functions.accrue(contract, plan, state, due)
    return loan_functions.rebase(contract, replace(moved, notional=moved.notional + change))


MODEL = Model(
    plan,
    {**loan_functions.TRANSITIONS, EventType.PR: withdraw, EventType.PI: add},
    {**loan_functions.PAYOFFS, EventType.PR: pay_withdrawal, EventType.PI: pay_addition},
)
