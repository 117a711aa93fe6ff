"""What an actor signs: the action, its id, the actor and the body, as canonical bytes.

A client can build the same bytes from its own request, so a signature binds to what was asked and not to what the
platform made of it. Values are encoded one way only: money as ``{"amount": "1.00", "unit": "CNY"}``, decimals,
identifiers and dates as strings; floats are refused. A :class:`Personal` value becomes a salted hash.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.trust import canonical


@dataclasses.dataclass(frozen=True, slots=True)
class Personal:
    """A value about a natural person (log-in name, phone, identity number): logged as a salted hash only."""

    value: str


PERSONAL = object()
PersonalText = Annotated[str, PERSONAL]
"""The annotation of an action's argument that holds personal data."""


class Salts:
    """Salts of one entry by the path of the value; known ones are used again so that a repetition compares equal."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self.by_path = dict(known or {})

    def hashed(self, path: str, value: str) -> dict[str, str]:
        salt = self.by_path.setdefault(path, secrets.token_hex(32))
        return {"sha256": hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()}


def build(action: str, id: uuid.UUID, actor: uuid.UUID | None, body: Mapping[str, Any], salts: Salts) -> bytes:
    """Canonical bytes of the statement; fills ``salts`` for personal values it meets."""
    return canonical.encode(
        {
            "action": action,
            "actor": str(actor) if actor else None,
            "body": {name: encode(value, salts, name) for name, value in body.items()},
            "id": str(id),
        }
    )


def encode(value: Any, salts: Salts, path: str) -> Any:
    """The JSON-safe form of one value of a body; raises ``TypeError`` for what has none (floats among them)."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, Personal):
        return salts.hashed(path, value.value)
    if isinstance(value, Money):
        return {"amount": str(value), "unit": value.unit.code}
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, (uuid.UUID, Decimal)):
        return str(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    return _encode_composite(value, salts, path)


def _encode_composite(value: Any, salts: Salts, path: str) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: encode(item, salts, f"{path}.{name}") for name, item in fields}
    if isinstance(value, Mapping):
        return {str(name): encode(item, salts, f"{path}.{name}") for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item, salts, f"{path}[{i}]") for i, item in enumerate(value)]
    raise TypeError(f"{path}: a {type(value).__name__} cannot stand in a statement")
