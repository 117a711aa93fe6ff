"""Late, contradictory and wrong facts: what each means for a decision, and who can put it right from which page."""

from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from jirong.facts import actions, disputes, features
from jirong.facts.features.online import Reader
from jirong.facts.models import Dispute, Fact
from jirong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from jirong.parties.models import User
from jirong.schemes.evaluate.facts import Known
from jirong.store.identity import SYSTEM, acting_as

TODAY = datetime.date(2026, 6, 30)
ZH = {"Accept-Language": "zh-CN"}


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def log_in(world: Any, who: str) -> Client:
    client = Client()
    user = User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def late(world: Any, number: str = "R1", said: str = "yes", date: str = "2026-06-01") -> uuid.UUID:
    """The bank states a repayment; the fact's id."""
    done = world.push("bank", "repayment.record", {
        "record_no": number, "firm": world.code("firm"), "date": date, "product": "loan", "due": "5.00", "late": said,
        "unpaid": "no",
    })  # fmt: skip
    assert done["refused"] == []
    with acting_as(SYSTEM):
        return Fact.objects.get(kind="repayment.record", key=number).pk


def overdue(world: Any, **more: Any) -> Decimal | Known | Any:
    """What the firm's number of overdue payments is, or how it is known."""
    with acting_as(SYSTEM):
        found = features.online(world.party("firm"), ["overdue_12m"], as_of=TODAY, **more)["overdue_12m"]
    return found.known if found.value is None else found.value


def test_a_disputed_fact_decides_nothing_until_it_is_answered(facts_world: Any) -> None:
    fact = late(facts_world)
    assert overdue(facts_world) == Decimal(1)
    raised = facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="当日已还款，回单为证")
    assert overdue(facts_world) is Known.CONTRADICTORY
    facts_world.do("bank", disputes.uphold, dispute=uuid.UUID(raised["dispute"]), reason="核对流水，次日到账")
    assert overdue(facts_world) == Decimal(1)
    with pytest.raises(Conflict):
        facts_world.do("bank", disputes.uphold, dispute=uuid.UUID(raised["dispute"]), reason="再次")
    with pytest.raises(Conflict) as twice:
        facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="仍不同意")
    assert twice.value.code == "dispute.twice"


def test_the_correction_of_a_disputed_fact_ends_the_dispute(facts_world: Any) -> None:
    fact = late(facts_world)
    facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="当日已还款")
    with acting_as(SYSTEM):
        before = Fact.objects.get(pk=fact).recorded_at
    done = facts_world.do("bank", actions.correct, fact=fact, values={"late": "no"})
    assert overdue(facts_world) == Decimal(0)
    assert overdue(facts_world, known_at=before) == Decimal(1), "as the house would have answered then"
    with acting_as(SYSTEM):
        answer = Dispute.objects.get().answer
        assert (answer.outcome, str(answer.correction_id)) == ("corrected", done["fact"])


def test_a_dispute_may_be_taken_back(facts_world: Any) -> None:
    raised = facts_world.do("firm", disputes.raise_dispute, fact=late(facts_world), reason="误会")
    facts_world.do("firm", disputes.withdraw, dispute=uuid.UUID(raised["dispute"]))
    assert overdue(facts_world) == Decimal(1)


def test_a_state_disputed_is_contradictory_and_stands_again_when_corrected(facts_world: Any) -> None:
    row = {"record_no": "C1", "firm": facts_world.code("firm"), "date": "2026-06-10", "case_no": "C1",
           "matter": "defaulter", "status": "open"}  # fmt: skip
    done = facts_world.push("tax", "court.records", row)
    assert done["refused"] == [], done
    with acting_as(SYSTEM):
        fact = Fact.objects.get(kind="court.records").pk

    def listed() -> Any:
        with acting_as(SYSTEM):
            value = features.online(facts_world.party("firm"), ["court_defaulter"], as_of=TODAY)["court_defaulter"]
        return value.known if value.value is None else value.value

    assert listed() is True
    facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="已履行完毕")
    assert listed() is Known.CONTRADICTORY
    facts_world.do("tax", actions.correct, fact=fact, values={"status": "closed"})
    assert listed() is False


