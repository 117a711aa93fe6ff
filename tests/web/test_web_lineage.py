"""The delta: each strand in its own lane, each child right of its parent, nothing lost at a fork."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.money import Money
from jirong.site import samples
from jirong.web import lineage
from jirong.web.parts import Strand

DAY = dt.date(2026, 1, 8)


@st.composite
def trees(draw: st.DrawFn) -> list[Strand]:
    """Strands cut at random out of those before them, never more than is left."""
    strands = [Strand("0", DAY, Money(draw(st.integers(1, 10**12))), "root")]
    left = {"0": strands[0].amount.minor}
    for number in range(1, draw(st.integers(1, 20))):
        parent = draw(st.sampled_from(strands))
        if left[parent.key] == 0:
            continue
        part = draw(st.integers(1, left[parent.key]))
        left[parent.key] -= part
        at = parent.at + dt.timedelta(days=draw(st.integers(0, 3)))
        strands.append(Strand(str(number), at, Money(part), "x", parent.key))
        left[str(number)] = part
    return strands


@given(trees())
def test_every_strand_has_a_lane_of_its_own_right_of_its_parent(strands: list[Strand]) -> None:
    drawing = lineage.draw(strands)
    place = {ribbon.strand.key: ribbon for ribbon in drawing.ribbons}
    assert place.keys() == {strand.key for strand in strands}
    assert len({ribbon.y for ribbon in drawing.ribbons}) == len(strands)
    for ribbon in drawing.ribbons:
        if ribbon.strand.parent:
            assert ribbon.x > place[ribbon.strand.parent].x
            assert ribbon.y > place[ribbon.strand.parent].y
        assert ribbon.y + ribbon.thickness <= drawing.height
        assert ribbon.thickness <= lineage.LANE_PX - lineage.CAPTION_PX
        across = [int(x) for x in re.findall(r"H(\d+)", ribbon.path)]
        assert max(across) <= drawing.edge


@given(trees())
def test_what_is_left_of_all_strands_is_the_whole(strands: list[Strand]) -> None:
    drawing = lineage.draw(strands)
    assert sum(ribbon.left.minor for ribbon in drawing.ribbons) == strands[0].amount.minor
    assert all(ribbon.left.minor >= 0 for ribbon in drawing.ribbons)
    for ribbon in drawing.ribbons:
        reaches_edge = f"H{drawing.edge}" in ribbon.path
        assert reaches_edge == ribbon.lives


@given(trees())
def test_dates_stand_over_their_columns_in_order(strands: list[Strand]) -> None:
    drawing = lineage.draw(strands)
    days = dict(drawing.dates)
    assert list(days) == sorted(days)
    assert list(days.values()) == sorted(days.values())
    assert all(days[ribbon.x] == ribbon.strand.at for ribbon in drawing.ribbons)


def test_a_note_that_goes_down_three_tiers_in_a_morning_takes_four_columns() -> None:
    drawing = lineage.draw(samples.strands())
    assert [(ribbon.x, str(ribbon.left), ribbon.lives) for ribbon in drawing.ribbons] == [
        (2, "7000000.00", True),
        (170, "1800000.00", True),
        (338, "0.00", False),
        (506, "1200000.00", True),
    ]
    assert [day for _, day in drawing.dates] == [DAY, DAY, DAY, dt.date(2026, 2, 9)]


def test_nothing_and_too_much() -> None:
    assert lineage.draw([]).ribbons == ()
    many = [Strand(str(number), DAY, Money(1), "x") for number in range(lineage.STRANDS_MAX + 1)]
    with pytest.raises(ValueError, match="group them"):
        lineage.draw(many)
