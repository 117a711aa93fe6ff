"""The kin of loans: lines, discounts, late interest, meters, subsidies, joint debtors, and what offers cost."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from jirong.instruments.practice import Basis, FixedRate, LoanTerms, Repayment, schedule
from jirong.instruments.practice.charges import ARTICLE_17, discount, late_interest, simple_interest
from jirong.instruments.practice.cost import Fee, Offer, annual_rate, compare, cost
from jirong.instruments.practice.joint import Contribution, contributions
from jirong.instruments.practice.lines import Draw, LineFlow, LineTerms, Repay, replay_line
from jirong.instruments.practice.metered import Band, MeteredTerms, Reading, TariffVersion, bills
from jirong.instruments.practice.subsidy import Subsidy, subsidise
from jirong.instruments.practice.terms import FloatingRate
from jirong.kernel import calendar, daycount
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text

YUAN = Money.parse

# Lines


def line(limit: str, rate: str, ends: date = date(2027, 1, 1)) -> LineTerms:
    return LineTerms(limit=YUAN(limit), rate=FixedRate(Decimal(rate)), start=date(2026, 1, 1), ends=ends)


def test_online_working_capital() -> None:
    # 200,000 × 6 % × 30/360 = 1,000.00, repaid; then 100,000 × 6 % × 45/360 = 750.00
    first, second = date(2026, 3, 2), date(2026, 5, 6)
    events: list[Draw | Repay] = [
        Draw(first, YUAN("200000")),
        Repay(first + timedelta(days=30), YUAN("201000")),
        Draw(second, YUAN("100000")),
    ]
    state = replay_line(line("500000", "0.06"), events, second + timedelta(days=45))
    zero = Money(0)
    assert state.flows[1] == LineFlow(first + timedelta(days=30), YUAN("200000"), YUAN("1000"), zero, zero)
    assert (str(state.drawn), str(state.available), str(state.interest)) == ("100000.00", "400000.00", "750.00")


def test_platform_supplier_line_passes_the_rest_on() -> None:
    # 300,000 × 7.20 % × 20/360 = 1,200.00; 350,000 − 301,200 = 48,800.00 to the supplier
    on = date(2026, 4, 1)
    events: list[Draw | Repay] = [Draw(on, YUAN("300000")), Repay(on + timedelta(days=20), YUAN("350000"))]
    state = replay_line(line("740000", "0.072"), events, on + timedelta(days=20))
    flow = state.flows[-1]
    assert (str(flow.interest), str(flow.principal), str(flow.surplus)) == ("1200.00", "300000.00", "48800.00")
    assert state.owed == Money(0)


def test_a_line_after_its_end_is_overdue() -> None:
    # 100,000: 59 days at 6 % to 1 March, then 30 days at 9 %
    terms = line("100000", "0.06", ends=date(2026, 3, 1))
    state = replay_line(terms, [Draw(date(2026, 1, 1), YUAN("100000"))], date(2026, 3, 31))
    assert (str(state.interest), str(state.penalty), state.days_past_due) == ("983.33", "750.00", 30)
    assert state.available == Money(0)
    paid = replay_line(
        terms,
        [Draw(date(2026, 1, 1), YUAN("100000")), Repay(date(2026, 3, 31), YUAN("1000"))],
        date(2026, 3, 31),
    )
    assert (str(paid.penalty), str(paid.interest), str(paid.drawn)) == ("0.00", "733.33", "100000.00")


def test_a_floating_line_follows_its_resets() -> None:
    # 360,000 from 22 December 2024 at LPR 3.35 % (start of the line) to 1 January 2025: 10 days 335.00;
    # then 3.10 %: 10 days 310.00
    terms = LineTerms(limit=YUAN("500000"), rate=FloatingRate(), start=date(2024, 8, 1), ends=date(2025, 8, 1))
    state = replay_line(terms, [Draw(date(2024, 12, 22), YUAN("360000"))], date(2025, 1, 11))
    assert (str(state.interest), state.rate) == ("645.00", Decimal("0.0310"))


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Draw(date(2026, 2, 1), YUAN("500000.01"))], "loan.beyond_limit"),
        ([Draw(date(2026, 2, 1), YUAN("400000")), Draw(date(2026, 2, 2), YUAN("100000.01"))], "loan.beyond_limit"),
        ([Draw(date(2027, 1, 2), YUAN("1"))], "loan.line_ended"),
        ([Draw(date(2025, 12, 31), YUAN("1"))], "terms.on"),
    ],
)
def test_draws_a_line_refuses(events: list[Draw], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        replay_line(line("500000", "0.06"), events, date(2027, 2, 1))
    assert refusal.value.code == code


def test_a_line_that_ends_before_it_begins() -> None:
    with pytest.raises(Invalid):
        line("1", "0.06", ends=date(2026, 1, 1))


# Discount and late interest


def test_fibre_firm_discounts_its_lot() -> None:
    # 1,200,000 × 3.80 % × 148/360 = 18,746.67
    found = discount(YUAN("1200000"), Decimal("0.038"), date(2026, 2, 9), date(2026, 7, 7))
    assert (found.days, str(found.charge), str(found.proceeds)) == (148, "18746.67", "1181253.33")


def test_a_discount_never_eats_the_claim() -> None:
    with pytest.raises(Invalid):
        discount(YUAN("100"), Decimal("0.9"), date(2026, 1, 1), date(2028, 1, 1))
    with pytest.raises(Invalid):
        discount(YUAN("100"), Decimal("0.03"), date(2026, 1, 2), date(2026, 1, 1))


def test_pooled_bridge_interest_on_thirty_day_months() -> None:
    # 20,000,000 × 4.00 % × 360/360 = 800,000.00
    found = simple_interest(
        YUAN("20000000"), Decimal("0.04"), date(2026, 1, 8), date(2027, 1, 8), daycount.THIRTY_E_360
    )
    assert str(found) == "800000.00"


def test_late_payment_without_an_agreed_rate() -> None:
    # 1,000,000 × 0.05 % × 20 days
    found = late_interest(YUAN("1000000"), date(2026, 7, 7), date(2026, 7, 27), date(2026, 1, 8))
    assert (str(found.interest), found.days, found.clause) == ("10000.00", 20, ARTICLE_17)


def test_late_payment_with_an_agreed_rate() -> None:
    # 1,000,000 × 3.00 % × 20/360 = 1,666.67: exactly the LPR is allowed
    found = late_interest(YUAN("1000000"), date(2026, 7, 7), date(2026, 7, 27), date(2026, 1, 8), Decimal("0.03"))
    assert str(found.interest) == "1666.67"


def test_late_rate_below_the_lpr_is_refused_with_the_clause() -> None:
    with pytest.raises(Invalid) as refusal:
        late_interest(YUAN("100"), date(2026, 7, 7), date(2026, 7, 27), date(2026, 1, 8), Decimal("0.0299"))
    assert refusal.value.code == "late_interest.below_lpr"
    assert refusal.value.clause == ARTICLE_17


def test_payment_in_time_bears_nothing() -> None:
    day = date(2026, 7, 7)
    assert late_interest(YUAN("100"), day, day, date(2026, 1, 8)).interest == Money(0)
    assert late_interest(YUAN("100"), day, date(2026, 7, 1), date(2026, 1, 8), Decimal("0.05")).interest == Money(0)


# Meters

HOURS = MeteredTerms(
    tariff=(
        TariffVersion(date(2026, 1, 1), (Band(Decimal(50), Decimal(200)), Band(Decimal(45), None))),
        TariffVersion(date(2026, 7, 1), (Band(Decimal(48), None),)),
    )
)


def test_machine_hours_get_cheaper_with_use() -> None:
    # 260 hours: 200 × 50 + 60 × 45
    (bill,) = bills(HOURS, [Reading(date(2026, 3, 1), Decimal(1000)), Reading(date(2026, 4, 1), Decimal(1260))])
    assert [str(item.amount) for item in bill.lines] == ["10000.00", "2700.00"]
    assert (str(bill.amount), bill.units) == ("12700.00", Fraction(260))


def test_a_tariff_change_between_readings_is_split_by_days_and_says_so() -> None:
    # 90 hours over 30 days, 10 in June at 50, 20 in July at 48
    (bill,) = bills(HOURS, [Reading(date(2026, 6, 21), Decimal(0)), Reading(date(2026, 7, 21), Decimal(90))])
    assert [(str(item.amount), item.estimated) for item in bill.lines] == [("1500.00", True), ("2880.00", True)]


def test_a_reading_on_the_day_of_the_change_leaves_nothing_to_estimate() -> None:
    readings = [
        Reading(date(2026, 6, 21), Decimal(0)),
        Reading(date(2026, 7, 1), Decimal("12.5")),
        Reading(date(2026, 7, 21), Decimal(90)),
    ]
    found = bills(HOURS, readings)
    assert [str(bill.amount) for bill in found] == ["625.00", "3720.00"]
    assert not any(item.estimated for bill in found for item in bill.lines)


def test_a_minimum_and_a_replaced_meter() -> None:
    terms = MeteredTerms(tariff=HOURS.tariff, minimum=YUAN("3000"))
    readings = [
        Reading(date(2026, 2, 1), Decimal(7990)),
        Reading(date(2026, 3, 1), Decimal(8000)),
        Reading(date(2026, 3, 2), Decimal(0), restarted=True),
        Reading(date(2026, 4, 1), Decimal(100)),
    ]
    assert [str(bill.amount) for bill in bills(terms, readings)] == ["3000.00", "5000.00"]


@pytest.mark.parametrize(
    ("readings", "term"),
    [
        ([Reading(date(2026, 2, 1), Decimal(5)), Reading(date(2026, 3, 1), Decimal(4))], "readings"),
        ([Reading(date(2026, 2, 1), Decimal(5)), Reading(date(2026, 2, 1), Decimal(6))], "readings"),
        ([Reading(date(2025, 12, 1), Decimal(5)), Reading(date(2026, 2, 1), Decimal(6))], "tariff"),
    ],
)
def test_readings_that_cannot_be(readings: list[Reading], term: str) -> None:
    with pytest.raises(Invalid) as refusal:
        bills(HOURS, readings)
    assert refusal.value.code == f"terms.{term}"


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (Band(Decimal(1), Decimal(5)),),
        (Band(Decimal(1)), Band(Decimal(2))),
        (Band(Decimal(1), Decimal(9)), Band(Decimal(1), Decimal(5)), Band(Decimal(2))),
        (Band(Decimal(-1)),),
    ],
)
def test_bands_that_cannot_be(bands: tuple[Band, ...]) -> None:
    with pytest.raises(Invalid):
        TariffVersion(date(2026, 1, 1), bands)


# Subsidised interest

YEAR_LOAN = LoanTerms(
    principal=YUAN("20000000"),
    rate=FixedRate(Decimal("0.04")),
    start=date(2026, 1, 8),
    repayment=Repayment.INTEREST_FIRST,
    months=12,
    basis=Basis.THIRTY_E_360,
)


def test_toy_export_government_pays_half() -> None:
    # 66,666.67 a month, 800,000.04 in all; the halves round so that their sum is a half: 400,000.02
    parts = subsidise(schedule(YEAR_LOAN), Subsidy(share=Decimal("0.5")))
    assert [str(part.subsidiser) for part in parts] == ["33333.34", "33333.33"] * 6
    assert all(part.borrower + part.subsidiser == part.interest for part in parts)


def test_toy_export_in_one_sum() -> None:
    yearly = LoanTerms(
        principal=YUAN("20000000"),
        rate=FixedRate(Decimal("0.04")),
        start=date(2026, 1, 8),
        repayment=Repayment.BULLET,
        months=12,
        basis=Basis.THIRTY_E_360,
    )
    (part,) = subsidise(schedule(yearly), Subsidy(share=Decimal("0.5")))
    assert (str(part.interest), str(part.subsidiser), str(part.borrower)) == ("800000.00", "400000.00", "400000.00")


def test_points_and_a_cap() -> None:
    # 1.5 of 4.0 points: 3/8 of 66,666.67 = 25,000.00 a month; the cap of 60,000 ends it in the third
    parts = subsidise(schedule(YEAR_LOAN), Subsidy(points=Decimal("0.015"), cap=YUAN("60000")))
    assert [str(part.subsidiser) for part in parts[:4]] == ["25000.00", "25000.00", "10000.00", "0.00"]
    assert all(part.borrower + part.subsidiser == part.interest for part in parts)


def test_a_last_day_and_more_points_than_the_rate() -> None:
    parts = subsidise(schedule(YEAR_LOAN), Subsidy(points=Decimal("0.09"), until=date(2026, 3, 31)))
    assert [str(part.borrower) for part in parts[:3]] == ["0.00", "0.00", "66666.67"]


@pytest.mark.parametrize("given", [{}, {"share": Decimal("1.1")}, {"share": Decimal("0.5"), "points": Decimal("0.01")}])
def test_subsidies_that_cannot_be(given: dict[str, Decimal]) -> None:
    with pytest.raises(Invalid):
        Subsidy(**given)  # type: ignore[arg-type]


# Joint debtors


def test_who_paid_beyond_its_share_claims_the_excess() -> None:
    # 900 in three; A paid 450, 150 beyond its 300; B and C have borne nothing: 75 each
    found = contributions(YUAN("900"), {"A": 1, "B": 1, "C": 1}, {"A": YUAN("450")})
    assert found == (Contribution("A", "B", YUAN("75")), Contribution("A", "C", YUAN("75")))


def test_paying_within_ones_share_gives_no_claim() -> None:
    assert contributions(YUAN("900"), {"A": 1, "B": 1, "C": 1}, {"A": YUAN("300"), "B": YUAN("100")}) == ()


def test_the_share_of_the_insolvent_is_spread_over_all_others() -> None:
    # C's 300 falls on A and B, 150 each: both bear 450; A paid 900, so B owes it 450
    found = contributions(YUAN("900"), {"A": 1, "B": 1, "C": 1}, {"A": YUAN("900")}, insolvent={"C"})
    assert found == (Contribution("A", "B", YUAN("450")),)


def test_unequal_shares_and_two_payers() -> None:
    # 1,000 at 5:3:2; A paid 700 (200 too much), B 300 (its share), so C owes A its 200
    found = contributions(YUAN("1000"), {"A": 5, "B": 3, "C": 2}, {"A": YUAN("700"), "B": YUAN("300")})
    assert found == (Contribution("A", "C", YUAN("200")),)


@pytest.mark.parametrize(
    ("shares", "paid", "insolvent", "term"),
    [
        ({"A": 1, "B": 0}, {}, (), "shares"),
        ({}, {}, (), "shares"),
        ({"A": 1}, {"B": YUAN("1")}, (), "paid"),
        ({"A": 1, "B": 1}, {"A": YUAN("60"), "B": YUAN("60")}, (), "paid"),
        ({"A": 1, "B": 1}, {}, ("A", "B"), "insolvent"),
    ],
)
def test_joint_debts_that_cannot_be(
    shares: dict[str, int], paid: dict[str, Money], insolvent: tuple[str, ...], term: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        contributions(YUAN("100"), dict(shares), paid, insolvent)
    assert refusal.value.code == f"terms.{term}"


# What offers cost


def test_the_rate_of_a_loan_repaid_once_is_its_growth() -> None:
    # 100 becomes 110 after 365 days: 10 % a year; the equal monthly rate is 1.1^(1/12) − 1 = 0.797414 %
    found = annual_rate([(date(2026, 1, 1), YUAN("100")), (date(2027, 1, 1), YUAN("-110"))])
    assert (found.effective, found.nominal) == (Decimal("0.100000"), Decimal("0.095690"))
    assert "2021" in found.method.zh


def test_a_flat_monthly_fee_is_dearer_than_it_looks() -> None:
    # 12,000 repaid in 12 instalments of 1,000 and 0.6 % of the whole a month (72.00) "is 7.2 %". The monthly rate r
    # with 12,000 = 1,072 × (1 − (1 + r)^−12) / r is 1.0858 %: 13.03 % a year, nearly twice as much.
    start = date(2026, 1, 1)
    flows = [(start, YUAN("12000")), *((calendar.add_months(start, k), YUAN("-1072")) for k in range(1, 13))]
    found = annual_rate(flows)
    monthly = float(found.nominal) / 12
    assert abs(1072 * (1 - (1 + monthly) ** -12) / monthly - 12000) < 0.01
    assert (str(round(found.nominal, 4)), str(round(found.effective, 4))) == ("0.1303", "0.1384")


def test_days_beyond_whole_months_count_over_a_year() -> None:
    # 100 becomes 103 after 6 months and 10 days: 1.03^(1 / (0.5 + 10/365)) − 1 = 5.7665 %
    found = annual_rate([(date(2026, 1, 31), YUAN("100")), (date(2026, 8, 10), YUAN("-103"))])
    assert str(round(found.effective, 6)) == f"{1.03 ** (1 / (0.5 + 10 / 365)) - 1:.6f}"


def offer(name: str, rate: str, months: int, fee: str) -> Offer:
    terms = LoanTerms(
        principal=YUAN("100000"),
        rate=FixedRate(Decimal(rate)),
        start=date(2026, 1, 15),
        repayment=Repayment.LINEAR,
        months=months,
    )
    fees = (Fee(Text("服务费", "service fee"), date(2026, 1, 15), YUAN(fee)),)
    return Offer(Text(name, name), schedule(terms), fees)


def test_total_cost_of_an_offer() -> None:
    # Linear at 6 % over 10 months: 0.5 % × 100,000 × 11/2 = 2,750.00, plus a fee of 1,000
    found = cost(offer("甲", "0.06", 10, "1000"))
    assert (str(found.interest), str(found.fees), str(found.amount)) == ("2750.00", "1000.00", "3750.00")
    assert (str(found.first_amount), str(found.largest_amount)) == ("10500.00", "10500.00")
    assert found.annual.nominal > Decimal("0.08")


def test_cheaper_in_all_may_be_dearer_a_year() -> None:
    short, long = offer("短", "0.06", 5, "900"), offer("长", "0.06", 20, "0")
    found = compare(short, long)
    # 0.5 % × 100,000 × 6/2 + 900 = 2,400.00 against 0.5 % × 100,000 × 21/2 = 5,250.00
    assert str(found.difference) == "2850.00"
    assert (found.cheaper_in_all, found.cheaper_a_year) == (found.first, found.second)


def test_equal_offers_have_no_cheaper_one() -> None:
    same = offer("同", "0.06", 5, "0")
    found = compare(same, same)
    assert (found.cheaper_in_all, found.cheaper_a_year, found.difference) == (None, None, Money(0))


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [(date(2026, 1, 1), YUAN("100"))],
        [(date(2026, 1, 1), YUAN("100")), (date(2026, 1, 1), YUAN("-100"))],
        [(date(2026, 1, 1), YUAN("-100")), (date(2027, 1, 1), YUAN("-10"))],
    ],
)
def test_flows_without_a_rate(flows: list[tuple[date, Money]]) -> None:
    with pytest.raises(Invalid) as refusal:
        annual_rate(flows)
    assert refusal.value.code == "terms.cashflows"


def test_flows_far_apart_do_not_overflow() -> None:
    found = annual_rate([(date(1926, 1, 1), YUAN("1")), (date(2126, 1, 1), YUAN("-1000000"))])
    assert Decimal("0.07") < found.effective < Decimal("0.075")
