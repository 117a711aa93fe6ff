"""From nothing to a database that answers: the one door for programs.

``ensure_running`` first simply tries to log in, which costs a few milliseconds when all is well; only then does it
take the lock and make, start and furnish the server. ``known_connections`` answers from the files alone, so that
reading the settings starts nothing.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store.embedded import cluster, external, passwords, roles
from jirong.store.embedded.logins import ADMIN, DATABASE, ROLES, Connections, role_name
from jirong.store.embedded.places import Places, places, prepare

CONNECT_SECONDS_MAX = 5
START = "JIRONG_START_DATABASE"
"""``no`` in the environment: use a server that runs, start none. For processes beside the site, which would otherwise
bring back a database that somebody stopped."""


def ensure_running() -> Connections:
    """Start (or prepare) the database if need be and answer how to log in; refuses with the remedy if it cannot."""
    url = os.environ.get("DATABASE_URL")
    if url:
        return external.ensure_prepared(url)
    at = places()
    known = _known(at)
    if known is not None and _answers(known):
        return known
    if os.environ.get(START) == "no":
        raise _stopped()
    prepare(at)
    with cluster.locked(at):
        return _start(at)


def _stopped() -> Refusal:
    return Refusal(
        "database.stopped",
        Text("数据库没有运行", "the database is not running"),
        remedy=Text("请先 jirong db start", "run jirong db start first"),
    )


def revive() -> bool:
    """Start the embedded server again if it died; True if it had. One that was stopped properly is left alone.

    A server that stops takes its ``postmaster.pid`` with it; one that was killed leaves it behind.
    """
    if os.environ.get("DATABASE_URL"):
        return False
    at = places()
    if cluster.is_running(at) or not (at.data / "postmaster.pid").exists():
        return False
    ensure_running()
    return True


def known_connections() -> Connections | None:
    """How to log in as far as the files know, starting nothing; None before the first start."""
    url = os.environ.get("DATABASE_URL")
    return external.known_connections(url) if url else _known(places())


def _known(at: Places) -> Connections | None:
    try:
        secrets = passwords.load(at.passwords)
    except PermissionError:
        return None
    return connections(at, secrets) if set(secrets) >= {ADMIN, *ROLES} else None


def connections(at: Places, secrets: dict[str, str], database: str = DATABASE) -> Connections:
    """Connection strings over the socket; ``secrets`` holds a password for ``owner``, ``app``, ``read`` and ADMIN."""
    strings = {
        name: make_conninfo(
            host=str(at.socket), port=5432, dbname=database, user=user, password=secrets[name],
            connect_timeout=CONNECT_SECONDS_MAX,
        )
        for name, user in [(ADMIN, ADMIN), *((role, role_name(role)) for role in ROLES)]
    }  # fmt: skip
    return Connections(strings["owner"], strings["app"], strings["read"], strings[ADMIN])


def _answers(known: Connections) -> bool:
    """The database is there and every role may log in."""
    try:
        for role in ROLES:
            psycopg.connect(known.of(role)).close()
    except psycopg.OperationalError:
        return False
    return True


def _start(at: Places) -> Connections:
    if (at.data / "PG_VERSION").exists() and not at.passwords.exists():
        raise _passwords_lost(at)
    secrets = passwords.load_or_make(at.passwords, [ADMIN, *ROLES])
    cluster.make(at, secrets[ADMIN])
    cluster.start(at)
    known = connections(at, secrets)
    if not _answers(known):
        with admin(at, secrets) as connection:
            roles.make_roles(connection, secrets)
            roles.make_database(connection, DATABASE)
    return known


def admin(at: Places, secrets: dict[str, str], database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection of the embedded server's superuser."""
    return psycopg.connect(str(connections(at, secrets, database).admin), autocommit=True)


def _passwords_lost(at: Places) -> Refusal:
    return Refusal(
        "database.passwords_lost",
        Text(
            f"数据还在，但口令文件 {at.passwords} 不见了",
            f"the data is there but its passwords {at.passwords} are gone",
        ),
        remedy=Text(
            "请从备份取回口令文件；或移走数据文件夹后 jirong db restore",
            "bring the file back from a copy; or move the data folder away and run jirong db restore",
        ),
    )
