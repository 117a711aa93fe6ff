"""A generated cluster's tally straight into DuckDB, for batches over more firms than one would load to try."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from jirong.facts.features.batch import DUCKDB_TABLES
from jirong.facts.generate import columns, load, shape


def fill(connection: Any, cluster: shape.Cluster, tables: Iterable[columns.Columns]) -> int:
    """Make the batch's tables in a DuckDB connection and fill them; the number of tally rows."""
    connection.execute(DUCKDB_TABLES)
    connection.execute("SET TimeZone = 'UTC'")
    firms = pa.table({"firm": list(range(cluster.firms)), "id": [str(id) for id in load.ids(cluster)]})
    connection.register("generated_firms", firms)
    since = datetime.date.fromisoformat(str(cluster.ends[0]))
    connection.execute("INSERT INTO parties_membership SELECT id::UUID, ?, NULL FROM generated_firms", [since])
    rows = 0
    for table in tables:
        tallied = columns.tally(table)
        nothing = pa.nulls(len(tallied), pa.int64())
        amount, a, b, c, d = (nothing if each is None else each for each in (tallied.amount, *tallied.measures))
        frame = pa.table(
            {"firm": tallied.firm, "on": tallied.on, "key": pa.array(tallied.key.tolist()),
             "label": pa.array(tallied.label.tolist()), "count": tallied.count, "amount": amount,
             "a": a, "b": b, "c": c, "d": d, "number": np.arange(rows, rows + len(tallied))}
        )  # fmt: skip
        connection.register("generated_tally", frame)
        connection.execute(
            'INSERT INTO facts_tally SELECT number, id::UUID, ?, "on"::DATE, key, label, count, 0, amount, a, b, c, d, '
            '("on"::DATE + INTERVAL 3 DAY)::TIMESTAMPTZ FROM generated_tally JOIN generated_firms USING (firm)',
            [tallied.kind],
        )
        connection.unregister("generated_tally")
        rows += len(tallied)
    connection.unregister("generated_firms")
    return rows
