"""What the law of the day says of a scheme. Each finding is as grave as its rule, and quotes it.

Rules come from the dated rulebook; a rule whose text nobody has read is marked so in the finding. A scheme is also
told of a stricter value that is to come into force while it may still be running.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from jirong.kernel import calendar
from jirong.kernel.rules import RuleValue
from jirong.kernel.text import Text
from jirong.schemes.check.context import Context, Findings, by_law, error, warning
from jirong.schemes.explain import phrases
from jirong.schemes.grammar import Clause
from jirong.schemes.kinds import LENDING, LOANS, UNLICENSED
from jirong.schemes.model.conduct import Pledge
from jirong.schemes.model.contracts import Bond, ChainNote, EquityRight, GuaranteeContract, PoolStake
from jirong.schemes.rates import BASE_YEARS_LONG, rate_range

DAYS_A_YEAR = 360


def law(context: Context) -> Findings:
    """Every rule that can be held against the text of a scheme."""
    if context.rulebook is None:
        return
    for check in _CHECKS:
        yield from check(context)


def _unlicensed(context: Context) -> Findings:
    """Who may not lend: the platform, a pool, private people; the cluster finance company only to its own group."""
    scheme = context.scheme
    if scheme.instrument.kind not in LOANS:
        return
    role = scheme.parties.get(context.kind.payer, "")
    rule_id, zh, en = _BARRED_LENDERS.get(role, ("", "", ""))
    rule = context.law(rule_id) if rule_id else None
    if rule:
        remedy = Text(
            "请由银行等持牌机构放款，该方可出资、担保或贴息",
            "Let a bank lend; this party may fund, guarantee or subsidise",
        )
        yield by_law(rule, "lender_barred", scheme, "parties", Text(zh, en), remedy)


_BARRED_LENDERS = {
    "platform": ("platform.licence", "平台不得放款", "The platform may not lend"),
    "compensation_pool": ("pool.no_lending", "资金池不得自行放贷", "A pool may not lend by itself"),
    "risk_pool": ("pool.no_lending", "风险池不得自行放贷", "A pool may not lend by itself"),
    "investor": ("p2p.closed", "不得由个人直接向企业放贷的网络借贷形式承做", "Peer-to-peer lending is closed"),
    "treasury": (
        "treasury.group_members_only",
        "集群财务公司不是持牌财务公司，不能向成员以外放款",
        "The cluster finance company holds no licence to lend beyond one corporate group",
    ),
}


def _rate_cap(context: Context) -> Findings:
    """Four times the 1-year LPR where the lender holds no licence; a word of caution for entrusted loans."""
    scheme = context.scheme
    rule = context.law("lending.private_rate_cap")
    if rule is None or context.lpr is None or scheme.price is None or scheme.instrument.kind not in LENDING:
        return
    if scheme.vehicle not in (*UNLICENSED, "entrusted_loan"):
        return
    found = rate_range(scheme.price, context.lpr, context.on)
    quote = context.lpr.at(context.on)
    most = quote.one_year * rule.decimal
    if found is None or found.high <= most:
        return
    reason = Text(
        f"年利率最高{phrases.yearly(found.high).zh}，超过1年期LPR {phrases.yearly(quote.one_year).zh}的{rule.decimal}倍"
        f"（{phrases.yearly(most).zh}）",
        f"The rate reaches {phrases.yearly(found.high).en}, above {rule.decimal} times the 1-year LPR of "
        f"{phrases.yearly(quote.one_year).en} ({phrases.yearly(most).en})",
    )
    remedy = Text(f"请把利率降到{phrases.yearly(most).zh}以内", f"Lower the rate to {phrases.yearly(most).en} or less")
    yield by_law(rule, "rate_above_law", scheme.price, "", reason, remedy)


def _note(context: Context) -> Findings:
    note = context.scheme.instrument
    if isinstance(note, ChainNote):
        yield from _note_tenor(context, note)
        yield from _note_background(context, note)
        yield from _note_consent(context, note)


def _note_tenor(context: Context, note: ChainNote) -> Findings:
    months = note.tenor.longest.months
    cap, review = context.law("note.tenor_max"), context.law("note.tenor_review")
    days = note.tenor.longest.days_at_most
    said = phrases.span(note.tenor.longest)
    if cap and (months > cap.whole if months is not None else days > longest_days(cap.whole)):
        reason = Text(
            f"期限{said.zh}超过上限{cap.whole}个月", f"A tenor of {said.en} exceeds the {cap.whole} months allowed"
        )
        remedy = Text(f"请写 {cap.whole} months 或更短", f"Write {cap.whole} months or less")
        yield by_law(cap, "tenor_above_law", note.tenor, "", reason, remedy)
    elif review and months is not None and months > review.whole:
        reason = Text(f"期限{said.zh}超过{review.whole}个月", f"A tenor of {said.en} is beyond {review.whole} months")
        remedy = Text("融资前由银行记录账期合理性审查", "The bank records its review of the term before it finances")
        yield warning("tenor_to_review", note.tenor, "", *_with_clause(reason, remedy, review))
    if cap and months is not None and months <= cap.whole:
        yield from _coming(context, cap, note.tenor, months)


def longest_days(months: int) -> int:
    """The most days ``months`` calendar months can have, over four years of starting days."""
    starts = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(48)]
    return max((calendar.add_months(start, months) - start).days for start in starts)


def _with_clause(reason: Text, remedy: Text, rule: RuleValue) -> tuple[Text, Text]:
    """The duty a rule puts on others, quoted in the reason of a warning."""
    clause = rule.citation
    return Text(f"{reason.zh}（{clause.zh}）", f"{reason.en} ({clause.en})"), remedy


def _coming(context: Context, cap: RuleValue, clause: Clause, months: int) -> Findings:
    """A stricter cap that begins after today, while the scheme may still issue."""
    ends = context.scheme.expires
    for value in cap.rule.values:
        if value.since <= context.on or (ends and value.since > ends) or not isinstance(value.value, int):
            continue
        if months > value.value:
            zh, en = ("", "") if value.verified else ("（条文尚未核对）", " (text not yet verified)")
            yield warning(
                "law_changes",
                clause,
                "",
                Text(
                    f"自{phrases.date(value.since).zh}起上限为{value.value}个月{zh}，届时新开立的须缩短",
                    f"From {value.since} the cap is {value.value} months{en}; new ones must then be shorter",
                ),
                Text(f"请考虑现在就写 {value.value} months", f"Consider {value.value} months now"),
            )


def _note_background(context: Context, note: ChainNote) -> Findings:
    prepay, trade = context.law("note.no_prepayment"), context.law("note.true_trade")
    if prepay and not {"delivery", "acceptance"} <= set(note.background):
        reason = Text(
            "贸易背景缺少发货单或验收单，等于以预付款开立",
            "Without delivery and acceptance it is issued on a prepayment",
        )
        remedy = Text("请在 background 中加入 delivery 与 acceptance", "Add delivery and acceptance to background")
        yield by_law(prepay, "prepayment", note, "background", reason, remedy)
    if trade and "invoice" not in note.background:
        reason = Text("贸易背景缺少发票", "The trade background has no invoice")
        remedy = Text("请在 background 中加入 invoice", "Add invoice to background")
        yield by_law(trade, "background_thin", note, "background", reason, remedy)


def _note_consent(context: Context, note: ChainNote) -> Findings:
    """The clash with the 60-day rule warns and asks for the supplier's recorded consent; it does not bar."""
    days, disguise = context.law("sme.large_days"), context.law("sme.no_disguised_extension")
    months = note.tenor.longest.months
    longer = days and (months * 30 > days.whole if months is not None else note.tenor.longest.days_at_most > days.whole)
    if days and longer:
        reason = Text(
            f"开立人为大型企业时，付款期最长{days.whole}天，而链单期限可达{phrases.span(note.tenor.longest).zh}",
            f"A large issuer must pay within {days.whole} days; the note may run {phrases.span(note.tenor.longest).en}",
        )
        remedy = Text(
            "签收前会提示冲突，并留存供应商的同意", "The clash is shown before signing and the consent recorded"
        )
        yield by_law(days, "sixty_days", note.tenor, "", reason, remedy)
    if disguise and note.supplier_consent is None:
        reason = Text(
            "没有要求留存供应商同意以链单结算的记录", "The supplier's consent to be paid by note is not asked for"
        )
        remedy = Text("请写 supplier_consent: recorded", "Write supplier_consent: recorded")
        yield by_law(disguise, "consent_not_recorded", note, "supplier_consent", reason, remedy)


