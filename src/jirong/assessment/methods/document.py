"""Reading a method's document: every number exact, every mistake named by place.

Numbers in YAML and JSON become :class:`~decimal.Decimal`, never a float; a missing or misplaced key is an
:class:`Invalid` that says where (``tax-score@1: characteristics/2/bins``).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


class _Exact(yaml.SafeLoader):
    """YAML whose numbers are decimals."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


_Exact.add_constructor("tag:yaml.org,2002:float", _decimal)
_Exact.add_constructor("tag:yaml.org,2002:int", _decimal)


def load(name: str, text: str) -> Node:
    """The document as a tree that knows its places; ``name`` ends in ``.json`` or ``.yaml``."""
    try:
        if name.endswith(".json"):
            value = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        else:
            value = yaml.load(text, Loader=_Exact)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, ArithmeticError) as error:
        raise malformed(name, f"无法读取（{error}）", f"it cannot be read ({error})") from None
    return Node(name, value)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its place."""

    where: str
    value: Any

    def __getitem__(self, key: str) -> Node:
        found = self.get(key)
        if found is None:
            raise malformed(self.where, f"缺少“{key}”", f"“{key}” is missing")
        return found

    def get(self, key: str) -> Node | None:
        """The value under ``key``; None where absent or null."""
        mapping = self.mapping()
        if mapping.get(key) is None:
            return None
        return Node(f"{self.where}/{key}", mapping[key])

    def only(self, *keys: str) -> None:
        """Refuse any other key: a misspelt one would be silence."""
        unknown = sorted(str(key) for key in set(self.mapping()) - set(keys))
        if unknown:
            told = ", ".join(unknown)
            raise malformed(self.where, f"不认识这些项：{told}", f"unknown keys: {told}")

    def mapping(self) -> Mapping[str, Any]:
        if not isinstance(self.value, dict):
            raise malformed(self.where, "须为键值", "a mapping is needed")
        return self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        for key, value in self.mapping().items():
            yield str(key), Node(f"{self.where}/{key}", value)

    def list(self) -> list[Node]:
        if not isinstance(self.value, list) or not self.value:
            raise malformed(self.where, "须为非空列表", "a list that is not empty is needed")
        return [Node(f"{self.where}/{place}", item) for place, item in enumerate(self.value, 1)]

    def text(self) -> Text:
        try:
            return Text.from_dict(self.mapping())
        except (KeyError, ValueError):
            raise malformed(self.where, "须有 zh 与 en", "zh and en are both needed") from None

    def string(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise malformed(self.where, "须为文字", "a word is needed")
        return self.value

    def one_of(self, *words: str) -> str:
        if self.string() not in words:
            told = ", ".join(words)
            raise malformed(self.where, f"须为其中之一：{told}", f"it must be one of {told}")
        return self.string()

    def number(self) -> Decimal:
        if not isinstance(self.value, Decimal) or not self.value.is_finite():
            raise malformed(self.where, "须为数字", "a number is needed")
        return self.value

    def whole(self) -> int:
        value = self.number()
        if value != int(value):
            raise malformed(self.where, "须为整数", "a whole number is needed")
        return int(value)

    def hundredths(self) -> int:
        """A number of at most two decimals, as whole hundredths."""
        scaled = self.number() * 100
        if scaled != int(scaled):
            raise malformed(self.where, "最多两位小数", "at most two decimals")
        return int(scaled)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise malformed(self.where, "须为 true 或 false", "true or false is needed")
        return self.value

    def date(self) -> dt.date:
        if isinstance(self.value, str):
            try:
                return dt.date.fromisoformat(self.value)
            except ValueError:
                pass
        if not isinstance(self.value, dt.date) or isinstance(self.value, dt.datetime):
            raise malformed(self.where, "须为日期", "a date is needed")
        return self.value


def malformed(where: str, zh: str, en: str) -> Invalid:
    return Invalid(
        "method.malformed",
        Text(f"评估方法文件有误：{zh}", f"The method's document is malformed: {en}"),
        remedy=Text("请更正后再发布为新版本", "Correct it and publish it as a new version"),
        where=where,
    )
