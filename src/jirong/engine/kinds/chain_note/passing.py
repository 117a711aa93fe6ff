"""Passing lots on: offers, transfers, pledges, discounts, releases and freezes.

An offer reserves; taking it cuts and assigns (or pledges); dropping it releases. A discount is taken in two steps:
the funder takes the offer and pays, and the lot passes when the bank confirms the payment, so that nobody holds both
money and lot, or neither, for longer than the bank needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from jirong.engine import capacity, checks, claims
from jirong.engine.claims import Changes, Claim, Hold, Purpose
from jirong.engine.contract import Outcome, acts
from jirong.engine.intents import Payment, Transfer
from jirong.engine.kinds.chain_note import common
from jirong.engine.kinds.chain_note.values import (
    DropOffer,
    Ending,
    Freeze,
    MakeOffer,
    NoteState,
    NoteStatus,
    NoteTerms,
    Offer,
    Release,
    TakeOffer,
    Unfreeze,
)
from jirong.engine.reasons import Reason, require
from jirong.kernel import daycount
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import round_half_up
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text


def make_offer(terms: NoteTerms, state: NoteState, event: MakeOffer, date: dt.date) -> Outcome:
    """Reserve the offered part for the other side until it answers or the offer's day passes."""
    common.expect(state, NoteStatus.LIVE)
    lot = common.lot(state, event.lot)
    acts(event.by, lot.creditor, "holder")
    _well_formed(terms, lot, event, date)
    reasons = require(_offer_reasons(terms, lot, event, date))
    hold = Hold(id=event.id, claim=lot.id, to=event.to, amount_minor=event.amount_minor, purpose=event.purpose)
    backings = event.backings if event.purpose is Purpose.TRANSFER else ()
    reserved = Changes(transfers=capacity.reserve_invoices(backings, event.id, terms.unit))
    changes = claims.reserve(lot, hold).then(reserved)
    offer = Offer(hold=hold, expires_on=event.expires_on, backings=backings, rate=event.rate, recourse=event.recourse)
    after = common.after(state, changes)
    return Outcome(replace(after, offers={**state.offers, hold.id: offer}), changes, reasons)


def take_offer(terms: NoteTerms, state: NoteState, event: TakeOffer, date: dt.date) -> Outcome:
    """The other side takes the offer: a transfer assigns, a pledge encumbers, a discount is paid for."""
    common.expect(state, NoteStatus.LIVE)
    offer = common.offer(state, event.offer)
    acts(event.by, offer.hold.to, "receiver")
    _answerable(offer, date)
    lot = common.lot(state, offer.hold.claim)
    reasons = require((*_take_reasons(terms, lot, offer, event, date), common.not_due(terms, date)))
    if offer.hold.purpose is Purpose.DISCOUNT:
        return _buy(terms, state, lot, offer, event, date, reasons)
    if offer.hold.purpose is Purpose.PLEDGE:
        changes = claims.pledge(lot, offer.hold, derived_id(offer.hold.id, "lot"))
    else:
        background = tuple(backing.invoice for backing in offer.backings)
        lot_id = derived_id(offer.hold.id, "lot")
        passed = claims.assign(lot, offer.hold, lot_id, tier=lot.tier + 1, background=background)
        changes = passed.then(Changes(transfers=tuple(map(capacity.use, _reserved(offer, terms)))))
    after = common.after(state, changes)
    return Outcome(replace(after, offers=_without(state, offer)), changes, reasons)


def drop_offer(terms: NoteTerms, state: NoteState, event: DropOffer, date: dt.date) -> Outcome:
    """Release the hold: refused by the other side, withdrawn by the holder, or past its day."""
    offer = common.offer(state, event.offer)
    lot = common.lot(state, offer.hold.claim)
    if event.why is Ending.REFUSED:
        acts(event.by, offer.hold.to, "receiver")
    elif event.why is Ending.WITHDRAWN:
        acts(event.by, lot.creditor, "holder")
    elif date <= offer.expires_on and date < terms.due:
        raise Conflict(
            "note.offer_stands",
            Text(f"要约有效期至{offer.expires_on}，尚未失效", f"The offer stands until {offer.expires_on}"),
        )
    _not_taken(offer)
    changes, after = drop_all(terms, state, (offer,), event.id)
    return Outcome(after, changes)


def drop_all(terms: NoteTerms, state: NoteState, offers: Iterable[Offer], act_id: UUID) -> tuple[Changes, NoteState]:
    """Release several offers, one after another, for they may stand on one lot."""
    changes, now = Changes(), state
    for offer in offers:
        freed = _dropped(terms, common.lot(now, offer.hold.claim), offer, act_id)
        changes = changes.then(freed)
        now = replace(common.after(now, freed), offers=_without(now, offer))
    return changes, now


