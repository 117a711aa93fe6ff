"""The worked cases of the sources, through ``step``, to the fen.

Textile: ``sources/000`` scene 1. A core garment maker's order of 10,000,000 becomes a note; the merchant borrows
8,000,000 against it. Five steps: ``sources/001``. Dates and rates are the house's examples for 2026.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

from jirong.engine.claims import Purpose, State
from jirong.engine.kinds.chain_note import CloseDay, NoteStatus
from jirong.engine.kinds.lot_loan import LoanStatus

ISSUED, DUE = dt.date(2026, 1, 8), dt.date(2026, 7, 7)


def yuan(text: str) -> int:
    whole, cents = text.replace(",", "").split(".")
    return int(whole) * 100 + int(cents)


def paid(out: Any, who: dict[str, uuid.UUID]) -> Counter[str]:
    """What one instruction pays each party, in minor units."""
    names = {party: name for name, party in who.items()}
    found: Counter[str] = Counter()
    for payment in out.changes.payments:
        found[names[payment.payee]] += payment.amount_minor
    return found


def textile(desk: Any, who: dict[str, uuid.UUID]) -> Any:
    note = desk.note(who["core"], who["merchant"], "10,000,000.00", ISSUED, DUE)
    desk.issue(note)
    desk.accept(note)
    return note


def single(desk: Any, who: dict[str, uuid.UUID]) -> tuple[Any, Any]:
    note = textile(desk, who)
    desk.pledge(note, who["merchant"], who["bank_a"], "10,000,000.00", ISSUED)
    return note, desk.lend(note, who["merchant"], "8,000,000.00", Decimal("0.0350"), ISSUED)


def n_tier(desk: Any, who: dict[str, uuid.UUID]) -> tuple[Any, Any]:
    note = textile(desk, who)
    desk.transfer(note, who["merchant"], who["mill"], "3,000,000.00", ISSUED)
    desk.transfer(note, who["mill"], who["fibre"], "1,200,000.00", ISSUED)
    desk.pledge(note, who["merchant"], who["bank_a"], "7,000,000.00", ISSUED)
    loan = desk.lend(note, who["merchant"], "5,600,000.00", Decimal("0.0350"), ISSUED)
    day = dt.date(2026, 2, 9)
    offer = desk.offer(note, who["fibre"], who["bank_b"], "1,200,000.00", day, Purpose.DISCOUNT, rate=Decimal("0.0380"))
    (price,) = desk.take(note, offer, day).changes.payments
    # 1,200,000 × 3.80 % × 148/360 = 18,746.666… → 18,746.67
    assert price.amount_minor == yuan("1,200,000.00") - yuan("18,746.67") == yuan("1,181,253.33")
    assert desk.lot_of(note, who["fibre"]).reserved_minor == yuan("1,200,000.00"), "reserved until the bank has paid"
    desk.pay(note, price, day)
    return note, loan


def test_textile_chain_note(desk: Any, who: dict[str, uuid.UUID]) -> None:
    note, loan = single(desk, who)
    assert desk.owed([loan], DUE) == {loan.lot: yuan("8,140,000.00")}, "8,000,000 × 3.50 % × 180/360 = 140,000.00"
    out = desk.pay_due(note, "10,000,000.00", DUE, [loan])
    assert paid(out, who) == {"bank_a": yuan("8,140,000.00"), "merchant": yuan("1,860,000.00")}
    assert desk.states[note.id].status is NoteStatus.SETTLED
    assert desk.states[loan.id].status is LoanStatus.REPAID
    assert {claim.state for claim in desk.claims.values()} == {State.SETTLED}
    assert sum(desk.cash.values()) == 0
    left = {key: minor for key, minor in desk.ledger.posted.items() if minor and key.startswith("claims:")}
    assert left == {}, "every claim account is back at zero"


def test_textile_clash_with_sixty_days_warns_and_records_consent(desk: Any, who: dict[str, uuid.UUID]) -> None:
    note = desk.note(who["core"], who["merchant"], "10,000,000.00", ISSUED, DUE)
    warning = next(r for r in desk.issue(note).reasons if r.code == "note.payment_term_clash")
    assert warning.warns
    assert warning.inputs["due_without_note"] == "2026-03-09"
    assert warning.rule is not None
    assert "变相延长付款期限" in warning.rule.citation.zh
    consented = next(r for r in desk.accept(note).reasons if r.code == "note.payment_term_clash")
    assert consented.warns
    assert "供应商已记录同意" in consented.text.zh


def test_textile_n_tier(desk: Any, who: dict[str, uuid.UUID]) -> None:
    note, loan = n_tier(desk, who)
    tiers = {
        name: desk.lot_of(note, who[name]).tier for name in ("merchant", "mill", "bank_b")
    }  # a funder stands at its seller's tier
    assert tiers == {"merchant": 1, "mill": 2, "bank_b": 3}
    assert desk.owed([loan], DUE)[loan.lot] == yuan("5,698,000.00"), "5,600,000 × 3.50 % × 180/360 = 98,000.00"
    out = desk.pay_due(note, "10,000,000.00", DUE, [loan])
    assert paid(out, who) == {
        "bank_a": yuan("5,698,000.00"), "merchant": yuan("1,302,000.00"), "mill": yuan("1,800,000.00"),
        "bank_b": yuan("1,200,000.00"),
    }  # fmt: skip
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_textile_short_pay_on_one_lot(desk: Any, who: dict[str, uuid.UUID]) -> None:
    """9,000,000 on the day: the pledgee first, 8,140,000; the merchant 860,000. Then 1,000,000 is 20 days late:
    1,000,000 × 0.05 % × 20 = 10,000.00, so 1,010,000.00 closes the note, all of it the merchant's.
    """
    note, loan = single(desk, who)
    out = desk.pay_due(note, "9,000,000.00", DUE, [loan])
    assert paid(out, who) == {"bank_a": yuan("8,140,000.00"), "merchant": yuan("860,000.00")}
    desk.do(note, CloseDay(id=desk.new_id()), DUE)
    assert desk.states[note.id].status is NoteStatus.OVERDUE
    late = desk.pay_due(note, "1,010,000.00", DUE + dt.timedelta(days=20), [loan])
    assert paid(late, who) == {"merchant": yuan("1,010,000.00")}
    assert desk.states[note.id].status is NoteStatus.SETTLED


def test_textile_short_pay_over_lots(desk: Any, who: dict[str, uuid.UUID]) -> None:
    """90 % of each lot on the day: 6,300,000 of the merchant's 7,000,000 (bank A first: 5,698,000, then 602,000),
    1,620,000 of the mill's 1,800,000, 1,080,000 of bank B's 1,200,000. After 20 days each tenth left bears 1 %:
    700,000 + 7,000; 180,000 + 1,800; 120,000 + 1,200; together 1,010,000.00. Bank A is already paid.
    """
    note, loan = n_tier(desk, who)
    out = desk.pay_due(note, "9,000,000.00", DUE, [loan])
    assert paid(out, who) == {
        "bank_a": yuan("5,698,000.00"), "merchant": yuan("602,000.00"), "mill": yuan("1,620,000.00"),
        "bank_b": yuan("1,080,000.00"),
    }  # fmt: skip
    desk.do(note, CloseDay(id=desk.new_id()), DUE)
    late = desk.pay_due(note, "1,010,000.00", DUE + dt.timedelta(days=20), [loan])
    assert paid(late, who) == {
        "merchant": yuan("707,000.00"), "mill": yuan("181,800.00"), "bank_b": yuan("121,200.00")
    }  # fmt: skip
    assert desk.states[note.id].status is NoteStatus.SETTLED
    assert sum(desk.cash.values()) == 0
    assert not [key for key, minor in desk.ledger.posted.items() if minor and key.startswith("claims:")]


def test_blockchain_note_five_steps(desk: Any, who: dict[str, uuid.UUID]) -> None:
    issued, due, pledged = dt.date(2026, 3, 2), dt.date(2026, 8, 31), dt.date(2026, 3, 16)
    note = desk.note(who["core"], who["a"], "1,000,000.00", issued, due)
    desk.issue(note)
    desk.accept(note)
    desk.transfer(note, who["a"], who["b"], "400,000.00", dt.date(2026, 3, 10))
    desk.pledge(note, who["b"], who["bank_a"], "400,000.00", pledged)
    loan = desk.lend(note, who["b"], "320,000.00", Decimal("0.0360"), pledged)
    assert desk.owed([loan], due)[loan.lot] == yuan("325,376.00"), "320,000 × 3.60 % × 168/360 = 5,376.00"
    out = desk.pay_due(note, "1,000,000.00", due, [loan])
    assert paid(out, who) == {"bank_a": yuan("325,376.00"), "b": yuan("74,624.00"), "a": yuan("600,000.00")}
