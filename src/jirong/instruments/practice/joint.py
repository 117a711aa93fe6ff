"""Joint debtors (连带债务人): each owes the creditor everything; among themselves they bear shares.

A debtor who paid more than its share may claim the excess from the others, each within the part of its own share it
has not yet borne (民法典 519); the share of one who cannot pay is spread over all the others in proportion. Shares
that were not agreed are equal. Every contribution comes from somebody's excess and fills somebody's gap, so nothing
is claimed twice. The debt is one: the debtors' exposures are never summed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jirong.instruments.practice import checks
from jirong.kernel.money import Money, split_minor
from jirong.kernel.text import Text

DEBTORS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Contribution:
    """``debtor`` owes ``creditor`` (who paid too much) that amount."""

    creditor: str
    debtor: str
    amount: Money


def contributions(
    debt: Money,
    shares: Mapping[str, Decimal | int],
    paid: Mapping[str, Money],
    insolvent: Collection[str] = (),
) -> tuple[Contribution, ...]:
    """Who may claim what from whom, given what each has paid of ``debt`` so far.

    ``shares`` are weights. Raises :class:`~jirong.kernel.errors.Invalid` when more than the debt was paid, or
    somebody paid who is no debtor, or all the debtors are insolvent.
    """
    names = sorted(shares)
    _check(debt, names, shares, paid, insolvent)
    given = [paid.get(name, Money(0, debt.unit)).minor for name in names]
    bears = _bears(debt.minor, [shares[name] for name in names], given, [name in insolvent for name in names])
    excess = [max(0, have - bear) for have, bear in zip(given, bears, strict=True)]
    gaps = [max(0, bear - have) for have, bear in zip(given, bears, strict=True)]
    # Each debtor's total first, then its creditors: so rounding never asks a debtor for more than its gap.
    owed = split_minor(sum(excess), gaps) if any(excess) else []
    found = []
    for creditor, amount in zip(names, excess, strict=True):
        if not amount:
            continue
        for place, part in enumerate(split_minor(amount, owed)):
            owed[place] -= part
            if part:
                found.append(Contribution(creditor, names[place], Money(part, debt.unit)))
    assert not any(owed)
    return tuple(found)


def _bears(debt: int, weights: list[Decimal | int], given: list[int], broke: list[bool]) -> list[int]:
    """Each debtor's part of the debt once the gaps of the insolvent are spread over the others by weight."""
    bears = split_minor(debt, weights)
    missing = sum(max(0, bears[i] - given[i]) for i in range(len(bears)) if broke[i])
    if not missing:
        return bears
    extra = split_minor(missing, [0 if broke[i] else weights[i] for i in range(len(bears))])
    kept = [min(bears[i], given[i]) if broke[i] else bears[i] for i in range(len(bears))]
    return [a + b for a, b in zip(kept, extra, strict=True)]


def _check(
    debt: Money,
    names: list[str],
    shares: Mapping[str, Decimal | int],
    paid: Mapping[str, Money],
    insolvent: Collection[str],
) -> None:
    checks.positive("debt", debt)
    checks.whole("shares", len(names), 1, DEBTORS_MAX)
    bad_share = next((name for name in names if shares[name] <= 0), None)
    if bad_share is not None:
        raise checks.invalid(
            "shares",
            shares[bad_share],
            Text(f"{bad_share} 的份额须大于零", f"the share of {bad_share} must be above zero"),
            Text("份额未约定的视为相同，可都填 1", "Shares not agreed are equal: give each 1"),
        )
    stranger = next((name for name in [*paid, *insolvent] if name not in shares), None)
    if stranger is not None:
        raise checks.invalid(
            "paid",
            stranger,
            Text("不是本债务的债务人", "not a debtor of this debt"),
            Text(f"债务人为：{'、'.join(names)}", f"The debtors are: {', '.join(names)}"),
        )
    if set(names) <= set(insolvent):
        raise checks.invalid(
            "insolvent",
            len(names),
            Text("没有仍有清偿能力的债务人", "no debtor is left who can pay"),
            Text("此时不再产生追偿，损失由债权人承担", "No contribution arises; the creditor bears the loss"),
        )
    for amount in paid.values():
        checks.not_negative("paid", amount)
    given = sum(amount.minor for amount in paid.values())
    if given > debt.minor:
        raise checks.invalid(
            "paid",
            Money(given, debt.unit),
            Text(f"已付合计超过债务 {debt}", f"more was paid than the debt {debt}"),
            Text("请核对各债务人的付款", "Check what each debtor paid"),
        )
