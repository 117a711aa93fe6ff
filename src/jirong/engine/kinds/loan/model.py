"""A loan's terms, its state, and what may happen to it.

Terms are what the parties signed. State holds the header, the happenings so far (the instruments' own events), the
claims and the payments a bank has not answered. Nothing here is a schedule: what is due on a day follows by replay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from jirong.engine.claims import Claim
from jirong.engine.intents import Payment
from jirong.engine.waterfall import Borne, Layer
from jirong.instruments import practice
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.rules import Rulebook

NAME = "loan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """How one drawing is repaid: everything of ``practice.LoanTerms`` but the principal and the day it starts.

    Give ``months`` or ``days``. ``early``: the borrower may repay early of its own will (else the lender agrees).
    """

    rate: practice.RatePlan
    repayment: practice.Repayment
    months: int | None = None
    days: int | None = None
    every_months: int = 1
    basis: practice.Basis | None = None
    grace_days: int = 0
    penalty_factor: Decimal = Decimal("1.5")
    early_fee: Decimal = Decimal(0)
    early: bool = True
    then: practice.Reamortise = practice.Reamortise.LOWER

    def begun(self, principal: Money, start: dt.date) -> practice.LoanTerms:
        """The instrument's terms once the day of the pay-out is known."""
        return practice.LoanTerms(
            principal=principal,
            rate=self.rate,
            start=start,
            repayment=self.repayment,
            months=self.months,
            maturity=None if self.days is None else start + dt.timedelta(days=self.days),
            every_months=self.every_months,
            basis=self.basis,
            grace_days=self.grace_days,
            penalty_factor=self.penalty_factor,
            early_fee=self.early_fee,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """``lender`` lends ``principal_minor``; each of ``borrowers`` owes all of it (民法典 518), the first receives.

    ``shares`` are the borrowers' parts among themselves (empty: equal). ``payouts`` says who is paid how much of the
    principal: the borrower, a vendor (受托支付), or a bank whose loan this one takes over, each with the word why.
    """

    id: UUID
    lender: UUID
    borrowers: tuple[UUID, ...]
    principal_minor: int
    product: Product
    rules: Rulebook = field(repr=False)
    payouts: tuple[tuple[UUID, int, str], ...] = ()
    shares: tuple[Decimal, ...] = ()
    unit: Unit = CNY

    def __post_init__(self) -> None:
        assert self.borrowers, "somebody borrows"
        assert not self.shares or len(self.shares) == len(self.borrowers), "a share each"
        assert sum(minor for _, minor, _ in self.pay) == self.principal_minor, "the whole principal is paid out"

    @property
    def kind(self) -> str:
        return NAME

    @property
    def borrower(self) -> UUID:
        return self.borrowers[0]

    @property
    def pay(self) -> tuple[tuple[UUID, int, str], ...]:
        return self.payouts or ((self.borrower, self.principal_minor, "loan"),)

    @property
    def root(self) -> UUID:
        """The claim to the whole principal; every other claim of the loan stands under it."""
        return derived_id(self.id, "principal")

    def money(self, minor: int) -> Money:
        return Money(minor, self.unit)


class LoanStatus(StrEnum):
    """``defaulted``: the loss was shared with those who bear it; ``written_off``: nobody keeps it in its books."""

    NEW = "new"
    PAYING = "paying"
    LIVE = "live"
    OVERDUE = "overdue"
    DEFAULTED = "defaulted"
    WRITTEN_OFF = "written_off"
    REPAID = "repaid"


RUNNING = (LoanStatus.LIVE, LoanStatus.OVERDUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanState:
    """``started`` is the day the bank paid out; ``standing`` the claim that holds what is not yet due;
    ``paid_by`` what each debtor paid; ``borne`` how a loss was shared and ``recovered_minor`` what came back since.
    """

    status: LoanStatus = LoanStatus.NEW
    started: dt.date | None = None
    events: tuple[practice.Event, ...] = ()
    claims: Mapping[UUID, Claim] = field(default_factory=dict)
    standing: UUID | None = None
    payments: Mapping[UUID, Payment] = field(default_factory=dict)
    paid_by: Mapping[UUID, int] = field(default_factory=dict)
    borne: Borne[UUID] | None = None
    recovered_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disburse:
    """The pay-out is instructed: by the lender, or (``by`` None) under the policy the lender signed."""

    id: UUID
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A bank paid what stood in ``payments`` (one instruction, all its legs)."""

    id: UUID
    payments: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A bank did not pay what stood in ``payments``."""

    id: UUID
    payments: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repay:
    """A payment to the lender is instructed: of what is due (``amount_minor`` None), or of a sum, the part beyond what
    is due being an early repayment. ``payer`` is a debtor, or whoever settles for it (a platform, a buyer);
    ``surplus_to`` receives at once what the sum holds beyond everything owed, and beyond ``most_minor`` where only so
    much of it is the loan's (a part of each settlement).
    """

    id: UUID
    by: UUID
    payer: UUID
    amount_minor: int | None = None
    surplus_to: UUID | None = None
    most_minor: int | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """Money that a bank has already moved to the lender is booked (a loan taken over by another bank pays the old)."""

    id: UUID
    payer: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay:
    """What falls due by now becomes claims; what was due before and is unpaid is overdue."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The lender agrees to an extension, a restructuring, a new rate, a waiver, or calls everything due; ``by`` None:
    a trigger of the scheme that both have signed does.
    """

    id: UUID
    by: UUID | None
    change: practice.Extension | practice.Restructuring | practice.RateSet | practice.Waiver | practice.Acceleration


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLoss:
    """The lender calls those who bear part of the loss: each pays its part and holds that part of the claims (代偿)."""

    id: UUID
    by: UUID
    layers: tuple[Layer[UUID], ...]
    excess: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgain:
    """The lender calls those again whose banks did not pay. ``able`` is the most a party can pay (not named: all of
    it); what it cannot moves to the party ``onto`` names for it, else over ``layers``, the last ones of the sharing,
    with their ``excess``.
    """

    id: UUID
    by: UUID
    excess: UUID
    able: Mapping[UUID, int] = field(default_factory=dict)
    onto: Mapping[UUID, UUID] = field(default_factory=dict)
    layers: tuple[Layer[UUID], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover:
    """A debtor pays after the loss was shared, or after a write-off: everyone who bore it has its part."""

    id: UUID
    payer: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """``by`` gives up in its books the claims it holds; the debtor owes them still."""

    id: UUID
    by: UUID
