"""Loans worked by hand: PAM, LAM, NAM, ANN and LAX (ACTUS techspecs §7.1–7.5).

30E/360 makes a month a twelfth and a half year a half, so that every figure below can be checked on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments import actus
from jirong.kernel.errors import Invalid

Columns = Callable[..., list[Any]]

Terms = dict[str, Any]
Flow = tuple[str, str, str]


def terms(kind: str, **changes: object) -> Terms:
    """10,000 lent on 2026-01-01 at 6 %, 30E/360, reported the day before."""
    base: Terms = {
        "contractType": kind,
        "contractID": "loan",
        "contractRole": "RPA",
        "currency": "CNY",
        "statusDate": "2025-12-31",
        "initialExchangeDate": "2026-01-01",
        "notionalPrincipal": 10_000,
        "nominalInterestRate": "0.06",
        "dayCountConvention": "30E360",
    }
    return {**base, **changes}


def flows(
    raw: Terms,
    observed: Mapping[str, Any] | None = None,
    events: Sequence[Mapping[str, Any]] = (),
    to: str | None = None,
) -> list[Flow]:
    """(month-day or date, type, payoff to the fen) of every event."""
    found = actus.evaluate(raw, observed, events, to)
    return [(event.time.strftime("%y-%m-%d"), str(event.type), str(round(event.payoff, 2))) for event in found]


def refused(raw: Terms, observed: Mapping[str, Any] | None = None, events: Sequence[Mapping[str, Any]] = ()) -> Invalid:
    with pytest.raises(Invalid) as caught:
        actus.evaluate(raw, observed, events)
    return caught.value


BOND = {
    "maturityDate": "2027-01-01",
    "cycleAnchorDateOfInterestPayment": "2026-07-01",
    "cycleOfInterestPayment": "P6ML1",
}


def test_pam_lends_pays_interest_and_takes_the_principal_back() -> None:
    assert flows(terms("PAM", **BOND, premiumDiscountAtIED="-100")) == [
        ("26-01-01", "IED", "-9900.00"),
        ("26-07-01", "IP", "300.00"),
        ("27-01-01", "IP", "300.00"),
        ("27-01-01", "MD", "10000.00"),
    ]


def test_pam_without_a_cycle_pays_interest_with_the_principal() -> None:
    """18 months at 6 % on 10,000 = 900."""
    assert flows(terms("PAM", maturityDate="2027-07-01"))[1:] == [
        ("27-07-01", "IP", "900.00"),
        ("27-07-01", "MD", "10000.00"),
    ]


def test_pam_without_a_rate_is_a_discounted_bill() -> None:
    raw = terms("PAM", maturityDate="2026-07-01", premiumDiscountAtIED="-190")
    del raw["nominalInterestRate"], raw["dayCountConvention"]
    assert flows(raw) == [("26-01-01", "IED", "-9810.00"), ("26-07-01", "MD", "10000.00")]


def test_an_anchor_before_the_initial_exchange_brings_accrued_interest_along() -> None:
    """Interest since 2025-10-01, three months before the money, is 10,000 × 6 % / 4 = 150, paid with the next cycle."""
    raw = terms(
        "PAM",
        maturityDate="2026-07-01",
        cycleAnchorDateOfInterestPayment="2025-10-01",
        cycleOfInterestPayment="P6ML1",
    )
    found = actus.evaluate(raw)
    assert found[0].accrued == 150
    assert flows(raw)[1:] == [
        ("26-04-01", "IP", "300.00"),
        ("26-07-01", "IP", "150.00"),
        ("26-07-01", "MD", "10000.00"),
    ]


def test_a_running_loan_starts_with_what_it_has_accrued_since_its_last_payment(columns: Columns) -> None:
    """Reported on 2026-08-01: one month of 6 % since 07-01 is 50, the rest of the half year 250 more."""
    found = actus.evaluate(terms("PAM", **BOND, statusDate="2026-08-01"), events_observed=[_analysis("2026-08-01")])
    assert columns(found, "type", "payoff", "accrued") == [("AD", 0, 50), ("IP", 300, 0), ("MD", 10_000, 0)]
    given = actus.evaluate(terms("PAM", **BOND, statusDate="2026-08-01", accruedInterest="7"))
    assert given[0].payoff == 257


def test_interest_is_capitalised_until_an_agreed_day_off_the_cycle() -> None:
    """Capitalised to 2026-09-01: 300 on 07-01, then 10,300 × 6 % × 2/12 = 103; 10,403 × 6 % × 4/12 = 208.06."""
    raw = terms("PAM", **BOND, capitalizationEndDate="2026-09-01")
    assert flows(raw)[1:] == [
        ("26-07-01", "IPCI", "0.00"),
        ("26-09-01", "IPCI", "0.00"),
        ("27-01-01", "IP", "208.06"),
        ("27-01-01", "MD", "10403.00"),
    ]


RESET = {
    "cycleAnchorDateOfRateReset": "2026-07-01",
    "cycleOfRateReset": "P6ML1",
    "rateSpread": "0.01",
    "marketObjectCodeOfRateReset": "LPR",
}


@pytest.mark.parametrize(
    ("limits", "market", "rate"),
    [
        ({}, "0.03", "0.04"),
        ({"rateMultiplier": "2"}, "0.03", "0.07"),
        ({"lifeCap": "0.065"}, "0.09", "0.065"),
        ({"lifeFloor": "0.05"}, "0.01", "0.05"),
        ({"periodCap": "0.01"}, "0.09", "0.07"),
        ({"periodFloor": "0.01"}, "0.01", "0.05"),
        ({"periodFloor": "-0.01"}, "0.01", "0.05"),
        ({"periodCap": "0.02", "lifeCap": "0.07"}, "0.09", "0.07"),
        ({"nextResetRate": "0.055"}, "0.09", "0.055"),
    ],
)
def test_a_rate_resets_within_its_limits(limits: Terms, market: str, rate: str) -> None:
    """Market × multiplier + 1 %, a change of at most the period's limits, a rate within the life's."""
    found = actus.evaluate(terms("PAM", **BOND, **RESET, **limits), {"LPR": {"2026-07-01": market}})
    reset = next(event for event in found if event.type in ("RR", "RRF"))
    assert reset.rate == Decimal(rate)
    assert (reset.type == "RRF") == ("nextResetRate" in limits)
    assert found[-2].payoff == 5_000 * Decimal(rate)


def test_a_rate_nobody_observed_is_refused_by_name_and_time() -> None:
    refusal = refused(terms("PAM", **BOND, **RESET), {"LPR": {"2026-01-01": "0.03"}})
    assert (refusal.code, refusal.where) == ("actus.not_observed", "LPR")
    assert refusal.details == {"code": "LPR", "instant": "2026-07-01T00:00:00"}
    assert refusal.remedy is not None
    carried = actus.Observations.parse({"LPR": {"2026-01-01": "0.03"}}, carry_forward=True)
    assert actus.evaluate(terms("PAM", **BOND, **RESET), carried)[-2].payoff == 200


def test_fees_accrue_on_the_notional_or_are_amounts() -> None:
    """1 % a year on 10,000 is 25 a quarter; an amount of 40 is 40."""
    fee = {"cycleAnchorDateOfFee": "2026-04-01", "cycleOfFee": "P3ML1"}
    accrued = flows(terms("PAM", **BOND, **fee, feeBasis="N", feeRate="0.01"))
    assert [flow for flow in accrued if flow[1] == "FP"] == [
        (f"{d}", "FP", "25.00") for d in ("26-04-01", "26-07-01", "26-10-01", "27-01-01")
    ]
    agreed = flows(terms("PAM", **BOND, **fee, feeBasis="A", feeRate="40", contractRole="RPL"))
    assert [flow[2] for flow in agreed if flow[1] == "FP"] == ["-40.00"] * 4
    assert agreed[-1] == ("27-01-01", "MD", "-10000.00")


@pytest.mark.parametrize(("basis", "rate", "first"), [("N", "0.01", "25.00"), ("A", "40", "40.00")])
def test_a_running_fee_starts_with_what_it_has_accrued(basis: str, rate: str, first: str) -> None:
    """Reported on 2026-05-01, a month after the last fee: the next one is a whole quarter's all the same."""
    fee = {"cycleAnchorDateOfFee": "2026-04-01", "cycleOfFee": "P3ML1", "feeBasis": basis, "feeRate": rate}
    running = terms("PAM", **BOND, **fee, statusDate="2026-05-01")
    assert next(flow for flow in flows(running) if flow[1] == "FP") == ("26-07-01", "FP", first)
    given = flows({**running, "feeAccrued": 3})
    due = {"N": "19.67", "A": "40.00"}[basis]  # 3 and two months at 1 % a year; an amount is what it is
    assert given[0] == ("26-07-01", "FP", due)


