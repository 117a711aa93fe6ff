"""Losses shared and recovered; the patent loan of ``sources/002`` to the fen."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine.waterfall import Bearer, Layer, share_loss, share_recovery

LOSS = 333_333_333


def patent(means: int | None = None) -> Layer[str]:
    """The guarantor bears 40 %, the provincial pool 20 %, the bank the rest, each up to its means."""
    return Layer(
        (
            Bearer("guarantor", Decimal("0.40"), means),
            Bearer("pool", Decimal("0.20")),
            Bearer("bank", Decimal("0.40")),
        )
    )


def test_patent_loan() -> None:
    borne = share_loss(LOSS, [patent()], excess="bank")
    assert borne.by_party == {"guarantor": 133_333_333, "pool": 66_666_667, "bank": 133_333_333}
    assert borne.excess_minor == 0
    assert share_recovery(30_000_000, borne) == {"guarantor": 12_000_000, "pool": 6_000_000, "bank": 12_000_000}


def test_patent_loan_with_a_guarantor_of_a_million() -> None:
    """1,333,333.33 − 1,000,000.00 = 333,333.33 falls to the bank, which then bears 1,666,666.66 of 3,333,333.33;
    300,000.00 comes back as 30 %, 20 % and 50 % of the loss: 90,000.00, 60,000.00, 150,000.00.
    """
    borne = share_loss(LOSS, [patent(100_000_000)], excess="bank")
    assert borne.excess_minor == 33_333_333
    assert borne.by_party == {"guarantor": 100_000_000, "pool": 66_666_667, "bank": 166_666_666}
    assert share_recovery(30_000_000, borne) == {"guarantor": 9_000_000, "pool": 6_000_000, "bank": 15_000_000}


def test_layers_lose_in_order_and_recover_in_reverse() -> None:
    layers = [
        Layer((Bearer("sponsor", Fraction(1)),), size_minor=100),
        Layer((Bearer("pool", Fraction(1, 2)), Bearer("insurer", Fraction(1, 2))), size_minor=200),
        Layer((Bearer("bank", Fraction(1)),)),
    ]
    assert share_loss(60, layers, excess="bank").by_party == {"sponsor": 60, "pool": 0, "insurer": 0, "bank": 0}
    borne = share_loss(350, layers, excess="bank")
    assert borne.by_party == {"sponsor": 100, "pool": 100, "insurer": 100, "bank": 50}
    assert share_recovery(50, borne) == {"sponsor": 0, "pool": 0, "insurer": 0, "bank": 50}
    assert share_recovery(251, borne) == {"sponsor": 1, "pool": 100, "insurer": 100, "bank": 50}
    assert share_recovery(0, borne) == {"sponsor": 0, "pool": 0, "insurer": 0, "bank": 0}


def test_what_no_layer_reaches_falls_to_the_named_bearer() -> None:
    borne = share_loss(350, [Layer((Bearer("pool", Fraction(1)),), size_minor=100)], excess="bank")
    assert (borne.by_party, borne.excess_minor) == ({"pool": 100, "bank": 250}, 250)
    assert share_loss(9, [], excess="bank").by_party == {"bank": 9}
    assert share_recovery(5, share_loss(9, [], excess="bank")) == {"bank": 5}


def test_a_recovery_is_within_the_loss() -> None:
    borne = share_loss(100, [patent()], excess="bank")
    for amount in (-1, 101):
        with pytest.raises(ValueError, match="between nothing and what is still held"):
            share_recovery(amount, borne)


@pytest.mark.parametrize("shares", [(), (Fraction(1, 2),), (Fraction(3, 2), Fraction(-1, 2))])
def test_shares_are_whole(shares: tuple[Fraction, ...]) -> None:
    with pytest.raises(AssertionError):
        Layer(tuple(Bearer(str(place), share) for place, share in enumerate(shares)))


@st.composite
def layers_of(draw: st.DrawFn) -> list[Layer[str]]:
    """Up to four layers of up to five bearers, with and without caps."""
    layers = []
    for level in range(draw(st.integers(0, 4))):
        weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
        bearers = tuple(
            Bearer(f"{level}-{place}", Fraction(weight, sum(weights)), draw(st.none() | st.integers(0, 10**9)))
            for place, weight in enumerate(weights)
        )
        layers.append(Layer(bearers, draw(st.none() | st.integers(0, 10**9))))
    return layers


@given(st.integers(0, 10**10), layers_of(), st.data())
def test_nothing_is_lost_in_sharing_or_returning(loss: int, layers: list[Layer[str]], data: st.DataObject) -> None:
    borne = share_loss(loss, layers, excess="lender")
    assert sum(borne.by_party.values()) == loss
    for layer, paid in zip(layers, borne.layers, strict=True):
        for bearer in layer.bearers:
            assert 0 <= paid[bearer.party] <= (loss if bearer.up_to_minor is None else bearer.up_to_minor)
    back = share_recovery(amount := data.draw(st.integers(0, loss)), borne)
    assert sum(back.values()) == amount
    assert all(0 <= back[party] <= borne.by_party[party] for party in back)
    assert share_recovery(loss, borne) == borne.by_party, "a full recovery makes everyone whole"
