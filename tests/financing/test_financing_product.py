"""A product keeps what the scheme says for the life of a loan, through JSON and through the LPR's changes."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from jirong.engine import step
from jirong.engine.kinds import loan
from jirong.financing import product
from jirong.instruments import practice
from jirong.kernel import rates, rules
from jirong.kernel.errors import Invalid
from jirong.kernel.ids import derived_id
from jirong.schemes import parse
from jirong.store import catalogue

HEAD = """
scheme: floating
version: 1
title: {zh: 浮动利率贷款, en: A floating loan}
source: tests
effective: 2024-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank}
limit: {amount: 1000000.00}
instrument: {kind: loan, repay: equal_principal, every: quarterly, tenor: 2 years}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
disclose: {borrower: all, lender: all}
price: """
LATER = """
rules:
  - id: loan.late_times
    title: {zh: 罚息倍数, en: Times}
    instrument: {zh: 某通知, en: Some notice}
    article: "3"
    text: {zh: 加收。, en: More.}
    effect: apply
    values:
      - {from: 2004-01-01, value: {least: "1.3", most: "1.5"}, verified: false, source: tests}
      - {from: 2026-07-01, value: {least: "1.2", most: "1.4"}, verified: false, source: tests}
"""
TODAY = datetime.date(2026, 1, 15)
FLOATING = "{base: LPR-1Y, plus_bp: {by_level: {A: 30, B: 70}}, floor: 3%, repriced: january}"


def test_a_late_rate_by_the_day_is_refused_not_forgotten() -> None:
    with pytest.raises(Invalid) as refused:
        made("{fixed: 4%}\nlate: {daily: 0.05%}")
    assert refused.value.code == "financing.late_rate"
    assert refused.value.remedy is not None
    assert "1.3至1.5倍" in refused.value.remedy.zh
    assert "条文尚未核对" in refused.value.remedy.zh


def test_a_scheme_silent_on_late_payment_takes_what_the_rule_of_the_day_allows_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = rules.Rulebook.parse({"a.yaml": LATER})
    monkeypatch.setattr(catalogue, "rulebook", lambda: book)
    scheme = parse.parse(HEAD + "{fixed: 4%}\n")
    days = (datetime.date(2026, 6, 30), datetime.date(2026, 7, 1))
    assert [product.product_of(scheme, Decimal("0.04"), on=day).penalty_factor for day in days] == [
        Decimal("1.5"), Decimal("1.4"),
    ]  # fmt: skip
    stated = parse.parse(HEAD + "{fixed: 4%}\nlate: {times: 1.3}\n")
    assert product.product_of(stated, Decimal("0.04"), on=days[1]).penalty_factor == Decimal("1.3")


def made(price: str, level: str = "A") -> loan.Product:
    scheme = parse.parse(HEAD + price + "\n")
    product.check_carried(scheme, TODAY)
    return product.product_of(scheme, Decimal("0.0375"), on=TODAY, level=level)


@pytest.mark.parametrize("price", [FLOATING, "{fixed: 4%}", "{base: LPR-5Y, plus_bp: -20, repriced: anniversary}"])
def test_json_gives_the_product_back(price: str) -> None:
    found = made(price)
    assert product.from_json(product.as_json(found, Decimal("0.0375"))) == found


def test_points_of_the_level_stay_and_the_lpr_moves_on_the_reset_day() -> None:
    """LPR-1Y was 3.45 % on 2024-06-20 and 3.10 % on 2025-01-01 (catalogue/lpr.yaml)."""
    start = datetime.date(2024, 6, 20)
    found = product.from_json(product.as_json(made(FLOATING, "B"), Decimal("0.0415")))
    assert found.rate == practice.FloatingRate("LPR-1Y", 70, practice.Reset.JANUARY, Decimal("0.03"))
    assert (rates.lpr_1y(start), rates.lpr_1y(datetime.date(2025, 1, 1))) == (Decimal("0.0345"), Decimal("0.0310"))
    id, bank, firm = UUID(int=1), UUID(int=2), UUID(int=3)
    terms = loan.LoanTerms(
        id=id, lender=bank, borrowers=(firm,), principal_minor=80_000_000, product=found, rules=rules.house_rulebook()
    )
    paying = step.step(terms, loan.LoanState(), loan.Disburse(id=derived_id(id, "pay")), start)
    (payment,) = paying.changes.payments
    live = step.step(terms, paying.state, loan.Confirm(id=derived_id(id, "c"), payments=(payment.id,)), start).state
    assert loan.replayed(terms, live, datetime.date(2024, 12, 31)).rate == Decimal("0.0415")
    assert loan.replayed(terms, live, datetime.date(2025, 1, 1)).rate == Decimal("0.0380")
    state: Any = live
    for number, day in enumerate((datetime.date(2024, 9, 20), datetime.date(2024, 12, 20), datetime.date(2025, 3, 20))):
        state = step.step(terms, state, loan.CloseDay(id=derived_id(id, "close", number)), day).state
    interest = [claim.amount_minor for claim in state.claims.values() if claim.kind == "interest"]
    # 800,000 and 700,000 at 4.15 % for a quarter; then 600,000: 12 days of 90 at 4.15 %, the rest at 3.80 %.
    assert interest[:2] == [830_000, 726_250]
    assert 570_000 < interest[2] < 622_500


@pytest.mark.parametrize(
    "price",
    [
        "{base: LPR-1Y, plus_bp: 30, cap: 5%, repriced: january}",
        "{base: LPR-1Y, times: 80%, repriced: january}",
        "{base: LPR-1Y, plus_bp: 12.5, repriced: anniversary}",
        "{base: {rate: 5%, named: {zh: 市场利率, en: market}}, repriced: january}",
    ],
)
def test_a_price_that_cannot_be_kept_to_is_refused_before_anybody_signs(price: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(price)
    assert refused.value.code == "financing.repricing"
    assert refused.value.remedy is not None
    assert refused.value.remedy.zh
