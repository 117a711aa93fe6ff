"""A line: a limit drawn and repaid at will (循环额度, 随借随还), interest on each day's balance.

A payment serves interest and penalty to the day first, then principal; what is left goes back to the payer and is
the flow's ``surplus``. Drawing beyond the limit or after the line's end is refused. What is still drawn after the
end is overdue and bears the rate times the penalty factor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice import checks
from jirong.instruments.practice.terms import FixedRate, RatePlan, rate_on, reset_dates
from jirong.kernel import daycount, rates
from jirong.kernel.money import Money, round_half_up
from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """``limit`` available from ``start`` up to and including ``ends``; interest counts A/360 unless told."""

    limit: Money
    rate: RatePlan
    start: date
    ends: date
    day_count: daycount.DayCount = daycount.A360
    penalty_factor: Decimal = Decimal("1.5")

    def __post_init__(self) -> None:
        checks.positive("limit", self.limit)
        if self.ends <= self.start:
            raise checks.invalid(
                "ends",
                self.ends,
                Text(f"到期日不晚于生效日 {self.start}", f"the end is not after the start {self.start}"),
                Text(f"请填写 {self.start} 之后的日期", f"Give a date after {self.start}"),
            )


@dataclass(frozen=True, slots=True)
class Draw:
    """Money paid out to the borrower."""

    on: date
    amount: Money

    def __post_init__(self) -> None:
        checks.positive("draw", self.amount)


@dataclass(frozen=True, slots=True)
class Repay:
    """Money received, from the borrower or from a settlement that passes through."""

    on: date
    amount: Money

    def __post_init__(self) -> None:
        checks.positive("repay", self.amount)


@dataclass(frozen=True, slots=True)
class LineFlow:
    """What one event did: principal (negative when drawn), interest, penalty, and what was passed on."""

    on: date
    principal: Money
    interest: Money
    penalty: Money
    surplus: Money


@dataclass(frozen=True, slots=True)
class LineState:
    """The line on a day: what is drawn, what may still be drawn, interest and penalty earned but not paid."""

    as_of: date
    drawn: Money
    available: Money
    interest: Money
    penalty: Money
    days_past_due: int
    rate: Decimal
    flows: tuple[LineFlow, ...]

    @property
    def owed(self) -> Money:
        return self.drawn + self.interest + self.penalty


def replay_line(
    terms: LineTerms, events: Iterable[Draw | Repay], as_of: date, *, history: rates.RateHistory | None = None
) -> LineState:
    """The line on ``as_of`` after the events up to and including that day.

    Raises :class:`~jirong.kernel.errors.Refusal` for an event before the start, a draw beyond what is available
    (``loan.beyond_limit``) or after the end (``loan.line_ended``).
    """
    line = _Line(terms, history or rates.lpr_history())
    line.check_date(as_of)
    for count, event in enumerate(sorted(events, key=lambda event: event.on)):
        if event.on > as_of:
            break
        checks.whole("events", count, 0, checks.EVENTS_MAX)
        line.check_date(event.on)
        line.accrue(event.on)
        if isinstance(event, Draw):
            line.draw(event)
        else:
            line.repay(event)
    line.accrue(as_of)
    return line.state()


class _Line:
    """The running sums, in minor units; interest and penalty are exact totals less what was paid of them."""

    def __init__(self, terms: LineTerms, history: rates.RateHistory) -> None:
        self.terms, self.history, self.day = terms, history, terms.start
        self.drawn = self.interest_paid = self.penalty_paid = 0
        self.interest = self.penalty = Fraction(0)
        self.flows: list[LineFlow] = []

    def check_date(self, day: date) -> None:
        if day < self.terms.start:
            raise checks.invalid(
                "on",
                day,
                Text(
                    f"日期早于额度生效日 {self.terms.start}", f"the date precedes the line's start {self.terms.start}"
                ),
                Text(f"请使用 {self.terms.start} 或之后的日期", f"Use {self.terms.start} or a later date"),
            )

    def accrue(self, to: date) -> None:
        """Interest day by balance up to ``to``, a stretch at a time: rates change on resets, penalty after the end."""
        for stop in [*self._turns(to), to]:
            years = daycount.year_fraction(self.terms.day_count, self.day, stop)
            earned = self.drawn * Fraction(self._rate()) * years
            if self.day >= self.terms.ends:
                self.penalty += earned * Fraction(self.terms.penalty_factor)
            else:
                self.interest += earned
            self.day = stop

    def draw(self, event: Draw) -> None:
        if event.on > self.terms.ends:
            raise checks.not_now(
                "line_ended",
                Text(f"额度已于 {self.terms.ends} 到期", f"the line ended on {self.terms.ends}"),
                Text("请先续期额度", "Renew the line first"),
                "on",
            )
        left = max(0, self.terms.limit.minor - self.drawn)
        if event.amount.minor > left:
            raise checks.not_now(
                "beyond_limit",
                Text(f"提款 {event.amount} 超过可用额度", f"{event.amount} is more than is available"),
                Text(f"最多可提 {self._money(left)}", f"At most {self._money(left)} can be drawn"),
                "amount",
            )
        self.drawn += event.amount.minor
        self._record(event.on, -event.amount.minor, 0, 0, 0)

    def repay(self, event: Repay) -> None:
        left = event.amount.minor
        penalty = min(left, self._owed_penalty())
        interest = min(left - penalty, self._owed_interest())
        principal = min(left - penalty - interest, self.drawn)
        self.penalty_paid += penalty
        self.interest_paid += interest
        self.drawn -= principal
        self._record(event.on, principal, interest, penalty, left - penalty - interest - principal)

    def state(self) -> LineState:
        late = bool(self.drawn or self._owed_interest() or self._owed_penalty())
        open_limit = self.terms.limit.minor - self.drawn if self.day <= self.terms.ends else 0
        return LineState(
            as_of=self.day,
            drawn=self._money(self.drawn),
            available=self._money(max(0, open_limit)),
            interest=self._money(self._owed_interest()),
            penalty=self._money(self._owed_penalty()),
            days_past_due=max(0, (self.day - self.terms.ends).days) if late else 0,
            rate=self._rate(),
            flows=tuple(self.flows),
        )

    def _turns(self, to: date) -> list[date]:
        turns = {self.terms.ends}
        for reset in reset_dates(self.terms.rate, self.terms.start):
            if reset >= to:
                break
            turns.add(reset)
        return sorted(turn for turn in turns if self.day < turn < to)

    def _rate(self) -> Decimal:
        if isinstance(self.terms.rate, FixedRate):
            return self.terms.rate.rate
        return rate_on(self.terms.rate, self.terms.start, self.day, self.history)

    def _owed_interest(self) -> int:
        return round_half_up(self.interest) - self.interest_paid

    def _owed_penalty(self) -> int:
        return round_half_up(self.penalty) - self.penalty_paid

    def _money(self, minor: int) -> Money:
        return Money(minor, self.terms.limit.unit)

    def _record(self, on: date, principal: int, interest: int, penalty: int, surplus: int) -> None:
        amounts = (self._money(minor) for minor in (principal, interest, penalty, surplus))
        self.flows.append(LineFlow(on, *amounts))
