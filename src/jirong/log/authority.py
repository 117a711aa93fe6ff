"""Who the log is: its name (*origin*), its signing key, and what a reader must hold to check it.

The key follows from a secret that lies beside the server, not in the database, so a stolen backup cannot sign a
checkpoint. ``JIRONG_LOG_ORIGIN`` names the log (a host name and path nobody else uses); without it the name follows
from the key.
"""

from __future__ import annotations

import hashlib
import os

from jirong.store import database
from jirong.trust import keys, notes


def private_key() -> bytes:
    return hashlib.sha256(b"jirong-log-key\n" + database.secret("log-key").encode()).digest()


def origin() -> str:
    chosen = os.environ.get("JIRONG_LOG_ORIGIN")
    return chosen or f"jirong/{keys.key_id(keys.public_of(private_key()))[:16]}"


def verifier() -> notes.Verifier:
    """The log's public key under its name, as trust files and witnesses hold it."""
    return notes.verifier_of(origin(), private_key())
