"""Schedules worked by hand. Amounts are yuan; each test says how its figures follow."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments.practice import (
    Basis,
    DueShift,
    FixedRate,
    FloatingRate,
    LoanTerms,
    PlannedPrincipal,
    Repayment,
    Reset,
    Schedule,
    schedule,
)
from jirong.kernel import calendar
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money


def loan(principal: str, rate: str, start: date, repayment: Repayment, **more: Any) -> LoanTerms:
    return LoanTerms(
        principal=Money.parse(principal), rate=FixedRate(Decimal(rate)), start=start, repayment=repayment, **more
    )


def lines(found: Schedule) -> list[tuple[str, str, str]]:
    """(due date, principal, interest) of each instalment."""
    return [(str(line.due), str(line.principal), str(line.interest)) for line in found]


def test_instant_loan_annuity() -> None:
    # 40,000 at 5.85 % a year, 12 months: r = 0.004875; A = 40,000 r / (1 - (1 + r)^-12) = 3,439.900…
    found = schedule(loan("40000", "0.0585", date(2026, 1, 15), Repayment.ANNUITY, months=12))
    assert [str(line.amount) for line in found] == ["3439.90"] * 11 + ["3439.91"]
    assert str(found.interest) == "1278.81"
    assert found.instalments[0].interest == Money.parse("195.00")  # 40,000 × 0.004875
    assert found.instalments[-1].balance == Money(0)


def test_robot_maker_linear_at_lpr_plus_95() -> None:
    # 3.00 % + 95 bp = 3.95 %. 5,000,000 / 36 = 138,888.888…; 35 × 138,888.89 leaves 138,888.85.
    # First interest 5,000,000 × 0.0395 / 12 = 16,458.33; in all 304,479.17 (exactly 0.0395/12 × 5m × 37/2, rounded
    # line by line).
    terms = LoanTerms(
        principal=Money.parse("5000000"),
        rate=FloatingRate(plus_bp=95),
        start=date(2026, 1, 15),
        repayment=Repayment.LINEAR,
        months=36,
    )
    found = schedule(terms)
    assert {line.rate for line in found} == {Decimal("0.0395")}
    assert [str(line.principal) for line in found] == ["138888.89"] * 35 + ["138888.85"]
    assert str(found.instalments[0].interest) == "16458.33"
    assert str(found.interest) == "304479.17"


def test_textile_note_bullet() -> None:
    # 8,000,000 × 3.50 % × 180/360
    found = schedule(loan("8000000", "0.035", date(2026, 1, 8), Repayment.BULLET, maturity=date(2026, 7, 7)))
    assert lines(found) == [("2026-07-07", "8000000.00", "140000.00")]


def test_textile_n_tier_bank_a_and_five_steps_note() -> None:
    # 5,600,000 × 3.50 % × 180/360 = 98,000.00; 320,000 × 3.60 % × 168/360 = 5,376.00
    bank_a = schedule(loan("5600000", "0.035", date(2026, 1, 8), Repayment.BULLET, maturity=date(2026, 7, 7)))
    bank_b = schedule(loan("320000", "0.036", date(2026, 3, 16), Repayment.BULLET, maturity=date(2026, 8, 31)))
    assert (str(bank_a.amount), str(bank_b.amount)) == ("5698000.00", "325376.00")


def test_relay_bank_pays_200000_a_year() -> None:
    # 5,000,000 × 4.00 % × 360/360 each year (30E/360), principal at the end
    terms = loan(
        "5000000",
        "0.04",
        date(2026, 1, 15),
        Repayment.INTEREST_FIRST,
        months=36,
        every_months=12,
        basis=Basis.THIRTY_E_360,
    )
    assert lines(schedule(terms)) == [
        ("2027-01-15", "0.00", "200000.00"),
        ("2028-01-15", "0.00", "200000.00"),
        ("2029-01-15", "5000000.00", "200000.00"),
    ]


def test_linear_with_a_long_first_stub() -> None:
    # 41 days to 20 February: 120,000 × 12 % × 41/360 = 1,640.00; then 1 % a month on 90,000, 60,000, 30,000
    terms = loan(
        "120000",
        "0.12",
        date(2026, 1, 10),
        Repayment.LINEAR,
        first_due=date(2026, 2, 20),
        maturity=date(2026, 5, 20),
    )
    assert lines(schedule(terms)) == [
        ("2026-02-20", "30000.00", "1640.00"),
        ("2026-03-20", "30000.00", "900.00"),
        ("2026-04-20", "30000.00", "600.00"),
        ("2026-05-20", "30000.00", "300.00"),
    ]


def test_annuity_stub_changes_the_interest_only() -> None:
    # Level on two whole months: 100,000 × 0.005 / (1 − 1.005^−2) = 50,375.31, principal 49,875.31. The stub of 46
    # days bears 100,000 × 6 % × 46/360 = 766.67. Then 50,124.69 × 0.005 = 250.62.
    terms = loan(
        "100000", "0.06", date(2026, 1, 5), Repayment.ANNUITY, first_due=date(2026, 2, 20), maturity=date(2026, 3, 20)
    )
    assert lines(schedule(terms)) == [("2026-02-20", "49875.31", "766.67"), ("2026-03-20", "50124.69", "250.62")]


def test_interest_first_quarterly_on_the_twentieth() -> None:
    # 1,000,000 at 3.95 % A/360 = 109.7222… a day: 18, 92, 92, 91 and 72 days
    terms = loan(
        "1000000",
        "0.0395",
        date(2026, 3, 2),
        Repayment.INTEREST_FIRST,
        months=12,
        every_months=3,
        first_due=date(2026, 3, 20),
    )
    assert lines(schedule(terms)) == [
        ("2026-03-20", "0.00", "1975.00"),
        ("2026-06-20", "0.00", "10094.44"),
        ("2026-09-20", "0.00", "10094.44"),
        ("2026-12-20", "0.00", "9984.72"),
        ("2027-03-02", "1000000.00", "7900.00"),
    ]


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (DueShift.NONE, ("2026-10-01", "1000000.00", "18300.00")),
        (DueShift.FOLLOWING, ("2026-10-08", "1000000.00", "18300.00")),
        (DueShift.FOLLOWING_WITH_INTEREST, ("2026-10-08", "1000000.00", "19000.00")),
    ],
)
def test_maturity_on_national_day(shift: DueShift, expected: tuple[str, str, str]) -> None:
    # 1,000,000 at 3.60 % is 100.00 a day; 183 days to 1 October, 190 to the 8th, the first day worked
    terms = loan(
        "1000000",
        "0.036",
        date(2026, 4, 1),
        Repayment.BULLET,
        months=6,
        due_shift=shift,
        calendar=calendar.CHINA,
    )
    assert lines(schedule(terms)) == [expected]


def test_moving_with_interest_lengthens_one_period_and_shortens_the_next() -> None:
    # 240,000 at 6 %: September 1,200.00 plus 7 days of 40.00 (to 8 October) = 1,480.00. Then 120,000: October 600.00
    # less those 7 days of 20.00 plus 1 day (1 November is a Sunday) = 480.00.
    terms = loan(
        "240000",
        "0.06",
        date(2026, 9, 1),
        Repayment.LINEAR,
        months=2,
        due_shift=DueShift.FOLLOWING_WITH_INTEREST,
    )
    assert lines(schedule(terms)) == [("2026-10-08", "120000.00", "1480.00"), ("2026-11-02", "120000.00", "480.00")]


def test_a_loan_begun_on_a_holiday_bears_interest_from_that_day() -> None:
    # Begins on Sunday 1 November, due Tuesday 1 December: a whole month of 360,000 at 3.60 %, 1,080.00
    terms = loan(
        "360000", "0.036", date(2026, 11, 1), Repayment.LINEAR, months=1, due_shift=DueShift.FOLLOWING_WITH_INTEREST
    )
    (line,) = schedule(terms)
    assert (line.starts, line.ends, str(line.interest)) == (date(2026, 11, 1), date(2026, 12, 1), "1080.00")


def test_january_reset_splits_the_month_it_falls_in() -> None:
    # LPR 3.45 % + 55 bp = 4.00 %; on 1 January 2025 LPR is 3.10 %, so 3.65 %.
    # 15 December to 15 January: 1,000,000 × (4.00 % × 17 + 3.65 % × 14) / 360 = 3,308.33; then 31 days 3,143.06.
    terms = LoanTerms(
        principal=Money.parse("1000000"),
        rate=FloatingRate(plus_bp=55, reset=Reset.JANUARY),
        start=date(2024, 6, 15),
        repayment=Repayment.INTEREST_FIRST,
        months=8,
    )
    found = schedule(terms)
    assert lines(found)[5:7] == [("2024-12-15", "0.00", "3333.33"), ("2025-01-15", "0.00", "3308.33")]
    assert str(found.instalments[7].interest) == "3143.06"


def test_anniversary_reset_plans_the_annuity_anew() -> None:
    # 120,000 over 24 months from 20 February 2024 at LPR 3.45 % + 55 bp = 4.00 %: level 5,210.99. After 12 payments
    # 61,198.6… is left; on 20 February 2025 LPR is 3.10 %, so 3.65 % over 12 months.
    terms = LoanTerms(
        principal=Money.parse("120000"),
        rate=FloatingRate(plus_bp=55, reset=Reset.ANNIVERSARY),
        start=date(2024, 2, 20),
        repayment=Repayment.ANNUITY,
        months=24,
    )
    found = schedule(terms).instalments
    assert {str(line.amount) for line in found[:12]} == {"5210.99"}
    left = found[11].balance
    second = schedule(loan(str(left), "0.0365", date(2025, 2, 20), Repayment.ANNUITY, months=12))
    assert [line.amount for line in found[12:]] == [line.amount for line in second]
    assert [str(line.rate) for line in found[11:13]] == ["0.0400", "0.0365"]


def test_a_reset_to_the_same_rate_changes_nothing() -> None:
    start = date(2025, 6, 18)
    floating = LoanTerms(
        principal=Money.parse("90000"), rate=FloatingRate(), start=start, repayment=Repayment.ANNUITY, months=12
    )
    fixed = loan("90000", "0.03", start, Repayment.ANNUITY, months=12)
    assert lines(schedule(floating)) == lines(schedule(fixed))


def test_a_floor_holds_a_floating_rate_up() -> None:
    terms = LoanTerms(
        principal=Money.parse("360000"),
        rate=FloatingRate(plus_bp=-250, floor=Decimal("0.01")),
        start=date(2026, 1, 5),
        repayment=Repayment.BULLET,
        maturity=date(2026, 2, 4),
    )
    assert lines(schedule(terms)) == [("2026-02-04", "360000.00", "300.00")]  # 360,000 × 1 % × 30/360


def test_irregular_plan_follows_the_harvest() -> None:
    # 500,000 at 4.80 %: 61 days 4,066.67; then 300,000 for 92 days 3,680.00; then 300,000 for 92 days 3,680.00
    plan = (
        PlannedPrincipal(date(2026, 5, 1), Money.parse("200000")),
        PlannedPrincipal(date(2026, 8, 1), Money.parse("0")),
        PlannedPrincipal(date(2026, 11, 1), Money.parse("300000")),
    )
    terms = loan("500000", "0.048", date(2026, 3, 1), Repayment.IRREGULAR, maturity=date(2026, 11, 1), plan=plan)
    assert lines(schedule(terms)) == [
        ("2026-05-01", "200000.00", "4066.67"),
        ("2026-08-01", "0.00", "3680.00"),
        ("2026-11-01", "300000.00", "3680.00"),
    ]


def test_interest_only_periods_come_first() -> None:
    terms = loan("60000", "0.06", date(2026, 1, 15), Repayment.LINEAR, months=5, interest_only_periods=2)
    assert lines(schedule(terms)) == [
        ("2026-02-15", "0.00", "300.00"),
        ("2026-03-15", "0.00", "300.00"),
        ("2026-04-15", "20000.00", "300.00"),
        ("2026-05-15", "20000.00", "200.00"),
        ("2026-06-15", "20000.00", "100.00"),
    ]


def test_the_thirty_first_returns_after_february() -> None:
    terms = loan("3000", "0.12", date(2026, 1, 31), Repayment.LINEAR, months=3)
    assert lines(schedule(terms)) == [
        ("2026-02-28", "1000.00", "30.00"),
        ("2026-03-31", "1000.00", "20.00"),
        ("2026-04-30", "1000.00", "10.00"),
    ]


def test_an_annuity_without_interest_is_linear() -> None:
    terms = loan("100", "0", date(2026, 1, 15), Repayment.ANNUITY, months=3)
    assert [str(line.amount) for line in schedule(terms)] == ["33.33", "33.33", "33.34"]


def test_a_principal_too_small_for_its_periods_ends_early() -> None:
    terms = loan("0.20", "0.05", date(2026, 1, 15), Repayment.ANNUITY, months=36)
    found = schedule(terms)
    assert [line.principal.minor for line in found] == [1] * 20 + [0] * 16
    assert found.instalments[-1].balance == Money(0)


def test_dates_nobody_can_know_are_marked() -> None:
    fixed = loan("100", "0.05", date(2026, 11, 15), Repayment.LINEAR, months=2, due_shift=DueShift.FOLLOWING)
    floating = LoanTerms(
        principal=Money(10_000),
        rate=FloatingRate(reset=Reset.JANUARY),
        start=date(2026, 6, 15),
        repayment=Repayment.LINEAR,
        months=8,
    )
    assert [line.provisional for line in schedule(fixed)] == [False, True]
    assert [line.provisional for line in schedule(floating)] == [False] * 6 + [True] * 2


GOOD: dict[str, Any] = {
    "principal": Money.parse("1000"),
    "rate": FixedRate(Decimal("0.05")),
    "start": date(2026, 1, 15),
    "repayment": Repayment.LINEAR,
    "months": 12,
}


@pytest.mark.parametrize(
    ("change", "term"),
    [
        ({"principal": Money(0)}, "principal"),
        ({"principal": Money(-5)}, "principal"),
        ({"months": None}, "maturity"),
        ({"maturity": date(2027, 1, 15)}, "maturity"),
        ({"months": None, "maturity": date(2026, 1, 15)}, "maturity"),
        ({"months": 0}, "months"),
        ({"months": 1201}, "months"),
        ({"every_months": 0}, "every_months"),
        ({"months": None, "maturity": date(2200, 1, 1)}, "maturity"),
        ({"first_due": date(2026, 1, 15)}, "first_due"),
        ({"first_due": date(2027, 2, 15)}, "first_due"),
        ({"grace_days": -1}, "grace_days"),
        ({"penalty_factor": Decimal("0.5")}, "penalty_factor"),
        ({"repayment": Repayment.IRREGULAR}, "plan"),
        ({"plan": (PlannedPrincipal(date(2027, 1, 15), Money(100_000)),)}, "plan"),
    ],
)
def test_impossible_terms_are_refused_by_name(change: dict[str, Any], term: str) -> None:
    with pytest.raises(Invalid) as refusal:
        LoanTerms(**(GOOD | change))
    assert refusal.value.code == f"terms.{term}"
    assert refusal.value.where == term
    assert refusal.value.remedy is not None


@pytest.mark.parametrize(
    "plan",
    [
        [(date(2026, 3, 1), "400"), (date(2026, 5, 1), "500")],
        [(date(2026, 5, 1), "400"), (date(2026, 3, 1), "600")],
        [(date(2026, 3, 1), "400"), (date(2026, 4, 1), "600")],
        [(date(2026, 1, 15), "400"), (date(2026, 5, 1), "600")],
        [(date(2026, 3, 1), "-400"), (date(2026, 5, 1), "1400")],
    ],
)
def test_an_irregular_plan_must_add_up_in_order(plan: list[tuple[date, str]]) -> None:
    parts = tuple(PlannedPrincipal(on, Money.parse(amount)) for on, amount in plan)
    with pytest.raises(Invalid) as refusal:
        loan("1000", "0.05", date(2026, 1, 15), Repayment.IRREGULAR, maturity=date(2026, 5, 1), plan=parts)
    assert refusal.value.code == "terms.plan"


def test_a_percent_typed_as_a_fraction_is_caught() -> None:
    with pytest.raises(Invalid) as refusal:
        FixedRate(Decimal("5.85"))
    assert refusal.value.remedy is not None
    assert "0.0585" in refusal.value.remedy.en


def test_floats_are_a_defect() -> None:
    with pytest.raises(TypeError):
        FixedRate(0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("base", ["LPR", "lpr-1y", "SHIBOR"])
def test_unknown_base_rates_are_refused(base: str) -> None:
    with pytest.raises(Invalid) as refusal:
        FloatingRate(base=base)
    assert refusal.value.code == "terms.base"


def test_a_multiple_a_floor_and_a_cap_of_the_base_rate() -> None:
    plan = FloatingRate(times=Decimal("1.2"), plus_bp=50, floor=Decimal("0.03"), cap=Decimal("0.06"))
    found = [plan.at(Decimal(base)) for base in ("0.0100", "0.0300", "0.0345", "0.0500")]
    assert found == [Decimal("0.03"), Decimal("0.0410"), Decimal("0.0464"), Decimal("0.06")]


@pytest.mark.parametrize(
    ("wrong", "term"),
    [
        ({"times": Decimal(0)}, "times"),
        ({"times": Decimal(120)}, "times"),
        ({"cap": Decimal("0.02"), "floor": Decimal("0.03")}, "cap"),
        ({"cap": Decimal(6)}, "cap"),
    ],
)
def test_a_floating_rate_that_cannot_be_is_refused(wrong: dict[str, Decimal], term: str) -> None:
    with pytest.raises(Invalid) as refused:
        FloatingRate(**wrong)  # type: ignore[arg-type]
    assert refused.value.code == f"terms.{term}"
