"""The house's methods, judged in stories: what they answer, what they say, and that they never decide on silence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import yaml

from jirong.assessment.methods import Effect, Method, Result, Status, house_methods, registry_methods
from jirong.assessment.methods import parse as method_parse
from jirong.assessment.methods.base import ASK
from jirong.assessment.methods.climate import full_load_hours
from jirong.assessment.methods.library import CATALOGUE, Library
from jirong.assessment.methods.values import inputs_as_dict, inputs_from_dict
from jirong.kernel.errors import Invalid, NotFound
from jirong.schemes.evaluate.facts import MISSING, FeatureValue, Known

ON = dt.date(2026, 3, 2)
SCHEMES = CATALOGUE.parent / "schemes"


def known(**values: object) -> dict[str, FeatureValue]:
    """Features by name: numbers as strings become decimals, the rest stays."""

    def read(value: Any) -> FeatureValue:
        if isinstance(value, FeatureValue):
            return value
        if isinstance(value, bool):
            return FeatureValue(value)
        return FeatureValue(Decimal(str(value)) if str(value).lstrip("-")[:1].isdigit() else value)

    return {name: read(value) for name, value in values.items()}


GOOD: dict[str, dict[str, FeatureValue]] = {
    "innovation-points@1": known(
        revenue_12m=15_000_000, rd_intensity="0.45", rd_spend_12m=6_800_000, rd_staff_share="0.6", invention_patents=8,
        pct_patent_share="0.4", master_staff_share="0.45", tech_contract_12m=0, high_tech_share="0.85",
        revenue_growth="0.6", net_margin="-0.1", venture_36m=60_000_000, registered_months=40,
    ),
    "transaction-rating@1": known(
        trade_tonnes_12m=5000, trade_value_12m=8_000_000, member_farmers=120, overdue_12m=0
    ),
    "behaviour-score@1": known(
        shop_months=30, shop_stability=78, review_score="4.7", delivery_on_time="0.97", flows_12m=480_000, overdue_12m=0
    ),
    "tax-score@1": known(
        registered_months=40, tax_grade="B", tax_sales_12m=6_000_000, tax_overdue=False, court_defaulter=False
    ),
    "effect-scorecard@2": known(lead_time_before=25, lead_time_after=18),
    "climate-capacity@1": known(
        wind_mean_3y_min="6.5", wind_volatility="0.3", sunshine_hours=2900, wind_capacity_kw=3000, solar_capacity_kw=0,
        power_price="0.25", debt_service_12m=0,
    ),
    "ip-value@1": known(
        patent_value=30_000_000, invention_patents=5, patent_dispute=False, rd_spend_36m=50_000_000,
        high_tech_sales_12m=90_000_000, patent_remaining_years=12,
    ),
}  # fmt: skip


def assess(method: str, **changed: object) -> Result:
    return house_methods()[method].assess({**GOOD[method], **known(**changed)}, ON)


def said(result: Result, effect: Effect) -> list[str]:
    return [reason.text.zh for reason in result.of(effect)]


def test_every_method_a_scheme_pins_exists_with_the_levels_it_offers() -> None:
    methods = registry_methods()
    for path in SCHEMES.glob("*.yaml"):
        wanted = yaml.safe_load(path.read_text(encoding="utf-8")).get("assess")
        if wanted:
            assert wanted["method"] in methods, path.name
            offered = {*wanted.get("levels", wanted.get("score_at_least", ())), *wanted.get("refer", ())}
            assert offered <= set(methods[wanted["method"]].levels), path.name


@pytest.mark.parametrize(
    ("method", "score", "level"),
    [
        ("innovation-points@1", "89.80", "A"),
        ("transaction-rating@1", "90.00", "A"),
        ("behaviour-score@1", "148.00", "A"),
        ("tax-score@1", "126.00", "B"),
        ("effect-scorecard@2", "38.89", "A"),
        ("climate-capacity@1", "2722.62", "A"),
        ("ip-value@1", "97.13", "A"),
    ],
)
def test_a_sound_firm_is_scored(method: str, score: str, level: str) -> None:
    result = assess(method)
    assert (result.status, result.score, result.level, result.pd) == (Status.ASSESSED, Decimal(score), level, None)


def test_heart_failure_therapy_firm_reaches_the_level_of_ten_million() -> None:
    """EXAMPLES: 12 indicators → points → level → 10,000,000, unsecured; worked by hand for the start-up weights.

    12+4.8+12+8+10+12+1.8+6+6+0.4+12+4.8 = 89.8.
    """
    result = assess("innovation-points@1")
    earned = ["12", "4.8", "12", "8", "10", "12", "1.8", "6", "6", "0.4", "12", "4.8"]
    assert result.score == sum((Decimal(part) for part in earned), Decimal(0))
    assert len(result.of(Effect.HELPED, Effect.HURT)) == 12


def test_points_are_weighted_by_the_stage_of_the_firm() -> None:
    """The same indicators score otherwise in another stage, and the result says which weights it took."""
    scores = {
        stage: assess("innovation-points@1", revenue_12m=revenue)
        for stage, revenue in {"初创期": 19_999_999, "成长期": 20_000_000, "稳定期": 400_000_000}.items()
    }
    assert len({result.score for result in scores.values()}) == 3
    for stage, result in scores.items():
        assert said(result, Effect.NOTED) == [f"按{stage}企业的权重计分"]


def test_wind_of_six_and_a_half_three_years_running_carries_the_loan() -> None:
    """At 6.5 m/s the capacity of a 3 MW site bears 80 % ≥ 5,530,000; at 6.4 the level is barred whatever the output."""
    enough = assess("climate-capacity@1")
    assert enough.figures["debt_service_capacity"] * Decimal("0.8") >= 5_530_000
    barred = assess("climate-capacity@1", wind_mean_3y_min="6.4")
    assert (barred.level, barred.status) == ("C", Status.ASSESSED)
    assert "连续3年每年平均风速都达到6.5米/秒后可升至A级" in said(barred, Effect.CHANGE)


def test_climate_output_follows_the_sky() -> None:
    """More wind and more panels in the sun yield more; more volatility and more debt less."""

    def capacity(**changed: object) -> Decimal:
        return assess("climate-capacity@1", **changed).figures["debt_service_capacity"]

    base = capacity()
    assert capacity(wind_mean_3y_min="7.5") > base > capacity(wind_volatility="0.5")
    assert capacity(solar_capacity_kw=1000) > base > capacity(debt_service_12m=500_000)
    assert capacity(sunshine_hours=1000) == base
    assert capacity(debt_service_12m=90_000_000) == 0


def test_full_load_hours_of_a_flat_curve_are_the_hours_within_it() -> None:
    """At rated power from 3 to 24 m/s, a Rayleigh wind of mean 6.5 blows exp(−π/4·(2.5/6.5)²) − exp(−π/4·(24.5/6.5)²)
    of the year: 0.890307 − 0.000014.
    """
    flat = tuple((Decimal(speed), Decimal(1)) for speed in range(3, 25))
    assert abs(full_load_hours(Decimal("6.5"), flat) / 8760 - Decimal("0.890293")) < Decimal("0.00001")
    assert full_load_hours(Decimal(0), flat) == 0


def test_effect_states_both_measures() -> None:
    """25 → 18 days: 38.9 % by throughput, 28 % by time saved; the document says which counts."""
    result = assess("effect-scorecard@2")
    assert "38.89%" in said(result, Effect.HELPED)[0]
    assert "28%" in said(result, Effect.NOTED)[0]
    other = method_parse.read("x.yaml", _text("effect-scorecard@2").replace("throughput", "time_saved"))
    saved = other.assess(GOOD["effect-scorecard@2"], ON)
    assert (saved.score, saved.level) == (Decimal("28.00"), "B")
    assert said(saved, Effect.CHANGE) == ["周期缩短到17.5天可升至A级"]


def test_effect_takes_a_report_where_nothing_was_measured() -> None:
    method = house_methods()["effect-scorecard@2"]
    assert method.assess(known(effect_gain="0.22"), ON).level == "B"
    assert method.assess({}, ON).status is Status.INCOMPLETE
    both = assess("effect-scorecard@2", effect_gain="0.5")
    assert both.level == "A"
    assert "以实测为准" in said(both, Effect.NOTED)[1]


def test_patents_are_valued_three_ways_side_by_side() -> None:
    """With a market price all three are computed and the reference is their median."""
    three = assess("ip-value@1", patent_market_price=2_000_000)
    assert three.figures["patent_value_market"] == 10_000_000
    assert three.figures["patent_value_reference"] == three.figures["patent_value_income"]
    assert three.score == Decimal("97.13")
    one = assess("ip-value@1", rd_spend_36m=MISSING)
    assert (one.status, one.level) == (Status.INCOMPLETE, None)
    assert said(one, Effect.LACKING)[0] == "至少要有2种方法可以估值"
    disputed = assess("ip-value@1", patent_dispute=True)
    assert (disputed.score, disputed.level) == (Decimal("97.13"), "C")


def test_cost_and_income_approach_by_hand() -> None:
    """Cost 30,000,000 × 1.1^1.5 × 12/13.5; income 7,200,000 × Σ_{1..10} (0.95/1.15)^t."""
    figures = assess("ip-value@1").figures
    step = 0.95 / 1.15
    assert float(figures["patent_value_cost"]) == pytest.approx(30e6 * 1.1**1.5 * 12 / 13.5, abs=0.01)
    assert float(figures["patent_value_income"]) == pytest.approx(7.2e6 * sum(step**t for t in range(1, 11)), abs=0.01)


@pytest.mark.parametrize("known_as", [Known.MISSING, Known.WITHHELD, Known.CONTRADICTORY])
@pytest.mark.parametrize("method", GOOD)
def test_nothing_is_decided_on_silence(method: str, known_as: Known) -> None:
    """Each silent input leaves the result incomplete and named, unless the document answers plain absence."""
    found = house_methods()[method]
    for item in found.head.inputs:
        result = found.assess({**GOOD[method], item.feature: FeatureValue(None, known=known_as)}, ON)
        if known_as is Known.MISSING and item.missing != ASK:
            if not isinstance(item.missing, str):
                assert any(reason.feature == item.feature for reason in result.of(Effect.STOOD_IN))
            continue
        assert (result.status, result.score, result.level) == (Status.INCOMPLETE, None, None)
        assert [reason.feature for reason in result.of(Effect.LACKING)] == [item.feature]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (FeatureValue(Decimal(-1)), "超出合理范围"),
        (FeatureValue(Decimal("1e30")), "超出合理范围"),
        (FeatureValue("five"), "类型不对"),
        (FeatureValue(True), "类型不对"),
        (FeatureValue(Decimal("NaN")), "类型不对"),
        (FeatureValue(Decimal(5), fresh_on=dt.date(2026, 3, 3)), "晚于评估日"),
    ],
)
def test_extreme_and_impossible_values_are_answered(value: FeatureValue, why: str) -> None:
    result = assess("transaction-rating@1", member_farmers=value)
    assert result.status is Status.INCOMPLETE
    assert why in said(result, Effect.LACKING)[0]


def test_what_would_change_it_names_the_step_that_lifts_the_level() -> None:
    """126 is four short of A: two steps lift it alone, one does not."""
    result = assess("tax-score@1")
    assert said(result, Effect.CHANGE) == [
        "距A级还差4分",
        "纳税信用等级达到A，可加10分，仅此一项即可升至A级",
        "注册经营时间达到60个月及以上，可加8分，仅此一项即可升至A级",
        "近12个月申报销售额达到20,000,000元及以上，可加6分，仅此一项即可升至A级",
    ]


def test_every_advised_change_is_worth_what_it_says() -> None:
    """Follow each piece of advice on its own: the score rises by just that much."""
    method = house_methods()["tax-score@1"]
    better = {"tax_grade": "A", "registered_months": 60, "tax_sales_12m": 20_000_000}
    base = assess("tax-score@1")
    advised = {reason.feature: reason.points for reason in base.of(Effect.CHANGE) if reason.feature}
    assert set(advised) == set(better)
    for name, value in better.items():
        after = method.assess({**GOOD["tax-score@1"], **known(**{name: value})}, ON)
        assert after.score == (base.score or 0) + (advised[name] or 0)


def test_reason_points_of_a_scorecard_sum_to_the_score() -> None:
    result = assess("behaviour-score@1")
    neutral = 20 + 24 + 16 + 18 + 22 + 20
    moved = sum(reason.points or 0 for reason in result.of(Effect.HELPED, Effect.HURT, Effect.NOTED))
    assert result.score == neutral + moved


def test_the_hash_is_of_what_was_read() -> None:
    base = assess("tax-score@1")
    assert base.inputs_hash == assess("tax-score@1", unrelated=5).inputs_hash
    assert base.inputs_hash == assess("tax-score@1", registered_months=FeatureValue(Decimal("40.00"))).inputs_hash
    assert base.inputs_hash != assess("tax-score@1", registered_months=41).inputs_hash
    assert inputs_from_dict(inputs_as_dict(base.inputs)) == base.inputs


def test_an_unverified_table_says_so() -> None:
    assert not assess("innovation-points@1").verified
    assert assess("effect-scorecard@2").verified


def test_a_method_is_not_used_before_it_is_in_force() -> None:
    with pytest.raises(Invalid, match=r"method\.not_in_force"):
        house_methods()["tax-score@1"].assess(GOOD["tax-score@1"], dt.date(2025, 12, 31))


def test_levels_change_by_a_new_dated_row() -> None:
    later = """  - from: 2027-01-01
    at_least: {A: 120, B: 100, C: 80}
    otherwise: D
    verified: false
    source: 设计
