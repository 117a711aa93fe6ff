"""A chain note's life through ``step``: what is allowed, what is refused and why, and what each step leaves behind."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jirong.engine import checks
from jirong.engine.claims import Purpose, State
from jirong.engine.intents import Phase
from jirong.engine.kinds import chain_note, lot_loan
from jirong.engine.kinds.chain_note import Ending, NoteState, NoteStatus
from jirong.engine.step import KINDS, register, step
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refusal

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


# issuing


def test_issuing_offers_one_lot_reserves_the_invoice_and_says_why(desk: Any, who: Who) -> None:
    note = promised(desk, who)
    out = desk.issue(note)
    (lot,) = out.changes.opened
    assert (lot.state, lot.tier, lot.creditor, lot.background) == (State.OFFERED, 1, who["merchant"], ("INV-1",))
    assert [item.phase for item in out.changes.transfers] == [Phase.RESERVE, Phase.RESERVE]
    assert out.state.status is NoteStatus.OFFERED
    assert {reason.code: reason.holds for reason in out.reasons} == {
        "note.tenor_too_long": True, "note.tenor_not_reviewed": True, "note.exceeds_invoice": True,
        "note.prepayment": True, "note.issuing_stopped": True, "note.payment_term_clash": False,
        "note.set_off_open": True,
    }  # fmt: skip
    assert all(reason.rule and reason.rule.citation.zh and reason.as_dict()["rule"] for reason in out.reasons)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accepted_on": None}, "note.prepayment"),
        ({"accepted_on": ISSUED + dt.timedelta(days=1)}, "note.prepayment"),
        ({"matched": False}, "note.exceeds_invoice"),
        ({"unpaid_minor": 99_999_999}, "note.exceeds_invoice"),
        ({"buyer": uuid.UUID(int=9)}, "note.exceeds_invoice"),
        ({"seller": uuid.UUID(int=9)}, "note.exceeds_invoice"),
        ({"red_letter": "R-9"}, "note.exceeds_invoice"),
        ({"invoice": "INV-2"}, "note.exceeds_invoice"),
    ],
)
def test_no_note_without_true_delivered_trade(desk: Any, who: Who, change: dict[str, Any], code: str) -> None:
    note = promised(desk, who)
    refused = refusal(lambda: desk.issue(note, evidence=(desk.evidence(note, **change),)))
    assert refused.code == code
    assert refused.clause
    assert "第10条" in refused.clause.zh
    assert len(refused.details["reasons"]) == 7, "a refusal carries every finding, as an approval does"


def test_backings_sum_to_the_amount_and_name_an_invoice_once(desk: Any, who: Who) -> None:
    note = promised(desk, who)
    for backings in (
        (checks.Backing("INV-1", 99_999_999),),
        (checks.Backing("INV-1", 50_000_000), checks.Backing("INV-1", 50_000_000)),
    ):
        assert refusal(lambda b=backings: desk.issue(replace(note, backings=b))).code == "note.exceeds_invoice"


@pytest.mark.parametrize(
    ("issued", "due", "allowed"),
    [
        (dt.date(2026, 1, 8), dt.date(2027, 1, 8), True),
        (dt.date(2026, 1, 8), dt.date(2027, 1, 9), False),
        (dt.date(2026, 9, 9), dt.date(2027, 9, 9), True),
        (dt.date(2026, 9, 10), dt.date(2027, 3, 10), True),
        (dt.date(2026, 9, 10), dt.date(2027, 3, 11), False),
        (dt.date(2026, 8, 31), dt.date(2026, 8, 31), False),
    ],
)
def test_tenor_is_in_calendar_months_under_the_rule_of_the_day(
    desk: Any, who: Who, issued: dt.date, due: dt.date, allowed: bool
) -> None:
    note = replace(promised(desk, who), issued_on=issued, due=due)
    if allowed:
        assert desk.issue(note).state.status is NoteStatus.OFFERED
    else:
        assert refusal(lambda: desk.issue(note)).code == "note.tenor_too_long"


def test_the_reported_cut_to_six_months_is_marked_unverified(desk: Any, who: Who) -> None:
    note = replace(promised(desk, who), issued_on=dt.date(2026, 9, 10), due=dt.date(2027, 9, 9))
    clause = refusal(lambda: desk.issue(note)).clause
    assert clause
    assert clause.zh.endswith("（条文尚未核对）")


@pytest.mark.parametrize("standing", [{"overdue_notes": 1}, {"bond_default": True}, {"bills_overdue": True}])
def test_issuing_stops_while_something_is_overdue(desk: Any, who: Who, standing: dict[str, Any]) -> None:
    refused = refusal(lambda: desk.issue(promised(desk, who), standing=checks.Standing(**standing)))
    assert refused.code == "note.issuing_stopped"
    assert refused.remedy


def test_an_agreed_late_rate_is_not_below_lpr(desk: Any, who: Who) -> None:
    assert (
        refusal(lambda: desk.issue(promised(desk, who, late_rate=Decimal("0.0299")))).code == "note.late_rate_too_low"
    )
    assert desk.issue(promised(desk, who, late_rate=Decimal("0.0300"))).state.status is NoteStatus.OFFERED


@pytest.mark.parametrize(
    ("why", "by"), [(Ending.REFUSED, "merchant"), (Ending.WITHDRAWN, "core"), (Ending.LAPSED, None)]
)
def test_a_note_that_is_not_accepted_frees_its_invoice(desk: Any, who: Who, why: Ending, by: str | None) -> None:
    note = promised(desk, who)
    desk.issue(note)
    out = desk.do(note, chain_note.Decline(id=desk.new_id(), by=who[by] if by else None, why=why), DAY)
    assert (out.state.status, out.state.outstanding_minor) == (NoteStatus.VOID, 0)
    assert [claim.state for claim in out.changes.closed] == [State.VOID]
    assert desk.ledger.pending == {}
    assert desk.ledger.posted["capacity:invoice:INV-1:free"] == note.amount_minor


def test_only_the_right_party_signs(desk: Any, who: Who) -> None:
    note = promised(desk, who)
    desk.issue(note)
    trade = checks.Trade(buyer_size=checks.BuyerSize.LARGE, seller_is_sme=True)
    for event in (
        chain_note.Accept(id=desk.new_id(), by=who["stranger"], trade=trade),
        chain_note.Decline(id=desk.new_id(), by=who["core"], why=Ending.REFUSED),
        chain_note.Decline(id=desk.new_id(), by=who["merchant"], why=Ending.WITHDRAWN),
    ):
        with pytest.raises(Forbidden):
            desk.do(note, event, DAY)


# passing on


def test_several_parts_of_one_lot_may_be_on_offer_but_never_more_than_it(desk: Any, who: Who) -> None:
    note = live(desk, who)
    first = desk.offer(note, who["merchant"], who["mill"], "600,000.00", DAY, Purpose.TRANSFER)
    second = desk.offer(note, who["merchant"], who["fibre"], "400,000.00", DAY, Purpose.TRANSFER)
    refused = refusal(lambda: desk.offer(note, who["merchant"], who["b"], "0.01", DAY, Purpose.TRANSFER))
    assert refused.code == "claim.exceeds_free"
    desk.take(note, second, DAY)
    desk.do(note, chain_note.DropOffer(id=desk.new_id(), by=who["mill"], offer=first, why=Ending.REFUSED), DAY)
    assert (desk.lot_of(note, who["merchant"]).free_minor, desk.lot_of(note, who["fibre"]).tier) == (60_000_000, 2)


def test_a_transfer_uses_the_invoice_it_pays_and_a_refusal_frees_it(desk: Any, who: Who) -> None:
    note = live(desk, who)
    fact: dict[str, Any] = {
        "buyer": who["merchant"],
        "seller": who["mill"],
        "accepted_on": DAY,
        "matched": True,
        "unpaid_minor": 500,
    }
    given = {
        "backings": (checks.Backing("M-1", 500),), "evidence": (checks.Evidence(invoice="M-1", **fact),)
    }  # fmt: skip
    desk.grant_invoice("M-1", 500)
    first = desk.offer(note, who["merchant"], who["mill"], "5.00", DAY, Purpose.TRANSFER, **given)
    drop = chain_note.DropOffer(id=desk.new_id(), by=who["mill"], offer=first, why=Ending.REFUSED)
    desk.do(note, drop, DAY)
    desk.take(note, desk.offer(note, who["merchant"], who["mill"], "5.00", DAY, Purpose.TRANSFER, **given), DAY)
    assert (desk.ledger.posted["capacity:invoice:M-1:used"], desk.ledger.pending) == (500, {})
    assert desk.lot_of(note, who["mill"]).background == ("M-1",)


def test_several_offers_lapse_together(desk: Any, who: Who) -> None:
    """Two on the merchant's lot, one on the mill's."""
    note = live(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "300,000.00", DAY)
    for holder, to in (("merchant", "b"), ("mill", "fibre"), ("merchant", "a")):
        desk.offer(note, who[holder], who[to], "5.00", DAY, Purpose.TRANSFER)
    desk.do(note, chain_note.CloseDay(id=desk.new_id()), DAY)
    assert (desk.states[note.id].offers, desk.ledger.pending) == ({}, {})
    free = [desk.lot_of(note, who[name]).free_minor for name in ("merchant", "mill")]
    assert free == [70_000_000, 30_000_000]


def test_an_offer_is_answered_once(desk: Any, who: Who) -> None:
    note = live(desk, who)
    offer = desk.offer(note, who["merchant"], who["mill"], "1.00", DAY, Purpose.TRANSFER)
    event = chain_note.TakeOffer(id=desk.new_id(), by=who["mill"], offer=offer)
    desk.do(note, event, DAY)
    for again in (event, chain_note.DropOffer(id=desk.new_id(), by=who["merchant"], offer=offer, why=Ending.WITHDRAWN)):
        with pytest.raises(NotFound):
            desk.do(note, again, DAY)


def test_a_transfer_pays_for_trade_between_its_two_sides(desk: Any, who: Who) -> None:
    note = live(desk, who)
    refused = refusal(
        lambda: desk.offer(note, who["merchant"], who["mill"], "1.00", DAY, Purpose.TRANSFER, backings=(), evidence=())
    )
    assert refused.code == "note.exceeds_invoice"


def test_a_pledged_lot_is_not_passed_on_and_the_clause_says_so(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.pledge(note, who["merchant"], who["bank_a"], "1,000,000.00", DAY)
    for purpose, more in (
        (Purpose.TRANSFER, {}), (Purpose.PLEDGE, {}), (Purpose.DISCOUNT, {"rate": Decimal("0.04")})
    ):  # fmt: skip
        refused = refusal(
            lambda p=purpose, m=more: desk.offer(note, who["merchant"], who["bank_b"], "1.00", DAY, p, **m)
        )
        assert refused.code == "note.lot_pledged"
        assert refused.clause
        assert "第445条" in refused.clause.zh
    lot = desk.lot_of(note, who["merchant"])
    with pytest.raises(Forbidden):
        desk.do(note, chain_note.Release(id=desk.new_id(), by=who["merchant"], lot=lot.id), DAY)
    desk.do(note, chain_note.Release(id=desk.new_id(), by=who["bank_a"], lot=lot.id), DAY)
    desk.transfer(note, who["merchant"], who["mill"], "1,000,000.00", DAY)


def test_two_banks_cannot_finance_one_lot(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.offer(note, who["merchant"], who["bank_a"], "700,000.00", DAY, Purpose.PLEDGE)
    assert refusal(
        lambda: desk.offer(note, who["merchant"], who["bank_b"], "300,000.01", DAY, Purpose.PLEDGE)
    ).code == "claim.exceeds_free"  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"registration": None}, "finance.not_registered"),
        ({"registered_on": None}, "finance.not_registered"),
        ({"registered_on": DAY + dt.timedelta(days=1)}, "finance.not_registered"),
        ({"licensed": False}, "finance.unlicensed"),
        ({"background_checked": False}, "finance.background_unchecked"),
    ],
)
@pytest.mark.parametrize("purpose", [Purpose.PLEDGE, Purpose.DISCOUNT])
def test_finance_waits_for_licence_registration_and_review(
    desk: Any, who: Who, purpose: Purpose, facts: dict[str, Any], code: str
) -> None:
    note = live(desk, who)
    rate = Decimal("0.04") if purpose is Purpose.DISCOUNT else None
    offer = desk.offer(note, who["merchant"], who["bank_a"], "1.00", DAY, purpose, rate=rate)
    assert refusal(lambda: desk.take(note, offer, DAY, finance=desk.finance(DAY, **facts))).code == code
    assert refusal(lambda: desk.take(note, offer, DAY, finance=None)).code == "note.finance_facts_missing"


def test_beyond_six_months_the_bank_reviews_the_term_first(desk: Any, who: Who) -> None:
    note = live(desk, who, due=dt.date(2026, 12, 31))
    offer = desk.offer(note, who["merchant"], who["bank_a"], "1.00", DAY, Purpose.PLEDGE)
    assert refusal(lambda: desk.take(note, offer, DAY)).code == "note.tenor_not_reviewed"
    desk.take(note, offer, DAY, finance=desk.finance(DAY, term_reviewed=True))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "merchant"}, "note.offer_to_self"),
        ({"to": "core"}, "note.offer_to_self"),
        ({"expires_on": DUE}, "note.offer_expiry"),
        ({"expires_on": DAY - dt.timedelta(days=1)}, "note.offer_expiry"),
        ({"rate": Decimal("0.01")}, "note.discount_rate"),
        ({"purpose": Purpose.DISCOUNT}, "note.discount_rate"),
        ({"purpose": Purpose.DISCOUNT, "rate": Decimal("-0.01")}, "note.discount_rate"),
    ],
)
def test_an_offer_is_well_formed(desk: Any, who: Who, change: dict[str, Any], code: str) -> None:
    note = live(desk, who)
    event = chain_note.MakeOffer(
        id=desk.new_id(), by=who["merchant"], lot=desk.lot_of(note, who["merchant"]).id,
        to=who[change.pop("to", "mill")], amount_minor=1,
        **{"purpose": Purpose.PLEDGE, "expires_on": DAY, **change},
    )  # fmt: skip
    assert refusal(lambda: desk.do(note, event, DAY)).code == code


def test_an_offer_lapses_after_its_day_and_not_before(desk: Any, who: Who) -> None:
    note = live(desk, who)
    offer = desk.offer(note, who["merchant"], who["mill"], "5.00", DAY, Purpose.TRANSFER)
    lapse = chain_note.DropOffer(id=desk.new_id(), by=None, offer=offer, why=Ending.LAPSED)
    assert refusal(lambda: desk.do(note, lapse, DAY)).code == "note.offer_stands"
    next_day = DAY + dt.timedelta(days=1)
    assert refusal(lambda: desk.take(note, offer, next_day)).code == "note.offer_lapsed"
    desk.do(note, lapse, next_day)
    assert desk.lot_of(note, who["merchant"]).free_minor == note.amount_minor


def test_the_close_of_business_lapses_offers_on_their_last_day(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.offer(note, who["merchant"], who["mill"], "5.00", DAY, Purpose.TRANSFER, expires_on=DAY + dt.timedelta(days=1))
    assert len(desk.do(note, chain_note.CloseDay(id=desk.new_id()), DAY).state.offers) == 1
    after = desk.do(note, chain_note.CloseDay(id=desk.new_id()), DAY + dt.timedelta(days=1))
    assert after.state.offers == {}
    assert desk.lot_of(note, who["merchant"]).reserved_minor == 0


def test_an_unanswered_note_lapses_when_due(desk: Any, who: Who) -> None:
    note = promised(desk, who)
    desk.issue(note)
    assert desk.do(note, chain_note.CloseDay(id=desk.new_id()), DUE).state.status is NoteStatus.VOID


def test_a_red_letter_invoice_freezes_the_lots_that_stand_on_it(desk: Any, who: Who) -> None:
    """The merchant's rest stands on the cancelled invoice; the mill's lot stands on its own trade and moves freely."""
    note = live(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "300,000.00", DAY)
    standing = desk.offer(note, who["merchant"], who["bank_a"], "1.00", DAY, Purpose.PLEDGE)
    out = desk.do(note, chain_note.Freeze(id=desk.new_id(), invoice="INV-1", red_letter="RED-1"), DAY)
    assert [claim.creditor for claim in out.changes.updated] == [who["merchant"]]
    refused = refusal(lambda: desk.offer(note, who["merchant"], who["b"], "1.00", DAY, Purpose.TRANSFER))
    assert refused.code == "note.lot_frozen"
    assert refusal(lambda: desk.take(note, standing, DAY)).code == "note.lot_frozen"
    desk.transfer(note, who["mill"], who["fibre"], "1.00", DAY)
    lot = desk.lot_of(note, who["merchant"]).id
    good = checks.Ground(invoice="INV-1", gross_minor=note.amount_minor, used_minor=note.amount_minor)
    for gone in (replace(good, red_letter="RED-1"), replace(good, gross_minor=note.amount_minor - 1)):
        lift = chain_note.Unfreeze(id=desk.new_id(), by=who["merchant"], lot=lot, grounds=(gone,))
        assert refusal(lambda e=lift: desk.do(note, e, DAY)).code == "note.background_gone"
        assert refusal(lambda g=gone: desk.take(note, standing, DAY, grounds=(g,))).code == "note.lot_frozen"
    lift = chain_note.Unfreeze(id=desk.new_id(), by=who["merchant"], lot=lot, grounds=(good,))
    desk.do(note, lift, DAY)
    assert refusal(lambda: desk.do(note, lift, DAY)).code == "note.not_frozen"
    assert refusal(lambda: desk.take(note, standing, DAY, grounds=(gone,))).code == "note.background_gone"
    desk.take(note, standing, DAY, grounds=(good,))


def test_a_frozen_lot_is_still_paid(desk: Any, who: Who) -> None:
    note = live(desk, who)
    desk.do(note, chain_note.Freeze(id=desk.new_id(), invoice="INV-1", red_letter="RED-1"), DAY)
    desk.pay_due(note, "1,000,000.00", DUE)
    assert desk.states[note.id].status is NoteStatus.SETTLED


# the door


def test_step_knows_kinds_and_their_events(desk: Any, who: Who) -> None:
    note = promised(desk, who)
    for terms, event in (
        (note, lot_loan.CloseDay(id=desk.new_id())),
        (lot_loan.LoanTerms(
            id=desk.new_id(), borrower=who["a"], lender=who["b"], lot=desk.new_id(), principal_minor=1,
            rate=Decimal("0.01"), due=DUE, rules=desk.rules,
        ), chain_note.CloseDay(id=desk.new_id())),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            step(terms, None, event, DAY)
        assert refused.value.code == "step.unknown_event"


def test_a_kind_is_registered_once() -> None:
    register(chain_note.KIND)
    assert KINDS["chain_note"] is chain_note.KIND
    with pytest.raises(ValueError, match="already registered"):
        register(replace(chain_note.KIND))


def test_a_step_changes_nothing_it_was_given(desk: Any, who: Who) -> None:
    note = live(desk, who)
    before = desk.states[note.id]
    copy = replace(before, lots=dict(before.lots), offers=dict(before.offers), payments=dict(before.payments))
    desk.offer(note, who["merchant"], who["mill"], "5.00", DAY, Purpose.TRANSFER)
    assert before == copy


def test_a_step_on_one_lot_needs_only_that_lot(desk: Any, who: Who) -> None:
    """The header and the lot named are enough, and the answer is the same as with everything."""
    note = live(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "300,000.00", DAY)
    whole, lot = desk.states[note.id], desk.lot_of(note, who["mill"])
    event = chain_note.MakeOffer(
        id=uuid.UUID(int=7_000), by=who["mill"], lot=lot.id, to=who["bank_a"], amount_minor=5, purpose=Purpose.PLEDGE,
        expires_on=DAY,
    )  # fmt: skip
    part = NoteState(status=whole.status, outstanding_minor=whole.outstanding_minor, lots={lot.id: lot})
    small, large = (step(note, state, event, DAY) for state in (part, whole))
    assert small.changes == large.changes
    assert small.state.outstanding_minor == large.state.outstanding_minor


def test_conflicts_tell_what_to_do(desk: Any, who: Who) -> None:
    note = live(desk, who)
    refused = refusal(lambda: desk.issue(note))
    assert isinstance(refused, Conflict)
    assert (refused.code, refused.reason.zh) == ("note.is_live", "链单当前存续，不能进行此操作")
