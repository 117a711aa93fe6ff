"""The menu of every role: short enough for every day, and from it every page of the house can be found."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jirong.parties import actions
from jirong.parties.models import ROLES, User
from jirong.site import menu
from jirong.store import business_date
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id
from jirong.web import navigation

FIRST_MAX = 10
"""Entries of the first level: nine, and one more for who is both a debtor and a firm."""
SEATS = {**{role: [role] for role in ROLES}, "core": ["core", "firm"]}
ASIDE = {"account", "mfa", "api-1.0.0"}
NO_LISTS = {
    "front", "preferences", "design", "design_form", "design_wizard",  # the shell's own
    "bank_pulse", "bank_risk",  # parts that the desk fetches
    "trust_file", "studio_publish",  # a download, and a step that needs a scheme
    "take_several", "approve_several",  # steps for when several wait
}  # fmt: skip

FOREIGN = {
    "core": (), "firm": ("/notes/due/",), "bank": ("/trades/", "/invoices/", "/documents/"),
    "operator": ("/offers/", "/lots/", "/loans/", "/trades/", "/invoices/", "/documents/", "/collateral/"),
}  # fmt: skip
"""Lists that would open but can hold nothing of this role's."""


@pytest.fixture
def client_of(db: None) -> object:
    business_date.advance(dt.date(2026, 3, 2))

    def client(role: str) -> Client:
        party = new_id()
        actions.register_party(actor=SYSTEM, id=party, name=f"某{role}", uscc=None, size="person", roles=SEATS[role])
        actions.register_user(actor=SYSTEM, id=new_id(), username=role)
        actions.add_staff(actor=SYSTEM, id=new_id(), party=party, username=role, duties=["maker", "admin"])
        found = Client(headers={"accept-language": "zh"}, raise_request_exception=False)
        found.force_login(User.objects.get(username=role), backend="django.contrib.auth.backends.ModelBackend")
        return found

    return client


def lists() -> Iterator[tuple[str, str]]:
    """Name and address of every page that needs no argument: lists, desks, tools and forms that begin something."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLResolver):
                if each.namespace not in ASIDE and not str(each.pattern).startswith(("accounts/", "api/")):
                    yield from walk(each.url_patterns)
            elif each.name and each.name not in NO_LISTS and not each.pattern.regex.groups:
                yield each.name

    for name in walk(get_resolver().url_patterns):
        yield name, reverse(name)


def links(html: str) -> set[str]:
    return {re.sub(r"[?#].*", "", each) for each in re.findall(r'href="(/[^"]*)"', html)}


def reached(client: Client) -> set[str]:
    """Every address without an argument that links lead to, beginning where the log-in ends."""
    known = {address for _, address in lists()}
    waiting, seen = {"/"}, set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = client.get(path, follow=True)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found = links(answer.content.decode())
            waiting |= {each for each in found if each in known or re.fullmatch(r"/own/[a-z]+/", each)} - seen
    return seen


@pytest.mark.parametrize("role", ["core", "firm", "bank", "operator"])
def test_no_page_is_lost_from_the_menu(client_of: object, role: str) -> None:
    client = client_of(role)  # type: ignore[operator]
    found = reached(client)
    lost = {address for _, address in lists() if not address.startswith(FOREIGN[role])} - found
    assert [address for address in sorted(lost) if client.get(address).status_code == 200] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_menu_is_short_and_whole(client_of: object, role: str) -> None:
    client = client_of(role)  # type: ignore[operator]
    answer = client.get(reverse("inbox"))
    shown: navigation.Menu = answer.context["navigation"]
    assert 3 <= len(shown.entries) <= FIRST_MAX
    assert 3 <= len(shown.foot) <= navigation.FOOT_MAX
    held = set(SEATS[role])
    may = {key for key, item in navigation._items.items() if item.public or not item.roles or item.roles & held}
    assert {item.key for item in shown.items} == may
    assert len(shown.items) == len(may)
    for item in shown.items:
        assert client.get(item.url).status_code == 200, item.key


def test_every_place_of_a_room_is_arranged() -> None:
    named = {key for one in navigation._arrangements for place in one.places
             for key in (place.items if isinstance(place, navigation.Section) else (place,))}  # fmt: skip
    assert set(navigation._items) == named
    assert {key for one in navigation._arrangements for key in one.foot} <= named


def test_a_section_opens_on_its_own_pages_and_where_a_person_left_it_open(client_of: object) -> None:
    client = client_of("bank")  # type: ignore[operator]

    def opened(path: str) -> list[str]:
        html = client.get(path).content.decode()
        return re.findall(r'data-fold="(\w+)" open', html.partition("</nav>")[0])

    assert opened(reverse("inbox")) == []
    assert opened(reverse("bank_book")) == ["lending"]
    client.cookies[navigation.OPENED] = "rules.nowhere"
    assert opened(reverse("bank_book")) == ["lending", "rules"]


def test_who_has_no_home_begins_with_the_whole_menu(client_of: object) -> None:
    client = client_of("government")  # type: ignore[operator]
    html = client.get("/").content.decode().partition('class="start"')[2]
    assert {item.url for item in client.get("/").context["navigation"].items} <= links(html)


def test_a_stranger_finds_the_public_tools(db: None) -> None:
    found: navigation.Menu = Client().get("/verify").context["navigation"]
    assert [item.key for item in found.items] == ["calculator", "verify"]
    assert not found.has_more


def test_the_menus_are_set_by_the_roof() -> None:
    before = list(navigation._arrangements)
    menu.register()
    assert navigation._arrangements == before
