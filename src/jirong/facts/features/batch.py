"""Features of every firm at once, from the same expressions, on whatever engine Ibis speaks to: DuckDB, or Spark.

The engine has the tally and the memberships as tables (:func:`copy_tally` brings them from PostgreSQL; a generated
cluster writes them itself). The answer is a table with a row a firm, and a column of values for each feature.
"""

from __future__ import annotations

import datetime
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from jirong.facts.features import catalogue, expressions
from jirong.facts.features.online import (
    WITHHELD,
    Consents,
    Reader,
    Source,
    consents,
    is_withheld,
    judged,
)
from jirong.facts.features.parts import MEMBERSHIP, Feature, Part
from jirong.schemes.evaluate.facts import MISSING, FeatureValue

FOREVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)
METAS = ("n", "disputes", "last_on")
TALLY_COLUMNS = tuple(expressions.TALLY.names)
DUCKDB_TABLES = """
    CREATE TABLE facts_tally (id BIGINT, subject_id UUID, kind VARCHAR, "on" DATE, key VARCHAR, label VARCHAR,
        count INTEGER, disputes INTEGER, amount BIGINT, a BIGINT, b BIGINT, c BIGINT, d BIGINT,
        recorded_at TIMESTAMPTZ);
    CREATE TABLE parties_membership (party_id UUID, since DATE, until DATE);
"""


@dataclass(frozen=True)
class Batch:
    """Features of all firms: an Ibis table, and the features it has columns for.

    The table is the house's. What ``reader`` may know of it is looked up in PostgreSQL each time :meth:`frame` or
    :meth:`values` is called, so a consent withdrawn after the batch was computed withholds at once.
    """

    table: ir.Table
    features: tuple[Feature, ...]
    as_of: datetime.date
    reader: Reader | None = None

    def frame(self) -> Any:
        """A pandas frame for models: a row a firm, a column a feature, null where :meth:`values` has no value.

        Money is a float of yuan here, a statistic; amounts come from :meth:`values`.
        """
        found = self._frame()
        if self.reader is not None:
            self._withhold(found, consents(self.reader))
        return found

    def _withhold(self, frame: Any, allowed: Consents) -> None:
        """Empty what the reader has no consent for, feature by feature."""
        kinds_of = [allowed[uuid.UUID(str(firm))] for firm in frame["subject_id"]]
        for item in self.features:
            if item.given or not catalogue.consent_needed(item):
                continue
            answers = {each: is_withheld(item, each) for each in set(kinds_of)}
            frame.loc[[answers[each] for each in kinds_of], item.code] = None

    def _frame(self) -> Any:
        columns = {}
        for item in self.features:
            if not item.given:
                raw = self.table[item.code]
                value = raw.cast("float64") / item.per if item.kind == "money" else raw
                columns[item.code] = self._known(item).ifelse(value, None)
        return self.table.select("subject_id", **columns).execute()

    def _known(self, item: Feature) -> ir.BooleanValue:
        """What :func:`jirong.facts.features.online.judged` asks, for all firms: facts are there, and agree."""
        known = ibis.literal(True)
        for kind in item.reads:
            n, disputes = (self.table[_meta(kind, meta)].fill_null(0) for meta in ("n", "disputes"))
            known &= disputes <= 0
            if kind in item.sources:
                known &= n > 0
        return known

    def values(self) -> Iterator[tuple[uuid.UUID, dict[str, FeatureValue]]]:
        """The same values as :func:`jirong.facts.features.online.many` gives, firm by firm."""
        allowed = None if self.reader is None else consents(self.reader)
        for row in self.table.to_pyarrow().to_pylist():
            firm = uuid.UUID(str(row["subject_id"]))
            kinds_of = None if allowed is None else allowed[firm]
            yield firm, {item.code: self._value(item, row, kinds_of) for item in self.features}

    def _value(self, item: Feature, row: dict[str, Any], allowed: frozenset[str] | None) -> FeatureValue:
        if item.given:
            return MISSING
        about = {kind: Source(*(row[_meta(kind, meta)] for meta in METAS)) for kind in item.reads}
        about = {kind: Source(source.n or 0, source.disputes or 0, source.last_on) for kind, source in about.items()}
        return WITHHELD if is_withheld(item, allowed) else judged(item, row[item.code], about)


