"""Rates and the LPR table."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jirong.kernel import rates
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

SHARED_LPR = Path(__file__).parents[3] / "shared" / "data" / "lpr.csv"


def test_lpr_of_the_examples_year() -> None:
    assert rates.lpr_1y(date(2026, 1, 8)) == Decimal("0.0300")
    assert rates.lpr_5y(date(2026, 12, 31)) == Decimal("0.0350")


def test_a_value_holds_from_its_day() -> None:
    assert rates.lpr_1y(date(2025, 5, 19)) == Decimal("0.0310")
    assert rates.lpr_1y(date(2025, 5, 20)) == Decimal("0.0300")


def test_no_lpr_before_the_reform() -> None:
    with pytest.raises(Invalid) as refusal:
        rates.lpr_1y(date(2019, 8, 19))
    assert refusal.value.code == "rate.before_first"


def test_dates_nobody_has_checked_say_so() -> None:
    history = rates.lpr_history()
    assert history.is_confirmed(date(2026, 7, 20))
    assert not history.is_confirmed(date(2026, 7, 21))
    assert history.source.en


def test_catalogue_agrees_with_the_shared_facts() -> None:
    if not SHARED_LPR.exists():
        pytest.skip("the shared data folder beside the repository is absent")
    with SHARED_LPR.open(encoding="utf-8") as file:
        expected = tuple(
            rates.Quote(
                date.fromisoformat(row["date"]),
                rates.percent(row["one_year_percent"]),
                rates.percent(row["five_year_percent"]),
            )
            for row in csv.DictReader(file)
        )
    assert rates.lpr_history().quotes == expected


def test_basis_points_and_percent() -> None:
    assert rates.plus_bp(Decimal("0.0300"), 95) == Decimal("0.0395")
    assert rates.plus_bp(Decimal("0.0300"), -50) == Decimal("0.0250")
    assert rates.in_bp(Decimal("0.0095")) == 95
    assert rates.percent("3.95") == rates.percent(" 3.95% ") == Decimal("0.0395")
    assert rates.shown(Decimal("0.0395")) == "3.95%"


@pytest.mark.parametrize("text", ["", "three", "NaN", "Infinity", "3,95"])
def test_unreadable_rates_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rates.percent(text)
    assert refusal.value.code == "rate.unreadable"


def test_a_history_out_of_order_is_a_defect() -> None:
    quote = rates.Quote(date(2026, 1, 1), Decimal("0.03"), Decimal("0.035"))
    with pytest.raises(ValueError, match="date order"):
        rates.RateHistory((quote, quote), date(2026, 1, 1), Text("甲", "a"))
