"""``jirong demo``: from nothing to a site with a cluster in it, with every example played and checked on the way.

The demonstration has a database of its own (``jirong_demo``), so that it never meets anybody's data and can be
thrown away; a second start finds it there and is quick.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from jirong.cli import language, serve, upkeep
from jirong.cli.examples import document, stage, table
from jirong.cli.examples.play import Played
from jirong.cli.main import set_up_django
from jirong.cli.supervisor import Supervisor
from jirong.kernel.errors import NotFound, Refusal
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
    parser.add_argument("--port", type=serve.port, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--no-serve", action="store_true", default=os.environ.get("SERVE") == "no")
    parser.add_argument("--only", metavar="NAME", help="只跑一个示例 / play one example only")
    parser.add_argument("--tidy", metavar="NAMES", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 only if every expectation held."""
    started = time.monotonic()
    if arguments.tidy:
        stage.tidy(embedded.ensure_running(), arguments.tidy)
        return 0
    if not arguments.no_serve:
        serve.refuse_busy(serve.HOST, arguments.port)
    examples = [document.read(path) for path in example_files(arguments.only)]
    say("数据库 / database")
    logins = embedded.ensure_running()
    say("数据表与演示集群 / tables and the demonstration cluster")
    root = repository()
    shown = document.read(root / "examples" / SHOWN) if root else None
    prepare(logins, shown)
    people = log_ins(shown) if shown and not arguments.no_serve else []
    with contextlib.ExitStack() as stack:
        # The site comes up while the examples are played; whoever waits for it need not wait for them.
        site = None if arguments.no_serve else stack.enter_context(demo_site(arguments.port))
        say(f"示例：{len(examples)} 个 / {len(examples)} examples, each on a fresh database through the HTTP API")
        played = play(examples, logins, partial(tell_when_open, site, arguments.port) if site else lambda: None)
        print(table.show(played, language.chosen(arguments.lang)), flush=True)
        good = all(one.good for one in played)
        verdict = "全部相符 / all as expected" if good else "有不符之处 / NOT all as expected"
        say(f"{verdict} ({time.monotonic() - started:.1f} s)")
        if site:
            serve.wait_until_answering(site, serve.HOST, arguments.port)
            print("\n".join(people))
            print(f"命令行看这些数据 / the same data from the command line: export JIRONG_DATABASE={DATABASE}")
            print(f"http://{serve.HOST}:{arguments.port}  （Ctrl-C 停止 / to stop）", flush=True)
            serve.stay(site)
    return 0 if good else 1


def demo_site(port: int) -> Supervisor:
    """The site before the demonstration's database: one process is enough for those who look, and starts sooner."""
    return serve.site(serve.HOST, port, environment={"JIRONG_DATABASE": DATABASE})


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

    A database that lived through another version of the example is thrown away; one that lived in these very tables
    needs no look at its migrations.
    """
    tables = stage.schema_hash()
    example = hashlib.sha256(shown.path.read_bytes()).hexdigest() if shown else ""
    lived = f"lived {example} in {tables}"
    with copies.owner(logins) as connection:
        noted = copies.noted(connection, DATABASE)
        if shown and noted and not noted.startswith(f"lived {example}"):
            copies.drop(connection, [DATABASE])
        if not copies.exists(connection, DATABASE):
            copies.make(connection, DATABASE)
        set_up_django("app")
        upkeep.collect_static()
        noted = copies.noted(connection, DATABASE)
        if noted == lived:
            return
        upkeep.migrate(DATABASE)
        if noted:
            copies.note(connection, DATABASE, lived)
        elif shown:
            lives = stage.play_in(shown, DATABASE)
            if lives.failure:
                say(f"演示集群未能就绪 / the demonstration cluster stopped short: {lives.failure}")
            else:
                close_days()
                copies.note(connection, DATABASE, lived)


def close_days() -> None:
    """Close the demonstration's day for every lender and room, as the operator would in the evening."""
    from jirong.financing.close import running

    with upkeep.on_database(DATABASE):
        for lender in running.lenders():
            running.close(lender, running.today())
        running.other_rooms()


def tell_when_open(site: Supervisor, port: int) -> None:
    """Say when the site can be opened, while the examples are still being played."""

    def wait() -> None:
        with contextlib.suppress(Refusal):  # told by whoever waits for it at the end
            serve.wait_until_answering(site, serve.HOST, port)
            say(f"网站已可打开，示例继续核对 / open, while the examples go on: http://{serve.HOST}:{port}")

    threading.Thread(target=wait, daemon=True).start()


def play(
    examples: list[document.Example], logins: embedded.Connections, meanwhile: Callable[[], None] = lambda: None
) -> list[Played]:
    """Play the examples, one a core, and say of each how it went; ``meanwhile`` is called once all are under way."""
    import jirong.site.wsgi  # noqa: F401  # what every player needs, loaded before it is copied into each
    from jirong.store import catalogue

    catalogue.rulebook()
    with stage.opened(logins) as here, players() as pool:
        # The longest first, so that no core is left with a long one when the others are done.
        longest = sorted(examples, key=lambda example: len(example.steps), reverse=True)
        under_way = {example.name: pool.submit(here.play, example) for example in longest}
        meanwhile()
        for done in as_completed(under_way.values()):
            tell(done.result())
    return [under_way[example.name].result() for example in examples]


@contextlib.contextmanager
def players() -> Iterator[Executor]:
    """Processes, not threads: playing is mostly work for the interpreter, of which there is one in a process."""
    from django.db import connections

    connections.close_all()  # what is open here must not be used from a copy of this process
    fork = "fork" in multiprocessing.get_all_start_methods()
    pool: Executor = (
        ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork"), initializer=begin_player)
        if fork
        else ThreadPoolExecutor(1)
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def begin_player() -> None:
    """Ctrl-C is for the process that started the players; and the site, which somebody waits for, goes before them."""
    os.nice(5)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tell(one: Played) -> None:
    """Progress on a terminal; the table follows."""
    if sys.stdout.isatty():
        print(f"  {'✓' if one.good else '✗'} {one.example.name} ({one.seconds:.1f} s)", flush=True)


def log_ins(example: document.Example) -> list[str]:
    """Who may log in, with the name of whom they act for."""
    from jirong.cli import world

    lines = [f"登录名（口令均为 / all with the password {world.PASSWORD}）"]
    for key, party in example.plan["parties"].items():
        names = [world.login_of(example.name, key, suffix) for suffix in world.people_of(party)]
        lines += [f"  {table.pad(name, 44)}{party['name']}" for name in names]
    return lines


def say(line: str) -> None:
    print(f"▸ {line}", flush=True)
