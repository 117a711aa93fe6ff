"""``jirong facts generate|pull|follow|compile``: a cluster from a seed; rows from connectors; features' SQL.

``generate`` needs no database unless it is told to ``--load``. ``pull`` reads its connectors from a YAML file named
by ``JIRONG_CONNECTORS`` (or ``--settings``; :mod:`jirong.facts.connectors.settings`); ``follow`` pulls them all when
they are due, until a signal.
"""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
import threading
import time
from pathlib import Path

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

NEEDS_DJANGO = False
NOTHING_TO_DO = 3
"""The exit status by which a process beside the site says that it has nothing to do here."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``facts`` and its sub-commands."""
    title = "数据：generate|pull|follow|compile / facts"
    actions = subparsers.add_parser("facts", help=title, description=title).add_subparsers(
        dest="facts_action", required=True, metavar="ACTION"
    )
    making = actions.add_parser("generate", help="按种子生成一个集群 / draw a cluster from a seed")
    making.add_argument("--firms", type=int, default=500)
    making.add_argument("--months", type=int, default=24)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--until", type=datetime.date.fromisoformat, default=datetime.date(2026, 6, 30), metavar="DATE")
    where = making.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="DIR", help="写成 CSV 与 truth.json / write CSV and truth.json")
    where.add_argument("--load", dest="needs_django", action="store_true", help="直接装入数据库 / load the database")
    making.set_defaults(run=run_generate)
    compiling = actions.add_parser(
        "compile", help="重新编译特征的 SQL 与文档 / compile features anew, with their documents"
    )
    compiling.set_defaults(run=run_compile)
    pulling = actions.add_parser("pull", help="从连接器取数 / fetch from a connector")
    pulling.add_argument("--connector", required=True, metavar="NAME")
    pulling.add_argument("--settings", type=Path, default=os.environ.get("JIRONG_CONNECTORS"), metavar="FILE")
    pulling.set_defaults(run=run_pull, needs_django=True)
    following = actions.add_parser("follow", help="按时从连接器取数 / fetch from the connectors at their hours")
    following.set_defaults(run=run_follow, needs_django=bool(os.environ.get("JIRONG_CONNECTORS")))


def run_generate(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    if arguments.firms < 10 or arguments.months < 1:
        raise Invalid("facts.too_few", Text("至少10家企业、1个月", "At least 10 firms and 1 month"), where="--firms")
    if arguments.needs_django:
        rows = _load(arguments)
    else:
        rows = _write(arguments)
    for kind, count in rows.items():
        print(f"{count:>10,}  {kind}")
    print(f"{sum(rows.values()):>10,}  {time.monotonic() - started:.1f} s")
    return 0


def _write(arguments: argparse.Namespace) -> dict[str, int]:
    from jirong.facts.generate import shape, streams, write

    cluster = shape.draw(arguments.firms, arguments.months, arguments.seed, arguments.until)
    return write.write(cluster, streams.facts(cluster), arguments.out)


def _load(arguments: argparse.Namespace) -> dict[str, int]:
    from jirong.facts.generate import load
    from jirong.store.identity import SYSTEM
    from jirong.store.ids import new_id

    done = load.load(
        actor=SYSTEM,
        id=new_id(),
        firms=arguments.firms,
        months=arguments.months,
        seed=arguments.seed,
        last=arguments.until,
    )
    rows: dict[str, int] = done["rows"]
    return rows


def run_compile(arguments: argparse.Namespace) -> int:
    """Write the features' SQL and the tables of the documents; for whoever changes a feature. Needs the extra columns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jirong.site.settings")
    import django

    django.setup()
    from jirong.facts.features import compiling, document

    compiling.FILE.write_text(compiling.text(), encoding="utf-8")
    document.write()
    return 0


def run_pull(arguments: argparse.Namespace) -> int:
    """0 when every row was taken, 1 when some were refused (they are in the batch's report)."""
    from jirong.facts import connectors
    from jirong.facts.connectors import base, settings
    from jirong.facts.connectors import pull as pulling

    assert connectors.CONNECTORS
    found = settings.one(arguments.settings, arguments.connector)
    refused = 0
    for page in pulling.pull(settings.acting(found), arguments.connector, base.make(found)):
        refused += page.refused + (page.set_aside is not None)
        aside = f"  {page.set_aside.reason}" if page.set_aside else ""
        print(f"{page.kind}  +{page.added}  ={page.known}  !{page.refused}  {page.cursor}{aside}")
    if refused:
        print(f"{refused} 行被拒绝，见导入报告 / rows refused, see the batch's report", file=sys.stderr)
    return 1 if refused else 0


def run_follow(arguments: argparse.Namespace) -> int:
    """Pull what is due until a signal; without settings there is nothing to do here, and the process stays down."""
    path = os.environ.get("JIRONG_CONNECTORS")
    if not path:
        return NOTHING_TO_DO
    from jirong.facts.connectors import follow

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    follow.follow(Path(path), stop, lambda line: print(line, file=sys.stderr, flush=True))
    return 0
