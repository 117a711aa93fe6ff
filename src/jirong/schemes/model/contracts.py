"""The contract a scheme makes, one clause a kind; the field names follow the instruments that compute it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from jirong.kernel.money import Money
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.scalars import IntShape, NumberShape, PercentShape, WordShape
from jirong.schemes.shapes import ListOf, Span

DayCount = Annotated[str, WordShape(words.DAY_COUNT)]
Repay = Annotated[str, WordShape(words.REPAY)]
Every = Annotated[str, WordShape(words.EVERY)]


def only(name: str) -> WordShape:
    """The shape of the key ``kind`` where only one word can stand."""
    return WordShape({name: words.KIND[name]})


def customary_basis(repay: str) -> str:
    """等额本息 and 等额本金 count whole months, everything else actual days over 360."""
    return "months" if repay in ("annuity", "equal_principal") else "A/360"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenor(Clause):
    """How long: exactly, or up to."""

    shorthand: ClassVar[str] = "exactly"
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("exactly", "up_to"),)

    exactly: Span | None = None
    up_to: Span | None = None

    @property
    def longest(self) -> Span:
        """The longest the contract may run."""
        found = self.exactly or self.up_to
        assert found is not None  # exactly_one holds for every scheme that was read without errors
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan(Clause):
    """A loan of one sum, repaid over its tenor."""

    head: ClassVar[str] = "kind:loan"

    kind: Annotated[str, only("loan")]
    repay: Repay
    tenor: Tenor
    every: Every = "monthly"
    day_count: DayCount | None = None

    @property
    def basis(self) -> str:
        """How interest counts time: as written, else by the custom of the way of repaying."""
        return self.day_count or customary_basis(self.repay)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine(Clause):
    """A limit open for ``open_for``; each drawing is a loan of ``tenor``."""

    head: ClassVar[str] = "kind:credit_line"

    kind: Annotated[str, only("credit_line")]
    repay: Repay
    tenor: Tenor
    open_for: Span
    every: Every = "at_end"
    day_count: DayCount | None = None

    @property
    def basis(self) -> str:
        """How interest counts time: as written, else by the custom of the way of repaying."""
        return self.day_count or customary_basis(self.repay)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLoan(Clause):
    """A loan against a pledged lot of a chain note; due with the note, no interest taken up front (民法典 670)."""

    head: ClassVar[str] = "kind:lot_loan"

    kind: Annotated[str, only("lot_loan")]
    repay: Repay = "bullet"
    day_count: DayCount = "A/360"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount(Clause):
    """The sale of a lot before its due date; the discount is the price."""

    head: ClassVar[str] = "kind:discount"

    kind: Annotated[str, only("discount")]
    recourse: Annotated[str, WordShape(words.RECOURSE)]
    day_count: DayCount = "A/360"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNote(Clause):
    """A core enterprise's confirmed promise to pay, backed by accepted and invoiced deliveries."""

    head: ClassVar[str] = "kind:chain_note"

    kind: Annotated[str, only("chain_note")]
    tenor: Tenor
    background: Annotated[tuple[str, ...], ListOf(WordShape(words.BACKGROUND))]
    split: bool = True
    tiers_most: Annotated[int, IntShape(1, 20)] | None = None
    supplier_consent: Annotated[str, WordShape(words.CONSENT_RECORD)] | None = None
    no_set_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeContract(Clause):
    """A licensed guarantor answers for part of a debt, for a fee a year."""

    head: ClassVar[str] = "kind:guarantee"

    kind: Annotated[str, only("guarantee")]
    covers: values.Share
    of: Annotated[str, WordShape(words.LOSS_OF)] = "principal_and_interest"
    form: Annotated[str, WordShape(words.GUARANTEE_FORM)] = "joint_and_several"
    fee: values.Share
    tenor: Tenor
    leverage: Annotated[Decimal, NumberShape(1, 100)] | None = None
    single_debtor: values.Share | None = None
    counter: values.Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RentStep(Clause):
    """The rent a unit once use has reached a share of capacity."""

    use_at_least: values.Share
    rent: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredLease(Clause):
    """Machines rented by what the meter reads; the rent may fall as use rises."""

    head: ClassVar[str] = "kind:metered_lease"

    kind: Annotated[str, only("metered_lease")]
    meter: Annotated[str, WordShape(words.METER)]
    rent: Money
    steps: tuple[RentStep, ...] | None = None
    lessor_monthly: Money | None = None
    billed: Every = "monthly"
    tenor: Tenor
    respond_within: Span | None = None
    service_every: Annotated[int, IntShape(1, 1_000_000)] | None = None
    service_within: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredSubscription(Clause):
    """Software paid by its effect: free trial, then so much a point if the effect reaches the bar, else a base fee."""

    head: ClassVar[str] = "kind:metered_subscription"

    kind: Annotated[str, only("metered_subscription")]
    measure: Annotated[str, WordShape(words.MEASURE)]
    trial: Span
    period: Span
    threshold: values.Rate
    per_point: Money
    counts_from: Annotated[str, WordShape(words.COUNTS_FROM)]
    points: Annotated[str, WordShape(words.POINTS)]
    otherwise: Money
    cap: Money | None = None
    list_price: Money | None = None
    group_price: Money | None = None
    expected_effect: values.Rate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Clause):
    """Insurance: what part of a loss is paid, for what premium."""

    head: ClassVar[str] = "kind:policy"

    kind: Annotated[str, only("policy")]
    covers: Annotated[tuple[Decimal, ...], ListOf(PercentShape(), 1, 2, lone=True)]
    premium: values.Share
    deductible: Money | None = None
    tenor: Tenor


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStake(Clause):
    """Shares in a pool that pays by the scheme's rules; committed is kept apart from paid in."""

    head: ClassVar[str] = "kind:pool_stake"

    kind: Annotated[str, only("pool_stake")]
    paid_in: values.Share
    call_within: Span
    tenor: Tenor


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond(Clause):
    """A bond issued jointly by several firms."""

    head: ClassVar[str] = "kind:bond"

    kind: Annotated[str, only("bond")]
    denomination: Money
    tenor: Tenor
    every: Every = "yearly"
    day_count: DayCount = "A/365"


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityRight(Clause):
    """A right to buy a share of the firm at an agreed price until a term ends."""

    head: ClassVar[str] = "kind:equity_right"

    kind: Annotated[str, only("equity_right")]
    share: values.Share
    strike: Money
    tenor: Tenor


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyGrant(Clause):
    """A subsidy of its own, apart from any loan."""

    head: ClassVar[str] = "kind:subsidy"

    kind: Annotated[str, only("subsidy")]
    paid: Every = "at_end"


Instrument = (
    Loan
    | CreditLine
    | LotLoan
    | Discount
    | ChainNote
    | GuaranteeContract
    | MeteredLease
    | MeteredSubscription
    | Policy
    | PoolStake
    | Bond
    | EquityRight
    | SubsidyGrant
)
