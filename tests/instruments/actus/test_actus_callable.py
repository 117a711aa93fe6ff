"""Call money, undefined maturities and cash, worked by hand (ACTUS techspecs §7.6–7.8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from jirong.instruments import actus
from jirong.kernel.errors import Invalid

Columns = Callable[..., list[Any]]

CALL: dict[str, Any] = {
    "contractType": "CLM",
    "contractID": "call",
    "contractRole": "RPA",
    "currency": "CNY",
    "statusDate": "2026-01-01",
    "initialExchangeDate": "2026-01-02",
    "notionalPrincipal": "36000",
    "nominalInterestRate": "0.05",
    "dayCountConvention": "A360",
}


def flows(raw: Mapping[str, Any], events: Sequence[Mapping[str, Any]] = (), to: str | None = None) -> list[Any]:
    found = actus.evaluate(raw, None, events, to)
    return [(event.time.strftime("%m-%d"), str(event.type), event.payoff, event.notional) for event in found]


def test_call_money_with_a_maturity_pays_interest_with_the_principal() -> None:
    """36,000 at 5 % is 5 a day: 30 days."""
    assert flows({**CALL, "maturityDate": "2026-02-01"}) == [
        ("01-02", "IED", -36_000, 36_000),
        ("02-01", "IP", 150, 36_000),
        ("02-01", "MD", 36_000, 0),
    ]


def test_call_money_capitalises_by_its_cycle() -> None:
    """After ten days 50 joins the principal; ten days on 36,050 are 50.07 (36,050 × 5 % / 36)."""
    found = flows(
        {**CALL, "cycleOfInterestPayment": "P10DL1", "maturityDate": "2026-01-22"},
    )
    assert [(row[0], row[1], round(row[2], 2)) for row in found[1:]] == [
        ("01-12", "IPCI", 0),
        ("01-22", "IP", Decimal("50.07")),
        ("01-22", "MD", 36_050),
    ]


def test_a_call_fixes_the_interest_and_settles_after_the_notice(columns: Columns) -> None:
    """Called on 01-20 after 18 days: 90 of interest, no more during the notice of 10 days."""
    called = [{"time": "2026-01-20", "type": "XD", "value": 0}]
    found = actus.evaluate({**CALL, "xDayNotice": "P10D"}, None, called, "2026-06-01")
    assert columns(found[1:], "day", "type", "payoff", "accrued") == [
        ("01-20", "XD", 0, 0),
        ("01-30", "IP", 90, 0),
        ("01-30", "STD", 36_000, 0),
    ]


def test_a_call_without_notice_settles_the_same_day(columns: Columns) -> None:
    called = [{"time": "2026-01-20", "type": "XD"}]
    found = actus.evaluate({**CALL, "contractRole": "RPL", "xDayNotice": "P0D"}, None, called, "2026-06-01")
    assert columns(found[1:], "day", "type", "payoff", "accrued") == [
        ("01-20", "XD", 0, -90),
        ("01-20", "IP", -90, 0),
        ("01-20", "STD", -36_000, 0),
    ]


def test_call_money_that_is_not_called_goes_on_to_the_end_of_the_view() -> None:
    uncalled = {**CALL, "cycleOfInterestPayment": "P1ML1"}
    assert [row[:2] for row in flows(uncalled, to="2026-04-02")] == [
        ("01-02", "IED"),
        ("02-02", "IPCI"),
        ("03-02", "IPCI"),
    ]
    with pytest.raises(Invalid) as refused:
        actus.evaluate(uncalled)
    assert refused.value.where == "to"


def test_an_account_grows_and_shrinks_with_its_customer() -> None:
    """36,000 for 30 days, 72,000 for 30 days at 5 % / 360 earn 150 + 300; the rest of the year nothing is left."""
    account = {**CALL, "contractType": "UMP", "contractRole": "RPL"}
    moves = [
        {"time": "2026-02-01", "type": "PI", "value": "36000"},
        {"time": "2026-03-03", "type": "PR", "value": "72000"},
    ]
    yearly = {**account, "cycleOfInterestPayment": "P1YL1", "cycleAnchorDateOfInterestPayment": "2026-12-31"}
    assert flows(yearly, moves, "2027-06-01") == [
        ("01-02", "IED", 36_000, -36_000),
        ("02-01", "PI", 36_000, -72_000),
        ("03-03", "PR", -72_000, 0),
        ("12-31", "IPCI", 0, -450),
    ]


def test_an_account_is_closed_at_a_price() -> None:
    """Sold after 30 days at 36,000: 150 of interest on top."""
    sold = {**CALL, "contractType": "UMP", "terminationDate": "2026-02-01", "priceAtTerminationDate": 36_000}
    assert flows(sold, to="2027-01-01") == [("01-02", "IED", -36_000, 36_000), ("02-01", "TD", 36_150, 0)]


def test_an_account_cannot_pay_out_more_than_it_holds() -> None:
    with pytest.raises(Invalid) as refused:
        actus.evaluate(
            {**CALL, "contractType": "UMP"}, None, [{"time": "2026-02-01", "type": "PR", "value": 36_001}], "2027-01-01"
        )
    assert refused.value.where == "eventsObserved.value"
    assert refused.value.details["value"] == "36001"


def test_cash_answers_analysis_dates_only() -> None:
    cash = {k: CALL[k] for k in ("contractID", "contractRole", "currency", "statusDate", "notionalPrincipal")}
    asked: list[dict[str, Any]] = [
        {"time": "2026-03-01T00:00", "type": "AD", "value": 0},
        {"time": "2026-01-01", "type": "AD"},
    ]
    assert flows({**cash, "contractType": "CSH"}, asked) == [
        ("01-01", "AD", 0, 36_000),
        ("03-01", "AD", 0, 36_000),
    ]
