"""Decisions: nothing on silence, every clause answered, limits never passed, two people for what the policy refers."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import deciding, queries
from jirong.financing.actions import applications, contracts, schemes
from jirong.financing.close import running
from jirong.financing.models import Contract, Decision, Loan, Policy
from jirong.kernel.errors import Conflict, Forbidden, NotFound, Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.ledger import check as ledger_check
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

FORTY = Money.parse("40000.00")


def decision(done: dict[str, Any]) -> Decision:
    with acting_as(SYSTEM), transaction.atomic():
        return Decision.objects.get(pk=done["decision"])


def standings(done: dict[str, Any]) -> dict[str, str]:
    return {answer["path"]: answer["standing"] for answer in decision(done).answers}


def free(policy: uuid.UUID) -> str:
    with acting_as(SYSTEM), transaction.atomic():
        return str(deciding.free_of(Policy.objects.get(pk=policy)))


def test_an_approval_answers_every_clause_in_both_languages(lending: Any) -> None:
    lending.know("shop0")
    done = lending.apply("shop0", amount=FORTY)
    assert done["state"] == "offered"
    kept = decision(done)
    assert {answer["standing"] for answer in kept.answers} <= {"met", "noted"}
    assert all(answer["reason"]["zh"] and answer["reason"]["en"] for answer in kept.answers)
    assert kept.terms is not None
    assert (kept.terms["limit"], kept.terms["rate"], kept.terms["interest"]) == ("40000.00", "0.0585", "1278.81")
    assert free(lending.policy) == "960000.00"


@pytest.mark.parametrize(
    ("changed", "state", "path", "standing"),
    [
        ({"shop_months": ""}, "asked", "eligible/0", "ask"),
        ({"court_defaulter": ""}, "referred", "eligible/4", "refer"),
        ({"shop_months": "3"}, "refused", "eligible/0", "failed"),
        ({"flows_12m": ""}, "asked", "assess", "ask"),
        ({"shop_months": "3", "flows_12m": ""}, "refused", "eligible/0", "failed"),
    ],
)
def test_what_is_not_known_is_asked_or_referred_and_only_the_known_refuses(
    lending: Any, changed: dict[str, str], state: str, path: str, standing: str
) -> None:
    lending.know("shop0", **changed)
    done = lending.apply("shop0", amount=FORTY)
    assert done["state"] == state
    assert standings(done)[path] == standing
    assert done["why"]
    assert free(lending.policy) == "1000000.00"


def test_sources_that_disagree_decide_nothing(lending: Any) -> None:
    lending.know("shop0")
    lending.state("shop0", "shop_months", "2", who="other_source")
    done = lending.apply("shop0", amount=FORTY)
    assert (done["state"], standings(done)["eligible/0"]) == ("asked", "ask")


def test_consent_withdrawn_in_mid_application_withholds_everything(lending: Any) -> None:
    lending.know("shop0", consent=False)
    asked = lending.apply("shop0", amount=FORTY)
    assert asked["state"] == "asked"
    given = lending.consent("shop0")
    lending.do("shop0", parties.withdraw_consent, consent=given)
    again = lending.submit("shop0", asked["application"])
    assert again["state"] == "asked"
    assert decision(again).inputs["features"]["shop_months"]["known"] == "withheld"
    lending.consent("shop0")
    done = lending.submit("shop0", asked["application"])
    assert done["state"] == "offered"


def test_nobody_states_figures_about_itself(lending: Any) -> None:
    with pytest.raises(Forbidden, match="about itself"):
        lending.state("shop0", "shop_months", "99", who="shop0")


def test_a_dearer_offer_than_signed_for_waits_for_the_firm(lending: Any) -> None:
    lending.know("shop0", shop_months="7", review_score="4.1", delivery_on_time="0.91")
    done = lending.apply("shop0", amount=Money.parse("20000.00"), accept_rate=Decimal("0.06"))
    assert done["state"] == "offered"
    signed = lending.do("shop0", applications.sign_offer, application=uuid.UUID(done["application"]))
    assert signed["payment"] == "instructed"


def test_one_open_application_and_a_withdrawal_frees_the_budget(lending: Any) -> None:
    lending.know("shop0")
    done = lending.apply("shop0", amount=FORTY)
    with pytest.raises(Conflict) as refused:
        lending.apply("shop0", amount=FORTY)
    assert refused.value.code == "application.another_open"
    lending.do("shop0", applications.withdraw_application, application=uuid.UUID(done["application"]))
    assert free(lending.policy) == "1000000.00"


def test_a_budget_is_never_passed(lending: Any) -> None:
    lending.know("shop0")
    lending.know("shop1")
    first = lending.sign_policy_again(Money.parse("50000.00"))
    lending.policy = first
    assert lending.apply("shop0", amount=FORTY)["state"] == "offered"
    with pytest.raises(Refusal) as refused:
        lending.apply("shop1", amount=FORTY)
    assert refused.value.code.startswith("ledger.")
    assert free(first) == "10000.00"


def test_an_offer_lapses_at_the_close_and_cannot_be_signed_after_its_day(lending: Any) -> None:
    lending.know("shop0")
    done = lending.apply("shop0", amount=FORTY)
    lending.go_to(datetime.date(2026, 1, 23))
    with pytest.raises(Conflict) as refused:
        lending.do("shop0", applications.sign_offer, application=uuid.UUID(done["application"]))
    assert refused.value.code == "application.offer_lapsed"
    running.close(lending.party("bank"), datetime.date(2026, 1, 23))
    assert free(lending.policy) == "1000000.00"


def test_a_referral_takes_two_people_and_never_what_the_scheme_refuses(lending: Any) -> None:
    lending.know("shop0", court_defaulter="")
    done = lending.apply("shop0", amount=FORTY)
    application = uuid.UUID(done["application"])
    with acting_as(lending.actor("bank")), pytest.raises(Forbidden):
        applications.decide_application(
            actor=lending.actor("bank"), id=uuid.uuid4(), application=application, approve=True, note="ok"
        )
    approved = lending.do(
        "bank", applications.decide_application, application=application, approve=True, note="查询法院网站无记录",
        amount=Money.parse("30000.00"),
    )  # fmt: skip
    assert (approved["state"], approved["terms"]["limit"]) == ("offered", "30000.00")
    lending.know("shop1", court_defaulter="")
    second = lending.apply("shop1", amount=FORTY)
    lending.state("shop1", "shop_months", "1", on=datetime.date(2026, 1, 15))
    with pytest.raises(Conflict) as refused:
        lending.do(
            "bank", applications.decide_application, application=uuid.UUID(second["application"]), approve=True,
            note="x",
        )  # fmt: skip
    assert refused.value.code == "application.scheme_refuses"


def test_a_version_is_published_once_and_a_contract_keeps_its_own(lending: Any) -> None:
    with pytest.raises(Conflict) as refused:
        lending.do("bank", schemes.publish_catalogue, name="instant-loan-310")
    assert refused.value.code == "scheme.published"
    loan = lending.lend("shop0")
    lending.do("bank", schemes.withdraw_policy, policy=lending.policy)
    with acting_as(SYSTEM), transaction.atomic():
        contract = Contract.objects.get(loans=loan)
        assert str(contract.policy.scheme) == "instant-loan-310@1"
    with pytest.raises(NotFound):
        lending.apply("shop1", amount=FORTY)


def test_another_firm_sees_nothing_of_it(lending: Any) -> None:
    loan = lending.lend("shop0")
    stranger = lending.actor("shop1")
    with acting_as(stranger), transaction.atomic():
        assert list(queries.applications(stranger)) == []
        assert list(queries.contracts(stranger)) == []
        with pytest.raises(NotFound):
            queries.access_loan(stranger, loan)
        assert queries.paid_on([]) == {}


def test_a_joint_loan_is_each_debtors_whole_exposure_and_counted_once(lending: Any) -> None:
    lending.know("shop0")
    both = [lending.party("shop0"), lending.party("shop1")]
    lending.policy = lending.joint_policy()
    done = lending.apply("shop0", amount=FORTY, joint=[both[1]], accept_rate=Decimal("0.06"))
    assert lending.join("shop1", done["application"])["state"] == "signed"
    lending.banks_answer()
    with acting_as(SYSTEM), transaction.atomic():
        assert [queries.exposure_minor(party) for party in both] == [4_000_000, 4_000_000]
        assert queries.group_exposure_minor(both) == 4_000_000


def test_a_bank_that_does_not_pay_leaves_the_limit_free(lending: Any) -> None:
    from jirong.rails.models import Instruction

    lending.know("shop0")
    done = lending.apply("shop0", amount=FORTY, accept_rate=Decimal("0.06"))
    from jirong.rails import actions as rails

    with acting_as(SYSTEM), transaction.atomic():
        (order,) = Instruction.objects.filter(subject=done["loan"])
    lending.do(
        "bank", rails.confirm_payment, instruction=order.pk, paid=False, bank_reference="R1",
        value_date=datetime.date(2026, 1, 15), reason=Text("账户止付", "Account stopped"),
    )  # fmt: skip
    with acting_as(SYSTEM), transaction.atomic():
        assert Loan.objects.get(pk=done["loan"]).status == "new"
        contract = Contract.objects.get(pk=done["contract"])
        assert (contract.in_use_minor, contract.draws) == (0, [])
        assert ledger_check.check() == []
    lending.do("shop0", contracts.draw, contract=contract.pk, amount=FORTY)


def test_the_decision_does_not_grow_with_the_clauses_in_queries(
    lending: Any, django_assert_max_num_queries: Any
) -> None:
    lending.know("shop0")
    with django_assert_max_num_queries(60):
        lending.apply("shop0", amount=FORTY, accept_rate=Decimal("0.06"))
