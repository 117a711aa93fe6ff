"""PAM, principal at maturity: a bullet loan or a plain bond.

The principal is paid out once and paid back once, at maturity; interest falls due by its cycle, at a fixed or a
resetting rate, and may be capitalised for a time. ACTUS techspecs §7.1.
"""

from __future__ import annotations

from jirong.instruments.actus import loan_functions, loan_schedule
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Event, Model, Plan, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = Maturity.given(contract, contract.terms.need_date("maturityDate"))
    interest_times = loan_schedule.interest_times(contract, maturity.scheduled)
    interest = loan_schedule.interest_dues(contract, interest_times, maturity)
    fees = loan_schedule.fee_dues(contract, maturity)
    fee_times = tuple(due.at for due in fees)
    dues = (
        loan_schedule.exchange_dues(contract, maturity)
        + interest
        + fees
        + loan_schedule.reset_dues(contract, maturity)
        + loan_schedule.scaling_dues(contract, maturity)
        + loan_schedule.prepayment_dues(contract, maturity)
    )
    state = loan_functions.initial_state(contract, interest, fee_times)
    return Plan(state, tuple(dues), maturity.slot.at, fee_times)


MODEL = Model(plan, loan_functions.TRANSITIONS, loan_functions.PAYOFFS)
