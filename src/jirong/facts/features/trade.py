"""Features of trade: sales, flows, shop, settlements, stock, farm trade, weather and power."""

from __future__ import annotations

from typing import Any

from jirong.facts.features.parts import (
    MEMBERSHIP,
    Feature,
    Part,
    Values,
    at_least_zero,
    clipped,
    count,
    days,
    first_on,
    highest,
    last,
    millionths,
    months_between,
    number,
    ratio,
    total,
)
from jirong.kernel.text import Text

MONTHS = Text("个月", "months")
POINTS = Text("分", "points")
YEAR, HALF, QUARTER = Text("近12个月", "12 months"), Text("近6个月", "6 months"), Text("近3个月", "3 months")
LATEST = Text("最新", "latest")

SALES = total("tax.filing")
SHOP_MONTHS = [total("shop.orders", months=n, until=n - 1) for n in range(1, 7)]
MICRO = 10**6


def _revenue(code: str, title: Text) -> Feature:
    return Feature(
        code, title, Text("纳税申报销售额之和", "Sum of the sales declared for tax"), "money", None, YEAR,
        ("tax.filing",), (SALES,), lambda v, day: v(SALES),
    )  # fmt: skip


def _steady(parts: list[Part]) -> Any:
    """100 less the coefficient of variation of monthly sums, in points."""

    def formula(v: Values, day: Any) -> Any:
        sums = [number(v(part)) for part in parts]
        mean = sum(sums[1:], sums[0]) / len(sums)
        squares = [(value - mean) * (value - mean) for value in sums]
        deviation = (sum(squares[1:], squares[0]) / len(sums)).sqrt()
        return clipped(100.0 - 100.0 * deviation / (mean > 0).ifelse(mean, None), 0.0, 100.0)

    return formula


ACCEPTED_6, RETURNED_6 = (total("settlement.records", months=6, labels=(label,)) for label in ("accepted", "returned"))
ACCEPTED, SETTLED, RETURNED = (
    total("settlement.records", months=12, labels=(label,)) for label in ("accepted", "settled", "returned")
)
SETTLED_3 = total("settlement.records", months=3, labels=("settled",))
FIRST_SETTLEMENT = first_on("settlement.records")
DELIVERED = total("logistics.deliveries", "a", 6, labels=("delivered",), given=("b",))
ON_TIME = total("logistics.deliveries", "b", 6, labels=("delivered",))
SHIPPED_VALUE, DELIVERED_VALUE = (
    total("logistics.deliveries", "amount", 3, labels=(label,)) for label in ("shipped", "delivered")
)
REVIEWS, SCORES = total("shop.reviews", "a", 6), total("shop.reviews", "b", 6)
SHOP_12, FIRST_SALE = total("shop.orders"), first_on("shop.orders")
REFUNDS_6, RECEIVED_6 = total("shop.orders", "b", 6), total("shop.orders", months=6, given=("b",))
JOINED = Part(MEMBERSHIP, "first_on", "", 0)
ORDERED, INVOICED = total("order"), total("invoice")
STOCK_VALUE = total("stock.readings", months=2)
SENSOR_GAP = highest("stock.readings", "b", 2)
FLOW_IN, FLOW_OUT = (total("bank.flows", labels=(label,)) for label in ("inflow", "outflow"))
BALANCE = last("bank.flows", "b")
FARM_TONNES, FARM_VALUE = total("farm.trades", "a"), total("farm.trades")
HOUSEHOLDS = last("farm.members", "a", 24)
WIND_DAYS = [days("weather.station", n, n - 12) for n in (12, 24, 36)]
WIND_COUNTS = [count("weather.station", n, n - 12) for n in (12, 24, 36)]
WIND_SUMS = [total("weather.station", "a", n, n - 12) for n in (12, 24, 36)]
WIND, WIND_SQUARED = total("weather.station", "a", 36), total("weather.station", "b", 36)
WIND_N, SUNSHINE = count("weather.station", 36), total("weather.station", "c", 36)
WIND_N_DAYS = days("weather.station", 36)
POWER_12, ENERGY_12 = total("power.meter"), total("power.meter", "a")
GOODS_12 = total("logistics.deliveries", "amount", 12, labels=("delivered",))
SHOP_SALES, PLATFORM_SALES = total("shop.orders"), total("settlement.records", labels=("accepted",))
FLOW_PRESENT = {
    code: count(code, 36)
    for code in ("logistics.deliveries", "shop.orders", "settlement.records", "bank.flows", "invoice")
}
"""Whether there are any records of the kind, in the months it is ever looked at; none is not zero."""
PAYROLL_3, PAYROLL_N = total("social.payroll", months=3), count("social.payroll", 3)
STAFF_NOW, STAFF_BEFORE = last("social.payroll", "a", 3), highest("social.payroll", "a", 12, 3)


