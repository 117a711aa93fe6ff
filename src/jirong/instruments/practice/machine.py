"""The course of one loan in time: what the contract does by itself, day after day.

A machine stands at a day; :meth:`Machine.advance` lets instalments fall due and floating rates reset up to another.
Interest is kept as an exact fraction of a fen and rounded once, when it falls due or is settled. Within one period
every change of principal or rate ends a stretch; an unbroken whole month is rate/12, stretches count days. What is
overdue gathers penalty from its due date, on the principal and interest of its own due only, so the order in which
states are asked for never matters. Events are applied by :mod:`jirong.instruments.practice.happenings`.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from jirong.instruments.practice import plans
from jirong.instruments.practice.allocation import Bucket, Due, allocate_dues
from jirong.instruments.practice.periods import Period, periods
from jirong.instruments.practice.state import CashFlow, FlowKind, Instalment, LoanState
from jirong.instruments.practice.terms import (
    Basis,
    DueShift,
    FixedRate,
    LoanTerms,
    Repayment,
    Reset,
    rate_on,
    reset_dates,
)
from jirong.kernel import calendar, daycount, rates
from jirong.kernel.money import Money, round_half_up

_DAY_COUNT = {
    Basis.MONTHS: daycount.A360,
    Basis.A360: daycount.A360,
    Basis.A365: daycount.A365,
    Basis.THIRTY_E_360: daycount.THIRTY_E_360,
}


@dataclass(slots=True)
class OpenDue:
    """An unpaid due in minor units; penalty and compound are what was earned so far, exact, less what was paid."""

    number: int
    due: date
    principal: int = 0
    interest: int = 0
    fee: int = 0
    penalty: Fraction = Fraction(0)
    compound: Fraction = Fraction(0)
    penalty_paid: int = 0
    compound_paid: int = 0
    counted_to: date = date.min

    def accrue(self, to: date, late_from: date, yearly: Fraction, compound: bool) -> None:
        """Add the penalty of the days from where the count stands (never before ``late_from``) up to ``to``."""
        since = max(self.counted_to, late_from)
        if to <= since:
            return
        years = Fraction((to - since).days, 360)
        self.penalty += self.principal * yearly * years
        if compound:
            self.compound += self.interest * yearly * years
        self.counted_to = to


class Machine:
    """One loan at one day; see the module's docstring. ``history`` answers floating rates."""

    def __init__(self, terms: LoanTerms, history: rates.RateHistory) -> None:
        self.history = history
        self.unit = terms.principal.unit
        self.open: list[OpenDue] = []
        self.fallen: list[Instalment] = []
        self.flows: list[CashFlow] = []
        self.credit = 0
        self.numbers = 0
        self.fees = 0
        self.restructured_on: date | None = None
        self.earned_before = Fraction(0)
        self.counted_from = terms.start
        self.begin(terms)
        self.record(terms.start, FlowKind.DISBURSEMENT, {Bucket.PRINCIPAL: -terms.principal.minor})

    def begin(self, terms: LoanTerms) -> None:
        """Stand at the start of ``terms``; dues that are open stay open."""
        self.terms = terms
        self.performing = terms.principal.minor
        self.rate = rate_on(terms.rate, terms.start, terms.start, self.history)
        self.periods = periods(terms)
        self.free = terms.interest_only_periods
        self.restart_interest(terms.start)
        self.broken = False
        self.replan_later = False
        self.next_reset = self._reset_after(terms.start)
        self.replan()

    def advance(self, to: date) -> None:
        """Let everything happen that the contract itself brings up to and including ``to``; dues before resets."""
        while self.periods:
            due = self.periods[0].accrues_to
            if self.next_reset is not None and self.next_reset < due:
                if self.next_reset > to:
                    return
                self._reset(self.next_reset)
            elif due > to:
                return
            else:
                self._fall_due()

    # Interest on what is not yet due

    def earned(self, to: date) -> Fraction:
        """Interest of the current period up to ``to``, in minor units, exact."""
        if not self.periods:
            return Fraction(0)
        period = self.periods[0]
        yearly = self.performing * Fraction(self.rate)
        whole = self.terms.counts is Basis.MONTHS and period.months is not None and not self.broken
        if whole and to == period.accrues_to:
            assert period.months is not None
            moved = (period.accrues_to - period.ends).days - (period.accrues_from - period.starts).days
            return yearly * (Fraction(period.months, 12) + Fraction(moved, 360))
        return self.earned_before + yearly * self._years(self.counted_from, to)

    def break_interest(self, on: date) -> None:
        """End a stretch: what was earned so far is kept, the rest of the period counts by days."""
        if self.periods and on > self.counted_from:
            self.earned_before = self.earned(on)
            self.counted_from = on
            self.broken = True

    def restart_interest(self, on: date) -> None:
        """Interest up to ``on`` is settled; count from there."""
        self.earned_before = Fraction(0)
        self.counted_from = on

    def settle_interest(self, on: date) -> int:
        """Round what was earned up to ``on`` and count anew; the rest of the period counts by days."""
        interest = round_half_up(self.earned(on))
        self.broken = self.broken or on > self.counted_from
        self.restart_interest(on)
        return interest

    def _years(self, start: date, end: date) -> Fraction:
        return daycount.year_fraction(_DAY_COUNT[self.terms.counts], start, end)

    # Rates and plans

    def set_rate(self, on: date, rate: Decimal) -> None:
        """Bear ``rate`` from ``on``; an annuity is planned anew from the next period (or this one, at its start)."""
        self.accrue_dues(on)
        self.break_interest(on)
        self.rate = rate
        if self.terms.repayment is not Repayment.ANNUITY or not self.periods:
            return
        if on == self.periods[0].accrues_from:
            self.replan()
        else:
            self.replan_later = True

    def replan(self) -> None:
        self.plan = plans.spread(self.terms, self.performing, self.rate, self.periods, self.free)
        self.replan_later = False

    def end(self) -> None:
        """No period is left: everything is paid or due."""
        self.periods, self.plan = [], plans.Plan(0, [])

    def _reset(self, on: date) -> None:
        self.next_reset = self._reset_after(on)
        rate = rate_on(self.terms.rate, self.terms.start, on, self.history)
        if rate != self.rate:
            self.set_rate(on, rate)

    def _reset_after(self, day: date) -> date | None:
        return next((reset for reset in reset_dates(self.terms.rate, self.terms.start) if reset > day), None)

    # Dues

    def _fall_due(self) -> None:
        period = self.periods[0]
        interest = round_half_up(self.earned(period.accrues_to))
        principal = self.plan.principals.pop(0)
        self.periods.pop(0)
        self.performing -= principal
        self.open_due(period.due, principal, interest)
        self.fallen.append(self._line(period, principal, interest))
        self.restart_interest(period.accrues_to)
        self.broken = False
        self.free = max(0, self.free - 1)
        if self.periods and self.replan_later:
            self.replan()
        self.use_credit(period.accrues_to)

    def open_due(self, due: date, principal: int, interest: int) -> None:
        self.numbers += 1
        if principal or interest:
            self.open.append(OpenDue(self.numbers, due, principal, interest))

    def accrue_dues(self, to: date) -> None:
        """Bring the penalty of every open due up to ``to`` at the rate that held until now."""
        yearly = Fraction(self.rate) * Fraction(self.terms.penalty_factor)
        for due in self.open:
            due.accrue(to, self._late_from(due), yearly, self.terms.compound)

    def shown_dues(self, on: date) -> list[Due]:
        """The open dues as amounts on that day, penalty included (none while the grace runs)."""
        self.accrue_dues(on)
        return [due for due in (self._shown(due, on) for due in self.open) if due.amount]

    def take(self, payment: int, on: date) -> int:
        """Spread ``payment`` over the open dues; returns what was left. Records no flow."""
        paid = allocate_dues(self.money(payment), self.shown_dues(on), self.terms.order)
        self._paid = {bucket: paid.to(bucket).minor for bucket in Bucket}
        by_number = {due.number: due for due in self.open}
        for part in paid.parts:
            self.reduce(by_number[part.number], part.bucket, part.amount.minor)
        self.drop_settled(on)
        return paid.surplus.minor

    def pay(self, payment: int, on: date) -> None:
        left = self.take(payment, on)
        self.credit += left
        self.record(on, FlowKind.PAYMENT, self._paid, surplus=left)

    def reduce(self, due: OpenDue, bucket: Bucket, amount: int) -> None:
        match bucket:
            case Bucket.PRINCIPAL:
                due.principal -= amount
            case Bucket.INTEREST:
                due.interest -= amount
            case Bucket.FEE:
                due.fee -= amount
            case Bucket.PENALTY:
                due.penalty_paid += amount
            case Bucket.COMPOUND:
                due.compound_paid += amount

    def drop_settled(self, on: date) -> None:
        self.open = [due for due in self.open if self._shown(due, on).amount]

    def use_credit(self, on: date) -> None:
        """Money paid ahead serves what is due by now."""
        if not self.credit or not self.open:
            return
        held = self.credit
        self.credit = self.take(held, on)
        self.record(on, FlowKind.CREDIT_USED, self._paid, surplus=self.credit - held)

    def _late_from(self, due: OpenDue) -> date:
        return due.due if self.terms.grace_counts_back else self._grace_end(due)

    def _grace_end(self, due: OpenDue) -> date:
        return due.due + timedelta(days=self.terms.grace_days)

    def _shown(self, due: OpenDue, on: date) -> Due:
        graced = on <= self._grace_end(due)
        penalty = 0 if graced else round_half_up(due.penalty) - due.penalty_paid
        compound = 0 if graced else round_half_up(due.compound) - due.compound_paid
        amounts = (due.principal, due.interest, penalty, compound, due.fee)
        return Due(due.number, due.due, *(self.money(amount) for amount in amounts))

    # Answers

    def money(self, minor: int) -> Money:
        return Money(minor, self.unit)

    def record(self, on: date, kind: FlowKind, parts: dict[Bucket, int], surplus: int = 0) -> None:
        """Keep a flow; a flow of nothing is none."""
        if any(parts.values()) or surplus:
            amounts = {bucket.value: self.money(parts.get(bucket, 0)) for bucket in Bucket}
            self.flows.append(CashFlow(on=on, kind=kind, surplus=self.money(surplus), **amounts))

    def state(self, on: date) -> LoanState:
        """The loan on that day; call :meth:`advance` to the day first."""
        ahead = self.ahead(1)
        return LoanState(
            terms=self.terms,
            as_of=on,
            rate=self.rate,
            performing=self.money(self.performing),
            accrued=self.money(round_half_up(self.earned(on))),
            dues=tuple(self.shown_dues(on)),
            next_due=ahead[0] if ahead else None,
            credit=self.money(self.credit),
            flows=tuple(self.flows),
            restructured_on=self.restructured_on,
        )

    def ahead(self, count: int | None = None) -> tuple[Instalment, ...]:
        """The next ``count`` instalments (all, if None) should nothing else happen; the machine stays where it is."""
        twin = copy.copy(self)
        twin.open, twin.fallen, twin.flows = [], [], []
        twin.periods, twin.plan = list(self.periods), dataclasses.replace(self.plan)
        twin.plan.principals = list(self.plan.principals)
        twin.credit = 0
        while twin.periods and (count is None or len(twin.fallen) < count):
            twin.advance(twin.periods[0].accrues_to)
        return tuple(twin.fallen)

    def _line(self, period: Period, principal: int, interest: int) -> Instalment:
        return Instalment(
            number=self.numbers,
            starts=period.accrues_from,
            ends=period.accrues_to,
            due=period.due,
            rate=self.rate,
            principal=self.money(principal),
            interest=self.money(interest),
            balance=self.money(self.performing),
            provisional=self._is_provisional(period),
        )

    def _is_provisional(self, period: Period) -> bool:
        moved = self.terms.due_shift is not DueShift.NONE
        if moved and self.terms.calendar == calendar.CHINA_PROJECTED and not calendar.is_published(period.ends):
            return True
        if isinstance(self.terms.rate, FixedRate):
            return False
        last = period.accrues_to if self.terms.rate.reset is not Reset.NEVER else self.terms.start
        fixed_on = [self.terms.start, *self._resets_until(last)]
        return not self.history.is_confirmed(fixed_on[-1])

    def _resets_until(self, day: date) -> list[date]:
        found = []
        for reset in reset_dates(self.terms.rate, self.terms.start):
            if reset >= day:
                break
            found.append(reset)
        return found
