"""Who is acting, carried from the edge to the row.

An :class:`Actor` is set once per request, job or command (``with acting_as(actor)``). The database backend copies it
into the transaction-local settings ``jirong.party`` and ``jirong.role``, which every row-level policy reads; writes
take it explicitly as ``actor=``. Nothing is kept per session, because pooled connections would leak it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Role = Literal["anonymous", "party", "operator", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """``party`` is who acts, ``user`` the person acting for it (``None`` for a job or a token without a person).

    ``operator`` runs the platform (no documents of others); ``system`` is the house's own machinery (close of
    business, migrations, checks) and sees every row.
    """

    role: Role
    party: uuid.UUID | None = None
    user: int | None = None

    def __post_init__(self) -> None:
        if self.role in ("party", "operator") and self.party is None:
            raise ValueError(f"an actor of role {self.role} needs a party")


ANONYMOUS = Actor("anonymous")
SYSTEM = Actor("system")

_current: ContextVar[Actor] = ContextVar("jirong_actor", default=ANONYMOUS)


def current() -> Actor:
    return _current.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as ``actor`` inside the block. The backend tells PostgreSQL before the next statement of a transaction;
    outside a transaction row security shows nothing.
    """
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)


def settings_sql(actor: Actor) -> tuple[str, list[str]]:
    """The statement that tells PostgreSQL who acts until the transaction ends."""
    party = str(actor.party) if actor.party else ""
    return "SELECT set_config('jirong.role', %s, true), set_config('jirong.party', %s, true)", [actor.role, party]
