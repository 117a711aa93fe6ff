"""A decision reads for the purposes that serve it: a consent to something else lends no money, in whatever order."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from jirong.kernel.money import Money
from jirong.parties import actions as parties

SCHEME = """
scheme: {name}
version: 1
title: {{zh: 试验, en: Trial}}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {{borrower: firm, lender: bank}}
when_missing: ask
eligible:
  - {{feature: shop_months, at_least: 6}}
consent:
{consent}
{assess}limit: {{amount: 50000.00}}
price: {{fixed: 4%}}
instrument: {{kind: loan, repay: bullet, tenor: 1 month}}
losses: {{of: principal, borne: [{{by: lender, share: 100%}}], excess: lender}}
disclose: {{borrower: all, lender: all}}
"""
ALL = ["shop.orders", "shop.reviews", "logistics.deliveries", "repayment.record"]
SCORED = "assess: {method: behaviour-score@1, levels: [A, B, C], refer: [D]}\n"
CREDIT, MONITORING = (ALL, "credit_assessment"), (["shop.orders"], "monitoring")


def scheme(name: str, *clauses: tuple[list[str], str], assess: str = "") -> str:
    consent = "\n".join(
        f"  - {{of: borrower, by: lender, read: [{', '.join(read)}], purpose: {purpose}, lasts: 12 months}}"
        for read, purpose in clauses
    )
    return SCHEME.format(name=name, consent=consent, assess=assess)


def consent(lending: Any, purpose: str, scope: list[str]) -> None:
    lending.do(
        "shop0", parties.grant_consent, grantee=lending.party("bank"), purpose=purpose, scope=scope,
        since=datetime.date(2026, 1, 15), until=datetime.date(2027, 1, 14),
    )  # fmt: skip


def state(lending: Any, text: str) -> str:
    lending.policy = lending.sign_text(text)
    return str(lending.apply("shop0", amount=Money.parse("20000.00"))["state"])


def test_consent_to_handle_claims_lends_no_money(lending: Any) -> None:
    lending.know("shop0", consent=False)
    consent(lending, "claims_handling", ALL)
    clause = (ALL, "claims_handling")
    assert state(lending, scheme("other-purpose", CREDIT, clause)) == "asked"
    consent(lending, "credit_assessment", ALL)
    assert state(lending, scheme("both-purposes", clause, CREDIT)) == "offered"


@pytest.mark.parametrize("clauses", [(CREDIT, MONITORING), (MONITORING, CREDIT)], ids=["credit first", "credit last"])
def test_the_order_of_the_clauses_changes_nothing(lending: Any, clauses: Any) -> None:
    lending.know("shop0")
    consent(lending, MONITORING[1], MONITORING[0])
    assert state(lending, scheme("in-order", *clauses, assess=SCORED)) == "offered"