def test_a_broken_last_period_owes_the_whole_fee_once() -> None:
    """A fee of 40 a quarter falls due with maturity a month later, before the interest, and not again within it."""
    fee = {"cycleAnchorDateOfFee": "2026-04-01", "cycleOfFee": "P3ML1", "feeBasis": "A", "feeRate": "40"}
    found = flows(terms("PAM", **fee, maturityDate="2026-05-01"))
    assert found[-3:] == [("26-05-01", "FP", "40.00"), ("26-05-01", "IP", "200.00"), ("26-05-01", "MD", "10000.00")]


def test_a_prepayment_lowers_the_interest_that_follows() -> None:
    """4,000 back on 04-01: 150 on 10,000 and 90 on 6,000 fall due on 07-01, then 180 and 6,000."""
    prepaid = [{"time": "2026-04-01", "type": "PP", "value": "4000"}]
    assert flows(terms("PAM", **BOND, prepaymentEffect="M"), events=prepaid)[1:] == [
        ("26-04-01", "PP", "4000.00"),
        ("26-07-01", "IP", "240.00"),
        ("27-01-01", "IP", "180.00"),
        ("27-01-01", "MD", "6000.00"),
    ]


@pytest.mark.parametrize(
    ("kind", "rate", "penalty"),
    [("A", "88", "88.00"), ("N", "0.02", "50.00"), ("R", "0.02", "50.00"), ("I", "0", "75.00")],
)
def test_penalties_of_a_prepayment(kind: str, rate: str, penalty: str) -> None:
    """On 2026-04-01, a quarter in: an amount; 2 % a year on 10,000; or the 3 % a year the market pays less than 6 %."""
    raw = terms("PAM", **BOND, **RESET, prepaymentEffect="M", penaltyType=kind, penaltyRate=rate)
    observed = {"LPR": {"2026-04-01": "0.03", "2026-07-01": "0.05"}}
    found = flows(raw, observed, [{"time": "2026-04-01", "type": "PP", "value": 4000}])
    assert found[1:3] == [("26-04-01", "PY", penalty), ("26-04-01", "PP", "4000.00")]


