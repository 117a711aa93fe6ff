"""A draft thrown away stays with its firm: the lender neither sees nor counts it."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import queries
from jirong.financing.actions import applications
from jirong.financing.models import Application
from jirong.financing.pages import bank_reads
from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.store.identity import acting_as

FORTY = Money.parse("40000.00")


def draft(lending: Any) -> uuid.UUID:
    done = lending.do(
        "shop0", applications.save_application, policy=lending.policy, amount=FORTY, use="working_capital"
    )
    return uuid.UUID(done["application"])


def test_a_draft_thrown_away_is_neither_seen_nor_counted_by_the_lender(lending: Any) -> None:
    thrown = draft(lending)
    done = lending.do("shop0", applications.withdraw_application, application=thrown)
    assert done["state"] == "discarded"
    lending.know("shop1")
    sent = uuid.UUID(lending.apply("shop1", amount=FORTY)["application"])
    bank = lending.actor("bank")
    with acting_as(bank), transaction.atomic():
        assert [row.pk for row in queries.applications(bank)] == [sent]
        assert [row.pk for row in Application.objects.all()] == [sent]  # what the database itself lets it see
        assert bank_reads.by_state(bank) == {"offered": 1}
        assert bank_reads.funnel(bank, datetime.date(2020, 1, 1)).applied == 1
        with pytest.raises(NotFound):
            queries.access_application(bank, thrown)
    firm = lending.actor("shop0")
    with acting_as(firm), transaction.atomic():
        assert queries.access_application(firm, thrown).state == "discarded"


def test_an_application_withdrawn_after_it_was_submitted_is_seen(lending: Any) -> None:
    lending.know("shop0", consent=False)
    asked = lending.apply("shop0", amount=FORTY)
    assert asked["state"] == "asked"
    sent = uuid.UUID(asked["application"])
    assert lending.do("shop0", applications.withdraw_application, application=sent)["state"] == "withdrawn"
    bank = lending.actor("bank")
    with acting_as(bank), transaction.atomic():
        assert queries.access_application(bank, sent).state == "withdrawn"
