"""What is in question counts for nothing: no evidence, no match, no figure; and every engine says so alike."""

from __future__ import annotations

import datetime
import importlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from jirong.facts import actions, disputes, doubt, features, queries
from jirong.facts.models import Fact, Tally
from jirong.parties.models import User
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)
MATCH = "match.three_way"


def paper(world: Any, kind: str, who: str, **more: str) -> dict[str, Any]:
    """One of the four papers of order O1, as ``who`` states it."""
    of = {"seller": world.code("firm"), "buyer": world.code("other"), "order_no": "O1", "quantity": "10"}
    own = {
        "order": {"date": "2026-05-01", "amount": "1130.00"},
        "delivery": {"delivery_no": "D1", "date": "2026-05-10"},
        "acceptance": {"acceptance_no": "A1", "delivery_no": "D1", "date": "2026-05-12"},
        "invoice": {"invoice_no": "I1", "date": "2026-05-20", "net": "1000.00", "tax": "130.00", "gross": "1130.00"},
    }[kind]
    done: dict[str, Any] = world.push(who, kind, {**of, **own, **more})
    assert done["refused"] == []
    return done


def trade(world: Any, accepted_by: str = "other") -> None:
    for kind in ("order", "delivery", "invoice"):
        paper(world, kind, "firm")
    paper(world, "acceptance", accepted_by)


def failing(world: Any) -> list[str]:
    with acting_as(SYSTEM), transaction.atomic():
        (found,) = (t for t in queries.trades_of([(world.party("firm"), "O1")]) if t.buyer == world.party("other"))
    return [finding.code for finding in found.match.findings if not finding.holds]


def evidence(world: Any, *names: str, who: str = "firm", **more: Any) -> dict[str, datetime.date]:
    with acting_as(SYSTEM):
        return features.evidence(world.party(who), names, as_of=TODAY, **more)


def fact(kind: str, key: str, source: uuid.UUID) -> uuid.UUID:
    with acting_as(SYSTEM), transaction.atomic():
        return Fact.objects.get(kind=kind, key=key, source=source, corrections__isnull=True).pk


def value(world: Any, name: str, **more: Any) -> FeatureValue:
    with acting_as(SYSTEM):
        found = features.online(world.party("firm"), [name], as_of=TODAY, **more)[name]
    assert isinstance(found, FeatureValue)
    return found


def clock() -> datetime.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
    assert isinstance(moment, datetime.datetime)
    return moment


def test_a_disputed_invoice_matches_nothing_and_is_no_evidence_until_it_is_upheld(facts_world: Any) -> None:
    trade(facts_world)
    assert failing(facts_world) == []
    before, moment = evidence(facts_world, "invoice", MATCH), clock()
    assert set(before) == {"invoice", MATCH}
    raised = facts_world.do(
        "other", disputes.raise_dispute, fact=fact("invoice", "I1", facts_world.party("firm")), reason="没有这笔交易"
    )
    assert failing(facts_world) == ["match.disputed"]
    for who in ("firm", "other"):
        assert evidence(facts_world, "invoice", MATCH, who=who) == {}
        assert evidence(facts_world, "invoice", MATCH, who=who, known_at=moment) == before
    facts_world.do("firm", disputes.uphold, dispute=uuid.UUID(raised["dispute"]), reason="合同与签收单在卷")
    assert evidence(facts_world, "invoice", MATCH) == before


@pytest.mark.parametrize(
    "change", [{"gross": "113.00", "net": "100.00", "tax": "13.00"}, {"order_no": "O2"}, {"date": "2026-05-21"}]
)
def test_an_invoice_that_two_sources_state_otherwise_matches_nothing(facts_world: Any, change: dict[str, str]) -> None:
    trade(facts_world)
    paper(facts_world, "invoice", "other", **change)
    assert failing(facts_world) == ["match.contradictory"]
    assert evidence(facts_world, "invoice", MATCH) == {}
    assert value(facts_world, "invoiced_12m").known is Known.CONTRADICTORY
    facts_world.do(
        "other", actions.correct, fact=fact("invoice", "I1", facts_world.party("other")),
        values={"gross": "1130.00", "net": "1000.00", "tax": "130.00", "order_no": "O1", "date": "2026-05-20"},
    )  # fmt: skip
    assert failing(facts_world) == []
    assert value(facts_world, "invoiced_12m").known is Known.PRESENT


