"""Sentences on the contract: one function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentences, Writer
from jirong.schemes.model import contracts
from jirong.schemes.model.contracts import Tenor
from jirong.schemes.model.scheme import Scheme


def contract(scheme: Scheme, names: Names) -> Sentences:
    """What is signed: its kind and its terms."""
    found = scheme.instrument
    kind = vocabulary.KIND[found.kind]
    text = Text("合同为{kind}：", "the contract is {a} {kind}:").format(
        kind=kind, a="an" if kind.en[0] in "aeiou" else "a"
    )
    yield Writer(scheme, "instrument").say(
        found, phrases.joined(text, phrases.clauses(_SAID[type(found)](found, names)))
    )


def tenor(found: Tenor) -> Text:
    """期限12个月 / for 12 months."""
    long = phrases.span(found.longest)
    if found.exactly:
        return Text(f"期限{long.zh}", f"for {long.en}")
    return Text(f"期限不超过{long.zh}", f"for at most {long.en}")


def _loan(found: contracts.Loan, names: Names) -> list[Text]:
    return [tenor(found.tenor), _repaid(found.repay, found.every), vocabulary.DAY_COUNT[found.basis]]


def _repaid(repay: str, every: str) -> Text:
    said = vocabulary.REPAY[repay]
    if repay == "bullet":
        return said
    often = vocabulary.EVERY[every]
    if repay == "interest_first":
        return Text(f"{said.zh}，{often.zh}付息", f"interest {often.en}, principal at maturity")
    return Text(f"{said.zh}，{often.zh}还款", f"repaid {said.en}, {often.en}")


def _line(found: contracts.CreditLine, names: Names) -> list[Text]:
    open_for = phrases.span(found.open_for)
    each = tenor(found.tenor)
    return [
        Text(f"额度有效期{open_for.zh}", f"open for {open_for.en}"),
        Text(f"每笔{each.zh}", f"each drawing {each.en}"),
        _repaid(found.repay, found.every),
        vocabulary.DAY_COUNT[found.basis],
    ]


def _lot_loan(found: contracts.LotLoan, names: Names) -> list[Text]:
    return [
        Text("与所质押链单同日到期，利息不得预先扣除", "due with the pledged note, no interest taken up front"),
        vocabulary.REPAY[found.repay],
        vocabulary.DAY_COUNT[found.day_count],
    ]


def _discount(found: contracts.Discount, names: Names) -> list[Text]:
    return [vocabulary.RECOURSE[found.recourse], vocabulary.DAY_COUNT[found.day_count]]


def _note(found: contracts.ChainNote, names: Names) -> list[Text]:
    papers = phrases.listed([vocabulary.BACKGROUND[word] for word in found.background])
    parts = [
        tenor(found.tenor),
        Text(f"须有{papers.zh}为贸易背景", f"backed by {papers.en}"),
        Text("可拆分转让", "may be split and passed on") if found.split else Text("不得拆分", "may not be split"),
    ]
    if found.tiers_most:
        parts.append(Text(f"流转不超过{found.tiers_most}级", f"at most {found.tiers_most} tiers"))
    if found.supplier_consent:
        parts.append(vocabulary.CONSENT_RECORD[found.supplier_consent])
    if found.no_set_off:
        parts.append(Text("{issuer}承诺不行使抵销权", "{issuer} waives set-off").format(issuer=names.party("issuer")))
    return parts


def _guarantee(found: contracts.GuaranteeContract, names: Names) -> list[Text]:
    cover, fee = phrases.rate(found.covers), phrases.rate(found.fee)
    parts = [
        vocabulary.GUARANTEE_FORM[found.form],
        Text(f"承担{vocabulary.LOSS_OF[found.of].zh}的{cover.zh}", f"{cover.en} of {vocabulary.LOSS_OF[found.of].en}"),
        Text(f"担保费每年{fee.zh}", f"a fee of {fee.en} a year"),
        tenor(found.tenor),
    ]
    if found.leverage is not None:
        many = phrases.times(found.leverage)
        parts.append(Text(f"担保余额不超过净资产的{many.zh}", f"guarantees at most {many.en} net assets"))
    if found.single_debtor is not None:
        most = phrases.rate(found.single_debtor)
        parts.append(Text(f"单户不超过净资产的{most.zh}", f"one debtor at most {most.en} of net assets"))
    if found.counter:
        who = names.party(found.counter)
        parts.append(Text(f"由{who.zh}提供反担保", f"{who.en} gives a counter-guarantee"))
    return parts


def _lease(found: contracts.MeteredLease, names: Names) -> list[Text]:
    unit, rent, often = vocabulary.METER[found.meter], phrases.amount(found.rent), vocabulary.EVERY[found.billed]
    parts = [Text(f"每{unit.zh}租金{rent.zh}", f"{rent.en} per {unit.en}")]
    for step in found.steps or ():
        use, cut = phrases.rate(step.use_at_least), phrases.amount(step.rent)
        parts.append(Text(f"利用率达到{use.zh}后为{cut.zh}", f"{cut.en} once use has reached {use.en}"))
    if found.lessor_monthly:
        paid = phrases.amount(found.lessor_monthly)
        parts.append(Text(f"每台每月向出租方支付{paid.zh}", f"{paid.en} a machine a month to the lessor"))
    parts += [Text(f"{often.zh}结算", f"billed {often.en}"), tenor(found.tenor)]
    if found.respond_within:
        fast = phrases.span(found.respond_within)
        parts.append(Text(f"故障响应不超过{fast.zh}", f"faults answered within {fast.en}"))
    if found.service_every:
        ahead = phrases.span(found.service_within) if found.service_within else None
        text = Text(f"每运行{found.service_every:,}小时保养", f"serviced every {found.service_every:,} hours")
        parts.append(
            Text(f"{text.zh}，提前{ahead.zh}提示", f"{text.en}, announced {ahead.en} before") if ahead else text
        )
    return parts


def _subscription(found: contracts.MeteredSubscription, names: Names) -> list[Text]:
    trial, period = phrases.span(found.trial), phrases.every(found.period)
    bar, each, base = phrases.rate(found.threshold), phrases.amount(found.per_point), phrases.amount(found.otherwise)
    parts = [
        Text(f"先免费试用{trial.zh}，{period.zh}计费一次", f"free for {trial.en}, then billed {period.en}"),
        Text(f"效果{vocabulary.MEASURE[found.measure].zh}", f"the effect is {vocabulary.MEASURE[found.measure].en}"),
        Text(
            f"达到{bar.zh}的，每提升1个百分点付{each.zh}（{vocabulary.COUNTS_FROM[found.counts_from].zh}，"
            f"{vocabulary.POINTS[found.points].zh}）",
            f"from {bar.en} on, {each.en} a point ({vocabulary.COUNTS_FROM[found.counts_from].en}, "
            f"{vocabulary.POINTS[found.points].en})",
        ),
        Text(f"未达到的，只付基础运维费{base.zh}", f"below it only the base fee of {base.en}"),
    ]
    for key, said in _PRICES.items():
        money = getattr(found, key)
        if money:
            parts.append(said.format(it=phrases.amount(money)))
    if found.expected_effect is not None:
        parts.append(Text("预期效果{it}", "expected effect {it}").format(it=phrases.rate(found.expected_effect)))
    return parts


_PRICES = {
    "cap": Text("每期最高{it}", "at most {it} a period"),
    "list_price": Text("单独购买价{it}", "list price {it}"),
    "group_price": Text("集群团购价{it}", "group price {it}"),
}


def _policy(found: contracts.Policy, names: Names) -> list[Text]:
    cover = phrases.listed([phrases.rate(share) for share in found.covers])
    if len(found.covers) == 2:
        low, high = (phrases.rate(share) for share in found.covers)
        cover = Text(f"{low.zh}至{high.zh}", f"{low.en} to {high.en}")
    premium = phrases.rate(found.premium)
    parts = [
        Text(f"赔付损失的{cover.zh}", f"pays {cover.en} of the loss"),
        Text(f"保费率{premium.zh}", f"premium {premium.en}"),
        tenor(found.tenor),
    ]
    if found.deductible:
        free = phrases.amount(found.deductible)
        parts.append(Text(f"免赔额{free.zh}", f"the first {free.en} is not paid"))
    return parts


def _stake(found: contracts.PoolStake, names: Names) -> list[Text]:
    paid, within = phrases.rate(found.paid_in), phrases.span(found.call_within)
    return [
        Text(f"签约时实缴{paid.zh}", f"{paid.en} paid in on signing"),
        Text(f"其余在通知后{within.zh}内缴付", f"the rest within {within.en} of a call"),
        tenor(found.tenor),
    ]


def _bond(found: contracts.Bond, names: Names) -> list[Text]:
    face, often = phrases.amount(found.denomination), vocabulary.EVERY[found.every]
    return [
        Text(f"面值{face.zh}", f"in units of {face.en}"),
        tenor(found.tenor),
        Text(f"{often.zh}付息", f"interest {often.en}"),
        vocabulary.DAY_COUNT[found.day_count],
    ]


def _right(found: contracts.EquityRight, names: Names) -> list[Text]:
    share, strike = phrases.rate(found.share), phrases.amount(found.strike)
    return [Text(f"可按{strike.zh}认购{share.zh}股权", f"a right to buy {share.en} at {strike.en}"), tenor(found.tenor)]


def _grant(found: contracts.SubsidyGrant, names: Names) -> list[Text]:
    often = vocabulary.EVERY[found.paid]
    return [Text(f"{often.zh}发放", f"paid {often.en}")]


_SAID: dict[type, Callable[[Any, Names], list[Text]]] = {
    contracts.Loan: _loan,
    contracts.CreditLine: _line,
    contracts.LotLoan: _lot_loan,
    contracts.Discount: _discount,
    contracts.ChainNote: _note,
    contracts.GuaranteeContract: _guarantee,
    contracts.MeteredLease: _lease,
    contracts.MeteredSubscription: _subscription,
    contracts.Policy: _policy,
    contracts.PoolStake: _stake,
    contracts.Bond: _bond,
    contracts.EquityRight: _right,
    contracts.SubsidyGrant: _grant,
}
