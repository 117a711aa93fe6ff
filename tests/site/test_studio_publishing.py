"""Publishing a scheme from the studio by two people, and what its page says afterwards."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jirong.financing.models import SchemeVersion
from jirong.parties import actions
from jirong.parties.models import Proposal, User
from jirong.store import business_date, catalogue
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

CODES = {"bank": "91310110666007217T", "firm": "91310115591693856A"}
NAME = "instant-loan-310"


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[dict[str, uuid.UUID]]:
    with acting_as(SYSTEM):
        business_date.advance(dt.date(2026, 3, 2))
        parties = {}
        for role, code in CODES.items():
            parties[role] = new_id()
            actions.register_party(
                actor=SYSTEM, id=parties[role], name=f"某{role}", name_en=role, uscc=code, size="large", roles=[role]
            )
            for duty in ("maker", "checker"):
                name = f"{role}.{duty}"
                actions.register_user(actor=SYSTEM, id=new_id(), username=name)
                actions.add_staff(actor=SYSTEM, id=new_id(), party=parties[role], username=name, duties=[duty])
        yield parties


def log_in(who: str, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(User.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend")
    return client


def panel(answer: Any) -> dict[str, str]:
    page = answer.content.decode().partition('class="signing"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def text() -> str:
    return catalogue.schemes()[NAME]


def publish(typed: str) -> Any:
    """The maker's two steps, then the checker's."""
    maker, url = log_in("bank.maker"), reverse("studio_publish")
    shown = maker.post(url, {"text": typed.replace("\n", "\r\n")})
    done = maker.post(url, panel(shown))
    assert done.status_code == 302, done.content.decode()
    checker, page = log_in("bank.checker"), done.headers["Location"]
    words = checker.get(page)
    return words, checker.post(page, panel(words))


def test_two_people_publish_what_both_saw_in_sentences() -> None:
    words, done = publish(text())
    version = SchemeVersion.objects.get()
    assert version.text == text()
    assert version.sha256 in words.content.decode()
    assert "此前没有发布过这个方案" in words.content.decode()
    address = reverse("studio_version", args=[NAME, version.version])
    assert done.headers["Location"] == address
    page = log_in("firm.maker").get(address).content.decode()
    assert "某bank" in page
    assert "还没有贷款人把这一版签为授信政策" in page
    assert "签为本行政策" not in page
    assert "签为本行政策" in log_in("bank.maker").get(address).content.decode()


def test_the_next_version_says_what_changed_and_leads_to_the_comparison() -> None:
    publish(text())
    second = re.sub(
        r"^version: \d+", lambda found: f"version: {int(found[0].split()[1]) + 1}", text(), flags=re.MULTILINE
    )
    words, done = publish(second)
    assert re.search(r"含义改动 \d+ 处", words.content.decode())
    page = log_in("bank.maker").get(done.headers["Location"]).content.decode()
    assert f"before={NAME}@" in page
    rows = log_in("firm.maker", "en").get(reverse("studio_published")).content.decode()
    assert len(re.findall(r'<td class="[^"]*is-primary', rows)) == 2


def test_a_text_with_errors_and_a_version_that_stands_are_barred() -> None:
    publish(text())
    maker, url = log_in("bank.maker"), reverse("studio_publish")
    again = maker.post(url, {"text": text()}).content.decode()
    assert "已发布" in again
    assert "disabled" in again.partition('class="signing"')[2].partition("</form>")[0]
    wrong = maker.post(url, {"text": text().replace("vehicle: ", "vehicle: no_such_")}).content.decode()
    assert "disabled" in wrong.partition('class="signing"')[2].partition("</form>")[0]
    assert maker.post(url, {"text": ""}).status_code == 422
    assert Proposal.objects.filter(state="proposed").count() == 0


def test_hostile_text_is_answered_and_never_published() -> None:
    maker, url = log_in("bank.maker"), reverse("studio_publish")
    bombs = [
        "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
        "scheme: x\n\tversion: 1\n",
        "scheme: \x00\n",
        "x: " + "y" * 1_000_000,
        "[" * 5_000,
    ]
    for bomb in bombs:
        answer = maker.post(url, {"text": bomb})
        assert answer.status_code in (200, 422), bomb[:40]
        assert "签署" not in answer.content.decode() or "disabled" in answer.content.decode(), bomb[:40]
        look = maker.post(reverse("studio_scheme", args=[NAME]), {"text": bomb}, headers={"hx-request": "true"})
        assert look.status_code == 200, bomb[:40]


@pytest.mark.parametrize("who", ["firm.maker"])
def test_who_writes_no_schemes_publishes_none(who: str) -> None:
    assert log_in(who).post(reverse("studio_publish"), {"text": text()}).status_code == 403
    assert "核对并发布" not in log_in(who).get(reverse("studio_scheme", args=[NAME])).content.decode()
    assert "核对并发布" in log_in("bank.maker").get(reverse("studio_scheme", args=[NAME])).content.decode()


def test_what_refers_to_no_scheme_cannot_be_published() -> None:
    typed = text().replace("disclose:", "related: [nothing-here@7]\ndisclose:")
    shown = log_in("bank.maker").post(reverse("studio_publish"), {"text": typed}).content.decode()
    assert "没有名为“nothing-here@7”的方案" in shown
    assert not SchemeVersion.objects.exists()
