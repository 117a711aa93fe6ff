"""The schemes there are to read: the catalogue's files and the versions that were published.

An :class:`Entry` is what a list shows of a scheme; it is made once for each text, because reading and checking one
takes tens of milliseconds. Its ``key`` names it in an address: ``instant-loan-310`` is the catalogue's text,
``instant-loan-310@1`` the first published version.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

from django.urls import reverse

from jirong.assessment import registry
from jirong.financing import queries
from jirong.financing.models import SchemeVersion
from jirong.kernel import rates
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.schemes import check, findings
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import Registry
from jirong.store import catalogue

CATALOGUE, PUBLISHED = "catalogue", "published"
VERSIONS_SHOWN_MAX = 500
SOURCES = ("sources/000", "sources/001", "sources/002", "sources/003")


@dataclass(frozen=True)
class Summary:
    """What reading a text once tells: the scheme as far as it could be read, and how many findings it has."""

    draft: Scheme | None
    errors: int
    warnings: int


@dataclass(frozen=True)
class Entry:
    """One scheme of the list."""

    name: str
    version: int
    title: Text
    kind: str
    vehicle: str
    source: Text | None
    effective: dt.date | None
    errors: int
    warnings: int
    origin: str
    text: str

    @property
    def key(self) -> str:
        return self.name if self.origin == CATALOGUE else f"{self.name}@{self.version}"

    @property
    def url(self) -> str:
        if self.origin == CATALOGUE:
            return reverse("studio_scheme", args=[self.name])
        return reverse("studio_version", args=[self.name, self.version])

    @property
    def sources(self) -> tuple[str, ...]:
        """Which of the four founding texts it cites."""
        return tuple(each for each in SOURCES if each in self.text)

    @property
    def label(self) -> Text:
        """Name and version, for a list of choices."""
        where = Text("目录", "catalogue") if self.origin == CATALOGUE else Text("已发布", "published")
        return Text(
            f"{self.title.zh} · 第{self.version}版（{where.zh}）",
            f"{self.title.en} · version {self.version} ({where.en})",
        )


def names() -> Registry:
    """What a scheme may name today: what the house computes, the catalogue's schemes and the published ones."""
    return registry.known(queries.scheme_refs())


@functools.lru_cache(maxsize=1024)
def summary(text: str, published: frozenset[str]) -> Summary:
    """Read and check a text, once for each text and each set of published versions it may refer to."""
    names = registry.known(published)
    found = check.examine(text, catalogue.rulebook(), lpr=rates.lpr_history(), registry=names)
    bars = len(findings.errors(found.findings))
    return Summary(found.draft, bars, len(found.findings) - bars)


def entries() -> list[Entry]:
    """Every scheme there is to read, the catalogue first, then published versions, newest first."""
    refs = queries.scheme_refs()
    shelf = [_entry(name, 0, text, CATALOGUE, refs) for name, text in catalogue.schemes().items()]
    published = queries.schemes().only("name", "version", "text")[:VERSIONS_SHOWN_MAX]
    return shelf + [_published(row, refs) for row in published]


def find(key: str) -> Entry:
    """The entry of a key; raises :class:`NotFound`."""
    name, _, version = key.partition("@")
    if not version and name in catalogue.schemes():
        return _entry(name, 0, catalogue.schemes()[name], CATALOGUE, queries.scheme_refs())
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else -1
    row = queries.schemes().filter(name=name, version=number).first()
    if row is None:
        raise NotFound("scheme.unknown", Text("没有这个方案版本", "There is no such scheme version"))
    return _published(row, queries.scheme_refs())


def _published(row: SchemeVersion, refs: frozenset[str]) -> Entry:
    return _entry(row.name, row.version, row.text, PUBLISHED, refs)


def _entry(name: str, version: int, text: str, origin: str, refs: frozenset[str]) -> Entry:
    told = summary(text, refs)
    draft = told.draft
    return Entry(
        name=name,
        version=version or (draft.version if draft else 0),
        title=draft.title if draft else Text(name, name),
        kind=draft.instrument.kind if draft else "",
        vehicle=draft.vehicle if draft else "",
        source=draft.source if draft else None,
        effective=draft.effective if draft else None,
        errors=told.errors,
        warnings=told.warnings,
        origin=origin,
        text=text,
    )
