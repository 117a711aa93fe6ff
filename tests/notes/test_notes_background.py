"""The papers a lot stands on: never less than what was issued on them, and nothing moves once they are gone."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jirong.claims.models import ClaimRow
from jirong.facts import actions as facts
from jirong.facts.models import Fact
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.notes import actions as notes
from jirong.notes import api as notes_api
from jirong.notes import backing, freezing
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as

GROSS = "10000000.00"


def refusal(act: Any) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def invoice(world: Any) -> Fact:
    """The merchant's invoice as last corrected."""
    with acting_as(SYSTEM):
        return Fact.objects.get(kind="invoice", subject=world.party("merchant"), amount_minor__gt=0, corrections=None)


def correct(world: Any, gross: str, **more: str) -> Fact:
    """The merchant corrects its invoice to ``gross``."""
    whole = Money.parse(gross)
    net = Money(whole.minor * 100 // 113)
    values = {"gross": gross, "net": str(net), "tax": str(whole - net), **more}
    world.do("merchant", facts.correct, fact=invoice(world).pk, values=values)
    return invoice(world)


def part(world: Any, amount: str) -> list[notes.InvoicePart]:
    return [notes.InvoicePart(invoice(world).pk, Money.parse(amount))]


def issue(world: Any, amount: str) -> Any:
    import datetime

    return world.do(
        "core", notes.issue_note, payee=world.party("merchant"), backings=part(world, amount),
        due=datetime.date(2026, 7, 7),
    )  # fmt: skip


def ask(world: Any) -> dict[str, Any]:
    done: dict[str, Any] = world.do(
        "merchant", notes.ask_loan, lot=world.lot, lender=world.party("bank_a"), principal=Money.parse("1000.00"),
        rate=Decimal("0.035"), amount=Money.parse("2000.00"),
    )  # fmt: skip
    return done


def red_letter(world: Any, who: str = "merchant", order: str = "") -> uuid.UUID:
    """``who`` states a red letter of the whole invoice, under another order number if one is given."""
    blue = invoice(world)
    row = {
        **blue.values, "invoice_no": "R-1", "order_no": order or blue.order_no, "colour": "red", "red_of": blue.key,
        **{name: f"-{blue.values[name]}" for name in ("net", "tax", "gross")},
    }  # fmt: skip
    done = world.do(who, facts.push, kind="invoice", rows=[row])
    assert not done["refused"], done
    with acting_as(SYSTEM):
        return Fact.objects.get(key="R-1").pk


def frozen_by(world: Any) -> str:
    with acting_as(SYSTEM):
        return ClaimRow.objects.get(pk=world.lot).frozen_by


def left(world: Any) -> int:
    return sum(backing.free_minor([invoice(world)]).values())


def test_a_corrected_invoice_carries_no_more_than_it_says_now(textile: Any) -> None:
    textile.issue("6000000.00")
    correct(textile, "7000000.00", quantity="350000")
    assert left(textile) == 100000000
    assert refusal(lambda: issue(textile, "1000000.01")) == "note.exceeds_invoice"


def test_the_ledger_follows_the_correction_so_that_two_at_once_cannot_exceed_it(
    textile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a step believes is free, the account has no more than the corrected invoice leaves."""
    textile.issue("6000000.00")
    correct(textile, "7000000.00", quantity="350000")
    believed = backing.evidence_of

    def stale(invoices: Any, *, opening: bool = False) -> Any:
        from dataclasses import replace

        return tuple(replace(item, unpaid_minor=10**12, matched=True) for item in believed(invoices, opening=opening))

    monkeypatch.setattr(backing, "evidence_of", stale)
    with pytest.raises(Refusal) as refused:
        issue(textile, "1000000.01")
    assert refused.value.code.startswith("ledger.")


def test_a_correction_upwards_gives_more(textile: Any) -> None:
    textile.issue("6000000.00")
    correct(textile, "11000000.00", quantity="500000")
    assert left(textile) == 500000000


def test_what_was_corrected_is_not_issued_on(textile: Any) -> None:
    old = invoice(textile).pk
    correct(textile, "9000000.00")
    parts = [notes.InvoicePart(old, Money.parse("1.00"))]
    import datetime

    body = {"payee": textile.party("merchant"), "backings": parts, "due": datetime.date(2026, 7, 7)}
    assert refusal(lambda: textile.do("core", notes.issue_note, **body)) == "note.invoice_corrected"


def test_a_note_above_its_corrected_invoice_is_frozen_until_the_papers_are_right(textile: Any) -> None:
    textile.issue("6000000.00")
    correct(textile, "5000000.00", quantity="250000")
    assert left(textile) == 0
    assert refusal(lambda: ask(textile)) == "note.background_gone", "it does not move, frozen or not"
    done = textile.do("core", freezing.freeze_exceeding, invoice=invoice(textile).pk)
    assert (done["frozen"], frozen_by(textile)) == (1, invoice(textile).key)
    with acting_as(SYSTEM):
        told = notes_api._lot(ClaimRow.objects.get(pk=textile.lot))
    assert (told["free"], told["frozen_by"]) == ("0.00", invoice(textile).key)
    assert refusal(lambda: ask(textile)) == "note.lot_frozen"
    assert refusal(lambda: textile.do("merchant", freezing.unfreeze, lot=textile.lot)) == "note.background_gone"
    correct(textile, "6000000.00", quantity="300000")
    textile.do("merchant", freezing.unfreeze, lot=textile.lot)
    assert frozen_by(textile) == ""
    ask(textile)


def test_lots_within_their_invoice_are_not_frozen(textile: Any) -> None:
    textile.issue("6000000.00")
    freeze = lambda: textile.do("core", freezing.freeze_exceeding, invoice=invoice(textile).pk)  # noqa: E731
    assert refusal(freeze) == "note.within_invoice"


def test_an_offered_note_is_not_accepted_on_papers_that_are_gone(textile: Any) -> None:
    textile.issue("6000000.00", accept=False)
    red_letter(textile)
    accept = lambda: textile.do("merchant", notes.accept_note, note=textile.note, consents_to_term=True)  # noqa: E731
    assert refusal(accept) == "note.background_gone"
    textile.do("merchant", notes.decline_note, note=textile.note)


@pytest.mark.parametrize("order", ["", "ANOTHER-ORDER"])
def test_a_reversed_invoice_carries_no_note_whatever_order_the_red_letter_names(textile: Any, order: str) -> None:
    red_letter(textile, order=order)
    assert refusal(lambda: issue(textile, "1.00")) == "note.exceeds_invoice"


@pytest.mark.parametrize("order", ["", "ANOTHER-ORDER"])
def test_a_lot_stops_moving_the_moment_its_invoice_is_reversed(textile: Any, order: str) -> None:
    """Nobody froze anything: asking and lending look at the papers themselves."""
    textile.issue("6000000.00")
    asked = ask(textile)
    red_letter(textile, order=order)
    assert refusal(lambda: ask(textile)) == "note.background_gone"
    import datetime

    finance = {"registration": "1", "registered_on": datetime.date(2026, 1, 8), "background_checked": True}
    lend = lambda: textile.do("bank_a", notes.lend, offer=uuid.UUID(asked["offer"]), **finance)  # noqa: E731
    assert refusal(lend) == "note.background_gone"


def test_only_the_seller_states_a_red_letter(textile: Any) -> None:
    textile.issue("6000000.00")
    blue = invoice(textile)
    row = {
        **blue.values, "invoice_no": "R-1", "colour": "red", "red_of": blue.key,
        **{name: f"-{blue.values[name]}" for name in ("net", "tax", "gross")},
    }  # fmt: skip
    done = textile.do("core", facts.push, kind="invoice", rows=[row])
    assert [bad["code"] for bad in done["refused"]] == ["fact.red_by_seller"]
    ask(textile)


def test_a_buyer_s_red_letter_of_old_takes_no_ground_away(textile: Any) -> None:
    """One that was let in before: it freezes nothing and stops nothing."""
    textile.issue("6000000.00")
    red = red_letter(textile)
    with acting_as(SYSTEM):
        row = Fact.objects.get(pk=red)
        row.pk, row.source_id, row.digest = uuid.uuid4(), textile.party("core"), "0" * 64
        key, row.key = row.key, "R-2"
    world_without_the_seller_s = correct_red(textile, red)
    assert world_without_the_seller_s != key
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    assert refusal(lambda: textile.do("core", freezing.freeze_reversed, red=row.pk)) == "note.red_by_buyer"
    ask(textile)


def correct_red(world: Any, red: uuid.UUID) -> str:
    """The merchant takes its red letter back: it reversed another invoice."""
    world.do("merchant", facts.correct, fact=red, values={"red_of": "ANOTHER"})
    return "ANOTHER"


def test_a_freeze_is_lifted_when_the_red_letter_is_taken_back(textile: Any) -> None:
    textile.issue("6000000.00")
    red = red_letter(textile)
    textile.do("core", freezing.freeze_reversed, red=red)
    assert frozen_by(textile) == "R-1"
    assert refusal(lambda: textile.do("merchant", freezing.unfreeze, lot=textile.lot)) == "note.background_gone"
    correct_red(textile, red)
    textile.do("merchant", freezing.unfreeze, lot=textile.lot)
    assert refusal(lambda: textile.do("merchant", freezing.unfreeze, lot=textile.lot)) == "note.not_frozen"
    ask(textile)


def page(world: Any, who: str, name: str, *args: Any) -> str:
    client, login = Client(), User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_pages_say_that_the_ground_is_gone_and_where_to_freeze_and_lift(textile: Any) -> None:
    textile.issue("6000000.00")
    assert "贸易背景有变" not in page(textile, "merchant", "note", textile.note)
    blue = correct(textile, "5000000.00", quantity="250000")
    assert "更正后低于已开立的金额" in page(textile, "merchant", "lot", textile.lot)
    assert "贸易背景有变" in page(textile, "core", "note", textile.note)
    assert reverse("freeze_lots", args=[blue.pk]) in page(textile, "core", "trade", blue.subject_id, blue.order_no)
    assert "6,000,000.00" in page(textile, "core", "freeze_lots", blue.pk)
    textile.do("core", freezing.freeze_exceeding, invoice=blue.pk)
    lift = reverse("unfreeze_lot", args=[textile.lot])
    assert lift not in page(textile, "merchant", "lot", textile.lot)
    correct(textile, "6000000.00", quantity="300000")
    assert lift in page(textile, "merchant", "lot", textile.lot)
    assert "贸易背景仍然成立" in page(textile, "merchant", "unfreeze_lot", textile.lot)
