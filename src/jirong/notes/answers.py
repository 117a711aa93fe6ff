"""What follows when a bank answers a payment of a note or a loan. Runs inside the bank's own action."""

from __future__ import annotations

import uuid
from typing import Any

from jirong.engine.kinds import chain_note, lot_loan
from jirong.kernel.ids import derived_id
from jirong.notes import loans, runtime
from jirong.notes.models import LotLoan
from jirong.rails import actions as rails
from jirong.rails.models import Confirmation, Instruction, Leg
from jirong.store.identity import SYSTEM, acting_as


def register() -> None:
    for purpose in ("note.pay", "note.discount", "note.recourse"):
        rails.when_answered(purpose, note_answered)
    for purpose in ("loan.disburse", "loan.repay"):
        rails.when_answered(purpose, loan_answered)


def note_answered(instruction: Instruction, confirmation: Confirmation) -> None:
    """Settle (or leave standing) what each leg paid for; what went to a pledgee is booked on its loan."""
    legs = list(instruction.legs.select_related("instruction").order_by("pk"))
    # The rails hold the instruction as answered already; the engine still has to hear of each leg.
    running = runtime.load_whole(instruction.subject, answered=legs)
    kind: Any = chain_note.Confirm if confirmation.paid else chain_note.Reject
    for leg in legs:
        # The issuer sees a note's steps, but a discount's price is for its two sides alone.
        shown_minor = None if leg.because == "discount" else leg.amount_minor
        event = kind(id=derived_id(leg.pk, "answer"), payment=leg.pk)
        running = runtime.take(
            running, event, confirmation.value_date, kind="paid" if confirmation.paid else "unpaid", lot=leg.lot,
            amount_minor=shown_minor,
        )  # fmt: skip
        if confirmation.paid and leg.because == "pledgee" and leg.lot:
            paid_on, owed_on = confirmation.value_date, instruction.business_date
            loans.collect(leg.lot, leg.pk, leg.amount_minor, paid_on, as_of=owed_on)


def loan_answered(instruction: Instruction, confirmation: Confirmation) -> None:
    """The pay-out or a repayment of a loan was made, or was not; a loan that was not paid out leaves the lot free."""
    with acting_as(SYSTEM):
        (leg,) = instruction.legs.select_related("instruction")
    if leg.because == "loan" and not confirmation.paid:
        _free_lot(instruction.subject, leg, confirmation)
    with acting_as(SYSTEM):
        row = LotLoan.objects.select_for_update(no_key=True).get(pk=instruction.subject)
    id = derived_id(leg.pk, "answer")
    event: Any = lot_loan.Reject(id=id, payment=leg.pk)
    if confirmation.paid:
        event = lot_loan.Confirm(id=id, payment=leg.pk, as_of=instruction.business_date)
    word = "paid" if confirmation.paid else "unpaid"
    loans.take(row, event, confirmation.value_date, kind=word, minor=leg.amount_minor, answered=leg)


def _free_lot(loan: uuid.UUID, leg: Leg, confirmation: Confirmation) -> None:
    """The pledge ends with the loan it was for (民法典 393). The note is locked before the loan, as where it is paid."""
    with acting_as(SYSTEM):
        row = LotLoan.objects.select_related("offer").get(pk=loan)
    running = runtime.load(row.offer.note_id, [row.lot])
    event = chain_note.Release(id=derived_id(leg.pk, "release"), by=None, lot=row.lot)
    runtime.take(running, event, confirmation.value_date, kind="release", lot=row.lot)
