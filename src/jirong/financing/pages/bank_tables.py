"""The lender's lists: pipeline, loans of the book, and the small tables that are a chart's or a figure's rows."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.financing.models import APPLICATION_STATES, LOAN_STATES, UNSENT_APPLICATIONS
from jirong.financing.pages import shared
from jirong.instruments.portfolio.classes import CLASSES
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.web import tables

STATUS = "financing/bank_status.html"
CLASS_NAMES = (
    Text("正常", "Pass"), Text("关注", "Special mention"), Text("次级", "Substandard"), Text("可疑", "Doubtful"),
    Text("损失", "Loss"),
)  # fmt: skip
CLASS_TONES = ("good", "wait", "bad", "bad", "bad")
assert len(CLASS_NAMES) == len(CLASSES)


def class_choices() -> list[tuple[str, Text]]:
    return [(str(code), name) for code, name in enumerate(CLASS_NAMES)]


class PipelineTable(tables.Table):
    """Rows of ``bank_reads.pipeline`` carrying ``today``."""

    name, title = "pipeline", _("申请")
    columns = (
        tables.Column("borrower", _("申请企业"), value=lambda row: labels.name_of(row.borrower), sort="borrower__name", primary=True,
                      link=lambda row: f"{reverse('bank_desk')}?file={row.pk}"),
        tables.Column("policy", _("政策"), value=lambda row: shared.title_of(row.policy), sort="policy__scheme__title"),
        tables.Column("asked", _("申请金额（元）"), kind="money", value="asked_minor", sort="asked_minor"),
        tables.Column("level", _("等级"), optional=True),
        tables.Column("recorded_at", _("提交时间"), kind="moment", sort="recorded_at"),
        tables.Column("decided_at", _("最近决定"), kind="moment", optional=True),
        tables.Column("offered_until", _("报价至"), kind="date", sort="offered_until", optional=True),
        tables.Column("state", _("状态"), value=lambda row: shared.APPLICATION_STATES[row.state], sort="state"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("企业名称"), ("borrower__name",)),
        tables.Choice(
            "state",
            _("状态"),
            [(s, shared.APPLICATION_STATES[s]) for s in APPLICATION_STATES if s not in UNSENT_APPLICATIONS],
        ),
        tables.DateRange("recorded", _("提交日"), "recorded_at__date"),
        tables.MoneyRange("asked", _("申请金额"), "asked_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有申请。签署授信政策后，企业的申请列在这里。")


class BookTable(tables.Table):
    """Loans of the lender; the view narrows by whatever else the address names (debtor, policy, cluster, ever late)."""

    name, title = "book", _("贷款")
    columns = (
        tables.Column("borrower", _("借款人"), value=lambda row: labels.name_of(row.borrower), sort="borrower__name", primary=True,
                      link=lambda row: reverse("bank_loan", args=[row.pk])),
        tables.Column("principal", _("发放本金（元）"), kind="money", value="principal_minor", sort="principal_minor", optional=True),
        tables.Column("left", _("本金余额（元）"), kind="money", value="held_minor", sort="held_minor"),
        tables.Column("rate", _("年利率"), kind="rate", value=lambda row: Decimal(row.rate_e6) / 1_000_000, sort="rate_e6"),
        tables.Column("level", _("等级"), sort="level", optional=True),
        tables.Column("started", _("放款日"), kind="date", sort="started"),
        tables.Column("next_due", _("下次还款"), kind="date", sort="next_due"),
        tables.Column("class", _("五级分类"), value=lambda row: CLASS_NAMES[row.loan_class], sort="loan_class"),
        tables.Column("status", _("状态"), value=lambda row: shared.loan_status(row, row.today), template=STATUS),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("企业名称"), ("borrower__name",)),
        tables.Choice("status", _("状态"), [(s, shared.LOAN_STATES[s]) for s in LOAN_STATES]),
        tables.Choice("class", _("五级分类"), class_choices, "loan_class"),
        tables.DateRange("started", _("放款日")),
        tables.DateRange("next_due", _("下次还款")),
        tables.MoneyRange("left", _("本金余额"), "held_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有贷款。企业签约放款后，贷款列在这里。")


class Rows(tables.Table):
    """A table over dicts that a page has computed; ``columns`` are given when it is made."""

    page_rows = 200
    order = ("place",)

    def __init__(
        self,
        request: Any,
        rows: Sequence[dict[str, Any]],
        columns: Sequence[tables.Column],
        *,
        name: str,
        title: Any,
        empty: Any = "",
    ) -> None:
        self.name, self.title, self.empty, self.prefix = name, title, empty, f"{name}_"  # type: ignore[misc]
        self.columns = tuple(columns)  # type: ignore[misc]
        super().__init__(request, [{"place": place, **row} for place, row in enumerate(rows)])


def column(key: str, label: Any, kind: str = "text", **more: Any) -> tables.Column:
    """A column of a dict's key; ``href`` of the same dict (``<key>_href``) leads to the rows behind the figure."""
    return tables.Column(
        key, label, kind=kind, value=lambda row: row.get(key), link=lambda row: row.get(f"{key}_href") or None, **more
    )


def book_url(**asked: Any) -> str:
    """The list of loans behind a figure."""
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    for name, value in asked.items():
        if value is not None:
            query[name] = value.isoformat() if isinstance(value, datetime.date) else str(value)
    return f"{reverse('bank_loans')}?{query.urlencode()}"


def level_name(level: str) -> Text:
    return Text(level, level) if level else Text("未评级", "no level")


def percent_of(part: int, whole: int) -> Any:
    return Money(part).major / Money(whole).major if whole else None


def policy_key(policy: uuid.UUID | None) -> str:
    return str(policy) if policy else "none"
