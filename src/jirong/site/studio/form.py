"""The form's fields, read off the published JSON Schema and the text: titles, choices and examples are the schema's.

A field is a value that stands in the text; a group is a clause around fields. The form shows what is written, in the
order written, and changes one value at a time in the text itself, so that form and text can never disagree.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes import document, schema, titles
from jirong.schemes.document import Listing, Mapped, Scalar, Tree
from jirong.schemes.findings import Finding
from jirong.site.studio import tree

Json = dict[str, Any]
ABOUT = Text("概况", "About the scheme")


@dataclass(frozen=True)
class Row:
    """A field (``value`` is set) or the heading of a group; ``depth`` is how far in it stands."""

    path: str
    title: Text
    line: int
    depth: int
    value: str | None = None
    options: tuple[tuple[str, Text], ...] = ()
    example: str = ""
    inline: bool = True
    marks: tuple[Finding, ...] = ()
    meaning: Text | None = None

    @property
    def is_bad(self) -> bool:
        return any(found.severity == "error" for found in self.marks)


@dataclass(frozen=True)
class Section:
    """A top-level key with its rows."""

    title: Text
    line: int
    rows: tuple[Row, ...] = field(default_factory=tuple)


@functools.cache
def _schema() -> Json:
    return schema.published()


@dataclass(frozen=True)
class _Known:
    """What is known beside the text's tree: places of values, findings by path, and what the scheme's names mean."""

    places: dict[str, tree.Value]
    marks: dict[str, list[Finding]]
    names: Mapping[str, Text]


def sections(text: str, found: tuple[Finding, ...], names: Mapping[str, Text] | None = None) -> list[Section]:
    """The form of a text; empty where it cannot be read as YAML. ``names`` explains the scheme's own words."""
    loaded = document.load(text)
    if isinstance(loaded, Finding) or not isinstance(loaded.root, Mapped):
        return []
    marks: dict[str, list[Finding]] = {}
    for each in found:
        marks.setdefault(each.path, []).append(each)
    known = _Known(tree.values(text), marks, names or {})
    top = _resolved(_schema(), loaded.root)
    about: list[Row] = []
    told: list[Section] = []
    for key, node in loaded.root.entries:
        walked = _rows(_below(top, key.text), node, key.text, key.mark.line, 0, known)
        if isinstance(node, Scalar) or key.text in ("title", "summary"):
            about += walked
        else:
            told.append(Section(_title(_below(top, key.text), key.text), key.mark.line, tuple(walked)[1:]))
    return [Section(ABOUT, 1, tuple(about)), *told] if about else told


def _rows(wanted: Json, node: Tree, path: str, line: int, depth: int, known: _Known) -> list[Row]:
    """The row of a node and, below it, those of its parts."""
    found = _resolved(wanted, node)
    title, own = _title(wanted, path.rpartition("/")[2]), tuple(known.marks.get(path, ()))
    if isinstance(node, Scalar):
        place, options = known.places.get(path), _options(found)
        inline, meaning = bool(place and place.inline), None if options else known.names.get(node.text)
        return [Row(path, title, line, depth, node.text, options, _example(found), inline, own, meaning)]
    rows = [Row(path, title, line, depth, marks=own)]
    for name, part, at in _parts(node):
        rows += _rows(_below(found, name), part, f"{path}/{name}", at, depth + 1, known)
    return rows


def _parts(node: Listing | Mapped) -> Iterator[tuple[str, Tree, int]]:
    if isinstance(node, Mapped):
        yield from ((key.text, part, key.mark.line) for key, part in node.entries)
    else:
        yield from ((str(number), part, part.mark.line) for number, part in enumerate(node.items))


def _title(wanted: Json, name: str) -> Text:
    if name.isdigit():
        return Text(f"第{int(name) + 1}项", f"No. {int(name) + 1}")
    if "x-title-zh" in wanted:
        return Text(str(wanted["x-title-zh"]), str(wanted["title"]).capitalize())
    return titles.FIELDS.get(name) or Text(name or "–", name or "–")


def _below(found: Json, name: str) -> Json:
    """The schema of a key or an item; nothing is known of what the schema does not name."""
    if "items" in found:
        return dict(found["items"])
    named = found.get("properties", {}).get(name)
    other = found.get("additionalProperties")
    return dict(named or (other if isinstance(other, dict) else {}))


def _resolved(wanted: Json, node: Tree) -> Json:
    """References followed and, among alternatives, the one that fits what is written."""
    options = [option for option in _options_of(wanted) if _fits(option, node)]
    if isinstance(node, Mapped):
        keys = {key.text for key, _ in node.entries}
        kinds = [part.text for key, part in node.entries if key.text == "kind" and isinstance(part, Scalar)]
        options.sort(key=lambda option: -_likeness(option, keys, kinds))
    return options[0] if options else {}


def _options_of(wanted: Json) -> Iterator[Json]:
    if "$ref" in wanted:
        yield from _options_of(_schema()["$defs"][wanted["$ref"].rpartition("/")[2]])
    elif "anyOf" in wanted:
        for option in wanted["anyOf"]:
            yield from _options_of(option)
    else:
        yield wanted


def _fits(option: Json, node: Tree) -> bool:
    kind = option.get("type")
    if isinstance(node, Mapped):
        return kind == "object"
    return kind == "array" if isinstance(node, Listing) else kind not in ("object", "array")


def _likeness(option: Json, keys: set[str], kinds: list[str]) -> int:
    known, needed = set(option.get("properties", {})), set(option.get("required", ()))
    same_kind = bool(kinds) and kinds[0] in option.get("properties", {}).get("kind", {}).get("enum", ())
    return 100 * same_kind + 10 * (needed <= keys) + len(keys & known) - len(keys - known)


def _options(found: Json) -> tuple[tuple[str, Text], ...]:
    words = found.get("x-words", {})
    return tuple((name, Text(**words[name]) if name in words else Text(name, name)) for name in found.get("enum", ()))


def _example(found: Json) -> str:
    return str(found.get("examples", [""])[0])
