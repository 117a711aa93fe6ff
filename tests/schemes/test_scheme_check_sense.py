"""What a banker would stop at: each story is a scheme that read well and could not have worked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jirong.kernel import rates, rules
from jirong.kernel.text import Text
from jirong.schemes import check
from jirong.schemes.check import Examination
from jirong.schemes.findings import Finding, Severity
from jirong.schemes.registry import FeatureInfo, MethodInfo, Registry

BORNE = "losses: {of: principal, borne: [{by: lender, share: 60%}, {by: pool, share: 40%}], excess: lender}\n"
GUARANTOR = "parties: {borrower: firm, lender: bank, guarantor: guarantor}\n"
LAYERS = "losses: {of: principal, layers: [{by: borrower, up_to: 1000.00}, {by: lender}], excess: lender}\n"
PAID = "parties: {borrower: firm, lender: bank, pool: compensation_pool, vendor: provider, bureau: government}\n"

IMPOSSIBLE = {
    "guarantee_self": ("security: [{guarantee: general, by: borrower}]", "security/0/by"),
    "guarantee_self by the lender": ("security: [{guarantee: general, by: lender, share: 60%}]", "security/0/by"),
    "guarantee_share": (
        GUARANTOR + "security: [{guarantee: joint_and_several, by: guarantor, share: 90%}]\n"
        "losses: {of: principal, borne: [{by: guarantor, share: 40%}, {by: lender, share: 60%}], excess: lender}",
        "security/0/share",
    ),
    "debtor_bears": (BORNE.replace("pool", "borrower"), "losses/borne/1/by"),
    "debtor_bears in a layer": (LAYERS, "losses/layers/0/by"),
    "debtor_bears the rest": (BORNE.replace("excess: lender", "excess: borrower"), "losses/excess"),
    "payee_unfit": (PAID + "uses: {allowed: [equipment], pay: entrusted, to: borrower}", "uses/to"),
    "payee_unfit, a bureau": (PAID + "uses: {allowed: [equipment], pay: entrusted, to: bureau}", "uses/to"),
    "applicant_unfit": ("parties: {borrower: government, lender: bank, pool: compensation_pool}", "parties"),
    "level_twice": ("assess: {method: scorecard@1, levels: [A, B, C], refer: [C], source: x}", "assess/refer"),
    "drawing_unfit": ("drawing: revolving", "drawing/how"),
    "late_outside_law": ("late: {times: 3}", "late/times"),
    "late_outside_law, too little": ("late: {times: 1.2}", "late/times"),
}
ASKED = {
    "source_unfit": ("repaid_from: [note_settlement]", "repaid_from/0/how"),
    "limit_nothing": ("limit: {least_of: [{amount: 5.00}, {part: 0%, of: revenue_12m}]}", "limit/least_of/1/part"),
    "cover_thin": ("security: [{pledge: stock, by: borrower, cover: 20%}]", "security/0/cover"),
    "rate_high": ("price: {fixed: 36%}", "price"),
    "consent_endless": (
        "consent: [{of: borrower, by: lender, read: [tax.filing], purpose: monitoring, lasts: 100 years}]",
        "consent/0/lasts",
    ),
    "refers_to_itself": ("related: [plain-loan@1]", "related"),
    "refers_to_itself by a trigger": (
        "triggers: [{level: 1, when: [{feature: overdue_12m, at_least: 1}], then: [{open: plain-loan@1}]}]",
        "triggers/0/then/0/open",
    ),
    "terms_unsaid": ("- uses\n- security\n- repaid_from\n- losses", "instrument"),
}


def told(text: str, registry: Registry | None = None) -> Examination:
    book, lpr = rules.house_rulebook(), rates.lpr_history()
    return check.examine(text, book, lpr=lpr, registry=registry or Registry())


def only(text: str, code: str) -> Finding:
    examined = told(text)
    found = [item for item in examined.findings if item.code == f"scheme.{code}"]
    assert len(found) == 1, [(item.code, item.path) for item in examined.findings]
    return found[0]


@pytest.mark.parametrize("story", IMPOSSIBLE)
def test_what_cannot_work_is_an_error_at_its_clause(story: str, complete: Callable[[str], str]) -> None:
    text, path = IMPOSSIBLE[story]
    found = only(complete(text), story.split()[0].strip(","))
    assert (found.severity, found.path) == (Severity.ERROR, path)
    assert found.mark.line > 0
    assert found.reason.en != found.reason.zh


@pytest.mark.parametrize("story", ASKED)
def test_what_looks_unwise_is_asked(story: str, complete: Callable[[str], str]) -> None:
    text, path = ASKED[story]
    found = only(complete(text), story.split()[0])
    assert (found.severity, found.path) == (Severity.WARNING, path)


def test_late_interest_quotes_its_rule_and_says_that_nobody_read_it(complete: Callable[[str], str]) -> None:
    found = only(complete("late: {times: 3}"), "late_outside_law")
    assert found.reason.zh == "逾期利率为合同利率的3倍，应在1.3至1.5倍之间"
    assert found.clause is not None
    assert "银发〔2003〕251号" in found.clause.zh
    assert found.verified is False
    assert not [item for item in told(complete("late: {times: 1.5}")).findings if "late" in item.code]


def test_a_guarantor_that_bears_what_it_guarantees_is_no_matter(complete: Callable[[str], str]) -> None:
    text, _ = IMPOSSIBLE["guarantee_share"]
    assert not [item for item in told(complete(text.replace("90%", "40%"))).findings if "guarantee" in item.code]


def test_the_seller_may_be_paid_and_the_line_may_revolve(complete: Callable[[str], str]) -> None:
    line = "instrument: {kind: credit_line, repay: bullet, tenor: 6 months, open_for: 1 year}\ndrawing: revolving\n"
    text = PAID + line + "uses: {allowed: [equipment], pay: entrusted, to: vendor}"
    assert not {"scheme.payee_unfit", "scheme.drawing_unfit"} & {item.code for item in told(complete(text)).findings}


def test_what_was_left_unsaid_is_named(complete: Callable[[str], str]) -> None:
    found = only(complete("- uses\n- security"), "terms_unsaid")
    assert found.reason == Text("贷款没有写明用途、担保措施", "The loan does not say: use of funds and security")


READS = Registry(
    features={
        "overdue_12m": FeatureInfo(Text("逾期", "overdue"), sources=("repayment.record",)),
        "revenue_12m": FeatureInfo(Text("收入", "revenue"), kind="money", sources=("tax.filing",)),
    },
    methods={"scorecard@1": MethodInfo(Text("评分卡", "scorecard"), ("A", "B", "C"), ("revenue_12m",))},
)
CONSENT = (
    "consent: [{of: borrower, by: lender, read: [repayment.record, tax.filing], purpose: PURPOSE, lasts: 1 year}]\n"
)
WATCH = "triggers: [{level: 1, when: [{feature: overdue_12m, at_least: 1}], then: [{freeze: new_draws}]}]\n"


def amiss(text: str) -> dict[str, Finding]:
    return {item.path: item for item in told(text, READS).findings if item.code == "scheme.consent_purpose"}


@pytest.mark.parametrize("purpose", ["effect_measurement", "claims_handling", "monitoring", "note_verification"])
def test_a_consent_for_another_purpose_decides_no_credit(purpose: str, complete: Callable[[str], str]) -> None:
    found = amiss(complete(CONSENT.replace("PURPOSE", purpose)))
    assert set(found) == {"eligible/0/feature", "assess/method", "limit/least_of/2/of"}
    assert {item.severity for item in found.values()} == {Severity.ERROR}
    assert "purpose: credit_assessment（授信评估）" in found["assess/method"].remedy.zh


def test_the_finding_names_both_purposes(complete: Callable[[str], str]) -> None:
    found = amiss(complete(CONSENT.replace("PURPOSE", "effect_measurement")))["limit/least_of/2/of"]
    assert found.reason == Text(
        "“tax.filing”只授权用于效果计量，不能用于授信评估",
        "Consent to read “tax.filing” is for measuring the effect, not for credit assessment",
    )


def test_triggers_are_read_to_monitor(complete: Callable[[str], str]) -> None:
    watched = "triggers/0/when/0/feature"
    assert watched in amiss(complete(CONSENT.replace("PURPOSE", "subsidy_review") + WATCH))
    assert watched not in amiss(complete(CONSENT.replace("PURPOSE", "monitoring") + WATCH))


def test_credit_assessment_covers_all_that_is_decided(complete: Callable[[str], str]) -> None:
    assert amiss(complete(CONSENT.replace("PURPOSE", "credit_assessment") + WATCH)) == {}


def test_the_order_of_two_consents_makes_no_difference(complete: Callable[[str], str]) -> None:
    first = "{of: borrower, by: lender, read: [tax.filing], purpose: monitoring, lasts: 1 year}"
    second = (
        "{of: borrower, by: lender, read: [repayment.record, tax.filing], purpose: credit_assessment, lasts: 1 year}"
    )
    for order in ((first, second), (second, first)):
        assert amiss(complete(f"consent: [{', '.join(order)}]\n")) == {}


def test_a_consent_that_cannot_be_read_is_one_mistake(complete: Callable[[str], str]) -> None:
    found = told(complete(CONSENT.replace("PURPOSE", "marketing")), READS).findings
    assert [(item.code, item.path) for item in found] == [("scheme.unknown_word", "consent/0/purpose")]
