"""Shapes of single values: money, percentages, numbers, dates, spans, names, words, bounds, sentences.

Each says what it expects in both languages, reads only the one way of writing, and where a common other way was
written (10万, 0.3, 12个月, yes) answers with the right one as the remedy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jirong.kernel import money
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes.document import Mapped, Tree
from jirong.schemes.shapes import BAD, Json, Reader, ScalarShape, Shape, Span, Value, nearest, plain
from jirong.schemes.vocabulary import Words


@dataclass(frozen=True, eq=False)
class MoneyShape(ScalarShape):
    """An amount in the scheme's currency: ``100000.00``."""

    zero: bool = False
    code = "not_money"
    expected = Text("大于零的金额", "an amount above zero")
    example = "100000.00"

    def convert(self, text: str, reader: Reader) -> Money | None:
        unit = money.UNITS.get(reader.currency, money.CNY)
        try:
            amount = Money.parse(text, unit)
        except Refusal:
            return None
        return amount if amount.minor > 0 or (self.zero and amount.minor == 0) else None

    def hint(self, text: str) -> Text | None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(万|亿)元?", text, re.ASCII)
        if not match:
            return None
        amount = Decimal(match[1]) * (10_000 if match[2] == "万" else 100_000_000)
        return Text(f"请写成 {amount:.2f}", f"Write {amount:.2f}")

    def schema(self, defs: dict[str, Json]) -> Json:
        pattern = r"^(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?$"
        return {"type": ["string", "number"], "pattern": pattern, "minimum": 0, "examples": [self.example]}


@dataclass(frozen=True, eq=False)
class PercentShape(ScalarShape):
    """A percentage between ``least`` and ``most`` percent; the value is the fraction: ``30%`` is ``0.3``."""

    least: int = 0
    most: int = 100
    code = "not_percent"
    example = "30%"

    @property
    def expected(self) -> Text:  # type: ignore[override]
        return Text(f"{self.least}%至{self.most}%的百分比", f"a percentage from {self.least}% to {self.most}%")

    def convert(self, text: str, reader: Reader) -> Decimal | None:
        match = re.fullmatch(r"(-?\d{1,6}(\.\d{1,8})?)\s?%", text, re.ASCII)
        if not match:
            return None
        value = Decimal(match[1])
        return value / 100 if self.least <= value <= self.most else None

    def hint(self, text: str) -> Text | None:
        if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text, re.ASCII):
            return None
        number = Decimal(text)
        meant = number * 100 if 0 < number < 1 else number
        return Text(f"请写上百分号，例如 {plain(meant)}%", f"Write the percent sign, such as {plain(meant)}%")

    def write(self, value: Any) -> Json:
        return f"{plain(value * 100)}%"

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "string", "pattern": r"^-?\d{1,6}(\.\d{1,8})?\s?%$", "examples": [self.example]}


