"""The firm's pages of financing as its browser asks for them: who sees what, in how many statements, and that what is
foreseen is what is decided.
"""

from __future__ import annotations

import itertools
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jirong.financing.models import Application, Contract, Decision, Loan, Policy
from jirong.financing.pages import firm_look, firm_reads
from jirong.kernel.money import Money
from jirong.parties.models import Consent, User
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as

FORTY = Money.parse("40000.00")
LISTS = ["firm_credit", "firm_products", "firm_applications", "firm_offers", "firm_contracts", "firm_loans", "firm_profile", "firm_consents"]


def log_in(world: Any, who: str, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(
        User.objects.get(username=world.world.logins[f"{who}.maker"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def asks(client: Client, url: str) -> int:
    """How many statements a page needs, once whatever a process keeps is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return len([query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))])


def only(model: Any, **which: Any) -> Any:
    with acting_as(SYSTEM), transaction.atomic():
        return model.objects.get(**which)


@pytest.fixture
def borrowing(lending: Any) -> Any:
    """shop0 has a paid-out loan and its consent; shop1 an offer that waits."""
    lending.loan = lending.lend("shop0")
    lending.know("shop1")
    lending.offer = uuid.UUID(lending.apply("shop1", amount=FORTY)["application"])
    return lending


def objects(world: Any) -> dict[str, str]:
    """Addresses of what belongs to shop0."""
    loan = only(Loan, pk=world.loan)
    contract = only(Contract, pk=loan.contract_id)
    consent = only(Consent, grantor=world.party("shop0"), purpose="credit_assessment")
    return {
        "application": reverse("firm_application", args=[contract.application_id]),
        "contract": reverse("firm_contract", args=[contract.pk]),
        "draw": reverse("firm_draw", args=[contract.pk]),
        "loan": reverse("firm_loan", args=[loan.pk]),
        "repay": reverse("firm_repay", args=[loan.pk]),
        "consent": reverse("firm_consent", args=[consent.pk]),
        "consent_withdraw": reverse("firm_consent_withdraw", args=[consent.pk]),
    }


def test_every_page_opens_in_both_languages(borrowing: Any) -> None:
    for who, language in itertools.product(("shop0", "shop1"), ("zh-hans", "en")):
        client = log_in(borrowing, who, language)
        for name in LISTS:
            assert client.get(reverse(name)).status_code == 200, (who, language, name)
        assert client.get(reverse("firm_product", args=[borrowing.policy])).status_code == 200
        assert client.get(reverse("firm_feature", args=["flows_12m"])).status_code == 200
    client = log_in(borrowing, "shop0")
    for name, url in objects(borrowing).items():
        assert client.get(url).status_code == 200, name
    assert log_in(borrowing, "shop1").get(reverse("firm_application", args=[borrowing.offer])).status_code == 200


def test_what_is_not_ones_own_answers_404(borrowing: Any) -> None:
    for who, (name, url) in itertools.product(("shop1",), objects(borrowing).items()):
        assert log_in(borrowing, who).get(url).status_code == 404, (who, name)
    for name, url in objects(borrowing).items():
        # The lender and the platform have pages of their own; these are for firms.
        assert log_in(borrowing, "bank").get(url).status_code == 403, name
        assert log_in(borrowing, "source").get(url).status_code == 403, name
    assert log_in(borrowing, "shop0").get(reverse("firm_application", args=[borrowing.offer])).status_code == 404