def _if_any(v: Values, value: Any, *codes: str) -> Any:
    """The value where there are records of one of these kinds, else unknown."""
    there = v(FLOW_PRESENT[codes[0]]) > 0
    for code in codes[1:]:
        there |= v(FLOW_PRESENT[code]) > 0
    return there.ifelse(number(value), None)


def _flows_agree(v: Values, day: Any) -> Any:
    """Every pair of flows within 0.80 and 1.25 (:mod:`jirong.facts.flows`): no where one pair is not, unknown where a
    flow has no records, else yes. Compared without dividing, so that nothing against nothing agrees.
    """
    goods = _if_any(v, v(GOODS_12), "logistics.deliveries")
    papers = _if_any(v, v(INVOICED), "invoice")
    money = _if_any(v, v(FLOW_IN), "bank.flows")
    information = _if_any(v, v(SHOP_SALES) + v(PLATFORM_SALES), "shop.orders", "settlement.records")
    agree = None
    for one, other in ((papers, goods), (money, papers), (information, papers), (money, goods)):
        pair = (one * 100.0 >= other * 80.0) & (one * 100.0 <= other * 125.0)
        agree = pair if agree is None else agree & pair
    return agree


def _wind_lowest(v: Values, day: Any) -> Any:
    """Years without at least 300 days of readings are unknown, and so is the lowest of three; two stations that read
    the same day are one day.
    """
    means = []
    for on, n, speed in zip(WIND_DAYS, WIND_COUNTS, WIND_SUMS, strict=True):
        means.append(millionths(v(speed)) / (v(on) >= 300).ifelse(number(v(n)), None))
    least = means[0]
    for mean in means[1:]:
        least = (mean < least).ifelse(mean, (least <= mean).ifelse(least, None))
    return least


def _wind_volatility(v: Values, day: Any) -> Any:
    enough = (v(WIND_N_DAYS) >= 300).ifelse(number(v(WIND_N)), None)
    mean = millionths(v(WIND)) / enough
    variance = at_least_zero(millionths(v(WIND_SQUARED)) / enough - mean * mean)
    return variance.sqrt() / (mean > 0).ifelse(mean, None)


