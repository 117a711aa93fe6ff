"""What a party may write down at all: amounts above nothing, rates as fine as they are kept, days within reason.

These come before any rule of the engine: what is signed must be what is stored, so nothing is rounded or cut.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal

from jirong.engine import checks
from jirong.engine.kinds import lot_loan
from jirong.engine.reasons import require
from jirong.facts.models import Fact
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import queries as parties
from jirong.store import catalogue

RATE_DECIMALS = 6
"""As fine as rates are kept."""
AGREED_DAYS_MAX = 365
MINOR_MAX = 10**17
"""A thousand trillion yuan: beyond any sum there is, and well within what an account can hold."""
FUNDERS = ("bank", "factor", "lessor")


def positive(amount: Money, where: str) -> None:
    if amount.minor <= 0:
        raise Invalid("amount.not_positive", Text("金额须大于零", "The amount must be more than zero"), where=where)


def parts(invoices: Sequence[Fact], given: Iterable[tuple[uuid.UUID, Money]]) -> list[int]:
    """How much of each of ``invoices`` is used, in minor units: an invoice named twice is one part of it."""
    sums = dict.fromkeys([invoice.pk for invoice in invoices], 0)
    for invoice, amount in given:
        positive(amount, "backings")
        sums[invoice] += amount.minor
    if sum(sums.values()) > MINOR_MAX:
        raise Invalid("amount.too_large", Text("金额过大", "The amount is too large"), where="backings")
    return list(sums.values())


def rate(value: Decimal, where: str = "rate") -> None:
    """A yearly rate between nothing and the whole, with no more decimals than are kept."""
    if not 0 <= value < 1:
        raise Invalid(
            "rate.out_of_range",
            Text("年利率应在0到1之间，例如0.035表示3.50%", "A yearly rate lies between 0 and 1; 0.035 is 3.50 %"),
            where=where,
        )
    if value != round(value, RATE_DECIMALS):
        raise Invalid(
            "rate.too_fine",
            Text(f"年利率最多{RATE_DECIMALS}位小数", f"A yearly rate has at most {RATE_DECIMALS} decimals"),
            remedy=Text(
                "请四舍五入后填写，签署的利率即合同利率", "Round it first: the rate signed is the contract's rate"
            ),
            where=where,
        )


def overdue_rate(asked: Decimal | None, loan_rate: Decimal, on: datetime.date) -> Decimal:
    """The rate for late days of a loan asked for: as asked, else the most allowed; refuses what the rule does not."""
    rules = catalogue.rulebook()
    if asked is None:
        return lot_loan.overdue_bounds(rules, on, loan_rate)[1]
    rate(asked, "overdue_rate")
    require((lot_loan.overdue_rate_allowed(rules, on, loan_rate, asked),))
    return asked


def agreed_days(days: int | None, on: datetime.date) -> None:
    """The payment term of a contract, in days from acceptance."""
    if days is not None and not 0 <= days <= AGREED_DAYS_MAX:
        raise Invalid(
            "note.agreed_days",
            Text(f"合同账期应在0至{AGREED_DAYS_MAX}天之间", f"A contract's term is 0 to {AGREED_DAYS_MAX} days"),
            remedy=Text(
                "请按合同填写；合同没有约定的不填", "Give what the contract says; leave it out if it says none"
            ),
            clause=catalogue.rulebook().at("sme.large_days", on).citation,
            where="agreed_days",
        )


def in_cluster(cluster: uuid.UUID | None, issuer: uuid.UUID) -> None:
    """A note is issued in a cluster its issuer belongs to, or in none."""
    if cluster is None:
        return
    found = parties.cluster(cluster)
    if all(membership.cluster_id != found.pk for membership in parties.clusters_of(issuer)):
        raise Invalid(
            "note.not_in_cluster",
            Text("开立人不是该集群的成员", "The issuer does not belong to this cluster"),
            remedy=Text("请选择本单位所在的集群，或不选", "Choose a cluster of your party, or none"),
            where="cluster",
        )


def funder(party: uuid.UUID, on: datetime.date, where: str) -> None:
    """Only a licensed institution is asked for money."""
    parties.party(party)
    if not licensed(party):
        raise Invalid(
            "offer.not_a_funder",
            Text("对方不是持牌资金方", "The other side is no licensed funder"),
            remedy=Text("请向银行、保理公司或融资租赁公司申请", "Ask a bank, a factor or a lessor"),
            clause=catalogue.rulebook().at("platform.licence", on).citation,
            where=where,
        )


def licensed(party: uuid.UUID) -> bool:
    return parties.has_role(party, *FUNDERS)


def after_today(due: datetime.date, today: datetime.date) -> None:
    """A note falls due after the day it is issued."""
    rule = catalogue.rulebook().at("note.tenor_max", today)
    reason = checks.tenor(catalogue.rulebook(), today, due)
    if due <= today:
        raise Invalid(reason.code, reason.text, remedy=reason.remedy, clause=rule.citation, where="due")