def release(terms: NoteTerms, state: NoteState, event: Release, date: dt.date) -> Outcome:
    """The pledge ends and the lot is free again: the pledgee lifts it, or there is nothing it secures (民法典 393)."""
    lot = common.lot(state, event.lot)
    reasons: tuple[Reason, ...] = ()
    if event.by is None:
        reasons = (_secures_nothing(terms, lot, date),)
    elif lot.pledgee:
        acts(event.by, lot.pledgee, "pledgee")
    changes = claims.unpledge(lot, event.id)
    return Outcome(common.after(state, changes), changes, reasons)


def bought(terms: NoteTerms, state: NoteState, offer: Offer, payment: Payment) -> tuple[Changes, NoteState]:
    """The bank confirmed the discount's payment: the lot passes to the funder at the seller's tier."""
    lot = common.lot(state, offer.hold.claim)
    seller = lot.creditor if offer.recourse else None
    changes = claims.assign(
        lot, offer.hold, derived_id(offer.hold.id, "lot"), tier=lot.tier, recourse=seller, background=lot.background
    )
    assert payment.payee == lot.creditor, "the seller was paid"
    return changes, replace(common.after(state, changes), offers=_without(state, offer))


def freeze(terms: NoteTerms, state: NoteState, event: Freeze, date: dt.date) -> Outcome:
    """Freeze the open lots that stand on the invoice that is gone; they stay payable but are not passed on."""
    struck = [lot for lot in state.lots.values() if lot.is_open and event.invoice in lot.background]
    document = event.red_letter or checks.number_of(event.invoice)
    changes = claims.combine(claims.freeze(lot, document) for lot in struck)
    why = checks.why_frozen(document, [event.invoice])
    reason = Reason(
        code="note.frozen",
        holds=True,
        effect=Effect.APPLY,
        text=Text(f"{why.zh}，{len(struck)}个份额暂停流转", f"{why.en}; {len(struck)} lots may not be passed on"),
        rule=terms.rules.at("note.true_trade", date),
        inputs={"invoice": event.invoice, "red_letter": event.red_letter, "lots": [str(lot.id) for lot in struck]},
    )
    return Outcome(common.after(state, changes), changes, (reason,))


def unfreeze(terms: NoteTerms, state: NoteState, event: Unfreeze, date: dt.date) -> Outcome:
    """The lot's ground stands again: any side of it may say so, for the papers decide."""
    lot = common.lot(state, event.lot)
    if lot.frozen_by is None:
        raise Conflict("note.not_frozen", Text("该份额没有冻结", "The lot is not frozen"))
    reasons = require((checks.background_stands(terms.rules, date, event.grounds),))
    changes = claims.unfreeze(lot)
    return Outcome(common.after(state, changes), changes, reasons)


def discount_minor(amount_minor: int, rate: Decimal, date: dt.date, payable_on: dt.date) -> int:
    """Discount of ``amount_minor`` at ``rate`` a year from ``date`` to the day of payment, A/360, half up."""
    years = daycount.year_fraction(daycount.A360, date, payable_on)
    return round_half_up(amount_minor * Fraction(rate) * years)


def _secures_nothing(terms: NoteTerms, lot: Claim, date: dt.date) -> Reason:
    return Reason(
        code="note.pledge_ends",
        holds=True,
        effect=Effect.APPLY,
        text=Text("贷款没有放出，质押随之消灭", "The loan was not paid out, so the pledge ends with it"),
        rule=terms.rules.at("civil.security_ends", date),
        inputs={"lot": str(lot.id)},
    )


def _dropped(terms: NoteTerms, lot: Claim, offer: Offer, act_id: UUID) -> Changes:
    """Release an offer's hold on the lot and on the invoices."""
    freed = Changes(transfers=tuple(map(capacity.release, _reserved(offer, terms))))
    return claims.release(lot, offer.hold, derived_id(act_id, offer.hold.id)).then(freed)


