"""What happens to a loan after it is paid out, worked by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments.practice import (
    COSTS_FIRST,
    PRINCIPAL_FIRST,
    Acceleration,
    AllocationOrder,
    Bucket,
    Due,
    DueShift,
    EarlyRepayment,
    Event,
    Extension,
    FeeCharged,
    FixedRate,
    FlowKind,
    LoanTerms,
    Payment,
    RateSet,
    Reamortise,
    Repayment,
    Restructuring,
    Waiver,
    ahead,
    allocate,
    payoff,
    replay,
    schedule,
)
from jirong.instruments.practice.state import AgeBand
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.money import Money

YUAN = Money.parse

BULLET = LoanTerms(  # 100,000 at 6 %, 180 days: interest 3,000.00 on 1 July
    principal=YUAN("100000"),
    rate=FixedRate(Decimal("0.06")),
    start=date(2026, 1, 2),
    repayment=Repayment.BULLET,
    maturity=date(2026, 7, 1),
)
LINEAR = LoanTerms(  # 10,000 a month and 1 % on what is left
    principal=YUAN("120000"),
    rate=FixedRate(Decimal("0.12")),
    start=date(2026, 1, 15),
    repayment=Repayment.LINEAR,
    months=12,
)
ANNUITY = replace(LINEAR, repayment=Repayment.ANNUITY)
THREE_PAID: list[Event] = [
    Payment(date(2026, 2, 15), YUAN("11200")),
    Payment(date(2026, 3, 15), YUAN("11100")),
    Payment(date(2026, 4, 15), YUAN("11000")),
]


def due(number: int, on: date, **amounts: str) -> Due:
    given = {bucket.value: YUAN(amounts.get(bucket.value, "0")) for bucket in Bucket}
    return Due(number=number, due=on, **given)


def parts(found: Any) -> dict[str, str]:
    return {bucket.value: str(found.to(bucket)) for bucket in Bucket if found.to(bucket)}


def test_paying_on_time_closes_the_loan() -> None:
    events = [Payment(line.due, line.amount) for line in schedule(ANNUITY)]
    state = replay(ANNUITY, events, date(2027, 1, 15))
    assert state.closed
    assert state.next_due is None
    assert (state.dues, state.credit, state.days_past_due) == ((), Money(0), 0)


def test_accrued_interest_inside_a_month_counts_days() -> None:
    # 90,000 × 12 % × 10/360
    state = replay(LINEAR, THREE_PAID, date(2026, 4, 25))
    assert (str(state.performing), str(state.accrued)) == ("90000.00", "300.00")
    assert state.next_due is not None
    assert (str(state.next_due.due), str(state.next_due.amount)) == ("2026-05-15", "10900.00")


def test_overdue_principal_bears_half_as_much_again_and_interest_compounds() -> None:
    # 30 days at 9 %: 100,000 → 750.00; 3,000 → 22.50
    state = replay(BULLET, [], date(2026, 7, 31))
    assert state.dues == (
        due(1, date(2026, 7, 1), principal="100000", interest="3000", penalty="750", compound="22.50"),
    )
    assert (state.days_past_due, str(state.overdue_principal), str(state.performing)) == (30, "100000.00", "0.00")


def test_a_partial_payment_serves_costs_then_interest_then_principal() -> None:
    # 50,000 − 22.50 − 750.00 − 3,000.00 = 46,227.50 of principal; 53,772.50 × 9 % × 10/360 = 134.43
    state = replay(BULLET, [Payment(date(2026, 7, 31), YUAN("50000"))], date(2026, 8, 10))
    assert state.dues == (due(1, date(2026, 7, 1), principal="53772.50", penalty="134.43"),)
    assert str(state.flows[-1].principal) == "46227.50"
    assert str(state.flows[-1].cash) == "50000.00"


def test_without_compounding_overdue_interest_rests() -> None:
    state = replay(replace(BULLET, compound=False), [], date(2026, 7, 31))
    assert str(state.due_amount) == "103750.00"


def test_penalty_follows_a_payment_of_part_of_the_principal() -> None:
    # Penalty of 10 days on 100,000 (250.00) and of 20 days on 70,000 (350.00)
    terms = replace(BULLET, order=PRINCIPAL_FIRST, compound=False)
    state = replay(terms, [Payment(date(2026, 7, 11), YUAN("30000"))], date(2026, 7, 31))
    assert state.dues == (due(1, date(2026, 7, 1), principal="70000", interest="3000", penalty="600"),)


def test_grace_forgives_what_is_paid_within_it() -> None:
    terms = replace(BULLET, grace_days=5)
    assert not replay(terms, [], date(2026, 7, 6)).unpaid(Bucket.PENALTY)
    in_time = replay(terms, [Payment(date(2026, 7, 6), YUAN("103000"))], date(2026, 8, 1))
    assert in_time.closed


def test_after_grace_the_penalty_counts_from_the_due_date() -> None:
    # 6 days: 100,000 × 9 % × 6/360 = 150.00; counted from the end of grace only 1 day: 25.00
    terms = replace(BULLET, grace_days=5)
    assert str(replay(terms, [], date(2026, 7, 7)).unpaid(Bucket.PENALTY)) == "150.00"
    forward = replace(terms, grace_counts_back=False)
    assert str(replay(forward, [], date(2026, 7, 7)).unpaid(Bucket.PENALTY)) == "25.00"


def test_money_paid_ahead_waits_for_the_next_due() -> None:
    state = replay(LINEAR, [Payment(date(2026, 2, 1), YUAN("12000"))], date(2026, 2, 20))
    assert str(state.credit) == "800.00"  # 12,000 − 10,000 − 1,200
    assert [flow.kind for flow in state.flows] == [FlowKind.DISBURSEMENT, FlowKind.PAYMENT, FlowKind.CREDIT_USED]
    assert [str(flow.cash) for flow in state.flows] == ["-120000.00", "12000.00", "0.00"]


def test_early_repayment_that_lowers_the_instalment() -> None:
    # 90,000 − 33,000 = 57,000 over 9 months: 6,333.33, the last 6,333.36; interest 1 %
    events = [*THREE_PAID, EarlyRepayment(date(2026, 4, 15), YUAN("33000"), Reamortise.LOWER)]
    rest = ahead(LINEAR, events, date(2026, 4, 15))
    assert [str(line.principal) for line in rest] == ["6333.33"] * 8 + ["6333.36"]
    assert str(rest[0].interest) == "570.00"


def test_early_repayment_that_shortens_the_tenor() -> None:
    # 57,000 at 10,000 a month: five whole ones and 7,000
    events = [*THREE_PAID, EarlyRepayment(date(2026, 4, 15), YUAN("33000"), Reamortise.SHORTEN)]
    rest = ahead(LINEAR, events, date(2026, 4, 15))
    assert [str(line.principal) for line in rest] == ["10000.00"] * 5 + ["7000.00"]
    assert rest[-1].due == date(2026, 10, 15)


def test_early_repayment_within_a_month_settles_interest_to_the_day() -> None:
    # 10 days on 90,000 at 12 %: 300.00 with the repayment; 20 days on 57,000: 380.00 at the next due date
    events = [*THREE_PAID, EarlyRepayment(date(2026, 4, 25), YUAN("33000"))]
    state = replay(LINEAR, events, date(2026, 4, 25))
    assert (str(state.flows[-1].interest), str(state.flows[-1].cash)) == ("300.00", "33300.00")
    coming = ahead(LINEAR, events, date(2026, 4, 25))
    # and after that whole months again: (57,000 − 6,333.33) × 1 %, though 15 May to 15 June has 31 days
    assert [str(line.interest) for line in coming[:2]] == ["380.00", "506.67"]


def test_an_annuity_keeps_its_instalment_when_shortened() -> None:
    level = schedule(ANNUITY).instalments[0].amount  # 120,000 × 0.01 / (1 − 1.01^−12) = 10,661.85
    assert str(level) == "10661.85"
    events: list[Event] = [
        Payment(date(2026, 2, 15), level),
        EarlyRepayment(date(2026, 2, 15), YUAN("50000"), Reamortise.SHORTEN),
    ]
    rest = ahead(ANNUITY, events, date(2026, 2, 15))
    # 120,000 − 9,461.85 − 50,000 = 60,538.15; 1 % of it 605.38; at 10,661.85 a month that takes 5.8 months
    assert {line.amount for line in rest[:-1]} == {level}
    assert (len(rest), str(rest[0].interest), rest[-1].balance) == (6, "605.38", Money(0))


def test_repaying_everything_early_with_a_fee() -> None:
    # 90,000 + 300.00 interest + 1 % fee 900.00
    terms = replace(LINEAR, early_fee=Decimal("0.01"))
    on = date(2026, 4, 25)
    assert str(payoff(terms, THREE_PAID, on).amount) == "91200.00"
    state = replay(terms, [*THREE_PAID, EarlyRepayment(on)], on)
    assert state.closed
    assert str(state.flows[-1].cash) == "91200.00"


def test_payoff_takes_the_credit_off() -> None:
    events = [*THREE_PAID, Payment(date(2026, 4, 20), YUAN("5000"))]
    on = date(2026, 4, 25)
    assert str(payoff(LINEAR, events, on).amount) == "85300.00"
    state = replay(LINEAR, [*events, EarlyRepayment(on)], on)
    assert (state.closed, str(state.credit), str(state.flows[-1].cash)) == (True, "0.00", "85300.00")


def test_payoff_of_an_overdue_loan_is_its_dues() -> None:
    found = payoff(BULLET, [], date(2026, 7, 31))
    assert str(found.amount) == "103772.50"
    assert replay(BULLET, [Payment(date(2026, 7, 31), found.amount)], date(2026, 7, 31)).closed


def test_a_new_rate_splits_the_month() -> None:
    # 90,000: 10 days at 12 % = 300.00 and 20 days at 9 % = 450.00
    state = replay(LINEAR, [*THREE_PAID, RateSet(date(2026, 4, 25), Decimal("0.09"))], date(2026, 5, 15))
    assert state.dues == (due(4, date(2026, 5, 15), principal="10000", interest="750"),)


def test_a_new_rate_plans_an_annuity_anew_from_the_next_period() -> None:
    # 3 of 12 paid, 91,328.51 left. 25 April: 9 % instead of 12 %. The instalment of May keeps its principal; from
    # June what is left is repaid in 8 equal instalments at 9 %.
    lines = schedule(ANNUITY).instalments
    events: list[Event] = [Payment(line.due, line.amount) for line in lines[:3]]
    coming = ahead(ANNUITY, [*events, RateSet(date(2026, 4, 25), Decimal("0.09"))], date(2026, 4, 25))
    assert coming[0].principal == lines[3].principal
    again = replace(
        ANNUITY,
        principal=coming[0].balance,
        rate=FixedRate(Decimal("0.09")),
        start=date(2026, 5, 15),
        months=8,
    )
    assert [line.amount for line in coming[1:]] == [line.amount for line in schedule(again)]


def test_interest_only_periods_are_counted_down() -> None:
    # Three free of six; after the first and an early repayment of 30,000 of 90,000: two free, then 20,000 a month
    terms = replace(LINEAR, principal=YUAN("90000"), months=6, interest_only_periods=3)
    on = date(2026, 2, 15)
    events: list[Event] = [Payment(on, YUAN("900")), EarlyRepayment(on, YUAN("30000"))]
    assert [str(line.principal) for line in ahead(terms, events, on)] == ["0.00", "0.00", *["20000.00"] * 3]


def test_a_due_date_moved_to_a_business_day_is_not_late_before_it() -> None:
    terms = replace(BULLET, maturity=date(2026, 10, 1), due_shift=DueShift.FOLLOWING)
    assert replay(terms, [], date(2026, 10, 5)).days_past_due == 0
    assert replay(terms, [], date(2026, 10, 9)).days_past_due == 1


def test_a_new_rate_raises_the_penalty_from_its_day() -> None:
    # 100,000: 10 days at 9 % = 250.00 and 20 days at 12 % = 666.67
    terms = replace(BULLET, compound=False)
    state = replay(terms, [RateSet(date(2026, 7, 11), Decimal("0.08"))], date(2026, 7, 31))
    assert str(state.unpaid(Bucket.PENALTY)) == "916.67"


def test_extension_of_a_bullet() -> None:
    # 180 + 92 days to 1 October: 100,000 × 6 % × 272/360 = 4,533.33
    rest = ahead(BULLET, [Extension(date(2026, 6, 20), date(2026, 10, 1))], date(2026, 6, 20))
    assert [(str(line.due), str(line.amount)) for line in rest] == [("2026-10-01", "104533.33")]


def test_extension_with_a_new_rate_spreads_what_is_left() -> None:
    # 90,000 over 9 + 6 months = 6,000 each; 9 % from 15 April: 675.00
    events = [*THREE_PAID, Extension(date(2026, 4, 15), date(2027, 7, 15), Decimal("0.09"))]
    rest = ahead(LINEAR, events, date(2026, 4, 15))
    assert [str(line.principal) for line in rest] == ["6000.00"] * 15
    assert str(rest[0].interest) == "675.00"


def test_restructuring_takes_overdue_principal_back_and_capitalises_what_it_names() -> None:
    # On 31 July: principal 100,000, interest 3,000, compound 22.50, penalty 750 stays due. New: 103,022.50 linear
    # over 10 months at 5 %: 10,302.25 each, first interest 429.26.
    event = Restructuring(
        on=date(2026, 7, 31),
        repayment=Repayment.LINEAR,
        rate=FixedRate(Decimal("0.05")),
        months=10,
        capitalise=frozenset({Bucket.INTEREST, Bucket.COMPOUND}),
    )
    state = replay(BULLET, [event], date(2026, 7, 31))
    assert str(state.performing) == "103022.50"
    assert state.dues == (due(1, date(2026, 7, 1), penalty="750"),)
    assert state.restructured_on == date(2026, 7, 31)
    assert state.next_due is not None
    assert (str(state.next_due.due), str(state.next_due.amount)) == ("2026-08-31", "10731.51")


def test_restructuring_inside_a_period_makes_the_interest_so_far_due() -> None:
    event = Restructuring(
        on=date(2026, 4, 25), repayment=Repayment.INTEREST_FIRST, rate=FixedRate(Decimal("0.06")), months=6
    )
    state = replay(LINEAR, [*THREE_PAID, event], date(2026, 4, 25))
    assert (str(state.performing), str(state.due_amount)) == ("90000.00", "300.00")


def test_acceleration_makes_everything_due_that_day() -> None:
    state = replay(LINEAR, [*THREE_PAID, Acceleration(date(2026, 4, 25))], date(2026, 4, 25))
    assert state.dues == (due(4, date(2026, 4, 25), principal="90000", interest="300"),)
    assert state.next_due is None


def test_fees_and_waivers() -> None:
    events: list[Event] = [
        FeeCharged(date(2026, 7, 20), YUAN("80")),
        Waiver(date(2026, 7, 31), Bucket.PENALTY, YUAN("9999")),
    ]
    state = replay(BULLET, events, date(2026, 7, 31))
    assert state.dues == (
        due(1, date(2026, 7, 1), principal="100000", interest="3000", compound="22.50"),
        due(-1, date(2026, 7, 20), fee="80"),
    )
    assert (str(state.flows[-1].penalty), str(state.flows[-1].cash)) == ("750.00", "0.00")


def test_orders_of_allocation() -> None:
    state = replay(LINEAR, [], date(2026, 3, 25))  # dues of February (38 days late) and March (10 days late)
    # At 18 %: February 10,000 × 38/360 = 190.00 and 1,200 → 22.80; March 10,000 × 10/360 = 50.00 and 1,100 → 5.50
    assert state.dues == (
        due(1, date(2026, 2, 15), principal="10000", interest="1200", penalty="190", compound="22.80"),
        due(2, date(2026, 3, 15), principal="10000", interest="1100", penalty="50", compound="5.50"),
    )
    oldest = allocate(YUAN("11500"), state)
    assert [(part.number, part.bucket.value, str(part.amount)) for part in oldest.parts] == [
        (1, "compound", "22.80"),
        (1, "penalty", "190.00"),
        (1, "interest", "1200.00"),
        (1, "principal", "10000.00"),
        (2, "compound", "5.50"),
        (2, "penalty", "50.00"),
        (2, "interest", "31.70"),
    ]
    assert parts(allocate(YUAN("2000"), state, COSTS_FIRST)) == {
        "compound": "28.30",
        "penalty": "240.00",
        "interest": "1731.70",
    }
    assert parts(allocate(YUAN("12000"), state, PRINCIPAL_FIRST)) == {"principal": "12000.00"}
    assert str(allocate(YUAN("30000"), state).surplus) == "7431.70"


def test_an_order_names_every_bucket_once() -> None:
    with pytest.raises(Invalid) as refusal:
        AllocationOrder((Bucket.FEE, Bucket.FEE))
    assert refusal.value.code == "terms.order"


def test_ageing_by_days_past_due() -> None:
    state = replay(LINEAR, [], date(2026, 5, 20))  # 94, 66, 35 and 5 days late
    nothing = Money(0)
    assert state.ageing((30, 60, 90)) == (
        AgeBand(1, 30, YUAN("10000"), YUAN("900")),
        AgeBand(31, 60, YUAN("10000"), YUAN("1000")),
        AgeBand(61, 90, YUAN("10000"), YUAN("1100")),
        AgeBand(91, None, YUAN("10000"), YUAN("1200")),
    )
    assert replay(LINEAR, [], date(2026, 2, 15)).ageing((30,)) == (
        AgeBand(1, 30, nothing, nothing),
        AgeBand(31, None, nothing, nothing),
    )


def test_an_event_later_than_the_day_asked_about_is_not_seen() -> None:
    late = Payment(date(2026, 7, 31), YUAN("103772.50"))
    assert replay(BULLET, [late], date(2026, 7, 30)) == replay(BULLET, [], date(2026, 7, 30))


@pytest.mark.parametrize(
    ("terms", "events", "code"),
    [
        (LINEAR, [Payment(date(2026, 1, 14), YUAN("1"))], "terms.on"),
        (LINEAR, [EarlyRepayment(date(2026, 2, 20), YUAN("100"))], "loan.overdue_first"),
        (LINEAR, [*THREE_PAID, EarlyRepayment(date(2026, 4, 15), YUAN("90000.01"))], "loan.more_than_owed"),
        (BULLET, [Extension(date(2026, 7, 1), date(2026, 10, 1))], "loan.ended"),
        (BULLET, [Extension(date(2026, 6, 1), date(2026, 7, 1))], "terms.maturity"),
        (BULLET, [Acceleration(date(2026, 7, 2))], "loan.ended"),
    ],
)
def test_events_the_state_does_not_allow(terms: LoanTerms, events: list[Event], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        replay(terms, events, date(2026, 12, 31))
    assert refusal.value.code == code
    assert refusal.value.remedy is not None


def test_a_day_before_the_loan_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        replay(LINEAR, [], LINEAR.start - timedelta(days=1))
    assert refusal.value.code == "terms.as_of"


def test_payments_are_above_zero() -> None:
    with pytest.raises(Invalid):
        Payment(date(2026, 2, 15), Money(0))
