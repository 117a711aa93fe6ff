"""The first true path as people walk it, in Chinese: issue, approve, accept, ask, lend, pay, and verify the receipt."""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from jirong.cli import world as worlds
from jirong.log import sequencer
from jirong.log.models import Entry
from jirong.notes import actions as notes
from jirong.parties import actions as parties
from jirong.rails import sandbox
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

SHOTS = os.environ.get("JIRONG_SHOTS", "")
"""A folder to leave pictures of the journey in, for whoever wants to look."""


def textile_world() -> Any:
    """The small textile world of the notes' own tests."""
    path = Path(__file__).parents[1] / "notes" / "conftest.py"
    spec = importlib.util.spec_from_file_location("notes_world", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Textile()


class Journey:
    """A world behind the live site, and a browser page for each person in it."""

    def __init__(self, open_page: Any, world: Any) -> None:
        self.open_page, self.world, self.taken = open_page, world, 0
        self.pages: dict[str, Page] = {}

    def person(self, who: str, **options: Any) -> Page:
        """The page of ``party.person``, logged in on first use."""
        if who not in self.pages:
            page = self.open_page("/accounts/login/", **options)
            page.fill("input[name=login]", self.world.world.logins[who])
            page.fill("input[name=password]", worlds.PASSWORD)
            page.get_by_role("button", name=re.compile("登录|Sign In|Log in")).click()
            page.wait_for_url("**/home/**")
            self.pages[who] = page
        return self.pages[who]

    def shot(self, page: Page, name: str) -> None:
        if SHOTS:
            self.taken += 1
            page.screenshot(path=f"{SHOTS}/{self.taken:02d}-{name}.png", full_page=True)

    def banks_answer(self) -> None:
        sandbox.answer_all()


@pytest.fixture
def journey(open_page: Any, transactional_db: None, settings: Any) -> Journey:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Journey(open_page, textile_world())


def issue_and_approve(journey: Journey) -> None:
    maker = journey.person("core.maker")
    maker.goto("/issue/")
    maker.get_by_role("button", name="下一步：定条件").click()
    maker.get_by_text("规则结果").wait_for()
    amount = maker.locator("input.is-amount")
    amount.fill("99000000.00")
    maker.get_by_text("有规则不允许，不能继续").wait_for()
    journey.shot(maker, "terms-barred")
    amount.fill("5000000.00")
    maker.get_by_text("可以办理，有1项警示").wait_for()
    with maker.expect_response("**/issue/check*"):
        maker.fill("input[name=due]", "2026-07-07")
    maker.wait_for_load_state("networkidle")
    maker.get_by_role("button", name="下一步：核对并签署").click()
    maker.get_by_text("签署内容 SHA-256").wait_for()
    journey.shot(maker, "issue-panel")
    maker.get_by_role("button", name="提交复核").dblclick()
    maker.wait_for_url("**/inbox/*/")
    expect(maker.locator("main")).to_contain_text("须由另一位同事复核")
    checker = journey.person("core.checker")
    checker.goto("/inbox/")
    expect(checker.locator("#table-proposals tbody tr")).to_have_count(1)
    checker.locator("#table-proposals tbody a").first.click()
    journey.shot(checker, "approve")
    checker.get_by_role("button", name="签署并通过").dblclick()
    checker.wait_for_url("**/notes/*/")
    journey.shot(checker, "note-offered")


def accept(journey: Journey) -> None:
    supplier = journey.person("merchant.maker")
    supplier.goto("/")
    supplier.get_by_text("签收锦程服装有限公司开立的链单").click()
    supplier.get_by_role("link", name="核对并签收").click()
    supplier.get_by_text("不得强制接受链单或变相延长付款期限").first.wait_for()
    supplier.get_by_label("同意，接受以链单结算").check()
    journey.shot(supplier, "accept-term")
    supplier.get_by_role("button", name="下一步：核对并签署").click()
    journey.shot(supplier, "accept-panel")
    supplier.get_by_role("button", name="签署并签收").click()
    supplier.wait_for_url("**/lots/*/")
    expect(supplier.locator(".object-status")).to_contain_text("可用")
    expect(supplier.locator(".life svg path.strand")).to_have_count(1)
    journey.shot(supplier, "lot")


def borrow(journey: Journey) -> None:
    supplier, bank = journey.person("merchant.maker"), journey.person("bank_a.maker")
    supplier.get_by_role("link", name="申请质押贷款").click()
    supplier.select_option("select[name=lender]", label="柯桥商业银行")
    supplier.fill("input[name=principal]", "4,000,000.00")
    supplier.fill("input[name=rate]", "3.5")
    supplier.get_by_role("button", name="下一步：核对并签署").click()
    supplier.get_by_text("到期利息 70,000.00 元").wait_for()
    journey.shot(supplier, "loan-panel")
    supplier.get_by_role("button", name="签署并申请").click()
    supplier.wait_for_url("**/offers/*/")
    bank.goto("/home/bank")
    bank.locator(".queue a").first.click()
    journey.shot(bank, "asked")
    bank.get_by_role("button", name="下一步：核对并签署").click()
    bank.locator(".field-error").first.wait_for()
    bank.fill("input[name=registration]", "05231187002466790123")
    bank.get_by_role("button", name="下一步：核对并签署").click()
    bank.get_by_text("资金方尚未审查贸易背景").wait_for()
    expect(bank.get_by_role("button", name="签署并放款")).to_be_disabled()
    bank.get_by_role("link", name="返回修改").click()
    bank.fill("input[name=registration]", "05231187002466790123")
    bank.get_by_label("已核对合同、验收单与发票").check()
    bank.get_by_role("button", name="下一步：核对并签署").click()
    journey.shot(bank, "lend-panel")
    bank.get_by_role("button", name="签署并放款").click()
    bank.wait_for_url("**/loans/*/")
    journey.banks_answer()
    bank.reload()
    expect(bank.locator(".object-status")).to_contain_text("还款期内")
    journey.shot(bank, "loan")
    bank.goto("/home/bank")
    bank.locator("#chart-ladder canvas, #chart-ladder svg").first.wait_for()
    journey.shot(bank, "desk")


def pay(journey: Journey) -> None:
    parties.advance_business_date(actor=SYSTEM, id=new_id(), to=datetime.date(2026, 7, 7))
    maker = journey.person("core.maker")
    maker.goto("/notes/due/")
    maker.locator("#table-maturities").get_by_role("link", name="付款").click()
    rows = ["柯桥商业银行 质权人，优先受偿 0.00 4,070,000.00", "宏源布业商行 持有人 0.00 930,000.00"]
    expect(maker.locator("table.list tbody tr")).to_have_text(rows, use_inner_text=True)
    journey.shot(maker, "pay")
    maker.get_by_role("button", name="下一步：核对各收款方").click()
    journey.shot(maker, "pay-panel")
    maker.get_by_role("button", name="签署并付款").click()
    maker.wait_for_url("**/notes/*/")
    journey.banks_answer()
    maker.reload()
    expect(maker.locator(".object-status")).to_contain_text("已兑付")
    journey.shot(maker, "settled")


def verify(journey: Journey) -> None:
    sequencer.sequence_all()
    supplier = journey.person("merchant.maker")
    supplier.goto("/receipts/?action=note.accept")
    supplier.locator("#table-receipts tbody a").first.click()
    supplier.locator("[data-receipt-check][data-state=ok]").wait_for()
    steps = supplier.locator("[data-check-steps] li")
    assert steps.count() >= 6
    assert supplier.locator("[data-check-steps] li.is-failed").count() == 0
    journey.shot(supplier, "receipt")


def test_a_note_from_invoice_to_payment_in_chinese(journey: Journey) -> None:
    """Issue → approve → accept → ask for a loan → lend → pay → the receipt verified in the browser."""
    issue_and_approve(journey)
    accept(journey)
    borrow(journey)
    pay(journey)
    verify(journey)
    # Chromium itself reports the form that was sent back with its faults.
    complaints = journey.open_page.complaints
    complaints[:] = [text for text in complaints if "status of 422" not in text]


def test_a_firm_signs_with_a_key_of_its_own_device(journey: Journey) -> None:
    """The key is made in the browser; afterwards accepting is signed there, and the receipt says so."""
    journey.world.issue("1000000.00", accept=False)
    page = journey.person("merchant.maker", width=360)
    page.goto("/own/keys/new")
    page.get_by_role("button", name="生成并登记").click()
    page.get_by_text("密钥已登记").wait_for()
    page.locator("[data-key-here]:visible").first.wait_for()
    page.goto(f"/notes/{journey.world.note}/accept")
    page.get_by_label("同意，接受以链单结算").check()
    page.get_by_role("button", name="下一步：核对并签署").click()
    page.locator(".signing .grade.is-own").wait_for()
    page.get_by_role("button", name="签署并签收").click()
    page.wait_for_url("**/lots/*/")
    expect(page.locator(".timeline .grade.is-own")).to_have_count(1)
    journey.shot(page, "own-key-lot-360")


def test_several_are_signed_each_with_the_firms_own_key(journey: Journey) -> None:
    world = journey.world
    world.issue("4000000.00")
    for amount in ("100000.00", "200000.00", "300000.00"):
        world.do(
            "merchant", notes.transfer_lot, lot=world.lot, to=world.party("mill"), backings=world.part("mill", amount)
        )
    mill = journey.person("mill.maker")
    mill.goto("/own/keys/new")
    mill.get_by_role("button", name="生成并登记").click()
    mill.wait_for_url("**/own/keys/")
    mill.goto("/offers/")
    mill.get_by_role("link", name="一并接受 3 项付款").click()
    button = mill.get_by_role("button", name="签署并接受所选")
    expect(button).to_be_disabled()
    mill.get_by_label("全选").check()
    mill.locator("input[name=chosen]").nth(1).uncheck()
    journey.shot(mill, "together")
    button.dblclick()
    mill.wait_for_url("**/offers/")
    expect(mill.locator("body")).to_contain_text("已办理2项")
    with acting_as(SYSTEM), transaction.atomic():
        assert list(Entry.objects.filter(action="offer.take").values_list("grade", flat=True)) == ["own", "own"]


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("zh-hans", "dark", 360), ("en", "light", 360), ("en", "dark", 1280)]
)
def test_every_page_of_the_rooms_fits(journey: Journey, language: str, theme: str, width: int) -> None:
    """No page runs over its window, speaks the other language in its heading, or leaves a control without a name."""
    world = journey.world
    world.issue("1000000.00")
    note, lot = world.note, world.lot
    world.issue("500000.00", accept=False)
    own = ["/home/firm", "/notes/", f"/notes/{note}/", "/lots/", f"/lots/{lot}/", f"/lots/{lot}/loan", f"/lots/{lot}/discount",
           f"/lots/{lot}/transfer", f"/notes/{world.note}/accept", "/offers/", "/loans/", "/documents/", "/documents/import",
           "/documents/imports/", "/trades/", "/invoices/", "/payments/", "/receipts/", "/inbox/", "/parties/", "/own/",
           "/own/keys/", "/own/accounts/", "/own/accounts/new", "/own/roles/", "/own/tokens/", "/own/tokens/new",
           "/clusters/", "/offers/several"]  # fmt: skip
    people = {
        "merchant.maker": own,
        "core.maker": ["/home/core", "/issue/", f"/issue/terms?invoice={world.invoice('merchant')}", "/notes/due/"],
        "bank_a.maker": ["/home/bank"],
        "operator.maker": [
            "/home/operator",
            "/parties/new",
            "/operator/advance",
            "/operator/check",
            "/operator/day/",
            "/operator/processes/",
            "/clusters/new",
        ],
    }
    for who, paths in people.items():
        page = journey.person(who, language=language, theme=theme, width=width)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.locator("h1").count() == 1, path
            if language == "en":
                assert not re.search("[\u4e00-\u9fff]", page.locator("nav.side").inner_text()), path
                words = page.locator("main").inner_text()
                assert not re.search("[\u4e00-\u9fff]{3}", re.sub(NAMES, "", words)), (path, words)


NAMES = r"《[^》]*》|人民银行|柯桥纺织集群|浙江绍兴"
"""What stays Chinese on an English page: titles of laws, names and places without an English form."""
