"""The studio's pages over HTTP: reading, writing, comparing, trying; and that no text is a server error."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jirong.financing.models import SchemeVersion
from jirong.parties.models import Party, User
from jirong.schemes import check, kinds, parse
from jirong.schemes.document import CHARACTERS_MAX
from jirong.site.studio import trial
from jirong.store import catalogue
from jirong.store.ids import new_id

ZH = {"Accept-Language": "zh-CN"}
HTMX = ZH | {"HX-Request": "true"}
LOAN = "/studio/schemes/furniture-upgrade-loan/"
TEXT = catalogue.schemes()["furniture-upgrade-loan"]


@pytest.fixture
def reader(db: None) -> Client:
    """A person who belongs to no party: reading asks for a log-in and no more."""
    client = Client()
    client.force_login(User.objects.create_user("reader"))
    return client


def speaks(client: Client, language: str) -> None:
    client.cookies["django_language"] = language


def body(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_every_page_asks_for_a_log_in(db: None) -> None:
    for path in ("/studio/", "/studio/new/", "/studio/new/loan/", "/studio/diff/", LOAN, f"{LOAN}download/"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={path}")


def test_the_catalogue_lists_filters_and_counts(reader: Client) -> None:
    html = body(reader.get("/studio/", headers=ZH))
    assert all(f"/studio/schemes/{name}/" in html for name in catalogue.schemes())
    assert "1 处提醒" in html
    html = body(reader.get("/studio/?kind=chain_note&vehicle=commercial_contract&found=some", headers=ZH))
    assert re.findall(r'href="/studio/schemes/([\w-]+)/"', html) == ["textile-chain-note"]
    html = body(reader.get("/studio/?source=sources/001&found=none", headers=ZH))
    assert set(re.findall(r'href="/studio/schemes/([\w-]+)/"', html)) == {
        name for name, text in catalogue.schemes().items() if "sources/001" in text
    }


@pytest.mark.parametrize("name", sorted(catalogue.schemes()))
def test_every_scheme_of_the_catalogue_has_its_page_in_both_languages(reader: Client, name: str) -> None:
    html = ""
    for language, said in (("zh-hans", "没有错误"), ("en", "No errors")):
        speaks(reader, language)
        html = body(reader.get(f"/studio/schemes/{name}/"))
        assert said in html
        assert "why-outcome" in html
    assert not re.search("[\u4e00-\u9fff]{2,}(?=</h[123]>)", html), "a heading was left in Chinese"


def test_what_is_typed_comes_back_as_parts_and_never_as_the_input(reader: Client) -> None:
    broken = TEXT.replace("share: 60%", "share: 50%")
    html = body(reader.post(LOAN, {"text": broken}, headers=HTMX))
    assert "<html" not in html
    assert "<textarea" not in html
    assert f'data-finding-line="{1 + broken[: broken.index("share: 50%")].count(chr(10)) - 1}"' in html
    assert "10%" in html  # what has no bearer is named
    assert "改正文本中的错误后就可以试算" in html
    assert 'hx-swap-oob="innerHTML:#studio-sentences"' in html


def test_without_script_the_same_address_answers_with_the_whole_page(reader: Client) -> None:
    html = body(reader.post(LOAN, {"text": TEXT.replace("30%", "20%")}, headers=ZH))
    assert "<textarea" in html
    assert "part: 20%" in html
    assert "1 处含义改动" in html
    assert "<del>30%</del>" in html
    assert "<ins>20%</ins>" in html


def test_unread_text_keeps_what_was_shown_and_says_so(reader: Client) -> None:
    html = body(reader.post(LOAN, {"text": "a: [1"}, headers=HTMX))
    assert "#studio-sentences" not in html
    assert "仍是上一次能读的样子" in html


def test_law_nobody_has_read_is_marked(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    examine = check.examine

    def unread(*given: Any, **named: Any) -> Any:
        found = examine(*given, **named)
        return replace(found, findings=tuple(replace(each, verified=False) for each in found.findings))

    page = "/studio/schemes/textile-chain-note/"
    assert "未核实" not in body(reader.get(page, headers=ZH))
    monkeypatch.setattr(check, "examine", unread)
    assert "未核实" in body(reader.get(page, headers=ZH))


HOSTILE = {
    "empty": "",
    "nul": "scheme: a\x00b",
    "tabs": "scheme:\n\t- a",
    "anchor": "a: &x [1]\nb: *x",
    "bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
    "tag": "a: !!python/object/apply:os.system [ls]",
    "deep": "[" * 5000,
    "huge": "x" * (CHARACTERS_MAX + 1),
    "list": "- 1\n- 2",
    "two": "a: 1\n---\nb: 2",
    "surrogate": "scheme: \ud800",
    "bidi": "scheme: \u202eabc\u2028def",
    "script": "scheme: '</textarea><script>alert(1)</script>'",
    "breaks": "scheme: a\rversion: 1\r\ntitle: x\x85y",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_gives_findings(reader: Client, name: str) -> None:
    text = HOSTILE[name].encode("utf-8", "surrogatepass")
    for path in (LOAN, "/studio/new/loan/", "/studio/try/", "/studio/download/"):
        for headers in (HTMX, ZH):
            answer = reader.post(path, b"text=" + quoted(text), "application/x-www-form-urlencoded", headers=headers)
            assert answer.status_code == 200, path
            assert b"<script>alert" not in answer.content or "download" in path
            if path == LOAN:
                assert b"finding is-bar" in answer.content
    assert reader.post("/studio/set/", {"text": "a: [", "path": "a", "value": "b"}).status_code == 409


def quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % each for each in raw)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_edit_of_a_scheme_is_a_server_error(reader: Client, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, min(len(TEXT), start + 80)))
    inserted = data.draw(st.text(max_size=30) | st.sampled_from(["{", "- ", ": ", "&a ", "*a", "\t", "99999999999%"]))
    changed = (TEXT[:start] + inserted + TEXT[end:]).encode("utf-8", "replace").decode()
    body(reader.post(LOAN, {"text": changed}, headers=HTMX))


def test_a_value_of_the_form_is_set_in_the_text_and_nothing_else_moves(reader: Client) -> None:
    answer = reader.post("/studio/set/", {"text": TEXT, "path": "limit/least_of/2/part", "value": "25%"})
    assert answer.json() == {"text": TEXT.replace("part: 30%", "part: 25%")}
    speaks(reader, "en")
    answer = reader.post("/studio/set/", {"text": TEXT, "path": "limit/gone", "value": "1"})
    assert answer.status_code == 409
    assert "no longer has this value" in answer.json()["refused"]


def test_a_trial_answers_each_clause_and_says_what_would_change_it(reader: Client) -> None:
    html = body(reader.post("/studio/try/", {"text": TEXT, "preset": "meets"}, headers=HTMX))
    assert "可以批准" in html
    assert "100,000.00 元" in html
    assert "年化 3.50 %" in html
    html = body(reader.post("/studio/try/", {"text": TEXT, "preset": "misses"}, headers=HTMX))
    assert "不予批准" in html
    assert "再增加1个月" in html
    html = body(reader.post("/studio/try/", {"text": TEXT, "preset": "silent"}, headers=HTMX))
    assert "先请企业补充资料" in html


def test_a_trial_says_at_the_field_what_cannot_be_read(reader: Client) -> None:
    typed = {"text": TEXT, "on": "2026-03-01", "v:membership_months": "六个月", "assessed": "tomorrow"}
    html = body(reader.post("/studio/try/", typed, headers=HTMX))
    assert "加入集群平台的时间：请填写数字" in html
    assert "评估日期：请按 2026-07-07 的格式填写" in html
    assert "可以批准" not in html


def test_a_day_before_the_first_lpr_is_said_in_words(reader: Client) -> None:
    early = TEXT.replace("effective: 2026-01-01", "effective: 1990-01-01")
    assert "而LPR自2019-08-20才有" in body(reader.post(LOAN, {"text": early}, headers=HTMX))
    scheme = parse.parse(early)
    tried = trial.attempt(scheme, trial.preset(scheme, "meets", dt.date(1990, 3, 1)))
    assert tried.refusal is not None
    assert tried.refusal.code == "rate.before_first"


def test_two_schemes_are_compared_in_sentences(reader: Client) -> None:
    path = "/studio/diff/?before=furniture-effect-fee&after=furniture-effect-fee-time"
    speaks(reader, "en")
    html = body(reader.get(path))
    assert "<del>throughput" in html
    assert "<ins>time saved" in html or "<ins>time</ins>" in html
    speaks(reader, "zh-hans")
    same = body(reader.get("/studio/diff/?before=relay-bank&after=relay-bank", headers=ZH))
    assert "含义相同" in same
    assert reader.get("/studio/diff/?before=relay-bank&after=nobody", headers=ZH).status_code == 404
    assert "还没有选定" in body(reader.get("/studio/diff/", headers=ZH))


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_every_kind_has_a_template_without_errors(reader: Client, kind: str) -> None:
    assert "没有错误" in body(reader.get(f"/studio/new/{kind}/", headers=ZH))


def test_unknown_names_are_not_found(reader: Client) -> None:
    for path in ("/studio/new/gift/", "/studio/schemes/nobody/", "/studio/schemes/relay-bank/99/"):
        assert reader.get(path, headers=ZH).status_code == 404


def test_the_text_is_downloaded_as_kept_and_as_typed(reader: Client) -> None:
    answer = reader.get(f"{LOAN}download/")
    assert answer.content.decode() == TEXT
    assert answer.headers["Content-Disposition"] == 'attachment; filename="furniture-upgrade-loan.yaml"'
    typed = TEXT.replace("scheme: furniture-upgrade-loan", "scheme: my-loan").replace("\n", "\r\n")
    answer = reader.post("/studio/download/", {"text": typed})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-loan.yaml"'
    assert parse.parse(answer.content) == parse.parse(typed)
    assert b"\r" not in answer.content


def test_a_published_version_stands_beside_the_catalogue(reader: Client) -> None:
    party = Party.objects.create(id=new_id(), name="规划所", size="small", uscc="91330000MA00000X0X")
    text = TEXT.replace("share: 60%", "share: 70%").replace("share: 40%", "share: 30%")
    SchemeVersion.objects.create(
        id=new_id(), name="furniture-upgrade-loan", version=1, title="数字化升级贷", title_en="Digital upgrade loan",
        text=text, canonical="-", sha256="0" * 64, effective=dt.date(2026, 1, 1), published_by=party,
    )  # fmt: skip
    html = body(reader.get("/studio/?origin=published", headers=ZH))
    assert 'href="/studio/schemes/furniture-upgrade-loan/1/"' in html
    assert "share: 70%" in body(reader.get("/studio/schemes/furniture-upgrade-loan/1/", headers=ZH))
    assert reader.get("/studio/schemes/furniture-upgrade-loan/1/download/").content.decode() == text
    path = "/studio/diff/?before=furniture-upgrade-loan&after=furniture-upgrade-loan@1"
    html = body(reader.get(path, headers=ZH))
    assert html.count('class="change ') == 2
    assert "<ins>70%</ins>" in html


def test_the_lists_of_the_studio_are_tabs_of_one_place(reader: Client) -> None:
    for path in ("/studio/", "/studio/diff/"):
        html = body(reader.get(path, headers=ZH)).partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', html) == ["/studio/", "/studio/published/", "/studio/diff/"]
        assert f'href="{path}" aria-current="page"' in html
