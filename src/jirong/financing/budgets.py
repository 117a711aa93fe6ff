"""Opening what many decisions draw on at once: a policy's budget, a subsidy clause's, a bearer's means.

A capacity has three accounts, and the ledger locks those of a transfer in the order of their ids. An account opened only
when it is first named breaks that order: the first to use a fresh budget would hold ``free`` while it opens ``used``,
the next would find both and lock them the other way round. So whoever grants a budget opens all of it, in one statement,
before anybody can draw on it. (A contract's own limit needs none of this: its drawings queue for the contract's row.)
"""

from __future__ import annotations

import uuid

from jirong.engine import capacity
from jirong.engine.intents import Transfer
from jirong.kernel.ids import derived_id
from jirong.ledger import intents as ledger


def grant(name: str, minor: int, act: uuid.UUID, *, owner: uuid.UUID) -> Transfer:
    """Open the three accounts of the budget ``name`` where they are not open, and answer the transfer, yet to be
    posted, by which ``owner`` commits (or adds) ``minor`` to it. Inside the caller's action.
    """
    granted = capacity.grant(name, minor, act, owner=owner)
    # Never posted: it only names the accounts that a decision will draw on.
    drawn = capacity.reserve(name, minor, derived_id(act, "drawn", name), owner=owner)
    ledger.open_missing([granted, drawn])
    return granted
