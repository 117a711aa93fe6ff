"""The filter table: its address is its whole state, and an export holds exactly what the filters leave."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
import python_calamine
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from jirong.kernel.money import Money
from jirong.site.design import EmptyTable, LotTable, SampleLot, sample_lots
from jirong.web import tables
from jirong.web.tables import export


@pytest.fixture(autouse=True)
def chinese() -> Any:
    with translation.override("zh-hans"):
        yield


def get(path: str, **headers: str) -> HttpRequest:
    return RequestFactory().get(path, headers=headers)


def lots(path: str = "/lots") -> LotTable:
    return LotTable(get(path), sample_lots())


def shown(table: LotTable) -> list[int]:
    return [lot.id for lot in table.page.items]


def test_without_parameters_the_first_page_stands_in_the_standing_order() -> None:
    assert shown(lots()) == list(range(57, 37, -1))


def test_a_search_a_choice_and_ranges_narrow_together() -> None:
    table = lots("/lots?q=锦绣&state=held&due_from=2026-07-20&amount_to=4000000")
    expected = [
        lot.id
        for lot in sample_lots()
        if "锦绣" in lot.issuer
        and lot.state == "held"
        and lot.due >= dt.date(2026, 7, 20)
        and lot.amount_minor <= 400_000_000
    ]
    assert sorted(shown(table)) == expected
    assert expected
    assert [chip.text for chip, _ in table.chips] == [
        "份额号或企业: “锦绣”",
        "状态: 持有中",
        "到期日: 2026-07-20 – …",
        "金额: … – 4,000,000.00",
    ]


def test_removing_a_chip_drops_its_parameters_and_the_cursor_only() -> None:
    table = lots("/lots?state=held&due_from=2026-07-20&due_to=2026-08-20&sort=due&after=whatever")
    assert [url for _, url in table.chips] == [
        "/lots?due_from=2026-07-20&due_to=2026-08-20&sort=due",
        "/lots?state=held&sort=due",
    ]


def test_what_cannot_be_read_is_said_at_the_field_and_narrows_nothing() -> None:
    table = lots("/lots?due_from=July&amount_from=abc&state=flying")
    errors = {field.filter.key: field.error.code for field in table.fields if field.error}
    assert errors == {
        "due": "filter.bad_date",
        "amount": "money.unreadable",
        "state": "filter.unknown_choice",
    }
    assert len(table.page.items) == 20
    assert table.chips == []


def test_a_range_the_wrong_way_round_is_said() -> None:
    table = lots("/lots?due_from=2026-08-01&due_to=2026-07-01")
    assert [field.error.code for field in table.fields if field.error] == ["filter.range_reversed"]


def test_a_bad_cursor_shows_the_first_page() -> None:
    assert shown(lots("/lots?after=nonsense")) == shown(lots())


def test_sorting_is_by_a_declared_column_only_and_cycles() -> None:
    ascending = lots("/lots?sort=amount")
    amounts = [lot.amount for lot in ascending.page.items]
    assert amounts == sorted(amounts)
    assert shown(lots("/lots?sort=password")) == shown(lots())
    heads = {path: lots(path).headings[2] for path in ("/lots", "/lots?sort=-amount", "/lots?sort=amount")}
    assert [(head.url, head.sorted) for head in heads.values()] == [
        ("/lots?sort=-amount", ""),
        ("/lots?sort=amount", "descending"),
        ("/lots", "ascending"),
    ]


def test_pages_follow_each_other_through_the_links() -> None:
    table = lots("/lots?sort=due")
    seen = shown(table)
    while table.next_url:
        table = lots(table.next_url)
        seen += shown(table)
    assert sorted(seen) == list(range(1, 58))
    assert shown(lots(table.previous_url or "")) == seen[20:40]


def test_both_exports_hold_the_filtered_view_whole_and_in_order() -> None:
    path = "/lots?amount_to=6000000&sort=-amount"
    expected = [
        lot
        for lot in sorted(sample_lots(), key=lambda lot: (-lot.amount_minor, -lot.id))
        if lot.amount_minor <= 600_000_000
    ]
    assert len(expected) > 20

    answer = tables.respond(get(f"{path}&export=csv"), "site/design.html", lots(path))
    text = answer.getvalue().decode("utf-8")
    assert text.startswith("\ufeff")
    heads, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert heads == ["份额号", "核心企业", "金额（元）", "年化利率", "到期日", "状态", "登记时间"]
    assert [line[0] for line in lines] == [lot.number for lot in expected]
    assert lines[0][2] == str(expected[0].amount)

    answer = tables.respond(get(f"{path}&export=xlsx"), "site/design.html", lots(path))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    _, *cells = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in cells] == [lot.number for lot in expected]
    assert cells[0][2] == pytest.approx(float(expected[0].amount.major), abs=0.001)
    assert cells[0][4] == expected[0].due
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E4%BB%BD%E9%A2%9D-")


def test_text_that_a_spreadsheet_would_run_is_disarmed() -> None:
    assert export.disarmed('=HYPERLINK("x")') == '\'=HYPERLINK("x")'
    assert export.disarmed("@SUM(A1)") == "'@SUM(A1)"
    assert export.disarmed("锦绣服装") == "锦绣服装"


def test_an_export_that_was_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jirong.web.tables.export.EXPORT_ROWS_MAX", 3)
    rows = list(export.values(lots()))
    assert len(rows) == 4
    assert rows[-1] == ["已达导出上限 3 行，请先筛选"]


def test_an_amount_too_large_for_a_binary_number_is_written_as_text() -> None:
    huge = SampleLot(
        1,
        "X",
        "Y",
        Money(2**63 - 1),
        2**63 - 1,
        *(sample_lots()[0].__dict__[k] for k in ("rate", "due", "state", "recorded_at")),
    )
    answer = export.export(LotTable(get("/lots"), [huge]), "xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    assert book.get_sheet_by_index(0).to_python()[1][2] == "92233720368547758.07"


def test_htmx_is_given_the_table_alone_and_the_count_comes_by_itself() -> None:
    answer = tables.respond(get("/lots", HX_Request="true", HX_Target="table-lots-results"), "site/design.html", lots())
    html = answer.getvalue().decode()
    assert html.lstrip().startswith('<section class="ftable" id="table-lots"')
    assert "<html" not in html
    assert "HX-Request" in answer.headers["Vary"]
    count = re.search(r'hx-get="([^"]*count=lots)"', html)
    assert count is not None
    answer = tables.respond(get(count[1]), "site/design.html", lots(count[1]))
    assert answer.getvalue().decode().strip() == "共 57 条"


def test_an_empty_list_teaches_and_an_overfiltered_one_offers_to_clear() -> None:
    def html(table: tables.Table) -> str:
        request = get("/lots", HX_Request="true", HX_Target=table.html_id)
        return tables.respond(request, "site/design.html", table).getvalue().decode()

    assert "还没有收到份额" in html(EmptyTable(get("/lots"), []))
    assert "清除筛选" in html(lots("/lots?q=nobody"))


def test_values_from_rows_are_escaped() -> None:
    evil = SampleLot(**(sample_lots()[0].__dict__ | {"issuer": "<img src=x onerror=alert(1)>"}))
    cell = LotTable(get("/lots"), [evil]).rows[0][1].html
    assert cell == "&lt;img src=x onerror=alert(1)&gt;"


@pytest.mark.parametrize("path", ["/t?q=user", "/t?id_from=3&id_to=9", "/t?sort=-codename", "/t?app=auth"])
def test_lists_and_querysets_narrow_and_sort_alike(db: None, path: str) -> None:
    from django.contrib.auth.models import Permission

    class PermissionTable(tables.Table):
        columns = (tables.Column("codename", "c", sort="codename"),)
        filters = (
            tables.Search("q", "q", ("codename", "name")),
            tables.Choice("app", "app", (("auth", "auth"), ("x", "x")), "content_type__app_label"),
            tables.MoneyRange("id", "id", "id"),
        )
        order = ("id",)
        page_rows = 200

    source: QuerySet[Permission] = Permission.objects.select_related("content_type")
    path = re.sub(r"=(\d+)", lambda found: f"={int(found[1]) / 100:.2f}", path)
    in_database = PermissionTable(get(path), source).page.items
    in_memory = PermissionTable(get(path), list(source)).page.items
    assert in_database
    if "sort" in path:
        # Collation may differ; the sets and the direction's ends may not.
        assert set(in_database) == set(in_memory)
    else:
        assert in_database == in_memory
