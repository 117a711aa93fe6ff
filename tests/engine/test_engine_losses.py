"""Losses after default: calls that fail and are made again, recoveries to the fen, money that comes when all is over."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine.contract import Outcome
from jirong.engine.intents import Book, Phase, Transfer
from jirong.engine.kinds import loan
from jirong.engine.step import step
from jirong.engine.waterfall import Bearer, Layer, give_back, share_loss, stacks
from jirong.instruments import practice
from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.rules import house_rulebook

RULES = house_rulebook()
ROOT = UUID(int=1)
LENDER, FIRM, OTHER, GUARANTOR, POOL = (UUID(int=n) for n in range(10, 15))
START, DUE = dt.date(2026, 1, 15), dt.date(2026, 4, 15)


class Debt:
    """A loan that is due whole, each step checked: claims sum, the books equal the claims, money is conserved."""

    def __init__(self, minor: int = 10_000_000, *, borrowers: tuple[UUID, ...] = (FIRM,)) -> None:
        made = loan.Product(
            rate=practice.FixedRate(Decimal("0.04")), repayment=practice.Repayment.BULLET, months=3
        )  # fmt: skip
        self.terms = loan.LoanTerms(
            id=UUID(int=2), lender=LENDER, borrowers=borrowers, principal_minor=minor, product=made, rules=RULES
        )
        self.state, self.count = loan.LoanState(), 0
        self.transfers: list[Transfer] = []
        self.asked: list[Any] = []
        self.moved: Counter[tuple[str, UUID]] = Counter()
        self.do(loan.Disburse, START)
        self.answer(START)

    def do(self, event: Any, on: dt.date, **fields: Any) -> Outcome:
        self.count += 1
        outcome = step(self.terms, self.state, event(id=derived_id(ROOT, self.count), **fields), on)
        self.state = outcome.state
        self.transfers += outcome.changes.transfers
        self.asked += outcome.changes.payments
        self.check()
        return outcome

    def answer(self, on: dt.date, *, paid: bool = True, payer: UUID | None = None) -> None:
        """The banks answer what waits, one payer after another."""
        for who in sorted({p.payer for p in self.state.payments.values()}):
            if payer in (None, who):
                found = [p for p in self.state.payments.values() if p.payer == who]
                self.do(loan.Confirm if paid else loan.Reject, on, payments=tuple(p.id for p in found))
                for payment in found if paid else ():
                    self.moved[payment.because, payment.payee] += payment.amount_minor
                    self.moved[f"{payment.because} by", payment.payer] += payment.amount_minor

    def share(self, *, means: int | None = None, excess: UUID = LENDER, layers: Any = None) -> None:
        self.do(loan.CloseDay, DUE)
        self.do(loan.ShareLoss, DUE, by=LENDER, layers=layers or patent(means), excess=excess)

    def holds(self, party: UUID) -> int:
        held = (c for c in self.state.claims.values() if c.creditor == party)
        return sum(c.outstanding_minor + c.written_off_minor for c in held)

    def check(self) -> None:
        balance: Counter[str] = Counter()
        for transfer in self.transfers:
            assert transfer.book is Book.CLAIMS
            if transfer.phase in (Phase.POST, Phase.USE):
                balance[transfer.debit.key] += transfer.amount_minor
                balance[transfer.credit.key] -= transfer.amount_minor
        held: Counter[str] = Counter()
        for claim in self.state.claims.values():
            held[claim.held_account.key] += claim.outstanding_minor
            held[claim.written_off_account.key] += claim.written_off_minor
        assert +held == +balance


def patent(means: int | None = None) -> tuple[Layer[UUID], ...]:
    bearers = (Bearer(GUARANTOR, Decimal("0.4"), means), Bearer(POOL, Decimal("0.2")), Bearer(LENDER, Decimal("0.4")))
    return (Layer(bearers),)


def refused(code: str, act: Any, *given: Any, **fields: Any) -> None:
    with pytest.raises(Refusal) as found:
        act(*given, **fields)
    assert found.value.code == code
    assert found.value.remedy is not None


@given(
    st.lists(st.lists(st.integers(0, 5_000), min_size=1, max_size=4), min_size=1, max_size=3),
    st.data(),
)
def test_any_recoveries_return_exactly_what_came_in_and_never_more_than_was_paid(
    sizes: list[list[int]], data: st.DataObject
) -> None:
    layers = [Counter({f"{n}": part for n, part in enumerate(layer)}) for layer in sizes]
    paid: Counter[str] = Counter()
    for layer in layers:
        paid.update(layer)
    held, came_in = dict(paid), 0
    for shares in range(8, -1, -1):
        left = sum(held.values())
        minor = data.draw(st.integers(0, left)) if shares else left
        back = give_back(minor, layers, held)
        assert sum(back.values()) == minor
        assert all(0 <= back[party] <= held[party] for party in held)
        held, came_in = {party: left - back[party] for party, left in held.items()}, came_in + minor
    assert came_in == sum(paid.values())


def test_the_last_layer_is_made_whole_first_and_the_next_fen_never_takes_one_back() -> None:
    borne = share_loss(300, [Layer((Bearer("a", Fraction(1)),), 100), Layer((Bearer("b", Fraction(1)),))], excess="b")
    assert give_back(150, stacks(borne), {"a": 100, "b": 200}) == {"a": 0, "b": 150}
    assert give_back(100, stacks(borne), {"a": 100, "b": 50}) == {"a": 50, "b": 50}
    # 0.12, then 0.01 of 400,000.00 : 666,666.67 : 2,266,666.66 once gave minus one fen to one of the three.
    held = {"guarantor": 40_000_000, "pool": 66_666_667, "bank": 226_666_666}
    first = give_back(12, [held], held)
    later = give_back(1, [held], {party: minor - first[party] for party, minor in held.items()})
    assert (first, sorted(later.values())) == ({"guarantor": 2, "pool": 2, "bank": 8}, [0, 0, 1])


def test_a_loss_is_not_shared_while_a_repayment_is_under_way() -> None:
    debt = Debt()
    debt.do(loan.Repay, DUE, by=FIRM, payer=FIRM, amount_minor=6_000_000)
    refused("loan.payment_unanswered", debt.share)
    debt.answer(DUE)
    debt.share()
    debt.answer(DUE)
    assert (debt.holds(GUARANTOR), debt.holds(POOL), debt.holds(LENDER)) == (1_640_000, 820_000, 1_640_000)


def test_a_part_that_was_not_paid_is_called_again_and_recoveries_go_to_who_paid() -> None:
    debt = Debt()
    debt.share()
    debt.answer(DUE, payer=GUARANTOR, paid=False)
    debt.answer(DUE)
    # 100,000.00 and 90 days at 4 %: 101,000.00; the pool paid 20,200.00 and the bank holds the guarantor's 40,400.00.
    assert (debt.holds(GUARANTOR), debt.holds(POOL), debt.holds(LENDER)) == (0, 2_020_000, 8_080_000)
    refused("loan.is_defaulted", debt.share)
    refused("loan.parts_unpaid", debt.do, loan.WriteOff, DUE, by=LENDER)
    debt.do(loan.Recover, DUE, payer=FIRM, amount_minor=1_010_000)
    refused("loan.payment_unanswered", debt.do, loan.CallAgain, DUE, by=LENDER, excess=LENDER)
    debt.answer(DUE)
    assert {who: debt.moved["recovery", who] for who in (GUARANTOR, POOL, LENDER)} == {
        GUARANTOR: 0, POOL: 202_000, LENDER: 808_000,
    }  # fmt: skip
    # Called again, the guarantor pays what it would stand with had it paid at once: 40,400.00 less its 10 %.
    debt.do(loan.CallAgain, DUE, by=LENDER, excess=LENDER)
    debt.answer(DUE)
    assert (debt.holds(GUARANTOR), debt.holds(POOL), debt.holds(LENDER)) == (3_636_000, 1_818_000, 3_636_000)
    refused("loan.nothing_to_call", debt.do, loan.CallAgain, DUE, by=LENDER, excess=LENDER)
    debt.do(loan.WriteOff, DUE, by=LENDER)
    debt.do(loan.Recover, DUE, payer=FIRM, amount_minor=9_090_000)
    debt.answer(DUE)
    assert debt.state.status is loan.LoanStatus.REPAID


@pytest.mark.parametrize(("excess", "pool", "lender"), [(LENDER, 2_020_000, 7_080_000), (POOL, 5_060_000, 4_040_000)])
def test_what_a_bearer_cannot_pay_moves_to_who_bears_the_excess(excess: UUID, pool: int, lender: int) -> None:
    debt = Debt()
    debt.share()
    debt.answer(DUE, payer=GUARANTOR, paid=False)
    debt.answer(DUE)
    able = {GUARANTOR: 1_000_000}
    debt.do(loan.CallAgain, DUE, by=LENDER, excess=excess, able=able, onto={GUARANTOR: excess})
    debt.answer(DUE)
    assert (debt.holds(GUARANTOR), debt.holds(POOL), debt.holds(LENDER)) == (1_000_000, pool, lender)
    assert loan.missing(debt.terms, debt.state) == {}


def test_what_a_guarantor_beside_the_sharing_cannot_pay_is_shared() -> None:
    debt = Debt()
    whole = Layer((Bearer(OTHER, Decimal(1)),), 10_100_000)
    debt.share(layers=(whole, *patent()))
    assert [(p.payer, p.amount_minor) for p in debt.state.payments.values()] == [(OTHER, 10_100_000)]
    debt.answer(DUE, paid=False)
    debt.do(loan.CallAgain, DUE, by=LENDER, excess=LENDER, able={OTHER: 0}, layers=patent())
    debt.answer(DUE)
    assert (debt.holds(GUARANTOR), debt.holds(POOL), debt.holds(LENDER)) == (4_040_000, 2_020_000, 4_040_000)


def test_money_for_a_loan_that_has_ended_goes_back_whole() -> None:
    debt = Debt(borrowers=(FIRM, OTHER))
    debt.do(loan.Repay, DUE, by=FIRM, payer=FIRM)
    debt.do(loan.Collect, DUE, payer=OTHER, amount_minor=10_100_000)
    owed = [c for c in debt.state.claims.values() if c.kind == "contribution"]
    debt.answer(DUE)
    assert [c for c in debt.state.claims.values() if c.kind == "contribution"] == owed
    debt.do(loan.Collect, DUE, payer=OTHER, amount_minor=5)
    back = [(p.payer, p.payee, p.amount_minor) for p in debt.asked if p.because == "refund"]
    assert back == [(LENDER, FIRM, 10_100_000), (LENDER, OTHER, 5)]


def test_a_bank_that_paid_before_what_fell_due_meanwhile_pays_what_is_due() -> None:
    debt = Debt()
    eve = DUE - dt.timedelta(days=1)
    debt.do(loan.Repay, eve, by=FIRM, payer=FIRM, amount_minor=10_000_000)
    debt.do(loan.CloseDay, DUE)
    debt.answer(eve)
    assert sum(c.outstanding_minor for c in debt.state.claims.values()) == 100_000


def acts_of(*names: str) -> st.SearchStrategy[tuple[str, int, int, int, UUID]]:
    """An act, days that pass first, how much earlier its bank paid, a part in percent, and a party."""
    parties = st.sampled_from([LENDER, FIRM, OTHER, GUARANTOR, POOL])
    return st.tuples(st.sampled_from(names), st.integers(0, 45), st.integers(0, 30), st.integers(1, 120), parties)


BEFORE = acts_of("repay", "collect", "close", "share", "write_off", "answer", "reject", "recover", "again")
AFTER = acts_of("collect", "again", "unable", "recover", "recover", "write_off", "answer", "answer", "reject", "reject")


@given(
    st.integers(100, 10**9),
    st.sampled_from([LENDER, POOL]),
    st.none() | st.integers(0, 10**9),
    st.lists(BEFORE, max_size=12),
    st.lists(AFTER, max_size=20),
)
def test_no_order_of_acts_and_answers_breaks_a_loan_or_makes_money(
    minor: int, excess: UUID, means: int | None, before: list[Any], after: list[Any]
) -> None:
    """Whatever comes in what order is booked, goes back or is refused with a remedy; nobody receives more of what was
    recovered than it paid in, and all of it is returned.
    """
    debt, on, refusals = Debt(minor, borrowers=(FIRM, OTHER)), START, list[Refusal]()
    for name, days, earlier, share, who in (*before, ("share", 90, 0, 1, LENDER), *after):
        on += dt.timedelta(days=days)
        try:
            _act(debt, name, on, max(START, on - dt.timedelta(days=earlier)), share, who, excess, means)
        except Refusal as refusal:
            refusals.append(refusal)
    assert [refusal.code for refusal in refusals if refusal.remedy is None] == []
    for party in (GUARANTOR, POOL):
        assert debt.moved["recovery", party] + debt.holds(party) == debt.moved["compensation by", party]
    recovered = sum(debt.moved["recovery", party] for party in (LENDER, GUARANTOR, POOL))
    assert recovered == sum(debt.moved["recovery by", party] for party in (FIRM, OTHER))
    assert not any(p.because == "refund" and p.payee in (GUARANTOR, POOL) for p in debt.asked)


def _act(
    debt: Debt, name: str, on: dt.date, value: dt.date, share: int, who: UUID, excess: UUID, means: int | None
) -> None:  # fmt: skip
    owed = sum(
        c.outstanding_minor + c.written_off_minor for c in debt.state.claims.values() if c.kind != "contribution"
    )
    part = max(1, owed * share // 100)
    onto = {GUARANTOR: excess, POOL: LENDER}
    match name:
        case "repay":
            debt.do(loan.Repay, on, by=FIRM, payer=FIRM, amount_minor=part, surplus_to=FIRM)
        case "collect":
            debt.do(loan.Collect, value, payer=OTHER, amount_minor=part)
        case "close":
            debt.do(loan.CloseDay, on)
        case "share":
            debt.do(loan.ShareLoss, on, by=LENDER, layers=patent(means), excess=excess)
        case "again":
            debt.do(loan.CallAgain, on, by=LENDER, excess=excess)
        case "unable":
            debt.do(loan.CallAgain, on, by=LENDER, excess=excess, able={GUARANTOR: share, POOL: 0}, onto=onto)
        case "recover":
            debt.do(loan.Recover, on, payer=FIRM, amount_minor=part)
        case "write_off":
            debt.do(loan.WriteOff, on, by=who)
        case _:
            debt.answer(value, paid=name == "answer", payer=who if share > 60 else None)
