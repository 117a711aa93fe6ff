"""Five-class classification (五级分类) and IFRS 9 stages, by dated rules.

A class follows from days past due, from whether the loan is credit-impaired and how much of it is expected to be
lost, and from a restructuring still under observation; the gravest applies. Thresholds are rules in the rulebook
(``loan_class.*``, ``ifrs9.*``), so a class names its clause and says when the clause has not been verified. These
are the rules' floors: a lender may class a loan worse for what only it knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from jirong.instruments.portfolio.contracts import Codes
from jirong.instruments.portfolio.exact import Ints
from jirong.kernel.rules import Rulebook, RuleValue, house_rulebook

Flags = npt.NDArray[np.bool_]
SHARE_SCALE = 10_000
"""Expected loss as a share of the carrying amount comes in columns as ten-thousandths."""


class LoanClass(StrEnum):
    """In order of gravity; a code in a column is the place here."""

    PASS = "pass"  # noqa: S105
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


CLASSES = tuple(LoanClass)
BAD_FROM = CLASSES.index(LoanClass.SUBSTANDARD)
"""Loans of this code and worse are bad loans (不良)."""


@dataclass(frozen=True, slots=True)
class Classified:
    """A class and the rules that put the loan there (none for a pass)."""

    loan_class: LoanClass
    because: tuple[RuleValue, ...]

    @property
    def verified(self) -> bool:
        """Whether somebody has read every clause this rests on."""
        return all(rule.verified for rule in self.because)


def loan_class(
    on: date,
    days_past_due: int,
    *,
    credit_impaired: bool = False,
    loss_share: Decimal = Decimal(0),
    restructured: bool = False,
    technical_delay: bool = False,
    rulebook: Rulebook | None = None,
) -> Classified:
    """The class of one loan on a day.

    ``loss_share``: expected loss over carrying amount, looked at for an impaired loan; ``restructured``: and still
    under observation; ``technical_delay``: somebody recorded that a short delay is operational. Raises
    :class:`~jirong.kernel.errors.NotFound` before the rules are in force.
    """
    book = rulebook or house_rulebook()
    by_days = book.at("loan_class.overdue_days", on)
    by_loss = book.at("loan_class.expected_loss", on)
    found = [
        (_class_of_days(by_days, days_past_due, technical_delay), by_days),
        (_class_of_loss(by_loss, credit_impaired, loss_share), by_loss),
        (int(restructured) * CLASSES.index(LoanClass.SPECIAL_MENTION), book.at("loan_class.restructured", on)),
    ]
    worst = max(code for code, _ in found)
    because = tuple(rule for code, rule in found if code == worst) if worst else ()
    return Classified(CLASSES[worst], because)


def loan_classes(
    on: date,
    days_past_due: Ints,
    *,
    credit_impaired: Flags | None = None,
    loss_share_e4: Ints | None = None,
    restructured: Flags | None = None,
    rulebook: Rulebook | None = None,
) -> Codes:
    """The class code of every row, as :func:`loan_class` (without technical delays); see :data:`CLASSES`."""
    book = rulebook or house_rulebook()
    days = book.at("loan_class.overdue_days", on).value
    shares = book.at("loan_class.expected_loss", on).value
    edges = np.array([days[name.value] for name in CLASSES[1:]])
    codes = np.searchsorted(edges, days_past_due, side="right").astype(np.int8)
    if credit_impaired is not None:
        share = np.zeros_like(days_past_due) if loss_share_e4 is None else loss_share_e4
        steps = [int(Decimal(shares[name]) * SHARE_SCALE) for name in ("doubtful", "loss")]
        impaired = BAD_FROM + np.searchsorted(np.array(steps), share, side="right")
        codes = np.maximum(codes, np.where(credit_impaired, impaired, 0)).astype(np.int8)
    if restructured is not None:
        codes = np.maximum(codes, restructured.astype(np.int8))
    return codes


def stage(on: date, days_past_due: int, grades_down: int = 0, *, impaired: bool = False, notches: int = 2) -> int:
    """IFRS 9 stage 1, 2 or 3: by days past due, or ``notches`` grades lost since the start, or impairment."""
    columns = np.array([days_past_due]), np.array([grades_down]), np.array([impaired])
    return int(stages(on, columns[0], columns[1], columns[2], notches=notches)[0])


def stages(
    on: date,
    days_past_due: Ints,
    grades_down: Ints,
    impaired: Flags,
    *,
    notches: int = 2,
    rulebook: Rulebook | None = None,
) -> Codes:
    """The stage of every row, as :func:`stage`."""
    days = (rulebook or house_rulebook()).at("ifrs9.stage_days", on).value
    found = np.where((days_past_due >= days["stage_2"]) | (grades_down >= notches), 2, 1)
    return np.where((days_past_due >= days["stage_3"]) | impaired, 3, found).astype(np.int8)


def bad_loan_ratio(codes: Codes, outstanding: Ints) -> Decimal:
    """Share of the outstanding principal in substandard, doubtful and loss (不良率); zero for an empty book."""
    whole = int(outstanding.sum())
    return Decimal(int(outstanding[codes >= BAD_FROM].sum())) / whole if whole else Decimal(0)


def _class_of_days(rule: RuleValue, days_past_due: int, technical_delay: bool) -> int:
    if technical_delay and days_past_due <= rule.value["technical_delay"]:
        return 0
    return sum(days_past_due >= rule.value[name.value] for name in CLASSES[1:])


def _class_of_loss(rule: RuleValue, credit_impaired: bool, loss_share: Decimal) -> int:
    if not credit_impaired:
        return 0
    return BAD_FROM + sum(loss_share >= Decimal(rule.value[name]) for name in ("doubtful", "loss"))
