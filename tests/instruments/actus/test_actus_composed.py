"""Swaps, caps, guarantees and collateral, worked by hand (ACTUS techspecs §7.12–7.14, 7.17–7.18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments import actus
from jirong.kernel.errors import Invalid

Columns = Callable[..., list[Any]]

Raw = dict[str, Any]

LOAN: Raw = {
    "contractType": "PAM",
    "contractID": "loan",
    "contractRole": "RPA",
    "currency": "CNY",
    "statusDate": "2025-12-31",
    "initialExchangeDate": "2026-01-01",
    "maturityDate": "2027-01-01",
    "notionalPrincipal": 10_000,
    "nominalInterestRate": "0.06",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2026-07-01",
    "cycleOfInterestPayment": "P6ML1",
}
SWAP: Raw = {
    **LOAN,
    "contractType": "SWPPV",
    "contractRole": "RFL",
    "nominalInterestRate2": "0.04",
    "cycleAnchorDateOfRateReset": "2026-04-01",
    "cycleOfRateReset": "P6ML1",
    "marketObjectCodeOfRateReset": "LPR",
}
RATES = {"LPR": {"2026-04-01": "0.05", "2026-10-01": "0.08"}}


def flows(
    raw: Raw, observed: Mapping[str, Any] | None = None, events: Sequence[Mapping[str, Any]] = (), to: str | None = None
) -> list[Any]:
    found = actus.evaluate(raw, observed, events, to)
    return [(event.time.strftime("%m-%d"), str(event.type), event.payoff) for event in found]


def part(terms: Raw, role: str) -> Raw:
    return {"object": terms, "referenceType": "CNT", "referenceRole": role}


def test_a_plain_swap_pays_both_legs_or_their_difference() -> None:
    """Fixed 300 a half year; floating a quarter at 4 % and one at 5 %, then one at 5 % and one at 8 %: 225, 325."""
    assert flows(SWAP, RATES) == [
        ("01-01", "IED", 0),
        ("04-01", "RR", 0),
        ("07-01", "IPFX", 300),
        ("07-01", "IPFL", -225),
        ("10-01", "RR", 0),
        ("01-01", "IPFX", 300),
        ("01-01", "IPFL", -325),
        ("01-01", "MD", 0),
    ]
    net = flows({**SWAP, "deliverySettlement": "S", "contractRole": "PFL"}, RATES)
    assert [flow for flow in net if flow[1] == "IP"] == [("07-01", "IP", -75), ("01-01", "IP", 25)]


def test_a_plain_swap_shows_the_fixed_leg_accrued_and_the_floating_rate(columns: Columns) -> None:
    found = actus.evaluate({**SWAP, "purchaseDate": "2026-05-01", "priceAtPurchaseDate": 12}, RATES)
    assert columns(found[:1], "type", "payoff", "accrued", "rate") == [("PRD", -12, 200, Decimal("0.05"))]
    closed = flows({**SWAP, "terminationDate": "2026-08-01", "priceAtTerminationDate": -40}, RATES)
    assert closed[-1] == ("08-01", "TD", -40)


def test_a_running_plain_swap_starts_with_what_both_legs_have_accrued(columns: Columns) -> None:
    """Reported on 2026-08-01 at a floating 5 %: a month of 6 % is 50; by the reset in October 125 of 5 % have run."""
    running = {**SWAP, "statusDate": "2026-08-01", "nominalInterestRate2": "0.05", "deliverySettlement": "S"}
    asked = [{"time": "2026-08-01", "type": "AD"}]
    found = actus.evaluate(running, RATES, asked)
    assert columns(found, "day", "type", "payoff", "accrued") == [
        ("08-01", "AD", 0, 50),
        ("10-01", "RR", 0, 150),
        ("01-01", "IP", -25, 0),
        ("01-01", "MD", 0, 0),
    ]
    given = actus.evaluate({**running, "accruedInterest": 20}, RATES, asked)
    assert given[0].accrued == 20
    on_the_day = actus.evaluate({**running, "statusDate": "2026-07-01"}, RATES)
    assert on_the_day[-2].payoff == -25


def swap(**changes: object) -> Raw:
    paid = {
        **LOAN,
        "contractID": "paid",
        "notionalPrincipal": 8000,
        "cycleAnchorDateOfInterestPayment": "2026-04-01",
        "cycleOfInterestPayment": "P3ML1",
    }
    return {
        "contractType": "SWAPS",
        "contractID": "swap",
        "contractRole": "RFL",
        "currency": "CNY",
        "statusDate": "2025-12-31",
        "contractStructure": [part(LOAN, "FIL"), part(paid, "SEL")],
        **changes,
    }


def test_a_swap_of_contracts_shows_both_legs() -> None:
    assert flows(swap()) == [
        ("01-01", "IED", -10_000),
        ("01-01", "IED", 8_000),
        ("04-01", "IP", -120),
        ("07-01", "IP", 300),
        ("07-01", "IP", -120),
        ("10-01", "IP", -120),
        ("01-01", "IP", 300),
        ("01-01", "IP", -120),
        ("01-01", "MD", 10_000),
        ("01-01", "MD", -8_000),
    ]


def test_a_net_swap_adds_what_falls_on_one_day(columns: Columns) -> None:
    found = actus.evaluate(swap(deliverySettlement="S", contractRole="PFL"))
    assert columns(found, "type", "payoff", "notional", "rate") == [
        ("IED", 2_000, -2_000, 0),
        ("IP", 120, 8_000, Decimal("0.06")),
        ("IP", -180, -2_000, 0),
        ("IP", 120, 8_000, Decimal("0.06")),
        ("IP", -180, -2_000, 0),
        ("MD", -2_000, 0, 0),
    ]


def test_a_swap_is_bought_and_ended_with_what_its_legs_have_accrued() -> None:
    """On 2026-05-01 the first leg has accrued four months (200), the second one month (40): 160."""
    bought = flows(swap(purchaseDate="2026-05-01", priceAtPurchaseDate=500))
    assert bought[:2] == [("05-01", "PRD", -340), ("07-01", "IP", 300)]
    ended = flows(swap(terminationDate="2026-05-01", priceAtTerminationDate=500))
    assert ended[-1] == ("05-01", "TD", 660)
    assert flows(swap(terminationDate="2025-12-31", priceAtTerminationDate=500)) == []


def test_a_swap_answers_analysis_dates_from_its_status_date_on(columns: Columns) -> None:
    asked = [{"time": day, "type": "AD"} for day in ("2025-12-30", "2025-12-31", "2026-05-01", "2026-07-01")]
    found = [event for event in actus.evaluate(swap(), None, asked) if event.type == "AD"]
    assert columns(found, "day", "accrued") == [("12-31", 0), ("05-01", 160), ("07-01", 0)]


def test_a_swap_needs_both_legs() -> None:
    with pytest.raises(Invalid) as refused:
        flows(swap(contractStructure=[part(LOAN, "FIL")]))
    assert "SEL" in (refused.value.remedy.en if refused.value.remedy else "")


def test_contracts_do_not_nest_without_end() -> None:
    nested = swap()
    for _ in range(10):
        nested = swap(contractStructure=[part(nested, "FIL"), part(LOAN, "SEL")])
    with pytest.raises(Invalid) as refused:
        flows(nested)
    assert refused.value.where == "contractStructure"


def cap(**changes: object) -> Raw:
    floating = {**SWAP, "contractType": "PAM"}
    return {
        "contractType": "CAPFL",
        "contractID": "cap",
        "contractRole": "BUY",
        "currency": "CNY",
        "statusDate": "2025-12-31",
        "contractStructure": [part(floating, "UDL")],
        **changes,
    }


def test_a_cap_pays_what_the_rate_is_above_and_a_floor_what_it_is_below() -> None:
    """Rates 6 % and 5 %, 5 % and 8 % by quarter. Cap 5.5 %: nothing from the rate before the first reset, then 62.50.
    Floor 5.5 %: 12.50 in the second and third quarter each.
    """
    assert flows(cap(lifeCap="0.055"), RATES) == [("07-01", "IP", 0), ("01-01", "IP", Decimal("62.5"))]
    assert flows(cap(lifeFloor="0.055", contractRole="SEL"), RATES) == [
        ("07-01", "IP", Decimal("-12.5")),
        ("01-01", "IP", Decimal("-12.5")),
    ]
    with pytest.raises(Invalid) as refused:
        flows(cap(), RATES)
    assert refused.value.where == "lifeCap"


def test_a_cap_is_bought_and_ended_with_what_has_accrued() -> None:
    """A month at 8 % against a cap of 5.5 % by 2026-11-01: 20.83."""
    ended = flows(cap(lifeCap="0.055", terminationDate="2026-11-01", priceAtTerminationDate=9), RATES)
    assert round(ended[-1][2], 2) == Decimal("29.83")


SHRINKING: Raw = {
    **LOAN,
    "contractType": "LAM",
    "contractID": "shrinking",
    "notionalPrincipal": 6_000,
    "cycleAnchorDateOfPrincipalRedemption": "2026-07-01",
    "cycleOfPrincipalRedemption": "P6ML1",
}
DEFAULTED = {"time": "2026-10-01", "type": "CE", "contractId": "loan", "states": {"contractPerformance": "DF"}}


def guarantee(**changes: object) -> Raw:
    return {
        "contractType": "CEG",
        "contractID": "guarantee",
        "contractRole": "OBL",
        "currency": "CNY",
        "statusDate": "2025-12-31",
        "contractStructure": [part(LOAN, "COVE"), part(SHRINKING, "COVE")],
        "guaranteedExposure": "NO",
        "creditEventTypeCovered": "DF",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "paid"),
    [
        ({}, 13_000),
        ({"guaranteedExposure": "NI"}, 13_195),
        ({"guaranteedExposure": "MV"}, 9_000),
        ({"coverageOfCreditEnhancement": "0.7"}, 9_100),
        ({"coverageOfCreditEnhancement": "1.5"}, 19_500),
        ({"notionalPrincipal": 20_000, "coverageOfCreditEnhancement": "0.5"}, 10_000),
        ({"contractRole": "GUA"}, -13_000),
        ({"creditEventTypeCovered": ["DQ", "DF"]}, 13_000),
    ],
)
def test_a_guarantee_pays_its_share_of_all_it_covers(changes: Raw, paid: int, columns: Columns) -> None:
    """In October 10,000 and 3,000 are owed, and a quarter at 6 %: 150 and 45. They trade at 8,000 and 1,000."""
    loans = [part({**LOAN, "marketObjectCode": "A"}, "COVE"), part({**SHRINKING, "marketObjectCode": "B"}, "COVE")]
    observed = {"A": {"2026-10-01": 8_000}, "B": {"2026-10-01": 1_000}}
    found = actus.evaluate(guarantee(contractStructure=loans, **changes), observed, [DEFAULTED])
    assert columns(found, "type", "payoff", "notional", "exercise_amount") == [
        ("XD", 0, paid, paid),
        ("STD", paid, 0, paid),
    ]
    assert [e.exercise_date for e in found] == [found[0].time] * 2


@pytest.mark.parametrize(
    "event",
    [
        {**DEFAULTED, "contractId": "another"},
        {**DEFAULTED, "states": {"contractPerformance": "DQ"}},
        {**DEFAULTED, "time": "2027-03-01"},
        {**DEFAULTED, "time": "2025-11-01"},
        {**DEFAULTED, "time": "2025-12-31"},
    ],
)
def test_only_a_covered_default_in_time_calls_a_guarantee(event: Raw) -> None:
    """Another debtor, another performance, after the cover ended, before the status date: it ends with the loans."""
    assert flows(guarantee(), None, [event]) == [("01-01", "MD", 0)]


def test_a_default_without_a_name_is_that_of_the_only_contract_covered() -> None:
    unnamed = {k: v for k, v in DEFAULTED.items() if k != "contractId"}
    assert flows(guarantee(contractStructure=[part(LOAN, "COVE")]), None, [unnamed])[-1] == ("10-01", "STD", 10_000)
    assert flows(guarantee(), None, [unnamed]) == [("01-01", "MD", 0)]


def test_a_guarantee_earns_its_fee_until_it_is_called() -> None:
    """1 % a year on 16,000 to July is 80, on 13,000 to October 32.50, which comes with the settlement."""
    fee = {
        "feeRate": "0.01",
        "feeBasis": "N",
        "cycleAnchorDateOfFee": "2026-01-01",
        "cycleOfFee": "P6ML1",
        "dayCountConvention": "30E360",
    }
    found = flows(guarantee(**fee, settlementPeriod="P3D"), None, [DEFAULTED])
    assert found == [
        ("01-01", "FP", 0),
        ("07-01", "FP", 80),
        ("10-01", "FP", Decimal("32.5")),
        ("10-01", "XD", 0),
        ("10-04", "STD", 13_000),
    ]
    agreed = flows(guarantee(**{**fee, "feeBasis": "A", "feeRate": 5}, contractRole="GUA"), None, [])
    assert [flow[2] for flow in agreed if flow[1] == "FP"] == [-5, -5, -5]


def test_a_guarantee_by_name_alone_needs_its_amount_and_its_end() -> None:
    named = [{"object": {"contractIdentifier": "loan"}, "referenceType": "CID", "referenceRole": "COVE"}]
    with pytest.raises(Invalid) as refused:
        flows(guarantee(contractStructure=named))
    assert refused.value.where == "maturityDate"
    with pytest.raises(Invalid) as refused:
        flows(guarantee(contractStructure=named, maturityDate="2027-01-01"), None, [DEFAULTED])
    assert refused.value.where == "notionalPrincipal"
    stated = guarantee(contractStructure=named, maturityDate="2027-01-01", notionalPrincipal=500)
    assert flows(stated, None, [DEFAULTED])[-1] == ("10-01", "STD", 500)


def test_a_guarantee_bought_later_and_ended_early() -> None:
    raw = guarantee(
        purchaseDate="2026-02-01", priceAtPurchaseDate=30, terminationDate="2026-03-01", priceAtTerminationDate=10
    )
    assert flows(raw) == [("02-01", "PRD", -30), ("03-01", "TD", 10)]


GOLD: Raw = {
    "contractType": "COM",
    "contractID": "gold",
    "contractRole": "RPA",
    "marketObjectCode": "GOLD",
    "quantity": 4,
}


@pytest.mark.parametrize(("price", "share", "paid"), [(5_000, "1", 13_000), (2_000, "1", 8_000), (2_000, "0.5", 6_500)])
def test_collateral_pays_the_claim_up_to_its_worth(price: int, share: str, paid: int, columns: Columns) -> None:
    """13,000 owed; four ounces at 5,000 cover it, at 2,000 they are worth 8,000, enough for half."""
    raw = guarantee(
        contractType="CEC",
        contractStructure=[part(LOAN, "COVE"), part(SHRINKING, "COVE"), part(GOLD, "COVI")],
        coverageOfCreditEnhancement=share,
    )
    found = actus.evaluate(raw, {"GOLD": {"2026-10-01": price}}, [DEFAULTED])
    claim = 13_000 * Decimal(share)
    assert columns(found, "type", "payoff", "notional", "exercise_amount") == [
        ("XD", 0, claim, paid),
        ("STD", paid, 0, paid),
    ]
    assert flows(raw) == [("01-01", "MD", 0)]


def test_collateral_shows_on_any_day_what_it_would_pay(columns: Columns) -> None:
    parts = [part(LOAN, "COVE"), part(GOLD, "COVI")]
    raw = guarantee(contractType="CEC", contractRole="GUA", contractStructure=parts)
    asked = [{"time": day, "type": "AD"} for day in ("2026-03-01", "2026-04-01")]
    found = actus.evaluate(raw, {"GOLD": {"2026-03-01": 5_000, "2026-04-01": 2_000}}, asked)
    assert columns(found, "day", "type", "notional") == [
        ("03-01", "AD", -10_000),
        ("04-01", "AD", -8_000),
        ("01-01", "MD", 0),
    ]


def test_cash_is_collateral_at_its_amount() -> None:
    cash = {"contractType": "CSH", "contractID": "cash", "contractRole": "RPA", "notionalPrincipal": 900}
    raw = guarantee(contractType="CEC", contractStructure=[part(LOAN, "COVE"), part(cash, "COVI")])
    assert flows(raw, None, [DEFAULTED])[-1] == ("10-01", "STD", 900)
    with pytest.raises(Invalid) as refused:
        flows(guarantee(contractType="CEC"), None, [DEFAULTED])
    assert refused.value.where == "contractStructure"
