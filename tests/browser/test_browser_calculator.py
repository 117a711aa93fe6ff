"""The calculator, used: typing changes the answer and nothing else, and it fits every reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

LOAN = "/tools/calculator?principal=40000&rate=5.85&start=2026-01-15&repayment=annuity&months=12"
PAGES = [LOAN, f"{LOAN}&late_from=2&late_days=40", "/tools/calculator/compare", "/tools/calculator/discount",
         "/tools/calculator/actus", f"{LOAN}&months=0"]  # fmt: skip


def test_typing_changes_the_answer_and_keeps_the_caret(open_page: Any) -> None:
    page = open_page(LOAN)
    expect(page.locator(".calc-hero strong")).to_have_text("年化 6.01 %")
    page.locator(".chart-canvas[data-drawn]").wait_for()
    page.locator("#principal").click()
    page.keyboard.press("End")
    page.keyboard.type("0")
    expect(page.locator(".figures")).to_contain_text("34,399.00 元")
    assert page.evaluate("document.activeElement.id + document.activeElement.selectionStart") == "principal6"
    assert "principal=400000" in page.url
    page.locator(".chart-canvas[data-drawn]").wait_for()
    page.get_by_text("以表格查看").click()
    expect(page.locator(".chart-twin tbody tr")).to_have_count(12)
    page.reload()
    expect(page.locator(".figures")).to_contain_text("34,399.00 元")


def test_a_wrong_value_is_told_at_its_field_while_typing(open_page: Any) -> None:
    page = open_page(LOAN)
    page.fill("#months", "1000000")
    expect(page.locator("#error-months")).to_contain_text("1 至 1200")
    expect(page.locator("#months")).to_be_focused()
    page.fill("#months", "24")
    expect(page.locator("#error-months")).to_be_hidden()
    expect(page.locator("tfoot")).to_contain_text("共 24 期")


def test_fields_that_mean_nothing_are_not_shown(open_page: Any) -> None:
    page = open_page(LOAN)
    expect(page.locator("#bp")).to_be_hidden()
    page.select_option("#base", "LPR-1Y")
    expect(page.locator("#bp")).to_be_visible()
    expect(page.locator("#rate")).to_be_hidden()
    page.select_option("#repayment", "irregular")
    expect(page.locator("#plan")).to_be_visible()
    expect(page.locator("#error-plan")).to_contain_text("还款计划")


def test_without_script_the_form_asks_and_is_answered(open_page: Any) -> None:
    page = open_page(LOAN, java_script_enabled=False)
    page.fill("#months", "24")
    page.get_by_role("button", name="测算").click()
    expect(page.locator("tfoot")).to_contain_text("共 24 期")
    page.goto("/tools/calculator/actus?example=PAM")
    page.fill("#terms", page.locator("#terms").input_value().replace("0.045", "0.09"))
    page.get_by_role("button", name="测算").click()
    expect(page.locator(".is-events")).to_contain_text("22,500.00")


def test_pasted_terms_are_evaluated_and_a_fault_names_its_line(open_page: Any) -> None:
    page = open_page("/tools/calculator/actus?example=PAM")
    terms = page.locator("#terms").input_value()
    page.fill("#terms", terms.replace("2027-01-15", "2020-01-15"))
    expect(page.locator("#error-terms")).to_have_text(re.compile(r"第 \d+ 行：条款 maturityDate"))
    page.fill("#terms", terms.replace("0.045", "0.09"))
    expect(page.locator(".is-events")).to_contain_text("22,500.00")
    expect(page.locator("#error-terms")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


READERS = [("zh-hans", "light", 1280), ("en", "dark", 1280), ("zh-hans", "dark", 360), ("en", "light", 360)]


@pytest.mark.parametrize(("language", "theme", "width"), READERS)
def test_it_fits_every_reader(open_page: Any, language: str, theme: str, width: int) -> None:
    page = open_page("/", language=language, theme=theme, width=width)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("html").get_attribute("data-bs-theme") == theme


def test_print_shows_what_was_asked_and_the_answer_alone(open_page: Any) -> None:
    page = open_page(LOAN)
    page.emulate_media(media="print")
    expect(page.locator(".calc-form")).to_be_hidden()
    expect(page.locator(".calc-tools")).to_be_hidden()
    expect(page.locator(".calc-asked")).to_contain_text("40000 元")
    expect(page.locator(".calc-table")).to_be_visible()
