"""LAM, linear amortizer: equal instalments of principal (等额本金), interest on what is left.

Every redemption pays the same principal, interest falls due by its own cycle, and maturity takes the rest. Without a
redemption amount the notional is spread evenly over the redemptions; without a maturity the amount decides it.
ACTUS techspecs §7.2.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from jirong.instruments.actus import amortizer, loan_functions, loan_schedule, refusals
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = _maturity(contract)
    interest_times = loan_schedule.interest_times(contract, maturity.scheduled)
    found = amortizer.plan(contract, maturity, interest_times)
    return replace(found, state=replace(found.state, payment=_instalment(contract, maturity, found)))


def _maturity(contract: Contract) -> Maturity:
    """§7.2 Md: as given, else the date of the last instalment the notional needs."""
    given = contract.terms.date("maturityDate")
    if given is not None:
        return Maturity.given(contract, given)
    if not contract.terms.has("nextPrincipalRedemptionPayment"):
        raise refusals.missing(contract.terms.kind, "maturityDate")
    count = amortizer.payments_needed(contract, lambda: contract.terms.need_number("nextPrincipalRedemptionPayment"))
    return Maturity.computed(contract, loan_schedule.maturity_after(contract, count))


def _instalment(contract: Contract, maturity: Maturity, found: Plan) -> Decimal:
    """§7.2 Prnxt: as agreed, else the notional over the payments left, that at maturity included."""
    agreed = contract.terms.number("nextPrincipalRedemptionPayment")
    if agreed is not None:
        return agreed
    left = sum(due.type is EventType.PR and due.time > contract.start for due in found.dues)
    return contract.terms.need_number("notionalPrincipal") / (left + 1)


def principal(contract: Contract, state: State) -> Decimal:
    return amortizer.capped(contract, contract.sign * state.payment, state.notional)


def pay_principal(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(state.notional_scale * principal(contract, state), due)


def repay_principal(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return amortizer.repay(contract, plan, state, due, principal(contract, state))


MODEL = Model(
    plan,
    {**loan_functions.TRANSITIONS, EventType.PR: repay_principal},
    {**loan_functions.PAYOFFS, EventType.PR: pay_principal},
)
