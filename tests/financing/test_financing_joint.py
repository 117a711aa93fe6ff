"""Nobody owes what it has not signed: joint debtors sign the very offer, and until the last has, there is no debt."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jirong.financing import deciding, queries
from jirong.financing.actions import applications
from jirong.financing.close import running
from jirong.financing.models import Application, Contract, Loan, Policy
from jirong.kernel.errors import Conflict, Invalid, NotFound
from jirong.kernel.money import Money
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as

FORTY = Money.parse("40000.00")
SIX = Decimal("0.06")


def count(model: Any) -> int:
    with acting_as(SYSTEM), transaction.atomic():
        return int(model.objects.count())


def free(lending: Any) -> str:
    with acting_as(SYSTEM), transaction.atomic():
        return str(deciding.free_of(Policy.objects.get(pk=lending.policy)))


@pytest.fixture
def waiting(lending: Any) -> Any:
    """shop0 has signed in advance for a loan it is to owe with shop1, which has signed nothing."""
    lending.know("shop0")
    lending.policy = lending.joint_policy()
    done = lending.apply("shop0", amount=FORTY, joint=[lending.party("shop1")], accept_rate=SIX)
    assert done["state"] == "joining"
    lending.application = uuid.UUID(done["application"])
    return lending


def test_a_stranger_is_made_no_debtor(waiting: Any) -> None:
    assert (count(Contract), count(Loan)) == (0, 0)
    assert free(waiting) == "960000.00"  # set aside
    done = waiting.join("shop1", waiting.application)
    assert (done["state"], done["payment"]) == ("signed", "instructed")
    waiting.banks_answer()
    with acting_as(SYSTEM), transaction.atomic():
        loan = Loan.objects.get(pk=done["loan"])
        assert loan.borrowers == [waiting.party("shop0"), waiting.party("shop1")]
        assert Application.objects.get(pk=waiting.application).joined == [waiting.party("shop1")]


def test_an_offer_signed_by_the_first_waits_for_the_other(lending: Any) -> None:
    lending.know("shop0")
    lending.policy = lending.joint_policy()
    done = lending.apply("shop0", amount=FORTY, joint=[lending.party("shop1")])
    signed = lending.do("shop0", applications.sign_offer, application=uuid.UUID(done["application"]))
    assert (signed["state"], signed["waits_for"]) == ("joining", [str(lending.party("shop1"))])
    assert count(Contract) == 0


@pytest.mark.parametrize(
    "other", [{"asked": "0" * 64}, {"offer": "0" * 64}, {"limit": Money.parse("1.00")}, {"rate": SIX}]
)
def test_a_signature_under_other_bytes_counts_for_nothing(waiting: Any, other: dict[str, Any]) -> None:
    with pytest.raises(Conflict) as refused:
        waiting.join("shop1", waiting.application, **other)
    assert refused.value.code == "application.changed"
    assert count(Contract) == 0


def test_who_is_not_named_knows_nothing_of_it_and_who_is_sees_it_only_once_it_waits(lending: Any) -> None:
    lending.know("shop0")
    lending.policy = lending.joint_policy()
    partner = lending.actor("shop1")
    done = lending.apply("shop0", amount=FORTY, joint=[partner.party])
    application = uuid.UUID(done["application"])
    with pytest.raises(NotFound):
        lending.join("shop1", application)
    with acting_as(partner), transaction.atomic():
        assert list(queries.applications(partner)) == []
        assert list(Application.objects.all()) == []
    lending.do("shop0", applications.sign_offer, application=application)
    with acting_as(partner), transaction.atomic():
        assert [row.pk for row in queries.to_join(partner)] == [application]
        assert list(queries.decisions(queries.access_application(partner, application))) == []
    with pytest.raises(NotFound):
        lending.join("source", application)
    with pytest.raises(NotFound):
        lending.do("source", applications.refuse_joint, application=application)


def test_a_joint_debtor_that_refuses_ends_the_offer(waiting: Any) -> None:
    done = waiting.do("shop1", applications.refuse_joint, application=waiting.application)
    assert (done["state"], free(waiting)) == ("declined", "1000000.00")
    with pytest.raises(NotFound):
        waiting.do("shop1", applications.refuse_joint, application=waiting.application)


def test_an_offer_nobody_joined_lapses_and_frees_the_budget(waiting: Any) -> None:
    said = waiting.offer(waiting.application)
    waiting.go_to(datetime.date(2026, 1, 23))
    with pytest.raises(Conflict) as refused:
        waiting.do("shop1", applications.join_application, **said)
    assert refused.value.code == "application.offer_lapsed"
    applications_lapsed = running.close(waiting.party("bank"), datetime.date(2026, 1, 23))
    assert applications_lapsed is not None
    assert free(waiting) == "1000000.00"


def test_a_scheme_without_joint_debt_has_no_joint_debtors_and_one_with_it_wants_them(lending: Any) -> None:
    lending.know("shop0")
    for action in (applications.apply, applications.save_application):
        with pytest.raises(Invalid) as refused:
            lending.do(
                "shop0",
                action,
                policy=lending.policy,
                amount=FORTY,
                use="working_capital",
                joint=[lending.party("shop1")],
            )
        assert refused.value.code == "application.no_joint"
    lending.policy = lending.joint_policy()
    with pytest.raises(Invalid) as refused:
        lending.apply("shop0", amount=FORTY)
    assert refused.value.code == "application.joint_missing"
    with pytest.raises(Invalid) as refused:
        lending.apply("shop0", amount=FORTY, joint=[lending.party("bureau")])
    assert refused.value.code == "application.joint_role"


def test_the_joint_debtor_signs_on_its_own_page(waiting: Any) -> None:
    client = Client()
    client.force_login(
        User.objects.get(username=waiting.world.logins["shop1.maker"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    url = reverse("firm_join", args=[waiting.application])
    assert url in client.get(reverse("firm_credit")).content.decode()
    page = client.get(url).content.decode()
    assert "对全部债务负责" in page
    assert reverse("firm_refuse_joint", args=[waiting.application]) in page
    assert client.get(reverse("firm_refuse_joint", args=[waiting.application])).status_code == 200
    other = Client()
    other.force_login(
        User.objects.get(username=waiting.world.logins["shop0.maker"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert other.get(url).status_code == 404
    assert "待共同借款人签署" in other.get(reverse("firm_application", args=[waiting.application])).content.decode()
