"""The level of the assessment: which it is, whether it still holds, whether it gets an offer."""

from __future__ import annotations

from jirong.kernel.text import Text
from jirong.schemes.evaluate.context import Context, stale
from jirong.schemes.evaluate.facts import Answer, Standing
from jirong.schemes.explain import who
from jirong.schemes.model.eligibility import Assess
from jirong.schemes.shapes import plain


def assessed(context: Context) -> tuple[str | None, Answer] | None:
    """The level to go by and the answer; None where the scheme assesses nothing."""
    assess = context.scheme.assess
    if assess is None:
        return None
    rule = who.assess_phrase(assess, context.names)
    lacking = _lacking(context, assess)
    if lacking:
        why, help_ = lacking
        return None, context.answer(assess, "unknown", context.silence(None), rule, why, help_)
    level = level_of(context, assess)
    if level in (assess.refer or ()):
        reason = Text(f"评估等级为{level}，须由人工审查", f"the level is {level}, which a person looks at")
        return level, context.answer(assess, "referred", Standing.UNKNOWN_REFER, rule, reason)
    offered = context.scheme.levels
    if level is None or (offered and level not in offered):
        return level, context.answer(assess, "level_refused", Standing.FAILED, rule, *_refused(context, assess, level))
    shown = _shown(context, level)
    return level, context.answer(assess, "met", Standing.MET, rule, shown)


def level_of(context: Context, assess: Assess) -> str | None:
    """The level: by the scheme's own scores where it states them, else as the method answered."""
    if assess.score_at_least is None:
        return context.facts.level
    score = context.facts.score
    assert score is not None
    return next((level for level, least in assess.ladder if score >= least), None)


def _lacking(context: Context, assess: Assess) -> tuple[Text, Text] | None:
    facts = context.facts
    absent = facts.score is None if assess.score_at_least else facts.level is None
    if absent and facts.lacking:
        named = Text("；".join(text.zh for text in facts.lacking), "; ".join(text.en for text in facts.lacking))
        return (
            Text(f"评估尚不能完成：{named.zh}", f"it cannot be assessed yet: {named.en}"),
            Text("补齐上述资料", "supply what is named"),
        )
    if absent:
        return Text("还没有评估结果", "there is no assessment yet"), Text("完成评估", "have the assessment made")
    old = stale(facts.assessed_on, assess.within, context.on)
    if old:
        return Text(f"评估结果：{old[0].zh}", f"the assessment: {old[0].en}"), Text("重新评估", "be assessed again")
    return None


def _refused(context: Context, assess: Assess, level: str | None) -> tuple[Text, Text]:
    score, levels = context.facts.score, context.scheme.levels
    wanted = Text("、".join(levels), " or ".join(levels))
    if assess.score_at_least and score is not None:
        worst, least = assess.ladder[-1]
        have, gap = plain(score), plain(least - score)
        return (
            Text(f"得分{have}，低于{worst}级所需的{plain(least)}分", f"{have} points, below the {least} of {worst}"),
            Text(f"再提高{gap}分", f"{gap} points more"),
        )
    return (
        Text(f"评估等级为{level}，不在{wanted.zh}之列", f"the level is {level}, not {wanted.en}"),
        Text(f"评估等级升至{wanted.zh}", f"a level of {wanted.en}"),
    )


def _shown(context: Context, level: str) -> Text:
    if context.facts.score is None:
        return Text(f"评估等级为{level}", f"the level is {level}")
    score = plain(context.facts.score)
    return Text(f"得分{score}，评估等级为{level}", f"{score} points, level {level}")
