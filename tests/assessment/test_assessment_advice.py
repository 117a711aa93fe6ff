"""Whoever follows a piece of advice gets exactly what it promised: every method, over firms of every kind."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.assessment.methods import Effect, Result, Status, house_methods
from jirong.assessment.methods import parse as method_parse
from jirong.assessment.methods.bands import Bands
from jirong.assessment.methods.library import CATALOGUE
from jirong.assessment.methods.points import PointsTable
from jirong.assessment.methods.scorecard import Scorecard
from jirong.schemes.evaluate.facts import FeatureValue

ON = dt.date(2026, 6, 30)
FEN = Decimal("0.01")


def features(values: dict[str, Any]) -> dict[str, FeatureValue]:
    return {name: FeatureValue(value) for name, value in values.items() if value is not None}


def advice(result: Result) -> dict[str, Any]:
    return {reason.feature: reason for reason in result.of(Effect.CHANGE) if reason.feature}


def numbers(text: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def decimals(low: str, high: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


def of_bands(bands: Bands) -> st.SearchStrategy[Any]:
    """Any value: at a bound, just below one, between two, or of any group."""
    item = bands.input
    if item.kind == "flag":
        return st.booleans()
    if item.kind == "word":
        return st.sampled_from([member for band in bands.bands for member in band.members] + ["未列明"])
    lows = [band.low for band in bands.bands if band.low is not None]
    near = [low + step for low in lows for step in (Decimal(0), Decimal("-0.01"), Decimal("0.37"))]
    least, most = item.plausible or (min(near), max(near))
    return st.sampled_from([value for value in near if least <= value <= most])


BANDED = [method for method in house_methods() if isinstance(method, PointsTable | Scorecard)]


@pytest.mark.parametrize("method", BANDED, ids=lambda method: method.id)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_banded_score_rises_by_just_what_was_said(method: PointsTable | Scorecard, data: st.DataObject) -> None:
    parts = method.indicators if isinstance(method, PointsTable) else method.characteristics
    values = {bands.input.feature: data.draw(of_bands(bands), bands.input.feature) for bands in parts}
    if isinstance(method, PointsTable) and method.stages is not None and method.stages.feature not in values:
        values[method.stages.feature] = data.draw(decimals("0", "500000000"), "stage")
    before = method.assess(features(values), ON)
    assert before.status is Status.ASSESSED
    for bands in parts:
        reason = advice(before).get(bands.input.feature)
        if reason is None:
            continue
        told = [
            re.search(f"(达到|降到|为){re.escape(bands.says(band).zh)}，可加", reason.text.zh) for band in bands.bands
        ]
        to = next(band for band, found in zip(bands.bands, told, strict=True) if found)
        after = method.assess(features({**values, bands.input.feature: bands.within(to)}), ON)
        assert before.score is not None
        assert after.score == before.score + reason.points
        assert numbers(reason.text.en.rpartition("would add")[2])[0] == reason.points
        if "升至" in reason.text.zh:
            assert f"升至{after.level}级" in reason.text.zh
        else:
            assert after.level == before.level


def test_advice_goes_down_to_a_lower_band_and_up_to_a_higher() -> None:
    method = house_methods()["transaction-rating@1"]
    low = {"trade_tonnes_12m": 50, "trade_value_12m": 10_000, "member_farmers": 1, "overdue_12m": 3}
    said = {
        name: reason.text.zh
        for name, reason in advice(method.assess(features({n: Decimal(v) for n, v in low.items()}), ON)).items()
    }
    assert "降到" in said["overdue_12m"]
    assert "达到" in said["trade_tonnes_12m"]


CLIMATE = st.fixed_dictionaries({
    "wind_mean_3y_min": decimals("3", "12"), "wind_volatility": decimals("0", "1.5"),
    "sunshine_hours": decimals("0", "4000"), "wind_capacity_kw": decimals("0", "5000"),
    "solar_capacity_kw": decimals("0", "3000"), "power_price": decimals("0", "3", 4),
    "debt_service_12m": st.one_of(st.just(Decimal(0)), decimals("0.01", "5000000")),
})  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(values=CLIMATE)
def test_climate_capacity_grows_by_just_what_was_said(values: dict[str, Decimal]) -> None:
    method = house_methods()["climate-capacity@1"]
    now = method.assess(features(values), ON)
    if now.status is not Status.ASSESSED:
        return

    def with_(**changed: Decimal) -> Result:
        return method.assess(features({**values, **changed}), ON)

    def capacity(result: Result) -> Decimal:
        return result.figures["debt_service_capacity"]

    told = {name: reason.text.zh for name, reason in advice(now).items()}
    if "debt_service_12m" in told:
        gained = capacity(with_(debt_service_12m=Decimal(0))) - capacity(now)
        assert gained == (0 if "没有还款能力" in told["debt_service_12m"] else numbers(told["debt_service_12m"])[-1])
    price = values["power_price"]
    if "提高1分" in told.get("power_price", ""):
        assert capacity(with_(power_price=price + FEN)) - capacity(now) == numbers(told["power_price"])[-1] > 0
    elif "power_price" in told:
        least = numbers(told["power_price"])[-1]
        assert capacity(now) == 0 == capacity(with_(power_price=least - Decimal("0.0001")))
        assert capacity(with_(power_price=least)) > 0
    if "wind_mean_3y_min" in told:
        level = with_(wind_mean_3y_min=Decimal("6.5")).level
        assert (f"升至{level}级" if level != now.level else f"等级仍为{level}") in told["wind_mean_3y_min"]


def test_climate_advice_where_cash_is_negative() -> None:
    """Debts of 1,000,000 against 662,622.39 of cash: repaying them gives 4,417,482.61 of capacity, not their whole."""
    values = {
        "wind_mean_3y_min": "7", "wind_volatility": "0.2", "sunshine_hours": "2500", "wind_capacity_kw": "1000",
        "solar_capacity_kw": "0", "power_price": "0.3", "debt_service_12m": "1000000",
    }  # fmt: skip
    now = house_methods()["climate-capacity@1"].assess(features({n: Decimal(v) for n, v in values.items()}), ON)
    assert [reason.text.zh for reason in now.of(Effect.CHANGE)] == [
        "结清现有债务后还款能力可增加4,417,482.61元",
        "电价达到0.4528元/千瓦时才有还款能力",
    ]


@pytest.mark.parametrize("measure", ["throughput", "time_saved"])
@settings(max_examples=120, deadline=None)
@given(
    before=decimals("0.5", "300"),
    after=decimals("0.5", "300"),
    stated=st.one_of(st.none(), decimals("-0.9", "2", 5)),
    measured=st.booleans(),
)
def test_an_effect_reaches_the_level_that_was_said(
    measure: str, before: Decimal, after: Decimal, stated: Decimal | None, measured: bool
) -> None:
    text = (
        (CATALOGUE / "effect-scorecard@2.yaml")
        .read_text(encoding="utf-8")
        .replace("measure: throughput", f"measure: {measure}")
    )
    method = method_parse.read("x.yaml", text)
    values = {"effect_gain": stated, "lead_time_before": before, "lead_time_after": after if measured else None}
    now = method.assess(features(values), ON)
    for name, reason in advice(now).items():
        to = numbers(reason.text.zh)[0] if name == "lead_time_after" else (stated or Decimal(0)) + reason.points / 100
        then = method.assess(features({**values, name: to}), ON)
        assert now.score is not None
        assert then.score == now.score + reason.points
        assert f"升至{then.level}级" in reason.text.zh
        assert then.level != now.level


@settings(max_examples=120, deadline=None)
@given(
    appraised=decimals("1", "500000000"), spent=decimals("0", "100000000"), sales=decimals("0", "100000000"),
    left=st.integers(1, 20).map(Decimal), disputed=st.booleans(),
)  # fmt: skip
def test_patents_reach_the_level_that_was_said(
    appraised: Decimal, spent: Decimal, sales: Decimal, left: Decimal, disputed: bool
) -> None:
    values: dict[str, Any] = {
        "patent_value": appraised, "invention_patents": Decimal(5), "patent_dispute": disputed,
        "rd_spend_36m": spent, "high_tech_sales_12m": sales, "patent_remaining_years": left,
    }  # fmt: skip
    method = house_methods()["ip-value@1"]
    now = method.assess(features(values), ON)
    for name, reason in advice(now).items():
        to = False if name == "patent_dispute" else numbers(reason.text.zh)[0]
        then = method.assess(features({**values, name: to}), ON)
        assert f"为{then.level}" in reason.text.zh or f"升至{then.level}级" in reason.text.zh
    assert not disputed or set(advice(now)) == {"patent_dispute"}