def _pledges(context: Context) -> Findings:
    for item in context.scheme.security if isinstance(context.scheme.security, tuple) else ():
        rule_id = _REGISTERED.get(item.pledge) if isinstance(item, Pledge) else None
        rule = context.law(rule_id) if rule_id else None
        if rule and isinstance(item, Pledge) and item.registered == "not_needed":
            reason = Text("此类质权自办理登记时设立，不能免登记", "Such a pledge exists only once registered")
            remedy = Text("请写 registered: before_payment", "Write registered: before_payment")
            yield by_law(rule, "pledge_unregistered", item, "registered", reason, remedy)


_REGISTERED = {
    "lot": "civil.receivable_pledge",
    "receivables": "civil.receivable_pledge",
    "future_receivables": "civil.receivable_pledge",
    "patents": "civil.ip_pledge",
}


def _guarantee(context: Context) -> Findings:
    found = context.scheme.instrument
    if not isinstance(found, GuaranteeContract):
        return
    plain, small = context.law("guarantee.leverage_max"), context.law("guarantee.leverage_max_small_firms")
    single = context.law("guarantee.single_debtor_max")
    if found.leverage is not None and small and found.leverage > small.decimal:
        reason = Text(f"放大倍数超过{small.decimal}倍", f"The leverage exceeds {small.decimal} times")
        remedy = Text(f"请写 {small.decimal} 或以下", f"Write {small.decimal} or less")
        yield by_law(small, "leverage_above_law", found, "leverage", reason, remedy)
    elif found.leverage is not None and plain and found.leverage > plain.decimal:
        reason = Text(
            f"放大倍数超过{plain.decimal}倍，仅主要服务小微和三农的担保公司可以",
            f"Beyond {plain.decimal} times only a guarantor that mainly serves small firms or farming may go",
        )
        remedy = Text("请确认担保公司符合该条件", "Make sure the guarantor qualifies")
        yield warning("leverage_conditional", found, "leverage", *_with_clause(reason, remedy, plain))
    if found.single_debtor is not None and single and found.single_debtor > single.decimal:
        most = phrases.rate(single.decimal)
        reason = Text(f"单户比例超过净资产的{most.zh}", f"One debtor exceeds {most.en} of net assets")
        yield by_law(
            single,
            "single_debtor_above_law",
            found,
            "single_debtor",
            reason,
            Text(f"请写 {most.zh} 或以下", f"Write {most.en} or less"),
        )


