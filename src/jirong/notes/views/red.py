"""An invoice that notes stand on was reversed, or corrected below them: see which lots freeze before freezing them."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.claims import queries as claims
from jirong.engine.kinds import chain_note
from jirong.facts import queries as facts
from jirong.facts.models import Fact
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import freezing, shown
from jirong.notes.models import Note
from jirong.parties import acting, guard, labels
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.api import actor_of


@guard.acting()
def freeze(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The red-letter or corrected invoice, the lots it will freeze; then the signature."""
    actor = actor_of(request)
    red = facts.access_fact(actor, id)
    if red.kind != "invoice":
        raise Invalid("note.not_red", Text("这不是发票", "This is not an invoice"))
    is_red = red.values.get("colour") == "red"
    if not is_red:
        freezing.require_exceeding(red)
    lots = lots_on(actor, red)
    open_lots = [lot for lot in lots if not lot.frozen_by]
    back = reverse("trade", args=[red.subject_id, red.order_no])
    act = acting.Act(
        code="note.red_letter" if is_red else "note.over_invoice",
        title=Text("因红字发票冻结份额", "Freeze lots for a red-letter invoice")
        if is_red
        else Text("因发票更正冻结份额", "Freeze lots above their corrected invoice"),
        submit=Text("签署并冻结", "Sign and freeze"),
        body=lambda values: {"red" if is_red else "invoice": id},
        words=lambda values: _words(red, open_lots),
        findings=lambda values: _findings(open_lots, lots),
        done=lambda outcome: back,
        said=Text("相关份额已冻结，暂停流转", "The lots are frozen and do not move"),
        back=back,
    )
    context = {"red": red, "is_red": is_red, "rows": _rows(lots), "back": back, "nothing": not open_lots}
    return acting.respond(request, act, template="notes/red.html", context=context)


def lots_on(actor: Actor, red: Fact) -> list[Any]:
    """Open lots, as far as the actor sees them, that stand on the invoice ``red`` reverses; largest first."""
    reversed_invoice = f"{red.subject_id}:{red.values.get('red_of') or red.key}"
    seen = claims.visible(actor).filter(
        background__contains=[reversed_invoice], kind=chain_note.LOT, outstanding_minor__gt=0
    )
    return list(seen.order_by("-outstanding_minor", "pk"))


def _words(red: Fact, lots: list[Any]) -> list[Text]:
    total = Money(sum(lot.outstanding_minor for lot in lots)).grouped()
    reversed_by = red.values.get("red_of")
    return [
        Text(f"发票 {reversed_by} 已被红字发票 {red.key} 冲销。",
             f"Invoice {reversed_by} was reversed by red-letter invoice {red.key}.") if reversed_by
        else Text(f"发票 {red.key} 更正后，已开立的金额高于发票。",
                  f"More was issued on invoice {red.key} than it says as corrected."),
        Text(f"建立在它上面的所有未结清份额立即冻结；您可见的有 {len(lots)} 份，合计 {total} 元，其他持有人的同样冻结。",
             f"Every open lot standing on it is frozen at once: {len(lots)} that you see, CNY {total} in all, "
             "and those of other holders."),
        Text("冻结期间不能转让、质押或贴现；到期付款义务不变。",
             "A frozen lot can be neither transferred, pledged nor sold; it is still payable at maturity."),
    ]  # fmt: skip


def _findings(open_lots: list[Any], lots: list[Any]) -> list[parts.Finding]:
    if open_lots:
        return []
    reason = (
        Text("相关份额都已冻结", "all of them are frozen already")
        if lots
        else Text("没有您可见的份额建立在被冲销的发票上", "no lot that you see stands on the reversed invoice")
    )
    return [parts.Finding(Text("有可冻结的份额", "There is something to freeze"), "warn", reason)]


def _rows(lots: list[Any]) -> list[dict[str, Any]]:
    today = business_date.today()
    names = labels.names([lot.creditor for lot in lots] + [lot.pledgee for lot in lots])
    numbers = dict(Note.objects.filter(pk__in={lot.contract for lot in lots}).values_list("pk", "number"))
    return [
        {"lot": lot, "number": numbers.get(lot.contract, ""), "holder": names.get(lot.creditor, shown.NOBODY),
         "status": shown.lot_status(lot, names, today)}
        for lot in lots
    ]  # fmt: skip
