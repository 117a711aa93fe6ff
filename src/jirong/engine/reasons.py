"""Why a step was allowed or refused, in a form a person can check.

A :class:`Reason` states one finding: the rule it rests on (clause text, since when, whether anyone read it), the
inputs it looked at, whether it holds, and what would change it. Approvals carry reasons exactly as refusals do.
``bar`` findings that do not hold refuse the step (:func:`require`); ``warn`` findings are shown and let it pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jirong.kernel.errors import Refusal
from jirong.kernel.rules import Effect, RuleValue
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One finding. ``code`` is dotted and stable; ``inputs`` holds JSON-safe values; ``remedy`` is what would help."""

    code: str
    holds: bool
    effect: Effect
    text: Text
    rule: RuleValue | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    remedy: Text | None = None

    @property
    def bars(self) -> bool:
        return not self.holds and self.effect is Effect.BAR

    @property
    def warns(self) -> bool:
        return not self.holds and self.effect is Effect.WARN

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, both languages; the rule with its clause, date and ``verified``."""
        body: dict[str, Any] = {
            "code": self.code,
            "holds": self.holds,
            "effect": self.effect.value,
            "text": self.text.as_dict(),
            "inputs": dict(self.inputs),
        }
        if self.rule:
            body["rule"] = self.rule.as_dict()
        if self.remedy:
            body["remedy"] = self.remedy.as_dict()
        return body


def require(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons unchanged when none bars; else a :class:`Refusal` for the first that does, carrying them all."""
    found = tuple(reasons)
    barring = next((reason for reason in found if reason.bars), None)
    if barring is None:
        return found
    raise Refusal(
        barring.code,
        barring.text,
        remedy=barring.remedy,
        clause=barring.rule.citation if barring.rule else None,
        details={"reasons": [reason.as_dict() for reason in found]},
    )
