"""Instructing a payment, and hearing what the bank did with it.

``instruct`` is part of the action that orders the money (a loan paid out, a note paid at maturity); the bank's answer
is an action of the bank. A repeated answer changes nothing, a contradicting one is refused and shows in the log.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from jirong.engine.intents import Payment
from jirong.kernel.errors import Conflict, Forbidden, Invalid
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties import queries as parties
from jirong.rails import cash, reasons
from jirong.rails.models import Confirmation, Instruction, Leg
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

Outcome = dict[str, Any]
Answered = Callable[[Instruction, Confirmation], None]

_answered: dict[str, Answered] = {}


def when_answered(purpose: str, act: Answered) -> None:
    """Call ``act(instruction, confirmation)`` inside the action in which the bank answers an instruction of
    ``purpose``. A room registers its purposes once, when Django starts.
    """
    if _answered.setdefault(purpose, act) is not act:
        raise ValueError(f"the purpose {purpose} is already taken")


def instruct(
    payments: Sequence[Payment],
    *,
    id: uuid.UUID,
    purpose: str,
    subject: uuid.UUID,
    on: datetime.date,
) -> Instruction:
    """One order of one payer to its bank for all ``payments``; runs inside the caller's action.

    Raises :class:`Conflict` where a side has no bank account on record.
    """
    payers = {payment.payer for payment in payments}
    if len(payers) != 1:
        raise ValueError("an instruction has one payer and at least one payment")
    (payer,) = payers
    with acting_as(SYSTEM):
        unit = payments[0].unit.code
        accounts = {party: parties.settlement_account(party, unit) for party in payers | {p.payee for p in payments}}
        instruction = Instruction.objects.create(
            id=id, payer_id=payer, account=accounts[payer], purpose=purpose, subject=subject, business_date=on
        )
        legs = [leg_of(instruction, payment, accounts[payment.payee].pk) for payment in payments]
        Leg.objects.bulk_create(legs)
        cash.reserve(instruction, legs)
    concern(payer, *(payment.payee for payment in payments), accounts[payer].bank_id)
    return instruction


@action("payment.confirm", Text("银行确认付款结果", "Confirm a payment's outcome"))
def confirm_payment(
    *,
    actor: Actor,
    id: uuid.UUID,
    instruction: uuid.UUID,
    paid: bool,
    bank_reference: str,
    value_date: datetime.date,
    reason: Text | None = None,
) -> Outcome:
    """The payer's bank says whether it paid, under its own reference, and ``reason`` where it did not. Saying the same
    again is harmless.
    """
    found, confirmation = answer_one(actor, instruction, paid, bank_reference, value_date, reason)
    if found is not None:
        with acting_as(SYSTEM):
            settle([(found, confirmation)])
    return outcome_of(instruction, confirmation)


def answer_one(
    actor: Actor, id: uuid.UUID, paid: bool, bank_reference: str, value_date: datetime.date, reason: Text | None
) -> tuple[Instruction | None, Confirmation]:
    """Record what the bank says of one instruction; with the instruction if it is news, for :func:`settle`."""
    found = _access_as_bank(actor, id)
    earlier = Confirmation.objects.filter(instruction=found).first()
    if earlier is None:
        _check_date(found, value_date)
        return found, _record(found, paid, bank_reference, value_date, reason)
    if (earlier.paid, earlier.bank_reference) != (paid, bank_reference):
        raise Conflict(
            "payment.contradicts",
            Text("该笔付款已有不同的确认结果", "This payment was already answered differently"),
            remedy=Text("请人工核对银行流水后冲正", "Reconcile with the bank's statement and correct by a new entry"),
            details={"paid": earlier.paid, "bank_reference": earlier.bank_reference},
        )
    return None, earlier


def tell(instruction: Instruction, confirmation: Confirmation) -> list[Leg]:
    """The state of an answered instruction, and the room whose payment it is; its legs, whose cash is still to move."""
    legs = list(instruction.legs.order_by("pk"))
    instruction.state = "paid" if confirmation.paid else "rejected"
    instruction.save(update_fields=["state"])
    concern(instruction.payer_id, *(leg.payee_id for leg in legs))
    _answered[instruction.purpose](instruction, confirmation)
    return legs


def settle(answers: Sequence[tuple[Instruction, Confirmation]]) -> None:
    """Claims first, then the cash of all, as where payments are instructed: two actions never wait for each other."""
    told = [(instruction, confirmation, tell(instruction, confirmation)) for instruction, confirmation in answers]
    move_cash(told)


def move_cash(told: Sequence[tuple[Instruction, Confirmation, Sequence[Leg]]]) -> None:
    """Post what was paid and void what was not, a call for each value date."""
    for value_date in sorted({confirmation.value_date for _, confirmation, _ in told}):
        for paid, move in ((True, cash.settle_all), (False, cash.release_all)):
            orders = [
                (instruction, legs)
                for instruction, confirmation, legs in told
                if (confirmation.paid, confirmation.value_date) == (paid, value_date)
            ]
            if orders:
                move(orders, value_date)


def leg_of(instruction: Instruction, payment: Payment, account: uuid.UUID) -> Leg:
    """The part of an instruction that is this payment."""
    return Leg(
        id=payment.id,
        instruction=instruction,
        payee_id=payment.payee,
        account_id=account,
        amount_minor=payment.amount_minor,
        unit=payment.unit.code,
        because=payment.because,
        lot=payment.lot,
        settles=[[str(claim), minor] for claim, minor in payment.settles],
    )


def _access_as_bank(actor: Actor, id: uuid.UUID) -> Instruction:
    """The instruction, locked, if the actor is the payer's bank (or the house itself)."""
    found = Instruction.objects.select_for_update(of=("self",)).select_related("account").filter(pk=id).first()
    if found is None or (actor.role != "system" and found.account.bank_id != actor.party):
        raise Forbidden(
            "payment.not_the_bank",
            Text("只有付款行可以确认付款结果", "Only the payer's bank can confirm a payment"),
        )
    return found


