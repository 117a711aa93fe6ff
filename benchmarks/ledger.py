"""The ledger beside django-hordak 2.0.0 and pgledger: transfers a second, in one run on the embedded server.

fsync and synchronous_commit are on. Each side posts 1, 100 and 1,000 transfers a call, from 1 and 20 clients, over 10,
50 and 10,000 accounts; the sides take turns within a round, so that whatever the machine does hits them alike. A
figure is the median of the rounds, with the least and the greatest; a ratio is the median of the ratios of each round.

Run alone: ``python benchmarks/ledger.py [--pgledger pgledger.sql] [--small]``. pgledger is measured when its SQL file
is named; the helpers it needs are looked for in ``vendor/`` beside it.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ledger_measure import AMOUNT_MINOR, Call, Pairs, rate

from jirong.ledger import wire
from jirong.ledger.check import check_on
from jirong.ledger.journal import Book, Journal, Terms, Transfer, account_id
from jirong.ledger.lane import lane_to
from jirong.store import embedded
from jirong.store.embedded import Connections
from jirong.store.ids import new_id

DAY = datetime.date(2026, 1, 8)
LEFT_OUT = """\
What each side does for a transfer, and what it leaves out:
  jirong    one journal a call (its transfers stand or fall together) with client ids, counters pending and posted,
            limits, replay of a repeated id, row security. Running balances are derived when read, not stored.
  jirong 1x the same with one journal a transfer.
  lane      singles of several threads in one process share a commit; each is answered after it. A transfer that
            belongs to a larger transaction cannot use it.
  pgledger  one call of pgledger_create_transfer(s), all or nothing, with running balances stored for each entry.
            No ids of the client's, no replay, no pending amounts, no reversal, no row security; numeric amounts.
  hordak    Account.transfer_to for one, bulk_create of transactions and legs for more; zero-sum by deferred trigger.
            No stored balance, no limits, no replay, no pending amounts, no row security; an account tree.
