"""Cover, release, top-up and the sharing of a sale's proceeds: examples by hand, and what must hold for any numbers."""

from __future__ import annotations

import datetime as dt
import uuid
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from jirong.engine import cover, realisation, security
from jirong.engine.realisation import SecuredClaim
from jirong.kernel.rules import house_rulebook
from jirong.kernel.text import Text

AT = dt.datetime(2026, 1, 15, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 1, 15)
BANK, OTHER, FIRM, APPRAISER = (uuid.UUID(int=n) for n in range(1, 5))

minors = st.integers(0, 10**14)
covers = st.fractions(Fraction(1, 2), 5, max_denominator=100)
supports = st.builds(cover.Support, value_minor=minors, cover=covers)


def test_stock_at_140_percent_carries_and_calls_as_the_scheme_says() -> None:
    stock = cover.Support(value_minor=140_000_000, cover=Fraction(140, 100), call_below=Fraction(130, 100))
    assert cover.cover_of([stock], 100_000_000) == cover.Cover(
        debt_minor=100_000_000, value_minor=140_000_000, carries_minor=100_000_000, called=False
    )
    fallen = cover.Support(value_minor=129_999_999, cover=Fraction(140, 100), call_below=Fraction(130, 100))
    assert cover.cover_of([fallen], 100_000_000).called
    assert cover.top_up_minor(fallen, [], 100_000_000) == 10_000_001
    assert not cover.cover_of([cover.Support(value_minor=130_000_000, cover=Fraction(7, 5), call_below=Fraction(13, 10))], 100_000_000).called  # fmt: skip


def test_two_pledges_of_unlike_cover_carry_their_sum() -> None:
    # platform-supplier-line: receivables at their value, stock at 150 %.
    found = cover.cover_of(
        [cover.Support(value_minor=60_000_000), cover.Support(value_minor=40_000_000, cover=Fraction(3, 2))], 30_000_000
    )
    assert (found.carries_minor, found.short_minor, found.room_minor) == (86_666_666, 0, 56_666_666)


@given(supports, st.lists(supports, max_size=4), minors)
def test_what_may_leave_leaves_the_debt_carried_and_no_fen_more_may(
    one: cover.Support, others: list[cover.Support], debt: int
) -> None:
    free = cover.releasable_minor(one, others, debt)
    assert 0 <= free <= one.value_minor
    left = cover.Support(value_minor=one.value_minor - free, cover=one.cover)
    if free:
        assert cover.cover_of([left, *others], debt).short_minor == 0
    if free < one.value_minor:
        less = cover.Support(value_minor=one.value_minor - free - 1, cover=one.cover)
        assert cover.cover_of([less, *others], debt).short_minor > 0


@given(supports, st.lists(supports, max_size=4), minors)
def test_a_top_up_restores_cover_and_is_the_least_that_does(
    one: cover.Support, others: list[cover.Support], debt: int
) -> None:
    more = cover.top_up_minor(one, others, debt)
    mended = cover.Support(value_minor=one.value_minor + more, cover=one.cover)
    assert cover.cover_of([mended, *others], debt).short_minor == 0
    if more:
        almost = cover.Support(value_minor=one.value_minor + more - 1, cover=one.cover)
        assert cover.cover_of([almost, *others], debt).short_minor > 0


@given(minors, st.lists(minors, max_size=6))
def test_the_last_in_rank_loses_first(value: int, shares: list[int]) -> None:
    found = cover.counted(value, list(enumerate(shares)))
    assert sum(found.values()) == min(value, sum(shares))
    for place, share in enumerate(shares):
        if found[place] < share:
            assert all(found[later] == 0 for later in range(place + 1, len(shares)))


@given(minors, st.fractions(0, 1, max_denominator=1000))
def test_a_haircut_never_adds(value: int, haircut: Fraction) -> None:
    assert 0 <= cover.after_haircut(value, haircut) <= value
    assert cover.after_haircut(value, Fraction(0)) == value


# The proceeds of a sale --------------------------------------------------------------------------------------------


def claim(n: int, owed: int, **more: object) -> SecuredClaim:
    return SecuredClaim(id=uuid.UUID(int=n), holder=uuid.UUID(int=100 + n), owed_minor=owed, **more)  # type: ignore[arg-type]


def paid(found: realisation.Distribution) -> dict[int, int]:
    return {part.claim.id.int: part.paid_minor for part in found.parts}


def test_by_time_of_registration_then_the_unregistered_in_proportion() -> None:
    later = claim(1, 500, perfected_at=AT + dt.timedelta(hours=1))
    first = claim(2, 600, perfected_at=AT)
    plain, half = claim(3, 100), claim(4, 50)
    found = realisation.distribute(1230, [later, first, plain, half], costs_minor=30)
    assert paid(found) == {2: 600, 1: 500, 3: 67, 4: 33}
    assert (found.costs_minor, found.owner_minor) == (30, 0)


