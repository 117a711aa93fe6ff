"""A generated cluster as files: parties, one CSV a kind that the importer reads, and the truth in JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from jirong.facts.generate.columns import Columns
from jirong.facts.generate.shape import SECTORS, Cluster
from jirong.kernel import uscc

FIRST_SERIAL = 500_000_000
"""Where generated credit codes begin; demonstrations take theirs below."""


def codes(cluster: Cluster) -> list[str]:
    """A credit code for each firm; they follow from seed and number."""
    start = FIRST_SERIAL + cluster.seed % 1000 * 1_000_000
    return [uscc.generate(start + firm) for firm in range(cluster.firms)]


def names(cluster: Cluster) -> list[str]:
    return [f"{SECTORS[sector]}{firm:05d}号厂" for firm, sector in enumerate(cluster.sector.tolist())]


def sizes(cluster: Cluster) -> list[str]:
    """The size class that goes with a tier."""
    return [("large", "medium", "small", "micro")[tier] for tier in cluster.tier.tolist()]


def write(cluster: Cluster, tables: Iterable[Columns], folder: Path) -> dict[str, int]:
    """Write everything into ``folder``, made if absent; the rows of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = codes(cluster)
    parties = zip(shown, names(cluster), sizes(cluster), [SECTORS[s] for s in cluster.sector.tolist()], strict=True)
    _csv(folder / "parties.csv", ["uscc", "name", "size", "sector"], parties)
    (folder / "truth.json").write_text(json.dumps(cluster.truth(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    written = {}
    for table in tables:
        fields = table.names()
        _csv(folder / f"{table.kind.code}.csv", fields, zip(*(table.texts(f, shown) for f in fields), strict=True))
        written[table.kind.code] = len(table)
    return written


def _csv(path: Path, header: list[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
