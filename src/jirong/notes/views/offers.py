"""Offers: what was asked of one and what one asked; a funder decides on the page where the papers are."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from jirong.engine import checks
from jirong.facts import kinds
from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import queries as log
from jirong.notes import bounds, forms, loans, preview, queries, runtime, shown, tables
from jirong.notes.models import Offer
from jirong.notes.views import lots
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web import tables as web_tables
from jirong.web.api import actor_of


@guard.acting()
def offer_list(request: HttpRequest) -> HttpResponseBase:
    """Received, or with ``side=made`` what one offered oneself."""
    actor = actor_of(request)
    made = request.GET.get("side") == "made"
    rows = queries.dated(queries.offers(actor, received=not made), business_date.today())
    base = reverse("offers")
    tabs = [
        parts.Tab(Text("收到的", "Received"), base, current=not made),
        parts.Tab(Text("提出的", "Made"), f"{base}?side=made", current=made),
    ]
    payments = 0 if made else queries.offers(actor, received=True, state="open").filter(purpose="transfer").count()
    context = {"tabs": tabs, "payments": payments}
    return web_tables.respond(request, "notes/offers.html", tables.OfferTable(request, rows), context=context)


@guard.acting()
def offer_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The offer with its papers; whoever is to answer does so here."""
    actor, today = actor_of(request), business_date.today()
    offer = queries.access_offer(actor, id)
    context = _context(actor, offer, today)
    # What was signed before is sent on even where the offer is answered: a repeat gets the first outcome.
    if offer.to_id != actor.party or (offer.state != "open" and "statement" not in request.POST):
        return render(request, "notes/offer.html", {**context, "closed": True})
    act = ANSWERS[offer.purpose](offer, today)
    return acting.respond(request, act, template="notes/offer.html", context=context)


def _lend(offer: Offer, today: datetime.date) -> acting.Act:
    by, principal = labels.name_of(offer.by), offer.loan_minor or 0
    rate = offer.loan_rate or 0
    due = runtime.terms_of(offer.note).payable_on
    interest = Money(lots.loan_interest(principal, rate, today, due)).grouped()  # type: ignore[arg-type]
    amount = Money(principal).grouped()
    return acting.Act(
        code="offer.lend", title=Text("办理质押并放款", "Take the pledge and lend"),
        submit=Text("签署并放款", "Sign and lend"), form=forms.Fund, start={"registered_on": today},
        body=lambda values: {"offer": offer.pk, **values},
        words=lambda values: [
            Text(f"接受{by.zh}以 {Money(offer.amount_minor).grouped()} 元份额质押，登记编号 {values['registration']}。",
                 f"Take the pledge of {by.en}'s lot of CNY {Money(offer.amount_minor).grouped()}, registration {values['registration']}."),
            Text(f"向{by.zh}发放贷款 {amount} 元，年化 {rate * 100:.2f} %，{due} 到期，利息 {interest} 元。",
                 f"Lend {by.en} CNY {amount} at {rate * 100:.2f} % a year, due {due}, interest CNY {interest}."),
            lots.overdue_words(offer.loan_rate or Decimal(0), offer.overdue_rate, today),
            Text("本金足额发放，不预扣利息。", "The whole principal is paid out; no interest is taken up front."),
        ],
        findings=lambda values: [*_finance_findings(offer, values, today), _cover(offer, principal, interest)],
        done=lambda outcome: reverse("loan", args=[outcome["loan"]]),
        said=Text("已质押，放款指令待银行答复", "Pledged; the pay-out awaits the bank's answer"),
    )  # fmt: skip


