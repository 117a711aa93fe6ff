"""How the money is used, secured, drawn and repaid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from jirong.kernel.money import Money
from jirong.schemes import vocabulary as words
from jirong.schemes.grammar import Clause
from jirong.schemes.model import values
from jirong.schemes.scalars import PercentShape, WordShape
from jirong.schemes.shapes import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses(Clause):
    """What the money may and may not be used for, and whom it is paid to."""

    shorthand: ClassVar[str] = "allowed"

    allowed: tuple[values.Use, ...]
    forbidden: tuple[values.Use, ...] | None = None
    pay: Annotated[str, WordShape(words.PAY)] = "self"
    to: values.Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge(Clause):
    """A thing or right that secures the debt; ``cover`` is its value over the debt, kept at all times."""

    head: ClassVar[str] = "pledge"

    pledge: Annotated[str, WordShape(words.PLEDGE)]
    by: values.Party
    cover: Annotated[Decimal, PercentShape(1, 1000)] | None = None
    registered: Annotated[str, WordShape(words.REGISTERED)] = "before_payment"
    watched_by: values.Party | None = None
    valued_by: values.Party | None = None
    top_up_below: Annotated[Decimal, PercentShape(1, 1000)] | None = None
    top_up_within: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeGiven(Clause):
    """A party answers for the debt beside the borrower."""

    head: ClassVar[str] = "guarantee"

    guarantee: Annotated[str, WordShape(words.GUARANTEE_FORM)]
    by: values.Party
    share: values.Share = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDebt(Clause):
    """Several borrowers each owe all; their exposures are never summed."""

    head: ClassVar[str] = "joint"

    joint: tuple[values.Party, ...]


SecurityItem = Pledge | GuaranteeGiven | JointDebt


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing(Clause):
    """How the borrower takes the money, in what steps, and whether it may pay back early."""

    shorthand: ClassVar[str] = "how"

    how: Annotated[str, WordShape(words.DRAWING)]
    least: Money | None = None
    multiple_of: Money | None = None
    within: Span | None = None
    early: Annotated[str, WordShape(words.EARLY)] = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentSource(Clause):
    """Where the repayment comes from; the order of the list is the order of use."""

    shorthand: ClassVar[str] = "how"

    how: Annotated[str, WordShape(words.REPAID_FROM)]
    by: values.Party | None = None
    part: values.Share | None = None
