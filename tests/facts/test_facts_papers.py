"""Evidence about either side of a trade, and the three-way match as evidence of its own."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection

from jirong.facts import actions, features
from jirong.facts.features.online import Reader
from jirong.facts.models import Fact
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)
TRADE = ("order", "delivery", "acceptance", "invoice")
ASKED = (*TRADE, "match.three_way")


def trade(world: Any, number: str = "1", invoiced: str = "10") -> None:
    sides = {"seller": world.code("firm"), "buyer": world.code("other")}
    of = {**sides, "order_no": f"O{number}"}
    world.push("firm", "order", {**of, "date": "2026-05-01", "quantity": "10", "amount": "1130.00"})
    world.push("firm", "delivery", {**of, "delivery_no": f"D{number}", "date": "2026-05-10", "quantity": "10"})
    world.push("other", "acceptance", {
        **of, "acceptance_no": f"A{number}", "delivery_no": f"D{number}", "date": "2026-05-12", "quantity": "10",
    })  # fmt: skip
    world.push("firm", "invoice", {
        **of, "invoice_no": f"I{number}", "date": "2026-05-20", "quantity": invoiced, "net": "1000.00", "tax": "130.00",
        "gross": "1130.00",
    })  # fmt: skip


def on_file(world: Any, who: str, **more: Any) -> dict[str, datetime.date]:
    return features.evidence(world.party(who), ASKED, as_of=TODAY, **more)


def test_papers_and_their_match_speak_for_both_sides(facts_world: Any) -> None:
    trade(facts_world)
    days = [datetime.date(2026, 5, day) for day in (1, 10, 12, 20, 20)]
    assert on_file(facts_world, "firm") == on_file(facts_world, "other") == dict(zip(ASKED, days, strict=True))
    assert on_file(facts_world, "tax") == {}


def test_papers_that_disagree_are_on_file_and_match_nothing(facts_world: Any) -> None:
    trade(facts_world, invoiced="12")
    assert "match.three_way" not in on_file(facts_world, "firm")
    assert on_file(facts_world, "firm")["invoice"] == datetime.date(2026, 5, 20)
    with acting_as(SYSTEM):
        invoice = Fact.objects.get(kind="invoice")
    facts_world.do("firm", actions.correct, fact=invoice.pk, values={"quantity": "10"})
    assert on_file(facts_world, "firm")["match.three_way"] == datetime.date(2026, 5, 20)


def test_the_match_is_read_with_consent_for_all_four_papers(facts_world: Any) -> None:
    trade(facts_world)
    reader = Reader(facts_world.party("bank"), "note_verification", TODAY)
    facts_world.consent(["order", "delivery", "acceptance"], "note_verification")
    assert sorted(on_file(facts_world, "firm", reader=reader)) == ["acceptance", "delivery", "order"]
    given = facts_world.consent(["invoice"], "note_verification")
    assert "match.three_way" in on_file(facts_world, "firm", reader=reader)
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert sorted(on_file(facts_world, "firm", reader=reader)) == ["acceptance", "delivery", "order"]


def test_a_paper_counts_on_the_day_and_for_the_buyer_it_names_now(facts_world: Any) -> None:
    trade(facts_world)
    moment, before = clock(), on_file(facts_world, "other")
    with acting_as(SYSTEM):
        invoice, order = (Fact.objects.get(kind=kind).pk for kind in ("invoice", "order"))
    facts_world.do("firm", actions.correct, fact=invoice, values={"date": "2026-05-18"})
    facts_world.do("firm", actions.correct, fact=order, values={"buyer": facts_world.code("tax")})
    day = datetime.date(2026, 5, 18)
    assert on_file(facts_world, "firm")["invoice"] == on_file(facts_world, "other")["invoice"] == day
    assert ("order" in on_file(facts_world, "other"), "order" in on_file(facts_world, "tax")) == (False, True)
    for who in ("firm", "other"):
        assert "match.three_way" not in on_file(facts_world, who)
        assert on_file(facts_world, who, known_at=moment) == before  # as the house answered then


def clock() -> datetime.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
    assert isinstance(moment, datetime.datetime)
    return moment
