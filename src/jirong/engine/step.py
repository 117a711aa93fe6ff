"""``step``: the one door through which any contract moves.

``step(terms, state, event, date)`` looks up the contract kind's handler for the event and answers with an
:class:`~jirong.engine.contract.Outcome`. It has no clock (the business date is an argument) and no store: whoever
calls it, the API, the close of business, a simulation or a trial, gives it the state and keeps what it answers.
A room with a kind of its own adds it once, on import, with :func:`register`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from jirong.engine.contract import Kind, Outcome, Terms
from jirong.engine.kinds import chain_note, lot_loan
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

KINDS: dict[str, Kind] = {kind.name: kind for kind in (chain_note.KIND, lot_loan.KIND)}


def register(kind: Kind) -> None:
    """Make ``kind`` known to :func:`step`; a name is taken once."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"the contract kind {kind.name} is already registered")


def step(terms: Terms, state: Any, event: Any, date: dt.date) -> Outcome:
    """Take one step on the business date ``date``; raises a ``Refusal`` with its reasons where it may not be taken."""
    kind = KINDS.get(terms.kind)
    handler = kind.handlers.get(type(event)) if kind else None
    if handler is None:
        name = type(event).__name__
        raise Invalid(
            "step.unknown_event",
            Text(f"“{terms.kind}”合同没有“{name}”这一步", f"A “{terms.kind}” contract has no step “{name}”"),
        )
    return handler(terms, state, event, date)
