"""Who may state a fact, and who may read it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import transaction

from jirong.facts import actions, queries
from jirong.facts.models import Fact, SourceRight
from jirong.kernel.errors import Forbidden, Invalid
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)


def refused(world: Any, who: str, firm: str = "firm") -> list[str]:
    done = world.push(who, "tax.filing", world.filing("1", "2026-05-31", "100.00", firm))
    return [row["code"] for row in done["refused"]]


def test_a_firm_states_no_tax_filing_of_its_own_nor_of_others(facts_world: Any) -> None:
    assert refused(facts_world, "firm") == ["fact.not_its_source"]
    assert refused(facts_world, "other") == ["fact.not_its_source"]
    assert refused(facts_world, "operator") == ["fact.not_its_source"]
    assert refused(facts_world, "tax") == []


def test_a_provider_needs_a_right_or_the_firms_consent(facts_world: Any) -> None:
    assert refused(facts_world, "shop") == ["fact.no_source_right"]
    facts_world.consent(["tax.filing"], "monitoring", to="shop")
    facts_world.consent(["shop.orders"], "supply", to="shop")
    assert refused(facts_world, "shop") == ["fact.no_source_right"]
    given = facts_world.consent(["tax.filing"], "supply", to="shop")
    assert refused(facts_world, "shop", "other") == ["fact.no_source_right"]
    assert refused(facts_world, "shop") == []
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    done = facts_world.push("shop", "tax.filing", facts_world.filing("2", "2026-05-31", "1.00"))
    assert [row["code"] for row in done["refused"]] == ["fact.no_source_right"]


def test_a_right_ends_when_withdrawn_and_only_the_operator_gives_it(facts_world: Any) -> None:
    with acting_as(SYSTEM):
        right = SourceRight.objects.get(party=facts_world.party("tax")).pk
    with pytest.raises(Forbidden, match=r"operator\.only"):
        facts_world.do("tax", actions.withdraw_source, source_right=right)
    facts_world.do("operator", actions.withdraw_source, source_right=right)
    assert refused(facts_world, "tax") == ["fact.no_source_right"]
    with pytest.raises(Invalid, match=r"source\.unknown"):
        facts_world.do("operator", actions.withdraw_source, source_right=right)


def test_amounts_nobody_could_add_up_are_refused(facts_world: Any) -> None:
    done = facts_world.push(
        "tax", "tax.filing", facts_world.filing("1", "2026-05-31", "999999999999999.00"),
        facts_world.filing("2", "2026-05-31", "1.00", rd_spend="9999999999999.00"),
    )  # fmt: skip
    assert [row["code"] for row in done["refused"]] == ["fact.too_large", "fact.too_large"]


def test_a_correction_of_a_state_keeps_its_day(facts_world: Any) -> None:
    row = {"record_no": "1", "case_no": "A", "firm": facts_world.code("firm"), "date": "2026-01-10",
           "matter": "defaulter", "status": "open"}  # fmt: skip
    facts_world.push("tax", "court.records", row)
    with acting_as(SYSTEM):
        fact = Fact.objects.get(kind="court.records").pk
    with pytest.raises(Invalid, match=r"fact\.key"):
        facts_world.do("tax", actions.correct, fact=fact, values={"date": "2025-01-10"})


def read(world: Any, purpose: str = "credit_assessment", on: datetime.date = TODAY, who: str = "bank") -> int:
    actor = world.actor(who)
    with acting_as(actor), transaction.atomic():
        return queries.consented_facts(actor, world.party("firm"), ["tax.filing"], purpose, on).count()


def test_facts_are_read_under_a_consent_in_force_only(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    assert read(facts_world, who="firm") == 1
    with pytest.raises(Forbidden, match=r"consent\.missing") as refusal:
        read(facts_world)
    assert refusal.value.details == {"kinds": ["tax.filing"], "purpose": "credit_assessment"}
    given = facts_world.consent(["tax.filing"])
    assert read(facts_world) == 1
    for other in ({"purpose": "marketing"}, {"on": datetime.date(2027, 1, 1)}, {"who": "shop"}):
        with pytest.raises(Forbidden, match=r"consent\.missing"):
            read(facts_world, **other)
    # Withdrawn between the first and the second look at one application.
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    with pytest.raises(Forbidden, match=r"consent\.missing"):
        read(facts_world)


def test_freshness_says_source_and_day(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "1.00"),
                     facts_world.filing("2", "2026-04-30", "1.00"))  # fmt: skip
    actor = facts_world.actor("firm")
    with acting_as(actor), transaction.atomic():
        (found,) = queries.freshness(actor, facts_world.party("firm"))
    assert (found.kind, found.source, found.statements, found.latest_on) == (
        "tax.filing", facts_world.party("tax"), 2, datetime.date(2026, 5, 31),
    )  # fmt: skip


def test_nothing_is_stated_of_a_day_that_has_not_come(facts_world: Any) -> None:
    of = {"seller": facts_world.code("firm"), "buyer": facts_world.code("other"), "order_no": "O1", "quantity": "10",
          "net": "1000.00", "tax": "130.00", "gross": "1130.00"}  # fmt: skip
    days = ("2026-06-30", "2026-07-01", "2026-07-02", "2999-01-01")
    done = facts_world.push("firm", "invoice", *({**of, "invoice_no": day, "date": day} for day in days))
    assert done["added"] == 2
    assert [(row["line"], row["code"], row["where"]) for row in done["refused"]] == [
        (3, "fact.future", "date"), (4, "fact.future", "date")
    ]  # fmt: skip
    assert done["refused"][0]["remedy"]["zh"]
