"""What a banker would ask about before signing: terms left unsaid, a cover that covers nothing, a limit of nothing.

Only what makes a contract impossible is an error; the rest is asked and left to the parties.
"""

from __future__ import annotations

from decimal import Decimal

from jirong.kernel.text import Text
from jirong.schemes import titles, vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Finding, Severity
from jirong.schemes.kinds import LENDING, LOANS
from jirong.schemes.model.amounts import Multiple, Part, leaves
from jirong.schemes.model.conduct import Pledge
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.rates import rate_range

_TERMS = ("uses", "security", "repaid_from", "losses")
LATE_LENDERS = ("bank_loan", "entrusted_loan")


def sense(context: Context) -> Findings:
    """Drawing, repayment, limit, cover, rate and late interest that do not go with the contract."""
    yield from _drawing(context)
    yield from _note_without_note(context)
    yield from _nothing(context)
    yield from _thin_cover(context)
    yield from _high_rate(context)
    yield from _late(context)
    yield from _unsaid(context)


def _drawing(context: Context) -> Findings:
    """A loan of one sum is not drawn again once repaid."""
    scheme = context.scheme
    if scheme.drawing is None or scheme.drawing.how != "revolving":
        return
    if scheme.instrument.kind not in LENDING or scheme.instrument.kind == "credit_line":
        return
    said = vocabulary.KIND[scheme.instrument.kind]
    yield error(
        "drawing_unfit",
        scheme.drawing,
        "how",
        Text(
            f"{said.zh}还清即止，不能循环使用；循环使用的是循环额度",
            f"A {said.en} ends once it is repaid; only a credit line revolves",
        ),
        Text(
            "请写 drawing: once，或把合同改为 kind: credit_line 并写 open_for",
            "Write drawing: once, or make the contract kind: credit_line with open_for",
        ),
    )


def _note_without_note(context: Context) -> Findings:
    """Only a contract on a lot is repaid by the settlement of a note."""
    scheme = context.scheme
    if scheme.instrument.kind not in ("loan", "credit_line", "bond") or "lot" in _pledged(scheme):
        return
    for source in scheme.repaid_from:
        if source.how == "note_settlement":
            yield warning(
                "source_unfit",
                source,
                "how",
                Text(
                    "没有质押链单，到期就没有链单兑付款可用来还款",
                    "No chain note is pledged, so none settles in its favour at maturity",
                ),
                Text(
                    "请在 security 中质押链单（pledge: lot），或改写还款来源",
                    "Pledge a lot under security (pledge: lot), or name another source",
                ),
            )


def _pledged(scheme: Scheme) -> set[str]:
    given = scheme.security if isinstance(scheme.security, tuple) else ()
    return {item.pledge for item in given if isinstance(item, Pledge)}


def _nothing(context: Context) -> Findings:
    """Nought percent of anything is nothing."""
    for leaf in leaves(context.scheme.limit) if context.scheme.limit else ():
        if isinstance(leaf, Part | Multiple) and leaf.factor == 0:
            yield warning(
                "limit_nothing",
                leaf,
                "part" if isinstance(leaf, Part) else "times",
                Text("比例为0，这一项的额度永远是0元", "At nought, this part of the limit is always nothing"),
                Text("请写大于0的比例，或删去这一项", "Write a share above nought, or take this out"),
            )


def _thin_cover(context: Context) -> Findings:
    for item in context.scheme.security if isinstance(context.scheme.security, tuple) else ():
        if isinstance(item, Pledge) and item.cover is not None and item.cover < 1:
            cover = phrases.rate(item.cover)
            yield warning(
                "cover_thin",
                item,
                "cover",
                Text(
                    f"押品价值只需债务的{cover.zh}，处置后不够还清",
                    f"Collateral worth {cover.en} of the debt does not repay it when sold",
                ),
                Text("请写100%以上，或另加担保", "Write 100% or more, or add other security"),
            )


def _high_rate(context: Context) -> Findings:
    """A licensed lender's rate has no cap in law; beyond four times the LPR a court and a supervisor will ask."""
    scheme, lpr = context.scheme, context.lpr
    rule = context.law("lending.private_rate_cap")
    if rule is None or lpr is None or scheme.price is None or scheme.instrument.kind not in LENDING:
        return
    if scheme.vehicle not in ("bank_loan", "factoring", "registered_bond"):
        return
    found, most = rate_range(scheme.price, lpr, context.on), lpr.at(context.on).one_year * rule.decimal
    if found is None or found.high <= most:
        return
    high, line = phrases.yearly(found.high), phrases.yearly(most)
    yield warning(
        "rate_high",
        scheme.price,
        "",
        Text(
            f"年利率最高{high.zh}，高于1年期LPR的{rule.decimal}倍（{line.zh}）；持牌机构不受这一上限约束，"
            "但过高的部分可能得不到法院支持",
            f"The rate reaches {high.en}, above {rule.decimal} times the 1-year LPR ({line.en}); a licensed lender is "
            "not bound by that cap, yet a court may not uphold the excess",
        ),
        Text("请降低利率，或说明风险与成本", "Lower the rate, or say what risk and cost it answers to"),
    )


def _late(context: Context) -> Findings:
    """What a bank's loan bears when it is paid late, by the rule in force."""
    scheme, rule = context.scheme, context.law("loan.late_times")
    late = scheme.late
    if late is None or late.times is None or rule is None:
        return
    if scheme.instrument.kind not in LOANS or scheme.vehicle not in LATE_LENDERS:
        return
    least, most = Decimal(rule.value["least"]), Decimal(rule.value["most"])
    if least <= late.times <= most:
        return
    has = phrases.times(late.times)
    yield Finding(
        Severity.ERROR,
        "scheme.late_outside_law",
        late.spot.of("times"),
        late.spot.below("times"),
        Text(
            f"逾期利率为合同利率的{has.zh}，应在{least}至{most}倍之间",
            f"Late interest is {has.en} the contract's rate; it lies between {least} and {most} times",
        ),
        Text(f"请写 late: {{times: {most}}}", f"Write late: {{times: {most}}}"),
        clause=rule.citation,
        verified=rule.verified,
    )


def _unsaid(context: Context) -> Findings:
    """A loan says what it is for, what secures it, what repays it and who bears the loss."""
    scheme = context.scheme
    if scheme.instrument.kind in LOANS:
        unsaid = [key for key in _TERMS if not getattr(scheme, key)]
        if unsaid:
            yield _left_out(scheme, unsaid)


def _left_out(scheme: Scheme, keys: list[str]) -> Finding:
    named = phrases.listed([titles.field_title(key) for key in keys])
    said = vocabulary.KIND[scheme.instrument.kind]
    return warning(
        "terms_unsaid",
        scheme,
        "instrument",
        Text(f"{said.zh}没有写明{named.zh}", f"The {said.en} does not say: {named.en}"),
        Text(
            f"请补写 {'、'.join(keys)}；没有担保写 security: unsecured",
            f"Add {', '.join(keys)}; without any, security: unsecured",
        ),
    )
