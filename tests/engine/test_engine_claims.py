"""The claims algebra conserves amounts and spends nothing twice, under any sequence of operations."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from jirong.engine import claims
from jirong.engine.claims import Changes, Claim, Encumbrance, Hold, Purpose, State
from jirong.engine.intents import Account, Book, Phase, Side, Transfer
from jirong.kernel.errors import Conflict, Invalid, Refusal

DUE = dt.date(2026, 7, 7)
PARTIES = [uuid.UUID(int=number) for number in range(1, 6)]
DEBTOR, HOLDER, TAKER, BANK = PARTIES[:4]
FIRST = uuid.UUID(int=100)


def held(**more: Any) -> Claim:
    known: dict[str, Any] = {
        "id": FIRST, "kind": "lot", "debtor": DEBTOR, "creditor": HOLDER, "amount_minor": 1_000,
        "outstanding_minor": 1_000, "due": DUE, "root": FIRST, "tier": 1, "background": ("INV-1",),
    }  # fmt: skip
    return Claim(**{**known, **more})


def hold(amount: int, purpose: Purpose = Purpose.TRANSFER, to: uuid.UUID = TAKER, number: int = 200) -> Hold:
    return Hold(id=uuid.UUID(int=number), claim=FIRST, to=to, amount_minor=amount, purpose=purpose)


def test_a_transfer_of_part_leaves_the_lot_smaller_and_opens_a_child() -> None:
    (reserved,) = claims.reserve(held(), hold(300)).updated
    assert (reserved.encumbrance, reserved.free_minor) == (Encumbrance.RESERVED, 700)
    lot_id = uuid.UUID(int=201)
    changes = claims.assign(reserved, hold(300), lot_id, tier=2, background=("INV-2",))
    kept = held(outstanding_minor=700, moved_minor=300)
    child = held(
        id=lot_id, creditor=TAKER, amount_minor=300, outstanding_minor=300, parent=FIRST, tier=2, background=("INV-2",)
    )
    (transfer,) = changes.transfers
    assert replace(changes, transfers=()) == Changes(opened=(child,), updated=(kept,))
    assert transfer == Transfer(
        id=transfer.id, book=Book.CLAIMS, debit=Account(f"claims:{FIRST}:held:{TAKER}", TAKER, Side.DEBIT),
        credit=Account(f"claims:{FIRST}:held:{HOLDER}", HOLDER, Side.DEBIT), amount_minor=300, phase=Phase.USE,
        reservation=hold(300).id,
    )  # fmt: skip


def test_a_transfer_of_the_whole_closes_the_lot() -> None:
    (reserved,) = claims.reserve(held(), hold(1_000)).updated
    changes = claims.assign(reserved, hold(1_000), uuid.UUID(int=201), tier=2)
    assert changes.closed == (held(outstanding_minor=0, moved_minor=1_000, state=State.MOVED),)
    assert changes.opened[0].background == ("INV-1",), "without a background of its own it stands on its parent's"


def test_a_whole_pledge_stays_in_place_and_a_part_is_cut_off() -> None:
    whole = hold(1_000, Purpose.PLEDGE, BANK)
    (reserved,) = claims.reserve(held(), whole).updated
    assert claims.pledge(reserved, whole, uuid.UUID(int=201)).updated == (held(pledgee=BANK),)
    part = hold(400, Purpose.PLEDGE, BANK)
    (reserved,) = claims.reserve(held(), part).updated
    changes = claims.pledge(reserved, part, uuid.UUID(int=201))
    assert (changes.updated[0].outstanding_minor, changes.updated[0].pledgee) == (600, None)
    assert (changes.opened[0].creditor, changes.opened[0].pledgee, changes.opened[0].tier) == (HOLDER, BANK, 1)


def test_a_cut_preserves_holder_tier_and_amount() -> None:
    changes = claims.cut(held(), 250, uuid.UUID(int=201))
    assert changes.transfers == ()
    assert [claim.outstanding_minor for claim in (*changes.updated, *changes.opened)] == [750, 250]
    assert (changes.opened[0].creditor, changes.opened[0].tier, changes.opened[0].parent) == (HOLDER, 1, FIRST)


def test_a_pledge_ends_with_the_claim_it_lies_on() -> None:
    (part,) = claims.settle(held(pledgee=BANK), 999, TAKER).updated
    assert part.pledgee == BANK
    assert claims.settle(part, 1, BANK).closed[0].pledgee is None
    assert claims.write_off(part, 1, BANK).closed[0].pledgee is None


def test_a_part_of_what_is_frozen_is_frozen() -> None:
    (frozen,) = claims.freeze(held(), "RED-1").updated
    (child,) = claims.cut(frozen, 1, uuid.UUID(int=201)).opened
    assert child.frozen_by == "RED-1"
    assert claims.unfreeze(child).updated[0].frozen_by is None


@pytest.mark.parametrize(
    ("claim", "operation"),
    [
        (held(pledgee=BANK), lambda claim: claims.reserve(claim, hold(1))),
        (held(pledgee=BANK), lambda claim: claims.cut(claim, 1, TAKER)),
        (held(reserved_minor=800), lambda claim: claims.reserve(claim, hold(201))),
        (held(reserved_minor=800), lambda claim: claims.settle(claim, 201, TAKER)),
        (held(), lambda claim: claims.settle(claim, 1_001, TAKER)),
        (held(), lambda claim: claims.unpledge(claim, TAKER)),
        (held(), claims.accept),
        (held(), claims.void),
        (held(state=State.OFFERED), lambda claim: claims.reserve(claim, hold(1))),
        (held(state=State.OFFERED), lambda claim: claims.settle(claim, 1, TAKER)),
        (held(state=State.OVERDUE), lambda claim: claims.mark_overdue(claim, DUE)),
        (held(), lambda claim: claims.recover(claim, 1, TAKER)),
    ],
)
def test_what_is_not_free_is_not_spent(claim: Claim, operation: Callable[[Claim], Changes]) -> None:
    with pytest.raises(Conflict) as refused:
        operation(claim)
    assert refused.value.remedy


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_is_above_zero(amount: int) -> None:
    operations: tuple[Callable[[Claim, int, uuid.UUID], Changes], ...] = (claims.settle, claims.write_off, claims.cut)
    for operation in operations:
        with pytest.raises(Invalid):
            operation(held(), amount, TAKER)


@pytest.mark.parametrize(
    "broken",
    [
        {"outstanding_minor": 999}, {"outstanding_minor": -1, "moved_minor": 1_001}, {"amount_minor": 0},
        {"reserved_minor": 1_001}, {"reserved_minor": 1, "pledgee": BANK}, {"state": State.SETTLED},
        {"outstanding_minor": 0, "settled_minor": 1_000},
    ],
)  # fmt: skip
def test_an_impossible_claim_cannot_be_made(broken: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        held(**broken)


def test_nothing_is_overdue_before_it_is_due() -> None:
    with pytest.raises(AssertionError):
        claims.mark_overdue(held(), DUE - dt.timedelta(days=1))


def test_changes_join_so_that_each_claim_appears_once_as_it_ends() -> None:
    opened = claims.open_claim(held(state=State.OFFERED))
    accepted = claims.accept(opened.opened[0])
    both = opened.then(accepted).then(claims.settle(accepted.updated[0], 1_000, TAKER))
    assert (both.opened, both.updated, both.closed) == (
        (held(outstanding_minor=0, settled_minor=1_000, state=State.SETTLED),), (), ()
    )  # fmt: skip
    assert len(both.transfers) == 3
    with pytest.raises(AssertionError):
        both.apply({FIRST: held()})
    with pytest.raises(AssertionError):
        accepted.apply({})


def test_a_recovery_after_a_write_off_settles_it() -> None:
    (lost,) = claims.write_off(held(), 1_000, TAKER).closed
    assert lost.state is State.WRITTEN_OFF
    (half,) = claims.recover(lost, 400, TAKER).closed
    assert (half.state, half.settled_minor, half.written_off_minor) == (State.WRITTEN_OFF, 400, 600)
    assert claims.recover(half, 600, BANK).closed[0].state is State.SETTLED


class Algebra(RuleBasedStateMachine):
    """Any sequence of operations, against a ledger that refuses overdrafts; a refusal must change nothing."""

    ledger_type: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.ledger = self.ledger_type()
        self.claims: dict[uuid.UUID, Claim] = {}
        self.holds: list[Hold] = []
        self.count = 1_000

    def new_id(self) -> uuid.UUID:
        self.count += 1
        return uuid.UUID(int=self.count)

    def attempt(self, operation: Callable[[], Changes]) -> bool:
        try:
            changes = operation()
        except Refusal:
            return False
        self.claims = changes.apply(self.claims)
        for transfer in changes.transfers:
            self.ledger.book(transfer)
        return True

    def pick(self, data: st.DataObject) -> Claim:
        return data.draw(st.sampled_from(list(self.claims.values())))

    @rule(amount=st.integers(1, 10_000), offered=st.booleans())
    def open(self, amount: int, offered: bool) -> None:
        new = self.new_id()
        claim = held(
            id=new, root=new, amount_minor=amount, outstanding_minor=amount,
            state=State.OFFERED if offered else State.HELD,
        )  # fmt: skip
        assert self.attempt(lambda: claims.open_claim(claim))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), operation=st.sampled_from([claims.accept, claims.void]))
    def answer(self, data: st.DataObject, operation: Callable[[Claim], Changes]) -> None:
        claim = self.pick(data)
        assert self.attempt(lambda: operation(claim)) == (claim.state is State.OFFERED)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), amount=st.integers(1, 10_000), purpose=st.sampled_from(Purpose), to=st.sampled_from(PARTIES))
    def reserve(self, data: st.DataObject, amount: int, purpose: Purpose, to: uuid.UUID) -> None:
        claim = self.pick(data)
        if to == claim.creditor:
            return
        new = Hold(id=self.new_id(), claim=claim.id, to=to, amount_minor=amount, purpose=purpose)
        possible = claim.state in (State.HELD, State.OVERDUE) and amount <= claim.free_minor
        assert self.attempt(lambda: claims.reserve(claim, new)) == possible
        if possible:
            self.holds.append(new)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), taken=st.booleans())
    def answer_hold(self, data: st.DataObject, taken: bool) -> None:
        place = data.draw(st.integers(0, len(self.holds) - 1))
        held_part = self.holds.pop(place)
        claim, new = self.claims[held_part.claim], self.new_id()
        if not taken:
            assert self.attempt(lambda: claims.release(claim, held_part, new))
        elif held_part.purpose is Purpose.PLEDGE:
            assert self.attempt(lambda: claims.pledge(claim, held_part, new))
        else:
            assert self.attempt(lambda: claims.assign(claim, held_part, new, tier=claim.tier + 1))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), amount=st.integers(1, 10_000))
    def cut(self, data: st.DataObject, amount: int) -> None:
        claim = self.pick(data)
        if amount < claim.outstanding_minor:
            self.attempt(lambda: claims.cut(claim, amount, self.new_id()))

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(), amount=st.integers(1, 10_000),
        operation=st.sampled_from([claims.settle, claims.write_off, claims.recover]),
    )  # fmt: skip
    def end(self, data: st.DataObject, amount: int, operation: Callable[[Claim, int, uuid.UUID], Changes]) -> None:
        claim = self.pick(data)
        self.attempt(lambda: operation(claim, amount, self.new_id()))

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def unpledge(self, data: st.DataObject) -> None:
        claim = self.pick(data)
        assert self.attempt(lambda: claims.unpledge(claim, self.new_id())) == (claim.pledgee is not None)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def fall_due(self, data: st.DataObject) -> None:
        claim = self.pick(data)
        assert self.attempt(lambda: claims.mark_overdue(claim, DUE)) == (claim.state is State.HELD)

    @invariant()
    def amounts_are_conserved(self) -> None:
        opened: Counter[uuid.UUID] = Counter()
        found: Counter[uuid.UUID] = Counter()
        for claim in self.claims.values():
            if claim.parent is None:
                opened[claim.root] += claim.amount_minor
            found[claim.root] += (
                claim.outstanding_minor + claim.settled_minor + claim.written_off_minor + claim.voided_minor
            )
        assert opened == found

    @invariant()
    def what_is_passed_on_is_in_the_children(self) -> None:
        passed: Counter[uuid.UUID] = Counter()
        for claim in self.claims.values():
            if claim.parent:
                passed[claim.parent] += claim.amount_minor
        assert {claim.id: claim.moved_minor for claim in self.claims.values() if claim.moved_minor} == passed

    @invariant()
    def reserved_is_what_is_held(self) -> None:
        reserved: Counter[uuid.UUID] = Counter()
        for item in self.holds:
            reserved[item.claim] += item.amount_minor
        assert {claim.id: claim.reserved_minor for claim in self.claims.values() if claim.reserved_minor} == reserved

    @invariant()
    def the_ledger_agrees(self) -> None:
        wanted: Counter[str] = Counter()
        for claim in self.claims.values():
            if claim.state not in (State.OFFERED, State.VOID):
                wanted[claim.held_account.key] += claim.outstanding_minor
                wanted[claim.written_off_account.key] += claim.written_off_minor
                wanted[claim.owed_account.key] -= claim.outstanding_minor + claim.written_off_minor
        posted = {key: minor for key, minor in self.ledger.posted.items() if minor}
        assert posted == {key: minor for key, minor in wanted.items() if minor}
        assert sum(self.ledger.posted.values()) == 0


def test_amounts_are_conserved_under_any_sequence(ledger_type: Any) -> None:
    machine = type("Run", (Algebra,), {"ledger_type": ledger_type})
    run_state_machine_as_test(machine, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))
