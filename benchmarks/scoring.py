"""Batch scoring: the facts of 100,000 firms in PostgreSQL to results on file, by the methods that serve whole clusters.

A generated cluster's tally (every kind these methods ask for) stands in a fresh database of the embedded server; each
firm has consented to the bank that scores it. Timed, end to end: the tally is copied into DuckDB, features are computed
of all firms, what the bank may not read is withheld, each method scores them in columns, and its results are kept as a
file nobody changes again (Parquet: firm, score, level and every input; its SHA-256 beside it). The scalar form, which
is their truth, scores the first firms again from the same values, and must agree on all of these.

Then the methods alone, on values drawn at random, with a boosted model (200 trees, 20 inputs) trained on the spot where
the extra ``models`` is installed.

Run alone: ``python -m benchmarks.scoring [--firms 100000] [--small]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
import time
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import results

from jirong.assessment.methods import Method, house_methods, parse
from jirong.assessment.methods.base import Input
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.methods.columns import Columns
from jirong.assessment.methods.points import PointsTable
from jirong.assessment.methods.scorecard import Scorecard
from jirong.assessment.training import extra
from jirong.schemes.evaluate.facts import MISSING, FeatureValue

AS_OF = date(2026, 7, 7)
LAST = date(2026, 6, 30)
DATABASE = f"jirong_bench_scoring_{os.getpid()}"
TALLY = 'batch_id, subject_id, kind, "on", key, label, count, disputes, amount, a, b, c, d, recorded_at'
CONSENTS = """
INSERT INTO parties_consent (id, grantor_id, grantee_id, purpose, scope, valid)
SELECT gen_random_uuid(), firm, %s, 'credit_assessment', %s, daterange('2026-01-01', '2026-12-31')
FROM unnest(%s::uuid[]) AS firm
"""
SEED = 20260707
BUDGET_SECONDS = 60.0
SCALAR_ROWS = 1000
TOPS = {"percent": 0.6, "money": 3e7, "number": 120.0}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--firms", type=int, default=100_000)
    parser.add_argument("--small", action="store_true", help="2,000 firms")
    asked = parser.parse_args(arguments)
    firms = 2_000 if asked.small else asked.firms
    print(f"{firms:,} firms, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    seconds = end_to_end(firms)
    for method in _methods():
        _measure(method, firms)
    # A small run has the whole budget: most of its seconds are those that any number of firms takes.
    budget = BUDGET_SECONDS * (1 if asked.small else firms / 100_000)
    kept = seconds <= budget
    results.say(f"batch scoring of {firms:,} firms, facts to results", f"{seconds:.1f} s", f"≤ {budget:.0f} s", kept)
    return 0 if kept else 1


def end_to_end(firms: int) -> float:
    """Seconds from facts in PostgreSQL to results on file."""
    import django
    from benchmarks import bulk

    from jirong.cli import upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    if logins.admin is None:
        raise SystemExit("facts are loaded by the embedded server's administrator: unset DATABASE_URL")
    with copies.owner(logins) as connection:
        copies.make(connection, DATABASE)
    os.environ.update(JIRONG_DATABASE=DATABASE, DJANGO_SETTINGS_MODULE="jirong.site.settings")
    django.setup()
    try:
        upkeep.migrate(DATABASE)
        admin = str(copies.at_database(logins, DATABASE).admin)
        began = time.perf_counter()
        bank, rows = _fill(admin, firms)
        bulk.index(admin, "facts_tally")
        print(f"{rows:,} tally rows loaded in {time.perf_counter() - began:.1f} s (not part of the figure)", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            return _score(bank, Path(folder))
    finally:
        from django.db import connections

        connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [DATABASE])


def _score(bank: uuid.UUID, folder: Path) -> float:
    """Facts to results, each stage's seconds shown; their sum."""
    import duckdb

    from jirong.facts.features import batch
    from jirong.facts.features.online import Reader
    from jirong.store.identity import SYSTEM, acting_as

    methods = [item for item in house_methods() if isinstance(item, PointsTable | Scorecard)]
    names = list(dict.fromkeys(name for method in methods for name in method.features))
    took: dict[str, float] = {}
    began = time.perf_counter()

    def stage(name: str) -> None:
        nonlocal began
        took[name] = took.get(name, 0.0) + time.perf_counter() - began
        began = time.perf_counter()

    with acting_as(SYSTEM):
        engine = duckdb.connect()
        rows = batch.copy_tally(engine)
        stage(f"tally from PostgreSQL into DuckDB ({rows:,} rows)")
        found = batch.batch(engine, names, as_of=LAST, reader=Reader(bank, "credit_assessment", LAST))
        stage(f"{len(names)} features")
        frame = found.frame()
        stage("known, consented, out of DuckDB")
    columns = Columns(len(frame), {name: _cells(frame[name], kind) for name, kind in _kinds_of(methods).items()})
    stage("as columns")
    scored = []
    for method in methods:
        scores = method.columns(columns, LAST)
        stage("scoring")
        _keep(folder, method, frame["subject_id"], columns, scores)
        stage("results on file")
        scored.append((method, scores))
    for name, seconds in took.items():
        print(f"  {name:<52}{seconds:7.2f} s", flush=True)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"  {len(methods)} methods, {size / 1e6:.1f} MB of results, load {os.getloadavg()[0]:.1f}")
    for method, scores in scored:
        _agree(method, columns, scores)
    return sum(took.values())


