"""What lives outside a scheme and a scheme may refer to: features, evidence, methods, other schemes.

Those rooms stand above this one, so their lists come in as an argument. A list left ``None`` is not checked
against; a list given is complete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from jirong.kernel.text import Text


@dataclass(frozen=True, slots=True)
class FeatureInfo:
    """A feature somebody computes: ``kind`` is ``number``, ``money``, ``percent``, ``flag`` or ``word``."""

    title: Text
    kind: str = "number"
    unit: Text | None = None
    sources: tuple[str, ...] = ()
    """The kinds of records it is computed from (``tax.filing``), which consent must cover."""


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """An assessment method, the levels it can answer, best first, and the features it reads."""

    title: Text
    levels: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """Known names; methods by ``name@version``, schemes by ``name@version``."""

    features: Mapping[str, FeatureInfo] | None = None
    evidence: Mapping[str, Text] | None = None
    methods: Mapping[str, MethodInfo] | None = None
    schemes: Collection[str] | None = None


NOTHING_KNOWN = Registry()
