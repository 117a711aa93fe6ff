"""Effect: how much an upgrade improved a firm's lead time, by the measure the method declares.

25 days down to 18 is 38.9 % more throughput (25/18 − 1) and 28 % less time ((25 − 18)/25): the two fall on different
sides of a bar of 30 %. The document names which one counts; the result states both, so nobody is surprised later.
The score is the effect in percentage points.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.base import Judged, Lacking, Method, Values, plausible
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text
from jirong.schemes.vocabulary import MEASURE

MEASURES = ("throughput", "time_saved")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class EffectMethod(Method):
    """Two measured lead times where there are any, else the effect a report states; one of them there must be."""

    measure: str

    def judge(self, values: Values, as_of: dt.date) -> Judged | Lacking:
        before, after, stated = (values[name] for name in ("lead_time_before", "lead_time_after", "effect_gain"))
        if isinstance(before, Decimal) and isinstance(after, Decimal):
            gains = {measure: gain(measure, before, after) for measure in MEASURES}
            effect = gains[self.measure]
            said = [self._said(before, after, gains), self._other(gains), *self._stated(effect, stated)]
        elif isinstance(stated, Decimal):
            effect, said = stated, [self._reported(stated)]
        else:
            text = Text(
                "请提供升级前后的交付周期，或第三方效果报告",
                "bring the lead times before and after, or a report on the effect",
            )
            return Lacking((Reason(Effect.LACKING, "effect_gain", text),))
        score = _score(effect)
        known = before if isinstance(before, Decimal) else None
        reasons = (*said, *self._change(score, known, stated, as_of))
        return Judged(score, reasons, figures={"effect_gain": wording.rounded(effect, 6)})

    def _reported(self, stated: Decimal) -> Reason:
        shown = wording.figure(stated, "percent", None)
        text = Text(f"效果报告载明提升{shown.zh}", f"the report states an effect of {shown.en}")
        return Reason(Effect.HELPED if stated > 0 else Effect.HURT, "effect_gain", text)

    def _stated(self, effect: Decimal, stated: Decimal | bool | str | None) -> list[Reason]:
        """A report that says otherwise than the measurement is named, and does not count."""
        if not isinstance(stated, Decimal) or abs(stated - effect) < Decimal("0.01"):
            return []
        shown = wording.figure(stated, "percent", None)
        text = Text(
            f"效果报告载明{shown.zh}，与实测不同，以实测为准", f"the report says {shown.en}; the measurement counts"
        )
        return [Reason(Effect.NOTED, "effect_gain", text)]

    def _said(self, before: Decimal, after: Decimal, gains: dict[str, Decimal]) -> Reason:
        was, now = self.head.input("lead_time_before").shown(before), self.head.input("lead_time_after").shown(after)
        effect, how = wording.figure(gains[self.measure], "percent", None), MEASURE[self.measure]
        text = Text(
            f"周期由{was.zh}变为{now.zh}，效果{effect.zh}（{how.zh}）",
            f"the lead time went from {was.en} to {now.en}, an effect of {effect.en} ({how.en})",
        )
        return Reason(Effect.HELPED if gains[self.measure] > 0 else Effect.HURT, "lead_time_after", text)

    def _other(self, gains: dict[str, Decimal]) -> Reason:
        other = next(measure for measure in MEASURES if measure != self.measure)
        effect, how = wording.figure(gains[other], "percent", None), MEASURE[other]
        text = Text(
            f"另一种口径为{effect.zh}（{how.zh}），不作依据",
            f"by the other measure {effect.en} ({how.en}), which does not count",
        )
        return Reason(Effect.NOTED, "lead_time_after", text)

    def _change(self, score: Decimal, before: Decimal | None, stated: object, as_of: dt.date) -> list[Reason]:
        """What reaches the next level: the lead time that does, rounded the strict way, or the points a report lacks."""
        up = self.head.levels.next_up(score, as_of)
        if up is None:
            return []
        level, least = up
        if before is None:
            gap = least - score
            if not isinstance(stated, Decimal) or not plausible(self.head.input("effect_gain"), stated + gap / 100):
                return []
            shown = wording.points(gap)
            text = Text(f"再提升{shown}个百分点可升至{level}级", f"{shown} percentage points more would give {level}")
            return [Reason(Effect.CHANGE, "effect_gain", text, gap)]
        target = self._lead_time(before, least)
        if target is None:
            return []
        days, after = self.head.input("lead_time_after").shown(target), _score(gain(self.measure, before, target))
        level = self.head.levels.of(after, as_of)
        text = Text(f"周期缩短到{days.zh}可升至{level}级", f"a lead time of {days.en} would give {level}")
        return [Reason(Effect.CHANGE, "lead_time_after", text, after - score)]

    def _lead_time(self, before: Decimal, least: Decimal) -> Decimal | None:
        """The longest lead time, to a tenth of a day, whose score reaches ``least``; None where none can."""
        exact = before / (1 + least / 100) if self.measure == "throughput" else before * (1 - least / 100)
        target = exact.quantize(_TENTH, rounding=ROUND_FLOOR)
        if target <= 0 or not plausible(self.head.input("lead_time_after"), target):
            return None
        return target if _score(gain(self.measure, before, target)) >= least else None


def _score(effect: Decimal) -> Decimal:
    return wording.rounded(effect * 100, 2)


def gain(measure: str, before: Decimal, after: Decimal) -> Decimal:
    """The effect as a fraction; both lead times above zero."""
    return before / after - 1 if measure == "throughput" else (before - after) / before
