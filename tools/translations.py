"""Check, update and compile the English of every room: ``tools/translations.py check|update|compile``.

A msgid is the Chinese sentence itself, so a page in Chinese needs no catalogue; each room's
``locale/en/LC_MESSAGES/django.po`` gives the English of its own templates and code. ``check`` finds what has no
English (or has changed placeholders, is no longer used, or is said otherwise by another room); ``update`` adds the
missing msgids with an empty English and drops unused ones; ``compile`` writes the ``.mo`` files that pages read. GNU
gettext is not needed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "jirong"
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}")
CALL = re.compile(r"\b(_|n?gettext|pgettext)\(")

Key = tuple[str | None, str]
"""A message's context (or None) and its msgid."""


@dataclass
class Found:
    """A message in the source: its plural form, if it has one, and where it stands."""

    plural: str | None = None
    places: list[tuple[str, int]] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=["check", "update", "compile"])
    action = parser.parse_args().action
    if not settings.configured:
        settings.configure()
    rooms = sorted(path for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__")
    if action == "compile":
        return sum(compile_room(room) for room in rooms) and 0
    if action == "update":
        for room in rooms:
            update_room(room)
    faults = [*(fault for room in rooms for fault in check_room(room)), *check_together(rooms)]
    for fault in faults:
        print(fault)
    print(f"translations: {len(faults)} to mend" if faults else "translations: complete")
    return 1 if faults else 0


def catalogue_of(room: Path) -> Path:
    return room / "locale" / "en" / "LC_MESSAGES" / "django.po"


def read_catalogue(room: Path) -> Catalog:
    path = catalogue_of(room)
    if not path.exists():
        return Catalog(locale="en", project="Jirong", charset="utf-8")
    with path.open("rb") as file:
        return pofile.read_po(file, locale="en")


def check_room(room: Path) -> Iterator[str]:
    """Lines naming what is wrong in one room."""
    catalogue, found = read_catalogue(room), messages_of(room)
    for (context, msgid), message in found.items():
        place = f"{message.places[0][0]}:{message.places[0][1]}"
        entry = catalogue.get(msgid, context)
        if not CHINESE.search(msgid):
            yield f"{place}: the msgid is not Chinese: {msgid!r}"
        elif entry is None or entry.fuzzy or not all(strings_of(entry)):
            yield f"{place}: no English for “{msgid}” in {catalogue_of(room).relative_to(ROOT)}"
        elif bool(message.plural) != isinstance(entry.id, tuple):
            yield f"{place}: “{msgid}” is plural in one place and not in the other"
        elif any(placeholders(english) - placeholders(msgid) for english in strings_of(entry)):
            yield f"{place}: the English of “{msgid}” has other placeholders"
    for entry in catalogue:
        if entry.id and key_of(entry) not in found:
            yield f"{catalogue_of(room).relative_to(ROOT)}:{entry.lineno}: “{key_of(entry)[1]}” is used nowhere"


def check_together(rooms: Iterable[Path]) -> Iterator[str]:
    """Texts to which two rooms give different English: the pages merge all catalogues, so one of them never shows."""
    said: dict[Key, dict[str, Path]] = {}
    for room in rooms:
        for entry in read_catalogue(room):
            if entry.id and all(strings_of(entry)):
                said.setdefault(key_of(entry), {}).setdefault(" / ".join(strings_of(entry)), room)
    for (_, msgid), english in said.items():
        if len(english) > 1:
            told = "; ".join(f"{room.name}: {text}" for text, room in english.items())
            yield f"“{msgid}” has several translations, of which the first would show everywhere ({told})"


def update_room(room: Path) -> None:
    """Rewrite one room's catalogue: its messages in the order of their msgids, English kept where there is some."""
    found = messages_of(room)
    if not found:
        return
    old = read_catalogue(room)
    new = Catalog(locale="en", project="Jirong", version="1", charset="utf-8", fuzzy=False)
    for (context, msgid), message in sorted(found.items(), key=lambda item: (item[0][1], item[0][0] or "")):
        entry = old.get(msgid, context)
        kept = entry.string if entry is not None and bool(message.plural) == isinstance(entry.id, tuple) else ""
        files = sorted({(file, 0) for file, _ in message.places})
        new.add((msgid, message.plural) if message.plural else msgid, kept or None, locations=files, context=context)
    path = catalogue_of(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # Line numbers and dates would change with every edit and say nothing a translator needs.
        pofile.write_po(file, new, width=110, omit_header=True, include_lineno=False)
    path.write_text(HEADER + path.read_text(encoding="utf-8"), encoding="utf-8")


HEADER = """msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def compile_room(room: Path) -> int:
    """Write the room's ``.mo`` when its ``.po`` is newer; answers how many were written."""
    path = catalogue_of(room)
    target = path.with_suffix(".mo")
    if not path.exists() or (target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns):
        return 0
    making = target.with_suffix(".making")
    with making.open("wb") as file:
        mofile.write_mo(file, read_catalogue(room))
    making.replace(target)
    return 1


def messages_of(room: Path) -> dict[Key, Found]:
    """Every translatable message of a room's templates and code."""
    found: dict[Key, Found] = {}
    for path in sorted(room.rglob("*")):
        if path.suffix in (".html", ".txt") and "templates" in path.parts:
            calls = template_calls(path)
        elif path.suffix == ".py" and "migrations" not in path.parts:
            calls = python_calls(path)
        else:
            continue
        for context, msgid, plural, line in calls:
            message = found.setdefault((context, msgid), Found())
            message.plural = message.plural or plural
            message.places.append((str(path.relative_to(ROOT)), line))
    return found


Call = tuple[str | None, str, str | None, int]


def template_calls(path: Path) -> Iterator[Call]:
    """Messages of a template: Django turns its tags into gettext calls among filler, line for line."""
    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for match in CALL.finditer(text):
        arguments = text[match.end() :]
        yield from called(match.group(1), leading_strings(arguments), text.count("\n", 0, match.start()) + 1)


LITERAL = re.compile(r"""\s*(?:u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))\s*(,|\)|$)""", re.DOTALL)


def leading_strings(text: str) -> list[str]:
    """The string literals a call begins with."""
    strings: list[str] = []
    while match := LITERAL.match(text):
        strings.append(str(ast.literal_eval(match.group(1))))
        if match.group(2) != ",":
            break
        text = text[match.end() :]
    return strings


def python_calls(path: Path) -> Iterator[Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        strings = []
        for argument in node.args:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                break
            strings.append(argument.value)
        yield from called(name, strings, node.lineno)


def called(name: str, strings: list[str], line: int) -> Iterator[Call]:
    """A gettext call as a message; calls of other names, or with no literal, are none."""
    if name in SINGULAR and strings:
        yield None, strings[0], None, line
    elif name in PLURAL and len(strings) >= 2:
        yield None, strings[0], strings[1], line
    elif name in CONTEXT and len(strings) >= 2:
        yield strings[0], strings[1], None, line


def key_of(entry: Message) -> Key:
    return entry.context, entry.id[0] if isinstance(entry.id, tuple) else str(entry.id)


def strings_of(entry: Message) -> list[str]:
    return list(entry.string) if isinstance(entry.string, (tuple, list)) else [str(entry.string or "")]


def placeholders(text: str) -> set[str]:
    return {match.group(1) or match.group(2) or "" for match in PLACEHOLDER.finditer(text)}


if __name__ == "__main__":
    sys.exit(main())
