"""Fairness: does the model rank and price firms of every size, region, age and sector alike well?

For each class: how many, what was forecast, what came (and the ratio), the AUC inside the class, and the share a cut
at the overall forecast's best ``share`` would approve. The adverse-impact ratio compares approvals with the class
approved most; below 0.8 (the four-fifths rule of the US EEOC, a convention here) it is marked for a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jirong.assessment.training import metrics
from jirong.assessment.training.table import Floats, Table

FIRMS_LEAST = 30
FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True)
class Class:
    """One class of one grouping; ``impact`` is None for the class approved most."""

    grouping: str
    name: str
    firms: int
    forecast: float
    seen: float
    auc: float
    approved: float
    impact: float

    @property
    def marked(self) -> bool:
        return self.impact < FOUR_FIFTHS


def classes(table: Table, pd: Floats, *, share: float = 0.5) -> list[Class]:
    """Every class with enough firms, by grouping; ``share`` is the part of all firms a cut approves."""
    approved = pd <= np.quantile(pd, share)
    found: list[Class] = []
    for grouping, column in table.groups.items():
        rows = {str(name): column == name for name in np.unique(column)}
        kept = {name: mask for name, mask in rows.items() if mask.sum() >= FIRMS_LEAST}
        most = max((float(approved[mask].mean()) for mask in kept.values()), default=0.0)
        for name, mask in kept.items():
            rate = float(approved[mask].mean())
            found.append(
                Class(
                    grouping,
                    name,
                    int(mask.sum()),
                    float(pd[mask].mean()),
                    float(table.outcome[mask].mean()),
                    metrics.auc(table.outcome[mask], pd[mask]),
                    rate,
                    rate / most if most else float("nan"),
                )
            )
    return found
