"""Loans and their kin as Chinese banks run them, exact to the fen.

Start with :class:`LoanTerms` and :func:`schedule`; :func:`replay` gives a loan's state on a day after what happened.
Beside loans: lines drawn at will (:mod:`lines`), discount and late interest (:mod:`charges`), metered contracts
(:mod:`metered`), subsidised interest (:mod:`subsidy`), joint debtors (:mod:`joint`), the yearly rate of an offer
and the comparison of two (:mod:`cost`). Pure: terms, events, rates and dates are arguments.
"""

from jirong.instruments.practice.allocation import (
    COSTS_FIRST,
    OLDEST_FIRST,
    PRINCIPAL_FIRST,
    Allocation,
    AllocationOrder,
    Bucket,
    Due,
)
from jirong.instruments.practice.events import (
    Acceleration,
    EarlyRepayment,
    Event,
    Extension,
    FeeCharged,
    Payment,
    RateSet,
    Reamortise,
    Restructuring,
    Waiver,
)
from jirong.instruments.practice.loans import ahead, allocate, payoff, replay, schedule
from jirong.instruments.practice.state import CashFlow, FlowKind, Instalment, LoanState, Payoff, Schedule
from jirong.instruments.practice.terms import (
    Basis,
    DueShift,
    FixedRate,
    FloatingRate,
    LoanTerms,
    PlannedPrincipal,
    RatePlan,
    Repayment,
    Reset,
)

__all__ = [
    "COSTS_FIRST",
    "OLDEST_FIRST",
    "PRINCIPAL_FIRST",
    "Acceleration",
    "Allocation",
    "AllocationOrder",
    "Basis",
    "Bucket",
    "CashFlow",
    "Due",
    "DueShift",
    "EarlyRepayment",
    "Event",
    "Extension",
    "FeeCharged",
    "FixedRate",
    "FloatingRate",
    "FlowKind",
    "Instalment",
    "LoanState",
    "LoanTerms",
    "Payment",
    "Payoff",
    "PlannedPrincipal",
    "RatePlan",
    "RateSet",
    "Reamortise",
    "Repayment",
    "Reset",
    "Restructuring",
    "Schedule",
    "Waiver",
    "ahead",
    "allocate",
    "payoff",
    "replay",
    "schedule",
]
