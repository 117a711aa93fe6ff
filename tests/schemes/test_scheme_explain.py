"""A scheme as a banker would say it: whole paragraphs compared, each sentence with its line and source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jirong.kernel.text import Text
from jirong.schemes import canonical, explain, parse
from jirong.schemes.explain import phrases
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.new import template
from jirong.schemes.registry import FeatureInfo, MethodInfo, Registry

CATALOGUE = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))
WHOLE = [file.read_text(encoding="utf-8") for file in CATALOGUE] + [template(kind) for kind in sorted(KINDS)]


def said(scheme: Scheme, section: str) -> list[tuple[str, str]]:
    return [(item.zh, item.en) for item in explain.explain(scheme) if item.section == section]


def test_who_may_apply(scheme: Scheme) -> None:
    """
    parties: {borrower: firm, lender: bank, core: core}
    words:
      overdue_12m: {zh: 近12个月逾期次数, en: overdue payments in 12 months, kind: number, unit: {zh: 次, en: times}}
      months: {zh: 经营时间, en: time in business, kind: number, unit: {zh: 个月, en: months}}
      margin: {zh: 净利润率, en: net margin, kind: percent}
      revenue: {zh: 年收入, en: yearly revenue, kind: money}
      grade: {zh: 纳税等级, en: tax grade, kind: word}
      frozen: {zh: 账户被冻结, en: the account is frozen, kind: flag}
      listed: {zh: 列入推荐清单, en: on the recommendation list, kind: flag}
      report: {zh: 审计报告, en: the audit report}
    when_missing: refer
    eligible:
      - {feature: months, at_least: 6, within: 30 days}
      - {feature: overdue_12m, about: core, equals: 0, when_missing: ask}
      - {feature: margin, between: [5%, 12.5%]}
      - {feature: revenue, more_than: 1000000, because: {zh: 微型企业另有方案, en: micro firms have their own}}
      - {feature: grade, one_of: [A, B, M]}
      - {feature: grade, none_of: [D]}
      - {feature: frozen, equals: false}
      - any_of:
          - {feature: listed, equals: true}
          - {evidence: report, within: 1 year}
    """
    assert said(scheme, "eligible") == [
        (
            "经营时间须不低于6个月（数据须在30天以内）。",
            "Time in business must be at least 6 months (on facts at most 30 days old).",
        ),
        (
            "核心企业的近12个月逾期次数须为0次；缺失时先请企业补充，补齐之前不作决定。",
            "The core enterprise's overdue payments in 12 months must be 0; if that is missing, the firm is asked for"
            " it and nothing is decided before it comes.",
        ),
        ("净利润率须在5%至12.5%之间（含两端）。", "Net margin must be from 5% to 12.5%."),
        (
            "年收入须高于100万元。理由：微型企业另有方案。",
            "Yearly revenue must be more than 1,000,000.00 yuan. Reason: micro firms have their own.",
        ),
        ("纳税等级须为A、B、M之一。", "Tax grade must be one of A, B or M."),
        ("纳税等级不得为D。", "Tax grade must not be D."),
        ("不得有“账户被冻结”的情形。", "This must not hold: “the account is frozen”."),
        (
            "以下任一项成立即可：须满足“列入推荐清单”；须有审计报告，且出具不超过1年。",
            "One of these suffices: this must hold: “on the recommendation list”; on file there must be the audit"
            " report, no older than 1 year.",
        ),
    ]
    assert said(scheme, "when_missing") == [
        (
            "资料缺失、过期或互相矛盾时，转人工审查，不自动作决定。",
            "When something is missing, stale or contradictory, the file goes to a person and nothing is decided"
            " automatically.",
        )
    ]


def test_how_much_at_what_price(scheme: Scheme) -> None:
    """
    limit:
      least_of:
        - {amount: 100000.00, because: {zh: 最高10万元, en: programme cap}}
        - {by_level: {A: 100000.00, B: 81234.56, C: 50000.00}}
        - sum_of:
            - {part: 30%, of: revenue_12m}
            - {times: 1.5, of: revenue_12m, within: 45 days}
    price:
      base: {rate: 5.5%, named: {zh: 市场利率, en: the market rate}}
      times: 80%
      plus_bp: {flat: -20, by_level: {A: 0, B: 10, C: 20}, by_use: {wages: -5}}
      floor: 3%
      cap: 10%
      repriced: january
    uses: [wages]
    """
    assert said(scheme, "limit") == [
        ("单户额度取以下各项中的最小值：", "The limit is the smallest of these:"),
        ("（1）10万元。理由：最高10万元。", "(1) 100,000.00 yuan. Reason: programme cap."),
        (
            "（2）A级10万元、B级81,234.56元、C级5万元。",
            "(2) 100,000.00 yuan for A, 81,234.56 yuan for B and 50,000.00 yuan for C.",
        ),
        (
            "（3）以下各项之和〔近12个月营业收入的30%；近12个月营业收入（数据须在45天以内）的1.5倍〕。",
            "(3) the sum of these [30% of revenue of 12 months; 1.5 times revenue of 12 months (on facts at most"
            " 45 days old)].",
        ),
    ]
    assert said(scheme, "price") == [
        (
            "年利率为市场利率（5.50%）的80%减20个基点，A级加0个基点、B级加10个基点、C级加20个基点，按用途再发放工资减5个基点；"
            "不低于3.00%；不高于10.00%；每年1月1日按最新基准重定价。",
            "The annual rate is 80% of the market rate (5.50%) minus 20 basis points, plus 0 basis points for A, plus"
            " 10 basis points for B and plus 20 basis points for C, minus 5 basis points for wages; not below 3.00%;"
            " not above 10.00%; reset to the latest base each 1 January.",
        )
    ]


def test_who_bears_what(scheme: Scheme) -> None:
    """
    losses:
      of: principal
      layers:
        - {by: pool, up_to: 1000000.00}
        - {by: lender}
      excess: lender
      settled: at_default
    """
    assert [zh for zh, _ in said(scheme, "losses")] == [
        "分担的是贷款本金损失：",
        "第1层由风险池承担，以100万元为限。",
        "第2层由贷款人承担全部剩余。",
        "其余各方无力承担的部分由贷款人承担；违约时先行代偿，最终损失确定后多退少补；追回款按承担顺序倒序返还。",
    ]


def test_each_sentence_has_its_line_and_the_nearest_source(scheme: Scheme) -> None:
    """
    eligible: # 来源：办法第3条
      - {feature: overdue_12m, equals: 0} # source: clause 4
      - {feature: revenue_12m, at_least: 1, source: clause 5}
      - {feature: revenue_12m, at_most: 9}
    uses: [wages]
    """
    cited = [
        (item.line, item.path, item.source.en)
        for item in explain.explain(scheme)
        if item.section in ("eligible", "uses")
    ]
    assert cited == [
        (2, "eligible/0", "clause 4"),
        (3, "eligible/1", "clause 5"),
        (4, "eligible/2", "办法第3条"),
        (5, "uses", "tests"),
    ]


def test_a_comment_cites_for_the_key_on_its_line(scheme: Scheme) -> None:
    """
    losses:
      of: principal # source: clause 7
      borne:
        - {by: lender, share: 100%} # source: clause 8
      excess: lender # 来源：第9条
    """
    cited = [item.source.en for item in explain.explain(scheme) if item.section == "losses"]
    assert cited == ["clause 7", "clause 8", "第9条"]


def test_the_registry_names_what_the_scheme_does_not(scheme: Scheme) -> None:
    """
    words: {scorecard: {zh: 本方案的评分卡, en: our scorecard}}
    eligible: [{feature: overdue_12m, at_most: 2}]
    """
    registry = Registry(
        features={"overdue_12m": FeatureInfo(Text("逾期次数", "times overdue"), unit=Text("次", "times"))},
        methods={"scorecard@1": MethodInfo(Text("通用评分卡", "general scorecard"))},
    )
    told = {item.section: item.text for item in explain.explain(scheme, registry)}
    assert told["eligible"] == Text("逾期次数须不高于2次。", "Times overdue must be at most 2.")
    assert told["assess"].zh.startswith("按“本方案的评分卡”第1版评估")


@pytest.mark.parametrize("text", WHOLE, ids=lambda text: re.search(r"scheme: (\S+)", text)[1])  # type: ignore[index]
def test_every_scheme_reads_whole_in_both_languages(text: str) -> None:
    scheme = parse.parse(text)
    sentences = explain.explain(scheme)
    for item in sentences:
        assert item.zh.endswith(("。", "：")), item.zh
        assert item.en.endswith((".", ":")), item.en
        assert "_" not in item.zh, item.zh
        assert "{" not in item.zh + item.en
        assert not re.search(r"[\u4e00-\u9fff]", item.en.replace(scheme.source.en, "")), item.en
        assert not re.search(r"[a-z]{4,}", re.sub(r"“[a-z-]+”|\([^)]*\)|（[^）]*）|依据：.*|SaaS", "", item.zh)), (
            item.zh
        )
        assert item.line >= 1


@pytest.mark.parametrize("text", WHOLE, ids=lambda text: re.search(r"scheme: (\S+)", text)[1])  # type: ignore[index]
def test_no_clause_goes_unsaid(text: str) -> None:
    """Taking any one leaf out of a scheme, or changing it, changes what is said (titles of sources aside)."""
    scheme = parse.parse(text)
    sections = {item.section for item in explain.explain(scheme)}
    written = set(canonical.document(scheme)) - {
        "version",
        "title",
        "source",
        "effective",
        "expires",
        "words",
        "summary",
    }
    assert written - sections - {"currency", "rounding"} == set()


def test_a_sole_bearer_shares_with_nobody(scheme: Scheme) -> None:
    """losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}"""
    assert said(scheme, "losses") == [
        ("贷款本金损失不分担：", "The loss of principal is not shared:"),
        ("全部由贷款人承担。", "The lender bears all of it."),
        (
            "追偿完结后确定最终损失；追回款归贷款人。",
            "The final loss is known once recovery ends; recoveries go to the lender.",
        ),
    ]


def test_a_capped_bearer_of_the_whole_is_no_sole_bearer(scheme: Scheme) -> None:
    """losses: {of: principal, borne: [{by: pool, share: 100%, up_to: means}], excess: lender}"""
    assert [zh for zh, _ in said(scheme, "losses")][1:] == [
        "风险池承担100%，以其届时可用资金为限。",
        "其余各方无力承担的部分由贷款人承担；追偿完结后按最终损失分担；追回款按各方实际承担额的比例返还。",
    ]


def test_a_note_is_paid_by_its_issuer_where_there_is_no_borrower() -> None:
    note = parse.parse(CATALOGUE[0].with_name("textile-chain-note.yaml").read_bytes())
    assert said(note, "repaid_from") == [
        (
            "兑付来源为核心服装厂约定账户按期扣付的款项。",
            "It is paid from the garment maker's agreed account, as payments fall due.",
        )
    ]


def test_who_issues_a_bond_is_no_drawer_of_a_note() -> None:
    bond = parse.parse(template("bond"))
    assert said(bond, "parties")[0][0].startswith("参与方：发行人（集群企业）、投资者")


@pytest.mark.parametrize(
    ("title", "many"),
    [
        ("notes unpaid at maturity", True),
        ("overdue payments in 12 months", True),
        ("the share of firms losing money", False),
        ("months the shop has run", True),
        ("R&D spending of 12 months", False),
        ("gross loss", False),
    ],
)
def test_english_agrees_in_number(title: str, many: bool) -> None:
    assert phrases.is_plural(title) is many


def test_conditions_agree_and_count_without_a_unit(scheme: Scheme) -> None:
    """
    triggers:
      - {level: 1, when: [{feature: overdue_12m, at_least: 1}], then: [{freeze: new_draws}, {notify: [lender]}]}
    """
    assert said(scheme, "triggers") == [
        (
            "1级风险：当近12个月逾期次数达到1次时，暂停新提款；通知贷款人。",
            "Risk level 1: when overdue payments in 12 months are at least 1, nothing more is drawn; notice goes to the"
            " lender.",
        )
    ]


def test_a_source_speaks_both_languages(scheme: Scheme) -> None:
    """
    eligible:
      - {feature: overdue_12m, equals: 0, source: {zh: 办法第3条, en: "Measures (办法), art. 3"}}
    uses: {allowed: [wages]} # 来源：办法第4条 / source: Measures (办法), art. 4
    late: {times: 1.5, source: clause 7}
    """
    cited = {item.section: item.source for item in explain.explain(scheme)}
    assert cited["eligible"] == Text("办法第3条", "Measures (办法), art. 3")
    assert cited["uses"] == Text("办法第4条", "Measures (办法), art. 4")
    assert cited["late"] == Text("clause 7", "clause 7")
    written = canonical.document(scheme)
    assert (written["eligible"][0]["source"], written["late"]["source"]) == (
        {"zh": "办法第3条", "en": "Measures (办法), art. 3"},
        "clause 7",
    )
