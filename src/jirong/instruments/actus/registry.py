"""Every contract type by its short name, and the one door to evaluate any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import localcontext
from typing import Any

from jirong.instruments.actus import (
    ann,
    capfl,
    cec,
    ceg,
    clm,
    com,
    csh,
    dictionary,
    futur,
    fxout,
    instants,
    lam,
    lax,
    nam,
    observations,
    optns,
    pam,
    schedule,
    stk,
    swaps,
    swppv,
    terms,
    ump,
)
from jirong.instruments.actus.model import PRECISION, Contract, Event
from jirong.instruments.actus.observations import Observations, ObservedEvent
from jirong.kernel.calendar import Calendar

CONTRACTS: Mapping[str, Callable[[Contract], list[Event]]] = {
    "PAM": pam.events,
    "LAM": lam.events,
    "NAM": nam.events,
    "ANN": ann.events,
    "LAX": lax.events,
    "CLM": clm.events,
    "UMP": ump.events,
    "CSH": csh.events,
    "STK": stk.events,
    "COM": com.events,
    "FXOUT": fxout.events,
    "OPTNS": optns.events,
    "FUTUR": futur.events,
    "SWPPV": swppv.events,
    "SWAPS": swaps.events,
    "CAPFL": capfl.events,
    "CEG": ceg.events,
    "CEC": cec.events,
}
assert tuple(CONTRACTS) == dictionary.CONTRACT_TYPES, "a contract type has no functions"


def evaluate(
    raw: Mapping[str, Any],
    observed: Observations | Mapping[str, Any] | None = None,
    events_observed: Iterable[Mapping[str, Any] | ObservedEvent] = (),
    to: datetime | date | str | None = None,
    calendars: Mapping[str, Calendar] | None = None,
    times_max: int | None = None,
) -> list[Event]:
    """All events of a contract after its status date, in order.

    ``raw`` holds ACTUS terms by the dictionary's names, values as strings or numbers. ``observed`` gives market
    values, ``events_observed`` behaviour and analysis dates (AD); ``to`` ends the view, itself included, and is needed
    by contracts without an end of their own. ``calendars`` adds business-day calendars by name to NC and MF;
    ``times_max`` bounds the times of all schedules together, for callers who do not trust the terms.
    Raises :class:`jirong.kernel.errors.Invalid` for impossible terms and for a value that was not observed.
    """
    if not isinstance(observed, Observations):
        observed = Observations.parse(observed or {})
    until = instants.parse_instant(to, "to") if to not in (None, "") else None
    with localcontext() as context, schedule.at_most(times_max):
        context.prec = PRECISION
        contract = Contract(
            terms.parse(raw),
            observed,
            observations.parse_events(events_observed),
            until,
            calendars or {},
            evaluate_contract,
        )
        return evaluate_contract(contract)


def evaluate_contract(contract: Contract) -> list[Event]:
    return CONTRACTS[contract.terms.kind](contract)
