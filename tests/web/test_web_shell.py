"""The shell: what a refusal looks like, which language speaks, who is led where."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.site import samples
from jirong.web import navigation, parts, preferences, signing, tables, viewer

ZH = {"Accept-Language": "zh-CN"}


@pytest.fixture(autouse=True)
def few_urls(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    settings.ROOT_URLCONF = "web_page_urls"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_homes", [])
    monkeypatch.setattr(navigation, "_arrangements", [])
    monkeypatch.setattr(viewer, "_source", viewer._from_user)
    monkeypatch.setattr(preferences, "_keep", None)
    monkeypatch.setattr(preferences, "_load", None)


@pytest.fixture
def site(db: None, registry: None) -> Client:
    return Client(raise_request_exception=False)


def test_a_refusal_is_a_page_with_reason_clause_and_remedy(site: Client) -> None:
    answer = site.get("/taken", headers=ZH)
    html = answer.content.decode()
    assert answer.status_code == 409
    for words in ("已被预占", "请稍后", "一物一押", "lot.reserved"):
        assert words in html


def test_a_refusal_to_htmx_goes_to_the_flashes(site: Client) -> None:
    answer = site.get("/taken", headers=ZH | {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#flashes")
    assert "<html" not in answer.content.decode()
    assert "已被预占" in answer.content.decode()


def test_what_one_may_not_see_looks_like_a_wrong_address(site: Client) -> None:
    known, unknown = (site.get(path, headers=ZH) for path in ("/hidden", "/nowhere"))
    assert known.status_code == unknown.status_code == 404
    assert b"LD-7" not in known.content
    pages = [answer.content.decode().replace(path, "") for answer, path in ((known, "/hidden"), (unknown, "/nowhere"))]
    lines = [[line for line in page.splitlines() if "csrf" not in line.lower()] for page in pages]
    assert lines[0] == lines[1]
    flash = site.get("/hidden", headers=ZH | {"HX-Request": "true"})
    assert flash.status_code == 404
    assert b"LD-7" not in flash.content


def test_language_is_the_cookie_then_what_was_kept_then_what_is_accepted_then_chinese(
    site: Client, django_user_model: Any
) -> None:
    def language(**headers: str) -> str:
        return str(site.get("/verify", headers=headers).headers["Content-Language"])

    assert language() == "zh-hans"
    assert language(**{"Accept-Language": "fr"}) == "zh-hans"
    assert language(**{"Accept-Language": "en-GB,en;q=0.8"}) == "en"
    preferences.set_keeper(lambda request, chosen: None, lambda request: {"language": "en", "theme": "dark"})
    assert language() == "zh-hans"
    site.force_login(django_user_model.objects.create(username="reader"), "django.contrib.auth.backends.ModelBackend")
    answer = site.get("/verify", headers=ZH)
    assert answer.headers["Content-Language"] == "en"
    assert {name: cookie.value for name, cookie in answer.cookies.items() if name != "csrftoken"} == {
        "django_language": "en",
        "jirong_theme": "dark",
    }
    site.cookies["django_language"] = "zh-hans"
    assert language() == "zh-hans"


def test_a_chosen_preference_is_handed_to_the_keeper(site: Client) -> None:
    kept: list[dict[str, str]] = []
    preferences.set_keeper(lambda request, chosen: kept.append(dict(chosen)), lambda request: {})
    answer = site.post("/preferences", {"theme": "dark", "language": "xx", "next": "/verify"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/verify")
    assert kept == [{"theme": "dark"}]
    assert answer.cookies["jirong_theme"].value == "dark"


def test_navigation_shows_what_the_role_may_see_and_marks_the_closest(site: Client) -> None:
    for order, (key, url, roles) in enumerate(
        [("lots", "lots", {"firm"}), ("old", "old_lots", {"firm"}), ("desk", "taken", {"bank"}), ("all", "verify", ())]
    ):
        navigation.register(navigation.Item(key, key, url, order=order, roles=frozenset(roles)))
    viewer.set_source(lambda request: viewer.Viewer("李岚", roles=frozenset({"firm"})))

    def shown(path: str) -> list[tuple[str, bool]]:
        request = RequestFactory().get(path)
        return [(item.key, item.current) for item in navigation.menu(request).items]

    assert shown("/lots/7") == [("lots", True), ("old", False), ("all", False)]
    assert shown("/lots/old/7") == [("lots", False), ("old", True), ("all", False)]
    viewer.set_source(lambda request: viewer.Viewer())
    assert shown("/lots/7") == []


def test_what_is_arranged_comes_first_and_what_is_not_is_never_lost(site: Client) -> None:
    def place(key: str, url: str, count: int = 0, **more: Any) -> None:
        navigation.register(navigation.Item(key, key, url, count=lambda request: count, **more))

    place("desk", "taken")
    place("lots", "lots", 3)
    place("old", "old_lots", 4)
    place("new", "verify", group="资料")
    place("hidden", "front", group="资料")
    section = navigation.Section("work", Text("业务", "Work"), "note", ("old", "lots", "elsewhere"))
    alone = navigation.Section("alone", Text("独", "Alone"), "note", ("desk",))
    navigation.arrange(navigation.Arrangement(frozenset({"firm"}), (section, alone), ("lots", "elsewhere", "desk")))
    viewer.set_source(lambda request: viewer.Viewer("李岚", roles=frozenset({"firm"})))

    def menu(path: str, **cookies: str) -> navigation.Menu:
        request = RequestFactory().get(path)
        request.COOKIES.update(cookies)
        return navigation.menu(request)

    found = menu("/lots/7")
    work, desk, papers = found.entries
    assert isinstance(work, navigation.Fold)
    assert isinstance(papers, navigation.Fold)
    assert ([item.key for item in work.items], work.current, work.is_open, work.count) == (
        ["old", "lots"],
        True,
        True,
        7,
    )
    assert (desk.key, papers.label, [item.key for item in papers.items]) == ("desk", "资料", ["hidden", "new"])
    assert ([item.key for item in found.foot], found.has_more) == (["lots", "desk"], True)
    later = menu("/taken", jirong_sections="资料")
    folded = {entry.key: entry.is_open for entry in later.entries if isinstance(entry, navigation.Fold)}
    assert folded == {"work": False, "资料": True}


def test_the_front_door_leads_to_the_first_home_of_ones_roles(site: Client) -> None:
    assert site.get("/").status_code == 200
    navigation.register_home("bank", "taken", order=20)
    navigation.register_home("firm", "lots", order=10)
    viewer.set_source(lambda request: viewer.Viewer("李岚", roles=frozenset({"bank", "firm"})))
    assert site.get("/").headers["Location"] == "/lots/"


def test_the_viewer_and_seats_stand_in_the_menu(site: Client) -> None:
    seat = viewer.Seat(Text("远帆纺织", "Yuanfan"), Text("供应商", "Supplier"), "/switch/1", current=True)
    found = viewer.Viewer("李岚", Text("远帆纺织", "Yuanfan"), seats=(seat,))
    viewer.set_source(lambda request: found)
    html = site.get("/verify", headers=ZH).content.decode()
    assert "李岚" in html
    assert 'action="/switch/1"' in html
    assert "供应商" in html


def test_the_design_page_is_for_development_only(site: Client, settings: Any) -> None:
    for path in ("/design", "/design/wizard", "/design/error/500"):
        assert site.get(path).status_code == 404
    settings.JIRONG_DESIGN_PAGE = True
    answer = site.get("/design", headers=ZH)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self';")


def test_the_design_page_asks_the_database_nothing(site: Client, settings: Any) -> None:
    settings.JIRONG_DESIGN_PAGE = True
    with CaptureQueriesContext(connection) as queries:
        site.get("/design")
    assert [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]] == []


def test_a_table_draws_its_page_with_one_query(site: Client) -> None:
    class PermissionTable(tables.Table):
        columns = (
            tables.Column("codename", "c", sort="codename"),
            tables.Column("app", "a", value="content_type.model"),
        )
        filters = (tables.Search("q", "q", ("codename",)),)
        order = ("codename", "id")

    request = RequestFactory().get("/x?q=a&sort=-codename", headers={"HX-Request": "true", "HX-Target": "table-table"})
    rows = Permission.objects.select_related("content_type")
    with CaptureQueriesContext(connection) as queries:
        answer = tables.respond(request, "web/table.html", PermissionTable(request, rows))
    assert len(queries) == 1
    assert answer.status_code == 200


def request_with(data: dict[str, str]) -> HttpRequest:
    return RequestFactory().post("/sign", data)


def test_what_the_signing_panel_posts_is_read_back_whole() -> None:
    action = uuid.uuid4()
    form = {
        "id": str(action),
        "statement": signing.encode(samples.STATEMENT),
        "signature": base64.b64encode(bytes(64)).decode(),
        "key": "5f" * 16,
    }
    read = signing.read(request_with(form).POST)
    assert read == signing.Signed(action, samples.STATEMENT, bytes(64), "5f" * 16)
    assert signing.read(form | {"signature": "", "key": ""}) == signing.Signed(action, samples.STATEMENT, None, "")


@pytest.mark.parametrize(
    "wrong", [{"id": "7"}, {"statement": ""}, {"statement": "%%%"}, {"signature": "%"}, {"statement": "A" * (2 << 20)}]
)
def test_what_no_panel_can_have_sent_is_refused(wrong: dict[str, str]) -> None:
    form = {"id": str(uuid.uuid4()), "statement": signing.encode(b"{}"), "signature": "", "key": ""}
    with pytest.raises(Invalid, match=r"signing\.unreadable"):
        signing.read(form | wrong)


def test_a_bar_bars_and_a_warning_warns() -> None:
    assert samples.signing(barred=True).is_barred
    assert not samples.signing().is_barred
    for made in (lambda: parts.Status("x", tone="loud"), lambda: parts.Finding("x", "maybe")):
        with pytest.raises(ValueError, match="not"):
            made()


def test_every_sentence_of_the_verifiers_script_is_in_both_languages(site: Client) -> None:
    chinese, english = (
        site.get("/verify", headers={"Accept-Language": language}).context["words"] for language in ("zh", "en")
    )
    assert chinese.keys() == english.keys()
    with translation.override("en"):
        assert chinese["walking"] != english["walking"]


def teardown_module() -> None:
    import sys

    sys.modules.pop("web_page_urls", None)
