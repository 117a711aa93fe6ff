"""What must hold for any loan and anything that happens to it."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jirong.instruments.practice import (
    COSTS_FIRST,
    OLDEST_FIRST,
    PRINCIPAL_FIRST,
    Acceleration,
    Basis,
    DueShift,
    EarlyRepayment,
    Event,
    FeeCharged,
    FixedRate,
    FloatingRate,
    LoanTerms,
    Payment,
    RateSet,
    Reamortise,
    Repayment,
    Reset,
    ahead,
    allocate,
    payoff,
    replay,
    schedule,
)
from jirong.instruments.practice.joint import contributions
from jirong.instruments.practice.plans import level_instalment
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money

RATES = st.integers(0, 3600).map(lambda bp: Decimal(bp) / 10_000)
STARTS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
AMOUNTS = st.one_of(st.integers(1, 1000), st.integers(1000, 10**12)).map(Money)


@st.composite
def loans(draw: st.DrawFn) -> LoanTerms:
    start = draw(STARTS)
    floating = st.builds(
        FloatingRate,
        base=st.sampled_from(["LPR-1Y", "LPR-5Y"]),
        plus_bp=st.integers(-400, 900),
        reset=st.sampled_from(Reset),
        times=st.sampled_from([Decimal(1), Decimal("0.8"), Decimal("1.2")]),
        cap=st.sampled_from([None, Decimal("0.06")]),
    )
    return LoanTerms(
        principal=draw(AMOUNTS),
        rate=draw(st.one_of(RATES.map(FixedRate), floating)),
        start=start,
        repayment=draw(st.sampled_from([r for r in Repayment if r is not Repayment.IRREGULAR])),
        maturity=start + timedelta(days=draw(st.integers(1, 1500))),
        every_months=draw(st.sampled_from([1, 1, 1, 3, 6, 12])),
        basis=draw(st.sampled_from([None, *Basis])),
        interest_only_periods=draw(st.integers(0, 3)),
        due_shift=draw(st.sampled_from(DueShift)),
        grace_days=draw(st.sampled_from([0, 0, 3, 10])),
        compound=draw(st.booleans()),
        order=draw(st.sampled_from([OLDEST_FIRST, COSTS_FIRST, PRINCIPAL_FIRST])),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[LoanTerms, list[Event]]:
    terms = draw(loans())
    days = draw(st.lists(st.integers(0, 1700), max_size=6).map(sorted))
    events: list[Event] = []
    for day in days:
        on = terms.start + timedelta(days=day)
        some = Money(draw(st.integers(1, max(1, terms.principal.minor // 2))))
        choices: list[Event] = [
            Payment(on, some),
            Payment(on, some),
            EarlyRepayment(on, some, draw(st.sampled_from(Reamortise))),
            RateSet(on, draw(RATES)),
            FeeCharged(on, some),
            Acceleration(on),
        ]
        events.append(draw(st.sampled_from(choices)))
    return terms, events


@given(loans())
def test_a_schedule_repays_exactly_the_principal(terms: LoanTerms) -> None:
    found = schedule(terms)
    left = terms.principal
    for line in found:
        left = left - line.principal
        assert line.balance == left
        assert line.principal >= Money(0)
        assert line.interest >= Money(0)
        assert line.starts <= line.ends <= line.due
    assert left == Money(0)
    assert [line.number for line in found] == list(range(1, len(found) + 1))


@given(loans())
def test_paying_each_instalment_on_its_day_closes_the_loan(terms: LoanTerms) -> None:
    found = schedule(terms)
    events = [Payment(line.due, line.amount) for line in found if line.amount]
    state = replay(terms, events, found.instalments[-1].due)
    assert state.closed
    assert not state.credit
    assert sum(flow.cash.minor for flow in state.flows) == found.interest.minor


def possible(terms: LoanTerms, events: list[Event]) -> list[Event]:
    """The events of a history that the state allows, one after another."""
    done: list[Event] = []
    for event in events:
        try:
            replay(terms, [*done, event], event.on)
        except Conflict:
            continue
        done.append(event)
    return done


@settings(max_examples=60)
@given(histories(), st.integers(0, 2000))
def test_nothing_is_lost_whatever_happens(history: tuple[LoanTerms, list[Event]], day: int) -> None:
    terms, events = history
    events = possible(terms, events)
    as_of = terms.start + timedelta(days=day)
    state = replay(terms, events, as_of)
    repaid = sum(flow.principal.minor for flow in state.flows)
    assert repaid + state.principal.minor == 0  # disbursed (negative) + repaid + outstanding
    paid = sum(event.amount.minor for event in events if isinstance(event, Payment) and event.on <= as_of)
    early = sum(flow.cash.minor for flow in state.flows if flow.kind == "early_repayment")
    assert sum(flow.cash.minor for flow in state.flows) == paid + early - terms.principal.minor
    assert sum(flow.surplus.minor for flow in state.flows) == state.credit.minor
    assert all(min(d.principal.minor, d.interest.minor, d.penalty.minor, d.compound.minor) >= 0 for d in state.dues)
    assert sum(line.principal.minor for line in ahead(terms, events, as_of)) == state.performing.minor


@settings(max_examples=60)
@given(histories(), st.integers(0, 2000))
def test_a_payoff_closes_the_loan(history: tuple[LoanTerms, list[Event]], day: int) -> None:
    terms, events = history
    as_of = terms.start + timedelta(days=day)
    events = [event for event in possible(terms, events) if event.on <= as_of]
    found = payoff(terms, events, as_of)
    closing: list[Event] = [Payment(as_of, found.amount + Money(1))] if found.amount > Money(-1) else []
    closing.append(Acceleration(as_of))
    try:
        replay(terms, [*events, Acceleration(as_of)], as_of)
    except Conflict:
        closing.pop()
    state = replay(terms, [*events, *reversed(closing)], as_of)
    assert state.closed


@settings(max_examples=60)
@given(histories(), st.integers(0, 1800), st.integers(1, 10**9), st.integers(1, 10**9))
def test_one_payment_or_two_on_a_day_come_to_the_same(
    history: tuple[LoanTerms, list[Event]], day: int, first: int, second: int
) -> None:
    terms, events = history
    on = terms.start + timedelta(days=day)
    events = [event for event in possible(terms, events) if event.on < on]
    split = replay(terms, [*events, Payment(on, Money(first)), Payment(on, Money(second))], on)
    whole = replay(terms, [*events, Payment(on, Money(first + second))], on)
    assert (split.dues, split.credit, split.performing) == (whole.dues, whole.credit, whole.performing)


@settings(max_examples=60)
@given(histories(), st.integers(0, 2000), st.integers(1, 10**12))
def test_an_allocation_is_the_payment(history: tuple[LoanTerms, list[Event]], day: int, amount: int) -> None:
    terms, events = history
    state = replay(terms, possible(terms, events), terms.start + timedelta(days=day))
    found = allocate(Money(amount), state)
    assert sum(part.amount.minor for part in found.parts) + found.surplus.minor == amount
    assert not found.surplus or found.surplus.minor == amount - state.due_amount.minor


@given(st.integers(1, 10**13), RATES, st.sampled_from([1, 3, 6, 12]), st.integers(1, 60))
def test_the_level_instalment_is_worth_the_principal(principal: int, rate: Decimal, months: int, count: int) -> None:
    # Half a fen less, every period, is worth no more than the principal; half a fen more is worth more.
    growth = 1 + Fraction(rate) * months / 12
    worth_of_one = sum(growth**-k for k in range(1, count + 1))
    level = level_instalment(principal, rate, months, count)
    assert (level - Fraction(1, 2)) * worth_of_one <= principal < (level + Fraction(1, 2)) * worth_of_one


@given(
    st.integers(1, 10**12),
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100), st.booleans()), min_size=1, max_size=6),
)
@example(504, [(1, 1, False)] * 3 + [(1, 20, False)] * 3)
def test_contributions_leave_every_solvent_payer_with_its_share(
    debt: int, debtors: list[tuple[int, int, bool]]
) -> None:
    names = [f"D{i}" for i in range(len(debtors))]
    whole = sum(part for _, part, _ in debtors) or 1
    paid = {name: Money(debt * part // whole) for name, (_, part, _) in zip(names, debtors, strict=True)}
    insolvent = {name for name, (_, _, broke) in zip(names, debtors, strict=True) if broke}
    if len(insolvent) == len(names):
        insolvent = set()
    shares = {name: weight for name, (weight, _, _) in zip(names, debtors, strict=True)}
    found = contributions(Money(debt), dict(shares), paid, insolvent)
    assert all(item.amount.minor > 0 and item.creditor != item.debtor for item in found)
    assert not any(item.debtor in insolvent for item in found if paid[item.debtor].minor == 0)
    received = {name: sum(i.amount.minor for i in found if i.creditor == name) for name in names}
    given_back = {name: sum(i.amount.minor for i in found if i.debtor == name) for name in names}
    net = {name: paid[name].minor - received[name] + given_back[name] for name in names}
    assert sum(net.values()) == sum(amount.minor for amount in paid.values())
    assert all(value >= 0 for value in net.values())
    if not insolvent:
        fair = {name: Fraction(debt * shares[name], sum(shares.values())) for name in names}
        assert all(net[name] <= fair[name] + 1 or net[name] <= paid[name].minor for name in names)
