"""Posting from Django: journals into the ledger, inside the caller's transaction.

``post`` is no action: the caller's action opens the transaction, decides and logs. A refusal leaves the transaction
usable and, with ``together``, nothing written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from jirong.ledger import wire
from jirong.ledger.journal import Journal, Posted


def post(journals: Sequence[Journal], *, together: bool = True) -> list[Posted]:
    """Record ``journals`` in order; one outcome each, in the same order.

    With ``together`` all are recorded or the first refusal is raised; without, each stands alone and its outcome says
    why it was refused. Locks are taken in account order within a call: make one call a transaction, or two of them may
    deadlock with another's. Codes: see ``refusals.WORDINGS``; also ``ledger.journal_empty``, ``ledger.id_twice``,
    ``ledger.batch_too_large``.
    """
    if not journals:
        return []
    assert connection.in_atomic_block, "posting belongs to the transaction of an action"
    with connection.wrap_database_errors:
        outcomes = wire.post_on(server_cursor(), journals, together=together)
    if together:
        for outcome in outcomes:
            if outcome.refusal:
                raise outcome.refusal
    return outcomes


def server_cursor() -> psycopg.Cursor[Any]:
    """A cursor on Django's connection that binds on the server, so that batches travel as binary arrays.

    It is taken through a cursor of Django's, which first tells PostgreSQL who acts.
    """
    with connection.cursor() as cursor:
        return psycopg.Cursor(cursor.connection)
