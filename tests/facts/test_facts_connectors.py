"""Connectors against a folder and a local server: order, resumption, refusals, and what a source may get wrong."""

from __future__ import annotations

import argparse
import datetime
import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from jirong.facts import commands
from jirong.facts.connectors import FolderConnector, HttpConnector, follow
from jirong.facts.connectors.base import make
from jirong.facts.connectors.pull import cursors_of, pull
from jirong.facts.models import Batch, Fact, Following, Pull
from jirong.kernel.errors import Invalid
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as

HEADER = "filing_no,firm,date,sales,tax_due,tax_paid,arrears\n"


def line(world: Any, number: int) -> str:
    return f"{number},{world.code('firm')},2026-0{number}-28,100.00,3.00,3.00,0.00\n"


def test_a_folder_is_taken_in_order_and_once(facts_world: Any, tmp_path: Path) -> None:
    tax = facts_world.actor("tax")
    connector = FolderConnector(tmp_path)
    (tmp_path / "tax.filing-2026-01.csv").write_text(HEADER + line(facts_world, 1), "utf-8")
    (tmp_path / "tax.filing-2026-02.csv").write_text(
        HEADER + line(facts_world, 2) + "3,x\n4,5,6,7,8,9,10,11\n", "utf-8"
    )
    (tmp_path / ".tax.filing-2026-03.csv").write_text("half written", "utf-8")
    (tmp_path / "unknown-1.csv").write_text("a,b\n", "utf-8")
    pages = [(page.cursor, page.added, page.refused) for page in pull(tax, "drop", connector)]
    assert pages == [("tax.filing-2026-01.csv", 1, 0), ("tax.filing-2026-02.csv", 1, 2)]
    assert list(pull(tax, "drop", connector)) == []
    assert cursors_of(tax, "drop") == {"tax.filing": "tax.filing-2026-02.csv"}
    (tmp_path / "tax.filing-2026-03.csv").write_text(HEADER + line(facts_world, 3), "utf-8")
    assert [page.added for page in pull(tax, "drop", connector)] == [1]


def test_a_bad_file_is_set_aside_with_its_reason_and_the_rest_goes_on(facts_world: Any, tmp_path: Path) -> None:
    tax = facts_world.actor("tax")
    (tmp_path / "tax.filing-1.csv").write_text(HEADER + line(facts_world, 1), "utf-8")
    (tmp_path / "tax.filing-2.csv").write_text("no such column\n", "utf-8")
    (tmp_path / "tax.filing-3.csv").write_text(HEADER + line(facts_world, 3) + '4,"x\n' + line(facts_world, 5), "utf-8")
    (tmp_path / "invoice-1.xml").write_text("<nonsense>", "utf-8")
    pages = list(pull(tax, "drop", FolderConnector(tmp_path)))
    told = {page.cursor: (page.added, page.refused, page.set_aside and page.set_aside.code) for page in pages}
    assert told.pop("invoice-1.xml")[2] is not None
    assert told == {
        "tax.filing-1.csv": (1, 0, None), "tax.filing-2.csv": (0, 0, "fact.unknown_column"),
        "tax.filing-3.csv": (2, 1, None),
    }  # fmt: skip
    with acting_as(SYSTEM):
        kept = Batch.objects.get(name="tax.filing-2.csv")
    assert (kept.added, kept.refused["rows"][0]["code"]) == (0, "fact.unknown_column")
    assert kept.refused["rows"][0]["reason"]["zh"]
    (tmp_path / "tax.filing-4.csv").write_text(HEADER + line(facts_world, 2), "utf-8")
    assert [page.cursor for page in pull(tax, "drop", FolderConnector(tmp_path))] == ["tax.filing-4.csv"]


def test_each_kind_of_file_goes_on_from_its_own_last(facts_world: Any, tmp_path: Path) -> None:
    tax = facts_world.actor("tax")
    facts_world.grant("tax", ["social.payroll"])
    (tmp_path / "tax.filing-2026-01.csv").write_text(HEADER + line(facts_world, 1), "utf-8")
    assert [page.added for page in pull(tax, "drop", FolderConnector(tmp_path))] == [1]
    payroll = f"record_no,firm,date,headcount,payroll,paid\n1,{facts_world.code('firm')},2026-02-28,9,1.00,1.00\n"
    (tmp_path / "social.payroll-2026-02.csv").write_text(payroll, "utf-8")
    connector = FolderConnector(tmp_path)
    assert [(page.cursor, page.added) for page in pull(tax, "drop", connector)] == [("social.payroll-2026-02.csv", 1)]
    assert list(pull(tax, "drop", connector)) == []


def test_a_pull_that_broke_goes_on_after_the_last_stored_page(facts_world: Any, tmp_path: Path) -> None:
    tax = facts_world.actor("tax")
    for number in (1, 2):
        (tmp_path / f"tax.filing-{number}.csv").write_text(HEADER + line(facts_world, number), "utf-8")
    next(pull(tax, "drop", FolderConnector(tmp_path)))
    assert [page.cursor for page in pull(tax, "drop", FolderConnector(tmp_path))] == ["tax.filing-2.csv"]
    with acting_as(SYSTEM):
        assert (Fact.objects.count(), Pull.objects.count()) == (2, 2)


def test_a_folder_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"connector\.folder"):
        list(FolderConnector(tmp_path / "gone").pages({}))


