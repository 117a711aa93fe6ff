"""How financing is put on screen on both sides: words for states and steps, states as sentences with their blocker."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from decimal import Decimal

from django.urls import reverse

from jirong.engine.kinds.loan import Product
from jirong.facts import kinds
from jirong.facts.features import FEATURES
from jirong.financing import product
from jirong.financing.models import Application, Contract, Loan, Policy, Step
from jirong.financing.owing import Late
from jirong.financing.product import EVERY_MONTHS
from jirong.kernel.money import Money
from jirong.kernel.rules import RuleValue
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.schemes import vocabulary
from jirong.schemes.explain import conduct, contracts, phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.conduct import GuaranteeGiven, Pledge
from jirong.schemes.model.contracts import CreditLine
from jirong.schemes.model.contracts import Loan as LoanClause
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import Registry
from jirong.web import parts

APPLICATION_STATES = {
    "draft": Text("草稿", "Draft"),
    "asked": Text("待补充资料", "Something is to be supplied"),
    "referred": Text("转人工审批", "With the lender's people"),
    "refused": Text("未通过", "Refused"),
    "offered": Text("已批准，待签署", "Approved; to be signed"),
    "joining": Text("待共同借款人签署", "Joint borrowers to sign"),
    "signed": Text("已签约", "Signed"),
    "declined": Text("已谢绝", "Declined"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "lapsed": Text("方案已失效", "Lapsed"),
    "discarded": Text("草稿已丢弃", "Draft thrown away"),
}
CONTRACT_STATES = {
    "live": Text("生效中", "In force"),
    "frozen": Text("已冻结", "Frozen"),
    "closed": Text("已结束", "Closed"),
}
LOAN_STATES = {
    "new": Text("未放款", "Not paid out"),
    "paying": Text("放款中", "Being paid out"),
    "live": Text("还款期内", "Live"),
    "overdue": Text("已逾期", "Overdue"),
    "defaulted": Text("已违约", "In default"),
    "written_off": Text("已核销", "Written off"),
    "repaid": Text("已还清", "Repaid"),
}
CLAIM_KINDS = {
    "loan": Text("本金", "Principal"),
    "interest": Text("利息", "Interest"),
    "penalty": Text("罚息", "Penalty"),
    "compound": Text("复利", "Interest on interest"),
    "fee": Text("费用", "Fees"),
    "contribution": Text("共同债务人分摊", "Contribution of joint debtors"),
}
STEPS = {
    "sign": Text("签署合同，开立额度", "Contract signed, limit opened"),
    "draw": Text("提款", "Drawn"),
    "disburse": Text("放款指令", "Pay-out instructed"),
    "disburse.paid": Text("银行已放款", "Paid out by the bank"),
    "disburse.unpaid": Text("银行未放款", "Not paid out by the bank"),
    "limit": Text("额度变动", "Limit changed"),
    "freeze": Text("冻结额度", "Limit frozen"),
    "unfreeze": Text("解冻额度", "Limit unfrozen"),
    "lower": Text("调低额度", "Limit lowered"),
    "repay": Text("还款指令", "Repayment instructed"),
    "repay.paid": Text("银行已收到还款", "Repayment received"),
    "repay.unpaid": Text("还款未成功", "Repayment failed"),
    "settle": Text("结算款还款", "Repaid from a settlement"),
    "relayed": Text("由另一家银行承接", "Taken over by another bank"),
    "extend": Text("展期", "Extended"),
    "restructure": Text("重组", "Restructured"),
    "waive": Text("减免", "Waived"),
    "accelerate": Text("宣布提前到期", "All called due"),
    "share_loss": Text("确认损失并代偿", "Loss shared"),
    "call_again": Text("再次要求代偿", "Unpaid parts called again"),
    "compensate.paid": Text("代偿已到账", "Compensation received"),
    "compensate.unpaid": Text("代偿未付，可再次要求", "A part was not paid; it may be called again"),
    "recover": Text("违约后还款", "Paid after default"),
    "recover.paid": Text("追回款已到账", "Recovery received"),
    "recover.unpaid": Text("违约后还款未成功", "Payment after default failed"),
    "refund.paid": Text("多付款已退回", "Overpaid money returned"),
    "refund.unpaid": Text("退款未成功", "Refund failed"),
    "write_off": Text("核销", "Written off"),
    "close_day": Text("日终", "Close of business"),
    "debit": Text("到期自动扣款", "Debited when due"),
    "collateral": Text("处置押品还款", "Repaid by realising the collateral"),
    "reprice": Text("利率调整", "Rate changed"),
    "trigger.begins": Text("触发条件出现", "A trigger began"),
    "trigger.ends": Text("触发条件解除", "A trigger ended"),
    "trigger.unknown": Text("触发条件资料不清", "A trigger cannot be judged"),
    "income": Text("收益分成", "Income share"),
    "income.pay": Text("收益分成付款指令", "Income share instructed"),
    "subsidy": Text("补贴", "Subsidy"),
    "income.paid": Text("收益分成已付", "Income share paid"),
    "income.unpaid": Text("收益分成付款未成功", "Income share not paid"),
    "subsidy.pay": Text("补贴付款指令", "Subsidy instructed"),
    "subsidy.paid": Text("补贴已付", "Subsidy paid"),
    "subsidy.unpaid": Text("补贴付款未成功", "Subsidy not paid"),
}
STEP_TONES = {
    "repay.unpaid": "bad",
    "disburse.unpaid": "bad",
    "freeze": "bad",
    "trigger.begins": "bad",
    "repay.paid": "good",
    "disburse.paid": "good",
}
REPAYMENTS = {
    "annuity": vocabulary.REPAY["annuity"],
    "linear": vocabulary.REPAY["equal_principal"],
    "interest_first": vocabulary.REPAY["interest_first"],
    "bullet": vocabulary.REPAY["bullet"],
}
"""Ways to repay by the instruments' own names."""
KNOWN = {
    "present": Text("有", "known"),
    "missing": Text("没有资料", "no facts"),
    "withheld": Text("未获授权", "no consent"),
    "contradictory": Text("来源不一致", "sources disagree"),
}


