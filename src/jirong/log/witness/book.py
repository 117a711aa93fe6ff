"""What a witness remembers and how it decides: one folder with its key, the logs it knows and their last heads.

The folder holds ``key`` (name and private key, readable by its owner only), ``logs`` (a verifier key a line) and, for
each log, ``<SHA-256 of its origin>.checkpoint``: the last head it cosigned. A head is on the disk before its
cosignature is answered, and comparing and replacing it is one step, so no answer can roll another back.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.trust import checkpoint, keys, merkle, notes

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status with its body; the statuses are those C2SP tlog-witness prescribes."""

    status: int
    body: str
    type: str = TEXT_TYPE


class Book:
    """A witness's folder. Safe for several threads and several processes."""

    def __init__(self, folder: Path) -> None:
        name, private = (folder / "key").read_text(encoding="utf-8").split("\n")[:2]
        self.folder = folder
        self.name = name
        self.private = keys.from_text(private) or b""
        self.logs = [notes.Verifier.parse(line) for line in _lines(folder / "logs")]
        self._lock = threading.Lock()

    @property
    def verifier(self) -> notes.Verifier:
        return notes.verifier_of(self.name, self.private, notes.COSIGNATURE)

    def add_checkpoint(self, body: bytes, now: int) -> Answer:
        """Decide on a request ``old <size>``, proof lines, an empty line and a signed checkpoint, at POSIX ``now``."""
        try:
            old, proof, note = _request(body)
            head = checkpoint.parse(note.text)
        except Refusal as error:
            return Answer(400, error.reason.en + "\n")
        known = [log for log in self.logs if log.name == head.origin]
        if not known:
            return Answer(404, "this witness does not know the log\n")
        if not _signed(note, known):
            return Answer(403, "the checkpoint is not signed by the log's key\n")
        if old > head.size:
            return Answer(400, "the old size is beyond the checkpoint\n")
        with self._alone():
            return self._decide(old, proof, note, head, now)

    def last_checkpoint(self, origin_hash: str) -> Answer:
        """The last head cosigned of the log whose origin has this SHA-256 (lower-case hexadecimal)."""
        if not re.fullmatch(r"[0-9a-f]{64}", origin_hash):
            return Answer(404, "no such log\n")
        path = self.folder / f"{origin_hash}.checkpoint"
        return Answer(200, path.read_text(encoding="utf-8")) if path.exists() else Answer(404, "nothing cosigned yet\n")

    def _decide(self, old: int, proof: list[bytes], note: notes.Note, head: checkpoint.Checkpoint, now: int) -> Answer:
        last = self._last(head.origin)
        if old != last.size:
            return Answer(409, f"{last.size}\n", SIZE_TYPE)
        if head.size == 0 and head.root != merkle.EMPTY_ROOT:
            return Answer(422, "an empty tree has another root\n")
        if not merkle.extends(last.size, head.size, last.root, head.root, proof):
            return Answer(422, "the proof does not show that this tree extends the last one\n")
        line = checkpoint.cosign(note.text, self.name, self.private, now)
        self._remember(head.origin, note.with_signatures([line]))
        return Answer(200, line.line)

    def _last(self, origin: str) -> checkpoint.Checkpoint:
        path = self._path(origin)
        if not path.exists():
            return checkpoint.Checkpoint(origin, 0, merkle.EMPTY_ROOT)
        return checkpoint.parse(notes.parse(path.read_text(encoding="utf-8")).text)

    def _remember(self, origin: str, note: notes.Note) -> None:
        path = self._path(origin)
        making = path.with_suffix(".making")
        with making.open("w", encoding="utf-8") as file:
            file.write(note.encode())
            file.flush()
            os.fsync(file.fileno())
        making.replace(path)
        _sync_folder(self.folder)

    def _path(self, origin: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.checkpoint"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def open_book(folder: Path, name: str | None = None) -> Book:
    """The witness in ``folder``, made with a new key under ``name`` if there is none yet."""
    if not (folder / "key").exists():
        if not name:
            raise Invalid(
                "witness.unnamed",
                Text(f"{folder} 中还没有见证人", f"There is no witness in {folder} yet"),
                remedy=Text("首次请用 --name 指定名称", "Give it a name with --name the first time"),
            )
        _make(folder, name)
    return Book(folder)


def add_log(book: Book, vkey: str) -> None:
    """Let ``book`` cosign the log with this verifier key from now on; known ones stay as they are."""
    verifier = notes.Verifier.parse(vkey)
    if verifier.type != notes.ED25519:
        raise Invalid("witness.not_a_log", Text("这不是日志公钥", "This is not a log's verifier key"), where="vkey")
    if verifier not in book.logs:
        with (book.folder / "logs").open("a", encoding="utf-8") as file:
            file.write(vkey + "\n")
        book.logs.append(verifier)


def _make(folder: Path, name: str) -> None:
    private = keys.generate()
    notes.verifier_of(name, private, notes.COSIGNATURE)  # refuses a name that signed notes cannot carry
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{name}\n{keys.to_text(private)}\n")


def _request(body: bytes) -> tuple[int, list[bytes], notes.Note]:
    try:
        top, _, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise _malformed() from None
    first, *rows = top.split("\n")
    match = re.fullmatch(r"old (0|[1-9]\d{0,18})", first, re.ASCII)
    proof = [keys.from_text(row) for row in rows]
    if not match or len(rows) > merkle.PROOF_MAX:
        raise _malformed()
    hashes = [hash for hash in proof if hash is not None and len(hash) == merkle.HASH_SIZE]
    if len(hashes) != len(proof):
        raise _malformed()
    return int(match[1]), hashes, notes.parse(note)


def _signed(note: notes.Note, known: list[notes.Verifier]) -> bool:
    """Signed by one of the log's keys, and no line of any of them false."""
    claimed = [log for log in known if any(log.made(line) for line in note.signatures)]
    return bool(claimed) and all(notes.signed_by(note, log) for log in claimed)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _malformed() -> Invalid:
    return Invalid("witness.malformed", Text("请求格式有误", "The request is malformed"))
