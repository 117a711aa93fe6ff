"""The lender's pages as a browser asks for them: who sees what, how often the database is asked, what a file's two
people sign, and that every figure of the book is the sum of the rows it leads to.
"""

from __future__ import annotations

import datetime
import importlib.util
import re
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from jirong.financing.actions import closing
from jirong.financing.close import running
from jirong.financing.models import Application, CloseError, CloseRun, Contract, Decision, LateMark, Loan, SchemeVersion
from jirong.kernel.money import Money
from jirong.parties.models import Proposal, User
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

START = datetime.date(2026, 1, 15)
LISTS = ["bank_desk", "bank_pulse", "bank_risk", "bank_pipeline", "bank_book", "bank_vintages", "bank_rolls", "bank_losses",
         "bank_concentration", "bank_provisions", "bank_loans", "bank_policies", "bank_close"]  # fmt: skip
ACTS = ("collect", "extend", "restructure", "waive", "accelerate", "share_loss", "write_off")


def load(name: str) -> ModuleType:
    """A helper beside this file."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class Bank:
    """A world with a seeded book, three referred files and one offer."""

    def __init__(self, lending: Any) -> None:
        self.lending = lending
        self.seed = load("bank_seed")
        self.made = self.seed.furnish(lending, START, 60)
        self.files = {shop: self.file(shop, court_defaulter="") for shop in ("shop0", "shop1")}

    def file(self, shop: str, **known: str) -> uuid.UUID:
        self.lending.know(shop, **known)
        done = self.lending.apply(shop, amount=Money.parse("40000.00"))
        return uuid.UUID(done["application"])

    def client(self, who: str, person: str = "maker") -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        user = User.objects.get(username=self.lending.world.logins[f"{who}.{person}"])
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def one(self, model: Any, **asked: Any) -> Any:
        with acting_as(SYSTEM):
            return model.objects.filter(**asked).order_by("pk").first()

    def running(self) -> int:
        with acting_as(SYSTEM):
            return Loan.objects.filter(status__in=["live", "overdue", "defaulted"]).count()

    def late(self) -> Any:
        """A late loan under the policy that shares its losses."""
        with acting_as(SYSTEM):
            rows = Loan.objects.filter(policy=self.made.policies[1], oldest_due__lt=START, status="overdue")
            return rows.order_by("oldest_due", "pk").first()


@pytest.fixture(scope="module")
def founded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Bank]:
    """The world, made once for all tests here and undone after the last; each test runs in a savepoint on it."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=hashers), transaction.atomic():
        yield Bank(load("conftest").Lending())
        transaction.set_rollback(True)


@pytest.fixture
def bank(founded: Bank, db: None) -> Bank:
    return founded


def hidden(page: str) -> dict[str, str]:
    """The fields of the signing panel on a page."""
    form = re.search(r'<form class="signing".*?</form>', page, re.DOTALL)
    assert form, "the page has no signing panel"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


