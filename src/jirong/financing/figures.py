"""Figures a third party states and signs for: who may state one, who may read one.

A figure is no way round the rules of facts. One that stands for facts (a feature and the kinds it is computed from, a
paper that is a kind of fact) may be stated only by whoever may state those facts; one that no fact speaks of (a rating,
a word of this scheme's own) by a department, a provider or a licensed institution which the firm lets speak of it
(consent for the purpose ``supply`` that names the figure). It is read like facts too: by its subject, by its source,
and by whoever holds the subject's consent for the purpose on the day; anybody else learns that it is withheld, never
what it says.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from jirong.facts import features, kinds
from jirong.facts.features import catalogue
from jirong.facts.features.online import Reader, consented
from jirong.facts.sources import SUPPLY, Sayer
from jirong.financing.models import Figure
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties import queries as parties
from jirong.schemes.evaluate import FeatureValue, Known
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as

SOURCES = ("government", "provider", "core", "bank", "factor", "guarantor", "insurer", "treasury", "operator")
"""Roles whose parties may state what no fact speaks of; a firm or an investor may not."""
WITHHELD = FeatureValue(None, known=Known.WITHHELD)


class Readers(tuple[Reader, ...]):
    """One party reading for one decision, once for each purpose it has consent for; what it may read is asked once."""

    def scopes(self, subject: uuid.UUID) -> frozenset[str]:
        """The kinds (and names of figures) of ``subject`` it may read for any of its purposes."""
        known: dict[uuid.UUID, frozenset[str]] = self.__dict__.setdefault("known", {})
        if subject not in known:
            known[subject] = frozenset[str]().union(*(consented(subject, reader) for reader in self))
        return known[subject]


def kinds_behind(kind: str, name: str) -> tuple[str, ...]:
    """The kinds of fact a figure stands for: a feature's sources, a paper's own kind; none for anything else."""
    if kind == "feature" and name in features.FEATURES:
        return features.FEATURES[name].sources
    return (name,) if kind == "evidence" and name in kinds.KINDS else ()


def check_source(actor: Actor, subject: uuid.UUID, kind: str, name: str) -> None:
    """Raise :class:`Forbidden` unless the actor may state this figure about ``subject``."""
    if actor.party == subject:
        raise Forbidden(
            "figure.own",
            Text("不能为本单位报送评估用指标", "Nobody states figures about itself"),
            remedy=Text("请由数据来源单位报送", "Let the source of the data state it"),
        )
    behind = kinds_behind(kind, name)
    for code in behind:
        Sayer(actor, kinds.KINDS[code], [subject]).check(subject, None)
    if behind or actor.role == "system":
        return
    assert actor.party is not None, "the action has asked who acts"
    if not parties.has_role(actor.party, *SOURCES):
        raise Forbidden(
            "figure.no_source",
            Text("本单位没有报送他人数据的资格", "Your party is no source of figures about others"),
            remedy=Text(
                "数据由主管部门、服务商或持牌机构报送", "A department, a provider or a licensed institution states them"
            ),
        )
    today = business_date.today()
    with acting_as(SYSTEM):
        agreed = parties.consented(subject, actor.party, SUPPLY, name, today)
    if agreed is None:
        raise Forbidden(
            "figure.no_consent",
            Text(f"企业没有同意本单位报送“{name[:80]}”", f"The firm has not let your party state “{name[:80]}”"),
            remedy=Text(
                f"请企业授权（目的：提供数据，范围：{name[:80]}）",
                f"Ask the firm to consent for the purpose “supply”, naming {name[:80]}",
            ),
            where="name",
        )


def stated(
    subject: uuid.UUID, kind: str, names: Iterable[str], on: datetime.date, readers: Readers
) -> dict[str, list[Figure] | None]:
    """The newest statement of each source by name, newest day first; ``None`` where there are some that none of the
    ``readers`` may read (one party, for one purpose or another).
    """
    wanted = list(names)
    if not wanted:
        return {}
    with acting_as(SYSTEM):
        rows = Figure.objects.filter(subject=subject, kind=kind, name__in=wanted, on__lte=on)
        newest = {(row.name, row.source_id): row for row in rows.order_by("on", "recorded_at")}
    scopes = readers.scopes(subject) if newest else frozenset()
    own = {reader.party for reader in readers}
    found: dict[str, list[Figure] | None] = {}
    for row in sorted(newest.values(), key=lambda row: row.on, reverse=True):
        if subject in own or row.source_id in own or _may_read(kind, row.name, scopes):
            found[row.name] = [*(found.get(row.name) or ()), row]
        else:
            found.setdefault(row.name, None)
    return found


def features_stated(
    subject: uuid.UUID, names: Iterable[str], on: datetime.date, readers: Readers
) -> dict[str, FeatureValue]:
    """What third parties state of features, as far as one may read it."""
    found = stated(subject, "feature", names, on, readers)
    return {name: WITHHELD if rows is None else _feature(rows) for name, rows in found.items()}


def _may_read(kind: str, name: str, scopes: frozenset[str]) -> bool:
    behind = kinds_behind(kind, name)
    if not behind:
        return name in scopes
    return all(code in scopes for code in behind if catalogue.needs_consent(code))


def _feature(rows: list[Figure]) -> FeatureValue:
    same_day = [row for row in rows if row.on == rows[0].on]
    if len({str(row.value) for row in same_day}) > 1:
        return FeatureValue(None, rows[0].on, Known.CONTRADICTORY)
    return FeatureValue(read(rows[0].value), rows[0].on)


def read(kept: Any) -> Decimal | bool | str:
    """A stated value: true/false, a number written as a string, or a word."""
    if isinstance(kept, bool):
        return kept
    try:
        number = Decimal(str(kept))
    except ArithmeticError:
        return str(kept)
    return number if number.is_finite() else str(kept)
