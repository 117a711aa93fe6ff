"""What contingent claims share: an exercise fixes an amount, a settlement pays it (ACTUS techspecs §7.15, §7.16).

The exercise date is given, observed, or is maturity itself; the amount fixed then is paid once the settlement period
has run, on a business day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jirong.instruments.actus import model, refusals
from jirong.instruments.actus.model import ZERO, Contract, Due, EventType, Plan, State
from jirong.instruments.actus.schedule import Slot
from jirong.kernel.text import Text

Intrinsic = Callable[[Contract, Due], Decimal]
"""What exercising is worth at an event: S(t) against the strike or the agreed price."""


def settlement(contract: Contract, exercised: datetime) -> Due:
    """STD: the exercise date plus the settlement period, moved to a business day."""
    slot = contract.conventions.slot(contract.terms.period("settlementPeriod").after(exercised))
    return Due(EventType.STD, Slot(slot.time, slot.time, slot.scheduled))


def initial_state(contract: Contract) -> State:
    terms = contract.terms
    return State(
        contract.start,
        performance=terms.choice("contractPerformance"),
        exercise_date=terms.date("exerciseDate"),
        exercise_amount=terms.number("exerciseAmount") or ZERO,
    )


def plan(contract: Contract, early: datetime | None = None) -> Plan:
    """Purchase, maturity, exercise and settlement; ``early`` is an exercise before maturity.

    An exercise before the status date that the terms report needs its amount.
    """
    terms = contract.terms
    given = terms.date("exerciseDate")
    exercised = given or early or terms.need_date("maturityDate")
    if given is not None and given <= contract.start:
        terms.need_number("exerciseAmount")
    dues = model.trade_dues(contract) + model.analysis_dues(contract) + model.credit_dues(contract)
    if given is None and early is None:
        dues.append(Due(EventType.MD, contract.fixed(exercised)))
    dues += [Due(EventType.XD, contract.fixed(exercised)), settlement(contract, exercised)]
    return Plan(initial_state(contract), tuple(dues), terms.date("maturityDate"))


def underlying_value(contract: Contract, due: Due) -> Decimal:
    """S(t): the observed value of the underlying's market object."""
    return contract.observe(_market_code(contract), due)


def _market_code(contract: Contract) -> str:
    for reference in contract.terms.references("UDL"):
        if reference.type == "MOC" and reference.code:
            return reference.code
        if reference.terms is not None and reference.terms.get("marketObjectCode"):
            return str(reference.terms["marketObjectCode"]).strip()
    raise refusals.missing(
        contract.terms.kind,
        "contractStructure",
        Text(
            "请在 contractStructure 中给出标的（UDL）的 marketObjectCode",
            "Name the underlying (UDL) by its marketObjectCode in contractStructure",
        ),
    )


def pay_settlement(contract: Contract, _: Plan, state: State, due: Due) -> Decimal:
    return contract.settle(contract.sign * state.exercise_amount, due)


def settle(_: Contract, __: Plan, state: State, due: Due) -> State:
    return replace(state, exercise_amount=ZERO, at=due.at)