def asks(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200, url
    kept = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    return len([query for query in queries if not query["sql"].startswith(kept)])


def pages(bank: Bank) -> list[str]:
    """Every address of the lender's pages."""
    late, run = bank.late(), bank.one(CloseRun)
    contract = bank.one(Contract, pk=late.contract_id)
    urls = [reverse(name) for name in LISTS]
    urls += [f"{reverse('bank_desk')}?file={id}" for id in bank.files.values()]
    urls += [reverse("bank_loan", args=[late.pk]), reverse("bank_contract", args=[contract.pk])]
    urls += [reverse("bank_act", args=[late.pk, act]) for act in ACTS]
    urls += [reverse(name, args=[contract.pk]) for name in ("bank_freeze", "bank_lower")]
    urls += [
        reverse("bank_policy", args=[bank.made.policies[0]]),
        reverse("bank_withdraw_policy", args=[bank.made.policies[0]]),
    ]
    urls += [reverse("bank_sign_policy", args=[bank.one(SchemeVersion).pk])]
    return [*urls, reverse("bank_close_run", args=[run.pk])] if run else urls


def test_every_page_opens_for_its_lender_in_both_languages(bank: Bank) -> None:
    running.close(bank.lending.party("bank"), START)
    client = bank.client("bank")
    for language in ("zh-hans", "en"):
        for url in pages(bank):
            answer = client.get(url, headers={"accept-language": language})
            assert answer.status_code == 200, (url, language)
            assert "None" not in re.sub(r"<script.*?</script>", "", answer.content.decode(), flags=re.DOTALL), url


def test_no_other_party_opens_what_is_the_lenders(bank: Bank) -> None:
    """Another lender finds no object of the bank's; a firm and the operator find no page at all."""
    running.close(bank.lending.party("bank"), START)
    objects = [url for url in pages(bank) if re.search(r"[0-9a-f]{8}-", url) and "sign" not in url]
    rival, shop, operator = bank.client("rival"), bank.client("shop0"), bank.client("operator")
    for url in objects:
        assert rival.get(url).status_code == 404, url
    for url in pages(bank):
        assert shop.get(url).status_code in (403, 404), url
        expected = 200 if "close" in url else 403
        assert operator.get(url).status_code == expected, url
        assert Client().get(url).status_code == 302, url


def test_a_book_of_others_is_in_no_figure(bank: Bank) -> None:
    for name in ("bank_book", "bank_concentration", "bank_loans", "bank_desk"):
        page = bank.client("rival").get(reverse(name)).content.decode()
        assert "有限公司" not in page, name


ASKS = {
    "bank_desk": 20, "bank_pulse": 14, "bank_risk": 19, "bank_book": 13, "bank_vintages": 13, "bank_rolls": 13, "bank_losses": 17,
    "bank_concentration": 16, "bank_provisions": 13, "bank_loans": 12, "bank_pipeline": 16,
}  # fmt: skip


def test_a_page_asks_the_database_a_fixed_number_of_times(bank: Bank) -> None:
    """One statement a section, however many rows there are; the rest is the session, the seat and the shell."""
    client = bank.client("bank")
    found = {name: asks(client, reverse(name)) for name in ASKS}
    assert {name: count for name, count in found.items() if count > ASKS[name]} == {}


def test_a_file_is_decided_at_the_desk_by_two_people(bank: Bank) -> None:
    url = f"{reverse('bank_desk')}?file={bank.files['shop0']}"
    maker, checker = bank.client("bank"), bank.client("bank", "checker")
    page = maker.get(url).content.decode()
    assert "转人工审批" in page
    assert "没有资料" in page
    typed = {"verdict": "approve", "amount": "35,000.00", "note": "已电话核实法院公开信息"}
    panel = hidden(maker.post(url, typed).content.decode())
    done = maker.post(url, panel)
    assert (done.status_code, done.headers["Location"]) == (302, url)
    waiting = maker.get(url).content.decode()
    assert 'class="signing"' not in waiting
    assert "须由另一位同事复核" in waiting
    shown = checker.get(url).content.decode()
    for words in ("同意，额度不超过 35,000.00 元", "理由：已电话核实法院公开信息"):
        assert words in shown
    approval = hidden(shown)
    first, second = checker.post(url, approval), checker.post(url, approval)
    assert first.status_code == 302
    assert second.status_code in (200, 302)
    with acting_as(SYSTEM):
        row = Application.objects.get(pk=bank.files["shop0"])
        decision = bank.one(Decision, pk=row.decision)
    assert row.state == "offered"
    assert (decision.automatic, decision.note, decision.terms["limit"]) == (False, "已电话核实法院公开信息", "35000.00")


def test_a_file_is_refused_or_sent_back_with_the_reason(bank: Bank) -> None:
    url = f"{reverse('bank_desk')}?file={bank.files['shop1']}"
    maker, checker = bank.client("bank"), bank.client("bank", "checker")
    maker.post(url, hidden(maker.post(url, {"verdict": "refuse", "note": "流水不真实"}).content.decode()))
    assert checker.post(url, {"note": ""}).status_code == 422
    assert checker.post(url, {"note": "请附流水"}).status_code == 302
    with acting_as(SYSTEM):
        assert Proposal.objects.get().state == "rejected"
        assert Application.objects.get(pk=bank.files["shop1"]).state == "referred"
    maker.post(url, hidden(maker.post(url, {"verdict": "refuse", "note": "流水不真实"}).content.decode()))
    assert checker.post(url, hidden(checker.get(url).content.decode())).status_code == 302
    with acting_as(SYSTEM):
        assert Application.objects.get(pk=bank.files["shop1"]).state == "refused"


def test_more_than_the_scheme_allows_is_refused_at_the_field(bank: Bank) -> None:
    url = f"{reverse('bank_desk')}?file={bank.files['shop0']}"
    answer = bank.client("bank").post(url, {"verdict": "approve", "amount": "9000000.00", "note": "…"})
    assert answer.status_code == 422
    assert "不能超过方案允许的上限" in answer.content.decode()


def test_a_figure_is_the_sum_of_the_loans_it_leads_to(bank: Bank) -> None:
    """Each class of the overview and the loans behind it, read from the files both pages export."""
    client = bank.client("bank")
    rows = exported(client, reverse("bank_book"), "classes_")
    assert sum(int(row[1]) for row in rows) == bank.running() > 20
    for code, row in enumerate(rows):
        behind = exported(client, f"{reverse('bank_loans')}?class={code}&running=1", "", "book")
        assert len(behind) == int(row[1])
        assert sum((Decimal(each[2]) for each in behind), Decimal(0)) == Decimal(row[2] or 0)


def test_a_vintage_cell_counts_the_loans_behind_it(bank: Bank) -> None:
    client = bank.client("bank")
    for row in exported(client, reverse("bank_vintages"), "vintages_"):
        first = datetime.date.fromisoformat(f"{row[0]}-01")
        last = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
        behind = exported(client, f"{reverse('bank_loans')}?started_from={first}&started_to={last}&ever=30", "", "book")
        newest = next((cell for cell in reversed(row[3:]) if cell), "0")
        assert round(Decimal(newest) * int(row[1])) == len(behind), row[0]


def exported(client: Client, url: str, prefix: str, table: str = "") -> list[list[str]]:
    """The rows of a page's table as its CSV file gives them."""
    import csv
    import io

    name = table or prefix.rstrip("_")
    mark = "&" if "?" in url else "?"
    answer = client.get(f"{url}{mark}{prefix}export=csv&{prefix}table={name}")
    assert answer.headers["Content-Type"].startswith("text/csv"), url
    return list(csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))[1:]


