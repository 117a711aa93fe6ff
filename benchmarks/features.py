"""Features of one firm with 100,000 facts on PostgreSQL, and of 100,000 firms in DuckDB, from one definition.

Online: a fresh database on the embedded PostgreSQL (fsync and synchronous commit on) with one firm's facts pushed by
the thousand, as a platform would, and the tally they left; the features of each catalogue scheme are asked as of the
last day, one call after another. Worst case: the same with a tally row for every fact, as if each had been pushed
alone. Batch: a generated cluster's tally is filled into DuckDB, then every feature of every firm is computed.

Run alone: ``python -m benchmarks.features [--facts 100000] [--firms 100000] [--months 13] [--small]``.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import django

DATABASE = f"jirong_bench_features_{os.getpid()}"
LAST = dt.date(2026, 6, 30)
ASKED = {
    "instant-loan-310": ["shop_months", "shop_stability", "review_score", "delivery_on_time", "flows_12m",
                         "court_defaulter", "overdue_12m"],
    "all of the catalogue": [],
}  # fmt: skip


@contextlib.contextmanager
def fresh_database() -> Iterator[None]:
    """A migrated database of our own, dropped afterwards."""
    os.environ.update({"JIRONG_DATABASE": DATABASE, "DJANGO_SETTINGS_MODULE": "jirong.site.settings"})
    django.setup()
    from django.db import connections

    from jirong.cli import upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    with copies.owner(logins) as connection:
        copies.make(connection, DATABASE)
    try:
        upkeep.migrate(DATABASE)
        yield
    finally:
        connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [DATABASE])


def found() -> tuple[uuid.UUID, str]:
    """A firm, and a credit code for it."""
    from jirong.cli import world as worlds

    world = worlds.found("features", {
        "business_date": str(LAST),
        "parties": {
            "firm": {"name": "店", "size": "micro", "roles": ["firm"]},
            "source": {"name": "平台", "size": "large", "roles": ["provider"]},
        },
    })  # fmt: skip
    return world.parties["firm"], world.codes["firm"]


def push(code: str, count: int, source: uuid.UUID) -> float:
    """A shop's payments over a year, a thousand a push; facts a second."""
    from jirong.facts import actions
    from jirong.store.identity import SYSTEM, Actor, acting_as
    from jirong.store.ids import new_id

    actor = Actor("system", source)
    began = time.perf_counter()
    with acting_as(SYSTEM):
        for low in range(0, count, 1000):
            rows = [
                {"record_no": f"R{k}", "firm": code, "date": str(LAST - dt.timedelta(days=k * 360 // count)),
                 "orders": "1", "received": "12.00"}
                for k in range(low, min(low + 1000, count))
            ]  # fmt: skip
            actions.push(actor=actor, id=new_id(), kind="shop.orders", rows=rows)
    return count / (time.perf_counter() - began)


def one_row_each(count: int) -> None:
    """As many tally rows again as facts, as pushes of a single fact would have left them."""
    from django.db import connection, transaction

    from jirong.store.identity import SYSTEM, acting_as

    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO facts_tally (batch_id, subject_id, kind, "on", key, label, count, disputes, amount, a, b, c, d,
                                     recorded_at)
            SELECT batch_id, subject_id, kind, "on" - 1, '', '', 1, 0, 1200, 1000000, 0, 0, 0, recorded_at
            FROM (SELECT * FROM facts_tally LIMIT 1) one, generate_series(1, %s)
            """,
            [count],
        )


def vacuum() -> None:
    """What autovacuum does in time: without it an index alone cannot answer."""
    import psycopg

    from jirong.store import embedded
    from jirong.store.embedded import copies

    with psycopg.connect(copies.at_database(embedded.ensure_running(), DATABASE).owner, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE facts_tally")


def ask(firm: uuid.UUID, names: Sequence[str], times: int) -> list[float]:
    """Milliseconds of each call."""
    from jirong.facts import features

    taken = []
    for _ in range(times + 2):
        began = time.perf_counter()
        features.online(firm, names, as_of=LAST)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken[2:])


def online(count: int, times: int) -> None:
    with fresh_database():
        from django.db import transaction

        from jirong.facts import features
        from jirong.facts.models import Tally
        from jirong.parties.models import Party
        from jirong.store.identity import SYSTEM, acting_as

        firm, code = found()
        with acting_as(SYSTEM):
            source = Party.objects.get(name="平台").pk
        speed = push(code, count, source)
        vacuum()
        asked = {name: names or list(features.FEATURES) for name, names in ASKED.items()}
        print(f"stored {count:,} facts, {speed:,.0f} a second")
        for case in ("pushed by the thousand", "a row each"):
            if case == "a row each":
                one_row_each(count)
                vacuum()
            with acting_as(SYSTEM), transaction.atomic():
                rows = Tally.objects.filter(subject=firm).count()
            for name, names in asked.items():
                taken = ask(firm, names, times)
                print(
                    f"online  {case:24} {rows:>8,} tally rows  {name:22} {len(names):>3} features  "
                    f"median {statistics.median(taken):7.1f} ms  p99 {taken[int(len(taken) * 0.99)]:7.1f} ms"
                )


def batch(firms: int, months: int) -> None:
    import duckdb

    from jirong.facts import generate
    from jirong.facts.features import batch as batching
    from jirong.facts.generate import duck

    began = time.perf_counter()
    cluster = generate.draw(firms, months, 1, LAST)
    connection = duckdb.connect()
    rows = duck.fill(connection, cluster, generate.facts(cluster))
    filled = time.perf_counter()
    frame = batching.batch(connection, as_of=LAST).frame()
    done = time.perf_counter()
    print(f"drawn and filled  {firms:,} firms × {months} months, {rows:,} tally rows  {filled - began:.1f} s")
    print(f"batch   {len(frame):,} firms × {len(frame.columns)} columns in DuckDB  {done - filled:.1f} s")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--facts", type=int, default=100_000)
    parser.add_argument("--firms", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=13)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs")
    args = parser.parse_args(arguments)
    if args.small:
        args.facts, args.firms, args.times = 3000, 1000, 5
    load: Any = os.getloadavg()
    print(f"load before the run: {load[0]:.1f} on {os.cpu_count()} cores")
    online(args.facts, args.times)
    try:
        batch(args.firms, args.months)
    except ImportError as error:
        print(f"batch: absent ({error.name} is in the extra `columns`)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
