"""Who bears a loss, in what order, up to what; and to whom a recovery returns.

Bearers share a loss in proportion to their shares, each up to its means; what a capped bearer cannot pay falls to the
bearer the scheme names (``excess``, usually the lender). Layers come one after another: a layer takes what the layers
before it left, up to its size. Recoveries go back pari passu among the bearers of a layer, in proportion to what each
actually bore, and in reverse order among layers: the last layer hit is made whole first.

Every split is by the largest remainder, so the parts always sum to the loss; ties go to the bearer named first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from jirong.kernel.money import split_minor

Party = TypeVar("Party", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Bearer(Generic[Party]):
    """``share`` of the layer's loss, at most ``up_to_minor`` (``None``: without limit; "up to means" is its means)."""

    party: Party
    share: Decimal | Fraction
    up_to_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Layer(Generic[Party]):
    """Bearers that share pro rata; ``size_minor`` caps the layer (``None``: it takes all that reaches it)."""

    bearers: tuple[Bearer[Party], ...]
    size_minor: int | None = None

    def __post_init__(self) -> None:
        assert self.bearers, "a layer has bearers"
        assert sum(Fraction(bearer.share) for bearer in self.bearers) == 1, "shares sum to 1"
        assert all(bearer.share >= 0 for bearer in self.bearers), "shares are not negative"


@dataclass(frozen=True, slots=True)
class Borne(Generic[Party]):
    """What each bearer pays, layer by layer; ``excess_minor`` of it is what ``excess`` pays for capped bearers."""

    layers: tuple[Mapping[Party, int], ...]
    excess: Party
    excess_minor: int

    @property
    def by_party(self) -> dict[Party, int]:
        """The loss by party, all layers together and the excess included; sums to the loss."""
        total: Counter[Party] = Counter()
        for layer in self.layers:
            total.update(layer)
        total[self.excess] += self.excess_minor
        return dict(total)


def share_loss(loss_minor: int, layers: Sequence[Layer[Party]], *, excess: Party) -> Borne[Party]:
    """Share a loss over ``layers`` in order; what no layer or capped bearer takes is borne by ``excess``."""
    assert loss_minor >= 0, "a loss is not negative"
    left, missing = loss_minor, 0
    borne: list[Mapping[Party, int]] = []
    for layer in layers:
        reached = left if layer.size_minor is None else min(left, layer.size_minor)
        parts = split_minor(reached, [bearer.share for bearer in layer.bearers])
        paid: Counter[Party] = Counter({bearer.party: 0 for bearer in layer.bearers})
        for bearer, part in zip(layer.bearers, parts, strict=True):
            able = part if bearer.up_to_minor is None else min(part, bearer.up_to_minor)
            paid[bearer.party] += able
            missing += part - able
        borne.append(dict(paid))
        left -= reached
    result = Borne(tuple(borne), excess, missing + left)
    assert sum(result.by_party.values()) == loss_minor, "a waterfall sums to the loss"
    return result


def share_recovery(recovered_minor: int, borne: Borne[Party]) -> dict[Party, int]:
    """Return a recovery: the last layer first, pari passu within a layer by what each bore, the excess with the last.

    What a bearer paid for others (the excess) ranks with the last layer it fell in: it stood behind everyone. A
    recovery above the whole loss is refused, for it is no recovery of this loss.
    """
    stacks = [Counter(layer) for layer in borne.layers] or [Counter()]
    stacks[-1][borne.excess] += borne.excess_minor
    whole = sum(sum(stack.values()) for stack in stacks)
    if not 0 <= recovered_minor <= whole:
        raise ValueError("a recovery is between nothing and the loss")
    back: Counter[Party] = Counter(dict.fromkeys(borne.by_party, 0))
    left = recovered_minor
    for stack in reversed(stacks):
        size = sum(stack.values())
        if size:
            parties, weights = list(stack), list(stack.values())
            for party, part in zip(parties, split_minor(min(left, size), weights), strict=True):
                back[party] += part
        left -= min(left, size)
    assert sum(back.values()) == recovered_minor, "a recovery is wholly returned"
    return dict(back)
