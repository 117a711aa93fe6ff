"""What offices record of a firm: registration, certificates, tax, courts, social insurance, utilities, staff.

The office, or a provider with a source right or the firm's consent, states these: a firm cannot write its own tax
filing or clear its own court record. A court search that finds nothing is itself a fact (``clear``), because silence
is no answer.
"""

from __future__ import annotations

from jirong.facts.kinds.fields import (
    FactKind,
    Field,
    amount,
    choice,
    code,
    date,
    day_of,
    flag,
    is_one,
    level,
    month_of,
    number,
    ordinal,
    quantity,
    text,
)
from jirong.kernel.text import Text

OFFICE = ("government", "provider")
FIRM = Field(
    "firm", Text("企业信用代码", "Firm's credit code"), code, aliases=("统一社会信用代码", "纳税人识别号", "企业")
)
RECORD_NO = Field("record_no", Text("记录编号", "Record no."), text, aliases=("编号", "流水号"))
DATE = Field("date", Text("日期", "Date"), date, aliases=("记录日期", "统计日期"))
PERIOD_END = Field("date", Text("所属期止", "End of period"), date, aliases=("所属期", "日期", "统计日期"))

REGISTRATION = FactKind(
    "registration.record",
    Text("工商登记", "Company registration"),
    (
        RECORD_NO, FIRM, DATE,
        Field("status", Text("登记状态", "Status"),
              choice(active="存续/在业/开业", abnormal="经营异常", revoked="吊销", deregistered="注销")),
        Field("established", Text("成立日期", "Established"), date),
        Field("capital", Text("注册资本", "Registered capital"), amount, required=False),
    ),
    key="record_no", on="date", amount="capital", subject="firm", counterparty=None, by=OFFICE, public=True,
    state=True, label=("status",), measures=(month_of("established"), day_of("established")), months=120,
)  # fmt: skip
QUALIFICATION = FactKind(
    "qualification.certificate",
    Text("资质证书", "Certificate"),
    (
        RECORD_NO,
        Field("certificate_no", Text("证书编号", "Certificate no."), text),
        FIRM,
        Field("date", Text("发证日期", "Issued"), date, aliases=("日期",)),
        Field("kind", Text("资质", "Kind"),
              choice(high_tech="高新技术企业", specialised="专精特新", tech_sme="科技型中小企业", green="绿色工厂")),
        Field("until", Text("有效期至", "Valid until"), date),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=OFFICE, public=True,
    state=True, thing="certificate_no", label=("kind",), measures=(ordinal("until"),), months=120,
)  # fmt: skip
TAX_FILING = FactKind(
    "tax.filing",
    Text("纳税申报", "Tax filing"),
    (
        Field("filing_no", Text("申报编号", "Filing no."), text, aliases=("申报表编号", "编号")),
        FIRM, PERIOD_END,
        Field("sales", Text("申报销售额", "Declared sales"), amount, aliases=("销售额",)),
        Field("tax_due", Text("应纳税额", "Tax due"), amount),
        Field("tax_paid", Text("实缴税额", "Tax paid"), amount),
        Field("arrears", Text("期末欠税", "Arrears"), amount, aliases=("欠税",)),
        Field("rd_spend", Text("研发费用加计扣除基数", "R&D claimed"), amount, required=False),
        Field("grade", Text("纳税信用等级", "Tax credit grade"), choice(A="A级", B="B级", M="M级", C="C级", D="D级"),
              required=False),
    ),
    key="filing_no", on="date", amount="sales", subject="firm", counterparty=None, by=OFFICE, label=("grade",),
    measures=(number("tax_paid"), level("arrears"), number("rd_spend"), number("tax_due")),
)  # fmt: skip
COURT = FactKind(
    "court.records",
    Text("司法信息", "Court record"),
    (
        RECORD_NO,
        Field("case_no", Text("案号", "Case no."), text),
        FIRM, DATE,
        Field("matter", Text("事项", "Matter"),
              choice(clear="查无记录", defaulter="失信被执行人", enforcement="被执行", lawsuit="涉诉",
                     equity_freeze="股权冻结", spending_limit="限制高消费")),
        Field("status", Text("状态", "Status"), choice(open="在列/未结/生效", closed="已移出/已结/解除")),
        Field("amount", Text("标的金额", "Amount"), amount, required=False),
    ),
    key="record_no", on="date", amount="amount", subject="firm", counterparty=None, by=OFFICE, public=True,
    state=True, thing="case_no", label=("matter", "status"), months=60,
)  # fmt: skip
SOCIAL = FactKind(
    "social.payroll",
    Text("社保缴费", "Social insurance"),
    (
        RECORD_NO, FIRM, PERIOD_END,
        Field("headcount", Text("参保人数", "Insured staff"), quantity),
        Field("payroll", Text("缴费工资总额", "Wages"), amount, aliases=("工资总额",)),
        Field("paid", Text("实缴金额", "Paid"), amount),
    ),
    key="record_no", on="date", amount="payroll", subject="firm", counterparty=None, by=OFFICE,
    measures=(level("headcount"), number("paid")),
)  # fmt: skip
UTILITY = FactKind(
    "utility.usage",
    Text("水电气用量", "Utility usage"),
    (
        RECORD_NO, FIRM, PERIOD_END,
        Field("utility", Text("种类", "Utility"), choice(electricity="电", water="水", gas="气")),
        Field("quantity", Text("用量", "Quantity"), quantity),
        Field("bill", Text("账单金额", "Bill"), amount),
        Field("arrears", Text("欠费", "Arrears"), amount, required=False),
    ),
    key="record_no", on="date", amount="bill", subject="firm", counterparty=None, by=OFFICE, label=("utility",),
    measures=(number("quantity"), level("arrears")),
)  # fmt: skip
EXPORT = FactKind(
    "export.declaration",
    Text("出口报关", "Export declaration"),
    (
        Field("declaration_no", Text("报关单号", "Declaration no."), text),
        FIRM,
        Field("date", Text("出口日期", "Date"), date, aliases=("日期",)),
        Field("amount", Text("离岸价", "FOB value"), amount, aliases=("金额",)),
    ),
    key="declaration_no", on="date", amount="amount", subject="firm", counterparty=None, by=OFFICE,
)  # fmt: skip
PRODUCTION = FactKind(
    "production.status",
    Text("生产状态", "Production status"),
    (
        RECORD_NO, FIRM, DATE,
        Field("status", Text("状态", "Status"), choice(running="正常", reduced="减产", stopped="停产")),
        Field("cause", Text("原因", "Cause"), text, required=False),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=(*OFFICE, "treasury"), public=True,
    state=True, label=("status",), months=12,
)  # fmt: skip
SHOCK = FactKind(
    "shock.list",
    Text("受影响企业名单", "List of affected firms"),
    (
        RECORD_NO, FIRM, DATE,
        Field("shock", Text("事件", "Shock"), text),
        Field("status", Text("状态", "Status"), choice(listed="列入", removed="移出", not_listed="未列入")),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=("government", "treasury"), public=True,
    state=True, thing="shock", label=("status",), months=24,
)  # fmt: skip
STAFF = FactKind(
    "staff.records",
    Text("人员结构", "Staff"),
    (
        RECORD_NO, FIRM, DATE,
        Field("headcount", Text("员工人数", "Staff"), quantity),
        Field("masters", Text("硕士以上人数", "With a master's degree or more"), quantity),
        Field("rd_staff", Text("研发人员数", "R&D staff"), quantity),
    ),
    key="record_no", on="date", subject="firm", counterparty=None, by=("subject", *OFFICE), state=True,
    measures=(number("headcount"), number("masters"), number("rd_staff")),
)  # fmt: skip
STATEMENT = FactKind(
    "accounts.statement",
    Text("财务报表", "Accounts"),
    (
        Field("statement_no", Text("报表编号", "Statement no."), text, aliases=("编号",)),
        FIRM, PERIOD_END,
        Field("revenue", Text("营业收入", "Revenue"), amount),
        Field("net_profit", Text("净利润", "Net profit"), amount),
        Field("assets", Text("资产总额", "Assets"), amount),
        Field("liabilities", Text("负债总额", "Liabilities"), amount),
        Field("debt_service", Text("本期还本付息", "Debt service of the period"), amount, required=False),
    ),
    key="statement_no", on="date", amount="revenue", subject="firm", counterparty=None, by=("subject", *OFFICE),
    measures=(number("net_profit"), level("assets"), level("liabilities"), number("debt_service")),
)  # fmt: skip
REPAYMENT = FactKind(
    "repayment.record",
    Text("还款记录", "Repayment record"),
    (
        RECORD_NO, FIRM,
        Field("date", Text("到期日", "Due date"), date, aliases=("日期",)),
        Field("product", Text("品种", "Product"), choice(loan="贷款", note="链单", rent="租金")),
        Field("due", Text("应还金额", "Due"), amount),
        Field("late", Text("是否逾期", "Late"), flag),
        Field("unpaid", Text("是否仍未还清", "Still unpaid"), flag),
    ),
    key="record_no", on="date", amount="due", subject="firm", counterparty=None,
    by=("bank", "lessor", "factor", "fund", "guarantor", "treasury"), label=("product",),
    measures=(is_one("late", "yes"), is_one("unpaid", "yes")),
)  # fmt: skip

OFFICIAL = (
    REGISTRATION, QUALIFICATION, TAX_FILING, COURT, SOCIAL, UTILITY, EXPORT, PRODUCTION, SHOCK, STAFF, STATEMENT,
    REPAYMENT,
)  # fmt: skip
