"""How a loan on a lot lives: paid out or not, booked as of the day it was paid for, whatever day the bank confirms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jirong.claims.models import ClaimRow
from jirong.kernel.errors import Conflict
from jirong.notes import actions as notes
from jirong.notes import closing
from jirong.notes.models import LotLoan, Note, Step
from jirong.parties.models import User
from jirong.rails.models import Leg
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as

DUE = dt.date(2026, 7, 7)


def loans() -> dict[str, str]:
    """The state of each loan by its lender's name."""
    with acting_as(SYSTEM):
        return {loan.lender.name: loan.status for loan in LotLoan.objects.select_related("lender")}


def legs() -> dict[str, int]:
    with acting_as(SYSTEM):
        return dict(Leg.objects.filter(instruction__purpose="note.pay").values_list("because", "amount_minor"))


def pledgee(world: Any) -> Any:
    with acting_as(SYSTEM):
        return ClaimRow.objects.get(pk=world.lot).pledgee


def status(world: Any) -> str:
    with acting_as(SYSTEM):
        return Note.objects.get(pk=world.note).status


def test_a_loan_that_was_not_paid_out_is_void_and_leaves_the_lot_free(textile: Any) -> None:
    textile.issue()
    textile.lend("bank_a")
    textile.answer("bank_a", "loan.disburse", paid=False)
    assert list(loans().values()) == ["void"]
    assert pledgee(textile) is None
    with acting_as(SYSTEM):
        (reason,) = Step.objects.get(kind="release").reasons
    assert (reason["code"], reason["rule"]["id"]) == ("note.pledge_ends", "civil.security_ends")


def test_after_a_rejected_pay_out_another_bank_lends_and_is_repaid(textile: Any) -> None:
    textile.issue()
    textile.lend("bank_a")
    textile.answer("bank_a", "loan.disburse", paid=False)
    textile.lend("bank_b")
    textile.answer("bank_b", "loan.disburse")
    textile.until(DUE)
    textile.do("core", notes.pay_note, note=textile.note)
    textile.answer("bank_a", "note.pay")
    assert sorted(loans().values()) == ["repaid", "void"]
    assert (status(textile), legs()) == ("settled", {"pledgee": 814000000, "holder": 186000000})


def test_a_lot_whose_loan_is_being_paid_out_waits_at_maturity(textile: Any) -> None:
    """Paid out on 2026-07-06, the loan is owed one day's interest on the 7th; before the answer nobody is paid."""
    textile.issue("9000000.00")
    textile.until(dt.date(2026, 7, 6))
    textile.lend("bank_a")
    textile.until(DUE)
    with pytest.raises(Conflict, match=r"payment_unanswered"):
        textile.do("core", notes.pay_note, note=textile.note)
    closing.close(SYSTEM)
    assert status(textile) == "live"
    textile.answer("bank_a", "loan.disburse", on=dt.date(2026, 7, 6))
    textile.do("core", notes.pay_note, note=textile.note)
    textile.answer("bank_a", "note.pay")
    assert legs() == {"pledgee": 800077778, "holder": 99922222}
    assert (status(textile), list(loans().values())) == ("settled", ["repaid"])


@pytest.mark.parametrize("days", [0, 1, 3])
def test_a_loan_is_booked_as_of_the_day_its_payment_was_instructed(textile: Any, days: int) -> None:
    """The bank made the payment of 2026-07-07 that day or some days later; the close between finds nothing late."""
    textile.issue()
    textile.lend("bank_a")
    textile.answer("bank_a", "loan.disburse")
    textile.until(DUE)
    textile.do("core", notes.pay_note, note=textile.note)
    for _ in range(days):
        closing.close(SYSTEM)
        assert list(loans().values()) == ["live"], "unknown is not overdue"
        textile.until(business_date.today() + dt.timedelta(days=1))
    textile.answer("bank_a", "note.pay")
    assert (status(textile), list(loans().values())) == ("settled", ["repaid"])
    assert legs() == {"pledgee": 814000000, "holder": 186000000}
    with acting_as(SYSTEM):
        assert not ClaimRow.objects.filter(outstanding_minor__gt=0, kind__in=["loan", "interest", "lot"]).exists()


def test_a_loan_counts_interest_from_the_day_the_bank_paid_it_out(textile: Any) -> None:
    """Instructed on 2026-01-08, paid on the 10th, told on the 12th: 178 days at 3.50 % of 8,000,000.00."""
    textile.issue()
    textile.lend("bank_a")
    textile.until(dt.date(2026, 1, 12))
    textile.answer("bank_a", "loan.disburse", on=dt.date(2026, 1, 10))
    textile.until(DUE)
    textile.do("core", notes.pay_note, note=textile.note)
    assert legs()["pledgee"] == 813844444


def test_what_is_instructed_late_is_owed_to_the_day_it_was_instructed(textile: Any) -> None:
    """Three days late: 180 days at 3.50 % and three more days at the rate for late days, and no stump."""
    textile.issue()
    textile.lend("bank_a")
    textile.answer("bank_a", "loan.disburse")
    textile.until(DUE)
    closing.close(SYSTEM)
    assert list(loans().values()) == ["overdue"]
    textile.until(DUE + dt.timedelta(days=3))
    textile.do("core", notes.pay_note, note=textile.note)
    with acting_as(SYSTEM):
        loan = LotLoan.objects.get()
    late = (loan.overdue_rate if loan.overdue_rate is not None else loan.rate) * 800000000 * 3 / 360
    assert legs()["pledgee"] == 814000000 + int(late + Decimal("0.5"))
    textile.until(DUE + dt.timedelta(days=4))
    textile.answer("bank_a", "note.pay")
    assert (status(textile), list(loans().values())) == ("settled", ["repaid"])


def test_a_loan_s_page_is_for_its_two_sides_and_not_for_the_operator(textile: Any) -> None:
    textile.issue()
    loan = textile.lend("bank_a")
    seen = {}
    for who in ("merchant", "bank_a", "operator", "core", "bank_b"):
        client, login = Client(), User.objects.get(username=textile.world.logins[f"{who}.maker"])
        client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
        seen[who] = client.get(reverse("loan", args=[loan])).status_code
    assert seen == {"merchant": 200, "bank_a": 200, "operator": 404, "core": 404, "bank_b": 404}
