"""STK, stock: a share, bought and sold at agreed prices, with dividends by a cycle.

A dividend is what was observed for its day; the next one may be agreed instead. The cycle runs to the end of the
view, since a share has no end of its own. ACTUS techspecs §7.9.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from jirong.instruments.actus import model, schedule
from jirong.instruments.actus.instants import Cycle
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    dues = (
        model.trade_dues(contract) + model.analysis_dues(contract) + model.credit_dues(contract) + _dividends(contract)
    )
    state = State(contract.start, performance=contract.terms.choice("contractPerformance"))
    return Plan(state, tuple(dues))


def _dividends(contract: Contract) -> list[Due]:
    """§7.9 DV and DV(fix): on the anchor and every cycle after it.

    An agreed amount is the first dividend ahead; it is every dividend where no series of them is named.
    """
    terms, conventions = contract.terms, contract.conventions
    cycle, begin = terms.cycle("cycleOfDividend"), terms.date("cycleAnchorDateOfDividend")
    if cycle is None and begin is None:
        return []
    begin, times = terms.need_date("cycleAnchorDateOfDividend"), []
    if cycle is None:
        times = [begin]
    else:
        stop, bare = contract.horizon() + timedelta(seconds=1), Cycle(cycle.period, long_stub=False)
        times = schedule.times(begin, bare, stop, include_end=False, month_end=conventions.month_end)
    found = [Due(EventType.DV, conventions.slot(time)) for time in times]
    agreed = terms.number("nextDividendPaymentAmount")
    if agreed is None:
        return found
    ahead = [due for due in found if due.time > contract.start]
    fixed = ahead[:1] if terms.has("marketObjectCodeOfDividends") else ahead
    return [Due(EventType.DV, due.slot, agreed, note="agreed") if due in fixed else due for due in found]


def pay_dividend(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    if due.note == "agreed":
        return contract.settle(contract.sign * due.amount, due)
    code = contract.terms.text("marketObjectCodeOfDividends")
    if code is None:
        code = f"{contract.terms.need_text('contractID')}-DV"
    return contract.settle(contract.sign * contract.observe(code, due), due)


MODEL = Model(
    plan,
    {
        EventType.AD: model.stamp,
        EventType.PRD: model.stamp,
        EventType.TD: model.stamp,
        EventType.DV: model.stamp,
        EventType.CE: model.default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.signed_termination,
        EventType.DV: pay_dividend,
    },
)
