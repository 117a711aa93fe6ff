"""Any events in any order, valid or not: a note makes and loses nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jirong.engine import checks
from jirong.engine.claims import Purpose
from jirong.engine.kinds import chain_note
from jirong.engine.kinds.chain_note import Ending, NoteState, NoteStatus
from jirong.kernel.errors import Refusal

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


class Life(RuleBasedStateMachine):
    """Any events in any order, valid or not: the desk's ledger and header checks must hold after each."""

    desk_type: Any = None
    who: Who

    @initialize(due_in=st.integers(6, 15))
    def begin(self, due_in: int) -> None:
        from jirong.kernel.rules import house_rulebook

        self.desk = self.desk_type(house_rulebook())
        self.today = ISSUED
        self.note = self.desk.note(
            self.who["core"], self.who["merchant"], "1,000.00", ISSUED, ISSUED + dt.timedelta(days=due_in)
        )
        self.desk.issue(self.note)
        self.desk.accept(self.note)

    def state(self) -> NoteState:
        found = self.desk.states[self.note.id]
        assert isinstance(found, NoteState)
        return found

    def attempt(self, act: Any) -> None:
        before = (self.desk.states.copy(), self.desk.claims)
        try:
            act()
        except Refusal:
            assert (self.desk.states, self.desk.claims) == before, "a refusal changes nothing"

    @rule(
        data=st.data(), amount=st.integers(1, 120_000), purpose=st.sampled_from(Purpose), recourse=st.booleans(),
        to=st.sampled_from(["merchant", "mill", "fibre", "bank_a", "bank_b"]),
    )  # fmt: skip
    def offer(self, data: st.DataObject, amount: int, purpose: Purpose, recourse: bool, to: str) -> None:
        lot = data.draw(st.sampled_from(list(self.state().lots.values())))
        invoice = f"I-{self.desk.count}"
        transfer = purpose is Purpose.TRANSFER
        if transfer:
            self.desk.grant_invoice(invoice, amount)
        fact = checks.Evidence(
            invoice=invoice, buyer=lot.creditor, seller=self.who[to], unpaid_minor=amount, accepted_on=ISSUED,
            matched=True,
        )  # fmt: skip
        event = chain_note.MakeOffer(
            id=self.desk.new_id(), by=lot.creditor, lot=lot.id, to=self.who[to], amount_minor=amount, purpose=purpose,
            expires_on=min(self.today + dt.timedelta(days=9), self.note.due - dt.timedelta(days=1)),
            backings=(checks.Backing(invoice, amount),) if transfer else (), evidence=(fact,) if transfer else (),
            rate=Decimal("0.05") if purpose is Purpose.DISCOUNT else None, recourse=recourse,
        )  # fmt: skip
        self.attempt(lambda: self.desk.do(self.note, event, self.today))

    @rule(data=st.data(), take=st.booleans())
    def answer(self, data: st.DataObject, take: bool) -> None:
        if not self.state().offers:
            return
        offer = data.draw(st.sampled_from(list(self.state().offers.values())))
        if take:
            self.attempt(lambda: self.desk.take(self.note, offer.hold.id, self.today))
        else:
            event = chain_note.DropOffer(
                id=self.desk.new_id(), by=offer.hold.to, offer=offer.hold.id, why=Ending.REFUSED
            )
            self.attempt(lambda: self.desk.do(self.note, event, self.today))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        known = list(self.state().lots.values())
        lot = data.draw(st.sampled_from([lot for lot in known if lot.pledgee] or known))
        event = chain_note.Release(id=self.desk.new_id(), by=lot.pledgee or self.who["core"], lot=lot.id)
        self.attempt(lambda: self.desk.do(self.note, event, self.today))

    @rule(data=st.data(), amount=st.integers(1, 120_000), secured=st.integers(0, 100_000))
    def pay(self, data: st.DataObject, amount: int, secured: int) -> None:
        owed = {lot.id: secured for lot in self.state().lots.values() if lot.pledgee}
        event = chain_note.PayDue(id=self.desk.new_id(), by=self.who["core"], amount_minor=amount, owed=owed)
        self.attempt(lambda: self.desk.do(self.note, event, self.today))

    @rule(data=st.data(), made=st.booleans())
    def bank_answers(self, data: st.DataObject, made: bool) -> None:
        if not self.state().payments:
            return
        payment = data.draw(st.sampled_from(list(self.state().payments.values())))
        if made:
            self.desk.pay(self.note, payment, self.today)
        else:
            self.desk.do(self.note, chain_note.Reject(id=self.desk.new_id(), payment=payment.id), self.today)

    @rule(data=st.data())
    def recourse(self, data: st.DataObject) -> None:
        known = list(self.state().lots.values())
        lot = data.draw(st.sampled_from([lot for lot in known if lot.recourse] or known))
        event = chain_note.CallRecourse(id=self.desk.new_id(), by=lot.creditor, lot=lot.id)
        self.attempt(lambda: self.desk.do(self.note, event, self.today))

    @rule(days=st.sampled_from([1, 1, 1, 2, 9]))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.attempt(lambda: self.desk.do(self.note, chain_note.CloseDay(id=self.desk.new_id()), self.today))
            self.today += dt.timedelta(days=1)

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        if not hasattr(self, "desk"):
            return
        lots = [claim for claim in self.desk.claims.values() if claim.kind == chain_note.LOT]
        assert sum(lot.outstanding_minor + lot.settled_minor for lot in lots) == self.note.amount_minor
        assert sum(self.desk.cash.values()) == 0
        assert all(self.desk.ledger.available(account) >= 0 for lot in lots for account in (lot.held_account,))
        reserved = sum(offer.hold.amount_minor for offer in self.state().offers.values())
        assert sum(lot.reserved_minor for lot in lots) == reserved
        paid = sum(claim.settled_minor for claim in self.desk.claims.values())
        assert -self.desk.cash[self.who["core"]] == paid

    @invariant()
    def settled_means_nothing_is_owed(self) -> None:
        if hasattr(self, "desk"):
            owed = sum(claim.outstanding_minor for claim in self.desk.claims.values())
            assert (self.state().status is NoteStatus.SETTLED) == (owed == 0)


def test_any_life_of_a_note_conserves_everything(desk_type: Any, who: Who) -> None:
    machine = type("Run", (Life,), {"desk_type": desk_type, "who": who})
    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
