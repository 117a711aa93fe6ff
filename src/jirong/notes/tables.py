"""Lists of this room: notes, lots, offers, loans, invoices with what is free of them, trades.

Rows carry ``today`` (the business date) and the names they show, annotated by their query, so that a page is one query.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.kernel.text import Text
from jirong.notes import shown
from jirong.notes.models import Note
from jirong.parties import labels
from jirong.web import display, tables

STATUS = "notes/_status_cell.html"


def options(words: dict[str, Text], *only: str) -> list[tuple[str, display.Label]]:
    return [(key, text) for key, text in words.items() if not only or key in only]


def note_url(row: Note) -> str:
    return reverse("note", args=[row.pk])


class NoteTable(tables.Table):
    name, title = "notes", _("链单")
    columns = (
        tables.Column("number", _("链单号"), sort="number", primary=True, link=note_url),
        tables.Column("issuer", _("开立人"), value=lambda row: labels.name_of(row.issuer), sort="issuer__name"),
        tables.Column("payee", _("收款人"), value=lambda row: labels.name_of(row.payee), sort="payee__name"),
        tables.Column("amount", _("金额（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("outstanding", _("未付余额（元）"), kind="money", value="outstanding_minor", sort="outstanding_minor"),
        tables.Column("due", _("到期日"), kind="date", sort="due"),
        tables.Column("status", _("状态"), value=lambda row: shown.note_status(row, row.today), template=STATUS, sort="status"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("链单号或企业"), ("number", "issuer__name", "payee__name")),
        tables.Choice("status", _("状态"), options(shown.NOTE_STATES)),
        tables.DateRange("due", _("到期日")),
        tables.MoneyRange("amount", _("金额"), "amount_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有链单。核心企业在发票三单匹配后开立链单，供应商签收后即可转让、质押或贴现。")


class MaturityTable(tables.Table):
    name, title = "maturities", _("到期清单")
    columns = (
        tables.Column("number", _("链单号"), sort="number", primary=True, link=note_url),
        tables.Column("payee", _("原收款人"), value=lambda row: labels.name_of(row.payee), sort="payee__name"),
        tables.Column(
            "outstanding", _("应付（元）"), kind="money", value="outstanding_minor", sort="outstanding_minor"
        ),
        tables.Column("due", _("到期日"), kind="date", sort="due"),
        tables.Column("status", _("状态"), value=lambda row: shown.note_status(row, row.today), template=STATUS),
        tables.Column("pay", _("办理"), value=lambda row: row, template="notes/_pay_cell.html"),
    )
    filters = (
        tables.Search("q", _("链单号或企业"), ("number", "payee__name")),
        tables.DateRange("due", _("到期日")),
        tables.MoneyRange("amount", _("金额"), "outstanding_minor"),
    )
    order = ("due", "id")
    empty = _("没有待付的链单。供应商签收后，链单按到期日列在这里。")


class LotTable(tables.Table):
    """Rows of ``queries.lots_shown``."""

    name, title = "lots", _("份额")
    columns = (
        tables.Column("number", _("所属链单"), sort="number", primary=True, link=lambda row: reverse("lot", args=[row.pk])),
        tables.Column("issuer_name", _("开立人"), value=lambda row: Text(row.issuer_name, row.issuer_name_en or row.issuer_name),
                      sort="issuer_name"),
        tables.Column("tier", _("级次"), kind="number", sort="tier", optional=True),
        tables.Column("outstanding", _("余额（元）"), kind="money", value="outstanding_minor", sort="outstanding_minor"),
        tables.Column("free", _("可用（元）"), kind="money",
                      value=lambda row: 0 if row.pledgee or row.frozen_by else row.outstanding_minor - row.reserved_minor),
        tables.Column("due", _("到期日"), kind="date", sort="due"),
        tables.Column("state", _("状态"), value=lambda row: lot_row_status(row), template=STATUS),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("链单号或企业"), ("number", "issuer_name")),
        tables.Choice("state", _("状态"), options(shown.LOT_STATES, "offered", "held", "overdue", "settled", "moved")),
        tables.DateRange("due", _("到期日")),
        tables.MoneyRange("amount", _("余额"), "outstanding_minor"),
    )
    order = ("due", "id")
    empty = _("手里还没有份额。签收链单或接受转让后，份额会列在这里，可以转让付款、质押贷款或贴现。")
    empty_action = (_("看链单"), "/notes/")


def lot_row_status(row: Any) -> Any:
    """How a lot stands; the page names the holders in one query, an export the pledgee alone."""
    names = getattr(row, "names", None)
    if names is None:
        names = {row.pledgee: Text(row.pledgee_name, row.pledgee_name)} if row.pledgee and row.pledgee_name else {}
    return shown.lot_status(row, names, row.today)


class OfferTable(tables.Table):
    name, title = "offers", _("要约")
    columns = (
        tables.Column("number", _("所属链单"), value="note.number", primary=True, link=lambda row: reverse("offer", args=[row.pk])),
        tables.Column("purpose", _("用途"), value=lambda row: shown.PURPOSES[row.purpose], sort="purpose"),
        tables.Column("by", _("提出方"), value=lambda row: labels.name_of(row.by), sort="by__name"),
        tables.Column("to", _("答复方"), value=lambda row: labels.name_of(row.to), sort="to__name", optional=True),
        tables.Column("amount", _("份额（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("loan", _("贷款（元）"), kind="money", value="loan_minor", sort="loan_minor", optional=True),
        tables.Column("rate", _("年化"), kind="rate", value=lambda row: row.loan_rate if row.loan_rate is not None else row.rate),
        tables.Column("expires_on", _("有效期至"), kind="date", sort="expires_on"),
        tables.Column("state", _("状态"), value=lambda row: shown.offer_status(row, row.today), template=STATUS, sort="state"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("链单号或企业"), ("note__number", "by__name", "to__name")),
        tables.Choice("purpose", _("用途"), options(shown.PURPOSES)),
        tables.Choice("state", _("状态"), options(shown.OFFER_STATES)),
        tables.DateRange("expires", _("有效期"), "expires_on"),
    )
    order = ("-recorded_at", "-id")
    empty = _("没有要约。持有份额的企业提出转让、质押贷款或贴现后，要约会出现在双方这里。")
    empty_action = (_("看份额"), "/lots/")


class LoanTable(tables.Table):
    """Rows carry ``paid`` by claim kind once the page is known."""

    name, title = "loans", _("质押贷款")
    columns = (
        tables.Column("borrower", _("借款人"), value=lambda row: labels.name_of(row.borrower), sort="borrower__name", primary=True,
                      link=lambda row: reverse("loan", args=[row.pk])),
        tables.Column("lender", _("贷款人"), value=lambda row: labels.name_of(row.lender), sort="lender__name"),
        tables.Column("number", _("质押链单"), value="offer.note.number", optional=True),
        tables.Column("principal", _("本金（元）"), kind="money", value="principal_minor", sort="principal_minor"),
        tables.Column("rate", _("年化"), kind="rate", sort="rate"),
        tables.Column("due", _("到期日"), kind="date", sort="due"),
        tables.Column("status", _("状态"), value=lambda row: shown.loan_status(row, row.today), template=STATUS, sort="status"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("链单号或企业"), ("offer__note__number", "borrower__name", "lender__name")),
        tables.Choice("status", _("状态"), options(shown.LOAN_STATES)),
        tables.DateRange("due", _("到期日")),
        tables.MoneyRange("principal", _("本金"), "principal_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("没有质押贷款。企业以份额申请贷款、银行放款后列在这里。")
    empty_action = (_("看份额"), "/lots/")


class InvoiceTable(tables.Table):
    """Rows carry ``free`` (minor units) once the page is known: one more query for all of them."""

    name, title = "invoices", _("发票")
    columns = (
        tables.Column("key", _("发票号码"), sort="key", primary=True, link=lambda row: reverse("document", args=[row.pk])),
        tables.Column("subject", _("卖方"), value=lambda row: labels.name_of(row.subject), sort="subject__name"),
        tables.Column("counterparty", _("买方"), value=lambda row: labels.name_of(row.counterparty), sort="counterparty__name"),
        tables.Column("order_no", _("订单号"), link=lambda row: reverse("trade", args=[row.subject_id, row.order_no]) if row.order_no else None),
        tables.Column("amount", _("价税合计（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("free", _("未付可用（元）"), kind="money", value=lambda row: getattr(row, "free", None)),
        tables.Column("on", _("开票日"), kind="date", sort="on"),
        tables.Column("act", _("办理"), value=lambda row: row, template="notes/_issue_cell.html"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("发票号码或企业"), ("key", "order_no", "subject__name", "counterparty__name")),
        tables.DateRange("on", _("开票日")),
        tables.MoneyRange("amount", _("金额"), "amount_minor"),
    )
    order = ("-on", "-id")
    empty = _("还没有发票。上传发票文件后，每张发票的未付余额和可用金额列在这里。")
    empty_action = (_("上传文件"), "/documents/import")


class TradeTable(tables.Table):
    name, title = "trades", _("交易")
    columns = (
        tables.Column("key", _("订单号"), sort="key", primary=True, link=lambda row: reverse("trade", args=[row.subject_id, row.key])),
        tables.Column("subject", _("卖方"), value=lambda row: labels.name_of(row.subject), sort="subject__name"),
        tables.Column("counterparty", _("买方"), value=lambda row: labels.name_of(row.counterparty), sort="counterparty__name"),
        tables.Column("amount", _("订单金额（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("on", _("签订日"), kind="date", sort="on"),
        tables.Column("match", _("三单匹配"), value=lambda row: getattr(row, "matched", None), template="notes/_match_cell.html"),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("订单号或企业"), ("key", "subject__name", "counterparty__name")),
        tables.DateRange("on", _("签订日")),
    )
    order = ("-on", "-id")
    empty = _("还没有交易。上传订单、发货、验收和发票后，每笔交易的匹配情况列在这里。")
    empty_action = (_("上传文件"), "/documents/import")
