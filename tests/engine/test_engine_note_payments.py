"""Discounts, maturity, short and late payment of a chain note: to the fen, and never twice."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jirong.engine.claims import Purpose, State
from jirong.engine.kinds import chain_note
from jirong.engine.kinds.chain_note import Ending, NoteStatus
from jirong.engine.step import step
from jirong.kernel.errors import Forbidden, NotFound, Refusal

ISSUED, DUE = dt.date(2026, 1, 8), dt.date(2026, 7, 7)
DAY = dt.date(2026, 2, 2)

Who = dict[str, uuid.UUID]


def promised(desk: Any, who: Who, **more: Any) -> Any:
    return desk.note(who["core"], who["merchant"], "1,000,000.00", ISSUED, more.pop("due", DUE), **more)


def live(desk: Any, who: Who, **more: Any) -> Any:
    note = promised(desk, who, **more)
    desk.issue(note)
    desk.accept(note)
    return note


def refusal(act: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


# discounts


def discounted(desk: Any, who: Who, *, recourse: bool = False) -> tuple[Any, Any]:
    note = live(desk, who)
    offer = desk.offer(
        note, who["merchant"], who["bank_b"], "400,000.00", DAY, Purpose.DISCOUNT, rate=Decimal("0.0360"),
        recourse=recourse,
    )  # fmt: skip
    (price,) = desk.take(note, offer, DAY).changes.payments
    return note, price


def test_a_discount_passes_the_lot_only_when_the_bank_has_paid(desk: Any, who: Who) -> None:
    """400,000 × 3.60 % × 155/360 = 6,200.00 from 2026-02-02 to 2026-07-07."""
    note, price = discounted(desk, who)
    assert (price.payer, price.payee, price.amount_minor) == (who["bank_b"], who["merchant"], 39_380_000)
    offer = next(iter(desk.states[note.id].offers))
    for event in (
        chain_note.TakeOffer(id=desk.new_id(), by=who["bank_b"], offer=offer, finance=desk.finance(DAY)),
        chain_note.DropOffer(id=desk.new_id(), by=who["merchant"], offer=offer, why=Ending.WITHDRAWN),
    ):
        assert refusal(lambda e=event: desk.do(note, e, DAY)).code == "note.offer_taken"
    desk.pay(note, price, DAY)
    bought = desk.lot_of(note, who["bank_b"])
    assert (bought.outstanding_minor, bought.tier, bought.recourse) == (40_000_000, 1, None)


def test_a_discount_the_bank_did_not_pay_is_an_open_offer_again(desk: Any, who: Who) -> None:
    note, price = discounted(desk, who)
    desk.do(note, chain_note.Reject(id=desk.new_id(), payment=price.id), DAY)
    (offer,) = desk.states[note.id].offers
    with pytest.raises(NotFound):
        desk.do(note, chain_note.Confirm(id=desk.new_id(), payment=price.id), DAY)
    drop = chain_note.DropOffer(id=desk.new_id(), by=who["bank_b"], offer=offer, why=Ending.REFUSED)
    desk.do(note, drop, DAY)
    assert desk.lot_of(note, who["merchant"]).free_minor == note.amount_minor


def test_a_discount_never_takes_it_all(desk: Any, who: Who) -> None:
    note = live(desk, who)
    offer = desk.offer(note, who["merchant"], who["bank_b"], "1.00", DAY, Purpose.DISCOUNT, rate=Decimal(3))
    assert refusal(lambda: desk.take(note, offer, DAY)).code == "note.discount_takes_all"


def test_with_recourse_an_overdue_lot_goes_back_to_its_seller(desk: Any, who: Who) -> None:
    """Unpaid for 10 days: the seller pays 400,000.00; the late interest so far, 2,000.00, stays the funder's."""
    note, price = discounted(desk, who, recourse=True)
    desk.pay(note, price, DAY)
    lot = desk.lot_of(note, who["bank_b"])
    call = chain_note.CallRecourse(id=desk.new_id(), by=who["bank_b"], lot=lot.id)
    assert refusal(lambda: desk.do(note, call, DAY)).code == "note.no_recourse"
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE)
    day = DUE + dt.timedelta(days=10)
    (back,) = desk.do(note, call, day).changes.payments
    assert (back.payer, back.payee, back.amount_minor) == (who["merchant"], who["bank_b"], 40_000_000)
    desk.pay(note, back, day)
    assert desk.claims[lot.id].state is State.MOVED
    interest = [claim for claim in desk.claims.values() if claim.kind == chain_note.LATE_INTEREST]
    assert [(claim.creditor, claim.outstanding_minor) for claim in interest] == [(who["bank_b"], 200_000)]
    own = [claim for claim in desk.claims.values() if claim.creditor == who["merchant"] and claim.is_open]
    assert sum(claim.outstanding_minor for claim in own) == note.amount_minor
    returned = next(claim for claim in own if claim.parent == lot.id)
    assert chain_note.late_interest_minor(note, returned, day) == 0, "what was charged is not charged again"


def test_without_recourse_there_is_none(desk: Any, who: Who) -> None:
    note, price = discounted(desk, who)
    desk.pay(note, price, DAY)
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE)
    call = chain_note.CallRecourse(id=desk.new_id(), by=who["bank_b"], lot=desk.lot_of(note, who["bank_b"]).id)
    refused = refusal(lambda: desk.do(note, call, DUE))
    assert refused.code == "note.no_recourse"
    assert refused.clause
    assert "第766条" in refused.clause.zh


# maturity


