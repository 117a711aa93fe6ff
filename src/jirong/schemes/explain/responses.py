"""Sentences on triggers and on who sees what."""

from __future__ import annotations

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases, who
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentences, Writer
from jirong.schemes.model import responses
from jirong.schemes.model.responses import Response, Trigger
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import plain


def triggers(scheme: Scheme, names: Names) -> Sentences:
    """When what happens, gravest last."""
    for trigger in scheme.triggers:
        yield Writer(scheme, "triggers").say(trigger, _trigger_phrase(trigger, names))


def _trigger_phrase(trigger: Trigger, names: Names) -> Text:
    when = phrases.clauses([who.worded(test, names, who.CONDITION) for test in trigger.when])
    then = phrases.clauses([response_phrase(item, names) for item in trigger.then])
    named = Text(f"{trigger.level}级风险", f"Risk level {trigger.level}")
    if trigger.title:
        named = Text(f"{named.zh}（{trigger.title.zh}）", f"{named.en} ({trigger.title.en})")
    pattern = "{named}：一旦{when}，{then}" if when.zh.endswith("小时") else "{named}：当{when}时，{then}"
    said = Text(pattern, "{named}: when {when}, {then}").format(named=named, when=when, then=then)
    if trigger.lasts:
        long = phrases.span(trigger.lasts)
        said = Text(f"{said.zh}，持续{long.zh}", f"{said.en}, for {long.en}")
    return said


def response_phrase(item: Response, names: Names) -> Text:
    """One response as a phrase."""
    match item:
        case responses.Open():
            opened = phrases.version(item.open)
            return Text(f"启用方案{opened.zh}", f"the scheme {opened.en} opens")
        case responses.CutRate():
            cut, whom = plain(item.cut_rate_bp), vocabulary.AFFECTED[item.for_]
            return Text(f"{whom.zh}利率统一下调{cut}个基点", f"rates of {whom.en} fall by {cut} basis points")
        case responses.RaiseRate():
            more, whom = plain(item.raise_rate_bp), vocabulary.AFFECTED[item.for_]
            return Text(f"{whom.zh}利率上调{more}个基点", f"rates of {whom.en} rise by {more} basis points")
        case responses.PayInterest():
            by, part, whom = names.party(item.by), phrases.rate(item.pay_interest), vocabulary.AFFECTED[item.for_]
            return Text(f"{by.zh}承担{whom.zh}利息的{part.zh}", f"{by.en} pays {part.en} of the interest of {whom.en}")
        case responses.PayLoss():
            return _pay_loss(item, names)
        case responses.Freeze():
            return vocabulary.FREEZE[item.freeze]
        case responses.LowerLimit():
            part = phrases.rate(item.lower_limit_to)
            return Text(f"额度降至原额度的{part.zh}", f"limits fall to {part.en} of what they were")
    return _asked(item, names)


def _pay_loss(item: responses.PayLoss, names: Names) -> Text:
    by = names.party(item.by)
    shares = [phrases.rate(share) for share in item.pay_loss]
    zh, en = "至".join(share.zh for share in shares), " to ".join(share.en for share in shares)
    return Text(f"{by.zh}赔付损失的{zh}", f"{by.en} pays {en} of the loss")


def _asked(item: responses.Call | responses.Notify | responses.OpenCase, names: Names) -> Text:
    if isinstance(item, responses.Notify):
        told = names.parties(item.notify)
        return Text(f"通知{told.zh}", f"notice goes to {told.en}")
    within = phrases.span(item.within)
    if isinstance(item, responses.OpenCase):
        case = vocabulary.CASE[item.case]
        return Text(f"{case.zh}，{within.zh}内办结", f"{case.en}, to be closed within {within.en}")
    called, what = names.party(item.call), vocabulary.CALL[item.to]
    return Text(f"要求{called.zh}在{within.zh}内{what.zh}", f"{called.en} is called upon {what.en} within {within.en}")


def disclosure(scheme: Scheme, names: Names) -> Sentences:
    """Who sees what; a party not named sees nothing."""
    if not scheme.disclose:
        return
    writer = Writer(scheme, "disclose")
    for name, sight in scheme.disclose.items():
        if isinstance(sight, str):
            what = vocabulary.DISCLOSURE[sight]
        else:
            what = phrases.listed([vocabulary.SECTION[part] for part in sight])
        by = names.party(name)
        seen = Text(f"{by.zh}可见{what.zh}", f"{by.en} sees {what.en}")
        if sight == "nothing":
            seen = Text(f"{by.zh}{what.zh}", f"{by.en} sees {what.en}")
        yield writer.say(scheme, seen, key="disclose", path=f"disclose/{name}")
    yield writer.say(
        scheme, Text("未列名的各方不可见任何信息", "a party not named sees nothing"), key="disclose", path="disclose"
    )
