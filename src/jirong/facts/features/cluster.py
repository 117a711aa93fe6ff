"""Features of a whole cluster, and those another room hands in.

A cluster's feature is a rule over its members' features (:func:`jirong.facts.features.online.cluster`). A given
feature is about a thing this room does not keep (a note's lot, a loan's cover, one machine): the room that keeps it
hands its value in, and here it has only its name.
"""

from __future__ import annotations

from jirong.facts.features.parts import Feature, total
from jirong.facts.features.trade import LATEST, MICRO, QUARTER
from jirong.kernel.text import Text

PROFIT_3 = total("accounts.statement", "a", 3)
EXPORT_3, EXPORT_3_BEFORE = total("export.declaration", months=3), total("export.declaration", months=15, until=12)


def _given(code: str, title: Text, meaning: Text, kind: str, unit: Text | None = None) -> Feature:
    return Feature(code, title, meaning, kind, unit, LATEST, dated=False, group="given")


FEATURES = (
    Feature(
        "profit_3m", Text("近3个月净利润", "Net profit of 3 months"), Text("财务报表净利润之和", "Sum of the accounts"),
        "money", None, QUARTER, ("accounts.statement",), (PROFIT_3,), lambda v, day: v(PROFIT_3), per=MICRO,
    ),
    Feature(
        "export_3m", Text("近3个月出口额", "Exports of 3 months"), Text("报关出口额之和", "Sum declared"), "money", None,
        QUARTER, ("export.declaration",), (EXPORT_3,), lambda v, day: v(EXPORT_3),
    ),
    Feature(
        "export_3m_before", Text("上年同期出口额", "Exports of the same months last year"),
        Text("12至15个月前的报关出口额之和", "Declared 12 to 15 months ago"), "money", None, Text("上年同期", "a year ago"),
        ("export.declaration",), (EXPORT_3_BEFORE,), lambda v, day: v(EXPORT_3_BEFORE),
    ),
    _given("firms_stopped", Text("临时停产的企业数", "Firms that have stopped work"),
           Text("集群成员中最新状态为停产的家数", "Members whose latest status is stopped"), "number", Text("家", "firms")),
    _given("loss_making_share", Text("集群内亏损企业占比", "Share of firms losing money"),
           Text("近3个月净利润为负的成员÷有报表的成员", "Members with a loss in 3 months ÷ members with accounts"),
           "percent"),
    _given("export_change", Text("集群出口额同比变化", "Year-on-year change of exports"),
           Text("成员近3个月出口额之和÷上年同期−1", "Members' exports of 3 months ÷ a year earlier, less 1"), "percent"),
    _given("lot_amount", Text("所质押份额的金额", "Amount of the pledged lot"), Text("链单份额", "The note's lot"), "money"),
    _given("invoice_unpaid", Text("发票未付余额", "Unpaid balance of the invoice"), Text("该张发票", "That invoice"), "money"),
    _given("lot_free", Text("份额未被质押或冻结", "The lot is free of any encumbrance"), Text("链单份额", "The note's lot"),
           "flag"),
    _given("overdue_notes", Text("到期未付的链单数", "Notes unpaid at maturity"),
           Text("开立人到期未付的链单", "The issuer's notes unpaid when due"), "number", Text("笔", "notes")),
    _given("stock_cover", Text("押品覆盖率", "Cover of the loan by the stock"),
           Text("质押存货价值÷贷款余额", "Pledged stock ÷ loan outstanding"), "percent"),
    _given("debt_service_capacity", Text("贷款期内可用于还款的售电现金流", "Cash from power sold that can serve the debt"),
           Text("气候还款能力模型的结果", "Answer of the climate capacity model"), "money"),
    _given("machine_idle", Text("设备处于可用状态", "The machine is free and sound"), Text("该台设备", "That machine"), "flag"),
    _given("machine_hours", Text("累计运行时间", "Hours run"), Text("该台设备", "That machine"), "number",
           Text("小时", "hours")),
)  # fmt: skip
