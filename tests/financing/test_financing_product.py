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
from jirong.kernel import calendar, rates, rules
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
CAPPED = "{base: LPR-1Y, times: 120%, plus_bp: 160, floor: 3%, cap: 6%, repriced: january}"
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


@pytest.mark.parametrize(
    "price", [FLOATING, CAPPED, "{fixed: 4%}", "{base: LPR-5Y, plus_bp: -20, repriced: anniversary}"]
)
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


def begun(found: loan.Product, start: datetime.date, minor: int) -> tuple[loan.LoanTerms, loan.LoanState]:
    """A loan on the product, paid out on ``start``."""
    id, bank, firm = UUID(int=1), UUID(int=2), UUID(int=3)
    terms = loan.LoanTerms(
        id=id, lender=bank, borrowers=(firm,), principal_minor=minor, product=found, rules=rules.house_rulebook()
    )
    paying = step.step(terms, loan.LoanState(), loan.Disburse(id=derived_id(id, "pay")), start)
    (payment,) = paying.changes.payments
    return terms, step.step(
        terms, paying.state, loan.Confirm(id=derived_id(id, "c"), payments=(payment.id,)), start
    ).state


def interest_of(terms: loan.LoanTerms, state: Any, days: list[datetime.date]) -> list[int]:
    """What falls due as interest on each of the days, in fen."""
    for day in days:
        state = step.step(terms, state, loan.CloseDay(id=derived_id(terms.id, "close", day)), day).state
    claims = [claim for claim in state.claims.values() if claim.kind == "interest"]
    return [claim.amount_minor for claim in sorted(claims, key=lambda claim: str(claim.due))]


def quarters(start: datetime.date, count: int) -> list[datetime.date]:
    return [calendar.add_months(start, 3 * number) for number in range(1, count + 1)]


def test_a_multiple_of_the_lpr_is_held_to_its_cap_until_the_lpr_falls_under_it() -> None:
    """LPR-1Y was 3.70 % on 2022-08-01, 3.65 % on 2023-01-01, 3.45 % on 2024-01-01 (catalogue/lpr.yaml).

    1.2 times it and 160 bp are 6.04 %, held to 6.00 %; then 5.98 %; then 5.74 %. Of 1,000,000.00 a quarter of a year
    (30/360) bears 15,000.00 at 6.00 %, 14,950.00 at 5.98 %, 14,350.00 at 5.74 %; one that January parts bears two months
    at the old rate and one at the new: 10,000.00 + 4,983.33 = 14,983.33, and 9,966.67 + 4,783.33 = 14,750.00.
    """
    start = datetime.date(2022, 8, 1)
    found = product.from_json(product.as_json(capped(CAPPED), Decimal("0.06")))
    terms, live = begun(found, start, 100_000_000)
    rate_on = {
        day: loan.replayed(terms, live, day).rate
        for day in (start, datetime.date(2022, 12, 31), datetime.date(2023, 1, 1), datetime.date(2024, 1, 1))
    }
    assert list(rate_on.values()) == [Decimal("0.06"), Decimal("0.06"), Decimal("0.0598"), Decimal("0.0574")]
    assert interest_of(terms, live, quarters(start, 8)) == [
        1_500_000, 1_498_333, 1_495_000, 1_495_000, 1_495_000, 1_475_000, 1_435_000, 1_435_000,
    ]  # fmt: skip


def test_part_of_the_lpr_is_held_to_its_floor() -> None:
    """80 % of the LPR: 2.96 % on 2022-08-01 and 2.92 % in 2023, held to 2.95 %: 7,400.00, 4,933.33 + 2,458.33, 7,375.00."""
    start = datetime.date(2022, 8, 1)
    found = capped("{base: LPR-1Y, times: 80%, floor: 2.95%, repriced: january}")
    terms, live = begun(found, start, 100_000_000)
    assert interest_of(terms, live, quarters(start, 3)) == [740_000, 739_167, 737_500]


