"""Order, delivery, acceptance and invoice say the same, or the match says which does not and by how much."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.facts.match import Document, Match, three_way

DAY = dt.date(2026, 1, 8)


def trade(
    ordered: str = "100", delivered: str = "100", accepted: str = "100", invoiced: str = "100",
    *, price: int = 2000, accepted_on: dt.date = DAY,
) -> list[Document]:  # fmt: skip
    return [
        Document("order", "O1", DAY - dt.timedelta(30), Decimal(ordered), int(Decimal(ordered) * 2000)),
        Document("delivery", "D1", DAY - dt.timedelta(2), Decimal(delivered)),
        Document("acceptance", "A1", accepted_on, Decimal(accepted)),
        Document("invoice", "I1", DAY, Decimal(invoiced), int(Decimal(invoiced) * price)),
    ]


def broken(match: Match) -> list[str]:
    return [finding.code for finding in match.findings if not finding.holds]


def test_a_trade_whose_papers_agree_matches() -> None:
    match = three_way(trade())
    assert match.holds
    assert match.accepted_on == DAY
    assert [finding.code for finding in match.findings] == [
        "match.has_order", "match.has_delivery", "match.has_acceptance", "match.has_invoice",
        "match.delivered", "match.accepted", "match.invoiced", "match.price", "match.dates",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("documents", "codes"),
    [
        (trade(delivered="103"), ["match.delivered"]),
        (trade(accepted="103"), ["match.accepted"]),
        (trade(invoiced="103"), ["match.invoiced"]),
        (trade(price=2011), ["match.price"]),
        (trade(accepted_on=DAY - dt.timedelta(40)), ["match.dates"]),
        (trade(delivered="102"), []),
        (trade(price=2010), []),
        (trade()[:1], ["match.has_delivery", "match.has_acceptance", "match.has_invoice"]),
        (trade()[1:], ["match.has_order"]),
        ([], ["match.has_order", "match.has_delivery", "match.has_acceptance", "match.has_invoice"]),
    ],
)
def test_what_disagrees_is_named(documents: list[Document], codes: list[str]) -> None:
    assert broken(three_way(documents)) == codes


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_more_accepted_than_delivered_never_matches(delivered: int, more: int) -> None:
    accepted = delivered + delivered // 50 + 1 + more
    match = three_way(trade(str(accepted), str(delivered), str(accepted), str(accepted)))
    assert not match.holds


def test_partial_deliveries_are_added_up() -> None:
    order, _, _, invoice = trade()
    halves = [
        Document("delivery", "D1", DAY, Decimal(60)),
        Document("delivery", "D2", DAY, Decimal(40)),
        Document("acceptance", "A1", DAY, Decimal(60)),
        Document("acceptance", "A2", DAY + dt.timedelta(3), Decimal(40)),
    ]
    match = three_way([order, *halves, invoice])
    assert match.holds
    assert match.accepted_on == DAY + dt.timedelta(3)


def test_a_red_letter_invoice_takes_its_quantity_back() -> None:
    order, delivery, acceptance, invoice = trade()
    red = Document("invoice", "I2", DAY, Decimal(-50), -100000)
    again = Document("invoice", "I3", DAY, Decimal(50), 100000)
    assert three_way([order, delivery, acceptance, invoice, red, again]).holds


def test_what_is_in_question_matches_nothing_and_what_the_seller_alone_accepted_does_not_count() -> None:
    papers = trade()
    for place, doubt in ((3, "disputed"), (0, "contradictory")):
        asked = [replace(paper, doubt=doubt) if n == place else paper for n, paper in enumerate(papers)]
        assert broken(three_way(asked)) == [f"match.{doubt}"]
    alone = replace(papers[2], doubt="unconfirmed")
    assert broken(three_way([*papers[:2], alone, papers[3]])) == ["match.has_acceptance", "match.unconfirmed"]
    late = replace(alone, key="A2", on=DAY + dt.timedelta(9))
    assert three_way([*papers, late]) == three_way(papers)