inputs:"""
    method = method_parse.read("x.yaml", _text("tax-score@1").replace("inputs:", later, 1).replace("base: 0\n", ""
                               ).replace("characteristics:", "base: 0\ncharacteristics:", 1))  # fmt: skip
    assert method.assess(GOOD["tax-score@1"], dt.date(2026, 12, 31)).level == "B"
    assert method.assess(GOOD["tax-score@1"], dt.date(2027, 1, 1)).level == "A"


@pytest.mark.parametrize(
    ("method", "old", "new", "where"),
    [
        ("tax-score@1", "version: 1", "version: one", "version"),
        ("tax-score@1", "    other: 0\n", "", "characteristics"),
        ("tax-score@1", "      - {is: [true], points: -20}\n", "", "characteristics"),
        ("tax-score@1", "from: 24", "from: 12", "characteristics"),
        ("tax-score@1", "neutral: 24", "neutrel: 24", "characteristics"),
        ("tax-score@1", "points: 14", "points: 14.001", "characteristics"),
        ("tax-score@1", "A: 130, B: 105", "A: 100, B: 105", "levels"),
        ("innovation-points@1", "startup: 12", "startup: 13", "indicators"),
        ("effect-scorecard@2", "measure: throughput", "measure: speed", "measure"),
        ("effect-scorecard@2", "kind: effect", "kind: oracle", "kind"),
        ("climate-capacity@1", "cover: 1.2", "covers: 1.2", "terms"),
    ],
)
def test_a_malformed_document_is_refused_by_place(method: str, old: str, new: str, where: str) -> None:
    text = _text(method)
    assert old in text
    with pytest.raises(Invalid) as refused:
        method_parse.read("draft.yaml", text.replace(old, new, 1))
    assert refused.value.code == "method.malformed"
    assert where in (refused.value.where or "")


def test_a_file_called_otherwise_than_its_method_is_refused() -> None:
    with pytest.raises(Invalid, match=r"method\.malformed"):
        Library.parse({"tax-score@2.yaml": _text("tax-score@1")})


def test_an_unknown_method_is_not_found() -> None:
    with pytest.raises(NotFound):
        house_methods()["tax-score@9"]


def test_both_languages_everywhere() -> None:
    for method in GOOD:
        for reason in assess(method).reasons:
            assert not any("一" <= letter <= "鿿" for letter in reason.text.en), reason.text.en
            assert reason.text.zh


def _text(method: str) -> str:
    return (CATALOGUE / f"{method}.yaml").read_text(encoding="utf-8")


def _is_method(method: Method) -> bool:
    return bool(method.features)


def test_features_are_told_to_whoever_computes_them() -> None:
    features = house_methods().features()
    assert all(_is_method(method) for method in house_methods())
    assert features["rd_intensity"].kind == "percent"
    assert features["tax_grade"].kind == "word"
