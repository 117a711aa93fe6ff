"""Keys of parties for the log: own keys are checked, kept keys sign.

A kept private key is sealed with AES-256-GCM under a secret that lies beside the server, not in the database, so a
stolen backup cannot sign. The grade ``platform`` on everything it signs says that the platform could have.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jirong.log.signing import Signature
from jirong.parties.models import KeptKey, Key
from jirong.store import database
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import keys


class PartyKeyring:
    """Implements ``log.signing.Keyring`` over the tables of this room."""

    def has_own_key(self, party: uuid.UUID) -> bool:
        return Key.objects.filter(party=party, custody="own", revoked_at__isnull=True).exists()

    def check_own(self, party: uuid.UUID, statement: bytes, signature: str, key: str) -> bool:
        registered = Key.objects.filter(pk=key, party=party, custody="own", revoked_at__isnull=True).first()
        if registered is None:
            return False
        return keys.verify(base64.b64decode(registered.public), _raw(signature), statement)

    def sign_for(self, party: uuid.UUID, statement: bytes) -> Signature | None:
        with acting_as(SYSTEM):
            kept = KeptKey.objects.filter(key__party=party, key__revoked_at__isnull=True).first()
        if kept is None:
            return None
        private = unseal(kept.sealed, kept.key_id)
        return Signature(base64.b64encode(keys.sign(private, statement)).decode(), kept.key_id, "platform")


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
