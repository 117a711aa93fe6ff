"""What the reader and the checker say about a scheme: where, what is wrong, what to do.

A :class:`Finding` is a value, not an exception, so that a planner sees every mistake of a document at once. An
``ERROR`` keeps the scheme from being published; a ``WARNING`` is shown and recorded. A finding that rests on law
carries the clause, and says whether anyone has read its text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the text: line and column, both from 1; ``Mark(0, 0)`` is nowhere (a scheme not read from text)."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


NOWHERE = Mark(0, 0)


class Severity(StrEnum):
    """How grave a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. ``path`` names the clause (``losses/borne/pool``); ``verified`` is False for law nobody has read."""

    severity: Severity
    code: str
    mark: Mark
    path: str
    reason: Text
    remedy: Text
    clause: Text | None = None
    verified: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        body: dict[str, Any] = {
            "severity": self.severity.value,
            "code": self.code,
            "line": self.mark.line,
            "column": self.mark.column,
            "path": self.path,
            "reason": self.reason.as_dict(),
            "remedy": self.remedy.as_dict(),
        }
        if self.clause:
            body["clause"] = self.clause.as_dict()
        if self.verified is not None:
            body["verified"] = self.verified
        return body


def error(code: str, mark: Mark, path: str, reason: Text, remedy: Text, clause: Text | None = None) -> Finding:
    """A finding that bars publication."""
    return Finding(Severity.ERROR, code, mark, path, reason, remedy, clause)


def warning(code: str, mark: Mark, path: str, reason: Text, remedy: Text, clause: Text | None = None) -> Finding:
    """A finding that is shown and does not bar."""
    return Finding(Severity.WARNING, code, mark, path, reason, remedy, clause)


def errors(found: Iterable[Finding]) -> list[Finding]:
    """Only the findings that bar."""
    return [finding for finding in found if finding.severity is Severity.ERROR]


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """By place in the text, errors before warnings on one spot; exact repeats dropped."""
    return sorted(dict.fromkeys(found), key=lambda f: (f.mark, f.severity is Severity.WARNING, f.code, f.path))


def refusal(found: list[Finding]) -> Invalid:
    """The refusal that carries every finding in ``details["findings"]``, for callers who want an exception."""
    first = errors(found)[0]
    count = len(errors(found))
    return Invalid(
        "scheme.invalid",
        Text(
            f"方案有{count}处错误，第一处在第{first.mark.line}行：{first.reason.zh}",
            f"The scheme has {count} error(s); the first is on line {first.mark.line}: {first.reason.en}",
        ),
        remedy=first.remedy,
        clause=first.clause,
        where=str(first.mark),
        details={"findings": [finding.as_dict() for finding in found]},
    )
