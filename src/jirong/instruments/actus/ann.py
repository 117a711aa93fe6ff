"""ANN, annuity: equal total payments (等额本息) that repay the notional exactly by maturity.

Without an agreed payment it is fixed a day before the first redemption (PRF), and again with every rate reset, so
that all payments left are equal and the last leaves nothing. An amortisation date beyond maturity spreads the
payments further and leaves a balloon. ACTUS techspecs §7.5, annuity amount §3.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from jirong.instruments.actus import amortizer, loan_functions, loan_schedule, nam, refusals, schedule
from jirong.instruments.actus.loan_schedule import Maturity
from jirong.instruments.actus.model import (
    ZERO,
    Contract,
    Due,
    Event,
    EventType,
    Model,
    Plan,
    State,
    run,
    times_fraction,
)

FIXING_STEPS_MAX = 1_000_000
"""Fixings × payments: every fixing walks through all payments left."""


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    maturity = _maturity(contract)
    interest_times = loan_schedule.interest_before_redemption(contract, maturity.scheduled)
    found = amortizer.plan(contract, maturity, interest_times, _fixings(contract, maturity))
    found = replace(found, redemption_times=_payment_times(contract, maturity))
    _check_work(found)
    return replace(found, state=replace(found.state, payment=_first_payment(contract, found)))


def annuity(
    contract: Contract, times: Sequence[datetime], start: datetime, notional: Decimal, accrued: Decimal, rate: Decimal
) -> Decimal:
    """§3.8 A(s, T, n, a, r): the equal payment at ``times`` that repays notional and accrued interest.

    What is owed grows between payments by simple interest; each payment weighs what it would have grown to by the
    end. Interest from ``start`` to the first payment counts.
    """
    owed = notional + accrued + times_fraction(notional * rate, contract.years(start, times[0]))
    weight = Decimal(1)
    for before, after in pairwise(times):
        factor = 1 + times_fraction(rate, contract.years(before, after))
        owed, weight = owed * factor, weight * factor + 1
    return owed / weight


def fix_payment(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_PRF: the payment follows notional, accrued interest and rate as they stand."""
    moved = loan_functions.accrue(contract, plan, state, due)
    return replace(moved, payment=_payment(contract, plan, moved))


def _maturity(contract: Contract) -> Maturity:
    given = contract.terms.date("maturityDate") or contract.terms.date("amortizationDate")
    if given is not None:
        return Maturity.given(contract, given)
    if not contract.terms.has("nextPrincipalRedemptionPayment"):
        raise refusals.missing(contract.terms.kind, "maturityDate")
    return nam.payment_maturity(contract)


def _fixings(contract: Contract, maturity: Maturity) -> list[Due]:
    """PRF a day before the first redemption unless the payment is agreed, and at every reset.

    A prepayment that lowers the payments (PPEF A) has them fixed anew too, once the day's interest is paid.
    """
    changes = loan_schedule.reset_dues(contract, maturity)
    if contract.terms.choice("prepaymentEffect") == "A":
        changes += [d for d in loan_schedule.prepayment_dues(contract, maturity) if d.type is EventType.PP]
    found = [Due(EventType.PRF, due.slot) for due in changes]
    if contract.terms.has("nextPrincipalRedemptionPayment"):
        return found
    first = loan_schedule.redemption_anchor(contract)
    assert first is not None, "a redemption cycle gives an anchor"
    fixing = max(first - timedelta(days=1), contract.terms.need_date("initialExchangeDate"))
    return [Due(EventType.PRF, contract.fixed(fixing)), *found] if fixing < maturity.slot.time else found


def _check_work(found: Plan) -> None:
    fixings = sum(due.type is EventType.PRF for due in found.dues)
    if fixings * len(found.redemption_times) > FIXING_STEPS_MAX:
        raise schedule.too_long("cycleOfRateReset", f"{fixings} × {len(found.redemption_times)}")


def _payment_times(contract: Contract, maturity: Maturity) -> tuple[datetime, ...]:
    """When payments are reckoned: the redemptions up to the amortisation date, if that is not maturity, and it."""
    until = contract.terms.date("amortizationDate")
    end = maturity if until is None else Maturity.given(contract, until)
    times = loan_schedule.redemption_times(contract, end.scheduled)
    return tuple(sorted({due.at for due in loan_schedule.dues(contract, EventType.PR, times, end)} | {end.slot.at}))


def _first_payment(contract: Contract, found: Plan) -> Decimal:
    agreed = contract.terms.number("nextPrincipalRedemptionPayment")
    return _payment(contract, found, found.state) if agreed is None else agreed


def _payment(contract: Contract, plan: Plan, state: State) -> Decimal:
    """The annuity from this state on, unsigned; nothing is due where nothing is owed or no payment is left."""
    times = [time for time in plan.redemption_times if time > state.at]
    if not times or not state.notional:
        return ZERO
    return contract.sign * annuity(contract, times, state.at, state.notional, state.accrued, state.rate)


MODEL = Model(
    plan,
    {
        **loan_functions.TRANSITIONS,
        EventType.PR: amortizer.repay_total_payment,
        EventType.PRF: fix_payment,
    },
    {**loan_functions.PAYOFFS, EventType.PR: amortizer.pay_total_payment},
)
