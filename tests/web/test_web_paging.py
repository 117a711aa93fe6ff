"""Keyset pages: every row once, in order, both ways, with nulls last, and no cursor but our own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.errors import Invalid
from jirong.web import paging


@dataclass(frozen=True)
class Row:
    id: int
    due: int | None


User = get_user_model()

rows = st.lists(st.none() | st.integers(-3, 3), max_size=25).map(
    lambda dues: [Row(number, due) for number, due in enumerate(dues)]
)
orders = st.sampled_from([("id",), ("-id",), ("due", "id"), ("-due", "id"), ("-due", "-id")])


def walk(source: Any, order: tuple[str, ...], limit: int) -> tuple[list[Any], list[Any]]:
    """All rows found going forward page by page, and all but the last page found coming back."""
    forward: list[Any] = []
    page = paging.page(source, order, limit=limit)
    forward += page.items
    while page.next:
        page = paging.page(source, order, after=page.next, limit=limit)
        forward += page.items
    back: list[Any] = []
    while page.previous:
        page = paging.page(source, order, before=page.previous, limit=limit)
        back = page.items + back
    return forward, back


@given(rows, orders, st.integers(1, 7))
def test_pages_of_a_list_hold_every_row_once_in_order(source: list[Row], order: tuple[str, ...], limit: int) -> None:
    forward, back = walk(source, order, limit)
    assert forward == paging.sorted_list(source, order)
    assert forward[: len(back)] == back
    assert len(forward) - len(back) <= limit


def test_nulls_come_last_in_either_direction() -> None:
    source = [Row(1, None), Row(2, 5), Row(3, 1)]
    assert [row.id for row in paging.sorted_list(source, ("due", "id"))] == [3, 2, 1]
    assert [row.id for row in paging.sorted_list(source, ("-due", "id"))] == [2, 3, 1]


@pytest.fixture
def users(db: None) -> None:
    moment = dt.datetime(2026, 7, 7, tzinfo=dt.UTC)
    User.objects.bulk_create(
        User(username=f"u{number}", last_login=None if number % 3 == 0 else moment + dt.timedelta(days=number % 4))
        for number in range(23)
    )


@pytest.mark.parametrize("order", [("id",), ("-last_login", "id"), ("last_login", "-id"), ("-username", "id")])
def test_pages_of_a_queryset_hold_every_row_once_in_order(users: None, order: tuple[str, ...]) -> None:
    source = User.objects.all()
    forward, back = walk(source, order, 4)
    assert forward == paging.sorted_list(list(source), order)
    assert forward[: len(back)] == back
    assert len(forward) - len(back) <= 4


def test_a_page_is_one_query_and_starts_at_the_cursor(db: None) -> None:
    source = Permission.objects.select_related("content_type")
    order = ("content_type__model", "codename", "id")
    first = paging.page(source, order, limit=5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        second = paging.page(source, order, after=first.next, limit=5)
    assert len(queries) == 1
    assert '"django_content_type"."model" >= ' in queries[0]["sql"]
    assert "NULLS" not in queries[0]["sql"]
    assert second.items == list(source.order_by(*order)[5:10])


def test_a_cursor_that_was_touched_or_borrowed_is_refused() -> None:
    source = [Row(number, number) for number in range(9)]
    cursor = paging.page(source, ("id",), limit=3).next
    assert cursor is not None
    for wrong in (cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "nonsense", "a.b.c", ""):
        if wrong:
            with pytest.raises(Invalid, match=r"page\.bad_cursor"):
                paging.page(source, ("id",), after=wrong)
    with pytest.raises(Invalid, match=r"page\.bad_cursor"):
        paging.page(source, ("-id",), after=cursor)


def test_a_page_has_a_limit_whatever_is_asked() -> None:
    source = [Row(number, number) for number in range(500)]
    assert len(paging.page(source, ("id",), limit=10_000).items) == paging.PAGE_ROWS_MAX
    assert len(paging.page(source, ("id",), limit=-1).items) == 1


def test_counting_stops_at_its_cap() -> None:
    assert paging.capped_count(list(range(7)), cap=7) == (7, False)
    assert paging.capped_count(list(range(8)), cap=7) == (7, True)


def test_counting_in_the_database_stops_at_its_cap(users: None) -> None:
    assert paging.capped_count(User.objects.all(), cap=10) == (10, True)
    assert paging.capped_count(User.objects.all(), cap=23) == (23, False)