def kind_title(code: str) -> Text:
    """A kind of fact in words."""
    found = kinds.KINDS.get(code)
    return found.title if found else Text(code, code)


def feature_title(code: str) -> Text:
    """A feature in words; a name nobody knows stands for itself."""
    found = FEATURES.get(code)
    return found.title if found else Text(code, code)


def registry() -> Registry:
    """Names of features and papers for schemes that do not explain them."""
    from jirong.facts import features

    return Registry(features=features.infos(), evidence=features.evidence_names())


def title_of(policy: Policy) -> Text:
    """The scheme's name as a product is called by."""
    return Text(policy.scheme.title, policy.scheme.title_en or policy.scheme.title)


def yuan(amount: Money | int) -> Text:
    shown = (amount if isinstance(amount, Money) else Money(amount)).grouped()
    return Text(f"{shown} 元", f"CNY {shown}")


def percent(rate: Decimal) -> str:
    """A yearly rate with two decimals: 5.85 %."""
    return f"{(rate * 100).quantize(Decimal('0.01'))} %"


def days_words(due: datetime.date, today: datetime.date) -> Text:
    days = (due - today).days
    if days > 0:
        return Text(f"{due}，还有{days}天", f"{due}, in {days} days")
    return (
        Text(f"{due}，就是今天", f"{due}, today")
        if days == 0
        else Text(f"{due}，已过{-days}天", f"{due}, {-days} days ago")
    )


# States as sentences ------------------------------------------------------------------------------------------------


def application_status(row: Application, today: datetime.date) -> parts.Status:
    """Where an application stands and who is to act."""
    state, lender = APPLICATION_STATES[row.state], labels.name_of(row.policy.lender)
    if row.state == "offered" and row.offered_until:
        left = days_words(row.offered_until, today)
        return parts.Status(state, Text(f"有效至{left.zh}", f"open until {left.en}"), "wait")
    blockers = {
        "draft": (Text("还没有提交", "not submitted yet"), "plain"),
        "asked": (Text("补齐后再次提交即可", "supply it and submit again"), "wait"),
        "referred": (Text(f"等待{lender.zh}的审批人员", f"{lender.en} is to decide"), "wait"),
        "joining": (
            Text(f"{row.offered_until}前由共同借款人签署", f"the joint borrowers sign by {row.offered_until}"),
            "wait",
        ),
        "refused": (Text("原因和办法见下", "reasons and remedies below"), "bad"),
    }
    blocker, tone = blockers.get(row.state, ("", "good" if row.state == "signed" else "plain"))
    return parts.Status(state, blocker, tone)


