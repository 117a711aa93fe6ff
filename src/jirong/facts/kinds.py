"""The kinds of fact the house understands, and what a row of each must hold.

A kind is a table of fields: the same declaration reads a CSV header in Chinese or English, checks a value, writes the
API's schema and explains an error. A trade document (order, delivery, acceptance, invoice) has the seller as its
subject and the buyer as its counterparty; the document's number is its key.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jirong.kernel import uscc
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

TEXT_MAX = 200
AS_SHOWN = uscc.Override(uscc.EvidenceType.REGISTRY, "register of parties")
Reader = Callable[[str, str], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """``read(text, where)`` gives the JSON-safe value or refuses; ``aliases`` are other headers seen in files."""

    name: str
    title: Text
    read: Reader
    required: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactKind:
    """``key``, ``on`` and ``amount`` name the fields that become the row's number, date and amount."""

    code: str
    title: Text
    fields: tuple[Field, ...]
    key: str
    on: str
    amount: str | None = None
    subject: str = "seller"
    counterparty: str | None = "buyer"
    check: Callable[[Mapping[str, Any]], None] | None = None

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


def text(raw: str, where: str) -> str:
    if len(raw) > TEXT_MAX:
        raise Invalid("fact.too_long", Text(f"超过{TEXT_MAX}个字", f"longer than {TEXT_MAX} characters"), where=where)
    if not raw.isprintable():
        raise Invalid("fact.unprintable", Text("含有不可见字符", "holds invisible characters"), where=where)
    return raw


def date(raw: str, where: str) -> str:
    """ISO form of 2026-01-08, 2026/1/8, 20260108 or 2026年1月8日."""
    found = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", raw, re.ASCII)
    try:
        if found:
            return datetime.date(*map(int, found.groups())).isoformat()
    except ValueError:
        pass
    raise Invalid(
        "fact.date",
        Text(f"“{raw[:40]}”不是有效日期", f"“{raw[:40]}” is not a date"),
        remedy=Text("请写成 2026-01-08", "Write it as 2026-01-08"),
        where=where,
    )


def amount(raw: str, where: str) -> str:
    return str(Money.parse(raw, where=where))


