"""Whether the figures make sense together. These are warnings to the planner, never bars: the parties decide."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import effect
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Finding
from jirong.schemes.kinds import LENDING
from jirong.schemes.model.amounts import Amount, ByLevel, GreatestOf, LeastOf, Limit, SumOf
from jirong.schemes.model.contracts import MeteredSubscription
from jirong.schemes.model.sharing import Subsidy
from jirong.schemes.rates import RateRange, rate_range, unbounded_rate


def economics(context: Context) -> Findings:
    """Programme, subsidies, effect fees, moral hazard, idle bounds."""
    yield from _programme(context)
    yield from _smallest_drawing(context)
    yield from _effect_fee(context)
    yield from _own_stake(context)
    yield from _idle_bounds(context)
    rates = _rates(context)
    for subsidy in context.scheme.subsidy:
        yield from _budget(context, subsidy, rates)
    yield from _thin_margin(context, rates)


def _rates(context: Context) -> RateRange | None:
    price = context.scheme.price
    return rate_range(price, context.lpr, context.on) if price and context.lpr else None


def most(limit: Limit) -> Money | None:
    """The most the limit can ever be, as far as fixed amounts say; None when only features bound it."""
    match limit:
        case Amount():
            return limit.amount
        case ByLevel():
            return max(limit.by_level.values(), key=lambda money: money.minor)
        case LeastOf():
            known = [top for branch in limit.least_of if (top := most(branch)) is not None]
            return min(known, key=lambda money: money.minor) if known else None
        case GreatestOf() | SumOf():
            parts = [most(branch) for branch in (limit.greatest_of if isinstance(limit, GreatestOf) else limit.sum_of)]
            tops = [part for part in parts if part is not None]
            if len(tops) < len(parts):
                return None
            if isinstance(limit, GreatestOf):
                return max(tops, key=lambda money: money.minor)
            return Money(sum(top.minor for top in tops), tops[0].unit)
    return None


def _programme(context: Context) -> Findings:
    programme, limit = context.scheme.programme, context.scheme.limit
    top = most(limit) if limit else None
    if programme is None or top is None:
        return
    total, each = phrases.amount(programme.total), phrases.amount(top)
    if top > programme.total:
        yield warning(
            "programme_small",
            programme,
            "total",
            Text(
                f"总规模{total.zh}小于单户最高额度{each.zh}",
                f"The programme of {total.en} is below one limit of {each.en}",
            ),
            Text("请核对两处金额", "Check the two amounts"),
        )
    elif programme.borrowers and top.minor * programme.borrowers > programme.total.minor:
        served = programme.total.minor // top.minor
        yield warning(
            "programme_crowded",
            programme,
            "total",
            Text(
                f"{programme.borrowers}户若都用满{each.zh}，总规模{total.zh}只够{served}户",
                f"If all {programme.borrowers} took {each.en}, {total.en} would serve only {served}",
            ),
            Text("请确认先到先得是否可以接受", "Make sure first come, first served is meant"),
        )


def _smallest_drawing(context: Context) -> Findings:
    drawing, limit = context.scheme.drawing, context.scheme.limit
    top = most(limit) if limit else None
    if drawing is None or drawing.least is None or top is None or drawing.least <= top:
        return
    least, each = phrases.amount(drawing.least), phrases.amount(top)
    yield error(
        "drawing_above_limit",
        drawing,
        "least",
        Text(
            f"每笔最低{least.zh}高于单户最高额度{each.zh}，没有人能提款",
            f"The least drawing of {least.en} exceeds every limit ({each.en})",
        ),
        Text("请降低每笔最低金额", "Lower the least drawing"),
    )


def _effect_fee(context: Context) -> Findings:
    terms = context.scheme.instrument
    if not isinstance(terms, MeteredSubscription) or terms.group_price is None:
        return
    expected = Fraction(terms.expected_effect) if terms.expected_effect is not None else Fraction(terms.threshold)
    bill = effect.bill_for(terms, max(expected, Fraction(terms.threshold)))
    if bill.amount <= terms.group_price:
        return
    due, group = phrases.amount(bill.amount), phrases.amount(terms.group_price)
    points = f"{float(bill.points):g}"
    yield warning(
        "effect_fee_high",
        terms,
        "per_point",
        Text(
            f"按效果付费{points}个百分点为{due.zh}，高于团购价{group.zh}：企业直接购买更便宜",
            f"By effect, {points} points cost {due.en}, above the group price of {group.en}: buying is cheaper",
        ),
        Text(
            f"请设上限 cap（例如 {terms.group_price}），或降低每点价格、改为只计超过门槛的部分",
            f"Set a cap (such as {terms.group_price}), lower the price a point, or count only above the bar",
        ),
    )


def _own_stake(context: Context) -> Findings:
    """A lender that bears nothing has no reason to look."""
    losses, lender = context.scheme.losses, context.kind.payer
    if losses is None or context.scheme.instrument.kind not in LENDING:
        return
    bears = {item.by for item in (losses.borne or ()) if item.share > 0} | {item.by for item in losses.layers or ()}
    if lender not in bears:
        yield warning(
            "no_stake",
            losses,
            "",
            Text(
                "贷款人不承担任何损失份额，审查动力不足",
                "The lender bears no share of the loss and has little reason to look",
            ),
            Text("请让贷款人承担一部分，例如20%", "Let the lender bear a part, such as 20%"),
        )


def _idle_bounds(context: Context) -> Findings:
    """A cap below or a floor above what the formula gives today replaces the formula for some level."""
    price = context.scheme.price
    if price is None or context.lpr is None or price.bids:
        return
    levels: list[str | None] = [None]
    if price.plus_bp and price.plus_bp.by_level:
        levels = list(price.plus_bp.by_level)
    for level in levels:
        rate = unbounded_rate(price, context.lpr, context.on, level, None)
        if rate is not None:
            yield from _bound_binds(context, level, rate)


def _bound_binds(context: Context, level: str | None, rate: Decimal) -> Findings:
    price = context.scheme.price
    assert price is not None
    who = Text(f"{level}级", f"level {level}") if level else Text("本方案", "this scheme")
    now = phrases.yearly(rate)
    for key, bound, binds in (("cap", price.cap, "above"), ("floor", price.floor, "below")):
        if bound is None or not (rate > bound if binds == "above" else rate < bound):
            continue
        told = phrases.yearly(bound)
        yield warning(
            "bound_binds",
            price,
            key,
            Text(
                f"按当前LPR，{who.zh}的利率为{now.zh}，将一律按{told.zh}执行",
                f"At today's LPR the rate of {who.en} is {now.en} and will always be held to {told.en}",
            ),
            Text("请核对加点与上下限", "Check the points and the bounds"),
        )


def _budget(context: Context, subsidy: Subsidy, rates: RateRange | None) -> Findings:
    """What the subsidy could cost at most, beside its budget."""
    needed = _cost(context, subsidy, rates)
    if needed is None or needed <= subsidy.budget:
        return
    most_said, budget = phrases.amount(needed), phrases.amount(subsidy.budget)
    yield warning(
        "budget_short",
        subsidy,
        "budget",
        Text(
            f"若全部用足，补贴需要{most_said.zh}，预算只有{budget.zh}",
            f"In full it needs {most_said.en}; the budget is {budget.en}",
        ),
        Text("请增加预算、降低比例或限制户数", "Raise the budget, lower the share, or limit the number"),
    )


def _cost(context: Context, subsidy: Subsidy, rates: RateRange | None) -> Money | None:
    programme = context.scheme.programme
    if programme is None:
        return None
    if subsidy.each is not None:
        return subsidy.each.times(programme.borrowers) if programme.borrowers else None
    tenor = getattr(context.scheme.instrument, "tenor", None)
    months = tenor.longest.months if tenor else None
    if subsidy.of != "interest" or rates is None or months is None:
        return None
    years = Fraction(months, 12)
    rate = (
        Fraction(rates.high) * Fraction(subsidy.pays)
        if subsidy.pays is not None
        else Fraction(subsidy.rate_bp or 0) / 10_000
    )
    return programme.total.times(rate * years)


def _thin_margin(context: Context, rates: RateRange | None) -> Findings:
    """What the lender passes on is no more than what it earns."""
    if rates is None or context.scheme.instrument.kind not in LENDING:
        return
    given = sum(
        (item.rate_bp or Decimal(0) for item in context.scheme.income if _from_balance(context, item.from_, item.of)),
        Decimal(0),
    )
    if given / 10_000 >= rates.low > 0:
        yield _no_margin(context, given, rates.low)


def _from_balance(context: Context, giver: str, of: str) -> bool:
    return giver == context.kind.payer and of in ("disbursed", "outstanding")


def _no_margin(context: Context, given: Decimal, earned: Decimal) -> Finding:
    passed, rate = phrases.yearly(given / 10_000), phrases.yearly(earned)
    return warning(
        "no_margin",
        context.scheme,
        "income",
        Text(
            f"贷款人分出{passed.zh}，不低于其最低利率{rate.zh}",
            f"The lender passes on {passed.en}, no less than it earns ({rate.en})",
        ),
        Text("请降低分润", "Lower the shares"),
    )
