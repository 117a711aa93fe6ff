"""What a payment pays: the open dues of a contract, bucket by bucket, in an order the contract states.

By default the oldest due is served first and, within it, fees, compound interest, penalty, interest, principal
(民法典 561: costs, then interest, then the debt itself). A lender may instead serve a bucket across all dues, or
principal first, as banks do for loans more than 90 days overdue. An allocation loses nothing: parts plus surplus
are the payment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jirong.instruments.practice import checks
from jirong.kernel.money import Money
from jirong.kernel.text import Text


class Bucket(StrEnum):
    """What a due is made of."""

    FEE = "fee"
    COMPOUND = "compound"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class AllocationOrder:
    """``buckets`` in the order they are served; ``oldest_first`` serves a due whole before the next one."""

    buckets: tuple[Bucket, ...]
    oldest_first: bool = True

    def __post_init__(self) -> None:
        if sorted(self.buckets) != sorted(Bucket):
            names = ", ".join(Bucket)
            raise checks.invalid(
                "order",
                ", ".join(self.buckets),
                Text("清偿顺序须把每一项恰好列出一次", "the order must name every bucket exactly once"),
                Text(f"请排列：{names}", f"Arrange: {names}"),
            )


_BY_LAW = (Bucket.FEE, Bucket.COMPOUND, Bucket.PENALTY, Bucket.INTEREST, Bucket.PRINCIPAL)
OLDEST_FIRST = AllocationOrder(_BY_LAW)
COSTS_FIRST = AllocationOrder(_BY_LAW, oldest_first=False)
PRINCIPAL_FIRST = AllocationOrder(
    (Bucket.PRINCIPAL, Bucket.INTEREST, Bucket.FEE, Bucket.PENALTY, Bucket.COMPOUND), oldest_first=False
)


@dataclass(frozen=True, slots=True)
class Due:
    """What is still unpaid of one instalment (or fee) that has fallen due, penalty up to the day asked about."""

    number: int
    due: date
    principal: Money
    interest: Money
    penalty: Money
    compound: Money
    fee: Money

    @property
    def amount(self) -> Money:
        return self.principal + self.interest + self.penalty + self.compound + self.fee

    def of(self, bucket: Bucket) -> Money:
        amount: Money = getattr(self, bucket.value)
        return amount

    def days_past_due(self, as_of: date) -> int:
        return max(0, (as_of - self.due).days)


@dataclass(frozen=True, slots=True)
class Part:
    """``amount`` goes to ``bucket`` of the due with that number."""

    number: int
    bucket: Bucket
    amount: Money


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where a payment goes; ``surplus`` is what nothing was due for."""

    parts: tuple[Part, ...]
    surplus: Money

    def to(self, bucket: Bucket) -> Money:
        """What the payment gives that bucket over all dues."""
        paid = Money(0, self.surplus.unit)
        for part in self.parts:
            if part.bucket is bucket:
                paid = paid + part.amount
        return paid


def allocate_dues(payment: Money, dues: Sequence[Due], order: AllocationOrder = OLDEST_FIRST) -> Allocation:
    """Spread ``payment`` over ``dues`` in ``order``; raises :class:`~jirong.kernel.errors.Invalid` unless positive."""
    checks.positive("payment", payment)
    left, parts = payment, []
    for due, bucket in _served(sorted(dues, key=lambda due: (due.due, due.number)), order):
        paid = min(left, due.of(bucket))
        if paid:
            parts.append(Part(due.number, bucket, paid))
            left = left - paid
    assert sum(part.amount.minor for part in parts) + left.minor == payment.minor
    return Allocation(tuple(parts), left)


def _served(dues: Sequence[Due], order: AllocationOrder) -> Iterator[tuple[Due, Bucket]]:
    if order.oldest_first:
        yield from ((due, bucket) for due in dues for bucket in order.buckets)
    else:
        yield from ((due, bucket) for bucket in order.buckets for due in dues)
