"""Sentences on use, security, drawing and repayment."""

from __future__ import annotations

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentences, Writer
from jirong.schemes.kinds import KINDS, LENDING
from jirong.schemes.model.conduct import Drawing, GuaranteeGiven, JointDebt, Pledge, RepaymentSource, Uses
from jirong.schemes.model.scheme import Scheme


def uses(scheme: Scheme, names: Names) -> Sentences:
    """What the money is for, what it is not for, whom it is paid to."""
    if scheme.uses is not None:
        yield Writer(scheme, "uses").say(scheme.uses, uses_phrase(scheme.uses, names))


def uses_phrase(found: Uses, names: Names) -> Text:
    """The uses as a sentence without its full stop."""
    allowed = phrases.listed([names.use(use) for use in found.allowed], last="or")
    parts = [Text(f"资金只能用于{allowed.zh}", f"the money may be used only for {allowed.en}")]
    if found.forbidden:
        barred = phrases.listed([names.use(use) for use in found.forbidden], last="or")
        parts.append(Text(f"不得用于{barred.zh}", f"not for {barred.en}"))
    paid = vocabulary.PAY[found.pay]
    if found.to:
        to = names.party(found.to)
        paid = Text(f"{paid.zh}：{to.zh}", f"{paid.en}: {to.en}")
    parts.append(paid)
    return phrases.clauses(parts)


def security(scheme: Scheme, names: Names) -> Sentences:
    """Each thing that secures the debt, or that nothing does."""
    writer = Writer(scheme, "security")
    if isinstance(scheme.security, str):
        yield writer.say(scheme, vocabulary.UNSECURED[scheme.security], key="security")
    elif scheme.security:
        for item in scheme.security:
            yield writer.say(item, security_phrase(item, names))


def security_phrase(item: Pledge | GuaranteeGiven | JointDebt, names: Names) -> Text:
    """One security as a sentence without its full stop."""
    if isinstance(item, JointDebt):
        who = names.parties(item.joint)
        return Text(
            f"{who.zh}为共同债务人，各自对全部债务负责，额度不重复计算",
            f"{who.en} owe jointly, each the whole; their exposures are not summed",
        )
    by = names.party(item.by)
    if isinstance(item, GuaranteeGiven):
        form, share = vocabulary.GUARANTEE_FORM[item.guarantee], phrases.rate(item.share)
        return Text(
            f"由{by.zh}提供{form.zh}，覆盖债务的{share.zh}", f"{by.en} gives a {form.en} for {share.en} of the debt"
        )
    return phrases.clauses(_pledge_phrases(item, by, names))


def _pledge_phrases(item: Pledge, by: Text, names: Names) -> list[Text]:
    thing = vocabulary.PLEDGE[item.pledge]
    verb = "抵押" if item.pledge in ("equipment", "land") else "质押"
    parts = [
        Text(f"由{by.zh}以{thing.zh}{verb}", f"{by.en} pledges {thing.en}"),
        vocabulary.REGISTERED[item.registered],
    ]
    if item.cover is not None:
        cover = phrases.rate(item.cover)
        parts.append(Text(f"押品价值不低于债务的{cover.zh}", f"worth at least {cover.en} of the debt"))
    if item.valued_by:
        who = names.party(item.valued_by)
        parts.append(Text(f"由{who.zh}估值", f"valued by {who.en}"))
    if item.watched_by:
        who = names.party(item.watched_by)
        parts.append(Text(f"由{who.zh}监管", f"watched by {who.en}"))
    if item.top_up_below is not None:
        line = phrases.rate(item.top_up_below)
        within = phrases.span(item.top_up_within) if item.top_up_within else Text("约定期限", "the agreed time")
        parts.append(
            Text(f"覆盖率低于{line.zh}时须在{within.zh}内补足", f"below {line.en} it is topped up within {within.en}")
        )
    return parts


def drawing(scheme: Scheme, names: Names) -> Sentences:
    """How and in what steps the money is drawn."""
    if scheme.drawing is not None:
        yield Writer(scheme, "drawing").say(scheme.drawing, drawing_phrase(scheme.drawing))


def drawing_phrase(found: Drawing) -> Text:
    """How the money is drawn, as a sentence without its full stop."""
    parts = [vocabulary.DRAWING[found.how]]
    if found.within:
        window = phrases.span(found.within)
        parts.append(Text(f"获批后{window.zh}内提款", f"within {window.en} of approval"))
    if found.least:
        least = phrases.amount(found.least)
        parts.append(Text(f"每笔不低于{least.zh}", f"at least {least.en} each time"))
    if found.multiple_of:
        step = phrases.amount(found.multiple_of)
        parts.append(Text(f"金额为{step.zh}的整数倍", f"in multiples of {step.en}"))
    parts.append(vocabulary.EARLY[found.early])
    return phrases.clauses(parts)


def repayment(scheme: Scheme, names: Names) -> Sentences:
    """Each source of repayment, in order of use."""
    writer = Writer(scheme, "repaid_from")
    for number, source in enumerate(scheme.repaid_from, start=1):
        opening = _opening(scheme) if number == 1 else Text("其次为", "next, from")
        yield writer.say(source, phrases.joined(opening, _source_phrase(source, names)))


def _opening(scheme: Scheme) -> Text:
    if scheme.instrument.kind == "chain_note":
        return Text("兑付来源为", "it is paid from")
    if scheme.instrument.kind in (*LENDING, "discount"):
        return Text("还款来源为", "repayment comes from")
    return Text("付款来源为", "payment comes from")


def _source_phrase(source: RepaymentSource, names: Names) -> Text:
    said = vocabulary.REPAID_FROM[source.how]
    if source.how == "fixed":
        by = names.party(source.by or KINDS[names.scheme.instrument.kind].applicant)
        said = Text(f"{by.zh}{said.zh}", f"{by.en}'s agreed account, as payments fall due")
    elif source.by:
        by = names.party(source.by)
        said = Text(f"{by.zh}支付的{said.zh}", f"{said.en}, paid by {by.en}")
    if source.part is not None:
        part = phrases.rate(source.part)
        said = Text(f"{said.zh}的{part.zh}", f"{part.en} of {said.en}")
    return said
