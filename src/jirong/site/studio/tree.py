"""Where each value of a scheme's text begins and ends, and the change of one value that leaves all else as written.

``schemes.document`` bounds and vets a text; only what passed there is composed here, so no text can be too deep or
refer to itself. Paths are those of the checker: ``limit/least_of/0/amount``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.text import Text
from jirong.schemes import document
from jirong.schemes.findings import Finding

VALUE_CHARACTERS_MAX = 1000


@dataclass(frozen=True)
class Value:
    """A scalar: its text, its 1-based line, its place in the characters, and whether it can be changed in a form."""

    path: str
    text: str
    line: int
    start: int
    end: int
    inline: bool


def values(text: str) -> dict[str, Value]:
    """Every scalar by path; nothing where the text is no single plain YAML document."""
    text = text.removeprefix("\ufeff")
    if isinstance(document.load(text), Finding):
        return {}
    found: dict[str, Value] = {}
    for value in _walk(yaml.compose(text, Loader=yaml.SafeLoader), ""):
        found.setdefault(value.path, value)
    return found


def changed(text: str, path: str, new: str) -> str:
    """``text`` with the scalar at ``path`` written as ``new``; comments, order and layout stay.

    Raises :class:`Conflict` where there is no such scalar any more, :class:`Invalid` where ``new`` cannot stand there.
    """
    text, new = text.removeprefix("\ufeff"), new.strip()
    value = values(text).get(path)
    if value is None or not value.inline:
        raise Conflict(
            "studio.no_such_value",
            Text("文本里已没有这一项", "The text no longer has this value"),
            remedy=Text("请直接在文本中修改", "Change it in the text itself"),
            where=path,
        )
    if len(new) > VALUE_CHARACTERS_MAX:
        raise _unfit(path)
    written = new if _is_plain(new) else json.dumps(new, ensure_ascii=False)
    result = text[: value.start] + written + text[value.end :]
    after = values(result).get(path)
    if after is None or after.text != new:
        raise _unfit(path)
    return result


def _unfit(path: str) -> Invalid:
    return Invalid(
        "studio.unfit_value",
        Text(
            f"这个值不能写在这里（至多{VALUE_CHARACTERS_MAX}个字符，不含控制字符）",
            f"This value cannot stand here (at most {VALUE_CHARACTERS_MAX} characters, no control characters)",
        ),
        remedy=Text("请改短或去掉特殊字符", "Shorten it or leave out special characters"),
        where=path,
    )


def _walk(node: yaml.Node | None, path: str) -> Iterator[Value]:
    if isinstance(node, yaml.ScalarNode):
        mark = node.start_mark
        inline = node.style not in ("|", ">") and "\n" not in node.value
        yield Value(path, node.value, mark.line + 1, mark.index, node.end_mark.index, inline)
    elif isinstance(node, yaml.MappingNode):
        for key, below in node.value:
            yield from _walk(below, f"{path}/{key.value}".lstrip("/"))
    elif isinstance(node, yaml.SequenceNode):
        for number, below in enumerate(node.value):
            yield from _walk(below, f"{path}/{number}")


def _is_plain(text: str) -> bool:
    """Whether the text may stand without quotes, in brackets and in braces too."""
    return all(_stands(around, text, count) for around, count in ((f"[{text}]", 2), (f"{{key: {text}}}", 3)))


def _stands(around: str, text: str, count: int) -> bool:
    try:
        events = [event for event in yaml.parse(around, Loader=yaml.SafeLoader) if isinstance(event, yaml.NodeEvent)]
    except (yaml.YAMLError, ValueError, OverflowError):
        return False
    last = events[-1]
    return len(events) == count and isinstance(last, yaml.ScalarEvent) and last.style is None and last.value == text
