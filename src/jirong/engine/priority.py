"""Who comes first: rival rights in one receivable, and the sharing of a payment over lots.

:func:`rank` is 民法典 768, which 担保制度解释 66 applies across factoring, pledge and assignment of one receivable: the
registered before the unregistered, the earlier registration first; among the unregistered the one whose notice
reached the debtor first; and those with neither share in proportion to what they financed.

:func:`allocate` shares a payment over the lots of a note in proportion to what is owed on each (largest remainder);
within a lot the pledgee comes first, up to what it is owed, and the rest is the holder's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from jirong.kernel.money import split_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A rival's right in a receivable: what it financed, when it registered, when its notice reached the debtor."""

    holder: UUID
    financed_minor: int
    registered_at: dt.datetime | None = None
    notified_at: dt.datetime | None = None


def rank(rights: Sequence[Right]) -> tuple[tuple[Right, ...], ...]:
    """Classes of rights, first to last; rights within a class share in proportion to what they financed.

    Law says "earliest notice" of one notice only; later ones follow in order of arrival. Registrations (or notices)
    of the very same moment stand in one class.
    """
    registered = _by_moment([(right.registered_at, right) for right in rights if right.registered_at])
    unregistered = [right for right in rights if not right.registered_at]
    notified = _by_moment([(right.notified_at, right) for right in unregistered if right.notified_at])
    neither = tuple(right for right in unregistered if not right.notified_at)
    return (*registered, *notified, *((neither,) if neither else ()))


def share_out(available_minor: int, rights: Sequence[Right]) -> dict[UUID, int]:
    """What each rival gets of ``available_minor``, up to what it financed, class by class; what is left is nobody's."""
    paid = dict.fromkeys((right.holder for right in rights), 0)
    left = available_minor
    for rivals in rank(rights):
        wanted = sum(right.financed_minor for right in rivals)
        parts = (
            split_minor(min(left, wanted), [right.financed_minor for right in rivals]) if wanted else [0] * len(rivals)
        )
        for right, part in zip(rivals, parts, strict=True):
            paid[right.holder] += part
        left -= min(left, wanted)
    assert sum(paid.values()) + left == available_minor, "a share-out conserves what is shared"
    return paid


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDue:
    """What is owed on a lot (late interest included), and how much of it first to its pledgee."""

    lot: UUID
    holder: UUID
    owed_minor: int
    pledgee: UUID | None = None
    pledgee_owed_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A payee's part of a payment on one lot."""

    lot: UUID
    payee: UUID
    amount_minor: int
    because: str


def allocate(amount_minor: int, dues: Sequence[LotDue]) -> tuple[Share, ...]:
    """Share ``amount_minor`` (0 to the sum owed) over ``dues``; shares of nothing are left out."""
    owed = sum(due.owed_minor for due in dues)
    assert 0 <= amount_minor <= owed, "no more is paid than is owed"
    if not amount_minor:
        return ()
    parts = split_minor(amount_minor, [due.owed_minor for due in dues])
    shares = tuple(share for due, part in zip(dues, parts, strict=True) for share in _within(due, part))
    assert sum(share.amount_minor for share in shares) == amount_minor, "an allocation sums to the payment"
    return shares


def _within(due: LotDue, part_minor: int) -> list[Share]:
    assert part_minor <= due.owed_minor, "no lot is paid more than it is owed"
    secured = min(part_minor, due.pledgee_owed_minor) if due.pledgee else 0
    shares = []
    if due.pledgee and secured:
        shares.append(Share(lot=due.lot, payee=due.pledgee, amount_minor=secured, because="pledgee"))
    if part_minor - secured:
        shares.append(Share(lot=due.lot, payee=due.holder, amount_minor=part_minor - secured, because="holder"))
    return shares


def _by_moment(dated: Sequence[tuple[dt.datetime, Right]]) -> tuple[tuple[Right, ...], ...]:
    moments = sorted({moment for moment, _ in dated})
    return tuple(tuple(right for at, right in dated if at == moment) for moment in moments)
