"""Results as rows: made from facts under consent, immutable, and seen only by whom they concern."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, transaction
from django.test import Client

from jirong.assessment import actions, queries, results
from jirong.assessment.methods import house_methods
from jirong.assessment.models import Assessment, Disclosure
from jirong.cli import world as worlds
from jirong.kernel.errors import Forbidden, NotFound
from jirong.parties.models import Staff
from jirong.schemes.evaluate.facts import FeatureValue
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

EXAMPLES = Path(__file__).parents[2] / "examples"
TRADE = {
    "trade_tonnes_12m": FeatureValue(Decimal(5000)),
    "trade_value_12m": FeatureValue(Decimal(8_000_000)),
    "member_farmers": FeatureValue(Decimal(120)),
    "overdue_12m": FeatureValue(Decimal(0)),
}


class Place:
    """The textile world, with actors by name."""

    def __init__(self) -> None:
        plan = yaml.safe_load((EXAMPLES / "textile-n-tier.yaml").read_text(encoding="utf-8"))
        self.world = worlds.found("textile", plan)

    def party(self, who: str) -> uuid.UUID:
        return self.world.parties[who]

    def actor(self, who: str) -> Actor:
        with acting_as(SYSTEM), transaction.atomic():
            staff = Staff.objects.get(user__username=self.world.logins[f"{who}.maker"], ended_at=None)
        return Actor("party", staff.party_id, staff.user_id)

    def make(self, who: str, of: str, method: str = "transaction-rating@1", id: uuid.UUID | None = None) -> Any:
        actor = self.actor(who)
        with acting_as(actor):
            return actions.make_assessment(actor=actor, id=id or new_id(), subject=self.party(of), method=method)

    def sees(self, who: str) -> set[str]:
        actor = self.actor(who)
        with acting_as(actor), transaction.atomic():
            return {str(row.pk) for row in queries.assessments(actor)}


@pytest.fixture
def place(db: None, settings: Any) -> Place:
    # Founding gives every log-in a password; a slow hash would be most of the test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Place()


@pytest.fixture
def stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another room knows the trade of every firm, whatever facts say."""
    monkeypatch.setattr(results, "features", lambda subject, names, **_: {name: TRADE[name] for name in names})


def test_a_firm_is_assessed_and_the_result_can_be_made_again(place: Place, stated: None) -> None:
    done = place.make("bank_a", "merchant")
    assert {name: done[name] for name in ("status", "score", "level", "pd")} == {
        "status": "assessed", "score": "90.00", "level": "A", "pd": None,
    }  # fmt: skip
    with acting_as(place.actor("merchant")), transaction.atomic():
        row = queries.access_assessment(place.actor("merchant"), uuid.UUID(done["assessment"]))
    again = house_methods()[row.method].assess(TRADE, row.as_of)
    assert (row.score, row.level, row.inputs_hash) == (again.score, again.level, again.inputs_hash)
    assert (row.reasons, row.inputs) == (again.as_dict()["reasons"], again.as_dict()["inputs"])


def test_the_same_request_twice_keeps_one_row(place: Place, stated: None) -> None:
    id = new_id()
    assert place.make("bank_a", "merchant", id=id) == place.make("bank_a", "merchant", id=id)
    with acting_as(SYSTEM), transaction.atomic():
        assert Assessment.objects.count() == 1


def test_without_consent_the_result_is_incomplete_and_says_so(place: Place) -> None:
    done = place.make("bank_a", "merchant")
    assert (done["status"], done["score"], done["level"]) == ("incomplete", None, None)
    with acting_as(SYSTEM), transaction.atomic():
        row = Assessment.objects.get(pk=done["assessment"])
    withheld = {name for name, item in row.inputs.items() if item["known"] == "withheld"}
    assert {"trade_tonnes_12m", "member_farmers"} <= withheld
    assert {reason["effect"] for reason in row.reasons} == {"lacking"}


def test_a_firm_may_assess_itself_and_sees_what_it_lacks(place: Place) -> None:
    done = place.make("merchant", "merchant")
    assert done["status"] == "incomplete"
    with acting_as(SYSTEM), transaction.atomic():
        row = Assessment.objects.get(pk=done["assessment"])
    assert {item["known"] for item in row.inputs.values()} <= {"missing", "present"}


def test_only_the_firm_the_assessor_and_whom_it_was_shown_see_a_result(place: Place, stated: None) -> None:
    done = place.make("bank_a", "merchant")
    assert [place.sees(who) for who in ("merchant", "bank_a", "bank_b", "mill")] == [
        {done["assessment"]}, {done["assessment"]}, set(), set(),
    ]  # fmt: skip
    merchant = place.actor("merchant")
    with acting_as(merchant):
        actions.disclose_assessment(
            actor=merchant, id=new_id(), assessment=uuid.UUID(done["assessment"]), to=place.party("bank_b")
        )
    assert place.sees("bank_b") == {done["assessment"]}
    assert place.sees("mill") == set()


