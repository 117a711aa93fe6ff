"""The cash book: a mirror of bank accounts, pending while instructed, posted when the bank has confirmed.

One ledger account mirrors one bank account and carries no limit, because only the bank knows what is on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from jirong.kernel.ids import derived_id
from jirong.ledger import post
from jirong.ledger.journal import Journal, Transfer
from jirong.rails.models import Instruction, Leg


def reserve(instruction: Instruction, legs: Sequence[Leg]) -> None:
    """Instructed: each leg is pending from the payer's account to the payee's."""
    _post(instruction, legs, "reserve", instruction.business_date)


def settle(instruction: Instruction, legs: Sequence[Leg], value_date: datetime.date) -> None:
    """Confirmed by the bank: what was pending is posted on the bank's value date."""
    _post(instruction, legs, "post_pending", value_date)


def release(instruction: Instruction, legs: Sequence[Leg], value_date: datetime.date) -> None:
    """Rejected by the bank: what was pending is void."""
    _post(instruction, legs, "void_pending", value_date)


def _post(instruction: Instruction, legs: Sequence[Leg], kind: str, on: datetime.date) -> None:
    owners = {instruction.account_id: instruction.payer_id} | {leg.account_id: leg.payee_id for leg in legs}
    numbers = _accounts(owners, legs[0].unit)
    transfers = tuple(
        Transfer(
            id=leg.pk if kind == "reserve" else derived_id(leg.pk, kind),
            debit=numbers[leg.account_id],
            credit=numbers[instruction.account_id],
            amount_minor=leg.amount_minor,
            kind=kind,
            pending=None if kind == "reserve" else leg.pk,
        )
        for leg in legs
    )
    post.post([Journal(id=derived_id(instruction.pk, "cash", kind), transfers=transfers, business_date=on)])
