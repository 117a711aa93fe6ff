"""The firm's pages of financing as its browser asks for them: who sees what, in how many statements, and that what is
foreseen is what is decided.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jirong.financing.actions import applications
from jirong.financing.models import Application, Contract, Decision, Loan, Policy
from jirong.financing.pages import firm_look, firm_reads
from jirong.kernel.money import Money
from jirong.parties.models import Consent, User
from jirong.store import business_date
from jirong.store.identity import SYSTEM, acting_as

FORTY = Money.parse("40000.00")
LISTS = ["firm_credit", "firm_products", "firm_applications", "firm_offers", "firm_contracts", "firm_loans",
         "firm_profile", "firm_consents"]  # fmt: skip


def log_in(world: Any, who: str, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    user = User.objects.get(username=world.world.logins[f"{who}.maker"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asks(client: Client, url: str) -> int:
    """How many statements a page needs, once whatever a process keeps is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    besides = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    return sum(not query["sql"].startswith(besides) for query in queries)


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
    assert only(Application, pk=id).state == "discarded"
    listed = client.get(reverse("firm_applications")).context["table"].page.items
    assert [row.pk for row in listed] == [made.pk]


def test_autosave_says_at_the_field_what_cannot_be_saved_and_does_not_say_saved(lending: Any) -> None:
    client, id = start(lending)
    url = reverse("firm_ask", args=[id]) + "?autosave=1"
    body = client.post(url, shown(client, id) | {"amount": "-5 <script>"}).content.decode()
    field = body[body.index('id="ask-wrong-amount"') :].split("</div>")[0]
    assert 'class="field-error"' in field
    assert "<script>" not in body.replace("<script src", "")
    assert "草稿已保存" not in body
    assert "有 1 项填写有误，未保存" in body
    assert only(Application, pk=id).asked_minor is None
    body = client.post(url, shown(client, id) | {"amount": "38000"}).content.decode()
    assert "草稿已保存" in body
    assert "field-error" not in body
    assert only(Application, pk=id).asked_minor == 3_800_000
    # A field that is only still empty is not wrong while one types in another.
    body = client.post(url, shown(client, id) | {"amount": "", "purpose": "备货"}).content.decode()
    assert "field-error" not in body


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


