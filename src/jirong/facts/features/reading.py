"""A feature as a person reads it: its parts in words, the formula over them, and the SQL that is run.

Nothing here is written beside the definition: the words come from the parts, the SQL is the compiled text the site
runs, with the parts' short names replaced by what they are.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from jirong.facts import kinds
from jirong.facts.features.catalogue import FEATURES
from jirong.facts.features.online import compiled
from jirong.facts.features.online import statement as compiled_statement
from jirong.facts.features.parts import MEMBERSHIP, Feature, Part
from jirong.kernel.text import Text
from jirong.store import catalogue

HOW = {
    "sum": Text("之和", "sum of"), "count": Text("份数", "count of"), "days": Text("天数", "days with"), "last": Text("最新值", "latest"),
    "label": Text("最新类别", "latest label of"), "first_on": Text("最早日期", "first day of"),
    "max": Text("最大值", "greatest"),
}  # fmt: skip
LETTERS = "abcd"
MEMBERSHIP_TITLE = Text("成员资格", "membership")


@dataclass(frozen=True, slots=True)
class Said:
    """One part in words; ``name`` is how the formula calls it."""

    name: str
    text: Text
    kind: str


def parts_said(item: Feature) -> list[Said]:
    """Each part of a feature, in the order of its declaration."""
    return [Said(_short(part, place), _said(part), part.kind) for place, part in enumerate(item.parts, 1)]


def formula(item: Feature) -> str:
    """The expression over the parts, as compiled, with ``p1``, ``p2`` … for them; empty for a given feature."""
    if item.given:
        return ""
    text: str = compiled()["features"][item.code]
    for place, part in enumerate(item.parts, 1):
        text = re.sub(rf'(?:"t0"\.)?"{part.name}"', _short(part, place), text)
    return _dated(text)


def statement(item: Feature) -> str:
    """The whole statement for PostgreSQL as the site runs it, laid out in lines."""
    if item.given:
        return ""
    text = compiled_statement((item.code,))
    for place, part in enumerate(item.parts, 1):
        text = text.replace(part.name, _short(part, place))
    text = re.sub(r" (FROM|LEFT JOIN|WHERE|GROUP BY|AND|USING) ", r"\n  \1 ", _dated(text))
    return text.replace("%%", "%")


def window_months(item: Feature) -> int:
    """How far back its facts reach, in months; 0 where it looks at none."""
    return max((part.since for part in item.parts if part.kind != MEMBERSHIP), default=0)


@functools.cache
def named_in() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each feature the catalogue's schemes and methods that name it."""
    methods = {path.stem: path.read_text(encoding="utf-8") for path in (catalogue.FOLDER / "methods").glob("*.yaml")}
    found = {}
    for code in FEATURES:
        word = re.compile(rf"\b(?:feature|of):\s*{re.escape(code)}\b")
        found[code] = (
            tuple(name for name, text in catalogue.schemes().items() if word.search(text)),
            tuple(sorted(name for name, text in methods.items() if word.search(text))),
        )
    return found


def _short(part: Part, place: int) -> str:
    return f"p{place}"


def _said(part: Part) -> Text:
    kind, of = _kind_title(part.kind), _column(part)
    how, when = HOW[part.how], _window(part)
    labels = f"（{'、'.join(part.labels)}）" if part.labels else ""
    labels_en = f" ({', '.join(part.labels)})" if part.labels else ""
    if given := _given(part):
        labels, labels_en = labels + given.zh, labels_en + given.en
    column_zh, column_en = (f"“{of.zh}”", f"{of.en.lower()} of ") if of else ("", "")
    return Text(
        f"{when.zh}的{kind.zh}{labels}{column_zh}{how.zh}",
        f"{how.en} {column_en}{kind.en.lower()}{labels_en}, {when.en}",
    )


def _kind_title(kind: str) -> Text:
    return kinds.KINDS[kind].title if kind in kinds.KINDS else MEMBERSHIP_TITLE


def _column(part: Part) -> Text | None:
    if part.how in ("count", "days", "label", "first_on") or part.kind not in kinds.KINDS:
        return None
    return _column_title(part.kind, part.column)


def _given(part: Part) -> Text | None:
    """Which figures a document must give to be looked at."""
    found = [title for title in (_column_title(part.kind, column) for column in part.given) if title]
    if not found:
        return None
    zh, en = "、".join(title.zh for title in found), ", ".join(title.en.lower() for title in found)
    return Text(f"（载明{zh}者）", f" (those that state {en})")


def _column_title(code: str, column: str) -> Text | None:
    kind = kinds.KINDS[code]
    if column == "amount":
        return kind.field(kind.amount).title if kind.amount else None
    measure = kind.measures[LETTERS.index(column)]
    title = kind.field(measure.field).title
    if measure.how == "is_one":
        return Text(f"{title.zh}＝{'或'.join(measure.values)}", f"{title.en} is {' or '.join(measure.values)}")
    if measure.how == "product":
        other = kind.field(measure.other).title
        return Text(f"{title.zh}×{other.zh}", f"{title.en} × {other.en}")
    return title


def _window(part: Part) -> Text:
    if part.kind == MEMBERSHIP:
        return Text("当日有效", "in force on the day")
    if part.until:
        return Text(f"{part.since}个月前至{part.until}个月前", f"{part.since} to {part.until} months before")
    return Text(f"近{part.since}个月", f"last {part.since} months")


def _dated(text: str) -> str:
    """Marks as they are called: the day, the day so many months before, and the moment of knowledge."""
    text = re.sub(r"%\(day_0\)s", ":as_of", text)
    text = re.sub(r"%\(day_(\d+)\)s", r":as_of − \1 months", text)
    return re.sub(r"%\((\w+)\)s", r":\1", text)
