"""HTTP as a program of a user's would speak it: one connection, a bearer token, JSON or a form with files."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER_SECONDS_MAX = 300
"""A busy machine is no fault of an example's: whoever answers at all is waited for."""
PATH_STEP = re.compile(r"\[[^\]]*\]|[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request's body, its content type, and the id that makes it happen once."""

    body: bytes
    kind: str
    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON that came with it (None for an empty body, text where it is no JSON)."""

    status: int
    body: Any

    @property
    def code(self) -> str | None:
        """The refusal's code, if this is one."""
        return self.body.get("code") if isinstance(self.body, dict) and self.status >= 400 else None


class Client:
    """Calls to one server."""

    def __init__(self, host: str, port: int) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS_MAX)

    def call(self, method: str, path: str, token: str, sent: Sent | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Language": "zh-hans"}
        body = None
        if sent is not None:
            body = sent.body
            headers |= {"Content-Type": sent.kind, "Idempotency-Key": str(sent.id)}
        self.connection.request(method.upper(), path, body=body, headers=headers)
        response = self.connection.getresponse()
        return Answer(response.status, _parsed(response.read()))

    def close(self) -> None:
        self.connection.close()


def as_json(id: uuid.UUID, value: Any) -> Sent:
    # YAML reads 2026-01-08 as a date; JSON has none, so it travels as it was written.
    return Sent(json.dumps(value, ensure_ascii=False, default=str).encode(), "application/json", id)


def as_form(id: uuid.UUID, fields: dict[str, str], files: dict[str, Path]) -> Sent:
    """``multipart/form-data`` (RFC 7578) of text fields and files."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [
        _part(boundary, f'name="{name}"; filename="{path.name}"', path.read_bytes()) for name, path in files.items()
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return Sent(body, f"multipart/form-data; boundary={boundary}", id)


def _part(boundary: str, disposition: str, content: bytes) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + content + b"\r\n"


def _parsed(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content, parse_float=str)
    except ValueError:
        return content.decode(errors="replace")


def find(answer: Any, path: str) -> Any:
    """The value at ``path``: keys and indexes joined by dots; ``[key=value]`` picks the one item that matches.

    ``lots.0.amount``, ``lots[holder=…].amount``, ``lots.#`` (how many). ``LookupError`` when it is not there.
    """
    found = answer
    for step in PATH_STEP.findall(path):
        found = _inside(found, step)
    return found


def shown(value: Any) -> str:
    """A JSON value as it is compared and shown."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _inside(value: Any, step: str) -> Any:
    if step == "#" and isinstance(value, (list, dict)):
        return len(value)
    if step.startswith("[") and isinstance(value, list):
        key, _, wanted = step.strip("[]").partition("=")
        matching = [item for item in value if isinstance(item, dict) and shown(item.get(key)) == wanted]
        if len(matching) != 1:
            raise LookupError(f"{len(matching)} items with {key}={wanted}")
        return matching[0]
    if isinstance(value, list):
        return value[int(step)]
    if isinstance(value, dict):
        return value[step]
    raise LookupError(f"nothing named {step} in {value!r}")