def capped(price: str) -> loan.Product:
    """Interest each quarter, principal at the end of two years, every month a twelfth of a year."""
    head = HEAD.replace(
        "repay: equal_principal, every: quarterly", "repay: interest_first, every: quarterly, day_count: 30/360"
    )
    scheme = parse.parse(head + price + "\n")
    product.check_carried(scheme, TODAY)
    return product.product_of(scheme, Decimal("0.06"), on=TODAY)


def test_a_product_kept_before_caps_were_is_read_as_it_was() -> None:
    kept = product.as_json(made(FLOATING), Decimal("0.0375"))
    for name in ("times", "cap"):
        del kept["floating"][name]
    assert product.from_json(kept) == made(FLOATING)


@pytest.mark.parametrize(
    "price",
    [
        "{base: LPR-1Y, times: 112.5%, repriced: january}",
        "{base: LPR-1Y, times: 112.5%}",
        "{base: {rate: 4.3211%, named: {zh: 市场利率, en: market}}, times: 90%}",
        "{fixed: 4.12345%}",
        "{fixed: {by_level: {A: 4.12345%, B: 5%}}}",
        "{base: LPR-1Y, plus_bp: 12.345}",
        "{base: LPR-1Y, plus_bp: 20, cap: 4.12345%}",
    ],
)
def test_a_rate_finer_than_it_is_kept_is_refused_before_anybody_signs(price: str) -> None:
    """The columns hold millionths: a book closed in columns would lose what the contract promises beyond that."""
    with pytest.raises(Invalid) as refused:
        made(price)
    assert refused.value.code == "financing.rate_too_fine"


@pytest.mark.parametrize("price", ["{fixed: 4.1234%}", "{base: LPR-1Y, times: 112%, plus_bp: 12.25}"])
def test_a_rate_of_millionths_is_kept(price: str) -> None:
    assert isinstance(made(price).rate, practice.FixedRate)


@pytest.mark.parametrize(
    "price",
    [
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


SOURCES = HEAD + "{fixed: 4%}\nrepaid_from:\n"
MARKET, FIRM = UUID(int=7), UUID(int=8)


@pytest.mark.parametrize(
    "sources",
    ["  - {how: platform_settlement, part: 30%}", "  - {how: order_income, part: 20%}", "  - platform_settlement"],
)
def test_a_source_nobody_could_settle_is_refused(sources: str) -> None:
    with pytest.raises(Invalid) as refused:
        product.check_carried(parse.parse(SOURCES + sources), TODAY)
    assert (refused.value.code, refused.value.details) == ("financing.source_unpaid", {"path": "repaid_from/0"})


@pytest.mark.parametrize("sources", ["  - power_sales", "  - {how: order_income}\n  - fixed", "  - future_receivables"])
def test_income_of_the_borrowers_own_is_repaid_by_itself(sources: str) -> None:
    scheme = parse.parse(SOURCES + sources)
    product.check_carried(scheme, TODAY)
    assert product.settlers(scheme) == []


@pytest.mark.parametrize(("minor", "share"), [(20_000_000, 6_000_000), (5, 2), (1, 0), (0, 0)])
def test_only_the_agreed_part_of_a_settlement_is_the_loans(minor: int, share: int) -> None:
    text = SOURCES.replace("lender: bank}", "lender: bank, market: provider}")
    scheme = parse.parse(text + "  - {how: platform_settlement, by: market, part: 30%}\n  - fixed")
    product.check_carried(scheme, TODAY)
    assert product.settlers(scheme) == ["market"]
    assert product.settled_minor(scheme, {"market": str(MARKET)}, MARKET, minor) == share
    assert product.settled_minor(scheme, {"market": str(MARKET)}, FIRM, minor) is None
    whole = parse.parse(text + "  - {how: platform_settlement, by: market}")
    assert product.settled_minor(whole, {"market": str(MARKET)}, MARKET, minor) is None
