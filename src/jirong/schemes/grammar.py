"""Records and choices: the grammar, read off the model's own dataclasses.

A clause is a frozen dataclass whose annotations are its grammar: ``Annotated[Decimal, PercentShape()]`` is a
percentage, ``X | None`` an optional key, a union of clauses a choice told apart by its head key (``{part: 30%, of:
revenue}`` has the head ``part``) or by ``kind``. A clause may be written short: ``uses: [wages]`` for
``uses: {allowed: [wages]}``. Reading reports every mistake it meets and goes on; whatever could be read stays.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import types
import typing
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, TypeVar, Union

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import scalars, shapes, titles
from jirong.schemes.document import Mapped, Scalar, Tree
from jirong.schemes.findings import NOWHERE, Mark
from jirong.schemes.shapes import BAD, Json, Reader, Shape

C = TypeVar("C", bound="Clause")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a clause stands in the text: its path, its mark, the marks of its keys, its comments."""

    path: str = ""
    mark: Mark = NOWHERE
    keys: dict[str, Mark] = field(default_factory=dict)
    notes: dict[str, Text] = field(default_factory=dict)
    """The comment on the line of each key (``""`` for the clause's own first line), if it names a source."""

    def of(self, key: str) -> Mark:
        """Where ``key`` is written; the clause itself when it is not."""
        return self.keys.get(key, self.mark)

    def below(self, key: str) -> str:
        """The path of ``key``."""
        return f"{self.path}/{key}".lstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Base of every clause: each may cite its ``source`` and give its reason (``because``)."""

    head: ClassVar[str] = ""
    """The key that tells this clause from its alternatives in a choice."""
    shorthand: ClassVar[str] = ""
    """The field meant when the clause is written as a bare value."""
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys of which one and only one is written."""
    stand_in: ClassVar[typing.Mapping[str, Any]] = {}
    """Values used, after reporting, so that checking can go on although a required key could not be read."""

    source: Annotated[Text, scalars.CitationShape()] | None = None
    because: Text | None = None
    spot: Spot = field(default=Spot(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a clause."""

    key: str
    attribute: str
    shape: Shape
    required: bool
    default: Any


@dataclass(frozen=True, eq=False)
class Record(Shape):
    """A clause class as a shape."""

    cls: type[Clause]

    @functools.cached_property
    def fields(self) -> dict[str, Field]:
        """The keys by name, in the order of the class (``source`` and ``because`` last)."""
        hints = typing.get_type_hints(self.cls, include_extras=True)
        found: dict[str, Field] = {}
        for item in sorted(dataclasses.fields(self.cls), key=lambda f: f.name in ("source", "because")):
            if item.name == "spot":
                continue
            default = item.default_factory() if callable(item.default_factory) else item.default
            required = default is dataclasses.MISSING
            key = item.name.rstrip("_")
            found[key] = Field(key, item.name, shape_of(hints[item.name]), required, None if required else default)
        return found

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        if not isinstance(tree, Mapped):
            return self._read_short(tree, reader, path)
        values, keys = self._read_keys(tree, reader, path)
        spot = Spot(path, tree.mark, keys, _notes(tree, keys, reader))
        complete = self._complete(values, keys, tree.mark, reader, path)
        chosen = self._one_of_each(values, keys, tree.mark, reader, path)
        return self.cls(**values, spot=spot) if complete and chosen else BAD

    def _read_short(self, tree: Tree, reader: Reader, path: str) -> Any:
        short = self.fields.get(self.cls.shorthand)
        if short is None:
            example = next((name for name, item in self.fields.items() if item.required), next(iter(self.fields)))
            return reader.report(
                "not_clause",
                tree.mark,
                path,
                Text("此处应为“键: 值”的条款", "This should be a clause of “key: value”"),
                Text(f"例如 {{{example}: …}}", f"For example {{{example}: …}}"),
            )
        value = short.shape.read(tree, reader, path)
        if value is BAD:
            return BAD
        keys = {short.key: tree.mark}
        return self.cls(**{short.attribute: value}, spot=Spot(path, tree.mark, keys, _notes(tree, keys, reader)))

    def _read_keys(self, tree: Mapped, reader: Reader, path: str) -> tuple[dict[str, Any], dict[str, Mark]]:
        values: dict[str, Any] = {}
        keys: dict[str, Mark] = {}
        for key, node in tree.entries:
            below = f"{path}/{key.text}".lstrip("/")
            item = self.fields.get(key.text)
            if item is None:
                self._unknown(key, reader, below)
            elif key.text in keys:
                shapes.report_repeat(reader, key, path)
            else:
                keys[key.text] = key.mark
                value = item.shape.read(node, reader, below)
                if value is not BAD:
                    values[item.attribute] = value
        return values, keys

    def _unknown(self, key: Scalar, reader: Reader, path: str) -> None:
        meant = next((k for k in self.fields if titles.field_title(k).zh == key.text), None)
        meant = meant or shapes.nearest(key.text, self.fields)
        known = "、".join(self.fields)
        remedy = Text(f"此处可写：{known}", f"Known here: {', '.join(self.fields)}")
        if meant:
            remedy = Text(f"是否想写“{meant}”？{remedy.zh}", f"Did you mean “{meant}”? {remedy.en}")
        shown = shapes.shorten(key.text)
        reason = Text(f"不认识的键“{shown}”", f"The key “{shown}” is not known")
        reader.report("key_unknown", key.mark, path, reason, remedy)

    def _complete(self, values: dict[str, Any], keys: dict[str, Mark], mark: Mark, reader: Reader, path: str) -> bool:
        """Report missing keys; fill what a stand-in can fill; answer whether the clause can be built."""
        complete = True
        for item in self.fields.values():
            if not item.required or item.attribute in values:
                continue
            if item.key not in keys:
                _missing(item.key, mark, reader, f"{path}/{item.key}".lstrip("/"))
            if item.attribute in self.cls.stand_in:
                values[item.attribute] = self.cls.stand_in[item.attribute]
            else:
                complete = False
        return complete

    def _one_of_each(
        self, values: dict[str, Any], keys: dict[str, Mark], mark: Mark, reader: Reader, path: str
    ) -> bool:
        """Whether one and only one key of each group was written and could be read."""
        good = True
        for group in self.cls.exactly_one:
            written = [key for key in group if key in keys]
            good = good and len(written) == 1 and self.fields[written[0]].attribute in values
            if len(written) == 1:
                continue
            zh, en = "、".join(group), ", ".join(group)
            said = Text("写了不止一个", "more than one is written") if written else Text("都没有写", "none is written")
            reader.report(
                "choose_one",
                keys[written[1]] if written else mark,
                path,
                Text(f"{zh} 只能写一个，现在{said.zh}", f"One and only one of {en} is needed; {said.en}"),
                Text("请保留其中一个", "Keep exactly one of them"),
            )
        return good

    def write(self, value: Any) -> Json:
        body = {
            item.key: item.shape.write(getattr(value, item.attribute))
            for item in self.fields.values()
            if item.required or getattr(value, item.attribute) != item.default
        }
        return body[self.cls.shorthand] if list(body) == [self.cls.shorthand] else body

    def schema(self, defs: dict[str, Json]) -> Json:
        name = self.cls.__name__
        if name not in defs:
            defs[name] = {}  # claims the name before recursion meets it again
            defs[name] = self._definition(defs)
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, defs: dict[str, Json]) -> Json:
        properties = {}
        for item in self.fields.values():
            title = titles.field_title(item.key)
            properties[item.key] = {**_wrapped(item.shape.schema(defs)), "title": title.en, "x-title-zh": title.zh}
        about = (self.cls.__doc__ or "").split("\n\n")[0]
        body: dict[str, Json] = {
            "type": "object",
            "description": " ".join(about.split()),
            "properties": properties,
            "required": [item.key for item in self.fields.values() if item.required],
            "additionalProperties": False,
        }
        if self.cls.exactly_one:
            body["allOf"] = [{"oneOf": [{"required": [key]} for key in group]} for group in self.cls.exactly_one]
        if not self.cls.shorthand:
            return body
        return {"anyOf": [self.fields[self.cls.shorthand].shape.schema(defs), body]}


@dataclass(frozen=True, eq=False)
class Choice(Shape):
    """One of several clauses, told apart by their head keys or by ``kind``."""

    options: tuple[Record, ...]

    @functools.cached_property
    def by_kind(self) -> dict[str, Record]:
        """Options by the value of ``kind`` (empty for a choice by head)."""
        return {option.cls.head.removeprefix("kind:"): option for option in self.options if ":" in option.cls.head}

    def read(self, tree: Tree, reader: Reader, path: str) -> Any:
        short = next((option for option in self.options if option.cls.shorthand and not option.cls.head), None)
        if not isinstance(tree, Mapped):
            return (short or self.options[0]).read(tree, reader, path)
        option = self._by_kind(tree, reader, path) if self.by_kind else self._by_head(tree, reader, path)
        return BAD if option is None else option.read(tree, reader, path)

    def _by_head(self, tree: Mapped, reader: Reader, path: str) -> Record | None:
        written = {key.text for key, _ in tree.entries}
        fitting = [option for option in self.options if option.cls.head in written]
        if len(fitting) == 1:
            return fitting[0]
        heads = [option.cls.head for option in self.options]
        guess = next((g for key in sorted(written) if (g := shapes.nearest(key, heads))), None)
        remedy = Text(f"请从中选一个：{'、'.join(heads)}", f"Choose one of: {', '.join(heads)}")
        if guess and not fitting:
            remedy = Text(f"是否想写“{guess}”？{remedy.zh}", f"Did you mean “{guess}”? {remedy.en}")
        reason = Text("看不出这是哪一种条款", "It is not clear which clause this is")
        if fitting:
            two = [option.cls.head for option in fitting]
            reason = Text(f"{'与'.join(two)}不能写在同一条里", f"{' and '.join(two)} cannot stand in one clause")
        reader.report("clause_unknown", tree.mark, path, reason, remedy)
        return None

    def _by_kind(self, tree: Mapped, reader: Reader, path: str) -> Record | None:
        node = next((node for key, node in tree.entries if key.text == "kind"), None)
        if node is None:
            _missing("kind", tree.mark, reader, f"{path}/kind")
            return None
        kind = scalars.WordShape(titles.kinds(self.by_kind)).read(node, reader, f"{path}/kind")
        return None if kind is BAD else self.by_kind[kind]

    def write(self, value: Any) -> Json:
        return record(type(value)).write(value)

    def schema(self, defs: dict[str, Json]) -> Json:
        return {"anyOf": [option.schema(defs) for option in self.options]}


_RECORDS: dict[type[Clause], Record] = {}


def record(cls: type[Clause]) -> Record:
    """The shape of a clause class."""
    return _RECORDS.setdefault(cls, Record(cls))


_SIMPLE: dict[Any, Shape] = {
    Money: scalars.MoneyShape(),
    Text: scalars.TextShape(),
    dt.date: scalars.DateShape(),
    bool: scalars.BoolShape(),
    int: scalars.IntShape(),
    shapes.Span: scalars.SpanShape(),
    shapes.Value: scalars.ValueShape(),
}


def shape_of(hint: Any) -> Shape:
    """The shape an annotation stands for."""
    origin = typing.get_origin(hint)
    if origin is Annotated:
        return next(extra for extra in typing.get_args(hint)[1:] if isinstance(extra, Shape))
    if origin in (Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        if len(options) == 1:
            return shape_of(options[0])
        return Choice(tuple(record(option) for option in options))
    if origin is tuple:
        return shapes.ListOf(shape_of(typing.get_args(hint)[0]))
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, Clause):
        return record(hint)
    raise TypeError(f"no shape is known for {hint!r}")


def _missing(key: str, mark: Mark, reader: Reader, path: str) -> None:
    title = titles.field_title(key)
    reader.report(
        "key_missing",
        mark,
        path,
        Text(f"缺少“{key}”（{title.zh}）", f"“{key}” ({title.en}) is missing"),
        titles.remedy_for(key) or Text(f"请补写 {key}: …", f"Add {key}: …"),
    )


def _notes(tree: Tree, keys: dict[str, Mark], reader: Reader) -> dict[str, Text]:
    """The source comments on the clause's lines: ``# source: …``, ``# 来源：…`` or ``# 来源：… / source: …``."""
    lines = {"": tree.mark.line, **{key: mark.line for key, mark in keys.items()}}
    notes = {}
    for key, line in lines.items():
        told = source_in(reader.comments.get(line, ""))
        if told:
            notes[key] = told
    return notes


def source_in(comment: str) -> Text | None:
    """What a comment cites, in both languages where it gives both; nothing when it is no citation."""
    zh = en = ""
    opening = re.match(r"来源[：:]", comment)
    if opening:
        zh, _, en = comment[opening.end() :].partition("/ source:")
    elif comment.lower().startswith("source:"):
        en = comment[len("source:") :]
    zh, en = zh.strip(), en.strip()
    return Text(zh or en, en or zh) if zh or en else None


def _wrapped(schema: Json) -> dict[str, Json]:
    """A ``$ref`` may carry a title beside it in draft 2020-12; a copy keeps shared parts untouched."""
    return dict(schema)
