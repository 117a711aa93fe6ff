"""A limit that is drawn: once, in parts, order by order, or again and again.

The limit is a capacity account: drawing reserves, the bank's confirmation uses, a repayment of a revolving line gives
back. The ledger itself therefore refuses what would go beyond it, whoever asks at the same moment. Each drawing is a
loan of its own; this kind only answers whether it may be drawn.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from jirong.engine import capacity, step
from jirong.engine.claims import Changes
from jirong.engine.contract import Kind, Outcome, acts
from jirong.engine.intents import Phase, Transfer
from jirong.engine.reasons import Reason, require
from jirong.kernel.errors import Conflict
from jirong.kernel.ids import derived_id
from jirong.kernel.money import CNY, Money, Unit
from jirong.kernel.rules import Effect
from jirong.kernel.text import Text

NAME = "credit_line"


class How(StrEnum):
    """How a limit is drawn; only ``revolving`` and ``by_order`` are filled again by repayment."""

    ONCE = "once"
    IN_PARTS = "in_parts"
    BY_ORDER = "by_order"
    REVOLVING = "revolving"


REFILLED = (How.REVOLVING, How.BY_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """``limit_minor`` may be drawn from ``opened_on`` to ``ends`` in steps of ``multiple_minor``, ``least_minor`` at
    least.
    """

    id: UUID
    lender: UUID
    borrower: UUID
    limit_minor: int
    opened_on: dt.date
    ends: dt.date
    how: How
    least_minor: int = 1
    multiple_minor: int = 1
    unit: Unit = CNY

    @property
    def kind(self) -> str:
        return NAME

    @property
    def capacity(self) -> str:
        """The name of the capacity that is the limit."""
        return f"line:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """``in_use_minor``: drawn or about to be, less what was given back; ``lowered_minor``: taken off the limit."""

    opened: bool = False
    frozen: bool = False
    closed: bool = False
    in_use_minor: int = 0
    lowered_minor: int = 0
    draws: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Both sides have signed: the limit is there."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The borrower draws ``amount_minor`` as the loan ``id``; what it draws is set aside until the bank answers.

    ``late_since``: the due date a debtor of the limit has let pass with this lender, unpaid today (None: nothing is
    late); ``defaulted``: a loan of it is in default. The line does not know the loans drawn under it, so its caller says.
    """

    id: UUID
    by: UUID
    amount_minor: int
    late_since: dt.date | None = None
    defaulted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The bank paid the drawing ``draw`` out, or did not."""

    id: UUID
    draw: UUID
    amount_minor: int
    paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Principal was repaid."""

    id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """No new drawing until it is lifted (``frozen`` False); by the lender, or a trigger of the scheme (``by`` None)."""

    id: UUID
    frozen: bool
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lower:
    """The limit falls to ``to_minor``; what is drawn stays drawn."""

    id: UUID
    to_minor: int
    by: UUID | None = None


def free_minor(terms: LineTerms, state: LineState) -> int:
    """What may still be drawn of the limit."""
    return max(0, terms.limit_minor - state.lowered_minor - state.in_use_minor)


def open_line(terms: LineTerms, state: LineState, event: Open, date: dt.date) -> Outcome:
    transfer = capacity.grant(terms.capacity, terms.limit_minor, event.id, owner=terms.lender, unit=terms.unit)
    return Outcome(replace(state, opened=True), Changes(transfers=(transfer,)))


def draw(terms: LineTerms, state: LineState, event: Draw, date: dt.date) -> Outcome:
    """Whether it may be drawn, every finding named; then set aside."""
    acts(event.by, terms.borrower, "borrower")
    reasons = require(_findings(terms, state, event, date))
    after = replace(state, in_use_minor=state.in_use_minor + event.amount_minor, draws=state.draws | {event.id})
    return Outcome(after, Changes(transfers=(_reserved(terms, event.id, event.amount_minor),)), reasons)


def answered(terms: LineTerms, state: LineState, event: Answered, date: dt.date) -> Outcome:
    reserved = _reserved(terms, event.draw, event.amount_minor)
    if event.paid:
        return Outcome(state, Changes(transfers=(capacity.use(reserved),)))
    after = replace(state, in_use_minor=state.in_use_minor - event.amount_minor, draws=state.draws - {event.draw})
    return Outcome(after, Changes(transfers=(capacity.release(reserved),)))


def give_back(terms: LineTerms, state: LineState, event: GiveBack, date: dt.date) -> Outcome:
    """A revolving limit is free again; of any other what was drawn stays used."""
    if terms.how not in REFILLED:
        return Outcome(state, Changes())
    transfer = capacity.give_back(terms.capacity, event.amount_minor, event.id, owner=terms.lender, unit=terms.unit)
    after = replace(state, in_use_minor=state.in_use_minor - event.amount_minor)
    return Outcome(after, Changes(transfers=(transfer,)))


def freeze(terms: LineTerms, state: LineState, event: Freeze, date: dt.date) -> Outcome:
    if event.by is not None:
        acts(event.by, terms.lender, "lender")
    return Outcome(replace(state, frozen=event.frozen), Changes())


