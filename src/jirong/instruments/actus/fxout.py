"""FXOUT, foreign exchange outright: two currencies exchanged on a day at an agreed rate.

Delivered (D), both amounts change hands at maturity, each in its own currency; settled in cash (S), the difference
at the rate observed at maturity is paid once the settlement period has run. ACTUS techspecs §7.11.
"""

from __future__ import annotations

from decimal import Decimal

from jirong.instruments.actus import model
from jirong.instruments.actus.model import Contract, Due, Event, EventType, Model, Plan, State, run
from jirong.instruments.actus.schedule import Slot


def events(contract: Contract) -> list[Event]:
    return run(contract, MODEL)


def plan(contract: Contract) -> Plan:
    dues = (
        model.trade_dues(contract)
        + model.analysis_dues(contract)
        + model.credit_dues(contract)
        + (_delivery(contract) if contract.terms.choice("deliverySettlement") == "D" else _cash(contract))
    )
    state = State(contract.start, performance=contract.terms.choice("contractPerformance"))
    return Plan(state, tuple(dues), contract.terms.date("maturityDate"))


def _delivery(contract: Contract) -> list[Due]:
    terms, slot = contract.terms, contract.fixed(contract.terms.need_date("maturityDate"))
    received, given = terms.need_number("notionalPrincipal"), terms.need_number("notionalPrincipal2")
    return [
        Due(EventType.MD, slot, contract.sign * received, currency=terms.need_text("currency")),
        Due(EventType.MD, slot, -contract.sign * given, currency=terms.need_text("currency2")),
    ]


def _cash(contract: Contract) -> list[Due]:
    maturity = contract.terms.need_date("maturityDate")
    period = contract.terms.period("settlementPeriod")
    slot = contract.fixed(maturity) if period.is_zero else contract.conventions.slot(period.after(maturity))
    return [Due(EventType.STD, Slot(slot.time, maturity, slot.scheduled))]


def pay_delivery(_: Contract, __: Plan, ___: State, due: Due) -> Decimal:
    return due.amount


def pay_difference(contract: Contract, _: Plan, __: State, due: Due) -> Decimal:
    terms = contract.terms
    rate = contract.observe(f"{terms.need_text('currency2')}/{terms.need_text('currency')}", due)
    difference = terms.need_number("notionalPrincipal") - rate * terms.need_number("notionalPrincipal2")
    return contract.settle(contract.sign * difference, due)


MODEL = Model(
    plan,
    {
        EventType.AD: model.stamp,
        EventType.PRD: model.stamp,
        EventType.TD: model.stamp,
        EventType.MD: model.stamp,
        EventType.STD: model.stamp,
        EventType.CE: model.default,
    },
    {
        EventType.PRD: model.signed_purchase,
        EventType.TD: model.unsigned_termination,
        EventType.MD: pay_delivery,
        EventType.STD: pay_difference,
    },
)
