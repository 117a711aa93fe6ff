"""Checking one entry's row by itself: canonical texts, columns that repeat the statement, and the signature."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.log import leaves
from jirong.log.models import Entry, Registration
from jirong.trust import canonical, keys, leaf, merkle, verify


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not follow: which row of which table, and why."""

    table: str
    row: str
    text: Text

    def as_dict(self) -> dict[str, Any]:
        return {"row": self.row, "table": self.table, "text": self.text.as_dict()}


def row(table: str, name: object, zh: str, en: str) -> Finding:
    return Finding(table, str(name), Text(f"{table} 第 {name} 行：{zh}", f"row {name} of {table}: {en}"))


def hash_of(entry: Entry) -> bytes | None:
    """The leaf hash that follows from the row's columns; ``None`` if they make no leaf at all."""
    try:
        return merkle.leaf_hash(leaf.encode(leaves.leaf_of(entry)))
    except (Refusal, TypeError, ValueError, KeyError):
        return None


@dataclass
class Keys:
    """Registered keys by id, each read once; and which registrations were met on the way."""

    entries: dict[str, uuid.UUID] = field(
        default_factory=lambda: dict(Registration.objects.values_list("key", "entry_id"))
    )
    publics: dict[str, bytes | None] = field(default_factory=dict)
    met: set[uuid.UUID] = field(default_factory=set)

    def check(self, entry: Entry) -> Iterator[Finding]:
        """What is wrong with a sequenced entry's row, apart from its leaf."""
        name = f"{entry.serial} ({entry.pk})"
        if not canonical.is_canonical(entry.statement.encode()):
            yield row("log_entry", name, "statement 不是规范形式", "statement is not in canonical form")
            return
        statement = canonical.parse(entry.statement)
        actor = str(entry.actor) if entry.actor else None
        for column, value in (("action", entry.action), ("actor", actor), ("id", str(entry.pk))):
            if not isinstance(statement, dict) or statement.get(column) != value:
                yield row("log_entry", name, f"{column} 列与 statement 不符", f"{column} is not what statement says")
        if not canonical.is_canonical(entry.outcome.encode()):
            yield row("log_entry", name, "outcome 不是规范形式", "outcome is not in canonical form")
        elif entry.action in verify.REGISTRATIONS:
            yield from self._registration(entry, name)
        if entry.grade != keys.SYSTEM and not self._signed(entry):
            yield row("log_entry", name, "签名与内容或密钥不符", "signature does not fit the statement or the key")

    def unused(self) -> Iterator[Finding]:
        """Registrations that point at entries which register nothing; call after every entry was checked."""
        for key, entry in self.entries.items():
            if entry not in self.met:
                yield row("log_registration", key, "所指条目没有登记密钥", "names an entry that registers no key")

    def _registration(self, entry: Entry, name: str) -> Iterator[Finding]:
        outcome = canonical.parse(entry.outcome)
        key = outcome.get("key") if isinstance(outcome, dict) else None
        if isinstance(key, str) and self.entries.get(key) == entry.pk:
            self.met.add(entry.pk)
        elif key not in self.entries:
            yield row("log_registration", key, f"缺失（条目 {name}）", f"is missing (entry {name})")

    def _signed(self, entry: Entry) -> bool:
        if entry.key not in self.publics:
            self.publics[entry.key] = self._public(entry.key)
        public, signature = self.publics[entry.key], keys.from_text(entry.signature)
        return public is not None and keys.verify(public, signature or b"", entry.statement.encode())

    def _public(self, key: str) -> bytes | None:
        """The public key that was registered under this id."""
        entry = Entry.objects.filter(id=self.entries[key]).first() if key in self.entries else None
        try:
            outcome = canonical.parse(entry.outcome) if entry else {}
            public = keys.from_text(outcome["public"])
            return public if public is not None and keys.key_id(public) == key else None
        except (Refusal, KeyError, TypeError, AttributeError):
            return None
