"""The four flows compared, and circles of invoices found."""

from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from jirong.facts import generate
from jirong.facts.flows import Flows, compare, rings

LAST = datetime.date(2026, 6, 30)


def codes(flows: Flows) -> dict[str, bool]:
    return {finding.code: finding.holds for finding in compare(flows)}


def test_flows_that_agree_hold() -> None:
    assert codes(Flows(100, 110, 95, 105)) == {
        "flows.papers_goods": True, "flows.money_papers": True, "flows.information_papers": True,
        "flows.money_goods": True,
    }  # fmt: skip


def test_papers_without_goods_and_money_do_not() -> None:
    assert codes(Flows(goods=20, papers=100, money=15)) == {
        "flows.no_information": False, "flows.papers_goods": False, "flows.money_papers": False,
        "flows.money_goods": False,
    }  # fmt: skip


def test_nothing_against_nothing_agrees_and_something_against_nothing_does_not() -> None:
    assert codes(Flows(0, 0)) == {"flows.no_money": False, "flows.no_information": False, "flows.papers_goods": True}
    assert codes(Flows(0, 5))["flows.papers_goods"] is False


@given(st.lists(st.none() | st.integers(0, 10**12), min_size=4, max_size=4))
def test_every_flow_is_either_missing_or_compared(sums: list[int | None]) -> None:
    found = codes(Flows(*sums))
    missing = sum(value is None for value in sums)
    assert sum(code.startswith("flows.no_") for code in found) == missing
    if missing:
        assert not all(found.values())


def test_the_rings_of_a_generated_cluster_are_found_and_nothing_else_is() -> None:
    cluster = generate.draw(400, 2, 11, LAST)
    invoice = next(table for table in generate.facts(cluster) if table.kind.code == "invoice")
    amounts = invoice.amount()
    assert invoice.buyer is not None
    assert amounts is not None
    invoiced: dict[tuple[str, str], int] = {}
    for seller, buyer, amount in zip(invoice.firm, invoice.buyer, amounts, strict=True):
        place = (f"{seller:05d}", f"{buyer:05d}")
        invoiced[place] = invoiced.get(place, 0) + int(amount)
    found = {frozenset(map(int, ring)) for ring in rings(invoiced)}
    assert found == {frozenset(ring) for ring in cluster.rings}
