"""Databases made and thrown away: a fresh one for the owner to migrate, and quick copies of it.

Tests and examples start from a migrated database without migrating each time: ``CREATE DATABASE … TEMPLATE`` takes a
fraction of a second. Names are ours to choose; nothing here touches the database people work in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jirong.store.embedded.logins import Connections

Connection = psycopg.Connection[tuple[Any, ...]]


def owner(logins: Connections) -> Connection:
    """An autocommit connection of the owner, who may make databases."""
    return psycopg.connect(logins.owner, autocommit=True)


def at_database(logins: Connections, name: str) -> Connections:
    """The same log-ins to another database of the same server."""
    return Connections(
        owner=make_conninfo(logins.owner, dbname=name),
        app=make_conninfo(logins.app, dbname=name),
        read=make_conninfo(logins.read, dbname=name),
        admin=make_conninfo(logins.admin, dbname=name) if logins.admin else None,
    )


def chosen(logins: Connections) -> Connections:
    """The log-ins to the database that ``JIRONG_DATABASE`` names, or to the installation's own."""
    name = os.environ.get("JIRONG_DATABASE")
    return at_database(logins, name) if name else logins


def with_tables(logins: Connections) -> list[str]:
    """Names of the server's databases that hold an installation's tables and that the owner may open."""
    with owner(logins) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname LIKE 'jirong%'"
            " AND has_database_privilege(datname, 'CONNECT') ORDER BY datname"
        ).fetchall()
    return [name for (name,) in rows if has_tables(at_database(logins, name).owner)]


def has_tables(conninfo: str) -> bool:
    """Whether the database was ever migrated; false too where it is not there."""
    with suppress(psycopg.OperationalError), psycopg.connect(conninfo, autocommit=True) as connection:
        row = connection.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL").fetchone()
        return bool(row and row[0])
    return False


def exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def named_like(connection: Connection, prefix: str) -> list[str]:
    """Names of databases that begin with ``prefix``."""
    found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    return [name for (name,) in found.fetchall()]


def make(connection: Connection, name: str, *, template: str | None = None) -> None:
    """Make ``name``, empty or as a copy of ``template`` (to which nobody may be connected)."""
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    connection.execute(statement)


def rename(connection: Connection, name: str, to: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


def drop(connection: Connection, names: Iterable[str]) -> None:
    """Drop what is there and unused; one that somebody is connected to, or that is another's, stays."""
    for name in names:
        with suppress(psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def note(connection: Connection, name: str, text: str) -> None:
    """Write ``text`` on the database itself, for whoever comes next."""
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text))
    connection.execute(statement)


def noted(connection: Connection, name: str) -> str | None:
    """What :func:`note` wrote on ``name``."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return row[0] if row else None