def test_a_late_loan_is_collected_and_leaves_the_queue(bank: Bank) -> None:
    client, late = bank.client("bank"), bank.late()
    page = reverse("bank_loan", args=[late.pk])
    assert page in client.get(reverse("bank_desk")).content.decode()
    url = reverse("bank_act", args=[late.pk, "collect"])
    sent = {
        "id": str(new_id()),
        "kind": "promise",
        "note": "老板承诺下周还",
        "promised_on": "2026-01-22",
        "promised": "1000.00",
    }
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 302
    shown = client.get(page).content.decode()
    assert shown.count("老板承诺下周还") == 1
    assert page not in client.get(reverse("bank_desk")).content.decode()


def test_calling_everything_due_then_sharing_the_loss_shows_it_to_the_fen(bank: Bank) -> None:
    maker, checker, late = bank.client("bank"), bank.client("bank", "checker"), bank.late()
    share = reverse("bank_act", args=[late.pk, "share_loss"])
    assert "请先宣布提前到期" in maker.get(share).content.decode()
    two_people(maker, checker, reverse("bank_act", args=[late.pk, "accelerate"]))
    page = maker.get(share).content.decode()
    assert "请先宣布提前到期" not in page
    promised = re.search(r"风险补偿基金 ([\d,.]+) 元", page)
    assert promised
    two_people(maker, checker, share)
    with acting_as(SYSTEM):
        row = bank.one(Loan, pk=late.pk)
    borne = {party: minor for layer in row.borne["layers"] for party, minor in layer}
    assert borne[str(bank.lending.party("pool"))] == Money.parse(promised[1].replace(",", "")).minor
    assert "损失分担" in maker.get(reverse("bank_loan", args=[late.pk])).content.decode()


