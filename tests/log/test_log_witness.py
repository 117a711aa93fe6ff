"""The witness: what it cosigns, what it refuses with which status, and what it remembers."""

from __future__ import annotations

import hashlib
import signal
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jirong.kernel.errors import Invalid
from jirong.log.witness.book import Answer, Book, add_log, open_book
from jirong.log.witness.server import BODY_BYTES_MAX, server
from jirong.trust import checkpoint, keys, merkle, notes

ORIGIN = "log.example/one"
LOG = hashlib.sha256(b"log").digest()
NOW = 1_772_400_000


def hashes_of(size: int, *, history: str = "true") -> list[bytes]:
    return [merkle.leaf_hash(f"{history}{i}".encode()) for i in range(size)]


def request(old: int, size: int, *, history: str = "true", private: bytes = LOG, origin: str = ORIGIN) -> bytes:
    node = merkle.over(hashes_of(size, history=history))
    proof = merkle.consistency_proof(node, old, size) if old <= size else []
    note = checkpoint.sign(checkpoint.Checkpoint(origin, size, merkle.root(node, size)), private)
    return "\n".join([f"old {old}", *map(keys.to_text, proof), "", note.encode()]).encode()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = open_book(tmp_path / "witness", "bank.example/w1")
    add_log(made, notes.verifier_of(ORIGIN, LOG).vkey)
    return made


def cosigned(answer: Answer, book: Book, size: int) -> bool:
    """Whether the answer is the witness's line under the log's head of ``size``."""
    head = checkpoint.Checkpoint(ORIGIN, size, merkle.root(merkle.over(hashes_of(size)), size))
    (line,) = notes.parse_signatures(answer.body)
    return answer.status == 200 and checkpoint.cosigned_at(notes.Note(head.text, (line,)), book.verifier) == NOW


def test_it_cosigns_a_history_that_grows(book: Book, second_reader: Any) -> None:
    for old, size in ((0, 1), (1, 3), (3, 3), (3, 300)):
        assert cosigned(book.add_checkpoint(request(old, size), NOW), book, size)
    kept = book.last_checkpoint(hashlib.sha256(ORIGIN.encode()).hexdigest())
    assert kept.status == 200
    assert checkpoint.parse(notes.parse(kept.body).text).size == 300
    assert second_reader.signed(kept.body, book.verifier.vkey)
    assert second_reader.signed(kept.body, notes.verifier_of(ORIGIN, LOG).vkey)


def test_it_remembers_over_a_restart(book: Book) -> None:
    book.add_checkpoint(request(0, 5), NOW)
    again = Book(book.folder)
    assert again.verifier == book.verifier
    assert again.add_checkpoint(request(0, 6), NOW) == Answer(409, "5\n", "text/x.tlog.size")
    assert cosigned(again.add_checkpoint(request(5, 6), NOW), again, 6)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (request(3, 7), 409),  # it saw 5
        (request(0, 7), 409),
        (request(5, 7, history="other"), 422),  # another history
        (request(5, 5, history="other"), 422),  # another root for the same size
        (request(5, 7).replace(b"old 5\n", b"old 5\n" + keys.to_text(bytes(32)).encode() + b"\n"), 422),
        (request(5, 7, private=bytes(32)), 403),  # not the log's key
        (request(5, 7).replace(b"\n7\n", b"\n8\n"), 403),  # the signature is for 7
        (request(5, 7, origin="log.example/two"), 404),
        (request(9, 7), 400),
        (b"old 5\n\nno checkpoint\n", 400),
        (b"old 05\n\n" + request(5, 7).split(b"\n\n", 1)[1], 400),
        (request(5, 7).replace(b"old 5\n", b"old 5\nAAAA\n"), 400),
        (request(5, 7).replace(b"old 5\n", b"old 5\n" + (keys.to_text(bytes(32)) + "\n").encode() * 64), 400),
        (b"\xff", 400),
        (b"", 400),
    ],
)
def test_it_refuses_by_the_protocols_statuses_and_forgets_nothing(book: Book, body: bytes, status: int) -> None:
    book.add_checkpoint(request(0, 5), NOW)
    before = {path.name: path.read_bytes() for path in book.folder.iterdir()}
    assert book.add_checkpoint(body, NOW).status == status
    assert {path.name: path.read_bytes() for path in book.folder.iterdir()} == before