def test_prepayment_needs_the_right_the_date_and_the_debt() -> None:
    early = [{"time": "2026-04-01", "type": "PP", "value": 4000}]
    assert refused(terms("PAM", **BOND), events=early).where == "prepaymentEffect"
    dated = terms(
        "PAM", **BOND, prepaymentEffect="M", cycleAnchorDateOfOptionality="2026-05-01", cycleOfOptionality="P1ML1"
    )
    assert refused(dated, events=early).where == "eventsObserved.time"
    assert flows(dated, events=[{"time": "2026-05-01", "type": "PP", "value": 4000}])[1][1] == "PP"
    excess = refused(terms("PAM", **BOND, prepaymentEffect="A"), events=[{**early[0], "value": 10_001}])
    assert "10000" in excess.reason.en


def test_purchase_hides_what_came_before_and_pays_accrued_interest() -> None:
    """Bought on 2026-10-01 at 9,950: three months of 6 % are 150 on top. The seller kept the July interest."""
    raw = terms("PAM", **BOND, purchaseDate="2026-10-01", priceAtPurchaseDate="9950")
    assert flows(raw) == [
        ("26-10-01", "PRD", "-10100.00"),
        ("27-01-01", "IP", "300.00"),
        ("27-01-01", "MD", "10000.00"),
    ]


