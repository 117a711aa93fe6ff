"""The vocabulary features are written in: parts, and formulas over them.

A part is one aggregate of one kind of fact over a window of whole months before a day: a sum, a count, the latest
value. A feature is a formula over parts. Both become Ibis expressions, and those the SQL of every engine. This module
knows no Ibis, so that the site can read the catalogue without it.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jirong.facts import kinds
from jirong.kernel import calendar
from jirong.kernel.text import Text

MEMBERSHIP = "membership"
"""Not a kind of fact: when a party joined its clusters."""
COLUMNS = ("amount", "a", "b", "c", "d")


@dataclass(frozen=True, slots=True)
class Part:
    """``how``: ``sum``, ``last`` and ``max`` of ``column``, ``count``, ``days`` (with documents), ``first_on``,
    ``label`` (the latest). The window is after ``since`` months ago up to ``until`` months ago; ``labels`` keeps only these, and
    ``given`` only documents that give these columns.

    A part reads a column as its kind says it may be read: a flow is added up, of a level the last or the greatest is
    taken; only over different things of a state may levels be added. Anything else is a ``ValueError`` where the part
    is written.
    """

    kind: str
    how: str
    column: str = "amount"
    since: int = 12
    until: int = 0
    labels: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind in kinds.KINDS and (why := _misread(kinds.KINDS[self.kind], self)):
            raise ValueError(f"{self.how} of {self.kind} {self.column}: {why}")

    @property
    def name(self) -> str:
        """A short name that follows from what it is, so that features share parts."""
        said = "|".join([self.kind, self.how, self.column, str(self.since), str(self.until), *self.labels])
        said += "".join(f"|given {column}" for column in self.given)
        return "p_" + hashlib.blake2s(said.encode(), digest_size=6).hexdigest()

    @property
    def optional(self) -> bool:
        """Whether a document need not give the figure, so that silence must be told from zero."""
        of_column = self.how in ("sum", "last", "max") and self.kind in kinds.KINDS
        return of_column and kinds.KINDS[self.kind].may_lack(self.column)

    @property
    def counts(self) -> bool:
        """Whether nothing found means zero rather than unknown."""
        return self.how in ("count", "days") or (self.how == "sum" and not self.optional)


def _misread(kind: kinds.FactKind, part: Part) -> str:
    """Why a column or label is not to be read so; empty where it is."""
    if part.how in ("sum", "last", "max") and not all(kind.has(column) for column in (part.column, *part.given)):
        return "the kind has no such figure"
    if part.how == "sum" and kind.is_level(part.column) and not (kind.state and kind.thing):
        return "a level is not added up"
    if part.how in ("last", "max") and not kind.is_level(part.column):
        return "rows of a flow are added up, so no single one of them is the last or the greatest"
    if part.how in ("last", "label") and (kind.thing or not kind.apart):
        return "there is no latest among things, nor among rows that are added up"
    return ""


Values = Callable[[Part], Any]
"""Gives the column of a part, as an Ibis value."""


@dataclass(frozen=True, slots=True)
class Feature:
    """``kind`` is ``number``, ``money``, ``percent``, ``flag`` or ``word``; ``formula`` answers a float for numbers and
    percents (a fraction), and for money a whole number to be divided by ``per`` (100 fen a yuan, or more for a mean).

    ``sources`` are the kinds of fact it rests on: with none of one of them the feature is missing, never zero; what
    that means is for the scheme or method that asks to say. A part may read another kind too, of which there need be
    none (what was invoiced of orders): a reader needs its consent, and sources that disagree on it, as any other's.
    ``dated`` is false where no facts can go stale.
    A feature without a formula is ``given`` by the room that knows it.
    """

    code: str
    title: Text
    meaning: Text
    kind: str
    unit: Text | None
    window: Text
    sources: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    formula: Callable[[Values, Any], Any] | None = None
    per: int = 100
    dated: bool = True
    group: str = field(default="trade")

    @property
    def given(self) -> bool:
        return self.formula is None

    @property
    def reads(self) -> tuple[str, ...]:
        """Every kind of fact its value is computed from or rests on."""
        read = (part.kind for part in self.parts if part.kind != MEMBERSHIP)
        return tuple(dict.fromkeys((*self.sources, *read)))


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The day after which a window of whole months up to ``day`` begins.

    Monthly filings are about the last day of a month, and three months hold three of them whatever the day: those up to
    30 June begin after 31 March, or they would hold four; those up to 30 July after 29 April, or they would hold two.
    """
    before, is_end = calendar.add_months(day, -months), day == calendar.end_of_month(day)
    end = calendar.end_of_month(before)
    if is_end or before != end:
        return end if is_end else before
    return end - datetime.timedelta(days=1)


def total(
    kind: str,
    column: str = "amount",
    months: int = 12,
    until: int = 0,
    labels: tuple[str, ...] = (),
    given: tuple[str, ...] = (),
) -> Part:
    """The sum of a column over the last ``months`` months; of an optional one what was given, unknown where none was."""
    return Part(kind, "sum", column, months, until, labels, given)


def count(
    kind: str, months: int = 12, until: int = 0, labels: tuple[str, ...] = (), given: tuple[str, ...] = ()
) -> Part:
    """How many documents (of a state kind: things whose latest statement is one of ``labels``)."""
    return Part(kind, "count", "", months, until, labels, given)


def days(kind: str, months: int = 12, until: int = 0) -> Part:
    """On how many days there are documents, however many there are of one day."""
    return Part(kind, "days", "", months, until)


def last(kind: str, column: str = "amount", months: int = 12, given: tuple[str, ...] = ()) -> Part:
    """The column of the latest document, unknown where that does not give it; with ``given`` of the latest to give it."""
    return Part(kind, "last", column, months, given=given)


def last_label(kind: str, months: int = 12) -> Part:
    """The latest label that is not empty."""
    return Part(kind, "label", "", months)


def first_on(kind: str, months: int = 36) -> Part:
    """The earliest day."""
    return Part(kind, "first_on", "", months)


def highest(kind: str, column: str, months: int, until: int = 0) -> Part:
    return Part(kind, "max", column, months, until)


# Formulas: small functions on Ibis values, alike in every engine because they work on floats or whole numbers only.


def number(value: Any) -> Any:
    return value.cast("float64")


def millionths(value: Any) -> Any:
    """A measure as the number it stands for."""
    return value.cast("float64") / 1e6


def ratio(of: Any, to: Any) -> Any:
    """A fraction; unknown where the whole is not more than nothing."""
    whole = to.cast("float64")
    return of.cast("float64") / (whole > 0).ifelse(whole, None)


def months_between(since: Any, day: Any) -> Any:
    """Whole months from ``since`` to ``day``."""
    apart = (day.year() * 12 + day.month()) - (since.year() * 12 + since.month())
    return (apart - short_of(day, since.day()).ifelse(1, 0)).cast("float64")


def short_of(day: Any, number: Any) -> Any:
    """Whether the month of ``day`` has not come to its day ``number`` yet, or to its last where it lacks that one
    (民法典 202: a period of months ends on the corresponding day, without one on the last of the month).
    """
    is_last = (day + datetime.timedelta(days=1)).day() == 1
    return (day.day() < number) & ~is_last


def at_least_zero(value: Any) -> Any:
    return (value > 0).ifelse(value, 0)


def clipped(value: Any, low: float, high: float) -> Any:
    return (value < low).ifelse(low, (value > high).ifelse(high, value))
