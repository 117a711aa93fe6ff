"""Columns equal the scalar form to the fen: schedules, the book on a day, values and expected losses."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jirong.instruments.portfolio import exact
from jirong.instruments.portfolio.book import LateTerms, book
from jirong.instruments.portfolio.contracts import PRINCIPAL_MAX, from_terms
from jirong.instruments.portfolio.losses import Exposure, Scenario, expected_loss, expected_losses
from jirong.instruments.portfolio.schedules import in_blocks, schedules
from jirong.instruments.portfolio.value import present_value, sensitivity
from jirong.instruments.practice import (
    Basis,
    Bucket,
    FixedRate,
    LoanState,
    LoanTerms,
    Payment,
    Repayment,
    replay,
    schedule,
)
from jirong.instruments.practice import value as scalar_value
from jirong.kernel.money import Money, round_half_up

AS_OF = date(2026, 7, 7)
AMOUNTS = st.one_of(st.integers(1, 5000), st.integers(10_000, 10**9), st.integers(10**9, PRINCIPAL_MAX))
RATES = st.one_of(st.just(0), st.integers(1, 240_000)).map(lambda e6: Decimal(e6) / 1_000_000)
REPAYMENTS = [r for r in Repayment if r is not Repayment.IRREGULAR]


@st.composite
def plain_terms(draw: st.DrawFn) -> LoanTerms:
    every = draw(st.sampled_from([1, 1, 1, 3, 12]))
    return LoanTerms(
        principal=Money(draw(AMOUNTS)),
        rate=FixedRate(draw(RATES)),
        start=AS_OF - timedelta(days=draw(st.integers(0, 1200))),
        repayment=draw(st.sampled_from(REPAYMENTS)),
        months=every * draw(st.integers(1, 48 if every == 1 else 8)),
        every_months=every,
        basis=draw(st.sampled_from([None, *Basis])),
        interest_only_periods=draw(st.sampled_from([0, 0, 3])),
        grace_days=5,
        penalty_factor=Decimal("1.45"),
    )


@st.composite
def books(draw: st.DrawFn) -> tuple[list[LoanTerms], list[int]]:
    """Loans, and how many of the instalments fallen due each has paid."""
    terms = draw(st.lists(plain_terms(), min_size=1, max_size=5))
    fallen = [sum(line.due <= AS_OF for line in schedule(each)) for each in terms]
    return terms, [draw(st.integers(0, most)) for most in fallen]


def state_of(terms: LoanTerms, paid: int) -> LoanState:
    lines = schedule(terms).instalments[:paid]
    return replay(terms, [Payment(line.due, line.amount) for line in lines if line.amount], AS_OF)


@settings(max_examples=120)
@given(st.lists(plain_terms(), min_size=1, max_size=5))
def test_schedules(terms: list[LoanTerms]) -> None:
    contracts = from_terms(terms)
    found = schedules(contracts)
    balance = found.balance()
    for row, each in enumerate(terms):
        lines = schedule(each).instalments
        size = len(lines)
        assert found.principal[row, :size].tolist() == [line.principal.minor for line in lines]
        assert found.interest[row, :size].tolist() == [line.interest.minor for line in lines]
        assert balance[row, :size].tolist() == [line.balance.minor for line in lines]
        assert not found.principal[row, size:].any()
        assert not found.interest[row, size:].any()
        dates = [contracts.due_date(number)[row].item() for number in range(1, size + 1)]
        assert dates == [line.due for line in lines]


@settings(max_examples=120)
@given(books())
def test_the_book_on_a_day(given_book: tuple[list[LoanTerms], list[int]]) -> None:
    terms, paid = given_book
    late = LateTerms(penalty_factor=Decimal("1.45"), grace_days=5)
    found = book(from_terms(terms), np.array(paid), AS_OF, late)
    for row, (each, count) in enumerate(zip(terms, paid, strict=True)):
        state = state_of(each, count)
        coming = state.next_due
        assert (
            found.performing[row],
            found.accrued[row],
            found.due_principal[row],
            found.due_interest[row],
            found.penalty[row],
            found.compound[row],
            found.days_past_due[row],
            found.outstanding[row],
            found.next_due[row].item(),
            found.next_principal[row],
            found.next_interest[row],
        ) == (
            state.performing.minor,
            state.accrued.minor,
            state.unpaid(Bucket.PRINCIPAL).minor,
            state.unpaid(Bucket.INTEREST).minor,
            state.unpaid(Bucket.PENALTY).minor,
            state.unpaid(Bucket.COMPOUND).minor,
            state.days_past_due,
            state.principal.minor,
            coming.due if coming else None,
            coming.principal.minor if coming else 0,
            coming.interest.minor if coming else 0,
        )
        bands = state.ageing()
        assert found.aged_principal[:, row].tolist() == [band.principal.minor for band in bands]
        assert found.aged_interest[:, row].tolist() == [band.interest.minor for band in bands]


CURVE = scalar_value.Curve(((30, Decimal("0.018")), (365, Decimal("0.021")), (1095, Decimal("0.0265"))))


@settings(max_examples=30)
@given(books())
def test_present_value_and_its_sensitivity(given_book: tuple[list[LoanTerms], list[int]]) -> None:
    terms, paid = given_book
    found = sensitivity(from_terms(terms), np.array(paid), AS_OF, CURVE, shift_bp=50)
    for curve, column in ((CURVE, found.base), (CURVE.shifted(50), found.up), (CURVE.shifted(-50), found.down)):
        expected = [
            scalar_value.present_value(schedule(each).instalments[count:], AS_OF, curve).minor
            for each, count in zip(terms, paid, strict=True)
        ]
        assert column.tolist() == expected


def scenario(name: str, weight_e4: int, monthly_e6: int, loss_factor_e4: int = 10_000) -> Scenario:
    """Two grades with a constant monthly hazard, the second three times the first, over three years."""
    months = np.arange(37)
    chances = [[round_half_up((1 - (1 - Fraction(h, 10**6)) ** int(m)) * 10**6) for m in months]
               for h in (monthly_e6, 3 * monthly_e6)]  # fmt: skip
    return Scenario(name, weight_e4, np.array(chances, dtype=np.int64), loss_factor_e4)


SCENARIOS = [scenario("base", 6000, 1500), scenario("good", 1500, 800, 9000), scenario("bad", 2500, 4000, 12_500)]


@settings(max_examples=60)
@given(books(), st.data())
def test_expected_loss(given_book: tuple[list[LoanTerms], list[int]], data: st.DataObject) -> None:
    terms, paid = given_book
    size = len(terms)
    stage = data.draw(st.lists(st.integers(1, 3), min_size=size, max_size=size))
    grade = data.draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    share = data.draw(st.lists(st.integers(0, 10_000), min_size=size, max_size=size))
    contracts = from_terms(terms)
    found = expected_losses(
        contracts,
        book(contracts, np.array(paid), AS_OF),
        np.array(stage, dtype=np.int8),
        np.array(grade),
        np.array(share),
        SCENARIOS,
    )
    expected = []
    for row, each in enumerate(terms):
        state = state_of(each, paid[row])
        lines = [line for line in schedule(each) if line.due > AS_OF]
        expected.append(
            expected_loss(
                Exposure(
                    due=state.unpaid(Bucket.PRINCIPAL).minor + state.unpaid(Bucket.INTEREST).minor,
                    now=state.performing.minor + state.accrued.minor,
                    periods=tuple(((line.balance + line.principal).minor, line.interest.minor) for line in lines),
                    months=each.months or 0 if each.repayment is Repayment.BULLET else each.every_months,
                    rate_e6=int(contracts.rate_e6[row]),
                    stage=stage[row],
                    grade=grade[row],
                    loss_share_e4=share[row],
                ),
                SCENARIOS,
            )
        )
    assert found.tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**14)), min_size=1), st.integers(1, 10**12))
def test_products_are_exact_however_large(pairs: list[tuple[int, int]], half_over: int) -> None:
    over = 2 * half_over
    pairs = [(amount, times) for amount, times in pairs if amount * times // over < 2**62] or [(1, 1)]
    amount, times = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    expected = [round_half_up(Fraction(a * t, over)) for a, t in pairs]
    assert exact.times_over(amount, times, over).tolist() == expected


def test_an_exact_half_is_found_again_in_integers() -> None:
    # 100.00 at 0.07 % for one period of six months: 10,000 × 1.00035 = 10,003.5 fen, so half up 10,004
    found = exact.level_instalments(np.array([10_000]), np.array([700]), np.array([6]), np.array([1]))
    assert found.tolist() == [10_004]


def test_blocks_on_threads_give_what_one_block_gives() -> None:
    terms = [
        LoanTerms(
            principal=Money(1_000_000 + 7919 * i),
            rate=FixedRate(Decimal(i % 50 + 1) / 1000),
            start=AS_OF - timedelta(days=i % 400),
            repayment=REPAYMENTS[i % 4],
            months=12,
        )
        for i in range(200)
    ]
    contracts = from_terms(terms)
    whole = schedules(contracts)
    seen: list[tuple[int, int, int]] = []
    in_blocks(contracts, lambda block, rows: seen.append((rows.start, len(block), int(block.principal[0]))), rows=64)
    assert sorted(seen) == [
        (at, size, int(contracts.principal[at])) for at, size in ((0, 64), (64, 64), (128, 64), (192, 8))
    ]
    assert int(whole.principal.sum()) == int(contracts.principal.sum())


def test_a_failure_in_a_block_is_raised() -> None:
    contracts = from_terms(
        [LoanTerms(principal=Money(100), rate=FixedRate(Decimal(0)), start=AS_OF, repayment=Repayment.LINEAR, months=1)]
        * 4
    )

    def fail(block: object, rows: slice) -> None:
        raise LookupError(rows.start)

    with pytest.raises(LookupError, match=r"^0$"):
        in_blocks(contracts, fail, rows=1)


def test_present_value_by_hand() -> None:
    # 1,000,000 in 365 days at 3 %: 970,873.79
    terms = LoanTerms(
        principal=Money.parse("1000000"),
        rate=FixedRate(Decimal(0)),
        start=AS_OF,
        repayment=Repayment.BULLET,
        months=12,
    )
    found = present_value(from_terms([terms]), np.array([0]), AS_OF, scalar_value.Curve.flat(Decimal("0.03")))
    assert found.tolist() == [97_087_379]
