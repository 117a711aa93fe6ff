"""From a scheme's sentences to what the engine lends: product, line, who stands where, who bears what.

Pure over the scheme and the rulebook; the JSON forms are what rows keep, so that a contract runs on by what was signed whatever happens
to the scheme.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jirong.engine.kinds.loan import Product
from jirong.engine.waterfall import Bearer, Layer
from jirong.instruments import practice
from jirong.kernel import calendar
from jirong.kernel import rates as rates_of
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.rules import RuleValue
from jirong.kernel.text import Text
from jirong.schemes import rates
from jirong.schemes.model.amounts import Price
from jirong.schemes.model.conduct import GuaranteeGiven
from jirong.schemes.model.contracts import CreditLine, Loan
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.shapes import Span
from jirong.store import catalogue

REPAY = {
    "annuity": practice.Repayment.ANNUITY,
    "equal_principal": practice.Repayment.LINEAR,
    "interest_first": practice.Repayment.INTEREST_FIRST,
    "bullet": practice.Repayment.BULLET,
}
BASIS = {
    "months": practice.Basis.MONTHS,
    "A/360": practice.Basis.A360,
    "A/365": practice.Basis.A365,
    "30/360": practice.Basis.THIRTY_E_360,
}
EVERY_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
RATE_DECIMALS = 6
LPR_STEP = Decimal("0.0001")
"""The LPR is published in percent with two decimals."""
LATE_RULE = "loan.late_times"
ROLES = {
    "firm": {"firm", "core"},
    "bank": {"bank"},
    "factor": {"factor", "bank"},
    "lessor": {"lessor"},
    "guarantor": {"guarantor", "treasury"},
    "compensation_pool": {"fund", "treasury", "government"},
    "platform": {"operator"},
    "government": {"government"},
    "core": {"core"},
    "provider": {"provider", "firm", "core"},
    "warehouse": {"provider"},
    "appraiser": {"provider"},
    "insurer": {"insurer"},
    "treasury": {"treasury"},
    "investor": {"investor"},
    "fund": {"fund"},
}
"""Which roles of a registered party may stand where a scheme writes a role; any party may stand for one not listed."""


def instrument_of(scheme: Scheme) -> Loan | CreditLine:
    """The scheme's loan or line; a scheme of another kind is not lent here."""
    if not isinstance(scheme.instrument, Loan | CreditLine):
        raise Invalid(
            "financing.other_instrument",
            Text("该方案的合同不是贷款或额度", "The scheme's contract is neither a loan nor a line"),
            remedy=Text("请选择贷款类方案", "Choose a scheme that lends"),
            where="scheme",
        )
    return scheme.instrument


def check_carried(scheme: Scheme, on: datetime.date) -> None:
    """Refuse what the runtime cannot keep to for the life of a loan: a rate finer than it is kept with, one that is
    fixed anew by something else than the LPR, a late rate by the day.
    """
    instrument_of(scheme)
    _check_sources(scheme)
    if scheme.late is not None and scheme.late.daily is not None:
        rule = late_rule(on)
        least, most, cited = rule.value["least"], rule.value["most"], rule.citation
        raise Invalid(
            "financing.late_rate",
            Text("贷款的逾期利率须写成合同利率的倍数", "A loan's late rate is a multiple of its own rate"),
            remedy=Text(
                f"请写 late: {{times: {most}}}，{least}至{most}倍。{cited.zh}",
                f"Write late: {{times: {most}}}, {least} to {most} times. {cited.en}",
            ),
            where="scheme",
            details={"rule": rule.id},
        )
    price = scheme.price
    if price is not None:
        _check_fineness(price)
    if price is None or price.repriced == "never":
        return
    whole = all(points == points.to_integral_value() for points in _all_points(price))
    if price.base is None or price.base.lpr is None or not whole:
        raise Invalid(
            "financing.repricing",
            Text(
                "重定价的贷款须为LPR（可乘倍数）加减整数基点，可设上下限",
                "A loan that reprices is LPR, or a multiple of it, plus whole basis points, with a floor and a cap",
            ),
            remedy=Text("请改写 price，或写 repriced: never", "Rewrite the price, or say repriced: never"),
            where="scheme",
        )


SETTLED_BY_OTHERS = ("platform_settlement",)
"""Sources that somebody other than the borrower pays by their nature. Income of the borrower's own (orders, power sold,
receivables) may be paid by a buyer the scheme names, else the borrower repays out of it itself, before its time if it
likes; neither takes more than the loan is owed.
"""


def _check_sources(scheme: Scheme) -> None:
    """Each source of repayment can be paid: a settlement by a payer the scheme names, and a part only of such."""
    for number, source in enumerate(scheme.repaid_from):
        if source.by is None and (source.part is not None or source.how in SETTLED_BY_OTHERS):
            raise Invalid(
                "financing.source_unpaid",
                Text(
                    f"还款来源{number + 1}须写明由谁支付（by），否则没有人能按约定归集",
                    f"Source of repayment {number + 1} needs its payer (by); nobody could settle it as agreed",
                ),
                remedy=Text(
                    "请在 parties 中写明付款方，并在该来源写 by",
                    "Name the payer among the parties, and by: in the source",
                ),
                where="scheme",
                details={"path": f"repaid_from/{number}"},
            )


