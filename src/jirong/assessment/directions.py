"""Which way risk goes: features of the platform of which economics says whether more of it is riskier.

A boosted model is held to these directions (monotone constraints), so that no quirk of a sample makes a firm riskier
for paying on time. Each line gives its reason. What has no single right direction is not here and is left free:
growth (too fast kills too), R&D and venture money (spent before it earns), stock and wages (size and burden at once).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jirong.kernel.text import Text

RISKIER, SAFER = 1, -1


@dataclass(frozen=True, slots=True)
class Direction:
    """``direction`` is +1 where more of the input is riskier, −1 where more is safer, other things equal."""

    feature: str
    direction: int
    reason: Text

    @property
    def said(self) -> Text:
        if self.direction == RISKIER:
            return Text("越高风险越高", "more is riskier")
        return Text("越高风险越低", "more is safer")

    def as_dict(self) -> dict[str, Any]:
        return {"feature": self.feature, "direction": self.direction, "reason": self.reason.as_dict()}


def _of(direction: int, *lines: tuple[str, str, str]) -> dict[str, Direction]:
    return {code: Direction(code, direction, Text(zh, en)) for code, zh, en in lines}


DIRECTIONS: dict[str, Direction] = _of(
    RISKIER,
    ("overdue_12m", "近期逾期过的企业更可能再逾期", "who paid late lately is likelier to do so again"),
    ("own_overdue", "已有逾期债务，资金已经紧张", "debts already overdue show that cash is short"),
    ("overdue_notes", "应付链单到期未付，表明付款能力下降", "notes unpaid at maturity show that means to pay are failing"),
    ("rent_overdue", "租金拖欠先于其他违约出现", "rent is left unpaid before other debts are"),
    ("court_defaulter", "法院已认定其有履行能力而不履行", "a court has found that it does not perform"),
    ("open_lawsuits", "未结案件可能带来赔付和财产冻结", "open cases may end in payments and frozen assets"),
    ("tax_overdue", "税款优先受偿，欠税说明现金不足", "taxes rank first, and unpaid ones show that cash is short"),
    ("debt_ratio", "负债越重，亏损时的缓冲越薄", "the heavier the debt, the thinner the cushion for losses"),
    ("debt_service_12m", "收入相同时，还本付息越多，可用于新债的越少", "at equal income, what serves old debt cannot serve new"),
    ("production_stopped", "停产期间没有收入，固定支出照旧", "while work is stopped there is no income and costs go on"),
    ("machine_faults_3m", "设备故障影响交货和收款", "faults of machines delay delivery and payment"),
    ("order_lead_days", "交付周期越长，占用资金越久", "the longer an order takes, the longer cash is tied up"),
    ("refund_share", "退款多，实际收入低于流水", "refunds make real income less than the flows"),
    ("returns_share", "退货多，应收账款可能被扣减", "returns cut what buyers will pay"),
    ("patent_dispute", "权属争议可能使其失去核心资产", "a dispute over title may cost it its main asset"),
    ("wind_volatility", "风速波动越大，最差年份的发电收入越低", "the more the wind varies, the less the worst year earns"),
    ("sensor_gap_hours", "监测中断期间，押品状况无从知晓", "while sensors are silent nobody knows the state of the goods"),
) | _of(
    SAFER,
    ("registered_months", "经营越久，经历过的波动越多", "an older firm has come through more"),
    ("membership_months", "加入集群越久，交易记录越可查", "a longer time in the cluster leaves more to check"),
    ("shop_months", "店铺经营越久，客源越稳定", "a shop that has run longer keeps its customers"),
    ("shop_stability", "店铺经营越稳定，收入越可预期", "a steadier shop has income that can be foreseen"),
    ("supply_months", "供货关系越久，订单越不易中断", "the longer a supply has run, the less likely it breaks off"),
    ("review_score", "客户评价越好，复购越多", "better reviews bring customers back"),
    ("delivery_on_time", "按时发货的企业履约能力强", "who delivers on time performs its contracts"),
    ("revenue_12m", "收入越高，偿还同一笔债务越轻", "the same debt weighs less on higher revenue"),
    ("tax_sales_12m", "申报销售额越高，收入越有凭据", "more declared sales are income with proof"),
    ("flows_12m", "回款越多，可用于还款的现金越多", "more receipts leave more cash to repay from"),
    ("bank_inflow_12m", "回款越多，可用于还款的现金越多", "more receipts leave more cash to repay from"),
    ("bank_net_12m", "净流入即偿债后的余力", "net inflow is what is left to serve debt"),
    ("bank_balance", "余额可直接用于还款", "a balance can repay at once"),
    ("settlement_monthly", "按月结算越多，还款来源越充足", "more settlements a month are a fuller source of repayment"),
    ("receivables_accepted", "已验收的应收账款是还款来源", "accepted receivables are a source of repayment"),
    ("orders_in_hand", "在手订单是今后的收入", "orders in hand are income to come"),
    ("future_receivables_36m", "合同约定的收款是今后的还款来源", "receipts under contract are a source of repayment"),
    ("net_margin", "利润越厚，抗价格波动能力越强", "a wider margin bears more of a fall in prices"),
    ("net_margin_12m", "利润越厚，抗价格波动能力越强", "a wider margin bears more of a fall in prices"),
    ("profit_3m", "近期盈利即可支配的偿债资金", "recent profit is cash to serve debt with"),
    ("staff_kept", "留住员工说明订单和资金尚可", "keeping its staff shows that orders and cash hold"),
    ("machine_use", "设备利用率高，说明订单饱满", "machines in use show that orders are full"),
    ("effect_gain", "升级见效，成本和周期下降", "an upgrade that works lowers cost and time"),
    ("stock_cover", "押品覆盖率越高，处置后的损失越小", "the better the cover, the smaller the loss on sale"),
    ("debt_service_capacity", "可用于还款的现金越多，越能按期还款", "the more cash can serve debt, the surer it is served"),
    ("wind_mean_3y_min", "风资源最差年份越好，售电收入越有保障", "the better the worst year's wind, the surer the income"),
    ("power_sales_12m", "售电收入是还款来源", "power sold is the source of repayment"),
)  # fmt: skip
"""By feature code. ``tests/assessment`` holds that every code is a feature and a number or a flag."""

ASKED = Text("由训练者指定", "asked for by whoever trained it")
CODED = Text(
    "编码即同类企业以往的违约对数几率，越高风险越高",
    "its code is the past default log-odds of its class: higher is riskier",
)
