"""Taking several lots offered in payment with one confirmation. Loans and discounts need papers and go one by one."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log import actions as log_actions
from jirong.notes import actions, preview, queries, shown
from jirong.notes.models import Offer
from jirong.parties import guard, labels
from jirong.parties import together as several
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web.api import actor_of


@guard.acting()
@require_http_methods(["GET", "POST"])
def take_several(request: HttpRequest) -> HttpResponseBase:
    actor, today = actor_of(request), business_date.today()
    rows = queries.offers(actor, received=True, state="open").filter(purpose="transfer", expires_on__gte=today)
    return several.respond(
        request,
        [_item(actor, offer) for offer in rows.order_by("expires_on", "pk")[: several.ITEMS_MAX]],
        title=Text("一并接受份额付款", "Take several lots in payment"),
        lead=Text("逐项核对后勾选，一次确认", "Check each, tick it, confirm once"),
        submit=Text("签署并接受所选", "Sign and take what is ticked"),
        back=reverse("offers"),
    )


def _item(actor: Actor, offer: Offer) -> several.Item:
    by, issuer = labels.name_of(offer.by), labels.name_of(offer.note.issuer)
    amount = Money(offer.amount_minor).grouped()
    reasons = preview.take_offer(offer, None, business_date.today()).reasons
    return several.Item(
        subject=offer.pk,
        code="offer.take",
        title=Text(f"{by.zh}以 {amount} 元份额付款", f"{by.en} pays with a lot of CNY {amount}"),
        url=reverse("offer", args=[offer.pk]),
        statement=lambda id: log_actions.statement_bytes("offer.take", actor=actor, id=id, offer=offer.pk),
        perform=lambda id, signature: actions.take_offer(actor=actor, id=id, offer=offer.pk, signature=signature),
        words=[Text(f"{offer.note.due} 到期，由{issuer.zh}付款。", f"Due {offer.note.due}, paid by {issuer.en}.")],
        findings=[finding for finding in shown.panel(reasons) if finding.verdict != "pass"],
    )