def settlers(scheme: Scheme) -> list[str]:
    """Who settles the loan out of what it owes the borrower, by the scheme's names: a policy says who they are."""
    names = dict.fromkeys(source.by for source in scheme.repaid_from if source.by)
    return [name for name in names if name not in ("lender", "borrower")]


def settled_minor(scheme: Scheme, parties: Mapping[str, str], payer: uuid.UUID, minor: int) -> int | None:
    """How much of a settlement of ``minor`` by ``payer`` is the loan's at most, half up; ``None``: all of it."""
    parts = [source.part for source in scheme.repaid_from if source.by and parties.get(source.by) == str(payer)]
    if not parts or None in parts:
        return None
    share = min(Decimal(1), sum((part for part in parts if part is not None), Decimal(0)))
    return int((minor * share).to_integral_value(ROUND_HALF_UP))


def _check_fineness(price: Price) -> None:
    """Every rate the price can give is kept, and computed with, to the millionth: 4.1234 %, not 4.12345 %."""
    named = [price.floor, price.cap, price.fixed.rate if price.fixed else None, price.base.rate if price.base else None]
    table = price.fixed.by_level if price.fixed and price.fixed.by_level else {}
    kept = [rate for rate in (*named, *table.values()) if rate is not None]
    least = LPR_STEP if price.base and price.base.lpr else (price.base.rate if price.base else None) or Decimal(0)
    kept += [least * (price.times if price.times is not None else 1), *map(rates_of.basis_points, _all_points(price))]
    fine = [rate for rate in kept if rate != round(rate, RATE_DECIMALS)]
    if fine:
        raise Invalid(
            "financing.rate_too_fine",
            Text(
                f"利率须精确到百万分之一（如4.1234%）；{rates_of.shown(fine[0], 6)}过细",
                f"Rates are kept to the millionth, such as 4.1234 %; {rates_of.shown(fine[0], 6)} is finer",
            ),
            remedy=Text(
                "LPR的倍数最多写两位小数（如120%），基点最多两位小数",
                "Write a multiple of the LPR with two decimals at most (120%), and basis points with two",
            ),
            where="scheme",
        )


def _all_points(price: Price) -> list[Decimal]:
    added = price.plus_bp
    if added is None:
        return []
    tables = [table for table in (added.by_level, added.by_use) if table]
    return [points for table in tables for points in table.values()] + [added.flat or Decimal(0)]


def product_of(
    scheme: Scheme,
    rate: Decimal,
    months: int | None = None,
    *,
    on: datetime.date,
    level: str | None = None,
    use: str | None = None,
) -> Product:
    """How one drawing is repaid at ``rate``; ``months`` chooses a shorter tenor where the scheme says "up to".

    A scheme that reprices gives a floating rate: multiple, floor, cap and the points of ``level`` and ``use`` stay, the
    LPR moves on reset days.
    One that is silent on late payment gives what the rule in force ``on`` the day of the offer allows at most.
    """
    found = instrument_of(scheme)
    tenor = found.tenor.longest
    longest, days = tenor.months, None
    if longest is None:
        days, months = tenor.days_at_most, None
    else:
        _check_tenor(months, longest, exact=found.tenor.exactly is not None)
        months = months or longest
    repayment = REPAY[found.repay]
    every = months if found.every == "at_end" else EVERY_MONTHS[found.every]
    if repayment is practice.Repayment.BULLET or every is None:
        every = 1
    late = scheme.late
    drawing = scheme.drawing
    return Product(
        rate=rate_plan(scheme, level, use) or practice.FixedRate(rate),
        repayment=repayment,
        months=months,
        days=days,
        every_months=every,
        basis=BASIS[found.basis],
        grace_days=late.grace.days_at_most if late and late.grace else 0,
        penalty_factor=late.times if late and late.times else Decimal(late_rule(on).value["most"]),
        early=drawing is None or drawing.early == "free",
    )


def late_rule(on: datetime.date) -> RuleValue:
    """What an overdue loan may bear, in times of its own rate: ``least`` and ``most``."""
    return catalogue.rulebook().at(LATE_RULE, on)


RESETS = {"january": practice.Reset.JANUARY, "anniversary": practice.Reset.ANNIVERSARY}


def rate_plan(scheme: Scheme, level: str | None, use: str | None) -> practice.FloatingRate | None:
    """The scheme's floating rate; ``None`` where the rate stays for the life of the contract."""
    price = scheme.price
    if price is None or price.base is None or price.base.lpr is None or price.repriced == "never":
        return None
    points = rates.points_for(price, level, use)
    return practice.FloatingRate(
        base=price.base.lpr,
        plus_bp=int(points),
        reset=RESETS[price.repriced],
        floor=price.floor or Decimal(0),
        times=Decimal(1) if price.times is None else price.times,
        cap=price.cap,
    )


