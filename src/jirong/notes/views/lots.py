"""Lots: what one holds, a lot's page, and what can be done with it: pay with it, pledge it, sell it."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.claims.models import ClaimRow
from jirong.engine import checks
from jirong.engine.kinds import lot_loan
from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.kernel import daycount
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text
from jirong.notes import actions, backing, drawing, forms, preview, queries, runtime, shown, tables
from jirong.notes.models import Note, Offer
from jirong.parties import acting, guard, labels
from jirong.parties.models import Party
from jirong.store import business_date, catalogue
from jirong.store.identity import Actor
from jirong.store.ids import new_id
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def lot_list(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    past = request.GET.get("past") == "yes"
    table = tables.LotTable(request, queries.lots_shown(actor, business_date.today(), past=past))
    rows = table.page.items
    names = labels.names([row.creditor for row in rows] + [row.pledgee for row in rows])
    for row in rows:
        row.names = names
    return web_tables.respond(
        request, "notes/lots.html", table, context={"past": past, "sums": queries.lot_sums(actor)}
    )


@guard.acting()
def lot_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """How the lot stands, what it can be used for, and the life it is part of."""
    actor, today = actor_of(request), business_date.today()
    lot = queries.access_lot(actor, id)
    note = queries.access_note(actor, lot.contract)
    told = drawing.tell(actor, note, id)
    card = next((card for card in told.cards if card.lot.pk == id), None)
    standing = [offer for offer in told.offers if offer.lot == id and offer.state in ("open", "taken")]
    context = {
        "lot": lot, "note": note, "header": _header(actor, lot, note, told, today), "told": told, "card": card,
        "why": shown.why(told.reasons), "today": today, "loans": queries.loans_on([id]),
        "offer_rows": [(offer, shown.offer_status(offer, today), shown.PURPOSES[offer.purpose]) for offer in standing],
    }  # fmt: skip
    return render(request, "notes/lot.html", context)


def _status(lot: ClaimRow, told: drawing.Told, gone: Text | None, today: datetime.date) -> parts.Status:
    """A lot whose papers are gone does not move, whether or not somebody froze it yet."""
    if gone and lot.state == "held" and not lot.frozen_by:
        return parts.Status(Text("暂停流转", "Does not move"), gone, "bad")
    return shown.lot_status(lot, told.names, today)


def _header(actor: Actor, lot: ClaimRow, note: Note, told: drawing.Told, today: datetime.date) -> parts.Header:
    gone = shown.background_gone(lot.background, today)
    holder = told.names.get(lot.creditor, shown.NOBODY)
    figures = [
        parts.Figure(Text("余额", "Outstanding"), lot.outstanding_minor, kind="money"),
        parts.Figure(Text("可用", "Free"), free_minor(lot), kind="money"),
        parts.Figure(Text("持有人", "Holder"), holder, href=reverse("party", args=[lot.creditor])),
        parts.Figure(Text("级次", "Tier"), Text(f"第{lot.tier}级", f"tier {lot.tier}")),
        parts.Figure(Text("到期日", "Due"), lot.due, kind="date"),
        parts.Figure(Text("链单", "Note"), note.number, href=reverse("note", args=[note.pk])),
    ]
    actions_, next_action = _actions(actor, lot, note, gone, today)
    return parts.Header(
        title=Text(f"{holder.zh}的份额", f"{holder.en}'s lot"),
        kind=Text(
            f"{labels.name_of(note.issuer).zh}承兑的链单份额", f"Lot of a note by {labels.name_of(note.issuer).en}"
        ),
        status=_status(lot, told, gone, today),
        next_action=next_action,
        actions=actions_,
        figures=figures,
    )


def free_minor(lot: ClaimRow) -> int:
    """What of a lot its holder may promise to somebody."""
    blocked = lot.pledgee or lot.frozen_by or lot.state != "held"
    return 0 if blocked else int(lot.outstanding_minor - lot.reserved_minor)


def _actions(
    actor: Actor, lot: ClaimRow, note: Note, gone: Text | None, today: datetime.date
) -> tuple[list[parts.Action], parts.Action | None]:
    """What the viewer may do with the lot, and the likeliest of it."""
    if lot.frozen_by and not gone and lot.outstanding_minor:
        return [], parts.Action(
            Text("解除冻结", "Lift the freeze"), reverse("unfreeze_lot", args=[lot.pk]), icon="sign"
        )
    if actor.party == lot.pledgee and lot.state == "held":
        return [parts.Action(Text("解除质押", "Release the pledge"), reverse("release_lot", args=[lot.pk]))], None
    if actor.party != lot.creditor:
        return [], None
    if lot.state == "offered":
        return [], parts.Action(
            Text("核对并签收", "Check and accept"), reverse("accept_note", args=[note.pk]), icon="sign"
        )
    if lot.state == "overdue" and lot.recourse:
        return [], parts.Action(Text("要求回购", "Call recourse"), reverse("call_recourse", args=[lot.pk]))
    if lot.state != "held":
        return [], None
    why_not = _why_not(lot, today) or gone or ""
    ask = parts.Action(
        Text("申请质押贷款", "Ask for a loan"), reverse("ask_loan", args=[lot.pk]), icon="bank", why_not=why_not
    )
    others = [
        parts.Action(Text("转让付款", "Pay a supplier"), reverse("transfer_lot", args=[lot.pk]), why_not=why_not),
        parts.Action(Text("贴现", "Sell at a discount"), reverse("ask_discount", args=[lot.pk]), why_not=why_not),
    ]
    return others, ask


def _why_not(lot: ClaimRow, today: datetime.date) -> Text | str:
    if lot.pledgee:
        return Text("份额已质押，解除前不能再用", "the lot is pledged until it is released")
    if lot.frozen_by:
        return checks.why_frozen(lot.frozen_by, lot.background)
    if lot.due <= today:
        return Text("已到期，等待兑付", "it is due; await payment")
    if free_minor(lot) <= 0:
        return Text("全部已提出要约，待答复或撤回", "all of it is on offer; await the answer or withdraw")
    return ""


# Paying with it ----------------------------------------------------------------------------------------------------


@guard.acting()
def transfer_lot(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Pay a supplier's invoice with part or all of the lot."""
    actor, today = actor_of(request), business_date.today()
    lot, note = _own_lot(actor, id)
    candidates = _payable_invoices(actor, note)

    def form(*args: Any, **kwargs: Any) -> forms.Transfer:
        return forms.Transfer(*args, invoices=candidates, **kwargs)

    def body(values: acting.Values) -> dict[str, Any]:
        part = actions.InvoicePart(values["invoice"].pk, values["amount"])
        return {"lot": id, "to": values["invoice"].subject_id, "backings": [part], "expires_on": values["expires_on"]}

    def words(values: acting.Values) -> list[Text]:
        to, amount, invoice = labels.name_of(values["invoice"].subject), values["amount"].grouped(), values["invoice"]
        return [
            Text(f"以份额中的 {amount} 元向{to.zh}支付发票 {invoice.key}。", f"Pay {to.en} CNY {amount} of the lot for invoice {invoice.key}."),
            Text(f"{to.zh}接受后份额归其所有；{values['expires_on']}前未答复则自动退回。",
                 f"It is theirs once they take it; unanswered by {values['expires_on']} it comes back."),
        ]  # fmt: skip

    def findings(values: acting.Values) -> list[parts.Finding]:
        invoice = values["invoice"]
        offer = _draft(lot, invoice.subject_id, values["amount"], "transfer", values["expires_on"])
        return shown.panel(preview.offer(lot, note, offer, [(invoice, values["amount"].minor)], today).reasons)

    free = free_minor(lot)
    fits = next((invoice for invoice, _free in candidates), None)
    start = {
        "expires_on": _usual_expiry(note, today),
        "amount": str(Money(min(free, candidates[0][1]))) if fits else "",
    }
    act = acting.Act(
        code="lot.transfer", title=Text("以份额付款", "Pay with the lot"),
        lead=Text(f"可用 {Money(free).grouped()} 元", f"CNY {Money(free).grouped()} is free"),
        submit=Text("签署并提出", "Sign and offer"), form=form, start=start, body=body, words=words, findings=findings,
        done=lambda outcome: reverse("offer", args=[outcome["offer"]]),
        said=Text("已提出，等待对方接受", "Offered; the supplier is to take it"), back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act, template="notes/transfer.html", context={"candidates": candidates})


