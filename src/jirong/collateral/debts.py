"""What is owed, asked of the rooms that lend: they stand on the floor above, so they register themselves here.

A lending room gives two functions when Django starts: what a loan drawn under a secured contract is owed today (to the
day, with interest), and how money from a sale is booked on it. A loan that no room knows is owed what was drawn.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from jirong.collateral.models import Agreement, Drawn
from jirong.store.identity import SYSTEM, acting_as

Owed = Callable[[uuid.UUID, datetime.date], int | None]
Book = Callable[[uuid.UUID, uuid.UUID, int, uuid.UUID, datetime.date], None]


@dataclass(frozen=True, slots=True)
class Lending:
    """``owed(loan, on)`` in minor units, ``None`` for a loan of another room; ``book(loan, payer, minor, id, on)``."""

    owed: Owed
    book: Book


_rooms: list[Lending] = []


def register(room: Lending) -> None:
    if room not in _rooms:
        _rooms.append(room)


def owed_minor(contract: uuid.UUID, on: datetime.date) -> int:
    """Everything owed under a secured contract."""
    return sum(minor for _, minor in owed_by_loan(contract, on))


def owed_by_loan(contract: uuid.UUID, on: datetime.date) -> list[tuple[Drawn, int]]:
    """Each drawing of the contract with what is owed on it, the earliest first."""
    with acting_as(SYSTEM):
        drawings = list(Drawn.objects.filter(secured=contract).order_by("on", "recorded_at", "pk"))
        return [(drawn, _owed(drawn, on)) for drawn in drawings]


def owed_to(agreement: Agreement, on: datetime.date) -> int:
    """What the holder is owed for the debt an agreement secures; of one outside, what it stated, else the most secured.

    The same debt may be secured by several things: each may be realised for all of it (民法典 389).
    """
    if agreement.debt_title:
        return agreement.secured_minor if agreement.owed_minor is None else agreement.owed_minor
    return owed_minor(agreement.secures, on)


def book(contract: uuid.UUID, payer: uuid.UUID, minor: int, id: uuid.UUID, on: datetime.date) -> int:
    """Book money that reached the lender on the contract's loans, the oldest first; what no room could book."""
    left = minor
    for drawn, owed in owed_by_loan(contract, on):
        loan, part = drawn.pk, min(left, owed)
        room = next((room for room in _rooms if room.owed(loan, on) is not None), None)
        if part and room:
            room.book(loan, payer, part, uuid.uuid5(id, str(loan)), on)
            left -= part
    return left


def _owed(drawn: Drawn, on: datetime.date) -> int:
    found = (room.owed(drawn.pk, on) for room in _rooms)
    return next((minor for minor in found if minor is not None), drawn.minor)
