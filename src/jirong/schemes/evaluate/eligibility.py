"""Each test answered: met, failed, or not known, with the figure, the bound and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from jirong.kernel.text import Text
from jirong.schemes.evaluate.context import Context, stale
from jirong.schemes.evaluate.facts import Answer, Standing
from jirong.schemes.explain import phrases, who
from jirong.schemes.explain.who import DEMAND, Mood
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.shapes import Value, plain

Raw = Decimal | bool | str


def eligibility(context: Context) -> Iterator[Answer]:
    """One answer a test, in the order of the scheme."""
    for test in context.scheme.eligible:
        yield answer(context, test)


def answer(context: Context, test: FeatureTest | EvidenceTest | AnyOf, mood: Mood = DEMAND) -> Answer:
    """The answer of one test, said as a demand or as a condition."""
    rule = who.worded(test, context.names, mood)
    match test:
        case FeatureTest():
            return _feature(context, test, rule)
        case EvidenceTest():
            return _evidence(context, test, rule)
    return _any_of(context, test, rule)


def holds(test: FeatureTest, value: Raw) -> bool:
    """Whether ``value`` meets the comparison; values of different kinds are never equal and never in order."""
    if test.comparison in ("one_of", "none_of"):
        among = any(_same(bound, value) for bound in test.bounds)
        return among if test.comparison == "one_of" else not among
    if test.comparison == "equals":
        return _same(test.bounds[0], value)
    if not isinstance(value, Decimal):
        return False
    low, high = test.bounds[0].number, test.bounds[-1].number
    assert low is not None  # the checker refuses an order between words
    assert high is not None
    return _IN_ORDER[test.comparison](value, low, high)


_IN_ORDER: dict[str, Callable[[Decimal, Decimal, Decimal], bool]] = {
    "at_least": lambda value, low, high: value >= low,
    "at_most": lambda value, low, high: value <= low,
    "more_than": lambda value, low, high: value > low,
    "less_than": lambda value, low, high: value < low,
    "between": lambda value, low, high: low <= value <= high,
}


def _same(bound: Value, value: Raw) -> bool:
    if isinstance(value, bool) or isinstance(bound.of, bool):
        return value is bound.of
    return bound.of == value


def _feature(context: Context, test: FeatureTest, rule: Text) -> Answer:
    lacking = context.unknown(test.key, test.within)
    name = who.subject(test, context.names)
    if lacking:
        why, help_ = lacking
        reason = Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")
        return context.answer(test, "unknown", context.silence(test.when_missing), rule, reason, help_)
    value = context.facts.features[test.key].value
    assert value is not None
    shown = _shown(context, test, value)
    reason = Text(f"{name.zh}为{shown.zh}", f"{name.en}: {shown.en}")
    if holds(test, value):
        return context.answer(test, "met", Standing.MET, rule, reason)
    return context.answer(test, "not_met", Standing.FAILED, rule, reason, _change(context, test, value, name))


def _shown(context: Context, test: FeatureTest, value: Raw) -> Text:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, str):
        return context.names.explained(value) or Text(value, value)
    percent = any(bound.kind == "percent" for bound in test.bounds)
    return context.names.figure(test.feature, value, percent=percent)


def _change(context: Context, test: FeatureTest, value: Raw, name: Text) -> Text:
    """What would make the test hold: by how much, or to what."""
    if isinstance(value, bool) and test.comparison == "equals":
        state = (
            Text("满足“{it}”", "this holds: “{it}”")
            if not value
            else Text("不再有“{it}”的情形", "this no longer holds: “{it}”")
        )
        said = state.format(it=name)
        return Text(f"{said.zh}后重新申请", f"apply again once {said.en}")
    low, high = test.bounds[0].number, test.bounds[-1].number
    if not isinstance(value, Decimal) or low is None or high is None or test.comparison in _NO_ORDER:
        demand = who.comparison(test, context.names)
        return Text(f"{name.zh}{demand.zh}", f"{name.en} {demand.en}")
    rising = _too_low(test, value, low)
    target = low if rising or test.comparison != "between" else high
    if value == target:
        past = _shown(context, test, target)
        verb = Text("超过", "goes above") if rising else Text("降到低于", "goes below")
        return Text(f"{name.zh}{verb.zh}{past.zh}", f"{name.en} {verb.en} {past.en}")
    gap = _gap(context, test, abs(target - value))
    verb = Text("再增加", "more") if rising else Text("再减少", "less")
    return Text(f"{name.zh}{verb.zh}{gap.zh}", f"{name.en}: {gap.en} {verb.en}")


_NO_ORDER = ("equals", "one_of", "none_of")


def _gap(context: Context, test: FeatureTest, gap: Decimal) -> Text:
    """A difference; between percentages it is counted in points."""
    if any(bound.kind == "percent" for bound in test.bounds):
        points = plain(gap * 100)
        return Text(f"{points}个百分点", f"{points} percentage points")
    return _shown(context, test, gap)


def _too_low(test: FeatureTest, value: Decimal, low: Decimal) -> bool:
    if test.comparison in ("at_least", "more_than"):
        return True
    return test.comparison == "between" and value < low


def _evidence(context: Context, test: EvidenceTest, rule: Text) -> Answer:
    name, issued = context.names.evidence(test.evidence), context.facts.evidence.get(test.key)
    if issued is None:
        reason = Text(f"没有收到{name.zh}", f"{name.en} has not come")
        change = Text(f"补交{name.zh}", f"bring {name.en}")
        return context.answer(test, "evidence_missing", context.silence(test.when_missing), rule, reason, change)
    old = stale(issued, test.within, context.on)
    if old:
        why, _ = old
        reason = Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")
        change = Text(f"补交新的{name.zh}", f"bring a new one: {name.en}")
        return context.answer(test, "evidence_stale", context.silence(test.when_missing), rule, reason, change)
    day = phrases.date(issued)
    reason = Text(f"{name.zh}出具于{day.zh}", f"{name.en} was issued on {day.en}")
    return context.answer(test, "met", Standing.MET, rule, reason)


def _any_of(context: Context, test: AnyOf, rule: Text) -> Answer:
    """Met by one; failed only when all fail; otherwise not known."""
    parts = [answer(context, item) for item in test.any_of]
    met = [part for part in parts if part.standing is Standing.MET]
    if met:
        return context.answer(test, "met", Standing.MET, rule, met[0].reason)
    reason = phrases.clauses([part.reason for part in parts])
    changes = [part.change for part in parts if part.change]
    change = phrases.listed(changes, last="or") if changes else None
    unknown = [part.standing for part in parts if part.standing is not Standing.FAILED]
    if not unknown:
        return context.answer(test, "not_met", Standing.FAILED, rule, reason, _either(change))
    standing = Standing.UNKNOWN_ASK if Standing.UNKNOWN_ASK in unknown else Standing.UNKNOWN_REFER
    return context.answer(test, "unknown", standing, rule, reason, _either(change))


def _either(change: Text | None) -> Text | None:
    return Text(f"任一项即可：{change.zh}", f"any one of: {change.en}") if change else None
