"""What a scheme may name: the features and papers facts know, what methods read, and the methods themselves.

The scheme language stands below these rooms and takes their lists as an argument; whoever checks a scheme hands
:func:`known` in, so that a name nobody computes is refused at its line with the name it was probably meant to be.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection

from jirong.assessment.methods import house_methods, registry_methods
from jirong.facts.features import catalogue
from jirong.schemes.registry import Registry
from jirong.store import catalogue as files


def known(schemes: Collection[str] = ()) -> Registry:
    """Everything this house computes, and the schemes there are to refer to: those of the catalogue, and ``schemes``
    (``name@version``), which whoever knows the published ones gives.
    """
    return dataclasses.replace(_computed(), schemes=files.scheme_refs() | frozenset(schemes))


@functools.cache
def _computed() -> Registry:
    features = {**house_methods().features(), **catalogue.infos()}
    return Registry(features, catalogue.evidence_names(), registry_methods())
