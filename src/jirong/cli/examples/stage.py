"""Where examples are played: a database copied from a migrated one, a world founded in it, a server before it.

Each example gets a database and a server of its own, so that none can lean on what another left behind. The server
is a plain one in a thread (starting the production server would take longer than most examples), but what a step
does is what any user's program does: a request over a socket, through the whole site.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from wsgiref import simple_server

from jirong.cli import upkeep
from jirong.cli.examples.client import Client
from jirong.cli.examples.document import Example
from jirong.cli.examples.play import Play, Played
from jirong.kernel.errors import Refusal
from jirong.store.embedded import Connections, copies

PREFIX = "jirong_example_"
STALE_SECONDS = 6 * 3600
HOST = "127.0.0.1"


@contextmanager
def template(logins: Connections) -> Iterator[str]:
    """A migrated database nobody is connected to; it and every copy of it are dropped afterwards, in the background."""
    name = f"{PREFIX}{int(time.time())}_{uuid.uuid4().hex[:8]}"
    with copies.owner(logins) as connection:
        _drop_stale(connection)
        copies.make(connection, name)
    try:
        upkeep.migrate(name)
        yield name
    finally:
        # Dropping waits for the disk; nobody else need wait for it. The process ends only after it.
        threading.Thread(target=_drop_all, args=(logins, name)).start()


def _drop_all(logins: Connections, prefix: str) -> None:
    with copies.owner(logins) as connection:
        copies.drop(connection, copies.named_like(connection, prefix))


def _drop_stale(connection: copies.Connection) -> None:
    """What killed runs left behind, by the time in its name."""
    for name in copies.named_like(connection, PREFIX):
        made = name.removeprefix(PREFIX).partition("_")[0]
        if made.isdigit() and int(made) < time.time() - STALE_SECONDS:
            copies.drop(connection, [name])


def play(example: Example, logins: Connections, from_template: str) -> Played:
    """Found the example's world in a copy, serve it, and play; a refusal on the way is how the example went."""
    name = f"{from_template}_{uuid.uuid4().hex[:8]}"
    started = time.monotonic()
    try:
        with copies.owner(logins) as connection:
            copies.make(connection, name, template=from_template)
        tokens, kept = found(example, name)
        with serving(name) as port:
            client = Client(HOST, port)
            try:
                return Play(example, client, tokens, kept).run()
            finally:
                client.close()
    except Refusal as refusal:
        return Played(example, [], time.monotonic() - started, f"{refusal.code}: {refusal.reason.en}")


def found(example: Example, database: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Found the example's world in ``database``; answers tokens by log-in and the names its steps may use."""
    from jirong.cli import world

    with upkeep.on_database(database):
        founded = world.found(example.name, example.plan)
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
    stop = threading.Event()

    def serve() -> None:
        with upkeep.on_database(database):
            server.serve_forever(poll_interval=0.02)

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
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()


class QuietHandler(simple_server.WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass
