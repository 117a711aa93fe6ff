"""Examples: read with care, played as written, shown so that a difference leaps to the eye."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jirong.cli.examples import document, table
from jirong.cli.examples.client import Answer, Sent, as_form, find
from jirong.cli.examples.play import Play
from jirong.kernel.errors import Invalid

SMALL = """
example: small
title: {zh: 小例, en: A small one}
source: nowhere
business_date: 2026-01-08
parties: {core: {name: 核心, size: large, roles: [core]}}
steps:
  - as: core.maker
    do: note.issue
    id: issue
    with: {payee: "${party:seller}", due: 2026-07-07, lots: ["${id:lot}"]}
    approved_by: core.checker
    keep: {note: outcome.note}
  - {as: core.maker, post: /api/facts/import, form: {kind: order}, file: {file: orders.csv}}
  - {as: core.maker, do: note.void, with: {note: "${note}"}, refused: note.settled}
expect:
  - {figure: {zh: 金额, en: sum}, as: core.maker, get: "/api/notes/${note}", find: "lots[state=held].sum", is: "1.00"}
  - {figure: {zh: 份数, en: lots}, as: core.maker, get: "/api/notes/${note}", find: "lots.#", is: 2}
  - {figure: {zh: 有同意, en: consent}, as: core.maker, get: "/api/notes/${note}", find: consent, is: true}
"""

NOTE = {"lots": [{"state": "held", "sum": "1.00"}, {"state": "settled", "sum": "2.00"}], "consent": True}


@dataclass
class Server:
    """Answers as the API would, and remembers what it was asked."""

    note: dict[str, Any] = field(default_factory=lambda: NOTE)
    void: Answer = field(default_factory=lambda: Answer(409, {"code": "note.settled", "detail": "settled"}))
    calls: list[tuple[str, str, str, Sent | None]] = field(default_factory=list)

    def call(self, method: str, path: str, token: str, sent: Sent | None = None) -> Answer:
        self.calls.append((method, path, token, sent))
        if path.endswith("/note.issue"):
            return Answer(202, {"proposal": "p1"})
        if path.endswith("/approve"):
            return Answer(200, {"outcome": {"note": "n1"}})
        if path.endswith("/note.void"):
            return self.void
        return Answer(200, self.note)


def example(folder: Path, text: str = SMALL) -> document.Example:
    (folder / "orders.csv").write_text("单号\n1\n", encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return document.read(path)


def play(folder: Path, server: Server, text: str = SMALL) -> Any:
    tokens = {"core.maker": "t-maker", "core.checker": "t-checker"}
    return Play(example(folder, text), server, tokens, {"party:seller": "s1"}).run()


def test_steps_go_out_as_written(tmp_path: Path) -> None:
    server = Server()
    played = play(tmp_path, server)
    assert played.good, played
    read = example(tmp_path)
    assert [(method, path, token) for method, path, token, _ in server.calls] == [
        ("post", "/api/actions/note.issue", "t-maker"),
        ("post", "/api/proposals/p1/approve", "t-checker"),
        ("post", "/api/facts/import", "t-maker"),
        ("post", "/api/actions/note.void", "t-maker"),
        *[("get", "/api/notes/n1", "t-maker")] * 3,
    ]
    issued = server.calls[0][3]
    assert issued is not None
    assert issued.id == read.id_of("id:issue")
    assert json.loads(issued.body) == {
        "id": str(read.id_of("id:issue")), "payee": "s1", "due": "2026-07-07", "lots": [str(read.id_of("id:lot"))],
    }  # fmt: skip
    uploaded = server.calls[2][3]
    assert uploaded is not None
    assert "单号".encode() in uploaded.body
    assert b'name="kind"' in uploaded.body
    assert len({call[3].id for call in server.calls if call[3] and not call[1].endswith("/approve")}) == 3


def test_a_figure_that_differs_fails_the_example_and_shows_both(tmp_path: Path) -> None:
    note = {**NOTE, "lots": [{"state": "held", "sum": "0.99"}, {"state": "settled", "sum": "2.00"}]}
    played = play(tmp_path, Server(note=note))
    assert not played.good
    assert [(figure.found, figure.good) for figure in played.figures] == [("0.99", False), ("2", True), ("true", True)]
    shown = table.show([played], "zh")
    assert "✗ small  金额" in shown
    assert "1.00  0.99" in shown.replace("    ", "  ").replace("   ", "  ")


@pytest.mark.parametrize(
    ("void", "why"),
    [
        (Answer(200, {}), "expected to be refused with note.settled, was 200"),
        (Answer(409, {"code": "note.other", "detail": "no"}), "was 409 note.other no"),
    ],
)
def test_a_refusal_must_be_the_one_expected(tmp_path: Path, void: Answer, why: str) -> None:
    played = play(tmp_path, Server(void=void))
    assert played.failure is not None
    assert why in played.failure
    assert not played.good
    assert "✗ small" in table.show([played], "en")


def test_a_figure_that_is_not_there_is_told(tmp_path: Path) -> None:
    played = play(tmp_path, Server(note={"lots": []}))
    assert [figure.found for figure in played.figures] == ["?? 0 items with state=held", "0", "?? 'consent'"]


def test_an_example_without_figures_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="expect"):
        example(tmp_path, SMALL[: SMALL.index("expect:")] + "expect: []\n")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('is: "1.00"', "is: 1.00", "example.float"),
        ("do: note.issue", "does: note.issue", "example.unreadable"),
        ("refused: note.settled", "refuzed: note.settled", "example.unreadable"),
        ("source: nowhere", "", "example.unreadable"),
        ("title: {zh: 小例, en: A small one}", "title: {zh: 小例}", "example.unreadable"),
    ],
)
def test_a_careless_file_is_refused_with_its_name(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in SMALL
    with pytest.raises(Invalid) as refused:
        example(tmp_path, SMALL.replace(old, new, 1))
    assert refused.value.code == code
    assert refused.value.where == "small.yaml"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.0.b", 1),
        ("0.b", LookupError),
        ("a.[k=x.y].b", 2),
        ("a[k=x.y].b", 2),
        ("a[k=z].b", LookupError),
        ("a[k=true].b", 3),
        ("a.#", 3),
        ("a.7.b", LookupError),
        ("c.d", LookupError),
    ],
)
def test_paths(path: str, expected: object) -> None:
    answer = {"a": [{"b": 1}, {"k": "x.y", "b": 2}, {"k": True, "b": 3}], "c": "text"}
    if expected is LookupError:
        with pytest.raises(LookupError):
            find(answer, path)
    else:
        assert find(answer, path) == expected


def test_the_table_lines_up_under_chinese(tmp_path: Path) -> None:
    played = play(tmp_path, Server())
    lines = table.show([played], "zh").splitlines()
    assert len(lines) == 4
    starts = {
        table.width(line[: line.index(mark)]) for line, mark in zip(lines[1:], ("金额", "份数", "有同意"), strict=True)
    }
    assert starts == {table.width(lines[0][: lines[0].index("项目")])}


def test_a_form_carries_files_whole(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    sent = as_form(example(tmp_path).id_of("id:x"), {"kind": "甲"}, {"file": tmp_path / "x.bin"})
    assert bytes(range(256)) in sent.body
    assert sent.kind.partition("boundary=")[2].encode() in sent.body


def test_every_example_of_the_house_can_be_read() -> None:
    folder = Path(__file__).resolve().parents[2] / "examples"
    names = [document.read(path).name for path in document.find_all(folder)]
    assert names == [path.stem for path in document.find_all(folder)]
    assert names
