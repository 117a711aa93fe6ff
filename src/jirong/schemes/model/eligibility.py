"""Who may apply, on what evidence, read under which consent, judged by which method.

A test is a sentence about a feature (``overdue_12m equals 0``) with the age its facts may have. What is missing,
stale or contradictory is never read as a yes or a no: ``when_missing`` says whether the firm is asked or a person
decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from jirong.kernel.money import Money
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.scalars import IntShape, ValueShape, WordShape
from jirong.schemes.shapes import ListOf, Span, Table, Value

COMPARISONS = ("at_least", "at_most", "more_than", "less_than", "equals", "between", "one_of", "none_of")

WhenMissing = Annotated[str, WordShape(words.WHEN_MISSING)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTest(Clause):
    """A comparison of one feature, of the borrower or of the party named by ``about``."""

    head: ClassVar[str] = "feature"
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (COMPARISONS,)

    feature: values.Feature
    about: values.Party | None = None
    at_least: Value | None = None
    at_most: Value | None = None
    more_than: Value | None = None
    less_than: Value | None = None
    equals: Value | None = None
    between: Annotated[tuple[Value, ...], ListOf(ValueShape(), 2, 2)] | None = None
    one_of: tuple[Value, ...] | None = None
    none_of: tuple[Value, ...] | None = None
    within: Span | None = None
    when_missing: WhenMissing | None = None

    @property
    def comparison(self) -> str:
        """Which of :data:`COMPARISONS` is written."""
        return next(name for name in COMPARISONS if getattr(self, name) is not None)

    @property
    def bounds(self) -> tuple[Value, ...]:
        """The value or values compared with."""
        bound = getattr(self, self.comparison)
        return bound if isinstance(bound, tuple) else (bound,)

    @property
    def key(self) -> str:
        """Under which name the feature's value is looked up: ``party.feature`` for another party's."""
        return f"{self.about}.{self.feature}" if self.about else self.feature


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTest(Clause):
    """A paper or record that must be there, no older than ``within``."""

    head: ClassVar[str] = "evidence"

    evidence: values.Feature
    about: values.Party | None = None
    within: Span | None = None
    when_missing: WhenMissing | None = None

    @property
    def key(self) -> str:
        """Under which name the evidence is looked up."""
        return f"{self.about}.{self.evidence}" if self.about else self.evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Clause):
    """At least one of several tests holds."""

    head: ClassVar[str] = "any_of"

    any_of: tuple[FeatureTest | EvidenceTest, ...]


Test = FeatureTest | EvidenceTest | AnyOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Clause):
    """Who may read which of whose records, for what purpose, for how long."""

    read: tuple[values.Feature, ...]
    of: values.Party
    by: values.Party
    purpose: Annotated[str, WordShape(words.PURPOSE)]
    lasts: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess(Clause):
    """The method that gives the level; ``levels`` are those that get an offer, best first."""

    method: values.Pinned
    levels: Annotated[tuple[str, ...], ListOf(values.LEVEL_NAME)] | None = None
    refer: Annotated[tuple[str, ...], ListOf(values.LEVEL_NAME)] | None = None
    score_at_least: Annotated[Table[Decimal], values.ScoreByLevel] | None = None
    within: Span | None = None

    @property
    def ladder(self) -> tuple[tuple[str, Decimal], ...]:
        """Levels with their least scores, highest first, whatever the order they are written in."""
        steps = self.score_at_least.items() if self.score_at_least else ()
        return tuple(sorted(steps, key=lambda step: -step[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Clause):
    """The whole scheme's size: the sum of all limits, and how many borrowers at most."""

    total: Money
    borrowers: Annotated[int, IntShape(1, 1_000_000)] | None = None
