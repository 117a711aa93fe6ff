"""The claims algebra: who owes whom, and every way that may change.

A claim is opened once with an ``amount_minor`` that never changes. What happens to it only moves that amount between
five places, and their sum is the amount for ever: still ``outstanding``, ``moved`` into a child (another holder's, or
a part cut off), ``settled`` by payment, ``written_off``, or ``voided``. A lot that passes part of itself on stays what
it is, smaller; the part is a child that names it as parent. So the lineage is a tree, each claim has one holder for
life, and nothing that happened is overwritten.

State and encumbrance are apart: ``reserved_minor`` is promised in open offers (:class:`Hold`), ``pledgee`` holds the
whole claim as security. Only what is neither may be offered, cut or assigned: that is how one amount is never spent
twice. Each operation takes claims and returns :class:`Changes`: the claims as they become and the ledger transfers
that go with them. Which law allows an operation is not decided here but in ``checks``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from jirong.engine.intents import Account, Book, Payment, Phase, Side, Transfer
from jirong.engine.reasons import Reason
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.text import Text


class State(StrEnum):
    """``offered`` awaits its creditor's acceptance; ``moved`` has wholly passed into its children."""

    OFFERED = "offered"
    HELD = "held"
    OVERDUE = "overdue"
    SETTLED = "settled"
    MOVED = "moved"
    WRITTEN_OFF = "written_off"
    VOID = "void"


OPEN_STATES = frozenset({State.OFFERED, State.HELD, State.OVERDUE})


class Encumbrance(StrEnum):
    NONE = "none"
    RESERVED = "reserved"
    PLEDGED = "pledged"


