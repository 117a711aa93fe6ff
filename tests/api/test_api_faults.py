"""Many at once, and banks that answer twice or never: every promise made to a client holds, and the books agree."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction

from jirong.claims.models import ClaimRow
from jirong.ledger import check as ledger_check
from jirong.log import check as log_check
from jirong.log import sequencer
from jirong.rails import actions as rails
from jirong.rails.models import Instruction
from jirong.store.identity import SYSTEM, Actor, acting_as


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Call all from a thread each, let go together; their answers in order."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            answers[number] = call()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def assert_books_agree() -> None:
    """The ledger adds up, every lot is conserved, and the log derives again from its rows."""
    with acting_as(SYSTEM), transaction.atomic():
        assert ledger_check.check() == []
        for root in ClaimRow.objects.filter(kind="lot", parent=None):
            tree = ClaimRow.objects.filter(root=root.pk, kind="lot")
            assert sum(lot.amount_minor - lot.moved_minor for lot in tree) == root.amount_minor
    sequencer.sequence_all()
    assert log_check.check() == []


def test_one_request_sent_twenty_times_at_once_happens_once(committed: Any) -> None:
    lot = committed.held_lot()
    key = uuid.uuid4()
    body = {"lot": lot, "lender": committed.party("bank_a"), "principal": "1000.00", "rate": "0.035",
            "amount": "2000.00"}  # fmt: skip
    ask = lambda: committed.send("merchant.maker", "post", "/api/actions/lot.ask_loan", body, key)  # noqa: E731
    answers = at_once(*[ask] * 20)
    assert {answer.status for answer in answers} == {200}
    assert all(answer.body["outcome"] == answers[0].body["outcome"] for answer in answers)
    assert committed.get("merchant.maker", f"/api/lots/{lot}")["free"] == "9998000.00"
    assert_books_agree()


def test_two_banks_cannot_finance_one_lot(committed: Any) -> None:
    lot = committed.held_lot()
    body = {"lot": lot, "principal": "8000000.00", "rate": "0.035"}
    banks = ("bank_a", "bank_b")
    asked = at_once(*[
        lambda bank=bank: committed.send(
            "merchant.maker", "post", "/api/actions/lot.ask_loan", body | {"lender": committed.party(bank)}
        )
        for bank in banks
    ])  # fmt: skip
    assert Counter(answer.status for answer in asked) == {200: 1, 409: 1}
    winner = next(bank for bank, answer in zip(banks, asked, strict=True) if answer.status == 200)
    offer = next(answer.body["outcome"]["offer"] for answer in asked if answer.status == 200)
    lent = at_once(*[lambda: committed.lend(winner, offer)] * 4)
    assert Counter(answer.status for answer in lent)[200] == 1
    with acting_as(SYSTEM), transaction.atomic():
        assert Instruction.objects.filter(purpose="loan.disburse").count() == 1
    assert_books_agree()


def test_a_lot_is_not_passed_on_and_pledged_at_once(committed: Any) -> None:
    lot = committed.held_lot()
    committed.file("mill", "merchant", "textile/tiers/yarn")
    invoice = committed.invoice("mill", "HY-2512-018", "merchant")
    transfer = {"lot": lot, "to": committed.party("mill"), "backings": [{"invoice": invoice, "amount": "3000000.00"}]}
    pledge = {"lot": lot, "lender": committed.party("bank_a"), "principal": "8000000.00", "rate": "0.035"}
    passed, pledged = at_once(
        lambda: committed.send("merchant.maker", "post", "/api/actions/lot.transfer", transfer),
        lambda: committed.send("merchant.maker", "post", "/api/actions/lot.ask_loan", pledge),
    )
    assert sorted([passed.status, pledged.status]) == [200, 409]
    free = committed.get("merchant.maker", f"/api/lots/{lot}")["free"]
    assert free == ("7000000.00" if passed.status == 200 else "0.00")
    assert_books_agree()


def test_a_payment_confirmed_twice_counts_once_and_never_confirmed_stays_unknown(committed: Any) -> None:
    lot = committed.held_lot()
    committed.lend("bank_a", committed.ask(lot, "bank_a", amount="9000000.00"))
    with acting_as(SYSTEM), transaction.atomic():
        instruction = Instruction.objects.select_related("account").get()
    bank = Actor("party", instruction.account.bank_id)

    def confirm(reference: str = "CB1", *, paid: bool = True) -> Any:
        try:
            return rails.confirm_payment(
                actor=bank, id=uuid.uuid4(), instruction=instruction.pk, paid=paid, bank_reference=reference,
                value_date=instruction.business_date,
            )["state"]  # fmt: skip
        except Exception as error:  # noqa: BLE001 (the answer is what is looked at)
            return getattr(error, "code", repr(error))

    assert committed.get("merchant.maker", "/api/payments")["items"][0]["state"] == "instructed"
    assert set(at_once(*[confirm] * 6)) == {"paid"}
    assert confirm("CB2") == "payment.contradicts"
    assert confirm(paid=False) == "payment.contradicts"
    loans = committed.get("bank_a.maker", "/api/lot-loans")["items"]
    assert [loan["status"] for loan in loans] == ["live"]
    assert_books_agree()


def test_connections_killed_in_the_middle_lose_nothing_that_was_promised(committed: Any) -> None:
    lot = committed.held_lot()
    body = {"lot": lot, "lender": committed.party("bank_a"), "principal": "1.00", "rate": "0.035", "amount": "100.00"}
    keys = [uuid.uuid4() for _ in range(24)]
    stop = threading.Event()

    def kill() -> None:
        with connection.cursor() as cursor:
            while not stop.wait(0.02):
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1"
                )
        connections.close_all()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        asks = [lambda key=key: ask(committed, body, key) for key in keys]
        first = [answer for number in range(0, len(asks), 8) for answer in at_once(*asks[number : number + 8])]
    finally:
        stop.set()
        killer.join()
    promised = [answer for answer in first if answer is not None and answer.status == 200]
    # Whoever got no answer asks again with the same id; whoever was promised gets the same promise.
    second = [ask(committed, body, key) for key in keys]
    assert [answer.status for answer in second] == [200] * len(keys)
    again = {answer.body["id"]: answer.body["outcome"] for answer in second}
    assert all(again[answer.body["id"]] == answer.body["outcome"] for answer in promised)
    assert committed.get("merchant.maker", f"/api/lots/{lot}")["free"] == "9997600.00"
    assert_books_agree()


def ask(api: Any, body: dict[str, Any], key: uuid.UUID) -> Any:
    """One request; ``None`` where the connection broke under it."""
    try:
        return api.send("merchant.maker", "post", "/api/actions/lot.ask_loan", body, key)
    except Exception:  # noqa: BLE001 (a killed connection shows in many ways; the client only knows it got no answer)
        return None
