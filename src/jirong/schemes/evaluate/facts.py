"""What is known of an applicant on a day, and what came of judging it by a scheme.

Values say how they are known: a missing, withheld or contradictory feature has no value, and a value older than the
scheme allows counts as unknown too. Amounts of money are in major units (yuan), percentages as fractions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jirong.kernel.money import Money
from jirong.kernel.text import Text


class Known(StrEnum):
    """How a feature is known. Only ``present`` has a value."""

    PRESENT = "present"
    MISSING = "missing"
    WITHHELD = "withheld"
    """Consent is absent or was withdrawn."""
    CONTRADICTORY = "contradictory"
    """Sources disagree, or a source is in doubt."""


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """A feature as of a day; ``fresh_on`` is the date of the facts it rests on (None: not dated, never stale)."""

    value: Decimal | bool | str | None
    fresh_on: dt.date | None = None
    known: Known = Known.PRESENT

    def __post_init__(self) -> None:
        if (self.known is Known.PRESENT) != (self.value is not None):
            raise ValueError(f"a feature that is {self.known} cannot have the value {self.value!r}")
        if isinstance(self.value, float | int) and not isinstance(self.value, bool):
            raise TypeError("numbers come as Decimal, so that a limit is exact")


MISSING = FeatureValue(None, known=Known.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything an evaluation may look at.

    ``features`` and ``evidence`` are keyed by name, or ``party.name`` for another party's; ``evidence`` gives the day
    of issue. ``level`` and ``score`` are the assessment's answer of ``assessed_on``; ``lacking`` is what an assessment
    without an answer still wants. ``requested`` and ``use`` are the application's. ``programme_left`` is what the programme still has,
    ``in_use`` what the applicant has open under this very scheme.
    """

    features: Mapping[str, FeatureValue] = field(default_factory=dict)
    evidence: Mapping[str, dt.date] = field(default_factory=dict)
    level: str | None = None
    score: Decimal | None = None
    assessed_on: dt.date | None = None
    lacking: tuple[Text, ...] = ()
    requested: Money | None = None
    use: str | None = None
    programme_left: Money | None = None
    in_use: Money | None = None


class Standing(StrEnum):
    """What one clause answers."""

    MET = "met"
    FAILED = "failed"
    UNKNOWN_ASK = "ask"
    UNKNOWN_REFER = "refer"
    NOTED = "noted"
    """A step of a computation; decides nothing by itself."""


class Verdict(StrEnum):
    """What the scheme answers; a decision is the lender's, under its own policy."""

    APPROVE = "approve"
    REFUSE = "refuse"
    REFER = "refer"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one clause says of this applicant: ``rule`` as written, ``reason`` with the figures, ``change`` what would
    alter it (None when nothing is to be altered or nobody can), and the line and source of the clause.
    """

    path: str
    line: int
    code: str
    standing: Standing
    rule: Text
    reason: Text
    source: Text
    change: Text | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        body: dict[str, Any] = {
            "path": self.path,
            "line": self.line,
            "code": self.code,
            "standing": self.standing.value,
            "rule": self.rule.as_dict(),
            "reason": self.reason.as_dict(),
            "source": self.source.as_dict(),
        }
        if self.change:
            body["change"] = self.change.as_dict()
        return body


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered: ``amount`` the limit (or what was asked, if less), ``limit`` the most, ``rate`` a year."""

    amount: Money
    limit: Money
    bound_by: str
    """Path of the clause that holds the limit where it is."""
    rate: Decimal | None
    """None where the rate is bid for."""
    level: str | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdict, the terms if approved, and every clause's answer in the order of the scheme."""

    verdict: Verdict
    terms: Terms | None
    answers: tuple[Answer, ...]

    def standing(self, *standings: Standing) -> tuple[Answer, ...]:
        """The answers with one of these standings."""
        return tuple(answer for answer in self.answers if answer.standing in standings)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        terms = self.terms
        return {
            "verdict": self.verdict.value,
            "terms": None
            if terms is None
            else {
                "amount": str(terms.amount),
                "limit": str(terms.limit),
                "currency": terms.limit.unit.code,
                "bound_by": terms.bound_by,
                "rate": None if terms.rate is None else str(terms.rate),
                "level": terms.level,
            },
            "answers": [answer.as_dict() for answer in self.answers],
        }