def late_words(late: Late) -> Text:
    """Why nothing is drawn: what this lender is owed late."""
    if late.defaulted:
        return Text("在该贷款人处有贷款已违约", "a loan of this lender is in default")
    return Text(
        f"在该贷款人处有款项自{late.since}起逾期未还", f"something owed to this lender is unpaid since {late.since}"
    )


def contract_status(row: Contract, today: datetime.date) -> parts.Status:
    state = CONTRACT_STATES[row.status]
    if row.status == "frozen":
        return parts.Status(
            state, Text("暂不能提款，已借的照常还", "no drawing for now; what is drawn is repaid as agreed"), "bad"
        )
    if row.status == "closed":
        return parts.Status(state)
    if row.how == "once":
        return parts.Status(state, Text("一次提款", "drawn once"), "good")
    left = days_words(row.ends, today)
    if row.ends < today:
        return parts.Status(Text("提款期已过", "Drawing is over"), left, "plain")
    return parts.Status(state, Text(f"可提款至{left.zh}", f"may be drawn until {left.en}"), "good")


def loan_status(row: Loan, today: datetime.date) -> parts.Status:
    state = LOAN_STATES[row.status]
    if row.status in ("new", "paying"):
        return parts.Status(state, Text("待银行答复放款指令", "the bank is to answer the pay-out"), "wait")
    if row.status == "overdue" and row.oldest_due:
        days = (today - row.oldest_due).days
        return parts.Status(
            state, Text(f"自{row.oldest_due}起，已{days}天", f"since {row.oldest_due}, {days} days"), "bad"
        )
    if row.status == "live" and row.oldest_due and row.oldest_due <= today:
        return parts.Status(state, Text("今天到期，待还", "due today"), "wait")
    if row.status == "live" and row.next_due and row.next_due <= today:
        # The day it fell due is not closed yet; the reader need not wait for that to know.
        late = (today - row.next_due).days
        said = Text(f"{row.next_due}到期，已过{late}天", f"due {row.next_due}, {late} days ago") if late else ""
        return parts.Status(Text("到期未还", "Due, not paid"), said, "bad" if late else "wait")
    if row.status == "live" and row.next_due:
        left = days_words(row.next_due, today)
        return parts.Status(state, Text(f"下次还款{left.zh}", f"next payment {left.en}"), "good")
    return parts.Status(
        state, tone="good" if row.status == "repaid" else "bad" if row.status == "defaulted" else "plain"
    )


# Terms in words -----------------------------------------------------------------------------------------------------


def tenor(scheme: Scheme) -> Text:
    found = scheme.instrument
    if isinstance(found, CreditLine):
        each = contracts.tenor(found.tenor)
        return Text(
            f"额度{phrases.span(found.open_for).zh}，每笔{each.zh}",
            f"line of {phrases.span(found.open_for).en}, each {each.en}",
        )
    assert isinstance(found, LoanClause)
    return contracts.tenor(found.tenor)


def tenor_briefly(scheme: Scheme) -> Text:
    """For a list: 12个月, or for a line how long it stays open."""
    found = scheme.instrument
    if isinstance(found, CreditLine):
        open_for = phrases.span(found.open_for)
        return Text(f"额度{open_for.zh}", f"line, {open_for.en}")
    assert isinstance(found, LoanClause)
    return phrases.span(found.tenor.longest)


REPAY_BRIEFLY = {
    "annuity": Text("等额本息", "annuity"),
    "equal_principal": Text("等额本金", "equal principal"),
    "interest_first": Text("先息后本", "interest first"),
    "bullet": Text("到期还本付息", "all at the end"),
}


