"""The backend subclass: each transaction opens with the actor's transaction-local settings.

Setting them in a middleware would come before ``ATOMIC_REQUESTS`` opens its transaction and silently give no rows;
setting them per session would leak through the pool. Here they cannot be forgotten.
"""

from __future__ import annotations

from django.db.backends.postgresql import base

from jirong.store import identity


class DatabaseWrapper(base.DatabaseWrapper):
    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs
        if not autocommit and self.connection is not None:
            with self.connection.cursor() as cursor:
                cursor.execute(*identity.settings_sql(identity.current()))
