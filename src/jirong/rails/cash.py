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
from jirong.ledger.journal import TRANSFERS_MAX, Book, Journal, Kind, Transfer, account_id
from jirong.rails.models import Instruction, Leg

Order = tuple[Instruction, Sequence[Leg]]


def reserve(instruction: Instruction, legs: Sequence[Leg]) -> None:
    """Instructed: each leg is pending from the payer's account to the payee's."""
    reserve_all([(instruction, legs)], instruction.business_date)


def reserve_all(orders: Sequence[Order], on: datetime.date) -> None:
    """The same of many orders at once."""
    _post(orders, Kind.RESERVE, on)


def settle_all(orders: Sequence[Order], value_date: datetime.date) -> None:
    """Confirmed by the bank: what was pending is posted on the bank's value date."""
    _post(orders, Kind.POST_PENDING, value_date)


def release_all(orders: Sequence[Order], value_date: datetime.date) -> None:
    """Rejected by the bank: what was pending is void."""
    _post(orders, Kind.VOID_PENDING, value_date)


def _post(orders: Sequence[Order], kind: Kind, on: datetime.date) -> None:
    """A journal an order, in as few calls as the ledger takes them."""
    opened = {
        account: _terms(account, owner, legs[0].unit)
        for instruction, legs in orders
        for account, owner in [
            (instruction.account_id, instruction.payer_id), *((leg.account_id, leg.payee_id) for leg in legs)
        ]
    }  # fmt: skip
    accounts.open_accounts(list(opened.values()))
    waiting: list[Journal] = []
    count = 0
    for instruction, legs in orders:
        if count + len(legs) > TRANSFERS_MAX:
            post.post(waiting)
            waiting, count = [], 0
        count += len(legs)
        journal = derived_id(instruction.pk, "cash", kind.value)
        transfers = tuple(_transfer(instruction, leg, kind) for leg in legs)
        waiting.append(Journal(journal, on, transfers, reason=instruction.purpose))
    post.post(waiting)


def _transfer(instruction: Instruction, leg: Leg, kind: Kind) -> Transfer:
    first = kind is Kind.RESERVE
    return Transfer(
        leg.pk if first else derived_id(leg.pk, kind.value),
        account_id(_code(leg.account_id)),
        account_id(_code(instruction.account_id)),
        leg.amount_minor,
        kind,
        None if first else leg.pk,
        None,
        leg.unit,
    )


def _terms(account: uuid.UUID, owner: uuid.UUID, unit: str) -> accounts.Terms:
    return accounts.Terms(_code(account), Book.CASH, UNITS[unit], owner)


def _code(account: uuid.UUID) -> str:
    return f"cash:{account}"
