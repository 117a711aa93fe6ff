"""Reading a scheme: every value exact, every mistake at its line, all mistakes at once."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable
from decimal import Decimal

import pytest

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import check, document, explain, parse
from jirong.schemes.check import Examination
from jirong.schemes.model.amounts import Amount, Base, ByLevel, LeastOf, Part, Points, Price
from jirong.schemes.model.contracts import Loan, Tenor
from jirong.schemes.model.eligibility import Assess, EvidenceTest, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.model.sharing import Bearer, Income, Losses
from jirong.schemes.shapes import Span, Table, Value

Found = list[tuple[str, int, str]]


def yuan(amount: str) -> Money:
    return Money.parse(amount)


def test_whole_document(scheme: Scheme) -> None:
    """
    scheme: digital-upgrade-loan
    version: 1
    title: {zh: 数字化升级贷, en: Digital upgrade loan}
    source: sources/000, scene 3
    effective: 2026-01-01
    vehicle: bank_loan
    parties: {borrower: firm, lender: bank, pool: compensation_pool, platform: platform, watcher: government}
    eligible:
      - {feature: membership_months, at_least: 6}
      - {feature: overdue_12m, equals: 0}
      - {evidence: upgrade.effect_report, within: 90 days}
    assess: {method: effect-scorecard@2}
    limit:
      least_of:
        - {amount: 100000.00, because: {zh: 最高10万元, en: programme cap}}
        - {by_level: {A: 100000.00, B: 80000.00, C: 50000.00}}
        - {part: 30%, of: revenue_12m}
    price: {base: LPR-1Y, plus_bp: {by_level: {A: 50, B: 90, C: 150}}}
    instrument: {kind: loan, repay: annuity, tenor: 12 months}
    losses:
      {of: principal_and_interest, borne: [{by: lender, share: 60%}, {by: pool, share: 40%, up_to: means}],
       excess: lender}
    income: [{to: platform, from: lender, rate_bp: 10, of: disbursed}]
    disclose: {watcher: totals, borrower: all, lender: [limit, price]}
    """
    assert scheme == Scheme(
        scheme="digital-upgrade-loan",
        version=1,
        title=Text("数字化升级贷", "Digital upgrade loan"),
        source=Text("sources/000, scene 3", "sources/000, scene 3"),
        effective=dt.date(2026, 1, 1),
        vehicle="bank_loan",
        parties=Table(
            {
                "borrower": "firm",
                "lender": "bank",
                "pool": "compensation_pool",
                "platform": "platform",
                "watcher": "government",
            }
        ),
        eligible=(
            FeatureTest(feature="membership_months", at_least=Value("number", Decimal(6))),
            FeatureTest(feature="overdue_12m", equals=Value("number", Decimal(0))),
            EvidenceTest(evidence="upgrade.effect_report", within=Span(90, "day")),
        ),
        assess=Assess(method="effect-scorecard@2"),
        limit=LeastOf(
            least_of=(
                Amount(amount=yuan("100000"), because=Text("最高10万元", "programme cap")),
                ByLevel(by_level=Table({"A": yuan("100000"), "B": yuan("80000"), "C": yuan("50000")})),
                Part(part=Decimal("0.3"), of="revenue_12m"),
            )
        ),
        price=Price(
            base=Base(lpr="LPR-1Y"),
            plus_bp=Points(by_level=Table({"A": Decimal(50), "B": Decimal(90), "C": Decimal(150)})),
        ),
        instrument=Loan(kind="loan", repay="annuity", tenor=Tenor(exactly=Span(12, "month"))),
        losses=Losses(
            of="principal_and_interest",
            borne=(
                Bearer(by="lender", share=Decimal("0.6")),
                Bearer(by="pool", share=Decimal("0.4"), up_to="means"),
            ),
            excess="lender",
        ),
        income=(Income(from_="lender", to="platform", rate_bp=Decimal(10), of="disbursed"),),
        disclose=Table([("watcher", "totals"), ("borrower", "all"), ("lender", ("limit", "price"))]),
    )


def test_a_clause_knows_its_lines_and_sources(scheme: Scheme) -> None:
    """
    eligible: # 来源：办法第3条
      - feature: overdue_12m # source: clause 4
        equals: 0
      - {feature: revenue_12m, at_least: 1000000, source: "clause #5"}  # 不是依据
    """
    first, second = scheme.eligible
    assert isinstance(second, FeatureTest)
    assert scheme.spot.notes["eligible"] == Text("办法第3条", "办法第3条")
    assert (first.spot.path, first.spot.mark.line, first.spot.of("equals").line) == ("eligible/0", 2, 3)
    assert first.spot.notes[""] == Text("clause 4", "clause 4")
    assert (second.source, second.spot.notes) == (Text("clause #5", "clause #5"), {})


def test_every_mistake_is_reported_at_once(examined: Examination, found: Found) -> None:
    """
    version: one
    vehicle: bank loan
    parties: {borrower: firm, lender: bank, pool: compensation_pool}
    limit: {amout: 100000.00}
    price: {base: LPR-1Y, plus_bp: 50, floor: 3}
    instrument: {kind: lone, repay: annuity}
    losses:
      of: principal
      borne:
        - {by: lender, share: 0.6}
        - {by: pool, share: 40%, up_too: means}
      excess: lendr
    """
    assert [(code, line) for code, line, _ in found] == [
        ("not_whole", 1),
        ("unknown_word", 2),
        ("clause_unknown", 4),
        ("not_percent", 5),
        ("unknown_word", 6),
        ("not_percent", 10),
        ("key_unknown", 11),
    ]
    assert examined.scheme is None


def test_form_and_meaning_are_reported_together(found: Found) -> None:
    """
    version: one
    losses:
      of: principal
      borne:
        - {by: lender, share: 60%}
        - {by: pool, share: 20%}
      excess: lendr
    """
    assert ("not_whole", 1, "version") in found
    assert ("shares_sum", 4, "losses/borne") in found
    assert ("party_undeclared", 7, "losses/excess") in found


@pytest.mark.parametrize(
    ("section", "code", "remedy"),
    [
        ("vehicle: bank loan", "unknown_word", "bank_loan"),
        ("vehicle: 银行贷款", "unknown_word", "bank_loan"),
        ("limit: {amount: 10万}", "not_money", "100000.00"),
        ("limit: {amount: 1.5亿元}", "not_money", "150000000.00"),
        ("limit: {amount: -5}", "not_money", "100000.00"),
        ("limit: {amount: 0}", "not_money", "100000.00"),
        ("limit: {amount: 1e5}", "not_money", "100000.00"),
        ("limit: {part: 0.3, of: revenue_12m}", "not_percent", "30%"),
        ("limit: {part: 130%, of: revenue_12m}", "not_percent", "30%"),
        ("instrument: {kind: loan, repay: annuity, tenor: 12个月}", "not_span", "12 months"),
        ("instrument: {kind: loan, repay: annuity, tenor: 3年}", "not_span", "3 years"),
        ("instrument: {kind: loan, repay: 等额本息, tenor: 1 year}", "unknown_word", "annuity"),
        ("instrument: {kind: chain_note, tenor: 1 month, background: [order], split: 是}", "not_flag", "true"),
        ("effective: 2026-02-30", "not_date", "2026-01-01"),
        ("eligibel: []", "key_unknown", "eligible"),
        ("额度: {amount: 5.00}", "key_unknown", "limit"),
        ("title: 贷款", "not_text", "{zh: 中文, en: English}"),
        ("eligible: {feature: overdue_12m, equals: 0}", "not_list", "- "),
        ("eligible: [{feature: overdue_12m}]", "choose_one", "其中一个"),
        ("eligible: [{feature: overdue_12m, at_least: 1, at_most: 2}]", "choose_one", "其中一个"),
        ("parties: [borrower, lender]", "not_table", "borrower"),
        ("when_missing: refuse", "unknown_word", "refer"),
        ("uses: {}", "key_missing", "allowed"),
        ("version: 1\nversion: 2", "key_repeated", "只保留一处"),
        ("assess: {method: scorecard}", "not_name", "effect-scorecard@2"),
    ],
)
def test_a_mistake_is_answered_with_the_way_to_write_it(section: str, code: str, remedy: str) -> None:
    base = parse.read(section + "\n")
    told = [item for item in base.findings if item.code == f"scheme.{code}"]
    assert told, [item.code for item in base.findings]
    assert any(remedy in item.remedy.zh for item in told), [item.remedy.zh for item in told]
    assert all(item.mark.line in (1, 2) and item.reason.en and item.remedy.en for item in told)


def test_what_is_missing_is_named_with_its_remedy() -> None:
    reading = parse.read("scheme: x\n")
    told = {item.path: item for item in reading.findings}
    assert set(told) == {"version", "title", "source", "effective", "vehicle", "parties", "instrument"}
    assert "simulation_only" in told["vehicle"].remedy.zh
    assert reading.draft is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 1),
        ("# only a comment\n", "empty", 1),
        ("- a\n- b\n", "not_a_scheme", 1),
        ("just words", "not_a_scheme", 1),
        ("a: 1\n b: 2\n", "not_yaml", 2),
        ("a: [1, 2\n", "not_yaml", 2),
        ("a: \x01\n", "not_yaml", 1),
        ('a: "\\UFFFFFFFF"\n', "not_yaml", 1),
        ("%YAML 9" + "9" * 5000 + "\n--- a\n", "not_yaml", 1),
        ("a: &x [1]\nb: *x\n", "anchor", 1),
        ("a: 1\nb: *x\n", "anchor", 2),
        ("a: !!python/object:os.system x\n", "tag", 1),
        ("a: 1\n---\nb: 2\n", "two_documents", 2),
        ("? {a: b}\n: c\n", "key_not_word", 1),
        ("a: " + "[" * 5000, "too_deep", 1),
        ("a: " + "{b: " * 5000, "too_deep", 1),
        ("a: [" + "x, " * 20_000 + "]", "too_deep", 1),
        ("a: " + "x" * 70_000, "too_large", 1),
        (b"a: \xff\xfe\n", "not_utf8", 1),
        (b"ok: 1\nb: \xb4\xfb\n", "not_utf8", 2),
    ],
)
def test_what_is_no_plain_document_is_refused_with_one_finding(text: str | bytes, code: str, line: int) -> None:
    reading = parse.read(text)
    assert reading.draft is None
    assert [(item.code, item.mark.line) for item in reading.findings] == [(f"scheme.{code}", line)]


def test_a_billion_laughs_are_not_laughed() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert [item.code for item in parse.read(bomb).findings] == ["scheme.anchor"]


def test_a_byte_order_mark_is_no_mistake(text: str) -> None:
    """version: 3"""
    assert parse.parse(b"\xef\xbb\xbf" + text.encode()) == parse.parse(text)


def test_a_hash_inside_text_is_no_comment() -> None:
    loaded = document.load('a: "x # source: no"\nb: c#d\ne: |\n  # source: no\nf: [g, # source: yes\n  h]\n')
    assert isinstance(loaded, document.Document)
    assert loaded.comments == {5: "source: yes"}


def test_parse_raises_one_refusal_that_carries_all_findings() -> None:
    with pytest.raises(Invalid) as refused:
        parse.parse("scheme: x\nversion: 0\n")
    assert refused.value.code == "scheme.invalid"
    assert refused.value.where == "1:1"
    assert len(refused.value.details["findings"]) == 7


def test_a_scheme_travels_between_processes(scheme: Scheme) -> None:
    """version: 2"""
    again = pickle.loads(pickle.dumps(scheme))
    assert again == scheme
    assert hash(again) == hash(scheme)


@pytest.mark.parametrize(
    "section",
    [
        "disclose: {lender: [limt]}",
        "consent: [{of: borrower, by: lender, read: [Tax], purpose: credit_assessment, lasts: 1 year}]",
        "triggers: [{level: 1, when: [{featur: x}], then: [{freeze: release}]}]",
        "limit: {by_level: {A: ten}}",
        "limit: {least_of: [{amount: ten}]}",
        "eligible: [{feature: overdue_12m, between: [1, [2]]}]",
        "uses: {allowed: [Wages!]}",
    ],
)
def test_what_is_left_empty_by_mistakes_is_not_read_as_empty(section: str, complete: Callable[[str], str]) -> None:
    examined = check.examine(complete(section))
    assert examined.scheme is None
    if examined.draft is not None:
        assert explain.explain(examined.draft)


@pytest.mark.parametrize("hidden", ["\\x7F", "\\u202E", "\\u200B", "\\u0007"])
def test_text_holds_no_invisible_characters(hidden: str, complete: Callable[[str], str]) -> None:
    found = check.examine(complete(f'title: {{zh: "贷{hidden}款", en: Loan}}')).findings
    assert [item.code for item in found] == ["scheme.not_prose"]
