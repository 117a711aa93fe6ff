"""Files as clusters have them: two encodings, Chinese or English headers, and rows that are wrong in every way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.facts import kinds, reading
from jirong.kernel.errors import Invalid, Refusal

SELLER, BUYER = "91330621M00MX29U9Y", "91330621M00MXAHA8H"
HEADER = "发票号码,订单号,卖方信用代码,买方信用代码,开票日期,数量,不含税金额,税额,价税合计"


def row(**change: str) -> str:
    values = {
        "no": "25332000000123456701", "order": "O1", "seller": SELLER, "buyer": BUYER, "date": "2026-01-08",
        "quantity": "10", "net": "100.00", "tax": "13.00", "gross": "113.00",
    } | change  # fmt: skip
    return ",".join(values.values())


def read(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> list[Any]:
    return list(reading.read_csv(kinds.INVOICE, "\n".join([header, *rows]).encode(encoding)))


def test_a_good_row_is_read_with_its_line() -> None:
    (found,) = read(row())
    assert found == reading.Row(
        2,
        {
            "invoice_no": "25332000000123456701", "order_no": "O1", "seller": SELLER, "buyer": BUYER,
            "date": "2026-01-08", "quantity": "10", "net": "100.00", "tax": "13.00", "gross": "113.00",
        },
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_encodings_of_chinese_files(encoding: str) -> None:
    assert [type(item) for item in read(row(), encoding=encoding)] == [reading.Row]


def test_english_headers_and_aliases_name_the_same_columns() -> None:
    header = "invoice_no,合同号,销方税号,购方税号,日期,quantity,金额,税额,gross"
    assert read(row(), header=header) == read(row())


@pytest.mark.parametrize("date", ["2026/1/8", "20260108", "2026年1月8日", "2026.01.08"])
def test_dates_as_people_write_them(date: str) -> None:
    assert read(row(date=date))[0].values["date"] == "2026-01-08"


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"gross": "113.01"}, "invoice.sum", "gross"),
        ({"net": "-100.00", "tax": "-13.00", "gross": "-113.00"}, "invoice.sign", "gross"),
        ({"date": "2026-02-30"}, "fact.date", "date"),
        ({"date": "8/1/26"}, "fact.date", "date"),
        ({"quantity": "-1"}, "fact.quantity", "quantity"),
        ({"quantity": "NaN"}, "fact.quantity", "quantity"),
        ({"quantity": "1e400"}, "fact.quantity", "quantity"),
        ({"gross": '"113,00"'}, "money.unreadable", "gross"),
        ({"gross": "１１３"}, "money.unreadable", "gross"),
        ({"net": "99999999999999999999.00"}, "money.too_large", "net"),
        ({"seller": "123"}, "uscc.malformed", "seller"),
        ({"no": ""}, "fact.missing", "invoice_no"),
        ({"order": "x" * 201}, "fact.too_long", "order_no"),
        ({"order": "a\x00b"}, "fact.unprintable", "order_no"),
    ],
)
def test_a_bad_row_names_its_line_field_and_reason_and_the_good_ones_stay(
    change: dict[str, str], code: str, where: str
) -> None:
    good, bad, last = read(row(), row(**change), row(no="25332000000123456702"))
    assert isinstance(good, reading.Row)
    assert isinstance(last, reading.Row)
    assert isinstance(bad, reading.BadRow)
    assert (bad.line, bad.refusal.code, bad.refusal.where) == (3, code, where)


def test_a_broken_quote_costs_its_own_line_and_no_other() -> None:
    found = read(row(no="1"), row(order='"O1'), row(no="2"), row(order='"O"1'), row(no="3"), '"open quote')
    assert [item.line for item in found] == [2, 3, 4, 5, 6, 7]
    assert [item.values["invoice_no"] for item in found if isinstance(item, reading.Row)] == ["1", "2", "3"]
    bad = [(item.line, item.refusal.code) for item in found if isinstance(item, reading.BadRow)]
    assert bad == [(3, "fact.broken"), (5, "fact.broken"), (7, "fact.broken")]


def test_a_cell_that_goes_on_in_the_next_line_is_one_cell() -> None:
    header = HEADER + ",对应蓝字发票号码"
    found = read(row() + ',"\n"', row(no="2") + ',"a,\nb"', row(no="3") + ",", header=header)
    assert [(item.line, isinstance(item, reading.Row)) for item in found] == [(3, True), (5, False), (6, True)]


RED = {"net": "-100.00", "tax": "-13.00", "gross": "-113.00"}


@pytest.mark.parametrize("quantity", ["10", "-10"])
def test_a_red_letter_invoices_quantity_is_read_with_either_sign(quantity: str) -> None:
    header = HEADER + ",发票类型,对应蓝字发票号码"
    (found,) = read(row(**RED, quantity=quantity) + ",红字,25332000000123456700", header=header)
    assert isinstance(found, reading.Row)
    assert (found.values["quantity"], found.values["gross"]) == ("10", "-113.00")


def test_a_firm_does_not_trade_with_itself() -> None:
    (bad,) = read(row(buyer=SELLER))
    assert (bad.refusal.code, bad.refusal.where) == ("trade.one_side", "buyer")
    assert bad.refusal.remedy is not None


def test_missing_cells_are_told() -> None:
    (bad,) = read("1,2,3")
    assert bad.refusal.code == "fact.cells"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "fact.unreadable"),
        ((HEADER + ",colour,colour\n").encode(), "fact.unreadable"),
        ((HEADER.replace("税额,", "") + "\n").encode(), "fact.unreadable"),
        ((HEADER + ",备注\n").encode(), "fact.unknown_column"),
        (('"' + HEADER + "\n").encode(), "fact.broken"),
        (b"\xff\xfe\xff\xff\xff", "fact.unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(reading.read_csv(kinds.INVOICE, data))
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_refusal(data: bytes) -> None:
    try:
        for item in reading.read_csv(kinds.ORDER, data):
            assert isinstance(item, reading.Row | reading.BadRow)
    except Refusal:
        pass


def test_the_digest_is_of_the_content_not_the_source() -> None:
    (first,), (again,) = read(row()), read(row(date="20260108"))
    assert reading.digest(kinds.INVOICE, first.values) == reading.digest(kinds.INVOICE, again.values)
