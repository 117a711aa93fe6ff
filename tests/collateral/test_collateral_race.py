"""Many at once: one thing's value is promised once, and one thing is recorded once, whatever the order of arrival."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from jirong.collateral import runtime
from jirong.collateral.actions import assets, pledges
from jirong.collateral.models import Agreement, Asset
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.ledger import intents as ledger
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

BANKS = ("bank", "other")


def at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Run the calls at the same moment, each on a connection of its own; ``ok`` or the refusal's code."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        gate.wait()
        try:
            call()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_two_banks_at_once_never_get_more_than_the_value(committed: Any) -> None:
    patents = committed.patents("30000000.00")
    debts = {bank: committed.contract(lender=bank) for bank in BANKS}
    makers, checkers = committed.actor("firm"), committed.actor("firm", "checker")

    def offer(bank: str) -> Callable[[], Any]:
        body = {"asset": patents, "holder": committed.party(bank), "secures": debts[bank], "id": new_id()}
        amounts = {"secured": Money.parse("8000000.00"), "share": Money.parse("20000000.00")}
        return lambda: committed.checked(makers, checkers, pledges.offer_pledge, **body, **amounts)

    answers = at_once([offer(bank) for bank in BANKS * 3])
    assert answers == ["asset.beyond_value"] * 5 + ["ok"]
    with acting_as(SYSTEM), transaction.atomic():
        given = Agreement.objects.get(asset=patents)
        row = Asset.objects.get(pk=patents)
        key = f"capacity:{runtime.capacity_name(patents)}:free"
        assert (row.promised_minor, ledger.free_minor([key])[key]) == (given.share_minor, 1_000_000_000)
    taken = "bank" if given.holder_id == committed.party("bank") else "other"
    maker, checker = committed.actor(taken), committed.actor(taken, "checker")
    accept = [
        lambda: committed.checked(maker, checker, pledges.accept_pledge, pledge=given.pk, id=new_id()) for _ in range(3)
    ]
    assert at_once(accept) == ["ok", "pledge.is_signed", "pledge.is_signed"]


@pytest.mark.django_db(transaction=True)
def test_one_patent_recorded_by_two_firms_at_once_is_recorded_once(committed: Any) -> None:
    actors = [committed.actor(who) for who in ("firm", "rival")]

    def record(actor: Any) -> Callable[[], Any]:
        body: dict[str, Any] = {"kind": "patents", "title": "专利", "number": "ZL7", "id": new_id()}
        return lambda: committed.as_actor(actor, assets.record_asset, **body)

    assert at_once([record(actor) for actor in actors * 2]) == ["asset.recorded_already"] * 3 + ["ok"]


@pytest.mark.django_db(transaction=True)
def test_the_same_offer_twice_is_one_offer(committed: Any) -> None:
    patents, contract = committed.patents(), committed.contract()
    maker, checker, id = committed.actor("firm"), committed.actor("firm", "checker"), new_id()
    body = {"asset": patents, "holder": committed.party("bank"), "secures": contract, "secured": Money.parse("1.00")}
    again = [lambda: committed.checked(maker, checker, pledges.offer_pledge, id=id, **body) for _ in range(3)]
    assert at_once(again) == ["ok"] * 3
    with acting_as(SYSTEM), transaction.atomic():
        assert [row.pk for row in Agreement.objects.filter(asset=patents)] == [uuid.UUID(str(id))]
