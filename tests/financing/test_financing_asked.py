"""What a firm signs is what it asks for: submitted or applied in one step, and nothing else is acted on."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import asking
from jirong.financing.actions import applications
from jirong.financing.models import Application, Decision, Policy
from jirong.kernel.errors import Conflict, Invalid, Refusal
from jirong.kernel.money import USD, Money
from jirong.log import actions as log_actions
from jirong.log.models import Entry
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id
from jirong.trust import canonical

FORTY = Money.parse("40000.00")
TERMS = ("policy", "scheme", "amount", "use", "months", "payee", "purpose", "joint", "accept_rate", "consents")


def signed(id: uuid.UUID) -> dict[str, Any]:
    """The body of the statement that was signed under ``id``."""
    with acting_as(SYSTEM), transaction.atomic():
        body: dict[str, Any] = json.loads(Entry.objects.get(pk=id).statement)["body"]
    return body


def sha_of(lending: Any) -> str:
    with acting_as(SYSTEM), transaction.atomic():
        return Policy.objects.select_related("scheme").get(pk=lending.policy).scheme.sha256


def draft(lending: Any, **changed: Any) -> str:
    body = {"policy": lending.policy, "amount": FORTY, "use": "working_capital", "months": 12} | changed
    return str(lending.do("shop0", applications.save_application, **body)["application"])


def decisions() -> int:
    with acting_as(SYSTEM), transaction.atomic():
        return Decision.objects.count()


def test_a_receipt_of_either_proves_the_same_terms(lending: Any) -> None:
    lending.know("shop0", consent=False)
    consent = lending.consent("shop0")
    given = {
        "scheme": sha_of(lending), "consents": [consent], "accept_rate": Decimal("0.05"), "months": 12, "joint": [],
        "purpose": "进货", "payee": None,
    }  # fmt: skip
    one, two = new_id(), new_id()
    applied = lending.apply("shop0", id=one, amount=FORTY, **given)
    lending.do("shop0", applications.withdraw_application, application=uuid.UUID(applied["application"]))
    made = draft(lending, purpose="进货")
    submitted = lending.submit("shop0", made, id=two, **given)
    bodies = signed(one), signed(two)
    assert set(bodies[0]) == set(TERMS)
    assert bodies[1] == bodies[0] | {"application": made}
    assert bodies[0] == {
        "policy": str(lending.policy), "scheme": sha_of(lending), "amount": {"amount": "40000.00", "unit": "CNY"},
        "use": "working_capital", "months": 12, "payee": None, "purpose": "进货", "joint": [], "accept_rate": "0.05",
        "consents": [str(consent)],
    }  # fmt: skip
    # The outcome, which the log holds by its hash, names the terms by theirs.
    assert applied["asked"] == submitted["asked"] == canonical.digest(bodies[0])


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"amount": Money.parse("50000.00")}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": Money(4_000_000, USD)}, "amount"),
        ({"use": ""}, "use"),
        ({"months": 6}, "months"),
        ({"purpose": "别的"}, "purpose"),
        ({"scheme": "0" * 64}, "scheme"),
        ({"policy": uuid.UUID(int=7)}, "policy"),
        ({"joint": [uuid.UUID(int=7)]}, "joint"),
        ({"payee": uuid.UUID(int=7)}, "payee"),
    ],
)
def test_a_signature_for_other_terms_than_the_drafts_decides_nothing(
    lending: Any, said: dict[str, Any], where: str
) -> None:
    lending.know("shop0")
    made = draft(lending)
    with pytest.raises(Conflict) as refused:
        lending.submit("shop0", made, **said)
    assert (refused.value.code, refused.value.where) == ("application.changed", where)
    assert decisions() == 0


def test_a_draft_changed_after_it_was_signed_is_not_decided_on_the_old_signature(lending: Any) -> None:
    lending.know("shop0")
    made, id = draft(lending), new_id()
    old = {
        "application": uuid.UUID(made), "policy": lending.policy, "amount": FORTY, "use": "working_capital",
        "months": 12, "scheme": sha_of(lending),
    }  # fmt: skip
    shown = log_actions.statement_bytes("application.submit", actor=lending.actor("shop0"), id=id, **old)
    draft(lending, application=uuid.UUID(made), amount=Money.parse("50000.00"))
    with pytest.raises(Conflict) as refused:
        lending.do("shop0", applications.submit_application, id=id, **old)
    assert refused.value.code == "application.changed"
    assert refused.value.details["terms"]["amount"] == {
        "signed": {"amount": "40000.00", "unit": "CNY"}, "now": {"amount": "50000.00", "unit": "CNY"},
    }  # fmt: skip
    assert decisions() == 0
    # Saved back, the same signature is good for what it said.
    draft(lending, application=uuid.UUID(made))
    done = lending.do("shop0", applications.submit_application, id=id, **old)
    assert done["state"] == "offered"
    assert signed(id) == json.loads(shown)["body"]


def test_a_submission_repeated_is_one_and_another_under_its_id_is_refused(lending: Any) -> None:
    lending.know("shop0")
    made, id = draft(lending), new_id()
    body = {
        "application": uuid.UUID(made),
        "policy": lending.policy,
        "amount": FORTY,
        "use": "working_capital",
        "months": 12,
    }
    first = lending.do("shop0", applications.submit_application, id=id, **body)
    assert lending.do("shop0", applications.submit_application, id=id, **body) == first
    assert decisions() == 1
    with pytest.raises(Conflict) as refused:
        lending.do("shop0", applications.submit_application, id=id, **(body | {"months": 6}))
    assert refused.value.code == "action.id_reused"


def meddle(application: str, **changed: Any) -> None:
    """Somebody with the database in hand changes a row behind everybody's back."""
    with acting_as(SYSTEM), transaction.atomic():
        assert Application.objects.filter(pk=application).update(**changed) == 1


