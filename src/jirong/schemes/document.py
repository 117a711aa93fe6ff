"""YAML text to a small tree in which every node knows its line, its column and its comment.

Nothing is guessed: a scalar stays the characters that were written (``no`` is the word “no”, ``1e3`` is not a
number), so the grammar alone decides what a value means. Anchors, aliases, tags and second documents have no place
in a scheme and are refused; size, depth and node count are bounded before a tree is built. The parser's event
stream is read with a loop, never by recursion, so no input can exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from jirong.kernel.text import Text
from jirong.schemes import findings
from jirong.schemes.findings import Finding, Mark

CHARACTERS_MAX = 64 * 1024
DEPTH_MAX = 16
NODES_MAX = 8_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf as written; ``plain`` is False for quoted or block text."""

    text: str
    plain: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence."""

    items: tuple[Tree, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping with its keys in the order written, repeats kept so that they can be reported."""

    entries: tuple[tuple[Scalar, Tree], ...]
    mark: Mark


Tree = Scalar | Listing | Mapped


@dataclass(frozen=True, slots=True)
class Document:
    """A tree and the comments by line (text after ``#``, stripped)."""

    root: Tree
    comments: dict[int, str]


class _Unreadable(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def load(text: str | bytes) -> Document | Finding:
    """Read ``text``; one finding when it is no single, plain, bounded YAML document."""
    try:
        characters = _decode(text)
        return _build(characters)
    except _Unreadable as unreadable:
        return unreadable.finding


def _decode(raw: str | bytes) -> str:
    if isinstance(raw, str):
        text = raw
    else:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as broken:
            line = raw[: broken.start].count(b"\n") + 1
            raise _unreadable(
                "scheme.not_utf8",
                Mark(line, 1),
                Text("文件不是UTF-8编码", "The file is not encoded in UTF-8"),
                Text("请另存为UTF-8编码后重试", "Save it as UTF-8 and try again"),
            ) from None
    text = text.removeprefix("\ufeff")
    if len(text) > CHARACTERS_MAX:
        raise _unreadable(
            "scheme.too_large",
            Mark(1, 1),
            Text(
                f"文件有{len(text):,}个字符，超过上限{CHARACTERS_MAX:,}",
                f"The file has {len(text):,} characters, more than the {CHARACTERS_MAX:,} allowed",
            ),
            Text("请把它拆成几个方案", "Divide it into several schemes"),
        )
    return text


@dataclass(slots=True)
class _Frame:
    """A collection being built; a mapping collects keys and values by turns."""

    mark: Mark
    mapping: bool
    nodes: list[Tree] = field(default_factory=list)

    def close(self) -> Tree:
        if not self.mapping:
            return Listing(tuple(self.nodes), self.mark)
        pairs = zip(self.nodes[::2], self.nodes[1::2], strict=True)
        return Mapped(tuple((_as_key(key), value) for key, value in pairs), self.mark)


def _build(text: str) -> Document:
    """Assemble the tree from the event stream with an explicit stack."""
    stack: list[_Frame] = []
    roots: list[Tree] = []
    covered: dict[int, int] = {}
    for count, event in enumerate(_events(text)):
        _guard(event, count, len(stack), len(roots))
        done: Tree | None = None
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            stack.append(_Frame(_mark(event.start_mark), isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = stack.pop().close()
        elif isinstance(event, yaml.ScalarEvent):
            done = Scalar(event.value, event.style is None, _mark(event.start_mark))
            _cover(covered, event)
        if done is not None:
            (stack[-1].nodes if stack else roots).append(done)
    if not roots:
        raise _unreadable(
            "scheme.empty",
            Mark(1, 1),
            Text("文件是空的", "The file is empty"),
            Text("请从模板开始：jirong scheme new 文件名", "Begin from a template: jirong scheme new FILE"),
        )
    return Document(roots[0], _comments(text, covered))


def _events(text: str) -> Iterator[yaml.Event]:
    """The parser's events; whatever it raises becomes one finding with a place."""
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        problem = broken.problem or broken.context or "not YAML"
        raise _not_yaml(_mark(mark), problem) from None
    except yaml.reader.ReaderError as broken:
        line = text.count("\n", 0, broken.position) + 1
        raise _not_yaml(Mark(line, 1), f"character U+{broken.character:04X} is not allowed") from None
    except (ValueError, OverflowError) as broken:  # PyYAML lets impossible escapes (\UFFFFFFFF) through to chr()
        raise _not_yaml(Mark(1, 1), str(broken)[:120]) from None


def _guard(event: yaml.Event, count: int, depth: int, roots: int) -> None:
    """Refuse what a scheme may not contain, before it is built."""
    mark = _mark(event.start_mark)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _unreadable(
            "scheme.anchor",
            mark,
            Text("方案不得使用YAML锚点或引用（& 与 *）", "A scheme may not use YAML anchors or aliases (& and *)"),
            Text("请把内容写全", "Write the content out in full"),
        )
    if getattr(event, "tag", None):
        raise _unreadable(
            "scheme.tag",
            mark,
            Text("方案不得使用YAML标签（!）", "A scheme may not use YAML tags (!)"),
            Text("请删去标签；含感叹号的文字请加引号", "Remove the tag; quote text that holds an exclamation mark"),
        )
    if depth > DEPTH_MAX or count > NODES_MAX:
        raise _unreadable(
            "scheme.too_deep",
            mark,
            Text(f"层级超过{DEPTH_MAX}层或条目过多", f"It nests deeper than {DEPTH_MAX} levels or is too long"),
            Text("请简化方案或拆成几个", "Simplify the scheme or divide it"),
        )
    if roots and isinstance(event, yaml.DocumentStartEvent):
        raise _unreadable(
            "scheme.two_documents",
            mark,
            Text("一个文件只能写一个方案", "A file holds one scheme"),
            Text("请把“---”之后的内容移到另一个文件", "Move what follows “---” to another file"),
        )


def _as_key(node: Tree) -> Scalar:
    if isinstance(node, Scalar):
        return node
    raise _unreadable(
        "scheme.key_not_word",
        node.mark,
        Text("键必须是一个词", "A key must be a word"),
        Text("请检查冒号与括号的位置", "Check where the colon and the brackets stand"),
    )


def _cover(covered: dict[int, int], event: yaml.ScalarEvent) -> None:
    """Remember up to which column each line belongs to a scalar, so that a # inside text is no comment."""
    start, end = _mark(event.start_mark), _mark(event.end_mark)
    for line in range(start.line, end.line):
        covered[line] = CHARACTERS_MAX
    if end.column > 1:
        covered[end.line] = max(covered.get(end.line, 0), end.column - 1)


def _comments(text: str, covered: dict[int, int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        start = covered.get(number, 0)
        place = line.find("#", start)
        if place == 0 or (place > 0 and line[place - 1] in " \t"):
            found[number] = line[place + 1 :].strip()
    return found


def _mark(mark: Any) -> Mark:
    """PyYAML's mark, which counts from zero."""
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _unreadable(code: str, mark: Mark, reason: Text, remedy: Text) -> _Unreadable:
    return _Unreadable(findings.error(code, mark, "", reason, remedy))


def _not_yaml(mark: Mark, problem: str) -> _Unreadable:
    return _unreadable(
        "scheme.not_yaml",
        mark,
        Text(f"此处不是有效的YAML（{problem}）", f"This is not valid YAML here ({problem})"),
        Text(
            "请检查缩进、冒号后的空格、引号与括号是否成对",
            "Check the indentation, the space after a colon, and that quotes and brackets are paired",
        ),
    )
