"""The leakage alarm: it looks at every input, unasked, for what cannot have been known before the outcome.

Four signs. Power: one input alone tells defaults implausibly well, over all firms or within one period, however rare
defaults are and however few values it has. Cut short: a
figure agreed in advance is round (a term in whole years) for payers and odd for defaulters, as if the event had
rewritten it. Absence: whether an input is filled in tells the outcome. Name: it speaks of the end (charge-off,
recovery). A sign is a question to whoever knows the data and no proof; but what is flagged for power, cut short or by
name is left out of training, and what is flagged at all stands in the model card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jirong.assessment.training import metrics
from jirong.assessment.training.table import Floats, Ints, Table
from jirong.kernel.text import Text

POWER_MOST = 0.85
"""No single honest input of credit data comes near it: the best single Polish ratio reaches 0.72."""
HONEST_MOST = 0.8
PLAIN_MOST, PRESENT_LEAST, ERRORS_APART, DEFAULTS_LEAST, BINS = 0.95, 0.5, 4.0, 6, 20
ABSENCE_RATIO, ABSENCE_LEAST, FIRMS_LEAST = 5.0, 0.05, 30
ROUND_TO = (12, 30, 10, 100, 1000)
"""What agreed figures are multiples of: months of a year, days of a month, tens, hundreds, thousands."""
ROUND_APART = 0.4
AFTER = re.compile(r"charge.?off|chgoff|writ.?off|recover|closed|default|loss|核销|追偿|结清|逾期后", re.IGNORECASE)
_ORDER = ("power", "cut short", "name", "absence")
BARRING = ("power", "cut short", "name")


@dataclass(frozen=True, slots=True)
class Alarm:
    """``sign`` is power, cut short, absence or name; ``figure`` what was measured; ``said`` the sentence."""

    feature: str
    sign: str
    figure: float
    said: Text


def alarms(table: Table) -> list[Alarm]:
    """Every sign in every input, words too, gravest first; nothing where all firms ended alike."""
    if len(np.unique(table.outcome)) < 2:
        return []
    found = [alarm for name in table.features for alarm in _signs(name, table.column(name), table)]
    found += [alarm for name, words in table.words.items() for alarm in _powerful(name, _numbered(words), table)]
    return sorted(found, key=lambda alarm: (_ORDER.index(alarm.sign), -alarm.figure))


def barred(found: list[Alarm]) -> tuple[str, ...]:
    """The inputs to leave out of training."""
    return tuple(dict.fromkeys(alarm.feature for alarm in found if alarm.sign in BARRING))


def power(column: Floats | Ints, outcome: Ints) -> float:
    """How well one input alone ranks defaults; at least one half.

    Whatever the shape: default rates of its bins (absence is one) learnt on every other defaulter and payer and tried
    on the rest, both ways. Bins are cut at values the column has (:func:`metrics.cuts`), so a flag, a figure that is
    zero for nearly everybody, and a leak as rare as the outcome each get bins of their own. Where the values rank
    defaults as they stand by ``PLAIN_MOST`` or more, that counts: with few defaulters bins learn little.
    """
    learn = _every_other(outcome)
    tried = [_tried(column, outcome, half) for half in (learn, ~learn)]
    plain = _plain(column.astype(np.float64), outcome) if column.dtype.kind == "f" else 0.5
    return max(0.5, plain, float(np.mean(tried)) if np.isfinite(tried).all() else 0.5)


def beyond_chance(alone: float, outcome: Ints) -> bool:
    """Whether an input so powerful alone can hardly be an empty or an honest one seen in few defaulters.

    Standard errors after Hanley and McNeil (1982): four above a half under no difference (out of reach below
    ``DEFAULTS_LEAST`` defaulters), and two above ``HONEST_MOST`` at the AUC measured.
    """
    bad = int(outcome.sum())
    if bad < DEFAULTS_LEAST or bad == len(outcome):
        return False
    empty, own = (_error(at, bad, len(outcome) - bad) for at in (0.5, alone))
    return alone - 0.5 >= ERRORS_APART * empty and alone - 2 * own >= HONEST_MOST


def _error(auc: float, bad: int, good: int) -> float:
    one, two = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2
    return float(np.sqrt((auc * (1 - auc) + (bad - 1) * one + (good - 1) * two) / (bad * good)))


def _plain(column: Floats, outcome: Ints) -> float:
    present = ~np.isnan(column)
    found = metrics.auc(outcome[present], column[present])
    found = max(found, 1 - found)
    enough = beyond_chance(found, outcome[present]) and present.mean() >= PRESENT_LEAST
    return found if enough and found >= PLAIN_MOST else 0.5


def _every_other(outcome: Ints) -> NDArray[np.bool_]:
    """Every other defaulter and every other payer: both halves have of both, however the rows are sorted."""
    chosen = np.zeros(len(outcome), dtype=np.bool_)
    for kind in (0, 1):
        chosen[np.flatnonzero(outcome == kind)[::2]] = True
    return chosen


def _tried(column: Floats | Ints, outcome: Ints, learn: NDArray[np.bool_]) -> float:
    place = _binned(column.astype(np.float64), learn) if column.dtype.kind == "f" else column.astype(np.int64)
    bad = np.bincount(place[learn], outcome[learn], minlength=int(place.max()) + 1)
    count = np.bincount(place[learn], minlength=int(place.max()) + 1)
    rates = (bad + 5 * outcome[learn].mean()) / (count + 5)
    return metrics.auc(outcome[~learn], rates[place[~learn]])


def _binned(column: Floats, learn: NDArray[np.bool_]) -> Ints:
    edges = metrics.cuts(column[learn], BINS)
    return np.where(np.isnan(column), len(edges) + 1, np.searchsorted(edges, column, side="right")).astype(np.int64)


def _numbered(words: NDArray[Any]) -> Ints:
    """Words as whole numbers: bins as they are, in no order."""
    return np.unique(words, return_inverse=True)[1].astype(np.int64)


def _signs(name: str, column: Floats, table: Table) -> Iterator[Alarm]:
    if np.isnan(column).all():
        return
    yield from _powerful(name, column, table)
    cut = _cut_short(column, table.outcome)
    if cut is not None:
        step, bad, good = cut
        said = Text(
            f"{good:.0%}的还款者此项为{step}的整数倍，违约者只有{bad:.0%}，像是违约之后才改写的",
            f"a multiple of {step} for {good:.0%} of payers but {bad:.0%} of defaulters, as if the event rewrote it",
        )
        yield Alarm(name, "cut short", good - bad, said)
    absent = _absence(column, table.outcome)
    if absent is not None:
        bad, good = absent
        said = Text(
            f"{bad:.1%}的违约者缺此项，其他企业只有{good:.1%}：缺失本身就泄露了结果",
            f"absent for {bad:.1%} of defaulters and {good:.1%} of others: its absence tells the outcome",
        )
        yield Alarm(name, "absence", abs(bad - good), said)
    if AFTER.search(name):
        said = Text("名称说的是违约之后的事", "its name speaks of what comes after a default")
        yield Alarm(name, "name", 1.0, said)


def _powerful(name: str, column: Floats | Ints, table: Table) -> Iterator[Alarm]:
    for where, rows in _periods(table):
        alone = power(column[rows], table.outcome[rows])
        if alone >= POWER_MOST and beyond_chance(alone, table.outcome[rows]):
            said = Text("{where}，仅凭这一项 AUC 即达{auc}", "alone it reaches an AUC of {auc} {where}")
            yield Alarm(name, "power", alone, said.format(where=where, auc=f"{alone:.3f}"))
            break


def _periods(table: Table) -> Iterator[tuple[Text, NDArray[np.bool_]]]:
    """All firms, then each period with enough of both kinds."""
    yield Text("在全部企业上", "over all firms"), np.ones(table.rows, dtype=np.bool_)
    for period in [] if table.period is None else np.unique(table.period):
        rows = table.period == period
        bad = int(table.outcome[rows].sum())
        if min(bad, int(rows.sum()) - bad) >= FIRMS_LEAST:
            yield Text(f"在{period}年度内", f"within {period}"), rows


def _cut_short(column: Floats, outcome: Ints) -> tuple[int, float, float] | None:
    """The step payers' values are multiples of and defaulters' are not, with the two shares."""
    present = ~np.isnan(column) & (column > 0)
    values = column[present]
    if len(np.unique(values)) < 20 or (values % 1 != 0).any():
        return None
    kind = outcome[present]
    if min(kind.sum(), (1 - kind).sum()) < FIRMS_LEAST:
        return None
    for step in ROUND_TO:
        whole = values % step == 0
        bad, good = float(whole[kind == 1].mean()), float(whole[kind == 0].mean())
        if good - bad >= ROUND_APART:
            return step, bad, good
    return None


def _absence(column: Floats, outcome: Ints) -> tuple[float, float] | None:
    """Shares of absence among defaulters and others, where they differ by far and for enough firms."""
    absent = np.isnan(column)
    bad, good = float(absent[outcome == 1].mean()), float(absent[outcome == 0].mean())
    if absent.sum() < FIRMS_LEAST or max(bad, good) < ABSENCE_LEAST:
        return None
    return (bad, good) if max(bad, good) / max(min(bad, good), 0.001) >= ABSENCE_RATIO else None
