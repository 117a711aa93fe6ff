"""The expected loss of a lender's running book: PD by level × what falls on the lender × exposure, each with its source.

PD is observed where the lender has enough loans of the level a year old, else the mean of its assessments' own
forecasts, else unknown, and then nothing is computed in silence: the exposure is listed as not covered. A loan already
bad counts with PD 1. What falls on the lender is what the scheme's waterfall leaves it of the expected loss, with the
bearers' present means; no recovery is assumed. These are statistics and no provision: that is the close's.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Avg, Count

from jirong.assessment.models import Assessment
from jirong.engine import waterfall
from jirong.financing import deciding, product
from jirong.financing.models import Policy
from jirong.financing.pages import bank_figures, bank_waterfall
from jirong.financing.pages.bank_figures import Cell, Share
from jirong.instruments.portfolio.classes import BAD_FROM

OBSERVED_MIN = 100
"""Fewer loans than this a year old are not taken for an observation of a level."""


@dataclass(frozen=True, slots=True)
class Pd:
    """A year's chance of being 90 days late; ``source`` is ``observed``, ``model`` or ``unknown`` (then no value)."""

    value: Decimal | None
    source: str
    observed: Share
    forecasts: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A policy's level: ``bad_minor`` counts with PD 1; ``gross_minor`` is expected before sharing, ``own_minor`` after
    it; both ``None`` where the PD is unknown and the level has performing loans.
    """

    policy: uuid.UUID | None
    level: str
    loans: int
    minor: int
    bad_minor: int
    pd: Pd
    gross_minor: int | None
    own_minor: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """The book's lines; sums are over the lines that could be computed, ``uncovered_minor`` is the rest's exposure."""

    lines: tuple[Line, ...]

    @property
    def gross_minor(self) -> int:
        return sum(line.gross_minor or 0 for line in self.lines)

    @property
    def own_minor(self) -> int:
        return sum(line.own_minor or 0 for line in self.lines)

    @property
    def minor(self) -> int:
        return sum(line.minor for line in self.lines)

    @property
    def covered(self) -> bool:
        """Whether anything could be computed, or there is nothing to compute."""
        return not self.lines or any(line.gross_minor is not None for line in self.lines)

    @property
    def uncovered_minor(self) -> int:
        return sum(line.minor for line in self.lines if line.gross_minor is None)


def expected(lender: uuid.UUID, today: datetime.date, cells: Iterable[Cell]) -> Expected:
    """The expected loss of the cells' loans over twelve months."""
    chances = pds(lender, today)
    grouped: dict[tuple[uuid.UUID | None, str], list[Cell]] = {}
    for cell in cells:
        grouped.setdefault((cell.policy, cell.level), []).append(cell)
    policies = Policy.objects.select_related("scheme").in_bulk([policy for policy, _ in grouped if policy])
    gross = {key: _gross(chances.get(key[1], UNKNOWN), some) for key, some in grouped.items()}
    own = _own(gross, policies)
    lines = [
        Line(
            policy, level, sum(c.loans for c in some), sum(c.minor for c in some), _bad(some),
            chances.get(level, UNKNOWN), gross[policy, level], own.get((policy, level)),
        )
        for (policy, level), some in grouped.items()
    ]  # fmt: skip
    return Expected(tuple(sorted(lines, key=lambda line: (str(line.policy), line.level))))


UNKNOWN = Pd(None, "unknown", Share(0, 0))


def pds(lender: uuid.UUID, today: datetime.date) -> dict[str, Pd]:
    """By level: what the lender observed, and failing that what its methods forecast on average."""
    observed = bank_figures.observed_defaults(lender, today)
    rows = Assessment.objects.filter(assessor=lender, status="assessed", pd__isnull=False).values("level")
    counted = rows.annotate(mean=Avg("pd"), count=Count("pk"))
    forecast: dict[str, tuple[Decimal | None, int]] = {
        row["level"] or "": (row["mean"], row["count"]) for row in counted
    }
    found: dict[str, Pd] = {}
    for level in {*observed, *forecast}:
        share, (mean, count) = observed.get(level, Share(0, 0)), forecast.get(level, (None, 0))
        if share.whole >= OBSERVED_MIN:
            found[level] = Pd(share.value, "observed", share, count)
        else:
            found[level] = Pd(mean, "model" if mean is not None else "unknown", share, count)
    return found


def _bad(cells: Iterable[Cell]) -> int:
    return sum(cell.minor for cell in cells if cell.loan_class >= BAD_FROM)


def _gross(pd: Pd, cells: list[Cell]) -> int | None:
    bad = _bad(cells)
    good = sum(cell.minor for cell in cells) - bad
    if good and pd.value is None:
        return None
    return bad + int((good * (pd.value or Decimal(0))).quantize(Decimal(1), ROUND_HALF_UP))


def _own(
    gross: Mapping[tuple[uuid.UUID | None, str], int | None], policies: Mapping[uuid.UUID, Policy]
) -> dict[tuple[uuid.UUID | None, str], int]:
    """Each line's part that stays with the lender: of a policy's whole, by its waterfall, then in proportion."""
    found: dict[tuple[uuid.UUID | None, str], int] = {}
    for policy in {key[0] for key in gross}:
        keys = [key for key, minor in gross.items() if key[0] == policy and minor is not None]
        whole = sum(gross[key] or 0 for key in keys)
        left = lenders_part(policies[policy], whole) if policy and policy in policies else whole
        for key in keys:
            found[key] = round((gross[key] or 0) * left / whole) if whole else 0
    return found


def lenders_part(policy: Policy, loss_minor: int) -> int:
    """What of a loss under the policy its lender bears, by the scheme and the bearers' present means."""
    scheme = deciding.scheme_behind(policy)
    who = {**{name: uuid.UUID(party) for name, party in policy.parties.items()}, "lender": policy.lender_id}
    clauses = (scheme.losses.borne or scheme.losses.layers or ()) if scheme.losses else ()
    # A clause that leaves part with the borrower has no party of the policy: it is nobody's loss but the lender's.
    who |= {clause.by: policy.lender_id for clause in clauses if clause.by not in who}
    layers, excess = product.layers(scheme, who, bank_waterfall.free_means(scheme, who))
    if not layers:
        return loss_minor
    return waterfall.share_loss(loss_minor, layers, excess=excess).by_party.get(policy.lender_id, 0)