def test_a_false_line_of_the_logs_key_is_refused_even_beside_a_true_one(book: Book) -> None:
    body = request(0, 5)
    line = body.split(b"\n")[-2]
    false = body[: -len(line) - 1] + line[:-8] + b"AAAAAAA=\n"
    assert book.add_checkpoint(body + false.split(b"\n")[-2] + b"\n", NOW).status == 403


def test_an_empty_tree_has_one_root(book: Book) -> None:
    false = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 0, bytes(32)), LOG)
    assert book.add_checkpoint(b"old 0\n\n" + false.encode().encode(), NOW).status == 422
    assert cosigned(book.add_checkpoint(request(0, 0), NOW), book, 0)


def test_of_many_at_once_each_is_answered_from_one_history(book: Book) -> None:
    bodies = [request(0, size) for size in range(1, 9)]
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda b=body: answers.append(book.add_checkpoint(b, NOW))) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


def test_nothing_cosigned_is_nothing_to_show(book: Book) -> None:
    assert book.last_checkpoint(hashlib.sha256(ORIGIN.encode()).hexdigest()).status == 404
    for name in ("", "../key", "key", "A" * 64):
        assert book.last_checkpoint(name).status == 404


def test_a_witness_is_made_once_and_its_key_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with pytest.raises(Invalid) as refusal:
        open_book(folder)
    assert refusal.value.code == "witness.unnamed"
    with pytest.raises(Invalid):
        open_book(folder, "two words")
    assert not folder.exists()
    first = open_book(folder, "gov.example")
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert open_book(folder, "renamed.example").verifier == first.verifier
    with pytest.raises(Invalid):
        add_log(first, first.verifier.vkey)


def test_it_speaks_http(book: Book) -> None:
    with server(book, "127.0.0.1", 0) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            base = f"http://127.0.0.1:{serving.server_address[1]}"
            assert post(f"{base}/add-checkpoint", request(0, 3))[0] == 200
            status, kind, body = post(f"{base}/add-checkpoint", request(0, 4))
            assert (status, kind, body) == (409, "text/x.tlog.size", "3\n")
            assert post(f"{base}/other", b"")[0] == 404
            assert post(f"{base}/add-checkpoint", bytes(BODY_BYTES_MAX + 1))[0] == 400
            origin = hashlib.sha256(ORIGIN.encode()).hexdigest()
            assert get(f"{base}/{origin}/checkpoint")[0] == 200
            assert get(f"{base}/{'0' * 64}/checkpoint")[0] == 404
            assert get(f"{base}/key")[0] == 404
        finally:
            serving.shutdown()
            thread.join()


def test_it_runs_as_a_process_without_a_database(tmp_path: Path, command: Callable[..., Any]) -> None:
    vkey = notes.verifier_of(ORIGIN, LOG).vkey
    folder = str(tmp_path / "w")
    process = command("witness", "--dir", folder, "--name", "bank.example", "--log", vkey, "--listen", "127.0.0.1:0")
    with process:
        own, base = process.stdout.readline().strip(), process.stdout.readline().strip()
        status, _, line = post(f"{base}/add-checkpoint", request(0, 3))
        process.send_signal(signal.SIGTERM)
        assert (process.wait(), process.stderr.read()) == (0, "")
    assert status == 200
    assert notes.parse_signatures(line)[0].name == "bank.example"
    assert Book(tmp_path / "w").verifier.vkey == own


def post(url: str, body: bytes) -> tuple[int, str, str]:
    return answered(urllib.request.Request(url, body, method="POST"))


def get(url: str) -> tuple[int, str, str]:
    return answered(urllib.request.Request(url))


def answered(asked: urllib.request.Request) -> tuple[int, str, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=10) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()
