"""数电票 XML: what is read of it, how what is wrong is told, and hostile files refused before they cost anything."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jirong.facts import actions, einvoice, kinds
from jirong.facts.connectors import FolderConnector
from jirong.facts.models import Batch, Fact
from jirong.facts.reading import BadRow, Row
from jirong.kernel.errors import Invalid, Refusal
from jirong.store.identity import SYSTEM, acting_as

NUMBER, RED_NUMBER = "26322000000000000001", "26322000000000000002"
SELLER, BUYER = "91350100M000100Y43", "91350100M000200Q10"


def invoice(
    number: str = NUMBER, net: str = "1000.00", tax: str = "130.00", gross: str = "1130.00", quantity: str = "10",
    seller: str = SELLER, buyer: str = BUYER, remark: str = "订单号：JC-2025-1107", more: str = "", head: str = "",
) -> bytes:  # fmt: skip
    return f"""<?xml version="1.0" encoding="utf-8"?>{head}
<EInvoice>
  <Header><EIid>{number}</EIid><EInvoiceTag>SWEI3200</EInvoiceTag><Version>0.2</Version></Header>
  <EInvoiceData>
    <SellerInformation><SellerIdNum>{seller}</SellerIdNum><SellerName>甲厂</SellerName></SellerInformation>
    <BuyerInformation><BuyerIdNum>{buyer}</BuyerIdNum><BuyerName>乙厂</BuyerName></BuyerInformation>
    <BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>
      <TotalTax-includedAmount>{gross}</TotalTax-includedAmount><RequestTime>2026-05-20 10:11:12</RequestTime>
    </BasicInformation>
    <IssuItemInformation><ItemName>*布*坯布</ItemName><MeaUnits>米</MeaUnits><Quantity>{quantity}</Quantity>
      <TotaltaxIncludedAmount>9999.99</TotaltaxIncludedAmount></IssuItemInformation>
    <IssuItemInformation><ItemName>*布*坯布</ItemName><Amount>-10.00</Amount></IssuItemInformation>
    <SpecificInformation>{more}</SpecificInformation>
    <AdditionalInformation><Remark>{remark}</Remark></AdditionalInformation>
  </EInvoiceData>
  <TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber><IssueTime>2026-05-20</IssueTime></TaxSupervisionInfo>
