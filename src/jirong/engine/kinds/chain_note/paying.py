"""Maturity: instructing what is due, booking what the bank confirms, and what happens when it is short or late.

A payment is shared over the lots in proportion to what is owed on each, the pledgee first within a lot; late interest
is paid before the amount itself (民法典 561). Instructing changes no claim: lots settle when the bank confirms. A lot
whose payment (or discount, or loan's pay-out) the bank has not answered yet waits and takes no part in a further
payment: until then nobody knows whom it is owed to.

Late interest runs on what is unpaid from the day payment was due (the next business day of a holiday), at the rate
agreed or, where none was, at the statutory rate a day (支付条例 17). It is charged when the issuer next instructs a
payment: a claim of its own opens for each lot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from jirong.engine import claims, priority
from jirong.engine.claims import Changes, Claim, Hold, Purpose, State
from jirong.engine.contract import Outcome, acts
from jirong.engine.intents import Payment
from jirong.engine.kinds.chain_note import common, issuing, passing
from jirong.engine.kinds.chain_note.values import (
    LATE_INTEREST,
    LOT,
    CallRecourse,
    CloseDay,
    Confirm,
    Decline,
    Ending,
    NoteState,
    NoteStatus,
    NoteTerms,
    PayDue,
    Reject,
)
from jirong.engine.reasons import Reason, require
from jirong.kernel import daycount
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text


def late_interest_minor(terms: NoteTerms, lot: Claim, date: dt.date) -> int:
    """Late interest on ``lot`` not yet charged, up to ``date``; 0 while nothing is late."""
    since = lot.late_from or terms.payable_on
    if date <= since or not lot.is_open:
        return 0
    if terms.late_rate is not None:
        years = daycount.year_fraction(daycount.A360, since, date)
        return round_half_up(lot.outstanding_minor * Fraction(terms.late_rate) * years)
    daily = Fraction(terms.rules.at("sme.late_daily_rate", terms.issued_on).decimal)
    return round_half_up(lot.outstanding_minor * daily * (date - since).days)


def pay_due(terms: NoteTerms, state: NoteState, event: PayDue, date: dt.date) -> Outcome:
    """Charge late interest, share the amount and answer with the payments to instruct."""
    common.expect(state, NoteStatus.LIVE, NoteStatus.OVERDUE)
    acts(event.by, terms.issuer, "issuer")
    _complete(state)
    reasons = require((_is_due(terms, date), *_late_reason(terms, state, date)))
    standing = [offer for offer in state.offers.values() if offer.payment is None]
    lapsed, now = passing.drop_all(terms, state, standing, event.id)
    charged = claims.combine(_charge(terms, lot, event.id, date) for lot in _ready(now))
    now = common.after(now, charged)
    payments = _payments(terms, now, event)
    changes = replace(lapsed.then(charged), payments=payments)
    return Outcome(replace(now, payments={**now.payments, **{item.id: item for item in payments}}), changes, reasons)


def confirm(terms: NoteTerms, state: NoteState, event: Confirm, date: dt.date) -> Outcome:
    """The bank made the payment: settle what it was for; a discount's or recourse's payment passes the lot."""
    payment = common.payment(state, event.payment)
    left = {key: item for key, item in state.payments.items() if key != payment.id}
    if payment.because == "discount":
        offer = next(item for item in state.offers.values() if item.payment == payment.id)
        changes, after = passing.bought(terms, state, offer, payment)
        return Outcome(replace(after, payments=left), changes)
    if payment.because == "recourse":
        changes = _bought_back(terms, state, payment, date)
        return Outcome(replace(common.after(state, changes), payments=left), changes)
    changes = claims.combine(
        claims.settle(common.lot(state, claim_id), minor, payment.id) for claim_id, minor in payment.settles
    )
    after = common.after(state, changes)
    status = NoteStatus.SETTLED if after.outstanding_minor == 0 else state.status
    return Outcome(replace(after, status=status, payments=left), changes)


def reject(terms: NoteTerms, state: NoteState, event: Reject, date: dt.date) -> Outcome:
    """The bank did not pay: what the payment was for stands as before; a taken discount is an open offer again."""
    payment = common.payment(state, event.payment)
    offers = {
        key: replace(offer, payment=None, price_minor=None) if offer.payment == payment.id else offer
        for key, offer in state.offers.items()
    }
    left = {key: item for key, item in state.payments.items() if key != payment.id}
    return Outcome(replace(state, offers=offers, payments=left), Changes())


def close_day(terms: NoteTerms, state: NoteState, event: CloseDay, date: dt.date) -> Outcome:
    """At the close of ``date``: lapse what was not answered in time, mark what was due and is unpaid as overdue."""
    if state.status is NoteStatus.OFFERED and date >= terms.due:
        return issuing.decline(terms, state, Decline(id=event.id, by=None, why=Ending.LAPSED), date)
    over = [
        offer
        for offer in state.offers.values()
        if offer.payment is None and (date >= offer.expires_on or date >= terms.due)
    ]
    lapsed, now = passing.drop_all(terms, state, over, event.id)
    if date < terms.payable_on:
        return Outcome(now, lapsed)
    unpaid = [lot for lot in _ready(now) if lot.state is State.HELD]
    late = claims.combine(claims.mark_overdue(lot, date) for lot in unpaid)
    status = NoteStatus.OVERDUE if unpaid else now.status
    return Outcome(common.after(now, late, status=status), lapsed.then(late))


def call_recourse(terms: NoteTerms, state: NoteState, event: CallRecourse, date: dt.date) -> Outcome:
    """The funder of an overdue lot asks its seller to buy back what is unpaid (民法典 766)."""
    lot = common.lot(state, event.lot)
    acts(event.by, lot.creditor, "holder")
    rule = terms.rules.at("civil.recourse_factoring", date)
    reasons = require(
        (
            Reason(
                code="note.no_recourse",
                holds=lot.recourse is not None and lot.state is State.OVERDUE,
                effect=Effect.BAR,
                text=Text(
                    "有追索权且已逾期的份额，可要求卖方回购",
                    "An overdue lot sold with recourse is bought back by its seller",
                ),
                rule=rule,
                inputs={"recourse": str(lot.recourse) if lot.recourse else None, "state": lot.state.value},
                remedy=Text(
                    "请确认份额为有追索权贴现且已逾期", "See that the lot was sold with recourse and is overdue"
                ),
            ),
        )
    )
    assert lot.recourse is not None, "checked above"
    if _waits(state, lot):
        raise Conflict(
            "note.payment_unanswered", Text("该份额有待银行答复的付款", "A payment on this lot awaits the bank")
        )
    payment = Payment(
        id=derived_id(event.id, "recourse"), payer=lot.recourse, payee=lot.creditor,
        amount_minor=lot.outstanding_minor, unit=terms.unit, because="recourse", lot=lot.id,
    )  # fmt: skip
    changes = Changes(payments=(payment,))
    return Outcome(replace(state, payments={**state.payments, payment.id: payment}), changes, reasons)


def _payments(terms: NoteTerms, state: NoteState, event: PayDue) -> tuple[Payment, ...]:
    """One payment for each payee of each lot, its late interest first."""
    ready = _ready(state)
    if not ready:
        raise Conflict(
            "note.payment_unanswered",
            Text("各份额都有待银行答复的付款", "Every lot has a payment that awaits the bank's answer"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )
    dues = [_due(state, lot, event) for lot in ready]
    owed = sum(due.owed_minor for due in dues)
    if not 0 < event.amount_minor <= owed:
        most = Money(owed, terms.unit).grouped()
        raise Invalid(
            "note.pays_more_than_due",
            Text(
                f"本次应付{most}，付款金额须大于零且不超过应付",
                f"{most} is due; pay more than zero and no more than that",
            ),
            remedy=Text(f"请填写不超过{most}的金额", f"Pay at most {most}"),
            details={"owed": str(Money(owed, terms.unit))},
        )
    unpaid = {claim.id: claim.outstanding_minor for claim in state.lots.values() if claim.is_open}
    payments = []
    for share in priority.allocate(event.amount_minor, dues):
        order = [claim.id for claim in _interest(state, share.lot)] + [share.lot]
        payments.append(
            Payment(
                id=derived_id(event.id, share.lot, share.because), payer=terms.issuer, payee=share.payee,
                amount_minor=share.amount_minor, unit=terms.unit, because=share.because, lot=share.lot,
                settles=_take(unpaid, order, share.amount_minor),
            )
        )  # fmt: skip
    return tuple(payments)


def _take(unpaid: dict[UUID, int], order: Iterable[UUID], amount_minor: int) -> tuple[tuple[UUID, int], ...]:
    """Take ``amount_minor`` from ``unpaid`` in ``order``, lowering it."""
    taken = []
    for claim_id in order:
        part = min(unpaid[claim_id], amount_minor)
        if part:
            unpaid[claim_id] -= part
            amount_minor -= part
            taken.append((claim_id, part))
    assert amount_minor == 0, "a share is within what is owed"
    return tuple(taken)


def _due(state: NoteState, lot: Claim, event: PayDue) -> priority.LotDue:
    if lot.pledgee and lot.id not in event.owed:
        raise Invalid(
            "note.pledgee_owed_unknown",
            Text("缺少质权人应收金额", "How much the pledgee is owed is missing"),
            where=str(lot.id),
        )
    owed = lot.outstanding_minor + sum(claim.outstanding_minor for claim in _interest(state, lot.id))
    return priority.LotDue(
        lot=lot.id, holder=lot.creditor, owed_minor=owed, pledgee=lot.pledgee,
        pledgee_owed_minor=event.owed.get(lot.id, 0),
    )  # fmt: skip


def _charge(terms: NoteTerms, lot: Claim, act_id: UUID, date: dt.date) -> Changes:
    """Open a claim for the late interest up to ``date``."""
    amount = late_interest_minor(terms, lot, date)
    if not amount:
        return Changes()
    interest = Claim(
        id=derived_id(act_id, "late", lot.id), kind=LATE_INTEREST, debtor=lot.debtor, creditor=lot.creditor,
        amount_minor=amount, outstanding_minor=amount, due=date, root=lot.root, unit=lot.unit, parent=lot.id,
        tier=lot.tier,
    )  # fmt: skip
    return claims.open_claim(interest).then(Changes(updated=(replace(lot, late_from=date),)))


def _bought_back(terms: NoteTerms, state: NoteState, payment: Payment, date: dt.date) -> Changes:
    assert payment.lot is not None, "recourse is on a lot"
    lot = common.lot(state, payment.lot)
    charged = _charge(terms, lot, payment.id, date)
    lot = charged.claims.get(lot.id, lot)
    hold = Hold(
        id=payment.id, claim=lot.id, to=payment.payer, amount_minor=lot.outstanding_minor, purpose=Purpose.DISCOUNT
    )
    held = claims.reserve(lot, hold)
    back = claims.assign(held.claims[lot.id], hold, derived_id(payment.id, "lot"), tier=lot.tier)
    returned = replace(back.opened[0], late_from=lot.late_from)
    return charged.then(held).then(replace(back, opened=(returned,)))


def _interest(state: NoteState, lot_id: UUID) -> list[Claim]:
    """Open late-interest claims on a lot, oldest first."""
    found = [
        claim
        for claim in state.lots.values()
        if claim.kind == LATE_INTEREST and claim.parent == lot_id and claim.is_open
    ]
    return sorted(found, key=lambda claim: (claim.due, claim.id))


def _ready(state: NoteState) -> list[Claim]:
    """Lots that may be paid: open, accepted, and not waiting for a bank's answer; in a stable order."""
    found = [
        lot
        for lot in state.lots.values()
        if lot.kind == LOT and lot.state in (State.HELD, State.OVERDUE) and not _waits(state, lot)
    ]
    return sorted(found, key=lambda lot: (lot.tier, lot.id))