"""


@dataclass(frozen=True)
class Setting:
    accounts: int
    size: int
    clients: int

    def __str__(self) -> str:
        return f"{self.accounts:>7,} accounts {self.size:>6,} a call {self.clients:>3} clients"


@dataclass
class Side:
    """One measured thing: ``run(setting, seconds)`` answers transfers a second."""

    name: str
    run: Callable[[Setting, float], float]
    fits: Callable[[Setting], bool] = field(default=lambda setting: True)


# --- Jirong -----------------------------------------------------------------------------------------------------------


def ids_of_a_call(count: int) -> list[uuid.UUID]:
    """Version 7 ids that count up from a random one (RFC 9562 §6.2, method 2): what a program does that needs many."""
    first = new_id().int
    return [uuid.UUID(int=first + n) for n in range(count)]


def one_journal(accounts: list[uuid.UUID], pairs: Pairs) -> list[Journal]:
    head, *ids = ids_of_a_call(len(pairs) + 1)
    transfers = [
        Transfer(id, accounts[debit], accounts[credit], AMOUNT_MINOR)
        for id, (debit, credit) in zip(ids, pairs, strict=True)
    ]
    return [Journal(head, DAY, tuple(transfers))]


def one_journal_each(accounts: list[uuid.UUID], pairs: Pairs) -> list[Journal]:
    ids = iter(ids_of_a_call(2 * len(pairs)))
    return [
        Journal(next(ids), DAY, (Transfer(next(ids), accounts[debit], accounts[credit], AMOUNT_MINOR),))
        for debit, credit in pairs
    ]


def jirong(conninfo: str, describe: Callable[[list[uuid.UUID], Pairs], list[Journal]]) -> Callable[..., float]:
    def run(setting: Setting, seconds: float) -> float:
        accounts = open_accounts(conninfo, setting.accounts)

        def connect() -> Call:
            cursor = psycopg.connect(conninfo, autocommit=True).cursor()

            def call(pairs: Pairs) -> None:
                for outcome in wire.post_on(cursor, describe(accounts, pairs), together=True):
                    assert outcome.recorded_at
                    assert not outcome.replayed

            return call

        return rate(connect, seconds=seconds, **vars(setting))

    return run


def in_a_lane(conninfo: str) -> Callable[..., float]:
    def run(setting: Setting, seconds: float) -> float:
        accounts = open_accounts(conninfo, setting.accounts)
        lane = lane_to(conninfo)
        found = rate(
            lambda: lambda pairs: assert_recorded(lane.post(one_journal(accounts, pairs)[0])),
            seconds=seconds,
            **vars(setting),
        )
        lane.close()
        return found

    return run


def assert_recorded(outcome: object) -> None:
    assert getattr(outcome, "recorded_at", None), outcome


def open_accounts(conninfo: str, count: int) -> list[uuid.UUID]:
    with psycopg.connect(conninfo) as connection:
        wire.open_on(connection.cursor(), [Terms(f"bench:{n}", Book.CASH) for n in range(count)])
    return [account_id(f"bench:{n}") for n in range(count)]


# --- Peers ------------------------------------------------------------------------------------------------------------


def pgledger(conninfo: str, file: Path) -> Callable[..., float]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for helper in sorted(file.parent.glob("vendor/**/*.sql")):
            connection.execute(helper.read_text(encoding="utf-8").encode())
        connection.execute(file.read_text(encoding="utf-8").encode())

    def run(setting: Setting, seconds: float) -> float:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                "SELECT pgledger_create_account('bench', 'CNY') FROM generate_series((SELECT count(*) + 1 FROM "
                "pgledger_accounts), %s)",
                [setting.accounts],
            )
            rows = connection.execute("SELECT id FROM pgledger_accounts ORDER BY id LIMIT %s", [setting.accounts])
            accounts = [id for (id,) in rows.fetchall()]

        def connect() -> Call:
            cursor = psycopg.connect(conninfo, autocommit=True).cursor()

            def call(pairs: Pairs) -> None:
                if len(pairs) == 1:
                    two = (accounts[pairs[0][1]], accounts[pairs[0][0]], AMOUNT_MINOR)
                    cursor.execute("SELECT * FROM pgledger_create_transfer(%s, %s, %s)", two).fetchall()
                else:
                    asked = ",".join([f'"({accounts[c]},{accounts[d]},{AMOUNT_MINOR})"' for d, c in pairs])
                    many = "SELECT * FROM pgledger_create_transfers(%s::transfer_request[])"
                    cursor.execute(many, [f"{{{asked}}}"]).fetchall()

            return call

        return rate(connect, seconds=seconds, **vars(setting))

    return run


def hordak(conninfo: str, stack: list[subprocess.Popen[str]]) -> Callable[..., float]:
    script = Path(__file__).with_name("ledger_hordak.py")
    process = subprocess.Popen(
        [sys.executable, str(script), conninfo], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    stack.append(process)
    assert process.stdin
    assert process.stdout
    assert json.loads(process.stdout.readline()) == "ready"

    def run(setting: Setting, seconds: float) -> float:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(vars(setting) | {"seconds": seconds}) + "\n")
        process.stdin.flush()
        return float(json.loads(process.stdout.readline()))

    return run


# --- The run ----------------------------------------------------------------------------------------------------------


@contextmanager
def databases(names: list[str]) -> Iterator[dict[str, Connections]]:
    """A database a side on the embedded server, dropped afterwards."""
    logins = embedded.ensure_running()
    made = {name: f"jirong_bench_{name}_{os.getpid()}" for name in names}
    with psycopg.connect(logins.owner, autocommit=True) as owner:
        for database in made.values():
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        try:
            yield {
                name: Connections(make_conninfo(logins.owner, dbname=at), make_conninfo(logins.app, dbname=at), "")
                for name, at in made.items()
            }
        finally:
            for database in made.values():
                owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def migrate(conninfo: str) -> None:
    """The ledger's tables as a site has them, by its own migrations."""
    name = psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"]
    program = (
        "import django; from django.conf import settings as s; django.setup(); "
        f"s.DATABASES['default']['NAME'] = {str(name)!r}; from django.core.management import call_command; "
        "call_command('migrate', 'ledger', verbosity=0)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "jirong.site.settings", "JIRONG_DB_ROLE": "owner"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def analyze(at: dict[str, Connections]) -> None:
    """Fresh statistics for every side, and a checkpoint's work behind us, before each round."""
    for logins in at.values():
        with psycopg.connect(logins.owner, autocommit=True) as connection:
            connection.execute("ANALYZE")


def settings(asked: argparse.Namespace) -> list[Setting]:
    if asked.small:
        return [Setting(10, 1, 20), Setting(10, 1000, 1)]
    return [Setting(a, s, c) for a in asked.accounts for s in asked.sizes for c in asked.clients]


def measure(sides: list[Side], setting: Setting, rounds: int, seconds: float, at: dict[str, Connections]) -> None:
    figures: dict[str, list[float]] = {side.name: [] for side in sides if side.fits(setting)}
    for _ in range(rounds):
        analyze(at)
        for side in sides:
            if side.fits(setting):
                figures[side.name].append(side.run(setting, seconds))
    print(f"\n{setting}")
    ours = {name: found for name, found in figures.items() if name not in ("hordak", "pgledger")}
    for name, found in figures.items():
        told = f"  {name:<10}{statistics.median(found):>10,.0f}/s  ({min(found):,.0f} to {max(found):,.0f})"
        for peer in ("hordak", "pgledger"):
            if name in ours and peer in figures:
                ratios = [mine / theirs for mine, theirs in zip(found, figures[peer], strict=True)]
                told += f"   {statistics.median(ratios):6.1f}x {peer}"
        print(told, flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pgledger", type=Path, metavar="FILE", help="pgledger.sql, to measure it too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each side in each round")
    parser.add_argument("--accounts", type=int, nargs="+", default=[10, 50, 10_000])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 1_000], help="transfers a call")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--small", action="store_true", help="two settings, briefly, to see that it runs")
    asked = parser.parse_args(argv)
    rounds, seconds = (1, 0.5) if asked.small else (asked.rounds, asked.seconds)
    has_hordak = importlib.util.find_spec("hordak") is not None
    names = ["jirong", *(["pgledger"] if asked.pgledger else []), *(["hordak"] if has_hordak else [])]
    processes: list[subprocess.Popen[str]] = []
    with databases(names) as at:
        migrate(at["jirong"].owner)
        conninfo = at["jirong"].app
        sides = [
            Side("jirong", jirong(conninfo, one_journal)),
            Side("jirong 1x", jirong(conninfo, one_journal_each), lambda setting: setting.size > 1),
            Side("lane", in_a_lane(conninfo), lambda setting: setting.size == 1),
        ]
        if asked.pgledger:
            sides.append(Side("pgledger", pgledger(at["pgledger"].owner, asked.pgledger)))
        if has_hordak:
            sides.append(Side("hordak", hordak(at["hordak"].owner, processes)))
        try:
            header(conninfo, names, rounds, seconds)
            for setting in settings(asked):
                measure(sides, setting, rounds, seconds, at)
            after(conninfo)
        finally:
            for process in processes:
                process.terminate()
                process.wait()
    print(f"\n{LEFT_OUT}")
    return 0


def header(conninfo: str, names: list[str], rounds: int, seconds: float) -> None:
    with psycopg.connect(conninfo) as connection:
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        ]
    version, fsync, commit = (row[0] for row in shown if row)
    print(f"ledger, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}: PostgreSQL {version}, fsync {fsync}, "
          f"synchronous_commit {commit}, {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}")  # fmt: skip
    print(f"{rounds} rounds of {seconds:g} s; transfers a second: median (least to greatest)")
    for peer in {"hordak", "pgledger"} - set(names):
        print(
            f"not measured: {peer} (" + ("not installed" if peer == "hordak" else "name its file with --pgledger") + ")"
        )


def after(conninfo: str) -> None:
    """The ledger that was posted to must be in order, or the figures are worth nothing."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT set_config('jirong.role', 'system', true)")
        findings = check_on(connection.cursor())
        count = connection.execute("SELECT count(*), pg_total_relation_size('ledger_transfer') FROM ledger_transfer")
        row = count.fetchone()
    assert not findings, findings
    assert row
    print(f"\nchecked: {row[0]:,} transfers in order, {row[1] / max(1, row[0]):.0f} bytes each with indexes")


if __name__ == "__main__":
    sys.exit(main())
