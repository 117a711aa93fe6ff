"""A loan's life through ``step``: figures worked by hand, and what must hold whatever happens."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.engine import waterfall
from jirong.engine.claims import State
from jirong.engine.contract import Outcome
from jirong.engine.intents import Book, Phase, Transfer
from jirong.engine.kinds import credit_line, loan
from jirong.engine.step import step
from jirong.instruments import practice
from jirong.instruments.practice import Bucket
from jirong.kernel.errors import Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money
from jirong.kernel.rules import house_rulebook

RULES = house_rulebook()
ROOT = UUID(int=1)
LENDER, FIRM, OTHER, GUARANTOR, POOL, VENDOR = (UUID(int=n) for n in range(10, 16))
START = dt.date(2026, 1, 15)


def product(**fields: Any) -> loan.Product:
    plain: dict[str, Any] = {
        "rate": practice.FixedRate(Decimal("0.0585")),
        "repayment": practice.Repayment.ANNUITY,
        "months": 12,
    }
    return loan.Product(**(plain | fields))


def terms(minor: int = 4_000_000, **fields: Any) -> loan.LoanTerms:
    made: dict[str, Any] = {"product": product(), "borrowers": (FIRM,)} | fields
    return loan.LoanTerms(id=UUID(int=2), lender=LENDER, principal_minor=minor, rules=RULES, **made)


class Life:
    """A loan in progress; every step's transfers are kept, and the books are checked against the claims."""

    def __init__(self, agreed: loan.LoanTerms, on: dt.date = START) -> None:
        self.terms, self.state, self.count = agreed, loan.LoanState(), 0
        self.transfers: list[Transfer] = []
        self.payments: list[Any] = []
        self.do(loan.Disburse, on)
        self.answer(on)

    def do(self, event: Any, on: dt.date, **fields: Any) -> Outcome:
        self.count += 1
        outcome = step(self.terms, self.state, event(id=derived_id(ROOT, self.count), **fields), on)
        self.state = outcome.state
        self.transfers += outcome.changes.transfers
        self.payments += outcome.changes.payments
        self.check(on)
        return outcome

    def answer(self, on: dt.date, paid: bool = True) -> Outcome:
        return self.do(loan.Confirm if paid else loan.Reject, on, payments=tuple(self.state.payments))

    def repay(self, on: dt.date, minor: int | None = None, payer: UUID = FIRM, **fields: Any) -> Outcome:
        self.do(loan.Repay, on, by=payer, payer=payer, amount_minor=minor, **fields)
        return self.answer(on)

    def check(self, on: dt.date) -> None:
        """Claims equal the replay, and the ledger equals the claims."""
        if self.state.started is None:
            return
        claims = [c for c in self.state.claims.values() if c.kind != "contribution"]
        now = loan.replayed(self.terms, self.state, on)
        if self.state.status in loan.RUNNING:
            principal = sum(c.outstanding_minor for c in claims if c.kind == "loan")
            assert principal == now.principal.minor
        balance: Counter[str] = Counter()
        for transfer in self.transfers:
            assert transfer.book is Book.CLAIMS
            if transfer.phase in (Phase.POST, Phase.USE):
                balance[transfer.debit.key] += transfer.amount_minor
                balance[transfer.credit.key] -= transfer.amount_minor
        assert sum(balance.values()) == 0
        held: Counter[str] = Counter()
        for claim in self.state.claims.values():
            held[claim.held_account.key] += claim.outstanding_minor
            held[claim.written_off_account.key] += claim.written_off_minor
        assert {k: v for k, v in held.items() if v} == {k: v for k, v in balance.items() if v > 0}

    def status(self) -> str:
        return str(self.state.status.value)

    def received(self, payee: UUID = LENDER) -> int:
        return sum(p.amount_minor for p in self.payments if p.payee == payee)

    def of(self, kind: str) -> int:
        return sum(c.settled_minor for c in self.state.claims.values() if c.kind == kind)


def months(count: int) -> dt.date:
    return practice.schedule(product().begun(Money(4_000_000, CNY), START)).instalments[count - 1].due


def test_instant_loan_310_pays_3439_90_eleven_times_and_3439_91_at_last() -> None:
    life = Life(terms())
    for number in range(1, 13):
        life.do(loan.CloseDay, months(number))
        life.repay(months(number))
    paid = [p.amount_minor for p in life.payments if p.because == "repayment"]
    assert paid == [343_990] * 11 + [343_991]
    assert (life.of("loan"), life.of("interest")) == (4_000_000, 127_881)
    assert life.state.status is loan.LoanStatus.REPAID


