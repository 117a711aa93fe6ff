"""A chain note's terms, its state, and the events that may happen to it.

Amounts are minor units; ids are made by whoever acts; ``by`` is the party that signed the event. The state holds the
note's header and those lots, offers and payments that the event touches: one lot for a step on one lot, all open
ones for a maturity (:class:`PayDue`, :class:`CloseDay`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from jirong.engine.checks import Backing, Evidence, Finance, Ground, Standing, Trade
from jirong.engine.claims import Claim, Hold, Purpose
from jirong.engine.intents import Payment
from jirong.kernel import calendar
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.rules import Rulebook

NAME = "chain_note"
LOT = "lot"
LATE_INTEREST = "late_interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTerms:
    """What a note promises: ``issuer`` pays ``amount_minor`` on ``due`` to whoever then holds its lots.

    ``backings`` says how much of which invoices it stands on (they sum to the amount). ``late_rate`` is a late
    interest agreed by the year (A/360); ``None`` means none was agreed and the statutory daily rate applies.
    """

    id: UUID
    issuer: UUID
    payee: UUID
    amount_minor: int
    issued_on: dt.date
    due: dt.date
    backings: tuple[Backing, ...]
    rules: Rulebook = field(repr=False)
    unit: Unit = CNY
    late_rate: Decimal | None = None
    holidays: calendar.Calendar = calendar.CHINA_PROJECTED

    @property
    def kind(self) -> str:
        return NAME

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.unit)

    @property
    def payable_on(self) -> dt.date:
        """The due date, or the next business day (民法典 203); late interest runs from here."""
        return calendar.next_business_day(self.due, self.holidays)


class NoteStatus(StrEnum):
    """``new`` before it is issued; ``offered`` until the payee answers; ``live`` until due and paid."""

    NEW = "new"
    OFFERED = "offered"
    LIVE = "live"
    OVERDUE = "overdue"
    SETTLED = "settled"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An open offer of part of a lot; once taken against money, ``payment`` is the payment it waits for."""

    hold: Hold
    expires_on: dt.date
    backings: tuple[Backing, ...] = ()
    rate: Decimal | None = None
    recourse: bool = False
    price_minor: int | None = None
    payment: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteState:
    """The header (``status``, ``outstanding_minor`` of the whole note, late interest included) and what is touched.

    ``lots`` holds lots and late-interest claims by id, ``offers`` by hold id, ``payments`` those instructed and not
    yet confirmed or rejected, by id. ``lending`` are the pledged lots whose loan is being paid out.
    """

    status: NoteStatus = NoteStatus.NEW
    outstanding_minor: int = 0
    lots: Mapping[UUID, Claim] = field(default_factory=dict)
    offers: Mapping[UUID, Offer] = field(default_factory=dict)
    payments: Mapping[UUID, Payment] = field(default_factory=dict)
    lending: frozenset[UUID] = frozenset()


class Ending(StrEnum):
    """Why an offer came to nothing: the other side refused, the offerer withdrew, its day passed."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """The issuer signs the note: opens one offered lot of the whole amount and reserves the invoices' balances."""

    id: UUID
    by: UUID
    evidence: tuple[Evidence, ...]
    standing: Standing
    trade: Trade
    set_off_waived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """The payee accepts; ``consents_to_term`` records its answer where the term clashes with the payment rules."""

    id: UUID
    by: UUID
    trade: Trade
    evidence: tuple[Evidence, ...] = ()
    consents_to_term: bool | None = None
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """The offered note comes to nothing; ``by`` is ``None`` when it lapsed."""

    id: UUID
    by: UUID | None
    why: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer:
    """A holder offers part or all of a lot: to pay a supplier with it, to pledge it, or to sell it at a discount.

    A transfer names the invoices it pays (``backings`` and their ``evidence``); a discount the yearly ``rate`` (A/360)
    and whether the buyer keeps ``recourse`` to the seller. ``grounds`` are the invoices the lot itself stands on.
    """

    id: UUID
    by: UUID
    lot: UUID
    to: UUID
    amount_minor: int
    purpose: Purpose
    expires_on: dt.date
    backings: tuple[Backing, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rate: Decimal | None = None
    recourse: bool = False
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOffer:
    """The other side accepts the offer; ``finance`` is needed for a pledge or a discount."""

    id: UUID
    by: UUID
    offer: UUID
    finance: Finance | None = None
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOffer:
    """The offer comes to nothing and its hold is released."""

    id: UUID
    by: UUID | None
    offer: UUID
    why: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The pledgee lifts its pledge; ``by`` is ``None`` when it ends because the loan it secures came to nothing."""

    id: UUID
    by: UUID | None
    lot: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayDue:
    """The issuer instructs a payment on or after the due date; all open lots are in the state.

    ``owed`` says how much each pledgee is owed on this day, by lot; the step answers with the payments to instruct.
    """

    id: UUID
    by: UUID
    amount_minor: int
    owed: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The bank says that a payment was made."""

    id: UUID
    payment: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """The bank says that a payment was not made."""

    id: UUID
    payment: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay:
    """The close of business: lapse offers past their day, mark lots overdue."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """``invoice`` was cancelled by ``red_letter`` or, without one, corrected below what is issued on it: the lots in
    the state that stand on it are frozen.
    """

    id: UUID
    invoice: str
    red_letter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfreeze:
    """What froze ``lot`` was put right and its ``grounds`` stand again: it may be passed on."""

    id: UUID
    by: UUID
    lot: UUID
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecourse:
    """The holder of an overdue lot bought with recourse turns to its seller, who buys back what is unpaid."""

    id: UUID
    by: UUID
    lot: UUID
