"""The shell as a person meets it: languages, themes, widths, the keyboard, and no script at all."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from playwright.sync_api import Page, expect

import jirong.site
from jirong.parties import actions as parties
from jirong.parties.models import User
from jirong.store import business_date
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id

SCRIPT_BYTES_MAX = 300_000
PAGES = ["/", "/design", "/design/wizard", "/verify", "/accounts/login/", "/design/error/500"]


NAMELESS = """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !(each.innerText || each.getAttribute("aria-label") || each.title || each.labels?.length
    || each.querySelector("[aria-label], img[alt]")))
  .map((each) => each.outerHTML.slice(0, 120))"""
"""Controls a screen reader could not name."""

READERS = [("zh-hans", "light", 1280), ("zh-hans", "dark", 360), ("en", "light", 360), ("en", "dark", 1280)]


@pytest.mark.parametrize(("language", "theme", "width"), READERS)
def test_every_page_fits_and_is_readable(open_page: Any, language: str, theme: str, width: int) -> None:
    page = open_page("/", language=language, theme=theme, width=width)
    for path in PAGES:
        page.goto(path)
        assert page.locator("html").get_attribute("data-bs-theme") == theme, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() >= 1, path
        nameless = page.evaluate(NAMELESS)
        assert nameless == [], path
        chinese = re.search("[\u4e00-\u9fff]", page.locator("h1").first.inner_text())
        assert bool(chinese) == (language == "zh-hans") or path == "/design", path
    # Chromium itself reports an answer of 500.
    open_page.complaints[:] = [text for text in open_page.complaints if "status of 500" not in text]


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def tokens_of(css: str, selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{(.*?)\n\}", css, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def test_text_has_the_contrast_of_wcag_aa_in_both_themes() -> None:
    css = (Path(jirong.site.__file__).parent / "static" / "jirong" / "jirong.css").read_text(encoding="utf-8")
    light = tokens_of(css, "\n:root")
    dark = light | tokens_of(css, '[data-bs-theme="dark"]')
    texts = ("ink", "ink-2", "accent", "good", "wait", "bad", "red", "green")
    pairs = [(text, ground) for text in texts for ground in ("paper", "surface")]
    pairs += [("accent-ink", "accent"), ("accent", "accent-wash"), ("wait", "wait-wash")]
    pairs += [("ink-2", "sunk"), ("ink", "bad-wash")]
    for tokens in (light, dark):
        for text, ground in pairs:
            high, low = sorted((luminance(tokens[text]), luminance(tokens[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, tokens[text], ground, tokens[ground])


def test_a_chosen_theme_and_language_stay_and_come_from_the_server(open_page: Any) -> None:
    page = open_page("/verify", theme="light")
    page.get_by_role("button", name="显示设置").click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert 'data-bs-theme="dark"' in page.request.get("/verify").text()
    page.get_by_role("button", name="Switch to English").click()
    page.get_by_role("heading", name="Verify a receipt").wait_for()
    page.get_by_role("button", name="Display").click()
    page.get_by_role("button", name="Rise green").click()
    expect(page.locator("html")).to_have_attribute("data-rise", "green")


def test_preferences_lead_nowhere_else(open_page: Any) -> None:
    page = open_page("/verify")
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    form = {"csrfmiddlewaretoken": token, "theme": "neon", "next": "https://elsewhere.example/"}
    answer = page.request.post("/preferences", form=form, max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "/")
    assert "jirong_theme" not in {cookie["name"] for cookie in page.context.cookies()}


def test_the_keyboard_reaches_the_content_first(open_page: Any) -> None:
    page = open_page("/design")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert width == "2px"


def test_an_ordinary_page_carries_little_script(open_page: Any) -> None:
    sizes: dict[str, int] = {}

    def weigh(answer: Any) -> None:
        if answer.url.endswith(".js"):
            sizes[answer.url] = len(answer.body())

    page = open_page("about:blank")
    page.on("response", weigh)
    page.goto("/", wait_until="networkidle")
    assert 0 < sum(sizes.values()) < SCRIPT_BYTES_MAX
    assert not any("echarts" in url for url in sizes)


def test_without_script_a_list_still_filters_and_pages(open_page: Any) -> None:
    page = open_page("/design", java_script_enabled=False)
    page.fill("input[name=q]", "锦绣")
    page.locator("#table-lots").get_by_role("button", name="筛选").click()
    expect(page.locator("#table-lots tbody tr")).to_have_count(11)
    page.goto("/design")
    page.locator("#table-lots").get_by_role("link", name="下一页").click()
    expect(page.locator("#table-lots tbody tr").first.locator("td").first).to_have_text("LD2026-00037")


@pytest.fixture
def clerk(open_page: Any, transactional_db: None, settings: Any, live_server: Any) -> Any:
    """Opens a page as somebody of a bank, logged in by hand."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with transaction.atomic():
        business_date.advance(dt.date(2026, 3, 2))
    party = new_id()
    parties.register_party(actor=SYSTEM, id=party, name="某银行", uscc=None, size="person", roles=["bank"])
    parties.register_user(actor=SYSTEM, id=new_id(), username="clerk")
    parties.add_staff(actor=SYSTEM, id=new_id(), party=party, username="clerk", duties=["maker"])
    User.objects.filter(username="clerk").update(password=make_password("a long password"))

    def opened(path: str, **options: Any) -> Page:
        page: Page = open_page(f"/accounts/login/?next={path}", server=live_server.url, **options)
        page.fill("input[name=login]", "clerk")
        page.fill("input[name=password]", "a long password")
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return opened


