"""``jirong db …``: the database's life from the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from jirong.store.embedded import cluster, ensure_running
from jirong.store.embedded.places import places, prepare

NEEDS_DJANGO = False


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``db`` and its sub-commands."""
    parser = subparsers.add_parser("db", help="数据库：start|stop|status|backup|restore|shell / the database")
    actions = parser.add_subparsers(dest="db_action", required=True, metavar="ACTION")
    _add(actions, "start", "启动内嵌数据库（已在运行则不变） / start the embedded database", start)
    _add(actions, "stop", "停止 / stop it", stop)


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
    if "DATABASE_URL" in os.environ:
        print("数据库由 DATABASE_URL 指定，已可使用 / the database that DATABASE_URL names is ready")
    else:
        print(f"数据库已就绪 / database ready: {places().data}")
    return 0


def stop(arguments: argparse.Namespace) -> int:
    at = places()
    prepare(at)
    with cluster.locked(at):
        stopped = cluster.stop(at)
    print("数据库已停止 / database stopped" if stopped else "数据库本来就没有运行 / database was not running")
    return 0
