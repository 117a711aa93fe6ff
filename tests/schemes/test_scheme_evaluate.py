"""A firm judged by a scheme: terms or a refusal, every clause answered, nothing decided on silence."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from jirong.kernel import rates
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import parse
from jirong.schemes.evaluate import (
    MISSING,
    Answer,
    Evaluation,
    Facts,
    FeatureValue,
    Known,
    Standing,
    Terms,
    Verdict,
    evaluate,
)
from jirong.schemes.model.scheme import Scheme

ON = dt.date(2026, 3, 2)
FRESH = dt.date(2026, 2, 27)


def value(of: str | bool, fresh_on: dt.date | None = FRESH) -> FeatureValue:
    return FeatureValue(of if isinstance(of, bool) else Decimal(of), fresh_on)


GOOD = Facts(
    features={"overdue_12m": value("0"), "revenue_12m": value("300000")},
    level="B",
    assessed_on=dt.date(2026, 2, 20),
)


def with_features(**features: FeatureValue) -> Facts:
    return Facts(
        features={**GOOD.features, **features}, level=GOOD.level, score=GOOD.score, assessed_on=GOOD.assessed_on
    )


def judged(scheme: Scheme, facts: Facts = GOOD, on: dt.date = ON) -> Evaluation:
    return evaluate(scheme, facts, on=on, lpr=rates.lpr_history())


def by_code(result: Evaluation) -> Mapping[str, Answer]:
    return {answer.code: answer for answer in result.answers}


def yuan(amount: str) -> Money:
    return Money.parse(amount)


def test_an_approval_is_explained_to_the_last_clause(scheme: Scheme) -> None:
    """version: 1"""
    result = judged(scheme)
    assert (result.verdict, result.terms) == (
        Verdict.APPROVE,
        Terms(yuan("80000.00"), yuan("80000.00"), "limit/least_of/1", Decimal("0.0390"), "B"),
    )
    assert [(a.path, a.line, a.code, a.standing, a.reason.zh, a.change and a.change.zh) for a in result.answers] == [
        ("eligible/0", 14, "met", Standing.MET, "近12个月逾期次数为0次", None),
        ("assess", 15, "met", Standing.MET, "评估等级为B", None),
        ("limit/least_of/0", 18, "amount", Standing.NOTED, "10万元：方案规定的金额", None),
        ("limit/least_of/1", 19, "by_level", Standing.NOTED, "评估等级B，对应8万元", None),
        ("limit/least_of/2", 20, "of_feature", Standing.NOTED, "近12个月营业收入30万元 × 30% = 9万元", None),
        ("limit/least_of/1", 19, "limit", Standing.MET, "最高8万元，因为评估等级为B", "升至A级，额度可到9万元"),
        (
            "price",
            21,
            "price",
            Standing.MET,
            "1年期LPR 3.00%（2025年5月20日公布） + 0.90% = 年化3.90%",
            "升至A级，年化可降至3.50%",
        ),
    ]
    assert result.answers[0].source.en == "tests"
    assert result.answers[1].source.en == "tests 1"


def test_a_refusal_says_what_would_change_it(scheme: Scheme) -> None:
    """
    words:
      overdue_12m: {zh: 逾期次数, en: times overdue, kind: number, unit: {zh: 次, en: times}}
      months: {zh: 经营时间, en: time in business, kind: number, unit: {zh: 个月, en: months}}
      margin: {zh: 净利润率, en: net margin, kind: percent}
      frozen: {zh: 账户被冻结, en: the account is frozen, kind: flag}
      grade: {zh: 纳税等级, en: tax grade, kind: word}
      revenue_12m: {zh: 年收入, en: yearly revenue, kind: money}
    eligible:
      - {feature: months, at_least: 6}
      - {feature: overdue_12m, less_than: 2}
      - {feature: margin, between: [5%, 20%]}
      - {feature: frozen, equals: false}
      - {feature: grade, one_of: [A, B]}
      - {feature: revenue_12m, at_least: 1000000}
    """
    facts = with_features(
        months=value("4"),
        overdue_12m=value("2"),
        margin=value("0.225"),
        frozen=value(True),
        grade=FeatureValue("D", FRESH),
        revenue_12m=value("765432.10"),
    )
    result = judged(scheme, facts)
    assert (result.verdict, result.terms) == (Verdict.REFUSE, None)
    assert [(a.reason, a.change) for a in result.standing(Standing.FAILED)] == [
        (
            Text("经营时间为4个月", "Time in business: 4 months"),
            Text("经营时间再增加2个月", "Time in business: 2 months more"),
        ),
        (
            Text("逾期次数为2次", "Times overdue: 2"),
            Text("逾期次数降到低于2次", "Times overdue goes below 2"),
        ),
        (
            Text("净利润率为22.5%", "Net margin: 22.5%"),
            Text("净利润率再减少2.5个百分点", "Net margin: 2.5 percentage points less"),
        ),
        (
            Text("账户被冻结为是", "The account is frozen: yes"),
            Text(
                "不再有“账户被冻结”的情形后重新申请", "Apply again once this no longer holds: “the account is frozen”"
            ),
        ),
        (Text("纳税等级为D", "Tax grade: D"), Text("纳税等级须为A、B之一", "Tax grade must be one of A or B")),
        (
            Text("年收入为765,432.10元", "Yearly revenue: 765,432.10 yuan"),
            Text("年收入再增加234,567.90元", "Yearly revenue: 234,567.90 yuan more"),
        ),
    ]


@pytest.mark.parametrize("known", [Known.MISSING, Known.WITHHELD, Known.CONTRADICTORY])
@pytest.mark.parametrize(("policy", "verdict"), [("ask", Verdict.ASK), ("refer", Verdict.REFER)])
def test_nothing_is_decided_on_silence(
    known: Known, policy: str, verdict: Verdict, complete: Callable[[str], str]
) -> None:
    scheme = parse.parse(complete(f"when_missing: {policy}"))
    for name in ("overdue_12m", "revenue_12m"):
        result = judged(scheme, with_features(**{name: FeatureValue(None, known=known)}))
        assert (result.verdict, result.terms) == (verdict, None)
        unknown = by_code(result)["unknown"]
        assert unknown.change is not None
        assert unknown.reason.en != unknown.rule.en


def test_a_known_failure_refuses_whatever_else_is_missing(scheme: Scheme) -> None:
    """version: 1"""
    result = judged(scheme, with_features(overdue_12m=value("1"), revenue_12m=MISSING))
    assert result.verdict is Verdict.REFUSE
    assert len(result.standing(Standing.UNKNOWN_ASK)) == 1


def test_each_test_may_have_its_own_answer_to_silence(scheme: Scheme) -> None:
    """
    eligible:
      - {feature: overdue_12m, equals: 0, when_missing: refer}
    """
    assert judged(scheme, with_features(overdue_12m=MISSING)).verdict is Verdict.REFER


@pytest.mark.parametrize(
    ("within", "fresh_on", "stale"),
    [
        ("30 days", dt.date(2026, 1, 31), False),
        ("30 days", dt.date(2026, 1, 30), True),
        ("1 month", dt.date(2026, 2, 2), False),
        ("1 month", dt.date(2026, 2, 1), True),
        ("1 year", dt.date(2025, 3, 2), False),
        ("1 year", dt.date(2025, 3, 1), True),
        ("2 hours", dt.date(2026, 3, 1), False),
        ("2 hours", dt.date(2026, 2, 28), True),
        ("9999 years", dt.date(1, 1, 1), False),
        ("30 days", dt.date(2026, 3, 3), True),
        ("30 days", None, False),
    ],
)
def test_facts_too_old_or_from_the_future_count_as_missing(
    within: str, fresh_on: dt.date | None, stale: bool, complete: Callable[[str], str]
) -> None:
    scheme = parse.parse(complete(f"eligible: [{{feature: overdue_12m, equals: 0, within: {within}}}]"))
    result = judged(scheme, with_features(overdue_12m=value("0", fresh_on)))
    assert (result.verdict is Verdict.ASK) == stale
    assert (result.verdict is Verdict.APPROVE) != stale


def test_evidence_there_missing_and_too_old(scheme: Scheme) -> None:
    """
    words: {report: {zh: 审计报告, en: the audit report}}
    parties: {borrower: firm, lender: bank, pool: compensation_pool, core: core}
    eligible:
      - {evidence: report, about: core, within: 1 year}
    """

    def on_file(**evidence: dt.date) -> Facts:
        papers = {key.replace("__", "."): day for key, day in evidence.items()}
        return Facts(features=GOOD.features, evidence=papers, level="B", assessed_on=GOOD.assessed_on)

    assert judged(scheme, on_file(core__report=dt.date(2025, 6, 1))).verdict is Verdict.APPROVE
    assert by_code(judged(scheme, on_file(report=dt.date(2025, 6, 1))))["evidence_missing"].change == Text(
        "补交审计报告", "Bring the audit report"
    )
    assert "evidence_stale" in by_code(judged(scheme, on_file(core__report=dt.date(2024, 6, 1))))


def test_one_of_several_suffices(scheme: Scheme) -> None:
    """
    eligible:
      - any_of:
          - {feature: overdue_12m, equals: 0}
          - {feature: revenue_12m, at_least: 1000000}
    """
    low, zero = value("5"), value("0")
    assert judged(scheme, with_features(overdue_12m=zero)).verdict is Verdict.APPROVE
    assert judged(scheme, with_features(overdue_12m=low)).verdict is Verdict.REFUSE
    either = judged(scheme, with_features(overdue_12m=MISSING, revenue_12m=value("300000")))
    assert either.verdict is Verdict.ASK
    refused = by_code(judged(scheme, with_features(overdue_12m=low)))["not_met"]
    assert refused.change is not None
    assert refused.change.zh == "任一项即可：近12个月逾期次数须为0次、近12个月营业收入再增加70万元"


@pytest.mark.parametrize(
    ("story", "facts", "verdict", "code"),
    [
        ("version: 1", Facts(features=GOOD.features), Verdict.ASK, "unknown"),
        ("version: 1", Facts(features=GOOD.features, level="E"), Verdict.REFUSE, "level_refused"),
        (
            "assess: {method: scorecard@1, levels: [A, B, C], refer: [D]}",
            Facts(features=GOOD.features, level="D"),
            Verdict.REFER,
            "referred",
        ),
        (
            "assess: {method: scorecard@1, levels: [A, B, C], within: 90 days}",
            Facts(features=GOOD.features, level="A", assessed_on=dt.date(2025, 12, 1)),
            Verdict.ASK,
            "unknown",
        ),
        (
            "assess: {method: scorecard@1, score_at_least: {C: 50, A: 80, B: 65}}",
            Facts(features=GOOD.features, score=Decimal("49.5")),
            Verdict.REFUSE,
            "level_refused",
        ),
        ("effective: 2026-03-03", GOOD, Verdict.REFUSE, "not_in_force"),
        ("expires: 2026-03-01", GOOD, Verdict.REFUSE, "not_in_force"),
        (
            "uses: [wages]",
            Facts(features=GOOD.features, level="B", use="securities"),
            Verdict.REFUSE,
            "use_not_allowed",
        ),
        (
            "drawing: {how: once, least: 80000.01}",
            GOOD,
            Verdict.REFUSE,
            "below_least",
        ),
        (
            "programme: {total: 1000000.00}",
            Facts(features=GOOD.features, level="B", programme_left=yuan("0.00")),
            Verdict.REFUSE,
            "programme_left",
        ),
    ],
)
def test_other_answers(story: str, facts: Facts, verdict: Verdict, code: str, complete: Callable[[str], str]) -> None:
    result = judged(parse.parse(complete(story)), facts)
    assert (result.verdict, result.terms) == (verdict, None)
    assert code in by_code(result)


@pytest.mark.parametrize(("score", "level"), [("80", "A"), ("79.99", "B"), ("65", "B"), ("50", "C")])
def test_the_scheme_may_grade_the_score_itself(score: str, level: str, complete: Callable[[str], str]) -> None:
    scheme = parse.parse(complete("assess: {method: scorecard@1, score_at_least: {C: 50, A: 80, B: 65}}"))
    terms = judged(scheme, Facts(features=GOOD.features, score=Decimal(score))).terms
    assert terms is not None
    assert terms.level == level


def test_what_is_left_of_the_programme_and_whole_steps_hold_the_offer(scheme: Scheme) -> None:
    """
    programme: {total: 1000000.00}
    drawing: {how: once, least: 1000.00, multiple_of: 500.00}
    """
    left = Facts(features=GOOD.features, level="B", programme_left=yuan("12345.67"), requested=yuan("50000.00"))
    result = judged(scheme, left)
    assert result.terms == Terms(yuan("12000.00"), yuan("12000.00"), "programme", Decimal("0.0390"), "B")
    assert by_code(result)["less_than_asked"].reason.zh == "申请5万元，可批12,000.00元"


def test_less_may_be_asked_than_could_be_had(scheme: Scheme) -> None:
    """version: 1"""
    asked = Facts(features=GOOD.features, level="B", requested=yuan("30000.00"))
    terms = judged(scheme, asked).terms
    assert terms is not None
    assert (terms.amount, terms.limit) == (yuan("30000.00"), yuan("80000.00"))


@pytest.mark.parametrize(
    ("price", "rate", "said"),
    [
        ("{fixed: 5.85%}", "0.0585", "年化5.85%"),
        ("{fixed: {by_level: {A: 4%, B: 6%, C: 8%}}}", "0.06", "年化6.00%"),
        ("{base: LPR-5Y, plus_bp: -20}", "0.0330", "5年期以上LPR 3.50%（2025年5月20日公布） - 0.20% = 年化3.30%"),
        (
            "{base: {rate: 5%, named: {zh: 市场利率, en: the market rate}}, times: 80%}",
            "0.0400",
            "市场利率（5.00%） × 80% = 年化4.00%",
        ),
        (
            "{base: LPR-1Y, plus_bp: {flat: 100, by_level: {A: 0, B: 50, C: 90}, by_use: {wages: -30}}}",
            "0.0420",
            "1年期LPR 3.00%（2025年5月20日公布） + 1.20% = 年化4.20%",
        ),
        (
            "{base: LPR-1Y, plus_bp: 900, cap: 10%}",
            "0.10",
            "1年期LPR 3.00%（2025年5月20日公布） + 9.00% = 年化12.00%，按上限10.00%执行",
        ),
        (
            "{base: LPR-1Y, floor: 4%}",
            "0.04",
            "1年期LPR 3.00%（2025年5月20日公布） = 年化3.00%，按下限4.00%执行",
        ),
    ],
)
def test_prices(price: str, rate: str, said: str, complete: Callable[[str], str]) -> None:
    scheme = parse.parse(complete(f"price: {price}\nuses: [wages]"))
    result = judged(scheme, Facts(features=GOOD.features, level="B", use="wages"))
    assert result.terms is not None
    assert result.terms.rate == Decimal(rate)
    assert by_code(result)["price"].reason.zh == said


def test_a_rate_that_is_bid_for_is_not_known_yet(scheme: Scheme) -> None:
    """price: {bids: sealed, cap: 8%}"""
    result = judged(scheme)
    assert result.terms is not None
    assert result.terms.rate is None
    assert "bids" in by_code(result)


def test_the_limit_and_the_rate_are_those_of_the_day(scheme: Scheme) -> None:
    """effective: 2020-01-01"""
    then = Facts(features={name: FeatureValue(v.value) for name, v in GOOD.features.items()}, level="B")
    terms = judged(scheme, then, dt.date(2022, 6, 1)).terms
    assert terms is not None
    assert terms.rate == Decimal("0.0460")  # LPR 3.70 % + 90 bp


@pytest.mark.parametrize(
    ("limit", "amount", "holder", "change"),
    [
        ("{amount: 5.00}", "5.00", "limit", None),
        ("{part: 33.33%, of: revenue_12m}", "99990.00", "limit", "近12个月营业收入越高，额度越高"),
        ("{times: 0.0001, of: revenue_12m}", "30.00", "limit", "近12个月营业收入越高，额度越高"),
        ("{sum_of: [{amount: 1.00}, {part: 1%, of: revenue_12m}]}", "3001.00", "limit", None),
        (
            "{greatest_of: [{amount: 1.00}, {part: 1%, of: revenue_12m}]}",
            "3000.00",
            "limit/greatest_of/1",
            "近12个月营业收入越高，额度越高",
        ),
        (
            "{least_of: [{amount: 9999.00}, {part: 1%, of: revenue_12m}]}",
            "3000.00",
            "limit/least_of/1",
            "近12个月营业收入达到999,900.00元，额度可到9,999.00元",
        ),
        ("{least_of: [{amount: 3000.00}, {part: 1%, of: revenue_12m}]}", "3000.00", "limit/least_of/0", None),
    ],
)
def test_limits(limit: str, amount: str, holder: str, change: str | None, complete: Callable[[str], str]) -> None:
    result = judged(parse.parse(complete(f"limit: {limit}")))
    assert result.terms is not None
    assert (result.terms.limit, result.terms.bound_by) == (yuan(amount), holder)
    told = by_code(result)["limit"].change
    assert (told.zh if told else None) == change


def test_reaching_what_would_change_it_changes_it(scheme: Scheme) -> None:
    """
    limit:
      least_of:
        - {amount: 100000.00}
        - {part: 33.3%, of: revenue_12m}
    """
    poor = judged(scheme, with_features(revenue_12m=value("299999.99")))
    told = by_code(poor)["limit"].change
    assert told is not None
    assert told.zh == "近12个月营业收入达到300,300.31元，额度可到10万元"
    richer = judged(scheme, with_features(revenue_12m=value("300300.31")))
    assert richer.terms is not None
    assert richer.terms.limit == yuan("100000.00")


def test_half_a_fen_rounds_up_and_a_debt_gives_no_limit(scheme: Scheme) -> None:
    """limit: {part: 50%, of: revenue_12m}"""
    terms = judged(scheme, with_features(revenue_12m=value("0.03"))).terms
    assert terms is not None
    assert terms.limit == yuan("0.02")
    assert judged(scheme, with_features(revenue_12m=value("-5000"))).verdict is Verdict.REFUSE


def test_another_partys_feature(scheme: Scheme) -> None:
    """
    parties: {borrower: firm, lender: bank, pool: compensation_pool, core: core}
    eligible: [{feature: overdue_12m, about: core, equals: 0}]
    """
    assert judged(scheme).verdict is Verdict.ASK
    assert judged(scheme, with_features(**{"core.overdue_12m": value("0")})).verdict is Verdict.APPROVE


def test_a_feature_of_the_wrong_kind_is_not_known(scheme: Scheme) -> None:
    """version: 1"""
    result = judged(scheme, with_features(revenue_12m=FeatureValue("plenty", FRESH)))
    assert result.verdict is Verdict.ASK


def test_values_are_exact_or_refused() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        FeatureValue(0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="missing"):
        FeatureValue(Decimal(1), known=Known.MISSING)
    with pytest.raises(ValueError, match="present"):
        FeatureValue(None)


def test_an_evaluation_is_json_safe(scheme: Scheme) -> None:
    """version: 1"""
    body = json.loads(json.dumps(judged(scheme).as_dict()))
    assert body["terms"] == {
        "amount": "80000.00",
        "limit": "80000.00",
        "currency": "CNY",
        "bound_by": "limit/least_of/1",
        "rate": "0.0390",
        "level": "B",
    }


def test_a_price_by_use_needs_the_use(scheme: Scheme) -> None:
    """
    uses: [wages, equipment]
    price: {base: LPR-1Y, plus_bp: {by_use: {wages: 50, equipment: 90}}}
    """
    assert judged(scheme).verdict is Verdict.ASK
    named = Facts(features=GOOD.features, level="B", use="equipment")
    assert by_code(judged(scheme, named))["price"].reason.en.endswith("= 3.90% a year")
