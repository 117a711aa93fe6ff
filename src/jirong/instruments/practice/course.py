"""The course a loan takes when something happens on the way: what was really paid, and what it cost.

A plan is what a borrower who keeps to it pays. A course repeats the loan with what is supposed to happen: instalments
from a certain one paid late, all at once; principal repaid early, in part or whole. Everything else is paid on the
day it is due. Penalty, the interest to the day and the new plan come from the loan itself, never from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from jirong.instruments.practice import checks
from jirong.instruments.practice.cost import Cost, Fee, annual_rate
from jirong.instruments.practice.events import EarlyRepayment, Payment
from jirong.instruments.practice.happenings import happen
from jirong.instruments.practice.machine import Machine
from jirong.instruments.practice.state import CashFlow
from jirong.instruments.practice.terms import LoanTerms
from jirong.kernel import rates
from jirong.kernel.money import Money, total
from jirong.kernel.text import Text


class StepKind(StrEnum):
    """Why something was paid: an instalment in time, instalments in arrears, principal ahead of its time."""

    INSTALMENT = "instalment"
    ARREARS = "arrears"
    EARLY = "early"


@dataclass(frozen=True, slots=True)
class Late:
    """The instalments from ``number`` on are paid ``days`` after the due date of that one, all at once."""

    number: int
    days: int

    def __post_init__(self) -> None:
        checks.whole("late_from", self.number, 1, checks.PERIODS_MAX)
        checks.whole("late_days", self.days, 1, checks.LATE_DAYS_MAX)


@dataclass(frozen=True, slots=True)
class Step:
    """One payment; ``number`` is the last instalment it served, ``count`` how many, ``balance`` the principal left."""

    on: date
    kind: StepKind
    number: int
    count: int
    rate: Decimal
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    balance: Money
    provisional: bool

    @property
    def amount(self) -> Money:
        return self.principal + self.interest + self.penalty + self.fee


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed to happen."""

    early: EarlyRepayment | None = None
    late: Late | None = None

    def __bool__(self) -> bool:
        return self.early is not None or self.late is not None


def course(
    terms: LoanTerms, supposed: Supposed, fee_each: Money | None = None, *, history: rates.RateHistory | None = None
) -> tuple[Step, ...]:
    """All payments of the loan, in order; ``fee_each`` is charged with every instalment.

    Penalty includes that on late interest. Raises :class:`~jirong.kernel.errors.Refusal` for an early repayment
    outside the loan's life, larger than what is left, or while instalments are late.
    """
    return _Course(Machine(terms, history or rates.lpr_history()), supposed, fee_each).run()


def cost_of(name: Text, terms: LoanTerms, steps: tuple[Step, ...], fees: tuple[Fee, ...]) -> Cost:
    """What the borrower paid in all and a year, with ``fees`` beside those within the steps."""
    unit = terms.principal.unit
    flows = [(terms.start, terms.principal), *((step.on, -step.amount) for step in steps)]
    flows += [(fee.on, -fee.amount) for fee in fees]
    return Cost(
        name=name,
        principal=terms.principal,
        interest=total([step.interest for step in steps], unit),
        fees=total([*(step.fee for step in steps), *(fee.amount for fee in fees)], unit),
        annual=annual_rate(flows),
        first_amount=steps[0].amount,
        largest_amount=max(step.amount for step in steps),
        penalty=total([step.penalty for step in steps], unit),
    )


class _Course:
    def __init__(self, machine: Machine, supposed: Supposed, fee_each: Money | None) -> None:
        self.machine = machine
        self.early, self.late = supposed.early, supposed.late
        self.settle_on: date | None = None
        self.fee_each = fee_each or Money(0, machine.unit)
        self.served = 0
        self.steps: list[Step] = []
        if self.early is not None and not machine.terms.start < self.early.on < machine.terms.ends:
            raise _outside("early_on", self.early.on, machine.terms)

    def run(self) -> tuple[Step, ...]:
        while stops := self._stops():
            on = min(stops)
            self.machine.advance(on)
            self._notice_lateness(on)
            if self.settle_on is None or on >= self.settle_on:
                self._pay(on)
            if self.early is not None and on == self.early.on:
                self._repay_early(self.early)
        if self.late is not None:
            raise checks.invalid(
                "late_from",
                self.late.number,
                Text(f"一共只有 {self.served} 期", f"there are only {self.served} instalments"),
                Text(f"请填写 1 至 {self.served}", f"Give 1 to {self.served}"),
            )
        return tuple(self.steps)

    def _stops(self) -> list[date]:
        """The days something may happen on, the next due date among them; none when all is over."""
        stops = [period.due for period in self.machine.periods[:1]]
        if self.early is not None and self.machine.periods:
            stops.append(self.early.on)
        if self.settle_on is not None:
            stops.append(self.settle_on)
        return stops

    def _notice_lateness(self, on: date) -> None:
        if self.late is not None and self.machine.numbers >= self.late.number:
            self.settle_on = on + timedelta(days=self.late.days)
            self.late = None

    def _pay(self, on: date) -> None:
        """Pay all that is due, arrears included."""
        late, self.settle_on = self.settle_on is not None, None
        owed = sum(due.amount.minor for due in self.machine.shown_dues(on))
        if owed:
            happen(self.machine, Payment(on, self.machine.money(owed)))
            self._note(on, StepKind.ARREARS if late else StepKind.INSTALMENT, self.machine.flows[-1])

    def _repay_early(self, early: EarlyRepayment) -> None:
        self.early = None
        happen(self.machine, early)
        self._note(early.on, StepKind.EARLY, self.machine.flows[-1])

    def _note(self, on: date, kind: StepKind, flow: CashFlow) -> None:
        count, self.served = self.machine.numbers - self.served, self.machine.numbers
        fallen = self.machine.fallen[-1:] if kind is not StepKind.EARLY else []
        self.steps.append(
            Step(
                on=on,
                kind=kind,
                number=self.served,
                count=count,
                rate=fallen[0].rate if fallen else self.machine.rate,
                principal=flow.principal,
                interest=flow.interest,
                penalty=flow.penalty + flow.compound,
                fee=flow.fee + self.fee_each.times(count),
                balance=self.machine.money(self.machine.performing),
                provisional=any(line.provisional for line in fallen),
            )
        )


def _outside(term: str, day: date, terms: LoanTerms) -> Exception:
    first, last = terms.start + timedelta(days=1), terms.ends - timedelta(days=1)
    return checks.invalid(
        term,
        day,
        Text("日期不在贷款期内", "the date lies outside the loan's life"),
        Text(f"请填写 {first} 至 {last} 的日期", f"Give a date from {first} to {last}"),
    )
