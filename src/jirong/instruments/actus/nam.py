"""NAM, negative amortizer: a fixed total payment whose principal part is what interest leaves of it.

With a resetting rate the principal part breathes; where the interest exceeds the payment, the debt grows. The term
moves with the rate unless a maturity is agreed, and maturity takes the rest. ACTUS techspecs §7.4.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from jirong.instruments.actus import amortizer, loan_functions, loan_schedule
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import Contract, Event, EventType, Model, Plan, run, times_fraction


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = payment_maturity(contract)
    found = amortizer.plan(contract, maturity, loan_schedule.interest_before_redemption(contract, maturity.scheduled))
    payment = contract.terms.need_number("nextPrincipalRedemptionPayment")
    return replace(found, state=replace(found.state, payment=payment))


def payment_maturity(contract: Contract) -> Maturity:
    """§7.4 Md: as given, else after as many payments as the notional needs at the first period's interest."""
    given = contract.terms.date("maturityDate")
    if given is not None:
        return Maturity.given(contract, given)
    count = amortizer.payments_needed(contract, lambda: _first_principal(contract))
    return Maturity.computed(contract, loan_schedule.maturity_after(contract, count))


def _first_principal(contract: Contract) -> Decimal:
    terms = contract.terms
    first = loan_schedule.redemption_anchor(contract)
    assert first is not None, "a redemption cycle gives an anchor"
    period = terms.need_cycle("cycleOfPrincipalRedemption").period
    yearly = terms.need_number("notionalPrincipal") * terms.need_number("nominalInterestRate")
    end = period.after(first, month_end=contract.conventions.month_end)
    return terms.need_number("nextPrincipalRedemptionPayment") - times_fraction(yearly, contract.years(first, end))


MODEL = Model(
    plan,
    {**loan_functions.TRANSITIONS, EventType.PR: amortizer.repay_total_payment},
    {**loan_functions.PAYOFFS, EventType.PR: amortizer.pay_total_payment},
)
