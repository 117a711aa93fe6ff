"""Shares sum to the whole: of a loss, of a pool. What has no name is named in the finding, in percent and in money."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.explain import phrases
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.model.sharing import Bearer, Contribution, Layer, Losses

WHOLE = Decimal(1)


def shares(context: Context) -> Findings:
    """Sums and repeats in pools and losses; open layers in the middle."""
    for pool in (context.scheme.pools or {}).values():
        yield from _sum("出资", "contributions", pool, "funded", pool.funded, pool.size)
        yield from _repeats(pool.funded)
    losses = context.scheme.losses
    if losses and losses.borne:
        yield from _sum("损失分担", "loss shares", losses, "borne", losses.borne, None)
        yield from _repeats(losses.borne)
    if losses and losses.layers:
        yield from _layers(losses, losses.layers)
    yield from _given_away(context)


def _given_away(context: Context) -> Findings:
    """Nobody passes on more than the whole of an income, and no cost is subsidised beyond its whole."""
    totals: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for income in context.scheme.income:
        key = ("income", income.from_, income.of)
        totals[key] += income.share or 0
        if totals[key] > WHOLE:
            reason = Text("分出的比例合计超过100%", "More than the whole is passed on")
            yield error("shares_sum", income, "share", reason, Text("请降低比例", "Lower the shares"))
    for subsidy in context.scheme.subsidy:
        key = ("subsidy", subsidy.to, subsidy.of)
        totals[key] += subsidy.pays or 0
        if totals[key] > WHOLE:
            reason = Text("补贴比例合计超过100%", "More than the whole cost is subsidised")
            yield error("shares_sum", subsidy, "pays", reason, Text("请降低比例", "Lower the shares"))


def _sum(
    zh: str, en: str, clause: Clause, key: str, parts: Sequence[Contribution | Bearer], size: Money | None
) -> Findings:
    total = sum((part.share for part in parts), Decimal(0))
    if total == WHOLE:
        return
    is_now = phrases.rate(total).zh
    gap = phrases.rate(abs(WHOLE - total)).zh
    worth = phrases.amount(size.times(abs(WHOLE - total))) if size else None
    money = Text(f"（{worth.zh}）", f" ({worth.en})") if worth else Text("　", " ")
    if total < WHOLE:
        reason = Text(
            f"{zh}比例合计{is_now}，还差{gap}{money.zh.strip()}没有人承担",
            f"The {en} sum to {is_now}; {gap}{money.en.rstrip()} has no name",
        )
        remedy = Text(
            f"请写明剩余{gap}由谁承担，例如加一项 {{by: treasury, share: {gap}}}",
            f"Name who takes the other {gap}, such as {{by: treasury, share: {gap}}}",
        )
    else:
        reason = Text(
            f"{zh}比例合计{is_now}，多出{gap}{money.zh.strip()}",
            f"The {en} sum to {is_now}, {gap}{money.en.rstrip()} too much",
        )
        remedy = Text("请调整到合计100%", "Adjust them to sum to 100%")
    yield error("shares_sum", clause, key, reason, remedy)


def _repeats(parts: Sequence[Contribution | Bearer]) -> Findings:
    seen: Counter[str] = Counter()
    for part in parts:
        seen[part.by] += 1
        if seen[part.by] == 2:
            yield warning(
                "party_twice",
                part,
                "by",
                Text(f"“{part.by}”在同一列表中出现两次", f"“{part.by}” stands twice in one list"),
                Text("请合并为一项", "Merge the two"),
            )


def _layers(losses: Losses, layers: tuple[Layer, ...]) -> Findings:
    for layer in layers[:-1]:
        if layer.up_to is None:
            yield _open_layer(layer)
    last = layers[-1]
    if last.up_to is None and last.by != losses.excess:
        yield warning(
            "layer_swallows",
            losses,
            "excess",
            Text("最后一层没有上限，“excess”永远不会用到", "The last layer is open, so “excess” is never reached"),
            Text(f"请写 excess: {last.by}，或给最后一层写上限", f"Write excess: {last.by}, or cap the last layer"),
        )


def _open_layer(layer: Layer) -> Finding:
    return error(
        "layer_open",
        layer,
        "",
        Text(
            "只有最后一层可以没有上限，否则后面各层永远不会用到",
            "Only the last layer may be open: none after it is reached",
        ),
        Text("请写 up_to: 金额 或 up_to: means", "Write up_to: an amount, or up_to: means"),
    )
