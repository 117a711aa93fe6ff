"""Where examples are played: a database copied from a migrated one, a world founded in it, a server before it.

The stage holds the migrated template for as long as a run lasts. Each example gets a copy and a server of its own,
so that none can lean on what another left behind; as many play at once as the machine has cores.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from jirong.cli import serve
from jirong.cli.examples.client import Client
from jirong.cli.examples.document import Example
from jirong.cli.examples.play import Play, Played
from jirong.kernel.errors import Refusal
from jirong.store.embedded import Connections, copies

PREFIX = "jirong_example_"
STALE_SECONDS = 6 * 3600


@contextmanager
def template(logins: Connections) -> Iterator[str]:
    """A migrated database nobody is connected to, dropped afterwards with every copy of it."""
    name = f"{PREFIX}{int(time.time())}_{uuid.uuid4().hex[:8]}"
    with copies.owner(logins) as connection:
        _drop_stale(connection)
        copies.make(connection, name)
    try:
        serve.manage(["migrate", "--verbosity=0"], {"JIRONG_DATABASE": name})
        yield name
    finally:
        with copies.owner(logins) as connection:
            copies.drop(connection, copies.named_like(connection, name))


def _drop_stale(connection: copies.Connection) -> None:
    """What killed runs left behind, by the time in its name."""
    for name in copies.named_like(connection, PREFIX):
        made = name.removeprefix(PREFIX).partition("_")[0]
        if made.isdigit() and int(made) < time.time() - STALE_SECONDS:
            copies.drop(connection, [name])


def play_all(
    examples: list[Example], logins: Connections, from_template: str, told: Callable[[Played], None]
) -> list[Played]:
    """Play every example, telling each as it ends; answers them in the order given."""
    with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
        running = [
            pool.submit(_play, example, logins, from_template, number) for number, example in enumerate(examples)
        ]
        for one in running:
            told(one.result())
        return [one.result() for one in running]


def _play(example: Example, logins: Connections, from_template: str, number: int) -> Played:
    """Found the example's world in a copy, serve it, and play; a refusal on the way is how the example went."""
    name = f"{from_template}_{number}"
    started = time.monotonic()
    try:
        with copies.owner(logins) as connection:
            copies.make(connection, name, template=from_template)
        tokens, kept = found(example, name)
        port = serve.free_port()
        with serve.site(serve.HOST, port, environment={"JIRONG_DATABASE": name}) as supervisor:
            serve.wait_until_answering(supervisor, serve.HOST, port)
            return Play(example, Client(serve.HOST, port), tokens, kept).run()
    except Refusal as refusal:
        return Played(example, [], time.monotonic() - started, f"{refusal.code}: {refusal.reason.en}")


def found(example: Example, database: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Found the example's world in ``database``; answers tokens by log-in and the names its steps may use."""
    from jirong.cli import world

    with on_database(database):
        founded = world.found(example.name, example.plan)
    kinds: dict[str, Mapping[str, object]] = {
        "party": founded.parties, "account": founded.accounts, "cluster": founded.clusters, "uscc": founded.codes,
    }  # fmt: skip
    kept = {f"{kind}:{key}": str(value) for kind, named in kinds.items() for key, value in named.items()}
    return founded.tokens, kept


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Let this thread's Django work on ``name`` inside the block; connections belong to threads."""
    from django.db import connection

    connection.close()
    before = connection.settings_dict
    connection.settings_dict = {**before, "NAME": name}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
