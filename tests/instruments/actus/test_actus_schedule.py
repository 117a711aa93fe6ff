"""Cycles, stubs, month ends and business days (ACTUS techspecs §3.1–3.5)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from jirong.instruments.actus import instants, schedule
from jirong.instruments.actus.schedule import Conventions
from jirong.kernel.calendar import WEEKDAYS
from jirong.kernel.errors import Invalid


def day(text: str) -> datetime:
    return instants.parse_instant(text, "test")


def times(anchor: str, cycle: str, end: str, *, include_end: bool = True, month_end: bool = False) -> list[str]:
    parsed = instants.parse_cycle(cycle, "test")
    found = schedule.times(day(anchor), parsed, day(end), include_end=include_end, month_end=month_end)
    return [time.strftime("%m-%d") for time in found]


def test_a_short_stub_keeps_the_broken_period_and_a_long_one_joins_it() -> None:
    assert times("2026-01-15", "P1ML1", "2026-04-01") == ["01-15", "02-15", "03-15", "04-01"]
    assert times("2026-01-15", "P1ML0", "2026-04-01") == ["01-15", "02-15", "04-01"]
    assert times("2026-01-15", "P1ML0", "2026-04-15") == ["01-15", "02-15", "03-15", "04-15"]
    assert times("2026-01-15", "P1M", "2026-04-01") == ["01-15", "02-15", "03-15", "04-01"]


def test_the_end_belongs_to_the_schedule_only_when_asked() -> None:
    assert times("2026-01-15", "P1ML0", "2026-04-01", include_end=False) == ["01-15", "02-15"]
    assert times("2026-01-15", "P1ML0", "2026-03-15", include_end=False) == ["01-15", "02-15"]


def test_a_long_stub_never_drops_the_anchor() -> None:
    assert times("2026-01-15", "P3ML0", "2026-03-01") == ["01-15", "03-01"]


def test_times_are_counted_from_the_anchor() -> None:
    assert times("2026-01-31", "P1ML1", "2026-05-01") == ["01-31", "02-28", "03-31", "04-30", "05-01"]
    assert times("2026-01-30", "P1ML1", "2026-04-01", month_end=True) == ["01-30", "02-28", "03-30", "04-01"]


def test_a_month_end_anchor_sticks_to_month_ends_under_eom() -> None:
    assert times("2026-04-30", "P1ML1", "2026-08-01", month_end=True) == ["04-30", "05-31", "06-30", "07-31", "08-01"]
    assert times("2026-04-30", "P1ML1", "2026-08-01") == ["04-30", "05-30", "06-30", "07-30", "08-01"]
    assert times("2026-04-30", "P30DL1", "2026-07-01", month_end=True) == ["04-30", "05-30", "06-29", "07-01"]


@pytest.mark.parametrize(
    ("written", "months", "days", "long_stub"),
    [
        ("P3ML0", 3, 0, True),
        ("P3ML1", 3, 0, False),
        ("1Q-", 3, 0, False),
        ("1H+", 6, 0, True),
        (" p2wl1 ", 0, 14, False),
        ("P1Y6M", 18, 0, False),
        ("P1M15DL0", 1, 15, True),
    ],
)
def test_cycles_are_read_as_iso_durations_and_as_the_older_notation(
    written: str, months: int, days: int, long_stub: bool
) -> None:
    expected = instants.Cycle(instants.Period(months, days), long_stub)
    assert instants.parse_cycle(written, "test") == expected


@pytest.mark.parametrize("written", ["P0D", "P0M0D", "0ML1"])
def test_a_cycle_of_no_length_never_ends_and_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        instants.parse_cycle(written, "cycleOfInterestPayment")
    assert refused.value.code == "actus.term_impossible"
    assert refused.value.details == {"term": "cycleOfInterestPayment", "value": written}


@pytest.mark.parametrize("written", ["monthly", "P1", "P-1M", "PT1H", "", "P1ML2", "P9999999D", "P1M L1"])
def test_what_is_no_cycle_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        instants.parse_cycle(written, "test")
    assert refused.value.code == "actus.term_unreadable"


def test_a_schedule_has_an_upper_bound() -> None:
    with pytest.raises(Invalid) as refused:
        times("2000-01-01", "P1DL1", "2120-01-01")
    assert str(schedule.TIMES_MAX) in refused.value.reason.en
    assert len(times("2000-01-01", "P1DL1", "2100-01-01")) == 36_526


@pytest.mark.parametrize(
    ("convention", "time", "at"),
    [
        ("NOS", "05-31", "05-31"),
        ("SCF", "06-01", "06-01"),
        ("SCMF", "05-29", "05-29"),
        ("CSF", "06-01", "05-31"),
        ("CSMF", "05-29", "05-31"),
        ("SCP", "05-29", "05-29"),
        ("SCMP", "05-29", "05-29"),
        ("CSP", "05-29", "05-31"),
        ("CSMP", "05-29", "05-31"),
    ],
)
def test_business_day_conventions_at_the_end_of_a_month(convention: str, time: str, at: str) -> None:
    """31 May 2026 is a Sunday: following leaves the month, preceding does not."""
    slot = Conventions(False, convention, WEEKDAYS).slot(day("2026-05-31"))
    assert (slot.time.strftime("%m-%d"), slot.at.strftime("%m-%d")) == (time, at)


@pytest.mark.parametrize(
    ("convention", "time"), [("SCP", "07-31"), ("SCMP", "08-03"), ("CSMP", "08-03"), ("SCMF", "08-03")]
)
def test_business_day_conventions_at_the_start_of_a_month(convention: str, time: str) -> None:
    """1 August 2026 is a Saturday: preceding leaves the month."""
    assert Conventions(False, convention, WEEKDAYS).slot(day("2026-08-01")).time.strftime("%m-%d") == time


def test_a_date_given_in_the_terms_is_not_moved_but_shift_calculate_reckons_to_the_business_day() -> None:
    slot = Conventions(False, "SCF", WEEKDAYS).fixed(day("2026-05-31"))
    assert (slot.time, slot.at) == (day("2026-05-31"), day("2026-06-01"))
    slot = Conventions(False, "CSF", WEEKDAYS).fixed(day("2026-05-31"))
    assert (slot.time, slot.at) == (day("2026-05-31"), day("2026-05-31"))


def test_an_array_schedule_runs_each_cycle_to_the_next_anchor() -> None:
    anchors = [day("2026-01-01"), day("2026-07-01")]
    cycles = [instants.parse_cycle("P3ML1", "test"), instants.parse_cycle("P2ML1", "test")]
    found = schedule.array_times(anchors, cycles, day("2026-12-01"))
    assert [(i, time.month) for i, time in found] == [(0, 1), (0, 4), (1, 7), (1, 9), (1, 11)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),  # noqa: DTZ001 -- ACTUS times have no zone
        (" 2026-01-31T08:30 ", datetime(2026, 1, 31, 8, 30)),  # noqa: DTZ001
        ("2026-01-31T08:30:15", datetime(2026, 1, 31, 8, 30, 15)),  # noqa: DTZ001
        ("2026-01-31T24:00:00", datetime(2026, 1, 31, 23, 59, 59)),  # noqa: DTZ001
    ],
)
def test_times_are_read_with_10_16_and_19_characters(written: str, read: datetime) -> None:
    assert instants.parse_instant(written, "test") == read


def test_one_second_before_midnight_is_the_midnight_interest_is_reckoned_to() -> None:
    assert instants.day(day("2026-12-31T23:59:59")) == date(2027, 1, 1)
    assert instants.day(day("2026-12-31T12:00:00")) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "written", ["2026-02-29", "2026-13-01", "31.01.2026", "2026-01-31Z", "0001-01-01", 20260131, None]
)
def test_what_is_no_date_is_refused(written: object) -> None:
    with pytest.raises(Invalid) as refused:
        instants.parse_instant(written, "maturityDate")
    assert refused.value.where == "maturityDate"
