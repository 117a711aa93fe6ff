"""数电票: the XML of a fully digitalised e-invoice, read as one row of the kind ``invoice``.

Root ``EInvoice``; the number in ``TaxSupervisionInfo``, the sides, sums and lines in ``EInvoiceData``. The national
standard itself was not read: names and places follow public samples and the parsers of others (docs/facts.md says
which), and the tax bureau's signature in the file is not checked. What it says is the uploader's statement, like a
CSV's, and stands only as far as the other side and the match bear it out.

A file may be hostile. It is streamed through expat with limits on bytes, elements, depth and text, and a document
type declaration is refused before anything in it is read, so there are no entities, internal or external.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from jirong.facts.kinds import FactKind
from jirong.facts.reading import BadRow, Row, checked
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

BYTES_MAX, ELEMENTS_MAX, DEPTH_MAX, TEXT_MAX = 2 * 2**20, 20_000, 24, 4000
VERIFIED = False
"""Whether somebody has read the standard and checked this reader against it."""
ROOT = "EInvoice"
SELLER = "EInvoiceData/SellerInformation/SellerIdNum"
BUYER = "EInvoiceData/BuyerInformation/BuyerIdNum"
NUMBER = "TaxSupervisionInfo/InvoiceNumber"
DAYS = ("EInvoiceData/BasicInformation/RequestTime", "TaxSupervisionInfo/IssueTime")
SUMS = {
    "net": "EInvoiceData/BasicInformation/TotalAmWithoutTax",
    "tax": "EInvoiceData/BasicInformation/TotalTaxAm",
    "gross": "EInvoiceData/BasicInformation/TotalTax-includedAmount",
}
LINE = "EInvoiceData/IssuItemInformation"
RED_OF = "EInvoiceData/SpecificInformation/RedEInvoice/OriginalInvoiceCode"
REMARK = "EInvoiceData/AdditionalInformation/Remark"
NUMBER_FORM = re.compile(r"[0-9]{20}")
ORDER_IN_REMARK = re.compile(r"(?:订单号|订单编号|合同号|合同编号)\s*[:：]?\s*([0-9A-Za-z][0-9A-Za-z_\-/]{1,59})")
DECLARED = re.compile(rb'^\s*<\?xml[^>]{0,200}encoding\s*=\s*["\'](gbk|gb2312|gb18030)["\']', re.IGNORECASE)


@dataclass(slots=True)
class Leaf:
    """The text of one element and the line it begins on."""

    text: str
    line: int


@dataclass(slots=True)
class _Tree:
    """Paths to leaves as they come, within the limits."""

    leaves: dict[str, list[Leaf]] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    elements: int = 0
    root: str = ""

    def first(self, path: str) -> Leaf | None:
        found = self.leaves.get(path)
        return found[0] if found else None


def looks_like(data: bytes) -> bool:
    """Whether the file begins as XML does."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read(kind: FactKind, data: bytes, order_no: str = "") -> Iterator[Row | BadRow]:
    """The invoice as one row; ``order_no`` stands where the remark names no order.

    Raises :class:`Invalid` where the file as a whole cannot be read: not XML, hostile, or no e-invoice.
    """
    tree = _parsed(data)
    if tree.root != ROOT:
        raise _unreadable(
            f"根元素是“{tree.root[:40]}”，不是 {ROOT}", f"its root is “{tree.root[:40]}”, not {ROOT}",
            "请上传从税务数字账户下载的数电票 XML", "Upload the e-invoice's XML as downloaded from the tax account",
        )  # fmt: skip
    yield _row(kind, tree, order_no)


def _row(kind: FactKind, tree: _Tree, order_no: str) -> Row | BadRow:
    number, line = tree.first(NUMBER), 1
    try:
        raw = {name: _needed(tree, path, name) for name, path in {**SUMS, "seller": SELLER, "buyer": BUYER}.items()}
        raw["invoice_no"] = _number(number)
        raw["date"] = _day(tree)
        red = Decimal(raw["gross"]) < 0
        raw["quantity"] = _quantity(tree, red=red)
        raw["colour"] = "red" if red else "blue"
        if red:
            raw["red_of"] = _needed(tree, RED_OF, "red_of")
        raw["order_no"] = _order(tree, order_no)
    except Invalid as refusal:
        return BadRow(_line_of(tree, str(refusal.where)), refusal)
    line = number.line if number else 1
    found = checked(kind, raw, line)
    return BadRow(_line_of(tree, str(found.refusal.where)), found.refusal) if isinstance(found, BadRow) else found


def _number(leaf: Leaf | None) -> str:
    if leaf is None or not NUMBER_FORM.fullmatch(leaf.text):
        raise _field(
            "einvoice.number", "数电票号码应为20位数字", "The number of an e-invoice has 20 digits", "invoice_no"
        )
    return leaf.text


def _day(tree: _Tree) -> str:
    for path in DAYS:
        leaf = tree.first(path)
        if leaf is not None and leaf.text:
            return leaf.text[:10]
    raise _missing("date", DAYS[0])


