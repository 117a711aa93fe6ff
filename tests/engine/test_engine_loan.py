"""A loan against a pledged lot: no interest up front, interest before principal, interest for the days used."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine.claims import Claim, State
from jirong.engine.kinds import chain_note, lot_loan
from jirong.engine.kinds.lot_loan import LoanStatus
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from jirong.kernel.rules import house_rulebook

ISSUED, DUE = dt.date(2026, 1, 8), dt.date(2026, 7, 7)
PAID = dt.date(2026, 1, 12)

Who = dict[str, uuid.UUID]


def pledged(desk: Any, who: Who) -> tuple[Any, Any]:
    """A pledged lot of 1,000,000.00 and terms for a loan of 360,000.00 at 3.60 %: 36.00 a day."""
    note = desk.note(who["core"], who["merchant"], "1,000,000.00", ISSUED, DUE)
    desk.issue(note)
    desk.accept(note)
    desk.pledge(note, who["merchant"], who["bank_a"], "1,000,000.00", ISSUED)
    terms = lot_loan.LoanTerms(
        id=desk.new_id(), borrower=who["merchant"], lender=who["bank_a"], lot=desk.lot_of(note, who["merchant"]).id,
        principal_minor=36_000_000, rate=Decimal("0.0360"), due=DUE, rules=desk.rules,
    )  # fmt: skip
    return note, terms


def disburse(desk: Any, note: Any, terms: Any, **more: Any) -> Any:
    given: dict[str, Any] = {
        "by": terms.lender, "lot": desk.lot_of(note, terms.borrower), "finance": desk.finance(ISSUED),
        "paid_out_minor": terms.principal_minor,
    }  # fmt: skip
    return desk.do(terms, lot_loan.Disburse(id=desk.new_id(), **{**given, **more}), ISSUED)


def live(desk: Any, who: Who, **more: Any) -> Any:
    note, terms = pledged(desk, who)
    terms = replace(terms, **more)
    (payment,) = disburse(desk, note, terms).changes.payments
    desk.pay(terms, payment, PAID)
    return terms


def repay(desk: Any, terms: Any, minor: int, date: dt.date) -> Any:
    out = desk.do(terms, lot_loan.Repay(id=desk.new_id(), by=terms.borrower, amount_minor=minor), date)
    return desk.pay(terms, out.changes.payments[0], date)


def owed(desk: Any, terms: Any, date: dt.date) -> int:
    return lot_loan.owed_minor(terms, desk.states[terms.id], date)


def test_the_principal_is_owed_from_the_day_the_bank_paid_it_out(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    out = disburse(desk, note, terms)
    (payment,) = out.changes.payments
    assert (payment.payer, payment.payee, payment.amount_minor) == (terms.lender, terms.borrower, 36_000_000)
    assert (out.state.status, owed(desk, terms, DUE)) == (LoanStatus.PAYING, 0)
    assert {reason.code: reason.holds for reason in out.reasons} == {
        "loan.lot_not_pledged": True, "finance.unlicensed": True, "finance.not_registered": True,
        "finance.background_unchecked": True, "loan.interest_up_front": True, "loan.lot_too_small": True,
    }  # fmt: skip
    desk.pay(terms, payment, PAID)
    assert owed(desk, terms, PAID) == 36_000_000
    assert owed(desk, terms, PAID + dt.timedelta(days=10)) == 36_036_000


@pytest.mark.parametrize(
    ("change", "code", "clause"),
    [
        ({"paid_out_minor": 35_000_000}, "loan.interest_up_front", "第670条"),
        ({"finance": {"registration": None}}, "finance.not_registered", "第13条"),
        ({"finance": {"licensed": False}}, "finance.unlicensed", "第4条"),
        ({"lot": {"pledgee": None}}, "loan.lot_not_pledged", "第445条"),
        ({"lot": {"creditor": uuid.UUID(int=1)}}, "loan.lot_not_pledged", "第445条"),
        ({"lot": {"id": uuid.UUID(int=1)}}, "loan.lot_not_pledged", "第445条"),
    ],
)
def test_a_loan_is_refused_with_the_clause(desk: Any, who: Who, change: dict[str, Any], code: str, clause: str) -> None:
    note, terms = pledged(desk, who)
    if "finance" in change:
        change = {"finance": desk.finance(ISSUED, **change["finance"])}
    if "lot" in change:
        change = {"lot": replace(desk.lot_of(note, terms.borrower), **change["lot"])}
    with pytest.raises(Refusal) as refused:
        disburse(desk, note, terms, **change)
    assert refused.value.code == code
    assert refused.value.clause
    assert clause in refused.value.clause.zh


def test_only_the_lender_lends_and_the_borrower_repays(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    with pytest.raises(Forbidden):
        disburse(desk, note, terms, by=who["merchant"])
    (payment,) = disburse(desk, note, terms).changes.payments
    with pytest.raises(Conflict):
        disburse(desk, note, terms)
    desk.pay(terms, payment, PAID)
    with pytest.raises(Forbidden):
        desk.do(terms, lot_loan.Repay(id=desk.new_id(), by=who["core"], amount_minor=1), PAID)


def test_a_loan_above_its_lot_warns(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    terms = replace(terms, principal_minor=100_000_000)
    warning = disburse(desk, note, terms).reasons[-1]
    assert (warning.code, warning.warns) == ("loan.lot_too_small", True)
    assert warning.inputs["owed_at_due"] == "1018000.00", "1,000,000 × 3.60 % × 180/360 = 18,000.00"


def test_a_loan_the_bank_did_not_pay_out_is_void_for_good(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    (payment,) = disburse(desk, note, terms).changes.payments
    desk.do(terms, lot_loan.Reject(id=desk.new_id(), payment=payment.id), PAID)
    assert desk.states[terms.id] == lot_loan.LoanState(status=LoanStatus.VOID)
    with pytest.raises(NotFound):
        desk.do(terms, lot_loan.Confirm(id=desk.new_id(), payment=payment.id), PAID)
    with pytest.raises(Conflict):
        disburse(desk, note, terms)
    out = desk.do(note, chain_note.Release(id=desk.new_id(), by=None, lot=terms.lot), PAID)
    assert desk.lot_of(note, terms.borrower).pledgee is None
    assert [(reason.code, reason.rule.rule.article) for reason in out.reasons] == [("note.pledge_ends", "393")]


def test_a_lot_whose_loan_is_being_paid_out_takes_no_part_in_a_payment(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    disburse(desk, note, terms)
    desk.states[note.id] = replace(desk.states[note.id], lending=frozenset({terms.lot}))
    with pytest.raises(Conflict) as refused:
        desk.pay_due(note, "1,000,000.00", DUE)
    assert refused.value.code == "note.payment_unanswered"
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE)
    assert desk.lot_of(note, terms.borrower).state is State.HELD, "unknown is not overdue"


def test_repaid_early_interest_is_for_the_days_used(desk: Any, who: Who) -> None:
    """100 days at 36.00 a day: 3,600.00."""
    terms = live(desk, who)
    day = PAID + dt.timedelta(days=100)
    out = repay(desk, terms, 36_360_000, day)
    assert out.state.status is LoanStatus.REPAID
    assert {claim.kind: claim.settled_minor for claim in out.state.claims.values()} == {
        "loan": 36_000_000, "interest": 360_000
    }  # fmt: skip
    assert out.reasons[0].rule is not None
    assert out.reasons[0].rule.rule.article == "561"


def test_part_payments_pay_interest_first_and_interest_runs_on_the_rest(desk: Any, who: Who) -> None:
    """After 100 days 183,600.00 pays 3,600.00 interest and 180,000.00; then 18.00 a day."""
    terms = live(desk, who)
    day = PAID + dt.timedelta(days=100)
    repay(desk, terms, 18_360_000, day)
    assert owed(desk, terms, day) == 18_000_000
    assert owed(desk, terms, day + dt.timedelta(days=10)) == 18_018_000
    repay(desk, terms, 1_000, day + dt.timedelta(days=10))
    assert owed(desk, terms, day + dt.timedelta(days=10)) == 18_017_000, "what was charged and not paid stays owed"
    assert repay(desk, terms, 18_017_000, day + dt.timedelta(days=10)).state.status is LoanStatus.REPAID


def test_no_more_is_taken_than_is_owed(desk: Any, who: Who) -> None:
    terms = live(desk, who)
    for minor in (0, 36_000_001):
        with pytest.raises(Invalid) as refused:
            repay(desk, terms, minor, PAID)
        assert refused.value.details == {"owed": "360000.00"}
    with pytest.raises(Invalid):
        desk.do(terms, lot_loan.Collect(id=desk.new_id(), amount_minor=36_000_001), PAID)


def test_an_unanswered_repayment_is_not_made_twice(desk: Any, who: Who) -> None:
    terms = live(desk, who)
    event = lot_loan.Repay(id=desk.new_id(), by=terms.borrower, amount_minor=36_000_000)
    (payment,) = desk.do(terms, event, PAID).changes.payments
    with pytest.raises(Conflict) as refused:
        desk.do(terms, replace(event, id=desk.new_id()), PAID)
    assert refused.value.code == "loan.payment_unanswered"
    out = desk.do(terms, lot_loan.Reject(id=desk.new_id(), payment=payment.id), PAID)
    assert (out.state.status, out.state.payments) == (LoanStatus.LIVE, {})
    assert owed(desk, terms, PAID) == 36_000_000


def test_unpaid_when_due_it_is_overdue_and_bears_the_overdue_rate(desk: Any, who: Who) -> None:
    """To the due date 176 days at 36.00 = 6,336.00; then 10 days at 5.40 %, 54.00 a day = 540.00."""
    terms = live(desk, who, overdue_rate=Decimal("0.0540"))
    assert (
        desk.do(terms, lot_loan.CloseDay(id=desk.new_id()), DUE - dt.timedelta(days=1)).state.status is LoanStatus.LIVE
    )
    out = desk.do(terms, lot_loan.CloseDay(id=desk.new_id()), DUE)
    assert out.state.status is LoanStatus.OVERDUE
    assert [claim.state for claim in out.changes.updated] == [State.OVERDUE]
    day = DUE + dt.timedelta(days=10)
    assert owed(desk, terms, day) == 36_000_000 + 633_600 + 54_000
    assert owed(desk, replace(terms, overdue_rate=None), day) == 36_000_000 + 633_600 + 36_000
    assert repay(desk, terms, 36_687_600, day).state.status is LoanStatus.REPAID


def test_the_lots_payment_is_booked_once_live(desk: Any, who: Who) -> None:
    note, terms = pledged(desk, who)
    disburse(desk, note, terms)
    with pytest.raises(Conflict):
        desk.do(terms, lot_loan.Collect(id=desk.new_id(), amount_minor=1), PAID)


@given(
    principal=st.integers(1, 10**12),
    rate=st.decimals(0, 1, places=6),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 100)), max_size=6),
)
def test_every_fen_that_comes_in_is_booked_and_the_last_closes_the_loan(
    principal: int, rate: Decimal, cuts: list[tuple[int, int]]
) -> None:
    terms = lot_loan.LoanTerms(
        id=uuid.UUID(int=4), borrower=uuid.UUID(int=1), lender=uuid.UUID(int=2), lot=uuid.UUID(int=3),
        principal_minor=principal, rate=rate, due=DUE, rules=house_rulebook(),
    )  # fmt: skip
    first = Claim(
        id=lot_loan.principal_id(terms), kind="loan", debtor=terms.borrower, creditor=terms.lender,
        amount_minor=principal, outstanding_minor=principal, due=DUE, root=lot_loan.principal_id(terms),
    )  # fmt: skip
    state = lot_loan.LoanState(status=LoanStatus.LIVE, claims={first.id: first}, accrued_to=PAID)
    day, came_in = PAID, 0
    for place, (days, percent) in enumerate([*cuts, (0, 100)]):
        day += dt.timedelta(days=days)
        amount = lot_loan.owed_minor(terms, state, day) * percent // 100
        if amount:
            event = lot_loan.Collect(id=uuid.UUID(int=100 + place), amount_minor=amount)
            state = lot_loan.collect(terms, state, event, day).state
            came_in += amount
    assert state.status is LoanStatus.REPAID
    assert sum(claim.settled_minor for claim in state.claims.values()) == came_in
    assert came_in - principal <= principal * Fraction(rate) * (day - PAID).days / 360 + len(cuts) + 1


@pytest.mark.parametrize("made", [DUE, DUE + dt.timedelta(days=2)])
def test_a_repayment_counts_as_of_the_day_it_was_instructed(desk: Any, who: Who, made: dt.date) -> None:
    """176 days at 36.00: 6,336.00; instructed on the due date, made by the bank that day or later."""
    terms = live(desk, who)
    repay = lot_loan.Repay(id=desk.new_id(), by=terms.borrower, amount_minor=36_633_600)
    (payment,) = desk.do(terms, repay, DUE).changes.payments
    out = desk.do(terms, lot_loan.Confirm(id=desk.new_id(), payment=payment.id, as_of=DUE), made)
    assert (out.state.status, owed(desk, terms, made)) == (LoanStatus.REPAID, 0)


def test_a_lot_s_payment_counts_as_of_the_day_it_was_instructed(desk: Any, who: Who) -> None:
    terms = live(desk, who)
    event = lot_loan.Collect(id=desk.new_id(), amount_minor=36_633_600, as_of=DUE)
    assert desk.do(terms, event, DUE + dt.timedelta(days=1)).state.status is LoanStatus.REPAID


@pytest.mark.parametrize("rate", ["0.0467", "0.0541", "9"])
def test_a_rate_for_late_days_is_thirty_to_fifty_per_cent_above_the_loan_s(desk: Any, who: Who, rate: str) -> None:
    """3.60 %: from 4.68 % to 5.40 %."""
    note, terms = pledged(desk, who)
    with pytest.raises(Refusal) as refused:
        disburse(desk, note, replace(terms, overdue_rate=Decimal(rate)))
    assert refused.value.code == "loan.overdue_rate"
    assert refused.value.clause
    assert "251" in refused.value.clause.zh
    disburse(desk, note, replace(terms, overdue_rate=Decimal("0.0468")))


@given(st.decimals(0, 1, places=6))
def test_the_most_and_the_least_for_late_days_are_always_allowed(rate: Decimal) -> None:
    rules = house_rulebook()
    for bound in lot_loan.overdue_bounds(rules, DUE, rate):
        assert lot_loan.overdue_rate_allowed(rules, DUE, rate, bound).holds
