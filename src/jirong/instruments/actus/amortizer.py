"""What loans repaid in instalments share: the plan of LAM, NAM and ANN, and how a redemption lowers the notional.

ACTUS techspecs §7.2 and §7.4. A redemption never takes more than is outstanding: when the notional is used up before
maturity, what is still scheduled pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from jirong.instruments.actus import loan_functions, loan_schedule, refusals
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Due, EventType, Plan, State
from jirong.kernel.text import Text


def plan(contract: Contract, maturity: Maturity, interest_times: Sequence[datetime], extra: Sequence[Due] = ()) -> Plan:
    """All events of an amortising loan but its first payment amount, which each type sets itself."""
    interest = loan_schedule.interest_dues(contract, interest_times, maturity)
    fees = loan_schedule.fee_dues(contract, maturity)
    fee_times = tuple(due.at for due in fees)
    redemptions = loan_schedule.redemption_times(contract, maturity.scheduled)
    dues = (
        loan_schedule.exchange_dues(contract, maturity)
        + loan_schedule.dues(contract, EventType.PR, redemptions, maturity)
        + interest
        + fees
        + loan_schedule.base_dues(contract, maturity)
        + loan_schedule.reset_dues(contract, maturity)
        + loan_schedule.scaling_dues(contract, maturity)
        + loan_schedule.prepayment_dues(contract, maturity)
    )
    state = loan_functions.initial_state(contract, interest, fee_times)
    return Plan(state, tuple(dues) + tuple(extra), maturity.slot.at, fee_times)


def capped(contract: Contract, wanted: Decimal, notional: Decimal) -> Decimal:
    """The part of a redemption that the outstanding notional allows; both signed by the creator's side.

    The side decides, not the sign of a notional that may be zero.
    """
    return min(wanted, notional) if contract.sign > 0 else max(wanted, notional)


def repay(contract: Contract, plan: Plan, state: State, due: Due, principal: Decimal) -> State:
    """The state after ``principal`` has been paid back; the interest stays accrued for its own event."""
    moved = loan_functions.accrue(contract, plan, state, due)
    return loan_functions.rebase(contract, replace(moved, notional=moved.notional - principal))


def total_payment_principal(contract: Contract, state: State, due: Due) -> Decimal:
    """§7.4 PR: a fixed total payment less the interest due; negative when the interest is more (the debt grows)."""
    due_interest = state.accrued + loan_functions.interest(contract, state, due)
    return capped(contract, contract.sign * state.payment - due_interest, state.notional)


def pay_total_payment(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(state.notional_scale * total_payment_principal(contract, state, due), due)


def repay_total_payment(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return repay(contract, plan, state, due, total_payment_principal(contract, state, due))


def payments_needed(contract: Contract, each: Callable[[], Decimal]) -> int:
    """How many payments of which ``each()`` is principal repay the notional; refuses when none ever does."""
    notional, principal = contract.terms.need_number("notionalPrincipal"), each()
    if principal <= 0:
        raise refusals.impossible(
            "nextPrincipalRedemptionPayment",
            contract.terms.number("nextPrincipalRedemptionPayment"),
            Text("不足以支付每期利息，本金永远还不完", "it does not cover the interest, so the loan is never repaid"),
            Text("请提高每期还款额，或填写 maturityDate", "Raise the payment, or give maturityDate"),
        )
    return max(1, int((notional / principal).to_integral_value(ROUND_CEILING)))