def repay_briefly(scheme: Scheme) -> Text:
    """For a list: the way of repaying without how often."""
    assert isinstance(scheme.instrument, LoanClause | CreditLine)
    return REPAY_BRIEFLY[scheme.instrument.repay]


def security_briefly(scheme: Scheme) -> Text:
    """For a list: what secures the debt, without how."""
    if not scheme.security or isinstance(scheme.security, str):
        return Text("信用", "unsecured")
    said = []
    for item in scheme.security:
        if isinstance(item, Pledge):
            said.append(
                Text(f"质押{vocabulary.PLEDGE[item.pledge].zh}", f"pledge of {vocabulary.PLEDGE[item.pledge].en}")
            )
        else:
            said.append(
                Text("保证", "guarantee") if isinstance(item, GuaranteeGiven) else Text("共同借款", "joint debt")
            )
    return labels.joined(said)


def repay_words(scheme: Scheme) -> Text:
    found = scheme.instrument
    assert isinstance(found, LoanClause | CreditLine)
    said = vocabulary.REPAY[found.repay]
    if found.repay == "bullet" or EVERY_MONTHS.get(found.every) is None:
        return said
    often = vocabulary.EVERY[found.every]
    return Text(f"{said.zh}，{often.zh}", f"{said.en}, {often.en}")


def security_words(scheme: Scheme) -> Text:
    names = Names(scheme, registry())
    if not scheme.security or isinstance(scheme.security, str):
        return (
            vocabulary.UNSECURED["unsecured"] if scheme.security else Text("方案未要求担保", "no security is asked for")
        )
    return phrases.clauses([conduct.security_phrase(item, names) for item in scheme.security])


def conduct_words(made: Product, scheme: Scheme, on: datetime.date) -> list[Text]:
    """What happens when it is paid late, and early; a late rate the scheme does not state, with its clause."""
    factor, grace = made.penalty_factor.normalize(), made.grace_days
    free = (
        Text(f"，宽限{grace}天", f" after {grace} days of grace")
        if grace
        else Text("，不设宽限期", ", without days of grace")
    )
    early = (
        Text("可以提前还款，不另收费。", "It may be repaid early at no charge.") if made.early
        else Text("提前还款须经贷款人同意。", "Early repayment needs the lender's consent.")
    )  # fmt: skip
    late = Text(f"逾期按合同利率的{factor}倍计罚息{free.zh}。", f"Overdue it bears {factor} times the rate{free.en}.")
    if scheme.late is None or scheme.late.times is None:
        cited = product.late_rule(on).citation
        late = Text(f"{late.zh}依据：{cited.zh}", f"{late.en} By {cited.en}")
    return [late, early]


def clause_of(rule: RuleValue) -> parts.Clause:
    """A dated rule as a clause on screen, marked where nobody has read it."""
    return parts.Clause(rule.clause, rule.rule.title, rule.since, rule.verified)


PURPOSES = {**vocabulary.PURPOSE, "supply": Text("提供数据", "supplying data")}


def purpose_words(code: str) -> Text:
    return PURPOSES.get(code) or Text(code, code)


QUIET = ("limit", "close_day")
"""Steps a timeline leaves out: what happened stands beside them already."""


def entry(step: Step, grades: Mapping[uuid.UUID, str]) -> parts.Entry:
    """One thing that happened to a contract or a loan, with its receipt where the reader may check it."""
    on = Text(f"营业日 {step.on}", f"business date {step.on}")
    amount = yuan(step.amount_minor) if step.amount_minor else None
    detail = Text(f"{amount.zh} · {on.zh}", f"{amount.en} · {on.en}") if amount else on
    reasons = [Text.from_dict(reason["text"]) for reason in step.reasons if reason.get("text")]
    if reasons:
        detail = Text(f"{detail.zh} · {reasons[0].zh}", f"{detail.en} · {reasons[0].en}")
    return parts.Entry(
        at=step.recorded_at, what=STEPS.get(step.kind, step.kind), who=labels.name_of(step.by) if step.by else "",
        detail=detail, tone=STEP_TONES.get(step.kind, "plain"),
        receipt_url=reverse("receipt", args=[step.action]) if step.action in grades else "", grade=grades.get(step.action, ""),
    )  # fmt: skip
