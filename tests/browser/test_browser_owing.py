"""On a phone: what cannot be saved is said at its field, a joint borrower signs what it will owe, who is late is told."""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jirong.cli import world as worlds
from jirong.financing.actions import applications, contracts
from jirong.kernel.money import Money

SHOTS = os.environ.get("JIRONG_SHOTS", "")
FINANCING = Path(__file__).parents[1] / "financing"
FORTY = Money.parse("40000.00")

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


def load(name: str, file: str) -> ModuleType:
    """A helper of the financing tests."""
    spec = importlib.util.spec_from_file_location(name, FINANCING / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def world(transactional_db: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    lending = load("financing_world", "conftest.py").Lending()
    lending.know("shop0")
    return lending


@pytest.fixture
def person(open_page: Any, live_server: Any, world: Any) -> Any:
    def log_in(who: str, path: str, **options: Any) -> Page:
        page: Page = open_page(f"/accounts/login/?next={path}", server=live_server.url, width=360, **options)
        page.fill("input[name=login]", world.world.logins[f"{who}.maker"])
        page.fill("input[name=password]", worlds.PASSWORD)
        page.get_by_role("button", name=re.compile("登录|Sign In|Log in")).click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return log_in


def shot(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/owing-{name}.png", full_page=True)


def test_what_cannot_be_saved_is_said_at_its_field(world: Any, person: Any) -> None:
    page = person("shop0", f"/credit/products/{world.policy}/")
    page.get_by_role("button", name="申请").click()
    page.wait_for_url("**/ask")
    page.locator("[name=amount]").fill("-5 <script>")
    expect(page.locator("#ask-wrong-amount .field-error")).to_have_count(1)
    expect(page.locator("#ask-saved")).to_contain_text("未保存")
    shot(page, "ask-wrong")
    page.locator("[name=amount]").fill("38000")
    expect(page.locator("#ask-wrong-amount .field-error")).to_have_count(0)
    expect(page.locator("#ask-saved")).to_contain_text("草稿已保存")
    expect(page.locator("#ask-estimate")).to_contain_text("38,000.00")


def test_a_joint_borrower_signs_on_its_phone(world: Any, person: Any) -> None:
    world.policy = world.joint_policy()
    world.apply("shop0", amount=FORTY, joint=[world.party("shop1")], accept_rate=Decimal("0.06"))
    first = person("shop0", "/credit/applications/")
    expect(first.locator("main")).to_contain_text("待共同借款人签署")
    shot(first, "joint-waits")
    first.get_by_role("link", name="共同借款").first.click()
    first.wait_for_url(re.compile(r"/applications/[0-9a-f-]+/$"))
    expect(first.locator("main")).to_contain_text("谢绝")
    shot(first, "joint-application")
    page = person("shop1", "/credit/")
    page.get_by_role("link", name=re.compile("请贵单位共同借款")).click()
    page.wait_for_url("**/join")
    expect(page.locator("main")).to_contain_text("各自对全部债务负责")
    page.get_by_text("签署内容 SHA-256").wait_for()
    shot(page, "joint-sign")
    page.get_by_role("button", name=re.compile("^签署$")).click()
    page.wait_for_url("**/contracts/**")
    expect(page.locator("main")).to_contain_text("放款中")
    shot(page, "joint-contract")


def test_a_firm_pays_back_and_is_told_what_being_late_holds_back(world: Any, person: Any) -> None:
    loan = world.lend("shop0", "25000.00")
    page = person("shop0", "/credit/")
    expect(page.locator("h1")).to_contain_text("15,000.00")
    shot(page, "number")
    world.go_to(datetime.date(2026, 2, 20))
    page.goto(page.url.split("/credit/")[0] + f"/credit/loans/{loan}/")
    expect(page.locator("main")).to_contain_text("已过5天")
    shot(page, "late-loan")
    page.get_by_role("link", name="还款", exact=True).first.click()
    page.wait_for_url("**/repay")
    page.get_by_role("button", name=re.compile("下一步")).click()
    page.get_by_text("签署内容 SHA-256").wait_for()
    shot(page, "repay")
    page.get_by_role("button", name=re.compile("签署|确认|还款")).last.click()
    page.wait_for_url(f"**/loans/{loan}/")
    world.banks_answer()
    page.reload()
    expect(page.locator("main")).to_contain_text("还款期内")
    shot(page, "repaid")


def test_the_first_page_says_what_being_late_holds_back(world: Any, person: Any) -> None:
    world.policy = world.sign_text(LINE)
    done = world.do("shop0", applications.apply, policy=world.policy, accept_rate=Decimal("0.06"))
    world.do("shop0", contracts.draw, contract=uuid.UUID(done["contract"]), amount=Money.parse("10000.00"))
    world.banks_answer()
    world.go_to(datetime.date(2026, 2, 20))
    page = person("shop0", "/credit/")
    expect(page.locator("main")).to_contain_text("90,000.00 元额度暂停提款")
    expect(page.locator("main")).to_contain_text("自2026-02-14起逾期未还")
    expect(page.get_by_role("link", name="还清逾期款项")).to_have_count(1)
    shot(page, "held-back")
    english = person("shop0", "/credit/", theme="dark", language="en")
    shot(english, "held-back-en")
