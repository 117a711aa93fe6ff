"""The lender's desk as its people use it: a file opened from the queue, decided by two without leaving the page."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jirong.cli import world as worlds
from jirong.kernel.money import Money

SHOTS = os.environ.get("JIRONG_SHOTS", "")
FINANCING = Path(__file__).parents[1] / "financing"


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
def people(open_page: Any, live_server: Any, settings: Any) -> Any:
    """Pages of the bank's people over a small book with one referred file."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    conftest = load("financing_world", "conftest.py")
    lending = conftest.Lending()
    load("bank_seed", "bank_seed.py").furnish(lending, conftest.START, 48)
    lending.know("shop0", court_defaulter="")
    lending.apply("shop0", amount=Money.parse("40000.00"))

    def person(who: str, path: str, **options: Any) -> Page:
        page: Page = open_page(f"/accounts/login/?next={path}", server=live_server.url, **options)
        page.fill("input[name=login]", lending.world.logins[who])
        page.fill("input[name=password]", worlds.PASSWORD)
        page.get_by_role("button", name=re.compile("登录|Sign In|Log in")).click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return person


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/desk-{name}.png", full_page=True)


def test_two_people_decide_a_file_without_leaving_the_desk(people: Any) -> None:
    maker = people("bank.maker", "/lending/desk/")
    expect(maker.locator(".pulse .chart-canvas[data-drawn]")).to_have_count(1)
    shot(maker, "pulse")
    maker.get_by_role("link", name=re.compile("店0")).click()
    expect(maker.locator(".file h2")).to_have_text("店0")
    assert "/lending/desk/?file=" in maker.url
    maker.get_by_text("同意", exact=True).click()
    maker.fill("input[name=amount]", "30000")
    maker.fill("textarea[name=note]", "已电话核实法院公开信息")
    maker.get_by_role("button", name="下一步：核对并提交复核").click()
    expect(maker.locator(".signing-words")).to_contain_text("额度不超过 30,000.00 元")
    shot(maker, "panel")
    maker.get_by_role("button", name="提交复核").click()
    expect(maker.locator(".file-decide")).to_contain_text("须由另一位同事复核")
    address = maker.url
    assert "/lending/desk/?file=" in address
    checker = people("bank.checker", "/lending/desk/")
    expect(checker.locator(".desk-list")).to_contain_text("待您复核")
    checker.get_by_role("link", name=re.compile("店0")).click()
    expect(checker.locator(".signing-words")).to_contain_text("已电话核实法院公开信息")
    shot(checker, "check")
    checker.get_by_role("button", name="签署并生效").click()
    expect(checker.locator(".file-head")).to_contain_text("已批准，待签署")
    assert checker.url == address


READERS = [("zh-hans", "light", 1280), ("en", "dark", 360)]


@pytest.mark.parametrize(("language", "theme", "width"), READERS)
def test_every_page_fits(people: Any, language: str, theme: str, width: int) -> None:
    page = people("bank.maker", "/lending/desk/", language=language, theme=theme, width=width)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    names = ("desk/", "pipeline/", "book/", "book/vintages", "book/rolls", "book/losses", "book/concentration",
             "book/provisions", "book/loans/", "policies/", "close/")  # fmt: skip
    for name in names:
        page.goto(f"/lending/{name}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        shot(page, f"{name.strip('/').replace('/', '-')}-{language}-{theme}-{width}")
    page.goto("/lending/desk/")
    page.locator(".desk-list a").first.click()
    expect(page.locator(".file")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"file-{language}-{theme}-{width}")
    page.goto("/lending/book/loans/")
    page.locator("table.list td a").first.click()
    expect(page.locator(".object")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"loan-{language}-{theme}-{width}")