def two_people(maker: Client, checker: Client, url: str) -> None:
    """Submit an act without a form and approve it where the inbox leads."""
    answer = maker.post(url, hidden(maker.get(url).content.decode()))
    assert answer.status_code == 302, answer.content.decode()[:400]
    page = answer.headers["Location"]
    assert checker.post(page, hidden(checker.get(page).content.decode())).status_code == 302


def test_an_extension_shows_both_plans_and_one_the_instrument_refuses_is_barred(bank: Bank) -> None:
    client = bank.client("bank")
    with acting_as(SYSTEM):
        row = (
            Loan.objects.filter(pk__in=bank.made.loans, status="live", oldest_due=None)
            .order_by("-next_due", "pk")
            .first()
        )
    assert row is not None
    url = reverse("bank_act", args=[row.pk, "extend"])
    page = client.post(url, {"maturity": "2029-01-15", "rate": ""}).content.decode()
    assert "展期至 2029-01-15" in page
    assert "签署后的还款计划" in page
    assert (
        '<button class="btn btn-primary" disabled'
        in client.post(url, {"maturity": "2026-01-16", "rate": ""}).content.decode()
    )


def test_a_cured_late_spell_is_marked_once_by_the_database(bank: Bank) -> None:
    with acting_as(SYSTEM):
        row = Loan.objects.filter(pk__in=bank.made.loans, status="overdue").order_by("oldest_due").first()
        assert row is not None
        assert row.oldest_due is not None
        due, late = row.oldest_due, (START - row.oldest_due).days
        Loan.objects.filter(pk=row.pk).update(oldest_due=None, status="repaid")
        marks = dict(LateMark.objects.filter(loan=row).values_list("days", "on"))
        row.refresh_from_db()
    assert marks == {days: due + datetime.timedelta(days=days) for days in (30, 90) if late >= days}
    assert row.closed_on == START


def test_a_loan_knows_its_policy_and_level_from_its_contract(bank: Bank) -> None:
    drawn = bank.made.loans[0]
    with acting_as(SYSTEM):
        row = Loan.objects.get(pk=drawn)
        assert row.contract is not None
        decision = bank.one(Decision, pk=row.contract.application.decision)
    assert (row.policy_id, row.level) == (row.contract.policy_id, decision.terms["level"])


def test_the_operator_closes_a_day_here_and_errors_stand_with_their_remedy(bank: Bank) -> None:
    operator, lender = bank.client("operator"), bank.client("bank")
    run_of = running.close(bank.lending.party("bank"), START).run
    with acting_as(SYSTEM):
        CloseError.objects.create(
            run_id=run_of,
            step="raise",
            loan=bank.made.loans[0],
            code="claim.moved",
            reason={"zh": "债权已变动", "en": "moved"},
        )
    page = lender.get(reverse("bank_close_run", args=[run_of])).content.decode()
    assert "债权已变动" in page
    assert reverse("bank_loan", args=[bank.made.loans[0]]) in page
    assert "日终异常" in lender.get(reverse("bank_desk")).content.decode()
    assert lender.post(reverse("bank_close_start"), {"on": START}).status_code == 403
    assert lender.post(reverse("bank_close_resume", args=[run_of])).status_code == 403
    seen = operator.get(reverse("bank_close_run", args=[run_of])).content.decode()
    assert "债权已变动" in seen
    assert reverse("bank_loan", args=[bank.made.loans[0]]) not in seen


