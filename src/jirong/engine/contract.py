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

from jirong.engine.claims import Changes
from jirong.engine.reasons import Reason


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
