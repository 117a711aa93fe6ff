"""A new borrower's walk on a phone of 360 pixels: log in, one number, a product, the form, consent, signature, answer,
contract, money on its way.

``JIRONG_SHOTS`` names a folder to leave pictures in, ``JIRONG_WALK`` a file to leave what the walk took: fields,
clicks, keystrokes and the machine's seconds.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jirong.cli import world as worlds

SHOTS, WALK = os.environ.get("JIRONG_SHOTS", ""), os.environ.get("JIRONG_WALK", "")
KEYS_A_SECOND, KEYS_A_CHARACTER, READ_A_SECOND = 2, 4, 6
"""How fast a person types; how many keys a Chinese character takes (pinyin and a choice); how fast a person reads."""


def lending_world() -> Any:
    """The small lending world of financing's own tests."""
    path = Path(__file__).parents[1] / "financing" / "conftest.py"
    spec = importlib.util.spec_from_file_location("lending_world", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Lending()


class Walk:
    """A phone in a new borrower's hand; counts what it is asked to do."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys, self.fields, self.taken = page, 0, 0, 0, 0
        self.read: dict[str, int] = {}
        self.begun = time.monotonic()

    def log_in(self, name: str, password: str) -> None:
        self.keys += len(name) + len(password)
        self.clicks += 3
        self.page.fill("input[name=login]", name)
        self.page.fill("input[name=password]", password)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url("**/home/**")

    def click(self, name: str, role: Any = "button") -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=re.compile(name)).first.click()

    def type(self, field: str, text: str) -> None:
        """Into a field, waiting until the draft is saved."""
        self.fields += 1
        self.clicks += 1
        self.keys += sum(KEYS_A_CHARACTER if ord(letter) > 0x2E80 else 1 for letter in text)
        with self.page.expect_response(lambda answer: "autosave" in answer.url):
            self.page.locator(f"[name={field}]").fill(text)

    def screen(self, name: str) -> None:
        """A screen the person reads."""
        self.read[name] = len("".join(self.page.locator("main").inner_text().split()))
        if SHOTS:
            self.taken += 1
            self.page.screenshot(path=f"{SHOTS}/walk-{self.taken}-{name}.png", full_page=True)

    def told(self) -> dict[str, Any]:
        machine, typing = time.monotonic() - self.begun, self.keys / KEYS_A_SECOND
        return {
            "fields": self.fields, "clicks": self.clicks, "keystrokes": self.keys, "characters_read": self.read,
            "machine_seconds": round(machine, 1), "typing_seconds": typing, "reading_seconds": round(sum(self.read.values()) / READ_A_SECOND),
        }  # fmt: skip


@pytest.fixture
def borrower(open_page: Any, transactional_db: None, settings: Any, live_server: Any) -> Any:
    """shop0, known to the data platform, never having borrowed, on its phone."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = lending_world()
    world.know("shop0", consent=False)
    walk = Walk(open_page("/accounts/login/", width=360, server=live_server.url))
    walk.log_in(world.world.logins["shop0.maker"], worlds.PASSWORD)
    return world, walk


def test_a_new_borrower_is_answered_on_a_phone(borrower: Any) -> None:
    _, walk = borrower
    page = walk.page
    walk.clicks += 1
    page.locator(".footbar a[href='/credit/'], nav a[href='/credit/']").locator("visible=true").first.click()
    page.wait_for_url("**/credit/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    walk.screen("number")
    walk.click("申请，一秒钟答复", "link")
    page.wait_for_url("**/products/**")
    walk.screen("product")
    walk.click("^申请$")
    page.wait_for_url("**/ask")
    walk.type("amount", "38000")
    expect(page.locator("#ask-estimate")).to_contain_text("38,000.00")
    walk.type("purpose", "备货")
    walk.screen("ask")
    walk.click("下一步：授权")
    page.wait_for_url("**/agree")
    walk.screen("agree")
    walk.click("同意并继续")
    page.wait_for_url("**/review")
    page.get_by_text("签署内容 SHA-256").wait_for()
    walk.screen("review")
    walk.click("签署并提交")
    page.wait_for_url(re.compile(r"/credit/applications/[0-9a-f-]+/$"))
    expect(page.locator(".answer")).to_contain_text("各项条款均已满足")
    expect(page.locator(".answer-number")).to_contain_text("38,000.00")
    walk.screen("answer")
    walk.click("核对并签署", "link")
    page.wait_for_url("**/sign")
    page.get_by_text("签署内容 SHA-256").wait_for()
    walk.screen("sign")
    walk.click("^签署$")
    page.wait_for_url("**/contracts/**")
    expect(page.locator("main")).to_contain_text("放款中")
    walk.screen("contract")
    assert walk.fields <= 12
    if WALK:
        Path(WALK).write_text(json.dumps(walk.told()))


def test_what_was_typed_without_a_network_is_saved_when_it_is_back(borrower: Any, open_page: Any) -> None:
    world, page = borrower[0], borrower[1].page
    page.goto(f"/credit/products/{world.policy}/")
    page.get_by_role("button", name="申请").click()
    page.wait_for_url("**/ask")
    page.context.set_offline(True)
    page.locator("[name=amount]").fill("21000")
    expect(page.locator("#ask-saved")).to_contain_text("没有网络")
    with page.expect_response(lambda answer: "autosave" in answer.url and answer.status == 200):
        page.context.set_offline(False)
    expect(page.locator("#ask-saved")).to_contain_text("草稿已保存")
    page.reload()
    expect(page.locator("[name=amount]")).to_have_value("21000.00")
    # The browser and htmx report the request that failed; nothing else may have.
    lost = ("ERR_INTERNET_DISCONNECTED", "htmx:afterRequest", "htmx:sendError")
    open_page.complaints[:] = [told for told in open_page.complaints if not any(word in told for word in lost)]


def test_back_and_forth_loses_nothing(borrower: Any) -> None:
    world, page = borrower[0], borrower[1].page
    page.goto(f"/credit/products/{world.policy}/")
    page.get_by_role("button", name="申请").click()
    page.wait_for_url("**/ask")
    for field, text in (("amount", "21000"), ("accept_rate", "5.85")):
        with page.expect_response(lambda answer: "autosave" in answer.url):
            page.locator(f"[name={field}]").fill(text)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="下一步：授权").click()
    page.wait_for_url("**/agree")
    page.go_back()
    page.reload()
    expect(page.locator("[name=amount]")).to_have_value("21000.00")
    expect(page.locator("[name=accept_rate]")).to_have_value("5.85")