def _buy(offer: Offer, today: datetime.date) -> acting.Act:
    by, amount = labels.name_of(offer.by), Money(offer.amount_minor).grouped()
    rate = offer.rate or 0
    price = Money(preview.price_minor(offer.note, offer.amount_minor, rate, today)).grouped()  # type: ignore[arg-type]
    return acting.Act(
        code="offer.discount", title=Text("贴现买入", "Buy at a discount"), submit=Text("签署并买入", "Sign and buy"),
        form=forms.Fund, start={"registered_on": today}, body=lambda values: {"offer": offer.pk, **values},
        words=lambda values: [
            Text(f"以 {price} 元买入{by.zh}的 {amount} 元份额，贴现年利率 {rate * 100:.2f} %。",
                 f"Buy {by.en}'s lot of CNY {amount} for CNY {price}, a discount of {rate * 100:.2f} % a year."),
            Text(f"登记编号 {values['registration']}；{'有' if offer.recourse else '无'}追索权。",
                 f"Registration {values['registration']}; {'with' if offer.recourse else 'without'} recourse."),
            Text("银行确认付款后，份额归我方所有。", "The lot is ours once the bank confirms the payment."),
        ],
        findings=lambda values: _finance_findings(offer, values, today),
        done=lambda outcome: reverse("offer", args=[offer.pk]),
        said=Text("付款指令待银行答复", "The payment awaits the bank's answer"),
    )  # fmt: skip


def _take(offer: Offer, today: datetime.date) -> acting.Act:
    by, amount = labels.name_of(offer.by), Money(offer.amount_minor).grouped()
    return acting.Act(
        code="offer.take", title=Text("接受份额付款", "Take the lot in payment"), submit=Text("签署并接受", "Sign and take"),
        body=lambda values: {"offer": offer.pk},
        words=lambda values: [
            Text(f"接受{by.zh}以 {amount} 元份额支付货款，{offer.note.due} 到期。",
                 f"Take CNY {amount} of a lot from {by.en} in payment, due {offer.note.due}."),
            Text(f"到期由{offer.note.issuer.name}付款。", f"{offer.note.issuer.name_en or offer.note.issuer.name} pays at maturity."),
        ],
        findings=lambda values: shown.panel(preview.take_offer(offer, None, today).reasons),
        done=lambda outcome: reverse("lot", args=[outcome["lot"]]),
        said=Text("已接受，份额在您手中", "Taken; the lot is yours"),
    )  # fmt: skip


def _finance_findings(offer: Offer, values: acting.Values, today: datetime.date) -> list[parts.Finding]:
    finance = checks.Finance(
        licensed=bounds.licensed(offer.to_id),
        registration=values["registration"].strip() or None, registered_on=values["registered_on"],
        background_checked=values["background_checked"], term_reviewed=values["term_reviewed"],
    )  # fmt: skip
    return shown.panel(preview.take_offer(offer, finance, today).reasons)


def _cover(offer: Offer, principal: int, interest: str) -> parts.Finding:
    """Whether the lot covers principal and interest at maturity: a warning where it does not."""
    owed = principal + Money.parse(interest).minor
    holds = owed <= offer.amount_minor
    text = Text(f"到期本息 {Money(owed).grouped()}，份额 {Money(offer.amount_minor).grouped()}",
                f"Principal and interest {Money(owed).grouped()}; the lot is {Money(offer.amount_minor).grouped()}")  # fmt: skip
    return parts.Finding(
        Text("份额覆盖到期本息", "The lot covers what will be owed"), "pass" if holds else "warn", text
    )


def _context(actor: Actor, offer: Offer, today: datetime.date) -> dict[str, Any]:
    """The papers, their match, the issuer's record, and the receipts behind the lot."""
    invoices = queries.invoices_of([*offer.backings] or _background(actor, offer))
    trades = facts.trades_of({(fact.subject_id, fact.order_no) for fact in invoices})
    steps = queries.steps_of_lots(offer.note_id)
    grades = log.grades([step.action for step in steps])
    receipts = [
        (step, grades[step.action], shown.STEPS.get(step.kind, step.kind)) for step in steps if step.action in grades
    ]
    stands = queries.issuer_stands(offer.note.issuer_id)
    return {
        "offer": offer, "header": _header(actor, offer, today), "trades": [(trade, _rows(trade)) for trade in trades],
        "invoices": invoices, "receipts": receipts, "stands": stands, "today": today,
        "drop_url": reverse("drop_offer", args=[offer.pk]) if offer.state == "open" and actor.party in (offer.by_id, offer.to_id) else "",
        "own": offer.by_id == actor.party, "crumbs_label": shown.PURPOSES[offer.purpose],
    }  # fmt: skip


