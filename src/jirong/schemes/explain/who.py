"""Sentences on the scheme itself, its parties, who may apply and how they are judged."""

from __future__ import annotations

from dataclasses import dataclass

from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentence, Sentences, Writer
from jirong.schemes.model.eligibility import AnyOf, Assess, Consent, EvidenceTest, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import plain


@dataclass(frozen=True, slots=True)
class Mood:
    """A test is said as a demand (须不低于, must be) or as a condition (不低于, is)."""

    must: tuple[str, str]
    must_not: Text
    state: Text
    no_state: Text
    there: Text


DEMAND = Mood(
    must=("须", "must be"),
    must_not=Text("不得为", "must not be"),
    state=Text("须满足“{state}”", "this must hold: “{state}”"),
    no_state=Text("不得有“{state}”的情形", "this must not hold: “{state}”"),
    there=Text("须有", "on file there must be"),
)
CONDITION = Mood(
    must=("", "is/are"),
    must_not=Text("不为", "is not"),
    state=Text("出现“{state}”", "“{state}” holds"),
    no_state=Text("没有“{state}”", "“{state}” does not hold"),
    there=Text("有", "on file there is"),
)

_COMPARED = {
    "at_least": Text("{must}不低于{bound}", "{must} at least {bound}"),
    "at_most": Text("{must}不高于{bound}", "{must} at most {bound}"),
    "more_than": Text("{must}高于{bound}", "{must} more than {bound}"),
    "less_than": Text("{must}低于{bound}", "{must} less than {bound}"),
    "equals": Text("{must}为{bound}", "{must} {bound}"),
    "between": Text("{must}在{low}至{high}之间（含两端）", "{must} from {low} to {high}"),
    "one_of": Text("{must}为{any}之一", "{must} one of {any}"),
    "none_of": Text("{must_not}{any}", "{must_not} {any}"),
}


_AS_STATE = {"at_least": Text("{must}达到{bound}", "{must} at least {bound}")}


def opening(scheme: Scheme, names: Names) -> Sentences:
    """What the document is, since when, under which licence, among whom."""
    writer = Writer(scheme, "scheme")
    named = Text("{title}（{ref}，第{version}版）", "{title} ({ref}, version {version})").format(
        title=scheme.title, ref=scheme.scheme, version=scheme.version
    )
    since = Text("，自{day}起生效", ", in force from {day}").format(day=phrases.date(scheme.effective))
    until = None
    if scheme.expires:
        until = Text("，至{day}止", "until {day}").format(day=phrases.date(scheme.expires))
    source = Text(f"，依据：{scheme.source.zh}", f"; based on {scheme.source.en}")
    head = phrases.joined(Text(f"{named.zh}{since.zh}", f"{named.en}{since.en}"), until)
    yield writer.say(scheme, Text(f"{head.zh}{source.zh}", f"{head.en}{source.en}"), key="title")
    if scheme.summary:
        yield writer.say(scheme, scheme.summary, key="summary")
    yield _vehicle(scheme)
    yield writer.say(
        scheme,
        Text("金额单位为{unit}，{how}", "Amounts are in {unit}, rounded {how}").format(
            unit=vocabulary.CURRENCY[scheme.currency], how=vocabulary.ROUNDING[scheme.rounding]
        ),
        key="rounding",
    )
    yield from _parties(scheme, names)
    if scheme.related:
        also = phrases.listed([phrases.version(ref) for ref in scheme.related])
        yield Writer(scheme, "related").say(
            scheme, Text("与以下方案配套使用：{also}", "It works together with {also}").format(also=also), key="related"
        )


def _vehicle(scheme: Scheme) -> Sentence:
    text = Text("持牌载体为{it}", "The licensed vehicle is a {it}").format(it=vocabulary.VEHICLE[scheme.vehicle])
    if scheme.vehicle == "simulation_only":
        text = Text("本方案仅供模拟，不得据以放款", "The scheme is for simulation only; no money moves under it")
    if scheme.vehicle == "commercial_contract":
        text = Text("本方案是普通商事合同，不含融资", "The scheme is an ordinary commercial contract without financing")
    return Writer(scheme, "vehicle").say(scheme, text, key="vehicle")


def _parties(scheme: Scheme, names: Names) -> Sentences:
    if not scheme.parties:
        return
    parts = []
    for name in scheme.parties:
        party, role = names.party(name), names.role(name)
        zh = party.zh if party.zh == role.zh else f"{party.zh}（{role.zh}）"
        en = party.en if party.en.removeprefix("the ") == role.en else f"{party.en} ({role.en})"
        parts.append(Text(zh, en))
    text = Text("参与方：{all}", "The parties are {all}").format(all=phrases.listed(parts))
    yield Writer(scheme, "parties").say(scheme, text, key="parties")


def eligibility(scheme: Scheme, names: Names) -> Sentences:
    """One sentence a test, then what happens when something is missing."""
    writer = Writer(scheme, "eligible")
    for test in scheme.eligible:
        yield writer.say(test, worded(test, names))
    if scheme.when_missing:
        text = Text("资料缺失、过期或互相矛盾时，{then}", "When something is missing, stale or contradictory, {then}")
        then = vocabulary.WHEN_MISSING[scheme.when_missing]
        yield Writer(scheme, "when_missing").say(scheme, text.format(then=then), key="when_missing")


