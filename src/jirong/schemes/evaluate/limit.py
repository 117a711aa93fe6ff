"""The limit with the clause that holds it: each amount computed in the open, the smallest or greatest named.

A branch whose feature is not known leaves the whole limit not known, unless the scheme takes the greatest and says so
elsewhere: nothing is decided on silence, neither for nor against the firm.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes.evaluate.context import Context
from jirong.schemes.evaluate.facts import Answer, Standing
from jirong.schemes.explain import phrases, terms
from jirong.schemes.model import amounts
from jirong.schemes.model.amounts import Amount, ByLevel, LeastOf, Limit, Multiple, Part, SumOf
from jirong.schemes.shapes import plain

Leaf = Amount | ByLevel | Part | Multiple


@dataclass(frozen=True, slots=True)
class Computed:
    """A branch's amount, the leaf (or sum) that fixed it, and the steps."""

    amount: Money
    holder: Limit
    steps: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The answers that say what is lacking."""

    answers: tuple[Answer, ...]


def compute(context: Context, limit: Limit, level: str | None) -> Computed | NotKnown:
    """The limit for a level, or what is lacking."""
    if isinstance(limit, Amount | ByLevel | Part | Multiple):
        return _leaf(context, limit, level)
    found = [compute(context, branch, level) for branch in amounts.branches(limit)]
    lacking = [item for part in found if isinstance(part, NotKnown) for item in part.answers]
    known = [part for part in found if isinstance(part, Computed)]
    steps = tuple(step for part in known for step in part.steps)
    if lacking:
        return NotKnown((*steps, *lacking))
    if isinstance(limit, SumOf):
        total = Money(sum(part.amount.minor for part in known), context.scheme.unit)
        return Computed(total, limit, (*steps, _total(context, limit, known, total)))
    choose = min if isinstance(limit, LeastOf) else max
    held = choose(known, key=lambda part: part.amount.minor)
    return Computed(held.amount, held.holder, steps)


def _total(context: Context, limit: SumOf, parts: list[Computed], total: Money) -> Answer:
    shown, said = phrases.amount(total), [phrases.amount(part.amount) for part in parts]
    reason = Text(
        f"{' + '.join(part.zh for part in said)} = {shown.zh}", f"{' + '.join(part.en for part in said)} = {shown.en}"
    )
    return context.answer(limit, "summed", Standing.NOTED, terms.limit_phrase(limit, context.names), reason)


def _leaf(context: Context, leaf: Leaf, level: str | None) -> Computed | NotKnown:
    rule = terms.limit_phrase(leaf, context.names)
    match leaf:
        case Amount():
            reason = leaf.because or Text("方案规定的金额", "the amount the scheme sets")
            shown = phrases.amount(leaf.amount)
            told = Text(f"{shown.zh}：{reason.zh}", f"{shown.en}: {reason.en}")
            return Computed(leaf.amount, leaf, (context.answer(leaf, "amount", Standing.NOTED, rule, told),))
        case ByLevel():
            return _of_level(context, leaf, level, rule)
    return _of_feature(context, leaf, rule)


def _of_level(context: Context, leaf: ByLevel, level: str | None, rule: Text) -> Computed | NotKnown:
    amount = leaf.by_level.get(level or "")
    if amount is None:
        reason = Text("没有可用的评估等级", "there is no level to go by")
        return NotKnown((context.answer(leaf, "unknown", context.silence(None), rule, reason),))
    shown = phrases.amount(amount)
    told = Text(f"评估等级{level}，对应{shown.zh}", f"level {level} stands for {shown.en}")
    return Computed(amount, leaf, (context.answer(leaf, "by_level", Standing.NOTED, rule, told),))


def _of_feature(context: Context, leaf: Part | Multiple, rule: Text) -> Computed | NotKnown:
    key = f"{leaf.about}.{leaf.of}" if leaf.about else leaf.of
    name, lacking, value = context.names.feature(leaf.of), context.unknown(key, leaf.within), context.number(key)
    if lacking or value is None:
        why, help_ = lacking or (Text("不是金额", "it is not an amount of money"), Text("更正这项资料", "correct it"))
        reason = Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}")
        return NotKnown((context.answer(leaf, "unknown", context.silence(None), rule, reason, help_),))
    amount = max(context.money(value), Money(0, context.scheme.unit)).times(Fraction(leaf.factor))
    whole, shown = phrases.amount(context.money(value)), phrases.amount(amount)
    factor = phrases.rate(leaf.factor) if isinstance(leaf, Part) else Text(plain(leaf.factor), plain(leaf.factor))
    told = Text(f"{name.zh}{whole.zh} × {factor.zh} = {shown.zh}", f"{name.en} {whole.en} × {factor.en} = {shown.en}")
    return Computed(amount, leaf, (context.answer(leaf, "of_feature", Standing.NOTED, rule, told),))


def binding(context: Context, limit: Limit, found: Computed, level: str | None) -> Answer:
    """Which clause holds the limit, and what would raise it."""
    shown, holder = phrases.amount(found.amount), found.holder
    because = _why(context, holder, level)
    reason = Text(f"最高{shown.zh}，因为{because.zh}", f"at most {shown.en}, because {because.en}")
    rule = terms.limit_phrase(limit, context.names)
    return context.answer(holder, "limit", Standing.MET, rule, reason, _raise(context, limit, found, level))


def _why(context: Context, holder: Limit, level: str | None) -> Text:
    if holder.because:
        return holder.because
    if isinstance(holder, ByLevel):
        return Text(f"评估等级为{level}", f"the level is {level}")
    if isinstance(holder, Part | Multiple):
        said = terms.share_phrase(holder, context.names.feature(holder.of))
        return Text(f"不得超过{said.zh}", f"it may not exceed {said.en}")
    if isinstance(holder, SumOf):
        return Text("各项相加为此数", "its parts sum to that")
    return Text("方案规定如此", "the scheme sets it so")


def _raise(context: Context, limit: Limit, found: Computed, level: str | None) -> Text | None:
    """What the firm could do to have more; None where the scheme itself is the bound."""
    holder = found.holder
    if isinstance(holder, ByLevel):
        return _better_level(context, limit, found, level)
    if isinstance(holder, Part | Multiple) and isinstance(limit, LeastOf):
        return _more_of(context, limit, holder, found, level)
    if isinstance(holder, Part | Multiple):
        name = context.names.feature(holder.of)
        return Text(f"{name.zh}越高，额度越高", f"the higher the {name.en}, the higher the limit")
    return None


def _better_level(context: Context, limit: Limit, found: Computed, level: str | None) -> Text | None:
    ranked = context.scheme.levels
    better = ranked[: ranked.index(level)] if level in ranked else ()
    for candidate in reversed(better):
        then = compute(context, limit, candidate)
        if isinstance(then, Computed) and then.amount > found.amount:
            shown = phrases.amount(then.amount)
            return Text(f"升至{candidate}级，额度可到{shown.zh}", f"at level {candidate} the limit would be {shown.en}")
    return None


def _more_of(
    context: Context, limit: LeastOf, holder: Part | Multiple, found: Computed, level: str | None
) -> Text | None:
    """How much the feature would have to be for the next clause to hold the limit instead."""
    others = [
        then
        for branch in limit.least_of
        if branch is not holder and isinstance(then := compute(context, branch, level), Computed)
    ]
    name = context.names.feature(holder.of)
    if len(others) < len(limit.least_of) - 1 or not others:
        return Text(f"提高{name.zh}", f"a higher {name.en}")
    least = min(other.amount for other in others)
    if least <= found.amount or not holder.factor:
        return None
    needed = -(-Fraction(least.minor) // Fraction(holder.factor))
    shown, more = phrases.amount(least), phrases.amount(Money(int(needed), context.scheme.unit))
    return Text(
        f"{name.zh}达到{more.zh}，额度可到{shown.zh}", f"with {name.en} of {more.en} the limit would be {shown.en}"
    )


def rounded_down(amount: Money, step: Money | None) -> Money:
    """The greatest multiple of ``step`` no greater than ``amount``."""
    return amount if step is None else Money(amount.minor - amount.minor % step.minor, amount.unit)


def needs_level(limit: Limit) -> bool:
    """Whether any amount in the limit depends on the level."""
    return any(isinstance(leaf, ByLevel) for leaf in amounts.leaves(limit))