def test_termination_ends_a_contract_with_price_and_accrued_interest() -> None:
    raw = terms("PAM", **BOND, terminationDate="2026-10-01", priceAtTerminationDate="9950")
    assert flows(raw)[1:] == [("26-07-01", "IP", "300.00"), ("26-10-01", "TD", "10100.00")]
    assert actus.evaluate({**raw, "statusDate": "2026-10-01"}) == []


SCALED = {
    "cycleAnchorDateOfScalingIndex": "2026-07-01",
    "cycleOfScalingIndex": "P6ML1",
    "marketObjectCodeOfScalingIndex": "CPI",
    "scalingIndexAtContractDealDate": "100",
}


@pytest.mark.parametrize(
    ("effect", "interest", "principal"),
    [
        ("000", "300.00", "10000.00"),
        ("I00", "360.00", "10000.00"),
        ("0N0", "300.00", "12000.00"),
        ("INO", "360.00", "12000.00"),
    ],
)
def test_an_index_scales_interest_principal_or_both(effect: str, interest: str, principal: str) -> None:
    """The index stands at 120 of 100 from July on."""
    found = flows(terms("PAM", **BOND, **SCALED, scalingEffect=effect), {"CPI": {"2026-07-01": "120"}})
    assert [flow[2] for flow in found if flow[0] == "27-01-01"] == [interest, principal]
    assert ("26-07-01", "IP", "300.00") in found


def test_amounts_settle_in_another_currency_at_the_observed_rate(columns: Columns) -> None:
    fx = {"CNY/USD": {"2026-01-01": "0.14", "2026-07-01": "0.15", "2027-01-01": "0.16"}}
    found = actus.evaluate(terms("PAM", **BOND, settlementCurrency="USD"), fx)
    assert columns(found, "currency", "payoff") == [
        ("USD", Decimal("-1400.00")),
        ("USD", Decimal("45.00")),
        ("USD", Decimal("48.00")),
        ("USD", Decimal("1600.00")),
    ]
    assert found[1].notional == 10_000


def test_a_credit_event_marks_the_loan_and_pays_nothing(columns: Columns) -> None:
    default = {"time": "2026-04-01", "type": "CE", "contractId": "loan", "states": {"contractPerformance": "DF"}}
    found = actus.evaluate(terms("PAM", **BOND), events_observed=[default, {**default, "contractId": "other"}])
    assert columns(found[1:2], "type", "payoff", "accrued") == [("CE", 0, 150)]
    assert len(found) == 5


STEPS = {
    "cycleAnchorDateOfPrincipalRedemption": "2026-04-01",
    "cycleOfPrincipalRedemption": "P3ML1",
    "cycleAnchorDateOfInterestPayment": "2026-04-01",
    "cycleOfInterestPayment": "P3ML1",
}


def test_lam_repays_evenly_up_to_its_maturity() -> None:
    """Four instalments of 2,500; interest of a quarter at 1.5 % on what is left: 150, 112.50, 75, 37.50."""
    assert flows(terms("LAM", **STEPS, maturityDate="2027-01-01"))[1:] == [
        ("26-04-01", "PR", "2500.00"),
        ("26-04-01", "IP", "150.00"),
        ("26-07-01", "PR", "2500.00"),
        ("26-07-01", "IP", "112.50"),
        ("26-10-01", "PR", "2500.00"),
        ("26-10-01", "IP", "75.00"),
        ("27-01-01", "IP", "37.50"),
        ("27-01-01", "MD", "2500.00"),
    ]