FEATURES = (
    _revenue("revenue_12m", Text("近12个月营业收入", "Revenue of 12 months")),
    _revenue("tax_sales_12m", Text("近12个月申报销售额", "Declared sales of 12 months")),
    Feature(
        "membership_months", Text("加入集群平台的时间", "Time on the cluster platform"),
        Text("自最早加入且仍在的集群起的整月数", "Whole months since the earliest membership that still holds"),
        "number", MONTHS, LATEST, (), (JOINED,), lambda v, day: months_between(v(JOINED), day), dated=False,
    ),
    Feature(
        "shop_months", Text("店铺连续经营时间", "Months the shop has run"),
        Text("自首笔交易起的整月数，最多看36个月", "Whole months since the first sale, at most 36 looked at"),
        "number", MONTHS, Text("近36个月", "36 months"), ("shop.orders",), (FIRST_SALE,),
        lambda v, day: months_between(v(FIRST_SALE), day),
    ),
    Feature(
        "shop_stability", Text("店铺经营稳定性得分", "Stability score of the shop"),
        Text("100减去近6个月月收款的变异系数（百分点），限于0至100",
             "100 less the coefficient of variation of six months' receipts, between 0 and 100"),
        "number", POINTS, HALF, ("shop.orders",), tuple(SHOP_MONTHS), _steady(SHOP_MONTHS),
    ),
    Feature(
        "review_score", Text("近6个月客户评价均分", "Mean review of 6 months"),
        Text("按评价数加权的平均分", "Scores weighted by the number of reviews"),
        "number", POINTS, HALF, ("shop.reviews",), (REVIEWS, SCORES), lambda v, day: ratio(v(SCORES), v(REVIEWS)),
    ),
    Feature(
        "delivery_on_time", Text("近6个月按时发货比例", "Deliveries on time in 6 months"),
        Text("按时送达单数÷送达单数，只看载明按时单数的记录；都未载明则未知",
             "Parcels delivered on time ÷ delivered, of the records that state both; unknown where none does"),
        "percent", None, HALF, ("logistics.deliveries",), (DELIVERED, ON_TIME),
        lambda v, day: ratio(v(ON_TIME), v(DELIVERED)),
    ),
    Feature(
        "flows_12m", Text("近12个月交易流水", "Payments received in 12 months"),
        Text("店铺收款之和", "Sum of the shop's receipts"), "money", None, YEAR, ("shop.orders",), (SHOP_12,),
        lambda v, day: v(SHOP_12),
    ),
    Feature(
        "refund_share", Text("近6个月退款比例", "Refunds in 6 months"),
        Text("退款÷收款，只看载明退款的记录；都未载明则未知",
             "Refunded ÷ received, of the records that state refunds; unknown where none does"),
        "percent", None, HALF, ("shop.orders",), (REFUNDS_6, RECEIVED_6),
        lambda v, day: ratio(v(REFUNDS_6).cast("float64") / 1e4, v(RECEIVED_6)),
    ),
    Feature(
        "supply_months", Text("连续供货时间", "Months of supply"),
        Text("自首笔平台结算起的整月数，最多看36个月", "Whole months since the first settlement record, at most 36"),
        "number", MONTHS, Text("近36个月", "36 months"), ("settlement.records",), (FIRST_SETTLEMENT,),
        lambda v, day: months_between(v(FIRST_SETTLEMENT), day),
    ),
    Feature(
        "returns_share", Text("近6个月退货比例", "Returns in 6 months"),
        Text("退货金额÷验收金额", "Returned ÷ accepted"), "percent", None, HALF, ("settlement.records",),
        (ACCEPTED_6, RETURNED_6), lambda v, day: ratio(v(RETURNED_6), v(ACCEPTED_6)),
    ),
    Feature(
        "receivables_accepted", Text("已验收应收账款", "Accepted receivables"),
        Text("近12个月验收减结算减退货，不小于零", "Accepted less settled less returned in 12 months, at least zero"),
        "money", None, YEAR, ("settlement.records",), (ACCEPTED, SETTLED, RETURNED),
        lambda v, day: at_least_zero(v(ACCEPTED) - v(SETTLED) - v(RETURNED)),
    ),
    Feature(
        "settlement_monthly", Text("月均结算额", "Mean monthly settlements"),
        Text("近3个月结算付款÷3", "Settlements of 3 months ÷ 3"), "money", None, QUARTER, ("settlement.records",),
        (SETTLED_3,), lambda v, day: v(SETTLED_3), per=300,
    ),
    Feature(
        "stock_value", Text("在库存货价值", "Stock in the warehouse"),
        Text("各品种最新读数的价值之和", "Sum of each item's latest reading at its price"),
        "money", None, LATEST, ("stock.readings",), (STOCK_VALUE,), lambda v, day: v(STOCK_VALUE),
    ),
    Feature(
        "sensor_gap_hours", Text("传感器数据中断时间", "Hours without sensor data"),
        Text("各品种最新一日中断小时数的最大值", "The greatest of the latest day's gaps"),
        "number", Text("小时", "hours"), LATEST, ("stock.readings",), (SENSOR_GAP,),
        lambda v, day: millionths(v(SENSOR_GAP)),
    ),
    Feature(
        "goods_in_transit", Text("在途货物价值", "Goods in transit"),
        Text("近3个月发出货值减送达货值，不小于零", "Shipped less delivered in 3 months, at least zero"),
        "money", None, QUARTER, ("logistics.deliveries",), (SHIPPED_VALUE, DELIVERED_VALUE),
        lambda v, day: at_least_zero(v(SHIPPED_VALUE) - v(DELIVERED_VALUE)),
    ),
    Feature(
        "orders_in_hand", Text("在手订单金额", "Orders in hand"),
        Text("近12个月订单金额减开票金额，不小于零", "Ordered less invoiced in 12 months, at least zero"),
        "money", None, YEAR, ("order",), (ORDERED, INVOICED),
        lambda v, day: at_least_zero(v(ORDERED) - v(INVOICED)),
    ),
    Feature(
        "invoiced_12m", Text("近12个月开票金额", "Invoiced in 12 months"),
        Text("蓝字与红字发票价税合计之和", "Sum of blue and red invoices, tax included"),
        "money", None, YEAR, ("invoice",), (INVOICED,), lambda v, day: v(INVOICED),
    ),
    Feature(
        "bank_inflow_12m", Text("近12个月银行收款", "Bank receipts of 12 months"),
        Text("银行流水收入之和", "Sum of receipts on the accounts"), "money", None, YEAR, ("bank.flows",), (FLOW_IN,),
        lambda v, day: v(FLOW_IN),
    ),
    Feature(
        "goods_delivered_12m", Text("近12个月送达货值", "Goods delivered in 12 months"),
        Text("物流记录中已送达货物的价值之和", "Value of what the logistics records say was delivered"), "money", None, YEAR,
        ("logistics.deliveries",), (GOODS_12,), lambda v, day: v(GOODS_12),
    ),
    Feature(
        "platform_sales_12m", Text("近12个月平台记录销售额", "Sales on record with platforms in 12 months"),
        Text("店铺收款与平台结算中验收金额之和，两者都没有记录则未知",
             "Receipts of the shop and what platforms' settlements accepted; unknown where there are records of neither"),
        "money", None, YEAR, (), (SHOP_SALES, PLATFORM_SALES, FLOW_PRESENT["shop.orders"], FLOW_PRESENT["settlement.records"]),
        lambda v, day: _if_any(v, v(SHOP_SALES) + v(PLATFORM_SALES), "shop.orders", "settlement.records"), dated=False,
    ),
    Feature(
        "flows_agree", Text("四流相符", "The four flows agree"),
        Text("近12个月开票、送达、银行收款、平台记录销售两两之比都在0.80至1.25之间；有一对不符即为否，否则缺任何一流即未知",
             "Invoiced, delivered, received in the bank and on record with platforms in 12 months stand to each other "
             "between 0.80 and 1.25; no where one pair does not, else unknown where a flow has no records"),
        "flag", None, YEAR, ("invoice",),
        (GOODS_12, INVOICED, FLOW_IN, SHOP_SALES, PLATFORM_SALES, *FLOW_PRESENT.values()), _flows_agree,
    ),
    Feature(
        "bank_net_12m", Text("近12个月银行净流入", "Net bank flow of 12 months"),
        Text("收入减支出", "Receipts less payments"), "money", None, YEAR, ("bank.flows",), (FLOW_IN, FLOW_OUT),
        lambda v, day: v(FLOW_IN) - v(FLOW_OUT),
    ),
    Feature(
        "bank_balance", Text("最新账户余额", "Latest balance"),
        Text("最近一笔流水的余额，该笔未载明则未知", "Balance of the latest row; unknown where it states none"), "money",
        None, LATEST, ("bank.flows",), (BALANCE,), lambda v, day: v(BALANCE), per=MICRO,
    ),
    Feature(
        "trade_tonnes_12m", Text("年度交易量", "Trade in a year"), Text("平台交易吨数之和", "Tonnes traded"),
        "number", Text("吨", "tonnes"), YEAR, ("farm.trades",), (FARM_TONNES,),
        lambda v, day: millionths(v(FARM_TONNES)),
    ),
    Feature(
        "trade_value_12m", Text("年度交易额", "Value of trade in a year"), Text("平台交易额之和", "Value traded"),
        "money", None, YEAR, ("farm.trades",), (FARM_VALUE,), lambda v, day: v(FARM_VALUE),
    ),
    Feature(
        "member_farmers", Text("合作农户数量", "Member farmers"), Text("最新名册的户数", "Households on the latest roll"),
        "number", Text("户", "households"), LATEST, ("farm.members",), (HOUSEHOLDS,),
        lambda v, day: millionths(v(HOUSEHOLDS)),
    ),
    Feature(
        "wind_mean_3y_min", Text("近3年各年平均风速的最低值", "Lowest yearly mean wind of 3 years"),
        Text("三个12个月各自的日平均风速均值中最低者，任一年不足300天则未知",
             "The lowest of three 12-month means; unknown where a year has fewer than 300 days"),
        "number", Text("米/秒", "m/s"), Text("近36个月", "36 months"), ("weather.station",),
        (*WIND_DAYS, *WIND_COUNTS, *WIND_SUMS), _wind_lowest,
    ),
    Feature(
        "wind_volatility", Text("风速波动率", "Wind volatility"),
        Text("近36个月日平均风速的标准差÷均值", "Standard deviation ÷ mean of daily wind over 36 months"),
        "percent", None, Text("近36个月", "36 months"), ("weather.station",), (WIND_N_DAYS, WIND_N, WIND, WIND_SQUARED),
        _wind_volatility,
    ),
    Feature(
        "sunshine_hours", Text("年均光照时长", "Sunshine a year"),
        Text("近36个月日均日照×365", "Mean daily sunshine of 36 months × 365"), "number", Text("小时", "hours"),
        Text("近36个月", "36 months"), ("weather.station",), (SUNSHINE, WIND_N),
        lambda v, day: ratio(millionths(v(SUNSHINE)) * 365.0, v(WIND_N)),
    ),
    Feature(
        "wind_mean_3y", Text("近3年平均风速", "Mean wind of 3 years"),
        Text("近36个月日平均风速的均值", "Mean of daily wind over 36 months"), "number", Text("米/秒", "m/s"),
        Text("近36个月", "36 months"), ("weather.station",), (WIND_N, WIND),
        lambda v, day: ratio(millionths(v(WIND)), v(WIND_N)),
    ),
    Feature(
        "power_sales_12m", Text("近12个月售电收入", "Power sold in 12 months"), Text("售电收入之和", "Sum of power sold"),
        "money", None, YEAR, ("power.meter",), (POWER_12,), lambda v, day: v(POWER_12),
    ),
    Feature(
        "power_energy_12m", Text("近12个月上网电量", "Energy fed in over 12 months"),
        Text("上网电量之和", "Sum of energy fed in"), "number", Text("千瓦时", "kWh"), YEAR, ("power.meter",),
        (ENERGY_12,), lambda v, day: millionths(v(ENERGY_12)),
    ),
    Feature(
        "payroll_monthly", Text("月工资总额", "Monthly wages"), Text("近3个月缴费工资÷3", "Wages of 3 months ÷ 3"),
        "money", None, QUARTER, ("social.payroll",), (PAYROLL_3,), lambda v, day: v(PAYROLL_3), per=300,
    ),
    Feature(
        "staff_kept", Text("在岗员工保留比例", "Share of staff kept"),
        Text("最新参保人数÷3至12个月前的最高参保人数", "Insured staff now ÷ their most 3 to 12 months ago"),
        "percent", None, YEAR, ("social.payroll",), (STAFF_NOW, STAFF_BEFORE),
        lambda v, day: ratio(v(STAFF_NOW), v(STAFF_BEFORE)),
    ),
)  # fmt: skip
