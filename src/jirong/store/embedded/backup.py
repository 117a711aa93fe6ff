"""Backups that are known to be good: what was saved is counted, and what comes back is counted again.

A backup is one ``pg_dump`` file (custom format) and, beside it, a small ``.manifest.json``: the dump's SHA-256 and
the number of rows of every table, counted in the very snapshot that was dumped. A restore loads the dump into a new
database, counts every table against the manifest, and only then swaps names; the database that was there is kept
under another name until somebody drops it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jirong.kernel.errors import Conflict, Invalid, Refusal
from jirong.kernel.text import Text
from jirong.store.embedded import cluster, roles
from jirong.store.embedded.binaries import Binaries

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A finished backup: the dump, its size and how many tables and rows it holds."""

    dump: Path
    bytes: int
    tables: int
    rows: int


def manifest_of(dump: Path) -> Path:
    return dump.with_name(f"{dump.name}.manifest.json")


def save(binaries: Binaries, admin: str, dump: Path) -> Saved:
    """Dump the database of the connection string ``admin`` (a superuser, whom row security does not hide rows from)."""
    if dump.exists():
        raise Conflict(
            "backup.exists",
            Text(f"{dump} 已存在，不会覆盖", f"{dump} exists and will not be overwritten"),
            remedy=Text("请换一个文件名", "choose another name"),
        )
    dump.parent.mkdir(parents=True, exist_ok=True)
    making = dump.with_name(f"{dump.name}.making")
    try:
        counts = _dump(binaries, admin, making)
        _refuse_empty(admin, counts)
        _check_readable(binaries, making)
        manifest = {
            "sha256": _sha256(making),
            "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "rows": counts,
        }
        manifest_of(dump).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        making.rename(dump)
    finally:
        making.unlink(missing_ok=True)
    return Saved(dump, dump.stat().st_size, len(counts), sum(counts.values()))


def _refuse_empty(admin: str, counts: dict[str, int]) -> None:
    """A backup of nothing would be taken for one of something."""
    if counts:
        return
    name = conninfo_to_dict(admin)["dbname"]
    raise Conflict(
        "backup.empty",
        Text(f"数据库 {name} 里没有任何数据表，没有备份", f"database {name} holds no tables; nothing was backed up"),
        remedy=Text(
            "用 JIRONG_DATABASE 指明要备份的数据库（演示数据在 jirong_demo）",
            "name the database with JIRONG_DATABASE (the demonstration's is jirong_demo)",
        ),
    )


def _dump(binaries: Binaries, admin: str, making: Path) -> dict[str, int]:
    """Dump and count in one exported snapshot."""
    os.close(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with psycopg.connect(admin) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        run(binaries, "pg_dump", admin, ["-Fc", f"--snapshot={snapshot}", f"--file={making}"])
        return count_rows(connection)


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows of every ordinary table outside the system's schemas, by qualified name."""
    tables = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
    ).fetchall()
    counted = sql.SQL("SELECT count(*) FROM {}")
    return {
        f"{schema}.{table}": int(_one(connection, counted.format(sql.Identifier(schema, table))))
        for schema, table in tables
    }


def restore(binaries: Binaries, admin: str, dump: Path, *, force: bool) -> str:
    """Bring ``dump`` back in place of the database of ``admin``; answers the name the old one is kept under."""
    manifest = _read_manifest(dump)
    database = str(conninfo_to_dict(admin)["dbname"])
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d%H%M%S")
    fresh, kept = f"{database}_restoring_{stamp}", f"{database}_before_{stamp}"
    with psycopg.connect(make_conninfo(admin, dbname="postgres"), autocommit=True) as connection:
        _refuse_in_use(connection, database, force=force)
        roles.make_database(connection, fresh)
        try:
            run(binaries, "pg_restore", make_conninfo(admin, dbname=fresh), ["--exit-on-error", str(dump)])
            with psycopg.connect(make_conninfo(admin, dbname=fresh)) as restored:
                _compare(manifest["rows"], count_rows(restored))
        except Exception:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(fresh)))
            raise
        _swap(connection, database, fresh, kept)
    return kept


