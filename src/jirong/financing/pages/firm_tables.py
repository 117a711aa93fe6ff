"""Lists of the firm's side: products, applications, contracts, loans, consents, its features.

Rows carry ``today`` and whatever their query annotated, so that a page is one query; small computed lists (products,
features) are plain values.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.financing.pages import firm_reads, shared
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.web import display, parts, tables

STATUS = "financing/_status_cell.html"
FITS = {
    "fits": Text("现在就符合", "I fit now"),
    "lacks": Text("还差资料", "Something is missing"),
    "refer": Text("须人工判断", "People decide"),
    "not": Text("暂不符合", "I do not fit"),
}


def options(words: dict[str, Text]) -> list[tuple[str, display.Label]]:
    return list(words.items())


@dataclass(frozen=True)
class Product:
    """A policy as a product, with what the firm would be answered now."""

    id: uuid.UUID
    title: Text
    lender: Text
    fit: str
    status: parts.Status
    amount: Money | None
    annual: Decimal | None
    first: Money | None
    tenor: Text
    repay: Text
    security: Text
    needs: Text
    automatic: bool
    place: int = 0

    @property
    def names(self) -> str:
        """What a search looks through."""
        return f"{self.title.zh} {self.title.en} {self.lender.zh} {self.lender.en}"


class ProductTable(tables.Table):
    name, title = "products", _("融资产品")
    columns = (
        tables.Column("title", _("产品"), primary=True, link=lambda row: reverse("firm_product", args=[row.id])),
        tables.Column("lender", _("贷款人"), sort="lender.zh"),
        tables.Column("fit", _("是否符合"), value="status", template=STATUS, sort="fit"),
        tables.Column("amount", _("我能得到（元）"), kind="money", sort="amount"),
        tables.Column("annual", _("真实年化"), kind="rate", sort="annual"),
        tables.Column("first", _("首期还款（元）"), kind="money", sort="first", optional=True),
        tables.Column("tenor", _("期限")),
        tables.Column("repay", _("还款方式")),
        tables.Column("security", _("担保"), optional=True),
        tables.Column("needs", _("需要"), optional=True),
    )
    filters = (
        tables.Search("q", _("产品或贷款人"), ("names",)),
        tables.Choice("fit", _("是否符合"), options(FITS)),
        tables.MoneyRange("amount", _("我能得到"), "amount"),
    )
    order = ("place", "id")
    empty = _("还没有贷款人开办产品。贷款人签署授信政策后，产品会列在这里，并当场告诉您是否符合。")


class ApplicationTable(tables.Table):
    name, title = "applications", _("融资申请")
    columns = (
        tables.Column("product", _("产品"), value=lambda row: shared.title_of(row.policy), primary=True,
                      link=lambda row: application_url(row), sort="policy__scheme__title"),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.policy.lender), sort="policy__lender__name"),
        tables.Column("asked", _("申请金额（元）"), kind="money", value="asked_minor", sort="asked_minor"),
        tables.Column("months", _("期限（月）"), kind="number", optional=True),
        tables.Column("state", _("状态"), value=lambda row: shared.application_status(row, row.today), template=STATUS, sort="state"),
        tables.Column("recorded_at", _("时间"), kind="moment", sort="recorded_at"),
    )  # fmt: skip
    filters = (
        tables.Search(
            "q", _("产品或贷款人"), ("policy__scheme__title", "policy__scheme__title_en", "policy__lender__name")
        ),
        tables.Choice("state", _("状态"), options(shared.APPLICATION_STATES)),
        tables.MoneyRange("asked", _("申请金额"), "asked_minor"),
        tables.DateRange("recorded", _("时间"), "recorded_at__date"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有申请。先看哪些产品符合，三分钟填完，一秒钟得到答复。")
    empty_action = (_("看融资产品"), "/credit/products/")


def application_url(row: Any) -> str:
    return reverse("firm_ask" if row.state == "draft" else "firm_application", args=[row.pk])


@dataclass(frozen=True)
class Offered:
    """An offer as a row of the comparison: what it costs as it stands, and by the two usual ways of repaying."""

    id: uuid.UUID
    title: Text
    lender: Text
    amount: Money
    limit: Money
    rate: Decimal
    annual: Decimal
    repay: Text
    months: Text
    first: Money
    last: Money
    interest: Money
    by_annuity: Money | None
    by_principal: Money | None
    until: datetime.date
    status: parts.Status
    cheapest: bool = False

    @property
    def names(self) -> str:
        return f"{self.title.zh} {self.title.en} {self.lender.zh} {self.lender.en}"

    @property
    def total(self) -> Money:
        """Everything paid over the whole time."""
        return self.amount + self.interest


class OfferTable(tables.Table):
    name, title = "offers", _("待签署的方案")
    columns = (
        tables.Column("title", _("产品"), primary=True, link=lambda row: reverse("firm_application", args=[row.id])),
        tables.Column("lender", _("贷款人"), sort="lender.zh"),
        tables.Column("amount", _("金额（元）"), kind="money", sort="amount"),
        tables.Column("annual", _("真实年化"), kind="rate", sort="annual"),
        tables.Column("rate", _("合同利率"), kind="rate", sort="rate", optional=True),
        tables.Column("interest", _("利息合计（元）"), kind="money", sort="interest"),
        tables.Column("first", _("首期还款（元）"), kind="money", sort="first"),
        tables.Column("repay", _("还款方式")),
        tables.Column("until", _("有效至"), kind="date", sort="until"),
    )
    filters = (
        tables.Search("q", _("产品或贷款人"), ("names",)),
        tables.MoneyRange("amount", _("金额"), "amount"),
        tables.DateRange("until", _("有效至"), "until"),
    )
    order = ("until", "id")
    empty = _("没有待签署的方案。提交申请并获批后，各家的方案并排列在这里。")
    empty_action = (_("看融资产品"), "/credit/products/")


class ContractTable(tables.Table):
    name, title = "contracts", _("合同与额度")
    columns = (
        tables.Column("product", _("产品"), value=lambda row: shared.title_of(row.policy), primary=True,
                      link=lambda row: reverse("firm_contract", args=[row.pk])),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), sort="lender__name"),
        tables.Column("limit", _("额度（元）"), kind="money", value=lambda row: row.limit_minor - row.lowered_minor, sort="limit_minor"),
        tables.Column("used", _("已用（元）"), kind="money", value="in_use_minor", sort="in_use_minor"),
        tables.Column("left", _("可提（元）"), kind="money", value=lambda row: free_minor(row, row.today), sort="left_minor"),
        tables.Column("annual", _("真实年化"), kind="rate", value="annual_rate", sort="annual_rate"),
        tables.Column("ends", _("可提款至"), kind="date", sort="ends", optional=True),
        tables.Column("status", _("状态"), value=lambda row: shared.contract_status(row, row.today), template=STATUS, sort="status"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("产品或贷款人"), ("policy__scheme__title", "policy__scheme__title_en", "lender__name")),
        tables.Choice("status", _("状态"), options(shared.CONTRACT_STATES)),
        tables.DateRange("ends", _("可提款至")),
        tables.MoneyRange("limit", _("额度"), "limit_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有合同。方案签署后，合同和额度列在这里，可以提款和还款。")
    empty_action = (_("看融资产品"), "/credit/products/")


def free_minor(row: Any, today: datetime.date) -> int:
    """What may be drawn today; nothing once the time for drawing is over, the limit frozen or something late."""
    if row.status != "live" or row.how == "once" or row.ends < today or row.late:
        return 0
    return max(0, firm_reads.left_minor(row))


class DrawingTable(tables.Table):
    """The loans of one contract, on its page."""

    name, title = "loans", _("提款")
    columns = (
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), primary=True, sort="lender__name",
                      link=lambda row: reverse("firm_loan", args=[row.pk])),
        tables.Column("product", _("产品"), value=lambda row: shared.title_of(row.contract.policy) if row.contract else None),
        tables.Column("principal", _("借款（元）"), kind="money", value="principal_minor", sort="principal_minor"),
        tables.Column("left", _("未还本金（元）"), kind="money", value="principal_left_minor", sort="principal_left_minor"),
        tables.Column("rate", _("合同利率"), kind="rate", value=lambda row: Decimal(row.rate_e6) / 1_000_000, sort="rate_e6"),
        tables.Column("next_due", _("下次还款"), kind="date", sort="next_due"),
        tables.Column("started", _("放款日"), kind="date", sort="started", optional=True),
        tables.Column("status", _("状态"), value=lambda row: shared.loan_status(row, row.today), template=STATUS, sort="status"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("贷款人"), ("lender__name", "lender__name_en")),
        tables.Choice("status", _("状态"), options(shared.LOAN_STATES)),
        tables.DateRange("next_due", _("下次还款")),
        tables.MoneyRange("principal", _("借款"), "principal_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有提款。提款并由银行放款后，每笔贷款列在这里。")


class LoanTable(DrawingTable):
    """Every loan the firm owes."""

    title = _("贷款")
    empty = _("还没有贷款。提款并由银行放款后，每笔贷款的还款计划列在这里。")
    empty_action = (_("看融资产品"), "/credit/products/")


class ScheduleTable(tables.Table):
    """Instalments still to come; rows are the instruments' lines."""

    name, title, prefix = "schedule", _("还款计划"), "plan-"
    columns = (
        tables.Column("number", _("期次"), kind="number", primary=True, sort="number"),
        tables.Column("due", _("还款日"), kind="date", sort="due"),
        tables.Column("amount", _("应还（元）"), kind="money", sort="amount"),
        tables.Column("principal", _("本金（元）"), kind="money", sort="principal"),
        tables.Column("interest", _("利息（元）"), kind="money", sort="interest"),
        tables.Column("balance", _("还后余额（元）"), kind="money", sort="balance", optional=True),
    )
    filters = (tables.DateRange("due", _("还款日"), "due"),)
    order = ("number",)
    page_rows = 60
    empty = _("没有待还的期次。")


