"""The rate, step by step: base, multiple, points by level and by use, floor and cap."""

from __future__ import annotations

from decimal import Decimal

from jirong.kernel.rates import basis_points
from jirong.kernel.text import Text
from jirong.schemes import rates
from jirong.schemes.evaluate.context import Context
from jirong.schemes.evaluate.facts import Answer, Standing
from jirong.schemes.explain import phrases, terms
from jirong.schemes.model.amounts import Price


def price(context: Context, found: Price, level: str | None, use: str | None) -> tuple[Decimal | None, Answer]:
    """The rate a year and how it came about; None where it is bid for."""
    rule = terms.price_phrase(found, context.names)
    if found.bids:
        reason = Text("由资金方报价后确定", "it is known once funders have bid")
        return None, context.answer(found, "bids", Standing.NOTED, rule, reason)
    if use is None and found.plus_bp and found.plus_bp.by_use:
        reason = Text("价格按用途而定，申请没有写用途", "the price depends on the use, and the application names none")
        ask = Text("写明资金用途", "name the use of the money")
        return None, context.answer(found, "unknown", context.silence("ask"), rule, reason, ask)
    free = rates.unbounded_rate(found, context.lpr, context.on, level, use)
    if free is None:
        reason = Text("没有可用的评估等级", "there is no level to go by")
        return None, context.answer(found, "unknown", context.silence(None), rule, reason)
    rate = rates.bounded(found, free)
    steps = _steps(context, found, level, use)
    shown = phrases.yearly(rate)
    reason = Text(f"{steps.zh} = 年化{phrases.yearly(free).zh}", f"{steps.en} = {phrases.yearly(free).en} a year")
    if found.fixed:
        reason = Text(f"年化{shown.zh}", f"{shown.en} a year")
    if rate != free:
        bound = Text("上限", "cap") if rate < free else Text("下限", "floor")
        reason = Text(f"{reason.zh}，按{bound.zh}{shown.zh}执行", f"{reason.en}, held to the {bound.en} of {shown.en}")
    change = _change(context, found, level, use, rate)
    return rate, context.answer(found, "price", Standing.MET, rule, reason, change)


def _steps(context: Context, found: Price, level: str | None, use: str | None) -> Text:
    if found.base is None:
        return Text("固定利率", "fixed rate")
    base = phrases.yearly(rates.base_rate(found.base, context.lpr, context.on))
    named = terms.base_phrase(found)
    said = named if found.base.lpr is None else Text(f"{named.zh} {base.zh}", f"{named.en} of {base.en}")
    if found.base.lpr:
        said = _dated(context, said)
    if found.times is not None:
        part = phrases.rate(found.times)
        said = Text(f"{said.zh} × {part.zh}", f"{said.en} × {part.en}")
    points = rates.points_for(found, level, use)
    if points:
        sign = "-" if points < 0 else "+"
        more = phrases.yearly(basis_points(abs(points)))
        said = Text(f"{said.zh} {sign} {more.zh}", f"{said.en} {sign} {more.en}")
    return said


def _dated(context: Context, said: Text) -> Text:
    """When the LPR was published; a word of caution after the last day somebody checked."""
    day = phrases.date(context.lpr.at(context.on).on)
    if context.lpr.is_confirmed(context.on):
        return Text(f"{said.zh}（{day.zh}公布）", f"{said.en} (published {day.en})")
    return Text(
        f"{said.zh}（{day.zh}公布，之后是否更新尚未核对）",
        f"{said.en} (published {day.en}; later ones not yet checked)",
    )


def _change(context: Context, found: Price, level: str | None, use: str | None, rate: Decimal) -> Text | None:
    """The rate of the next better level."""
    ranked = context.scheme.levels
    for better in reversed(ranked[: ranked.index(level)] if level in ranked else ()):
        free = rates.unbounded_rate(found, context.lpr, context.on, better, use)
        if free is not None and rates.bounded(found, free) < rate:
            shown = phrases.yearly(rates.bounded(found, free))
            return Text(f"升至{better}级，年化可降至{shown.zh}", f"at level {better} it would be {shown.en} a year")
    return None