def test_lam_without_a_maturity_ends_with_the_instalment_that_repays_it() -> None:
    """10,000 at 3,000 a quarter: three instalments and 1,000 on 2027-01-01."""
    found = flows(terms("LAM", **STEPS, nextPrincipalRedemptionPayment=3000))
    assert [flow for flow in found if flow[1] in ("PR", "MD")] == [
        ("26-04-01", "PR", "3000.00"),
        ("26-07-01", "PR", "3000.00"),
        ("26-10-01", "PR", "3000.00"),
        ("27-01-01", "MD", "1000.00"),
    ]


def test_lam_reported_midway_counts_the_instalments_still_due() -> None:
    """5,000 left on 2026-08-01 at 2,500 a quarter: October and January. Without an amount it is 5,000 / 2."""
    midway = {"statusDate": "2026-08-01", "notionalPrincipal": 5000}
    by_amount = flows(terms("LAM", **{**STEPS, **midway}, nextPrincipalRedemptionPayment=2500))
    by_date = flows(terms("LAM", **{**STEPS, **midway}, maturityDate="2027-01-01"))
    assert [flow for flow in by_amount if flow[1] in ("PR", "MD")] == [
        ("26-10-01", "PR", "2500.00"),
        ("27-01-01", "MD", "2500.00"),
    ]
    assert by_amount == by_date


def test_lam_that_is_repaid_before_its_maturity_pays_nothing_more() -> None:
    found = flows(terms("LAM", **STEPS, maturityDate="2027-01-01", nextPrincipalRedemptionPayment=6000))
    assert [flow[2] for flow in found if flow[1] in ("PR", "MD")] == ["6000.00", "4000.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("base", "interest"),
    [
        ({"interestCalculationBase": "NT"}, ["150.00", "112.50", "75.00", "37.50"]),
        (
            {
                "interestCalculationBase": "NTL",
                "interestCalculationBaseAmount": 12_000,
                "cycleAnchorDateOfInterestCalculationBase": "2026-07-01",
                "cycleOfInterestCalculationBase": "P6ML1",
            },
            ["180.00", "180.00", "75.00", "75.00"],
        ),
    ],
)
def test_lam_interest_on_the_notional_or_on_a_lagged_base(base: Terms, interest: list[str]) -> None:
    """The lagged base is 12,000 until July, when it becomes the 5,000 left then, and stays so."""
    found = flows(terms("LAM", **STEPS, **base, maturityDate="2027-01-01"))
    assert [flow[2] for flow in found if flow[1] == "IP"] == interest


@pytest.mark.parametrize(("effect", "instalments"), [("A", ["1000.00", "1000.00"]), ("M", ["2500.00", "500.00"])])
def test_lam_prepayment_lowers_the_instalments_or_the_term(effect: str, instalments: list[str]) -> None:
    """4,500 back after the first instalment leaves 3,000 of 7,500: instalments × 0.4, or two of the old size."""
    raw = terms("LAM", **STEPS, maturityDate="2027-01-01", prepaymentEffect=effect)
    found = flows(raw, events=[{"time": "2026-05-01", "type": "PP", "value": 4500}])
    assert [flow[2] for flow in found if flow[1] == "PR"][1:] == instalments


def test_nam_pays_a_total_and_lets_the_debt_grow_when_interest_is_more(columns: Columns) -> None:
    """At 24 % a quarter's interest on 10,000 is 600, of which 500 is paid: the debt grows to 10,100."""
    raw = terms(
        "NAM", **STEPS, nominalInterestRate="0.24", nextPrincipalRedemptionPayment=500, maturityDate="2026-10-01"
    )
    found = actus.evaluate(raw)
    assert columns(found[1:5], "type", "payoff", "notional") == [
        ("PR", -100, 10_100),
        ("IP", 600, 10_100),
        ("PR", -106, 10_206),
        ("IP", 606, 10_206),
    ]
    assert found[-1].payoff == 10_206