def _waits(state: NoteState, lot: Claim) -> bool:
    in_flight = lot.id in state.lending or any(item.lot == lot.id for item in state.payments.values())
    return in_flight or lot.reserved_minor > 0


def _complete(state: NoteState) -> None:
    found = sum(claim.outstanding_minor for claim in state.lots.values())
    assert found == state.outstanding_minor, "a maturity needs every open lot in the state"


def _is_due(terms: NoteTerms, date: dt.date) -> Reason:
    rule = terms.rules.at("note.maturity_instruction", date)
    return Reason(
        code="note.not_due",
        holds=date >= terms.due,
        effect=Effect.BAR,
        text=Text(
            f"链单{terms.due}到期，由开立人指令银行付款",
            f"The note is due {terms.due}; a bank pays on the issuer's instruction",
        ),
        rule=rule,
        inputs={"due": str(terms.due), "date": str(date)},
        remedy=Text("请在到期日付款", "Pay on the due date"),
    )


def _late_reason(terms: NoteTerms, state: NoteState, date: dt.date) -> tuple[Reason, ...]:
    interest = sum(late_interest_minor(terms, lot, date) for lot in _ready(state))
    if not interest:
        return ()
    rule = terms.rules.at("sme.late_daily_rate", terms.issued_on)
    shown = Money(interest, terms.unit)
    return (
        Reason(
            code="note.late_interest",
            holds=True,
            effect=Effect.APPLY,
            text=Text(f"逾期利息{shown.grouped()}", f"Late interest of {shown.grouped()}"),
            rule=rule,
            inputs={
                "late_interest": str(shown),
                "since": str(terms.payable_on),
                "agreed_rate": str(terms.late_rate or ""),
            },
        ),
    )
