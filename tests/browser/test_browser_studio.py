"""The studio as a planner uses it: typing beside live findings, sentences, form and drawing; a trial; the keyboard."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jirong.parties.models import User
from jirong.schemes.evaluate import Standing, Verdict
from jirong.site.studio import views

SHOTS = os.environ.get("JIRONG_SHOTS", "")
LOAN = "/studio/schemes/furniture-upgrade-loan/"


@pytest.fixture
def planner(open_page: Any, transactional_db: None, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("planner", password="plan-0-plan")

    def opened(path: str, **options: Any) -> Page:
        page: Page = open_page(f"/accounts/login/?next={path}", **options)
        page.fill("input[name=login]", "planner")
        page.fill("input[name=password]", "plan-0-plan")
        page.get_by_role("button", name=re.compile("登录|Sign In|Log in")).click()
        page.wait_for_url(lambda url: "login" not in url)
        page.context.add_cookies(
            [{"name": "django_language", "value": options.get("language", "zh-hans"), "url": page.url}]
        )
        page.reload()
        return page

    return opened


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def put(page: Page, old: str, new: str) -> None:
    """Replace ``old`` in the editor as a person would: select it and type."""
    page.evaluate(
        """([old, length]) => { const text = document.getElementById("studio-text");
        const at = text.value.indexOf(old); text.focus(); text.setSelectionRange(at, at + length); }""",
        [old, len(old)],
    )
    page.keyboard.type(new)


def test_typing_shows_findings_at_their_line_and_keeps_the_caret(planner: Any) -> None:
    page = planner(LOAN)
    lines = page.locator("#studio-text").input_value().count("\n") + 1
    expect(page.locator("[data-gutter] span")).to_have_count(lines)
    put(page, "share: 60%", "share: 50%")
    finding = page.locator("#studio-findings .is-bar")
    expect(finding).to_contain_text("10%")
    line = finding.get_attribute("data-finding-line")
    expect(page.locator("[data-gutter] .is-bar")).to_have_text(str(line))
    expect(page.locator("#studio-state")).to_contain_text("1 处错误")
    expect(page.locator("#studio-trial-answer")).to_contain_text("改正文本中的错误后就可以试算")
    expect(page.locator("#studio-text")).to_be_focused()
    shot(page, "error")
    put(page, "share: 50%", "share: 5%")
    put(page, "share: 40%", "share: 95%")
    expect(page.locator("#studio-state")).to_contain_text("没有错误")
    expect(page.locator(".bearing-list")).to_contain_text("95%")
    expect(page.locator("#studio-changes .change")).to_have_count(2)
    finding_line = page.locator("#studio-findings .ln").first
    finding_line.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#studio-text")).to_be_focused()
    page.get_by_role("button", name="还原为原文").click()
    expect(page.locator("#studio-changes")).to_contain_text("与原文相同")


def test_the_form_writes_into_the_text(planner: Any) -> None:
    page = planner(LOAN)
    page.get_by_role("radio", name="表单").check()
    page.locator('[data-path="instrument/repay"]').select_option("bullet")
    expect(page.locator("#studio-sentences")).to_contain_text("到期一次还本付息")
    expect(page.locator("#studio-text")).to_have_value(re.compile("repay: bullet"))
    part = page.locator('[data-path="limit/least_of/2/part"]')
    part.fill("三成")
    part.press("Tab")
    expect(page.locator(".pane-form .is-bad")).to_have_count(1)
    shot(page, "form")
    page.reload()
    page.get_by_role("button", name="恢复", exact=True).click()
    expect(page.locator("#studio-state")).to_contain_text("1 处错误")
    expect(page.locator("#studio-text")).to_have_value(re.compile("part: 三成"))


def test_a_trial_follows_what_is_entered_and_the_text(planner: Any) -> None:
    page = planner(LOAN)
    answer = page.locator("#studio-trial-answer .why-outcome")
    expect(answer).to_contain_text("年化")
    page.get_by_role("button", name="差一点").click()
    expect(answer).to_contain_text("不予批准")
    months = page.locator('[name="v:membership_months"]')
    expect(months).to_have_value("5")
    months.fill("6")
    expect(answer).to_contain_text("100,000.00 元")
    page.locator("[name=level]").select_option("C")
    expect(answer).to_contain_text("50,000.00 元")
    put(page, "C: 50000.00", "C: 40000.00")
    expect(answer).to_contain_text("40,000.00 元")


READERS = [("zh-hans", "light", 1280), ("zh-hans", "dark", 360), ("en", "light", 360), ("en", "dark", 1280)]


@pytest.mark.parametrize(("language", "theme", "width"), READERS)
def test_every_page_fits(planner: Any, language: str, theme: str, width: int) -> None:
    page = planner("/studio/", language=language, theme=theme, width=width)
    pages = {"list": "/studio/", "kinds": "/studio/new/", "loan": LOAN, "pool": "/studio/schemes/toy-export-pool/"}
    pages["diff"] = "/studio/diff/?before=furniture-effect-fee&after=furniture-effect-fee-time"
    for name, path in pages.items():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        chinese = re.search("[\u4e00-\u9fff]", page.locator("h1").first.inner_text())
        assert bool(chinese) == (language == "zh-hans"), path
        shot(page, f"{name}-{language}-{theme}-{width}")
    page.goto(LOAN)
    for pane in ("form", "text") if width < 900 else ("form",):
        page.locator(f"[name=pane][value={pane}]").focus()
        page.keyboard.press("Space")
        expect(page.locator(f".pane-{pane}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, pane
        shot(page, f"loan-{pane}-{language}-{theme}-{width}")


def test_verdicts_and_standings_are_all_worded() -> None:
    assert set(views.VERDICTS) == set(Verdict)
    assert set(views.STANDINGS) == set(Standing)
