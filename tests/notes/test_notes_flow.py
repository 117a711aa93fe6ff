"""The stored note: each step through its action, with claims, ledger and cash mirror agreeing at the end."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from jirong.claims.models import ClaimRow
from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.money import Money
from jirong.ledger.models import Account
from jirong.notes import actions as notes
from jirong.notes import closing
from jirong.notes.models import LotLoan, Note, Offer
from jirong.parties import actions as parties
from jirong.rails.models import Instruction, Leg
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

DUE = dt.date(2026, 7, 7)
FINANCE = {"registration": "0523", "registered_on": dt.date(2026, 1, 8), "background_checked": True}


def lots(world: Any) -> dict[str, tuple[str, int]]:
    """What each holder has: its state and what is outstanding, by party."""
    names = {id: name for name, id in world.world.parties.items()}
    with acting_as(SYSTEM):
        rows = ClaimRow.objects.filter(contract=world.note, kind="lot", outstanding_minor__gt=0)
        return {names[row.creditor]: (row.state, row.outstanding_minor) for row in rows}


def until(world: Any, day: dt.date) -> None:
    parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)


def assert_books_balance() -> None:
    """Every claims account is back at zero and nothing is pending anywhere."""
    with acting_as(SYSTEM):
        for account in Account.objects.exclude(book="capacity"):
            assert (account.debits_pending, account.credits_pending) == (0, 0), account.code
            if account.book == "claims":
                assert account.debits_posted == account.credits_posted, account.code


def test_issue_pledge_lend_and_settle_to_the_fen(textile: Any) -> None:
    textile.issue()
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"),
        principal=Money.parse("8000000.00"), rate=Decimal("0.035"),
    )  # fmt: skip
    textile.do("bank_a", notes.lend, offer=uuid.UUID(asked["offer"]), **FINANCE)
    assert textile.banks_answer() == 1
    until(textile, DUE)
    textile.do("core", notes.pay_note, note=textile.note)
    assert textile.banks_answer() == 1
    with acting_as(SYSTEM):
        instruction = Instruction.objects.get(purpose="note.pay")
        legs = dict(Leg.objects.filter(instruction=instruction).values_list("because", "amount_minor"))
        assert legs == {"pledgee": 814000000, "holder": 186000000}
        assert LotLoan.objects.get().status == "repaid"
        assert Note.objects.get().status == "settled"
    assert_books_balance()


def test_a_part_passes_and_the_rest_stays(textile: Any) -> None:
    textile.issue()
    offered = textile.do(
        "merchant", notes.transfer_lot, lot=textile.lot, to=textile.party("mill"),
        backings=textile.part("mill", "3000000.00"),
    )  # fmt: skip
    assert lots(textile) == {"merchant": ("held", 1000000000)}
    textile.do("mill", notes.take_offer, offer=uuid.UUID(offered["offer"]))
    assert lots(textile) == {"merchant": ("held", 700000000), "mill": ("held", 300000000)}


def test_an_invoice_carries_no_more_than_its_amount(textile: Any) -> None:
    textile.issue("6000000.00", accept=False)
    with pytest.raises(Refusal) as refused:
        textile.issue("4000000.01")
    assert refused.value.code == "note.exceeds_invoice"
    textile.do("merchant", notes.decline_note, note=textile.note)
    textile.issue("10000000.00")


@pytest.mark.parametrize(
    ("due", "code"),
    [("2026-01-08", "note.tenor_too_long"), ("2027-01-09", "note.tenor_too_long")],
)
def test_a_due_date_beyond_the_rules_is_refused(textile: Any, due: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        textile.issue(due=due)
    assert refused.value.code == code


def test_one_lot_is_not_promised_twice(textile: Any) -> None:
    textile.issue()
    ask = {"lot": textile.lot, "principal": Money.parse("5000000.00"), "rate": Decimal("0.035")}
    textile.do("merchant", notes.ask_loan, lender=textile.party("bank_a"), **ask)
    with pytest.raises(Conflict, match="exceeds_free"):
        textile.do("merchant", notes.ask_loan, lender=textile.party("bank_b"), **ask)


def test_a_refused_offer_frees_the_lot_and_the_invoice(textile: Any) -> None:
    textile.issue()
    for _ in range(2):
        offered = textile.do(
            "merchant", notes.transfer_lot, lot=textile.lot, to=textile.party("mill"),
            backings=textile.part("mill", "3000000.00"),
        )  # fmt: skip
        textile.do("mill", notes.drop_offer, offer=uuid.UUID(offered["offer"]))
    with acting_as(SYSTEM):
        assert set(Offer.objects.values_list("state", flat=True)) == {"refused"}
    assert lots(textile) == {"merchant": ("held", 1000000000)}


def test_a_pledge_is_not_released_while_its_loan_is_owed(textile: Any) -> None:
    textile.issue()
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"),
        principal=Money.parse("8000000.00"), rate=Decimal("0.035"),
    )  # fmt: skip
    textile.do("bank_a", notes.lend, offer=uuid.UUID(asked["offer"]), **FINANCE)
    textile.banks_answer()
    with pytest.raises(Conflict, match="not_repaid"):
        textile.do("bank_a", notes.release_pledge, lot=textile.lot)


def test_without_registration_no_money_moves(textile: Any) -> None:
    textile.issue()
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"),
        principal=Money.parse("8000000.00"), rate=Decimal("0.035"),
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        textile.do("bank_a", notes.lend, offer=uuid.UUID(asked["offer"]), **{**FINANCE, "registration": ""})
    assert refused.value.code == "finance.not_registered"
    assert refused.value.clause is not None
    with acting_as(SYSTEM):
        assert not Instruction.objects.exists()


def test_what_is_unpaid_when_due_is_overdue_and_bars_issuing(textile: Any) -> None:
    textile.issue("9000000.00")
    until(textile, DUE)
    operator = textile.actor("operator")
    assert (closing.close(operator).notes, closing.close(operator).notes) == (1, 0)
    assert lots(textile) == {"merchant": ("overdue", 900000000)}
    with pytest.raises(Refusal) as refused:
        textile.issue("1.00", due="2026-12-31")
    assert refused.value.code == "note.issuing_stopped"


def test_a_rejected_payment_settles_nothing(textile: Any) -> None:
    textile.issue()
    until(textile, DUE)
    from jirong.rails import sandbox

    sandbox.set_account(actor=SYSTEM, id=new_id(), account=textile.world.accounts["core"], balance=Money.parse("1.00"))
    textile.do("core", notes.pay_note, note=textile.note)
    assert textile.banks_answer() == 1
    with acting_as(SYSTEM):
        assert Instruction.objects.get().state == "rejected"
    assert lots(textile) == {"merchant": ("held", 1000000000)}
    textile.do("core", notes.pay_note, note=textile.note, amount=Money.parse("0.01"))


def test_a_silent_bank_leaves_the_payment_unknown(textile: Any) -> None:
    textile.issue()
    until(textile, DUE)
    from jirong.rails import sandbox

    sandbox.set_account(
        actor=SYSTEM, id=new_id(), account=textile.world.accounts["core"], balance=Money.parse("99999999.00"),
        silent=True,
    )  # fmt: skip
    textile.do("core", notes.pay_note, note=textile.note)
    assert textile.banks_answer() == 0
    with acting_as(SYSTEM):
        assert Instruction.objects.get().state == "instructed"
    with pytest.raises(Refusal):
        textile.do("core", notes.pay_note, note=textile.note)


@pytest.mark.parametrize("who", ["mill", "fibre", "bank_a", "bank_b"])
def test_strangers_to_a_note_see_nothing_of_it(textile: Any, who: str) -> None:
    textile.issue()
    with acting_as(Actor("party", textile.party(who))):
        assert not Note.objects.exists()
        assert not ClaimRow.objects.exists()