def _payable_invoices(actor: Actor, note: Note) -> list[tuple[Fact, int]]:
    """Matched invoices that somebody issued to the actor, with what is free of each."""
    rows = list(facts.invoices(actor).filter(counterparty=actor.party).exclude(subject=note.issuer_id)[:100])
    free = backing.free_minor(rows)
    trades = {(t.seller, t.order_no): t for t in facts.trades_of({(row.subject_id, row.order_no) for row in rows})}
    matched = [row for row in rows if (t := trades.get((row.subject_id, row.order_no))) and t.match.holds]
    return [(row, free[row.pk]) for row in matched if free[row.pk] > 0]


# Borrowing against it ----------------------------------------------------------------------------------------------


@guard.acting()
def ask_loan(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Ask a bank for a loan against the lot; it stays one's own, pledged."""
    actor, today = actor_of(request), business_date.today()
    lot, note = _own_lot(actor, id)
    payable = runtime.terms_of(note).payable_on

    def words(values: acting.Values) -> list[Text]:
        bank, amount = labels.name_of(values["lender"]), values["principal"].grouped()
        interest = Money(loan_interest(values["principal"].minor, values["rate"], today, payable)).grouped()
        rate = f"{values['rate'] * 100:.2f} %"
        return [
            Text(f"向{bank.zh}申请贷款 {amount} 元，年化 {rate}，{payable} 到期，还本付息。",
                 f"Ask {bank.en} for a loan of CNY {amount} at {rate} a year, due {payable}."),
            Text(f"以本份额（{Money(lot.outstanding_minor).grouped()} 元）质押；若今日放款，到期利息 {interest} 元。",
                 f"This lot (CNY {Money(lot.outstanding_minor).grouped()}) is pledged; paid out today, interest at maturity is CNY {interest}."),
            overdue_words(values["rate"], values["overdue_rate"], today),
            Text("该银行可查看份额背后的订单、验收单和发票。", "The bank may read the order, acceptance and invoice behind the lot."),
        ]  # fmt: skip

    act = acting.Act(
        code="lot.ask_loan", title=Text("申请质押贷款", "Ask for a loan against the lot"),
        lead=Text(f"份额 {Money(lot.outstanding_minor).grouped()} 元", f"The lot is CNY {Money(lot.outstanding_minor).grouped()}"),
        submit=Text("签署并申请", "Sign and ask"), form=forms.AskLoan,
        start={"expires_on": _usual_expiry(note, today), "principal": str(Money(lot.outstanding_minor * 8 // 10)), "rate": "3.50"},
        body=lambda values: {
            "lot": id, "lender": values["lender"].pk, "principal": values["principal"], "rate": values["rate"],
            "overdue_rate": values["overdue_rate"], "expires_on": values["expires_on"],
        },
        words=words,
        findings=lambda values: _loan_findings(lot, note, values, today),
        done=lambda outcome: reverse("offer", args=[outcome["offer"]]),
        said=Text("已向银行提出申请", "The bank has your request"), back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


def overdue_words(rate: Decimal, asked: Decimal | None, today: datetime.date) -> Text:
    """What late days cost, as both sides sign it."""
    late = lot_loan.overdue_bounds(catalogue.rulebook(), today, rate)[1] if asked is None else asked
    shown_rate = f"{late * 100:.4f}".rstrip("0").rstrip(".")
    return Text(
        f"逾期未还的部分按年化 {shown_rate} % 计息。", f"What is unpaid after the due date bears {shown_rate} % a year."
    )


def _loan_findings(lot: ClaimRow, note: Note, values: acting.Values, today: datetime.date) -> list[parts.Finding]:
    whole = Money(lot.outstanding_minor)
    found = _offer_findings(lot, note, values["lender"], whole, "pledge", values["expires_on"], None, today)
    if values["overdue_rate"] is None:
        return found
    rules = catalogue.rulebook()
    reason = lot_loan.overdue_rate_allowed(rules, today, values["rate"], values["overdue_rate"])
    return [*shown.panel([reason.as_dict()]), *found]


def loan_interest(principal_minor: int, rate: Decimal, start: datetime.date, due: datetime.date) -> int:
    """Interest of a bullet loan from ``start`` to ``due``, A/360, half up, in minor units."""
    return round_half_up(principal_minor * Fraction(rate) * daycount.year_fraction(daycount.A360, start, due))


# Selling it --------------------------------------------------------------------------------------------------------


@guard.acting()
def ask_discount(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Offer the lot (or part of it) for sale at a discount."""
    actor, today = actor_of(request), business_date.today()
    lot, note = _own_lot(actor, id)

    def words(values: acting.Values) -> list[Text]:
        bank, amount, rate = labels.name_of(values["funder"]), values["amount"], f"{values['rate'] * 100:.2f} %"
        price = Money(preview.price_minor(note, amount.minor, values["rate"], today)).grouped()
        recourse = (
            Text("有追索权：开立人逾期时由我方回购。", "With recourse: we buy it back if the issuer does not pay.")
            if values["recourse"]
            else Text("无追索权：成交后风险由对方承担。", "Without recourse: the risk is the buyer's.")
        )
        return [
            Text(f"把 {amount.grouped()} 元份额以贴现年利率 {rate} 卖给{bank.zh}。",
                 f"Sell CNY {amount.grouped()} of the lot to {bank.en} at a discount of {rate} a year."),
            Text(f"若今日成交，实收 {price} 元。", f"Sold today, it pays CNY {price}."),
            recourse,
        ]  # fmt: skip

    act = acting.Act(
        code="lot.ask_discount", title=Text("申请贴现", "Ask for a discount"),
        lead=Text(f"可用 {Money(free_minor(lot)).grouped()} 元", f"CNY {Money(free_minor(lot)).grouped()} is free"),
        submit=Text("签署并申请", "Sign and ask"), form=forms.AskDiscount,
        start={"expires_on": _usual_expiry(note, today), "amount": str(Money(free_minor(lot))), "rate": "3.80"},
        body=lambda values: {
            "lot": id, "funder": values["funder"].pk, "rate": values["rate"], "recourse": values["recourse"],
            "amount": values["amount"], "expires_on": values["expires_on"],
        },
        words=words,
        findings=lambda values: _offer_findings(lot, note, values["funder"], values["amount"], "discount", values["expires_on"], values["rate"], today),
        done=lambda outcome: reverse("offer", args=[outcome["offer"]]),
        said=Text("已提出贴现申请", "The funder has your request"), back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


# Pledge and recourse -----------------------------------------------------------------------------------------------


@guard.acting()
def release_lot(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    lot = queries.access_lot(actor_of(request), id)
    amount = Money(lot.outstanding_minor).grouped()
    act = acting.Act(
        code="lot.release", title=Text("解除质押", "Release the pledge"), submit=Text("签署并解除", "Sign and release"),
        body=lambda values: {"lot": id},
        words=lambda values: [Text(f"解除对 {amount} 元份额的质押，由持有人自由使用。",
                                   f"Release the pledge on the lot of CNY {amount}; its holder may use it freely.")],
        done=lambda outcome: reverse("lot", args=[id]), said=Text("质押已解除", "The pledge is released"),
        back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def call_recourse(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    lot = queries.access_lot(actor_of(request), id)
    amount = Money(lot.outstanding_minor).grouped()
    act = acting.Act(
        code="lot.call_recourse", title=Text("要求回购", "Call recourse"), submit=Text("签署并要求", "Sign and call"),
        body=lambda values: {"lot": id},
        words=lambda values: [Text(f"要求卖方按约回购逾期份额 {amount} 元。", f"Ask the seller to buy back the overdue lot of CNY {amount}.")],
        done=lambda outcome: reverse("lot", args=[id]), said=Text("已要求回购，待银行答复", "Recourse is called; the bank is to answer"),
        back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def unfreeze_lot(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The papers were put right: the lot may move again."""
    lot, today = queries.access_lot(actor_of(request), id), business_date.today()
    amount = Money(lot.outstanding_minor).grouped()
    act = acting.Act(
        code="lot.unfreeze", title=Text("解除冻结", "Lift the freeze"), submit=Text("签署并解除", "Sign and lift"),
        body=lambda values: {"lot": id},
        words=lambda values: [Text(f"份额 {amount} 元的贸易背景已恢复成立，解除冻结。",
                                   f"The trade behind the lot of CNY {amount} stands again; its freeze is lifted.")],
        findings=lambda values: shown.panel([shown.background(lot.background, today)]),
        done=lambda outcome: reverse("lot", args=[id]), said=Text("冻结已解除", "The freeze is lifted"),
        back=reverse("lot", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


def _own_lot(actor: Actor, id: uuid.UUID) -> tuple[ClaimRow, Note]:
    """A lot in the actor's hands with its note; a lot one merely sees is not one's to offer."""
    lot = queries.access_lot(actor, id)
    if lot.creditor != actor.party:
        raise Conflict(
            "lot.not_yours",
            Text("该份额不在贵单位手中", "The lot is not in your party's hands"),
            remedy=Text("请由持有人办理", "Its holder may do so"),
        )
    return lot, queries.access_note(actor, lot.contract)


def _usual_expiry(note: Note, today: datetime.date) -> datetime.date:
    return min(today + datetime.timedelta(days=30), note.due - datetime.timedelta(days=1))


def _draft(
    lot: ClaimRow, to: uuid.UUID, amount: Money, purpose: str, expires_on: datetime.date, rate: Decimal | None = None
) -> Offer:
    """An offer that is not stored, for the rules to judge."""
    return Offer(
        id=new_id(), lot=lot.pk, to_id=to, amount_minor=amount.minor, purpose=purpose, expires_on=expires_on, rate=rate
    )


def _offer_findings(
    lot: ClaimRow, note: Note, to: Party, amount: Money, purpose: str, expires_on: datetime.date,
    rate: Decimal | None, today: datetime.date,
) -> list[parts.Finding]:  # fmt: skip
    offer = _draft(lot, to.pk, amount, purpose, expires_on, rate)
    return shown.panel(preview.offer(lot, note, offer, [], today).reasons)
