"""Signing: a person confirms exactly the bytes that will be logged, once.

A room prepares a :class:`~jirong.web.parts.Signing` with the statement's canonical bytes; the panel shows the
words, the SHA-256 of the bytes and the clause results, and posts ``id``, ``statement`` (base64) and, where the
party signs with its own key, ``signature`` and ``key``. :func:`read` takes them back out of the form; the room
checks that the bytes are those it would log and hands the signature to its action. The id makes a second submit the
same action, not a second one.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

STATEMENT_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class Signed:
    """What came back: the action's id, the bytes shown, and the own-key signature if there is one."""

    action_id: uuid.UUID
    statement: bytes
    signature: bytes | None
    key_id: str


def encode(data: bytes) -> str:
    """Standard base64, as everywhere in the house's JSON."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unreadable(where) from error


def read(data: Mapping[str, str]) -> Signed:
    """The panel's form; refuses what a panel cannot have sent."""
    try:
        action_id = uuid.UUID(data.get("id", ""))
    except ValueError as error:
        raise _unreadable("id") from error
    statement = data.get("statement", "")
    if not statement or len(statement) > STATEMENT_BYTES_MAX:
        raise _unreadable("statement")
    signature = data.get("signature", "")
    return Signed(
        action_id,
        decode(statement, "statement"),
        decode(signature, "signature") if signature else None,
        data.get("key", ""),
    )


def _unreadable(where: str) -> Invalid:
    return Invalid(
        "signing.unreadable",
        Text("签署内容不完整，无法读取", "What was signed is incomplete and cannot be read"),
        remedy=Text("请返回并重新打开签署页面", "Go back and open the signing page again"),
        where=where,
    )