def _fill(admin: str, firms: int) -> tuple[uuid.UUID, int]:
    """A generated cluster with the kinds of fact the methods need, and every firm's consent; the bank, tally rows."""
    import duckdb
    import psycopg
    from benchmarks import bulk
    from django.db import connection, transaction

    from jirong.cli import world as worlds
    from jirong.facts import features, generate
    from jirong.facts.generate import duck, load
    from jirong.kernel.ids import derived_id
    from jirong.store.identity import SYSTEM, acting_as

    plan = {"business_date": str(LAST), "parties": {"bank": {"name": "银行", "size": "large", "roles": ["bank"]}}}
    bank = worlds.found("scoring", plan).parties["bank"]
    methods = [item for item in house_methods() if isinstance(item, PointsTable | Scorecard)]
    wanted = {
        kind for method in methods for name in method.features if name in features.FEATURES
        for kind in features.FEATURES[name].sources
    }  # fmt: skip
    cluster = generate.draw(firms, 13, 1, LAST)
    tables = [table for table in generate.facts(cluster) if table.kind.code in wanted]
    engine = duckdb.connect()
    rows = duck.fill(engine, cluster, tables)
    batches = {table.kind.code: derived_id(bank, "batch", table.kind.code) for table in tables}
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        source = load._parties(cluster, load.ids(cluster))
        head = ("id", "source_id", "kind", "name", "sha256", "added", "known", "refused")
        told = '{"count": 0, "rows": []}'
        load._copy(
            "facts_batch", head, [(id, source, code, "generated", "0" * 64, 0, 0, told) for code, id in batches.items()]
        )
        cursor.execute(CONSENTS, [bank, sorted(wanted), load.ids(cluster)])
    for code, id in batches.items():
        engine.execute("CREATE TABLE IF NOT EXISTS batches (kind VARCHAR, batch_id UUID)")
        engine.execute("INSERT INTO batches VALUES (?, ?)", [code, str(id)])
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(admin) as owner:
        path = Path(folder) / "tally.csv"
        engine.execute(f"COPY (SELECT {TALLY} FROM facts_tally JOIN batches USING (kind)) TO '{path}' (HEADER false)")
        owner.execute("SET session_replication_role = replica")
        bulk.set_indexes_aside(owner, ["facts_tally"])
        with (
            path.open("rb") as file,
            owner.cursor().copy(f"COPY facts_tally ({TALLY}) FROM STDIN (FORMAT csv)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
    return bank, rows


def _kinds_of(methods: list[Any]) -> dict[str, str]:
    return {item.feature: item.kind for method in methods for item in method.head.inputs}


def _cells(series: Any, kind: str) -> Any:
    """A feature's column as the methods take it."""
    if kind in ("flag", "word"):
        values = series.astype(object).to_numpy()
        return np.where(series.isna().to_numpy(), None, values)
    return series.astype(float).to_numpy(dtype=np.float64, na_value=np.nan)


def _keep(folder: Path, method: Any, firms: Any, columns: Columns, scores: Any) -> None:
    """A method's results of one day as a file of its own, and its hash; neither is ever written again."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    complete = scores.complete
    held = {
        "firm": pa.array([uuid.UUID(str(firm)).bytes for firm in firms], pa.binary(16)),
        "score_hundredths": pa.array(scores.hundredths, mask=~complete),
        "level": pa.DictionaryArray.from_arrays(pa.array(scores.level, mask=~complete), pa.array(scores.levels)),
        **{name: pa.array(columns.values[name], from_pandas=True) for name in method.features},
    }  # fmt: skip
    path = folder / f"{method.id}@{LAST}.parquet"
    parquet.write_table(pa.table(held).replace_schema_metadata({"method": method.id, "as_of": str(LAST)}), path)
    path.chmod(0o444)
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "\n", encoding="ascii")


def _agree(method: Any, columns: Columns, scores: Any) -> None:
    """The scalar form on the first firms, from the same values."""
    count = min(SCALAR_ROWS, columns.rows)
    differ = [
        row for row in range(count)
        if (found := method.assess(_firm(method, columns, row), LAST))
        and (found.score, found.level) != (scores.score(row), scores.level_of(row))
    ]  # fmt: skip
    if differ:
        raise SystemExit(f"{method.id}: the columnar twin differs from the scalar in firm {differ[0]}")
    print(f"  {method.id}: {int(scores.complete.sum()):,} complete; the scalar agrees on {count:,}", flush=True)


def _methods() -> list[Method]:
    chosen: list[Method] = [item for item in house_methods() if isinstance(item, PointsTable | Scorecard)]
    if extra.available():
        chosen.append(_boosted())
    else:
        print("boosted model: left out, the extra `models` is not installed")
    return chosen


def _measure(method: Method, rows: int) -> float:
    """Seconds of the columnar twin over all rows."""
    assert isinstance(method, PointsTable | Scorecard | Boosted)
    columns = Columns(rows, {item.feature: _column(item, rows, place) for place, item in enumerate(method.head.inputs)})
    begun = time.perf_counter()
    scores = method.columns(columns, AS_OF)
    took = time.perf_counter() - begun
    count = min(SCALAR_ROWS, rows)
    begun = time.perf_counter()
    assessed = [method.assess(_firm(method, columns, row), AS_OF) for row in range(count)]
    scalar = (time.perf_counter() - begun) / count
    agree = all((r.score, r.level) == (scores.score(i), scores.level_of(i)) for i, r in enumerate(assessed))
    said = f"{method.id:24} {took:8.3f} s columnar, {scalar * 1e3:7.3f} ms a firm scalar with reasons"
    print(f"{said}, {int(scores.complete.sum()):,} complete, agree on {count:,}: {'yes' if agree else 'NO'}")
    if not agree:
        raise SystemExit(f"{method.id}: the columnar twin differs from the scalar")
    return took


def _column(item: Input, rows: int, place: int) -> Any:
    random = np.random.default_rng([SEED, place])
    if item.kind == "flag":
        return random.choice(np.array([True, False, None], dtype=object), rows, p=[0.1, 0.85, 0.05])
    if item.kind == "word":
        return random.choice(np.array(["A", "B", "M", "C", "D", None], dtype=object), rows)
    top = TOPS[item.kind] if item.plausible is None else min(TOPS[item.kind], float(item.plausible[1]))
    drawn = random.uniform(0, top, rows).round(4)
    drawn[random.uniform(size=rows) < 0.01] = np.nan
    return drawn


def _firm(method: Method, columns: Columns, row: int) -> dict[str, FeatureValue]:
    return {name: _value(columns.values[name][row]) for name in method.features}


def _value(cell: Any) -> FeatureValue:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return MISSING
    return FeatureValue(cell if isinstance(cell, bool | str) else Decimal(repr(float(cell))))


def _boosted() -> Method:
    from jirong.assessment.training import boosting, export
    from jirong.assessment.training.table import Table

    random = np.random.default_rng(SEED)
    values = random.uniform(0, 120, (5_000, 20)).round(4)
    outcome = (random.uniform(size=5_000) < 1 / (1 + np.exp(4 - values[:, 0] / 40))).astype(np.int64)
    table = Table("drawn", tuple(f"input_{i}" for i in range(20)), values, outcome)
    settings = boosting.Settings({"rounds": 200}, monotone={"input_0": 1})
    named = export.Named("boosted-drawn", 1, date(2026, 1, 1), "benchmarks/scoring.py")
    return parse.read("boosted-drawn@1.json", json.dumps(export.boosted(table, settings, named)))


if __name__ == "__main__":
    sys.exit(main())