def _buy(
    terms: NoteTerms, state: NoteState, lot: Claim, offer: Offer, event: TakeOffer, date: dt.date,
    reasons: tuple[Reason, ...],
) -> Outcome:  # fmt: skip
    """The funder takes a discount: its payment is instructed, the lot stays reserved until the bank confirms."""
    assert offer.rate is not None, "a discount has a rate"
    amount = offer.hold.amount_minor
    charged = discount_minor(amount, offer.rate, date, terms.payable_on)
    if charged >= amount:
        raise Invalid(
            "note.discount_takes_all",
            Text("贴现息不低于份额金额", "The discount would take the whole amount"),
            remedy=Text("请检查贴现利率", "Check the discount rate"),
        )
    payment = Payment(
        id=derived_id(event.id, "price"), payer=offer.hold.to, payee=lot.creditor, amount_minor=amount - charged,
        unit=terms.unit, because="discount", lot=lot.id,
    )  # fmt: skip
    taken = replace(offer, price_minor=payment.amount_minor, payment=payment.id)
    after = replace(
        state,
        offers={**state.offers, offer.hold.id: taken},
        payments={**state.payments, payment.id: payment},
    )
    return Outcome(after, Changes(payments=(payment,)), reasons)


def _offer_reasons(terms: NoteTerms, lot: Claim, event: MakeOffer, date: dt.date) -> tuple[Reason, ...]:
    rules = terms.rules
    found = [checks.may_pass(rules, date, lot), checks.background_stands(rules, date, event.grounds)]
    if event.purpose is Purpose.TRANSFER:
        found += [
            checks.true_trade(
                rules, date, event.backings, event.evidence, buyer=lot.creditor, seller=event.to,
                amount_minor=event.amount_minor, unit=terms.unit,
            ),
            checks.no_prepayment(rules, date, event.evidence),
            checks.tiers(rules, date, lot.tier + 1),
        ]  # fmt: skip
    return tuple(found)


def _take_reasons(terms: NoteTerms, lot: Claim, offer: Offer, event: TakeOffer, date: dt.date) -> tuple[Reason, ...]:
    rules = terms.rules
    stands = (checks.may_pass(rules, date, lot), checks.background_stands(rules, date, event.grounds))
    if offer.hold.purpose is Purpose.TRANSFER:
        return stands
    if event.finance is None:
        raise Invalid(
            "note.finance_facts_missing",
            Text("缺少登记与审查信息", "The registration and the funder's review are missing"),
            remedy=Text("请填写登记编号并记录审查", "Give the registration number and record the review"),
        )
    reviewed = checks.long_tenor_reviewed(
        rules, terms.issued_on, terms.due, reviewed=event.finance.term_reviewed, effect=Effect.BAR
    )
    return (*stands, *checks.may_finance(rules, date, event.finance), reviewed)


def _well_formed(terms: NoteTerms, lot: Claim, event: MakeOffer, date: dt.date) -> None:
    if event.to in (lot.creditor, terms.issuer):
        raise Invalid(
            "note.offer_to_self",
            Text("份额不能转给持有人自己或开立人", "A lot cannot be offered to its holder or to the issuer"),
            remedy=Text("请选择其他接收方", "Choose another receiver"),
        )
    if not date <= event.expires_on < terms.due:
        raise Invalid(
            "note.offer_expiry",
            Text(
                f"要约有效期须在{date}至{terms.due}之前",
                f"The offer must end between {date} and the day before {terms.due}",
            ),
            remedy=Text("请修改有效期", "Change the day the offer ends"),
        )
    if (event.purpose is Purpose.DISCOUNT) != (event.rate is not None) or (event.rate is not None and event.rate < 0):
        raise Invalid(
            "note.discount_rate",
            Text("贴现须填写利率，其他用途不填", "A discount needs a rate; other offers have none"),
            remedy=Text("请填写不小于零的年利率", "Give a yearly rate of zero or more"),
        )


def _answerable(offer: Offer, date: dt.date) -> None:
    _not_taken(offer)
    if date > offer.expires_on:
        raise Conflict(
            "note.offer_lapsed",
            Text(f"要约已于{offer.expires_on}失效", f"The offer lapsed on {offer.expires_on}"),
            remedy=Text("请对方重新发出要约", "Ask the holder to offer it again"),
        )


def _not_taken(offer: Offer) -> None:
    if offer.payment is not None:
        raise Conflict(
            "note.offer_taken",
            Text("要约已被接受，正等待付款结果", "The offer was taken and awaits its payment"),
            remedy=Text("请等待银行答复", "Await the bank's answer"),
        )


def _reserved(offer: Offer, terms: NoteTerms) -> tuple[Transfer, ...]:
    return capacity.reserve_invoices(offer.backings, offer.hold.id, terms.unit)


def _without(state: NoteState, offer: Offer) -> dict[UUID, Offer]:
    return {key: kept for key, kept in state.offers.items() if key != offer.hold.id}
