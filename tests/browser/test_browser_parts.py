"""The components, used: filtering without losing the caret, signing once, drafts that survive."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from jirong.site.design import sample_lots
from jirong.site.samples import STATEMENT
from jirong.trust import keys


def rows(page: Any) -> Any:
    return page.locator("#table-lots tbody tr")


def test_typing_in_the_search_narrows_and_keeps_the_caret(open_page: Any) -> None:
    page = open_page("/design")
    search = page.locator("input[name=q]")
    search.click()
    page.keyboard.type("锦绣")
    expect(rows(page)).to_have_count(11)
    assert page.evaluate("document.activeElement.name + document.activeElement.selectionStart") == "q2"
    assert "q=%E9%94%A6%E7%BB%A3" in page.url
    expect(page.locator(".chip")).to_have_text("份额号或企业: “锦绣”")
    page.locator(".chip").click()
    expect(rows(page)).to_have_count(20)
    expect(page.locator("input[name=q]")).to_have_value("")


def test_pages_sort_and_the_way_back(open_page: Any) -> None:
    page = open_page("/design")
    page.get_by_text("共 57 条").wait_for()
    page.get_by_role("link", name="金额（元）").click()
    page.locator("th[aria-sort=descending]").wait_for()
    largest = max(sample_lots(), key=lambda lot: lot.amount_minor)
    expect(rows(page).first).to_contain_text(largest.number)
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**after=**")
    page.locator("a[rel=prev]").wait_for()
    page.go_back()
    page.locator("th[aria-sort=descending]").wait_for()
    expect(rows(page).first).to_contain_text(largest.number)


def test_twenty_rows_stand_on_a_screen_of_1280_by_800(open_page: Any) -> None:
    page = open_page("/design")
    box = page.locator("#table-lots table").bounding_box()
    assert box["height"] <= 800 - 46 - 14 - 46 - 34  # top bar, margin, filters, pager


def test_the_exported_file_is_what_the_filter_left(open_page: Any, tmp_path: Path) -> None:
    page = open_page("/design?state=held&sort=due")
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV (.csv)").click()
    download.value.save_as(tmp_path / "lots.csv")
    lines = list(csv.reader((tmp_path / "lots.csv").read_text(encoding="utf-8-sig").splitlines()))
    expected = sorted((lot for lot in sample_lots() if lot.state == "held"), key=lambda lot: (lot.due, lot.id))
    assert [line[0] for line in lines[1:]] == [lot.number for lot in expected]
    assert re.fullmatch(r"份额-\d{8}-\d{4}\.csv", download.value.suggested_filename)


def test_a_row_is_a_card_on_a_phone_and_filters_fold(open_page: Any) -> None:
    page = open_page("/design", width=360)
    assert rows(page).first.evaluate("e => getComputedStyle(e).display") == "grid"
    expect(page.locator("select[name=state]")).to_be_hidden()
    page.locator("#table-lots label", has_text="筛选").click()
    page.locator("select[name=state]").select_option("settled")
    page.locator(".chip", has_text="已兑付").wait_for()


def test_the_why_drawer_opens_and_closes_by_keyboard(open_page: Any) -> None:
    page = open_page("/design")
    page.get_by_role("button", name="为什么").focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("质押须先登记")
    expect(drawer.locator(".unverified").first).to_have_text("未核实")
    expect(drawer.get_by_role("button", name="关闭").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.get_by_role("button", name="为什么")).to_be_focused()


def test_impatient_clicks_sign_once(open_page: Any) -> None:
    page = open_page("/design")
    page.locator("form.signing[data-attached]").first.wait_for()
    prevented = page.evaluate(
        """() => {
          const seen = [];
          addEventListener("submit", (event) => seen.push(event.defaultPrevented));
          const button = document.querySelector("form.signing button.btn-primary");
          button.click(); button.click(); button.click();
          return seen;
        }"""
    )
    assert prevented == [False, True, True]
    page.get_by_text("已收到（第 1 次）").wait_for()
    page.go_back()
    page.locator("form.signing button.btn-primary").first.click()
    page.get_by_text("已收到（第 2 次）").wait_for()


def test_what_a_rule_bars_cannot_be_signed(open_page: Any) -> None:
    page = open_page("/design")
    expect(page.locator("form.signing").nth(1).locator("button.btn-primary")).to_be_disabled()


def test_a_refusal_to_htmx_is_a_flash_and_the_page_stays(open_page: Any) -> None:
    page = open_page("/design?q=LD")
    page.get_by_role("button", name="试一次拒绝").click()
    flash = page.locator("#flashes .flash")
    expect(flash).to_contain_text("该份额已被另一家银行预占")
    expect(flash).to_contain_text("请等待其释放，或选择其他份额")
    flash.get_by_role("button", name="关闭").click()
    expect(flash).to_have_count(0)
    open_page.complaints[:] = [text for text in open_page.complaints if "409" not in text]


def test_a_draft_survives_a_reload_and_is_judged_only_on_next(open_page: Any) -> None:
    page = open_page("/design/wizard")
    page.fill("#id_buyer", "锦绣服装")
    page.get_by_text("草稿已保存").wait_for()
    page.goto("/design/wizard")
    expect(page.locator("#id_buyer")).to_have_value("锦绣服装")
    expect(page.locator(".field-error")).to_have_count(0)
    page.get_by_role("button", name="下一步").click()
    page.locator(".field-error").wait_for()
    page.fill("#id_invoice", "25442000000012345678")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**step=2")
    page.fill("#id_amount", "1000.00")
    page.fill("#id_due", "2026-07-07")
    page.get_by_role("button", name="提交复核").click()
    page.get_by_text("已提交复核").wait_for()
    page.goto("/design/wizard")
    expect(page.locator("#id_buyer")).to_have_value("")
    open_page.complaints[:] = [text for text in open_page.complaints if "422" not in text]


def test_a_chart_is_drawn_from_the_figures_of_its_table(open_page: Any) -> None:
    page = open_page("/design")
    page.locator("[data-chart][data-drawn] svg").wait_for()
    drawn = json.loads(page.locator("#maturities-data").text_content())
    page.locator("#chart-maturities").get_by_text("以表格查看").click()
    cells = page.locator("#chart-maturities tbody tr").nth(6).locator("th, td")
    expect(cells).to_have_text(["2026-07", "10,000,000.00", "0.00"])
    assert [series["values"][6] for series in drawn["series"]] == ["10000000.00", "0.00"]
    assert drawn["series"][1]["values"][7] is None


@pytest.fixture
def key_page(open_page: Any) -> Any:
    """The design page with its first panel turned into one that asks for this device's own key."""
    page = open_page("/design")
    page.locator("form.signing[data-attached]").first.wait_for()
    made = page.evaluate("import('/static/jirong/sign.js').then((sign) => sign.makeKey())")
    page.evaluate(
        """(id) => { const form = document.querySelector("form.signing");
          form.dataset.grade = "own"; form.dataset.key = id; form.elements.key.value = id; }""",
        made["id"],
    )
    return page, made


