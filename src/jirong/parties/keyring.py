"""Keys of parties for the log: own keys are checked, kept keys sign.

A kept private key is sealed with AES-256-GCM under a secret that lies beside the server, not in the database, so a
stolen backup cannot sign. The grade ``platform`` on everything it signs says that the platform could have.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jirong.log.signing import Signature
from jirong.parties.models import Key
from jirong.store import database, hot
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import keys

VALID = hot.Read(
    Key,
    "party_id = %s AND revoked_at IS NULL",
    sealed="SELECT kept.sealed FROM parties_kept_key AS kept WHERE kept.key_id = here.id",
)


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """Implements ``log.signing.Held``: ``kept`` is the id and the sealed private half of the key kept here."""

    own: bool
    kept: tuple[str, str] | None

    def sign(self, statement: bytes) -> Signature | None:
        if self.kept is None:
            return None
        id, sealed = self.kept
        return Signature(base64.b64encode(keys.sign(unseal(sealed, id), statement)).decode(), id, "platform")


class PartyKeyring:
    """Implements ``log.signing.Keyring`` over the tables of this room."""

    def held_by(self, party: uuid.UUID) -> HeldKeys:
        with acting_as(SYSTEM):
            valid = VALID.rows(party)
        kept = next(((key.pk, key.sealed) for key in valid if key.sealed), None)  # type: ignore[attr-defined]
        return HeldKeys(any(key.custody == "own" for key in valid), kept)

    def check_own(self, party: uuid.UUID, statement: bytes, signature: str, key: str) -> bool:
        registered = Key.objects.filter(pk=key, party=party, custody="own", revoked_at__isnull=True).first()
        if registered is None:
            return False
        return keys.verify(base64.b64decode(registered.public), _raw(signature), statement)


def seal(private: bytes, key_id: str) -> str:
    """Encrypt a private key for the ``kept key`` table; the key's id is bound in, so rows cannot be swapped."""
    nonce = os.urandom(12)
    sealed = AESGCM(_secret()).encrypt(nonce, private, key_id.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str, key_id: str) -> bytes:
    raw = base64.b64decode(sealed)
    return AESGCM(_secret()).decrypt(raw[:12], raw[12:], key_id.encode())


def _secret() -> bytes:
    return hashlib.sha256(database.secret("kept-keys").encode()).digest()


def _raw(text: str) -> bytes:
    """Bytes of a base64 text; malformed text is simply no signature."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
