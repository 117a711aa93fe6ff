"""What the practice rooms answer with: schedules, states and cash flows, all frozen.

Nothing here is stored by the house: a schedule follows from terms, a state from terms and events up to a date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jirong.instruments.practice.allocation import Bucket, Due
from jirong.instruments.practice.terms import LoanTerms
from jirong.kernel.money import Money, total

AGEING_BOUNDS = (30, 60, 90, 180, 270, 360)
"""Upper ends, in days past due, of the ageing buckets; the last bucket is open."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of a schedule; ``balance`` is the principal left after it.

    ``provisional``: the due date rests on a holiday table not yet published, or the rate on an LPR not yet known.
    """

    number: int
    starts: date
    ends: date
    due: date
    rate: Decimal
    principal: Money
    interest: Money
    balance: Money
    provisional: bool = False

    @property
    def amount(self) -> Money:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a borrower who pays on time pays. Iterates over its instalments."""

    terms: LoanTerms
    instalments: tuple[Instalment, ...]

    def __iter__(self) -> Iterator[Instalment]:
        return iter(self.instalments)

    def __len__(self) -> int:
        return len(self.instalments)

    @property
    def interest(self) -> Money:
        return total([line.interest for line in self.instalments], self.terms.principal.unit)

    @property
    def amount(self) -> Money:
        return self.terms.principal + self.interest

    @property
    def provisional(self) -> bool:
        return any(line.provisional for line in self.instalments)


class FlowKind(StrEnum):
    """Why a cash flow is there."""

    DISBURSEMENT = "disbursement"
    PAYMENT = "payment"
    CREDIT_USED = "credit_used"
    EARLY_REPAYMENT = "early_repayment"
    WAIVER = "waiver"


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money seen from the lender: the disbursement is negative, what the borrower pays positive.

    ``surplus`` is credit made (positive) or used (negative). A waiver and the use of credit move no cash.
    """

    on: date
    kind: FlowKind
    principal: Money
    interest: Money
    penalty: Money
    compound: Money
    fee: Money
    surplus: Money

    @property
    def cash(self) -> Money:
        """What moved between the bank accounts."""
        if self.kind is FlowKind.WAIVER:
            return Money(0, self.principal.unit)
        return self.principal + self.interest + self.penalty + self.compound + self.fee + self.surplus


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Unpaid dues between ``days_from`` and ``days_to`` days past due (open-ended when None)."""

    days_from: int
    days_to: int | None
    principal: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan as of a day, after that day's events.

    ``performing``: principal not yet due; ``accrued``: interest earned on it since the last due date, rounded;
    ``dues``: what fell due and is unpaid, with penalty to the day; ``next_due``: the next instalment, if any;
    ``credit``: money paid ahead; ``flows``: all that was paid so far.
    """

    terms: LoanTerms
    as_of: date
    rate: Decimal
    performing: Money
    accrued: Money
    dues: tuple[Due, ...]
    next_due: Instalment | None
    credit: Money
    flows: tuple[CashFlow, ...]
    restructured_on: date | None

    @property
    def principal(self) -> Money:
        """Principal outstanding, due or not."""
        return self.performing + self.unpaid(Bucket.PRINCIPAL)

    @property
    def overdue_principal(self) -> Money:
        late = [due.principal for due in self.dues if due.due < self.as_of]
        return total(late, self.performing.unit)

    @property
    def days_past_due(self) -> int:
        """Days since the oldest unpaid due date; 0 when nothing is late."""
        return max((due.days_past_due(self.as_of) for due in self.dues), default=0)

    @property
    def due_amount(self) -> Money:
        return total([due.amount for due in self.dues], self.performing.unit)

    @property
    def closed(self) -> bool:
        return not self.performing and not self.dues

    def unpaid(self, bucket: Bucket) -> Money:
        return total([due.of(bucket) for due in self.dues], self.performing.unit)

    def ageing(self, bounds: tuple[int, ...] = AGEING_BOUNDS) -> tuple[AgeBand, ...]:
        """Late principal and interest by days past due: 1 to the first bound, and so on, the last band open."""
        edges = [1, *(bound + 1 for bound in bounds)]
        ends: list[int | None] = [*bounds, None]
        return tuple(self._band(low, high) for low, high in zip(edges, ends, strict=True))

    def _band(self, low: int, high: int | None) -> AgeBand:
        inside = [
            due
            for due in self.dues
            if low <= due.days_past_due(self.as_of) and (high is None or due.days_past_due(self.as_of) <= high)
        ]
        unit = self.performing.unit
        return AgeBand(low, high, total([d.principal for d in inside], unit), total([d.interest for d in inside], unit))


@dataclass(frozen=True, slots=True)
class Payoff:
    """What ends the contract on a day: every bucket, the early fee, less the credit held."""

    on: date
    principal: Money
    interest: Money
    penalty: Money
    compound: Money
    fee: Money
    credit: Money

    @property
    def amount(self) -> Money:
        return self.principal + self.interest + self.penalty + self.compound + self.fee - self.credit
