"""Trades and invoices: how order, delivery, acceptance and invoice agree, and what of an invoice is still free."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.facts import kinds
from jirong.facts import queries as facts
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import backing, tables
from jirong.parties import guard, labels
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting("firm", "core")
def trade_list(request: HttpRequest) -> HttpResponseBase:
    table = tables.TradeTable(request, facts.orders(actor_of(request)))
    shown_rows = table.page.items
    trades = {(t.seller, t.order_no): t for t in facts.trades_of({(row.subject_id, row.key) for row in shown_rows})}
    for row in shown_rows:
        trade = trades.get((row.subject_id, row.key))
        row.matched = _status(trade) if trade else None
    return web_tables.respond(request, "notes/trades.html", table)


@guard.acting("firm", "core")
def invoice_list(request: HttpRequest) -> HttpResponseBase:
    """Invoices with what is free of each; the buyer may issue on them from here."""
    actor = actor_of(request)
    table = tables.InvoiceTable(request, facts.invoices(actor))
    free = backing.free_minor(table.page.items)
    for row in table.page.items:
        row.free = free[row.pk]
        row.may_issue = row.counterparty_id == actor.party and row.free > 0
    return web_tables.respond(request, "notes/invoices.html", table)


@guard.acting()
def trade_page(request: HttpRequest, seller: uuid.UUID, order_no: str) -> HttpResponseBase:
    """One trade: the four documents side by side as quantities, every finding, and the invoices' balances."""
    actor = actor_of(request)
    trade = facts.access_trade(actor, seller, order_no, request.GET.get("purpose", ""))
    names = labels.names([trade.seller, trade.buyer])
    invoices = trade.of("invoice")
    free = backing.free_minor(invoices)
    grounds = backing.grounds_of(map(backing.key_of, invoices))
    over = {ground.invoice for ground in grounds if ground.used_minor > ground.gross_minor}
    usable = [fact for fact in invoices if free[fact.pk] > 0 and (fact.amount_minor or 0) > 0]
    next_action = None
    if trade.buyer == actor.party and trade.match.holds and usable:
        query = "&".join(f"invoice={fact.pk}" for fact in usable)
        next_action = parts.Action(
            Text("据此开立链单", "Issue a note on it"), f"{reverse('issue_terms')}?{query}", icon="note"
        )
    header = parts.Header(
        title=order_no,
        kind=Text("交易", "Trade"),
        status=_status(trade),
        next_action=next_action,
        figures=[
            parts.Figure(Text("卖方", "Seller"), names.get(trade.seller), href=reverse("party", args=[trade.seller])),
            parts.Figure(Text("买方", "Buyer"), names.get(trade.buyer), href=reverse("party", args=[trade.buyer])),
            parts.Figure(Text("验收完成日", "Accepted on"), trade.match.accepted_on, kind="date"),
            parts.Figure(Text("发票可用合计", "Free of its invoices"), Money(sum(free.values())), kind="money"),
        ],
    )
    context = {
        "trade": trade, "header": header, "bars": _bars(trade), "findings": findings(trade),
        "invoices": [
            (fact, free[fact.pk], _part(free[fact.pk], fact.amount_minor), backing.key_of(fact) in over)
            for fact in invoices
        ],
        "columns": [(kinds.KINDS[kind].title, trade.of(kind)) for kind in kinds.TRADE_KINDS],
    }  # fmt: skip
    return render(request, "notes/trade.html", context)


def findings(trade: facts.Trade) -> list[parts.Finding]:
    """Each comparison of the match, what fails first."""
    found = [parts.Finding(finding.text, "pass" if finding.holds else "bar") for finding in trade.match.findings]
    return sorted(found, key=lambda item: item.verdict)


def _status(trade: facts.Trade) -> parts.Status:
    """Matched, or the first thing that does not agree."""
    if trade.match.holds:
        return parts.Status(Text("三单相符", "Matched"), tone="good")
    fault = next(finding.text for finding in trade.match.findings if not finding.holds)
    return parts.Status(Text("未匹配", "Not matched"), fault, "wait")


def _bars(trade: facts.Trade) -> list[dict[str, Any]]:
    """The quantity each kind of document adds up to, as a part of the largest: the match as a drawing."""
    sums = []
    for kind in kinds.TRADE_KINDS:
        documents = trade.of(kind)
        total = sum((Decimal(fact.values["quantity"]) for fact in documents), Decimal(0))
        sums.append((kinds.KINDS[kind].title, len(documents), total))
    most = max((total for _, _, total in sums), default=Decimal(0)) or Decimal(1)
    return [
        {"title": title, "count": count, "total": format(total.normalize(), ",f"), "width": f"{100 * total / most:.1f}%"}
        for title, count, total in sums
    ]  # fmt: skip


def _part(free: int, amount: int | None) -> str:
    return f"{100 * max(free, 0) / amount:.1f}%" if amount and amount > 0 else "0%"