def test_only_the_firm_shows_its_result(place: Place, stated: None) -> None:
    done = place.make("bank_a", "merchant")
    for who, refusal in {"bank_a": Forbidden, "mill": NotFound}.items():
        actor = place.actor(who)
        with acting_as(actor), pytest.raises(refusal):
            actions.disclose_assessment(
                actor=actor, id=new_id(), assessment=uuid.UUID(done["assessment"]), to=place.party("bank_b")
            )


def test_a_result_is_never_changed(place: Place, stated: None) -> None:
    done = place.make("bank_a", "merchant")
    for change in (
        lambda: Assessment.objects.filter(pk=done["assessment"]).update(level="A"),
        lambda: Assessment.objects.filter(pk=done["assessment"]).delete(),
    ):
        with acting_as(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_party_cannot_write_a_result_for_itself(place: Place) -> None:
    merchant = place.actor("merchant")
    with acting_as(merchant), pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.create(**_row(place, status="assessed", score=99, level="A"))


def test_the_database_refuses_a_decision_on_silence(place: Place) -> None:
    with acting_as(SYSTEM), pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.create(**_row(place, status="incomplete", score=50, level="B"))


def test_another_room_assesses_inside_its_own_action(place: Place) -> None:
    """``results.assess`` writes in the caller's transaction: a rollback leaves nothing."""
    with acting_as(SYSTEM), transaction.atomic():
        point = transaction.savepoint()
        row, result = results.assess(
            place.party("merchant"), "transaction-rating@1", assessor=place.party("bank_a"), because=new_id(),
            as_of=datetime.date(2026, 1, 8), given=TRADE, shown_to=[place.party("bank_b")],
        )  # fmt: skip
        assert (row.level, result.level) == ("A", "A")
        assert Disclosure.objects.filter(assessment=row, party=place.party("bank_b")).exists()
        found = queries.newest(place.party("merchant"), "transaction-rating@1", on=datetime.date(2026, 1, 8))
        assert found == row
        assert queries.newest(place.party("merchant"), "tax-score@1", on=datetime.date(2026, 1, 8)) is None
        transaction.savepoint_rollback(point)
        assert not Assessment.objects.exists()


def test_what_facts_do_not_know_another_room_gives(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_givers", [lambda subject, names, *, as_of: {n: TRADE[n] for n in names}])
    with acting_as(SYSTEM), transaction.atomic():
        judged = results.judge(place.party("merchant"), "transaction-rating@1", as_of=datetime.date(2026, 1, 8))
    assert judged.level == "A"


def test_an_unknown_method_or_firm_is_not_found(place: Place) -> None:
    with pytest.raises(NotFound):
        place.make("bank_a", "merchant", method="oracle@1")
    actor = place.actor("bank_a")
    with acting_as(actor), pytest.raises(NotFound):
        actions.make_assessment(actor=actor, id=new_id(), subject=new_id(), method="tax-score@1")


def _row(place: Place, **changed: Any) -> dict[str, Any]:
    row = {
        "id": new_id(), "subject_id": place.party("merchant"), "assessor_id": place.party("merchant"),
        "method": "tax-score@1", "as_of": datetime.date(2026, 1, 8), "reasons": [], "inputs": {}, "inputs_hash": "0" * 64,
        "figures": {}, "verified": False, "because": new_id(),
    }  # fmt: skip
    return row | changed


def test_results_and_methods_over_http(place: Place, stated: None) -> None:
    """Whoever may see a result reads it with reasons and inputs; for others it does not exist."""
    done = place.make("bank_a", "merchant")
    http = Client(raise_request_exception=False)

    def get(who: str, path: str) -> Any:
        token = place.world.tokens[f"{who}.maker"]
        return http.get(f"/api/{path}", headers={"Authorization": f"Bearer {token}"})

    own = get("merchant", f"assessments/{done['assessment']}")
    assert own.status_code == 200
    assert (own.json()["score"], own.json()["level"], own.json()["inputs_hash"]) == ("90.00", "A", done["inputs_hash"])
    assert own.json()["reasons"][0]["text"]["zh"].startswith("年度交易量为5,000吨")
    assert get("mill", f"assessments/{done['assessment']}").status_code == 404
    assert [row["id"] for row in get("bank_a", "assessments").json()["items"]] == [done["assessment"]]
    assert get("mill", "assessments").json()["items"] == []
    methods = {item["method"]: item for item in get("mill", "assessment-methods").json()}
    assert methods["tax-score@1"]["levels"] == ["A", "B", "C", "D"]
    assert get("mill", "assessment-methods/tax-score@1").json() == methods["tax-score@1"]
    assert get("mill", "assessment-methods/oracle@1").status_code == 404