def panel_of(page: Any) -> dict[str, str]:
    """What the signing panel of a page would send."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.content.decode()))


def to_review(world: Any, **typed: str) -> tuple[Client, uuid.UUID, Any]:
    """A filled draft of shop0 with its consent given, at the last step."""
    client, id = start(world)
    world.consent("shop0")
    assert client.post(reverse("firm_ask", args=[id]), shown(client, id) | typed).status_code == 302
    return client, id, client.get(reverse("firm_review", args=[id]))


def test_signed_in_advance_it_is_paid_out_in_the_same_step(lending: Any) -> None:
    client, id, review = to_review(lending, amount="38000", accept_rate="6")
    assert b'"accept_rate":"0.06"' in review.context["signing"].statement.replace(b" ", b"")
    answer = client.post(reverse("firm_review", args=[id]), panel_of(review), follow=True)
    assert answer.context["row"].state == "signed"
    assert answer.context["contract"] is not None
    assert only(Loan, borrower=lending.party("shop0")).status == "paying"


def test_without_consent_it_is_asked_and_with_it_answered_anew(lending: Any) -> None:
    client, id = start(lending)
    client.post(reverse("firm_ask", args=[id]), shown(client, id) | {"amount": "38000"})
    review = client.get(reverse("firm_review", args=[id]))
    assert review.context["lacking"]
    page = client.post(reverse("firm_review", args=[id]), panel_of(review), follow=True)
    assert page.context["row"].state == "asked"
    made = page.context["row"].pk
    agree = client.get(reverse("firm_agree", args=[made])).content.decode()
    hidden = dict(re.findall(r'name="((?:id|statement)-\d+)" value="([^"]+)"', agree))
    answer = client.post(reverse("firm_agree", args=[made]), hidden)
    assert answer.headers["Location"] == reverse("firm_resubmit", args=[made])
    again = client.get(reverse("firm_resubmit", args=[made]))
    said, sha = json.loads(again.context["signing"].statement)["body"], page.context["row"].policy.scheme.sha256
    assert (said["amount"]["amount"], said["scheme"], len(said["consents"])) == ("38000.00", sha, len(hidden) // 2)
    # Changed between the panel and the signature: the old signature decides nothing.
    kept = {"application": made, "policy": lending.policy, "use": "working_capital", "months": said["months"]}
    lending.do("shop0", applications.save_application, amount=Money.parse("39000.00"), **kept)
    assert client.post(reverse("firm_resubmit", args=[made]), panel_of(again)).status_code == 409
    panel = panel_of(client.get(reverse("firm_resubmit", args=[made])))
    assert client.post(reverse("firm_resubmit", args=[made]), panel, follow=True).context["row"].state == "offered"


def test_an_offer_is_signed_or_declined_once(borrowing: Any) -> None:
    client, sign = log_in(borrowing, "shop1"), reverse("firm_sign", args=[borrowing.offer])
    panel = panel_of(client.get(sign))
    places = {client.post(sign, panel).headers["Location"] for _ in range(2)}
    assert places == {reverse("firm_contract", args=[only(Contract, borrower=borrowing.party("shop1")).pk])}
    assert client.get(reverse("firm_withdraw", args=[borrowing.offer])).status_code == 302


def test_an_offer_past_its_day_counts_no_more(borrowing: Any) -> None:
    import datetime

    client = log_in(borrowing, "shop1")
    borrowing.go_to(datetime.date(2026, 1, 23))
    page = client.get(reverse("firm_credit"))
    assert page.context["total"] == Money(0)
    assert client.get(reverse("firm_offers")).context["side"] == []
    assert client.get(reverse("firm_application", args=[borrowing.offer])).context["header"].next_action.why_not


def test_what_a_lender_cannot_lend_is_not_promised(lending: Any) -> None:
    from jirong.financing.actions import schemes

    lending.do("bank", schemes.withdraw_policy, policy=lending.policy)
    lending.sign_policy_again(Money.parse("10000.00"))
    lending.know("shop0")
    page = log_in(lending, "shop0").get(reverse("firm_credit"))
    assert page.context["total"] == Money(0)
    listed = log_in(lending, "shop0").get(reverse("firm_products")).context["table"].page.items
    assert [(row.fit, row.amount) for row in listed] == [("refer", None)]


def test_drafts_are_nobody_elses(lending: Any) -> None:
    _, id = start(lending)
    names = ["firm_ask", "firm_agree", "firm_review", "firm_application", "firm_resubmit", "firm_sign", "firm_withdraw"]
    other, bank = log_in(lending, "shop1"), log_in(lending, "bank")
    for name in names:
        assert other.get(reverse(name, args=[id])).status_code == 404, name
        assert bank.get(reverse(name, args=[id])).status_code == 403, name
    for name in ("firm_discard", "firm_ask", "firm_agree", "firm_review"):
        assert other.post(reverse(name, args=[id])).status_code == 404, name
    assert only(Application, pk=id).state == "draft"


def test_every_list_can_be_taken_along(borrowing: Any) -> None:
    client = log_in(borrowing, "shop0")
    for name in (*LISTS[1:3], "firm_contracts", "firm_loans", "firm_profile", "firm_consents"):
        table = client.get(reverse(name)).context["table"]
        answer = client.get(table.csv_url)
        assert answer.status_code == 200, name
        assert answer.headers["Content-Type"].startswith("text/csv"), name


def test_a_firm_lets_a_source_supply_what_is_missing(lending: Any) -> None:
    client, url = log_in(lending, "shop0"), reverse("firm_consent_new")
    page = client.get(url, {"purpose": "supply", "scope": "farm.trades"})
    assert page.context["form"].initial["scope"] == "farm.trades"
    form = {"grantee": "数据平台", "purpose": "supply", "scope": "farm.trades", "until": "2026-12-31"}
    panel = client.post(url, form)
    assert client.post(url, panel_of(panel)).status_code == 302
    given = only(Consent, grantor=lending.party("shop0"), purpose="supply")
    assert (given.scope, given.grantee_id) == (["farm.trades"], lending.party("source"))
    assert client.post(url, form | {"grantee": "没有这家"}).status_code == 422


@pytest.fixture
def line(lending: Any) -> Any:
    """shop0 holds a revolving limit of the online working-capital scheme."""
    lending.grant_source("other_source", ["shop.orders", "tax.filing", "registration.record"])
    lending.line_policy = lending.sign_policy("online-working-capital")
    told = {"registered_months": "60", "tax_grade": "A", "tax_overdue": "false", "tax_sales_12m": "1000000.00",
            "court_defaulter": "false"}  # fmt: skip
    for name, value in told.items():
        lending.state("shop0", name, value, who="source" if name == "court_defaulter" else "other_source")
    lending.consent("shop0")
    client = log_in(lending, "shop0")
    started = client.post(reverse("firm_apply", args=[lending.line_policy]))
    id = uuid.UUID(started.headers["Location"].split("/")[3])
    client.post(reverse("firm_ask", args=[id]), shown(client, id) | {"amount": "150000", "accept_rate": "10"})
    review = reverse("firm_review", args=[id])
    page = client.post(review, panel_of(client.get(review)), follow=True)
    assert page.context["row"].state == "signed", [item.reason for item in page.context["open"]]
    lending.client, lending.contract = client, page.context["contract"].pk
    return lending


def test_a_limit_is_drawn_and_the_number_follows(line: Any) -> None:
    client, draw = line.client, reverse("firm_draw", args=[line.contract])
    home = client.get(reverse("firm_credit")).context
    limit = home["total"]
    assert [source.kind for source in home["sources"]] == ["line"]
    shown_first = client.post(draw, {"amount": "60000"})
    assert not shown_first.context["signing"].is_barred
    done = client.post(draw, panel_of(shown_first), follow=True)
    assert done.context["row"].status == "paying"
    line.banks_answer()
    assert client.get(reverse("firm_credit")).context["total"] == limit - Money.parse("60000.00")
    too_much = client.post(draw, {"amount": "900000"})
    assert too_much.context["signing"].is_barred
    odd = client.post(draw, {"amount": "1050.50"})
    assert odd.context["signing"].is_barred


def test_a_second_application_is_led_to_the_limit(line: Any) -> None:
    page = line.client.get(reverse("firm_product", args=[line.line_policy]))
    assert page.context["header"].next_action.url == reverse("firm_contract", args=[line.contract])


def test_the_whole_is_repaid_and_said_so(borrowing: Any) -> None:
    client, url = log_in(borrowing, "shop0"), reverse("firm_repay", args=[borrowing.loan])
    panel = client.post(url, {"amount": "40000"})
    assert "结清" in panel.context["signing"].words[-1].zh
    assert client.post(url, panel_of(panel)).status_code == 302
    borrowing.banks_answer()
    assert only(Loan, pk=borrowing.loan).status == "repaid"
    assert client.get(reverse("firm_loan", args=[borrowing.loan])).status_code == 200
    barred = client.post(url, {"amount": "1"})
    assert barred.context["signing"].is_barred