def lower(terms: LineTerms, state: LineState, event: Lower, date: dt.date) -> Outcome:
    """Take the free part off down to the new limit; what is in use beyond it is only not drawn again."""
    if event.by is not None:
        acts(event.by, terms.lender, "lender")
    now = terms.limit_minor - state.lowered_minor
    if not 0 <= event.to_minor < now:
        shown = Money(now, terms.unit).grouped()
        raise Conflict(
            "line.not_lower",
            Text(f"现有额度{shown}，只能调低", f"The limit is {shown}; it can only be lowered"),
            remedy=Text("提高额度须重新申请", "A higher limit needs a new application"),
        )
    off = min(now - event.to_minor, free_minor(terms, state))
    if not off:
        return Outcome(state, Changes())
    transfer = capacity.revoke(terms.capacity, off, event.id, owner=terms.lender, unit=terms.unit)
    return Outcome(replace(state, lowered_minor=state.lowered_minor + off), Changes(transfers=(transfer,)))


def _reserved(terms: LineTerms, draw_id: UUID, minor: int) -> Transfer:
    reserved = capacity.reserve(
        terms.capacity, minor, derived_id(draw_id, "limit"), owner=terms.lender, unit=terms.unit
    )
    assert reserved.phase is Phase.RESERVE
    return reserved


def _findings(terms: LineTerms, state: LineState, event: Draw, date: dt.date) -> tuple[Reason, ...]:
    free, asked = Money(free_minor(terms, state), terms.unit), Money(event.amount_minor, terms.unit)
    least = Money(terms.least_minor, terms.unit)
    standing = state.opened and not state.closed and not state.frozen
    return (
        _finding(
            "line.frozen", standing, Text("额度可用", "The limit is open")
            if standing else Text("额度已冻结或关闭", "The limit is frozen or closed"),
            Text("请联系贷款人", "Ask the lender"), {"frozen": state.frozen},
        ),
        _finding(
            "line.owes_late", event.late_since is None, _late_words(event),
            Text("请先还清逾期款项，银行确认到账后即可提款",
                 "Pay what is late first; once the bank has confirmed it the limit may be drawn again")
            if not event.defaulted else
            Text("请先与贷款人清偿违约贷款", "Settle the loan in default with the lender first"),
            {"late_since": str(event.late_since) if event.late_since else None, "defaulted": event.defaulted},
        ),
        _finding(
            "line.ended", terms.opened_on <= date <= terms.ends,
            Text(f"提款期至{terms.ends}", f"It may be drawn until {terms.ends}"),
            Text("请重新申请", "Apply again"), {"date": str(date), "ends": str(terms.ends)},
        ),
        _finding(
            "line.drawn_once", terms.how is not How.ONCE or not state.draws,
            Text("约定一次提款", "It is drawn once") if terms.how is How.ONCE else Text("可分次提款", "In parts"),
            Text("如需更多资金请重新申请", "Apply again for more"), {"draws": len(state.draws)},
        ),
        _finding(
            "line.beyond_limit", 0 < event.amount_minor <= free.minor,
            Text(f"申请提款{asked.grouped()}，可用{free.grouped()}", f"{asked.grouped()} of {free.grouped()} free"),
            Text(f"最多可提{free.grouped()}", f"Draw at most {free.grouped()}"),
            {"asked": str(asked), "free": str(free)},
        ),
        _finding(
            "line.below_least", event.amount_minor >= terms.least_minor,
            Text(f"每笔不低于{least.grouped()}", f"At least {least.grouped()} each time"),
            Text(f"请填写不低于{least.grouped()}的金额", f"Give {least.grouped()} or more"), {"asked": str(asked)},
        ),
        _finding(
            "line.not_a_multiple", event.amount_minor % terms.multiple_minor == 0,
            Text(f"须为{Money(terms.multiple_minor, terms.unit).grouped()}的整数倍",
                 f"In multiples of {Money(terms.multiple_minor, terms.unit).grouped()}"),
            Text("请取整后再提款", "Round it"), {"asked": str(asked)},
        ),
    )  # fmt: skip


def _late_words(event: Draw) -> Text:
    if event.late_since is None:
        return Text("没有逾期未还的贷款", "Nothing is late")
    if event.defaulted:
        return Text("有贷款已违约，不能再提款", "A loan is in default; nothing more is drawn")
    return Text(f"有款项自{event.late_since}起逾期未还", f"Something due on {event.late_since} is still unpaid")


def _finding(code: str, holds: bool, text: Text, remedy: Text, inputs: dict[str, object]) -> Reason:
    return Reason(code=code, holds=holds, effect=Effect.BAR, text=text, inputs=inputs, remedy=remedy)


KIND = Kind(
    NAME,
    {
        Open: open_line,
        Draw: draw,
        Answered: answered,
        GiveBack: give_back,
        Freeze: freeze,
        Lower: lower,
    },
)
step.register(KIND)
