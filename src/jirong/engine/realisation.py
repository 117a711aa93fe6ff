"""Who gets the proceeds when a thing given as security is sold.

The costs of the sale come first (民法典 389, 561). Then a lien (456), then a purchase-money mortgage registered within
ten days of delivery (416), then every right by the moment it was perfected (by registration, or by delivery or control:
414, 415), the perfected before the unperfected; unperfected ones share in proportion to their claims. Each is paid what
it is owed, at most what was agreed to be secured (420). What is left is the owner's (413, 438).

Rights in a receivable that were not registered come by notice instead (768); :mod:`jirong.engine.priority` says so, and
``notified_at`` here stands for that notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from jirong.kernel.money import split_minor

PURCHASE_MONEY_DAYS = 10
"""民法典 416; the rulebook's ``civil.purchase_money`` holds the dated value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuredClaim:
    """A right in the thing sold. ``secured_minor`` is the most it is secured for (``None``: all that is owed).

    ``perfected_at``: registered, delivered or under control since; ``delivered_on``: for purchase money, the day the
    thing was delivered; ``lien``: it is retained; ``notified_at``: the debtor of a receivable knows since.
    """

    id: UUID
    holder: UUID
    owed_minor: int
    secured_minor: int | None = None
    perfected_at: dt.datetime | None = None
    delivered_on: dt.date | None = None
    lien: bool = False
    notified_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        assert self.owed_minor >= 0
        assert self.secured_minor is None or self.secured_minor >= 0

    @property
    def claim_minor(self) -> int:
        """What it may take of the proceeds."""
        return self.owed_minor if self.secured_minor is None else min(self.owed_minor, self.secured_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One claim's part: its place in the order (from 1), what it gets and what stays unpaid of its debt."""

    claim: SecuredClaim
    place: int
    paid_minor: int

    @property
    def unpaid_minor(self) -> int:
        return self.claim.owed_minor - self.paid_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Proceeds shared out: ``costs_minor`` + parts + ``owner_minor`` are the proceeds."""

    proceeds_minor: int
    costs_minor: int
    parts: tuple[Part, ...]
    owner_minor: int


def order(
    claims: Sequence[SecuredClaim], purchase_days: int = PURCHASE_MONEY_DAYS
) -> tuple[tuple[SecuredClaim, ...], ...]:
    """Classes first to last; within a class claims share in proportion."""
    liens = tuple(claim for claim in claims if claim.lien)
    prices = [claim for claim in claims if not claim.lien and _is_purchase_money(claim, purchase_days)]
    rest = [claim for claim in claims if not claim.lien and not _is_purchase_money(claim, purchase_days)]
    perfected = [claim for claim in rest if claim.perfected_at]
    notified = [claim for claim in rest if not claim.perfected_at and claim.notified_at]
    neither = tuple(claim for claim in rest if not claim.perfected_at and not claim.notified_at)
    return (
        *((liens,) if liens else ()),
        *_by_moment([(claim.perfected_at, claim) for claim in prices if claim.perfected_at]),
        *_by_moment([(claim.perfected_at, claim) for claim in perfected if claim.perfected_at]),
        *_by_moment([(claim.notified_at, claim) for claim in notified if claim.notified_at]),
        *((neither,) if neither else ()),
    )


def distribute(
    proceeds_minor: int,
    claims: Sequence[SecuredClaim],
    *,
    costs_minor: int = 0,
    purchase_days: int = PURCHASE_MONEY_DAYS,
) -> Distribution:
    """Share ``proceeds_minor`` out, to the fen; costs take no more than there is."""
    assert min(proceeds_minor, costs_minor) >= 0, "amounts are not negative"
    costs = min(costs_minor, proceeds_minor)
    left = proceeds_minor - costs
    parts: list[Part] = []
    for place, rivals in enumerate(order(claims, purchase_days), start=1):
        wanted = sum(claim.claim_minor for claim in rivals)
        given = min(left, wanted)
        shares = split_minor(given, [claim.claim_minor for claim in rivals]) if wanted else [0] * len(rivals)
        parts += [Part(claim=claim, place=place, paid_minor=share) for claim, share in zip(rivals, shares, strict=True)]
        left -= given
    found = Distribution(proceeds_minor=proceeds_minor, costs_minor=costs, parts=tuple(parts), owner_minor=left)
    assert costs + sum(part.paid_minor for part in parts) + left == proceeds_minor, "a sale's proceeds are conserved"
    return found


def _is_purchase_money(claim: SecuredClaim, days: int) -> bool:
    """Registered within ``days`` of delivery; the day of delivery does not count (民法典 201)."""
    if claim.delivered_on is None or claim.perfected_at is None:
        return False
    return claim.perfected_at.date() <= claim.delivered_on + dt.timedelta(days=days)


def _by_moment(
    dated: Sequence[tuple[dt.datetime, SecuredClaim]],
) -> tuple[tuple[SecuredClaim, ...], ...]:
    moments = sorted({moment for moment, _ in dated})
    return tuple(tuple(claim for at, claim in dated if at == moment) for moment in moments)
