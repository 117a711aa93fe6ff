"""An answer that cannot be booked is set aside with its reason; the others are booked, and it is when it can be."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.engine.intents import Payment
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.parties import actions as parties
from jirong.rails import actions, batches, sandbox
from jirong.rails.models import Batch, Instruction, SandboxAccount, Unbooked
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

DAY = dt.date(2026, 3, 2)
PURPOSE = "note.pay"
GONE = Conflict("loan.is_repaid", Text("贷款已结清", "The loan is repaid"), remedy=Text("请退回", "Send it back"))


class Room:
    """The room the payments are of: it fails on those it is told to."""

    def __init__(self) -> None:
        self.fails: dict[uuid.UUID, Exception] = {}

    def __call__(self, instruction: Instruction, confirmation: object) -> None:
        fault = self.fails.get(instruction.pk)
        if fault is not None:
            # What it wrote before it failed is undone with it.
            Instruction.objects.filter(pk=instruction.pk).update(purpose="half")
            raise fault


@pytest.fixture
def room(world: Any, monkeypatch: pytest.MonkeyPatch) -> Room:
    found = Room()
    monkeypatch.setitem(actions._answered, PURPOSE, found)
    sandbox.set_account(actor=SYSTEM, id=new_id(), account=world.accounts["payer"], balance=Money(500_00))
    return found


def states(*ids: uuid.UUID) -> list[str]:
    with acting_as(SYSTEM), transaction.atomic():
        rows = Instruction.objects.in_bulk(ids)
    assert {row.purpose for row in rows.values()} == {PURPOSE}
    return [rows[id].state for id in ids]


def set_aside() -> dict[uuid.UUID, str]:
    with acting_as(SYSTEM), transaction.atomic():
        return dict(Unbooked.objects.filter(instruction__state="instructed").values_list("pk", "code"))


def balance(world: Any) -> int:
    with acting_as(SYSTEM), transaction.atomic():
        return SandboxAccount.objects.get(account=world.accounts["payer"]).balance_minor


@pytest.mark.parametrize(
    ("fault", "code"), [(GONE, "loan.is_repaid"), (AssertionError("a broken promise"), "internal")]
)
def test_one_answer_that_cannot_be_booked_keeps_no_other(
    world: Any, room: Room, fault: Exception, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, bad, last = (world.order() for _ in range(3))
    room.fails[bad] = fault
    assert sandbox.answer_all() == 2
    assert states(first, bad, last) == ["paid", "instructed", "paid"]
    assert (set_aside(), str(bad) in caplog.text) == ({bad: code}, True)
    # The bank has paid all three: it is not asked twice a day by itself, and never pays twice.
    assert (sandbox.answer_all(again=False), sandbox.answer_all(), balance(world)) == (0, 0, 200_00)
    room.fails.clear()
    assert sandbox.answer_all() == 1
    assert (states(bad), set_aside(), balance(world)) == (["paid"], {}, 200_00)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_operator_the_payer_and_its_bank_see_what_is_not_booked(world: Any, room: Room, language: str) -> None:
    bad = world.order()
    room.fails[bad] = GONE
    sandbox.answer_all()
    shown = {
        "zh-hans": ("银行已答复，未能入账", "贷款已结清"),
        "en": ("Answered, but not booked", "The loan is repaid"),
    }
    for who in ("operator", "payer", "bank"):
        page = world.client(who, language).get("/payments/").content.decode()
        assert [words in page for words in shown[language]] == [True, True], who
        listed = world.client(who).get("/api/payments").json()["items"]
        told = {"code": "loan.is_repaid", "reason": GONE.reason.as_dict(), "tried_on": str(DAY)}
        assert [item["unbooked"] for item in listed] == [told], who
    assert shown[language][1] in world.client("operator", language).get("/home/operator").content.decode()


def batch_of(world: Any, count: int) -> tuple[uuid.UUID, list[uuid.UUID]]:
    payer, payee = world.parties["payer"], world.parties["payee"]
    token = log_actions._running.set(log_actions.Running(new_id()))
    orders = [
        batches.Order(Payment(id=new_id(), payer=payer, payee=payee, amount_minor=100_00, because="holder"), new_id())
        for _ in range(count)
    ]
    assert batches.instruct(orders, id=new_id(), collector=payee, purpose=PURPOSE, on=DAY) == []
    log_actions._running.reset(token)
    with acting_as(SYSTEM), transaction.atomic():
        return Batch.objects.get().pk, [order.payment.id for order in orders]


def test_a_batch_books_the_others_and_tries_the_bad_one_again(world: Any, room: Room) -> None:
    _, (first, bad, last) = batch_of(world, 3)
    room.fails[bad] = AssertionError("a broken promise")
    assert (sandbox.answer_all(), states(first, bad, last)) == (2, ["paid", "instructed", "paid"])
    assert (set_aside(), sandbox.answer_all()) == ({bad: "internal"}, 0)
    parties.advance_business_date(actor=SYSTEM, id=new_id(), to=DAY + dt.timedelta(days=1))
    assert sandbox.answer_all(again=False) == 0
    room.fails.clear()
    assert (sandbox.answer_all(), states(bad), set_aside()) == (1, ["paid"], {})


def test_a_batch_says_why_an_item_was_not_booked(world: Any, room: Room) -> None:
    batch, (good, bad) = batch_of(world, 2)
    room.fails[bad] = ZeroDivisionError()
    answers = [batches.Answer(id, True, f"B{id}") for id in (bad, good)]
    bank = Actor("party", world.parties["bank"])
    done = batches.confirm_batch(actor=bank, id=new_id(), batch=batch, value_date=DAY, answers=answers)
    assert (done["paid"], done["refused"]) == (1, 1)
    assert done["items"][0]["refused"] == "internal"
    assert all(done["items"][0]["reason"][language] for language in ("zh", "en"))


@pytest.mark.parametrize("day", [DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=3), dt.date(1999, 1, 1)])
@pytest.mark.parametrize("paid", [True, False])
def test_a_bank_pays_between_the_day_it_was_told_to_and_today(world: Any, day: dt.date, paid: bool) -> None:
    id = world.order()
    parties.advance_business_date(actor=SYSTEM, id=new_id(), to=DAY + dt.timedelta(days=2))
    said: dict[str, Any] = {
        "actor": Actor("party", world.parties["bank"]), "instruction": id, "paid": paid, "bank_reference": "R1",
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        actions.confirm_payment(id=new_id(), value_date=day, **said)
    assert (refused.value.code, refused.value.where) == ("payment.value_date", "value_date")
    assert refused.value.details == {"from": "2026-03-02", "to": "2026-03-04"}
    actions.confirm_payment(id=new_id(), value_date=DAY, **said)
    # Said again, on whatever day, it is known already.
    assert actions.confirm_payment(id=new_id(), value_date=day, **said)["bank_reference"] == "R1"


def test_an_account_of_the_pretended_bank_is_set_by_the_bank_or_the_operator(world: Any) -> None:
    account = world.accounts["payer"]
    for minor, actor in enumerate(
        (Actor("party", world.parties["bank"]), Actor("operator", world.parties["operator"])), 1
    ):
        for again in (1, 2):
            sandbox.set_account(actor=actor, id=new_id(), account=account, balance=Money(minor * again))
            assert balance(world) == minor * again
    with pytest.raises(Forbidden):
        sandbox.set_account(
            actor=Actor("party", world.parties["payer"]), id=new_id(), account=account, balance=Money(9)
        )
    with pytest.raises(NotFound):
        sandbox.set_account(actor=SYSTEM, id=new_id(), account=new_id(), balance=Money(9))
    with pytest.raises(Invalid):
        sandbox.set_account(actor=SYSTEM, id=new_id(), account=account, balance=Money(-1))