def as_json(product: Product, rate: Decimal | None = None) -> dict[str, Any]:
    """What a row keeps of a product; ``rate`` is the rate at signing where the product's own floats."""
    plan = product.rate
    if isinstance(plan, practice.FixedRate):
        priced: dict[str, Any] = {"rate": str(plan.rate)}
    else:
        assert rate is not None, "a floating rate begins somewhere"
        floating = {
            "base": plan.base, "plus_bp": plan.plus_bp, "reset": plan.reset.value, "floor": str(plan.floor),
            "times": str(plan.times), "cap": None if plan.cap is None else str(plan.cap),
        }  # fmt: skip
        priced = {"rate": str(rate), "floating": floating}
    return priced | {
        "repayment": product.repayment.value, "months": product.months,
        "days": product.days, "every_months": product.every_months,
        "basis": product.basis.value if product.basis else None, "grace_days": product.grace_days,
        "penalty_factor": str(product.penalty_factor), "early": product.early,
    }  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> Product:
    basis = kept["basis"]
    return Product(
        rate=_plan(kept), repayment=practice.Repayment(kept["repayment"]),
        months=kept["months"], days=kept["days"], every_months=kept["every_months"],
        basis=practice.Basis(basis) if basis else None, grace_days=kept["grace_days"],
        penalty_factor=Decimal(kept["penalty_factor"]), early=kept["early"],
    )  # fmt: skip


def _plan(kept: Mapping[str, Any]) -> practice.RatePlan:
    found = kept.get("floating")
    if found is None:
        return practice.FixedRate(Decimal(kept["rate"]))
    cap = found.get("cap")
    return practice.FloatingRate(
        base=found["base"], plus_bp=found["plus_bp"], reset=practice.Reset(found["reset"]),
        floor=Decimal(found["floor"]), times=Decimal(found.get("times", 1)), cap=None if cap is None else Decimal(cap),
    )  # fmt: skip


def line_ends(scheme: Scheme, opened: datetime.date) -> datetime.date:
    """The last day on which the limit may be drawn."""
    found = instrument_of(scheme)
    if isinstance(found, CreditLine):
        return after(opened, found.open_for)
    within = scheme.drawing.within if scheme.drawing else None
    return after(opened, within) if within else calendar.add_months(opened, 3)


def after(start: datetime.date, span: Span) -> datetime.date:
    months = span.months
    return start + datetime.timedelta(days=span.days_at_most) if months is None else calendar.add_months(start, months)


def bearers(scheme: Scheme) -> list[str]:
    """The parties, by the scheme's names, that bear part of a loss or guarantee it: they sign the policy too."""
    names: list[str] = []
    if scheme.losses:
        names += [bearer.by for bearer in scheme.losses.borne or ()]
        names += [layer.by for layer in scheme.losses.layers or ()]
        names.append(scheme.losses.excess)
    names += [item.by for item in _guarantees(scheme)]
    return [name for name in dict.fromkeys(names) if name not in ("lender", "borrower")]


def guarantees(scheme: Scheme) -> list[GuaranteeGiven]:
    """Who answers for the debt at once beside the borrower (连带责任保证) and is not called by the clause on losses."""
    losses = scheme.losses
    sharing = {clause.by for clause in (losses.borne or losses.layers or ())} if losses else set()
    return [
        item for item in _guarantees(scheme) if item.guarantee == "joint_and_several" and item.by not in sharing
    ]  # fmt: skip


def _guarantees(scheme: Scheme) -> list[GuaranteeGiven]:
    given = scheme.security if isinstance(scheme.security, tuple) else ()
    return [item for item in given if isinstance(item, GuaranteeGiven)]


def layers(
    scheme: Scheme, parties: Mapping[str, uuid.UUID], means: Mapping[str, int]
) -> tuple[tuple[Layer[uuid.UUID], ...], uuid.UUID]:
    """The waterfall with its parties, and who bears the excess; ``means`` holds what capped bearers still have."""
    losses = scheme.losses
    if losses is None:
        return (), parties["lender"]
    excess = parties[losses.excess]
    if losses.borne:
        held = [
            Bearer(parties[bearer.by], bearer.share, _cap(bearer.up_to, means.get(bearer.by)))
            for bearer in losses.borne
        ]
        return (Layer(tuple(held)),), excess
    found = [
        Layer((Bearer(parties[layer.by], Decimal(1)),), _cap(layer.up_to, means.get(layer.by)))
        for layer in losses.layers or ()
    ]
    return tuple(found), excess


def _cap(up_to: Money | str | None, means: int | None) -> int | None:
    if up_to is None:
        return None
    return up_to.minor if isinstance(up_to, Money) else means or 0


def _check_tenor(months: int | None, longest: int, *, exact: bool) -> None:
    if months is None or months == longest or (not exact and 0 < months < longest):
        return
    raise Invalid(
        "financing.tenor",
        Text(f"期限{months}个月不合方案约定", f"{months} months are not what the scheme offers"),
        remedy=Text(
            f"期限为{longest}个月" if exact else f"请选择1至{longest}个月",
            f"It is {longest} months" if exact else f"Choose 1 to {longest} months",
        ),
        where="months",
    )
