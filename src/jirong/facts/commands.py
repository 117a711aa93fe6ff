"""``jirong facts generate|pull|compile``: a cluster drawn from a seed; rows fetched from a connector; features' SQL.

``generate`` needs no database unless it is told to ``--load``. ``pull`` reads its connectors from a YAML file named
by ``JIRONG_CONNECTORS`` (or ``--settings``): a mapping of names to ``{type, as, …}``, ``as`` being the credit code of
the party whose facts they are. A token is named there by the environment variable that holds it (``token_from``).
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

NEEDS_DJANGO = False


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``facts`` and its sub-commands."""
    title = "数据：generate|pull|compile / facts"
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
    from jirong.facts.connectors import base
    from jirong.facts.connectors import pull as pulling

    assert connectors.CONNECTORS
    settings = _settings(arguments.settings, arguments.connector)
    actor = _actor(str(settings.get("as", "")))
    refused = 0
    for page in pulling.pull(actor, arguments.connector, base.make(settings)):
        refused += page.refused
        print(f"{page.kind}  +{page.added}  ={page.known}  !{page.refused}  {page.cursor}")
    if refused:
        print(f"{refused} 行被拒绝，见导入报告 / rows refused, see the batch's report", file=sys.stderr)
    return 1 if refused else 0


def _settings(path: Path | str | None, name: str) -> dict[str, Any]:
    if path is None or not Path(path).is_file():
        raise Invalid(
            "connector.settings",
            Text("没有连接器设置文件", "There is no file of connector settings"),
            remedy=Text("用 --settings 或 JIRONG_CONNECTORS 指明", "Name it with --settings or JIRONG_CONNECTORS"),
        )
    known = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    if not isinstance(known, dict) or not isinstance(known.get(name), dict):
        raise Invalid("connector.unknown", Text(f"设置中没有连接器“{name}”", f"No connector “{name}” in the settings"))
    found: dict[str, Any] = dict(known[name])
    if "token_from" in found:
        found["token"] = os.environ.get(str(found.pop("token_from")), "")
    return found


def _actor(code: str) -> Any:
    """The party a connector works for, acting by itself, without a person."""
    from django.db import transaction

    from jirong.parties.models import Party
    from jirong.store.identity import SYSTEM, Actor, acting_as

    with acting_as(SYSTEM), transaction.atomic():
        party = Party.objects.filter(uscc=code).first()
    if party is None:
        raise Invalid(
            "connector.party", Text(f"信用代码{code}尚未登记", f"No party has the credit code {code}"), where="as"
        )
    return Actor("party", party.pk)