class Purpose(StrEnum):
    """What an open offer reserves a claim for."""

    TRANSFER = "transfer"
    PLEDGE = "pledge"
    DISCOUNT = "discount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``debtor`` owes ``creditor`` an amount due on ``due``. Amounts are minor units of ``unit``.

    ``kind`` says what it is (``lot``, ``loan``, ``interest``, ``late_interest``); ``root`` is the first claim of its
    tree (itself for the first); ``tier`` counts trade steps from the core enterprise (1 for the first lot);
    ``recourse`` names the seller who answers if the debtor does not pay; ``background`` names the trade documents it
    stands on; ``frozen_by`` the document that stopped it from being passed on; ``late_from`` the day up to which late
    interest has been charged (``None``: none yet, it runs from the day payment was due).
    """

    id: UUID
    kind: str
    debtor: UUID
    creditor: UUID
    amount_minor: int
    outstanding_minor: int
    due: dt.date
    root: UUID
    unit: Unit = CNY
    state: State = State.HELD
    parent: UUID | None = None
    tier: int = 0
    moved_minor: int = 0
    settled_minor: int = 0
    written_off_minor: int = 0
    voided_minor: int = 0
    reserved_minor: int = 0
    pledgee: UUID | None = None
    recourse: UUID | None = None
    background: tuple[str, ...] = ()
    frozen_by: str | None = None
    late_from: dt.date | None = None

    def __post_init__(self) -> None:
        places = (
            self.outstanding_minor,
            self.moved_minor,
            self.settled_minor,
            self.written_off_minor,
            self.voided_minor,
        )
        assert self.amount_minor > 0, "a claim is of something"
        assert min(places) >= 0, "amounts are not negative"
        assert sum(places) == self.amount_minor, "a claim's amount is conserved"
        assert 0 <= self.reserved_minor <= self.outstanding_minor, "only what is outstanding can be reserved"
        assert not (self.pledgee and self.reserved_minor), "a pledged claim is wholly pledged"
        assert (self.outstanding_minor > 0) == (self.state in OPEN_STATES), "open while something is outstanding"

    @property
    def free_minor(self) -> int:
        """What may still be offered, cut or assigned."""
        return 0 if self.pledgee else self.outstanding_minor - self.reserved_minor

    @property
    def encumbrance(self) -> Encumbrance:
        if self.pledgee:
            return Encumbrance.PLEDGED
        return Encumbrance.RESERVED if self.reserved_minor else Encumbrance.NONE

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.unit)

    @property
    def outstanding(self) -> Money:
        return Money(self.outstanding_minor, self.unit)

    @property
    def free(self) -> Money:
        return Money(self.free_minor, self.unit)

    @property
    def owed_account(self) -> Account:
        """The debtor's side: everything still owed under the root."""
        return Account(f"claims:{self.root}:owed:{self.debtor}", self.debtor, Side.CREDIT)

    @property
    def held_account(self) -> Account:
        """The creditor's side: apart while pledged, so that the ledger itself refuses to pass it on."""
        place = "pledged" if self.pledgee else "held"
        return Account(f"claims:{self.root}:{place}:{self.creditor}", self.creditor, Side.DEBIT)

    @property
    def written_off_account(self) -> Account:
        return Account(f"claims:{self.root}:written_off:{self.creditor}", self.creditor, Side.DEBIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An open offer's hold on part of a claim: ``amount_minor`` reserved for ``to`` until answered."""

    id: UUID
    claim: UUID
    to: UUID
    amount_minor: int
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Changes:
    """What a step does: claims as they become, ledger transfers, payments to instruct, and why.

    ``opened`` did not exist before; ``closed`` have nothing outstanding now. A claim stands in one of the three only.
    """

    opened: tuple[Claim, ...] = ()
    updated: tuple[Claim, ...] = ()
    closed: tuple[Claim, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    payments: tuple[Payment, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def then(self, later: Changes) -> Changes:
        """Both in order; a claim changed twice appears once, as it ends. Opened and closed at once stays opened."""
        opened = {claim.id: claim for claim in self.opened}
        touched = {claim.id: claim for claim in self.updated + self.closed}
        for claim in later.opened + later.updated + later.closed:
            (opened if claim.id in opened or claim in later.opened else touched)[claim.id] = claim
        return Changes(
            tuple(opened.values()),
            tuple(claim for claim in touched.values() if claim.is_open),
            tuple(claim for claim in touched.values() if not claim.is_open),
            self.transfers + later.transfers,
            self.payments + later.payments,
            self.reasons + later.reasons,
        )

    @property
    def claims(self) -> dict[UUID, Claim]:
        """Every claim touched, by id, as it becomes."""
        return {claim.id: claim for claim in self.opened + self.updated + self.closed}

    def apply(self, claims: Mapping[UUID, Claim]) -> dict[UUID, Claim]:
        """``claims`` after these changes; what was opened must be new, what was changed must be known."""
        assert not any(claim.id in claims for claim in self.opened), "an opened claim is new"
        assert all(claim.id in claims for claim in self.updated + self.closed), "a changed claim is known"
        return {**claims, **self.claims}


def combine(changes: Iterable[Changes]) -> Changes:
    """All of them in order."""
    result = Changes()
    for change in changes:
        result = result.then(change)
    return result


def open_claim(claim: Claim) -> Changes:
    """Open a new claim; ``offered`` reserves it in the ledger, ``held`` posts it."""
    assert claim.outstanding_minor == claim.amount_minor, "a new claim is whole"
    assert claim.encumbrance is Encumbrance.NONE, "a new claim is free"
    phase = Phase.RESERVE if claim.state is State.OFFERED else Phase.POST
    transfer = _transfer(
        derived_id(claim.id, "open"), claim.held_account, claim.owed_account, claim.amount_minor, claim.unit, phase
    )
    return Changes(opened=(claim,), transfers=(transfer,))


def accept(claim: Claim) -> Changes:
    """The creditor takes an offered claim: it is held, and the ledger posts it."""
    _in_state(claim, State.OFFERED)
    return _changed(replace(claim, state=State.HELD), _answer_opening(claim, Phase.USE))


def void(claim: Claim) -> Changes:
    """An offered claim is refused, withdrawn or has lapsed: it never came to be."""
    _in_state(claim, State.OFFERED)
    voided = replace(claim, state=State.VOID, outstanding_minor=0, voided_minor=claim.outstanding_minor)
    return _changed(voided, _answer_opening(claim, Phase.RELEASE))


def reserve(claim: Claim, hold: Hold) -> Changes:
    """Hold part of a free claim for an offer; the ledger keeps it pending, so it cannot be promised twice."""
    assert hold.claim == claim.id
    _in_state(claim, State.HELD, State.OVERDUE)
    _free(claim, hold.amount_minor)
    transfer = _transfer(
        hold.id, _target(claim, hold), claim.held_account, hold.amount_minor, claim.unit, Phase.RESERVE
    )
    return _changed(replace(claim, reserved_minor=claim.reserved_minor + hold.amount_minor), transfer)


def release(claim: Claim, hold: Hold, act_id: UUID) -> Changes:
    """End an offer that was refused, withdrawn or has lapsed; ``act_id`` names the answer."""
    return _changed(_unreserved(claim, hold), _answer_hold(claim, hold, act_id, Phase.RELEASE))


def assign(
    claim: Claim,
    hold: Hold,
    lot_id: UUID,
    *,
    tier: int,
    recourse: UUID | None = None,
    background: tuple[str, ...] = (),
) -> Changes:
    """Pass the held part to ``hold.to`` as the new lot ``lot_id``; the rest (if any) stays where it was."""
    assert hold.purpose in (Purpose.TRANSFER, Purpose.DISCOUNT)
    parent = _moved(_unreserved(claim, hold), hold.amount_minor)
    child = _child(
        claim, hold.amount_minor, lot_id, creditor=hold.to, tier=tier, recourse=recourse, background=background
    )
    return _conserved(claim, parent, child, _answer_hold(claim, hold, derived_id(lot_id, "assign"), Phase.USE))


def cut(claim: Claim, amount_minor: int, lot_id: UUID) -> Changes:
    """Cut a free part off into a lot ``lot_id`` of the same holder; nothing moves in the ledger."""
    _in_state(claim, State.HELD)
    _free(claim, amount_minor)
    assert amount_minor < claim.outstanding_minor, "a cut leaves two parts"
    child = _child(
        claim, amount_minor, lot_id, creditor=claim.creditor, tier=claim.tier, recourse=claim.recourse,
        background=claim.background,
    )  # fmt: skip
    return _conserved(claim, _moved(claim, amount_minor), child, None)


def pledge(claim: Claim, hold: Hold, lot_id: UUID) -> Changes:
    """Encumber what ``hold`` reserved: the whole claim in place, or a part cut off as the new lot ``lot_id``."""
    assert hold.purpose is Purpose.PLEDGE
    unreserved = _unreserved(claim, hold)
    transfer = _answer_hold(claim, hold, derived_id(lot_id, "pledge"), Phase.USE)
    if hold.amount_minor == claim.outstanding_minor:
        return _changed(replace(unreserved, pledgee=hold.to), transfer)
    child = _child(
        claim, hold.amount_minor, lot_id, creditor=claim.creditor, tier=claim.tier, recourse=claim.recourse,
        background=claim.background,
    )  # fmt: skip
    return _conserved(claim, _moved(unreserved, hold.amount_minor), replace(child, pledgee=hold.to), transfer)


def unpledge(claim: Claim, act_id: UUID) -> Changes:
    """Lift the pledge; ``act_id`` names the release."""
    if claim.pledgee is None:
        raise Conflict(
            "claim.not_pledged",
            Text("该份额没有质押", "The lot is not pledged"),
            remedy=Text("无需解押", "There is nothing to release"),
        )
    free = replace(claim, pledgee=None)
    transfer = _transfer(
        derived_id(act_id, "unpledge"), free.held_account, claim.held_account, claim.outstanding_minor, claim.unit
    )
    return _changed(free, transfer)


def settle(claim: Claim, amount_minor: int, act_id: UUID) -> Changes:
    """A confirmed payment of ``amount_minor`` extinguishes that much; ``act_id`` names the payment."""
    _payable(claim, amount_minor)
    left = claim.outstanding_minor - amount_minor
    paid = replace(
        claim,
        outstanding_minor=left,
        settled_minor=claim.settled_minor + amount_minor,
        state=claim.state if left else State.SETTLED,
        pledgee=claim.pledgee if left else None,  # a pledge ends with the claim it lies on
    )
    transfer = _transfer(
        derived_id(act_id, "settle", claim.id), claim.owed_account, claim.held_account, amount_minor, claim.unit
    )
    return _changed(paid, transfer)


def write_off(claim: Claim, amount_minor: int, act_id: UUID) -> Changes:
    """The creditor gives ``amount_minor`` up in its books (the debtor still owes it; see :func:`recover`)."""
    _payable(claim, amount_minor)
    left = claim.outstanding_minor - amount_minor
    lost = replace(
        claim,
        outstanding_minor=left,
        written_off_minor=claim.written_off_minor + amount_minor,
        state=claim.state if left else State.WRITTEN_OFF,
        pledgee=claim.pledgee if left else None,
    )
    transfer = _transfer(
        derived_id(act_id, "write_off", claim.id),
        claim.written_off_account,
        claim.held_account,
        amount_minor,
        claim.unit,
    )
    return _changed(lost, transfer)


def recover(claim: Claim, amount_minor: int, act_id: UUID) -> Changes:
    """Money comes in after all on what was written off."""
    if not 0 < amount_minor <= claim.written_off_minor:
        raise _exceeds(amount_minor, claim.written_off_minor, claim.unit, "已核销金额", "the amount written off")
    left = claim.written_off_minor - amount_minor
    settled_at_last = claim.state is State.WRITTEN_OFF and left == 0
    back = replace(
        claim,
        written_off_minor=left,
        settled_minor=claim.settled_minor + amount_minor,
        state=State.SETTLED if settled_at_last else claim.state,
    )
    transfer = _transfer(
        derived_id(act_id, "recover", claim.id), claim.owed_account, claim.written_off_account, amount_minor, claim.unit
    )
    return _changed(back, transfer)


def mark_overdue(claim: Claim, date: dt.date) -> Changes:
    """At the close of ``date``, on or after the due date, not wholly paid: the claim is overdue."""
    _in_state(claim, State.HELD)
    assert date >= claim.due, "nothing is overdue before it is due"
    return _changed(replace(claim, state=State.OVERDUE), None)


def freeze(claim: Claim, document: str) -> Changes:
    """Stop the claim from being passed on because ``document`` (a red-letter invoice) took its ground away."""
    return _changed(replace(claim, frozen_by=document), None)


def unfreeze(claim: Claim) -> Changes:
    return _changed(replace(claim, frozen_by=None), None)


def _transfer(
    transfer_id: UUID, debit: Account, credit: Account, amount_minor: int, unit: Unit,
    phase: Phase = Phase.POST, reservation: UUID | None = None,
) -> Transfer:  # fmt: skip
    return Transfer(
        id=transfer_id, book=Book.CLAIMS, debit=debit, credit=credit, amount_minor=amount_minor, unit=unit, phase=phase,
        reservation=reservation,
    )  # fmt: skip


def _answer_opening(claim: Claim, phase: Phase) -> Transfer:
    act_id, reservation = derived_id(claim.id, phase), derived_id(claim.id, "open")
    return _transfer(act_id, claim.held_account, claim.owed_account, claim.amount_minor, claim.unit, phase, reservation)


def _target(claim: Claim, hold: Hold) -> Account:
    """The account a hold would move the amount to."""
    taker = replace(claim, reserved_minor=0)
    if hold.purpose is Purpose.PLEDGE:
        return replace(taker, pledgee=hold.to).held_account
    return replace(taker, creditor=hold.to).held_account


def _answer_hold(claim: Claim, hold: Hold, act_id: UUID, phase: Phase) -> Transfer:
    return _transfer(act_id, _target(claim, hold), claim.held_account, hold.amount_minor, claim.unit, phase, hold.id)


def _unreserved(claim: Claim, hold: Hold) -> Claim:
    assert hold.claim == claim.id, "the hold is on this claim"
    assert hold.amount_minor <= claim.reserved_minor, "what is held was reserved"
    return replace(claim, reserved_minor=claim.reserved_minor - hold.amount_minor)


def _moved(claim: Claim, amount_minor: int) -> Claim:
    left = claim.outstanding_minor - amount_minor
    return replace(
        claim,
        outstanding_minor=left,
        moved_minor=claim.moved_minor + amount_minor,
        state=claim.state if left else State.MOVED,
    )


def _child(
    claim: Claim, amount_minor: int, lot_id: UUID, *,
    creditor: UUID, tier: int, recourse: UUID | None, background: tuple[str, ...],
) -> Claim:  # fmt: skip
    return Claim(
        id=lot_id, kind=claim.kind, debtor=claim.debtor, creditor=creditor, amount_minor=amount_minor,
        outstanding_minor=amount_minor, due=claim.due, root=claim.root, unit=claim.unit, state=claim.state,
        parent=claim.id, tier=tier, recourse=recourse, background=background or claim.background,
        frozen_by=claim.frozen_by,
    )  # fmt: skip


def _conserved(before: Claim, parent: Claim, child: Claim, transfer: Transfer | None) -> Changes:
    assert parent.outstanding_minor + child.outstanding_minor == before.outstanding_minor, "a cut preserves amount"
    return Changes(opened=(child,)).then(_changed(parent, transfer))


def _changed(claim: Claim, transfer: Transfer | None) -> Changes:
    transfers = (transfer,) if transfer else ()
    if claim.is_open:
        return Changes(updated=(claim,), transfers=transfers)
    return Changes(closed=(claim,), transfers=transfers)


def _in_state(claim: Claim, *states: State) -> None:
    if claim.state not in states:
        raise Conflict(
            f"claim.{claim.state}",
            Text(f"该份额当前状态为“{STATE_NAMES[claim.state].zh}”", f"The lot is {STATE_NAMES[claim.state].en}"),
            remedy=Text("请刷新后按当前状态操作", "Reload and act on its present state"),
        )


def _free(claim: Claim, amount_minor: int) -> None:
    if not 0 < amount_minor <= claim.free_minor:
        raise _exceeds(amount_minor, claim.free_minor, claim.unit, "可用金额", "what is free of it")


def _payable(claim: Claim, amount_minor: int) -> None:
    _in_state(claim, State.HELD, State.OVERDUE)
    if not 0 < amount_minor <= claim.outstanding_minor - claim.reserved_minor:
        limit = claim.outstanding_minor - claim.reserved_minor
        raise _exceeds(amount_minor, limit, claim.unit, "未结清金额", "what is outstanding")


def _exceeds(amount_minor: int, limit_minor: int, unit: Unit, zh: str, en: str) -> Invalid | Conflict:
    amount, limit = Money(amount_minor, unit), Money(limit_minor, unit)
    if amount_minor <= 0:
        return Invalid(
            "claim.amount_not_positive",
            Text("金额须大于零", "The amount must be more than zero"),
            remedy=Text("请填写大于零的金额", "Give an amount above zero"),
        )
    return Conflict(
        "claim.exceeds_free",
        Text(
            f"{amount.grouped()}超过{zh}{limit.grouped()}", f"{amount.grouped()} is more than {en}, {limit.grouped()}"
        ),
        remedy=Text(f"请填写不超过{limit.grouped()}的金额", f"Give at most {limit.grouped()}"),
        details={"amount": str(amount), "limit": str(limit)},
    )


STATE_NAMES = {
    State.OFFERED: Text("待签收", "awaiting acceptance"),
    State.HELD: Text("持有中", "held"),
    State.OVERDUE: Text("已逾期", "overdue"),
    State.SETTLED: Text("已兑付", "settled"),
    State.MOVED: Text("已转出", "passed on"),
    State.WRITTEN_OFF: Text("已核销", "written off"),
    State.VOID: Text("已作废", "void"),
}
