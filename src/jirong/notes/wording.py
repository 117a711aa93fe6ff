"""What issuing a note says, in words and with its rule results: for the maker's panel and the checker's alike."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from jirong.facts.models import Fact
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.notes import preview, shown
from jirong.parties import labels, wording
from jirong.parties import queries as parties
from jirong.store import business_date
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.display import Label


def register() -> None:
    wording.register("note.issue", wording.Wording(issue_words, _panel_findings, _note_url))


def issue_words(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[Label]:
    """To whom, how much, until when, on which invoices, and what else is promised."""
    names = labels.names([actor.party, arguments["payee"]])
    payee = names.get(arguments["payee"], shown.NOBODY)
    invoices = {fact.pk: fact for fact in Fact.objects.filter(pk__in=[part.invoice for part in arguments["backings"]])}
    total = Money(sum(part.amount.minor for part in arguments["backings"])).grouped()
    due = arguments["due"]
    words = [
        Text(
            f"承诺于 {due} 无条件向{payee.zh}支付 {total} 元。",
            f"Promise to pay {payee.en} CNY {total} on {due}, unconditionally.",
        ),
        *(_backing_words(invoices.get(part.invoice), part.amount) for part in arguments["backings"]),
    ]
    days = arguments.get("agreed_days")
    if days is not None:
        words.append(Text(f"合同约定账期为验收后 {days} 天。", f"The contract's term is {days} days from acceptance."))
    if arguments.get("note_agreed", True):
        words.append(Text("合同约定可用链单付款。", "The contract provides for payment by note."))
    if arguments.get("set_off_waived", True):
        words.append(Text("到期不对任何持有人主张抵销。", "No set-off will be claimed against any holder."))
    return words


def issue_findings(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[parts.Finding]:
    """The rules' results as of now."""
    facts = {fact.pk: fact for fact in Fact.objects.filter(pk__in=[part.invoice for part in arguments["backings"]])}
    pairs = [(facts[part.invoice], part.amount.minor) for part in arguments["backings"] if part.invoice in facts]
    assert actor.party is not None, "an issuer acts for a party"
    found = preview.issue(
        parties.party(actor.party), parties.party(arguments["payee"]), pairs, arguments["due"], business_date.today(),
        agreed_days=arguments.get("agreed_days"), note_agreed=arguments.get("note_agreed", True),
        set_off_waived=arguments.get("set_off_waived", True), late_rate=arguments.get("late_rate"),
    )  # fmt: skip
    return shown.findings(found.reasons)


def _panel_findings(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[parts.Finding]:
    return shown.brief(issue_findings(actor, arguments))


def _backing_words(invoice: Fact | None, amount: Money) -> Text:
    number = invoice.key if invoice else "?"
    order = invoice.order_no if invoice else "?"
    return Text(
        f"对应发票 {number}（订单 {order}）中的 {amount.grouped()} 元。",
        f"It stands on CNY {amount.grouped()} of invoice {number} (order {order}).",
    )


def _note_url(outcome: Mapping[str, Any]) -> str:
    return reverse("note", args=[uuid.UUID(str(outcome["note"]))]) if outcome.get("note") else ""
