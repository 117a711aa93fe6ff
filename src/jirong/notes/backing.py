"""The trade behind a note: which invoices stand for it, how much of each is free, and who may read the papers.

An invoice is one invoice everywhere: its key is the seller and the number, and its unpaid balance is a capacity
account that every note and transfer draws on, in any cluster. The account holds the invoice's amount from its first use
and follows its corrections; a red-letter invoice, or a correction below what is used already, takes the ground from
under the lots that stand on it (:func:`grounds_of`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jirong.claims.models import ClaimRow
from jirong.engine import capacity, checks
from jirong.engine.checks import Backing, Evidence, Ground
from jirong.engine.intents import Transfer
from jirong.facts import actions as facts
from jirong.facts import queries as facts_queries
from jirong.facts.models import Fact
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.ledger import intents
from jirong.store import hot
from jirong.store.identity import SYSTEM, acting_as

BACKINGS_MAX = 200
STANDS = "NOT EXISTS (SELECT FROM facts_fact AS later WHERE later.corrects_id = here.id)"
INVOICES_BY_ID = hot.Read(Fact, "id = ANY(%s) AND kind = 'invoice'", corrected=f"NOT {STANDS}")
ON_FILE = hot.Read(
    Fact,
    "kind = 'invoice' AND (subject_id = ANY(%s) AND key = ANY(%s)"
    " OR subject_id = ANY(%s) AND amount_minor < 0 AND values->>'red_of' = ANY(%s))"
    f" AND {STANDS} ORDER BY recorded_at, id",
)
LOT = hot.Read(ClaimRow, "id = %s")


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
    found: dict[uuid.UUID, Any] = {fact.pk: fact for fact in INVOICES_BY_ID.rows(wanted)}
    for id in wanted:
        if id not in found:
            raise Invalid(
                "note.no_such_invoice", Text("没有这张发票", "There is no such invoice"), where="backings",
                details={"invoice": str(id)},
            )  # fmt: skip
        if found[id].corrected:
            raise Conflict(
                "note.invoice_corrected",
                Text("这张发票已被更正", "This invoice was corrected"),
                remedy=Text("请选用更正后的一张", "Choose it as corrected"),
                where="backings",
                details={"invoice": str(id)},
            )
    return [found[id] for id in wanted]


def evidence_of(invoices: Sequence[Fact], *, opening: bool = False) -> tuple[Evidence, ...]:
    """What is known of each invoice: its balance, its match, when its goods were accepted, whether it was reversed.

    ``opening`` brings the balances in the ledger to the invoices' amounts first, as part of the caller's action.
    """
    trades = facts_queries.trades_of({(fact.subject_id, fact.order_no) for fact in invoices})
    by_order = {(trade.seller, trade.order_no): trade for trade in trades}
    on_file = _on_file(map(key_of, invoices))
    if opening:
        _bring_to_amounts(on_file)
    grounds = {ground.invoice: ground for ground in _grounds(on_file)}
    return tuple(
        _evidence(fact, by_order.get((fact.subject_id, fact.order_no)), grounds.get(key_of(fact))) for fact in invoices
    )


def free_minor(invoices: Sequence[Fact]) -> dict[uuid.UUID, int]:
    """What is unpaid and unused of each invoice, in minor units: what its amount, as last corrected, leaves."""
    grounds = {ground.invoice: ground for ground in grounds_of(map(key_of, invoices))}
    return {fact.pk: _free(grounds.get(key_of(fact))) for fact in invoices}


def grounds_of(invoices: Iterable[str]) -> tuple[Ground, ...]:
    """How the invoices (``seller:number``) stand today: their amount, what is used of them, who reversed them.

    Reads as the house. An invoice of which nothing is on file is not among them.
    """
    return _grounds(_on_file(invoices))


def lot_grounds(lot: uuid.UUID) -> tuple[Ground, ...]:
    """How the invoices behind a lot stand today."""
    with acting_as(SYSTEM):
        row = LOT.first(lot)
    return grounds_of(row.background) if row else ()


def _on_file(invoices: Iterable[str]) -> dict[str, list[Fact]]:
    """Every standing statement of each invoice, red letters that name it included, the earliest first."""
    keys = list(dict.fromkeys(invoices))
    sellers, numbers = [uuid.UUID(key.partition(":")[0]) for key in keys], [checks.number_of(key) for key in keys]
    with acting_as(SYSTEM):
        rows = ON_FILE.rows(sellers, numbers, sellers, numbers)
    found: dict[str, list[Fact]] = {key: [] for key in keys}
    for row in rows:
        number = row.values["red_of"] if _is_red(row) else row.key
        found.get(f"{row.subject_id}:{number}", []).append(row)
    return {key: rows for key, rows in found.items() if any(not _is_red(row) for row in rows)}


def _grounds(on_file: Mapping[str, Sequence[Fact]]) -> tuple[Ground, ...]:
    names = {key: capacity.invoice_name(key) for key in on_file}
    accounts = [account(name).key for name in names.values() for account in (capacity.free, capacity.granted)]
    balances = _balances(accounts)
    found = []
    for key, rows in on_file.items():
        red = next((row.key for row in rows if _is_red(row) and not _by_buyer(row)), None)
        used = _granted(balances, names[key]) - balances.get(capacity.free(names[key]).key, 0)
        gross = _amount(rows).amount_minor or 0
        found.append(Ground(invoice=key, gross_minor=gross, used_minor=used, red_letter=red))
    return tuple(found)


def _amount(rows: Sequence[Fact]) -> Fact:
    """The statement that tells an invoice's amount: the least there is. What the buyer alone says counts only where
    nobody else said anything, for a debtor's word takes no ground from under a holder.
    """
    blue = [row for row in rows if not _is_red(row)]
    return min([row for row in blue if not _by_buyer(row)] or blue, key=lambda row: row.amount_minor or 0)


def _bring_to_amounts(on_file: Mapping[str, Sequence[Fact]]) -> None:
    """Grant each invoice's amount when it is first used, and follow its corrections: down by what is free at most.

    So the ledger itself holds that no more is issued than the invoice says. An invoice whose amount stands is passed
    over without a lock, so that later steps take all their locks in one order.
    """
    names = {key: capacity.invoice_name(key) for key in on_file}
    accounts = [account(name).key for name in names.values() for account in (capacity.free, capacity.granted)]
    balances = _balances(accounts)
    for key, rows in on_file.items():
        said, name = _amount(rows), names[key]
        more = (said.amount_minor or 0) - _granted(balances, name)
        less = min(-more, balances.get(capacity.free(name).key, 0))
        act = derived_id(INVOICES, key, said.pk, _granted(balances, name))
        if more > 0:
            _post(capacity.grant(name, more, act), said)
        elif less > 0:
            _post(capacity.revoke(name, less, act), said)


def _post(transfer: Transfer, because: Fact) -> None:
    journal = derived_id(INVOICES, "amount", transfer.id)
    intents.post([transfer], journal=journal, on=because.on, reason="invoice.recorded")


def _granted(balances: Mapping[str, int], name: str) -> int:
    return -balances.get(capacity.granted(name).key, 0)


def _balances(keys: Iterable[str]) -> dict[str, int]:
    with acting_as(SYSTEM):
        return intents.free_minor(keys)


def _free(ground: Ground | None) -> int:
    return max(0, ground.gross_minor - ground.used_minor) if ground else 0


def _is_red(row: Fact) -> bool:
    return bool(row.values.get("colour") == "red")


def _by_buyer(row: Fact) -> bool:
    return row.source_id == row.counterparty_id


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


def _evidence(invoice: Fact, trade: facts_queries.Trade | None, ground: Ground | None) -> Evidence:
    if invoice.counterparty_id is None:
        raise ValueError(f"invoice {invoice.pk} has no buyer")
    red = ground.red_letter if ground else None
    return Evidence(
        invoice=key_of(invoice),
        buyer=invoice.counterparty_id,
        seller=invoice.subject_id,
        unpaid_minor=_free(ground),
        accepted_on=trade.match.accepted_on if trade else None,
        matched=bool(trade and trade.match.holds and not red),
        red_letter=red,
    )


INVOICES = uuid.UUID("7f1c2a52-6f0e-5d4b-9d0e-3b1f3c5c9a10")
"""Namespace of the ids that follow from an invoice's key."""
