"""Trying a scheme on an invented firm: which facts it asks for, samples drawn from its own bounds, and the answer.

The questions are read off the scheme, so a trial asks for nothing the scheme does not look at. A sample is no
forecast: “just meets” stands on the bounds themselves, “just misses” one step beyond the first of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jirong.kernel import rates
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes.evaluate import Evaluation, Facts, FeatureValue, Known, evaluate
from jirong.schemes.evaluate.eligibility import holds
from jirong.schemes.explain import phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model import amounts
from jirong.schemes.model.amounts import Amount, ByLevel, Multiple, Part
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import plain

NUMBER = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?")
PLENTY = Decimal(1_000_000)
WORD_CHARACTERS_MAX = 80


@dataclass(frozen=True)
class Question:
    """One thing to enter. ``kind``: ``number``, ``money``, ``percent``, ``flag``, ``word``, ``date``, ``choice``."""

    name: str
    title: Text
    kind: str
    unit: Text | None = None
    options: tuple[tuple[str, Text], ...] = ()
    has_source: bool = False
    """Whether it also asks how it is known and of which day its facts are."""

    @property
    def known_name(self) -> str:
        return f"k:{self.name}"

    @property
    def day_name(self) -> str:
        return f"d:{self.name}"


@dataclass(frozen=True)
class Field:
    """A question with what was typed and, if that cannot be read, why."""

    question: Question
    value: str
    known: str = Known.PRESENT.value
    day: str = ""
    error: Text | None = None


@dataclass
class Trial:
    """The fields as typed, and the evaluation if everything could be read."""

    fields: list[Field]
    evaluation: Evaluation | None = None
    refusal: Refusal | None = None
    on: dt.date | None = None

    @property
    def shape(self) -> str:
        """Changes when other things are asked for than before."""
        return ",".join(f"{each.question.name}:{each.question.kind}" for each in self.fields)


KNOWN = (
    (Known.PRESENT, Text("有资料", "Known")),
    (Known.MISSING, Text("缺失", "Missing")),
    (Known.WITHHELD, Text("未授权", "No consent")),
    (Known.CONTRADICTORY, Text("互相矛盾", "Contradictory")),
)
PRESETS = (
    ("meets", Text("刚好达标", "Just meets")),
    ("misses", Text("差一点", "Just misses")),
    ("silent", Text("资料缺失", "Nothing known")),
    ("withheld", Text("撤回授权", "Consent withdrawn")),
)
LEVEL, SCORE, ASSESSED, ASKED, USE, LEFT, ON = "level", "score", "assessed", "asked", "use", "left", "on"


def feature_tests(scheme: Scheme) -> list[FeatureTest]:
    """Every comparison that eligibility makes, those among alternatives too."""
    return [test for test in _tests(scheme) if isinstance(test, FeatureTest)]


def _tests(scheme: Scheme) -> Iterator[FeatureTest | EvidenceTest]:
    for test in scheme.eligible:
        yield from test.any_of if isinstance(test, AnyOf) else (test,)


def questions(scheme: Scheme) -> list[Question]:
    """What a trial of this scheme asks, in the order of the scheme."""
    names, asked = Names(scheme), dict[str, Question]()
    for test in _tests(scheme):
        name = f"e:{test.key}" if isinstance(test, EvidenceTest) else f"v:{test.key}"
        asked.setdefault(name, _question(names, name, test))
    for leaf in _shares(scheme):
        name = f"v:{_key(leaf)}"
        title = _whose(names, names.feature(leaf.of), leaf.about)
        asked.setdefault(name, Question(name, title, "money", has_source=True))
    return [*asked.values(), *_of_application(scheme, names)]


def _question(names: Names, name: str, test: FeatureTest | EvidenceTest) -> Question:
    if isinstance(test, EvidenceTest):
        return Question(name, _whose(names, names.evidence(test.evidence), test.about), "date")
    kind = _kind(names, test)
    title, unit = _whose(names, names.feature(test.feature), test.about), names.unit_of(test.feature)
    options: tuple[tuple[str, Text], ...] = ()
    if kind == "flag":
        options = (("yes", Text("是", "yes")), ("no", Text("否", "no")))
    return Question(name, title, kind, unit, options, has_source=True)


def _of_application(scheme: Scheme, names: Names) -> Iterator[Question]:
    if scheme.assess:
        levels = dict.fromkeys((*scheme.levels, *(scheme.assess.refer or ())))
        if scheme.assess.score_at_least:
            yield Question(SCORE, Text("评估得分", "Score"), "number")
        else:
            options = tuple((level, Text(level, level)) for level in levels)
            yield Question(LEVEL, Text("评估等级", "Level"), "choice" if options else "word", options=options)
        yield Question(ASSESSED, Text("评估日期", "Assessed on"), "date")
    if scheme.limit:
        yield Question(ASKED, Text("申请金额", "Amount asked for"), "money")
    if scheme.uses:
        uses = dict.fromkeys((*scheme.uses.allowed, *(scheme.uses.forbidden or ())))
        yield Question(USE, Text("资金用途", "Use"), "choice", options=tuple((use, names.use(use)) for use in uses))
    if scheme.programme:
        yield Question(LEFT, Text("总规模余额", "Left of the programme"), "money")
    yield Question(ON, Text("评估日", "Day of assessment"), "date")


def _whose(names: Names, title: Text, about: str | None) -> Text:
    party = names.party(about) if about else None
    whose = Text(f"{party.zh}的{title.zh}", f"{title.en} of {party.en}") if party else title
    return phrases.capital(Text(whose.zh, whose.en.removeprefix("the ")))


def _kind(names: Names, test: FeatureTest) -> str:
    bound = test.bounds[0].kind
    return bound if bound in ("flag", "word", "percent") else names.kind_of(test.feature)


def _shares(scheme: Scheme) -> list[Part | Multiple]:
    leaves = amounts.leaves(scheme.limit) if scheme.limit else []
    return [leaf for leaf in leaves if isinstance(leaf, Part | Multiple)]


def _key(leaf: Part | Multiple) -> str:
    return f"{leaf.about}.{leaf.of}" if leaf.about else leaf.of


def attempt(scheme: Scheme, typed: Mapping[str, str]) -> Trial:
    """Read what was typed and evaluate; what cannot be read is said at its field and nothing is evaluated."""
    reading = _Reading(scheme, typed)
    for question in questions(scheme):
        reading.take(question)
    trial = Trial(reading.fields, on=reading.days.get(ON))
    if any(each.error for each in trial.fields) or trial.on is None:
        return trial
    try:
        trial.evaluation = evaluate(scheme, reading.facts(), on=trial.on, lpr=rates.lpr_history())
    except Refusal as refusal:
        trial.refusal = refusal
    return trial


@dataclass
class _Reading:
    """Collects facts from typed texts."""

    scheme: Scheme
    typed: Mapping[str, str]
    fields: list[Field] = field(default_factory=list)
    features: dict[str, FeatureValue] = field(default_factory=dict)
    evidence: dict[str, dt.date] = field(default_factory=dict)
    days: dict[str, dt.date] = field(default_factory=dict)
    numbers: dict[str, Decimal] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def take(self, question: Question) -> None:
        """Read one question; the field keeps what was typed either way."""
        value = self.typed.get(question.name, "").strip()[:WORD_CHARACTERS_MAX]
        known = self.typed.get(question.known_name, Known.PRESENT.value)
        known = known if known in {each.value for each, _ in KNOWN} else Known.PRESENT.value
        day = self.typed.get(question.day_name, "").strip()[:WORD_CHARACTERS_MAX]
        error = self._read(question, value, Known(known), day)
        self.fields.append(Field(question, value, known, day, error))

    def _read(self, question: Question, value: str, known: Known, day: str) -> Text | None:
        try:
            if question.has_source:
                self._feature(question, value, known, day)
            elif question.kind == "date" and question.name.startswith("e:"):
                self.evidence |= {question.name[2:]: _date(value)} if value else {}
            elif question.kind == "date":
                self.days |= {question.name: _date(value)} if value or question.name == ON else {}
            elif question.kind in ("number", "money"):
                self.numbers |= {question.name: _number(value)} if value else {}
            elif value:
                self.words[question.name] = value
        except _Unread as unread:
            return unread.reason
        return None

    def _feature(self, question: Question, value: str, known: Known, day: str) -> None:
        key, fresh = question.name[2:], _date(day) if day else None
        if known is not Known.PRESENT or not value:
            missing = Known.MISSING if known is Known.PRESENT else known
            self.features[key] = FeatureValue(None, fresh, missing)
        else:
            self.features[key] = FeatureValue(_value(question.kind, value), fresh)

    def facts(self) -> Facts:
        asked, left = self.numbers.get(ASKED), self.numbers.get(LEFT)
        return Facts(
            features=self.features,
            evidence=self.evidence,
            level=self.words.get(LEVEL),
            score=self.numbers.get(SCORE),
            assessed_on=self.days.get(ASSESSED),
            requested=None if asked is None else Money.rounded(asked, self.scheme.unit),
            use=self.words.get(USE),
            programme_left=None if left is None else Money.rounded(left, self.scheme.unit),
        )


class _Unread(Exception):
    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _Unread(Text("请按 2026-07-07 的格式填写", "Write it like 2026-07-07")) from None


def _number(text: str) -> Decimal:
    plain_text = text.replace(",", "").replace("，", "")
    if not NUMBER.fullmatch(plain_text):
        raise _Unread(Text("请填写数字，至多13位整数", "Write a number of at most 13 digits"))
    return Decimal(plain_text)


def _value(kind: str, text: str) -> Decimal | bool | str:
    if kind == "flag":
        if text not in ("yes", "no"):
            raise _Unread(Text("请选择是或否", "Choose yes or no"))
        return text == "yes"
    if kind == "word":
        return text
    if kind == "percent":
        return _number(text.removesuffix("%").strip()) / 100
    return _number(text)


def presets(scheme: Scheme) -> list[tuple[str, Text]]:
    """The samples that differ for this scheme."""
    asked = questions(scheme)
    fits = {
        "meets": True,
        "misses": bool(feature_tests(scheme)),
        "silent": any(each.has_source or each.name.startswith("e:") for each in asked),
        "withheld": any(each.has_source for each in asked),
    }
    return [(name, title) for name, title in PRESETS if fits[name]]


def preset(scheme: Scheme, name: str, on: dt.date) -> dict[str, str]:
    """What to type for a sample; an unknown name gives “just meets”."""
    typed = {ON: on.isoformat(), ASSESSED: on.isoformat(), SCORE: "100"}
    if scheme.levels:
        typed[LEVEL] = scheme.levels[0]
    if scheme.assess and scheme.assess.ladder:
        typed[SCORE] = plain(scheme.assess.ladder[0][1])
    if scheme.uses:
        typed[USE] = scheme.uses.allowed[0]
    tests = feature_tests(scheme)
    for question in questions(scheme):
        if question.name.startswith("e:"):
            typed[question.name] = "" if name == "silent" else on.isoformat()
        elif question.has_source:
            mine = [test for test in tests if f"v:{test.key}" == question.name]
            typed[question.name] = _meeting(scheme, question, mine)
            typed[question.known_name] = {"silent": "missing", "withheld": "withheld"}.get(name, "present")
            typed[question.day_name] = on.isoformat()
    if name == "misses":
        _miss(tests, typed)
    return typed


def _meeting(scheme: Scheme, question: Question, tests: list[FeatureTest]) -> str:
    """A value that meets all tests of a feature, and gives the limit room where it depends on it."""
    candidates = [value for test in tests for value in _around(test)]
    room = [] if tests and question.kind != "money" else [_room(scheme, question)]
    fitting = [value for value in (*room, *candidates) if all(holds(test, value) for test in tests)]
    return _written(question.kind, (fitting or candidates or [PLENTY])[0])


def _room(scheme: Scheme, question: Question) -> Decimal:
    """An amount at which a share of it no longer holds the limit."""
    leaves = amounts.leaves(scheme.limit) if scheme.limit else []
    fixed = [leaf.amount.major for leaf in leaves if isinstance(leaf, Amount)]
    fixed += [amount.major for leaf in leaves if isinstance(leaf, ByLevel) for amount in leaf.by_level.values()]
    factors = [leaf.factor for leaf in _shares(scheme) if f"v:{_key(leaf)}" == question.name and leaf.factor]
    if not fixed or not factors:
        return PLENTY
    needed = max(fixed) / min(factors)
    return (needed / 10_000).to_integral_value(rounding="ROUND_CEILING") * 10_000


def _around(test: FeatureTest) -> list[Decimal | bool | str]:
    """Values at a bound and one step to either side of it."""
    found: list[Decimal | bool | str] = []
    for bound in test.bounds:
        number = bound.number
        if number is None:
            found += [not bound.of, bound.of] if isinstance(bound.of, bool) else [bound.of, "other"]
        else:
            step = Decimal("0.01") if bound.kind == "percent" else Decimal(1)
            found += [number, number + step, number - step]
    return sorted(found, key=lambda value: not holds(test, value))


def _miss(tests: list[FeatureTest], typed: dict[str, str]) -> None:
    """Let the first test fail by a step."""
    for test in tests[:1]:
        failing = [value for value in _around(test) if not holds(test, value)]
        kind = "percent" if any(bound.kind == "percent" for bound in test.bounds) else "number"
        if failing:
            typed[f"v:{test.key}"] = _written(kind, failing[0])


def _written(kind: str, value: Decimal | bool | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{plain(value * 100)}%" if kind == "percent" else plain(value)
