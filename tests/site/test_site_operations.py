"""The operator's pages across rooms: whose they are, what they say of processes, and closing everybody's day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jirong.financing.close import apart
from jirong.log import neighbour, sequencer
from jirong.parties import actions
from jirong.parties.models import User
from jirong.site.operations import processes
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

CODES = {"operator": "9144030071526726XG", "bank": "91310110666007217T"}


@pytest.fixture(autouse=True)
def world(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(neighbour, "home", lambda: tmp_path)
    with acting_as(SYSTEM):
        business_date.advance(dt.date(2026, 3, 2))
        for role, code in CODES.items():
            party = new_id()
            actions.register_party(actor=SYSTEM, id=party, name=role, uscc=code, size="large", roles=[role])
            actions.register_user(actor=SYSTEM, id=new_id(), username=f"{role}.boss")
            actions.add_staff(actor=SYSTEM, id=new_id(), party=party, username=f"{role}.boss", duties=["maker"])
        yield


def log_in(who: str, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(User.objects.get(username=f"{who}.boss"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    """What stands on the page itself, without the shell around it."""
    page = answer.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("name", ["operator_day", "processes"])
def test_pages_are_the_operators_in_both_languages(name: str) -> None:
    assert log_in("bank").get(reverse(name)).status_code == 403
    assert log_in("operator").get(reverse(name)).status_code == 200
    english = log_in("operator", "en").get(reverse(name))
    assert set(re.findall(r"[\u4e00-\u9fff]+", text(english))) == set()


def test_closing_everybodys_day_is_begun_beside_the_page_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, ...]] = []
    monkeypatch.setattr(apart, "start", lambda *options: begun.append(options))
    operator = log_in("operator")
    answer = operator.post(reverse("close_everything"), follow=True)
    assert answer.redirect_chain == [(reverse("operator_day"), 302)]
    assert "日终已开始" in answer.content.decode()
    with apart.driving():
        shown = operator.get(reverse("operator_day"))
        assert "日终正在进行" in text(shown)
        assert reverse("close_everything") not in shown.content.decode()
        operator.post(reverse("close_everything"))
    assert begun == [("--until", "2026-03-02")]
    assert reverse("close_everything") in operator.get(reverse("operator_day")).content.decode()
    assert log_in("bank").post(reverse("close_everything")).status_code == 403
    assert operator.get(reverse("close_everything")).status_code == 405


def test_a_sequencer_that_does_not_run_while_entries_wait_is_told() -> None:
    found = processes.processes(timezone.now())[0]
    assert (found.status.tone, found.seen, found.lag.en.partition(" ")[0]) == ("bad", None, "6")
    sequencer.sequence()
    found = processes.processes(timezone.now())[0]
    assert (found.status.tone, found.lag.en) == ("wait", "nothing waits")


def test_a_process_is_seen_by_its_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'jirong sandbox'")
    found = processes.processes(timezone.now())[1]
    assert found.seen is not None
    assert found.status.tone == "good"


def test_a_witness_is_judged_by_what_it_cosigned() -> None:
    assert neighbour.settle() is not None
    sequencer.sequence()
    found = processes.processes(timezone.now())[2]
    assert found.name.en == "Witness demo-bank.local/witness"
    assert (found.status.tone, found.status.blocker.en) == ("wait", "by 7 entries")  # type: ignore[union-attr]


def test_the_page_of_processes_asks_the_database_little() -> None:
    client = log_in("operator")
    client.get(reverse("processes"))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("processes"))
    assert len(asked) <= 30