def test_an_own_key_signs_the_bytes_shown(key_page: Any) -> None:
    page, made = key_page
    public = base64.b64decode(made["public"])
    assert made["id"] == keys.key_id(public)
    with page.expect_request("**/design/form") as sent:
        page.locator("form.signing button.btn-primary").first.click()
    form = sent.value.post_data_json
    assert base64.b64decode(form["statement"]) == STATEMENT
    assert keys.verify(public, base64.b64decode(form["signature"]), STATEMENT)
    assert form["key"] == made["id"]


def test_bytes_other_than_those_shown_are_not_signed(key_page: Any) -> None:
    page, _ = key_page
    page.evaluate("document.querySelector('form.signing').elements.statement.value = btoa('{\"amount\":\"9\"}')")
    page.locator("form.signing button.btn-primary").first.click()
    page.get_by_text("与页面显示的散列不符").wait_for()
    expect(page.locator("form.signing input[name=signature]").first).to_have_value("")


def test_a_private_key_cannot_be_read_out(key_page: Any) -> None:
    page, made = key_page
    outcome = page.evaluate(
        """async (id) => {
          const opened = await new Promise((done) => {
            const request = indexedDB.open("jirong-keys", 1); request.onsuccess = () => done(request.result); });
          const row = await new Promise((done) => {
            const request = opened.transaction("keys").objectStore("keys").get(id);
            request.onsuccess = () => done(request.result); });
          opened.close();
          return crypto.subtle.exportKey("pkcs8", row.secret).then(() => "read", (error) => error.name);
        }""",
        made["id"],
    )
    assert outcome == "InvalidAccessError"


def test_a_device_without_the_key_says_so(key_page: Any) -> None:
    page, _ = key_page
    page.evaluate("document.querySelector('form.signing').dataset.key = 'f'.repeat(32)")
    page.locator("form.signing button.btn-primary").first.click()
    page.get_by_text("本设备上没有这把密钥").wait_for()
