"""Documents are read as one's own, as disclosed, as public, or for a purpose the firm consented to; never otherwise."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from jirong.facts import actions, kinds, queries
from jirong.facts.models import Fact
from jirong.kernel.errors import Forbidden
from jirong.parties import actions as parties
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

TODAY = datetime.date(2026, 6, 30)
TRADE = ["order", "delivery", "acceptance", "invoice"]


def log_in(world: Any, who: str) -> Client:
    client = Client()
    user = User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def trade(world: Any) -> dict[str, uuid.UUID]:
    """A trade of firm and other; its documents by kind."""
    of = {"seller": world.code("firm"), "buyer": world.code("other"), "order_no": "O1", "quantity": "10"}
    world.push("firm", "order", {**of, "date": "2026-05-01", "amount": "1130.00"})
    world.push("firm", "delivery", {**of, "delivery_no": "D1", "date": "2026-05-10"})
    world.push("other", "acceptance", {**of, "acceptance_no": "A1", "delivery_no": "D1", "date": "2026-05-12"})
    world.push("firm", "invoice", {**of, "invoice_no": "I1", "date": "2026-05-20", "net": "1000.00", "tax": "130.00",
                                   "gross": "1130.00"})  # fmt: skip
    with acting_as(SYSTEM):
        return dict(Fact.objects.filter(kind__in=TRADE).values_list("kind", "pk"))


def things(world: Any) -> dict[str, str]:
    """An address of each way to a document: the API and the pages."""
    papers = trade(world)
    world.push("tax", "tax.filing", world.filing("T1", "2026-03-31", "100.00"))
    world.push("tax", "registration.record", {
        "record_no": "R1", "firm": world.code("firm"), "date": "2026-05-10", "status": "active",
        "established": "2010-01-01",
    })  # fmt: skip
    with acting_as(SYSTEM):
        filing, record = (Fact.objects.get(kind=kind).pk for kind in ("tax.filing", "registration.record"))
    return {
        "filing": f"/api/facts/{filing}", "filing page": f"/documents/{filing}/",
        "invoice": f"/api/facts/{papers['invoice']}", "invoice page": f"/documents/{papers['invoice']}/",
        "trade": f"/api/trades/{world.party('firm')}/O1", "trade page": f"/trades/{world.party('firm')}/O1/",
        "filings": f"/api/firms/{world.party('firm')}/facts?kinds=tax.filing",
        "record": f"/api/facts/{record}", "record page": f"/documents/{record}/",
    }  # fmt: skip


NONE = dict.fromkeys(["filing", "filing page", "invoice", "invoice page", "trade", "trade page"], 404)
PUBLIC = {"record": 200, "record page": 200}
MATRIX: dict[str, dict[str, int]] = {
    "firm": {**dict.fromkeys(NONE, 200), "filings": 200, **PUBLIC},
    "other": {**dict.fromkeys(NONE, 200), "filing": 404, "filing page": 404, "filings": 403, **PUBLIC},
    "tax": {**NONE, "filing": 200, "filing page": 200, "filings": 403, **PUBLIC},
    "bank": {**dict.fromkeys(NONE, 403), "filings": 403, **PUBLIC},  # it holds a consent for another purpose
    "shop": {**NONE, "filings": 403, **PUBLIC},
    "operator": {**NONE, "filings": 403, **PUBLIC},
}


def test_no_document_is_read_without_a_purpose_that_was_consented_to(facts_world: Any) -> None:
    found = things(facts_world)
    facts_world.consent(["tax.filing", *TRADE], purpose="effect_measurement")
    for who, expected in MATRIX.items():
        client = log_in(facts_world, who)
        assert {name: client.get(path).status_code for name, path in found.items()} == expected, who


@pytest.mark.parametrize(("purpose", "status"), [("effect_measurement", 200), ("credit_assessment", 403), ("x", 403)])
def test_a_purpose_reads_what_was_consented_to_for_it(facts_world: Any, purpose: str, status: int) -> None:
    found = things(facts_world)
    given = facts_world.consent(["tax.filing", *TRADE], purpose="effect_measurement")
    bank = log_in(facts_world, "bank")

    def answers() -> dict[str, int]:
        asked = [name for name in found if "record" not in name]
        return {name: bank.get(found[name] + ("&" if "?" in found[name] else "?") + f"purpose={purpose}").status_code
                for name in asked}  # fmt: skip

    assert set(answers().values()) == {status}
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert set(answers().values()) <= {403, 404}


def test_part_of_a_trade_is_not_taken_for_the_whole(facts_world: Any) -> None:
    path = things(facts_world)["trade"]
    facts_world.consent(["order", "delivery", "acceptance"], purpose="note_verification")
    answer = log_in(facts_world, "bank").get(f"{path}?purpose=note_verification")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent.missing")
    assert answer.json()["details"]["kinds"] == ["invoice"]


def test_public_facts_are_read_by_any_party_and_by_nobody_outside(facts_world: Any) -> None:
    things(facts_world)
    bank = facts_world.actor("bank")
    with acting_as(bank), transaction.atomic():
        found = queries.consented_facts(bank, facts_world.party("firm"), ["registration.record"], "", TODAY)
        assert [fact.key for fact in found] == ["R1"]
        fresh = queries.consented_freshness(bank, facts_world.party("firm"), "credit_assessment", TODAY)
        assert [row.kind for row in fresh] == ["registration.record"]
        with pytest.raises(Forbidden, match=r"consent\.missing"):
            queries.consented_facts(bank, facts_world.party("firm"), ["tax.filing"], "credit_assessment", TODAY)
    with transaction.atomic():
        assert not Fact.objects.exists()


def test_public_facts_are_in_nobodys_own_list(facts_world: Any) -> None:
    things(facts_world)
    for who in ("bank", "operator", "shop"):
        assert log_in(facts_world, who).get("/api/facts").json()["items"] == []


def test_row_security_names_the_kinds_that_are_public(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT qual FROM pg_policies WHERE policyname IN ('facts_fact_public', 'facts_tally_public')")
        policies = [row[0] for row in cursor.fetchall()]
    assert len(policies) == 2
    for policy in policies:
        assert {code for code in kinds.KINDS if f"'{code}'" in policy} == {
            c for c, k in kinds.KINDS.items() if k.public
        }


def test_whoever_was_shown_a_document_is_shown_its_correction(facts_world: Any) -> None:
    papers, bank = trade(facts_world), facts_world.actor("bank")
    with acting_as(SYSTEM):
        actions.disclose(papers.values(), facts_world.party("bank"), new_id())
    facts_world.do("firm", actions.correct, fact=papers["invoice"], values={"quantity": "12"})
    with acting_as(bank), transaction.atomic():
        seen = queries.access_trade(bank, facts_world.party("firm"), "O1")
        assert [fact.values["quantity"] for fact in seen.of("invoice")] == ["12"]
        assert not seen.match.holds
