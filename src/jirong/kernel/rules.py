"""Rules of law and of programmes as dated data, each with its clause and its source.

A rulebook is YAML (``catalogue/rulebook/*.yaml``): every rule names the instrument (the law) and article, quotes the
clause in Chinese and English, says whether breaking it bars a step or only warns, and lists its values by the date
from which each holds. A change of law adds a dated value and never edits one, so an old contract replays under the
rule of its day. ``verified: false`` marks a value whose text nobody has read yet; every screen that shows it says so.

:meth:`Rulebook.parse` takes the files' text from its caller; :func:`house_rulebook` reads the house's own catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jirong.kernel.errors import Invalid, NotFound
from jirong.kernel.text import Text

CATALOGUE = Path(__file__).parents[3] / "catalogue" / "rulebook"
"""The house's own rulebook."""


class Effect(StrEnum):
    """What breaking a rule does: ``bar`` refuses the step, ``warn`` shows it and lets the step pass.

    ``apply`` marks a rule nobody breaks: the house computes by it (an order of payment, a clock).
    """

    BAR = "bar"
    WARN = "warn"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class DatedValue:
    """The value of a rule from a date on; ``None`` where the rule has no number (a plain duty or ban).

    ``citation`` replaces the rule's own where a later law changed the value.
    """

    since: dt.date
    value: Any
    verified: bool
    source: str
    citation: Text | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with all its dated values, oldest first. ``mark`` is its short name in the rulebook (``T1``)."""

    id: str
    title: Text
    instrument: Text
    article: str
    text: Text
    effect: Effect
    values: tuple[DatedValue, ...]
    mark: str | None = None

    @property
    def citation(self) -> Text:
        """``《…》第11条：…``, the clause as a reason quotes it."""
        return _citation(self.instrument, self.article, self.text)


@dataclass(frozen=True, slots=True)
class RuleValue:
    """What a rule says on a date."""

    rule: Rule
    since: dt.date
    value: Any
    verified: bool
    source: str
    clause: Text

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def effect(self) -> Effect:
        return self.rule.effect

    @property
    def citation(self) -> Text:
        """The clause, with a plain warning when its text has not been read."""
        clause = self.clause
        if self.verified:
            return clause
        return Text(f"{clause.zh}（条文尚未核对）", f"{clause.en} (text not yet verified)")

    @property
    def whole(self) -> int:
        """The value as an integer (months, days)."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise TypeError(f"rule {self.id} holds {self.value!r}, not a whole number")
        return self.value

    @property
    def decimal(self) -> Decimal:
        """The value as a decimal (a rate, a multiple); written as a string in the file, never as a float."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | str):
            raise TypeError(f"rule {self.id} holds {self.value!r}, not a decimal")
        try:
            return Decimal(self.value)
        except InvalidOperation:
            raise TypeError(f"rule {self.id} holds {self.value!r}, not a decimal") from None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form for answers and screens."""
        return {
            "id": self.id,
            "mark": self.rule.mark,
            "title": self.rule.title.as_dict(),
            "clause": self.citation.as_dict(),
            "effect": self.effect.value,
            "since": self.since.isoformat(),
            "value": self.value,
            "verified": self.verified,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by id."""

    rules: Mapping[str, Rule]

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> Rulebook:
        """Read YAML ``texts`` by file name; refuses a malformed or repeated rule, naming file and rule."""
        rules: dict[str, Rule] = {}
        for name, text in texts.items():
            for rule in _parse_file(name, text):
                if rule.id in rules:
                    raise _bad(name, rule.id, "编号重复", "the id is already taken")
                rules[rule.id] = rule
        return cls(rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self.rules

    def at(self, rule_id: str, on: dt.date) -> RuleValue:
        """What rule ``rule_id`` says on ``on``; :class:`NotFound` if there is no such rule or not yet."""
        rule = self.rules.get(rule_id)
        if rule is None:
            raise NotFound("rule.unknown", Text(f"规则库中没有“{rule_id}”", f"The rulebook has no rule “{rule_id}”"))
        held = [value for value in rule.values if value.since <= on]
        if not held:
            raise NotFound(
                "rule.not_in_force",
                Text(f"“{rule.title.zh}”在{on}尚未施行", f"“{rule.title.en}” was not yet in force on {on}"),
                details={"rule": rule_id, "in_force_from": rule.values[0].since.isoformat()},
            )
        now = held[-1]
        return RuleValue(rule, now.since, now.value, now.verified, now.source, now.citation or rule.citation)

    def find(self, rule_id: str, on: dt.date) -> RuleValue | None:
        """As :meth:`at`, but ``None`` where the rule was not in force; an unknown id still raises."""
        rule = self.rules.get(rule_id)
        if rule is not None and on < rule.values[0].since:
            return None
        return self.at(rule_id, on)

    def listing(self, on: dt.date) -> tuple[RuleValue, ...]:
        """Every rule in force on ``on``, in the order of the files."""
        found = (self.find(rule_id, on) for rule_id in self.rules)
        return tuple(value for value in found if value is not None)


@cache
def house_rulebook() -> Rulebook:
    """The house's rulebook, read once from the catalogue."""
    return Rulebook.parse({path.name: path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.yaml"))})


_RULE_KEYS = {"id", "mark", "title", "instrument", "article", "text", "effect", "values"}
_VALUE_KEYS = {"from", "value", "verified", "source", "instrument", "article", "text"}


def _parse_file(name: str, text: str) -> list[Rule]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _bad(name, None, f"不是有效的YAML（{error}）", f"not valid YAML ({error})") from None
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise _bad(name, None, "应有名为 rules 的列表", "a list named rules is needed")
    return [_parse_rule(name, raw, place) for place, raw in enumerate(document["rules"], start=1)]


def _parse_rule(name: str, raw: Any, place: int) -> Rule:
    rule_id = raw.get("id") if isinstance(raw, dict) else None
    label = rule_id if isinstance(rule_id, str) else f"#{place}"
    if not isinstance(raw, dict) or not isinstance(rule_id, str):
        raise _bad(name, label, "缺少编号 id", "the rule has no id")
    _only(name, label, raw, _RULE_KEYS, optional={"mark"})
    try:
        effect = Effect(raw["effect"])
        title, instrument, text = (Text.from_dict(raw[key]) for key in ("title", "instrument", "text"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(name, label, f"内容不完整（{error}）", f"it is incomplete ({error})") from None
    if not isinstance(raw["values"], list):
        raise _bad(name, label, "values 须为列表", "values must be a list")
    values = tuple(_parse_value(name, label, item) for item in raw["values"])
    if not values or [v.since for v in values] != sorted({v.since for v in values}):
        raise _bad(
            name, label, "values 须按施行日期先后排列且不重复", "values must be in order of date, without repeats"
        )
    return Rule(rule_id, title, instrument, str(raw["article"]), text, effect, values, raw.get("mark"))


def _parse_value(name: str, label: str, raw: Any) -> DatedValue:
    if not isinstance(raw, dict):
        raise _bad(name, label, "values 的每一项须写明 from、value、verified、source", "each value needs its keys")
    _only(name, label, raw, _VALUE_KEYS, optional={"value", "instrument", "article", "text"})
    since, verified, source = raw["from"], raw["verified"], raw["source"]
    if not isinstance(since, dt.date) or isinstance(since, dt.datetime):
        raise _bad(name, label, "from 须为日期", "from must be a date")
    if not isinstance(verified, bool) or not isinstance(source, str) or not source:
        raise _bad(
            name, label, "verified 须为 true 或 false，source 不得为空", "verified must be a boolean, source given"
        )
    if _has_float(raw.get("value")):
        raise _bad(name, label, "小数须加引号，以免失真", "a number with decimals must be quoted to stay exact")
    return DatedValue(since, raw.get("value"), verified, source, _own_citation(name, label, raw))


def _own_citation(name: str, label: str, raw: Mapping[str, Any]) -> Text | None:
    if "text" not in raw and "instrument" not in raw:
        return None
    try:
        instrument, text = Text.from_dict(raw["instrument"]), Text.from_dict(raw["text"])
    except (ValueError, KeyError, TypeError) as error:
        raise _bad(
            name,
            label,
            f"改法须写明 instrument 与 text（{error}）",
            f"a changed law needs instrument and text ({error})",
        ) from None
    return _citation(instrument, str(raw.get("article", "")), text)


def _citation(instrument: Text, article: str, text: Text) -> Text:
    zh_article, en_article = (f"第{article}条", f", art. {article}") if article else ("", "")
    return Text(f"{instrument.zh}{zh_article}：{text.zh}", f"{instrument.en}{en_article}: {text.en}")


def _only(name: str, label: str, raw: Mapping[str, Any], keys: set[str], *, optional: set[str]) -> None:
    unknown, missing = set(raw) - keys, keys - optional - set(raw)
    if unknown or missing:
        told = ", ".join(sorted(map(str, unknown | missing)))
        raise _bad(name, label, f"多出或缺少这些项：{told}", f"unknown or missing keys: {told}")


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_float(item) for item in value)
    return isinstance(value, float)


def _bad(name: str, label: str | None, zh: str, en: str) -> Invalid:
    where = f"{name}: {label}" if label else name
    return Invalid("rulebook.malformed", Text(f"规则库有误：{zh}", f"The rulebook is malformed: {en}"), where=where)
