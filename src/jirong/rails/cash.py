"""The cash book: a mirror of bank accounts, pending while instructed, posted when the bank has confirmed.

One ledger account mirrors one bank account and carries no limit, because only the bank knows what is on it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from jirong.kernel.ids import derived_id
from jirong.kernel.money import UNITS
from jirong.ledger import accounts, post
from jirong.ledger.journal import Book, Journal, Kind, Transfer, account_id
from jirong.rails.models import Instruction, Leg


def reserve(instruction: Instruction, legs: Sequence[Leg]) -> None:
    """Instructed: each leg is pending from the payer's account to the payee's."""
    _post(instruction, legs, Kind.RESERVE, instruction.business_date)


def settle(instruction: Instruction, legs: Sequence[Leg], value_date: datetime.date) -> None:
    """Confirmed by the bank: what was pending is posted on the bank's value date."""
    _post(instruction, legs, Kind.POST_PENDING, value_date)


def release(instruction: Instruction, legs: Sequence[Leg], value_date: datetime.date) -> None:
    """Rejected by the bank: what was pending is void."""
    _post(instruction, legs, Kind.VOID_PENDING, value_date)


def _post(instruction: Instruction, legs: Sequence[Leg], kind: Kind, on: datetime.date) -> None:
    accounts.open_accounts(
        [_terms(instruction.account_id, instruction.payer_id, legs[0].unit)]
        + [_terms(leg.account_id, leg.payee_id, leg.unit) for leg in legs]
    )
    transfers = tuple(
        Transfer(
            leg.pk if kind is Kind.RESERVE else derived_id(leg.pk, kind.value),
            account_id(_code(leg.account_id)),
            account_id(_code(instruction.account_id)),
            leg.amount_minor,
            kind,
            None if kind is Kind.RESERVE else leg.pk,
            None,
            leg.unit,
        )
        for leg in legs
    )
    journal = Journal(derived_id(instruction.pk, "cash", kind.value), on, transfers, reason=instruction.purpose)
    post.post([journal])


def _terms(account: uuid.UUID, owner: uuid.UUID, unit: str) -> accounts.Terms:
    return accounts.Terms(_code(account), Book.CASH, UNITS[unit], owner)


def _code(account: uuid.UUID) -> str:
    return f"cash:{account}"