def test_nam_without_a_maturity_counts_its_payments_at_the_first_interest() -> None:
    """2,650 a quarter less 150 of interest is 2,500 of principal: four payments, the last at maturity."""
    found = flows(terms("NAM", **STEPS, nextPrincipalRedemptionPayment=2650))
    assert [flow[0] for flow in found if flow[1] in ("PR", "MD")] == ["26-04-01", "26-07-01", "26-10-01", "27-01-01"]
    never = refused(terms("NAM", **STEPS, nextPrincipalRedemptionPayment=150))
    assert never.where == "nextPrincipalRedemptionPayment"


def test_nam_pays_interest_by_its_own_cycle_before_redemption_begins() -> None:
    """Redemption from October on; until one cycle before it, interest falls due in April and July."""
    late = {**STEPS, "cycleAnchorDateOfPrincipalRedemption": "2026-10-01"}
    found = flows(terms("NAM", **late, nextPrincipalRedemptionPayment=5000, maturityDate="2027-01-01"))
    assert [flow for flow in found if flow[1] == "IP"] == [
        ("26-04-01", "IP", "150.00"),
        ("26-07-01", "IP", "150.00"),
        ("26-10-01", "IP", "150.00"),
        ("27-01-01", "IP", "77.25"),
    ]


def test_ann_fixes_equal_payments_that_leave_nothing(columns: Columns) -> None:
    """10,000 at 6 % in four quarters: 10,000 × 0.015 / (1 − 1.015⁻⁴) = 2,594.45 each."""
    found = actus.evaluate(terms("ANN", **STEPS, maturityDate="2027-01-01"))
    assert columns(found[:2], "day", "type") == [("01-01", "IED"), ("03-31", "PRF")]
    totals: dict[str, Decimal] = {}
    for event in found[1:]:
        totals[event.time.strftime("%m-%d")] = totals.get(event.time.strftime("%m-%d"), Decimal(0)) + event.payoff
    expected = 10_000 * Decimal("0.015") / (1 - Decimal("1.015") ** -4)
    assert [round(totals[day] - expected, 20) for day in ("04-01", "07-01", "10-01", "01-01")] == [0, 0, 0, 0]
    assert round(expected, 2) == Decimal("2594.45")


def test_ann_refixes_its_payment_when_the_rate_resets() -> None:
    """After two payments 5,074.43 is left; at 8 % in two quarters that is 5,074.43 × 0.02 / (1 − 1.02⁻²) each."""
    found = actus.evaluate(terms("ANN", **STEPS, **RESET, maturityDate="2027-01-01"), {"LPR": {"2026-07-01": "0.07"}})
    july = [event for event in found if event.time.strftime("%m-%d") == "07-01"]
    assert [str(event.type) for event in july] == ["PR", "IP", "RR", "PRF"]
    left = july[-1].notional
    payment = left * Decimal("0.02") / (1 - Decimal("1.02") ** -2)
    later = [event.payoff for event in found if event.time > july[0].time]
    assert [round(later[0] + later[1] - payment, 20), round(later[2] + later[3] - payment, 20)] == [0, 0]


def test_ann_with_an_amortisation_date_beyond_maturity_leaves_a_balloon() -> None:
    """Paid as if over eight quarters, ended after four: what is left then is the balloon."""
    found = actus.evaluate(terms("ANN", **STEPS, maturityDate="2027-01-01", amortizationDate="2028-01-01"))
    payment = 10_000 * Decimal("0.015") / (1 - Decimal("1.015") ** -8)
    left = 10_000 * Decimal("1.015") ** 3 - payment * (Decimal("1.015") ** 3 - 1) / Decimal("0.015")
    assert round(found[-1].payoff - left, 18) == 0
    assert found[-1].type == "MD"