def batch(
    connection: Any,
    names: Iterable[str] | None = None,
    *,
    as_of: datetime.date,
    known_at: datetime.datetime | None = None,
    reader: Reader | None = None,
) -> Batch:
    """Features ``names`` (all) of every firm in the engine's tally on ``as_of``, as known at ``known_at``.

    ``connection`` is an Ibis backend, or a DuckDB connection. ``reader`` is who will read the answer and what for:
    what it has no consent for is withheld; None is the house (its own close of business, a generated cluster).
    """
    backend = connection if hasattr(connection, "compile") else ibis.duckdb.from_connection(connection)
    chosen = tuple(catalogue.FEATURES.values() if names is None else map(catalogue.feature, names))
    computed = [item for item in chosen if not item.given]
    when = expressions.Moment(as_of, known_at or FOREVER)
    tally = backend.table(expressions.TALLY_TABLE)
    memberships = backend.table(expressions.MEMBERSHIP_TABLE)
    everybody = tally.select("subject_id").union(memberships.select(subject_id=memberships.party_id), distinct=True)
    needed = expressions.parts_of(computed)
    joined = _kept(backend, "features_firms", everybody)
    for number, (kind, parts) in enumerate(needed.items()):
        # Each kind's answer is computed once and kept: one expression of them all would be read for every column.
        found = _of_kind(tally, memberships, kind, parts.values(), when).rename({f"firm_{number}": "subject_id"})
        joined = joined.left_join(_kept(backend, f"features_{number}", found), [("subject_id", f"firm_{number}")])
    wide = _kept(backend, "features_parts", joined)
    columns = {item.code: expressions.value(item, wide, when) for item in computed}
    metas = [_meta(kind, meta) for kind in needed for meta in METAS]
    return Batch(wide.select("subject_id", *metas, **columns), chosen, as_of, reader)


KEEP = {"duckdb": "CREATE OR REPLACE TEMPORARY TABLE {name} AS {query}", "pyspark": "CACHE TABLE {name} AS {query}"}
"""How an engine keeps an answer until the connection closes or the next batch replaces it."""


def _kept(backend: Any, name: str, table: ir.Table) -> ir.Table:
    """The table's rows, computed now."""
    if backend.name == "pyspark":
        backend.raw_sql(f"DROP VIEW IF EXISTS {name}")
    backend.raw_sql(KEEP[backend.name].format(name=name, query=backend.compile(table)))
    return backend.table(name)


def _of_kind(
    tally: ir.Table, memberships: ir.Table, kind: str, parts: Iterable[Part], when: expressions.When
) -> ir.Table:
    is_membership = kind == MEMBERSHIP
    rows = expressions.members(memberships, when) if is_membership else expressions.standing(tally, kind, when)
    found = expressions.aggregates(rows, kind, parts, when)
    return found.rename({_meta(kind, meta): meta for meta in METAS})


def copy_tally(duckdb: Any) -> int:
    """Bring the tally and the memberships from PostgreSQL into a DuckDB connection; the number of tally rows.

    Runs as whoever acts: rows the identity may not see are not brought.
    """
    from django.db import connection, transaction

    duckdb.execute(DUCKDB_TABLES)
    quoted = ", ".join(f'"{name}"' for name in TALLY_COLUMNS)
    queries = {
        expressions.TALLY_TABLE: f"SELECT {quoted} FROM facts_tally",  # noqa: S608
        expressions.MEMBERSHIP_TABLE: 'SELECT party_id, since, "until" FROM parties_membership',
    }
    with tempfile.TemporaryDirectory() as folder, transaction.atomic(), connection.cursor() as cursor:
        for table, query in queries.items():
            path = Path(folder) / f"{table}.csv"
            with path.open("wb") as file, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
                for data in copy:
                    file.write(data)
            # An empty text comes in quotes, a null without: they are told apart, as in PostgreSQL.
            duckdb.execute(f"COPY {table} FROM '{path}' (FORMAT csv, HEADER false, ALLOW_QUOTED_NULLS false)")
    (rows,) = duckdb.execute("SELECT count(*) FROM facts_tally").fetchone()
    return int(rows)


def _meta(kind: str, meta: str) -> str:
    return f"{kind.replace('.', '_')}__{meta}"
