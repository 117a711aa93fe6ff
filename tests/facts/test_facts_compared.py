"""The four flows of a firm: one feature, one page, one answer over HTTP; and circles of invoices it stands in."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from jirong.facts import compared, features, flows
from jirong.facts.features.online import Reader
from jirong.parties.models import User
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)
KINDS = ["invoice", "logistics.deliveries", "bank.flows", "shop.orders", "settlement.records"]


def log_in(world: Any, who: str) -> Client:
    client = Client()
    user = User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def invoice(world: Any, seller: str, buyer: str, gross: str, number: str = "I1") -> None:
    done = world.push(seller, "invoice", {
        "seller": world.code(seller), "buyer": world.code(buyer), "order_no": "O1", "invoice_no": f"{seller}-{number}",
        "date": "2026-05-20", "quantity": "1", "net": gross, "tax": "0.00", "gross": gross,
    })  # fmt: skip
    assert done["refused"] == []


def put(world: Any, **sums: str) -> None:
    """A firm's flows as they are given; others have no records."""
    firm = {"record_no": "1", "firm": world.code("firm"), "date": "2026-06-01"}
    if "papers" in sums:
        invoice(world, "firm", "other", sums["papers"])
    rows = {
        "goods": ("shop", "logistics.deliveries", {"stage": "delivered", "count": "1", "value": sums.get("goods", "")}),
        "money": ("bank", "bank.flows", {"direction": "inflow", "count": "1", "amount": sums.get("money", "")}),
        "information": ("shop", "shop.orders", {"orders": "1", "received": sums.get("information", "")}),
    }
    for flow, (who, kind, row) in rows.items():
        if flow in sums:
            world.grant(who, [kind])
            assert world.push(who, kind, {**firm, **row})["refused"] == []


def agree(world: Any) -> FeatureValue:
    with acting_as(SYSTEM):
        found = features.online(world.party("firm"), ["flows_agree"], as_of=TODAY)["flows_agree"]
    assert isinstance(found, FeatureValue)
    return found


def page(world: Any, who: str = "firm", **more: Any) -> compared.Compared:
    with acting_as(world.actor(who)):
        return compared.compared(world.party("firm"), as_of=TODAY, **more)


ALL = {"goods": "100.00", "papers": "110.00", "money": "95.00", "information": "105.00"}


@pytest.mark.parametrize(
    ("sums", "answer"),
    [
        (ALL, True),
        ({**ALL, "money": "87.99"}, False),
        ({**ALL, "money": "88.00"}, True),
        ({**ALL, "information": "137.50"}, True),
        ({**ALL, "information": "137.51"}, False),
        ({"goods": "100.00", "papers": "110.00", "money": "95.00"}, None),
        ({"goods": "20.00", "papers": "110.00", "money": "95.00"}, False),
        ({"papers": "110.00"}, None),
        ({"goods": "100.00", "money": "95.00", "information": "105.00"}, None),
    ],
)
def test_one_answer_in_every_engine_and_on_the_page(
    facts_world: Any, sums: dict[str, str], answer: bool | None
) -> None:
    put(facts_world, **sums)
    assert agree(facts_world).value is answer
    assert agree(facts_world).known is (Known.MISSING if answer is None else Known.PRESENT)
    found = page(facts_world)
    assert found.agree == agree(facts_world)
    assert {flow for flow, value in found.values.items() if value.known is Known.PRESENT} == set(sums)
    failing = {finding.code for finding in found.findings if not finding.holds}
    assert {code for code in failing if code.startswith("flows.no_")} == {f"flows.no_{f}" for f in set(ALL) - set(sums)}
    if len(sums) == len(ALL):
        assert (not failing) is answer
    duckdb = pytest.importorskip("duckdb", reason="duckdb is in the extra `columns`, which is not installed")
    from jirong.facts.features import batch

    duck = duckdb.connect()
    with acting_as(SYSTEM), transaction.atomic():
        batch.copy_tally(duck)
    duck.execute("SET TimeZone = 'UTC'")
    names = ["flows_agree", *compared.FLOWS.values()]
    with acting_as(SYSTEM):
        online = features.online(facts_world.party("firm"), names, as_of=TODAY)
    assert dict(batch.batch(duck, names, as_of=TODAY).values())[facts_world.party("firm")] == online


def test_a_flow_that_is_withheld_is_compared_with_nothing(facts_world: Any) -> None:
    put(facts_world, **ALL)
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)
    facts_world.consent(["invoice", "bank.flows"])
    found = page(facts_world, "bank", reader=reader)
    assert {flow for flow, value in found.values.items() if value.known is Known.WITHHELD} == {"goods", "information"}
    assert [finding.code for finding in found.findings] == ["flows.money_papers"]
    assert found.agree.known is Known.WITHHELD
    assert found.rings == ()


def ring(world: Any) -> None:
    for seller, buyer in (("firm", "other"), ("other", "shop"), ("shop", "firm")):
        invoice(world, seller, buyer, "1000.00", "R1")


def test_a_circle_of_invoices_is_told_without_names(facts_world: Any) -> None:
    ring(facts_world)
    assert page(facts_world).rings == (compared.Ring(3, 100000),)
    api = log_in(facts_world, "firm").get(f"/api/firms/{facts_world.party('firm')}/flows").json()
    assert api["rings"] == [{"firms": 3, "amount": "1000.00"}]
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)
    assert page(facts_world, "bank", reader=reader).rings is None


def test_the_flows_are_on_the_firms_own_page_and_for_a_lender_under_consent(facts_world: Any) -> None:
    put(facts_world, **ALL)
    ring(facts_world)
    address, zh = f"/documents/firms/{facts_world.party('firm')}/", {"Accept-Language": "zh-CN"}
    firm, bank = log_in(facts_world, "firm"), log_in(facts_world, "bank")
    for path in ("/documents/", address):
        html = firm.get(path, headers=zh).content.decode()
        assert "四流相符" in html or "四流不符" in html
        assert "3家企业首尾相接地开票" in html
    html = bank.get(f"{address}?purpose=credit_assessment", headers=zh).content.decode()
    assert "未授权" in html
    assert "首尾相接地开票" not in html
    assert "firm-I1" not in html
    facts_world.consent(KINDS)
    html = bank.get(f"{address}?purpose=credit_assessment", headers=zh).content.decode()
    assert "已授权5类资料" in html
    assert "3家企业首尾相接地开票" in html
    assert "firm-I1" in html
    assert "白沙农商行" in html
    assert "firm-I1" not in bank.get(f"{address}?purpose=monitoring", headers=zh).content.decode()
    answer = bank.get(f"/api/firms/{facts_world.party('firm')}/flows?purpose=credit_assessment").json()
    assert [flow["known"] for flow in answer["flows"]] == ["present"] * 4
    withheld = bank.get(f"/api/firms/{facts_world.party('firm')}/flows?purpose=monitoring").json()
    assert (withheld["known"], withheld["agree"], withheld["rings"]) == ("withheld", None, None)


@given(st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), st.integers(1, 9), max_size=20))
def test_the_circles_of_a_party_are_those_circles_it_is_in(invoiced: dict[tuple[str, str], int]) -> None:
    for party in "abcdef":
        alike = dict.fromkeys(
            invoiced, 5
        )  # whether amounts are alike is asked of the first, which differs by where one begins
        every = {turned(circle, party) for circle in flows.rings(alike) if party in circle}
        assert set(flows.rings_of(party, alike)) == every


def turned(circle: tuple[str, ...], first: str) -> tuple[str, ...]:
    place = circle.index(first)
    return (*circle[place:], *circle[:place])