def test_provisions_name_the_rule_they_were_made_by_and_that_nobody_has_read_it(bank: Bank) -> None:
    run_of = running.close(bank.lending.party("bank"), START).run
    lender = bank.client("bank")
    pages = [reverse("bank_close_run", args=[run_of]), reverse("bank_provisions")]
    for url in pages:
        page = lender.get(url).content.decode()
        clause = page[page.index("provision-basis") :]
        assert "银发〔2002〕98号" in clause
        assert '<mark class="unverified"' in clause
        assert "按本行日终计划的计提比例" not in clause
    losses = lender.get(reverse("bank_losses")).content.decode()
    assert "企业会计准则第22号" in losses
    assert "条文尚未核对" in losses
    body = lender.get(f"/api/provisions?on={START}").json()
    assert {(row["rule"]["id"], row["rule"]["verified"]) for row in body} == {("provision.rates", False)}
    steps = [*closing.STEPS]
    bank.lending.do("bank", closing.set_plan, steps=steps, provision_bp=[100, 300, 3000, 6000, 10000])
    after = START + datetime.timedelta(days=1)
    bank.lending.go_to(after)
    own = running.close(bank.lending.party("bank"), after).run
    page = lender.get(reverse("bank_close_run", args=[own])).content.decode()
    assert "按本行日终计划的计提比例" in page
    assert "银发〔2002〕98号" not in page
    assert {row["rule"] for row in lender.get(f"/api/provisions?on={after}").json()} == {None}
    both = lender.get(reverse("bank_provisions")).content.decode()
    assert "按本行日终计划的计提比例" in both
    assert "银发〔2002〕98号" in both


def test_closes_and_provisions_are_answered_over_http(bank: Bank) -> None:
    run_of = running.close(bank.lending.party("bank"), START).run
    client = bank.client("bank")
    body = client.get(f"/api/close-runs/{run_of}").json()
    assert (body["state"], len(body["parts"]), body["errors"]) == ("done", len(closing.STEPS), [])
    provided = client.get(f"/api/provisions?on={START}").json()
    assert sum(row["loans"] for row in provided) == bank.running()
    assert bank.client("rival").get(f"/api/close-runs/{run_of}").status_code == 404
    assert bank.client("rival").get(f"/api/provisions?on={START}").json() == []


def test_a_policy_is_joined_by_its_bearer_from_the_page(bank: Bank) -> None:
    stand = bank.seed.schemes.Stand("pool", bank.lending.party("pool"))
    version = bank.one(SchemeVersion, name="toy-bridge-loan").pk
    done = bank.lending.do(
        "bank", bank.seed.schemes.sign_policy, scheme=version, parties_named=[stand], budget=Money.parse("1.00")
    )
    policy = uuid.UUID(done["policy"])
    pool, url = bank.client("pool"), reverse("bank_join_policy", args=[policy, "pool"])
    assert reverse("bank_policy", args=[policy]) in pool.get(reverse("bank_policies")).content.decode()
    assert url in pool.get(reverse("bank_policy", args=[policy])).content.decode()
    assert pool.post(url, hidden(pool.get(url).content.decode())).status_code == 302
    assert "生效中" in pool.get(reverse("bank_policy", args=[policy])).content.decode()
    assert bank.client("rival").get(reverse("bank_policy", args=[policy])).status_code == 404


def test_a_policy_is_signed_from_the_page(bank: Bank) -> None:
    maker, checker = bank.client("bank"), bank.client("bank", "checker")
    url = reverse("bank_sign_policy", args=[bank.one(SchemeVersion, name="toy-bridge-loan").pk])
    typed = {"budget": "500,000.00", "automatic": "on", "stand_pool": str(bank.lending.party("pool"))}
    panel = maker.post(url, typed)
    assert "最多承诺 500,000.00 元" in panel.content.decode()
    answer = maker.post(url, hidden(panel.content.decode()))
    page = answer.headers["Location"]
    done = checker.post(page, hidden(checker.get(page).content.decode()))
    assert done.status_code == 302
    assert "还差" in checker.get(done.headers["Location"]).content.decode()
