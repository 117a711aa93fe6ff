"""Documents of a trade: order, delivery, acceptance, invoice, and a contract to buy equipment.

The seller is the subject and the buyer the counterparty; the document's number is its key. Either side may state
one, and what both state is one document.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jirong.facts.kinds.fields import (
    Check,
    FactKind,
    Field,
    amount,
    choice,
    code,
    date,
    number,
    positive,
    quantity,
    signed_quantity,
    text,
)
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

colour = choice(blue="蓝字/蓝/正数", red="红字/红")


def _two_sides(row: Mapping[str, Any]) -> None:
    """A firm does not trade with itself."""
    if row["seller"] == row["buyer"]:
        raise Invalid(
            "trade.one_side",
            Text("买卖双方是同一家企业", "Seller and buyer are the same firm"),
            remedy=Text("请核对双方的信用代码", "Check both credit codes"),
            where="buyer",
        )


def _of_two(name: str) -> Check:
    """Between two sides, and the field is more than zero."""
    is_positive = positive(name)

    def check(row: Mapping[str, Any]) -> None:
        _two_sides(row)
        is_positive(row)

    return check


def _invoice_adds_up(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sums and signs; a red-letter invoice's quantity is kept without its sign, as an e-invoice's is."""
    _two_sides(row)
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
    taken = Decimal(row["quantity"])
    if taken < 0 and not red:
        raise Invalid(
            "fact.quantity", Text("蓝字发票数量不能为负", "A blue invoice's quantity is not negative"),
            where="quantity",
        )  # fmt: skip
    return {"quantity": format(abs(taken), "f")}


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
    key="order_no", on="date", amount="amount", check=_of_two("amount"), measures=(number("quantity"),),
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
    key="delivery_no", on="date", check=_of_two("quantity"), measures=(number("quantity"),),
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
    key="acceptance_no", on="date", check=_of_two("quantity"), measures=(number("quantity"),),
)  # fmt: skip
INVOICE = FactKind(
    "invoice",
    Text("发票", "Invoice"),
    (
        Field("invoice_no", Text("发票号码", "Invoice no."), text, aliases=("数电票号码", "发票号")),
        ORDER_NO, SELLER, BUYER,
        Field("date", Text("开票日期", "Date"), date, aliases=("日期",)),
        Field("quantity", Text("数量", "Quantity"), signed_quantity),
        Field("net", Text("不含税金额", "Net"), amount, aliases=("金额",)),
        Field("tax", Text("税额", "Tax"), amount),
        Field("gross", Text("价税合计", "Gross"), amount, aliases=("含税金额",)),
        Field("colour", Text("发票类型", "Colour"), colour, required=False, aliases=("蓝字红字",)),
        Field("red_of", Text("对应蓝字发票号码", "Reverses"), text, required=False),
    ),
    key="invoice_no", on="date", amount="gross", check=_invoice_adds_up, measures=(number("quantity"), number("net")), label=("colour",),
)  # fmt: skip

PURCHASE_CONTRACT = FactKind(
    "purchase.contract",
    Text("设备采购合同", "Purchase contract"),
    (
        Field("contract_no", Text("合同号", "Contract no."), text, aliases=("合同编号",)),
        BUYER, SELLER,
        Field("date", Text("签订日期", "Date"), date, aliases=("日期",)),
        ITEM,
        Field("amount", Text("合同金额", "Amount"), amount, aliases=("金额",)),
    ),
    key="contract_no", on="date", amount="amount", subject="buyer", counterparty="seller", check=_of_two("amount"),
)  # fmt: skip

TRADE = (ORDER, DELIVERY, ACCEPTANCE, INVOICE, PURCHASE_CONTRACT)
TRADE_KINDS = ("order", "delivery", "acceptance", "invoice")