def test_lien_then_purchase_money_then_the_earlier_registration() -> None:
    general = claim(1, 1000, perfected_at=AT)
    price = claim(2, 400, perfected_at=AT + dt.timedelta(days=9), delivered_on=DAY)
    too_late = claim(3, 300, perfected_at=AT + dt.timedelta(days=11), delivered_on=DAY)
    lien = claim(4, 50, lien=True)
    assert [[c.id.int for c in rivals] for rivals in realisation.order([general, price, too_late, lien])] == [[4], [2], [1], [3]]  # fmt: skip


def test_no_more_than_is_secured_and_the_rest_is_the_owners() -> None:
    found = realisation.distribute(10_000, [claim(1, 5_000, secured_minor=3_000, perfected_at=AT)], costs_minor=500)
    assert (paid(found), found.owner_minor, found.parts[0].unpaid_minor) == ({1: 3_000}, 6_500, 2_000)


claims_of_any_kind = st.lists(
    st.builds(
        SecuredClaim,
        id=st.uuids(),
        holder=st.sampled_from([BANK, OTHER]),
        owed_minor=minors,
        secured_minor=st.none() | minors,
        perfected_at=st.none() | st.sampled_from([AT, AT + dt.timedelta(days=3), AT + dt.timedelta(days=30)]),
        delivered_on=st.none() | st.just(DAY),
        lien=st.booleans(),
        notified_at=st.none() | st.just(AT),
    ),
    max_size=6,
    unique_by=lambda item: item.id,
)


@given(minors, minors, claims_of_any_kind)
def test_a_sale_is_shared_to_the_fen_and_nobody_before_those_ahead(
    proceeds: int, costs: int, claims: list[SecuredClaim]
) -> None:
    found = realisation.distribute(proceeds, claims, costs_minor=costs)
    assert found.costs_minor + sum(part.paid_minor for part in found.parts) + found.owner_minor == proceeds
    assert {part.claim.id for part in found.parts} == {item.id for item in claims}
    for part in found.parts:
        assert 0 <= part.paid_minor <= part.claim.claim_minor
        ahead = [other for other in found.parts if other.place < part.place]
        assert not part.paid_minor or all(other.paid_minor == other.claim.claim_minor for other in ahead)
    if found.owner_minor:
        assert all(part.paid_minor == part.claim.claim_minor for part in found.parts)


# What a scheme demands ---------------------------------------------------------------------------------------------

PATENTS = security.Demand(
    kind="patents", by=FIRM, said=Text("专利权", "patents"), cover=Fraction(5, 2), valued_by=APPRAISER
)


def given_patents(**more: object) -> security.Given:
    at_first = {
        "id": uuid.UUID(int=9), "kind": "patents", "by": FIRM, "state": "registered", "value_minor": 2_500_000_000,
        "valued_by": APPRAISER, "valued_on": DAY, "registered_until": DAY + dt.timedelta(days=400),
    }  # fmt: skip
    return security.Given(**(at_first | more))  # type: ignore[arg-type]


def missing(*things: security.Given, debt: int = 1_000_000_000, on: dt.date = DAY) -> list[str]:
    found = security.findings([PATENTS], things, debt_minor=debt, on=on, rules=house_rulebook())
    return [reason.code for reason in found if not reason.holds]


def test_each_thing_that_may_be_missing_has_its_sentence() -> None:
    assert missing() == ["security.none", "security.cover"]
    assert missing(given_patents(state="offered")) == ["security.signed", "security.cover"]
    assert missing(given_patents(state="signed")) == ["security.unregistered", "security.cover"]
    assert missing(given_patents(valued_by=BANK)) == ["security.valued_by"]
    assert missing(given_patents(valid_until=DAY - dt.timedelta(days=1))) == ["security.valued"]
    # What another gave counts at its value, but does not answer what the borrower must give.
    assert missing(given_patents(by=OTHER)) == ["security.none"]
    ended = given_patents(registered_until=DAY - dt.timedelta(days=1))
    assert missing(ended) == ["security.registration_ended", "security.cover"]
    assert missing(given_patents(), debt=1_000_000_001) == ["security.cover"]
    assert missing(given_patents()) == []


def test_the_state_sentence_names_the_register_the_number_and_the_clause() -> None:
    signed = given_patents(kind="future_receivables", state="signed")
    demand = security.Demand(kind="future_receivables", by=FIRM, said=Text("未来应收账款", "future receivables"))
    found = security.findings([demand], [signed], debt_minor=0, on=DAY, rules=house_rulebook())
    reason = next(item for item in found if not item.holds)
    assert reason.text == Text(
        "待中登登记 · 还差登记号", "Awaiting registration in the movables register · the registration number is missing"
    )
    assert reason.rule is not None
    assert "445" in reason.rule.citation.zh
