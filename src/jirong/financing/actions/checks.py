"""What a firm fills in is possible: refused at the field, before anything is stored or signed."""

from __future__ import annotations

import uuid
from decimal import Decimal

from jirong.financing.actions.common import positive
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import queries as parties

MONTHS_MAX = 360
JOINT_MAX = 20
RATE_DECIMALS = 6
"""What a rate is kept with; a finer one would not be what was signed."""


def terms(borrower: uuid.UUID, amount: Money | None, months: int | None, joint: list[uuid.UUID]) -> None:
    """What a firm fills in is possible: more than nothing, for some time, with real parties that are not itself."""
    if amount is not None:
        positive(amount.minor, "amount")
    if months is not None and not 0 < months <= MONTHS_MAX:
        raise Invalid(
            "application.months", Text(f"期限须为1至{MONTHS_MAX}个月", f"It is 1 to {MONTHS_MAX} months"),
            remedy=Text("请按方案期限填写", "Give a tenor the scheme offers"), where="months",
        )  # fmt: skip
    if len(joint) > JOINT_MAX or len(set(joint)) != len(joint) or borrower in joint:
        raise Invalid(
            "application.joint",
            Text(f"共同借款人最多{JOINT_MAX}户，不得重复，不含本单位", f"At most {JOINT_MAX} others, each once"),
            remedy=Text("请核对共同借款人", "Check the joint debtors"),
            where="joint",
        )
    for party in joint:
        parties.party(party)


def accepted_rate(rate: Decimal | None) -> None:
    """The dearest rate signed for in advance is one that can be kept."""
    if rate is not None and not (0 <= rate <= 1 and rate == round(rate, RATE_DECIMALS)):
        raise Invalid(
            "application.rate",
            Text(
                f"可接受的年利率须在0与100%之间，最多{RATE_DECIMALS}位小数",
                f"The rate lies between 0 and 100 % a year, with at most {RATE_DECIMALS} decimals",
            ),
            remedy=Text("5.85%写作0.0585", "Write 5.85 % as 0.0585"), where="accept_rate",
        )  # fmt: skip
