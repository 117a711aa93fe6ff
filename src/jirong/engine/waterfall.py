"""Who bears a loss, in what order, up to what; and to whom a recovery returns.

Bearers share a loss in proportion to their shares, each up to its means; what a capped bearer cannot pay falls to the
bearer the scheme names (``excess``, usually the lender). Layers come one after another: a layer takes what the layers
before it left, up to its size. Recoveries go back pari passu among the bearers of a layer, in proportion to what each
has still to get of what it paid, and in reverse order among layers: the last layer hit is made whole first.

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


def stacks(borne: Borne[Party]) -> list[Counter[Party]]:
    """Who bears what layer by layer; what a bearer pays for others (the excess) ranks with the last: it stood behind
    everyone.
    """
    found: list[Counter[Party]] = [Counter(layer) for layer in borne.layers] or [Counter()]
    found[-1][borne.excess] += borne.excess_minor
    return found


def give_back(
    recovered_minor: int, layers: Sequence[Mapping[Party, int]], held: Mapping[Party, int]
) -> dict[Party, int]:
    """Return a recovery against what each still has to get (``held``): the last layer first, pari passu within it.

    ``layers`` say how much of it stands in which layer, the first filled first; what is in none ranks with the last.
    Parts sum to the recovery, are never negative and never more than is held, so any sequence of recoveries returns
    exactly what came in. A recovery above all that is held is refused, for it is no recovery of this loss.
    """
    if not 0 <= recovered_minor <= sum(held.values()):
        raise ValueError("a recovery is between nothing and what is still held")
    back: dict[Party, int] = dict.fromkeys(held, 0)
    left = recovered_minor
    for layer in reversed(_filled(layers, held)):
        size = sum(layer.values())
        if size and left:
            paid = min(left, size)
            for party, part in zip(layer, split_minor(paid, list(layer.values())), strict=True):
                back[party] += part
            left -= paid
    return back


def share_recovery(recovered_minor: int, borne: Borne[Party]) -> dict[Party, int]:
    """Return the first recovery of a loss of which everybody has paid its part."""
    return give_back(recovered_minor, stacks(borne), borne.by_party)


def _filled(layers: Sequence[Mapping[Party, int]], held: Mapping[Party, int]) -> list[dict[Party, int]]:
    """What each still holds, put into its places from the first layer on."""
    left = dict(held)
    found: list[dict[Party, int]] = []
    for layer in layers or [{}]:
        stands = {party: min(part, left[party]) for party, part in layer.items() if party in left}
        for party, part in stands.items():
            left[party] -= part
        found.append(stands)
    for party, part in left.items():
        if part:
            found[-1][party] = found[-1].get(party, 0) + part
    return found