@pytest.mark.parametrize("effect", ["A", "M"])
def test_ann_prepayment_lowers_the_payments_or_the_term(effect: str) -> None:
    raw = terms("ANN", **STEPS, maturityDate="2027-01-01", prepaymentEffect=effect)
    found = actus.evaluate(raw, events_observed=[{"time": "2026-04-01", "type": "PP", "value": 4000}])
    after = [e for e in found if e.time.strftime("%m-%d") in ("07-01", "10-01", "01-01") and e.type != "IED"]
    totals = [round(after[i].payoff + after[i + 1].payoff, 2) for i in (0, 2, 4)]
    if effect == "A":
        assert totals[0] == totals[1] == totals[2] < Decimal("2594.45")
    else:
        assert (totals[0], totals[2]) == (Decimal("2594.45"), Decimal(0))


def test_ann_needs_an_end_or_a_payment() -> None:
    assert refused(terms("ANN", **STEPS)).where == "maturityDate"
    assert refused(terms("LAM", **STEPS)).where == "maturityDate"


def test_lax_draws_and_repays_in_phases() -> None:
    """Draws 5,000 in April and July, repays 8,000 half-yearly from 2027 on: 20,000 is gone with the third, 4,000."""
    raw = terms(
        "LAX",
        arrayCycleAnchorDateOfPrincipalRedemption=["2026-04-01", "2027-01-01"],
        arrayCycleOfPrincipalRedemption=["P3ML1", "P6ML1"],
        arrayNextPrincipalRedemptionPayment=[5000, 8000],
        arrayIncreaseDecrease=["INC", "DEC"],
        arrayCycleAnchorDateOfInterestPayment="2027-01-01",
        arrayCycleOfInterestPayment="P6ML1",
        arrayCycleAnchorDateOfRateReset=["2026-07-01", "2027-01-01"],
        arrayRate=["0.08", "0.01"],
        arrayFixedVariable=["F", "V"],
        marketObjectCodeOfRateReset="LPR",
    )
    found = flows(raw, {"LPR": {"2027-01-01": "0.03"}})
    assert [flow for flow in found if flow[1] in ("PI", "PR", "MD")] == [
        ("26-04-01", "PI", "-5000.00"),
        ("26-07-01", "PI", "-5000.00"),
        ("26-10-01", "PI", "-5000.00"),
        ("27-01-01", "PR", "8000.00"),
        ("27-07-01", "PR", "8000.00"),
        ("28-01-01", "PR", "8000.00"),
        ("28-07-01", "MD", "1000.00"),
    ]
    # 10,000 and 15,000 a quarter at 6 %, 20,000 and 25,000 a quarter at 8 %: 150 + 225 + 400 + 500.
    assert [flow[2] for flow in found if flow[1] == "IP"] == ["1275.00", "340.00", "180.00", "20.00"]
    assert [flow[:2] for flow in found if flow[1] in ("RR", "RRF")] == [("26-07-01", "RRF"), ("27-01-01", "RR")]


def test_lax_lists_must_match_and_repay() -> None:
    raw = terms(
        "LAX",
        arrayCycleAnchorDateOfPrincipalRedemption=["2026-04-01", "2027-01-01"],
        arrayNextPrincipalRedemptionPayment=[5000, 1000],
        arrayIncreaseDecrease="DEC",
    )
    assert refused(raw).where == "maturityDate"
    assert flows({**raw, "maturityDate": "2027-07-01"})[-1] == ("27-07-01", "MD", "4000.00")
    wrong = refused({**raw, "arrayNextPrincipalRedemptionPayment": [1, 2, 3]})
    assert wrong.where == "arrayNextPrincipalRedemptionPayment"
    backwards = {**raw, "arrayCycleAnchorDateOfPrincipalRedemption": ["2027-01-01", "2026-04-01"]}
    assert refused(backwards).where == "arrayCycleAnchorDateOfPrincipalRedemption"


def _analysis(time: str) -> dict[str, str]:
    return {"time": time, "type": "AD"}
