"""Sentences on pools, losses, income and subsidies."""

from __future__ import annotations

from decimal import Decimal

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentences, Writer
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.model.sharing import Bearer, Income, Layer, Losses, Subsidy


def pools(scheme: Scheme, names: Names) -> Sentences:
    """Each pool, its size and who funds it."""
    for name, pool in (scheme.pools or {}).items():
        parts = []
        for item in pool.funded:
            who, share = names.party(item.by), phrases.rate(item.share)
            value = phrases.amount(pool.size.times(item.share))
            parts.append(Text(f"{who.zh}{share.zh}（{value.zh}）", f"{who.en} {share.en} ({value.en})"))
        text = Text("{pool}规模{size}，由{who}出资", "{pool} holds {size}, put in by {who}").format(
            pool=names.party(name), size=phrases.amount(pool.size), who=phrases.listed(parts)
        )
        if pool.managed_by:
            manager = names.party(pool.managed_by)
            text = Text(f"{text.zh}，由{manager.zh}管理", f"{text.en}, managed by {manager.en}")
        yield Writer(scheme, "pools").say(pool, text)


def losses(scheme: Scheme, names: Names) -> Sentences:
    """Who bears what, up to what, and who bears the rest."""
    found = scheme.losses
    if found is None:
        return
    writer = Writer(scheme, "losses")
    of = vocabulary.LOSS_OF[found.of]
    sole = _sole(found)
    opening = Text("{of}不分担：", "{of} is not shared:") if sole else Text("分担的是{of}：", "what is shared is {of}:")
    yield writer.say(found, opening.format(of=of), key="of")
    for bearer in found.borne or ():
        yield writer.say(bearer, _whole_phrase(bearer, names) if sole else _bearer_phrase(bearer, names))
    for number, layer in enumerate(found.layers or (), start=1):
        yield writer.say(layer, _layer_phrase(number, layer, names))
    yield writer.say(found, _rest_phrase(found, names), key="excess")


def _sole(found: Losses) -> bool:
    """Whether one party bears all of every loss, so that nothing is shared."""
    borne = found.borne or ()
    return len(borne) == 1 and borne[0].by == found.excess and borne[0].share == 1 and borne[0].up_to is None


def _whole_phrase(bearer: Bearer, names: Names) -> Text:
    who = names.party(bearer.by)
    return Text(f"全部由{who.zh}承担", f"{who.en} bears all of it")


_ENDS = {
    "after_recovery": Text("追偿完结后确定最终损失", "the final loss is known once recovery ends"),
    "at_default": Text("违约时即计损失，最终损失确定后调整", "it is counted at default and trued up on the final loss"),
}


def _ceiling(up_to: str | Money | None) -> Text | None:
    if up_to is None:
        return None
    if isinstance(up_to, str):
        return vocabulary.UP_TO[up_to]
    most = phrases.amount(up_to)
    return Text(f"以{most.zh}为限", f"up to {most.en}")


def _bearer_phrase(bearer: Bearer, names: Names) -> Text:
    said = Text("{who}承担{share}", "{who} bears {share}").format(
        who=names.party(bearer.by), share=phrases.rate(bearer.share)
    )
    most = _ceiling(bearer.up_to)
    return Text(f"{said.zh}，{most.zh}", f"{said.en}, {most.en}") if most else said


def _layer_phrase(number: int, layer: Layer, names: Names) -> Text:
    who, most = names.party(layer.by), _ceiling(layer.up_to)
    if most is None:
        return Text(f"第{number}层由{who.zh}承担全部剩余", f"layer {number}: {who.en} bears all that is left")
    return Text(f"第{number}层由{who.zh}承担，{most.zh}", f"layer {number}: {who.en} bears it, {most.en}")


def _rest_phrase(found: Losses, names: Names) -> Text:
    who = names.party(found.excess)
    if _sole(found):
        return phrases.clauses([_ENDS[found.settled], Text(f"追回款归{who.zh}", f"recoveries go to {who.en}")])
    rest = Text(f"其余各方无力承担的部分由{who.zh}承担", f"what the others cannot bear falls to {who.en}")
    return phrases.clauses([rest, vocabulary.SETTLED[found.settled], vocabulary.RECOVERIES[found.recovery_rule]])


def income(scheme: Scheme, names: Names) -> Sentences:
    """Who gives up part of its income to whom."""
    for item in scheme.income:
        yield Writer(scheme, "income").say(item, _income_phrase(item, names))


def _income_phrase(item: Income, names: Names) -> Text:
    of = vocabulary.INCOME_OF[item.of]
    part = phrases.rate(item.share) if item.share is not None else _bp(item)
    return Text("{from_}将{of}的{part}分给{to}", "{from_} pays {to} {part} of {of}").format(
        from_=names.party(item.from_), to=names.party(item.to), of=of, part=part
    )


def _bp(item: Income | Subsidy) -> Text:
    return phrases.rate((item.rate_bp or 0) / Decimal(10_000))


def subsidies(scheme: Scheme, names: Names) -> Sentences:
    """Who subsidises what, out of what budget."""
    for item in scheme.subsidy:
        yield Writer(scheme, "subsidy").say(item, _subsidy_phrase(item, names))


def _subsidy_phrase(item: Subsidy, names: Names) -> Text:
    giver, to, of = names.party(item.from_), names.party(item.to), vocabulary.SUBSIDY_OF[item.of]
    if item.each is not None:
        each = phrases.amount(item.each)
        said = Text(
            f"{giver.zh}补贴{to.zh}的{of.zh}，每户{each.zh}", f"{giver.en} gives {to.en} {each.en} each towards {of.en}"
        )
    elif item.pays is not None:
        part = phrases.rate(item.pays)
        said = Text(f"{giver.zh}为{to.zh}承担{of.zh}的{part.zh}", f"{giver.en} pays {part.en} of {of.en} for {to.en}")
    else:
        part = _bp(item)
        said = Text(
            f"{giver.zh}为{to.zh}补贴{of.zh}，年率{part.zh}",
            f"{giver.en} pays {to.en} {part.en} a year towards {of.en}",
        )
    budget = phrases.amount(item.budget)
    parts = [said, Text(f"总预算{budget.zh}，用完为止", f"out of a budget of {budget.en}, until it is spent")]
    if item.per_receiver:
        most = phrases.amount(item.per_receiver)
        parts.append(Text(f"每户最多{most.zh}", f"at most {most.en} for each"))
    if item.until:
        day = phrases.date(item.until)
        parts.append(Text(f"至{day.zh}止", f"until {day.en}"))
    return phrases.clauses(parts)
