"""What a firm's business leaves behind: shop, reviews, deliveries, settlements, bank flows, stock, machines, software.

Stated by whoever runs the place the record comes from (a shop platform, a carrier, a bank, a warehouse's provider).
A row may sum up a day: ``orders`` and ``count`` say how many things it stands for.
"""

from __future__ import annotations

from jirong.facts.kinds.fields import (
    FactKind,
    Field,
    amount,
    choice,
    flag,
    is_one,
    level,
    number,
    product,
    quantity,
    share,
    text,
)
from jirong.facts.kinds.official import DATE, FIRM, PERIOD_END, RECORD_NO
from jirong.kernel.text import Text

PLATFORM = ("provider", "core")

SHOP_ORDERS = FactKind(
    "shop.orders",
    Text("店铺交易流水", "Shop orders"),
    (
        RECORD_NO, FIRM, DATE,
        Field("orders", Text("订单数", "Orders"), quantity),
        Field("received", Text("收款金额", "Received"), amount, aliases=("交易额",)),
        Field("refunded", Text("退款金额", "Refunded"), amount, required=False),
    ),
    key="record_no", on="date", amount="received", subject="firm", counterparty=None, by=PLATFORM,
    measures=(number("orders"), number("refunded")),
)  # fmt: skip
SHOP_REVIEWS = FactKind(
    "shop.reviews",
    Text("客户评价", "Customer reviews"),
    (
        RECORD_NO, FIRM, DATE,
        Field("count", Text("评价数", "Reviews"), quantity),
        Field("score", Text("平均分（5分制）", "Mean score out of 5"), quantity, aliases=("平均分",)),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=PLATFORM,
    measures=(number("count"), product("score", "count")),
)  # fmt: skip
DELIVERIES = FactKind(
    "logistics.deliveries",
    Text("物流信息", "Deliveries"),
    (
        RECORD_NO, FIRM, DATE,
        Field("stage", Text("环节", "Stage"), choice(shipped="发出", delivered="送达")),
        Field("count", Text("单数", "Parcels"), quantity),
        Field("on_time", Text("按时单数", "On time"), quantity, required=False),
        Field("value", Text("货值", "Value"), amount),
    ),
    key="record_no", on="date", amount="value", subject="firm", counterparty=None, by=PLATFORM, label=("stage",),
    measures=(number("count"), number("on_time")),
)  # fmt: skip
SETTLEMENT = FactKind(
    "settlement.records",
    Text("平台结算", "Settlements"),
    (
        RECORD_NO, FIRM, DATE,
        Field("kind", Text("类型", "Kind"), choice(accepted="验收入账", settled="结算付款", returned="退货")),
        Field("amount", Text("金额", "Amount"), amount),
    ),
    key="record_no", on="date", amount="amount", subject="firm", counterparty=None, by=PLATFORM, label=("kind",),
)  # fmt: skip
BANK_FLOWS = FactKind(
    "bank.flows",
    Text("银行流水", "Bank flows"),
    (
        RECORD_NO, FIRM, DATE,
        Field("direction", Text("收支", "Direction"), choice(inflow="收/收入/贷", outflow="支/支出/借")),
        Field("count", Text("笔数", "Payments"), quantity),
        Field("amount", Text("金额", "Amount"), amount),
        Field("balance", Text("余额", "Balance"), amount, required=False),
    ),
    key="record_no", on="date", amount="amount", subject="firm", counterparty=None, by=("bank", "provider"),
    label=("direction",), measures=(number("count"), level("balance")),
)  # fmt: skip
STOCK = FactKind(
    "stock.readings",
    Text("库存读数", "Stock readings"),
    (
        RECORD_NO, FIRM, DATE,
        Field("item", Text("品名", "Item"), text),
        Field("quantity", Text("数量", "Quantity"), quantity),
        Field("value", Text("按现价的价值", "Value at the price of the day"), amount),
        Field("gap_hours", Text("当日数据中断小时数", "Hours without data"), quantity),
    ),
    key="record_no", on="date", amount="value", subject="firm", counterparty=None, by=("provider",),
    state=True, thing="item", measures=(number("quantity"), number("gap_hours")), months=2,
)  # fmt: skip
RECEIPT = FactKind(
    "warehouse.receipt",
    Text("仓单", "Warehouse receipt"),
    (
        Field("receipt_no", Text("仓单号", "Receipt no."), text),
        FIRM, DATE,
        Field("item", Text("品名", "Item"), text),
        Field("quantity", Text("数量", "Quantity"), quantity),
        Field("value", Text("价值", "Value"), amount),
    ),
    key="receipt_no", on="date", amount="value", subject="firm", counterparty=None, by=("provider",),
    state=True, thing="receipt_no", measures=(number("quantity"),), months=24,
)  # fmt: skip
QUOTES = FactKind(
    "price.quotes",
    Text("品种现价", "Market prices"),
    (
        RECORD_NO, FIRM, DATE,
        Field("item", Text("品名", "Item"), text),
        Field("price", Text("单价", "Price"), amount),
    ),
    key="record_no", on="date", amount="price", subject="firm", counterparty=None, by=("provider", "government"),
    public=True, state=True, thing="item", months=3,
)  # fmt: skip
MACHINE = FactKind(
    "machine.telemetry",
    Text("设备运行汇总", "Machine summary"),
    (
        RECORD_NO, FIRM, DATE,
        Field("machine", Text("设备编号", "Machine no."), text),
        Field("run_hours", Text("运行小时", "Hours run"), quantity),
        Field("open_hours", Text("可用小时", "Hours available"), quantity),
        Field("faults", Text("故障次数", "Faults"), quantity),
        Field("state", Text("状态", "State"), choice(idle="空闲", running="运行", fault="故障")),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=("provider", "lessor"), label=("state",),
    measures=(number("run_hours"), number("open_hours"), number("faults")), months=12,
)  # fmt: skip
SAAS_USAGE = FactKind(
    "saas.usage_log",
    Text("软件使用记录", "Software usage"),
    (
        RECORD_NO, FIRM, PERIOD_END,
        Field("orders", Text("处理订单数", "Orders handled"), quantity),
        Field("lead_days", Text("平均交付天数", "Mean lead time in days"), quantity),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=("provider",),
    measures=(number("orders"), product("lead_days", "orders")),
)  # fmt: skip
EFFECT = FactKind(
    "upgrade.effect_report",
    Text("软件使用效果报告", "Report on the software's effect"),
    (
        Field("report_no", Text("报告编号", "Report no."), text),
        FIRM, DATE,
        Field("gain", Text("效率提升幅度", "Gain"), share),
        Field("lead_before", Text("升级前交付天数", "Lead time before, days"), quantity, required=False),
        Field("lead_after", Text("升级后交付天数", "Lead time after, days"), quantity, required=False),
    ),
    key="report_no", on="date", subject="firm", counterparty=None, by=("provider", "government", "treasury"),
    state=True, measures=(number("gain"), number("lead_before"), number("lead_after")), months=24,
)  # fmt: skip
LOOKTHROUGH = FactKind(
    "lookthrough.report",
    Text("穿透式尽职调查报告", "Look-through report"),
    (
        Field("report_no", Text("报告编号", "Report no."), text),
        FIRM, DATE,
        Field("revenue", Text("年营业收入", "Revenue of the year"), amount),
        Field("net_profit", Text("年净利润", "Net profit of the year"), amount),
        Field("future_receivables", Text("未来36个月应收", "Receivables of the next 36 months"), amount),
        Field("own_overdue", Text("自身有逾期", "Overdue debts of its own"), flag),
        Field("frozen_parent_only", Text("冻结仅限母公司股权", "Only the parent's shares are frozen"), flag),
    ),
    key="report_no", on="date", amount="revenue", subject="firm", counterparty=None, by=("bank", "provider"),
    state=True, months=24,
    measures=(number("net_profit"), number("future_receivables"), is_one("own_overdue", "yes"),
              is_one("frozen_parent_only", "yes")),
)  # fmt: skip

BUSINESS = (
    SHOP_ORDERS, SHOP_REVIEWS, DELIVERIES, SETTLEMENT, BANK_FLOWS, STOCK, RECEIPT, QUOTES, MACHINE, SAAS_USAGE, EFFECT,
    LOOKTHROUGH,
)  # fmt: skip
