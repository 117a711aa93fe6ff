"""Who is in a generated cluster, who sells to whom, and how each fares month by month.

Tiers run from core enterprises (0) down to the smallest suppliers (3). A supplier sells to one to five buyers a tier
up, chosen in proportion to a Pareto weight, so that a few buyers have very many suppliers. A month's sales are a
firm's size times season, the cluster's cycle and its own health; firms whose health falls through the floor default.
Chinese New Year empties the weeks round it: its month sells about half, the month before more.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jirong.facts.generate.columns import Days, Ints, month_ends, months_of

Floats = npt.NDArray[np.float64]

NEW_YEARS = ("2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26")
"""First days of the lunar year, from the published calendar of the Purple Mountain Observatory."""
TIER_SHARES = (0.02, 0.14, 0.34, 0.50)
TIER_SALES = (12_000_000_00, 2_400_000_00, 900_000_00, 300_000_00)
"""Median sales of a month in fen."""
SECTORS = ("纺织", "五金", "家具", "食品", "电子", "风电")
RING_SHARE = 0.01
FLOOR = -1.15
"""A firm whose health falls below this defaults: about three in a hundred a year."""


@dataclass(frozen=True)
class Cluster:
    """``sales`` is firms × months in fen; ``defaulted`` the month a firm stops paying (−1: never); ``rings`` the
    members of each ring of circular invoices, in order; ``slump`` the months of the cluster's downturn.
    """

    seed: int
    ends: Days
    tier: Ints
    sector: Ints
    sales: Ints
    defaulted: Ints
    seller: Ints
    buyer: Ints
    weight: Floats
    rings: tuple[tuple[int, ...], ...]
    slump: tuple[int, ...]

    @property
    def firms(self) -> int:
        return len(self.tier)

    @property
    def months(self) -> int:
        return len(self.ends)

    def truth(self) -> dict[str, Any]:
        """What a method is to find, and what its findings are held against."""
        months = [str(end)[:7] for end in self.ends]
        return {
            "seed": self.seed,
            "firms": self.firms,
            "months": months,
            "defaults": {str(firm): months[month] for firm, month in enumerate(self.defaulted) if month >= 0},
            "rings": [list(ring) for ring in self.rings],
            "slump": [months[month] for month in self.slump],
        }


def stream(seed: int, name: str) -> np.random.Generator:
    """A source of chance of its own for each thing drawn, so that one more draw here changes nothing there."""
    return np.random.default_rng([seed, *name.encode()])


def draw(firms: int, months: int, seed: int, last: datetime.date = datetime.date(2026, 6, 30)) -> Cluster:
    """A cluster of ``firms`` over ``months`` ending with ``last``; at least 10 firms and 1 month."""
    if firms < 10 or months < 1:
        raise ValueError("a cluster has at least 10 firms and 1 month")
    ends = month_ends(last, months)
    tier = np.searchsorted(np.cumsum(TIER_SHARES)[:-1] * firms, np.arange(firms), side="right").astype(np.int64)
    tier[0] = 0
    sector = (np.arange(firms) + seed) % len(SECTORS)  # every tier of six or more has every sector
    size = np.asarray(TIER_SALES)[tier] * np.exp(stream(seed, "size").normal(0, 0.8, firms))
    cycle, slump = _cycle(months, seed)
    health, defaulted = _health(firms, months, cycle, seed)
    noise = np.exp(stream(seed, "noise").normal(0, 0.12, (firms, months)))
    vigour = np.exp(0.10 * np.minimum(health, 1.5) + 0.5 * cycle)
    sales = (size[:, None] * season(ends)[None, :] * vigour * noise).astype(np.int64)
    month = np.arange(months)[None, :]
    since = np.where(defaulted[:, None] >= 0, month - defaulted[:, None], -1)
    sales = np.where(since >= 0, (sales * np.maximum(0.1, 0.6 - 0.1 * since)).astype(np.int64), sales)
    seller, buyer, weight = _ties(tier, seed)
    return Cluster(seed, ends, tier, sector, sales, defaulted, seller, buyer, weight, _rings(tier, seed), slump)


def season(ends: Days) -> Floats:
    """The months' factors: half in the month of the lunar new year, more before it, a spring and an autumn peak."""
    month = ends.astype("datetime64[M]")
    factor = 1.0 + 0.08 * np.sin((months_of(ends) % 12 - 1) * np.pi / 3)
    years = np.array(NEW_YEARS, dtype="datetime64[M]")
    factor = np.where(np.isin(month, years), factor * 0.55, factor)
    factor = np.where(np.isin(month + 1, years), factor * 1.25, factor)
    return np.asarray(factor, dtype=np.float64)


def _cycle(months: int, seed: int) -> tuple[Floats, tuple[int, ...]]:
    """The cluster's own ups and downs, and one downturn of a fifth of the time."""
    rng = stream(seed, "cycle")
    cycle = np.zeros(months)
    for month in range(1, months):
        cycle[month] = 0.8 * cycle[month - 1] + rng.normal(0, 0.03)
    length = max(1, months // 5)
    first = int(rng.integers(0, max(1, months - length)))
    cycle[first : first + length] -= 0.25
    return cycle, tuple(range(first, min(months, first + length)))


def _health(firms: int, months: int, cycle: Floats, seed: int) -> tuple[Floats, Ints]:
    """A firm's hidden state; it defaults in the first month that falls through the floor, and does not return."""
    rng = stream(seed, "health")
    health = np.zeros((firms, months))
    now = rng.normal(0.6, 0.7, firms)
    for month in range(months):
        now = 0.93 * now + 0.07 * 0.6 + rng.normal(0, 0.28, firms) + 0.15 * cycle[month]
        health[:, month] = now
    fallen = health < FLOOR
    defaulted = np.where(fallen.any(axis=1), fallen.argmax(axis=1), -1)
    return health, np.asarray(defaulted, dtype=np.int64)


def _ties(tier: Ints, seed: int) -> tuple[Ints, Ints, Floats]:
    """Sellers and buyers of every tie, and the share of the seller's sales that goes to the buyer."""
    rng = stream(seed, "ties")
    sellers, buyers, weights = [], [], []
    for level in range(1, 4):
        below, above = np.flatnonzero(tier == level), np.flatnonzero(tier == level - 1)
        if not len(below) or not len(above):
            continue
        pull = rng.pareto(1.2, len(above)) + 0.05
        number = np.minimum(rng.integers(1, 6, len(below)), len(above))
        seller = np.repeat(below, number)
        buyer = above[np.searchsorted(np.cumsum(pull / pull.sum())[:-1], rng.random(len(seller)))]
        pairs = np.unique(np.stack([seller, buyer], axis=1), axis=0)
        part = rng.random(len(pairs)) + 0.2
        whole = np.bincount(pairs[:, 0], weights=part, minlength=len(tier))
        sellers.append(pairs[:, 0])
        buyers.append(pairs[:, 1])
        weights.append(part / whole[pairs[:, 0]])
    return np.concatenate(sellers), np.concatenate(buyers), np.concatenate(weights)


def _rings(tier: Ints, seed: int) -> tuple[tuple[int, ...], ...]:
    """Rings of three to five small firms that invoice each other in a circle and deliver nothing."""
    rng = stream(seed, "rings")
    small = rng.permutation(np.flatnonzero(tier >= 2))
    rings: list[tuple[int, ...]] = []
    place = 0
    for _ in range(max(1, round(RING_SHARE * len(tier) / 4))):
        length = int(rng.integers(3, 6))
        if place + length > len(small):
            break
        rings.append(tuple(int(firm) for firm in small[place : place + length]))
        place += length
    return tuple(rings)
