"""Who comes first (民法典 768), and how a payment is shared over lots."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine.priority import LotDue, Right, Share, allocate, rank, share_out

A, B, C, D = (uuid.UUID(int=number) for number in range(1, 5))


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 1, 8, hour, tzinfo=dt.UTC)


def test_768_registered_then_notified_then_in_proportion() -> None:
    late = Right(holder=A, financed_minor=50, registered_at=at(12))
    early = Right(holder=B, financed_minor=50, registered_at=at(9), notified_at=at(15))
    told = Right(holder=C, financed_minor=50, notified_at=at(8))
    told_later = Right(holder=D, financed_minor=50, notified_at=at(10))
    neither = [Right(holder=uuid.UUID(int=9), financed_minor=10), Right(holder=uuid.UUID(int=10), financed_minor=20)]
    assert rank([*neither, told_later, late, told, early]) == (
        (early,), (late,), (told,), (told_later,), tuple(neither)
    )  # fmt: skip
    assert rank([]) == ()


def test_neither_registered_nor_notified_share_in_proportion_to_what_they_financed() -> None:
    rivals = [Right(holder=A, financed_minor=100), Right(holder=B, financed_minor=200)]
    assert share_out(100, rivals) == {A: 33, B: 67}
    assert share_out(1_000, rivals) == {A: 100, B: 200}


def test_the_first_is_paid_in_full_before_the_second_sees_anything() -> None:
    first, second = (
        Right(holder=holder, financed_minor=100, registered_at=at(hour)) for holder, hour in ((A, 9), (B, 10))
    )
    assert share_out(150, [second, first]) == {A: 100, B: 50}
    assert share_out(0, [second, first]) == {A: 0, B: 0}


def test_registrations_of_the_same_moment_stand_together() -> None:
    twins = (
        Right(holder=A, financed_minor=1, registered_at=at(9)), Right(holder=B, financed_minor=3, registered_at=at(9))
    )  # fmt: skip
    assert rank(twins) == (twins,)
    assert share_out(2, twins) == {A: 1, B: 1}, "0.5 and 1.5: the odd unit goes to the one named first"


def test_the_pledgee_is_first_within_its_lot_and_no_further() -> None:
    dues = [
        LotDue(lot=A, holder=C, owed_minor=700, pledgee=D, pledgee_owed_minor=600),
        LotDue(lot=B, holder=C, owed_minor=300),
    ]
    assert allocate(900, dues) == (
        Share(lot=A, payee=D, amount_minor=600, because="pledgee"),
        Share(lot=A, payee=C, amount_minor=30, because="holder"),
        Share(lot=B, payee=C, amount_minor=270, because="holder"),
    )
    assert allocate(100, dues) == (
        Share(lot=A, payee=D, amount_minor=70, because="pledgee"),
        Share(lot=B, payee=C, amount_minor=30, because="holder"),
    )
    assert allocate(0, dues) == ()
    with pytest.raises(AssertionError):
        allocate(1_001, dues)


OWED = st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9), st.booleans()), min_size=1, max_size=12)


@given(OWED, st.data())
def test_an_allocation_sums_and_overpays_nobody(owed: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    dues = [
        LotDue(
            lot=uuid.UUID(int=place), holder=A, owed_minor=amount, pledgee=B if pledged else None,
            pledgee_owed_minor=secured,
        )
        for place, (amount, secured, pledged) in enumerate(owed)
    ]  # fmt: skip
    paid = data.draw(st.integers(0, sum(due.owed_minor for due in dues)))
    shares = allocate(paid, dues)
    assert sum(share.amount_minor for share in shares) == paid
    whole = sum(due.owed_minor for due in dues)
    for due in dues:
        mine = [share for share in shares if share.lot == due.lot]
        part = sum(share.amount_minor for share in mine)
        assert part <= due.owed_minor
        assert abs(part * whole - paid * due.owed_minor) < whole, "within one fen of its proportion"
        pledgee = sum(share.amount_minor for share in mine if share.because == "pledgee")
        assert pledgee == (min(part, due.pledgee_owed_minor) if due.pledgee else 0)
