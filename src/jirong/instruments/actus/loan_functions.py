"""What loans pay and how they change: payoff and state transition functions the maturities share.

ACTUS techspecs §7.1 (PAM), §7.2 (LAM), §7.4 (NAM) and §7.5 (ANN). Interest accrues on the calculation base, which
is the notional itself unless the contract lags it; with that one rule the functions of PAM and LAM are the same.
Amounts carry the sign of the creator's side through the notional, so one formula serves lender and borrower.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.actus import refusals
from jirong.instruments.actus.model import (
    ZERO,
    Contract,
    Due,
    EventType,
    Payoff,
    Plan,
    State,
    Transition,
    times_fraction,
)
from jirong.kernel.text import Text


def interest(contract: Contract, state: State, due: Due) -> Decimal:
    """Interest earned since the state's time: Y(Sd, t) × Ipnr × Ipcb."""
    if not state.rate or not state.base:
        return ZERO
    return times_fraction(state.rate * state.base, contract.years(state.at, due.at))


def fee(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    """Fee accrued up to the event: on the notional (FEB N), or the part of the fee its period has run (FEB A)."""
    rate = contract.terms.need_number("feeRate")
    if not rate:
        return state.fee
    if contract.terms.choice("feeBasis") == "N":
        return state.fee + times_fraction(rate * state.notional, contract.years(state.at, due.at))
    following = bisect_right(plan.fee_times, due.at)
    if following == len(plan.fee_times):
        return ZERO
    begin = plan.fee_times[following - 1] if following else contract.terms.need_date("initialExchangeDate")
    period = contract.years(begin, plan.fee_times[following])
    share = contract.years(begin, due.at) / period if period else Fraction(0)
    return times_fraction(rate * contract.sign, share)


def accrue(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_AD: interest and fee run up to the event."""
    earned = state.accrued + interest(contract, state, due)
    return replace(state, accrued=earned, fee=fee(contract, plan, state, due), at=due.at)


def rebase(contract: Contract, state: State) -> State:
    """The calculation base follows the notional, unless it lags it (NTL) until the next IPCB event."""
    if contract.terms.choice("interestCalculationBase") == "NTL":
        return state
    return replace(state, base=state.notional)


def initial_base(contract: Contract, notional: Decimal) -> Decimal:
    """Ipcb when the notional is first lent: the agreed amount where it is not simply the notional."""
    agreed = contract.terms.number("interestCalculationBaseAmount")
    if contract.terms.choice("interestCalculationBase") == "NT" or agreed is None:
        return notional
    return contract.sign * agreed


def pay_initial_exchange(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    terms = contract.terms
    lent = terms.need_number("notionalPrincipal") + terms.need_number("premiumDiscountAtIED")
    return contract.settle(-contract.sign * lent, due)


def initial_exchange(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_IED: the notional is lent; interest agreed as accrued, or run since an earlier anchor, comes with it."""
    terms = contract.terms
    notional = contract.sign * terms.need_number("notionalPrincipal")
    lent = replace(
        state,
        notional=notional,
        rate=terms.number("nominalInterestRate") or ZERO,
        base=initial_base(contract, notional),
        at=due.at,
    )
    begin = terms.date("cycleAnchorDateOfInterestPayment")
    accrued = terms.number("accruedInterest")
    if accrued is None:
        accrued = ZERO
        if begin is not None and begin < due.at and lent.rate:
            accrued = times_fraction(notional * lent.rate, contract.years(contract.fixed(begin).at, due.at))
    return replace(lent, accrued=accrued)


def pay_maturity(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    principal = state.notional_scale * state.notional
    return contract.settle(principal + state.interest_scale * state.accrued + state.fee, due)


def mature(_: Contract, __: Plan, state: State, due: Due) -> State:
    return replace(state, notional=ZERO, accrued=ZERO, fee=ZERO, base=ZERO, at=due.at)


def pay_prepayment(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(_prepaid(contract, state, due), due)


def prepay(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    moved = accrue(contract, plan, state, due)
    left = replace(moved, notional=moved.notional - _prepaid(contract, state, due))
    return rebase(contract, _lighten(contract, moved, left))


def _prepaid(contract: Contract, state: State, due: Due) -> Decimal:
    if due.amount > abs(state.notional):
        raise refusals.impossible(
            "eventsObserved.value",
            due.amount,
            Text(f"超过未还本金 {abs(state.notional)}", f"it exceeds the outstanding {abs(state.notional)}"),
            Text("请填写不超过未还本金的金额", "Give no more than what is outstanding"),
        )
    return contract.sign * due.amount


def _lighten(contract: Contract, before: State, after: State) -> State:
    """Prepayment effect A: the payments shrink in proportion, maturity stays (dictionary, prepaymentEffect)."""
    if contract.terms.choice("prepaymentEffect") != "A" or not before.notional:
        return after
    return replace(after, payment=before.payment * after.notional / before.notional)


def pay_penalty(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    """POF_PY: an amount (A), a rate on the notional (N, R), or the rate lost against the market (I)."""
    terms = contract.terms
    kind, rate = terms.choice("penaltyType"), terms.need_number("penaltyRate")
    if kind == "A":
        return contract.settle(contract.sign * rate, due)
    if kind == "I":
        market = contract.observe(terms.need_text("marketObjectCodeOfRateReset"), due)
        rate = max(ZERO, state.rate - market)
    return contract.settle(times_fraction(state.notional * rate, contract.years(state.at, due.at)), due)


def pay_fee(contract: Contract, plan: Plan, state: State, due: Due) -> Decimal:
    """POF_FP: the agreed amount (A), or what accrued on the notional (N)."""
    if contract.terms.choice("feeBasis") == "A":
        return contract.settle(contract.sign * contract.terms.need_number("feeRate"), due)
    return contract.settle(fee(contract, plan, state, due), due)


def clear_fee(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), fee=ZERO)


def pay_purchase(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    """POF_PRD: the clean price and the interest accrued (signed, as the formula has it), from buyer to seller."""
    price = contract.terms.need_number("priceAtPurchaseDate")
    return contract.settle(-contract.sign * (price + state.accrued + interest(contract, state, due)), due)


def pay_termination(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    price = contract.terms.need_number("priceAtTerminationDate")
    return contract.settle(contract.sign * (price + state.accrued + interest(contract, state, due)), due)


def pay_interest(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(state.interest_scale * (state.accrued + interest(contract, state, due)), due)


def clear_interest(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), accrued=ZERO)


def capitalise(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    moved = accrue(contract, plan, state, due)
    grown = replace(moved, notional=moved.notional + moved.accrued, accrued=ZERO)
    return rebase(contract, grown)


def fix_base(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_IPCB: the lagged base catches up with the notional."""
    return replace(accrue(contract, plan, state, due), base=state.notional)


def reset_rate(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_RR: the market rate × multiplier + spread, within what one reset and the whole life allow."""
    terms = contract.terms
    market = contract.observe(terms.need_text("marketObjectCodeOfRateReset"), due)
    target = market * terms.need_number("rateMultiplier") + terms.need_number("rateSpread")
    moved = accrue(contract, plan, state, due)
    return replace(moved, rate=limit_rate(contract, state.rate, target))


def limit_rate(contract: Contract, current: Decimal, target: Decimal) -> Decimal:
    """Period cap and floor bound the change (the floor as a fall, however signed), life cap and floor the rate."""
    terms = contract.terms
    change = target - current
    if (floor := terms.number("periodFloor")) is not None:
        change = max(change, -abs(floor))
    if (cap := terms.number("periodCap")) is not None:
        change = min(change, cap)
    rate = current + change
    if (floor := terms.number("lifeFloor")) is not None:
        rate = max(rate, floor)
    if (cap := terms.number("lifeCap")) is not None:
        rate = min(rate, cap)
    return rate


def fix_rate(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_RRF: the rate fixed beforehand applies from now on."""
    return replace(accrue(contract, plan, state, due), rate=due.amount)


def rescale(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    """STF_SC: index now over index at the deal date, for interest, principal or both."""
    terms = contract.terms
    index = contract.observe(terms.need_text("marketObjectCodeOfScalingIndex"), due)
    origin = terms.need_number("scalingIndexAtContractDealDate")
    if not origin:
        raise refusals.impossible(
            "scalingIndexAtContractDealDate",
            origin,
            Text("指数基期值不得为零", "the index at the start may not be zero"),
            Text("请填写大于零的指数", "Give an index above zero"),
        )
    effect, moved = terms.choice("scalingEffect"), accrue(contract, plan, state, due)
    return replace(
        moved,
        interest_scale=index / origin if effect[0] == "I" else state.interest_scale,
        notional_scale=index / origin if effect[1] == "N" else state.notional_scale,
    )


def default(contract: Contract, plan: Plan, state: State, due: Due) -> State:
    return replace(accrue(contract, plan, state, due), performance=due.note)


def initial_state(contract: Contract, interest_dues: Iterable[Due], fee_times: Sequence[datetime]) -> State:
    """The state at the status date: nothing lent yet, or a running loan whose accruals are given or worked out."""
    terms, start = contract.terms, contract.start
    effect = terms.choice("scalingEffect")
    state = State(
        contract.fixed(start).at,
        notional_scale=terms.need_number("notionalScalingMultiplier") if effect[1] == "N" else Decimal(1),
        interest_scale=terms.need_number("interestScalingMultiplier") if effect[0] == "I" else Decimal(1),
        performance=terms.choice("contractPerformance"),
    )
    if terms.need_date("initialExchangeDate") > start:
        return state
    notional = contract.sign * terms.need_number("notionalPrincipal")
    running = replace(
        state,
        notional=notional,
        rate=terms.number("nominalInterestRate") or ZERO,
        base=initial_base(contract, notional),
    )
    accrued = _accrued_at_start(contract, running, interest_dues)
    return replace(running, accrued=accrued, fee=_fee_at_start(contract, running, fee_times))


def _accrued_at_start(contract: Contract, state: State, interest_dues: Iterable[Due]) -> Decimal:
    """Ipac(t0): as given, else run since the last interest payment, if there has been one."""
    given = contract.terms.number("accruedInterest")
    if given is not None or not state.rate:
        return given or ZERO
    earlier = [due.at for due in interest_dues if due.at < state.at]
    if not earlier:
        return ZERO
    return times_fraction(state.notional * state.rate, contract.years(max(earlier), state.at))


def _fee_at_start(contract: Contract, state: State, fee_times: Sequence[datetime]) -> Decimal:
    """Feac(t0): as given, else run since the last fee payment, if there has been one."""
    given, rate = contract.terms.number("feeAccrued"), contract.terms.need_number("feeRate")
    earlier = [time for time in fee_times if time < state.at]
    if given is not None or not rate or not earlier:
        return given or ZERO
    if contract.terms.choice("feeBasis") == "N":
        return times_fraction(state.notional * rate, contract.years(earlier[-1], state.at))
    later = [time for time in fee_times if time > state.at]
    if not later:
        return ZERO
    share = contract.years(earlier[-1], state.at) / contract.years(earlier[-1], later[0])
    return times_fraction(contract.sign * rate, share)


PAYOFFS: Mapping[EventType, Payoff] = {
    EventType.IED: pay_initial_exchange,
    EventType.MD: pay_maturity,
    EventType.PP: pay_prepayment,
    EventType.PY: pay_penalty,
    EventType.FP: pay_fee,
    EventType.PRD: pay_purchase,
    EventType.TD: pay_termination,
    EventType.IP: pay_interest,
}

TRANSITIONS: Mapping[EventType, Transition] = {
    EventType.AD: accrue,
    EventType.IED: initial_exchange,
    EventType.MD: mature,
    EventType.PP: prepay,
    EventType.PY: accrue,
    EventType.FP: clear_fee,
    EventType.PRD: accrue,
    EventType.TD: mature,
    EventType.IP: clear_interest,
    EventType.IPCI: capitalise,
    EventType.IPCB: fix_base,
    EventType.RR: reset_rate,
    EventType.RRF: fix_rate,
    EventType.SC: rescale,
    EventType.CE: default,
}