def worded(test: FeatureTest | EvidenceTest | AnyOf, names: Names, mood: Mood = DEMAND) -> Text:
    """A test as a sentence without its full stop."""
    if isinstance(test, AnyOf):
        parts = [worded(item, names, mood) for item in test.any_of]
        if mood is CONDITION:
            return Text("，或".join(part.zh for part in parts), ", or ".join(part.en for part in parts))
        return Text("以下任一项成立即可：{inner}", "one of these suffices: {inner}").format(
            inner=phrases.clauses(parts)
        )
    if isinstance(test, EvidenceTest):
        return phrases.joined(_evidence_phrase(test, names, mood), _missing(test))
    said = _flag_phrase(test, names, mood)
    said = said or phrases.joined(subject(test, names), comparison(test, names, mood))
    return phrases.joined(said, _age(test), _missing(test))


def _flag_phrase(test: FeatureTest, names: Names, mood: Mood) -> Text | None:
    """A yes or no reads as a state of affairs: 须满足“份额未被质押”."""
    if test.comparison != "equals" or test.bounds[0].kind != "flag":
        return None
    pattern = mood.state if test.bounds[0].of else mood.no_state
    return pattern.format(state=subject(test, names))


def subject(test: FeatureTest, names: Names) -> Text:
    """Whose feature: 入群时间 / 核心企业的逾期次数."""
    feature = names.feature(test.feature)
    if test.about is None:
        return feature
    about = names.party(test.about)
    return Text(f"{about.zh}的{feature.zh}", f"{about.en}'s {feature.en.removeprefix('the ')}")


def comparison(test: FeatureTest, names: Names, mood: Mood = DEMAND) -> Text:
    """须不低于6个月 / must be at least 6 months."""
    said = [names.value(test.feature, bound) for bound in test.bounds]
    pattern, (must_zh, must_en) = _COMPARED[test.comparison], mood.must
    if mood is CONDITION:
        pattern = _AS_STATE.get(test.comparison, pattern)
        must_en = "are" if phrases.is_plural(names.feature(test.feature).en) else "is"
    led = Text(pattern.zh.replace("{must}", must_zh), pattern.en.replace("{must}", must_en))
    listed = phrases.listed(said, last="or")
    return led.format(bound=said[0], low=said[0], high=said[-1], any=listed, must_not=mood.must_not)


def _age(test: FeatureTest) -> Text | None:
    if test.within is None:
        return None
    pattern = Text("（数据须在{span}以内）", "(on facts at most {span} old)")
    return pattern.format(span=phrases.span(test.within))


def _missing(test: FeatureTest | EvidenceTest) -> Text | None:
    if test.when_missing is None:
        return None
    then = vocabulary.WHEN_MISSING[test.when_missing]
    return Text("；缺失时{then}", "; if that is missing, {then}").format(then=then)


def _evidence_phrase(test: EvidenceTest, names: Names, mood: Mood) -> Text:
    what, there = names.evidence(test.evidence), mood.there
    whose = names.party(test.about) if test.about else None
    zh = f"{whose.zh}{there.zh}{what.zh}" if whose else f"{there.zh}{what.zh}"
    en = f"{there.en} {what.en}" + (f" of {whose.en}" if whose else "")
    if test.within is None:
        return Text(zh, en)
    age = phrases.span(test.within)
    return Text(f"{zh}，且出具不超过{age.zh}", f"{en}, no older than {age.en}")


def consents(scheme: Scheme, names: Names) -> Sentences:
    """Who may read what, and why."""
    for consent in scheme.consent:
        yield Writer(scheme, "consent").say(consent, _consent_phrase(consent, names))


def _consent_phrase(consent: Consent, names: Names) -> Text:
    return Text(
        "{by}可为{purpose}读取{of}的{what}，授权有效期{span}",
        "for {purpose} {by} may read these records of {of}: {what}; the consent lasts {span}",
    ).format(
        by=names.party(consent.by),
        of=names.party(consent.of),
        purpose=vocabulary.PURPOSE[consent.purpose],
        what=phrases.listed([names.evidence(kind) for kind in consent.read]),
        span=phrases.span(consent.lasts),
    )


def assessment(scheme: Scheme, names: Names) -> Sentences:
    """The method, the levels that get an offer, those a person looks at."""
    if scheme.assess is not None:
        yield Writer(scheme, "assess").say(scheme.assess, assess_phrase(scheme.assess, names))


def assess_phrase(assess: Assess, names: Names) -> Text:
    """How it is judged, as a sentence without its full stop."""
    parts = [Text("按{method}评估", "assessed by {method}").format(method=names.method(assess.method))]
    if assess.score_at_least:
        scored = [
            Text(f"{level}级不低于{plain(score)}分", f"{level} from {plain(score)} points")
            for level, score in assess.ladder
        ]
        parts.append(phrases.listed(scored))
    if assess.levels:
        levels, one = phrases.listed([Text(level, level) for level in assess.levels]), len(assess.levels) == 1
        gets = f"level {levels.en} gets an offer" if one else f"levels {levels.en} get an offer"
        parts.append(Text(f"{levels.zh}级可获批", gets))
    if assess.refer:
        referred, one = phrases.listed([Text(level, level) for level in assess.refer]), len(assess.refer) == 1
        goes = f"level {referred.en} goes to a person" if one else f"levels {referred.en} go to a person"
        parts.append(Text(f"{referred.zh}级转人工审查", goes))
    if assess.within:
        age = phrases.span(assess.within)
        parts.append(Text(f"评估结果{age.zh}内有效", f"a result holds for {age.en}"))
    return phrases.clauses(parts)