def _quantity(tree: _Tree, *, red: bool) -> str:
    """The quantities of all lines together; a line without one (a discount) adds nothing, a file without any cannot
    be matched.
    """
    units = {leaf.text for leaf in tree.leaves.get(f"{LINE}/MeaUnits", []) if leaf.text}
    amounts = [leaf for leaf in tree.leaves.get(f"{LINE}/Quantity", []) if leaf.text]
    if not amounts or len(units) > 1:
        raise _field(
            "einvoice.quantity", "明细没有数量，或各行单位不同，无法与订单、发货核对",
            "Its lines have no quantity, or differ in unit, so it cannot be matched", "quantity",
            remedy=Text("请改用 CSV 逐单填写数量", "Give the quantity by order in a CSV file"),
        )  # fmt: skip
    total = sum((_decimal(leaf.text, "quantity") for leaf in amounts), Decimal(0))
    return format(-total if red else total, "f")


def _order(tree: _Tree, given: str) -> str:
    remark = tree.first(REMARK)
    found = ORDER_IN_REMARK.search(remark.text) if remark else None
    if found or given:
        return found[1] if found else given
    raise _field(
        "einvoice.order", "发票上没有订单号", "The invoice names no order", "order_no",
        remedy=Text("请在上传时填写订单号，或在备注写明“订单号：…”", "Name the order with the upload, or in the remark"),
    )  # fmt: skip


def _needed(tree: _Tree, path: str, name: str) -> str:
    leaf = tree.first(path)
    if leaf is None or not leaf.text:
        raise _missing(name, path)
    if name in SUMS:
        _decimal(leaf.text, name)
    return leaf.text


def _decimal(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**15:
        raise _field("einvoice.number_form", f"“{text[:40]}”不是数字", f"“{text[:40]}” is not a number", name)
    return value


PLACES = {**SUMS, "seller": SELLER, "buyer": BUYER, "invoice_no": NUMBER, "date": DAYS[0], "red_of": RED_OF,
          "quantity": f"{LINE}/Quantity", "order_no": REMARK}  # fmt: skip


def _line_of(tree: _Tree, name: str) -> int:
    leaf = tree.first(PLACES.get(name, ""))
    return leaf.line if leaf else 1


def _parsed(data: bytes) -> _Tree:
    if len(data) > BYTES_MAX:
        raise _hostile("文件过大", "it is too large")
    if DECLARED.match(data):
        data, encoding = _recoded(data), "utf-8"
    else:
        encoding = None
    tree, parser = _Tree(), expat.ParserCreate(encoding)

    def start(name: str, attributes: dict[str, str]) -> None:
        tree.elements += 1
        tree.path.append(name)
        if tree.elements > ELEMENTS_MAX or len(tree.path) > DEPTH_MAX or len(attributes) > DEPTH_MAX:
            raise _hostile("元素过多或嵌套过深", "it has too many elements, or nests them too deep")
        tree.root = tree.root or name
        tree.text, tree.length = [], 0
        tree.leaves.setdefault("/".join(tree.path[1:]), []).append(Leaf("", parser.CurrentLineNumber))

    def text(said: str) -> None:
        tree.length += len(said)
        if tree.length > TEXT_MAX:
            raise _hostile("某一项过长", "one of its texts is too long")
        tree.text.append(said)

    def end(name: str) -> None:
        tree.leaves["/".join(tree.path[1:])][-1].text = "".join(tree.text).strip()
        tree.path.pop()
        tree.text, tree.length = [], 0

    def declared(*_: object) -> int:
        raise _hostile("含有文档类型声明或实体", "it declares a document type or entities")

    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = declared
    parser.UnparsedEntityDeclHandler = declared
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        raise _unreadable(
            f"第{line}行不是有效的 XML", f"line {line} is not XML", "请重新下载后上传", "Download it again",
        ) from None  # fmt: skip
    return tree


def _recoded(data: bytes) -> bytes:
    try:
        return data.decode("gb18030").encode()
    except UnicodeDecodeError:
        raise _unreadable(
            "编码与声明不符", "its encoding is not the one it declares", "请重新下载后上传", "Download it again"
        ) from None


def _missing(name: str, path: str) -> Invalid:
    return _field("einvoice.missing", f"缺少 {path}", f"{path} is missing", name)


def _field(code: str, zh: str, en: str, where: str, remedy: Text | None = None) -> Invalid:
    again = Text("请核对是否为完整的数电票 XML", "Check that it is the whole e-invoice")
    return Invalid(code, Text(zh, en), remedy=remedy or again, where=where)


def _hostile(zh: str, en: str) -> Invalid:
    return Invalid(
        "einvoice.hostile", Text(f"文件已拒收：{zh}", f"The file is refused: {en}"),
        remedy=Text("数电票不含这些内容，请从税务数字账户重新下载", "No e-invoice has that; download it from the tax account"),
        where="file",
    )  # fmt: skip


def _unreadable(zh: str, en: str, remedy_zh: str, remedy_en: str) -> Invalid:
    return Invalid("fact.unreadable", Text(f"文件无法读取：{zh}", f"The file cannot be read: {en}"),
                   remedy=Text(remedy_zh, remedy_en), where="file")  # fmt: skip
