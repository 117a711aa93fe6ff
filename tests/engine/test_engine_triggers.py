"""Triggers: what they begin their end undoes, limits only fall, rates stay within bounds, silence changes nothing."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine import triggers
from jirong.engine.triggers import Called, Effects, Position, Standing
from jirong.schemes import parse
from jirong.schemes.model.responses import Trigger

ON = datetime.date(2026, 3, 31)
LOAN = UUID(int=3)
HEAD = """
scheme: watched
version: 1
title: {zh: 触发, en: Triggers}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, warehouse: warehouse}
words:
  cover: {zh: 覆盖率, en: cover, kind: percent}
limit: {amount: 1000000.00}
price: {fixed: 5.00%}
instrument: {kind: loan, repay: bullet, tenor: 12 months}
losses: {of: principal, borne: [{by: lender, share: 100%}], excess: lender}
disclose: {borrower: all, lender: all}
triggers:
  - level: 1
    when: [{feature: cover, less_than: 130%}]
    then: """


def trigger(then: str) -> Trigger:
    (found,) = parse.parse(HEAD + then + "\n").triggers
    return found


ALL = """
      - {freeze: new_draws}
      - {freeze: release}
      - {lower_limit_to: 50%}
      - {raise_rate_bp: 100}
      - {call: borrower, to: top_up, within: 3 days}
      - {notify: [lender, warehouse]}"""


def test_every_response_of_the_catalogue_has_its_effect() -> None:
    position = Position(limit_minor=100_000_000, rates={LOAN: Decimal("0.05")})
    assert triggers.begin(trigger(ALL), position, ON) == Effects(
        freeze=True, lower_to_minor=50_000_000, hold=frozenset({"release"}), rates={LOAN: Decimal("0.06")},
        calls=(Called(party="borrower", to="top_up", due=datetime.date(2026, 4, 3)),), told=("lender", "warehouse"),
    )  # fmt: skip


def test_its_end_lifts_what_nobody_else_asks_for_and_leaves_the_limit() -> None:
    found = trigger(ALL)
    position = Position(
        limit_minor=100_000_000, lowered_minor=50_000_000, frozen=True, holds=frozenset({"release"}),
        rates={LOAN: Decimal("0.06")},
    )  # fmt: skip
    ended = triggers.end(found, position, [], {LOAN: Decimal("0.01")})
    assert (ended.freeze, ended.unhold, dict(ended.rates)) == (False, frozenset({"release"}), {LOAN: Decimal("0.05")})
    assert ended.lower_to_minor is None
    still = triggers.end(found, position, [trigger("[{freeze: new_draws}, {freeze: release}]")], {})
    assert (still.freeze, still.unhold) == (None, frozenset())


@given(
    st.integers(1, 10**12), st.integers(0, 10**12), st.integers(1, 100), st.integers(1, 10_000), st.booleans(),
    st.integers(0, 3000), st.none() | st.integers(0, 3000),
)  # fmt: skip
def test_limits_only_fall_and_rates_stay_in_bounds(
    limit: int, off: int, percent: int, points: int, up: bool, rate_bp: int, cap_bp: int | None
) -> None:
    rate = Decimal(rate_bp) / 10_000
    cap = None if cap_bp is None else Decimal(cap_bp) / 10_000
    position = Position(limit_minor=limit, lowered_minor=min(off, limit), rates={LOAN: rate}, cap=cap)
    word = "raise_rate_bp" if up else "cut_rate_bp"
    effects = triggers.begin(trigger(f"[{{lower_limit_to: {percent}%}}, {{{word}: {points}}}]"), position, ON)
    if effects.lower_to_minor is not None:
        assert 0 <= effects.lower_to_minor < limit - position.lowered_minor
    now = effects.rates.get(LOAN, rate)
    assert now >= 0
    assert now >= rate if up else now <= rate
    assert cap is None or now <= max(cap, rate)


@pytest.mark.parametrize(
    ("before", "fires", "now"),
    [
        ("quiet", True, "firing"), ("quiet", False, "quiet"), ("quiet", None, "unknown"),
        ("firing", None, "firing"), ("firing", False, "quiet"), ("firing", True, "firing"),
        ("unknown", None, "unknown"), ("unknown", True, "firing"), ("unknown", False, "quiet"),
    ],
)  # fmt: skip
def test_silence_neither_begins_nor_ends_a_trigger(before: str, fires: bool | None, now: str) -> None:
    assert triggers.turn(Standing(before), fires, ON, None, ON) is Standing(now)


def test_a_trigger_that_lasts_ends_on_its_day_and_not_before() -> None:
    (found,) = parse.parse(HEAD + "[{freeze: new_draws}]\n    lasts: 1 month\n").triggers
    days: list[Any] = [datetime.date(2026, 4, 29), datetime.date(2026, 4, 30)]
    stands = [triggers.turn(Standing.FIRING, False, ON, found.lasts, day) for day in days]
    assert stands == [Standing.FIRING, Standing.QUIET]