def test_entrusted_equal_principal_pays_the_vendor_and_sums_to_the_fen() -> None:
    agreed = product(rate=practice.FixedRate(Decimal("0.0395")), repayment=practice.Repayment.LINEAR, months=36)
    life = Life(terms(500_000_000, product=agreed, payouts=((VENDOR, 500_000_000, "loan"),)))
    assert life.received(VENDOR) == 500_000_000
    lines = practice.schedule(agreed.begun(Money(500_000_000, CNY), START)).instalments
    for line in lines:
        life.repay(line.due)
    paid = [p.amount_minor for p in life.payments if p.because == "repayment"]
    assert (paid[0], lines[0].interest.minor) == (13_888_889 + 1_645_833, 1_645_833)
    assert lines[-1].principal.minor == 13_888_885
    assert life.of("interest") == 30_447_917


def test_a_settlement_repays_early_and_passes_the_rest_on() -> None:
    agreed = product(
        rate=practice.FixedRate(Decimal("0.072")), repayment=practice.Repayment.BULLET, months=None, days=90
    )
    life = Life(terms(30_000_000, product=agreed))
    on = START + dt.timedelta(days=20)
    life.repay(on, 35_000_000, payer=OTHER, surplus_to=FIRM)
    assert life.of("interest") == 120_000
    assert [p.amount_minor for p in life.payments if p.because == "surplus"] == [4_880_000]
    assert life.state.status is loan.LoanStatus.REPAID


def test_late_money_pays_penalty_first_and_the_loan_is_overdue_until_then() -> None:
    life = Life(terms())
    due = months(1)
    life.do(loan.CloseDay, due)
    assert life.status() == "live"
    life.do(loan.CloseDay, due + dt.timedelta(days=10))
    assert life.status() == "overdue"
    before = loan.replayed(life.terms, life.state, due + dt.timedelta(days=10))
    # 3,244.90 principal and 195.00 interest, each at 5.85 % × 1.5 for 10 days of 360.
    assert (before.unpaid(Bucket.PENALTY).minor, before.unpaid(Bucket.COMPOUND).minor) == (791, 48)
    life.repay(due + dt.timedelta(days=10))
    assert (life.of("penalty"), life.of("compound")) == (791, 48)
    assert life.status() == "live"


def test_more_than_everything_is_refused_and_an_unanswered_payment_waits() -> None:
    life = Life(terms())
    with pytest.raises(Refusal) as refused:
        life.do(loan.Repay, START, by=FIRM, payer=FIRM, amount_minor=4_000_001)
    assert refused.value.code == "loan.pays_more_than_owed"
    life.do(loan.Repay, START + dt.timedelta(days=1), by=FIRM, payer=FIRM, amount_minor=100_000)
    with pytest.raises(Refusal) as refused:
        life.do(loan.Repay, START + dt.timedelta(days=1), by=FIRM, payer=FIRM, amount_minor=100_000)
    assert refused.value.code == "loan.payment_unanswered"
    life.answer(START + dt.timedelta(days=1), paid=False)
    assert life.state.payments == {}


def test_a_payment_confirmed_after_a_better_one_goes_back() -> None:
    life = Life(terms())
    on = START + dt.timedelta(days=5)
    life.do(loan.Repay, on, by=FIRM, payer=FIRM, amount_minor=4_003_250)
    life.do(loan.Collect, on, payer=OTHER, amount_minor=1_000_000)
    life.answer(on)
    assert life.state.status is loan.LoanStatus.REPAID
    assert [(p.payee, p.amount_minor) for p in life.payments if p.because == "refund"] == [(FIRM, 1_000_000)]


def defaulted() -> Life:
    agreed = product(
        rate=practice.FixedRate(Decimal("0.038")), repayment=practice.Repayment.INTEREST_FIRST, every_months=3
    )
    life = Life(terms(1_000_000_000, product=agreed))
    lines = practice.schedule(agreed.begun(Money(1_000_000_000, CNY), START)).instalments
    for line in lines[:-1]:
        life.repay(line.due)
    life.repay(lines[-1].due, lines[-1].interest.minor + 666_666_667)
    life.do(loan.CloseDay, lines[-1].due)
    life.due = lines[-1].due  # type: ignore[attr-defined]
    return life


