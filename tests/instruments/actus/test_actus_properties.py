"""What holds of every loan and swap, whatever its terms: order, conservation, symmetry, bounds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jirong.instruments import actus
from jirong.instruments.actus import schedule

NEGLIGIBLE = Decimal("1e-24")
"""Of the notional: the last digits of fifty-digit results, seen through arithmetic of 28 digits."""

KINDS = st.sampled_from(["PAM", "LAM", "NAM", "ANN"])
CYCLES = st.sampled_from(["P1ML0", "P1ML1", "P3ML1", "P6ML0", "P2WL1", "P45DL1", "P1YL1"])
DAY_COUNTS = st.sampled_from(["A360", "A365", "AA", "30E360", "30E360ISDA", "28E336"])
SHIFTS = st.sampled_from(["NOS", "SCF", "SCMF", "CSF", "CSMF", "SCP", "SCMP", "CSP", "CSMP"])


@st.composite
def loans(draw: st.DrawFn) -> dict[str, Any]:
    """A loan of one to 40 periods; payments of a NAM cover its interest."""
    begin = draw(st.dates(date(2010, 1, 1), date(2040, 1, 1)))
    notional = draw(st.integers(1, 10**9))
    cycle = draw(CYCLES)
    raw: dict[str, Any] = {
        "contractType": draw(KINDS),
        "contractRole": "RPA",
        "currency": "CNY",
        "statusDate": begin - timedelta(days=1),
        "initialExchangeDate": begin,
        "maturityDate": begin + timedelta(days=draw(st.integers(1, 1500))),
        "notionalPrincipal": notional,
        "nominalInterestRate": draw(st.decimals("-0.02", "0.36", places=4)),
        "dayCountConvention": draw(DAY_COUNTS),
        "cycleOfInterestPayment": cycle,
        "cycleOfPrincipalRedemption": cycle,
        "businessDayConvention": draw(SHIFTS),
        "calendar": "MF",
        "endOfMonthConvention": draw(st.sampled_from(["SD", "EOM"])),
    }
    if raw["contractType"] == "NAM" or draw(st.booleans()):
        raw["nextPrincipalRedemptionPayment"] = notional / Decimal(draw(st.integers(1, 60)))
    return raw


@given(loans())
def test_events_are_in_order_after_the_status_date_and_bounded(raw: dict[str, Any]) -> None:
    found = actus.evaluate(raw)
    times = [event.time for event in found]
    assert times == sorted(times)
    assert times[0].date() > raw["statusDate"]
    assert len(found) <= 3 * schedule.TIMES_MAX
    assert [str(found[0].type), str(found[-1].type)] == ["IED", "MD"]


@given(loans())
def test_principal_comes_back_exactly(raw: dict[str, Any]) -> None:
    found = actus.evaluate(raw)
    back = sum((event.payoff for event in found if event.type in ("PR", "MD")), Decimal(0))
    assert abs(back - raw["notionalPrincipal"]) <= NEGLIGIBLE * raw["notionalPrincipal"]
    assert found[-1].notional == 0
    assert found[-1].accrued == 0


@given(loans())
def test_what_the_lender_receives_the_borrower_pays(raw: dict[str, Any]) -> None:
    lender = actus.evaluate(raw)
    borrower = actus.evaluate({**raw, "contractRole": "RPL"})
    assert [(e.time, e.type, e.rate) for e in lender] == [(e.time, e.type, e.rate) for e in borrower]
    for one, other in zip(lender, borrower, strict=True):
        assert one.payoff + other.payoff == one.notional + other.notional == one.accrued + other.accrued == 0


@given(loans(), st.integers(0, 1500))
def test_looking_at_a_contract_does_not_change_it(raw: dict[str, Any], after: int) -> None:
    """An analysis date in between splits the accrual; day counts add up, so the payments stay."""
    asked = [{"time": raw["initialExchangeDate"].isoformat(), "type": "AD"}]
    asked.append({"time": (raw["initialExchangeDate"] + timedelta(days=after)).isoformat(), "type": "AD"})
    if raw["dayCountConvention"] == "30E360ISDA" or raw["businessDayConvention"].startswith("CS"):
        return  # the month's last day counts as the 30th; calculate-shift looks back past a moved payment
    plain = actus.evaluate(raw)
    looked = [event for event in actus.evaluate(raw, None, asked) if event.type != "AD"]
    for one, other in zip(plain, looked, strict=True):
        assert (one.time, one.type) == (other.time, other.type)
        assert abs(one.payoff - other.payoff) <= NEGLIGIBLE * raw["notionalPrincipal"]


@given(loans(), st.integers(1, 2000))
def test_a_shorter_view_is_the_beginning_of_the_longer_one(raw: dict[str, Any], days: int) -> None:
    until = raw["initialExchangeDate"] + timedelta(days=days)
    whole = actus.evaluate(raw)
    seen = actus.evaluate(raw, to=until)
    assert seen == whole[: len(seen)]
    assert all(event.time.date() > until for event in whole[len(seen) :])


@given(loans())
def test_an_engine_fixed_annuity_pays_the_same_every_time(raw: dict[str, Any]) -> None:
    """PR and IP of one day, and maturity with its interest, are one payment each, and all are equal."""
    annuity = {**raw, "contractType": "ANN", "businessDayConvention": "NOS", "nextPrincipalRedemptionPayment": None}
    found = actus.evaluate(annuity)
    totals: dict[Any, Decimal] = {}
    for event in found:
        if event.type in ("PR", "IP", "MD"):
            totals[event.time] = totals.get(event.time, Decimal(0)) + event.payoff
    redeemed = [totals[event.time] for event in found if event.type in ("PR", "MD")]
    assert max(redeemed) - min(redeemed) <= NEGLIGIBLE * annuity["notionalPrincipal"]


@given(st.integers(1, 10**7), st.decimals("0", "0.2", places=4), st.decimals("0", "0.2", places=4), st.integers(1, 8))
def test_a_net_swap_pays_the_sum_of_its_legs(notional: int, fixed: Decimal, floating: Decimal, quarters: int) -> None:
    raw = {
        "contractType": "SWPPV",
        "contractRole": "RFL",
        "currency": "CNY",
        "statusDate": "2025-12-31",
        "initialExchangeDate": "2026-01-01",
        "maturityDate": date(2026 + quarters // 4, 1 + 3 * (quarters % 4), 1),
        "notionalPrincipal": notional,
        "nominalInterestRate": fixed,
        "nominalInterestRate2": floating,
        "dayCountConvention": "A360",
        "cycleOfInterestPayment": "P1ML1",
    }
    gross = actus.evaluate(raw)
    net = actus.evaluate({**raw, "deliverySettlement": "S"})
    legs: dict[Any, Decimal] = {}
    for event in gross:
        if event.type in ("IPFX", "IPFL"):
            legs[event.time] = legs.get(event.time, Decimal(0)) + event.payoff
    netted = {event.time: event.payoff for event in net if event.type == "IP"}
    assert legs.keys() == netted.keys()
    assert all(abs(legs[time] - netted[time]) <= NEGLIGIBLE * notional for time in legs)
