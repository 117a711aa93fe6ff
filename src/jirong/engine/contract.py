"""What every contract kind has in common: terms, a state, and handlers of events.

A kind (``chain_note``, ``lot_loan``) is a name and one handler for each event type. A handler is a pure function
``(terms, state, event, date) -> Outcome``; it raises a :class:`~jirong.kernel.errors.Refusal` when the step may not
be taken. The state holds the contract's header and only those claims that the event touches, so a step on one lot of
a large note costs the same as on a small one; a maturity takes them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from jirong.engine.claims import Changes
from jirong.engine.reasons import Reason
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text


class Terms(Protocol):
    """What the parties agreed; it never changes while the contract runs."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step answers: the state after it, what to store, post and pay, and why it was allowed."""

    state: Any
    changes: Changes
    reasons: tuple[Reason, ...] = ()


Handler = Callable[[Any, Any, Any, dt.date], Outcome]


@dataclass(frozen=True, slots=True)
class Kind:
    """A contract kind: its name and its handlers by event type."""

    name: str
    handlers: Mapping[type, Handler]


ROLES = {
    "issuer": Text("开立人", "the issuer"),
    "payee": Text("收款人", "the payee"),
    "holder": Text("份额持有人", "the lot's holder"),
    "receiver": Text("受要约方", "the party it was offered to"),
    "pledgee": Text("质权人", "the pledgee"),
    "funder": Text("资金方", "the funder"),
    "lender": Text("贷款人", "the lender"),
    "borrower": Text("借款人", "the borrower"),
    "payer": Text("付款义务人", "the party that owes it"),
}


def acts(by: UUID | None, party: UUID | None, role: str) -> None:
    """Refuse the step unless ``by`` is ``party``, whose ``role`` the refusal names."""
    if by is None or by != party:
        name = ROLES[role]
        raise Forbidden(
            "step.wrong_party",
            Text(f"只有{name.zh}可以进行此操作", f"Only {name.en} may do this"),
            remedy=Text(f"请由{name.zh}签署", f"Let {name.en} sign it"),
        )
