"""A stock PostgreSQL (15 or later) named by ``DATABASE_URL``: the same three roles where the log-in's rights allow.

A log-in that may create roles makes ``jirong_owner``, ``jirong_app`` and ``jirong_read`` there. Their passwords are
derived from the log-in's own (HMAC-SHA-256), so every installation with the same ``DATABASE_URL`` agrees on them
and nothing needs storing. Who made the roles otherwise names them: ``DATABASE_URL`` for the application,
``DATABASE_OWNER_URL`` for migrations and ``DATABASE_READ_URL`` for reading are then used as given. A log-in without
rights plays all three roles itself; row-level security is forced on the owner too, so it still holds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store.embedded import roles
from jirong.store.embedded.logins import DATABASE, ROLES, Connections, Role, role_name
from jirong.store.embedded.places import home

VERSION_MIN = 150000


def ensure_prepared(url: str) -> Connections:
    """Make what is missing on the server of ``url`` and answer how to log in."""
    given = _parts(url)
    known = known_connections(url)
    if known is not None and _answers(known.app):
        return known
    with _connect({**given, "dbname": _maintenance_database(given)}) as connection:
        _check_version(connection)
        made = "DATABASE_OWNER_URL" not in os.environ and _may_make_roles(connection)
        if made:
            _make(connection, given)
        elif not _answers(make_conninfo(**given)):
            raise _no_database(given)
    _remember(url, made=made)
    return _connections(given, made=made)


def known_connections(url: str) -> Connections | None:
    """How to log in without asking the server; None until it has been prepared once from this home."""
    made = _remembered().get(_key(url))
    return None if made is None else _connections(_parts(url), made=made)


def as_given(url: str) -> Connections:
    """The log-ins exactly as the environment names them."""
    return _connections(_parts(url), made=False)


def _connections(given: dict[str, Any], *, made: bool) -> Connections:
    if made:
        login = {
            role: make_conninfo(**{**given, "user": role_name(role), "password": _password(given, role)})
            for role in ROLES
        }
        return Connections(login["owner"], login["app"], login["read"])
    app = make_conninfo(**given)
    owner, read = (os.environ.get(f"DATABASE_{name}_URL") for name in ("OWNER", "READ"))
    return Connections(
        make_conninfo(**_parts(owner)) if owner else app, app, make_conninfo(**_parts(read)) if read else app
    )


def _parts(url: str) -> dict[str, Any]:
    """libpq parameters of a ``postgresql://`` URL; the database defaults to ``jirong``."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise Refusal(
            "database.url_unreadable",
            Text("DATABASE_URL 不是有效的 PostgreSQL 地址", "DATABASE_URL is not a PostgreSQL address"),
            remedy=Text(
                "请写成 postgresql://用户:口令@主机:5432/数据库", "write postgresql://user:password@host:5432/database"
            ),
        ) from None
    return {"connect_timeout": 5, "dbname": DATABASE, **{name: value for name, value in parts.items() if value}}


def _password(given: dict[str, Any], role: Role) -> str:
    key = str(given.get("password") or _stored_key())
    return hmac.new(key.encode(), role_name(role).encode(), hashlib.sha256).hexdigest()


def _stored_key() -> str:
    """For a log-in without a password (a trusted socket, a certificate): a secret of this home."""
    from jirong.store.database import secret

    return secret("database-roles")


def _connect(parts: dict[str, Any]) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        return psycopg.connect(make_conninfo(**parts), autocommit=True)
    except psycopg.OperationalError as error:
        raise _unreachable(parts, str(error)) from None


def _maintenance_database(given: dict[str, Any]) -> str:
    """The named database where it exists, else ``postgres`` so that it can be made."""
    try:
        psycopg.connect(make_conninfo(**given)).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error) or given["dbname"] not in str(error):
            raise _unreachable(given, str(error)) from None
        return "postgres"
    return str(given["dbname"])


