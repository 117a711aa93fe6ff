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
LISTS = [
    "firm_credit",
    "firm_products",
    "firm_applications",
    "firm_offers",
    "firm_contracts",
    "firm_loans",
    "firm_profile",
    "firm_consents",
]


def log_in(world: Any, who: str, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(
        User.objects.get(username=world.world.logins[f"{who}.maker"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def asks(client: Client, url: str) -> int:
    """How many statements a page needs, once whatever a process keeps is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return len(
        [query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    )


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


def test_a_stranger_is_sent_to_the_log_in(borrowing: Any) -> None:
    for url in [*objects(borrowing).values(), *map(reverse, LISTS)]:
        answer = Client().get(url)
        assert answer.status_code == 302, url
        assert answer.headers["Location"].startswith("/accounts/login/?next="), url


def test_a_page_needs_as_many_statements_for_ten_rows_as_for_one(borrowing: Any) -> None:
    client = log_in(borrowing, "shop0")
    before = {name: asks(client, reverse(name)) for name in LISTS}
    for _ in range(4):
        borrowing.sign_policy_again(Money.parse("900000.00"))
    for name in LISTS:
        assert asks(client, reverse(name)) <= before[name], name
    assert max(before.values()) <= STATEMENTS_MAX, before


def test_object_pages_ask_once_a_section(borrowing: Any) -> None:
    client = log_in(borrowing, "shop0")
    counted = {name: asks(client, url) for name, url in objects(borrowing).items()}
    assert max(counted.values()) <= STATEMENTS_MAX, counted


STATEMENTS_MAX = 40
"""Of the whole page with its shell (log-in, party, navigation counts), none of which grows with the rows."""


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"shop_months": ""},
        {"court_defaulter": ""},
        {"shop_months": "3"},
        {"flows_12m": ""},
        {"flows_12m": "90000.00"},
    ],
)
def test_what_is_foreseen_is_what_is_decided(lending: Any, changed: dict[str, str]) -> None:
    lending.know("shop0", consent=False, **changed)
    policy, today = only(Policy, pk=lending.policy), business_date.today()
    firm = lending.party("shop0")
    with acting_as(lending.actor("shop0")), transaction.atomic():
        policy.scheme  # noqa: B018 (read under this identity)
        found = firm_look.look(firm, [policy], today)
        foreseen = firm_look.preview(found, policy, asked=FORTY, use="working_capital")
    with acting_as(SYSTEM), transaction.atomic():
        assert not Application.objects.exists()
        assert not Decision.objects.exists()
    lending.consent("shop0")
    decided = only(Decision, pk=uuid.UUID(lending.apply("shop0", amount=FORTY)["decision"]))
    assert foreseen.verdict.value == decided.verdict
    told = [{key: answer[key] for key in ("path", "standing", "reason")} for answer in decided.answers]
    assert [
        {key: answer.as_dict()[key] for key in ("path", "standing", "reason")} for answer in foreseen.evaluation.answers
    ] == told
    if foreseen.fits:
        kept = {key: decided.terms[key] for key in foreseen.told}
        assert (str(foreseen.amount), str(foreseen.rate), dict(foreseen.told)) == (
            decided.terms["amount"],
            decided.terms["rate"],
            kept,
        )


def test_the_number_is_the_free_limits_and_the_best_offer(borrowing: Any) -> None:
    page = log_in(borrowing, "shop1").get(reverse("firm_credit"))
    assert page.context["total"] == FORTY
    assert [source.kind for source in page.context["sources"]] == ["offer"]
    # A second policy foresees as much again; offers exclude each other, so the number stays.
    borrowing.sign_policy_again(Money.parse("900000.00"))
    assert log_in(borrowing, "shop1").get(reverse("firm_credit")).context["total"] == FORTY


def test_no_number_is_named_where_nothing_is_known(lending: Any) -> None:
    page = log_in(lending, "shop0").get(reverse("firm_credit"))
    assert page.context["total"] == Money(0)
    assert page.context["annual"] is None
    assert page.context["why"].tone == "wait"


# The wizard ---------------------------------------------------------------------------------------------------------


def start(world: Any, who: str = "shop0") -> tuple[Client, uuid.UUID]:
    """A new draft of a firm that is known and has consented to nothing."""
    world.know(who, consent=False)
    client = log_in(world, who)
    answer = client.post(reverse("firm_apply", args=[world.policy]))
    assert answer.status_code == 302
    return client, uuid.UUID(answer.headers["Location"].split("/")[3])


def shown(client: Client, id: uuid.UUID) -> dict[str, str]:
    """What a window of the form shows: its fields, and the values it began with."""
    page = client.get(reverse("firm_ask", args=[id]))
    form = page.context["form"]
    values = {name: str(form[name].value() or "") for name in form.fields}
    return values | {f"was-{name}": value for name, value in values.items()}


def autosave(client: Client, id: uuid.UUID, window: dict[str, str], **typed: str) -> None:
    answer = client.post(reverse("firm_ask", args=[id]) + "?autosave=1", window | typed)
    assert answer.status_code == 200
    window |= typed
    window |= {f"was-{name}": value for name, value in typed.items()}


def test_a_form_has_at_most_twelve_fields(lending: Any) -> None:
    client, id = start(lending)
    fields = client.get(reverse("firm_ask", args=[id])).context["form"].fields
    assert list(fields) == ["amount", "use", "purpose", "accept_rate"]


def test_two_windows_do_not_undo_each_other(lending: Any) -> None:
    client, id = start(lending)
    one, two = shown(client, id), shown(client, id)
    autosave(client, id, one, amount="40000.00")
    autosave(client, id, two, purpose="进货")
    row = only(Application, pk=id)
    assert (row.asked_minor, row.purpose, row.use) == (4_000_000, "进货", "working_capital")
    autosave(client, id, one, use="wages")
    row = only(Application, pk=id)
    assert (row.asked_minor, row.purpose, row.use) == (4_000_000, "进货", "wages")


def test_what_cannot_be_read_yet_is_kept_and_said(lending: Any) -> None:
    client, id = start(lending)
    window = shown(client, id)
    autosave(client, id, window, amount="四万")
    assert only(Application, pk=id).asked_minor is None
    assert shown(client, id)["amount"] == "四万"
    answer = client.post(reverse("firm_ask", args=[id]), shown(client, id))
    assert answer.status_code == 422
    autosave(client, id, window, amount="40000")
    assert shown(client, id)["amount"] == "40000.00"


def test_from_a_blank_form_to_an_offer(lending: Any) -> None:
    client, id = start(lending)
    answer = client.post(reverse("firm_ask", args=[id]), shown(client, id) | {"amount": "38000", "purpose": "备货"})
    assert answer.headers["Location"] == reverse("firm_agree", args=[id])
    page = client.get(reverse("firm_agree", args=[id]))
    assert len(page.context["grants"]) == 1
    hidden = dict(re.findall(r'name="((?:id|statement)-\d+)" value="([^"]+)"', page.content.decode()))
    assert client.post(reverse("firm_agree", args=[id]), hidden).status_code == 302
    review = client.get(reverse("firm_review", args=[id]))
    panel = review.context["signing"]
    assert b'"amount":{"CNY":"38000.00"}' in panel.statement.replace(b" ", b"") or b"38000.00" in panel.statement
    form = dict(
        re.findall(r'<input type="hidden" name="(id|statement|signature|key)" value="([^"]*)"', review.content.decode())
    )
    first, again = (client.post(reverse("firm_review", args=[id]), form) for _ in range(2))
    assert first.status_code == 302
    assert again.headers["Location"] == first.headers["Location"]
    made = only(Application, borrower=lending.party("shop0"), state="offered")
    assert (made.asked_minor, made.purpose) == (3_800_000, "备货")
    assert first.headers["Location"] == reverse("firm_application", args=[made.pk])
    assert only(Application, pk=id).state == "withdrawn"
    listed = client.get(reverse("firm_applications")).context["table"].page.items
    assert [row.pk for row in listed] == [made.pk]


def test_what_changed_in_another_window_is_not_signed_unseen(lending: Any) -> None:
    client, id = start(lending)
    lending.consent("shop0")
    client.post(reverse("firm_ask", args=[id]), shown(client, id) | {"amount": "38000"})
    review = client.get(reverse("firm_review", args=[id]))
    form = dict(
        re.findall(r'<input type="hidden" name="(id|statement|signature|key)" value="([^"]*)"', review.content.decode())
    )
    autosave(client, id, shown(client, id), amount="39000")
    assert client.post(reverse("firm_review", args=[id]), form).status_code == 409
    with acting_as(SYSTEM), transaction.atomic():
        assert not Application.objects.exclude(state="draft").exists()


def test_a_repayment_does_what_was_shown(borrowing: Any) -> None:
    row, today = only(Loan, pk=borrowing.loan), business_date.today()
    party = borrowing.party("shop0")
    with acting_as(borrowing.actor("shop0")), transaction.atomic():
        effect = firm_reads.repayment(row, party, 1_000_000, today)
    from jirong.financing import queries
    from jirong.financing.actions import loans

    borrowing.do("shop0", loans.repay, loan_id=borrowing.loan, amount=Money(1_000_000))
    borrowing.banks_answer()
    with acting_as(SYSTEM), transaction.atomic():
        after = queries.schedule(Loan.objects.get(pk=borrowing.loan), today)
    assert effect.paid == Money(1_000_000)
    assert [(line.due, line.amount) for line in after] == [(line.due, line.amount) for line in effect.after]
    assert effect.saved.minor > 0


def test_a_consent_shows_what_was_read_and_can_be_withdrawn(borrowing: Any) -> None:
    client, url = log_in(borrowing, "shop0"), objects(borrowing)["consent"]
    page = client.get(url)
    assert len(page.context["reads"]) == 1
    panel = client.get(objects(borrowing)["consent_withdraw"])
    form = dict(
        re.findall(r'<input type="hidden" name="(id|statement|signature|key)" value="([^"]*)"', panel.content.decode())
    )
    assert client.post(objects(borrowing)["consent_withdraw"], form).status_code == 302
    assert only(Consent, grantor=borrowing.party("shop0"), purpose="credit_assessment").withdrawn_at is not None


def test_rates_are_weighted_by_amount() -> None:
    from jirong.financing.pages.firm_home import Source, weighted
    from jirong.kernel.text import Text

    def source(minor: int, rate: str) -> Source:
        return Source("line", Text("额度", "line"), Text("银行", "bank"), Money(minor), Decimal(rate), "")

    assert weighted([source(300, "0.04"), source(100, "0.08")]) == Decimal("0.05")
    assert weighted([]) is None