class Source(http.server.BaseHTTPRequestHandler):
    """Answers from ``answers`` by cursor; remembers what it was asked."""

    answers: dict[str, Any] = {}
    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)
        self.asked.append((query["cursor"][0], self.headers.get("Authorization", "")))
        answer = self.answers.get(query["cursor"][0])
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(302 if answer == b"elsewhere" else 200 if answer is not None else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def source() -> Iterator[tuple[type[Source], str]]:
    handler = type("Once", (Source,), {"answers": {}, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}/filings"
        server.shutdown()
        thread.join()


def test_an_http_source_is_read_page_by_page_with_its_token(facts_world: Any, source: Any) -> None:
    handler, url = source
    rows = [facts_world.filing(str(n), f"2026-0{n}-28", "100.00") for n in (1, 2)]
    handler.answers = {
        "": {"rows": rows[:1], "cursor": "a", "more": True},
        "a": {"rows": rows[1:], "cursor": "b", "more": False},
        "b": {"rows": [], "cursor": "b", "more": False},
    }
    connector = HttpConnector(url, "tax.filing", "secret")
    tax = facts_world.actor("tax")
    assert [(page.cursor, page.added) for page in pull(tax, "api", connector)] == [("a", 1), ("b", 1)]
    assert list(pull(tax, "api", connector)) == []
    assert handler.asked == [(cursor, "Bearer secret") for cursor in ("", "a", "b")]


@pytest.mark.parametrize("answer", [b"elsewhere", b"<html>", b"[1]", {"rows": "x", "cursor": ""}, {"rows": [1]}, None])
def test_a_source_that_answers_nonsense_is_refused(source: Any, answer: Any) -> None:
    handler, url = source
    handler.answers = {"": answer}
    with pytest.raises(Invalid, match=r"connector\.failed"):
        list(HttpConnector(url, "tax.filing").pages({}))


def test_a_source_elsewhere_must_speak_https() -> None:
    with pytest.raises(Invalid, match=r"connector\.not_https"):
        HttpConnector("http://tax.example/filings", "tax.filing")
    with pytest.raises(Invalid, match=r"connector\.type"):
        make({"type": "ftp"})


NOW = datetime.datetime(2026, 6, 30, 8, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def known(world: Any, folder: Path, **more: Any) -> dict[str, dict[str, Any]]:
    return {"drop": {"type": "folder", "as": world.code("tax"), "folder": str(folder), "every": 10, **more}}


def states() -> list[tuple[str, datetime.datetime, datetime.datetime, int, int, str | None]]:
    with acting_as(SYSTEM), transaction.atomic():
        return [
            (row.name, row.last_run, row.next_run, row.added, row.set_aside, row.error and row.error["code"])
            for row in Following.objects.order_by("name")
        ]


def test_what_is_due_is_pulled_and_when_it_ran_is_kept(facts_world: Any, tmp_path: Path) -> None:
    found = known(facts_world, tmp_path)
    (tmp_path / "tax.filing-1.csv").write_text(HEADER + line(facts_world, 1), "utf-8")
    assert follow.step(found, NOW) == ["drop  +1  !0"]
    assert states() == [("drop", NOW, NOW + 10 * MINUTE, 1, 0, None)]
    (tmp_path / "tax.filing-2.csv").write_text("no such column\n", "utf-8")
    assert follow.step(found, NOW + 9 * MINUTE) == []
    assert follow.step(found, NOW + 10 * MINUTE) == ["drop  +0  !1  fact.unknown_column"]
    assert states() == [("drop", NOW + 10 * MINUTE, NOW + 20 * MINUTE, 0, 1, "fact.unknown_column")]
    assert follow.step({}, NOW + 11 * MINUTE) == []
    assert states() == []


def test_a_connector_that_fails_stops_nobody_and_says_why(facts_world: Any, tmp_path: Path) -> None:
    (tmp_path / "tax.filing-1.csv").write_text(HEADER + line(facts_world, 1), "utf-8")
    good = known(facts_world, tmp_path)["drop"]
    found = {"a-gone": {**good, "folder": str(tmp_path / "gone")}, "b-nobody": {**good, "as": "x"}, "c-type": {"as": good["as"]},
             "d-every": {**good, "every": 0}, "e-key": {"type": "folder", "as": good["as"]}, "good": good}  # fmt: skip
    follow.step(found, NOW)
    assert [(name, added, error) for name, _, _, added, _, error in states()] == [
        ("a-gone", 0, "connector.folder"), ("b-nobody", 0, "connector.party"), ("c-type", 0, "connector.type"),
        ("d-every", 0, "connector.every"), ("e-key", 0, "connector.broken"), ("good", 1, None),
    ]  # fmt: skip


def test_the_loop_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop, told = threading.Event(), list[str]()

    def tell(said: str) -> None:
        told.append(said)
        stop.set()

    follow.follow(tmp_path / "gone.yaml", stop, tell)
    assert len(told) == 1
    assert "connector settings" in told[0]


def test_without_settings_the_process_has_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRONG_CONNECTORS", raising=False)
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    arguments = parser.parse_args(["facts", "follow"])
    assert (arguments.needs_django, arguments.run(arguments)) == (False, 3)


def test_the_operator_sees_when_each_connector_ran(facts_world: Any, tmp_path: Path) -> None:
    (tmp_path / "tax.filing-2.csv").write_text("no such column\n", "utf-8")
    follow.step(known(facts_world, tmp_path), NOW)
    answers = {}
    for who in ("operator", "firm", "bank"):
        client = Client()
        user = User.objects.get(username=facts_world.world.logins[f"{who}.maker"])
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answers[who] = client.get("/documents/connectors/", headers={"Accept-Language": "zh-CN"})
    assert {who: answer.status_code for who, answer in answers.items()} == {"operator": 200, "firm": 403, "bank": 403}
    html = answers["operator"].content.decode()
    assert "tax.filing-2.csv：" in html
    assert "下次取数" in html