def _holdings(context: Context) -> Findings:
    """A bank holds no equity; what many private people put money into may promise no return."""
    scheme, found = context.scheme, context.scheme.instrument
    no_equity, no_promise = context.law("bank.no_equity"), context.law("fund.no_public_promise")
    if isinstance(found, EquityRight) and no_equity and scheme.parties.get("investor") == "bank":
        remedy = Text("请由投资公司或基金持有认股权", "Let an investment company or a fund hold the right")
        reason = Text("商业银行不得向非金融企业投资", "A bank may not invest in non-financial firms")
        yield by_law(no_equity, "bank_equity", scheme, "parties", reason, remedy)
    if isinstance(found, PoolStake | Bond) and no_promise and "investor" in scheme.parties.values():
        reason = Text("有民间投资者参与", "Private investors take part")
        remedy = Text("须限定对象、不承诺回报、控制人数", "Keep the circle closed and small, promise no return")
        yield warning("public_funds", scheme, "parties", *_with_clause(reason, remedy, no_promise))


def _rebates(context: Context) -> Findings:
    """A rebate to the core enterprise must not be a fee for confirming its debt."""
    rule = context.law("note.free_choice")
    for item in context.scheme.income:
        if rule and context.scheme.parties.get(item.to) == "core":
            reason = Text(
                "向核心企业返还收益，不得成为确权收费", "A rebate to the core must be no fee for confirming its debt"
            )
            remedy = Text("请说明返还的依据，并另行约定", "State what the rebate is for, in a contract of its own")
            yield warning("core_rebate", item, "to", *_with_clause(reason, remedy, rule))


def _late(context: Context) -> Findings:
    """What a large buyer pays late bears at least the LPR."""
    late, rule = context.scheme.late, context.law("sme.late_rate_floor")
    if late is None or late.daily is None or rule is None or context.lpr is None:
        return
    floor = context.lpr.at(context.on).one_year
    yearly = late.daily * DAYS_A_YEAR
    if isinstance(context.scheme.instrument, ChainNote) and yearly < floor:
        reason = Text(
            f"逾期日利率折年{phrases.yearly(yearly).zh}，低于1年期LPR {phrases.yearly(floor).zh}",
            f"The late rate is {phrases.yearly(yearly).en} a year, below the 1-year LPR of {phrases.yearly(floor).en}",
        )
        yield by_law(rule, "late_below_law", late, "daily", reason, Text("请写 daily: 0.05%", "Write daily: 0.05%"))


def _base_and_tenor(context: Context) -> Findings:
    """Custom, not law: loans beyond five years are priced on the longer LPR."""
    price = context.scheme.price
    tenor = getattr(context.scheme.instrument, "tenor", None)
    if price is None or price.base is None or price.base.lpr is None or tenor is None:
        return
    months = tenor.longest.months
    if months is not None and months > BASE_YEARS_LONG * 12 and price.base.lpr == "LPR-1Y":
        yield warning(
            "base_too_short",
            price,
            "base",
            Text("期限超过5年，通常以5年期以上LPR定价", "Beyond five years the LPR over 5 years is the custom"),
            Text("请考虑 base: LPR-5Y", "Consider base: LPR-5Y"),
        )


def _rate_positive(context: Context) -> Findings:
    """A rate at or below zero is no price."""
    price = context.scheme.price
    if price is None or context.lpr is None:
        return
    found = rate_range(price, context.lpr, context.on)
    if found and found.low <= Decimal(0):
        yield error(
            "rate_not_positive",
            price,
            "",
            Text(
                f"算得的最低年利率为{phrases.yearly(found.low).zh}",
                f"The lowest rate comes to {phrases.yearly(found.low).en}",
            ),
            Text("请调整减点或写下限 floor", "Change the points, or write a floor"),
        )


_CHECKS: tuple[Callable[[Context], Findings], ...] = (
    _unlicensed,
    _rate_cap,
    _note,
    _pledges,
    _guarantee,
    _holdings,
    _rebates,
    _late,
    _base_and_tenor,
    _rate_positive,
)
