"""When the invoice a lot stands on is gone, the lot no longer moves; when the papers are put right, it does again.

Every step that would pass a lot on looks at its papers itself (``engine.checks.background_stands``), so nothing moves
in the time between. A freeze writes it on the lots, for everyone to see. The papers alone decide: whoever sees them may
ask for either, nobody can ask for what they do not say.
"""

from __future__ import annotations

import uuid
from typing import Any

from jirong.claims import queries as claims_queries
from jirong.claims.models import ClaimRow
from jirong.engine.kinds import chain_note
from jirong.facts.models import Fact
from jirong.kernel.errors import Forbidden, Invalid
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action
from jirong.notes import backing, runtime
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

Outcome = dict[str, Any]


@action("note.red_letter", Text("红字发票冻结", "Freeze lots for a red-letter invoice"))
def freeze_reversed(*, actor: Actor, id: uuid.UUID, red: uuid.UUID) -> Outcome:
    """A red-letter invoice on file freezes every open lot that stands on the invoice it reverses."""
    (fact,) = backing.resolve([red])
    if fact.values.get("colour") != "red":
        raise Invalid("note.not_red", Text("这不是红字发票", "This is not a red-letter invoice"), where="red")
    invoice = f"{fact.subject_id}:{fact.values['red_of']}"
    if all(ground.red_letter != fact.key for ground in backing.grounds_of([invoice])):
        raise Invalid(
            "note.red_by_buyer",
            Text("该红字发票不是开票方提交的", "The seller, who issued the invoice, did not state this red letter"),
            remedy=Text("请卖方提交红字发票", "Let the seller state it"),
            where="red",
        )
    return {"red_letter": fact.key, "frozen": _freeze(id, invoice, fact.key)}


@action("note.over_invoice", Text("发票更正冻结", "Freeze lots above their corrected invoice"))
def freeze_exceeding(*, actor: Actor, id: uuid.UUID, invoice: uuid.UUID) -> Outcome:
    """An invoice corrected to less than what was issued on it freezes every open lot that stands on it."""
    (fact,) = backing.resolve([invoice])
    require_exceeding(fact)
    return {"invoice": fact.key, "frozen": _freeze(id, backing.key_of(fact), None)}


def require_exceeding(invoice: Fact) -> None:
    """Refuse unless more was issued on the invoice than it says now."""
    (ground,) = backing.grounds_of([backing.key_of(invoice)])
    if ground.used_minor <= ground.gross_minor:
        gross, used = Money(ground.gross_minor).grouped(), Money(ground.used_minor).grouped()
        raise Invalid(
            "note.within_invoice",
            Text(f"已用{used}，未超过发票金额{gross}", f"{used} is used, within the invoice's {gross}"),
            where="invoice",
        )


@action("lot.unfreeze", Text("解除冻结", "Lift a freeze"))
def unfreeze(*, actor: Actor, id: uuid.UUID, lot: uuid.UUID) -> Outcome:
    """The papers behind a frozen lot were put right: it may be passed on again. Refused while they are not."""
    row = claims_queries.access_claim(actor, lot, chain_note.LOT)
    if actor.party is None:
        raise Forbidden("party.none", Text("请先选择代表的单位", "Choose the party you act for first"))
    running = runtime.load(row.contract, [lot])
    event = chain_note.Unfreeze(id=id, by=actor.party, lot=lot, grounds=backing.lot_grounds(lot))
    runtime.take(running, event, business_date.today(), kind="unfreeze", lot=lot)
    return {"lot": str(lot), "state": "held"}


def _freeze(id: uuid.UUID, invoice: str, red_letter: str | None) -> int:
    """Freeze what stands on ``invoice``, a step a note; how many lots it struck."""
    with acting_as(SYSTEM):
        notes = sorted(
            ClaimRow.objects.filter(background__contains=[invoice], kind=chain_note.LOT, outstanding_minor__gt=0)
            .values_list("contract", flat=True)
            .distinct()
        )
    frozen = 0
    for note in notes:
        running = runtime.load_whole(note)
        event = chain_note.Freeze(id=derived_id(id, note), invoice=invoice, red_letter=red_letter)
        running = runtime.take(running, event, business_date.today(), kind="freeze")
        frozen += sum(invoice in claim.background and bool(claim.frozen_by) for claim in running.state.lots.values())
    return frozen
