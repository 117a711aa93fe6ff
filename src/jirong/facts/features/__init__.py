"""Features: numbers computed from facts as of a day and a moment of knowledge, defined once, computed everywhere.

``online`` answers for one firm on PostgreSQL within the second an applicant waits; ``many`` for several; ``cluster``
for a whole cluster; ``batch`` (:mod:`jirong.facts.features.batch`) for all firms in DuckDB or Spark. All are compiled
from the same Ibis expressions, and a test holds them equal.
"""

from jirong.facts.features.catalogue import FEATURES, consent_needed, evidence_names, feature, infos
from jirong.facts.features.online import cluster, many, online
from jirong.facts.features.papers import evidence
from jirong.facts.features.parts import Feature
from jirong.schemes.evaluate.facts import MISSING, FeatureValue, Known

__all__ = [
    "FEATURES",
    "MISSING",
    "Feature",
    "FeatureValue",
    "Known",
    "cluster",
    "consent_needed",
    "evidence",
    "evidence_names",
    "feature",
    "infos",
    "many",
    "online",
]
