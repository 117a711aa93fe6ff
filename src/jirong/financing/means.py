"""The means of whoever bears losses up to what it has: a capacity it commits, uses as it pays, and can read."""

from __future__ import annotations

import uuid

from jirong.engine import capacity
from jirong.engine.intents import Transfer
from jirong.kernel.ids import derived_id
from jirong.ledger import intents as ledger
from jirong.ledger.models import Reservation
from jirong.store.identity import SYSTEM, acting_as


def name(party: uuid.UUID) -> str:
    return f"means:{party}"


def free_minor(party: uuid.UUID) -> int:
    """What it has committed and not yet paid or set aside, in minor units."""
    key = f"capacity:{name(party)}:free"
    with acting_as(SYSTEM):
        return ledger.free_minor([key]).get(key, 0)


def reserved(party: uuid.UUID, minor: int, payment: uuid.UUID) -> Transfer:
    """The transfer that sets its part of a loss aside until its bank answers."""
    return capacity.reserve(name(party), minor, derived_id(payment, "means"), owner=party)


def is_reserved(transfer: uuid.UUID) -> bool:
    with acting_as(SYSTEM):
        return Reservation.objects.filter(pk=transfer).exists()
