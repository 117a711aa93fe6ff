"""The trade behind a note: which invoices stand for it, how much of each is free, and who may read the papers.

An invoice is one invoice everywhere: its key is the seller and the number, and its unpaid balance is a capacity
account that every note and transfer draws on, in any cluster. The account is opened with the invoice's gross amount
when it is first used; a red-letter invoice leaves it as it is and freezes what stands on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from jirong.engine import capacity
from jirong.engine.checks import Backing, Evidence
from jirong.facts import actions as facts
from jirong.facts import queries as facts_queries
from jirong.facts.models import Fact
from jirong.kernel.errors import Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.ledger import intents
from jirong.store import hot
from jirong.store.identity import SYSTEM, acting_as

BACKINGS_MAX = 200
INVOICES_BY_ID = hot.Read(Fact, "id = ANY(%s) AND kind = 'invoice'")


def key_of(invoice: Fact) -> str:
    """The invoice's key in claims and capacities: ``seller:number``."""
    return f"{invoice.subject_id}:{invoice.key}"


def resolve(invoices: Iterable[uuid.UUID]) -> list[Fact]:
    """The invoices' facts, as far as the identity sees them; refuses an unknown one by its id."""
    wanted = list(dict.fromkeys(invoices))
    if not 0 < len(wanted) <= BACKINGS_MAX:
        raise Invalid(
            "note.backings",
            Text(f"请选择1至{BACKINGS_MAX}张发票", f"Choose 1 to {BACKINGS_MAX} invoices"),
            where="backings",
        )
    found = {fact.pk: fact for fact in INVOICES_BY_ID.rows(wanted)}
    for id in wanted:
        if id not in found:
            raise Invalid(
                "note.no_such_invoice", Text("没有这张发票", "There is no such invoice"), where="backings",
                details={"invoice": str(id)},
            )  # fmt: skip
    return [found[id] for id in wanted]


def evidence_of(invoices: Sequence[Fact], *, opening: bool = False) -> tuple[Evidence, ...]:
    """What is known of each invoice: its balance, its match, when its goods were accepted, whether it was reversed.

    ``opening`` opens the balances of invoices that were never used.
    """
    trades = facts_queries.trades_of({(fact.subject_id, fact.order_no) for fact in invoices})
    by_order = {(trade.seller, trade.order_no): trade for trade in trades}
    left = open_balances(invoices) if opening else free_minor(invoices)
    return tuple(_evidence(fact, by_order.get((fact.subject_id, fact.order_no)), left[fact.pk]) for fact in invoices)


def free_minor(invoices: Sequence[Fact]) -> dict[uuid.UUID, int]:
    """What is unpaid and unused of each invoice, in minor units."""
    accounts = {capacity.free(capacity.invoice_name(key_of(fact))).key: fact for fact in invoices}
    with acting_as(SYSTEM):
        balances = intents.free_minor(accounts)
    return {fact.pk: balances.get(key, fact.amount_minor or 0) for key, fact in accounts.items()}


def open_balances(invoices: Sequence[Fact]) -> dict[uuid.UUID, int]:
    """Grant each invoice's gross amount once, on its own date; what is free of each. Part of the caller's action.

    Invoices used before are passed over without a lock, so that later steps take all their locks in one order.
    """
    names = {fact.pk: capacity.invoice_name(key_of(fact)) for fact in invoices}
    with acting_as(SYSTEM):
        known = intents.free_minor(capacity.free(name).key for name in names.values())
    for fact in invoices:
        name, key = names[fact.pk], key_of(fact)
        if capacity.free(name).key not in known and fact.amount_minor and fact.amount_minor > 0:
            grant = capacity.grant(name, fact.amount_minor, derived_id(INVOICES, key))
            intents.post([grant], journal=derived_id(INVOICES, "grant", key), on=fact.on, reason="invoice.recorded")
    return {fact.pk: known.get(capacity.free(names[fact.pk]).key, fact.amount_minor or 0) for fact in invoices}


def backings_of(invoices: Sequence[Fact], amounts: Sequence[int]) -> tuple[Backing, ...]:
    return tuple(Backing(key_of(fact), minor) for fact, minor in zip(invoices, amounts, strict=True))


def disclose(backings: Iterable[str], to: uuid.UUID, because: uuid.UUID) -> None:
    """Let a financier asked to fund a lot read the papers of the trade the lot stands on. Acts as the house."""
    sellers = [(uuid.UUID(seller), number) for seller, _, number in (key.partition(":") for key in backings)]
    invoices = Fact.objects.filter(
        kind="invoice", subject__in={s for s, _ in sellers}, key__in={n for _, n in sellers}, corrections__isnull=True
    )
    trades = facts_queries.trades_of({(fact.subject_id, fact.order_no) for fact in invoices})
    facts.disclose({fact.pk for trade in trades for fact in trade.documents}, to, because)


def _evidence(invoice: Fact, trade: facts_queries.Trade | None, free: int) -> Evidence:
    reds = [
        fact.key for fact in (trade.of("invoice") if trade else [])
        if fact.values.get("colour") == "red" and fact.values.get("red_of") == invoice.key
    ]  # fmt: skip
    if invoice.counterparty_id is None:
        raise ValueError(f"invoice {invoice.pk} has no buyer")
    return Evidence(
        invoice=key_of(invoice),
        buyer=invoice.counterparty_id,
        seller=invoice.subject_id,
        unpaid_minor=free,
        accepted_on=trade.match.accepted_on if trade else None,
        matched=bool(trade and trade.match.holds and not reds),
        red_letter=reds[0] if reds else None,
    )


INVOICES = uuid.UUID("7f1c2a52-6f0e-5d4b-9d0e-3b1f3c5c9a10")
"""Namespace of the ids that follow from an invoice's key."""
