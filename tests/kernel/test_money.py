"""Money is exact: read, shown, rounded half up and split without losing a fen."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.kernel.errors import Invalid
from jirong.kernel.money import CNY, MINOR_MAX, MINUTE, USD, Money, round_half_up, split_minor, total

MINORS = st.integers(-MINOR_MAX, MINOR_MAX)


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1000", 100_000), ("1000.5", 100_050), ("1,000.50", 100_050), (" 0.01 ", 1), ("-3.10", -310), ("-0", 0)],
)
def test_reads_what_people_write(text: str, minor: int) -> None:
    assert Money.parse(text) == Money(minor, CNY)


@pytest.mark.parametrize(
    "text", ["", "1.005", "1e3", "1,00", "1 000", "NaN", "１００", "+1", ".5", "1.", "1,000,00.00", "0x10", "1\n2"]
)
def test_refuses_what_is_not_an_amount(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(text, where="orders.csv:3")
    assert refused.value.code == "money.unreadable"
    assert refused.value.where == "orders.csv:3"
    assert refused.value.remedy


def test_refuses_what_the_database_cannot_hold_and_says_so() -> None:
    assert Money.parse("92233720368547758.07").minor == MINOR_MAX
    with pytest.raises(Invalid) as refused:
        Money.parse("92233720368547758.08")
    assert refused.value.code == "money.too_large"
    with pytest.raises(Invalid) as refused:
        Money.parse("9" * 5000)
    assert refused.value.code == "money.too_large"


def test_a_unit_without_decimals_takes_none() -> None:
    assert Money.parse("90", MINUTE) == Money(90, MINUTE)
    assert str(Money(90, MINUTE)) == "90"
    with pytest.raises(Invalid):
        Money.parse("90.5", MINUTE)


def test_shows_edge_and_screen_form() -> None:
    money = Money(-123_456_789, CNY)
    assert (str(money), money.grouped()) == ("-1234567.89", "-1,234,567.89")


@given(MINORS)
def test_what_is_shown_reads_back(minor: int) -> None:
    money = Money(minor)
    assert Money.parse(str(money)) == Money.parse(money.grouped()) == money


def test_halves_go_away_from_zero() -> None:
    found = [round_half_up(Decimal(text)) for text in ("0.5", "1.5", "2.5", "-0.5", "-2.5", "0.4999", "-0.4999")]
    assert found == [1, 2, 3, -1, -3, 0, 0]
    assert round_half_up(Fraction(5, 2)) == 3
    assert round_half_up(Fraction(-5, 2)) == -3


def test_rounding_ignores_the_decimal_context() -> None:
    long = Decimal("123456789012345678901234567890.5")
    with localcontext() as context:
        context.prec = 4
        assert round_half_up(long) == 123456789012345678901234567891
        assert Money.rounded(Decimal("12345.675")) == Money(1_234_568)
        assert str(Money(MINOR_MAX)) == "92233720368547758.07"


@given(st.fractions())
def test_rounding_is_nearest(value: Fraction) -> None:
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


def test_units_do_not_mix() -> None:
    for clash in (lambda: Money(1) + Money(1, USD), lambda: Money(1) < Money(1, USD), lambda: total([Money(1, USD)])):
        with pytest.raises(ValueError, match="cannot combine"):
            clash()
    assert Money(1) != Money(1, USD)


@pytest.mark.parametrize("wrong", [1.0, True, "1", Decimal(1)])
def test_minor_units_are_int(wrong: object) -> None:
    with pytest.raises(TypeError):
        Money(wrong)  # type: ignore[arg-type]


def test_arithmetic_and_order() -> None:
    assert (Money(3) + Money(4), Money(3) - Money(4), -Money(3)) == (Money(7), Money(-1), Money(-3))
    assert Money(1) < Money(2) <= Money(2) < Money(3)
    assert Money(3) > Money(2) >= Money(2)
    assert [bool(Money(0)), bool(Money(-1))] == [False, True]
    assert Money(10_001).times(Decimal("0.5")) == Money(5_001)
    assert total([]) == Money(0)
    assert total([Money(1), Money(2)]) == Money(3)


def test_a_loss_splits_by_largest_remainder() -> None:
    assert split_minor(333_333_333, [Decimal("0.4"), Decimal("0.2"), Decimal("0.4")]) == [
        133_333_333, 66_666_667, 133_333_333
    ]  # fmt: skip
    assert split_minor(-100, [1, 1, 1]) == [-34, -33, -33]
    assert Money(100).split([1, 1, 1]) == [Money(34), Money(33), Money(33)]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1]])
def test_weights_must_weigh(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_minor(1, weights)


@given(MINORS, st.lists(st.fractions(0, 10), min_size=1, max_size=20).filter(any))
def test_a_split_sums_and_no_part_is_a_unit_off(amount: int, weights: list[Fraction]) -> None:
    parts = split_minor(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < 1
