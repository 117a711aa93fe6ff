"""The calculator's answers: worked by hand, true for any loan, and refused quickly where they cannot be."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
import python_calamine
from hypothesis import given, settings

from jirong.instruments.practice import calculate, present
from jirong.instruments.practice.course import StepKind
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text

LOAN = {"principal": "40000", "rate": "5.85", "start": "2026-01-15", "repayment": "annuity", "months": "12"}


def loan(**more: str) -> calculate.LoanAnswer:
    return calculate.loan({**LOAN, **more})


def refused(**more: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        loan(**more)
    return caught.value


def test_fees_count_in_the_yearly_rate() -> None:
    # 12 instalments of 3,439.90 and 10.00 each against 39,800.00 received: the rate the lender does not quote.
    answer = loan(fee="200", fee_each="10")
    assert (str(answer.cost.fees), str(answer.cost.amount)) == ("320.00", "1598.81")
    flows = [-39800] + [3449.90] * 11 + [3449.91]
    yearly = float(answer.cost.annual.effective)
    worth = sum(amount / (1 + yearly) ** (month / 12) for month, amount in enumerate(flows))
    assert abs(worth) < 0.02
    assert answer.cost.annual.effective > calculate.loan(LOAN).cost.annual.effective


def test_arrears_bear_the_penalty_of_the_contract() -> None:
    """Instalments 2 and 3 paid on 24 April, 40 and 9 days late, at 5.85 % × 1.5 = 8.775 % A/360.

    On principal 3,260.72 × 8.775 % × 40/360 + 3,276.61 × 8.775 % × 9/360 = 31.7920 + 7.1881 = 38.98 (each due half
    up: 31.79 + 7.19), on interest 179.18 and 163.29 likewise 1.7470 + 0.3582 (1.75 + 0.36): 41.09 in all.
    """
    answer = loan(late_from="2", late_days="40")
    late = answer.steps[1]
    assert (late.on, late.kind, late.number, late.count) == (date(2026, 4, 24), StepKind.ARREARS, 3, 2)
    assert [str(amount) for amount in (late.principal, late.interest, late.penalty)] == ["6537.33", "342.47", "41.09"]
    assert str(answer.difference) == "41.09"
    assert present.step_words(late) == Text("补还第 2–3 期", "Instalments 2–3, late")


def test_grace_and_no_compound_interest() -> None:
    assert loan(late_from="2", late_days="3", grace_days="3").difference == Money(0)
    # 3,260.72 × 8.775 % × 10/360 = 7.948
    assert str(loan(late_from="2", late_days="10", compound="no").difference) == "7.95"
    # 3,260.72 × 5.85 % × 1.3 × 10/360 = 6.888
    assert str(loan(late_from="2", late_days="10", compound="no", penalty_factor="1.3").difference) == "6.89"


def test_an_early_repayment_lowers_the_instalments_or_the_tenor() -> None:
    # To 20 May five days of 26,925.18 at 5.85 %: 21.88; the fee is 1 % of 10,000.
    early = {"early_on": "2026-05-20", "early_amount": "10,000", "early_fee": "1"}
    lower, shorter = loan(**early), loan(**early, early_then="shorten")
    step = lower.steps[4]
    assert (step.kind, str(step.interest), str(step.fee), str(step.balance)) == (
        StepKind.EARLY, "21.88", "100.00", "16925.18",
    )  # fmt: skip
    assert (lower.steps[-1].on, shorter.steps[-1].on) == (date(2027, 1, 15), date(2026, 10, 15))
    assert shorter.cost.interest < lower.cost.interest < lower.planned.interest


def test_repaying_all_ends_the_loan() -> None:
    answer = loan(early_on="2026-05-20")
    assert [step.kind for step in answer.steps] == [StepKind.INSTALMENT] * 4 + [StepKind.EARLY]
    assert str(answer.steps[-1].principal) == "26925.18"
    assert not answer.steps[-1].balance


WAYS = st.sampled_from(["annuity", "linear", "interest_first"])


@given(
    st.integers(1_000_00, 10**12), st.integers(0, 2400), st.integers(2, 60), WAYS, st.integers(1, 20),
    st.integers(1, 400), st.integers(0, 50_00),
)  # fmt: skip
@settings(max_examples=60)
def test_whatever_happens_the_principal_is_repaid_once(
    minor: int, rate_bp: int, months: int, way: str, late_from: int, late_days: int, each: int
) -> None:
    answer = calculate.loan({
        "principal": str(Money(minor)), "rate": f"{rate_bp / 100:.2f}", "start": "2025-01-31", "repayment": way,
        "months": str(months), "late_from": str(min(late_from, months) if rate_bp else months),
        "late_days": str(late_days), "fee_each": str(Money(each)),
    })  # fmt: skip
    steps = answer.steps
    assert sum(step.principal.minor for step in steps) == minor
    assert sum(step.count for step in steps) == months or rate_bp == 0
    assert [step.on for step in steps] == sorted({step.on for step in steps})
    assert answer.cost.interest == answer.planned.interest
    assert answer.difference == answer.cost.penalty or rate_bp == 0
    assert not steps[-1].balance


def test_two_offers_and_the_sentence_that_judges_them() -> None:
    cheap = {**LOAN, "rate": "3.85", "fee_each": "60"}
    found = calculate.compare(cheap, LOAN)
    one, two = found.comparison.first, found.comparison.second
    assert found.comparison.difference == two.amount - one.amount
    assert found.as_dict()["cheaper_in_all"] == "second"
    gap = Money(abs(found.comparison.difference.minor)).grouped()
    assert found.verdict == Text(
        f"方案乙更便宜：总成本少 {gap} 元，年化利率也更低",
        f"Offer B is cheaper: CNY {gap} less in all, and its yearly rate is lower too",
    )
    longer = calculate.compare(LOAN, {**LOAN, "months": "24", "rate": "5.5"})
    assert (longer.as_dict()["cheaper_in_all"], longer.as_dict()["cheaper_a_year"]) == ("first", "second")
    assert "比较价格以年化利率为准" in longer.verdict.zh
    assert calculate.compare(LOAN, LOAN).verdict.en == "Both offers cost the same, in all and a year"


def test_a_discount_by_hand() -> None:
    # 1,000,000 × 3.2 % × 181/360 = 16,088.89; half a year of 983,911.11 growing to a million is 3.30 % a year.
    found = calculate.discounted({"amount": "1000000", "rate": "3.2", "on": "2026-11-22", "due": "2027-05-22"})
    assert found.as_dict() | {"annual_rate": None} == {
        "amount": "1000000.00", "days": 181, "charge": "16088.89", "proceeds": "983911.11", "annual_rate": None,
    }  # fmt: skip
    assert str(found.annual.effective)[:6] == "0.0329"
    assert abs(float(found.annual.effective) - ((1000000 / 983911.11) ** 2 - 1)) < 1e-6


def test_plans_are_typed_by_line_or_in_one() -> None:
    many = "2026-05-15 10,000\n2026-09-15: 10,000.00\n2027-01-15=20000"
    one = "2026-05-15=10000,2026-09-15=10000,2027-01-15=20000"
    plans = [loan(repayment="irregular", months="", plan=text).plan.instalments for text in (many, one)]
    assert plans[0] == plans[1]
    assert len(plans[0]) == 3


REFUSALS: list[tuple[dict[str, str], str, str]] = [
    ({"months": "1000000"}, "months", "1 至 1200"),
    ({"months": "1e3"}, "months", "须为整数"),
    ({"months": "9" * 60}, "months", "须为整数"),
    ({"months": "9" * 5000}, "months", "最多 64 个字符"),
    ({"every_months": "-1"}, "every_months", "1 至 1200"),
    ({"principal": ""}, "principal", "请填写本金"),
    ({"principal": "-1"}, "principal", "大于零"),
    ({"principal": "NaN"}, "principal", "请填写数字"),
    ({"principal": "9" * 63}, "principal", "多输"),
    ({"rate": "NaN"}, "rate", "年利率百分数"),
    ({"rate": "1e-9999999"}, "rate", "8 位小数"),
    ({"rate": "-1"}, "rate", "0 至 100"),
    ({"rate": "100"}, "rate", "0 至 100"),
    ({"rate": ""}, "rate", "base 与 bp"),
    ({"start": "0001-01-01"}, "start", "1949 年至 2999 年"),
    ({"start": "soon"}, "start", "例如 2026-01-15"),
    ({"rate": "", "base": "LPR-1Y", "start": "2001-01-01"}, "start", "2019-08-20"),
    ({"rate": "", "base": "SHIBOR"}, "base", "LPR-1Y"),
    ({"rate": "", "base": "LPR-1Y", "bp": "99999"}, "bp", "10000"),
    ({"maturity": "2027-01-15"}, "maturity", "之一"),
    ({"months": "", "maturity": "2026-01-15"}, "maturity", "之后的日期"),
    ({"repayment": "irregular", "months": ""}, "plan", "请填写还款计划"),
    ({"repayment": "irregular", "months": "", "plan": "2027-01-15=1"}, "plan", "40000.00"),
    ({"repayment": "irregular", "months": "", "plan": "x" * 60_001}, "plan", "60000"),
    ({"fee": "40000"}, "fee", "不在同一天"),
    ({"fee": "-1"}, "fee", "零或正数"),
    ({"fee_each": "1.001"}, "fee_each", "2位小数"),
    ({"penalty_factor": "9"}, "penalty_factor", "1.3 至 1.5"),
    ({"early_on": "2027-01-15"}, "early_on", "2026-01-16 至 2027-01-14"),
    ({"early_on": "2026-05-20", "early_amount": "40000"}, "early_amount", "26925.18"),
    ({"early_amount": "1"}, "early_on", "请填写提前还款日"),
    ({"late_from": "3"}, "late_days", "请填写逾期天数"),
    ({"late_from": "13", "late_days": "1"}, "late_from", "1 至 12"),
    ({"late_from": "3", "late_days": "60", "early_on": "2026-05-01"}, "early_on", "先还清"),
]


@pytest.mark.parametrize(("more", "where", "valid"), REFUSALS)
def test_what_cannot_be_is_refused_at_its_field(more: dict[str, str], where: str, valid: str) -> None:
    refusal = refused(**more)
    assert refusal.where == where
    assert refusal.remedy is not None
    assert valid in refusal.remedy.zh, refusal.remedy


def test_the_largest_loan_is_answered() -> None:
    """1,200 instalments with a yearly reset, paid late for ten years: the bound of what one request can ask."""
    answer = loan(principal="90000000000000000", months="1200", rate="", base="LPR-5Y", late_from="1", late_days="3660")
    assert len(answer.plan) == 1200
    assert sum(step.principal.minor for step in answer.steps) == 9 * 10**18


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_workbooks_hold_what_was_calculated() -> None:
    answer, out = loan(late_from="2", late_days="40"), io.BytesIO()
    present.write_xlsx(answer.plan, answer.planned, out, "zh", steps=answer.steps, actual=answer.actual)
    found = sheets(out.getvalue())
    assert list(found) == ["还款计划", "实际还款", "汇总"]
    assert found["实际还款"][2][:2] == [date(2026, 4, 24), "补还第 2–3 期"]
    assert found["实际还款"][2][4] == 41.09
    out, offers = io.BytesIO(), calculate.compare(LOAN, {**LOAN, "rate": "6"})
    costs = (offers.comparison.first, offers.comparison.second)
    present.write_comparison_xlsx([offers.first.plan, offers.second.plan], costs, offers.verdict, out, "en")
    found = sheets(out.getvalue())
    assert list(found) == ["Comparison", "Schedule 1", "Schedule 2"]
    assert found["Comparison"][1] == ["Annual rate (IRR, compound)", "6.0095%", "6.1678%"]