</EInvoice>""".encode()


def read(data: bytes, order_no: str = "") -> Row | BadRow:
    (row,) = einvoice.read(kinds.INVOICE, data, order_no)
    return row


def test_an_invoice_is_read_with_its_totals_and_order() -> None:
    row = read(invoice())
    assert isinstance(row, Row)
    assert row.values == {
        "invoice_no": NUMBER, "order_no": "JC-2025-1107", "seller": SELLER, "buyer": BUYER, "date": "2026-05-20",
        "quantity": "10", "net": "1000.00", "tax": "130.00", "gross": "1130.00", "colour": "blue",
    }  # fmt: skip


def test_a_red_letter_names_the_blue_one_it_reverses() -> None:
    red = {"number": RED_NUMBER, "net": "-1000.00", "tax": "-130.00", "gross": "-1130.00", "quantity": "-10"}
    row = read(invoice(**red, more=f"<RedEInvoice><OriginalInvoiceCode>{NUMBER}</OriginalInvoiceCode></RedEInvoice>"))
    assert isinstance(row, Row)
    assert (row.values["colour"], row.values["red_of"], row.values["quantity"]) == ("red", NUMBER, "10")
    nameless = read(invoice(**red))
    assert isinstance(nameless, BadRow)
    assert (nameless.refusal.code, nameless.refusal.where) == ("einvoice.missing", "red_of")


@pytest.mark.parametrize(
    ("data", "code", "where", "line"),
    [
        (invoice(number="123"), "einvoice.number", "invoice_no", 16),
        (invoice(gross="1131.00"), "invoice.sum", "gross", 8),
        (invoice(net="x"), "einvoice.number_form", "net", 7),
        (invoice(gross="NaN"), "einvoice.number_form", "gross", 8),
        (invoice(gross=""), "einvoice.missing", "gross", 8),
        (invoice(quantity=""), "einvoice.quantity", "quantity", 10),
        (invoice(remark="谢谢"), "einvoice.order", "order_no", 14),
        (invoice(seller="123"), "uscc.length", "seller", 5),
        (invoice().replace(b"<BuyerIdNum>", b"<Other>").replace(b"</BuyerIdNum>", b"</Other>"), "einvoice.missing", "buyer", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_field_and_remedy(data: bytes, code: str, where: str, line: int) -> None:
    row = read(data)
    assert isinstance(row, BadRow)
    assert row.refusal.where == where
    assert code.startswith("uscc") or row.refusal.code == code
    assert row.line == line
    assert code.startswith(("uscc", "invoice")) or row.refusal.remedy is not None


def test_the_order_may_come_with_the_upload() -> None:
    row = read(invoice(remark="谢谢"), "PO-1")
    assert isinstance(row, Row)
    assert row.values["order_no"] == "PO-1"


BOMB = '<!DOCTYPE b [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
HOSTILE = {
    "entities": invoice(head=BOMB, remark="&b;"),
    "external": invoice(head='<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>', remark="&a;"),
    "remote": invoice(head='<!DOCTYPE b SYSTEM "http://example.invalid/b.dtd">'),
    "parameter": invoice(head='<!DOCTYPE b [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>'),
    "deep": b"<EInvoice>" + b"<a>" * 5000,
    "many": b"<EInvoice>" + b"<a/>" * 30_000 + b"</EInvoice>",
    "long": invoice(remark="x" * 5000),
    "huge": b"<EInvoice>" + b" " * (einvoice.BYTES_MAX + 1),
    "attributes": b"<EInvoice " + b" ".join(b'a%d="1"' % n for n in range(100)) + b"/>",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(HOSTILE[name])
    assert refused.value.code == "einvoice.hostile"
    assert refused.value.remedy is not None


NO_INVOICE = [b"<", b"<a", b"<EInvoice>", b"<Other/>", b"<?xml version='1.0' encoding='nonsense'?><EInvoice/>"]


@pytest.mark.parametrize("data", NO_INVOICE)
def test_what_is_no_invoice_is_refused_whole(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(data)
    assert refused.value.code == "fact.unreadable"


def test_chinese_encodings_are_read() -> None:
    text = invoice().decode().replace('encoding="utf-8"', 'encoding="GBK"')
    assert isinstance(read(text.encode("gb18030")), Row)
    assert isinstance(read(b"\xef\xbb\xbf" + invoice()), Row)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_row_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(Refusal):
        list(einvoice.read(kinds.INVOICE, b"<EInvoice>" + data))


PIECES = ["<", ">", "/", "EInvoice", "&a;", "<!DOCTYPE a>", '"', "=", "\x00", "发票"]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_text_breaks_the_reader(parts: list[str]) -> None:
    with contextlib.suppress(Refusal):
        list(einvoice.read(kinds.INVOICE, "".join(parts).encode()))


def test_it_comes_in_like_any_file_and_once(facts_world: Any) -> None:
    data = invoice(seller=facts_world.code("firm"), buyer=facts_world.code("other"))
    done = facts_world.do("firm", actions.import_file, kind="invoice", name="票.xml", data=data)
    again = facts_world.do("other", actions.import_file, kind="invoice", name="票.xml", data=data)
    twice = facts_world.do("firm", actions.import_file, kind="invoice", name="票.xml", data=data)
    assert [(one["added"], one["known"], one["refused"]) for one in (done, again, twice)] == [
        (1, 0, []),
        (1, 0, []),
        (0, 1, []),
    ]
    with acting_as(SYSTEM):
        fact = Fact.objects.filter(source=facts_world.party("firm")).get()
        assert (fact.key, fact.order_no, fact.amount_minor, fact.line) == (NUMBER, "JC-2025-1107", 113000, 16)
    stranger = facts_world.do("shop", actions.import_file, kind="invoice", name="票.xml", data=data)
    assert [row["code"] for row in stranger["refused"]] == ["fact.not_a_side"]
    wrong = facts_world.do("firm", actions.import_file, kind="invoice", name="票.xml", data=invoice(gross="1.00"))
    assert (wrong["added"], wrong["refused"][0]["line"]) == (0, 8)
    with acting_as(SYSTEM):
        assert Batch.objects.count() == 5


def test_the_drop_folder_takes_them_too(facts_world: Any, tmp_path: Path) -> None:
    (tmp_path / "invoice-2026-05-20.xml").write_bytes(invoice())
    (page,) = FolderConnector(tmp_path).pages({})
    assert (page.kind, page.rows[0]["gross"], page.cursor) == ("invoice", "1130.00", "invoice-2026-05-20.xml")
    (tmp_path / "invoice-2026-05-21.xml").write_bytes(HOSTILE["entities"])
    (aside,) = FolderConnector(tmp_path).pages({"invoice": page.cursor})
    assert (aside.rows, aside.cursor, isinstance(aside.refusal, Invalid)) == ((), "invoice-2026-05-21.xml", True)