def layers(means: int | None) -> tuple[waterfall.Layer[UUID], ...]:
    bearers = (
        waterfall.Bearer(GUARANTOR, Decimal("0.4"), means),
        waterfall.Bearer(POOL, Decimal("0.2")),
        waterfall.Bearer(LENDER, Decimal("0.4")),
    )
    return (waterfall.Layer(bearers),)


@pytest.mark.parametrize(
    ("means", "borne", "returned"),
    [
        (None, [133_333_333, 66_666_667, 133_333_333], [12_000_000, 6_000_000, 12_000_000]),
        (100_000_000, [100_000_000, 66_666_667, 166_666_666], [9_000_000, 6_000_000, 15_000_000]),
    ],
)
def test_the_loss_is_shared_and_a_recovery_returns_pari_passu(
    means: int | None, borne: list[int], returned: list[int]
) -> None:
    life = defaulted()
    on = life.due  # type: ignore[attr-defined]
    life.do(loan.ShareLoss, on, by=LENDER, layers=layers(means), excess=LENDER)
    shared = life.state.borne
    assert shared is not None
    assert [shared.by_party[party] for party in (GUARANTOR, POOL, LENDER)] == borne
    life.answer(on)
    held = Counter({c.creditor: c.outstanding_minor for c in life.state.claims.values() if c.is_open})
    assert [held[party] for party in (GUARANTOR, POOL, LENDER)] == borne
    life.do(loan.WriteOff, on, by=LENDER)
    life.do(loan.Recover, on, payer=FIRM, amount_minor=30_000_000)
    life.answer(on)
    back = {p.payee: p.amount_minor for p in life.payments if p.because == "recovery"}
    assert [back[party] for party in (GUARANTOR, POOL, LENDER)] == returned


def test_the_loss_is_not_shared_while_principal_is_still_to_fall_due() -> None:
    life = Life(terms())
    life.do(loan.CloseDay, months(3))
    with pytest.raises(Refusal) as refused:
        life.do(loan.ShareLoss, months(3), by=LENDER, layers=layers(None), excess=LENDER)
    assert refused.value.code == "loan.not_all_due"
    life.do(loan.Change, months(3), by=LENDER, change=practice.Acceleration(months(3)))
    life.do(loan.ShareLoss, months(3), by=LENDER, layers=layers(None), excess=LENDER)


def test_restructuring_gathers_the_overdue_into_one_claim() -> None:
    life = Life(terms())
    on = months(3)
    life.do(loan.CloseDay, on)
    change = practice.Restructuring(
        on=on, repayment=practice.Repayment.ANNUITY, rate=practice.FixedRate(Decimal("0.05")), months=24,
        capitalise=frozenset({Bucket.INTEREST}),
    )  # fmt: skip
    life.do(loan.Change, on, by=LENDER, change=change)
    standing = life.state.claims[life.state.standing]  # type: ignore[index]
    interest = 19_500 + 17_918 + 16_329
    assert standing.outstanding_minor == 4_000_000 + interest
    assert sum(c.is_open for c in life.state.claims.values()) == 1


def test_extension_waiver_and_rate_leave_claims_and_replay_equal() -> None:
    life = Life(terms())
    on = months(2)
    life.do(loan.CloseDay, on)
    life.do(loan.Change, on, by=LENDER, change=practice.Waiver(on, Bucket.INTEREST, Money(10_000, CNY)))
    life.do(loan.Change, on, by=LENDER, change=practice.Extension(on, dt.date(2027, 7, 15)))
    life.do(loan.Change, on, by=LENDER, change=practice.RateSet(on, Decimal("0.04")))
    with pytest.raises(Refusal):
        life.do(loan.Change, on, by=FIRM, change=practice.RateSet(on, Decimal("0.01")))


def test_joint_debtors_claim_from_each_other_what_they_paid_too_much() -> None:
    agreed = product(repayment=practice.Repayment.BULLET, months=1)
    life = Life(terms(1_000_000, product=agreed, borrowers=(FIRM, OTHER)))
    on = dt.date(2026, 2, 15)
    life.repay(on, 300_000, payer=FIRM)
    life.repay(on, payer=OTHER)
    # 10,000.00 and 31 days at 5.85 % are 10,050.38; half each is 5,025.19; the other paid 7,050.38.
    owed = [(c.debtor, c.creditor, c.amount_minor) for c in life.state.claims.values() if c.kind == "contribution"]
    assert owed == [(FIRM, OTHER, 202_519)]
    assert life.of("loan") + life.of("interest") == 1_005_038


