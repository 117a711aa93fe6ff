"""Telling what PostgreSQL asked to try again from what failed.

Two actions that lock the same rows in another order may deadlock; PostgreSQL then ends one of them and nothing of it
has happened. Since a write carries its own id, it can simply be run again, in a new transaction.
"""

from __future__ import annotations

from django.db import OperationalError

TRANSIENT = frozenset({"40P01", "40001"})
"""deadlock_detected and serialization_failure (PostgreSQL, appendix A)."""


def is_transient(error: BaseException) -> bool:
    """Whether the statement failed only because of another transaction."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in TRANSIENT
