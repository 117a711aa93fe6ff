"""Opening and closing accounts. An account's terms never change; a limit is changed by a transfer.

Its id follows from its code (``journal.account_id``), so opening it twice with the same terms is one account, and a
posting can name it without looking it up. Helpers for use inside the caller's action.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from jirong.kernel.money import CNY, Unit
from jirong.ledger import refusals
from jirong.ledger.journal import Book, Bound, account_id
from jirong.ledger.models import Account
from jirong.ledger.post import server_cursor

SHARDS_MAX = 256
OPEN = (
    "SELECT ledger_open(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::uuid[], %b::text[], %b::bigint[], "
    "%b::smallint[])"
)


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
    for asked in terms:
        _check(asked)
    if not terms:
        return []
    assert connection.in_atomic_block, "opening belongs to the transaction of an action"
    unique = list({asked.code: asked for asked in terms}.values())
    with connection.wrap_database_errors:
        other = server_cursor().execute(OPEN, columns(unique)).fetchone()
    assert other is not None, "a function call answers one row"
    if other[0]:
        raise refusals.terms_differ(other[0])
    return [asked.id for asked in terms]


def columns(terms: Sequence[Terms]) -> list[list[object]]:
    """The parameters of ``OPEN``."""
    codes, books, units, owners, bounds, allowances, shards = map(list, zip(*terms, strict=True))
    ids: list[object] = [asked.id for asked in terms]
    return [ids, codes, books, [unit.code for unit in units], owners, bounds, allowances, shards]


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


def _check(asked: Terms) -> None:
    """Defects of the caller, not refusals: the database would raise on them too."""
    assert asked.code, "an account has a code"
    assert 0 <= asked.shards <= SHARDS_MAX, f"an account has at most {SHARDS_MAX} shards"
    assert asked.bound == Bound.NONE or not asked.shards, "an account with a limit has no shards"
    assert asked.allowance_minor >= 0, "an allowance is not negative"
    assert asked.allowance_minor == 0 or asked.bound != Bound.NONE, "an allowance needs a limit"