def test_what_only_one_of_two_sources_says_and_how_it_words_it_contradict_nobody(facts_world: Any) -> None:
    trade(facts_world)
    paper(facts_world, "order", "other", item="涤纶坯布", terms="月结60天")
    paper(facts_world, "invoice", "other", colour="blue")
    assert failing(facts_world) == []
    assert value(facts_world, "orders_in_hand").known is Known.PRESENT


def test_an_acceptance_is_the_buyers_word(facts_world: Any) -> None:
    trade(facts_world, accepted_by="firm")
    assert failing(facts_world) == ["match.has_acceptance", "match.unconfirmed"]
    assert evidence(facts_world, "acceptance", MATCH) == {}
    paper(facts_world, "acceptance", "other")
    assert failing(facts_world) == []
    assert set(evidence(facts_world, "acceptance", MATCH)) == {"acceptance", MATCH}


def test_a_letter_its_subject_disputes_is_no_evidence(facts_world: Any) -> None:
    facts_world.grant("bank", ["leadbank.exit"])
    facts_world.push("bank", "leadbank.exit", *(
        {"paper_no": number, "firm": facts_world.code("firm"), "date": day}
        for number, day in (("L0", "2026-05-10"), ("L1", "2026-06-10"))
    ))  # fmt: skip
    assert evidence(facts_world, "leadbank.exit") == {"leadbank.exit": datetime.date(2026, 6, 10)}
    letter = fact("leadbank.exit", "L1", facts_world.party("bank"))
    facts_world.do("firm", disputes.raise_dispute, fact=letter, reason="未出具")
    assert evidence(facts_world, "leadbank.exit") == {"leadbank.exit": datetime.date(2026, 5, 10)}


def test_one_disputed_record_among_many_is_not_decided_on(facts_world: Any) -> None:
    rows = [{"record_no": f"R{i}", "firm": facts_world.code("firm"), "date": f"2026-06-{i % 28 + 1:02}", "due": "5.00",
             "product": "loan", "late": "no" if i else "yes", "unpaid": "no"} for i in range(150)]  # fmt: skip
    facts_world.push("bank", "repayment.record", *rows)
    assert str(value(facts_world, "overdue_12m").value) == "1"
    record = fact("repayment.record", "R0", facts_world.party("bank"))
    facts_world.do("firm", disputes.raise_dispute, fact=record, reason="当日已还款")
    assert value(facts_world, "overdue_12m").known is Known.CONTRADICTORY


def look_through(world: Any, who: str, number: str, profit: str, day: str = "2026-05-10", **more: str) -> None:
    done = world.push(who, "lookthrough.report", {
        "report_no": number, "firm": world.code("firm"), "date": day, "revenue": "100.00", "net_profit": profit,
        "future_receivables": "1.00", "own_overdue": "否", "frozen_parent_only": "是", **more,
    })  # fmt: skip
    assert done["refused"] == []


def test_sources_that_disagree_about_a_firm_on_a_day_are_contradictory_whatever_the_numbers(facts_world: Any) -> None:
    for who in ("shop", "bank"):
        facts_world.grant(who, ["lookthrough.report"])
    look_through(facts_world, "shop", "S1", "30.00")
    moment = clock()
    look_through(facts_world, "bank", "B1", "2.00")
    assert value(facts_world, "net_margin_12m").known is Known.CONTRADICTORY
    assert str(value(facts_world, "net_margin_12m", known_at=moment).value) == "0.3"
    assert evidence(facts_world, "lookthrough.report") == {}
    report = fact("lookthrough.report", "B1", facts_world.party("bank"))
    facts_world.do("bank", actions.correct, fact=report, values={"net_profit": "30.00"})
    assert str(value(facts_world, "net_margin_12m").value) == "0.3"
    facts_world.do(
        "shop", actions.correct, fact=fact("lookthrough.report", "S1", facts_world.party("shop")),
        values={"net_profit": "31.00"},
    )  # fmt: skip
    assert value(facts_world, "net_margin_12m").known is Known.CONTRADICTORY
    look_through(facts_world, "bank", "B2", "1.00", "2026-05-11")
    assert str(value(facts_world, "net_margin_12m").value) == "0.01", "a later day answers anew"


