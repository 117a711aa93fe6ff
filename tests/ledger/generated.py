"""Random batches for the ledger: mostly sensible, often wrong in one way, sometimes repeated.

``Drawer`` draws from whatever chooses (Hypothesis, or a seeded ``random.Random`` in the soak run), against the state
of the oracle.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.ledger.oracle import Held, Oracle

from jirong.kernel.money import CNY, USD, Unit
from jirong.ledger.journal import Book, Bound, Journal, Kind, Terms, Transfer, account_id

Value = TypeVar("Value")
DAY = datetime.date(2026, 1, 8)
AMOUNTS = (1, 5, 30, 100)


@dataclass(frozen=True)
class Drawer:
    """``index(n)`` chooses a number below n; 0 is the plainest choice."""

    index: Callable[[int], int]

    def one(self, values: Sequence[Value]) -> Value:
        return values[self.index(len(values))]

    def rarely(self, times_in_twenty: int = 1) -> bool:
        return self.index(20) >= 20 - times_in_twenty


def terms(prefix: str) -> list[Terms]:
    """Accounts of every sort, the last one to be closed."""

    def account(name: str, book: Book = Book.CASH, unit: Unit = CNY, **rest: Any) -> Terms:
        return Terms(f"{prefix}:{name}", book, unit, **rest)

    return [
        account("free"),
        account("also-free"),
        account("debits", bound=Bound.DEBITS),
        account("credits", bound=Bound.CREDITS),
        account("overdraft", bound=Bound.DEBITS, allowance_minor=50),
        account("hot", shards=3),
        account("dollars", unit=USD),
        account("claims", book=Book.CLAIMS),
        account("closed"),
    ]


def oracle_of(opened: Sequence[Terms]) -> Oracle:
    """The oracle's accounts for ``opened``, the last one closed."""
    held = {t.id: Held(t.book, t.unit.code, t.bound, t.allowance_minor) for t in opened}
    held[opened[-1].id].closed = True
    return Oracle(held)


def batch(draw: Drawer, oracle: Oracle, opened: Sequence[Terms], most: int = 5) -> list[Journal]:
    """One to ``most`` journals of one to three transfers; no id twice in the batch."""
    journals: list[Journal] = []
    seen: set[uuid.UUID] = set()
    for _ in range(1 + draw.index(most)):
        journal = _journal(draw, oracle, opened, journals)
        ids = {journal.id, *(transfer.id for transfer in journal.transfers)}
        if not ids & seen and len(ids) == 1 + len(journal.transfers):
            journals.append(journal)
            seen |= ids
    return journals


def _journal(draw: Drawer, oracle: Oracle, opened: Sequence[Terms], others: Sequence[Journal]) -> Journal:
    if oracle.journals and draw.rarely(2):
        first = draw.one(list(oracle.journals.values()))
        return _altered(draw, first) if draw.rarely(8) else first
    before = [transfer for journal in others for transfer in journal.transfers]
    transfers: list[Transfer] = []
    for _ in range(1 + draw.index(3)):
        transfers.append(_transfer(draw, oracle, opened, [*before, *transfers]))
    return Journal(_new(draw), DAY, tuple(transfers))


def _altered(draw: Drawer, first: Journal) -> Journal:
    head, *rest = first.transfers
    return draw.one(
        [
            first._replace(transfers=(head._replace(amount_minor=(head.amount_minor or 0) + 1), *rest)),
            first._replace(transfers=(head, *rest, Transfer(_new(draw), head.debit, head.credit, 1))),
            first._replace(business_date=DAY + datetime.timedelta(1)),
            first._replace(reason="other"),
            first._replace(transfers=(head._replace(id=_new(draw)), *rest)),
            first._replace(subject=_new(draw)),
        ]
    )


def _transfer(draw: Drawer, oracle: Oracle, opened: Sequence[Terms], before: Sequence[Transfer]) -> Transfer:
    """Of ten: four posts, two reserves, two settlements, one reversal, one more post."""
    sort = draw.index(10)
    reserved = [*oracle.left, *(t.id for t in before if t.kind == Kind.RESERVE)]
    posted = [*oracle.transfers, *(t.id for t in before)]
    if sort in (6, 7) and reserved:
        kind = draw.one([Kind.POST_PENDING, Kind.VOID_PENDING])
        pending = draw.one(reserved) if not draw.rarely() else _new(draw)
        settling = Transfer(_new(draw), None, None, draw.one([None, *AMOUNTS]), kind, pending)
        return _saying_accounts(draw, opened, settling) if draw.rarely() else settling
    if sort == 8 and posted:
        reversing = Transfer.reversal(_new(draw), draw.one(posted) if not draw.rarely() else _new(draw))
        if draw.rarely():
            reversing = reversing._replace(amount_minor=5)
        return _saying_accounts(draw, opened, reversing) if draw.rarely() else reversing
    kind = Kind.RESERVE if sort in (4, 5) else Kind.POST
    id = draw.one(list(oracle.transfers)) if oracle.transfers and draw.index(50) == 49 else _new(draw)
    amount = draw.one([0, -3]) if draw.index(50) == 49 else draw.one(AMOUNTS)
    unit = draw.one([None, "CNY", "USD"]) if draw.rarely(2) else None
    debit, credit = _account(draw, opened), _account(draw, opened)
    if debit == credit and not draw.rarely():
        credit = opened[0].id if debit != opened[0].id else opened[1].id
    return Transfer(id, debit, credit, amount, kind, unit=unit)


def _saying_accounts(draw: Drawer, opened: Sequence[Terms], transfer: Transfer) -> Transfer:
    return transfer._replace(debit=_account(draw, opened), credit=_account(draw, opened))


def _account(draw: Drawer, opened: Sequence[Terms]) -> uuid.UUID:
    """Nearly always one of the first six, which can trade with each other."""
    which = draw.index(100)
    return account_id("nobody") if which == 99 else opened[which % 6 if which < 93 else which - 90].id


def _new(draw: Drawer) -> uuid.UUID:
    return uuid.UUID(int=draw.index(2**64) << 64 | draw.index(2**62), version=4)
