"""``jirong demo``: from nothing to a site with a cluster in it, with every example played and checked on the way.

The demonstration has a database of its own (``jirong_demo``), so that it never meets anybody's data and can be
thrown away; a second start finds it there and is quick.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jirong.cli import language, serve, upkeep
from jirong.cli.examples import document, stage, table
from jirong.cli.examples.play import Played
from jirong.cli.main import set_up_django
from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.store import embedded
from jirong.store.database import repository
from jirong.store.embedded import copies

NEEDS_DJANGO = False
DATABASE = "jirong_demo"
SHOWN = "demo/cluster.yaml"
"""The cluster the demonstration site begins with, in ``examples/``: in mid-season, so that everyone has work."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("demo", help="演示：示例核对后启动网站 / play the examples, then serve")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--no-serve", action="store_true", default=os.environ.get("SERVE") == "no")
    parser.add_argument("--only", metavar="NAME", help="只跑一个示例 / play one example only")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 only if every expectation held."""
    started = time.monotonic()
    if not arguments.no_serve:
        serve.refuse_busy(serve.HOST, arguments.port)
    examples = [document.read(path) for path in example_files(arguments.only)]
    say("数据库 / database")
    logins = embedded.ensure_running()
    say("数据表与演示集群 / tables and the demonstration cluster")
    root = repository()
    shown = document.read(root / "examples" / SHOWN) if root else None
    prepare(logins, shown)
    say(f"示例：{len(examples)} 个 / {len(examples)} examples, each on a fresh database through the HTTP API")
    played = play(examples, logins)
    print(table.show(played, language.chosen(arguments.lang)), flush=True)
    good = all(one.good for one in played)
    verdict = "全部相符 / all as expected" if good else "有不符之处 / NOT all as expected"
    say(f"{verdict} ({time.monotonic() - started:.1f} s)")
    if not arguments.no_serve:
        serve_demo(arguments.port, shown)
    return 0 if good else 1


def example_files(only: str | None) -> list[Path]:
    root = repository()
    found = document.find_all(root / "examples") if root else []
    if only:
        found = [path for path in found if path.stem == only]
        if not found:
            raise NotFound(
                "example.unknown",
                Text(f"没有名为 {only} 的示例", f"there is no example called {only}"),
                remedy=Text("示例在 examples/ 下", "examples lie under examples/"),
            )
    return found


def prepare(logins: embedded.Connections, shown: document.Example | None) -> None:
    """The demonstration's database with its tables and, once, the life of the example it shows.

    A database that lived through another version of the example is thrown away.
    """
    lived = f"lived {hashlib.sha256(shown.path.read_bytes()).hexdigest()}" if shown else ""
    with copies.owner(logins) as connection:
        if shown and copies.noted(connection, DATABASE) not in (None, lived):
            copies.drop(connection, [DATABASE])
        if not copies.exists(connection, DATABASE):
            copies.make(connection, DATABASE)
        set_up_django("app")
        upkeep.migrate(DATABASE)
        upkeep.collect_static()
        if shown and copies.noted(connection, DATABASE) is None:
            lives = stage.play_in(shown, DATABASE)
            if lives.failure:
                say(f"演示集群未能就绪 / the demonstration cluster stopped short: {lives.failure}")
            else:
                copies.note(connection, DATABASE, lived)


def play(examples: list[document.Example], logins: embedded.Connections) -> list[Played]:
    """Play the examples, two at a time (they mostly wait for the database), and say how each went, in order."""
    played = []
    with stage.opened(logins) as here, ThreadPoolExecutor(max_workers=2) as pool:
        for one in pool.map(here.play, examples):
            played.append(one)
            tell(one)
    return played


def tell(one: Played) -> None:
    """Progress on a terminal; the table follows."""
    if sys.stdout.isatty():
        print(f"  {'✓' if one.good else '✗'} {one.example.name} ({one.seconds:.1f} s)", flush=True)


def serve_demo(port: int, shown: document.Example | None) -> None:
    """Serve the demonstration's database until Ctrl-C, with the log-ins printed."""
    people = log_ins(shown) if shown else []
    with serve.site(serve.HOST, port, environment={"JIRONG_DATABASE": DATABASE}) as supervisor:
        serve.wait_until_answering(supervisor, serve.HOST, port)
        print("\n".join(people))
        print(f"http://{serve.HOST}:{port}  （Ctrl-C 停止 / to stop）", flush=True)
        serve.stay(supervisor)


def log_ins(example: document.Example) -> list[str]:
    """Who may log in, with the name of whom they act for."""
    from jirong.cli import world

    with upkeep.on_database(DATABASE):
        founded = world.found(example.name, example.plan)
    lines = [f"登录名（口令均为 / all with the password {world.PASSWORD}）"]
    for who, login in founded.logins.items():
        party = example.plan["parties"][who.partition(".")[0]]
        lines.append(f"  {table.pad(login, 44)}{party['name']}")
    return lines


def say(line: str) -> None:
    print(f"▸ {line}", flush=True)
