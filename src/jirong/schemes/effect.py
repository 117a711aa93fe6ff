"""Paying by effect: from two measurements to the amount due, with every step said.

The measure must be the scheme's own: 25 days down to 18 is 38.9 % more throughput but 28 % less time, and the two
can fall on different sides of the bar (sources/000, scene 3, leaves it open).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.explain import phrases
from jirong.schemes.model.contracts import MeteredSubscription


@dataclass(frozen=True, slots=True)
class Bill:
    """What is due for a period: ``points`` are percentage points charged for; ``reasons`` say how it came about."""

    effect: Fraction
    points: Fraction
    reached: bool
    amount: Money
    reasons: tuple[Text, ...]


def measure(terms: MeteredSubscription, before: Decimal, after: Decimal) -> Fraction:
    """The effect as a fraction, from lead times (or any cost that should fall) before and after; both above zero."""
    if before <= 0 or after <= 0:
        raise Invalid(
            "effect.no_measurement",
            Text("前后两次测量都必须大于零", "Both measurements must be above zero"),
            remedy=Text("请补充测量数据", "Supply the measurements"),
        )
    was, now = Fraction(before), Fraction(after)
    return was / now - 1 if terms.measure == "throughput" else (was - now) / was


def bill(terms: MeteredSubscription, before: Decimal, after: Decimal) -> Bill:
    """What is due for a period measured ``before`` and ``after``."""
    return bill_for(terms, measure(terms, before, after))


def bill_for(terms: MeteredSubscription, effect: Fraction) -> Bill:
    """What is due for a period with this effect (a fraction: 0.389 is 38.9 %)."""
    how = vocabulary.MEASURE[terms.measure]
    shown = f"{float(effect * 100):.1f}%"  # a figure to read, not to reckon with
    bar = phrases.rate(terms.threshold)
    measured = Text(f"效果为{shown}（{how.zh}）", f"The effect is {shown} ({how.en})")
    if effect < Fraction(terms.threshold):
        base = phrases.amount(terms.otherwise)
        short = Text(
            f"未达到{bar.zh}，只付基础运维费{base.zh}", f"Below the bar of {bar.en}: the base fee of {base.en}"
        )
        return Bill(effect, Fraction(0), False, terms.otherwise, (measured, short))
    points = charged_points(terms, effect)
    amount = Money.rounded(points * Fraction(terms.per_point.major), terms.per_point.unit)
    count, each, due = f"{float(points):g}", phrases.amount(terms.per_point), phrases.amount(amount)
    reasons = [
        measured,
        Text(
            f"达到{bar.zh}，{vocabulary.COUNTS_FROM[terms.counts_from].zh}，计{count}个百分点 × {each.zh} = {due.zh}",
            f"The bar of {bar.en} is reached; {vocabulary.COUNTS_FROM[terms.counts_from].en}: "
            f"{count} points × {each.en} = {due.en}",
        ),
    ]
    if terms.cap is not None and amount > terms.cap:
        most = phrases.amount(terms.cap)
        reasons.append(Text(f"以每期上限{most.zh}为准", f"Held to the cap of {most.en}"))
        amount = terms.cap
    return Bill(effect, points, True, amount, tuple(reasons))


def charged_points(terms: MeteredSubscription, effect: Fraction) -> Fraction:
    """Percentage points that are paid for."""
    counted = effect - Fraction(terms.threshold) if terms.counts_from == "threshold" else effect
    points = counted * 100
    return Fraction(points.numerator // points.denominator) if terms.points == "whole" else points
