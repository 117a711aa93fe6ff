"""What goes on beside the loan as actions: triggers watched, calls answered, income shares and subsidies paid."""

from __future__ import annotations

import datetime
import uuid

from jirong.financing import queries, runtime, sharing, watching
from jirong.financing.actions.common import Outcome, acting, house_only, only
from jirong.financing.models_conduct import Call
from jirong.kernel.errors import Conflict, Invalid, NotFound, Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

NOTE_MAX = 500


@action("contract.watch", Text("核查触发条件", "Watch a contract's triggers"))
def watch_contract(*, actor: Actor, id: uuid.UUID, contract: uuid.UUID) -> Outcome:
    """Judge the triggers of the contract's scheme on today's facts and do what those that begin or end say: freeze or
    open drawing, lower the limit, move rates, call upon a party, tell. By the lender, or the house at the close of
    business; asking twice a day does nothing twice.
    """
    row = runtime.lock_contract(contract)
    if actor.role not in ("operator", "system"):
        queries.access_contract(actor, contract)
        only(actor, row.lender_id, "贷款人", "the lender")
    turned = watching.watch(row, id, business_date.today())
    return {"contract": str(contract), "state": row.status, "turned": [each.as_dict() for each in turned]}


@action("contract.watch_all", Text("核查贷款人的触发条件", "Watch a lender's triggers"), public=False)
def watch_lender(*, actor: Actor, id: uuid.UUID, lender: uuid.UUID, on: datetime.date) -> Outcome:
    """Every contract of ``lender`` whose scheme has triggers, as of ``on``; part of the close of business."""
    house_only(actor)
    errors: list[dict[str, str]] = []

    def report(contract: uuid.UUID, error: Exception) -> None:
        errors.append({"contract": str(contract), "error": error.code if isinstance(error, Refusal) else repr(error)})

    return {"lender": str(lender), "counts": watching.watch_all(lender, on, id, report), "errors": errors}


@action("call.answer", Text("答复要求", "Answer a call"))
def answer_call(*, actor: Actor, id: uuid.UUID, call: uuid.UUID, note: str) -> Outcome:
    """The party a trigger called upon says what it did: topped up, reported, paid in."""
    party = acting(actor)
    with acting_as(SYSTEM):
        row = Call.objects.select_for_update(of=("self",)).select_related("contract").filter(pk=call).first()
    if row is None or row.party_id != party:
        raise NotFound("call.unknown", Text("没有这项要求", "There is no such call"))
    if row.done_on is not None:
        raise Conflict(
            "call.done", Text(f"该要求已于{row.done_on}办结", f"It was done on {row.done_on}"),
            remedy=Text("无须再次答复", "Nothing more is asked"),
        )  # fmt: skip
    if not note.strip() or len(note) > NOTE_MAX:
        raise Invalid(
            "call.note", Text(f"请说明情况，不超过{NOTE_MAX}字", f"Say what was done, in at most {NOTE_MAX} characters"),
            where="note",
        )  # fmt: skip
    row.done_on, row.note = business_date.today(), note
    with acting_as(SYSTEM):
        row.save(update_fields=["done_on", "note"])
    concern(row.contract.lender_id, row.contract.borrower_id)
    return {"call": str(call), "done_on": row.done_on.isoformat()}


@action("entitlement.pay", Text("支付收入分成与补贴", "Pay income shares and subsidies"), own_key=True)
def pay_entitlements(*, actor: Actor, id: uuid.UUID, policy: uuid.UUID) -> Outcome:
    """The party that owes them pays everything open under a policy's income and subsidy clauses, in one instruction."""
    payments = sharing.pay(policy, acting(actor), id, business_date.today())
    total = Money(sum(payment.amount_minor for payment in payments))
    return {"policy": str(policy), "amount": str(total), "payments": len(payments), "state": "instructed"}
