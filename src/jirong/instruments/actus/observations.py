"""What the contract cannot know: market values and behaviour (ACTUS techspecs §5 Risk Factor Observer).

Market values are series by code (a reference rate, an index, a price, an ``EUR/USD`` rate). A value is used at
exactly the time it was observed for; carrying the last one forward is an assumption, so it has to be asked for.
Behaviour is a list of events the terms do not schedule: an analysis date, a credit event, a prepayment, a drawing,
an exercise or a call.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from jirong.instruments.actus import instants, refusals, terms
from jirong.kernel.text import Text

OBSERVED_EVENTS_MAX = 10_000

_SERIES_FORM = Text("{时点: 数值} 或 [{timestamp, value}] 列表", "{time: value} or a list of {timestamp, value}")
_EVENT_FORM = Text("{time, type, value} 形式的事件", "an event {time, type, value}")


@dataclass(frozen=True, slots=True)
class Observations:
    """Observed values by market code, each series ascending in time.

    ``carry_forward`` uses the last value before a time that has none of its own, for rates that stay in force until
    the next is published.
    """

    series: Mapping[str, Sequence[tuple[datetime, Decimal]]] = field(default_factory=dict)
    carry_forward: bool = False

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, carry_forward: bool = False) -> Observations:
        """From ``{code: {time: value}}`` or the published form ``{code: {data: [{timestamp, value}]}}``."""
        return cls({str(code).strip(): _series(str(code), body) for code, body in data.items()}, carry_forward)

    def value(self, code: str, *instants_wanted: datetime) -> Decimal:
        """The value at the first of the times that has one; raises :class:`Invalid` when none has.

        Several times are asked for where a business-day convention gives an event two.
        """
        known = self.series.get(code, ())
        for wanted in instants_wanted:
            for instant in instants.spellings(wanted):
                at = bisect_right(known, instant, key=_time)
                if at and known[at - 1][0] == instant:
                    return known[at - 1][1]
        earlier = bisect_right(known, instants_wanted[0], key=_time)
        if self.carry_forward and earlier:
            return known[earlier - 1][1]
        raise refusals.not_observed(code, instants_wanted[0].isoformat())


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """A thing that happened: ``type`` as in the event dictionary (AD, CE, PP, PR, PI, XD).

    ``value`` is an amount ≥ 0, ``contract`` the id of the contract it happened to (None: the one evaluated),
    ``performance`` the contract performance a credit event leads to.
    """

    time: datetime
    type: str
    value: Decimal = Decimal(0)
    contract: str | None = None
    performance: str | None = None

    @classmethod
    def parse(cls, raw: object) -> ObservedEvent:
        """From ``{time, type, value, contractId?, states: {contractPerformance}?}``."""
        if not isinstance(raw, Mapping) or "time" not in raw or "type" not in raw:
            raise refusals.unreadable("eventsObserved", raw, _EVENT_FORM)
        states = raw.get("states") or {}
        contract = raw.get("contractId", raw.get("contractID"))
        performance = states.get("contractPerformance") if isinstance(states, Mapping) else None
        return cls(
            instants.parse_instant(raw["time"], "eventsObserved.time"),
            str(raw["type"]).strip().upper(),
            terms.number("eventsObserved.value", raw.get("value") or 0),
            str(contract).strip() if contract else None,
            str(performance).strip().upper() if performance else None,
        )


def parse_events(raw: Iterable[Mapping[str, Any] | ObservedEvent]) -> tuple[ObservedEvent, ...]:
    """Observed events in time order, at most :data:`OBSERVED_EVENTS_MAX`; ready ones pass through."""
    found = [item if isinstance(item, ObservedEvent) else ObservedEvent.parse(item) for item in raw]
    if len(found) > OBSERVED_EVENTS_MAX:
        limit = Text(f"不超过 {OBSERVED_EVENTS_MAX} 个事件", f"no more than {OBSERVED_EVENTS_MAX} events")
        raise refusals.unreadable("eventsObserved", f"{len(found)} events", limit)
    return tuple(sorted(found, key=lambda event: event.time))


def _time(point: tuple[datetime, Decimal]) -> datetime:
    return point[0]


def _series(code: str, body: object) -> list[tuple[datetime, Decimal]]:
    where = f"dataObserved.{code}"
    if isinstance(body, Mapping) and isinstance(body.get("data"), Sequence):
        body = body["data"]
    if isinstance(body, Mapping):
        pairs: Iterable[tuple[Any, Any]] = body.items()
    elif isinstance(body, Sequence) and all(isinstance(row, Mapping) and "timestamp" in row for row in body):
        pairs = [(row["timestamp"], row.get("value")) for row in body]
    else:
        raise refusals.unreadable(where, body, _SERIES_FORM)
    points = [(instants.parse_instant(time, where), terms.number(where, value)) for time, value in pairs]
    return sorted(points, key=_time)
