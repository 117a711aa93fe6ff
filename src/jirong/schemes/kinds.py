"""What each contract kind needs: its two ends, who must hold a licence, which vehicles may carry it, which sections.

The names of the two ends are fixed by kind (``lender`` and ``borrower`` of a loan), so that a runtime knows whom to
look for; every other party of a scheme may have any name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """``payer`` pays or promises to ``receiver``; ``applicant`` is who is tested and offered terms.

    ``licensed`` is the end that must hold the vehicle's licence.
    """

    payer: str
    receiver: str
    applicant: str
    vehicles: tuple[str, ...]
    licensed: str = ""
    needs: tuple[str, ...] = ()


_TERMS = ("limit", "price")

KINDS: dict[str, Kind] = {
    "loan": Kind("lender", "borrower", "borrower", ("bank_loan", "entrusted_loan"), "lender", _TERMS),
    "credit_line": Kind(
        "lender", "borrower", "borrower", ("bank_loan", "entrusted_loan", "factoring"), "lender", _TERMS
    ),
    "lot_loan": Kind("lender", "borrower", "borrower", ("bank_loan", "factoring"), "lender", _TERMS),
    "discount": Kind("funder", "holder", "holder", ("bank_loan", "factoring"), "funder", ("price",)),
    "chain_note": Kind("issuer", "holder", "issuer", ("commercial_contract",)),
    "guarantee": Kind("guarantor", "lender", "borrower", ("licensed_guarantee",), "guarantor", ("limit",)),
    "metered_lease": Kind("lessee", "lessor", "lessee", ("lease", "commercial_contract"), "lessor"),
    "metered_subscription": Kind("subscriber", "provider", "subscriber", ("commercial_contract",)),
    "policy": Kind("insurer", "insured", "insured", ("insurer",), "insurer", ("limit",)),
    "pool_stake": Kind("pool", "borrower", "borrower", ("registered_fund",), "pool", ("pools",)),
    "bond": Kind("investor", "issuer", "issuer", ("registered_bond",), "", _TERMS),
    "equity_right": Kind("investor", "issuer", "issuer", ("registered_fund",), "investor"),
    "subsidy": Kind("payer", "receiver", "receiver", ("public_budget", "commercial_contract"), "", ("subsidy",)),
}
"""By ``instrument.kind``; every kind may also be ``simulation_only``."""

LICENCE_ROLES: dict[str, tuple[str, ...]] = {
    "bank_loan": ("bank",),
    "entrusted_loan": ("bank",),
    "factoring": ("factor", "bank"),
    "lease": ("lessor",),
    "licensed_guarantee": ("guarantor",),
    "registered_fund": ("fund", "compensation_pool", "risk_pool"),
    "insurer": ("insurer",),
}
"""By vehicle: the roles that may hold its licence."""

LOANS = ("loan", "credit_line", "lot_loan")
"""Kinds in which one licensed lender lends."""

LENDING = (*LOANS, "bond")
"""Kinds in which money is lent and repaid with interest."""

UNLICENSED = ("simulation_only", "commercial_contract")
"""Vehicles under which nobody is licensed to lend."""
