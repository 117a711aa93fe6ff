"""Where examples are played: a database copied from a migrated one, a world founded in it, a server before it.

Each example gets a database and a server of its own, so that none can lean on what another left behind. The server
is a plain one in a thread (starting the production server would take longer than most examples), but what a step
does is what any user's program does: a request over a socket, through the whole site.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from wsgiref import simple_server

import psycopg

import jirong
from jirong.cli import upkeep
from jirong.cli.examples.client import Client
from jirong.cli.examples.document import Example
from jirong.cli.examples.play import Play, Played
from jirong.kernel.errors import Refusal
from jirong.store.embedded import Connections, copies

COPY = "jirong_example_"
TEMPLATE = "jirong_template_"
STALE_SECONDS = 6 * 3600
HOST = "127.0.0.1"
STOP_SECONDS = 0.02
"""How long an idle server takes to notice that it is to stop."""


@dataclass(frozen=True, slots=True)
class Stage:
    """``template``: a migrated, empty database that nobody is connected to; ``copies``: how names of copies begin."""

    logins: Connections
    template: str
    copies: str

    def play(self, example: Example) -> Played:
        """Play ``example`` in a copy of its own."""
        name = f"{self.copies}_{uuid.uuid4().hex[:8]}"
        with copies.owner(self.logins) as connection:
            copies.make(connection, name, template=self.template)
        return play_in(example, name, passwords=False)


@contextmanager
def opened(logins: Connections) -> Iterator[Stage]:
    """A stage whose template is kept for the next run and whose copies a process of its own drops at the end."""
    with copies.owner(logins) as connection:
        stage = Stage(logins, _template(connection), f"{COPY}{int(time.time())}_{uuid.uuid4().hex[:8]}")
    try:
        yield stage
    finally:
        # Dropping waits for the disk, a second a database; nobody need wait for it, not even whoever ends this process.
        command = [sys.executable, "-m", "jirong.cli", "demo", "--tidy", stage.copies]
        silent = subprocess.DEVNULL  # a pipe of ours that it held open would keep its reader waiting
        subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent, start_new_session=True)


def _template(connection: copies.Connection) -> str:
    """The template these sources migrate to: its name holds their hash, so another source makes another one."""
    name = f"{TEMPLATE}{schema_hash()}"
    connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
    if not copies.exists(connection, name):
        copies.drop(connection, copies.named_like(connection, TEMPLATE))
        copies.make(connection, f"{name}_making")
        upkeep.migrate(f"{name}_making")
        copies.rename(connection, f"{name}_making", name)
    return name


def schema_hash() -> str:
    """What tables depend on: our migrations, the helpers and SQL they use, and the versions of others' tables."""
    digest = hashlib.sha256()
    root = Path(jirong.__file__).parent
    sources = {*root.rglob("migrations/*.py"), *root.rglob("*.sql"), *root.glob("store/*.py")}
    for path in sorted(sources):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    for package in ("Django", "django-allauth", "procrastinate"):
        digest.update(importlib.metadata.version(package).encode())
    return digest.hexdigest()[:12]


def tidy(logins: Connections, begin: str) -> None:
    """Drop one run's copies (their names ``begin`` so), and what killed runs left behind (by the time in its name)."""
    with suppress(psycopg.OperationalError), copies.owner(logins) as connection:
        for name in copies.named_like(connection, COPY):
            made = name.removeprefix(COPY).partition("_")[0]
            if name.startswith(begin) or (made.isdigit() and int(made) < time.time() - STALE_SECONDS):
                copies.drop(connection, [name])


def play_in(example: Example, database: str, *, passwords: bool = True) -> Played:
    """Found the example's world in ``database``, serve it, and play; a refusal on the way is how the example went."""
    started = time.monotonic()
    try:
        tokens, kept = found(example, database, passwords=passwords)
        with serving(database) as port, closing(Client(HOST, port)) as client:
            played = Play(example, client, tokens, kept).run()
        return replace(played, failure=played.failure or out_of_order(database))
    except Refusal as refusal:
        failure = f"{refusal.code}: {refusal.reason.en}"
    except (OSError, HTTPException) as error:
        failure = f"the site did not answer: {type(error).__name__} {error}"
    return Played(example, [], time.monotonic() - started, failure)


def out_of_order(database: str) -> str | None:
    """What is wrong with the books the example left behind, claims against accounts included."""
    from jirong.ledger import check

    with upkeep.on_database(database):
        wrong = check.check()
    return "; ".join(f"{finding.rule}: {finding.row} {finding.wrong}" for finding in wrong[:3]) or None


def found(example: Example, database: str, *, passwords: bool = True) -> tuple[dict[str, str], dict[str, Any]]:
    """Found the example's world in ``database``; answers tokens by log-in and the names its steps may use."""
    from jirong.cli import world

    with upkeep.on_database(database):
        founded = world.found(example.name, example.plan, passwords=passwords)
    kinds: dict[str, Mapping[str, object]] = {
        "party": founded.parties, "account": founded.accounts, "cluster": founded.clusters, "uscc": founded.codes,
    }  # fmt: skip
    kept = {f"{kind}:{key}": str(value) for kind, named in kinds.items() for key, value in named.items()}
    return founded.tokens, kept


@contextmanager
def serving(database: str) -> Iterator[int]:
    """The site before ``database``, and its sequencer, for as long as the block lasts; answers the port."""
    from jirong.log import sequencer
    from jirong.site.wsgi import application

    server = simple_server.make_server(HOST, 0, application, handler_class=QuietHandler)
    server.timeout = STOP_SECONDS
    stop = threading.Event()

    def serve() -> None:
        with upkeep.on_database(database):
            while not stop.is_set():
                server.handle_request()

    def sequence() -> None:
        with upkeep.on_database(database):
            sequencer.follow(stop, lambda line: None, interval=0.1)

    threads = [threading.Thread(target=target, daemon=True) for target in (serve, sequence)]
    for thread in threads:
        thread.start()
    try:
        yield server.server_port
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        server.server_close()


class QuietHandler(simple_server.WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass
