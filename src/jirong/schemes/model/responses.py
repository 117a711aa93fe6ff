"""What happens when the cluster or a borrower goes wrong, and who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from jirong.kernel.text import Text
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.scalars import IntShape, NumberShape, PercentShape, WordShape
from jirong.schemes.shapes import Either, ListOf, Span

Affected = Annotated[str, WordShape(words.AFFECTED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Clause):
    """Another scheme is opened."""

    head: ClassVar[str] = "open"

    open: values.Pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRate(Clause):
    """Rates are cut by basis points."""

    head: ClassVar[str] = "cut_rate_bp"

    cut_rate_bp: Annotated[Decimal, NumberShape(1, 10_000)]
    for_: Affected = "affected"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseRate(Clause):
    """Rates are raised by basis points, within the price's cap."""

    head: ClassVar[str] = "raise_rate_bp"

    raise_rate_bp: Annotated[Decimal, NumberShape(1, 10_000)]
    for_: Affected = "affected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayInterest(Clause):
    """A party pays part of the interest."""

    head: ClassVar[str] = "pay_interest"

    pay_interest: values.Share
    by: values.Party
    for_: Affected = "affected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayLoss(Clause):
    """A party pays part of the loss, one share or a range."""

    head: ClassVar[str] = "pay_loss"

    pay_loss: Annotated[tuple[Decimal, ...], ListOf(PercentShape(), 1, 2, lone=True)]
    by: values.Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Clause):
    """Something stops until the trigger ends."""

    head: ClassVar[str] = "freeze"

    freeze: Annotated[str, WordShape(words.FREEZE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerLimit(Clause):
    """Limits fall to a share of what they were."""

    head: ClassVar[str] = "lower_limit_to"

    lower_limit_to: values.Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Clause):
    """A party is called upon to do something within a time."""

    head: ClassVar[str] = "call"

    call: values.Party
    to: Annotated[str, WordShape(words.CALL)]
    within: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Clause):
    """Parties are told."""

    head: ClassVar[str] = "notify"

    notify: tuple[values.Party, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Clause):
    """A coordination case is opened, to be closed within a time."""

    head: ClassVar[str] = "case"

    case: Annotated[str, WordShape(words.CASE)]
    within: Span


Response = Open | CutRate | RaiseRate | PayInterest | PayLoss | Freeze | LowerLimit | Call | Notify | OpenCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(Clause):
    """When every test in ``when`` holds, ``then`` happens; level 3 is gravest."""

    level: Annotated[int, IntShape(1, 3)]
    title: Text | None = None
    when: tuple[FeatureTest | EvidenceTest | AnyOf, ...]
    then: tuple[Response, ...]
    lasts: Span | None = None


SIGHT = Either(WordShape(words.DISCLOSURE), ListOf(WordShape(words.SECTION)))
"""What a party sees: a degree (``all``, ``own``, ``totals``, ``nothing``) or a list of sections."""