@given(
    st.integers(10_000, 10**12),
    st.sampled_from(practice.Repayment),
    st.lists(st.tuples(st.integers(0, 75), st.integers(1, 130), st.booleans()), max_size=8),
)
def test_whatever_is_paid_whenever_claims_books_and_replay_agree(
    minor: int, repayment: practice.Repayment, acts: list[tuple[int, int, bool]]
) -> None:
    if repayment is practice.Repayment.IRREGULAR:
        repayment = practice.Repayment.BULLET
    life = Life(terms(minor, product=product(repayment=repayment, months=6, early_fee=Decimal("0.01"))))
    on = START
    for days, share, paid in acts:
        on += dt.timedelta(days=days)
        life.do(loan.CloseDay, on)
        if life.state.status not in loan.RUNNING:
            break
        everything = loan.owed_minor(life.terms, loan.replayed(life.terms, life.state, on))
        asked = max(1, everything * share // 100)
        life.do(loan.Repay, on, by=FIRM, payer=FIRM, amount_minor=asked, surplus_to=FIRM)
        life.answer(on, paid)
    settled = sum(c.settled_minor for c in life.state.claims.values())
    kept = sum(life.state.paid_by.values())
    assert settled == kept
    if life.state.status is loan.LoanStatus.REPAID:
        assert all(c.state in (State.SETTLED, State.MOVED) for c in life.state.claims.values())


def line(how: credit_line.How) -> credit_line.LineTerms:
    return credit_line.LineTerms(
        id=ROOT, lender=LENDER, borrower=FIRM, limit_minor=50_000_000, opened_on=START,
        ends=dt.date(2027, 1, 15), how=how, least_minor=100_000, multiple_minor=10_000,
    )  # fmt: skip


def drawn(agreed: credit_line.LineTerms, state: credit_line.LineState, minor: int, on: dt.date = START) -> Outcome:
    id = derived_id(ROOT, "draw", len(state.draws))
    return step(agreed, state, credit_line.Draw(id=id, by=FIRM, amount_minor=minor), on)


@pytest.mark.parametrize(
    ("how", "minor", "on", "code"),
    [
        (credit_line.How.REVOLVING, 50_010_000, START, "line.beyond_limit"),
        (credit_line.How.REVOLVING, 90_000, START, "line.below_least"),
        (credit_line.How.REVOLVING, 105_000, START, "line.not_a_multiple"),
        (credit_line.How.REVOLVING, 100_000, dt.date(2027, 1, 16), "line.ended"),
    ],
)
def test_a_drawing_that_may_not_be(how: credit_line.How, minor: int, on: dt.date, code: str) -> None:
    opened = step(line(how), credit_line.LineState(), credit_line.Open(id=ROOT), START).state
    with pytest.raises(Refusal) as refused:
        drawn(line(how), opened, minor, on)
    assert refused.value.code == code


def test_a_line_drawn_once_is_drawn_once_and_a_revolving_one_is_filled_again() -> None:
    once, again = line(credit_line.How.ONCE), line(credit_line.How.REVOLVING)
    for agreed in (once, again):
        state = step(agreed, credit_line.LineState(), credit_line.Open(id=ROOT), START).state
        state = drawn(agreed, state, 20_000_000).state
        back = credit_line.GiveBack(id=derived_id(ROOT, "back"), amount_minor=20_000_000)
        state = step(agreed, state, back, START).state
        assert credit_line.free_minor(agreed, state) == (50_000_000 if agreed is again else 30_000_000)
        if agreed is once:
            with pytest.raises(Refusal):
                drawn(agreed, state, 100_000)
        frozen = replace(state, frozen=True)
        with pytest.raises(Refusal):
            drawn(agreed, frozen, 100_000)


def test_a_lowered_limit_takes_only_what_is_free() -> None:
    agreed = line(credit_line.How.REVOLVING)
    state = step(agreed, credit_line.LineState(), credit_line.Open(id=ROOT), START).state
    state = drawn(agreed, state, 40_000_000).state
    lowered = step(agreed, state, credit_line.Lower(id=ROOT, to_minor=20_000_000), START)
    assert [t.amount_minor for t in lowered.changes.transfers] == [10_000_000]
    assert credit_line.free_minor(agreed, lowered.state) == 0
