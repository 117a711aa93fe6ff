"""A generated cluster: the same from the same seed, plausible, its truth marked, its files fit for the importer."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest

from jirong.cli import main
from jirong.facts import generate, kinds, reading
from jirong.facts.generate.shape import season

LAST = datetime.date(2026, 6, 30)


def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    for name, seed in (("one", "5"), ("again", "5"), ("other", "6")):
        assert (
            main(["facts", "generate", "--firms", "30", "--months", "3", "--seed", seed, "--out", str(tmp_path / name)])
            == 0
        )
    one, again, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "again", "other")
    )
    assert one == again
    assert one["tax.filing.csv"] != other["tax.filing.csv"]
    truth = json.loads(one["truth.json"])
    assert (truth["firms"], truth["months"], len(truth["rings"])) == (30, ["2026-04", "2026-05", "2026-06"], 1)


def test_every_file_is_one_the_importer_reads(tmp_path: Path) -> None:
    assert main(["facts", "generate", "--firms", "60", "--months", "2", "--out", str(tmp_path)]) == 0
    files = [path for path in tmp_path.glob("*.csv") if path.stem != "parties"]
    assert len(files) == 26
    for path in files:
        rows = list(reading.read_csv(kinds.kind_of(path.stem), path.read_bytes()))
        assert rows or path.stem == "venture.investment", path.name
        assert [row for row in rows if isinstance(row, reading.BadRow)] == [], path.name


def test_it_looks_like_a_cluster() -> None:
    cluster = generate.draw(3000, 24, 2, LAST)
    buyers = np.sort(np.bincount(cluster.buyer, minlength=cluster.firms))[::-1]
    assert buyers[:30].sum() > 0.2 * buyers.sum()  # few buyers, many ties
    assert bool((cluster.tier[cluster.seller] == cluster.tier[cluster.buyer] + 1).all())
    assert 0.02 < (cluster.defaulted >= 0).mean() < 0.12
    by_seller = np.bincount(cluster.seller, weights=cluster.weight, minlength=cluster.firms)
    assert np.allclose(by_seller[cluster.tier > 0], 1)
    means = cluster.sales.mean(axis=1)
    assert [np.median(means[cluster.tier == t]) for t in range(4)] == sorted(
        (np.median(means[cluster.tier == t]) for t in range(4)), reverse=True
    )


def test_new_year_empties_its_month_and_fills_the_one_before() -> None:
    ends = generate.draw(10, 12, 1, datetime.date(2026, 12, 31)).ends
    factor = dict(zip((str(end)[:7] for end in ends), season(ends), strict=True))
    assert factor["2026-02"] == min(factor.values()) < 0.6
    assert factor["2026-01"] > 1.1


def test_a_cluster_of_nobody_is_refused() -> None:
    assert main(["facts", "generate", "--firms", "3", "--months", "2", "--out", "x"]) == 2
    with pytest.raises(ValueError, match="at least 10"):
        generate.draw(3, 1, 1)
