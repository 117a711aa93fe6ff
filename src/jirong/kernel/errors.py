"""Refusals a person can act on.

Every "no" of the house is a :class:`Refusal`: a stable code, what is wrong and where, the clause it rests on (if
law or scheme says so) and what to do about it, in Chinese and English. Error texts are public interface: clear,
gentle, concise, thorough, actionable. Anything else that is raised is a defect of ours, not an answer.
"""

from __future__ import annotations

from typing import Any

from jirong.kernel.text import Text


class Refusal(Exception):
    """A refused request, value or step.

    ``code`` is dotted and stable (``note.exceeds_invoice``); ``reason`` and ``remedy`` are full sentences;
    ``clause`` quotes the rule; ``where`` names the field, line or row (``invoices.csv:17``); ``details`` holds
    JSON-safe values for machines. ``status`` is the HTTP status an edge should answer with.
    """

    status: int = 422

    def __init__(
        self,
        code: str,
        reason: Text,
        *,
        remedy: Text | None = None,
        clause: Text | None = None,
        where: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {reason.en}")
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.clause = clause
        self.where = where
        self.details = details or {}

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is rebuilt from ``args`` by default, which are not these: worker processes need them whole.
        parts = (self.code, self.reason, self.remedy, self.clause, self.where, self.details)
        return _rebuilt, (type(self), *parts)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages; keys absent when empty."""
        body: dict[str, Any] = {"code": self.code, "reason": self.reason.as_dict()}
        if self.remedy:
            body["remedy"] = self.remedy.as_dict()
        if self.clause:
            body["clause"] = self.clause.as_dict()
        if self.where:
            body["where"] = self.where
        if self.details:
            body["details"] = self.details
        return body


class Invalid(Refusal):
    """The input itself is malformed or impossible."""


class Forbidden(Refusal):
    """The actor may see the thing but may not do this to it."""

    status = 403


class NotFound(Refusal):
    """The thing does not exist, or the actor may not know that it does (the two answer alike)."""

    status = 404


class Conflict(Refusal):
    """The state has moved on: already done, same id with another body, reserved by another."""

    status = 409


def _rebuilt(
    kind: type[Refusal],
    code: str,
    reason: Text,
    remedy: Text | None,
    clause: Text | None,
    where: str | None,
    details: dict[str, Any],
) -> Refusal:
    return kind(code, reason, remedy=remedy, clause=clause, where=where, details=details)
