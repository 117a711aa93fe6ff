"""Hot reads and inserts give what the ORM gives: the same instances, under the same identity."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest

from jirong.notes.models import Note
from jirong.parties.models import Party
from jirong.store import hot
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.models import BusinessDay

pytestmark = pytest.mark.django_db
NOTE = hot.Read(Note, "id = %s")
DAYS = hot.Read(BusinessDay, "calendar = ANY(%s) ORDER BY calendar", twice="length(here.calendar) * 2")


def day(calendar: str) -> BusinessDay:
    row = BusinessDay(calendar=calendar, date=datetime.date(2026, 7, 7))
    with acting_as(SYSTEM):
        hot.insert(row)
    return row


def test_what_was_inserted_is_read_as_the_orm_reads_it() -> None:
    made = day("hot-a")
    (read,) = DAYS.rows(["hot-a"])
    assert (read.calendar, read.date) == (made.calendar, made.date)
    assert read == BusinessDay.objects.get(pk="hot-a")
    assert not read._state.adding
    assert not made._state.adding


def test_extra_columns_become_attributes_and_order_is_the_conditions() -> None:
    day("hot-b")
    day("hot-aa")
    assert [(row.calendar, row.twice) for row in DAYS.rows(["hot-b", "hot-aa", "hot-none"])] == [  # type: ignore[attr-defined]
        ("hot-aa", 12),
        ("hot-b", 10),
    ]


def test_no_row_is_none() -> None:
    assert DAYS.first(["hot-none"]) is None


def test_values_are_parameters_and_never_sql() -> None:
    assert DAYS.first(["'; DROP TABLE store_business_day; --"]) is None
    assert not BusinessDay.objects.filter(calendar="hot-none").exists()


@pytest.fixture
def note() -> Note:
    """A note that has arrays, JSON, decimals, moments and columns the database fills."""
    sides = [Party(id=uuid.uuid4(), name=f"甲{n}", size="person") for n in range(2)]
    row = Note(
        id=uuid.uuid4(), number="LDHOT", issuer=sides[0], payee=sides[1], amount_minor=5, late_rate=Decimal("0.0005"),
        issued_on=datetime.date(2026, 7, 7), due=datetime.date(2026, 8, 7), backings=[["k", 5]],
        trade={"agreed_days": None}, status="new", outstanding_minor=0, seen_by=[sides[0].pk],
    )  # fmt: skip
    with acting_as(SYSTEM):
        for made in (*sides, row):
            hot.insert(made)
    return row


def test_every_kind_of_column_comes_back_as_the_orm_has_it(note: Note) -> None:
    names = [field.attname for field in Note._meta.concrete_fields]
    with acting_as(SYSTEM):
        (read,) = NOTE.rows(note.pk)
        known = Note.objects.get(pk=note.pk)
    assert {name: getattr(read, name) for name in names} == {name: getattr(known, name) for name in names}
    assert (read.backings, read.late_rate, read.seen_by) == ([["k", 5]], Decimal("0.000500"), [note.issuer_id])
    assert isinstance(read.recorded_at, datetime.datetime)


def test_row_security_stands_behind_a_hot_read(note: Note) -> None:
    with acting_as(Actor("party", note.issuer_id, 1)):
        assert NOTE.first(note.pk) == note
    with acting_as(Actor("party", uuid.uuid4(), 1)):
        assert NOTE.first(note.pk) is None