@dataclass(frozen=True, eq=False)
class NumberShape(ScalarShape):
    """A decimal between ``least`` and ``most``."""

    least: int = 0
    most: int = 1_000_000
    code = "not_number"
    example = "1.5"

    @property
    def expected(self) -> Text:  # type: ignore[override]
        return Text(f"{self.least}至{self.most}的数字", f"a number from {self.least} to {self.most}")

    def convert(self, text: str, reader: Reader) -> Decimal | None:
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,8})?", text, re.ASCII):
            return None
        value = Decimal(text)
        return value if self.least <= value <= self.most else None

    def hint(self, text: str) -> Text | None:
        if text.endswith("%"):
            return Text("此处不用百分号", "No percent sign here")
        return None

    def write(self, value: Any) -> Json:
        return plain(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        pattern = r"^-?\d{1,12}(\.\d{1,8})?$"
        return {"type": ["number", "string"], "pattern": pattern, "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, eq=False)
class IntShape(ScalarShape):
    """A whole number between ``least`` and ``most``."""

    least: int = 1
    most: int = 1_000_000
    code = "not_whole"
    example = "3"

    @property
    def expected(self) -> Text:  # type: ignore[override]
        return Text(f"{self.least}至{self.most}的整数", f"a whole number from {self.least} to {self.most}")

    def convert(self, text: str, reader: Reader) -> int | None:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            return None
        return int(text) if self.least <= int(text) <= self.most else None

    def write(self, value: Any) -> Json:
        return int(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class BoolShape(ScalarShape):
    """``true`` or ``false``."""

    code = "not_flag"
    expected = Text("true 或 false", "true or false")
    example = "true"

    def convert(self, text: str, reader: Reader) -> bool | None:
        return {"true": True, "false": False}.get(text)

    def hint(self, text: str) -> Text | None:
        meant = {"yes": "true", "是": "true", "no": "false", "否": "false"}.get(text.lower())
        return Text(f"请写 {meant}", f"Write {meant}") if meant else None

    def write(self, value: Any) -> Json:
        return bool(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "boolean"}


class DateShape(ScalarShape):
    """A calendar date: ``2026-01-01``."""

    code = "not_date"
    expected = Text("日期", "a date")
    example = "2026-01-01"

    def convert(self, text: str, reader: Reader) -> dt.date | None:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return None

    def write(self, value: Any) -> Json:
        return str(value.isoformat())

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


class SpanShape(ScalarShape):
    """A stretch of time: ``12 months``."""

    code = "not_span"
    expected = Text("时间长度", "a length of time")
    example = "12 months"
    pattern = r"([1-9]\d{0,3})\s+(hour|day|month|year)s?"

    def convert(self, text: str, reader: Reader) -> Span | None:
        match = re.fullmatch(self.pattern, text, re.ASCII)
        return Span(int(match[1]), match[2]) if match else None

    def hint(self, text: str) -> Text | None:
        match = re.fullmatch(r"(\d{1,4})\s*(个?小时|天|日|个?月|年|h|d|m|y)", text, re.ASCII)
        if not match:
            return None
        unit = {"时": "hours", "h": "hours", "天": "days", "日": "days", "d": "days", "年": "years", "y": "years"}
        meant = f"{int(match[1])} {unit.get(match[2][-1], 'months')}"
        return Text(f"请写成 {meant}", f"Write {meant}")

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": [self.example]}


@dataclass(frozen=True, eq=False)
class NameShape(ScalarShape):
    """A name after ``pattern``: of a party, feature, level, scheme or method."""

    pattern: str
    example: str
    expected: Text
    code = "not_name"

    def convert(self, text: str, reader: Reader) -> str | None:
        return text if re.fullmatch(self.pattern, text, re.ASCII) else None

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "string", "pattern": f"^{self.pattern}$", "examples": [self.example]}


@dataclass(frozen=True, eq=False)
class ProseShape(ScalarShape):
    """Free text of at most ``most`` characters, in one language (a citation)."""

    most: int = 300
    code = "not_prose"
    example = "sources/000, 场景3"

    @property
    def expected(self) -> Text:  # type: ignore[override]
        return Text(f"不超过{self.most}字的文字", f"text of at most {self.most} characters")

    def convert(self, text: str, reader: Reader) -> str | None:
        joined = " ".join(text.split())
        # No control or invisible characters: what is signed is what is seen.
        return joined if 0 < len(joined) <= self.most and joined.isprintable() else None

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": "string", "minLength": 1, "maxLength": self.most}


class CitationShape(Shape):
    """What a clause rests on: one text for both languages, or ``{zh: …, en: …}``."""

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if isinstance(tree, Mapped):
            return TextShape().read(tree, reader, path)
        said = ProseShape().read(tree, reader, path)
        return BAD if said is BAD else Text(said, said)

    def write(self, value: Any) -> Json:
        return value.zh if value.zh == value.en else dict(value.as_dict())

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"anyOf": [ProseShape().schema(defs), TextShape().schema(defs)]}


@dataclass(frozen=True, eq=False)
class WordShape(ScalarShape):
    """One word of a closed table."""

    words: Words
    code = "unknown_word"
    example = ""

    @property
    def choices(self) -> Collection[str]:  # type: ignore[override]
        return self.words

    @property
    def expected(self) -> Text:  # type: ignore[override]
        zh = "、".join(f"{word}（{text.zh}）" for word, text in self.words.items())
        return Text(f"以下之一：{zh}", f"one of: {', '.join(self.words)}")

    def convert(self, text: str, reader: Reader) -> str | None:
        return text if text in self.words else None

    def hint(self, text: str) -> Text | None:
        said = {reading.zh: word for word, reading in self.words.items()}
        meant = said.get(text) or nearest(text, self.words)
        if meant:
            return Text(f"是否想写“{meant}”（{self.words[meant].zh}）？", f"Did you mean “{meant}”?")
        return Text("请从中选一个", "Choose one of them")

    def schema(self, defs: dict[str, Json]) -> Json:
        return {
            "enum": list(self.words),
            "x-words": {word: reading.as_dict() for word, reading in self.words.items()},
        }


class ValueShape(ScalarShape):
    """A bound: a percentage, a number, true/false or a word."""

    code = "not_value"
    expected = Text("数字、百分比、true/false 或类别名", "a number, a percentage, true/false or the name of a class")
    example = "6"

    def convert(self, text: str, reader: Reader) -> Value | None:
        if text in ("true", "false"):
            return Value("flag", text == "true")
        number = re.fullmatch(r"(-?\d{1,15}(?:\.\d{1,8})?)\s?(%?)", text, re.ASCII)
        if number and number[2]:
            return Value("percent", Decimal(number[1]) / 100)
        if number:
            return Value("number", Decimal(number[1]))
        return Value("word", text) if 0 < len(text) <= 60 and "%" not in text and text.isprintable() else None

    def write(self, value: Any) -> Json:
        return str(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"type": ["number", "string", "boolean"]}


class TextShape(Shape):
    """A sentence in both languages: ``{zh: …, en: …}``."""

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if isinstance(tree, Mapped):
            said = {key.text: value for key, value in tree.entries}
            if set(said) == {"zh", "en"} and len(tree.entries) == 2:
                parts = {key: ProseShape(600).read(value, reader, f"{path}/{key}") for key, value in said.items()}
                return BAD if BAD in parts.values() else Text(parts["zh"], parts["en"])
        return reader.report(
            "not_text",
            tree.mark,
            path,
            Text("此处应写中英文两种文字", "This should be said in Chinese and in English"),
            Text("写成 {zh: 中文, en: English}", "Write {zh: 中文, en: English}"),
        )

    def write(self, value: Any) -> Json:
        return dict(value.as_dict())

    def schema(self, defs: dict[str, Json]) -> Json:
        prose = {"type": "string", "minLength": 1, "maxLength": 600}
        defs.setdefault(
            "Text",
            {
                "type": "object",
                "properties": {"zh": prose, "en": prose},
                "required": ["zh", "en"],
                "additionalProperties": False,
            },
        )
        return {"$ref": "#/$defs/Text"}
