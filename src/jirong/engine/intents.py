"""What a step wants of the ledger and of the banks, as plain values.

A :class:`Transfer` moves an amount from a credit account to a debit account of one book (``claims``, ``cash`` or
``capacity``). It is posted at once, or reserved (pending) and later used or released; ``reservation`` then names the
transfer that reserved it. A :class:`Payment` is money that a bank is to move on the payer's instruction: the platform
holds none, so a payment changes no claim until the bank confirms it.

Ids are derived from the event's id, so that the same step always intends the same transfers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from jirong.kernel.money import CNY, Money, Unit


class Book(StrEnum):
    CLAIMS = "claims"
    CASH = "cash"
    CAPACITY = "capacity"


class Phase(StrEnum):
    """``post`` moves at once; ``reserve`` makes it pending; ``use`` posts and ``release`` voids what was reserved."""

    POST = "post"
    RESERVE = "reserve"
    USE = "use"
    RELEASE = "release"


class Side(StrEnum):
    """The side on which an account's balance stands, and below zero on which it may not go (pending included)."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger account as the engine knows it: a stable ``key``, the party that owns it, its balance side."""

    key: str
    owner: UUID | None
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One ledger movement of ``amount_minor`` > 0; ``reservation`` is set for ``use`` and ``release`` only.

    A ``use`` or ``release`` is always of the whole reservation and repeats its accounts and amount.
    """

    id: UUID
    book: Book
    debit: Account
    credit: Account
    amount_minor: int
    unit: Unit = CNY
    phase: Phase = Phase.POST
    reservation: UUID | None = None

    def __post_init__(self) -> None:
        assert self.amount_minor > 0, "a transfer moves something"
        assert self.debit.key != self.credit.key, "a transfer has two accounts"
        assert (self.reservation is not None) == (self.phase in (Phase.USE, Phase.RELEASE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money to be moved by a bank from ``payer`` to ``payee``; confirmed, it ``settles`` (claim id, minor) pairs.

    ``because`` is a stable word for why this payee is paid: ``holder``, ``pledgee``, ``discount``, ``loan``,
    ``repayment``, ``recourse``.
    ``lot`` names the lot the money comes from or is paid for, where there is one.
    """

    id: UUID
    payer: UUID
    payee: UUID
    amount_minor: int
    unit: Unit = CNY
    because: str
    lot: UUID | None = None
    settles: tuple[tuple[UUID, int], ...] = ()

    def __post_init__(self) -> None:
        assert self.amount_minor > 0, "a payment moves something"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.unit)
