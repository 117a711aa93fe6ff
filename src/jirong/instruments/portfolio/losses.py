"""Expected credit loss (IFRS 9, 企业会计准则第22号), exact for one loan and equal to the fen for columns.

In each period to come a loan may default on the due date: the chance is the rise of its grade's cumulative
probability over the period, the exposure the principal and interest then owed with whatever is already due, the loss
a share of it, discounted at the contract's rate period by period. Stage 1 counts defaults of the next twelve months,
stage 2 of the whole life; stage 3 has defaulted, so the share of what is owed now is lost. Scenarios (a term
structure of default and a factor on the loss share each) are averaged by weight. All inputs are integers in
millionths or ten-thousandths, so the scalar form is exact rational arithmetic, rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from jirong.instruments.portfolio.book import Book
from jirong.instruments.portfolio.contracts import Codes, Contracts
from jirong.instruments.portfolio.exact import RATE_SCALE, SUM_ERROR, Floats, Ints, half_up_or_doubt
from jirong.instruments.portfolio.schedules import in_blocks, walk
from jirong.instruments.practice import checks
from jirong.kernel.money import round_half_up
from jirong.kernel.text import Text

PD_SCALE = 1_000_000
SHARE_SCALE = 10_000
SCENARIOS_MAX = 100


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """``cumulative_e6[grade, month]``: chance, in millionths, to have defaulted within so many months (month 0 is 0,
    the last month holds ever after). ``weight_e4`` of ten thousand; ``loss_factor_e4`` scales the loss share.
    """

    name: str
    weight_e4: int
    cumulative_e6: Ints
    loss_factor_e4: int = SHARE_SCALE

    def __post_init__(self) -> None:
        table = self.cumulative_e6
        checks.whole("weight_e4", self.weight_e4, 0, SHARE_SCALE)
        checks.whole("loss_factor_e4", self.loss_factor_e4, 0, 10 * SHARE_SCALE)
        good = table.ndim == 2 and table.shape[1] >= 2 and not table[:, 0].any()
        if not good or (np.diff(table, axis=1) < 0).any() or table.max() > PD_SCALE:
            raise checks.invalid(
                "cumulative_e6",
                table.shape,
                Text(
                    "累计违约率须从 0 开始、逐月不减且不超过 100%", "chances must begin at 0, never fall, and stay ≤ 1"
                ),
                Text("请按“等级 × 月”给出百万分数", "Give millionths, by grade and month"),
            )


@dataclass(frozen=True, slots=True)
class Exposure:
    """One loan to provide for, in minor units: what is due already, and (balance before, interest) of each period."""

    due: int
    now: int
    periods: tuple[tuple[int, int], ...]
    months: int
    rate_e6: int
    stage: int
    grade: int
    loss_share_e4: int


def expected_loss(exposure: Exposure, scenarios: Sequence[Scenario]) -> int:
    """Minor units to provide for one loan, exact, half up."""
    _check_weights(scenarios)
    whole = Fraction(0)
    for scenario in scenarios:
        share = min(SHARE_SCALE**2, exposure.loss_share_e4 * scenario.loss_factor_e4)
        part = _defaulted(exposure, scenario) if exposure.stage < 3 else Fraction(exposure.now + exposure.due)
        whole += Fraction(scenario.weight_e4 * share, SHARE_SCALE**3) * part
    return round_half_up(whole)


def expected_losses(
    contracts: Contracts,
    book: Book,
    stage: Codes,
    grade: Ints,
    loss_share_e4: Ints,
    scenarios: Sequence[Scenario],
) -> Ints:
    """Minor units to provide for each row of ``book``, as :func:`expected_loss`."""
    _check_weights(scenarios)
    _check_grades(grade, scenarios)
    found = np.zeros(len(contracts), dtype=np.int64)
    fallen = contracts.fallen(np.datetime64(book.as_of))

    def keep(block: Contracts, rows: slice) -> None:
        sums = _Sums(block, book, rows, fallen[rows], stage[rows], grade[rows], loss_share_e4[rows], scenarios)
        rounded, doubtful = half_up_or_doubt(sums.run(), SUM_ERROR)
        for row in doubtful:
            rounded[row] = expected_loss(sums.exposure(row), scenarios)
        found[rows] = rounded

    in_blocks(contracts, keep)
    return found


class _Sums:
    """The running expectation of one block."""

    def __init__(
        self,
        contracts: Contracts,
        book: Book,
        rows: slice,
        fallen: Ints,
        stage: Codes,
        grade: Ints,
        loss_share_e4: Ints,
        scenarios: Sequence[Scenario],
    ) -> None:
        self.contracts, self.fallen, self.stage, self.grade, self.scenarios = contracts, fallen, stage, grade, scenarios
        self.due = book.due_principal[rows] + book.due_interest[rows]
        self.now = book.performing[rows] + book.accrued[rows]
        self.loss_share_e4 = loss_share_e4
        self.weights = [
            scenario.weight_e4 * np.minimum(SHARE_SCALE**2, loss_share_e4 * scenario.loss_factor_e4) / SHARE_SCALE**3
            for scenario in scenarios
        ]

    def run(self) -> Floats:
        worth: Floats = np.where(self.stage == 3, sum(self.weights) * (self.now + self.due), 0.0)
        for kind, basis, part in self.contracts.kinds():
            some, before = self.contracts.take(part), self.fallen[part]
            live = self.stage[part] < 3
            shrink = 1.0 / (1.0 + some.rate_e6 * some.every_months / (12.0 * RATE_SCALE))
            factor = np.ones(len(some))
            for step in walk(some, kind, basis):
                ahead = live & (step.number > before) & (some.periods >= step.number)
                factor = np.where(ahead, factor * shrink, factor)
                owed = (step.before + step.interest + self.due[part]) * factor
                worth[part] += np.where(ahead, owed * self._chance(part, step.number - before), 0.0)
        return worth

    def _chance(self, part: npt.NDArray[np.intp] | slice, period: Ints) -> Floats:
        """Weighted chance, times loss share, to default in that period ahead."""
        months = self.contracts.every_months[part]
        first_stage = self.stage[part] == 1
        chance = np.zeros(len(months))
        for scenario, weight in zip(self.scenarios, self.weights, strict=True):
            table, last = scenario.cumulative_e6, scenario.cumulative_e6.shape[1] - 1
            bound = np.where(first_stage, min(12, last), last)
            begins, ends = np.clip((period - 1) * months, 0, bound), np.clip(period * months, 0, bound)
            rise = table[self.grade[part], ends] - table[self.grade[part], begins]
            chance += weight[part] * rise / PD_SCALE
        return chance

    def exposure(self, row: int) -> Exposure:
        one = self.contracts.take(np.array([row]))
        ((kind, basis, _),) = one.kinds()
        steps = [step for step in walk(one, kind, basis) if step.number > int(self.fallen[row])]
        return Exposure(
            due=int(self.due[row]),
            now=int(self.now[row]),
            periods=tuple((int(step.before[0]), int(step.interest[0])) for step in steps),
            months=int(one.every_months[0]),
            rate_e6=int(one.rate_e6[0]),
            stage=int(self.stage[row]),
            grade=int(self.grade[row]),
            loss_share_e4=int(self.loss_share_e4[row]),
        )


def _defaulted(exposure: Exposure, scenario: Scenario) -> Fraction:
    """Discounted exposure expected to be in default, over the periods ahead."""
    table = scenario.cumulative_e6[exposure.grade]
    last = min(12, len(table) - 1) if exposure.stage == 1 else len(table) - 1
    growth = 1 + Fraction(exposure.rate_e6 * exposure.months, 12 * RATE_SCALE)
    whole = Fraction(0)
    for number, (before, interest) in enumerate(exposure.periods, start=1):
        begins, ends = min((number - 1) * exposure.months, last), min(number * exposure.months, last)
        chance = Fraction(int(table[ends]) - int(table[begins]), PD_SCALE)
        whole += chance * (before + interest + exposure.due) / growth**number
    return whole


def _check_weights(scenarios: Sequence[Scenario]) -> None:
    checks.whole("scenarios", len(scenarios), 1, SCENARIOS_MAX)
    weight = sum(scenario.weight_e4 for scenario in scenarios)
    if weight != SHARE_SCALE:
        raise checks.invalid(
            "weight_e4",
            weight,
            Text("各情景权重之和须为 100%", "the scenarios' weights must sum to 100 %"),
            Text("请调整权重，使合计为 10000", "Adjust them to sum to 10000"),
        )


def _check_grades(grade: Ints, scenarios: Sequence[Scenario]) -> None:
    fewest = min(scenario.cumulative_e6.shape[0] for scenario in scenarios)
    bad = np.flatnonzero((grade < 0) | (grade >= fewest))
    if len(bad):
        raise checks.invalid(
            "grade",
            int(grade[bad[0]]),
            Text(f"第 {bad[0]} 行的等级没有违约率", f"row {bad[0]} has a grade without default chances"),
            Text(f"等级须在 0 与 {fewest - 1} 之间", f"A grade lies between 0 and {fewest - 1}"),
        )
