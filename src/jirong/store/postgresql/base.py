"""The backend subclass: PostgreSQL always knows who acts before it sees a statement of a transaction.

Setting the identity in a middleware would come before ``ATOMIC_REQUESTS`` opens its transaction and silently give no
rows; setting it per session would leak through the pool. Here it is written just before a statement that needs it:
``acting_as`` costs nothing by itself, and going back and forth between two statements costs nothing either. The
setting is local to the transaction and falls with a savepoint, so after either ends it is written anew.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from jirong.store import identity


class DatabaseWrapper(base.DatabaseWrapper):
    told: identity.Actor | None = None
    """Whom the open transaction takes for the actor; ``None`` when it has not been told (again)."""

    def _cursor(self, name: str | None = None) -> Any:
        cursor = super()._cursor(name)  # type: ignore[misc]  # not in the stubs
        if self.in_atomic_block and self.told is not identity.current():
            self.tell()
        return cursor

    def tell(self) -> None:
        """Write the current actor into the transaction's settings (a broken transaction takes no statement)."""
        actor = identity.current()
        if self.connection is None or self.connection.info.transaction_status is TransactionStatus.INERROR:
            return
        if self.told != actor:
            with self.wrap_database_errors, self.connection.cursor() as plain:
                plain.execute(*identity.settings_sql(actor))
        self.told = actor

    def is_usable(self) -> bool:
        """Whether a kept connection still stands, asked without a round trip at the start of every request.

        A server that ended it has left a last word, or an end, to be read; a quiet connection is taken at its word.
        """
        try:
            quiet = self.connection is not None and not select.select([self.connection.fileno()], [], [], 0)[0]
        except (psycopg.Error, OSError, ValueError):
            return False
        return quiet or bool(super().is_usable())

    def _set_autocommit(self, autocommit: bool) -> None:
        self.told = None
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _commit(self) -> Any:
        self.told = None
        return super()._commit()  # type: ignore[misc]  # not in the stubs

    def _rollback(self) -> Any:
        self.told = None
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self.told = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]
