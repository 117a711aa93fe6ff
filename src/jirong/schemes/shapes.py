"""Shapes: how one kind of value is read from the tree, written back, and described as JSON Schema.

Every field of the model carries a shape, so parser, canonical form and published schema come from one definition
and cannot drift apart. A shape never raises on bad input: it reports a finding and answers :data:`BAD`. Values are
exact: money in minor units, percentages and basis points as decimals, spans in whole units.
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

from jirong.kernel.text import Text
from jirong.schemes import findings
from jirong.schemes.document import Listing, Mapped, Scalar, Tree
from jirong.schemes.findings import Finding, Mark

V = TypeVar("V")
Json = Any
"""``str | int | bool | list | dict`` of the same; never a float."""


class Bad(Enum):
    """The answer of a shape that could not read its value and has said why."""

    BAD = "bad"


BAD = Bad.BAD


@dataclass(slots=True)
class Reader:
    """What travels with a reading: the comments, the findings so far, and the paths that could not be read."""

    comments: Mapping[int, str] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)
    currency: str = "CNY"

    def report(self, code: str, mark: Mark, path: str, reason: Text, remedy: Text) -> Bad:
        """Record an error and answer :data:`BAD`."""
        self.found.append(findings.error(f"scheme.{code}", mark, path, reason, remedy))
        self.spoiled.add(path)
        return BAD


class Table(Mapping[str, V], Generic[V]):
    """An immutable mapping that keeps its order, compares by content, hashes and pickles."""

    __slots__ = ("_entries", "_index")

    def __init__(self, entries: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        self._index: dict[str, V] = dict(entries)
        self._entries = tuple(self._index.items())

    def __getitem__(self, key: str) -> V:
        return self._index[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._index == other._index

    def __hash__(self) -> int:
        return hash(frozenset(self._entries))

    def __repr__(self) -> str:
        return f"Table({self._index!r})"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in whole units, as written: ``12 months``, ``90 days``, ``2 hours``."""

    count: int
    unit: str

    @property
    def months(self) -> int | None:
        """Whole months when the unit is a calendar one, else None (days are never turned into months)."""
        return {"month": self.count, "year": 12 * self.count}.get(self.unit)

    @property
    def days_at_most(self) -> int:
        """An upper bound in days, for comparing ages: a month counts 31, a year 366, an hour as part of a day."""
        each = {"hour": 0, "day": 1, "month": 31, "year": 366}[self.unit]
        return self.count * each if each else -(-self.count // 24)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Value:
    """A bound in a sentence about a feature; ``kind``: ``number``, ``percent`` (as a fraction), ``flag``, ``word``."""

    kind: str
    of: Decimal | bool | str

    @property
    def number(self) -> Decimal | None:
        """The exact number behind a ``number`` or ``percent``, else None."""
        return self.of if isinstance(self.of, Decimal) else None

    def __str__(self) -> str:
        if isinstance(self.of, bool):
            return "true" if self.of else "false"
        if isinstance(self.of, Decimal):
            return f"{plain(self.of * 100)}%" if self.kind == "percent" else plain(self.of)
        return self.of


def plain(number: Decimal) -> str:
    """Shortest exact form without exponent: ``Decimal("30.00")`` is ``"30"``."""
    if number == 0:
        return "0"
    return format(number.normalize(), "f")


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice most likely meant by ``word``, or None."""
    folded = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1, cutoff=0.6)
    close = close or difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def shorten(text: str) -> str:
    """At most forty characters of what was written, for quoting in a sentence."""
    return text if len(text) <= 40 else text[:40] + "…"


class Shape(ABC):
    """How one value is read, written and described."""

    @abstractmethod
    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        """The value, or :data:`BAD` after reporting."""

    @abstractmethod
    def write(self, value: Any) -> Json:
        """The canonical JSON-safe form."""

    @abstractmethod
    def schema(self, defs: dict[str, Json]) -> Json:
        """A JSON Schema (draft 2020-12); named parts go into ``defs``."""


class ScalarShape(Shape):
    """A value written as one scalar; subclasses say what is expected and convert."""

    code = "wrong_value"
    expected = Text("一个值", "a value")
    example = ""
    choices: Collection[str] = ()
    """The words allowed, where the table is closed."""
    pattern = ""
    """The form allowed, where there is one."""

    def convert(self, text: str, reader: Reader) -> Any:
        """The value, or None when ``text`` is not one."""
        raise NotImplementedError

    def hint(self, text: str) -> Text | None:
        """A remedy fitted to what was written, if there is one."""
        return None

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if not isinstance(tree, Scalar):
            shown = Text("一组内容", "a collection")
        else:
            value = self.convert(tree.text.strip(), reader)
            if value is not None:
                return value
            shown = Text(f"“{shorten(tree.text)}”", f"“{shorten(tree.text)}”") if tree.text else Text("空白", "nothing")
        reason = Text("此处应为{expected}，写的是{shown}", "This should be {expected}; found {shown}")
        hint = self.hint(tree.text.strip()) if isinstance(tree, Scalar) else None
        remedy = hint or Text(f"例如：{self.example}", f"For example: {self.example}")
        return reader.report(self.code, tree.mark, path, reason.format(expected=self.expected, shown=shown), remedy)

    def write(self, value: Any) -> Json:
        return str(value)


@dataclass(frozen=True, eq=False)
class ListOf(Shape):
    """A sequence; a lone item is welcome where ``lone`` is set.

    Items that cannot be read are left out; with too few left, the list itself cannot be read.
    """

    item: Shape
    least: int = 1
    most: int = 200
    lone: bool = False

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if self.lone and not isinstance(tree, Listing):
            value = self.item.read(tree, reader, path)
            return BAD if value is BAD else (value,)
        if not isinstance(tree, Listing) or not self.least <= len(tree.items) <= self.most:
            reason = Text(
                f"此处应为{self.least}至{self.most}项的列表", f"A list of {self.least} to {self.most} items is needed"
            )
            remedy = Text("写成 [一, 二]，或每行以“- ”开头", "Write [one, two], or begin each line with “- ”")
            return reader.report("not_list", tree.mark, path, reason, remedy)
        values = [self.item.read(item, reader, f"{path}/{index}") for index, item in enumerate(tree.items)]
        good = tuple(value for value in values if value is not BAD)
        return good if len(good) >= self.least else BAD

    def write(self, value: Any) -> Json:
        return [self.item.write(item) for item in value]

    def schema(self, defs: dict[str, Json]) -> Json:
        item = self.item.schema(defs)
        listed = {"type": "array", "items": item, "minItems": self.least, "maxItems": self.most}
        return {"anyOf": [listed, item]} if self.lone else listed


@dataclass(frozen=True, eq=False)
class TableOf(Shape):
    """A mapping from names to values; entries that cannot be read are left out."""

    key: ScalarShape
    value: Shape
    most: int = 200

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if not isinstance(tree, Mapped) or not 0 < len(tree.entries) <= self.most:
            return reader.report(
                "not_table",
                tree.mark,
                path,
                Text("此处应为“名称: 内容”的对照", "This should be a table of “name: content”"),
                Text(f"例如 {{{self.key.example}: …}}", f"For example {{{self.key.example}: …}}"),
            )
        read: dict[str, Any] = {}
        for key, node in tree.entries:
            name = self.key.read(key, reader, path)
            if name in read:
                report_repeat(reader, key, path)
            value = self.value.read(node, reader, f"{path}/{key.text}")
            if name is not BAD and value is not BAD and name not in read:
                read[name] = value
        return Table(read) if read else BAD

    def write(self, value: Any) -> Json:
        return {name: self.value.write(item) for name, item in value.items()}

    def schema(self, defs: dict[str, Json]) -> Json:
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^{self.key.pattern}$"},
            "additionalProperties": self.value.schema(defs),
            "minProperties": 1,
            "maxProperties": self.most,
        }


@dataclass(frozen=True, eq=False)
class Either(Shape):
    """The first shape for scalars, the second for collections (or, with two scalar shapes, whichever fits)."""

    first: ScalarShape
    second: Shape

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if isinstance(tree, Scalar):
            value = self.first.convert(tree.text.strip(), reader)
            if value is not None:
                return value
            if not isinstance(self.second, ScalarShape) or self._meant_a_word(tree.text):
                return self.first.read(tree, reader, path)
        return self.second.read(tree, reader, path)

    def _meant_a_word(self, text: str) -> bool:
        return bool(self.first.choices) and nearest(text, self.first.choices) is not None

    def write(self, value: Any) -> Json:
        is_first = isinstance(value, str) and value in self.first.choices
        return self.first.write(value) if is_first else self.second.write(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"anyOf": [self.first.schema(defs), self.second.schema(defs)]}


def report_repeat(reader: Reader, key: Scalar, path: str) -> None:
    """One key written twice: neither reading is safe."""
    reader.report(
        "key_repeated",
        key.mark,
        f"{path}/{key.text}".lstrip("/"),
        Text(f"“{shorten(key.text)}”写了两次", f"“{shorten(key.text)}” is written twice"),
        Text("请只保留一处", "Keep one of them"),
    )
