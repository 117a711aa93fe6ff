"""What cannot work is refused at its line; what looks unwise is a warning. Each story is the scheme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from jirong.kernel import rates, rules
from jirong.kernel.text import Text
from jirong.schemes import check, parse
from jirong.schemes.check import Examination
from jirong.schemes.findings import Finding, Severity
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import FeatureInfo, MethodInfo, Registry

Found = list[tuple[str, int, str]]


def only(examined: Examination, code: str) -> Finding:
    """The one finding with that code."""
    told = [item for item in examined.findings if item.code == f"scheme.{code}"]
    assert len(told) == 1, [(item.code, item.path) for item in examined.findings]
    return told[0]


def test_the_plain_loan_has_nothing_to_remark(examined: Examination, found: Found) -> None:
    """version: 1"""
    assert found == []
    assert examined.scheme is not None


def test_the_toy_pool_is_refused_until_the_last_fifth_has_a_name(examined: Examination) -> None:
    """
    scheme: toy-export-pool
    version: 1
    title: {zh: 玩具出口集群应急风险池, en: Emergency risk pool of the toy cluster}
    source: sources/000, scene 4
    effective: 2026-01-01
    vehicle: registered_fund
    parties: {borrower: firm, pool: risk_pool, government: government, core: core, bank: bank, insurer: insurer}
    pools:
      pool:
        size: 50000000.00
        funded:
          - {by: government, share: 30%}
          - {by: core, share: 20%}
          - {by: bank, share: 20%}
          - {by: insurer, share: 10%}
        source: sources/000, scene 4, as written
    instrument: {kind: pool_stake, paid_in: 40%, call_within: 10 days, tenor: 3 years, source: tests 1}
    """
    told = only(examined, "shares_sum")
    assert examined.scheme is None
    assert (told.severity, told.mark.line, told.path) == (Severity.ERROR, 11, "pools/pool/funded")
    assert told.reason == Text(
        "出资比例合计80%，还差20%（1,000万元）没有人承担",
        "The contributions sum to 80%; 20% (10,000,000.00 yuan) has no name",
    )
    assert told.remedy.zh == "请写明剩余20%由谁承担，例如加一项 {by: treasury, share: 20%}"


def test_the_same_pool_passes_once_the_cluster_finance_company_takes_it(found: Found) -> None:
    """
    scheme: toy-export-pool
    version: 1
    title: {zh: 玩具出口集群应急风险池, en: Emergency risk pool of the toy cluster}
    source: sources/000, scene 4
    effective: 2026-01-01
    vehicle: registered_fund
    parties: {borrower: firm, pool: risk_pool, government: government, bank: bank, treasury: treasury}
    pools:
      pool:
        size: 50000000.00
        funded: [{by: government, share: 60%}, {by: bank, share: 20%}, {by: treasury, share: 20%}]
        source: tests
    instrument: {kind: pool_stake, paid_in: 40%, call_within: 10 days, tenor: 3 years, source: tests}
    """
    assert [code for code, _, _ in found if code != "source_missing"] == []


def test_shares_beyond_the_whole(examined: Examination) -> None:
    """
    losses:
      of: principal
      borne:
        - {by: lender, share: 70%}
        - {by: pool, share: 40%, up_to: means}
      excess: lender
    """
    assert only(examined, "shares_sum").reason.en == "The loss shares sum to 110%, 10% too much"


def test_three_thirds_written_in_percent_do_not_make_a_whole(examined: Examination) -> None:
    """
    parties: {borrower: firm, lender: bank, pool: compensation_pool, government: government}
    losses:
      of: principal
      borne:
        - {by: lender, share: 33.33333333%}
        - {by: pool, share: 33.33333333%}
        - {by: government, share: 33.33333333%}
      excess: lender
    """
    assert "0.00000001%" in only(examined, "shares_sum").reason.zh


def test_parties_undeclared_unused_and_missing(found: Found, examined: Examination) -> None:
    """
    parties: {borrower: firm, pool: compensation_pool, platform: platform}
    income: [{from: lendr, to: platfrm, rate_bp: 10, of: disbursed}]
    """
    assert [item for item in found if item[0].startswith("party")][:4] == [
        ("party_needed", 1, "parties"),
        ("party_unused", 1, "parties"),
        ("party_undeclared", 2, "income/0/from"),
        ("party_undeclared", 2, "income/0/to"),
    ]
    told = {item.path: item for item in examined.findings}
    assert told["income/0/to"].remedy.zh.startswith("是否想写“platform”")


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ("vehicle: insurer", "vehicle_unfit"),
        ("vehicle: factoring", "vehicle_unfit"),
        ("parties: {borrower: firm, lender: treasury, pool: compensation_pool}", "licence_missing"),
        ("parties: {borrower: firm, lender: treasury, pool: compensation_pool}", "lender_barred"),
        ("parties: {borrower: firm, lender: platform, pool: compensation_pool}", "lender_barred"),
        ("parties: {borrower: firm, lender: risk_pool, pool: compensation_pool}", "lender_barred"),
        ("parties: {borrower: firm, lender: investor, pool: compensation_pool}", "lender_barred"),
        ("vehicle: simulation_only", "simulation_only"),
        ("- limit", "section_missing"),
        ("- price", "section_missing"),
        ("- when_missing", "silence"),
        ("- assess", "level_without_method"),
        ("expires: 2025-12-31", "dates_crossed"),
        ("eligible: [{feature: overdue_12m, between: [5, 2]}]", "bounds_crossed"),
        ("eligible: [{feature: overdue_12m, at_least: true}]", "unit_mismatch"),
        ("eligible: [{feature: overdue_12m, equals: 5%}]", "unit_mismatch"),
        ("eligible: [{feature: overdue_12m, at_least: 3}, {feature: overdue_12m, at_most: 1}]", "impossible"),
        ("limit: {part: 30%, of: overdue_12m}", "unit_mismatch"),
        ("price: {base: LPR-1Y, floor: 6%, cap: 5%}", "bounds_crossed"),
        ("price: {bids: sealed, plus_bp: 50}", "price_mixed"),
        ("price: {fixed: 5%, plus_bp: 50}", "price_mixed"),
        ("price: {base: LPR-1Y, plus_bp: -300}", "rate_not_positive"),
        ("price: {base: LPR-1Y, plus_bp: 900, cap: 8%}", "bound_binds"),
        ("price: {base: LPR-1Y, plus_bp: 50, floor: 8%}", "bound_binds"),
        ("price: {base: LPR-1Y, plus_bp: {by_level: {A: 50, B: 90}}}", "level_without_price"),
        ("price: {base: LPR-1Y, plus_bp: {by_level: {A: 50, B: 90, C: 150, E: 200}}}", "level_unknown"),
        ("price: {base: LPR-1Y, plus_bp: {by_level: {A: 50, B: 40, C: 150}}}", "level_order"),
        ("price: {fixed: {by_level: {A: 4%, B: 5%}}}", "level_without_price"),
        ("price: {base: LPR-1Y, plus_bp: {flat: 10, by_use: {fishing: 5}}}\nuses: [wages]", "use_unknown"),
        ("limit: {by_level: {A: 3.00, B: 2.00}}", "level_without_limit"),
        ("limit: {by_level: {A: 1.00, B: 2.00, C: 1.00}}", "level_order"),
        ("limit: {least_of: [{amount: 9.00}, {by_level: {A: 3.00, B: 2.00, C: 1.00}}]}", "never_binds"),
        ("assess: {method: scorecard@1, score_at_least: {A: 80, B: 60, C: 60}}", "score_order"),
        ("assess: {method: scorecard@1, levels: [A, B], score_at_least: {A: 60, B: 40, C: 20}}", "level_unknown"),
        ("uses: {allowed: [wages], forbidden: [wages]}", "use_both"),
        ("uses: {allowed: [wages], pay: entrusted}", "payee_missing"),
        ("uses: [fishing]", "word_unexplained"),
        ("drawing: {how: once, least: 200000.00}", "drawing_above_limit"),
        ("programme: {total: 50000.00}", "programme_small"),
        ("programme: {total: 500000.00, borrowers: 10}", "programme_crowded"),
        ("losses: {of: principal, borne: [{by: pool, share: 100%}], excess: lender}", "no_stake"),
        (
            "losses: {of: principal, borne: [{by: pool, share: 50%}, {by: pool, share: 50%}], excess: lender}",
            "party_twice",
        ),
        ("losses: {of: principal, layers: [{by: pool}, {by: lender}], excess: lender}", "layer_open"),
        ("losses: {of: principal, layers: [{by: lender, up_to: 9.00}, {by: pool}], excess: lender}", "layer_swallows"),
        ("income: [{from: lender, to: borrower, rate_bp: 400, of: outstanding}]", "no_margin"),
        ("price: {base: LPR-1Y}\ninstrument: {kind: loan, repay: annuity, tenor: 6 years}", "base_too_short"),
        (
            "income: [{from: lender, to: pool, share: 60%, of: fee}, {from: lender, to: pool, share: 41%, of: fee}]",
            "shares_sum",
        ),
        (
            "subsidy: [{from: pool, to: borrower, pays: 60%, of: interest, budget: 9.00},"
            " {from: lender, to: borrower, pays: 41%, of: interest, budget: 9.00}]",
            "shares_sum",
        ),
        ("security: [{pledge: patents, by: borrower, registered: not_needed}]", "pledge_unregistered"),
        ("eligible: [{feature: unheard_of, equals: 1}]", "word_unexplained"),
        ("eligible: [{evidence: tax.filing}]", "consent_missing"),
        ("uses: [wages]", "source_missing"),
    ],
)
def test_each_check_speaks_at_the_line_of_its_clause(story: str, code: str, complete: Callable[[str], str]) -> None:
    examined = check.examine(complete(story), rules.house_rulebook(), lpr=rates.lpr_history())
    told = [item for item in examined.findings if item.code == f"scheme.{code}"]
    assert told, [(item.code, item.path) for item in examined.findings]
    if not story.startswith("-"):
        assert told[0].mark.line <= story.count("\n") + 1, told[0]


def test_interest_above_four_times_the_lpr_without_a_licence(examined: Examination) -> None:
    """
    vehicle: simulation_only
    price: {fixed: 12.01%, source: tests 1}
    assess: {method: scorecard@1, levels: [A, B, C], source: tests 1}
    """
    told = only(examined, "rate_above_law")
    assert (told.severity, told.mark.line, told.verified) == (Severity.ERROR, 2, True)
    assert told.reason.zh == "年利率最高12.01%，超过1年期LPR 3.00%的4倍（12.00%）"
    assert told.clause is not None
    assert "第25条" in told.clause.zh


@pytest.mark.parametrize("story", ["vehicle: simulation_only\nprice: {fixed: 12%}", "price: {fixed: 12.01%}"])
def test_four_times_the_lpr_binds_neither_at_the_line_nor_a_bank(story: str, complete: Callable[[str], str]) -> None:
    examined = check.examine(complete(story), rules.house_rulebook(), lpr=rates.lpr_history())
    assert "scheme.rate_above_law" not in {item.code for item in examined.findings}


def test_the_cap_follows_the_lpr_of_the_day(text: str) -> None:
    """
    vehicle: simulation_only
    price: {fixed: 15%}
    """
    book, lpr = rules.house_rulebook(), rates.lpr_history()

    def codes(on: dt.date) -> set[str]:
        return {item.code for item in check.examine(text, book, lpr=lpr, on=on).findings}

    assert "scheme.rate_above_law" not in codes(dt.date(2021, 6, 1))  # 4 × 3.85 % = 15.40 %
    assert "scheme.rate_above_law" in codes(dt.date(2026, 1, 1))


NOTE = """
scheme: note
version: 1
title: {zh: 链单, en: Note}
source: tests
effective: 2026-01-01
vehicle: commercial_contract
parties: {issuer: core, holder: firm}
limit: {amount: 10000000.00}
repaid_from: [{how: fixed, by: issuer}]
"""


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "{tenor: 13 months, background: [delivery, acceptance, invoice], supplier_consent: recorded}",
            {"tenor_above_law": "error", "sixty_days": "warning"},
        ),
        (
            "{tenor: 367 days, background: [delivery, acceptance, invoice], supplier_consent: recorded}",
            {"tenor_above_law": "error", "sixty_days": "warning"},
        ),
        (
            "{tenor: 9 months, background: [delivery, acceptance, invoice], supplier_consent: recorded}",
            {"tenor_to_review": "warning", "law_changes": "warning", "sixty_days": "warning"},
        ),
        (
            "{tenor: 12 months, background: [delivery, acceptance, invoice], supplier_consent: recorded}",
            {"tenor_to_review": "warning", "law_changes": "warning", "sixty_days": "warning"},
        ),
        (
            "{tenor: 2 months, background: [order], supplier_consent: recorded}",
            {"prepayment": "error", "background_thin": "error"},
        ),
        ("{tenor: 2 months, background: [delivery, acceptance, invoice]}", {"consent_not_recorded": "warning"}),
        ("{tenor: 2 months, background: [delivery, acceptance, invoice], supplier_consent: recorded}", {}),
    ],
)
def test_the_law_of_chain_notes(section: str, expected: dict[str, str]) -> None:
    text = NOTE + f"instrument: {section.replace('{', '{kind: chain_note, ', 1)}\n"
    examined = check.examine(text, rules.house_rulebook(), lpr=rates.lpr_history())
    told = {item.code.removeprefix("scheme."): item.severity.value for item in examined.findings}
    told.pop("source_missing")
    assert told == expected


def test_from_the_day_the_cap_falls_nine_months_are_barred_and_said_to_be_unverified() -> None:
    text = NOTE + "instrument: {kind: chain_note, tenor: 9 months, background: [delivery, acceptance, invoice]}\n"
    examined = check.examine(text, rules.house_rulebook(), lpr=rates.lpr_history(), on=dt.date(2026, 9, 10))
    told = only(examined, "tenor_above_law")
    assert (told.severity, told.verified) == (Severity.ERROR, False)
    assert told.clause is not None
    assert "尚未核对" in told.clause.zh


def test_a_late_rate_below_the_lpr() -> None:
    text = NOTE + "instrument: {kind: chain_note, tenor: 1 month, background: [delivery, acceptance, invoice]}\n"
    slow = check.examine(text + "late: {daily: 0.008%}\n", rules.house_rulebook(), lpr=rates.lpr_history())
    assert only(slow, "late_below_law").reason.en.startswith("The late rate is 2.88% a year")
    fair = check.examine(text + "late: {daily: 0.05%}\n", rules.house_rulebook(), lpr=rates.lpr_history())
    assert "scheme.late_below_law" not in {item.code for item in fair.findings}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("leverage: 16, single_debtor: 11%", {"leverage_above_law": "error", "single_debtor_above_law": "error"}),
        ("leverage: 12, single_debtor: 10%", {"leverage_conditional": "warning"}),
        ("leverage: 10, single_debtor: 10%", {}),
    ],
)
def test_the_law_of_guarantees(terms: str, expected: dict[str, str], complete: Callable[[str], str]) -> None:
    story = f"""vehicle: licensed_guarantee
