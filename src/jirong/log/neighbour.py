"""A witness on this very machine, for demonstrations: a process of its own with its own key and its own memory.

It shows what a witness does; being run by the operator it proves nothing against the operator, and says so in its
name. The log itself remembers which witness it asks, so a database that was made anew gets a new one, and one that
was restored from a copy finds a witness that remembers more than it does, and is refused, as it should be.
"""

from __future__ import annotations

import fcntl
import os
import socket
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from jirong.log import authority, cosigning
from jirong.log.models import Witness
from jirong.log.witness import book as books
from jirong.store.database import home
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id

NAME = "demo-bank.local/witness"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """The witness's folder, and the address the log asks it at."""

    folder: Path
    listen: str


def settle() -> Place | None:
    """The witness of this log on this machine, made and registered if the log has none at all.

    ``None`` where the log has witnesses, and none of them lives here: theirs are the cosignatures that count.
    """
    rows = {row.vkey: row.url for row in Witness.objects.all()}
    for folder in sorted(witnesses().glob("*/key")):
        url = rows.get(books.open_book(folder.parent).verifier.vkey)
        if url:
            return Place(folder.parent, urllib.parse.urlsplit(url).netloc)
    return None if rows else _make()


def witnesses() -> Path:
    """The folder of this machine's witnesses, each in one of its own."""
    return home() / "witnesses"


def alone(folder: Path) -> int:
    """Wait until no other process serves this witness; the open file that keeps others waiting."""
    descriptor = os.open(folder / "serving", os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.set_inheritable(descriptor, True)
    return descriptor


def _make() -> Place:
    id = new_id()
    book = books.open_book(witnesses() / f"{connection.settings_dict['NAME']}-{id.hex[-8:]}", NAME)
    books.add_log(book, authority.verifier().vkey)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        listen = f"{HOST}:{probe.getsockname()[1]}"
    cosigning.add_witness(actor=SYSTEM, id=id, vkey=book.verifier.vkey, url=f"http://{listen}")
    return Place(book.folder, listen)