def test_who_may_dispute_and_answer(facts_world: Any) -> None:
    fact = late(facts_world)
    for who, error in (("bank", Invalid), ("other", NotFound), ("shop", NotFound)):
        with pytest.raises(error):
            facts_world.do(who, disputes.raise_dispute, fact=fact, reason="理由")
    for reason in ("", "   ", "x" * 301, "a\x00b"):
        with pytest.raises((Invalid, Conflict)):
            facts_world.do("firm", disputes.raise_dispute, fact=fact, reason=reason)
    raised = uuid.UUID(facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="理由")["dispute"])
    with pytest.raises(Forbidden):
        facts_world.do("firm", disputes.uphold, dispute=raised, reason="自己答复")
    with pytest.raises(Forbidden):
        facts_world.do("bank", disputes.withdraw, dispute=raised)
    with pytest.raises(NotFound):
        facts_world.do("other", disputes.uphold, dispute=raised, reason="旁人")


def test_what_was_disputed_cannot_be_unsaid(facts_world: Any) -> None:
    facts_world.do("firm", disputes.raise_dispute, fact=late(facts_world), reason="理由")
    with acting_as(SYSTEM):
        for change in (lambda: Dispute.objects.update(reason="另"), lambda: Dispute.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_a_late_fact_counts_from_when_it_was_learnt(facts_world: Any) -> None:
    late(facts_world, "R1", "no")
    with acting_as(SYSTEM):
        then = Fact.objects.get(key="R1").recorded_at
    late(facts_world, "R2", "yes", "2026-01-05")
    assert overdue(facts_world) == Decimal(1)
    assert overdue(facts_world, known_at=then) == Decimal(0)


def test_a_dispute_withholds_nothing_and_gives_nothing_away(facts_world: Any) -> None:
    fact = late(facts_world)
    reader = Reader(facts_world.party("shop"), "credit_assessment", TODAY)
    facts_world.do("firm", disputes.raise_dispute, fact=fact, reason="理由")
    assert overdue(facts_world, reader=reader) is Known.WITHHELD, "the stranger does not learn of the dispute"


def panel(client: Client, url: str, **typed: str) -> dict[str, str]:
    """Fill in a form and answer with what its signing panel holds."""
    answer = client.post(url, typed, headers=ZH)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode())
    return typed | {name: value.replace("&quot;", '"').replace("&amp;", "&") for name, value in hidden}


def test_the_pages_lead_from_dispute_to_correction(facts_world: Any) -> None:
    fact = late(facts_world)
    firm, bank = log_in(facts_world, "firm"), log_in(facts_world, "bank")
    document = f"/documents/{fact}/"
    assert "提出异议" in firm.get(document, headers=ZH).content.decode()
    assert "卖方" not in firm.get(document, headers=ZH).content.decode()
    form = re.findall(r'name="id" value="([^"]*)"', firm.get(f"{document}dispute", headers=ZH).content.decode())
    done = firm.post(f"{document}dispute", {"id": form[0], "reason": "当日已还款"}, headers=ZH)
    assert done.status_code == 302, done.content.decode()[:3000]
    assert "待来源答复" in firm.get(document, headers=ZH).content.decode()
    at_bank = bank.get(document, headers=ZH).content.decode()
    assert "维持原数据" in at_bank
    assert "当日已还款" in at_bank
    start = {"date": "2026-06-01", "product": "loan", "due": "5.00", "late": "no", "unpaid": "no"}
    shown = panel(bank, f"{document}correct", **start)
    done = bank.post(f"{document}correct", shown, headers=ZH)
    assert done.status_code == 302, done.content.decode()[:3000]
    assert "原来的一条" in bank.get(done["Location"], headers=ZH).content.decode()
    assert "来源已更正" in firm.get("/documents/disputes/", headers=ZH).content.decode()
    assert overdue(facts_world) == Decimal(0)


def test_what_cannot_be_corrected_is_told_on_the_page(facts_world: Any) -> None:
    fact = late(facts_world)
    bank = log_in(facts_world, "bank")
    start = {"date": "2026-06-01", "product": "loan", "due": "many", "late": "no", "unpaid": "no"}
    shown = panel(bank, f"/documents/{fact}/correct", **start)
    refused = bank.post(f"/documents/{fact}/correct", shown, headers=ZH)
    assert refused.status_code == 422
    assert overdue(facts_world) == Decimal(1)


@pytest.mark.parametrize("page", ["", "correct", "dispute"])
def test_who_sees_amending_pages(facts_world: Any, page: str) -> None:
    url = f"/documents/{late(facts_world)}/{page}"
    found = {
        who: log_in(facts_world, who).get(url).status_code for who in ("firm", "bank", "other", "shop", "operator")
    }
    strangers = {"other": 404, "shop": 404, "operator": 404}
    assert found == {"firm": 403 if page == "correct" else 200, "bank": 200, **strangers}
    assert Client().get(url).status_code == 302