def _swap(connection: Connection, database: str, fresh: str, kept: str) -> None:
    """Two renames in one transaction, so that the name never stands empty."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with connection.transaction():
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [database]
        )
        connection.execute(rename.format(sql.Identifier(database), sql.Identifier(kept)))
        connection.execute(rename.format(sql.Identifier(fresh), sql.Identifier(database)))


def _read_manifest(dump: Path) -> dict[str, Any]:
    """The manifest beside ``dump``, once the dump's bytes are those it was written for."""
    try:
        manifest: dict[str, Any] = json.loads(manifest_of(dump).read_text(encoding="utf-8"))
        found = _sha256(dump)
    except FileNotFoundError as error:
        raise Invalid(
            "backup.incomplete",
            Text(f"找不到备份文件 {error.filename}", f"the backup's file {error.filename} is not there"),
            remedy=Text("备份由 .dump 与 .manifest.json 两个文件组成", "a backup is a .dump and its .manifest.json"),
        ) from None
    if found != manifest["sha256"]:
        raise Invalid(
            "backup.altered",
            Text(f"{dump} 的内容与备份时不同", f"{dump} is not what was backed up"),
            remedy=Text("请换一份完好的备份", "use another backup"),
            details={"expected": manifest["sha256"], "found": found},
        )
    return manifest


def _compare(expected: dict[str, int], found: dict[str, int]) -> None:
    differing = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if differing:
        shown = ", ".join(f"{name}: {expected.get(name)} → {found.get(name)}" for name in differing[:5])
        raise Invalid(
            "backup.rows_differ",
            Text(f"恢复后的行数与备份不符：{shown}", f"the restored rows differ from the backup's: {shown}"),
            remedy=Text("现有数据库未改动；请换一份备份", "the present database is untouched; use another backup"),
        )


def _refuse_in_use(connection: Connection, database: str, *, force: bool) -> None:
    others = int(_one(connection, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]))
    if others and not force:
        raise Conflict(
            "database.in_use",
            Text(f"数据库还有 {others} 个连接", f"{others} connections to the database are open"),
            remedy=Text(
                "请先停止 jirong serve，或加 --force 断开它们", "stop jirong serve, or add --force to cut them"
            ),
        )


def _check_readable(binaries: Binaries, dump: Path) -> None:
    done = subprocess.run([binaries.program("pg_restore"), "--list", dump], capture_output=True, text=True)
    if done.returncode != 0:
        raise cluster.failed("pg_restore --list", done.stderr)


def run(binaries: Binaries, program: str, conninfo: str, arguments: list[str]) -> None:
    """Run a client program on the database of ``conninfo``; its password goes by environment, not argument."""
    connect, environment = client_environment(conninfo)
    done = subprocess.run(
        [binaries.program(program), f"--dbname={connect}", *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise cluster.failed(program, done.stderr)


def client_environment(conninfo: str) -> tuple[str, dict[str, str]]:
    """Split the password off a connection string: what may be an argument, and what must not."""
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo))
    password = str(parts.pop("password", ""))
    return make_conninfo(**parts), {**os.environ, "PGPASSWORD": password}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one(connection: Connection, query: str | sql.Composed, values: list[Any] | None = None) -> Any:
    row = connection.execute(query, values).fetchone()  # type: ignore[arg-type,unused-ignore]
    assert row is not None
    return row[0]


def superuser(admin: str | None) -> str:
    """``admin`` if there is one; a server that is not ours is backed up by its own administrator."""
    if admin is None:
        raise Refusal(
            "backup.not_ours",
            Text("备份与恢复只管内嵌数据库", "backup and restore are for the embedded database"),
            remedy=Text(
                "DATABASE_URL 指定的服务器请由其管理员用 pg_dump 备份",
                "a server named by DATABASE_URL is backed up with pg_dump by its administrator",
            ),
        )
    return admin
