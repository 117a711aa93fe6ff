"""What a decision may look at: features, papers and ratings, each with how it is known.

Two sources meet here. Features computed from facts come through :class:`Features`, ratings through
:class:`Assessments`: the rooms that compute them register themselves. Beside them stand figures that a third party
states and signs for (a tax office, a platform, a rating by the cluster finance company). A borrower's word about itself
is no figure. Where two sources of one day differ the figure is contradictory; where a consent the scheme asks for is
absent or was withdrawn, everything of that party is withheld. Neither has a value, so nothing is decided on it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from jirong.financing.models import Figure
from jirong.parties import queries as parties
from jirong.schemes.evaluate import MISSING, FeatureValue, Known
from jirong.schemes.model.amounts import Amount, ByLevel, leaves
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest, FeatureTest
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as


@dataclass(frozen=True, slots=True)
class Rating:
    """What an assessment method answered of a firm: ``level``, ``score`` (None where the method gives none); ``keep``
    stores the whole result because of an action and answers its id (None: it is stored already).
    """

    level: str | None
    score: Decimal | None
    on: datetime.date
    by: uuid.UUID | None = None
    keep: Callable[[uuid.UUID], uuid.UUID] | None = None


class Features(Protocol):
    """The features of one firm as of a day as ``reader`` may know them; a name nobody computes may be absent."""

    def __call__(
        self, subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, reader: uuid.UUID
    ) -> Mapping[str, FeatureValue]: ...


class Papers(Protocol):
    """The day of the latest paper of each kind that is on file and that ``reader`` may know of."""

    def __call__(
        self, subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, reader: uuid.UUID
    ) -> Mapping[str, datetime.date]: ...


class Assessments(Protocol):
    """The result of ``method`` (``name@version``) for a firm as of a day, made now if need be; None where it has
    none.
    """

    def __call__(
        self, subject: uuid.UUID, method: str, *, as_of: datetime.date, reader: uuid.UUID
    ) -> Rating | None: ...


_features: list[Features] = []
_papers: list[Papers] = []
_assessments: list[Assessments] = []


def compute_features(by: Features) -> None:
    """Let ``by`` answer features; later ones answer what earlier ones do not know."""
    _features.append(by)


def compute_evidence(by: Papers) -> None:
    _papers.append(by)


def compute_ratings(by: Assessments) -> None:
    _assessments.append(by)


def features_of(
    subject: uuid.UUID, names: Iterable[str], on: datetime.date, reader: uuid.UUID
) -> dict[str, FeatureValue]:
    """Each name's value as of ``on``: computed from facts where some room can, else as a third party stated it."""
    wanted = sorted(set(names))
    found: dict[str, FeatureValue] = {}
    for by in _features:
        answered = by(subject, [name for name in wanted if name not in found], as_of=on, reader=reader)
        found |= {name: value for name, value in answered.items() if value.known is not Known.MISSING}
    return found | stated_features(subject, [name for name in wanted if name not in found], as_of=on)


def stated_features(subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date) -> dict[str, FeatureValue]:
    """Only what third parties state."""
    return {name: _feature(rows) for name, rows in _stated(subject, "feature", names, as_of).items()}


def evidence_of(
    subject: uuid.UUID, names: Iterable[str], on: datetime.date, reader: uuid.UUID
) -> dict[str, datetime.date]:
    """The newest day of issue of each paper on file by ``on``, whoever brought it."""
    wanted = list(names)
    found = {name: rows[0].on for name, rows in _stated(subject, "evidence", wanted, on).items() if rows}
    for by in _papers:
        for name, day in by(subject, wanted, as_of=on, reader=reader).items():
            found[name] = max(day, found.get(name, day))
    return found


def rating_of(subject: uuid.UUID, method: str, on: datetime.date, reader: uuid.UUID) -> Rating | None:
    """The method's answer: from the assessment room where it has the method, else as a rater signed it."""
    for by in _assessments:
        found = by(subject, method, as_of=on, reader=reader)
        if found is not None:
            return found
    rows = _stated(subject, "rating", [method], on).get(method, [])
    if not rows or len({str(row.value) for row in rows if row.on == rows[0].on}) > 1:
        return None
    newest = rows[0]
    score = newest.value.get("score")
    return Rating(newest.value.get("level"), None if score is None else Decimal(score), newest.on, newest.source_id)


def names_in(scheme: Scheme) -> tuple[set[str], set[str]]:
    """The keys of features and of papers the scheme looks at (``party.name`` for another party's)."""
    features: set[str] = set()
    papers: set[str] = set()
    for test in scheme.eligible:
        for each in test.any_of if isinstance(test, AnyOf) else (test,):
            (papers if isinstance(each, EvidenceTest) else features).add(each.key)
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if not isinstance(leaf, Amount | ByLevel):
            features.add(f"{leaf.about}.{leaf.of}" if leaf.about else leaf.of)
    for trigger in scheme.triggers:
        for condition in trigger.when:
            if isinstance(condition, FeatureTest) and not condition.about:
                features.add(condition.key)
    return features, papers


def withheld_parties(scheme: Scheme, who: Mapping[str, uuid.UUID], on: datetime.date) -> dict[str, list[str]]:
    """The scheme's names of parties whose consent is absent or withdrawn, with what may not be read."""
    lacking: dict[str, list[str]] = {}
    with acting_as(SYSTEM):
        for clause in scheme.consent:
            of, by = who.get(clause.of), who.get(clause.by)
            if of is None or by is None or of == by:
                continue
            missing = [scope for scope in clause.read if not parties.consented(of, by, clause.purpose, scope, on)]
            if missing:
                lacking.setdefault(clause.of, []).extend(missing)
    return lacking


def _stated(subject: uuid.UUID, kind: str, names: Iterable[str], on: datetime.date) -> dict[str, list[Figure]]:
    """The newest statement of each source by name, newest day first."""
    wanted = list(names)
    if not wanted:
        return {}
    with acting_as(SYSTEM):
        rows = Figure.objects.filter(subject=subject, kind=kind, name__in=wanted, on__lte=on)
        newest: dict[tuple[str, uuid.UUID], Figure] = {}
        for row in rows.order_by("on", "recorded_at"):
            newest[row.name, row.source_id] = row
    found: dict[str, list[Figure]] = {}
    for row in sorted(newest.values(), key=lambda row: row.on, reverse=True):
        found.setdefault(row.name, []).append(row)
    return found


def _feature(rows: list[Figure]) -> FeatureValue:
    if not rows:
        return MISSING
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