def test_paying_is_for_the_issuer_when_due_within_what_is_due(desk: Any, who: Who) -> None:
    note = live(desk, who)
    assert refusal(lambda: desk.pay_due(note, "1.00", DUE - dt.timedelta(days=1))).code == "note.not_due"
    assert refusal(lambda: desk.pay_due(note, "1,000,000.01", DUE)).code == "note.pays_more_than_due"
    assert refusal(lambda: desk.pay_due(note, "0.00", DUE)).code == "note.pays_more_than_due"
    event = chain_note.PayDue(id=desk.new_id(), by=who["merchant"], amount_minor=1)
    with pytest.raises(Forbidden):
        desk.do(note, event, DUE)


def test_what_a_pledgee_is_owed_must_be_said(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.pledge(note, who["merchant"], who["bank_a"], "1,000,000.00", DAY)
    assert refusal(lambda: desk.pay_due(note, "1.00", DUE)).code == "note.pledgee_owed_unknown"


def test_a_maturity_asks_for_every_lot(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "300,000.00", DAY)
    whole = desk.states[note.id]
    mine = desk.lot_of(note, who["mill"])
    event = chain_note.PayDue(id=desk.new_id(), by=who["core"], amount_minor=1)
    with pytest.raises(AssertionError):
        step(note, replace(whole, lots={mine.id: mine}), event, DUE)


def test_open_offers_lapse_when_the_issuer_pays(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.offer(note, who["merchant"], who["mill"], "1.00", DAY, Purpose.TRANSFER, expires_on=DUE - dt.timedelta(days=1))
    desk.pay_due(note, "1,000,000.00", DUE)
    assert desk.states[note.id].offers == {}
    assert desk.ledger.pending == {}


def test_an_unanswered_payment_is_never_made_twice(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "300,000.00", DAY)
    event = chain_note.PayDue(id=desk.new_id(), by=who["core"], amount_minor=note.amount_minor)
    first = desk.do(note, event, DUE).changes.payments
    assert refusal(lambda: desk.pay_due(note, "0.01", DUE)).code == "note.payment_unanswered"
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE)
    assert desk.states[note.id].status is NoteStatus.LIVE, "unknown is not overdue"
    mill, merchant = sorted(first, key=lambda payment: payment.amount_minor)
    desk.pay(note, merchant, DUE)
    desk.do(note, chain_note.Reject(id=desk.new_id(), payment=mill.id), DUE)
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE)
    assert desk.states[note.id].status is NoteStatus.OVERDUE
    again = desk.pay_due(note, "300,150.00", DUE + dt.timedelta(days=1))
    assert [(item.payee, item.amount_minor) for item in again.changes.payments] == [(who["mill"], 30_015_000)]
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_a_lot_still_reserved_takes_no_payment(desk: Any, who: Who) -> None:
    """A discount the bank has not answered by the due date: its lot waits, the other lot is paid."""
    note, price = discounted(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "250,000.00", DAY)
    blind = replace(desk.states[note.id], payments={})
    for state in (desk.states[note.id], blind):
        event = chain_note.PayDue(id=desk.new_id(), by=who["core"], amount_minor=25_000_000)
        (payment,) = step(note, state, event, DUE).changes.payments
        assert payment.payee == who["mill"]
    assert refusal(lambda: desk.pay_due(note, "250,000.01", DUE)).code == "note.pays_more_than_due"
    desk.pay(note, price, DUE)
    desk.pay_due(note, "1,000,000.00", DUE)
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_late_interest_comes_before_the_amount(desk: Any, who: Who) -> None:
    """1,000,000 ten days late bears 5,000.00; 5,000.01 then leaves 999,999.99, on which interest runs anew."""
    note = live(desk, who)
    day = DUE + dt.timedelta(days=10)
    out = desk.pay_due(note, "5,000.01", day)
    (payment,) = out.changes.payments
    assert [minor for _, minor in payment.settles] == [500_000, 1]
    lot = desk.lot_of(note, who["merchant"])
    assert (lot.outstanding_minor, lot.late_from) == (99_999_999, day)
    assert chain_note.late_interest_minor(note, lot, day) == 0
    assert chain_note.late_interest_minor(note, lot, day + dt.timedelta(days=1)) == 50_000, "49,999.9995 half up"


def test_part_of_the_late_interest_leaves_the_rest_of_it_owed(desk: Any, who: Who) -> None:
    note = live(desk, who)
    day = DUE + dt.timedelta(days=10)
    desk.pay_due(note, "2,000.00", day)
    assert desk.states[note.id].outstanding_minor == note.amount_minor + 300_000
    desk.pay_due(note, "1,003,000.00", day)
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_an_agreed_late_rate_replaces_the_statutory_one(desk: Any, who: Who) -> None:
    """1,000,000 × 7.20 % × 10/360 = 2,000.00."""
    note = live(desk, who, late_rate=Decimal("0.0720"))
    lot = desk.lot_of(note, who["merchant"])
    assert chain_note.late_interest_minor(note, lot, DUE + dt.timedelta(days=10)) == 200_000


def test_a_due_date_on_a_holiday_runs_on(desk: Any, who: Who) -> None:
    """2026-07-05 is a Sunday: payment on Monday the 6th is in time, the close of the 5th marks nothing."""
    note = live(desk, who, due=dt.date(2026, 7, 5))
    assert note.payable_on == dt.date(2026, 7, 6)
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), dt.date(2026, 7, 5))
    assert desk.states[note.id].status is NoteStatus.LIVE
    assert desk.pay_due(note, "1,000,000.00", dt.date(2026, 7, 6)).reasons[-1].code == "note.not_due"
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_a_settled_note_takes_no_more_steps(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.pay_due(note, "1,000,000.00", DUE)
    assert refusal(lambda: desk.pay_due(note, "1.00", DUE)).code == "note.is_settled"