class ConsentTable(tables.Table):
    name, title = "consents", _("数据授权")
    columns = (
        tables.Column("grantee", _("授权给"), value=lambda row: labels.name_of(row.grantee), primary=True, sort="grantee__name",
                      link=lambda row: reverse("firm_consent", args=[row.pk])),
        tables.Column("purpose", _("用于"), value=lambda row: shared.purpose_words(row.purpose), sort="purpose"),
        tables.Column("scope", _("可读取"), value=lambda row: labels.joined(shared.kind_title(code) for code in row.scope)),
        tables.Column("since", _("起"), kind="date", value=lambda row: row.valid.lower, sort="first_on"),
        tables.Column("until", _("止"), kind="date", value=lambda row: last_day(row), sort="end_on"),
        tables.Column("state", _("状态"), value=lambda row: consent_status(row, row.today), template=STATUS),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("单位"), ("grantee__name", "grantee__name_en")),
        tables.Choice("purpose", _("用于"), options(shared.PURPOSES)),
        tables.DateRange("until", _("截止"), "end_on"),
    )
    order = ("-recorded_at", "-id")
    empty = _("您还没有授权任何单位读取数据。申请融资时，会逐项列出需要读取什么，由您决定。")


def last_day(row: Any) -> datetime.date | None:
    """The last day a consent is good for."""
    return row.valid.upper - datetime.timedelta(days=1) if row.valid.upper else None


