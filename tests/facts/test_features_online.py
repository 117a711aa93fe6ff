"""Features of one firm on PostgreSQL: values, windows, what is missing, withheld, disputed, corrected, known when."""

from __future__ import annotations

import datetime
import importlib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jirong.facts import actions, features, tally
from jirong.facts.features.online import Reader
from jirong.facts.models import Fact
from jirong.kernel.errors import Forbidden, Invalid
from jirong.parties import actions as parties
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)
SCHEMES = sorted((Path(__file__).parents[2] / "catalogue" / "schemes").glob("*.yaml"))
METHODS = sorted((Path(__file__).parents[2] / "catalogue" / "methods").glob("*.yaml"))


def ask(world: Any, *names: str, firm: str = "firm", **more: Any) -> dict[str, FeatureValue]:
    return features.online(world.party(firm), names, as_of=more.pop("as_of", TODAY), **more)


def one(world: Any, name: str, **more: Any) -> FeatureValue:
    return ask(world, name, **more)[name]


def test_sums_run_over_whole_months_up_to_the_day(facts_world: Any) -> None:
    done = facts_world.push(
        "tax", "tax.filing",
        facts_world.filing("1", "2025-06-30", "1000.00"),  # a day too old
        facts_world.filing("2", "2025-07-01", "20.50"),
        facts_world.filing("3", "2026-06-30", "300.25", grade="B", rd_spend="32.08"),
        facts_world.filing("4", "2026-07-01", "4000.00"),  # tomorrow
    )  # fmt: skip
    assert (done["added"], done["refused"]) == (4, [])
    assert ask(facts_world, "revenue_12m", "tax_grade", "tax_overdue", "rd_intensity") == {
        "revenue_12m": FeatureValue(Decimal("320.75"), TODAY),
        "tax_grade": FeatureValue("B", TODAY),
        "tax_overdue": FeatureValue(False, TODAY),
        "rd_intensity": FeatureValue(Decimal("0.100016"), TODAY),
    }


def test_silence_is_missing_and_never_zero(facts_world: Any) -> None:
    assert ask(facts_world, "revenue_12m", "court_defaulter", "overdue_12m", "lot_amount") == {
        "revenue_12m": features.MISSING,
        "court_defaulter": features.MISSING,
        "overdue_12m": features.MISSING,
        "lot_amount": features.MISSING,
    }


def test_what_another_room_knows_is_handed_in(facts_world: Any) -> None:
    lot = FeatureValue(Decimal("400000.00"), TODAY)
    assert ask(facts_world, "lot_amount", given={"lot_amount": lot, "lot_free": lot}) == {"lot_amount": lot}


def test_an_unknown_feature_is_refused(facts_world: Any) -> None:
    with pytest.raises(Invalid, match=r"feature\.unknown"):
        ask(facts_world, "revenue")


def court(world: Any, number: str, date: str, matter: str, status: str, case: str = "A1") -> dict[str, str]:
    return {"record_no": number, "case_no": case, "firm": world.code("firm"), "date": date, "matter": matter,
            "status": status}  # fmt: skip


def test_of_a_state_only_the_latest_word_counts(facts_world: Any) -> None:
    facts_world.push("tax", "court.records", court(facts_world, "1", "2026-01-10", "defaulter", "open"))
    assert one(facts_world, "court_defaulter") == FeatureValue(True, datetime.date(2026, 1, 10))
    facts_world.push("tax", "court.records", court(facts_world, "2", "2026-05-10", "defaulter", "closed"))
    assert one(facts_world, "court_defaulter") == FeatureValue(False, datetime.date(2026, 5, 10))
    # An older record that comes later changes nothing; as of April the firm stood on the list.
    facts_world.push("tax", "court.records", court(facts_world, "3", "2026-02-10", "defaulter", "open"))
    assert one(facts_world, "court_defaulter").value is False
    assert one(facts_world, "court_defaulter", as_of=datetime.date(2026, 4, 1)).value is True


