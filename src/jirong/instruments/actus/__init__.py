"""The ACTUS contract types, scalar and exact: terms in, events out, in :class:`decimal.Decimal`.

Written from the ACTUS technical specification v1.1 and dictionary v1.4 (ACTUS Financial Research Foundation,
CC BY-SA 4.0). Each contract type has a file that says what the contract is and which section it follows; what types
share stands once (``loan_schedule``, ``loan_functions``, ``amortizer``, ``exercise``, ``composed``, ``enhancement``).
``docs/instruments.md`` lists the readings taken where specification and published cases leave a choice.

    from jirong.instruments import actus
    actus.evaluate({"contractType": "PAM", ...}, {"USD.SWP": {"2026-01-01": "0.03"}})
"""

from jirong.instruments.actus.dictionary import CONTRACT_TYPES
from jirong.instruments.actus.model import EVENTS_MAX, Event, EventType
from jirong.instruments.actus.observations import Observations, ObservedEvent
from jirong.instruments.actus.registry import evaluate
from jirong.instruments.actus.schedule import TIMES_MAX
from jirong.instruments.actus.terms import unknown_names

__all__ = [
    "CONTRACT_TYPES",
    "EVENTS_MAX",
    "TIMES_MAX",
    "Event",
    "EventType",
    "Observations",
    "ObservedEvent",
    "evaluate",
    "unknown_names",
]
