"""Telling what PostgreSQL asked to try again from what failed.

Two actions that lock the same rows in another order may deadlock; PostgreSQL then ends one of them and nothing of it
has happened. Since a write carries its own id, it can simply be run again, in a new transaction.
"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

TRANSIENT = frozenset({"40P01", "40001"})
"""deadlock_detected and serialization_failure (PostgreSQL, appendix A)."""


UNREACHABLE = ("08", "57P", "53300")
"""connection exceptions, the server going down or starting up, too many connections (PostgreSQL, appendix A)."""


def is_outage(error: BaseException | None) -> bool:
    """Whether the database could not be asked at all, so that nothing of the request happened or will."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or str(state).startswith(UNREACHABLE)


def is_transient(error: BaseException) -> bool:
    """Whether the statement failed only because of another transaction."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in TRANSIENT
