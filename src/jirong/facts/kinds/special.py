"""What single trades live on: patents and research, farm trade, weather and power; and papers that only must exist.

A paper (note receipt, register search, exit letter) is evidence by its date; its numbers are in the rooms that made
it.
"""

from __future__ import annotations

from jirong.facts.kinds.fields import (
    FactKind,
    Field,
    amount,
    choice,
    date,
    is_one,
    level,
    number,
    product,
    quantity,
    text,
)
from jirong.facts.kinds.official import DATE, FIRM, OFFICE, PERIOD_END, RECORD_NO
from jirong.kernel.text import Text

PATENT = FactKind(
    "patent.register",
    Text("专利登记", "Patent register"),
    (
        RECORD_NO,
        Field("patent_no", Text("专利号", "Patent no."), text, aliases=("申请号",)),
        FIRM, DATE,
        Field("kind", Text("类型", "Kind"), choice(invention="发明", utility="实用新型", design="外观设计")),
        Field("route", Text("途径", "Route"), choice(domestic="国内", pct="PCT")),
        Field("status", Text("法律状态", "Status"),
              choice(in_force="有效", pending="审查中", lapsed="失效", disputed="权属争议")),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=OFFICE, state=True, thing="patent_no",
    label=("status",), measures=(is_one("kind", "invention"), is_one("route", "pct")), months=240,
)  # fmt: skip
APPRAISAL = FactKind(
    "patent.appraisal",
    Text("专利评估报告", "Patent appraisal"),
    (
        Field("report_no", Text("报告编号", "Report no."), text),
        FIRM, DATE,
        Field("patents", Text("专利项数", "Patents"), quantity),
        Field("value", Text("评估值", "Appraised value"), amount),
        Field("market_price", Text("可比交易单价", "Price of comparable deals"), amount, required=False),
        Field("remaining_years", Text("平均剩余保护年限", "Mean years of protection left"), quantity, required=False),
    ),
    key="report_no", on="date", amount="value", subject="firm", counterparty=None, by=("provider",), state=True,
    measures=(number("patents"), number("market_price"), number("remaining_years")), months=24,
)  # fmt: skip
RD = FactKind(
    "rd.accounts",
    Text("研发费用辅助账", "R&D accounts"),
    (
        RECORD_NO, FIRM, PERIOD_END,
        Field("spend", Text("研发投入", "R&D spending"), amount),
        Field("high_tech_sales", Text("高新技术产品收入", "High-technology sales"), amount, required=False),
    ),
    key="record_no", on="date", amount="spend", subject="firm", counterparty=None, by=("subject", *OFFICE),
    measures=(number("high_tech_sales"),),
)  # fmt: skip
TECH_CONTRACT = FactKind(
    "tech.contract",
    Text("技术合同登记", "Registered technology contract"),
    (
        Field("contract_no", Text("登记号", "Registration no."), text),
        FIRM, DATE,
        Field("amount", Text("成交金额", "Amount"), amount),
    ),
    key="contract_no", on="date", amount="amount", subject="firm", counterparty=None, by=OFFICE, public=True,
)  # fmt: skip
VENTURE = FactKind(
    "venture.investment",
    Text("风险投资", "Venture investment"),
    (RECORD_NO, FIRM, DATE, Field("amount", Text("投资金额", "Amount"), amount)),
    key="record_no", on="date", amount="amount", subject="firm", counterparty=None,
    by=("fund", "investor", "provider", "government"), months=60,
)  # fmt: skip
FARM_TRADES = FactKind(
    "farm.trades",
    Text("农产品交易", "Farm trade"),
    (
        RECORD_NO, FIRM, DATE,
        Field("tonnes", Text("吨数", "Tonnes"), quantity),
        Field("amount", Text("交易额", "Value"), amount),
    ),
    key="record_no", on="date", amount="amount", subject="firm", counterparty=None, by=OFFICE,
    measures=(number("tonnes"),),
)  # fmt: skip
FARM_MEMBERS = FactKind(
    "farm.members",
    Text("合作农户名册", "Member farmers"),
    (RECORD_NO, FIRM, DATE, Field("households", Text("户数", "Households"), quantity)),
    key="record_no", on="date", subject="firm", counterparty=None, by=("subject", *OFFICE), state=True,
    measures=(number("households"),), months=24,
)  # fmt: skip
WEATHER = FactKind(
    "weather.station",
    Text("气象观测", "Weather"),
    (
        RECORD_NO, FIRM, DATE,
        Field("station", Text("站点", "Station"), text),
        Field("wind", Text("日平均风速（米/秒）", "Mean wind of the day, m/s"), quantity, aliases=("风速",)),
        Field("sunshine", Text("日照小时", "Hours of sunshine"), quantity, aliases=("日照",)),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=OFFICE, public=True,
    measures=(number("wind"), product("wind", "wind"), number("sunshine")), months=37,
)  # fmt: skip
POWER = FactKind(
    "power.meter",
    Text("上网电量", "Power fed in"),
    (
        RECORD_NO, FIRM, PERIOD_END,
        Field("energy", Text("电量（千瓦时）", "Energy, kWh"), quantity),
        Field("sales", Text("售电收入", "Power sold"), amount),
        Field("wind_kw", Text("风电装机（千瓦）", "Wind capacity, kW"), quantity, required=False),
        Field("solar_kw", Text("光伏装机（千瓦）", "Solar capacity, kW"), quantity, required=False),
    ),
    key="record_no", on="date", amount="sales", subject="firm", counterparty=None, by=OFFICE,
    measures=(number("energy"), level("wind_kw"), level("solar_kw")),
)  # fmt: skip


def _paper(kind: str, title: Text, by: tuple[str, ...]) -> FactKind:
    return FactKind(
        kind,
        title,
        (
            Field("paper_no", Text("文件编号", "Paper no."), text, aliases=("编号",)),
            FIRM,
            Field("date", Text("出具日期", "Issued"), date, aliases=("日期",)),
            Field("summary", Text("摘要", "Summary"), text, required=False),
        ),
        key="paper_no",
        on="date",
        subject="firm",
        counterparty=None,
        by=by,
        months=60,
    )


PAPERS = (
    _paper("note.receipt", Text("链单凭据", "Note receipt"), ("subject", "core", "operator", "bank")),
    _paper("registration.search", Text("动产融资统一登记查询", "Search of the movable-property register"),
           ("bank", "factor", "provider")),
    _paper("leadbank.exit", Text("主贷银行退出函", "Lead bank's letter of exit"), ("bank",)),
)  # fmt: skip
SPECIAL = (
    PATENT, APPRAISAL, RD, TECH_CONTRACT, VENTURE, FARM_TRADES, FARM_MEMBERS, WEATHER, POWER, *PAPERS,
)  # fmt: skip
