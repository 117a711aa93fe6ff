"""Everything one page says about one text, read off it in a single pass.

A :class:`Look` is made anew for each request; a text that cannot be read still gives findings, and whatever part of
it could be read is explained, drawn and shown as a form.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from jirong.kernel import rates
from jirong.kernel.text import Text
from jirong.schemes import canonical, check, diff, findings, titles, vocabulary
from jirong.schemes.document import CHARACTERS_MAX
from jirong.schemes.explain import Names, Sentence, explain, phrases
from jirong.schemes.findings import Finding
from jirong.schemes.model.scheme import Scheme
from jirong.site.studio import drawing, form, marked, shelf
from jirong.site.studio.marked import Told
from jirong.store import catalogue

ABOUT = ("scheme", "vehicle", "parties", "related")
"""Sections whose sentences stand together at the beginning."""


@dataclass(frozen=True)
class Chapter:
    """Sentences of one section."""

    title: Text
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Look:
    """One text as it stands; ``base`` is the text it is compared with, if there is one."""

    text: str
    base: str | None
    scheme: Scheme | None
    draft: Scheme | None
    findings: tuple[Finding, ...]

    @functools.cached_property
    def errors(self) -> int:
        return len(findings.errors(self.findings))

    @property
    def remarks(self) -> list[Finding]:
        """Findings for the page: what bars publishing first, each kind in the order of the text."""
        return sorted(self.findings, key=lambda finding: finding.severity != findings.Severity.ERROR)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def lines(self) -> range:
        return range(1, self.text.count("\n") + 2)

    @property
    def size(self) -> int:
        return len(self.text)

    @property
    def size_max(self) -> int:
        return CHARACTERS_MAX

    @property
    def is_changed(self) -> bool:
        return self.base is not None and self.text.rstrip() != self.base.rstrip()

    @functools.cached_property
    def chapters(self) -> list[Chapter]:
        """The sentences by section, in the banker's order."""
        if self.draft is None:
            return []
        grouped = itertools.groupby(explain(self.draft), key=lambda said: _chapter(said.section))
        return [
            Chapter(form.ABOUT if name == "scheme" else phrases.capital(titles.field_title(name)), tuple(said))
            for name, said in grouped
        ]

    @functools.cached_property
    def drawing(self) -> drawing.Drawing | None:
        return drawing.draw(self.draft) if self.draft else None

    @functools.cached_property
    def form(self) -> list[form.Section]:
        return form.sections(self.text, self.findings, _names(self.draft))

    @functools.cached_property
    def changes(self) -> list[Told] | None:
        """What differs in meaning from the base; None where that cannot be said."""
        if self.base is None or self.draft is None:
            return None
        before = look(self.base).draft
        return None if before is None else marked.told(diff.diff(before, self.draft))

    @functools.cached_property
    def digest(self) -> str:
        """The hash parties would sign; nothing while a finding bars."""
        return canonical.digest(self.scheme) if self.scheme else ""


def look(text: str, base: str | None = None) -> Look:
    """Read and check ``text``; never raises on bad input."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = check.examine(text, catalogue.rulebook(), lpr=rates.lpr_history(), registry=shelf.names())
    return Look(text, base, found.scheme, found.draft, found.findings)


def _chapter(section: str) -> str:
    return "scheme" if section in ABOUT else section


def _names(draft: Scheme | None) -> Mapping[str, Text]:
    """What the scheme's own names and the house's uses and parties mean."""
    if draft is None:
        return {}
    names = Names(draft)
    own = {name: term.text for name, term in (draft.words or {}).items()}
    return {**vocabulary.USE, **{name: names.party(name) for name in draft.parties}, **own}
