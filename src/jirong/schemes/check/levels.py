"""Levels: each that gets an offer has a limit and a price, none is invented, a better one is never treated worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from jirong.kernel.text import Text
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.model.amounts import ByLevel, leaves


@dataclass(frozen=True, slots=True)
class Graded:
    """A table by level somewhere in the scheme; ``rising`` when a worse level has the higher figure (a price)."""

    clause: Clause
    what: Text
    figures: Mapping[str, Decimal]
    rising: bool


def levels(context: Context) -> Findings:
    """Gaps, strangers, disorder and scores out of order."""
    tables = list(_tables(context))
    offered = _offered(context, tables)
    if tables and context.scheme.assess is None:
        yield _no_method(tables[0])
    known = set(offered) | set(context.scheme.assess.refer or () if context.scheme.assess else ())
    for table in tables:
        yield from _gaps(table, offered)
        yield from _strangers(table, known)
        yield from _disorder(table, offered)
    yield from _twice(context)
    yield from _scores(context)
    yield from _against_method(context, offered)


def _tables(context: Context) -> list[Graded]:
    scheme, found = context.scheme, []
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if isinstance(leaf, ByLevel):
            figures = {level: Decimal(money.minor) for level, money in leaf.by_level.items()}
            found.append(Graded(leaf, Text("额度", "limit"), figures, rising=False))
    price = scheme.price
    if price and price.plus_bp and price.plus_bp.by_level:
        found.append(Graded(price.plus_bp, Text("价格", "price"), price.plus_bp.by_level, rising=True))
    if price and price.fixed and price.fixed.by_level:
        found.append(Graded(price.fixed, Text("价格", "price"), price.fixed.by_level, rising=True))
    return found


def _offered(context: Context, tables: Sequence[Graded]) -> tuple[str, ...]:
    """The levels that get an offer: as stated, else as the method answers, else as the tables name them."""
    assess = context.scheme.assess
    stated = context.scheme.levels
    if stated or assess is None:
        return stated
    known = (context.registry.methods or {}).get(assess.method)
    if known and known.levels:
        tabled = {level for table in tables for level in table.figures}
        return tuple(level for level in known.levels if level in tabled)
    return tuple(dict.fromkeys(level for table in tables for level in table.figures))


def _gaps(table: Graded, offered: Sequence[str]) -> Findings:
    for level in offered:
        if level not in table.figures:
            yield error(
                "level_without_price" if table.rising else "level_without_limit",
                table.clause,
                "by_level",
                Text(f"{level}级没有{table.what.zh}", f"Level {level} has no {table.what.en}"),
                Text(f"请在 by_level 中补写 {level}: …", f"Add {level}: … under by_level"),
            )


def _strangers(table: Graded, known: set[str]) -> Findings:
    for level in table.figures:
        if known and level not in known:
            names = "、".join(sorted(known))
            yield error(
                "level_unknown",
                table.clause,
                "by_level",
                Text(f"评估不会给出{level}级", f"The assessment never answers level {level}"),
                Text(f"可用等级：{names}", f"Levels known: {', '.join(sorted(known))}"),
            )


def _disorder(table: Graded, offered: Sequence[str]) -> Findings:
    ranked = [level for level in offered if level in table.figures]
    for better, worse in pairwise(ranked):
        gap = table.figures[worse] - table.figures[better]
        if gap != 0 and (gap > 0) != table.rising:
            yield warning(
                "level_order",
                table.clause,
                "by_level",
                Text(
                    f"{worse}级的{table.what.zh}优于{better}级",
                    f"Level {worse} has a better {table.what.en} than {better}",
                ),
                Text("请核对等级次序与数字", "Check the order of levels and the figures"),
            )


def _no_method(table: Graded) -> Finding:
    return error(
        "level_without_method",
        table.clause,
        "by_level",
        Text(
            f"{table.what.zh}按等级，但没有写评估方法", f"The {table.what.en} is by level, but there is no assessment"
        ),
        Text("请补写 assess: {method: 名称@版本}", "Add assess: {method: name@version}"),
    )


def _twice(context: Context) -> Findings:
    """A level is offered terms or looked at by a person, not both."""
    assess = context.scheme.assess
    both = [level for level in context.scheme.levels if level in (assess.refer or ())] if assess else []
    if assess and both:
        yield error(
            "level_twice",
            assess,
            "refer",
            Text(f"{'、'.join(both)}级既可获批又转人工", f"Level {', '.join(both)} both gets an offer and is referred"),
            Text("请从 levels 或 refer 中删去", "Take it out of levels or of refer"),
        )


def _scores(context: Context) -> Findings:
    assess = context.scheme.assess
    if assess is None or assess.score_at_least is None:
        return
    for (better, high), (worse, low) in pairwise(assess.ladder):
        if low == high:
            yield error(
                "score_order",
                assess,
                "score_at_least",
                Text(f"{worse}级与{better}级的最低分相同", f"Levels {worse} and {better} ask for the same score"),
                Text("请使各级最低分不同", "Give each level a score of its own"),
            )
    if assess.levels and set(assess.levels) != set(assess.score_at_least):
        yield error(
            "level_unknown",
            assess,
            "score_at_least",
            Text("levels 与 score_at_least 的等级不一致", "levels and score_at_least name different levels"),
            Text("请使两处一致，或只保留 score_at_least", "Make them agree, or keep score_at_least alone"),
        )


def _against_method(context: Context, offered: Sequence[str]) -> Findings:
    """A level the method cannot answer (unless the scheme grades the score itself)."""
    assess = context.scheme.assess
    if assess is None or assess.score_at_least is not None:
        return
    known = (context.registry.methods or {}).get(assess.method)
    for level in (*offered, *(assess.refer or ())) if known and known.levels else ():
        if known and level not in known.levels:
            yield error(
                "level_unknown",
                assess,
                "levels",
                Text(
                    f"方法{assess.method}不会给出{level}级", f"The method {assess.method} never answers level {level}"
                ),
                Text(f"可用等级：{'、'.join(known.levels)}", f"Levels known: {', '.join(known.levels)}"),
            )
