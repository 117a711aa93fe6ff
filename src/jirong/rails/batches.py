"""Many payments ordered together: a lender's debits of a day go to each bank as one batch, answered item by item.

Every item is an instruction like any other (pending until its bank answers, never void by timeout); the batch is the
file a bank receives and the answer it sends back. One answer that cannot be booked keeps no other from being booked.
"""

from __future__ import annotations

import csv
import datetime
import functools
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from jirong.engine.intents import Payment
from jirong.kernel.errors import Invalid, NotFound, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS, Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.rails import actions, cash, unbooked
from jirong.rails.models import Batch, Confirmation, Instruction, Leg
from jirong.store.identity import SYSTEM, Actor, acting_as

Outcome = dict[str, Any]
ANSWERS_MAX = 2_000
"""Most answers of one call: each moves claims and books, and all of it is one transaction."""
ACCOUNTS = """
SELECT DISTINCT ON (party_id) party_id, id, bank_id FROM parties_bank_account
WHERE party_id = ANY(%s) AND unit = %s ORDER BY party_id, recorded_at, id
"""
FILE_COLUMNS = ("instruction", "payer_account", "payee_account", "amount", "unit", "purpose", "subject", "date")


@dataclass(frozen=True, slots=True)
class Order:
    """One ``payment`` for the contract or loan ``subject``."""

    payment: Payment
    subject: uuid.UUID


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank did with one instruction, under its own reference; ``reason`` where it did not pay."""

    instruction: uuid.UUID
    paid: bool
    bank_reference: str
    reason: Text | None = None


def instruct(
    orders: Sequence[Order], *, id: uuid.UUID, collector: uuid.UUID, purpose: str, on: datetime.date
) -> list[Order]:
    """Instruct each order as one instruction, batched by the payer's bank; runs inside the caller's action.

    Answers the orders that could not be instructed because a side has no bank account on record.
    """
    left: list[Order] = []
    for unit in sorted({order.payment.unit.code for order in orders}):
        of_unit = [order for order in orders if order.payment.unit.code == unit]
        sides = {party for order in of_unit for party in (order.payment.payer, order.payment.payee)}
        with acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute(ACCOUNTS, [sorted(sides), unit])
            accounts = {party: (account, bank) for party, account, bank in cursor.fetchall()}
        fits = [order for order in of_unit if {order.payment.payer, order.payment.payee} <= accounts.keys()]
        left += [order for order in of_unit if not {order.payment.payer, order.payment.payee} <= accounts.keys()]
        for bank in sorted({accounts[order.payment.payer][1] for order in fits}):
            some = [order for order in fits if accounts[order.payment.payer][1] == bank]
            batch = Batch(
                id=derived_id(id, "batch", bank, unit), collector_id=collector, bank_id=bank, purpose=purpose,
                items=len(some), total_minor=sum(order.payment.amount_minor for order in some), unit=unit,
                business_date=on,
            )  # fmt: skip
            _store(batch, some, {party: account for party, (account, _) in accounts.items()})
    return left


def _store(batch: Batch, orders: Sequence[Order], accounts: dict[uuid.UUID, uuid.UUID]) -> None:
    instructions, legs = [], []
    for order in orders:
        payment = order.payment
        instruction = Instruction(
            id=payment.id, payer_id=payment.payer, account_id=accounts[payment.payer], purpose=batch.purpose,
            subject=order.subject, batch=batch, business_date=batch.business_date,
        )  # fmt: skip
        instructions.append(instruction)
        legs.append(actions.leg_of(instruction, payment, accounts[payment.payee]))
    with acting_as(SYSTEM):
        batch.save(force_insert=True)
        Instruction.objects.bulk_create(instructions, batch_size=2000)
        Leg.objects.bulk_create(legs, batch_size=2000)
        cash.reserve_all([(each, [leg]) for each, leg in zip(instructions, legs, strict=True)], batch.business_date)
    concern(
        batch.collector_id, batch.bank_id, *(leg.payee_id for leg in legs), *(each.payer_id for each in instructions)
    )


@action("payment.confirm_batch", Text("银行批量确认付款结果", "Confirm a batch of payments"))
def confirm_batch(
    *, actor: Actor, id: uuid.UUID, batch: uuid.UUID, value_date: datetime.date, answers: list[Answer]
) -> Outcome:
    """The bank's answers to items of a batch, some or all; what stands for each. An item that contradicts an earlier
    answer, is not of the batch, or cannot be booked is refused by itself; saying the same again is harmless.
    """
    found = access(actor, batch)
    if not 0 < len(answers) <= ANSWERS_MAX:
        raise Invalid(
            "payment.batch_size",
            Text(f"一次须为1至{ANSWERS_MAX}笔答复", f"Give 1 to {ANSWERS_MAX} answers at a time"),
            remedy=Text("请分几次提交", "Send them in several calls"),
            where="answers",
        )
    concern(found.collector_id, found.bank_id)
    said: list[Outcome] = []
    told: list[tuple[Instruction, Confirmation, Sequence[Leg]]] = []
    for answer in answers:
        done = unbooked.attempt(
            answer.instruction, functools.partial(_answer, actor, found, answer, value_date, told)
        )  # fmt: skip
        if isinstance(done, Refusal):
            done = {"instruction": str(answer.instruction), "refused": done.code, "reason": done.reason.as_dict()}
        said.append(done)
    with acting_as(SYSTEM):
        actions.move_cash(told)
    states = [each.get("state", "refused") for each in said]
    counts = {state: states.count(state) for state in ("paid", "rejected", "refused")}
    return {"batch": str(batch), **counts, "items": said}


def _answer(
    actor: Actor,
    batch: Batch,
    answer: Answer,
    value_date: datetime.date,
    told: list[tuple[Instruction, Confirmation, Sequence[Leg]]],
) -> Outcome:
    with acting_as(SYSTEM):
        if not Instruction.objects.filter(pk=answer.instruction, batch=batch).exists():
            raise NotFound(
                "payment.not_of_batch",
                Text("该笔付款不在此批次中", "This payment is not in the batch"),
                remedy=Text("请核对批次文件中的指令编号", "Check the instruction's id in the batch's file"),
            )
    instruction, confirmation = actions.answer_one(
        actor, answer.instruction, answer.paid, answer.bank_reference, value_date, answer.reason
    )
    if instruction is not None:
        with acting_as(SYSTEM):
            told.append((instruction, confirmation, actions.tell(instruction, confirmation)))
    return actions.outcome_of(answer.instruction, confirmation)


def access(actor: Actor, id: uuid.UUID) -> Batch:
    """A batch the actor collects, or whose payers' bank it is."""
    with acting_as(SYSTEM):
        found = Batch.objects.filter(pk=id).first()
    if found is None or (actor.role == "party" and actor.party not in (found.collector_id, found.bank_id)):
        raise NotFound("payment.no_batch", Text("没有这个批次", "There is no such batch"))
    return found


def visible(actor: Actor) -> QuerySet[Batch]:
    """Batches the actor collects or executes, newest first."""
    found = Batch.objects.select_related("collector", "bank")
    if actor.role == "party":
        found = found.filter(Q(collector=actor.party) | Q(bank=actor.party))
    return found.order_by("-recorded_at", "-pk")


def file_of(batch: Batch) -> str:
    """The batch as the bank receives it: CSV, a line an instruction, amounts with two decimals."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(FILE_COLUMNS)
    with acting_as(SYSTEM):
        legs = Leg.objects.filter(instruction__batch=batch).select_related("instruction__account", "account")
        for leg in legs.order_by("pk"):
            order = leg.instruction
            amount = Money(leg.amount_minor, UNITS[leg.unit])
            rows.writerow(
                [order.pk, order.account.number, leg.account.number, amount, leg.unit, order.purpose, order.subject,
                 order.business_date]
            )  # fmt: skip
    return text.getvalue()
