"""What a firm owes bounds what it gets: a limit drawn once is not lent twice, and who is late draws nothing."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jirong.financing import owing
from jirong.financing.actions import applications, contracts, loans
from jirong.financing.models import Application, Decision, Loan
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.parties.models import User
from jirong.store.identity import SYSTEM, acting_as

FORTY, TEN = Money.parse("40000.00"), Money.parse("10000.00")
SIX = Decimal("0.06")
LINE = """
scheme: plain-line
version: 1
title: {zh: 循环额度, en: Revolving line}
source: design
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank}
when_missing: ask
limit: {amount: 100000.00, source: design}
price: {fixed: 6.00%, source: design}
instrument: {kind: credit_line, repay: bullet, tenor: 30 days, open_for: 12 months, source: design}
drawing: {how: revolving, least: 1000.00, source: design}
late: {times: 1.5, grace: 3 days, source: design}
losses: {of: principal_and_interest, borne: [{by: lender, share: 100%}], excess: lender, source: design}
disclose: {borrower: all, lender: all}
"""


def stored(model: Any, **which: Any) -> Any:
    with acting_as(SYSTEM), transaction.atomic():
        return model.objects.get(**which)


def page(lending: Any, who: str, name: str, *args: Any) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        User.objects.get(username=lending.world.logins[f"{who}.maker"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer


# Drawn once -----------------------------------------------------------------------------------------------------------


def test_a_limit_drawn_once_is_not_lent_again_while_it_is_open(lending: Any) -> None:
    lending.lend("shop0")
    again = lending.apply("shop0", amount=FORTY, accept_rate=SIX)
    assert again["state"] == "refused"
    (answer,) = [each for each in again["why"] if each["code"] == "in_use"]
    assert "40,000.00" in answer["reason"]["en"]
    assert answer["change"]["en"] == "Repaid, it is free again"
    assert stored(Decision, pk=uuid.UUID(again["decision"])).inputs["in_use"] == "40000.00"


def test_only_what_is_left_of_the_limit_is_offered(lending: Any) -> None:
    lending.lend("shop0", "25000.00")
    again = lending.apply("shop0", amount=FORTY)
    assert (again["state"], again["terms"]["limit"], again["terms"]["amount"]) == ("offered", "15000.00", "15000.00")
    lending.do("shop0", applications.sign_offer, application=uuid.UUID(again["application"]))
    # Instructed and not yet answered is open already.
    assert lending.apply("shop0", amount=TEN)["state"] == "refused"
    lending.banks_answer()
    assert lending.apply("shop0", amount=TEN)["state"] == "refused"


def test_another_policy_of_the_same_lender_on_the_scheme_gives_no_second_limit(lending: Any) -> None:
    lending.lend("shop0")
    lending.policy = lending.sign_policy_again(Money.parse("900000.00"))
    assert lending.apply("shop0", amount=FORTY)["state"] == "refused"


def test_repaid_the_limit_is_there_again(lending: Any) -> None:
    loan = lending.lend("shop0", "10000.00")
    lending.go_to(datetime.date(2026, 1, 20))
    with acting_as(lending.actor("shop0")), transaction.atomic():
        ends = page(lending, "shop0", "firm_loan", loan).context["header"].figures[1].value
    lending.do("shop0", loans.repay, loan_id=loan, amount=ends)
    lending.banks_answer()
    assert stored(Loan, pk=loan).status == "repaid"
    assert lending.apply("shop0", amount=FORTY)["terms"]["limit"] == "40000.00"


def test_what_is_foreseen_counts_what_is_open_too(lending: Any) -> None:
    lending.lend("shop0", "25000.00")
    assert page(lending, "shop0", "firm_credit").context["total"] == Money.parse("15000.00")


# Late -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(lending: Any) -> Any:
    """shop0 has drawn 10,000.00 of a revolving line for 30 days."""
    lending.policy = lending.sign_text(LINE)
    done = lending.do("shop0", applications.apply, policy=lending.policy, amount=None, accept_rate=SIX)
    lending.contract = uuid.UUID(done["contract"])
    lending.loan = uuid.UUID(lending.do("shop0", contracts.draw, contract=lending.contract, amount=TEN)["loan"])
    lending.banks_answer()
    return lending


def test_nobody_late_draws_until_the_bank_has_confirmed_what_it_paid(drawn: Any) -> None:
    due = datetime.date(2026, 2, 14)
    drawn.go_to(due + datetime.timedelta(days=3))  # the last day of grace
    drawn.do("shop0", contracts.draw, contract=drawn.contract, amount=TEN)
    drawn.banks_answer()
    drawn.go_to(due + datetime.timedelta(days=4))
    for instructed in (False, True):
        if instructed:
            drawn.do("shop0", loans.repay, loan_id=drawn.loan)
        with pytest.raises(Refusal) as refused:
            drawn.do("shop0", contracts.draw, contract=drawn.contract, amount=TEN)
        assert refused.value.code == "line.owes_late"
    drawn.banks_answer()
    drawn.do("shop0", contracts.draw, contract=drawn.contract, amount=TEN)


def test_who_is_late_is_told_what_is_held_back_and_why(drawn: Any) -> None:
    assert page(drawn, "shop0", "firm_credit").context["total"] == Money.parse("90000.00")
    drawn.go_to(datetime.date(2026, 2, 20))
    home = page(drawn, "shop0", "firm_credit")
    assert [source.kind for source in home.context["sources"] if source.kind == "line"] == []
    assert "自2026-02-14起逾期未还" in home.content.decode()
    assert "90,000.00" in home.content.decode()
    contract = page(drawn, "shop0", "firm_contract", drawn.contract)
    assert "2026-02-14" in str(contract.context["header"].next_action.why_not)
    assert contract.context["header"].figures[1].value == 0


def test_a_lender_decides_no_new_application_of_who_is_late_with_it(drawn: Any) -> None:
    drawn.go_to(datetime.date(2026, 2, 20))
    other = drawn.sign_policy_again(Money.parse("900000.00"))
    with pytest.raises(Refusal) as refused:
        drawn.do("shop0", applications.apply, policy=other, amount=TEN)
    assert refused.value.code == "application.owes_late"
    assert stored(Application, borrower=drawn.party("shop0")).state == "signed"


def test_in_default_nothing_more_is_drawn(drawn: Any) -> None:
    drawn.go_to(datetime.date(2026, 3, 20))
    drawn.do("bank", loans.share_loss, loan_id=drawn.loan)
    with pytest.raises(Refusal) as refused:
        drawn.do("shop0", contracts.draw, contract=drawn.contract, amount=TEN)
    assert refused.value.code == "line.owes_late"
    late = owing.late_by_lender([drawn.party("shop0")], datetime.date(2026, 3, 20))
    assert late == {drawn.party("bank"): owing.Late(drawn.loan, datetime.date(2026, 2, 14), defaulted=True)}
    assert owing.late_by_lender([drawn.party("shop1")], datetime.date(2026, 3, 20)) == {}
