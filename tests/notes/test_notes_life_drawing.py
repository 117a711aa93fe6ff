"""The drawing of a note's life: whatever way lots split, every amount has its strand and every lot its knot."""

from __future__ import annotations

import datetime
import re
import uuid

import hypothesis
from hypothesis import strategies

from jirong.claims.models import ClaimRow
from jirong.notes import life

START = datetime.datetime(2026, 1, 8, 9, 0, tzinfo=datetime.UTC)


def lot(parent: ClaimRow | None, amount: int, at: int) -> ClaimRow:
    return ClaimRow(
        id=uuid.uuid4(), contract=uuid.UUID(int=1), kind="lot", debtor=uuid.UUID(int=2), creditor=uuid.uuid4(),
        amount_minor=amount, outstanding_minor=amount, unit="CNY", due=START.date(), state="held",
        root=parent.root if parent else uuid.UUID(int=3), parent_id=parent.pk if parent else None,
        tier=parent.tier + 1 if parent else 1, recorded_at=START + datetime.timedelta(minutes=at),
    )  # fmt: skip


@strategies.composite
def trees(draw: strategies.DrawFn) -> list[ClaimRow]:
    """A first lot of 1,000,000 fen, cut again and again; some cuts at the same moment."""
    lots = [lot(None, 1_000_000, 0)]
    for _ in range(draw(strategies.integers(0, 12))):
        source = draw(strategies.sampled_from([row for row in lots if row.outstanding_minor > 0]))
        part = draw(strategies.integers(1, source.outstanding_minor))
        source.outstanding_minor -= part
        source.moved_minor += part
        since = int((source.recorded_at - START) / datetime.timedelta(minutes=1))
        lots.append(lot(source, part, since + draw(strategies.integers(0, 20))))
    return lots


@hypothesis.given(trees())
def test_every_amount_has_its_strand_and_every_lot_its_knot(lots: list[ClaimRow]) -> None:
    drawn = life.draw(lots, {row.pk: "2026-01-08" for row in lots}, "2026-02-09")
    kept = {row.pk: row.amount_minor - row.moved_minor for row in lots}
    assert {strand.lot.pk: strand.amount_minor for strand in drawn.strands} == {
        id: minor for id, minor in kept.items() if minor
    }
    assert sum(strand.amount_minor for strand in drawn.strands) == 1_000_000
    assert {knot.lot.pk for knot in drawn.knots} == {row.pk for row in lots}
    places = {knot.lot.pk: knot.x for knot in drawn.knots}
    assert all(places[row.parent_id] < places[row.pk] for row in lots if row.parent_id)
    lanes = [strand.y for strand in drawn.strands]
    assert len(set(lanes)) == len(lanes)
    for strand in drawn.strands:
        xs = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", strand.path)]
        assert min(xs) == life.LEFT
        assert max(xs) == drawn.edge
    assert [tick.label for tick in drawn.ticks] == ["2026-01-08", "2026-02-09"]


def test_a_part_whose_parent_one_may_not_see_begins_by_itself() -> None:
    parent = lot(None, 500, 0)
    hidden_child = lot(parent, 200, 1)
    drawn = life.draw([hidden_child], {}, "2026-02-09")
    assert [strand.amount_minor for strand in drawn.strands] == [200]
    assert len(drawn.knots) == 1