def _check_date(instruction: Instruction, value_date: datetime.date) -> None:
    """A bank pays (or does not) between the day it was told to and the business date: interest runs from that day."""
    first, last = instruction.business_date, business_date.today()
    if not first <= value_date <= last:
        raise Invalid(
            "payment.value_date",
            Text(
                f"起息日{value_date}须在指令日{first}与营业日{last}之间",
                f"The value date {value_date} must lie between the day of the order, {first}, and the business date, {last}",
            ),
            remedy=Text("请填写银行实际付款（或拒付）的日期", "Give the day on which the bank paid, or did not"),
            where="value_date",
            details={"from": first.isoformat(), "to": last.isoformat()},
        )


def _record(
    instruction: Instruction, paid: bool, bank_reference: str, value_date: datetime.date, reason: Text | None
) -> Confirmation:
    words = reasons.stored(reason)
    try:
        with transaction.atomic():
            return Confirmation.objects.create(
                instruction=instruction,
                bank_id=instruction.account.bank_id,
                paid=paid,
                bank_reference=bank_reference,
                value_date=value_date,
                reason=words,
            )
    except IntegrityError:
        raise Conflict(
            "payment.reference_used",
            Text("该银行流水号已用于另一笔付款", "This bank reference belongs to another payment"),
            remedy=Text("请核对银行流水号", "Check the bank's reference"),
            where="bank_reference",
        ) from None


def outcome_of(instruction: uuid.UUID, confirmation: Confirmation) -> Outcome:
    """How an answered instruction stands, for whoever answered it."""
    return {
        "instruction": str(instruction),
        "state": "paid" if confirmation.paid else "rejected",
        "bank_reference": confirmation.bank_reference,
    }
