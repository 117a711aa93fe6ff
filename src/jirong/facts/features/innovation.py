"""Features of innovation: the twelve indicators of the points table, and what patents are worth.

R&D intensity is taken from what was claimed for tax, which the tax office has checked; the amount spent from the R&D
accounts.
"""

from __future__ import annotations

from jirong.facts.features.parts import Feature, Part, count, last, millionths, number, ratio, total
from jirong.facts.features.trade import ENERGY_12, LATEST, MICRO, POWER_12, SALES, YEAR
from jirong.kernel.text import Text

KW = Text("千瓦", "kW")
RD_CLAIMED = total("tax.filing", "c")
RD_12, RD_36, HIGH_TECH_SALES = total("rd.accounts"), total("rd.accounts", months=36), total("rd.accounts", "a")
HEADS, MASTERS, RD_STAFF = (last("staff.records", column, 36) for column in "abc")
SALES_BEFORE = total("tax.filing", months=24, until=12)
FILINGS_BEFORE = count("tax.filing", 24, 12)
REVENUE, PROFIT = total("accounts.statement"), total("accounts.statement", "a")
ASSETS, LIABILITIES = last("accounts.statement", "b"), last("accounts.statement", "c")
ALIVE = ("in_force", "pending", "disputed")
PATENTS, PCT = count("patent.register", 240, labels=ALIVE), total("patent.register", "b", 240, labels=ALIVE)
INVENTIONS = total("patent.register", "a", 240, labels=("in_force", "disputed"))
DISPUTED = count("patent.register", 240, labels=("disputed",))
CONTRACTS, VENTURE = total("tech.contract"), total("venture.investment", months=36)
VALUE, MARKET, YEARS = (last("patent.appraisal", column, 24) for column in ("amount", "b", "c"))
WIND_KW, SOLAR_KW = (last("power.meter", column, given=(column,)) for column in "bc")


def _share_of_staff(code: str, title: Text, meaning: Text, part: Part) -> Feature:
    return Feature(code, title, meaning, "percent", None, LATEST, ("staff.records",), (part, HEADS),
                   lambda v, day: ratio(v(part), v(HEADS)), group="innovation")  # fmt: skip