parties: {{guarantor: guarantor, lender: bank, borrower: firm, pool: compensation_pool}}
instrument: {{kind: guarantee, covers: 80%, fee: 1%, tenor: 1 year, {terms}}}
"""
    examined = check.examine(complete(story), rules.house_rulebook(), lpr=rates.lpr_history())
    told = {item.code.removeprefix("scheme."): item.severity.value for item in examined.findings}
    told.pop("source_missing", None)
    assert told == expected


def test_an_effect_fee_dearer_than_the_group_price_is_told_to_the_planner() -> None:
    text = """
scheme: effect
version: 1
title: {zh: 效果付费, en: By effect}
source: tests
effective: 2026-01-01
vehicle: commercial_contract
parties: {subscriber: firm, provider: provider}
instrument:
  {kind: metered_subscription, measure: throughput, trial: 3 months, period: 1 year, threshold: 30%,
   per_point: 1000.00, counts_from: zero, points: whole, otherwise: 5000.00, group_price: 20000.00,
   expected_effect: 38.9%}
"""
    told = only(check.examine(text), "effect_fee_high")
    assert told.severity is Severity.WARNING
    assert told.reason.zh == "按效果付费38个百分点为38,000.00元，高于团购价2万元：企业直接购买更便宜"
    capped = check.examine(text.replace("group_price:", "cap: 20000.00, group_price:"))
    assert "scheme.effect_fee_high" not in {item.code for item in capped.findings}


def test_a_subsidy_that_its_budget_cannot_pay(examined: Examination) -> None:
    """
    parties: {borrower: firm, lender: bank, pool: compensation_pool, government: government}
    programme: {total: 20000000.00}
    price: {fixed: 4%}
    subsidy:
      - {from: government, to: borrower, pays: 50%, of: interest, budget: 399999.99}
    """
    assert only(examined, "budget_short").reason.zh == "若全部用足，补贴需要40万元，预算只有399,999.99元"


def test_what_lies_outside_is_checked_against_the_registries_given(scheme: Scheme) -> None:
    """
    eligible:
      - {feature: overdu_12m, equals: 0}
      - {evidence: tax.filings}
    assess: {method: scorecard@2, levels: [A, B, C]}
    related: [other@1]
    """
    registry = Registry(
        features={
            "overdue_12m": FeatureInfo(Text("逾期", "overdue")),
            "revenue_12m": FeatureInfo(Text("收入", "revenue"), kind="percent"),
        },
        evidence={"tax.filing": Text("报税", "tax filing")},
        methods={"scorecard@1": MethodInfo(Text("评分卡", "scorecard"), ("A", "B", "C"))},
        schemes={"another@1"},
    )
    told = {item.code.removeprefix("scheme."): item.remedy.en for item in check.check(scheme, registry=registry)}
    assert told["feature_unknown"] == "Did you mean “overdue_12m”?"
    assert told["evidence_unknown"] == "Did you mean “tax.filing”?"
    assert told["method_unknown"] == "Did you mean “scorecard@1”?"
    assert told["scheme_unknown"] == "Did you mean “another@1”?"


def test_a_feature_needs_consent_to_everything_it_is_computed_from(scheme: Scheme) -> None:
    """
    consent:
      - {of: borrower, by: lender, read: [tax.filing], purpose: credit_assessment, lasts: 1 year}
    """
    overdue = FeatureInfo(Text("逾期", "overdue"), sources=("tax.filing", "bank.flows"))
    revenue = FeatureInfo(Text("收入", "revenue"), kind="money", sources=("tax.filing",))
    registry = Registry(features={"overdue_12m": overdue, "revenue_12m": revenue})
    told = [item for item in check.check(scheme, registry=registry) if item.code == "scheme.consent_missing"]
    assert [(item.severity, item.path) for item in told] == [(Severity.ERROR, "eligible/0/feature")]
    assert "bank.flows" in told[0].remedy.zh


READS = Registry(
    features={
        "overdue_12m": FeatureInfo(Text("逾期", "overdue"), sources=("repayment.record",)),
        "revenue_12m": FeatureInfo(Text("收入", "revenue"), kind="money", sources=("tax.filing",)),
        "rd_intensity": FeatureInfo(Text("研发", "R&D"), sources=("tax.filing", "rd.accounts", "staff.records")),
        "patents": FeatureInfo(Text("专利数", "patents")),
    },
    methods={
        "scorecard@1": MethodInfo(
            Text("评分卡", "scorecard"), ("A", "B", "C"), ("rd_intensity", "overdue_12m", "patents")
        )
    },
)
"""``patents`` are public: what everybody may read has no sources that need consent."""


def test_consent_covers_method_limit_and_triggers_too(scheme: Scheme) -> None:
    """
    eligible:
      - any_of:
          - {feature: overdue_12m, equals: 0}
          - {feature: patents, at_least: 1}
    consent:
      - {of: borrower, by: lender, read: [rd.accounts], purpose: credit_assessment, lasts: 1 year}
    triggers:
      - level: 1
        when:
          - {feature: rd_intensity, less_than: 2}
        then: [{freeze: new_draws}]
    """
    told = {item.path: item for item in check.check(scheme, registry=READS) if item.code == "scheme.consent_missing"}
    added = {path: item.remedy.en.partition("[")[2].partition("]")[0] for path, item in told.items()}
    assert added == {
        "eligible/0/any_of/0/feature": "repayment.record",
        "assess/method": "tax.filing, staff.records, repayment.record",
        "limit/least_of/2/of": "tax.filing",
        "triggers/0/when/0/feature": "tax.filing, staff.records",
    }
    assert {item.severity for item in told.values()} == {Severity.ERROR}
    said = told["assess/method"]
    assert said.reason.zh.startswith("评估方法要用到，但没有授权贷款人读取借款人的")
    assert said.reason.en.endswith("of the borrower by the lender")
    assert said.remedy.zh.startswith("请在 consent 中写明：of: borrower, by: lender, read: [tax.filing, staff.records")


def test_a_consent_for_another_reader_does_not_help_the_lender(scheme: Scheme) -> None:
    """
    parties: {borrower: firm, lender: bank, pool: compensation_pool, platform: platform}
    consent:
      - {of: borrower, by: platform, read: [tax.filing], purpose: credit_assessment, lasts: 1 year}
      - of: borrower
        by: lender
        read: [repayment.record, rd.accounts, staff.records]
        purpose: credit_assessment
        lasts: 1 year
    """
    told = [item.path for item in check.check(scheme, registry=READS) if item.code == "scheme.consent_missing"]
    assert told == ["assess/method", "limit/least_of/2/of"]


def test_a_level_the_method_never_answers(scheme: Scheme) -> None:
    """assess: {method: scorecard@1, levels: [A, B, C]}"""
    registry = Registry(methods={"scorecard@1": MethodInfo(Text("评分卡", "scorecard"), ("A", "B"))})
    told = [item for item in check.check(scheme, registry=registry) if item.code == "scheme.level_unknown"]
    assert [item.path for item in told] == ["assess/levels"]


def test_a_broken_section_is_not_also_reported_as_missing(found: Found) -> None:
    """
    parties: [borrower, lender]
    limit: {amount: 10万}
    """
    assert found == [("not_table", 1, "parties"), ("not_money", 2, "limit/amount")]


def test_findings_are_json_safe_and_in_the_order_of_the_text(examined: Examination) -> None:
    """
    vehicle: simulation_only
    price: {fixed: 20%}
    """
    lines = [item.mark for item in examined.findings]
    assert lines == sorted(lines)
    body = next(item for item in examined.findings if item.clause).as_dict()
    assert set(body) == {"severity", "code", "line", "column", "path", "reason", "remedy", "clause", "verified"}


def test_without_a_rulebook_no_law_is_spoken() -> None:
    text = NOTE + "instrument: {kind: chain_note, tenor: 30 months, background: [order]}\n"
    scheme = parse.parse(text)
    assert {item.code for item in check.check(scheme)} == {"scheme.source_missing"}


def test_a_price_on_the_lpr_before_there_was_one_is_a_finding_and_no_exception(examined: Examination) -> None:
    """effective: 1990-01-01"""
    found = only(examined, "before_lpr")
    assert found.path == "effective"
    assert "2019-08-20" in found.reason.zh
