"""What follows when a bank answers a payment of a loan. Runs inside the bank's own action."""

from __future__ import annotations

import uuid
from typing import Any

from jirong.engine import capacity
from jirong.engine.kinds import credit_line, loan
from jirong.financing import means, runtime, sharing
from jirong.financing.models import Contract
from jirong.kernel.ids import derived_id
from jirong.ledger import intents as ledger
from jirong.rails import actions as rails
from jirong.rails.models import Confirmation, Instruction, Leg


def register() -> None:
    for purpose in sorted(set(runtime.PURPOSES.values())):
        rails.when_answered(purpose, answered)
    rails.when_answered(sharing.PURPOSE, sharing.answered)


def answered(instruction: Instruction, confirmation: Confirmation) -> None:
    """Tell the loan; then its limit, the loan it takes over, and the means of whoever bore a loss."""
    legs = list(instruction.legs.select_related("instruction").order_by("pk"))
    contract = runtime.contract_behind(instruction.subject)
    running = runtime.lock_loan(instruction.subject, answered=legs)
    was = running.state
    kind: Any = loan.Confirm if confirmation.paid else loan.Reject
    event = kind(id=derived_id(instruction.pk, "answer"), payments=tuple(leg.pk for leg in legs))
    word = instruction.purpose.removeprefix("credit.") + (".paid" if confirmation.paid else ".unpaid")
    total = sum(leg.amount_minor for leg in legs)
    on = confirmation.value_date
    runtime.take(running, event, on, kind=word, minor=total)
    if instruction.purpose == "credit.disburse":
        _drawn(contract, running, instruction, legs, confirmation)
    elif instruction.purpose == "credit.repay" and confirmation.paid and contract:
        _returned(contract, running, was, instruction.pk, confirmation)
        sharing.came_in(contract, running.row, was, running.state, instruction.pk, on)
    elif instruction.purpose == "credit.compensate":
        _means(instruction, legs, confirmation)


def _drawn(
    contract: Any, running: runtime.Running, instruction: Instruction, legs: list[Leg], confirmation: Confirmation
) -> None:
    """The limit's reservation is used or free again; a loan taken over is repaid by its leg."""
    if contract:
        event = credit_line.Answered(
            id=derived_id(instruction.pk, "line"), draw=running.row.pk, amount_minor=running.row.principal_minor,
            paid=confirmation.paid,
        )  # fmt: skip
        runtime.take_line(contract, event, confirmation.value_date, kind="limit", loan_id=running.row.pk)
        if confirmation.paid:
            sharing.paid_out(contract, running.row, instruction.pk, confirmation.value_date)
    relayed = next((leg for leg in legs if leg.because == "relay"), None)
    if relayed and confirmation.paid and running.row.relays:
        _relay(running.row.relays, running.row.borrower_id, relayed, confirmation)


def _relay(id: uuid.UUID, borrower: uuid.UUID, leg: Leg, confirmation: Confirmation) -> None:
    """The loan taken over is repaid by the new one's leg; what it does not owe any more its lender sends back."""
    contract = runtime.contract_behind(id)
    old = runtime.lock_loan(id)
    was = old.state
    collect = loan.Collect(id=derived_id(leg.pk, "collect"), payer=borrower, amount_minor=leg.amount_minor)
    runtime.take(old, collect, confirmation.value_date, kind="relayed", minor=leg.amount_minor)
    if contract:
        _returned(contract, old, was, collect.id, confirmation)
        sharing.came_in(contract, old.row, was, old.state, collect.id, confirmation.value_date)


def _returned(
    contract: Contract, running: runtime.Running, was: loan.LoanState, act: uuid.UUID, confirmation: Confirmation
) -> None:
    """Principal that came back frees a revolving limit."""
    minor = _drawn_left(running, was) - _drawn_left(running, running.state)
    if minor > 0:
        event = credit_line.GiveBack(id=derived_id(act, "back"), amount_minor=minor)
        runtime.take_line(contract, event, confirmation.value_date, kind="limit", loan_id=running.row.pk)


def _drawn_left(running: runtime.Running, state: loan.LoanState) -> int:
    """What is left of the principal that was drawn. Interest that a restructuring made principal was never drawn: it
    counts as paid last and frees no limit.
    """
    principal = [claim for claim in state.claims.values() if claim.kind == "loan"]
    owed = sum(claim.outstanding_minor for claim in principal)
    whole = owed + sum(claim.settled_minor + claim.written_off_minor for claim in principal)
    return max(0, owed - max(0, whole - running.row.principal_minor))


def _means(instruction: Instruction, legs: list[Leg], confirmation: Confirmation) -> None:
    """A capped bearer's means were set aside when its part was called."""
    transfers = []
    for leg in legs:
        reserved = means.reserved(instruction.payer_id, leg.amount_minor, leg.pk)
        if means.is_reserved(reserved.id):
            transfers.append(capacity.use(reserved) if confirmation.paid else capacity.release(reserved))
    if transfers:
        ledger.post(transfers, journal=derived_id(instruction.pk, "means"), on=confirmation.value_date)
