"""Windows of whole months, above all at the ends of months: a quarter holds three month-ends, a year twelve."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.facts import features
from jirong.facts.features.parts import months_before
from jirong.kernel import calendar


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2026-06-30", 3, "2026-03-31"), ("2026-06-30", 12, "2025-06-30"), ("2026-06-29", 3, "2026-03-29"),
        ("2025-02-28", 12, "2024-02-29"), ("2024-02-29", 12, "2023-02-28"), ("2024-02-28", 12, "2023-02-27"),
        ("2026-05-31", 3, "2026-02-28"), ("2026-05-30", 3, "2026-02-27"), ("2026-07-30", 3, "2026-04-29"),
        ("2026-06-30", 0, "2026-06-30"), ("2026-06-29", 0, "2026-06-29"),
    ],
)  # fmt: skip
def test_a_window_begins_after_the_same_day_and_a_month_end_after_a_month_end(
    day: str, months: int, after: str
) -> None:
    assert months_before(datetime.date.fromisoformat(day), months) == datetime.date.fromisoformat(after)


@given(day=st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1)), months=st.integers(1, 36))
def test_a_window_holds_as_many_month_ends_as_months(day: datetime.date, months: int) -> None:
    ends = {calendar.end_of_month(calendar.add_months(day.replace(day=1), -back)) for back in range(months + 2)}
    assert sum(months_before(day, months) < end <= day for end in ends) == months


def test_a_quarter_sums_three_months(facts_world: Any) -> None:
    facts_world.grant("tax", ["social.payroll", "accounts.statement"])
    firm = {"firm": facts_world.code("firm")}
    for date in ("2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"):
        facts_world.push("tax", "social.payroll", {
            **firm, "record_no": date, "date": date, "headcount": "3", "payroll": "300.00", "paid": "1.00"})  # fmt: skip
        facts_world.push("tax", "accounts.statement", {
            **firm, "statement_no": date, "date": date, "revenue": "9.00", "net_profit": "1.00", "assets": "9.00",
            "liabilities": "1.00"})  # fmt: skip
    found = ask(facts_world, "2026-06-30", "payroll_monthly", "profit_3m")
    assert found == [Decimal("300.00"), Decimal("3.00")]


def test_whole_months_are_full_on_the_last_of_a_month_that_lacks_the_day(facts_world: Any) -> None:
    facts_world.push("shop", "shop.orders", {"record_no": "1", "firm": facts_world.code("firm"), "orders": "1",
                                             "date": "2025-10-31", "received": "1.00"})  # fmt: skip
    facts_world.push("tax", "registration.record", {
        "record_no": "1", "firm": facts_world.code("firm"), "date": "2025-12-01", "status": "active",
        "established": "2024-08-31",
    })  # fmt: skip
    names = ("shop_months", "registered_months")
    asked = {day: ask(facts_world, day, *names) for day in ("2026-02-27", "2026-02-28", "2026-04-29", "2026-04-30")}
    assert asked == {
        "2026-02-27": [Decimal(3), Decimal(17)], "2026-02-28": [Decimal(4), Decimal(18)],
        "2026-04-29": [Decimal(5), Decimal(19)], "2026-04-30": [Decimal(6), Decimal(20)],
    }  # fmt: skip


def ask(world: Any, day: str, *names: str) -> list[Any]:
    found = features.online(world.party("firm"), names, as_of=datetime.date.fromisoformat(day))
    return [value.value for value in found.values()]
