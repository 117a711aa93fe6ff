"""How terms are read, and which are refused: by name, with the value and what would be valid."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments import actus
from jirong.instruments.actus import dictionary, terms
from jirong.kernel.errors import Invalid

BOND: dict[str, Any] = {
    "contractType": "PAM",
    "contractRole": "RPA",
    "statusDate": "2025-12-31",
    "initialExchangeDate": "2026-01-01",
    "maturityDate": "2027-01-01",
    "notionalPrincipal": "10000",
    "nominalInterestRate": "0.06",
    "dayCountConvention": "A365",
    "currency": "CNY",
}


def refused(**changes: object) -> Invalid:
    raw = {k: v for k, v in {**BOND, **changes}.items() if v != "absent"}
    with pytest.raises(Invalid) as caught:
        actus.evaluate(raw)
    refusal = caught.value
    assert refusal.reason.zh
    assert refusal.remedy is not None
    assert refusal.remedy.zh
    assert refusal.where
    return refusal


def test_values_are_read_as_people_write_them() -> None:
    read = terms.parse(
        {
            **BOND,
            " notionalprincipal ": " 3000 ",
            "notionalPrincipal": None,
            "nominalInterestRate": 0.05,
            "maturityDate": "2027-01-01T00:00",
            "businessDayConvention": "null",
            "calendar": " NoCalendar ",
            "dayCountConvention": "30E/360",
            "scalingEffect": "ioo",
            "accruedInterest": "",
            "fixingDays": "P2D",
            "nonsense": object(),
        }
    )
    assert read.need_number("notionalPrincipal") == 3000
    assert read.need_number("nominalInterestRate") == Decimal("0.05")
    assert read.date("maturityDate") == datetime(2027, 1, 1)  # noqa: DTZ001 -- ACTUS times have no zone
    assert read.choice("businessDayConvention") == "NOS"
    assert (read.choice("dayCountConvention"), read.choice("scalingEffect")) == ("30E360", "I00")
    assert not read.has("accruedInterest")


def test_a_single_value_stands_for_a_list_of_one() -> None:
    base = {**BOND, "contractType": "LAX", "arrayIncreaseDecrease": "dec", "arrayNextPrincipalRedemptionPayment": 20}
    one = terms.parse({**base, "arrayCycleAnchorDateOfPrincipalRedemption": "2026-02-01"})
    many = terms.parse({**base, "arrayCycleAnchorDateOfPrincipalRedemption": ["2026-02-01"]})
    assert one == many
    assert one.list("arrayNextPrincipalRedemptionPayment") == (20,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notionalPrincipal", "5,000"),
        ("notionalPrincipal", "NaN"),
        ("notionalPrincipal", "Infinity"),
        ("notionalPrincipal", True),
        ("notionalPrincipal", "1e99"),
        ("nominalInterestRate", "5%"),
        ("maturityDate", "2026-02-30"),
        ("maturityDate", "next year"),
        ("cycleOfInterestPayment", "monthly"),
        ("dayCountConvention", "ACT/ACT/ACT"),
        ("contractRole", "LENDER"),
        ("contractType", "BOND"),
        ("businessDayConvention", "FOLLOWING"),
        ("calendar", "MARS"),
        ("currency", ["CNY"]),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, value: object) -> None:
    refusal = refused(**{name: value})
    assert (refusal.code, refusal.where) == ("actus.term_unreadable", name)
    assert refusal.details["value"] == str(value)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"notionalPrincipal": "-10000"}, "notionalPrincipal"),
        ({"maturityDate": "2025-12-31"}, "maturityDate"),
        ({"cycleOfInterestPayment": "P0D"}, "cycleOfInterestPayment"),
        ({"capitalizationEndDate": "2027-02-01"}, "maturityDate"),
        ({"purchaseDate": "2027-02-01", "priceAtPurchaseDate": 1}, "maturityDate"),
        ({"cyclePointOfInterestPayment": "B"}, "cyclePointOfInterestPayment"),
        ({"cyclePointOfRateReset": "E"}, "cyclePointOfRateReset"),
        ({"cycleOfInterestPayment": "P1DL1", "maturityDate": "2226-01-01"}, "cycleOfInterestPayment"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], where: str) -> None:
    refusal = refused(**changes)
    assert (refusal.code, refusal.where) == ("actus.term_impossible", where)
    assert refusal.details["term"] == where


@pytest.mark.parametrize("name", ["contractType", "statusDate", "contractRole", "maturityDate", "notionalPrincipal"])
def test_what_a_contract_cannot_do_without_is_asked_for(name: str) -> None:
    refusal = refused(**{name: "absent"})
    assert (refusal.code, refusal.where) == ("actus.term_missing", name)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"dayCountConvention": "absent"}, "dayCountConvention"),
        ({"purchaseDate": "2026-02-01"}, "priceAtPurchaseDate"),
        ({"cycleAnchorDateOfRateReset": "2026-07-01"}, "marketObjectCodeOfRateReset"),
        ({"feeRate": 1, "cycleAnchorDateOfFee": "2026-03-01"}, "feeBasis"),
        (
            {"scalingEffect": "I00", "cycleAnchorDateOfScalingIndex": "2026-03-01"},
            "marketObjectCodeOfScalingIndex",
        ),
    ],
)
def test_a_feature_needs_its_own_terms(changes: dict[str, object], where: str) -> None:
    assert refused(**changes).where == where


def test_every_contract_type_has_its_terms() -> None:
    assert set(dictionary.APPLICABLE) == set(dictionary.REQUIRED) == set(dictionary.CONTRACT_TYPES)
    for kind, needed in dictionary.REQUIRED.items():
        assert set(needed) <= dictionary.APPLICABLE[kind] <= set(dictionary.KINDS)


@pytest.mark.parametrize("kind", dictionary.CONTRACT_TYPES)
def test_every_contract_type_refuses_to_start_with_nothing(kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        actus.evaluate({"contractType": kind})
    assert caught.value.code == "actus.term_missing"


def test_names_nobody_knows_can_be_pointed_out() -> None:
    assert actus.unknown_names({**BOND, "maturtyDate": "2027-01-01", "fixingDays": "P0D"}) == [
        "fixingDays",
        "maturtyDate",
    ]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"LPR": "0.03"}, "dataObserved.LPR"),
        ({"LPR": [{"timestamp": "2026-01-01", "value": "three"}]}, "dataObserved.LPR"),
        ({"LPR": {"someday": "0.03"}}, "dataObserved.LPR"),
        ({"LPR": {"2026-01-01": None}}, "dataObserved.LPR"),
    ],
)
def test_observations_that_cannot_be_read_are_refused(data: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as caught:
        actus.evaluate(BOND, data)
    assert caught.value.where == where


def test_a_value_observed_at_midnight_is_found_however_midnight_is_written() -> None:
    series = actus.Observations.parse({"X": {"data": [{"timestamp": "2026-12-31T23:59:59", "value": "7"}]}})
    assert series.value("X", datetime(2027, 1, 1)) == 7  # noqa: DTZ001
    with pytest.raises(Invalid):
        series.value("X", datetime(2026, 12, 31))  # noqa: DTZ001


@pytest.mark.parametrize("event", [{"time": "2026-01-01"}, {"type": "AD"}, {"time": "soon", "type": "AD"}, "AD"])
def test_observed_events_that_cannot_be_read_are_refused(event: Any) -> None:
    with pytest.raises(Invalid) as caught:
        actus.evaluate(BOND, None, [event])
    assert str(caught.value.where).startswith("eventsObserved")


def test_a_calendar_can_be_brought_along() -> None:
    class NoMondays:
        def is_business_day(self, day: Any) -> bool:
            return bool(day.weekday() != 0)

    raw = {
        **BOND,
        "cycleAnchorDateOfInterestPayment": "2026-06-01",
        "cycleOfInterestPayment": "P1YL1",
        "businessDayConvention": "CSF",
        "calendar": "No Mondays",
    }
    found = actus.evaluate(raw, calendars={"NOMONDAYS": NoMondays()})
    assert [event.time.day for event in found if event.type == "IP"] == [2, 1]
