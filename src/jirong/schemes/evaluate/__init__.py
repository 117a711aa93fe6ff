"""A scheme applied to one firm on one day: the terms offered or a refusal, every clause answered either way.

Pure: features, level, rates and the day are arguments. The verdict is ``refuse`` only on something known; what is
missing, stale, withheld or contradictory makes it ``ask`` or ``refer``, as the scheme says. An approval is as fully
explained as a refusal. The verdict is the scheme's; the decision is the lender's, under its own signed policy.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from jirong.kernel.money import Money
from jirong.kernel.rates import RateHistory
from jirong.kernel.text import Text
from jirong.schemes.evaluate import drawing
from jirong.schemes.evaluate import limit as limits
from jirong.schemes.evaluate.context import Context
from jirong.schemes.evaluate.eligibility import eligibility
from jirong.schemes.evaluate.facts import (
    MISSING,
    Answer,
    Evaluation,
    Facts,
    FeatureValue,
    Known,
    Standing,
    Terms,
    Verdict,
)
from jirong.schemes.evaluate.level import assessed
from jirong.schemes.evaluate.price import price
from jirong.schemes.explain import conduct, phrases
from jirong.schemes.explain.phrases import Names
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry

__all__ = [
    "MISSING",
    "Answer",
    "Evaluation",
    "Facts",
    "FeatureValue",
    "Known",
    "Standing",
    "Terms",
    "Verdict",
    "evaluate",
]


@dataclass(slots=True)
class _Draft:
    """Answers as they come, and the terms so far."""

    answers: list[Answer]
    limit: Money | None = None
    amount: Money | None = None
    bound_by: str = ""


def evaluate(
    scheme: Scheme, facts: Facts, *, on: dt.date, lpr: RateHistory, registry: Registry = NOTHING_KNOWN
) -> Evaluation:
    """Judge ``facts`` by ``scheme`` on the business date ``on``."""
    context = Context(scheme, Names(scheme, registry), facts, lpr, on)
    draft = _Draft([*_in_force(context), *eligibility(context), *_use(context)])
    level = None
    judged = assessed(context)
    if judged:
        level = judged[0]
        draft.answers.append(judged[1])
    level_stands = judged is None or judged[1].standing is Standing.MET
    _limit(context, draft, level, level_stands)
    rate = None
    if scheme.price and (level_stands or not _by_level(scheme)):
        rate, answer = price(context, scheme.price, level, facts.use)
        draft.answers.append(answer)
    verdict = _verdict(draft.answers)
    offered = None
    if verdict is Verdict.APPROVE and draft.limit is not None and draft.amount is not None:
        offered = Terms(draft.amount, draft.limit, draft.bound_by, rate, level)
    return Evaluation(verdict, offered, tuple(draft.answers))


def _verdict(answers: list[Answer]) -> Verdict:
    """A known failure refuses; then what can be asked is asked; then a person decides."""
    standings = {answer.standing for answer in answers}
    if Standing.FAILED in standings:
        return Verdict.REFUSE
    if Standing.UNKNOWN_ASK in standings:
        return Verdict.ASK
    return Verdict.REFER if Standing.UNKNOWN_REFER in standings else Verdict.APPROVE


def _by_level(scheme: Scheme) -> bool:
    found = scheme.price
    if found is None:
        return False
    return bool((found.fixed and found.fixed.by_level) or (found.plus_bp and found.plus_bp.by_level))


def _in_force(context: Context) -> list[Answer]:
    """The scheme is in force on the day."""
    scheme, on = context.scheme, context.on
    since, until = scheme.effective, scheme.expires
    if since <= on and (until is None or on <= until):
        return []
    rule = Text("自{since}起生效", "in force from {since}").format(since=phrases.date(since))
    if until:
        rule = phrases.joined(rule, Text("，至{day}止", "until {day}").format(day=phrases.date(until)))
    day = phrases.date(on)
    reason = Text(f"{day.zh}不在方案有效期内", f"the scheme is not in force on {day.en}")
    key = "effective" if on < since else "expires"
    return [context.answer(scheme, "not_in_force", Standing.FAILED, rule, reason, key=key)]


def _use(context: Context) -> list[Answer]:
    """The use asked for is allowed."""
    uses, use = context.scheme.uses, context.facts.use
    if uses is None or use is None:
        return []
    name = context.names.use(use)
    rule = conduct.uses_phrase(uses, context.names)
    if use in uses.allowed:
        reason = Text(f"用途为{name.zh}", f"it is for {name.en}")
        return [context.answer(uses, "met", Standing.MET, rule, reason)]
    reason = Text(f"用途“{name.zh}”不在允许之列", f"“{name.en}” is not an allowed use")
    allowed = phrases.listed([context.names.use(item) for item in uses.allowed], last="or")
    change = Text(f"改为{allowed.zh}", f"use it for {allowed.en}")
    return [context.answer(uses, "use_not_allowed", Standing.FAILED, rule, reason, change)]


def _limit(context: Context, draft: _Draft, level: str | None, level_stands: bool) -> None:
    found = context.scheme.limit
    if found is None or (not level_stands and limits.needs_level(found)):
        return
    computed = limits.compute(context, found, level)
    if isinstance(computed, limits.NotKnown):
        draft.answers.extend(computed.answers)
        return
    draft.answers.extend(computed.steps)
    draft.answers.append(limits.binding(context, found, computed, level))
    draft.limit, draft.bound_by = computed.amount, computed.holder.spot.path
    _in_use(context, draft)
    _programme(context, draft)
    draft.limit, answers = drawing.drawable(context, draft.limit)
    draft.answers.extend(answers)
    if not answers:
        draft.amount, answers = drawing.offered(context, draft.limit)
        draft.answers.extend(answers)


def _in_use(context: Context, draft: _Draft) -> None:
    """What the applicant has open under the scheme is part of its limit, so only the rest can be had."""
    used, found = context.facts.in_use, context.scheme.limit
    if used is None or not used.minor or found is None or draft.limit is None:
        return
    left = max(draft.limit - used, Money(0, draft.limit.unit))
    most, open_, rest = (phrases.amount(amount) for amount in (draft.limit, used, left))
    rule = Text("尚未还清的借款占用额度", "what is not yet repaid is part of the limit")
    reason = Text(
        f"额度{most.zh}，在本方案下尚有{open_.zh}未还清，还可借{rest.zh}",
        f"of the limit of {most.en}, {open_.en} is still open under this scheme, so {rest.en} can be had",
    )
    change = Text("还清后额度恢复", "repaid, it is free again")
    standing = Standing.NOTED if left.minor else Standing.FAILED
    draft.answers.append(context.answer(found, "in_use", standing, rule, reason, change))
    draft.limit = left


def _programme(context: Context, draft: _Draft) -> None:
    """What the whole programme still has bounds every limit."""
    left, programme = context.facts.programme_left, context.scheme.programme
    if left is None or programme is None or draft.limit is None or draft.limit <= left:
        return
    shown, total = phrases.amount(left), phrases.amount(programme.total)
    rule = Text("全部额度合计不超过{total}", "all limits together are at most {total}").format(total=total)
    reason = Text(f"总规模只剩{shown.zh}", f"only {shown.en} of the programme is left")
    standing = Standing.MET if left.minor > 0 else Standing.FAILED
    change = Text("等待额度释放或追加总规模", "wait until limits are released or the programme is raised")
    draft.answers.append(context.answer(programme, "programme_left", standing, rule, reason, change))
    draft.limit, draft.bound_by = left, programme.spot.path
