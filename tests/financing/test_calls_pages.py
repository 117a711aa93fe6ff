"""Pages for when it went wrong: paying after default, answering a call, judging triggers; each seen by its party only."""

from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from jirong.financing.actions import contracts, loans, schemes
from jirong.financing.close import running
from jirong.financing.models_conduct import Call
from jirong.financing.pages import bank_forms
from jirong.kernel.money import Money
from jirong.parties import actions as parties
from jirong.store.identity import SYSTEM, acting_as

START = datetime.date(2026, 1, 15)
DUE = datetime.date(2026, 4, 15)
SCHEME = """
scheme: called-upon
version: 1
title: {zh: 风险分担贷款, en: Loan of shared risk}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, pool: compensation_pool}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
  shop_stability: {zh: 店铺经营稳定性得分, en: stability of the shop, kind: number}
  shop.orders: {zh: 店铺交易流水, en: the shop's payments}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
  - {of: borrower, by: lender, read: [shop.orders], purpose: monitoring, lasts: 12 months}
limit: {amount: 100000.00}
price: {fixed: 4.00%}
instrument: {kind: credit_line, open_for: 12 months, repay: bullet, tenor: {up_to: 3 months}, day_count: A/360}
drawing: {how: revolving, early: free}
losses: {of: principal_and_interest, borne: [{by: pool, share: 60%, up_to: means}, {by: lender, share: 40%}], excess: lender}
triggers:
  - level: 1
    title: {zh: 店铺转弱, en: the shop weakens}
    when: [{feature: shop_stability, less_than: 40, within: 30 days}]
    then: [{call: borrower, to: report, within: 5 days}]
disclose: {borrower: all, lender: all, pool: [payments, losses]}
"""


def client(lending: Any, who: str) -> Client:
    found = Client(headers={"accept-language": "zh-hans"})
    user = get_user_model().objects.get(username=lending.world.logins[f"{who}.maker"])
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def drawn(lending: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """The contract of shop 0 and its loan of 100,000.00."""
    lending.know("shop0")
    lending.do(
        "shop0", parties.grant_consent, grantee=lending.party("bank"), purpose="monitoring", scope=["shop.orders"],
        since=START, until=datetime.date(2027, 1, 14),
    )  # fmt: skip
    lending.do("bureau", schemes.commit_means, amount=Money.parse("90000.00"))
    lending.policy = lending.sign_text(SCHEME, pool="bureau")
    done = lending.apply("shop0", amount=Money.parse("100000.00"), accept_rate=Decimal("0.04"))
    contract = uuid.UUID(done["contract"])
    loan = lending.do("shop0", contracts.draw, contract=contract, amount=Money.parse("100000.00"))["loan"]
    lending.banks_answer()
    return contract, uuid.UUID(loan)


def test_a_defaulted_firm_sees_what_it_owes_to_whom_and_pays(lending: Any) -> None:
    _, loan = drawn(lending)
    lending.go_to(DUE)
    lending.do("bank", loans.share_loss, loan_id=loan)
    lending.banks_answer()
    browser, url = client(lending, "shop0"), reverse("firm_recover", args=[loan])
    assert url in browser.get(reverse("firm_loan", args=[loan])).content.decode()
    page = browser.get(url).content.decode()
    assert "这笔贷款尚欠101,000.00 元" in page
    assert "银行 40,400.00 元" in page
    assert "财政局 60,600.00 元" in page
    panel = browser.post(url, {"amount": "10100.00"}).content.decode()
    assert "10,100.00" in panel
    assert client(lending, "shop1").get(url).status_code == 404
    assert client(lending, "bank").get(url).status_code in (403, 404)


def test_a_lender_reads_names_and_states_in_its_own_language(lending: Any) -> None:
    contract, loan = drawn(lending)
    lending.go_to(DUE)
    lending.do("bank", loans.share_loss, loan_id=loan)
    lending.banks_answer()
    browser = client(lending, "bank")
    cells = re.findall(r">([^<>]+)<", browser.get(reverse("bank_loan", args=[loan])).content.decode())
    assert {"已转出", "贷款人", "风险池"} <= {cell.strip() for cell in cells}
    assert {"moved", "lender", "pool"}.isdisjoint(cell.strip() for cell in cells)
    names = re.findall(r"<dt>([^<]+)</dt>", browser.get(reverse("bank_contract", args=[contract])).content.decode())
    assert {"借款人", "贷款人", "风险池"} <= set(names)


def test_a_call_is_shown_to_whom_it_names_and_answered_there(lending: Any) -> None:
    contract, _ = drawn(lending)
    lending.go_to(datetime.date(2026, 2, 15))
    lending.state("shop0", "shop_stability", "30", on=datetime.date(2026, 2, 14))
    running.close(lending.party("bank"), datetime.date(2026, 2, 15))
    with acting_as(SYSTEM), transaction.atomic():
        (call,) = Call.objects.filter(contract=contract)
    browser, url = client(lending, "shop0"), reverse("call_answer", args=[call.pk])
    page = browser.get(reverse("calls")).content.decode()
    assert url in page
    assert "说明情况并补充资料" in page
    assert "2026-02-20" in browser.get(url).content.decode()
    assert client(lending, "shop1").get(url).status_code == 404
    assert client(lending, "bank").get(url).status_code == 404
    assert url not in client(lending, "bank").get(reverse("calls")).content.decode()
    assert "店铺已恢复" in browser.post(url, {"note": "店铺已恢复"}).content.decode()


def test_a_lender_judges_triggers_from_the_contract(lending: Any) -> None:
    contract, _ = drawn(lending)
    browser, url = client(lending, "bank"), reverse("bank_watch", args=[contract])
    assert url in browser.get(reverse("bank_contract", args=[contract])).content.decode()
    assert browser.get(url).status_code == 200
    assert client(lending, "shop0").get(url).status_code in (403, 404)


def test_a_promise_says_when_and_how_much_and_not_in_the_past(lending: Any) -> None:
    said = {"kind": "promise", "note": "电话"}
    with acting_as(SYSTEM), transaction.atomic():
        assert set(bank_forms.Collect(said).errors) == {"promised_on", "promised"}
        assert set(bank_forms.Collect(said | {"promised_on": "1990-01-01", "promised": "-5"}).errors) == {
            "promised_on", "promised",
        }  # fmt: skip
        assert bank_forms.Collect(said | {"promised_on": "2026-01-20", "promised": "5.00"}).is_valid()
