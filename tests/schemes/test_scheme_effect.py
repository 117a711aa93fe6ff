"""Paying by effect: the furniture makers' two bills, worked by hand.

25 days before, 18 after. By throughput 25/18 − 1 = 38.888… %, which is 38 whole points × 1,000.00 = 38,000.00.
By time saved (25 − 18)/25 = 28 %, below the bar of 30 %: the base fee of 5,000.00.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.schemes import effect, parse
from jirong.schemes.model.contracts import MeteredSubscription

FOLDER = Path(__file__).parents[2] / "catalogue" / "schemes"


def terms(name: str = "furniture-effect-fee", **changed: str) -> MeteredSubscription:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    for key, value in changed.items():
        text = text.replace("  points: whole\n", f"  points: whole\n  {key}: {value}\n") if key == "cap" else text
        text = text.replace("counts_from: zero", f"counts_from: {value}") if key == "counts_from" else text
        text = text.replace("points: whole", f"points: {value}") if key == "points" else text
    found = parse.parse(text).instrument
    assert isinstance(found, MeteredSubscription)
    return found


@pytest.mark.parametrize(
    ("name", "effect_", "reached", "amount"),
    [
        ("furniture-effect-fee", Fraction(7, 18), True, "38000.00"),
        ("furniture-effect-fee-time", Fraction(7, 25), False, "5000.00"),
    ],
)
def test_the_two_measures_give_two_bills(name: str, effect_: Fraction, reached: bool, amount: str) -> None:
    bill = effect.bill(terms(name), Decimal(25), Decimal(18))
    assert (bill.effect, bill.reached, bill.amount) == (effect_, reached, Money.parse(amount))
    assert len(bill.reasons) == 2


def test_the_bill_says_how_it_came_about() -> None:
    bill = effect.bill(terms(), Decimal(25), Decimal(18))
    assert [reason.zh for reason in bill.reasons] == [
        "效果为38.9%（按产出速度计：原周期÷现周期－1）",
        "达到30%，从0开始计，计38个百分点 × 1,000.00元 = 38,000.00元",
    ]


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({"cap": "20000.00"}, "20000.00"),
        ({"counts_from": "threshold"}, "8000.00"),  # 8.888… points above the bar, 8 whole
        ({"points": "exact"}, "38888.89"),
    ],
)
def test_caps_starting_points_and_parts_of_a_point(changed: dict[str, str], amount: str) -> None:
    assert effect.bill(terms(**changed), Decimal(25), Decimal(18)).amount == Money.parse(amount)


def test_exactly_at_the_bar_the_bar_is_reached() -> None:
    assert effect.bill(terms(), Decimal(13), Decimal(10)).amount == Money.parse("30000.00")
    assert effect.bill(terms(), Decimal("12.999"), Decimal(10)).amount == Money.parse("5000.00")


def test_a_firm_that_became_slower_pays_the_base_fee() -> None:
    assert effect.bill(terms(), Decimal(18), Decimal(25)).amount == Money.parse("5000.00")


@pytest.mark.parametrize(("before", "after"), [(0, 18), (25, 0), (-1, 5)])
def test_no_measurement_no_bill(before: int, after: int) -> None:
    with pytest.raises(Invalid, match=r"effect\.no_measurement"):
        effect.bill(terms(), Decimal(before), Decimal(after))
