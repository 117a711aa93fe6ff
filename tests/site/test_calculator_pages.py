"""The calculator's pages as a person without script, and htmx, see them."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from jirong.instruments.actus import examples
from jirong.site.calculator import inputs, views

pytestmark = pytest.mark.django_db

LOAN = {"principal": "40000", "rate": "5.85", "start": "2026-01-15", "repayment": "annuity", "months": "12"}
ZH, EN, HTMX = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}, {"HX-Request": "true"}
PAGES = ["/tools/calculator", "/tools/calculator/compare", "/tools/calculator/discount", "/tools/calculator/actus"]


def get(path: str, values: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Any:
    return Client().get(path, values or {}, headers={**ZH, **(headers or {})})


def page(path: str, values: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> str:
    answer = get(path, values, headers)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def error_at(text: str, field: str) -> str:
    found = re.search(rf'id="error-{field}"[^>]*>(.*?)</p>', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_shows_an_example_to_anyone_in_both_languages(path: str) -> None:
    chinese, english = page(path), page(path, headers=EN)
    assert "融资测算" in chinese
    assert "Calculator" in english
    said = re.sub(r"<script.*?</script>|<textarea.*?</textarea>|<[^>]+>", " ", english, flags=re.DOTALL)
    assert set(re.findall("[\u4e00-\u9fff]+", said)) <= {"集", "中"}  # the seal and the way to Chinese
    assert 'class="calc-refused"' not in chinese


def test_the_answer_stands_on_the_page_to_the_fen() -> None:
    text = page("/tools/calculator", LOAN)
    for figure in ("年化 6.01 %", "5.85 %", "3,439.90 元", "1,278.81 元", "3,439.91", "2027-01-15", "36,755.10"):
        assert figure in text
    assert "人民银行公告〔2021〕第3号" in text


@pytest.mark.parametrize("preset", inputs.presets(dt.date(2026, 1, 15)), ids=lambda each: each.query)
def test_every_preset_is_answered_and_marked(preset: inputs.Preset) -> None:
    text = page("/tools/calculator", {key: value[0] for key, value in parse_qs(preset.query).items()})
    assert 'class="calc-refused"' not in text


def test_the_address_holds_the_whole_calculation() -> None:
    asked = {**LOAN, "base": "LPR-5Y", "bp": "45", "rate": "9", "plan": "x", "late_from": "2", "late_days": "40"}
    answer = get("/tools/calculator", asked, HTMX)
    address = urlsplit(answer.headers["HX-Replace-Url"])
    kept = {key: value[0] for key, value in parse_qs(address.query).items()}
    assert kept == {key: value for key, value in asked.items() if key not in ("rate", "plan")}
    again = get("/tools/calculator", kept, HTMX)
    assert again.headers["HX-Replace-Url"] == answer.headers["HX-Replace-Url"]
    assert again.content == answer.content


def test_htmx_gets_the_result_and_the_messages_not_the_inputs() -> None:
    text = page("/tools/calculator", {**LOAN, "months": "1000000"}, HTMX)
    assert "<input" not in text
    assert "<html" not in text
    assert "1 至 1200" in error_at(text, "months")
    assert error_at(text, "principal") == ""
    assert text.count("hx-swap-oob") == 26


def test_without_htmx_the_message_stands_at_its_field_and_what_was_typed_stays() -> None:
    text = page("/tools/calculator", {**LOAN, "late_from": "99", "late_days": "5"})
    assert "1 至 12" in error_at(text, "late_from")
    assert 'value="99"' in text
    group = re.search(r"<details class=\"calc-group\" open><summary>(.*?)</summary>", text)
    assert group is not None
    assert group[1] == "如果逾期"


def test_what_is_typed_is_shown_and_never_run() -> None:
    evil = '"><script>alert(1)</script>'
    for path, name in (("/tools/calculator", "principal"), ("/tools/calculator/actus", "terms"),
                       ("/tools/calculator/compare", "a_name")):  # fmt: skip
        raw = get(path, {name: evil}).content.decode()
        assert "<script>alert" not in raw


def test_what_happens_on_the_way_is_told() -> None:
    text = page("/tools/calculator", {**LOAN, "late_from": "2", "late_days": "40"})
    for words in ("补还第 2–3 期", "41.09", "与按期还款相比，总成本多", "若按期还款的计划"):
        assert words in text
    text = page("/tools/calculator", {**LOAN, "early_on": "2026-05-20"}, EN)
    assert "Early repayment" in text


def test_a_long_loan_shows_its_beginning_and_leads_to_the_rest() -> None:
    asked = {**LOAN, "months": "360"}
    text = page("/tools/calculator", asked)
    assert text.count("2056-01-15") <= 2
    assert "显示全部 360 期" in text
    assert "按年合计" in text
    assert page("/tools/calculator", {**asked, "all": "1"}).count("<tr>") > 360


def test_two_offers_fees_included() -> None:
    first = {f"a_{key}": value for key, value in {**LOAN, "rate": "3.85", "fee_each": "60", "name": "甲行"}.items()}
    second = {f"b_{key}": value for key, value in {**LOAN, "name": "乙行"}.items()}
    text = page("/tools/calculator/compare", {**first, **second})
    assert re.search(r"乙行更便宜：总成本少 [\d.]+ 元，年化利率也更低", text)
    wrong = page("/tools/calculator/compare", {**first, **second, "b_months": "0"})
    assert "1 至 1200" in error_at(wrong, "b_months")
    assert error_at(wrong, "a_months") == ""


def test_a_discount_says_what_is_received_and_what_it_is_not() -> None:
    text = page(
        "/tools/calculator/discount", {"amount": "1000000", "rate": "3.2", "on": "2026-11-22", "due": "2027-05-22"}
    )
    for words in ("983,911.11 元", "16,088.89 元", "年化 3.30 %", "民法典第六百七十条"):
        assert words in text


@pytest.mark.parametrize("kind", sorted(examples.EXAMPLES))
def test_every_actus_example_is_a_page(kind: str) -> None:
    text = page("/tools/calculator/actus", {"example": kind})
    assert f"{kind}，共 " in text
    assert f'"contractType": "{kind}"' in text


def test_pasted_terms_come_by_post_too_and_errors_name_their_line() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(PAGES[3])
    token = client.cookies["csrftoken"].value
    terms = examples.text("PAM").replace("2027-01-15", "2020-01-15", 1)
    answer = client.post(PAGES[3], {"terms": terms}, headers={**ZH, "X-CSRFToken": token})
    words = error_at(html.unescape(answer.content.decode()), "terms")
    line = next(number for number, each in enumerate(terms.split("\n"), 1) if "maturityDate" in each)
    assert words.startswith(f"第 {line} 行：条款 maturityDate 的值“2020-01-15")
    broken = page(PAGES[3], {"terms": '{"a": 1,\n]'})
    assert "第 2 行第 1 列" in error_at(broken, "terms")


def test_long_terms_do_not_go_into_the_address() -> None:
    terms = examples.text("PAM") + " " * views.ADDRESS_TERMS_MAX
    answer = Client().post(PAGES[3], {"terms": terms}, headers={**ZH, **HTMX})
    assert answer.headers["HX-Replace-Url"] == PAGES[3]
    assert "放不进链接" in answer.content.decode()
    short = Client().post(PAGES[3], {"terms": "{}"}, headers={**ZH, **HTMX})
    assert short.headers["HX-Replace-Url"] == f"{PAGES[3]}?{urlencode({'terms': '{}'})}"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_exports_a_workbook(path: str) -> None:
    values = {**LOAN} if path == PAGES[0] else {}
    answer = get(path, {**values, "export": "xlsx"})
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert answer.content[:2] == b"PK"


def test_the_navigation_and_the_front_page_lead_here() -> None:
    text = page("/")
    assert text.count('href="/tools/calculator"') >= 2
