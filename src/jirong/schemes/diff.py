"""What changed between two schemes, in sentences.

Both are explained; sentences that stand for the same clause are compared. A list item is recognised by what it is
about (the feature tested, the party that bears), not by its place, so that an insertion does not look like a change
of everything below. A change no sentence shows (a citation, an order) is said by its path, so two schemes with
different hashes never have an empty difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes import canonical, titles
from jirong.schemes.explain import Sentence, explain
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry
from jirong.schemes.shapes import Json

_IDENTIFYING = (
    "feature",
    "evidence",
    "by",
    "amount",
    "by_level",
    "level",
    "how",
    "pledge",
    "guarantee",
    "to",
    "method",
)


@dataclass(frozen=True, slots=True)
class Change:
    """``kind`` is ``added``, ``removed`` or ``changed``; ``line_before`` and ``line_after`` are 0 where absent."""

    kind: str
    path: str
    text: Text
    line_before: int
    line_after: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        return {
            "kind": self.kind,
            "path": self.path,
            "text": self.text.as_dict(),
            "line_before": self.line_before,
            "line_after": self.line_after,
        }


def diff(before: Scheme, after: Scheme, registry: Registry = NOTHING_KNOWN) -> list[Change]:
    """Changes of meaning from ``before`` to ``after``, in the order of the explanation."""
    old_paths, new_paths = canonical.document(before), canonical.document(after)
    old, new = _sentences(before, old_paths, registry), _sentences(after, new_paths, registry)
    changes = list(_sentence_changes(old, new))
    return changes + list(_silent_changes(old_paths, new_paths, changes))


def _sentences(scheme: Scheme, paths: Json, registry: Registry) -> dict[str, Sentence]:
    """By stable path: the lines as written, the words in canonical order, so that a mere reordering is no change."""
    lines = {sentence.path: sentence.mark for sentence in explain(scheme, registry)}
    told = explain(canonical.restore(canonical.canonical(scheme)), registry)
    return {
        stable_path(paths, sentence.path): replace(sentence, mark=lines.get(sentence.path, sentence.mark))
        for sentence in told
    }


def _sentence_changes(old: dict[str, Sentence], new: dict[str, Sentence]) -> Iterator[Change]:
    for path in dict.fromkeys((*old, *new)):
        was, now = old.get(path), new.get(path)
        if was and now:
            if was.text != now.text:
                text = Text(f"改：{was.zh} → {now.zh}", f"Changed: {was.en} → {now.en}")
                yield Change("changed", path, text, was.line, now.line)
        elif was:
            yield Change("removed", path, Text(f"删：{was.zh}", f"Removed: {was.en}"), was.line, 0)
        elif now:
            yield Change("added", path, Text(f"增：{now.zh}", f"Added: {now.en}"), 0, now.line)


def _silent_changes(old: Json, new: Json, told: list[Change]) -> Iterator[Change]:
    """Leaves that differ and lie under no changed sentence."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    spoken = [change.path for change in told]
    for path in dict.fromkeys((*before, *after)):
        was, now = before.get(path), after.get(path)
        if was == now or any(path == place or path.startswith(f"{place}/") for place in spoken):
            continue
        where = _named(path)
        shown = Text(
            f"{where.zh}：“{was or '（无）'}” → “{now or '（无）'}”", f"{where.en}: “{was or '–'}” → “{now or '–'}”"
        )
        yield Change("changed", path, shown, 0, 0)


def stable_path(document: Json, path: str) -> str:
    """``eligible/1/at_least`` as ``eligible/overdue_12m/at_least``: list places named by what stands there."""
    node, parts = document, []
    for part in filter(None, path.split("/")):
        if isinstance(node, list) and part.isdigit() and int(part) < len(node):
            parts.append(_label(node, int(part)))
            node = node[int(part)]
        else:
            parts.append(part)
            node = node.get(part) if isinstance(node, dict) else None
    return "/".join(parts)


def _leaves(node: Json, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}/{key}".lstrip("/"))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, f"{path}/{_label(node, index)}")
    else:
        yield path, str(node)


def _label(items: list[Json], index: int) -> str:
    """A list item by its subject; a repeat is numbered, so that every label is unique in its list."""
    names = [_subject(item) for item in items[: index + 1]]
    before = names[:index].count(names[index])
    return f"{names[index]}#{before + 1}" if before else names[index]


def _subject(item: Json) -> str:
    if not isinstance(item, dict):
        return str(item)
    for key in _IDENTIFYING:
        if key in item:
            value = item[key]
            about = f"{item['about']}." if "about" in item else ""
            return about + (str(value) if isinstance(value, str | int) and key != "amount" else key)
    return next(iter(item), "-")


def _named(path: str) -> Text:
    parts = [titles.field_title(part) for part in path.split("/")]
    return Text("·".join(part.zh for part in parts), " · ".join(part.en for part in parts))