def _background(actor: Actor, offer: Offer) -> list[list[Any]]:
    return [[key, 0] for key in queries.access_lot(actor, offer.lot).background]


def _rows(trade: facts.Trade) -> list[tuple[Any, list[Fact]]]:

    return [(kinds.KINDS[kind].title, trade.of(kind)) for kind in kinds.TRADE_KINDS]


def _header(actor: Actor, offer: Offer, today: datetime.date) -> parts.Header:
    note = offer.note
    figures = [
        parts.Figure(Text("份额", "Lot"), offer.amount_minor, kind="money", href=reverse("lot", args=[offer.lot])),
        *_money_figures(offer, today),
        _other_side(actor, offer),
        parts.Figure(
            Text("开立人", "Issuer"), labels.name_of(note.issuer), href=reverse("party", args=[note.issuer_id])
        ),
        parts.Figure(Text("链单到期", "Note due"), note.due, kind="date", href=reverse("note", args=[note.pk])),
        parts.Figure(Text("要约有效期至", "Offer stands until"), offer.expires_on, kind="date"),
    ]
    return parts.Header(
        title=Text(
            f"{labels.name_of(offer.by).zh}：{shown.PURPOSES[offer.purpose].zh}",
            f"{labels.name_of(offer.by).en}: {shown.PURPOSES[offer.purpose].en}",
        ),
        kind=Text("要约", "Offer"),
        status=shown.offer_status(offer, today),
        figures=figures,
    )


def _other_side(actor: Actor, offer: Offer) -> parts.Figure:
    if offer.by_id == actor.party:
        return parts.Figure(Text("答复方", "To"), labels.name_of(offer.to), href=reverse("party", args=[offer.to_id]))
    return parts.Figure(Text("提出方", "From"), labels.name_of(offer.by), href=reverse("party", args=[offer.by_id]))


def _money_figures(offer: Offer, today: datetime.date) -> list[parts.Figure]:
    if offer.purpose == "pledge":
        late = loans.overdue_rate_of(offer, today) if offer.state == "open" else offer.overdue_rate
        return [
            parts.Figure(Text("申请贷款", "Loan asked for"), offer.loan_minor, kind="money"),
            parts.Figure(Text("利率", "Rate"), offer.loan_rate, kind="rate"),
            parts.Figure(Text("逾期利率", "Rate for late days"), late, kind="rate"),
        ]
    if offer.purpose == "discount":
        price = offer.price_minor
        if price is None and offer.rate is not None and offer.note.due > today:
            price = preview.price_minor(offer.note, offer.amount_minor, offer.rate, today)
        return [
            parts.Figure(Text("贴现利率", "Discount rate"), offer.rate, kind="rate"),
            parts.Figure(Text("今日价款", "Price today"), price, kind="money"),
            parts.Figure(Text("追索权", "Recourse"), offer.recourse),
        ]
    return []


@guard.acting()
def drop_offer(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Refuse what one was offered, or withdraw what one offered."""
    actor = actor_of(request)
    offer = queries.access_offer(actor, id)
    own = offer.by_id == actor.party
    amount = Money(offer.amount_minor).grouped()
    act = acting.Act(
        code="offer.drop", title=Text("撤回要约", "Withdraw the offer") if own else Text("拒绝要约", "Refuse the offer"),
        submit=Text("签署并撤回", "Sign and withdraw") if own else Text("签署并拒绝", "Sign and refuse"),
        body=lambda values: {"offer": id},
        words=lambda values: [Text(f"{shown.PURPOSES[offer.purpose].zh}要约（{amount} 元）不再有效，份额立即释放。",
                                   f"The offer ({shown.PURPOSES[offer.purpose].en}, CNY {amount}) ends and the lot is free at once.")],
        done=lambda outcome: reverse("offer", args=[id]), said=Text("要约已结束", "The offer has ended"),
        back=reverse("offer", args=[id]),
    )  # fmt: skip
    return acting.respond(request, act)


ANSWERS: dict[str, Callable[[Offer, datetime.date], acting.Act]] = {
    "pledge": _lend,
    "discount": _buy,
    "transfer": _take,
}
"""What whoever is asked may do: lend, buy or take."""
