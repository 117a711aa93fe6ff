"""What nobody may write down: refused by name and place, never a fault of the house."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.notes import actions as notes
from jirong.notes.models import Note
from jirong.parties import actions as parties
from jirong.parties.models import Cluster
from jirong.store.identity import SYSTEM, acting_as

DUE = dt.date(2026, 7, 7)


def refusal(act: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code, refused.value.where


def issue(world: Any, *amounts: str, **more: Any) -> dict[str, Any]:
    """A note on the merchant's invoice, named once for each of ``amounts``."""
    parts = [notes.InvoicePart(world.invoice("merchant"), Money.parse(amount)) for amount in amounts]
    done: dict[str, Any] = world.do(
        "core", notes.issue_note, **{"payee": world.party("merchant"), "backings": parts, "due": DUE, **more}
    )
    return done


@pytest.mark.parametrize(
    ("amounts", "more", "told"),
    [
        (["-5.00"], {}, ("amount.not_positive", "backings")),
        (["0.00"], {}, ("amount.not_positive", "backings")),
        (["10.00", "-5.00"], {}, ("amount.not_positive", "backings")),
        (["9999999999999999.00"] * 11, {}, ("amount.too_large", "backings")),
        (["9999999999999.00"], {}, ("note.exceeds_invoice", None)),
        ([], {}, ("note.backings", "backings")),
        (["1.00"], {"agreed_days": 999_999_999_999}, ("note.agreed_days", "agreed_days")),
        (["1.00"], {"agreed_days": -100_000}, ("note.agreed_days", "agreed_days")),
        (["1.00"], {"late_rate": Decimal(99999999)}, ("rate.out_of_range", "late_rate")),
        (["1.00"], {"cluster": uuid.UUID(int=7)}, ("cluster.unknown", None)),
        (["1.00"], {"payee": uuid.UUID(int=7)}, ("party.unknown", None)),
    ],
)  # fmt: skip
def test_an_impossible_note_is_refused_by_name(
    textile: Any, amounts: list[str], more: dict[str, Any], told: tuple[str, str | None]
) -> None:
    assert refusal(lambda: issue(textile, *amounts, **more)) == told


def test_an_invoice_named_twice_is_one_part_of_it(textile: Any) -> None:
    issue(textile, "6000000.00", "1000000.00", "2500000.00")
    with acting_as(SYSTEM):
        note = Note.objects.get()
    assert note.amount_minor == 950000000
    assert [minor for _, minor in note.backings] == [950000000]
    assert refusal(lambda: issue(textile, "300000.00", "200000.01"))[0] == "note.exceeds_invoice"


def test_a_note_is_issued_in_a_cluster_of_its_issuer(textile: Any) -> None:
    cluster = textile.world.clusters["textile"]
    issue(textile, "1.00", cluster=cluster)
    textile.do("operator", parties.create_cluster, name="别处")
    with acting_as(SYSTEM):
        other = Cluster.objects.exclude(pk=cluster).get().pk
    assert refusal(lambda: issue(textile, "1.00", cluster=other)) == ("note.not_in_cluster", "cluster")


def test_only_a_licensed_institution_is_asked_for_money(textile: Any) -> None:
    textile.issue()
    rate, mill = Decimal("0.035"), textile.party("mill")
    loan = {"lot": textile.lot, "lender": mill, "principal": Money.parse("1.00"), "rate": rate}
    assert refusal(lambda: textile.do("merchant", notes.ask_loan, **loan)) == ("offer.not_a_funder", "lender")
    sale = {"lot": textile.lot, "funder": mill, "rate": rate}
    assert refusal(lambda: textile.do("merchant", notes.ask_discount, **sale)) == ("offer.not_a_funder", "funder")
    unknown = {**loan, "lender": uuid.UUID(int=7)}
    assert refusal(lambda: textile.do("merchant", notes.ask_loan, **unknown))[0] == "party.unknown"


def test_a_registration_number_is_no_longer_than_one(textile: Any) -> None:
    textile.issue()
    asked = textile.do(
        "merchant", notes.ask_loan, lot=textile.lot, lender=textile.party("bank_a"), principal=Money.parse("1.00"),
        rate=Decimal("0.035"),
    )  # fmt: skip
    finance = {"registration": "R" * 61, "registered_on": dt.date(2026, 1, 8), "background_checked": True}
    lend = lambda: textile.do("bank_a", notes.lend, offer=uuid.UUID(asked["offer"]), **finance)  # noqa: E731
    assert refusal(lend) == ("text.length", "registration")
