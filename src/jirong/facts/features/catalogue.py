"""Every feature: what it is called, what it means, what it is computed from, and how.

Windows are whole months before the day, that day included: "12 months" on 2026-03-31 begins on 2025-04-01 (after
2025-03-31), and "3 months" on 2026-06-30 on 2026-04-01. Money is in yuan, percents are fractions.
"""

from __future__ import annotations

from collections.abc import Iterable

from jirong.facts import kinds
from jirong.facts.features import cluster, innovation, risk, trade
from jirong.facts.features.parts import Feature
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.schemes.registry import FeatureInfo

FEATURES: dict[str, Feature] = {
    feature.code: feature for feature in (*trade.FEATURES, *risk.FEATURES, *innovation.FEATURES, *cluster.FEATURES)
}


def feature(name: str) -> Feature:
    """The feature of that name; raises :class:`Invalid` where there is none."""
    found = FEATURES.get(name)
    if found is None:
        raise Invalid(
            "feature.unknown",
            Text(f"没有名为“{name[:40]}”的特征", f"There is no feature “{name[:40]}”"),
            remedy=Text("特征见 docs/features.md", "Features are listed in docs/features.md"),
            where="feature",
        )
    return found


def consent_needed(item: Feature) -> tuple[str, ...]:
    """The kinds of fact a reader needs consent for: all that are not public, what was lent and repaid among them."""
    return tuple(code for code in item.reads if needs_consent(code))


def needs_consent(kind: str) -> bool:
    found = kinds.KINDS.get(kind)
    return found is not None and not found.public


def infos(names: Iterable[str] | None = None) -> dict[str, FeatureInfo]:
    """The features as a scheme's checker wants them (:class:`jirong.schemes.registry.Registry`)."""
    chosen = FEATURES.values() if names is None else [feature(name) for name in names]
    return {item.code: FeatureInfo(item.title, item.kind, item.unit, consent_needed(item)) for item in chosen}


MATCH = "match.three_way"
"""Evidence that is no paper: order, delivery, acceptance and invoice of a trade agree."""


def evidence_names() -> dict[str, Text]:
    """Every kind of fact, as a name of evidence, and the three-way match."""
    return {kind.code: kind.title for kind in kinds.KINDS.values()} | {MATCH: Text("三单匹配结果", "Three-way match")}


def consent_for(evidence: str) -> tuple[str, ...]:
    """The kinds of fact a reader needs consent for to know of the evidence."""
    of = kinds.TRADE_KINDS if evidence == MATCH else (evidence,)
    return tuple(kind for kind in of if needs_consent(kind))
