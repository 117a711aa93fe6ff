"""Opening and closing accounts. An account's terms never change; a limit is changed by a transfer.

Its id follows from its code (``journal.account_id``), so opening it twice with the same terms is one account, and a
posting can name it without looking it up. Helpers for use inside the caller's action.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from jirong.kernel.money import CNY, Unit
from jirong.ledger import refusals, wire
from jirong.ledger.journal import Book, Bound, Terms
from jirong.ledger.models import Account
from jirong.ledger.post import server_cursor

__all__ = ["Terms", "close_account", "open_account", "open_accounts"]


def open_account(
    code: str,
    *,
    book: Book | str,
    unit: Unit = CNY,
    owner: uuid.UUID | None = None,
    bound: Bound | str = Bound.NONE,
    allowance_minor: int = 0,
    shards: int = 0,
) -> uuid.UUID:
    """The id of the account ``code``, opened now or before on the same terms (``ledger.account_terms_differ``)."""
    return open_accounts([Terms(code, book, unit, owner, bound, allowance_minor, shards)])[0]


def open_accounts(terms: Sequence[Terms]) -> list[uuid.UUID]:
    """Open many accounts in one statement; ids in the order asked."""
    if not terms:
        return []
    assert connection.in_atomic_block, "opening belongs to the transaction of an action"
    with connection.wrap_database_errors:
        return wire.open_on(server_cursor(), terms)


def close_account(account: uuid.UUID) -> None:
    """Close an account for good; ``ledger.account_not_empty`` while anything stands or is reserved on it."""
    assert connection.in_atomic_block, "closing belongs to the transaction of an action"
    found = Account.objects.filter(pk=account).first()
    if found is None:
        raise refusals.not_found(account)
    with connection.wrap_database_errors:
        standing = server_cursor().execute("SELECT ledger_close(%b::uuid)::text", [account]).fetchone()
    if standing and standing[0]:
        raise refusals.still_standing(found.code)
