"""CLM, call money: a loan without a fixed term, repayable on call after a notice period.

Interest is capitalised by its cycle and paid with the principal. A call (an observed XD event) fixes the interest
earned so far; principal and interest are settled once the notice period has run (STD), and no more interest is
earned on the way. An agreed maturity ends the loan without a call. ACTUS techspecs §7.6.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import loan_functions, loan_schedule, model
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import ZERO, Contract, Due, Event, EventType, Model, Plan, State, run
from jirong.instruments.actus.schedule import Slot


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    agreed, called = contract.terms.date("maturityDate"), _call(contract)
    end = agreed or called or contract.horizon()
    maturity = Maturity.given(contract, end)
    fees = loan_schedule.fee_dues(contract, maturity)
    fee_times = tuple(due.at for due in fees)
    dues = (
        running_dues(contract, maturity)
        + [due for due in fees if agreed is not None or due.at < end]
        + _ending(contract, agreed, called)
    )
    return Plan(loan_functions.initial_state(contract, (), fee_times), tuple(dues), end, fee_times)


def running_dues(contract: Contract, maturity: Maturity) -> list[Due]:
    """What happens before the end: initial exchange, capitalisation, resets, analyses, credit events."""
    initial = Due(EventType.IED, contract.fixed(contract.terms.need_date("initialExchangeDate")))
    return [
        initial,
        *loan_schedule.capitalisation_dues(contract, maturity),
        *loan_schedule.reset_dues(contract, maturity),
        *model.analysis_dues(contract),
        *model.credit_dues(contract),
    ]


def _call(contract: Contract) -> datetime | None:
    """The first call after the status date."""
    return next((event.time for event in contract.happened("XD") if event.time > contract.start), None)


def _ending(contract: Contract, agreed: datetime | None, called: datetime | None) -> list[Due]:
    if agreed is not None:
        interest = [Due(EventType.IP, contract.fixed(agreed))] if contract.terms.has("nominalInterestRate") else []
        return [*interest, Due(EventType.MD, contract.fixed(agreed))]
    if called is None:
        return []
    due_day = contract.conventions.slot(contract.terms.period("xDayNotice").after(called))
    settled = Slot(due_day.time, called, due_day.scheduled)
    interest = [Due(EventType.IP, settled, last=True)] if contract.terms.has("nominalInterestRate") else []
    return [Due(EventType.XD, contract.fixed(called)), *interest, Due(EventType.STD, settled, last=True)]


def call(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_XD: the interest earned becomes a claim of its own when notice has to run."""
    moved = loan_functions.accrue(contract, plan, state, due)
    if contract.terms.period("xDayNotice").is_zero:
        return moved
    return replace(moved, exercise_amount=moved.accrued, accrued=ZERO)


def pay_interest(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    earned = state.accrued + state.exercise_amount + loan_functions.interest(contract, state, due)
    return contract.settle(earned, due)


def clear_interest(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(loan_functions.clear_interest(contract, plan, state, due), exercise_amount=ZERO)


MODEL = Model(
    plan,
    {
        **loan_functions.TRANSITIONS,
        EventType.IP: clear_interest,
        EventType.XD: call,
        EventType.STD: loan_functions.mature,
    },
    {**loan_functions.PAYOFFS, EventType.IP: pay_interest, EventType.STD: loan_functions.pay_maturity},
)