@pytest.mark.parametrize("changed", [{"asked_minor": 9_000_000}, {"months": 6}, {"payee": uuid.UUID(int=9)}])
def test_terms_changed_behind_the_firm_are_neither_decided_nor_signed(lending: Any, changed: dict[str, Any]) -> None:
    lending.know("shop0", court_defaulter="")
    lending.know("shop1")
    referred, offered = (lending.apply(shop, amount=FORTY)["application"] for shop in ("shop0", "shop1"))
    for application in (referred, offered):
        meddle(application, **changed)
    with pytest.raises(Refusal) as refused:
        lending.do(
            "bank", applications.decide_application, application=uuid.UUID(referred), approve=True, note="已查询"
        )
    assert refused.value.code == "application.changed"
    with pytest.raises(Refusal) as refused:
        lending.do("shop1", applications.sign_offer, application=uuid.UUID(offered))
    assert refused.value.code == "application.changed"


@pytest.mark.parametrize("read", [{"limit": Money.parse("50000.00")}, {"rate": Decimal("0.01")}, {"offer": "0" * 64}])
def test_another_offer_than_was_read_is_not_signed(lending: Any, read: dict[str, Any]) -> None:
    lending.know("shop0")
    offer = uuid.UUID(lending.apply("shop0", amount=FORTY)["application"])
    with pytest.raises(Conflict) as refused:
        lending.do("shop0", applications.sign_offer, application=offer, **read)
    assert (refused.value.code, refused.value.where) == ("application.changed", next(iter(read)))
    with acting_as(SYSTEM), transaction.atomic():
        said = asking.offered(Decision.objects.get(application=offer))
    assert (str(said["limit"]), said["rate"]) == ("40000.00", Decimal("0.0585"))
    id = new_id()
    assert lending.do("shop0", applications.sign_offer, id=id, application=offer, **said)["state"] == "signed"
    assert signed(id) == {
        "application": str(offer), "relays": None, "limit": {"amount": "40000.00", "unit": "CNY"}, "rate": "0.0585",
        "offer": said["offer"],
    }  # fmt: skip


def test_only_consents_that_stand_for_this_lender_can_be_signed_for(lending: Any) -> None:
    lending.know("shop0", consent=False)
    ended, others = lending.consent("shop0"), lending.consent("shop1")
    lending.do("shop0", parties.withdraw_consent, consent=ended)
    for consent in (ended, others, uuid.UUID(int=5)):
        with pytest.raises(Conflict) as refused:
            lending.apply("shop0", amount=FORTY, consents=[consent])
        assert (refused.value.code, refused.value.details) == (
            "application.consent_ended", {"consents": [str(consent)]},
        )  # fmt: skip
    done = lending.apply("shop0", amount=FORTY, consents=[lending.consent("shop0")], scheme=sha_of(lending))
    assert done["state"] == "offered"


def test_a_rate_finer_than_is_kept_is_refused(lending: Any) -> None:
    lending.know("shop0")
    with pytest.raises(Invalid) as refused:
        lending.apply("shop0", amount=FORTY, accept_rate=Decimal("0.05850001"))
    assert refused.value.code == "application.rate"
    assert lending.apply("shop0", amount=FORTY, accept_rate=Decimal("0.0500010"))["state"] == "offered"
