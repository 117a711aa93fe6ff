"""Who signs for an actor. The rooms above register keys; the log only asks.

``parties`` knows the keys of parties, yet stands above the log, so it hands the log a :class:`Keyring` when Django
starts. A signature carries its grade: ``own`` (made with the party's key, which the platform never had) or
``platform`` (made with a key the platform keeps for it, the weaker grade).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal, Protocol

Grade = Literal["own", "platform", "system"]


@dataclass(frozen=True, slots=True)
class Signature:
    """``value`` is base64 of the raw Ed25519 signature over the statement; ``key`` the key's id."""

    value: str
    key: str
    grade: Grade


class Held(Protocol):
    """The keys of one party that are valid now."""

    @property
    def own(self) -> bool:
        """Whether it has registered a key of its own."""

    def sign(self, statement: bytes) -> Signature | None:
        """Sign with the key the platform keeps for it; ``None`` where it keeps none."""


class Keyring(Protocol):
    def held_by(self, party: uuid.UUID) -> Held:
        """The valid keys of ``party``."""

    def check_own(self, party: uuid.UUID, statement: bytes, signature: str, key: str) -> bool:
        """Whether ``signature`` over ``statement`` is by ``party``'s registered own key ``key``."""


_keyring: list[Keyring] = []


def register(keyring: Keyring) -> None:
    _keyring[:] = [keyring]


def keyring() -> Keyring:
    if not _keyring:
        raise RuntimeError("no keyring is registered: is the room of parties installed?")
    return _keyring[0]