def test_the_menu_is_opened_with_the_keyboard_and_stays_as_it_was_left(clerk: Any) -> None:
    page = clerk("/inbox/")
    side = page.locator("nav.side")
    book = side.get_by_role("link", name="账簿")
    expect(book).to_be_hidden()
    side.locator("summary", has_text="授信").focus()
    page.keyboard.press("Enter")
    expect(book).to_be_visible()
    side.get_by_role("link", name="付款").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("付款")
    expect(book).to_be_visible()
    side.locator("summary", has_text="授信").click()
    expect(book).to_be_hidden()
    page.reload()
    expect(page.locator("nav.side").get_by_role("link", name="账簿")).to_be_hidden()


def test_the_whole_menu_is_there_on_a_phone_without_script(clerk: Any) -> None:
    page = clerk("/inbox/", width=360, java_script_enabled=False)
    expect(page.locator(".footbar > a")).to_have_text(["工作台", "审批台", "复核", "付款"])
    page.get_by_role("button", name="更多").click()
    page.locator("#all-menu summary", has_text="授信").click()
    page.locator("#all-menu").get_by_role("link", name="账簿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账簿")
    page.get_by_role("button", name="更多").click()
    expect(page.locator("#all-menu").get_by_role("link", name="授信政策")).to_be_visible()


ERRORS = [
    ("/nowhere", "没有这个页面，或您看不到它"),
    ("/design/error/403", "制单人不能复核自己的单据"),
    ("/design/error/500", "平台出错"),
]


def test_pages_of_errors_are_ours(open_page: Any) -> None:
    page = open_page("/design")
    for path, words in ERRORS:
        page.goto(path)
        expect(page.locator("main")).to_contain_text(words)
    open_page.complaints[:] = [text for text in open_page.complaints if "status of" not in text]


def test_the_security_policy_lets_no_inline_script_run(open_page: Any) -> None:
    page = open_page("/design")
    policy = page.request.get("/design").headers["content-security-policy"]
    assert "script-src 'self';" in policy
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hurt = 1";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.hurt") is None
    open_page.complaints[:] = [text for text in open_page.complaints if "Content Security Policy" not in text]