def _answers(conninfo: str) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(conninfo).close()
        return True
    return False


def _check_version(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    if connection.info.server_version < VERSION_MIN:
        major = connection.info.server_version // 10000
        raise Refusal(
            "database.too_old",
            Text(
                f"PostgreSQL {major} 太旧，需要 15 或更新版本", f"PostgreSQL {major} is too old; 15 or later is needed"
            ),
            remedy=Text(
                "请升级该服务器，或不设 DATABASE_URL 而用内嵌数据库",
                "upgrade that server, or unset DATABASE_URL to use the embedded one",
            ),
        )


def _may_make_roles(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    row = connection.execute(
        "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


def _make(connection: psycopg.Connection[tuple[Any, ...]], given: dict[str, Any]) -> None:
    """Make what is missing; a role that is there with another password belongs to another installation."""
    for role in ROLES:
        if not roles.exists(connection, role):
            roles.make_role(connection, role)
            roles.set_password(connection, role, _password(given, role))
        elif _refuses_password({**given, "dbname": connection.info.dbname}, role):
            raise _roles_taken()
    if not _is_superuser(connection):
        connection.execute(
            sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role_name("owner"))),
        )
    roles.make_database(connection, str(given["dbname"]))


def _refuses_password(given: dict[str, Any], role: Role) -> bool:
    try:
        psycopg.connect(make_conninfo(**{**given, "user": role_name(role), "password": _password(given, role)})).close()
    except psycopg.OperationalError as error:
        return "authentication failed" in str(error)
    return False


def _roles_taken() -> Refusal:
    return Refusal(
        "database.roles_taken",
        Text(
            "该服务器上已有 jirong_owner、jirong_app、jirong_read，但口令不是由这个 DATABASE_URL 得出的",
            "that server already has jirong_owner, jirong_app and jirong_read, with passwords not derived from "
            "this DATABASE_URL",
        ),
        remedy=Text(
            "请用 DATABASE_URL、DATABASE_OWNER_URL、DATABASE_READ_URL 分别给出三个角色的登录，或删除这三个角色",
            "give the three log-ins in DATABASE_URL, DATABASE_OWNER_URL and DATABASE_READ_URL, or drop the roles",
        ),
    )


def _is_superuser(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _key(url: str) -> str:
    """Names a ``DATABASE_URL`` in the memory file without holding its password."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _memory() -> Path:
    return home() / "external.json"


def _remembered() -> dict[str, bool]:
    """Which URLs were prepared from this home, and whether we made the roles there."""
    try:
        return {str(key): bool(made) for key, made in json.loads(_memory().read_text()).items()}
    except FileNotFoundError:
        return {}


def _remember(url: str, *, made: bool) -> None:
    home().mkdir(parents=True, exist_ok=True)
    making = _memory().with_suffix(f".making-{os.getpid()}")
    making.write_text(json.dumps({**_remembered(), _key(url): made}))
    making.rename(_memory())


def _unreachable(parts: dict[str, Any], said: str) -> Refusal:
    line = said.strip().splitlines()[0] if said.strip() else "no answer"
    host = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    return Refusal(
        "database.unreachable",
        Text(f"连不上 DATABASE_URL 指定的数据库（{host}）：{line}", f"cannot reach the database at {host}: {line}"),
        remedy=Text(
            "请检查 DATABASE_URL 与该服务器，或不设 DATABASE_URL 而用内嵌数据库",
            "check DATABASE_URL and that server, or unset DATABASE_URL to use the embedded one",
        ),
    )


def _no_database(given: dict[str, Any]) -> Refusal:
    name = given["dbname"]
    return Refusal(
        "database.missing",
        Text(f"没有名为 {name} 的数据库，也无权建立", f"there is no database named {name}, and no right to make it"),
        remedy=Text(f"请管理员运行 CREATE DATABASE {name}", f"ask its administrator to run CREATE DATABASE {name}"),
    )
