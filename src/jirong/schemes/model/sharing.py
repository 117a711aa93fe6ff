"""Who puts in, who bears, who earns, who subsidises.

Losses are shared pro rata (``borne``) or in layers, each bearer up to an amount or its means; what a capped bearer
cannot pay falls to ``excess``. Every subsidy stands on a capped budget.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from jirong.kernel.money import Money
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.scalars import NumberShape, WordShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution(Clause):
    """A party's share of a pool."""

    by: values.Party
    share: values.Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Clause):
    """A pool's size, who funds it and who manages it."""

    size: Money
    funded: tuple[Contribution, ...]
    managed_by: values.Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer(Clause):
    """A party's share of the loss, up to an amount or its means."""

    by: values.Party
    share: values.Share
    up_to: values.Ceiling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer(Clause):
    """A slice of the loss borne by one party before the next layer is touched; the last may be open."""

    by: values.Party
    up_to: values.Ceiling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses(Clause):
    """How a loss is shared, when, and where recoveries go."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("borne", "layers"),)

    of: Annotated[str, WordShape(words.LOSS_OF)]
    borne: tuple[Bearer, ...] | None = None
    layers: tuple[Layer, ...] | None = None
    excess: values.Party
    settled: Annotated[str, WordShape(words.SETTLED)] = "after_recovery"
    recoveries: Annotated[str, WordShape(words.RECOVERIES)] | None = None

    @property
    def recovery_rule(self) -> str:
        """``recoveries`` as written, else pari passu among pro rata bearers and reverse among layers."""
        return self.recoveries or ("reverse" if self.layers else "pari_passu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Income(Clause):
    """A part of what one party earns that goes to another."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("rate_bp", "share"),)

    from_: values.Party
    to: values.Party
    rate_bp: Annotated[values.BasisPoints, NumberShape(0, 10_000)] | None = None
    share: values.Share | None = None
    of: Annotated[str, WordShape(words.INCOME_OF)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy(Clause):
    """A claim on a capped budget: part of a cost, points of interest, or an amount for each receiver."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("pays", "rate_bp", "each"),)

    from_: values.Party
    to: values.Party
    pays: values.Share | None = None
    rate_bp: Annotated[values.BasisPoints, NumberShape(0, 10_000)] | None = None
    each: Money | None = None
    of: Annotated[str, WordShape(words.SUBSIDY_OF)]
    budget: Money
    per_receiver: Money | None = None
    until: dt.date | None = None
