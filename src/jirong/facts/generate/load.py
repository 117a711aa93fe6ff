"""A generated cluster copied straight into the database, as one action; for trials and benchmarks, never for firms.

The rows are the ones the importer would make of the files. What was generated for a day is taken as learnt three days
later, so that questions about the past have a past to ask.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from django.db import connection

from jirong.facts import reading
from jirong.facts.generate import columns, shape, streams, write
from jirong.kernel import uscc
from jirong.kernel.errors import Forbidden
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.log.actions import action
from jirong.store.identity import SYSTEM, Actor, acting_as

GENERATED = uuid.UUID("8a6b6f52-6a0e-5d0c-9d59-0f5c1b6a77d1")
LEARNT_AFTER = np.timedelta64(3, "D")
TALLY = ("batch_id", "subject_id", "kind", "on", "key", "label", "count", "disputes", "amount", "a", "b", "c", "d",
         "recorded_at")  # fmt: skip
FACT = ("id", "kind", "subject_id", "counterparty_id", "source_id", "key", "order_no", "on", "amount_minor", "unit",
        "values", "digest", "batch_id", "line", "recorded_at")  # fmt: skip


@action("facts.load_generated", Text("装入生成的集群", "Load a generated cluster"), public=False)
def load(
    *, actor: Actor, id: uuid.UUID, firms: int, months: int, seed: int, last: datetime.date, papers: bool = True
) -> dict[str, Any]:
    """Draw the cluster and copy it in: parties, cluster, tally, and (``papers``) every fact. Only the house itself."""
    if actor.role != "system":
        raise Forbidden(
            "facts.generated", Text("只有平台自身可以装入生成数据", "Only the house itself loads generated data")
        )
    cluster = shape.draw(firms, months, seed, last)
    firm_ids = ids(cluster)
    with acting_as(SYSTEM):
        source = _parties(cluster, firm_ids)
        rows = {}
        for table in streams.facts(cluster):
            batch = derived_id(id, table.kind.code)
            _copy(
                "facts_batch",
                ("id", "source_id", "kind", "name", "sha256", "added", "known", "refused"),
                [(batch, source, table.kind.code, "generated", "0" * 64, len(table), 0, '{"count": 0, "rows": []}')],
            )
            if papers:
                _copy("facts_fact", FACT, _facts(table, cluster, firm_ids, source, batch))
            _copy("facts_tally", TALLY, _tallies(columns.tally(table), firm_ids, batch))
            rows[table.kind.code] = len(table)
    return {"cluster": str(derived_id(GENERATED, seed, firms)), "source": str(source), "rows": rows}


def ids(cluster: shape.Cluster) -> list[uuid.UUID]:
    """The parties' ids; they follow from seed and number."""
    return [derived_id(GENERATED, cluster.seed, firm) for firm in range(cluster.firms)]


def _parties(cluster: shape.Cluster, firm_ids: Sequence[uuid.UUID]) -> uuid.UUID:
    source = derived_id(GENERATED, cluster.seed, "source")
    label = derived_id(GENERATED, cluster.seed, cluster.firms)
    shown = zip(firm_ids, write.names(cluster), write.codes(cluster), write.sizes(cluster), strict=True)
    rows = [(id, name, "", code, "", size, "", "") for id, name, code, size in shown]
    code = uscc.generate(write.FIRST_SERIAL - 1 - cluster.seed % 1000)
    rows.append((source, "生成数据源", "", code, "", "large", "", ""))
    _copy("parties_party", ("id", "name", "name_en", "uscc", "uscc_evidence", "size", "sector", "region"), rows)
    roles = [(id, "core" if tier == 0 else "firm", "") for id, tier in zip(firm_ids, cluster.tier, strict=True)]
    _copy("parties_role", ("party_id", "role", "licence"), [*roles, (source, "provider", "")])
    _copy("parties_cluster", ("id", "name", "name_en", "region"), [(label, f"生成集群{cluster.seed}", "", "")])
    since = str(cluster.ends[0])
    _copy("parties_membership", ("cluster_id", "party_id", "since"), [(label, id, since) for id in firm_ids])
    return source


def _facts(
    table: columns.Columns, cluster: shape.Cluster, firm_ids: Sequence[uuid.UUID], source: uuid.UUID, batch: uuid.UUID
) -> Iterator[tuple[Any, ...]]:
    kind, codes = table.kind, write.codes(cluster)
    names = table.names()
    texts = [table.texts(name, codes) for name in names]
    learnt = (table.on + LEARNT_AFTER).astype(str)
    buyers = [None] * len(table) if table.buyer is None else table.buyer.tolist()
    amount = table.amount() if kind.amount else None
    amounts: list[Any] = [None] * len(table) if amount is None else amount.tolist()
    reads = [kind.field(name).read for name in names]
    for line, cells in enumerate(zip(*texts, strict=True)):
        values = {n: read(cell, n) for n, read, cell in zip(names, reads, cells, strict=True) if cell}
        buyer = buyers[line]
        yield (
            derived_id(batch, line + 2), kind.code, firm_ids[table.firm[line]],
            None if buyer is None else firm_ids[buyer], source, values[kind.key], values.get("order_no", ""),
            values[kind.on], amounts[line], "CNY", reading.as_json(values), reading.digest(kind, values), batch,
            line + 2, learnt[line],
        )  # fmt: skip


def _tallies(rows: columns.Tallied, firm_ids: Sequence[uuid.UUID], batch: uuid.UUID) -> Iterator[tuple[Any, ...]]:
    nothing = [None] * len(rows)
    amount, a, b, c, d = (nothing if each is None else each.tolist() for each in (rows.amount, *rows.measures))
    count, firm = rows.count.tolist(), rows.firm.tolist()
    on, learnt = rows.on.astype(str).tolist(), (rows.on + LEARNT_AFTER).astype(str).tolist()
    key, label = rows.key.tolist(), rows.label.tolist()
    for i in range(len(rows)):
        yield (batch, firm_ids[firm[i]], rows.kind, on[i], key[i], label[i], count[i], 0, amount[i], a[i], b[i], c[i],
               d[i], learnt[i])  # fmt: skip


def _copy(table: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Copy into a table of the transaction's own and from there: tables with row security take no COPY."""
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE coming ON COMMIT DROP AS SELECT {quoted} FROM {table} LIMIT 0")  # noqa: S608
        with cursor.copy(f"COPY coming ({quoted}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {quoted} FROM coming")  # noqa: S608
        cursor.execute("DROP TABLE coming")