def test_patents_are_counted_by_their_latest_state(facts_world: Any) -> None:
    def patent(number: str, patent_no: str, date: str, status: str, route: str = "domestic") -> dict[str, str]:
        return {"record_no": number, "patent_no": patent_no, "firm": facts_world.code("firm"), "date": date,
                "kind": "invention", "route": route, "status": status}  # fmt: skip

    facts_world.push(
        "tax", "patent.register",
        patent("1", "ZL1", "2020-01-01", "in_force"), patent("2", "ZL2", "2021-01-01", "in_force", "pct"),
        patent("3", "ZL3", "2022-01-01", "pending"), patent("4", "ZL1", "2025-01-01", "lapsed"),
    )  # fmt: skip
    found = ask(facts_world, "invention_patents", "pct_patent_share", "patent_dispute")
    assert {name: item.value for name, item in found.items()} == {
        "invention_patents": Decimal(1), "pct_patent_share": Decimal("0.5"), "patent_dispute": False,
    }  # fmt: skip


def test_a_fact_learnt_later_is_not_seen_before(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    moment = clock()
    facts_world.push("tax", "tax.filing", facts_world.filing("2", "2026-04-30", "50.00"))
    assert one(facts_world, "revenue_12m", known_at=moment).value == Decimal("100.00")
    assert one(facts_world, "revenue_12m").value == Decimal("150.00")


def clock() -> datetime.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
    assert isinstance(moment, datetime.datetime)
    return moment


def test_a_correction_counts_in_the_place_of_the_old_and_the_past_stays(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    moment = clock()
    with acting_as(SYSTEM):
        fact = Fact.objects.get(kind="tax.filing").pk
    facts_world.do("tax", actions.correct, fact=fact, values={"sales": "70.00"})
    assert one(facts_world, "revenue_12m").value == Decimal("70.00")
    assert one(facts_world, "revenue_12m", known_at=moment).value == Decimal("100.00")


def test_a_figure_taken_back_by_a_correction_is_unknown_again(facts_world: Any) -> None:
    """The sum is then zero, and the older of two documents is not asked in the place of the latest."""
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00", rd_spend="5.00"))
    facts_world.grant("bank", ["bank.flows"])
    flow = {"firm": facts_world.code("firm"), "direction": "inflow", "count": "1", "amount": "5.00"}
    facts_world.push("bank", "bank.flows", {**flow, "record_no": "1", "date": "2026-05-31", "balance": "7.00"},
                     {**flow, "record_no": "2", "date": "2026-06-30", "balance": "0.00"})  # fmt: skip
    names = ("rd_intensity", "bank_balance")
    stated = {"rd_intensity": Decimal("0.05"), "bank_balance": Decimal("0.00")}
    assert {name: value.value for name, value in ask(facts_world, *names).items()} == stated
    moment = clock()
    with acting_as(SYSTEM):
        filing, balance = (Fact.objects.get(kind=kind, key=key).pk for kind, key in
                           (("tax.filing", "1"), ("bank.flows", "2")))  # fmt: skip
    facts_world.do("tax", actions.correct, fact=filing, values={"rd_spend": ""})
    facts_world.do("bank", actions.correct, fact=balance, values={"balance": ""})
    assert ask(facts_world, *names) == dict.fromkeys(names, features.MISSING)
    assert {name: value.value for name, value in ask(facts_world, *names, known_at=moment).items()} == stated
    facts_world.do("tax", actions.correct, fact=latest("tax.filing"), values={"rd_spend": "0.00"})
    assert one(facts_world, "rd_intensity") == FeatureValue(Decimal(0), datetime.date(2026, 5, 31))


def latest(kind: str) -> Any:
    with acting_as(SYSTEM):
        return Fact.objects.filter(kind=kind, corrections__isnull=True).latest("recorded_at").pk


def test_one_silent_month_does_not_shrink_a_share_and_leaves_debt_service_unknown(facts_world: Any) -> None:
    shop = {"firm": facts_world.code("firm"), "orders": "1", "received": "100.00"}
    facts_world.push("shop", "shop.orders", {**shop, "record_no": "1", "date": "2026-06-29", "refunded": "30.00"},
                     {**shop, "record_no": "2", "date": "2026-06-29"})  # fmt: skip
    facts_world.grant("tax", ["accounts.statement"])
    accounts = {"firm": facts_world.code("firm"), "revenue": "9.00", "net_profit": "1.00", "assets": "9.00",
                "liabilities": "1.00"}  # fmt: skip
    facts_world.push("tax", "accounts.statement",
                     {**accounts, "statement_no": "1", "date": "2026-05-31", "debt_service": "4.00"})  # fmt: skip
    found = ask(facts_world, "refund_share", "debt_service_12m", "flows_12m")
    assert [value.value for value in found.values()] == [Decimal("0.3"), Decimal("4.00"), Decimal("200.00")]
    facts_world.push("tax", "accounts.statement", {**accounts, "statement_no": "2", "date": "2026-06-30"})
    assert one(facts_world, "debt_service_12m") == features.MISSING


def test_zeros_counted_before_silence_was_kept_are_counted_anew(
    facts_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migration adds rows only: asked as of before, the house answers as it did."""

    def with_zeros(*what: Any) -> Any:
        said = plain(*what)
        a, b, c, d = (figure or 0 for figure in said.measures)
        return said._replace(amount=said.amount or 0, measures=(a, b, c, d))

    plain = tally.counted
    with monkeypatch.context() as old:
        old.setattr(tally, "counted", with_zeros)
        facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"),
                         facts_world.filing("2", "2026-05-31", "10.00"))  # fmt: skip
        facts_world.push("tax", "court.records", court(facts_world, "1", "2026-06-10", "defaulter", "open"),
                         court(facts_world, "2", "2026-06-10", "defaulter", "closed"))  # fmt: skip
    moment, names = clock(), ("rd_intensity", "revenue_12m", "court_defaulter")
    assert one(facts_world, "rd_intensity").value == 0
    migration = importlib.import_module("jirong.facts.migrations.0005_figures_not_given")
    migration.count_anew(apps, SimpleNamespace(connection=connection))
    assert [value.value for value in ask(facts_world, *names).values()] == [None, Decimal("110.00"), False]
    before = ask(facts_world, *names, known_at=moment)
    assert [value.value for value in before.values()] == [Decimal(0), Decimal("110.00"), False]


def test_two_sources_that_agree_count_once_and_that_disagree_are_said_to(facts_world: Any) -> None:
    facts_world.grant("shop", ["tax.filing"])
    filing = facts_world.filing("1", "2026-05-31", "100.00")
    facts_world.push("tax", "tax.filing", filing)
    facts_world.push("shop", "tax.filing", filing)
    assert one(facts_world, "revenue_12m").value == Decimal("100.00")
    facts_world.push("shop", "tax.filing", facts_world.filing("2", "2026-04-30", "5.00"))
    facts_world.push("tax", "tax.filing", facts_world.filing("2", "2026-04-30", "50.00"))
    assert one(facts_world, "revenue_12m").known is Known.CONTRADICTORY
    with acting_as(SYSTEM):
        wrong = Fact.objects.get(source=facts_world.party("shop"), key="2").pk
    facts_world.do("shop", actions.correct, fact=wrong, values={"sales": "50.00"})
    assert one(facts_world, "revenue_12m").value == Decimal("150.00")


def test_the_follower_may_come_round_too(facts_world: Any) -> None:
    facts_world.grant("shop", ["tax.filing"])
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    facts_world.push("shop", "tax.filing", facts_world.filing("1", "2026-05-31", "90.00"))
    assert one(facts_world, "revenue_12m").known is Known.CONTRADICTORY
    with acting_as(SYSTEM):
        wrong = Fact.objects.get(source=facts_world.party("shop")).pk
    facts_world.do("shop", actions.correct, fact=wrong, values={"sales": "100.00"})
    assert one(facts_world, "revenue_12m").value == Decimal("100.00")


def test_consent_is_asked_at_every_read_by_purpose_scope_and_day(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"))
    facts_world.push("tax", "court.records", court(facts_world, "1", "2026-06-10", "clear", "closed"))
    facts_world.push("bank", "repayment.record", {
        "record_no": "1", "firm": facts_world.code("firm"), "date": "2026-06-01", "product": "loan", "due": "5.00",
        "late": "yes", "unpaid": "no",
    })  # fmt: skip
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)

    def read(reader: Reader = reader) -> list[Known]:
        found = ask(facts_world, "revenue_12m", "court_defaulter", "overdue_12m", reader=reader)
        return [value.known for value in found.values()]

    known, withheld = Known.PRESENT, Known.WITHHELD
    assert read() == [withheld, known, withheld]  # only what is public needs none
    facts_world.consent(["shop.orders"])
    facts_world.consent(["tax.filing"], "monitoring")
    facts_world.consent(["tax.filing"], until=datetime.date(2026, 6, 29))
    assert read() == [withheld, known, withheld]
    repaid = facts_world.consent(["repayment.record"])
    assert read() == [withheld, known, known]
    given = facts_world.consent(["tax.filing"])
    assert read() == [known, known, known]
    assert read(Reader(facts_world.party("shop"), "credit_assessment", TODAY))[0] is withheld
    assert read(Reader(facts_world.party("bank"), "credit_assessment", datetime.date(2027, 1, 1)))[0] is withheld
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert read() == [withheld, known, known]
    facts_world.do("firm", parties.withdraw_consent, consent=repaid)
    assert read() == [withheld, known, withheld]


def test_nobody_reads_of_another_without_saying_what_for(facts_world: Any) -> None:
    firm, other = facts_world.party("firm"), facts_world.party("other")
    with acting_as(facts_world.actor("bank")), pytest.raises(Forbidden) as refused:
        features.online(firm, ["revenue_12m"], as_of=TODAY)
    assert refused.value.code == "features.no_purpose"
    with acting_as(facts_world.actor("firm")):
        assert features.online(firm, ["revenue_12m"], as_of=TODAY) == {"revenue_12m": features.MISSING}
        with pytest.raises(Forbidden):
            features.many([firm, other], ["revenue_12m"], as_of=TODAY)


def test_many_firms_are_read_each_under_its_own_consent(facts_world: Any) -> None:
    firm, other = facts_world.party("firm"), facts_world.party("other")
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "100.00"),
                     facts_world.filing("2", "2026-05-31", "7.00", "other"))  # fmt: skip
    given = facts_world.consent(["tax.filing"])
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)

    def read() -> dict[Any, Any]:
        return {
            id: row["revenue_12m"].value or row["revenue_12m"].known
            for id, row in features.many([firm, other], ["revenue_12m"], as_of=TODAY, reader=reader).items()
        }

    assert read() == {firm: Decimal("100.00"), other: Known.WITHHELD}
    facts_world.do("firm", parties.withdraw_consent, consent=given)
    assert read() == {firm: Known.WITHHELD, other: Known.WITHHELD}


def test_evidence_is_the_day_of_the_latest_document(facts_world: Any) -> None:
    facts_world.push("tax", "tax.filing", facts_world.filing("1", "2026-05-31", "1.00"),
                     facts_world.filing("2", "2026-04-30", "1.00"))  # fmt: skip
    asked = ["tax.filing", "upgrade.effect_report", "no.such"]
    found = features.evidence(facts_world.party("firm"), asked, as_of=TODAY)
    assert found == {"tax.filing": datetime.date(2026, 5, 31)}
    reader = Reader(facts_world.party("bank"), "credit_assessment", TODAY)
    assert features.evidence(facts_world.party("firm"), asked, as_of=TODAY, reader=reader) == {}


def test_membership_counts_whole_months(facts_world: Any) -> None:
    assert one(facts_world, "membership_months").value == Decimal(0)
    assert one(facts_world, "membership_months", as_of=datetime.date(2026, 9, 29)).value == Decimal(2)
    assert one(facts_world, "membership_months", as_of=datetime.date(2026, 9, 30)) == FeatureValue(Decimal(3))
    assert one(facts_world, "membership_months", firm="bank") == features.MISSING


def test_every_name_at_once_takes_one_query(facts_world: Any) -> None:
    features.online(facts_world.party("firm"), features.FEATURES, as_of=TODAY)
    with CaptureQueriesContext(connection) as queries:
        found = features.online(facts_world.party("firm"), features.FEATURES, as_of=TODAY)
    assert set(found) == set(features.FEATURES)
    selects = [query["sql"] for query in queries if "facts_tally" in query["sql"]]
    assert len(selects) == 1


def test_every_name_the_catalogue_uses_exists() -> None:
    used = set()
    for path in SCHEMES:
        used |= names_in(yaml.safe_load(path.read_text(encoding="utf-8")), ("feature", "of"))
    for path in METHODS:
        used |= names_in(yaml.safe_load(path.read_text(encoding="utf-8")), ("feature",))
    assert used - set(features.FEATURES) == set()


def names_in(node: Any, keys: tuple[str, ...]) -> set[str]:
    if isinstance(node, list):
        return set().union(*(names_in(item, keys) for item in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    here = {node["feature"]} if isinstance(node.get("feature"), str) else set()
    if "of" in keys and isinstance(node.get("of"), str) and ("part" in node or "times" in node):
        here.add(node["of"])
    return here.union(*(names_in(item, keys) for item in node.values()))


def test_the_documents_list_what_the_code_has() -> None:
    from jirong.facts.features import document

    root = Path(__file__).parents[2]
    for path, (name, table) in document.TABLES.items():
        page = (root / path).read_text(encoding="utf-8")
        assert page == document.renewed(page, name, table()), "run: jirong facts compile"