FEATURES = (
    Feature(
        "rd_intensity", Text("研发投入强度", "R&D intensity"),
        Text("近12个月研发费用加计扣除基数÷申报销售额；各期申报均未载明该项则未知",
             "R&D claimed for tax ÷ declared sales, 12 months; unknown where no filing names it"),
        "percent", None, YEAR, ("tax.filing",), (RD_CLAIMED, SALES),
        lambda v, day: ratio(number(v(RD_CLAIMED)) / 1e4, v(SALES)), group="innovation",
    ),
    Feature(
        "rd_spend_12m", Text("近12个月研发投入", "R&D spending of 12 months"),
        Text("研发费用辅助账之和", "Sum of the R&D accounts"), "money", None, YEAR, ("rd.accounts",), (RD_12,),
        lambda v, day: v(RD_12), group="innovation",
    ),
    Feature(
        "rd_spend_36m", Text("近36个月研发投入", "R&D spending of 36 months"),
        Text("研发费用辅助账之和", "Sum of the R&D accounts"), "money", None, Text("近36个月", "36 months"),
        ("rd.accounts",), (RD_36,), lambda v, day: v(RD_36), group="innovation",
    ),
    _share_of_staff("rd_staff_share", Text("研发人员占比", "Share of R&D staff"),
                    Text("研发人员÷员工", "R&D staff ÷ staff"), RD_STAFF),
    _share_of_staff("master_staff_share", Text("硕士以上员工比例", "Share of staff with a master's degree or more"),
                    Text("硕士以上人数÷员工", "With a master's degree or more ÷ staff"), MASTERS),
    Feature(
        "invention_patents", Text("有效发明专利数", "Invention patents in force"),
        Text("最新状态为有效（含权属争议）的发明专利", "Inventions whose latest state is in force or disputed"),
        "number", Text("项", "patents"), LATEST, ("patent.register",), (INVENTIONS,),
        lambda v, day: millionths(v(INVENTIONS)), group="innovation",
    ),
    Feature(
        "pct_patent_share", Text("PCT专利占比", "PCT share of patents"),
        Text("未失效专利中经PCT途径的比例", "PCT among patents that have not lapsed"), "percent", None, LATEST,
        ("patent.register",), (PCT, PATENTS), lambda v, day: ratio(millionths(v(PCT)), v(PATENTS)),
        group="innovation",
    ),
    Feature(
        "patent_dispute", Text("专利权属有争议", "Title to the patents is in dispute"),
        Text("任一专利最新状态为权属争议", "Any patent whose latest state is disputed"), "flag", None, LATEST,
        ("patent.register",), (DISPUTED,), lambda v, day: v(DISPUTED) > 0, group="innovation",
    ),
    Feature(
        "patent_value", Text("专利评估值", "Appraised value of the patents"), Text("最新评估报告", "The latest appraisal"),
        "money", None, LATEST, ("patent.appraisal",), (VALUE,), lambda v, day: v(VALUE), group="innovation",
    ),
    Feature(
        "patent_market_price", Text("可比交易单价", "Price of comparable deals"),
        Text("最新评估报告载明", "As the latest appraisal states"), "money", None, LATEST, ("patent.appraisal",),
        (MARKET,), lambda v, day: (v(MARKET) > 0).ifelse(v(MARKET), None), per=MICRO, group="innovation",
    ),
    Feature(
        "patent_remaining_years", Text("平均剩余保护年限", "Mean years of protection left"),
        Text("最新评估报告载明", "As the latest appraisal states"), "number", Text("年", "years"), LATEST,
        ("patent.appraisal",), (YEARS,), lambda v, day: (v(YEARS) > 0).ifelse(millionths(v(YEARS)), None),
        group="innovation",
    ),
    Feature(
        "tech_contract_12m", Text("近12个月技术合同成交额", "Technology contracts of 12 months"),
        Text("登记的技术合同金额之和", "Sum of registered contracts"), "money", None, YEAR, ("tech.contract",),
        (CONTRACTS,), lambda v, day: v(CONTRACTS), group="innovation",
    ),
    Feature(
        "high_tech_sales_12m", Text("近12个月高新技术产品收入", "High-technology sales of 12 months"),
        Text("研发费用辅助账载明的收入之和；均未载明则未知",
             "Sum of what the R&D accounts state; unknown where none does"), "money", None, YEAR,
        ("rd.accounts",), (HIGH_TECH_SALES,), lambda v, day: v(HIGH_TECH_SALES), per=MICRO, group="innovation",
    ),
    Feature(
        "high_tech_share", Text("高新技术产品收入占比", "High-technology share of sales"),
        Text("高新技术产品收入÷申报销售额，近12个月；均未载明则未知",
             "High-technology sales ÷ declared sales, 12 months; unknown where no account states them"),
        "percent", None, YEAR, ("rd.accounts", "tax.filing"), (HIGH_TECH_SALES, SALES),
        lambda v, day: ratio(number(v(HIGH_TECH_SALES)) / 1e4, v(SALES)), group="innovation",
    ),
    Feature(
        "revenue_growth", Text("营业收入增长率", "Growth of revenue"),
        Text("近12个月申报销售额÷其前12个月−1", "Declared sales of 12 months ÷ the 12 before, less 1"),
        "percent", None, Text("近24个月", "24 months"), ("tax.filing",), (SALES, SALES_BEFORE),
        lambda v, day: ratio(v(SALES), v(SALES_BEFORE)) - 1.0, group="innovation",
    ),
    Feature(
        "net_margin", Text("净利率", "Net margin"), Text("近12个月净利润÷营业收入（财务报表）", "Profit ÷ revenue, 12 months"),
        "percent", None, YEAR, ("accounts.statement",), (PROFIT, REVENUE),
        lambda v, day: ratio(number(v(PROFIT)) / 1e4, v(REVENUE)), group="innovation",
    ),
    Feature(
        "debt_ratio", Text("资产负债率", "Debt ratio"), Text("最新报表负债÷资产", "Liabilities ÷ assets, latest accounts"),
        "percent", None, LATEST, ("accounts.statement",), (LIABILITIES, ASSETS),
        lambda v, day: ratio(v(LIABILITIES), v(ASSETS)), group="innovation",
    ),
    Feature(
        "venture_36m", Text("近36个月获风险投资额", "Venture investment of 36 months"),
        Text("登记的风险投资之和", "Sum of investments recorded"), "money", None, Text("近36个月", "36 months"),
        ("venture.investment",), (VENTURE,), lambda v, day: v(VENTURE), group="innovation",
    ),
    Feature(
        "wind_capacity_kw", Text("风电装机容量", "Wind capacity installed"),
        Text("最近一次载明装机的电量记录", "The latest meter record that states it"), "number", KW, LATEST,
        ("power.meter",), (WIND_KW,), lambda v, day: millionths(v(WIND_KW)),
    ),
    Feature(
        "solar_capacity_kw", Text("光伏装机容量", "Solar capacity installed"),
        Text("最近一次载明装机的电量记录", "The latest meter record that states it"), "number", KW, LATEST,
        ("power.meter",), (SOLAR_KW,), lambda v, day: millionths(v(SOLAR_KW)),
    ),
    Feature(
        "power_price", Text("平均上网电价", "Mean price of power"), Text("近12个月售电收入÷电量", "Power sold ÷ energy, 12 months"),
        "number", Text("元/千瓦时", "yuan/kWh"), YEAR, ("power.meter",), (POWER_12, ENERGY_12),
        lambda v, day: ratio(number(v(POWER_12)) / 100.0, millionths(v(ENERGY_12))),
    ),
)  # fmt: skip