def consent_status(row: Any, today: datetime.date) -> parts.Status:
    if row.withdrawn_at:
        day = display.date(row.withdrawn_at)
        return parts.Status(
            Text("已撤回", "Withdrawn"), Text(f"{day}起不再读取", f"nothing is read since {day}"), "plain"
        )
    last = last_day(row)
    if last and last < today:
        return parts.Status(Text("已到期", "Ended"), tone="plain")
    if row.valid.lower > today:
        return parts.Status(Text("未开始", "Not begun"), tone="plain")
    if last is None:
        return parts.Status(Text("有效", "In force"), tone="good")
    left = shared.days_words(last, today)
    return parts.Status(Text("有效", "In force"), Text(f"至{left.zh}", f"until {left.en}"), "good")


@dataclass(frozen=True)
class Feature:
    """A feature of the firm as a row: its value in words, how it moved in half a year, how old its facts are."""

    code: str
    title: Text
    group: str
    value: Text
    number: Decimal | None
    before: Decimal | None
    known: str
    fresh_on: datetime.date | None
    sources: Text
    asked: bool

    @property
    def names(self) -> str:
        return f"{self.title.zh} {self.title.en} {self.code}"

    @property
    def change(self) -> Decimal | None:
        """The relative change over half a year; None where there is nothing to compare."""
        if self.number is None or self.before is None or not self.before:
            return None
        return (self.number - self.before) / abs(self.before)


GROUPS = {
    "trade": Text("经营与交易", "Trade"),
    "risk": Text("信用与风险", "Credit and risk"),
    "innovation": Text("创新能力", "Innovation"),
}


class FeatureTable(tables.Table):
    name, title = "features", _("我的指标")
    columns = (
        tables.Column(
            "title", _("指标"), primary=True, link=lambda row: reverse("firm_feature", args=[row.code]), sort="code"
        ),
        tables.Column("value", _("数值")),
        tables.Column("change", _("较半年前"), template="financing/_change_cell.html", sort="change"),
        tables.Column(
            "group", _("类别"), value=lambda row: GROUPS.get(row.group, row.group), sort="group", optional=True
        ),
        tables.Column("sources", _("来源")),
        tables.Column("fresh_on", _("截至"), kind="date", sort="fresh_on"),
        tables.Column("asked", _("贷款人在看"), value=lambda row: row.asked, sort="asked"),
    )
    filters = (
        tables.Search("q", _("指标"), ("names",)),
        tables.Choice(
            "known", _("是否有数"), options({key: text for key, text in shared.KNOWN.items() if key != "withheld"})
        ),
        tables.Choice("group", _("类别"), options(GROUPS)),
    )
    order = ("code",)
    page_rows = 50
    empty = _("没有指标符合筛选条件。")
