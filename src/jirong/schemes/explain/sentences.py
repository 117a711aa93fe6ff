"""A sentence of the explanation: what it says, which line it comes from and on what it rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Mark
from jirong.schemes.grammar import Clause
from jirong.schemes.model.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Sentence:
    """``section`` is the top-level key, ``path`` the clause; ``source`` the nearest citation."""

    section: str
    path: str
    mark: Mark
    text: Text
    source: Text
    cited: bool
    """Whether the clause, its line or its section cites a source of its own."""

    @property
    def zh(self) -> str:
        return self.text.zh

    @property
    def en(self) -> str:
        return self.text.en

    @property
    def line(self) -> int:
        return self.mark.line

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        return {
            "section": self.section,
            "path": self.path,
            "line": self.mark.line,
            "text": self.text.as_dict(),
            "source": self.source.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns phrases into sentences of one section."""

    scheme: Scheme
    section: str

    def say(self, clause: Clause, text: Text, *, key: str = "", path: str | None = None) -> Sentence:
        """A sentence about ``clause`` (or one of its keys), with its stated reason and its source."""
        full = ended(text)
        if clause.because and clause is not self.scheme:
            full = phrases.joined(full, ended(Text(f"理由：{clause.because.zh}", f"Reason: {clause.because.en}")))
        place = path if path is not None else clause.spot.below(key) if key else clause.spot.path
        own = self.own_citation(clause, key)
        said = phrases.capital(full)
        return Sentence(self.section, place, clause.spot.of(key), said, own or self.scheme.source, own is not None)

    def cite(self, clause: Clause, key: str = "") -> Text:
        """The nearest citation, at the last the document's."""
        return self.own_citation(clause, key) or self.scheme.source

    def own_citation(self, clause: Clause, key: str = "") -> Text | None:
        """The clause's own source, else the comment on its line, else its section's."""
        own = clause.source if clause is not self.scheme else None
        notes = clause.spot.notes
        return own or notes.get(key) or notes.get("") or self.scheme.spot.notes.get(self.section)


def ended(text: Text) -> Text:
    """A full stop where there is none (a colon leads into the next sentence)."""
    zh = text.zh if text.zh.endswith(("。", "！", "？", "：")) else text.zh + "。"
    en = text.en if text.en.endswith((".", "!", "?", ":")) else text.en + "."
    return Text(zh, en)


Sentences = Iterator[Sentence]
