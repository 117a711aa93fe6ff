"""A scheme as plain sentences, in Chinese and English, each with its line and its source.

The order is the banker's: what it is, who may apply, how they are judged, how much, at what price, under which
contract, for what, against what, how it is repaid, who bears a loss, who earns, what happens when things go wrong,
who sees what.
"""

from __future__ import annotations

from jirong.schemes.explain import conduct, contracts, responses, sharing, terms, who
from jirong.schemes.explain.phrases import Names
from jirong.schemes.explain.sentences import Sentence
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry

__all__ = ["Names", "Sentence", "explain"]

_CHAPTERS = (
    who.opening,
    who.eligibility,
    who.consents,
    who.assessment,
    terms.programme,
    terms.limit,
    terms.price,
    contracts.contract,
    conduct.uses,
    conduct.security,
    conduct.drawing,
    conduct.repayment,
    terms.late,
    sharing.pools,
    sharing.losses,
    sharing.income,
    sharing.subsidies,
    responses.triggers,
    responses.disclosure,
)


def explain(scheme: Scheme, registry: Registry = NOTHING_KNOWN) -> list[Sentence]:
    """Every sentence of the scheme; ``registry`` names features and methods the scheme does not explain itself."""
    names = Names(scheme, registry)
    return [sentence for chapter in _CHAPTERS for sentence in chapter(scheme, names)]
