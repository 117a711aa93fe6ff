"""Connectors against a folder and a local server: order, resumption, refusals, and what a source may get wrong."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jirong.facts.connectors import FolderConnector, HttpConnector
from jirong.facts.connectors.base import make
from jirong.facts.connectors.pull import cursors_of, pull
from jirong.facts.models import Batch, Fact, Pull
from jirong.kernel.errors import Invalid
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
