"""Rates that are signed: as fine as they are kept, within the law's bounds, and never set by one side alone."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest

from jirong.api.urls import api as the_api
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.notes import actions as notes
from jirong.notes.models import LotLoan, Note, Offer
from jirong.store.identity import SYSTEM, acting_as

DUE = dt.date(2026, 7, 7)


def refusal(act: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


def test_the_lender_cannot_set_the_rate_for_late_days(textile: Any) -> None:
    assert "overdue_rate" not in inspect.signature(notes.lend).parameters
    textile.issue()
    textile.lend(overdue_rate=Decimal("0.0455"))
    with acting_as(SYSTEM):
        assert (Offer.objects.get().overdue_rate, LotLoan.objects.get().overdue_rate) == (
            Decimal("0.0455"), Decimal("0.0455"),
        )  # fmt: skip


def test_where_none_is_asked_late_days_bear_the_most_the_rule_allows(textile: Any) -> None:
    """3.50 % × 1.5 = 5.25 % (银发〔2003〕251号), known to both before either signs."""
    textile.issue()
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"), principal=Money.parse("1.00"),
        rate=Decimal("0.035"),
    )  # fmt: skip
    with acting_as(SYSTEM):
        assert Offer.objects.get(pk=asked["offer"]).overdue_rate == Decimal("0.0525")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("-5", "rate.out_of_range"), ("900", "rate.out_of_range"), ("1E+30", "rate.out_of_range"),
        ("0.0454", "loan.overdue_rate"), ("0.0526", "loan.overdue_rate"), ("0.04555555", "rate.too_fine"),
    ],
)  # fmt: skip
def test_a_rate_for_late_days_out_of_bounds_is_refused(textile: Any, asked: str, code: str) -> None:
    textile.issue()
    refused = refusal(lambda: textile.lend(overdue_rate=Decimal(asked)))
    assert refused.code == code
    if code == "loan.overdue_rate":
        assert refused.clause is not None
        assert "251" in refused.clause.zh


@pytest.mark.parametrize("rate", ["0.0351234567", "1E-10"])
def test_a_rate_finer_than_it_is_kept_is_refused(textile: Any, rate: str) -> None:
    textile.issue()
    assert refusal(lambda: textile.lend(rate=Decimal(rate))).code == "rate.too_fine"
    discount = {"lot": textile.lot, "funder": textile.party("bank_a"), "rate": Decimal(rate)}
    assert refusal(lambda: textile.do("merchant", notes.ask_discount, **discount)).code == "rate.too_fine"
    textile.lend(rate=Decimal("0.035123"))
    with acting_as(SYSTEM):
        assert LotLoan.objects.get().rate == Decimal("0.035123")


@pytest.mark.parametrize(
    ("late", "code"),
    [
        ("0.2341", "note.late_rate_too_high"), ("0.0299", "note.late_rate_too_low"), ("-0.5", "rate.out_of_range"),
        ("900", "rate.out_of_range"), ("0.0512345678", "rate.too_fine"),
    ],
)  # fmt: skip
def test_an_agreed_late_interest_out_of_bounds_is_refused(textile: Any, late: str, code: str) -> None:
    """From the 1-year LPR, 3.00 %, to 1.3 times the statutory five ten-thousandths a day, 23.40 % a year."""
    refused = refusal(lambda: issue(textile, late_rate=Decimal(late)))
    assert refused.code == code
    if code.startswith("note."):
        assert refused.clause is not None


@pytest.mark.parametrize("late", ["0.03", "0.234"])
def test_an_agreed_late_interest_within_bounds_is_kept(textile: Any, late: str) -> None:
    issue(textile, late_rate=Decimal(late))
    with acting_as(SYSTEM):
        assert Note.objects.get().late_rate == Decimal(late)


def issue(world: Any, **more: Any) -> uuid.UUID:
    done = world.do(
        "core", notes.issue_note, payee=world.party("merchant"), backings=world.part("merchant", "1000.00"), due=DUE,
        **more,
    )  # fmt: skip
    return uuid.UUID(done["note"])


def test_the_api_s_document_offers_no_finer_rate_than_is_kept() -> None:
    schemas = the_api.get_openapi_schema()["components"]["schemas"]
    told = schemas["LotAskLoanIn"]["properties"]["rate"]["pattern"]
    assert re.fullmatch(told, "0.035123")
    assert not re.fullmatch(told, "0.0351234")
    assert "overdue_rate" in schemas["LotAskLoanIn"]["properties"]
    assert "overdue_rate" not in schemas["OfferLendIn"]["properties"]
