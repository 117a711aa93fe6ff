"""The catalogue as tables for ``docs/``: ``jirong facts compile`` writes them anew.

A table stands between two marks in its page; a test holds page and code equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jirong.facts import kinds
from jirong.facts.features.catalogue import FEATURES
from jirong.facts.sources import ROLE_NAMES

BEGIN, END = "<!-- {name}: from the code -->", "<!-- end -->"


def kinds_table() -> Iterator[str]:
    yield "| kind | 中文 | English | stated by | counts | read without consent |"
    yield "|---|---|---|---|---|---|"
    for kind in kinds.KINDS.values():
        by = ", ".join(ROLE_NAMES[role].en if role in ROLE_NAMES else role for role in kind.by)
        levels = ", ".join(f"`{measure.field}`" for measure in kind.measures if measure.level)
        summed = f"sums; latest of {levels}" if levels else "sums"
        counts = "latest of each " + (kind.thing or "firm") if kind.state else summed
        free = "public" if kind.public else ""
        yield f"| `{kind.code}` | {kind.title.zh} | {kind.title.en} | {by} | {counts} | {free} |"


def features_table() -> Iterator[str]:
    yield "| feature | 中文 | meaning | kind | unit | window | from |"
    yield "|---|---|---|---|---|---|---|"
    for item in FEATURES.values():
        sources = ", ".join(f"`{kind}`" for kind in item.reads) or ("given" if item.given else "memberships")
        unit = item.unit.en if item.unit else {"money": "yuan", "percent": "fraction"}.get(item.kind, "")
        said = f"`{item.code}` | {item.title.zh} | {item.meaning.en} | {item.kind} | {unit} | {item.window.en}"
        yield f"| {said} | {sources} |"


TABLES: dict[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "docs/facts.md": ("kinds", kinds_table),
    "docs/features.md": ("features", features_table),
}


def renewed(page: str, name: str, lines: Iterator[str]) -> str:
    """The page with the table between its marks replaced."""
    begin = BEGIN.format(name=name)
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"


def write() -> None:
    """Put the tables into the repository's pages."""
    from jirong.store.database import repository

    root = repository()
    assert root is not None, "the documents are in the repository"
    for path, (name, table) in TABLES.items():
        page = root / path
        page.write_text(renewed(page.read_text(encoding="utf-8"), name, table()), encoding="utf-8")
