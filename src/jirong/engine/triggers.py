"""What a scheme's triggers do to a running contract: freeze, lower, reprice, call, tell; and what their end undoes.

Pure: whether a trigger holds is judged by ``schemes.evaluate.triggers``; this module turns the responses of one that
begins, or ends, into :class:`Effects` on a :class:`Position`. Nothing here moves money. A freeze and a changed rate last
as long as their trigger (a freeze as long as any that asks for it); a lowered limit stays lowered, because a higher one
needs a new application. What no contract can do by itself (a case to open, a scheme to open, a loss an insurer pays) is
made a call to the party it concerns, with its day: nothing a scheme says is passed over in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from jirong.kernel import calendar
from jirong.kernel.money import round_half_up
from jirong.kernel.rates import basis_points
from jirong.schemes.model import responses
from jirong.schemes.shapes import Span

NEW_DRAWS = "new_draws"


class Standing(StrEnum):
    """A trigger of a contract: at rest, in force, or not judged because its facts are not known."""

    QUIET = "quiet"
    FIRING = "firing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a trigger finds: the signed limit and what was taken off it, whether drawing is frozen, which holds stand
    (``release``, ``new_contracts``, …), the rate a year of each running loan, and the most a scheme may charge.
    """

    limit_minor: int
    lowered_minor: int = 0
    frozen: bool = False
    holds: frozenset[str] = frozenset()
    rates: Mapping[UUID, Decimal] = field(default_factory=dict)
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A party, by the scheme's name, is to do something by a day."""

    party: str
    to: str
    due: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What changes: ``freeze`` (None: stays as it is), the limit's new height, holds begun and ended, new rates by
    loan, calls made, parties told.
    """

    freeze: bool | None = None
    lower_to_minor: int | None = None
    hold: frozenset[str] = frozenset()
    unhold: frozenset[str] = frozenset()
    rates: Mapping[UUID, Decimal] = field(default_factory=dict)
    calls: tuple[Called, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def some(self) -> bool:
        return self != Effects()


def turn(before: Standing, fires: bool | None, since: dt.date | None, lasts: Span | None, on: dt.date) -> Standing:
    """Where a trigger stands on ``on``: in force while its tests hold and, where it says how long it lasts, for that
    long whatever they say; not known while they are not.
    """
    if before is Standing.FIRING and since is not None and lasts is not None and on < after(since, lasts):
        return Standing.FIRING
    if fires is None:
        # A response in force is not lifted because the facts fell silent.
        return Standing.FIRING if before is Standing.FIRING else Standing.UNKNOWN
    return Standing.FIRING if fires else Standing.QUIET


def begin(trigger: responses.Trigger, position: Position, on: dt.date) -> Effects:
    """What the trigger does as it begins to fire on ``on``."""
    effects = Effects()
    for response in trigger.then:
        effects = _joined(effects, _respond(response, position, effects, on))
    return effects


def end(
    trigger: responses.Trigger,
    position: Position,
    still: Iterable[responses.Trigger],
    moved: Mapping[UUID, Decimal],
) -> Effects:
    """What its end undoes: freezes no other trigger in force asks for, and what it ``moved`` the rates by (which a cap
    or zero may have held short of what it says).
    """
    kept = {response.freeze for other in still for response in other.then if isinstance(response, responses.Freeze)}
    lifted = {item.freeze for item in trigger.then if isinstance(item, responses.Freeze)} - kept
    back = {id: max(Decimal(0), rate - moved[id]) for id, rate in position.rates.items() if moved.get(id)}
    return Effects(
        freeze=False if NEW_DRAWS in lifted and position.frozen else None,
        unhold=frozenset(lifted - {NEW_DRAWS}) & position.holds,
        rates=back,
        told=_told(trigger),
    )


def after(start: dt.date, span: Span) -> dt.date:
    """The day ``span`` after ``start``."""
    months = span.months
    return start + dt.timedelta(days=span.days_at_most) if months is None else calendar.add_months(start, months)


def _respond(response: responses.Response, position: Position, so_far: Effects, on: dt.date) -> Effects:
    match response:
        case responses.Freeze(freeze="new_draws"):
            return Effects(freeze=None if position.frozen else True)
        case responses.Freeze():
            return Effects(hold=frozenset({response.freeze}) - position.holds)
        case responses.LowerLimit():
            to = round_half_up(position.limit_minor * response.lower_limit_to)
            lower = to < position.limit_minor - position.lowered_minor
            return Effects(lower_to_minor=to if lower else None)
        case responses.CutRate() | responses.RaiseRate():
            return Effects(rates=_moved(position, {**position.rates, **so_far.rates}, _shift(response)))
        case responses.Call():
            return Effects(calls=(Called(party=response.call, to=response.to, due=after(on, response.within)),))
        case responses.OpenCase():
            return Effects(calls=(Called(party="platform", to="case", due=after(on, response.within)),))
        case responses.PayInterest():
            return Effects(calls=(Called(party=response.by, to="pay_interest", due=on),))
        case responses.PayLoss():
            return Effects(calls=(Called(party=response.by, to="pay_loss", due=on),))
        case responses.Open():
            return Effects(calls=(Called(party="lender", to="open", due=on),))
    return Effects(told=response.notify)


def _shift(response: responses.Response) -> Decimal:
    """How far it moves a rate, as a fraction a year."""
    match response:
        case responses.CutRate():
            return -basis_points(response.cut_rate_bp)
        case responses.RaiseRate():
            return basis_points(response.raise_rate_bp)
    return Decimal(0)


def _moved(position: Position, rates: Mapping[UUID, Decimal], shift: Decimal) -> dict[UUID, Decimal]:
    """Each rate moved, never below zero, never raised above the cap (a rate above it already stays)."""
    found = {}
    for loan, rate in rates.items():
        now = max(Decimal(0), rate + shift)
        if position.cap is not None and shift > 0:
            now = max(rate, min(now, position.cap))
        if now != position.rates[loan]:
            found[loan] = now
    return found


def _told(trigger: responses.Trigger) -> tuple[str, ...]:
    names = [name for item in trigger.then if isinstance(item, responses.Notify) for name in item.notify]
    return tuple(dict.fromkeys(names))


def _joined(one: Effects, other: Effects) -> Effects:
    lows = [minor for minor in (one.lower_to_minor, other.lower_to_minor) if minor is not None]
    return Effects(
        freeze=one.freeze if other.freeze is None else other.freeze,
        lower_to_minor=min(lows, default=None),
        hold=one.hold | other.hold,
        unhold=one.unhold | other.unhold,
        rates={**one.rates, **other.rates},
        calls=(*one.calls, *other.calls),
        told=tuple(dict.fromkeys((*one.told, *other.told))),
    )
