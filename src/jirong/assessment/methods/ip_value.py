"""Intellectual property valued three ways side by side: cost, market, income; never one figure from nowhere.

Cost: the part of three years' R&D spending that lies in the patents, with the return that money should have earned,
less the part of its life already used up.
Market: the mean price of comparable patents sold, times the patents. Income: a royalty on high-technology sales, each
year fading, discounted over the life that is left. What can be computed is; at least two approaches must be, and the
reference is their median (of two, the lower). The score is how much of the outside appraisal the reference supports.
A dispute over title sends the file to a person whatever the score.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from jirong.assessment.methods import wording
from jirong.assessment.methods.base import Judged, Lacking, Method, Values, plausible
from jirong.assessment.methods.values import Effect, Reason
from jirong.kernel.text import Text

COST, MARKET, INCOME = "patent_value_cost", "patent_value_market", "patent_value_income"
TITLES = {
    COST: Text("成本法", "the cost approach"),
    MARKET: Text("市场法", "the market approach"),
    INCOME: Text("收益法", "the income approach"),
}
_FEN = Decimal("0.01")
NEEDS = {
    COST: ("rd_spend_36m", "patent_remaining_years"),
    MARKET: ("patent_market_price", "invention_patents"),
    INCOME: ("high_tech_sales_12m", "patent_remaining_years"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IpTerms:
    """Fractions a year, but ``approaches`` the least number of approaches and ``years_most`` the longest horizon.

    ``embodied`` is the part of three years' R&D spending that lies in the patents; ``spending_age`` its mean age.
    """

    embodied: Decimal
    spending_age: Decimal
    capital_return: Decimal
    royalty: Decimal
    fading: Decimal
    discount: Decimal
    years_most: int
    approaches: int
    disputed_level: str


@dataclass(frozen=True)
class IpValue(Method):
    terms: IpTerms

    def judge(self, values: Values, as_of: dt.date) -> Judged | Lacking:
        numbers = {name: value for name, value in values.items() if isinstance(value, Decimal)}
        found = {way: value for way in NEEDS if (value := self._value(way, numbers)) is not None}
        if len(found) < self.terms.approaches:
            return Lacking(self._too_few(numbers, found))
        appraised, reference = numbers["patent_value"], _reference(list(found.values()))
        score = _support(reference, appraised)
        disputed = values["patent_dispute"] is True
        figures = {way: wording.rounded(value, 2) for way, value in found.items()}
        figures["patent_value_reference"] = wording.rounded(reference, 2)
        reasons = (
            *self._ways(found, numbers),
            self._support(score, appraised, reference, as_of),
            *self._changes(score, disputed, reference, as_of),
        )
        return Judged(score, reasons, figures=figures, level=self.terms.disputed_level if disputed else None)

    def _value(self, way: str, numbers: Mapping[str, Decimal]) -> Decimal | None:
        if any(name not in numbers for name in NEEDS[way]):
            return None
        if way == COST:
            return self._cost(numbers)
        if way == MARKET:
            return numbers["patent_market_price"] * numbers["invention_patents"]
        return self._income(numbers)

    def _cost(self, numbers: Mapping[str, Decimal]) -> Decimal:
        age, left = self.terms.spending_age, numbers["patent_remaining_years"]
        spent = numbers["rd_spend_36m"] * self.terms.embodied
        return spent * (1 + self.terms.capital_return) ** age * left / (age + left)

    def _income(self, numbers: Mapping[str, Decimal]) -> Decimal:
        years = min(int(numbers["patent_remaining_years"]), self.terms.years_most)
        step = (1 - self.terms.fading) / (1 + self.terms.discount)
        first = numbers["high_tech_sales_12m"] * self.terms.royalty
        return sum((first * step**year for year in range(1, years + 1)), Decimal(0))

    def _ways(self, found: Mapping[str, Decimal], numbers: Mapping[str, Decimal]) -> list[Reason]:
        said = []
        for way, title in TITLES.items():
            if way in found:
                shown = wording.figure(found[way], "money", None)
                said.append(
                    Reason(Effect.NOTED, way, Text(f"{title.zh}估值{shown.zh}", f"{title.en} gives {shown.en}"))
                )
            else:
                said.append(Reason(Effect.NOTED, way, self._cannot(way, numbers)))
        return said

    def _cannot(self, way: str, numbers: Mapping[str, Decimal]) -> Text:
        missing = [self.head.input(name).title for name in NEEDS[way] if name not in numbers]
        zh, en = "、".join(item.zh for item in missing), ", ".join(item.en for item in missing)
        return Text(f"{TITLES[way].zh}缺少{zh}，未采用", f"{TITLES[way].en} lacks {en} and is not used")

    def _too_few(self, numbers: Mapping[str, Decimal], found: Mapping[str, Decimal]) -> tuple[Reason, ...]:
        need = self.terms.approaches
        head = Text(f"至少要有{need}种方法可以估值", f"at least {need} approaches must be possible")
        absent = [way for way in NEEDS if way not in found]
        return (
            Reason(Effect.LACKING, "", head),
            *(Reason(Effect.LACKING, way, self._cannot(way, numbers)) for way in absent),
        )

    def _support(self, score: Decimal, appraised: Decimal, reference: Decimal, as_of: dt.date) -> Reason:
        low = self.head.levels.next_up(score, as_of) is not None
        said, own = wording.figure(appraised, "money", None), wording.figure(reference, "money", None)
        share = wording.points(score)
        text = Text(
            f"第三方评估值{said.zh}，各法参考值{own.zh}，可支持其{share}%",
            f"the appraisal of {said.en} is supported to {share}% by a reference of {own.en}",
        )
        return Reason(Effect.HURT if low else Effect.HELPED, "patent_value", text)

    def _changes(self, score: Decimal, disputed: bool, reference: Decimal, as_of: dt.date) -> list[Reason]:
        """Settling the dispute with the level it leads to; then the highest appraisal that reaches the next level,
        rounded the strict way. While the dispute bars the level, no appraisal is promised one.
        """
        levels = self.head.levels
        if disputed:
            level = levels.of(score, as_of)
            text = Text(
                f"专利权属争议解决后，等级为{level}", f"once the dispute over title is settled the level is {level}"
            )
            return [Reason(Effect.CHANGE, "patent_dispute", text)]
        up = levels.next_up(score, as_of)
        if up is None:
            return []
        most = (reference * 100 / up[1]).quantize(_FEN, rounding=ROUND_FLOOR)
        if not plausible(self.head.input("patent_value"), most) or most <= 0:
            return []
        shown, level = wording.figure(most, "money", None), levels.of(_support(reference, most), as_of)
        text = Text(
            f"评估值不高于{shown.zh}时可升至{level}级", f"an appraisal of at most {shown.en} would give {level}"
        )
        return [Reason(Effect.CHANGE, "patent_value", text)]


def _support(reference: Decimal, appraised: Decimal) -> Decimal:
    """How many percent of the appraisal the reference supports."""
    return wording.rounded(min(Decimal(100), reference * 100 / appraised), 2)


def _reference(values: list[Decimal]) -> Decimal:
    """The median; of an even number the lower of the middle two."""
    return sorted(values)[(len(values) - 1) // 2]
