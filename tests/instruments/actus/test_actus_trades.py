"""Stocks, commodities, currency forwards, options and futures, worked by hand (techspecs §7.9–7.11, 7.15–7.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments import actus
from jirong.kernel.errors import Invalid

Columns = Callable[..., list[Any]]

Raw = dict[str, Any]

BASE: Raw = {"contractID": "x", "contractRole": "RPA", "currency": "CNY", "statusDate": "2026-01-01"}
UNDERLYING = [{"object": {"marketObjectCode": "COPPER"}, "referenceType": "MOC", "referenceRole": "UDL"}]
OPTION: Raw = {
    **BASE,
    "contractType": "OPTNS",
    "contractRole": "BUY",
    "contractStructure": UNDERLYING,
    "maturityDate": "2026-06-30",
    "optionType": "C",
    "optionStrike1": " 80",
}


def flows(
    raw: Raw, observed: Mapping[str, Any] | None = None, events: Sequence[Mapping[str, Any]] = (), to: str | None = None
) -> list[Any]:
    found = actus.evaluate(raw, observed, events, to)
    return [(event.time.strftime("%m-%d"), str(event.type), event.payoff) for event in found]


def test_a_share_pays_observed_dividends_from_its_purchase_on() -> None:
    share = {
        **BASE,
        "contractType": "STK",
        "purchaseDate": "2026-02-01",
        "priceAtPurchaseDate": 100,
        "terminationDate": "2026-12-01",
        "priceAtTerminationDate": 110,
        "cycleAnchorDateOfDividendPayment": "2026-01-15",
        "cycleOfDividendPayment": "P3ML1",
        "marketObjectCodeOfDividends": "DIV",
    }
    observed = {"DIV": {"2026-01-15": 1, "2026-04-15": 2, "2026-07-15": 3, "2026-10-15": "4.5"}}
    assert flows(share, observed, to="2027-12-31") == [
        ("02-01", "PRD", -100),
        ("04-15", "DV", 2),
        ("07-15", "DV", 3),
        ("10-15", "DV", Decimal("4.5")),
        ("12-01", "TD", 110),
    ]


def test_an_agreed_dividend_is_the_next_one_and_all_where_no_series_is_named() -> None:
    share = {**BASE, "contractType": "STK", "cycleAnchorDateOfDividend": "2026-03-01", "cycleOfDividend": "P1ML1"}
    agreed = {**share, "nextDividendPaymentAmount": 7}
    assert [payoff for _, _, payoff in flows(agreed, to="2026-05-01")] == [7, 7, 7]
    series = {"DIV": {"2026-04-01": 8, "2026-05-01": 9}}
    assert [p for _, _, p in flows({**agreed, "marketObjectCodeOfDividends": "DIV"}, series, to="2026-05-01")] == [
        7,
        8,
        9,
    ]
    with pytest.raises(Invalid) as refused:
        flows(share, to="2026-05-01")
    assert refused.value.details["code"] == "x-DV"


def test_a_commodity_costs_price_times_quantity() -> None:
    barrels = {
        **BASE,
        "contractType": "COM",
        "quantity": "3",
        "purchaseDate": "2026-02-01",
        "priceAtPurchaseDate": "70.5",
        "terminationDate": "2026-03-01",
        "priceAtTerminationDate": 80,
    }
    assert flows(barrels) == [("02-01", "PRD", Decimal("-211.5")), ("03-01", "TD", 240)]
    assert flows({**barrels, "contractRole": "RPL"}) == [("02-01", "PRD", Decimal("211.5")), ("03-01", "TD", -240)]


FORWARD: Raw = {
    **BASE,
    "contractType": "FXOUT",
    "maturityDate": "2026-06-27",
    "notionalPrincipal": 7200,
    "currency2": "USD",
    "notionalPrincipal2": 1000,
}


def test_a_delivered_forward_exchanges_both_currencies(columns: Columns) -> None:
    found = actus.evaluate({**FORWARD, "contractRole": "RPL"})
    assert columns(found, "type", "payoff", "currency") == [("MD", -7200, "CNY"), ("MD", 1000, "USD")]


def test_a_cash_settled_forward_pays_the_difference_on_a_business_day() -> None:
    """7,200 − 7.05 × 1,000 = 150 at maturity, a Saturday; one day later is Sunday, paid on Monday."""
    settled = {
        **FORWARD,
        "deliverySettlement": "S",
        "settlementPeriod": "P1DL0",
        "calendar": "MF",
        "businessDayConvention": "CSF",
    }
    assert flows(settled, {"USD/CNY": {"2026-06-27": "7.05"}}) == [("06-29", "STD", 150)]


@pytest.mark.parametrize(
    ("kind", "value", "worth"),
    [("C", 95, 15), ("C", 70, 0), ("P", 70, 10), ("P", 95, 0), ("CP", 95, 15), ("CP", 65, 10), ("CP", 77, 0)],
)
def test_an_option_is_worth_what_exercising_it_brings(kind: str, value: int, worth: int, columns: Columns) -> None:
    """Strike 80; the put of a pair has strike 75."""
    raw = {**OPTION, "optionType": kind, "optionStrike2": 75}
    found = actus.evaluate(raw, {"COPPER": {"2026-06-30": value}})
    assert columns(found, "type", "payoff", "exercise_amount") == [
        ("MD", 0, 0),
        ("XD", 0, worth),
        ("STD", worth, 0),
    ]
    assert [e.exercise_date is not None for e in found] == [worth > 0] * 3


def test_an_option_sold_costs_its_writer() -> None:
    raw = {**OPTION, "contractRole": "SEL", "purchaseDate": "2026-01-05", "priceAtPurchaseDate": 4}
    assert flows(raw, {"COPPER": {"2026-06-30": 95}}) == [
        ("01-05", "PRD", 4),
        ("06-30", "MD", 0),
        ("06-30", "XD", 0),
        ("06-30", "STD", -15),
    ]


def test_an_american_option_is_exercised_when_its_holder_does() -> None:
    raw = {**OPTION, "optionExerciseType": "A", "cycleAnchorDateOfOptionality": "2026-02-01", "settlementPeriod": "P2D"}
    exercised = [{"time": "2026-03-10", "type": "XD"}]
    observed = {"COPPER": {"2026-03-10": 100, "2026-06-30": 70}}
    assert flows(raw, observed, exercised) == [("03-10", "XD", 0), ("03-12", "STD", 20)]
    with pytest.raises(Invalid):
        flows(raw, observed, [{"time": "2026-01-10", "type": "XD"}])
    assert flows({**raw, "optionExerciseType": "E"}, observed, exercised)[0] == ("06-30", "MD", 0)


def test_a_bermudan_option_is_exercised_on_its_dates_only() -> None:
    raw = {
        **OPTION,
        "optionExerciseType": "B",
        "cycleAnchorDateOfOptionality": "2026-02-10",
        "cycleOfOptionality": "P1ML1",
        "optionExerciseEndDate": "2026-05-10",
    }
    observed = {"COPPER": {"2026-03-10": 100, "2026-03-11": 100, "2026-06-30": 90}}
    assert flows(raw, observed, [{"time": "2026-03-10", "type": "XD"}])[-1] == ("03-10", "STD", 20)
    with pytest.raises(Invalid):
        flows(raw, observed, [{"time": "2026-03-11", "type": "XD"}])
    assert flows(raw, observed, [{"time": "2026-05-20", "type": "XD"}])[-1] == ("06-30", "STD", 10)


def test_a_claim_exercised_before_the_status_date_is_only_settled() -> None:
    done = {
        **OPTION,
        "statusDate": "2026-06-30",
        "exerciseDate": "2026-06-30",
        "exerciseAmount": "12.5",
        "settlementPeriod": "P5D",
    }
    assert flows(done) == [("07-05", "STD", Decimal("12.5"))]
    del done["exerciseAmount"]
    with pytest.raises(Invalid) as refused:
        flows(done)
    assert refused.value.where == "exerciseAmount"


@pytest.mark.parametrize(("value", "amount"), [(90, 5), (80, -5), (85, 0)])
def test_a_future_binds_both_ways(value: int, amount: int, columns: Columns) -> None:
    raw = {**OPTION, "contractType": "FUTUR", "futuresPrice": 85}
    found = actus.evaluate(raw, {"COPPER": {"2026-06-30": value}})
    assert columns(found, "type", "payoff", "exercise_amount") == [
        ("MD", 0, 0),
        ("XD", 0, amount),
        ("STD", amount, 0),
    ]
    assert [e.exercise_date is not None for e in found] == [amount > 0, amount != 0, amount != 0]


def test_an_underlying_has_to_be_named() -> None:
    for structure in ([], [{"object": "US91", "referenceType": "CID", "referenceRole": "UDL"}]):
        with pytest.raises(Invalid) as refused:
            flows({**OPTION, "contractStructure": structure}, {"COPPER": {"2026-06-30": 1}})
        assert refused.value.where == "contractStructure"
    whole = [
        {
            "object": {"contractType": "COM", "marketObjectCode": "COPPER"},
            "referenceType": "CNT",
            "referenceRole": "UDL",
        }
    ]
    assert flows({**OPTION, "contractStructure": whole}, {"COPPER": {"2026-06-30": 81}})[-1] == ("06-30", "STD", 1)
