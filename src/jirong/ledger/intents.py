"""What an engine step intends, posted: accounts opened as they are first named, one journal a step.

The engine says on which side an account's balance stands; that balance may not go below zero, pending included, so
``DEBIT`` becomes "credits stay within debits" and ``CREDIT`` its mirror.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence

from jirong.engine import intents as engine
from jirong.kernel.errors import NotFound
from jirong.ledger import accounts
from jirong.ledger.journal import Bound, Journal, Kind, Posted, Transfer, account_id
from jirong.ledger.models import Account
from jirong.ledger.post import post as post_journals
from jirong.store import hot
from jirong.store.identity import SYSTEM, acting_as

KINDS = {
    engine.Phase.POST: Kind.POST,
    engine.Phase.RESERVE: Kind.RESERVE,
    engine.Phase.USE: Kind.POST_PENDING,
    engine.Phase.RELEASE: Kind.VOID_PENDING,
}
ACCOUNTS = hot.Read(Account, "id = ANY(%s)")
BOUNDS = {engine.Side.DEBIT: Bound.CREDITS, engine.Side.CREDIT: Bound.DEBITS}


def post(
    transfers: Sequence[engine.Transfer],
    *,
    journal: uuid.UUID,
    on: datetime.date,
    reason: str = "",
    subject: uuid.UUID | None = None,
) -> Posted:
    """Post one step's transfers as ``journal`` on business date ``on``, inside the caller's action.

    Accounts are nearly always open already, so they are not looked up first: the ledger says when one is unknown.
    """
    rows = tuple(transfer_of(intent) for intent in transfers)
    journals = [Journal(journal, on, rows, reason=reason, subject=subject)]
    try:
        return post_journals(journals)[0]
    except NotFound as refusal:
        if refusal.code != "ledger.account_unknown":
            raise
    open_missing(transfers)
    return post_journals(journals)[0]


def transfer_of(intent: engine.Transfer) -> Transfer:
    return Transfer(
        id=intent.id,
        debit=account_id(intent.debit.key),
        credit=account_id(intent.credit.key),
        amount_minor=intent.amount_minor,
        kind=KINDS[intent.phase],
        pending=intent.reservation,
        unit=intent.unit.code,
    )


def open_missing(transfers: Sequence[engine.Transfer]) -> None:
    """Open the accounts that are named for the first time."""
    terms = {
        account_id(side.key): accounts.Terms(side.key, intent.book.value, intent.unit, side.owner, BOUNDS[side.side])
        for intent in transfers
        for side in (intent.debit, intent.credit)
    }
    with acting_as(SYSTEM):
        known = set(Account.objects.filter(pk__in=terms).values_list("pk", flat=True))
    accounts.open_accounts([asked for id, asked in terms.items() if id not in known])


def free_minor(keys: Iterable[str]) -> dict[str, int]:
    """What may still be taken from each account that was ever opened, by key: its balance less what is pending.

    For accounts whose balance stands on the debit side (a capacity's ``free``); the identity must see them.
    """
    rows = ACCOUNTS.rows([account_id(key) for key in keys])
    return {row.code: row.debits_posted - row.credits_posted - row.credits_pending for row in rows}
