"""An offer is signed only while it still follows from what is known: consent withdrawn or facts changed, it is judged
anew, and nothing is paid on the old judgement.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import deciding
from jirong.financing.actions import applications
from jirong.financing.models import Application, Contract, Decision, Policy
from jirong.kernel.money import Money
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

FORTY = Money.parse("40000.00")
NEXT = datetime.date(2026, 1, 16)


def left(lending: Any) -> tuple[int, str]:
    """Contracts there are, and what of the budget is free."""
    with acting_as(SYSTEM), transaction.atomic():
        return Contract.objects.count(), str(deciding.free_of(Policy.objects.get(pk=lending.policy)))


def test_consent_withdrawn_before_signing_asks_again(lending: Any) -> None:
    lending.know("shop0", consent=False)
    consent = lending.consent("shop0")
    offer = uuid.UUID(lending.apply("shop0", amount=FORTY)["application"])
    lending.do("shop0", parties.withdraw_consent, consent=consent)
    done = lending.do("shop0", applications.sign_offer, application=offer)
    assert done["state"] == "asked"
    assert done["next"]["party"] == str(lending.party("shop0"))
    assert any("consent" in answer["reason"]["en"] for answer in done["why"])
    assert left(lending) == (0, "1000000.00")
    lending.consent("shop0")
    again = lending.submit("shop0", str(offer))
    assert again["state"] == "offered"
    assert lending.do("shop0", applications.sign_offer, application=offer)["state"] == "signed"


@pytest.mark.parametrize(
    ("changed", "state"), [({"court_defaulter": "true"}, "refused"), ({"flows_12m": "90000.00"}, "offered")]
)
def test_what_changed_since_the_offer_is_judged_anew(lending: Any, changed: dict[str, str], state: str) -> None:
    lending.know("shop0")
    offer = uuid.UUID(lending.apply("shop0", amount=FORTY)["application"])
    lending.go_to(NEXT)
    for name, value in changed.items():
        lending.state("shop0", name, value, on=NEXT)
    done = lending.do("shop0", applications.sign_offer, application=offer)
    assert done["state"] == state
    contracts, free = left(lending)
    assert contracts == 0
    with acting_as(SYSTEM), transaction.atomic():
        row = Application.objects.get(pk=offer)
        assert row.decision is not None
        newest = Decision.objects.get(pk=row.decision)
        assert Decision.objects.filter(application=row).count() == 2
    if state == "offered":
        assert newest.terms is not None
        assert Money.parse(newest.terms["limit"]) < FORTY
        assert Money.parse(free) == Money.parse("1000000.00") - Money.parse(newest.terms["limit"])
        assert lending.do("shop0", applications.sign_offer, application=offer)["state"] == "signed"


def test_what_people_vouched_for_still_stands_and_a_new_unknown_goes_back_to_them(lending: Any) -> None:
    lending.know("shop0", court_defaulter="")
    lending.know("shop1", court_defaulter="")
    offers = []
    for shop in ("shop0", "shop1"):
        id = uuid.UUID(lending.apply(shop, amount=FORTY)["application"])
        lending.do("bank", applications.decide_application, application=id, approve=True, note="已查询")
        offers.append(id)
    assert lending.do("shop0", applications.sign_offer, application=offers[0])["state"] == "signed"
    lending.go_to(NEXT)
    lending.state("shop1", "court_defaulter", "true", on=NEXT)
    assert lending.do("shop1", applications.sign_offer, application=offers[1])["state"] == "refused"
