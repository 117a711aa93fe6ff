"""Sentences on size, limit, price and late payment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentence, Sentences, Writer
from jirong.schemes.model import amounts
from jirong.schemes.model.amounts import Amount, ByLevel, GreatestOf, LeastOf, Limit, Multiple, Part, Price, SumOf
from jirong.schemes.model.scheme import Scheme

_BUILT: dict[type, Text] = {
    LeastOf: Text("以下各项中的最小值", "the smallest of these"),
    GreatestOf: Text("以下各项中的最大值", "the greatest of these"),
    SumOf: Text("以下各项之和", "the sum of these"),
}


def programme(scheme: Scheme, names: Names) -> Sentences:
    """The whole scheme's size."""
    found = scheme.programme
    if found is None:
        return
    text = Text("全部额度合计不超过{total}", "all limits together are at most {total}").format(
        total=phrases.amount(found.total)
    )
    if found.borrowers:
        text = Text(f"{text.zh}，最多{found.borrowers}户", f"{text.en}, for at most {found.borrowers} borrowers")
    yield Writer(scheme, "programme").say(found, text)


def limit(scheme: Scheme, names: Names) -> Sentences:
    """The limit; each branch of a composite one has its own sentence, so that it can be quoted."""
    found = scheme.limit
    if found is None:
        return
    writer = Writer(scheme, "limit")
    parts = amounts.branches(found)
    if not parts:
        yield writer.say(found, Text("单户额度为{it}", "the limit is {it}").format(it=limit_phrase(found, names)))
        return
    built = _BUILT[type(found)]
    yield writer.say(found, Text("单户额度取{built}：", "the limit is {built}:").format(built=built))
    for number, part in enumerate(parts, start=1):
        said = limit_phrase(part, names)
        yield writer.say(part, Text(f"（{number}）{said.zh}", f"({number}) {said.en}"))


def limit_phrase(found: Limit, names: Names) -> Text:
    """An amount in words, without its reason."""
    match found:
        case Amount():
            return phrases.amount(found.amount)
        case ByLevel():
            return by_level({level: phrases.amount(value) for level, value in found.by_level.items()})
        case Part() | Multiple():
            return share_phrase(found, _whose(found, names))
    inner = phrases.clauses([limit_phrase(part, names) for part in amounts.branches(found)])
    return Text("{built}〔{inner}〕", "{built} [{inner}]").format(built=_BUILT[type(found)], inner=inner)


def share_phrase(found: Part | Multiple, of: Text) -> Text:
    """近12个月收入的30%, 月均结算额的1.5倍."""
    factor = phrases.rate(found.part) if isinstance(found, Part) else phrases.times(found.times)
    joint = "" if isinstance(found, Multiple) else "of "
    return Text(f"{of.zh}的{factor.zh}", f"{factor.en} {joint}{of.en}")


def _whose(found: Part | Multiple, names: Names) -> Text:
    feature = names.feature(found.of)
    if found.about:
        about = names.party(found.about)
        feature = Text(f"{about.zh}的{feature.zh}", f"{about.en}'s {feature.en.removeprefix('the ')}")
    if found.within:
        age = phrases.span(found.within)
        feature = Text(f"{feature.zh}（数据须在{age.zh}以内）", f"{feature.en} (on facts at most {age.en} old)")
    return feature


def by_level(said: Mapping[str, Text]) -> Text:
    """A级10万元、B级8万元 / 100,000.00 yuan for A, 80,000.00 yuan for B."""
    return phrases.listed([Text(f"{level}级{text.zh}", f"{text.en} for {level}") for level, text in said.items()])


def price(scheme: Scheme, names: Names) -> Sentences:
    """The rate, its bounds, and whether it moves."""
    if scheme.price is not None:
        yield Writer(scheme, "price").say(scheme.price, price_phrase(scheme.price, names))


def price_phrase(found: Price, names: Names) -> Text:
    """The price as a sentence without its full stop."""
    parts = [_rate_phrase(found, names)]
    if found.floor is not None:
        parts.append(Text("不低于{it}", "not below {it}").format(it=phrases.yearly(found.floor)))
    if found.cap is not None:
        parts.append(Text("不高于{it}", "not above {it}").format(it=phrases.yearly(found.cap)))
    if found.bids is None:
        parts.append(vocabulary.REPRICED[found.repriced])
    return phrases.clauses(parts)


def _rate_phrase(found: Price, names: Names) -> Text:
    if found.bids:
        return Text("利率{how}", "the rate is bid for: {how}").format(how=vocabulary.BIDS[found.bids])
    if found.fixed:
        return _fixed_phrase(found)
    base = base_phrase(found)
    if found.times is not None:
        base = Text("{base}的{part}", "{part} of {base}").format(base=base, part=phrases.rate(found.times))
    said = Text("年利率为{base}", "the annual rate is {base}").format(base=base)
    added = _points_phrase(found, names)
    return Text(f"{said.zh}{added.zh}", f"{said.en}{added.en}") if added else said


def _fixed_phrase(found: Price) -> Text:
    assert found.fixed is not None
    if found.fixed.rate is not None:
        return Text("年利率固定为{it}", "the annual rate is fixed at {it}").format(it=phrases.yearly(found.fixed.rate))
    said = {level: phrases.yearly(rate) for level, rate in (found.fixed.by_level or {}).items()}
    return Text("年利率按等级固定：{it}", "the annual rate is fixed by level: {it}").format(it=by_level(said))


def base_phrase(found: Price) -> Text:
    """1年期LPR, or 常规流贷利率（5.50%）."""
    base = found.base
    assert base is not None
    if base.lpr:
        return vocabulary.BASE[base.lpr]
    rate = phrases.yearly(base.rate or Decimal(0))
    named = base.named or Text("参考利率", "the reference rate")
    return Text(f"{named.zh}（{rate.zh}）", f"{named.en} ({rate.en})")


def _points_phrase(found: Price, names: Names) -> Text | None:
    added = found.plus_bp
    if added is None:
        return None
    parts: list[Text] = []
    if added.flat is not None:
        flat = phrases.points(added.flat)
        parts.append(Text(flat.zh, f" {flat.en}"))
    if added.by_level:
        inner = by_level({level: phrases.points(count) for level, count in added.by_level.items()})
        parts.append(Text(f"，{inner.zh}", f", {inner.en}"))
    if added.by_use:
        uses = [(names.use(use), phrases.points(count)) for use, count in added.by_use.items()]
        told = phrases.listed([Text(f"{use.zh}{said.zh}", f"{said.en} for {use.en}") for use, said in uses])
        parts.append(Text(f"，按用途再{told.zh}" if added.by_level else f"，按用途{told.zh}", f", {told.en}"))
    return Text("".join(p.zh for p in parts), "".join(p.en for p in parts)) if parts else None


def late(scheme: Scheme, names: Names) -> Sentences:
    """What late payment costs."""
    if scheme.late is not None:
        yield _late(scheme, names)


def _late(scheme: Scheme, names: Names) -> Sentence:
    found = scheme.late
    assert found is not None
    if found.times is not None:
        text = Text("逾期部分按合同利率的{it}计罚息", "overdue amounts bear interest at {it} the contract rate").format(
            it=phrases.times(found.times)
        )
    else:
        text = Text("逾期部分每日按{it}计收", "overdue amounts bear interest at {it} a day").format(
            it=phrases.rate(found.daily or Decimal(0))
        )
    if found.grace:
        grace = phrases.span(found.grace)
        text = Text(f"{text.zh}，宽限期{grace.zh}", f"{text.en}, after a grace period of {grace.en}")
    return Writer(scheme, "late").say(found, text)
