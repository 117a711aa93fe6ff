"""Lists of this room: assets, security one gave or holds, contracts with security."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.collateral import demands, shown
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.web import display, tables

STATUS = "collateral/_status_cell.html"


def options(words: dict[str, Text]) -> list[tuple[str, display.Label]]:
    return list(words.items())


class AssetTable(tables.Table):
    """Rows of ``queries.assets_shown``: with their live agreements (``live``) and the day (``today``)."""

    name, title = "assets", _("押品")
    columns = (
        tables.Column("title", _("押品"), sort="title", primary=True, link=lambda row: reverse("asset", args=[row.pk])),
        tables.Column("kind", _("种类"), value=lambda row: shown.kind_title(row.kind), sort="kind"),
        tables.Column(
            "owner", _("所有人"), value=lambda row: labels.name_of(row.owner), sort="owner__name", optional=True
        ),
        tables.Column("usable", _("折后可用（元）"), kind="money", value="usable_minor", sort="usable_minor"),
        tables.Column("promised", _("已占用（元）"), kind="money", value="promised_minor", sort="promised_minor"),
        tables.Column("valued_on", _("估值日"), kind="date", sort="valued_on", optional=True),
        tables.Column(
            "state", _("状态"), value=lambda row: shown.asset_status(row, row.live, row.today), template=STATUS
        ),
    )
    filters = (
        tables.Search("q", _("名称、编号或所有人"), ("title", "number", "owner__name")),
        tables.Choice("kind", _("种类"), options(demands.TITLES)),
        tables.MoneyRange("usable", _("折后可用"), "usable_minor"),
        tables.DateRange("valued_on", _("估值日")),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有押品。登记专利、存货、设备、应收账款等，估值后即可用来担保融资。")
    empty_action = (_("登记押品"), "/collateral/assets/record")


class PledgeTable(tables.Table):
    name, title = "pledges", _("担保")
    columns = (
        tables.Column("asset", _("押品"), value=lambda row: row.asset.title, sort="asset__title", primary=True,
                      link=lambda row: reverse("pledge", args=[row.pk])),
        tables.Column("owner", _("所有人"), value=lambda row: labels.name_of(row.owner), sort="owner__name"),
        tables.Column("holder", _("债权人"), value=lambda row: labels.name_of(row.holder), sort="holder__name"),
        tables.Column("secured", _("最高担保额（元）"), kind="money", value="secured_minor", sort="secured_minor"),
        tables.Column("share", _("占用价值（元）"), kind="money", value="share_minor", sort="share_minor"),
        tables.Column("state", _("状态"), sort="state", template=STATUS,
                      value=lambda row: shown.agreement_status(row, row.asset.kind, row.today)),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("押品、企业或登记号"), ("asset__title", "owner__name", "holder__name", "register_number")),
        tables.Choice("state", _("状态"), options(shown.STATES)),
        tables.MoneyRange("secured", _("最高担保额"), "secured_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有担保。企业在押品页面提出质押或抵押，债权人签署并登记后列在这里。")
    empty_action = (_("看押品"), "/collateral/assets/")


class SecuredTable(tables.Table):
    name, title = "securities", _("合同担保")
    columns = (
        tables.Column("title", _("合同"), value=shown.secured_title, sort="title", primary=True,
                      link=lambda row: reverse("security", args=[row.pk])),
        tables.Column("borrower", _("借款人"), value=lambda row: labels.name_of(row.borrower), sort="borrower__name"),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), sort="lender__name", optional=True),
        tables.Column("limit", _("额度（元）"), kind="money", value="limit_minor", sort="limit_minor"),
        tables.Column("demands", _("要求的担保"),
                      value=lambda row: labels.joined(demands.TITLES[item["kind"]] for item in row.demands)),
        tables.Column("opened_on", _("签订日"), kind="date", sort="opened_on"),
        tables.Column("call", _("补充押品"), value=shown.call_status, template=STATUS),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("合同或企业"), ("title", "borrower__name", "lender__name")),
        tables.DateRange("opened_on", _("签订日")),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有要求押品的合同。方案要求质押的合同签订后，其担保情况列在这里。")
