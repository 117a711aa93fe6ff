"""Limits as accounts: reserve, use, release and give back.

A credit limit, an invoice's unpaid balance, a guarantor's means, a subsidy budget or a machine's hours is one
capacity with three accounts: ``granted`` (the whole), ``free`` and ``used``. Reserving is a pending transfer from free
to used, using posts it, releasing voids it. Because ``free`` may not go below zero, pending included, the ledger
itself is the answer to "only once" and "never more than".
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from jirong.engine.checks import Backing
from jirong.engine.intents import Account, Book, Phase, Side, Transfer
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Unit


def granted(name: str, owner: UUID | None = None) -> Account:
    """The account that holds the whole of the limit ``name``."""
    return Account(f"capacity:{name}:granted", owner, Side.CREDIT)


def free(name: str, owner: UUID | None = None) -> Account:
    """What may still be used; it cannot go below zero."""
    return Account(f"capacity:{name}:free", owner, Side.DEBIT)


def used(name: str, owner: UUID | None = None) -> Account:
    """What is in use."""
    return Account(f"capacity:{name}:used", owner, Side.DEBIT)


def grant(name: str, amount_minor: int, act_id: UUID, *, owner: UUID | None = None, unit: Unit = CNY) -> Transfer:
    """Set a limit, or raise it."""
    return _post(derived_id(act_id, "grant", name), free(name, owner), granted(name, owner), amount_minor, unit)


def revoke(name: str, amount_minor: int, act_id: UUID, *, owner: UUID | None = None, unit: Unit = CNY) -> Transfer:
    """Lower a limit, by no more than is free."""
    return _post(derived_id(act_id, "revoke", name), granted(name, owner), free(name, owner), amount_minor, unit)


def reserve(
    name: str, amount_minor: int, reservation: UUID, *, owner: UUID | None = None, unit: Unit = CNY
) -> Transfer:
    """Set ``amount_minor`` aside under the id ``reservation``."""
    return Transfer(
        id=reservation, book=Book.CAPACITY, debit=used(name, owner), credit=free(name, owner),
        amount_minor=amount_minor, unit=unit, phase=Phase.RESERVE,
    )  # fmt: skip


def use(reserved: Transfer) -> Transfer:
    """Use the whole of what was reserved."""
    return _answer(reserved, Phase.USE)


def release(reserved: Transfer) -> Transfer:
    """Give the whole of what was reserved back unused."""
    return _answer(reserved, Phase.RELEASE)


def give_back(name: str, amount_minor: int, act_id: UUID, *, owner: UUID | None = None, unit: Unit = CNY) -> Transfer:
    """Free again what was used (a revolving limit after repayment)."""
    return _post(derived_id(act_id, "give_back", name), free(name, owner), used(name, owner), amount_minor, unit)


def invoice_name(invoice: str) -> str:
    """The capacity that is an invoice's unpaid balance; its amount is granted when the invoice is recorded."""
    return f"invoice:{invoice}"


def reserve_invoices(backings: Iterable[Backing], reason_id: UUID, unit: Unit) -> tuple[Transfer, ...]:
    """Reserve each invoice's part for one note or transfer, under ids that follow from ``reason_id``."""
    return tuple(
        reserve(
            invoice_name(backing.invoice), backing.amount_minor, derived_id(reason_id, "invoice", backing.invoice),
            unit=unit,
        )
        for backing in backings
    )  # fmt: skip


def _post(transfer_id: UUID, debit: Account, credit: Account, amount_minor: int, unit: Unit) -> Transfer:
    return Transfer(
        id=transfer_id, book=Book.CAPACITY, debit=debit, credit=credit, amount_minor=amount_minor, unit=unit
    )


def _answer(reserved: Transfer, phase: Phase) -> Transfer:
    assert reserved.phase is Phase.RESERVE, "only a reservation can be used or released"
    return Transfer(
        id=derived_id(reserved.id, phase), book=reserved.book, debit=reserved.debit, credit=reserved.credit,
        amount_minor=reserved.amount_minor, unit=reserved.unit, phase=phase, reservation=reserved.id,
    )  # fmt: skip
