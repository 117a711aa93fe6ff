"""Features of standing and risk: registration, tax, courts, arrears, production, the software's effect, machines.

Overdue payments are counted from repayment records, kept or late; a firm without any is not known to pay on time. So
with courts: only a search that found nothing says so.
"""

from __future__ import annotations

from typing import Any

from jirong.facts.features.parts import (
    Feature,
    Part,
    Values,
    count,
    last,
    last_label,
    millionths,
    number,
    ratio,
    short_of,
    total,
)
from jirong.facts.features.trade import LATEST, MICRO, MONTHS, QUARTER, YEAR
from jirong.kernel.text import Text

TIMES = Text("次", "times")
LATE, UNPAID_RENT = total("repayment.record", "a"), total("repayment.record", "b", 36, labels=("rent",))
DEFAULTER, COURT_ANY = count("court.records", 60, labels=("defaulter:open",)), count("court.records", 60)
LAWSUITS = count("court.records", 60, labels=("lawsuit:open", "enforcement:open"))
ESTABLISHED, ESTABLISHED_DAY = last("registration.record", "a", 120), last("registration.record", "b", 120)
STATUS = last_label("registration.record", 120)
GRADE, ARREARS = last_label("tax.filing", 12), last("tax.filing", "b", 12)
HIGH_TECH = Part("qualification.certificate", "max", "a", 120, 0, ("high_tech",))
STOPPED = count("production.status", 12, labels=("stopped",))
LISTED = count("shock.list", 24, labels=("listed",))
GAIN, LEAD_BEFORE, LEAD_AFTER = (last("upgrade.effect_report", column, 24) for column in "abc")
REPORT_REVENUE = last("lookthrough.report", "amount", 24)
REPORT_PROFIT, REPORT_FUTURE, REPORT_OVERDUE, REPORT_FROZEN = (last("lookthrough.report", c, 24) for c in "abcd")
RUN, OPEN, FAULTS = (total("machine.telemetry", column, 3) for column in "abc")
POWER_3, POWER_12 = (total("utility.usage", "a", n, labels=("electricity",)) for n in (3, 12))
LEAD_DAYS, LEAD_ORDERS = total("saas.usage_log", "b", 3), total("saas.usage_log", "a", 3)
DEBT_SERVICE = total("accounts.statement", "d")
STATEMENTS, SERVICE_STATED = count("accounts.statement"), count("accounts.statement", given=("d",))
ORDINAL_OF_1970 = 719163
"""``datetime.date(1970, 1, 1).toordinal()``."""


def _registered_months(v: Values, day: Any) -> Any:
    now = (day.year() * 12 + day.month() - 1).cast("float64")
    return now - millionths(v(ESTABLISHED)) - short_of(day, millionths(v(ESTABLISHED_DAY))).ifelse(1, 0)


def _day_number(day: Any) -> Any:
    return day.epoch_seconds().cast("float64") / 86400.0 + ORDINAL_OF_1970


def _debt_service(v: Values, day: Any) -> Any:
    """A sum that leaves a month's debts out would flatter: every statement of the window must state its own."""
    return (v(SERVICE_STATED) >= v(STATEMENTS)).ifelse(v(DEBT_SERVICE), None)


