"""``jirong db …``: the database's life from the command line."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from jirong.store.embedded import backup, binaries, cluster, copies, ensure_running, known_connections
from jirong.store.embedded.logins import DATABASE, ROLES
from jirong.store.embedded.places import home, places, prepare

NEEDS_DJANGO = False
NOT_RUNNING = 3
"""``jirong db status`` of a stopped server, as ``pg_ctl status`` answers."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``db`` and its sub-commands."""
    title = "数据库：start|stop|status|backup|restore|shell / the database"
    actions = subparsers.add_parser("db", help=title, description=title).add_subparsers(
        dest="db_action", required=True, metavar="ACTION"
    )
    _add(actions, "start", "启动内嵌数据库（已在运行则不变） / start the embedded database", start)
    stopping = _add(actions, "stop", "停止 / stop it", stop)
    stopping.add_argument("--idle", action="store_true", help="仅在无人连接时 / only if nobody is connected")
    _add(actions, "status", "状态与位置 / its state and places", status)
    save = _add(actions, "backup", "备份到文件 / back up to a file", back_up)
    save.add_argument("file", nargs="?", type=Path, help="缺省放在数据目录旁的 backups/ / default: under backups/")
    load = _add(actions, "restore", "从备份恢复，旧库改名保留 / restore; the present database is kept", restore)
    load.add_argument("file", type=Path)
    load.add_argument("--force", action="store_true", help="断开现有连接 / cut open connections")
    shell_parser = _add(actions, "shell", "打开 psql / open psql", shell)
    shell_parser.add_argument("--role", choices=ROLES, default="read", help="缺省只读 / default: read only")


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help_text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=help_text, description=help_text)
    parser.set_defaults(run=run)
    return parser


def start(arguments: argparse.Namespace) -> int:
    ensure_running()
    if os.environ.get("DATABASE_URL"):
        print("数据库由 DATABASE_URL 指定，已可使用 / the database that DATABASE_URL names is ready")
    else:
        print(f"数据库已就绪 / database ready: {places().data}")
    return 0


def stop(arguments: argparse.Namespace) -> int:
    at = places()
    if not at.folder.exists():
        print("还没有数据库 / there is no database yet")
        return 0
    prepare(at)
    with cluster.locked(at):
        if arguments.idle and _others():
            print("数据库还有人在用，没有停止 / database is in use and was not stopped")
            return 0
        stopped = cluster.stop(at)
    print("数据库已停止 / database stopped" if stopped else "数据库本来就没有运行 / database was not running")
    return 0


def _others() -> int:
    """How many clients are connected; none when the server does not answer."""
    known = known_connections()
    if known is None or known.admin is None:
        return 0
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )  # fmt: skip
    try:
        with psycopg.connect(known.admin, dbname="postgres") as connection:
            row = connection.execute(others).fetchone()
    except psycopg.Error:
        return 0
    return int(row[0]) if row else 0


def status(arguments: argparse.Namespace) -> int:
    """Print what is known; exit status 0 when it answers, 3 when it does not."""
    known = known_connections()
    facts: dict[str, Any] = {}
    if not os.environ.get("DATABASE_URL"):
        at = places()
        facts = {"data": at.data, "socket": at.socket, "runs as": at.account.name, "log": at.data / "log"}
    try:
        if known is None:
            raise psycopg.OperationalError
        facts |= _asked(copies.chosen(known).owner)
    except psycopg.OperationalError:
        print("数据库没有运行 / database is not running")
        _print(facts)
        return NOT_RUNNING
    print("数据库正在运行 / database is running")
    _print(facts)
    return 0


def _asked(conninfo: str) -> dict[str, Any]:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) - 1,"
            " (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'jirong\\_%')"
        ).fetchone()
    assert row is not None
    return dict(zip(("version", "size", "connections", "roles"), row, strict=True))


def _print(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        print(f"  {name:<12} {value}")


def back_up(arguments: argparse.Namespace) -> int:
    admin = backup.superuser(copies.chosen(ensure_running()).admin)
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    dump = arguments.file or home() / "backups" / f"{os.environ.get('JIRONG_DATABASE') or DATABASE}-{stamp}.dump"
    saved = backup.save(binaries.installed(), admin, dump.absolute())
    print(
        f"已备份并校验 / backed up and checked: {saved.dump} "
        f"({saved.bytes:,} bytes, {saved.tables} tables, {saved.rows:,} rows)"
    )
    return 0


def restore(arguments: argparse.Namespace) -> int:
    admin = backup.superuser(copies.chosen(ensure_running()).admin)
    kept = backup.restore(binaries.installed(), admin, arguments.file.absolute(), force=arguments.force)
    print(
        f"已恢复，行数与备份一致；原数据库保留为 / restored, rows as backed up; the former database is kept as: {kept}"
    )
    return 0


def shell(arguments: argparse.Namespace) -> int:
    """Become ``psql``; what the shell may see is what its role may see."""
    connect, environment = backup.client_environment(copies.chosen(ensure_running()).of(arguments.role))
    program = str(binaries.installed().program("psql"))
    os.execve(program, [program, connect], environment)  # noqa: S606 no shell is wanted
