"""Classes, stages and expected loss by hand, and what columns refuse."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jirong.instruments.portfolio.book import book
from jirong.instruments.portfolio.classes import (
    CLASSES,
    LoanClass,
    bad_loan_ratio,
    loan_class,
    loan_classes,
    stage,
    stages,
)
from jirong.instruments.portfolio.contracts import from_terms
from jirong.instruments.portfolio.losses import Exposure, Scenario, expected_loss, expected_losses
from jirong.instruments.practice import DueShift, FixedRate, FloatingRate, LoanTerms, Repayment
from jirong.instruments.practice.value import Curve
from jirong.kernel.errors import Invalid, NotFound
from jirong.kernel.money import Money

ON = date(2026, 7, 7)
DAYS = [0, 1, 7, 90, 91, 270, 271, 360, 361, 5000]
BY_DAYS = ["pass", *["special_mention"] * 3, *["substandard"] * 2, *["doubtful"] * 2, *["loss"] * 2]

TERMS = LoanTerms(
    principal=Money.parse("120000"),
    rate=FixedRate(Decimal("0.12")),
    start=date(2026, 1, 15),
    repayment=Repayment.LINEAR,
    months=12,
)


def test_classes_by_days_past_due() -> None:
    assert [loan_class(ON, days).loan_class for days in DAYS] == [LoanClass(name) for name in BY_DAYS]
    assert [CLASSES[code] for code in loan_classes(ON, np.array(DAYS))] == [LoanClass(name) for name in BY_DAYS]


def test_a_class_names_its_clause_and_that_nobody_has_read_it() -> None:
    found = loan_class(ON, 100)
    assert [rule.id for rule in found.because] == ["loan_class.overdue_days"]
    assert not found.verified
    assert loan_class(ON, 0).because == ()


def test_a_short_technical_delay_is_no_special_mention() -> None:
    assert loan_class(ON, 7, technical_delay=True).loan_class is LoanClass.PASS
    assert loan_class(ON, 8, technical_delay=True).loan_class is LoanClass.SPECIAL_MENTION


@pytest.mark.parametrize(
    ("share", "expected"),
    [("0", "substandard"), ("0.4999", "substandard"), ("0.5", "doubtful"), ("0.8999", "doubtful"), ("0.9", "loss")],
)
def test_an_impaired_loan_is_classed_by_its_expected_loss(share: str, expected: str) -> None:
    one = loan_class(ON, 0, credit_impaired=True, loss_share=Decimal(share))
    many = loan_classes(
        ON,
        np.array([0]),
        credit_impaired=np.array([True]),
        loss_share_e4=np.array([int(Decimal(share) * 10_000)]),
    )
    assert one.loan_class == CLASSES[many[0]] == LoanClass(expected)


def test_a_restructured_loan_is_at_least_special_mention() -> None:
    assert loan_class(ON, 0, restructured=True).loan_class is LoanClass.SPECIAL_MENTION
    assert loan_class(ON, 100, restructured=True).loan_class is LoanClass.SUBSTANDARD
    codes = loan_classes(ON, np.array([0, 100]), restructured=np.array([True, True]))
    assert [CLASSES[code] for code in codes] == [LoanClass.SPECIAL_MENTION, LoanClass.SUBSTANDARD]


def test_no_classes_before_the_rules_are_in_force() -> None:
    with pytest.raises(NotFound):
        loan_class(date(2023, 6, 30), 100)


def test_the_bad_loan_ratio() -> None:
    assert bad_loan_ratio(loan_classes(ON, np.array([0, 10, 91, 400])), np.array([700, 100, 150, 50])) == Decimal("0.2")
    assert bad_loan_ratio(loan_classes(ON, np.array([], dtype=np.int64)), np.array([], dtype=np.int64)) == 0


def test_stages() -> None:
    assert [stage(ON, days) for days in (0, 30, 31, 90, 91)] == [1, 1, 2, 2, 3]
    assert [stage(ON, 0, 1), stage(ON, 0, 2), stage(ON, 0, impaired=True)] == [1, 2, 3]
    columns = np.array([0, 45, 0]), np.array([0, 0, 3]), np.array([False, False, True])
    assert stages(ON, *columns).tolist() == [1, 2, 3]


def certain(cumulative: list[int], weight_e4: int = 10_000, factor_e4: int = 10_000) -> Scenario:
    return Scenario("one", weight_e4, np.array([cumulative], dtype=np.int64), factor_e4)


EXPOSURE = Exposure(
    due=0,
    now=1_000_000,
    periods=((1_000_000, 10_000), (500_000, 5_000)),
    months=12,
    rate_e6=120_000,
    stage=1,
    grade=0,
    loss_share_e4=4_500,
)


def test_twelve_month_loss_by_hand() -> None:
    # 10,100.00 × 2 % × 45 % / 1.12 = 81.16; the second year is not counted
    table = [0, *[20_000] * 12, *[50_000] * 12]
    assert expected_loss(EXPOSURE, [certain(table)]) == 8_116


def test_lifetime_loss_by_hand() -> None:
    # and 5,050.00 × 3 % × 45 % / 1.12² = 54.35 more
    table = [0, *[20_000] * 12, *[50_000] * 12]
    assert expected_loss(replace(EXPOSURE, stage=2), [certain(table)]) == 13_551


def test_a_defaulted_loan_loses_its_share_now() -> None:
    # (10,000.00 + 500.00 due) × 45 %
    assert expected_loss(replace(EXPOSURE, stage=3, due=50_000), [certain([0, 1])]) == 472_500


def test_scenarios_are_averaged_and_a_share_never_exceeds_the_whole() -> None:
    # 70 % × 45 % + 30 % × min(1, 45 % × 3) = 61.5 % of 10,000.00
    both = [certain([0, 1], 7_000), certain([0, 1], 3_000, 30_000)]
    assert expected_loss(replace(EXPOSURE, stage=3), both) == 615_000


@pytest.mark.parametrize("table", [[[1, 2]], [[0, 5, 4]], [[0, 1_000_001]], [[0]]])
def test_chances_that_cannot_be(table: list[list[int]]) -> None:
    with pytest.raises(Invalid) as refusal:
        Scenario("bad", 10_000, np.array(table))
    assert refusal.value.code == "terms.cumulative_e6"


def test_weights_must_sum_to_one() -> None:
    with pytest.raises(Invalid) as refusal:
        expected_loss(EXPOSURE, [certain([0, 1], 9_999)])
    assert refusal.value.code == "terms.weight_e4"


def test_a_grade_without_chances_is_refused() -> None:
    contracts = from_terms([TERMS])
    today = book(contracts, np.array([5]), ON)
    ones = np.array([1])
    with pytest.raises(Invalid) as refusal:
        expected_losses(contracts, today, ones.astype(np.int8), ones, ones, [certain([0, 1])])
    assert refusal.value.code == "terms.grade"


@pytest.mark.parametrize(
    "change",
    [
        {"rate": FloatingRate()},
        {"rate": FixedRate(Decimal("0.0000001"))},
        {"first_due": date(2026, 2, 1)},
        {"due_shift": DueShift.FOLLOWING},
        {"months": None, "maturity": date(2027, 1, 15)},
        {"every_months": 5},
    ],
)
def test_terms_that_are_not_plain_are_sent_to_the_scalar_form(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        from_terms([TERMS, replace(TERMS, **change)])
    assert refusal.value.code == "terms.row"
    assert refusal.value.details["value"] == "1"


def test_columns_check_their_rows() -> None:
    contracts = from_terms([TERMS, TERMS])
    with pytest.raises(Invalid) as refusal:
        replace(contracts, principal=np.array([1, 0]))
    assert "row 1" in refusal.value.reason.en
    with pytest.raises(ValueError, match="length"):
        replace(contracts, principal=np.array([1]))
    with pytest.raises(TypeError):
        replace(contracts, principal=np.array([1.0, 2.0]))


def test_a_book_refuses_days_and_payments_that_cannot_be() -> None:
    contracts = from_terms([TERMS])
    with pytest.raises(Invalid) as early:
        book(contracts, np.array([0]), date(2026, 1, 14))
    with pytest.raises(Invalid) as ahead:
        book(contracts, np.array([6]), ON)
    assert (early.value.code, ahead.value.code) == ("terms.as_of", "terms.paid")


def test_curves_that_cannot_be() -> None:
    for points in ((), ((5, Decimal(0)), (5, Decimal(0))), ((-1, Decimal(0)),), ((0, Decimal(-1)),)):
        with pytest.raises(Invalid):
            Curve(points)


def test_a_curve_is_linear_between_points_and_flat_beyond() -> None:
    curve = Curve(((10, Decimal("0.01")), (20, Decimal("0.03"))))
    assert [curve.rate(days) for days in (0, 10, 15, 20, 99)] == [
        Decimal(text) for text in ("0.01", "0.01", "0.02", "0.03", "0.03")
    ]
    assert curve.factor(0) == 1