def quantity(raw: str, where: str) -> str:
    try:
        value = Decimal(raw.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not value.is_finite() or value < 0 or value > 10**12 or not isinstance(exponent, int) or exponent < -6:
        raise Invalid(
            "fact.quantity",
            Text(f"“{raw[:40]}”不是有效数量", f"“{raw[:40]}” is not a quantity"),
            remedy=Text("请填写不小于零、最多6位小数的数字", "Give a number of at least zero with at most 6 decimals"),
            where=where,
        )
    return format(value.normalize(), "f")


def code(raw: str, where: str) -> str:
    """A credit code as the document shows it; whether it conforms was judged when its party was registered."""
    return uscc.check(raw, override=AS_SHOWN, where=where).code


def colour(raw: str, where: str) -> str:
    known = {"blue": "blue", "蓝字": "blue", "蓝": "blue", "正数": "blue", "red": "red", "红字": "red", "红": "red"}
    if raw not in known:
        raise Invalid(
            "fact.colour", Text(f"“{raw[:20]}”不是蓝字或红字", f"“{raw[:20]}” is neither blue nor red"), where=where
        )
    return known[raw]


def _invoice_adds_up(row: Mapping[str, Any]) -> None:
    net, tax, gross = (Money.parse(row[name]) for name in ("net", "tax", "gross"))
    if net + tax != gross:
        raise Invalid(
            "invoice.sum",
            Text(
                f"不含税金额{net}加税额{tax}不等于价税合计{gross}", f"net {net} plus tax {tax} is not the total {gross}"
            ),
            remedy=Text("请核对三项金额", "Check the three amounts"),
            where="gross",
        )
    red = row.get("colour", "blue") == "red"
    if red == (gross.minor > 0):
        raise Invalid(
            "invoice.sign",
            Text("蓝字发票金额应为正，红字发票应为负", "A blue invoice is positive, a red-letter one negative"),
            where="gross",
        )
    if red and not row.get("red_of"):
        raise Invalid(
            "invoice.red_of", Text("红字发票须注明对应的蓝字发票", "A red-letter invoice names the one it reverses"),
            where="red_of",
        )  # fmt: skip


def _positive(name: str) -> Callable[[Mapping[str, Any]], None]:
    def check(row: Mapping[str, Any]) -> None:
        if Decimal(row[name]) <= 0:
            raise Invalid("fact.not_positive", Text("应大于零", "should be more than zero"), where=name)

    return check


SELLER = Field("seller", Text("卖方信用代码", "Seller's credit code"), code, aliases=("销售方", "销方税号", "卖方"))
BUYER = Field("buyer", Text("买方信用代码", "Buyer's credit code"), code, aliases=("购买方", "购方税号", "买方"))
ORDER_NO = Field("order_no", Text("订单号", "Order no."), text, aliases=("合同号", "订单编号"))
ITEM = Field("item", Text("品名", "Item"), text, required=False, aliases=("货物名称", "商品"))
MEASURE = Field("measure", Text("单位", "Measure"), text, required=False, aliases=("计量单位",))
QUANTITY = Field("quantity", Text("数量", "Quantity"), quantity)

ORDER = FactKind(
    "order",
    Text("订单", "Order"),
    (
        ORDER_NO, SELLER, BUYER,
        Field("date", Text("签订日期", "Date"), date, aliases=("订单日期", "日期")),
        ITEM, QUANTITY, MEASURE,
        Field("amount", Text("金额", "Amount"), amount, aliases=("订单金额", "含税金额")),
        Field("terms", Text("付款约定", "Payment terms"), text, required=False),
    ),
    key="order_no", on="date", amount="amount", check=_positive("amount"),
)  # fmt: skip
DELIVERY = FactKind(
    "delivery",
    Text("发货单", "Delivery"),
    (
        Field("delivery_no", Text("发货单号", "Delivery no."), text, aliases=("送货单号", "出库单号")),
        ORDER_NO, SELLER, BUYER,
        Field("date", Text("发货日期", "Date"), date, aliases=("送货日期", "日期")),
        ITEM, QUANTITY, MEASURE,
    ),
    key="delivery_no", on="date", check=_positive("quantity"),
)  # fmt: skip
ACCEPTANCE = FactKind(
    "acceptance",
    Text("验收单", "Acceptance"),
    (
        Field("acceptance_no", Text("验收单号", "Acceptance no."), text, aliases=("入库单号", "签收单号")),
        Field("delivery_no", Text("发货单号", "Delivery no."), text, aliases=("送货单号", "出库单号")),
        ORDER_NO, SELLER, BUYER,
        Field("date", Text("验收日期", "Date"), date, aliases=("签收日期", "入库日期", "日期")),
        QUANTITY,
    ),
    key="acceptance_no", on="date", check=_positive("quantity"),
)  # fmt: skip
INVOICE = FactKind(
    "invoice",
    Text("发票", "Invoice"),
    (
        Field("invoice_no", Text("发票号码", "Invoice no."), text, aliases=("数电票号码", "发票号")),
        ORDER_NO, SELLER, BUYER,
        Field("date", Text("开票日期", "Date"), date, aliases=("日期",)),
        QUANTITY,
        Field("net", Text("不含税金额", "Net"), amount, aliases=("金额",)),
        Field("tax", Text("税额", "Tax"), amount),
        Field("gross", Text("价税合计", "Gross"), amount, aliases=("含税金额",)),
        Field("colour", Text("发票类型", "Colour"), colour, required=False, aliases=("蓝字红字",)),
        Field("red_of", Text("对应蓝字发票号码", "Reverses"), text, required=False),
    ),
    key="invoice_no", on="date", amount="gross", check=_invoice_adds_up,
)  # fmt: skip

KINDS = {kind.code: kind for kind in (ORDER, DELIVERY, ACCEPTANCE, INVOICE)}
TRADE_KINDS = ("order", "delivery", "acceptance", "invoice")


def kind_of(name: str) -> FactKind:
    found = KINDS.get(name)
    if found is None:
        raise Invalid(
            "fact.unknown_kind",
            Text(f"不支持的数据类型“{name[:40]}”", f"There is no kind of fact “{name[:40]}”"),
            remedy=Text(f"可选：{'、'.join(KINDS)}", f"Choose one of: {', '.join(KINDS)}"),
            where="kind",
        )
    return found
