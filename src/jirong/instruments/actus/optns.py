"""OPTNS, option: a right to buy (C), to sell (P) or either (CP) at a strike.

A European option is exercised at maturity, a Bermudan on agreed dates and an American within a period, if its holder
was observed to. What exercising is worth is fixed then and paid at settlement; an option worth nothing is carried to
a settlement of nothing. ACTUS techspecs §7.15.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import exercise, model, refusals, schedule
from jirong.instruments.actus.model import ZERO, Contract, Due, Event, EventType, Model, Plan, State, run
from jirong.kernel.text import Text


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    return exercise.plan(contract, _early_exercise(contract))


def _early_exercise(contract: Contract) -> datetime | None:
    """§7.15 XD: the first observed exercise that the option's style allows; none for a European option."""
    style = contract.terms.choice("optionExerciseType")
    maturity = contract.terms.need_date("maturityDate")
    end = min(contract.terms.date("optionExerciseEndDate") or maturity, maturity)
    observed = [event.time for event in contract.happened("XD") if contract.start < event.time <= end]
    if style == "E" or not observed:
        return None
    first = observed[0]
    if not _may_exercise(contract, style, first, end):
        raise refusals.impossible(
            "eventsObserved.time",
            first.isoformat(),
            Text("不是可以行权的日期", "it is no date on which the option may be exercised"),
            Text(
                "请核对 cycleAnchorDateOfOptionality 与 cycleOfOptionality",
                "See cycleAnchorDateOfOptionality and cycleOfOptionality",
            ),
        )
    return first


def _may_exercise(contract: Contract, style: str, time: datetime, end: datetime) -> bool:
    begin = contract.terms.date("cycleAnchorDateOfOptionality")
    if style == "A" or begin is None:
        return begin is None or time >= begin
    conventions, cycle = contract.conventions, contract.terms.cycle("cycleOfOptionality")
    dates = schedule.times(begin, cycle, end, include_end=True, month_end=conventions.month_end)
    return time in {conventions.slot(date).time for date in dates} | {end}


def intrinsic(contract: Contract, due: Due) -> Decimal:
    """max(S − K1, 0), max(K1 − S, 0), or both with the put's strike K2."""
    terms, value = contract.terms, exercise.underlying_value(contract, due)
    strike, kind = terms.need_number("optionStrike1"), terms.choice("optionType")
    if kind == "C":
        return max(value - strike, ZERO)
    if kind == "P":
        return max(strike - value, ZERO)
    return max(value - strike, ZERO) + max(terms.need_number("optionStrike2") - value, ZERO)


def mature(contract: Contract, _: Plan, state: State, due: Due) -> State:
    """STF_MD: an option worth something is exercised at maturity."""
    exercised = due.time if intrinsic(contract, due) > 0 else None
    return replace(state, exercise_date=state.exercise_date or exercised, at=due.at)


def fix_amount(contract: Contract, _: Plan, state: State, due: Due) -> State:
    amount = intrinsic(contract, due)
    exercised = state.exercise_date or (due.time if amount else None)
    return replace(state, exercise_amount=amount, exercise_date=exercised, at=due.at)


MODEL = Model(
    plan,
    {
        EventType.AD: model.stamp,
        EventType.PRD: model.stamp,
        EventType.TD: model.stamp,
        EventType.MD: mature,
        EventType.XD: fix_amount,
        EventType.STD: exercise.settle,
        EventType.CE: model.default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.unsigned_termination,
        EventType.STD: exercise.pay_settlement,
    },
    contingent=True,
)
