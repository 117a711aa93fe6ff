"""Entitlements: exact parts carried forward, budgets never passed, the ledger and the claims always sum."""

from __future__ import annotations

import datetime
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine import step
from jirong.engine.claims import State
from jirong.engine.intents import Book, Phase
from jirong.engine.kinds import entitlement
from jirong.kernel.errors import Conflict, Forbidden, NotFound
from jirong.kernel.ids import derived_id

ON = datetime.date(2026, 4, 15)
GIVER, TAKER = UUID(int=1), UUID(int=2)
ROOT = UUID(int=9)


def terms(**changed: object) -> entitlement.EntitlementTerms:
    kept: dict[str, object] = {
        "id": ROOT, "what": "subsidy", "debtor": GIVER, "creditor": TAKER, "of": "interest", "share": Fraction(1, 2),
        "budget": "subsidy:p:0",
    }  # fmt: skip
    return entitlement.EntitlementTerms(**(kept | changed))  # type: ignore[arg-type]


@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=20),
    st.fractions(0, 1, max_denominator=1000),
    st.integers(0, 10**7),
)
def test_what_accrues_is_the_exact_part_of_all_that_was_counted_up_to_the_budget(
    counted: list[int], share: Fraction, budget: int
) -> None:
    found, state, left = terms(share=share), entitlement.EntitlementState(), budget
    reserved = 0
    for number, basis in enumerate(counted):
        event = entitlement.Accrue(id=derived_id(ROOT, number), basis=basis, left_minor=left)
        outcome = step.step(found, state, event, ON)
        given_minor = outcome.state.accrued_minor - state.accrued_minor
        assert sum(claim.amount_minor for claim in outcome.changes.opened) == given_minor
        held = [t.amount_minor for t in outcome.changes.transfers if t.book is Book.CAPACITY]
        assert sum(held) == given_minor
        reserved, left, state = reserved + given_minor, left - given_minor, outcome.state
    assert state.basis == sum(counted)
    assert state.accrued_minor + state.lost_minor == entitlement.due_minor(found, sum(counted))
    assert abs(state.accrued_minor + state.lost_minor - share * sum(counted)) <= Fraction(1, 2)
    assert state.accrued_minor == reserved <= budget
    assert sum(claim.outstanding_minor for claim in state.claims.values()) == state.accrued_minor


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_paid_claims_settle_and_their_reservations_are_used(counted: list[int], paid: list[bool]) -> None:
    found, state = terms(share=Fraction(1)), entitlement.EntitlementState()
    for number, basis in enumerate(counted):
        event = entitlement.Accrue(id=derived_id(ROOT, number), basis=basis, left_minor=10**9)
        state = step.step(found, state, event, ON).state
    outcome = step.step(found, state, entitlement.Pay(id=UUID(int=7), by=GIVER), ON)
    assert sum(payment.amount_minor for payment in outcome.changes.payments) == sum(counted)
    state = outcome.state
    with pytest.raises(Conflict, match="Nothing is due"):
        step.step(found, state, entitlement.Pay(id=UUID(int=8), by=GIVER), ON)
    settled = 0
    for payment, yes in zip(outcome.changes.payments, paid, strict=False):
        kind = entitlement.Confirm if yes else entitlement.Reject
        answer = step.step(found, state, kind(id=derived_id(payment.id, "answer"), payments=(payment.id,)), ON)
        used = [t.amount_minor for t in answer.changes.transfers if t.phase is Phase.USE]
        assert used == ([payment.amount_minor] if yes else [])
        state, settled = answer.state, settled + (payment.amount_minor if yes else 0)
    assert not state.payments
    assert sum(claim.settled_minor for claim in state.claims.values()) == settled
    assert all((claim.state is State.SETTLED) != claim.is_open for claim in state.claims.values())


def test_an_amount_for_each_comes_once_and_a_balance_counts_days() -> None:
    once = terms(each_minor=500000, of="disbursed", share=Fraction(0))
    assert [entitlement.due_minor(once, basis) for basis in (0, 1, 10**9)] == [0, 500000, 500000]
    balance = terms(of="outstanding", share=Fraction(36, 10_000))
    assert entitlement.due_minor(balance, 10_000_000 * 100) == 10_000


def test_nothing_accrues_after_its_end_and_only_the_debtor_pays() -> None:
    ended = terms(until=ON - datetime.timedelta(days=1))
    event = entitlement.Accrue(id=UUID(int=5), basis=1000, left_minor=1000)
    outcome = step.step(ended, entitlement.EntitlementState(), event, ON)
    assert outcome.state == entitlement.EntitlementState()
    assert [reason.code for reason in outcome.reasons] == ["entitlement.ended"]
    with pytest.raises(Forbidden):
        step.step(terms(), entitlement.EntitlementState(), entitlement.Pay(id=UUID(int=6), by=TAKER), ON)
    unknown = entitlement.Confirm(id=UUID(int=6), payments=(UUID(int=1),))
    with pytest.raises(NotFound):
        step.step(terms(), entitlement.EntitlementState(), unknown, ON)


def test_a_spent_budget_says_so_in_both_languages() -> None:
    event = entitlement.Accrue(id=UUID(int=5), basis=1000, left_minor=300)
    outcome = step.step(terms(), entitlement.EntitlementState(), event, ON)
    (reason,) = outcome.reasons
    assert (reason.code, reason.holds, reason.warns) == ("entitlement.budget_spent", False, True)
    assert (reason.text.zh, reason.text.en) == (
        "按条款应得5.00，预算只余3.00，其余不再支付",
        "5.00 by the clause, but the budget covers 3.00; the rest falls away",
    )
