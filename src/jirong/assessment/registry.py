"""What a scheme may name: the features and papers facts know, what methods read, and the methods themselves.

The scheme language stands below these rooms and takes their lists as an argument; whoever checks a scheme hands
:func:`known` in, so that a name nobody computes is refused at its line with the name it was probably meant to be.
"""

from __future__ import annotations

import functools
from collections.abc import Collection

from jirong.assessment.methods import house_methods, registry_methods
from jirong.facts.features import catalogue
from jirong.schemes.registry import Registry


@functools.cache
def known(schemes: Collection[str] | None = None) -> Registry:
    """Everything this house computes; ``schemes`` (a frozenset of ``name@version``) where they are to be checked too."""
    features = {**house_methods().features(), **catalogue.infos()}
    return Registry(features, catalogue.evidence_names(), registry_methods(), schemes)
