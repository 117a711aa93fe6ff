"""The three roles and the database, made by whoever has the right; running it again changes nothing.

Passwords leave this process only as SCRAM verifiers, so no server log can hold one. What each role may do with
tables is granted by the first migration, because only the owner of tables can grant them.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from jirong.store.embedded.logins import ROLES, Role, role_name

Connection = psycopg.Connection[tuple[Any, ...]]

ATTRIBUTES: dict[Role, str] = {
    "owner": "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS CREATEDB",
    "app": "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB",
    "read": "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB",
}
"""``owner`` may create databases because tests and restores make their own."""

SESSION: dict[Role, tuple[str, ...]] = {
    "owner": (),
    "app": ("idle_in_transaction_session_timeout = '60s'",),
    "read": ("default_transaction_read_only = on", "statement_timeout = '60s'"),
}


def exists(connection: Connection, role: Role) -> bool:
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role_name(role)]).fetchone()
    return found is not None


def make_roles(connection: Connection, passwords: dict[str, str]) -> None:
    """Make the roles that are missing and set every password; ``connection`` is an autocommit superuser's."""
    for role in ROLES:
        if not exists(connection, role):
            make_role(connection, role)
        set_password(connection, role, passwords[role])


def make_role(connection: Connection, role: Role) -> None:
    name = sql.Identifier(role_name(role))
    connection.execute(sql.SQL("CREATE ROLE {} " + ATTRIBUTES[role]).format(name))
    for setting in SESSION[role]:
        connection.execute(sql.SQL("ALTER ROLE {} SET " + setting).format(name))


def set_password(connection: Connection, role: Role, password: str) -> None:
    name = role_name(role)
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier))
    connection.execute(statement)


def make_database(connection: Connection, database: str) -> None:
    """Make ``database`` in the owner's hands unless it is there, and close it to everybody but our roles."""
    name = sql.Identifier(database)
    owner, app, read = (sql.Identifier(role_name(role)) for role in ROLES)
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    else:
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, read))
