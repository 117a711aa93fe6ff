"""A party with a kept key and one of its own, an action to do, and witnesses to ask."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import authority
from jirong.log.actions import SuppliedSignature, action, concern, statement_bytes
from jirong.log.witness.book import Book, add_log, open_book
from jirong.log.witness.server import server
from jirong.parties import actions as parties
from jirong.store import embedded
from jirong.store.identity import SYSTEM, Actor
from jirong.store.ids import new_id
from jirong.trust import keys


@action("test.transfer", Text("试转让", "Transfer on trial"), public=False)
def transfer(*, actor: Actor, id: uuid.UUID, lot: str, amount: Money, to: uuid.UUID | None = None) -> dict[str, Any]:
    concern(to)
    return {"lot": lot, "state": "offered"}


@dataclass
class Firm:
    """A party that acts with the key the platform keeps, and can sign with one of its own."""

    actor: Actor
    private: bytes

    def transfer(self, lot: str = "1", *, own: bool = False, **more: Any) -> uuid.UUID:
        id = new_id()
        body = {"lot": lot, "amount": Money.parse("1000.00"), **more}
        signature = self.signature("test.transfer", id, **body) if own else None
        transfer(actor=self.actor, id=id, signature=signature, **body)
        return id

    def signature(self, code: str, id: uuid.UUID, **body: Any) -> SuppliedSignature:
        signed = statement_bytes(code, actor=self.actor, id=id, **body)
        return SuppliedSignature(
            keys.to_text(keys.sign(self.private, signed)), keys.key_id(keys.public_of(self.private))
        )

    def register_own_key(self) -> None:
        id = new_id()
        proof = keys.sign(self.private, f"jirong-key-registration:{self.actor.party}:{id}".encode())
        public = keys.to_text(keys.public_of(self.private))
        parties.register_key(actor=self.actor, id=id, public=public, proof=keys.to_text(proof))


def new_firm(name: str) -> Firm:
    id = new_id()
    parties.register_party(actor=SYSTEM, id=id, name=name, uscc=None, size="person", roles=["investor"])
    return Firm(Actor("party", id), hashlib.sha256(name.encode()).digest())


@pytest.fixture
def firm(db: None) -> Firm:
    return new_firm("甲")


@pytest.fixture
def committed_firm(transactional_db: None) -> Firm:
    """As ``firm``, where other connections see it."""
    return new_firm("甲")


@pytest.fixture
def as_owner(database_logins: embedded.Connections) -> Iterator[None]:
    """From here on Django is logged in as the database's owner, who can disable triggers."""
    owner = conninfo_to_dict(database_logins.owner)
    before = dict(connection.settings_dict)

    def log_in() -> None:
        connection.close()
        connection.settings_dict.update(USER=owner["user"], PASSWORD=owner["password"])

    log_in()
    yield
    connection.close()
    connection.settings_dict.update(before)


@dataclass
class Listening:
    """A witness that serves from a thread of this process."""

    book: Book
    url: str
    vkey: str


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[[str], Listening]]:
    """Start witnesses by name; each knows this installation's log."""
    running = []

    def start(name: str) -> Listening:
        book = open_book(tmp_path / name.replace("/", "_"), name)
        add_log(book, authority.verifier().vkey)
        serving = server(book, "127.0.0.1", 0)
        threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(serving)
        return Listening(book, f"http://127.0.0.1:{serving.server_address[1]}", book.verifier.vkey)

    yield start
    for serving in running:
        serving.shutdown()
        serving.server_close()


@pytest.fixture
def command() -> Callable[..., subprocess.Popen[str]]:
    """Start ``jirong …`` as a process of its own."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-c", "import sys; from jirong.cli import main; sys.exit(main())", *arguments]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture(scope="session")
def second_reader() -> ModuleType:
    """The independent reader of the trust tests (test folders are no packages)."""
    path = Path(__file__).parent.parent / "trust" / "second_reader.py"
    spec = importlib.util.spec_from_file_location("second_reader", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
