"""What the ledger is asked to record: journals of transfers, as plain values.

A transfer moves one amount from its credit account to its debit account, both of one unit and one book. A journal is
one event: its transfers stand or fall together, and its id makes it happen once. ``reserve`` moves the amount in the
pending counters, ``post_pending`` makes all or part of it posted, ``void_pending`` gives all or part of it back, and a
``post`` with ``reverses`` undoes a posted transfer, which can happen to it only once.

No Django here: programs that only describe postings import nothing heavier than this.
"""

from __future__ import annotations

import datetime
import uuid
from enum import StrEnum
from typing import NamedTuple

from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit

AMOUNT_MAX = 10**15
"""Most minor units one transfer moves (ten trillion yuan), so that no counter can overflow its BIGINT."""

SHARDS_MAX = 256
"""Most sub-accounts of one hot account."""

TRANSFERS_MAX = 20_000
"""Most transfers in one call; above this, calls would hold their locks for a second and more."""

ACCOUNTS = uuid.UUID("8f0b7a4e-3c55-5f5e-9d0c-6a1d3e1b7c21")
"""Namespace of account ids."""


class Book(StrEnum):
    """Who owes whom; a mirror of bank accounts; what may still be used of a limit."""

    CLAIMS = "claims"
    CASH = "cash"
    CAPACITY = "capacity"


class Bound(StrEnum):
    """Which side of an account may not outgrow the other, pending included.

    ``DEBITS``: pending and posted debits stay within posted credits; the balance stands on the credit side and cannot
    go below zero. ``CREDITS`` is the mirror of it.
    """

    NONE = "none"
    DEBITS = "debits"
    CREDITS = "credits"


class Kind(StrEnum):
    POST = "post"
    RESERVE = "reserve"
    POST_PENDING = "post_pending"
    VOID_PENDING = "void_pending"


KIND_NUMBERS: dict[str, int] = {Kind.POST: 1, Kind.RESERVE: 2, Kind.POST_PENDING: 3, Kind.VOID_PENDING: 4}
KINDS = {number: Kind(kind) for kind, number in KIND_NUMBERS.items()}


class Transfer(NamedTuple):
    """One movement of ``amount_minor`` (of ``unit``) from ``credit`` to ``debit``. A tuple, because batches are large.

    ``pending`` names the ``reserve`` transfer that ``post_pending`` and ``void_pending`` settle; there the accounts
    may be left out, and ``amount_minor=None`` means all that is left of it. ``reverses`` names the posted transfer
    that this one undoes; there accounts (swapped) and amount may be left out. With ``unit`` given, an account of
    another unit is refused; without, the accounts say it.
    """

    id: uuid.UUID
    debit: uuid.UUID | None = None
    credit: uuid.UUID | None = None
    amount_minor: int | None = None
    kind: str = Kind.POST
    pending: uuid.UUID | None = None
    reverses: uuid.UUID | None = None
    unit: str | None = None

    @classmethod
    def post(cls, id: uuid.UUID, debit: uuid.UUID, credit: uuid.UUID, amount: Money) -> Transfer:
        return cls(id, debit, credit, amount.minor, Kind.POST, None, None, amount.unit.code)

    @classmethod
    def reserve(cls, id: uuid.UUID, debit: uuid.UUID, credit: uuid.UUID, amount: Money) -> Transfer:
        return cls(id, debit, credit, amount.minor, Kind.RESERVE, None, None, amount.unit.code)

    @classmethod
    def post_pending(cls, id: uuid.UUID, pending: uuid.UUID, amount: Money | None = None) -> Transfer:
        """Post all that is left of a reservation, or ``amount`` of it; the rest stays reserved."""
        return cls._settling(id, Kind.POST_PENDING, pending, amount)

    @classmethod
    def void_pending(cls, id: uuid.UUID, pending: uuid.UUID, amount: Money | None = None) -> Transfer:
        """Give back all that is left of a reservation, or ``amount`` of it."""
        return cls._settling(id, Kind.VOID_PENDING, pending, amount)

    @classmethod
    def reversal(cls, id: uuid.UUID, of: uuid.UUID) -> Transfer:
        """Undo the posted transfer ``of``, in full and once."""
        return cls(id, reverses=of)

    @classmethod
    def _settling(cls, id: uuid.UUID, kind: Kind, pending: uuid.UUID, amount: Money | None) -> Transfer:
        minor, unit = (amount.minor, amount.unit.code) if amount is not None else (None, None)
        return cls(id, None, None, minor, kind, pending, None, unit)


class Journal(NamedTuple):
    """One event: ``transfers`` that happen together, on a business date.

    ``event_at`` is when it happened in the world (with a time zone; the moment of recording if left out); ``reason``
    a dotted word for what happened (``note.issue``); ``subject`` the contract, claim or instruction it is about.
    """

    id: uuid.UUID
    business_date: datetime.date
    transfers: tuple[Transfer, ...]
    event_at: datetime.datetime | None = None
    reason: str = ""
    subject: uuid.UUID | None = None


class Posted(NamedTuple):
    """The outcome of a journal: recorded now, ``replayed`` (recorded before with the same body), or refused.

    ``recorded_at`` is the moment it was first recorded, ``None`` if it is not.
    """

    journal: uuid.UUID
    replayed: bool
    recorded_at: datetime.datetime | None
    refusal: Refusal | None = None


def account_id(code: str) -> uuid.UUID:
    """The id of the account with this code: it follows from the code, so nobody has to look it up."""
    return derived_id(ACCOUNTS, code)


class Terms(NamedTuple):
    """What an account is opened with.

    ``bound`` says which side may not outgrow the other (pending included) and ``allowance_minor`` by how much it may
    after all (an overdraft, a numeric limit). ``shards`` > 0 spreads a hot account over that many sub-accounts, picked
    by the journal's id; its balance is their sum, and it can carry no limit, because a limit is checked on one row.
    """

    code: str
    book: Book | str
    unit: Unit = CNY
    owner: uuid.UUID | None = None
    bound: Bound | str = Bound.NONE
    allowance_minor: int = 0
    shards: int = 0

    @property
    def id(self) -> uuid.UUID:
        return account_id(self.code)