def registration(world: Any, who: str, number: str, day: str, status: str) -> None:
    done = world.push(who, "registration.record", {
        "record_no": number, "firm": world.code("firm"), "date": day, "status": status, "established": "2010-01-01",
    })  # fmt: skip
    assert done["refused"] == []


def test_one_record_of_two_days_is_contradictory_whichever_day_it_is(facts_world: Any) -> None:
    facts_world.grant("shop", ["registration.record"])
    registration(facts_world, "tax", "R1", "2026-05-10", "active")
    registration(facts_world, "shop", "R1", "2026-05-20", "revoked")
    assert value(facts_world, "registration_status").known is Known.CONTRADICTORY


def test_a_dispute_ends_with_the_correction_wherever_the_document_moved(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("T1", "2026-03-31", "100.00"))
    filing = fact("tax.filing", "T1", facts_world.party("tax"))
    facts_world.do("firm", disputes.raise_dispute, fact=filing, reason="不实")
    assert value(facts_world, "revenue_12m").known is Known.CONTRADICTORY
    facts_world.do("tax", actions.correct, fact=filing, values={"date": "2026-04-30"})
    assert value(facts_world, "revenue_12m").known is Known.PRESENT
    with acting_as(SYSTEM), transaction.atomic():
        sums: dict[datetime.date, int] = {}
        for row in Tally.objects.filter(kind="tax.filing"):
            sums[row.on] = sums.get(row.on, 0) + row.disputes
    assert sums == {datetime.date(2026, 3, 31): 0, datetime.date(2026, 4, 30): 0}


def everything_in_question(world: Any) -> None:
    trade(world)
    paper(world, "invoice", "other", date="2026-04-01")
    for who in ("shop", "bank"):
        world.grant(who, ["lookthrough.report", "registration.record"])
    look_through(world, "shop", "S1", "30.00")
    look_through(world, "bank", "B1", "2.00")
    registration(world, "tax", "R1", "2026-05-10", "active")
    registration(world, "shop", "R1", "2026-05-20", "revoked")
    world.push("tax", "tax.filing", *(world.filing(f"T{n}", f"2026-0{n}-28", "100.00") for n in range(1, 7)))
    filing = fact("tax.filing", "T3", world.party("tax"))
    world.do("firm", disputes.raise_dispute, fact=filing, reason="不实")


def test_duckdb_finds_the_same_in_question(facts_world: Any) -> None:
    pytest.importorskip("ibis", reason="ibis is in the extra `columns`, which is not installed")
    duck = pytest.importorskip("duckdb", reason="duckdb is in the extra `columns`, which is not installed").connect()
    from jirong.facts.features import batch

    everything_in_question(facts_world)
    with acting_as(SYSTEM), transaction.atomic():
        batch.copy_tally(duck)
    duck.execute("SET TimeZone = 'UTC'")
    names = ["invoiced_12m", "orders_in_hand", "net_margin_12m", "own_overdue", "registration_status", "revenue_12m"]
    online = {name: value(facts_world, name) for name in names}
    assert {found.known for found in online.values()} == {Known.CONTRADICTORY}
    answer = batch.batch(duck, names, as_of=TODAY)
    assert dict(answer.values())[facts_world.party("firm")] == online
    assert answer.frame()[names].isna().all(axis=None)


def test_a_database_from_before_is_counted_anew_to_the_same(facts_world: Any) -> None:
    everything_in_question(facts_world)
    migration = importlib.import_module("jirong.facts.migrations.0009_disputes_counted_anew")
    with acting_as(SYSTEM), transaction.atomic():
        due, _ = migration.expected(apps.get_model("facts", "Fact"))
        now: dict[Any, int] = {}
        for row in Tally.objects.all():
            place = (row.subject_id, row.kind, row.on, row.key)
            now[place] = now.get(place, 0) + row.disputes
    assert {place: n for place, n in due.items() if n} == {place: n for place, n in now.items() if n}


def test_the_rule_is_told_alike_on_the_page_and_in_the_document(facts_world: Any) -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8").split())
    assert doubt.RULE.en in page
    facts_world.push("tax", "tax.filing", facts_world.filing("T1", "2026-03-31", "100.00"))
    client = Client()
    user = User.objects.get(username=facts_world.world.logins["firm.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    filing = fact("tax.filing", "T1", facts_world.party("tax"))
    html = client.get(f"/documents/{filing}/dispute", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert doubt.RULE.zh in html
