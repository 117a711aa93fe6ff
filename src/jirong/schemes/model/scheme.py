"""The whole document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from jirong.kernel.money import UNITS, Unit
from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.grammar import Clause, record, shape_of
from jirong.schemes.model import values
from jirong.schemes.model.amounts import Late, Limit, Price
from jirong.schemes.model.conduct import Drawing, RepaymentSource, SecurityItem, Uses
from jirong.schemes.model.contracts import Instrument
from jirong.schemes.model.eligibility import AnyOf, Assess, Consent, EvidenceTest, FeatureTest, Programme, WhenMissing
from jirong.schemes.model.responses import SIGHT, Trigger
from jirong.schemes.model.sharing import Income, Losses, Pool, Subsidy
from jirong.schemes.scalars import CitationShape, IntShape, ProseShape, WordShape
from jirong.schemes.shapes import Either, Table, TableOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Clause):
    """What a name of this scheme means, in both languages; ``kind`` and ``unit`` say how its figures are written."""

    zh: Annotated[str, ProseShape(60)]
    en: Annotated[str, ProseShape(120)]
    kind: Annotated[str, WordShape(vocabulary.WORD_KIND)] | None = None
    unit: Text | None = None

    @property
    def text(self) -> Text:
        return Text(self.zh, self.en)


Security = Annotated[
    str | tuple[SecurityItem, ...],
    Either(WordShape(vocabulary.UNSECURED), shape_of(tuple[SecurityItem, ...])),
]
"""``unsecured``, or what secures the debt."""
Disclosure = Annotated[Table[str | tuple[str, ...]], TableOf(values.PARTY_NAME, SIGHT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme(Clause):
    """A financing scheme: parties, who may apply, how much, at what price, under which contract, and who bears what."""

    stand_in: ClassVar[Mapping[str, Any]] = {
        "scheme": "unnamed",
        "version": 1,
        "title": Text("未命名方案", "Untitled scheme"),
        "source": Text("–", "–"),
        "effective": dt.date(2026, 1, 1),
        "vehicle": "simulation_only",
        "parties": Table[str](),
    }

    scheme: Annotated[str, values.SLUG]
    version: Annotated[int, IntShape(1, 9999)]
    title: Text
    summary: Text | None = None
    source: Annotated[Text, CitationShape()]
    effective: dt.date
    expires: dt.date | None = None
    currency: Annotated[str, WordShape(vocabulary.CURRENCY)] = "CNY"
    rounding: Annotated[str, WordShape(vocabulary.ROUNDING)] = "half_up"
    vehicle: Annotated[str, WordShape(vocabulary.VEHICLE)]
    parties: Annotated[Table[str], TableOf(values.PARTY_NAME, WordShape(vocabulary.ROLE))]
    words: Annotated[Table[Term], TableOf(values.FEATURE_NAME, record(Term))] | None = None
    when_missing: WhenMissing | None = None
    eligible: tuple[FeatureTest | EvidenceTest | AnyOf, ...] = ()
    consent: tuple[Consent, ...] = ()
    assess: Assess | None = None
    programme: Programme | None = None
    limit: Limit | None = None
    price: Price | None = None
    instrument: Instrument
    uses: Uses | None = None
    security: Security | None = None
    drawing: Drawing | None = None
    repaid_from: tuple[RepaymentSource, ...] = ()
    late: Late | None = None
    pools: Annotated[Table[Pool], TableOf(values.PARTY_NAME, record(Pool))] | None = None
    losses: Losses | None = None
    income: tuple[Income, ...] = ()
    subsidy: tuple[Subsidy, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    disclose: Disclosure | None = None
    related: tuple[values.Pinned, ...] = ()

    @property
    def ref(self) -> str:
        """``name@version``, as other documents cite it."""
        return f"{self.scheme}@{self.version}"

    @property
    def unit(self) -> Unit:
        """The unit of every amount in the scheme."""
        return UNITS[self.currency]

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that get an offer, best first: as listed, else by their scores, else none is stated."""
        if self.assess is None:
            return ()
        return self.assess.levels or tuple(level for level, _ in self.assess.ladder)
