"""A bank that exists only here, for demonstrations and tests: it executes instructions and answers them.

It behaves as a bank's system does from outside: an account pays only what is on it, some payments are rejected, some
answers never come, and a payment executed once is never executed again however often it is asked. The house treats
its answers exactly as a real bank's.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from jirong.kernel.errors import Forbidden, Invalid, NotFound, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties.models import BankAccount
from jirong.rails import actions, batches, reasons, unbooked
from jirong.rails.models import Batch, Instruction, SandboxAccount, SandboxMovement
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.store.ids import new_id

Outcome = dict[str, Any]


@action("sandbox.set_account", Text("设置沙箱账户", "Set a sandbox account"))
def set_account(
    *,
    actor: Actor,
    id: uuid.UUID,
    account: uuid.UUID,
    balance: Money,
    rejects: bool = False,
    silent: bool = False,
) -> Outcome:
    """Put ``balance`` on an account of the pretended bank and say how it behaves; the operator or the bank does so."""
    with acting_as(SYSTEM):
        found = BankAccount.objects.filter(pk=account).first()
    if found is None:
        raise NotFound("sandbox.no_account", Text("没有这个账户", "There is no such account"), where="account")
    if actor.role not in ("operator", "system") and actor.party != found.bank_id:
        raise Forbidden(
            "sandbox.not_yours", Text("只有运营方或开户行可以设置", "Only the operator or the bank may"),
            remedy=Text("请由运营方或开户行设置", "Let the operator or the bank do so"),
        )  # fmt: skip
    if balance.minor < 0:
        raise Invalid(
            "sandbox.balance", Text("余额不能为负", "A balance is not negative"), where="balance",
            remedy=Text("请填写零或正数", "Give zero or more"),
        )  # fmt: skip
    with acting_as(SYSTEM):
        SandboxAccount.objects.update_or_create(
            account=found, defaults={"balance_minor": balance.minor, "rejects": rejects, "silent": silent}
        )
    concern(found.party_id, found.bank_id)
    return {"account": str(account), "balance": str(balance)}


def answer_all(bank: uuid.UUID | None = None, *, limit: int = 1000, again: bool = True) -> int:
    """Execute and answer what waits (at ``bank``, or anywhere); returns how many were answered.

    Called by ``jirong sandbox`` and by tests. Killed half-way, it takes up where it stopped. An answer the house
    cannot book stays unanswered, is set aside with its reason and does not hold up the others; without ``again`` it is
    not tried twice a business day.
    """
    answered = 0
    with acting_as(SYSTEM), transaction.atomic():
        found = waiting() if bank is None else waiting().filter(account__bank=bank)
        if not again:
            found = found.exclude(unbooked__tried_on=business_date.today())
        rows = list(found.order_by("recorded_at", "pk")[:limit])
    together: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in rows:
        if row.batch_id is not None:
            together.setdefault(row.batch_id, []).append(row.pk)
    for batch, ids in together.items():
        answered += answer_batch(batch, ids)
    for id in [row.pk for row in rows if row.batch_id is None]:
        answered += answer(id)
    return answered


def waiting() -> QuerySet[Instruction]:
    """Instructions the pretended bank has still to answer; accounts it keeps silent about are left in peace."""
    return Instruction.objects.filter(state="instructed", account__sandbox__silent=False)


def answer(instruction: uuid.UUID) -> bool:
    """Execute one instruction if it was not, then tell the house; ``False`` where the bank keeps silent, or the house
    could not book it.
    """
    with acting_as(SYSTEM), transaction.atomic():
        movement = _execute(instruction)
        if movement is None:
            return False
        bank = Instruction.objects.select_related("account").get(pk=instruction).account.bank_id
        value_date = business_date.today()
    tell = functools.partial(
        actions.confirm_payment,
        actor=Actor("party", bank),
        id=derived_id(instruction, "sandbox answer"),
        instruction=instruction,
        paid=movement.paid,
        bank_reference=movement.reference,
        value_date=value_date,
        reason=movement.why,
    )
    return not isinstance(unbooked.attempt(instruction, tell), Refusal)


def answer_batch(batch: uuid.UUID, instructions: Sequence[uuid.UUID]) -> int:
    """Execute items of a batch and answer them together; how many the house took."""
    answers = []
    with acting_as(SYSTEM), transaction.atomic():
        bank, value_date = Batch.objects.get(pk=batch).bank_id, business_date.today()
        for id in instructions:
            movement = _execute(id)
            if movement is not None:
                answers.append(batches.Answer(id, movement.paid, movement.reference, movement.why))
    if not answers:
        return 0
    done = batches.confirm_batch(
        actor=Actor("party", bank), id=new_id(), batch=batch, value_date=value_date, answers=answers
    )
    return int(done["paid"] + done["rejected"])


def _execute(id: uuid.UUID) -> SandboxMovement | None:
    instruction = Instruction.objects.select_for_update(of=("self",)).get(pk=id)
    done = SandboxMovement.objects.filter(pk=id).first()
    if done is not None:
        return done
    payer = SandboxAccount.objects.select_for_update().get(pk=instruction.account_id)
    if payer.silent:
        return None
    amount = instruction.legs.aggregate(total=Sum("amount_minor"))["total"]
    if payer.rejects or payer.balance_minor < amount:
        reason = reasons.USUAL["state" if payer.rejects else "funds"].as_dict()
        return SandboxMovement.objects.create(instruction=id, paid=False, reason=reason, reference=_reference(id))
    _move(instruction, payer, amount)
    return SandboxMovement.objects.create(instruction=id, paid=True, reference=_reference(id))


def _move(instruction: Instruction, payer: SandboxAccount, amount: int) -> None:
    """Debit the payer, credit those payees whose accounts are also of the sandbox, in account order."""
    SandboxAccount.objects.filter(pk=payer.pk).update(balance_minor=F("balance_minor") - amount)
    for leg in instruction.legs.order_by("account_id"):
        SandboxAccount.objects.filter(pk=leg.account_id).update(balance_minor=F("balance_minor") + leg.amount_minor)


def _reference(id: uuid.UUID) -> str:
    return f"SB{id.hex[-16:].upper()}"
