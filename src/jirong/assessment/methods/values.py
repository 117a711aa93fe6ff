"""What a method answers, and why.

A result is either ``assessed`` (score and level) or ``incomplete`` (neither: some input is silent and the method has
no declared answer to that silence). Both carry their reasons, every input as it was read, and a hash of those inputs,
so that anybody with the same facts and the same method document gets the same result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.trust import canonical


class Effect(StrEnum):
    """What a reason says."""

    HELPED = "helped"
    HURT = "hurt"
    CHANGE = "change"
    """What would raise the score, by how much, and whether that alone reaches the next level."""
    LACKING = "lacking"
    """An input that is silent; nothing is decided before it speaks."""
    STOOD_IN = "stood_in"
    """An input that is silent, answered as the method's document declares."""
    NOTED = "noted"


class Status(StrEnum):
    ASSESSED = "assessed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence on one input; ``points`` is how far it moved (or would move) the score."""

    effect: Effect
    feature: str
    text: Text
    points: Decimal | None = None

    def as_dict(self) -> dict[str, Any]:
        points = None if self.points is None else plain(self.points)
        return {"effect": self.effect.value, "feature": self.feature, "text": self.text.as_dict(), "points": points}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer of ``method`` (``name@version``) on ``as_of``.

    ``figures`` are amounts and measures the method derived (``debt_service_capacity`` in yuan); a scheme may use them
    as features. ``verified`` is false while some number in the method's document rests on a text nobody has read.
    """

    method: str
    as_of: dt.date
    status: Status
    score: Decimal | None
    level: str | None
    pd: Decimal | None
    reasons: tuple[Reason, ...]
    inputs: Mapping[str, FeatureValue]
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    verified: bool = True

    @property
    def inputs_hash(self) -> str:
        """SHA-256 over method, day and inputs in canonical bytes."""
        return canonical.digest(
            {"method": self.method, "as_of": self.as_of.isoformat(), "inputs": inputs_as_dict(self.inputs)}
        )

    def of(self, *effects: Effect) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.effect in effects)

    def features(self) -> dict[str, FeatureValue]:
        """The derived figures as features of this day, for a scheme's limit."""
        return {name: FeatureValue(value, fresh_on=self.as_of) for name, value in self.figures.items()}

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe form, both languages."""
        return {
            "method": self.method,
            "as_of": self.as_of.isoformat(),
            "status": self.status.value,
            "score": None if self.score is None else str(self.score),
            "level": self.level,
            "pd": None if self.pd is None else str(self.pd),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "inputs": inputs_as_dict(self.inputs),
            "inputs_hash": self.inputs_hash,
            "figures": {name: plain(value) for name, value in self.figures.items()},
            "verified": self.verified,
        }


def inputs_as_dict(inputs: Mapping[str, FeatureValue]) -> dict[str, dict[str, Any]]:
    """Each input as it was read: value (numbers as plain strings), how it is known, and the day of its facts."""
    return {name: _input(found) for name, found in sorted(inputs.items())}


def inputs_from_dict(body: Mapping[str, Mapping[str, Any]]) -> dict[str, FeatureValue]:
    """The way back from :func:`inputs_as_dict`."""
    return {name: _read(item) for name, item in body.items()}


def plain(value: Decimal) -> str:
    """A number as its shortest decimal string, so that 6.5 and 6.50 hash alike."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _input(found: FeatureValue) -> dict[str, Any]:
    value = plain(found.value) if isinstance(found.value, Decimal) else found.value
    kind = "number" if isinstance(found.value, Decimal) else type(found.value).__name__
    fresh = found.fresh_on.isoformat() if found.fresh_on else None
    return {"value": value, "kind": kind, "known": found.known.value, "fresh_on": fresh}


def _read(item: Mapping[str, Any]) -> FeatureValue:
    value = Decimal(item["value"]) if item["kind"] == "number" else item["value"]
    fresh = dt.date.fromisoformat(item["fresh_on"]) if item["fresh_on"] else None
    return FeatureValue(value, fresh, Known(item["known"]))
