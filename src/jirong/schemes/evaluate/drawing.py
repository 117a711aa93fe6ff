"""What can be drawn: the limit and what was asked, rounded down to whole steps, and never below the least drawing."""

from __future__ import annotations

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes.evaluate.context import Context
from jirong.schemes.evaluate.facts import Answer, Standing
from jirong.schemes.evaluate.limit import rounded_down
from jirong.schemes.explain import conduct, phrases, terms


def least_of(context: Context) -> Money:
    """The least that can be drawn at once: as the scheme says, else one step, else the smallest unit."""
    drawing = context.scheme.drawing
    bounds = [bound for bound in (drawing.least, drawing.multiple_of) if bound] if drawing else []
    return max(bounds, default=Money(1, context.scheme.unit))


def drawable(context: Context, limit: Money) -> tuple[Money, list[Answer]]:
    """The limit in whole steps, and an answer where that is below the least drawing."""
    drawing = context.scheme.drawing
    limit = rounded_down(limit, drawing.multiple_of if drawing else None)
    least = least_of(context)
    if limit >= least:
        return limit, []
    have, need = phrases.amount(limit), phrases.amount(least)
    rule = Text("每笔不低于{need}", "at least {need} each time").format(need=need)
    reason = Text(f"可用额度{have.zh}，不足每笔最低金额", f"the limit of {have.en} is below the least drawing")
    change = Text("提高额度后再申请", "apply again once the limit is higher")
    clause = drawing or context.scheme
    return limit, [context.answer(clause, "below_least", Standing.FAILED, rule, reason, change, key="least")]


def offered(context: Context, limit: Money) -> tuple[Money | None, list[Answer]]:
    """What is offered of ``limit``: what was asked, at most the limit, in whole steps. Nothing, where less than the least
    drawing was asked: the firm is asked for another amount, which decides nothing about it.
    """
    asked = context.facts.requested
    if asked is None:
        return limit, []
    drawing, least = context.scheme.drawing, least_of(context)
    wanted = phrases.amount(asked)
    if asked < least:
        need, most = phrases.amount(least), phrases.amount(limit)
        rule = Text("每笔不低于{need}", "at least {need} each time").format(need=need)
        reason = Text(f"申请{wanted.zh}，低于每笔最低{need.zh}", f"{wanted.en} was asked, less than {need.en}")
        change = Text(f"申请{need.zh}至{most.zh}", f"ask for {need.en} to {most.en}")
        clause = drawing or context.scheme
        return None, [
            context.answer(clause, "asked_too_little", Standing.UNKNOWN_ASK, rule, reason, change, key="least")
        ]
    if asked > limit:
        return limit, [_less_than_asked(context, asked, limit)]
    amount = rounded_down(asked, drawing.multiple_of if drawing else None)
    if amount == asked or drawing is None:
        return amount, []
    had = phrases.amount(amount)
    reason = Text(
        f"申请{wanted.zh}，按整数倍向下取为{had.zh}", f"{wanted.en} was asked, {had.en} is the next step below"
    )
    rule = conduct.drawing_phrase(drawing)
    return amount, [context.answer(drawing, "rounded_down", Standing.NOTED, rule, reason, key="multiple_of")]


def _less_than_asked(context: Context, asked: Money, limit: Money) -> Answer:
    """More was asked than can be had: the limit is offered, and it is said."""
    wanted, most, found = phrases.amount(asked), phrases.amount(limit), context.scheme.limit
    assert found is not None, "there is a limit to be below"
    rule = terms.limit_phrase(found, context.names)
    reason = Text(f"申请{wanted.zh}，可批{most.zh}", f"{wanted.en} was asked, {most.en} can be had")
    return context.answer(found, "less_than_asked", Standing.NOTED, rule, reason)
