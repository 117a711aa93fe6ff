"""The check finds what has no English, and the update leaves a catalogue that compiles to what pages read."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

TEMPLATE = """{% load i18n %}
<h1 title="{% translate '标题' %}">{% translate "链单" %}</h1>
{% blocktranslate with name=firm.name %}{{ name }} 已签收{% endblocktranslate %}
{% blocktranslate count n=rows|length %}共 {{ n }} 条{% plural %}共 {{ n }} 条{% endblocktranslate %}
"""
CODE = """
from django.utils.translation import gettext, gettext_lazy as _, pgettext
LABEL = _("持有人")
def say(): return gettext("合计") + pgettext("动词", "兑付") + gettext(LABEL)
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "src" / "jirong" / "notes"
    (folder / "templates" / "notes").mkdir(parents=True)
    (folder / "templates" / "notes" / "lot.html").write_text(TEMPLATE, encoding="utf-8")
    (folder / "views.py").write_text(CODE, encoding="utf-8")
    return folder


@pytest.fixture
def translations(tool: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = tool("translations")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_every_message_is_found(translations: ModuleType, room: Path) -> None:
    assert {key: found.plural for key, found in translations.messages_of(room).items()} == {
        (None, "标题"): None,
        (None, "链单"): None,
        (None, "%(name)s 已签收"): None,
        (None, "共 %(n)s 条"): "共 %(n)s 条",
        (None, "持有人"): None,
        (None, "合计"): None,
        ("动词", "兑付"): None,
    }


def test_missing_then_updated_then_written_then_complete(translations: ModuleType, room: Path) -> None:
    assert len(list(translations.check_room(room))) == 7
    translations.update_room(room)
    path = translations.catalogue_of(room)
    assert sum("no English" in fault for fault in translations.check_room(room)) == 7
    english = {
        "标题": "Title", "链单": "Chain note", "%(name)s 已签收": "Accepted by %(name)s", "持有人": "Holder",
        "合计": "Total", "兑付": "settle",
    }  # fmt: skip
    text = path.read_text(encoding="utf-8")
    for chinese, words in english.items():
        text = text.replace(f'msgid "{chinese}"\nmsgstr ""', f'msgid "{chinese}"\nmsgstr "{words}"')
    text = text.replace('msgstr[0] ""', 'msgstr[0] "%(n)s row"').replace('msgstr[1] ""', 'msgstr[1] "%(n)s rows"')
    path.write_text(text, encoding="utf-8")
    assert list(translations.check_room(room)) == []

    translations.update_room(room)
    assert list(translations.check_room(room)) == [], "an update keeps the English there is"
    assert translations.compile_room(room) == 1
    assert translations.compile_room(room) == 0, "nothing to do while it is newer than its source"
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("链单") == "Chain note"
    assert compiled.pgettext("动词", "兑付") == "settle"
    assert [compiled.ngettext("共 %(n)s 条", "共 %(n)s 条", n) for n in (1, 2)] == ["%(n)s row", "%(n)s rows"]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "合计"\nmsgstr "Total of %(sum)s"', "other placeholders"),
        ('#, fuzzy\nmsgid "合计"\nmsgstr "Total"', "no English"),
        ('msgid "合计"\nmsgid_plural "合计"\nmsgstr[0] "a"\nmsgstr[1] "b"', "plural in one place"),
        ('msgid "无人使用"\nmsgstr "Unused"', "is used nowhere"),
    ],
)
def test_faults_are_named(translations: ModuleType, room: Path, entry: str, fault: str) -> None:
    path = translations.catalogue_of(room)
    path.parent.mkdir(parents=True)
    path.write_text(translations.HEADER + entry + "\n", encoding="utf-8")
    assert any(fault in line for line in translations.check_room(room))


def test_a_msgid_in_english_is_refused(translations: ModuleType, room: Path) -> None:
    (room / "views.py").write_text("LABEL = _('Holder')", encoding="utf-8")
    assert any("not Chinese: 'Holder'" in fault for fault in translations.check_room(room))


def test_two_rooms_that_say_one_text_in_two_ways_are_named(
    translations: ModuleType, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django merges the catalogues: whichever comes first would show on the other room's pages as well."""
    other = room.with_name("loans")
    for folder, english in ((room, "Title"), (other, "Heading")):
        path = translations.catalogue_of(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'msgid "标题"\nmsgstr "{english}"\n\nmsgid "合计"\nmsgstr "Total"\n', encoding="utf-8")
    (fault,) = translations.check_together([room, other])
    assert "“标题”" in fault
    assert "notes: Title; loans: Heading" in fault