FEATURES = (
    Feature(
        "overdue_12m", Text("近12个月逾期次数", "Overdue payments in 12 months"),
        Text("近12个月到期的还款记录中逾期的笔数；没有还款记录即为未知",
             "Payments due in 12 months and late among the repayment records; unknown where there are none"),
        "number", TIMES, YEAR, ("repayment.record",), (LATE,), lambda v, day: millionths(v(LATE)),
    ),
    Feature(
        "rent_overdue", Text("逾期租金期数", "Rents overdue"), Text("到期仍未付清的租金期数", "Rents due and still unpaid"),
        "number", Text("期", "periods"), Text("近36个月", "36 months"), ("repayment.record",), (UNPAID_RENT,),
        lambda v, day: millionths(v(UNPAID_RENT)),
    ),
    Feature(
        "court_defaulter", Text("被列入失信被执行人名单", "On the court's list of defaulters"),
        Text("最新司法记录中有生效的失信被执行人记录；须有查询结果才算已知",
             "A listing in force among the latest court records; known only when a search was made"),
        "flag", None, LATEST, ("court.records",), (DEFAULTER,), lambda v, day: v(DEFAULTER) > 0,
    ),
    Feature(
        "open_lawsuits", Text("未结诉讼与执行案件数", "Open lawsuits and enforcements"),
        Text("最新状态为未结的案件数", "Cases whose latest state is open"), "number", Text("件", "cases"), LATEST,
        ("court.records",), (LAWSUITS,), lambda v, day: number(v(LAWSUITS)),
    ),
    Feature(
        "registered_months", Text("注册经营时间", "Months since registration"),
        Text("自成立日起的整月数", "Whole months since it was established"), "number", MONTHS, LATEST,
        ("registration.record",), (ESTABLISHED, ESTABLISHED_DAY), _registered_months, dated=False,
    ),
    Feature(
        "registration_status", Text("登记状态", "Registration status"), Text("最新登记状态", "The latest status"),
        "word", None, LATEST, ("registration.record",), (STATUS,), lambda v, day: v(STATUS),
    ),
    Feature(
        "tax_grade", Text("纳税信用等级", "Tax credit grade"), Text("最近一次载明的等级", "The latest grade stated"),
        "word", None, YEAR, ("tax.filing",), (GRADE,), lambda v, day: v(GRADE),
    ),
    Feature(
        "tax_overdue", Text("欠税", "Tax in arrears"), Text("最近一期申报的期末欠税大于零", "Arrears at the latest filing"),
        "flag", None, LATEST, ("tax.filing",), (ARREARS,), lambda v, day: v(ARREARS) > 0,
    ),
    Feature(
        "high_tech", Text("高新技术企业", "Certified as a high-technology firm"),
        Text("有在有效期内的高新技术企业证书", "A certificate in force"), "flag", None, LATEST,
        ("qualification.certificate",), (HIGH_TECH,),
        lambda v, day: (millionths(v(HIGH_TECH)) >= _day_number(day)).fill_null(False),
    ),
    Feature(
        "production_stopped", Text("企业临时停产", "The firm has temporarily stopped work"),
        Text("最新生产状态为停产", "The latest production status is stopped"), "flag", None, LATEST,
        ("production.status",), (STOPPED,), lambda v, day: v(STOPPED) > 0,
    ),
    Feature(
        "affected_by_shock", Text("列入受影响企业名单", "On the list of affected firms"),
        Text("任一事件的最新名单列入", "Listed by the latest word on any shock"), "flag", None, LATEST,
        ("shock.list",), (LISTED,), lambda v, day: v(LISTED) > 0,
    ),
    Feature(
        "effect_gain", Text("订单处理效率提升幅度", "Gain in order processing"),
        Text("最新效果报告载明的幅度", "As the latest report states"), "percent", None, LATEST,
        ("upgrade.effect_report",), (GAIN,), lambda v, day: millionths(v(GAIN)),
    ),
    Feature(
        "lead_time_before", Text("升级前平均交付周期", "Lead time before the upgrade"),
        Text("最新效果报告载明的天数", "As the latest report states"), "number", Text("天", "days"), LATEST,
        ("upgrade.effect_report",), (LEAD_BEFORE,),
        lambda v, day: (v(LEAD_BEFORE) > 0).ifelse(millionths(v(LEAD_BEFORE)), None),
    ),
    Feature(
        "lead_time_after", Text("升级后平均交付周期", "Lead time after the upgrade"),
        Text("最新效果报告载明的天数", "As the latest report states"), "number", Text("天", "days"), LATEST,
        ("upgrade.effect_report",), (LEAD_AFTER,),
        lambda v, day: (v(LEAD_AFTER) > 0).ifelse(millionths(v(LEAD_AFTER)), None),
    ),
    Feature(
        "net_margin_12m", Text("年净利润率", "Net margin of the year"),
        Text("最新穿透式尽调报告的净利润÷营业收入", "Net profit ÷ revenue of the latest look-through report"),
        "percent", None, LATEST, ("lookthrough.report",), (REPORT_PROFIT, REPORT_REVENUE),
        lambda v, day: ratio(number(v(REPORT_PROFIT)) / 1e4, v(REPORT_REVENUE)),
    ),
    Feature(
        "own_overdue", Text("企业自身逾期", "Overdue debts of its own"), Text("最新穿透式尽调报告", "Look-through report"),
        "flag", None, LATEST, ("lookthrough.report",), (REPORT_OVERDUE,), lambda v, day: v(REPORT_OVERDUE) > 0,
    ),
    Feature(
        "frozen_parent_only", Text("冻结仅限于母公司所持股权", "Only the parent's shares are frozen"),
        Text("最新穿透式尽调报告", "Look-through report"), "flag", None, LATEST, ("lookthrough.report",),
        (REPORT_FROZEN,), lambda v, day: v(REPORT_FROZEN) > 0,
    ),
    Feature(
        "future_receivables_36m", Text("未来36个月应收", "Receivables of the next 36 months"),
        Text("最新穿透式尽调报告", "Look-through report"), "money", None, LATEST, ("lookthrough.report",),
        (REPORT_FUTURE,), lambda v, day: v(REPORT_FUTURE), per=MICRO,
    ),
    Feature(
        "machine_use", Text("近3个月设备利用率", "Use of machines in 3 months"),
        Text("运行小时÷可用小时", "Hours run ÷ hours available"), "percent", None, QUARTER, ("machine.telemetry",),
        (RUN, OPEN), lambda v, day: ratio(v(RUN), v(OPEN)),
    ),
    Feature(
        "machine_faults_3m", Text("近3个月设备故障次数", "Faults of machines in 3 months"), Text("故障次数之和", "Faults"),
        "number", TIMES, QUARTER, ("machine.telemetry",), (FAULTS,), lambda v, day: millionths(v(FAULTS)),
    ),
    Feature(
        "power_use_change", Text("用电量变化", "Change of electricity used"),
        Text("近3个月月均÷近12个月月均−1", "Monthly mean of 3 months ÷ that of 12, less 1"), "percent", None, YEAR,
        ("utility.usage",), (POWER_3, POWER_12), lambda v, day: ratio(number(v(POWER_3)) * 4.0, v(POWER_12)) - 1.0,
    ),
    Feature(
        "order_lead_days", Text("订单交付周期", "Order lead time"),
        Text("近3个月按订单数加权的平均交付天数", "Mean lead time of 3 months, weighted by orders"),
        "number", Text("天", "days"), QUARTER, ("saas.usage_log",), (LEAD_DAYS, LEAD_ORDERS),
        lambda v, day: ratio(v(LEAD_DAYS), v(LEAD_ORDERS)),
    ),
    Feature(
        "debt_service_12m", Text("近12个月还本付息", "Debt service of 12 months"),
        Text("财务报表还本付息之和；任一期未载明则未知", "Debt service in the accounts; unknown where any omits it"),
        "money", None, YEAR, ("accounts.statement",), (DEBT_SERVICE, STATEMENTS, SERVICE_STATED), _debt_service,
        per=MICRO,
    ),
)  # fmt: skip
