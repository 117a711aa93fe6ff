"""What a decision may look at: features, papers and ratings, each with how it is known.

Three sources meet here. Features computed from facts come through :class:`Features`, ratings through
:class:`Assessments`: the rooms that compute them register themselves. Beside them stand figures that a third party
states and signs for (:mod:`jirong.financing.figures`), and what an assessment derived on its way to a level. A
borrower's word about itself is no figure. Where two sources of one day differ the figure is contradictory; where a
consent the scheme asks for is absent or was withdrawn, everything of that party is withheld. Neither has a value, so
nothing is decided on it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from jirong.facts.features.online import Reader, consented
from jirong.financing import figures
from jirong.financing.figures import Readers
from jirong.schemes.evaluate import FeatureValue, Known
from jirong.schemes.model.amounts import Amount, ByLevel, leaves
from jirong.schemes.model.eligibility import AnyOf, EvidenceTest
from jirong.schemes.model.scheme import Scheme
from jirong.store.identity import SYSTEM, acting_as

CREDIT = "credit_assessment"
"""The purpose one reads for where a scheme asks for no consent that serves the use."""
DECIDING = frozenset({CREDIT, "note_verification", "collateral_monitoring"})
"""Purposes a decision on credit may read for: a consent to measure an effect or to handle a claim lends no money."""
WATCHING = frozenset({CREDIT, "monitoring", "collateral_monitoring"})
"""Purposes the triggers of a running contract may read for."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What an assessment method answered of a firm: ``level``, ``score`` (None where the method gives none, both None
    where it lacks something); ``reasons`` say what helped, hurt, would change it or is lacking; ``figures`` are what it
    derived, for the scheme's sentences; ``keep`` stores the whole result because of an action and answers its id (None:
    it is stored already).
    """

    level: str | None
    score: Decimal | None
    on: datetime.date
    by: uuid.UUID | None = None
    keep: Callable[[uuid.UUID], uuid.UUID] | None = None
    reasons: tuple[dict[str, Any], ...] = ()
    figures: Mapping[str, FeatureValue] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.level is not None or self.score is not None

    @property
    def lacking(self) -> tuple[dict[str, str], ...]:
        """What is missing, in both languages."""
        return tuple(reason["text"] for reason in self.reasons if reason["effect"] == "lacking")


class Features(Protocol):
    """The features of one firm as of a day as the ``readers`` (one party, each for a purpose it has consent for) may
    know them; a name nobody computes may be absent.
    """

    def __call__(
        self, subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, readers: Readers
    ) -> Mapping[str, FeatureValue]: ...


class Papers(Protocol):
    """The day of the latest paper of each kind that is on file and that the ``readers`` may know of."""

    def __call__(
        self, subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, readers: Readers
    ) -> Mapping[str, datetime.date]: ...


class Assessments(Protocol):
    """The result of ``method`` (``name@version``) for a firm as of a day, made now if need be; None where there is no
    such method.
    """

    def __call__(self, subject: uuid.UUID, method: str, *, as_of: datetime.date, readers: Readers) -> Rating | None: ...


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


def readers_for(scheme: Scheme, of: str, reader: uuid.UUID, on: datetime.date, uses: frozenset[str]) -> Readers:
    """The lender reading of the scheme's party ``of``, once for each purpose of its consent clauses that serves the
    use (:data:`DECIDING`, :data:`WATCHING`).
    """
    named = [clause.purpose for clause in scheme.consent if clause.of == of and clause.by == "lender"]
    purposes = [purpose for purpose in named if purpose in uses]
    return Readers(Reader(reader, purpose, on) for purpose in dict.fromkeys(purposes or [CREDIT]))


def features_of(
    subject: uuid.UUID, names: Iterable[str], on: datetime.date, readers: Readers
) -> dict[str, FeatureValue]:
    """Each name's value as of ``on``: computed from facts where some room can, else as a third party stated it.

    Where facts are silent or withheld a stated figure may still speak, if one may read that; a contradiction stands.
    """
    wanted = sorted(set(names))
    found: dict[str, FeatureValue] = {}
    for by in _features:
        silent = [name for name in wanted if name not in found]
        answered = by(subject, silent, as_of=on, readers=readers)
        found |= {name: value for name, value in answered.items() if value.known is not Known.MISSING}
    open_names = [name for name in wanted if name not in found]
    return found | figures.features_stated(subject, open_names, on, readers)


def evidence_of(
    subject: uuid.UUID, names: Iterable[str], on: datetime.date, readers: Readers
) -> dict[str, datetime.date]:
    """The newest day of issue of each paper on file by ``on``, whoever brought it."""
    wanted = list(names)
    told = figures.stated(subject, "evidence", wanted, on, readers)
    found = {name: rows[0].on for name, rows in told.items() if rows}
    for by in _papers:
        for name, day in by(subject, wanted, as_of=on, readers=readers).items():
            found[name] = max(day, found.get(name, day))
    return found


def rating_of(subject: uuid.UUID, method: str, on: datetime.date, readers: Readers) -> Rating | None:
    """The method's answer: as the assessment room makes it now, else as a rater signed it, else what is lacking."""
    incomplete: Rating | None = None
    for by in _assessments:
        found = by(subject, method, as_of=on, readers=readers)
        if found is not None and found.complete:
            return found
        incomplete = incomplete or found
    rows = figures.stated(subject, "rating", [method], on, readers).get(method) or []
    if not rows or len({str(row.value) for row in rows if row.on == rows[0].on}) > 1:
        return incomplete
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
    return features, papers


def names_watched(scheme: Scheme) -> tuple[set[str], set[str]]:
    """The keys of features and of papers the scheme's triggers look at."""
    features: set[str] = set()
    papers: set[str] = set()
    for trigger in scheme.triggers:
        for test in trigger.when:
            for each in test.any_of if isinstance(test, AnyOf) else (test,):
                (papers if isinstance(each, EvidenceTest) else features).add(each.key)
    return features, papers


def withheld_parties(scheme: Scheme, who: Mapping[str, uuid.UUID], on: datetime.date) -> dict[str, list[str]]:
    """The scheme's names of parties whose consent is absent or withdrawn, with what may not be read."""
    lacking: dict[str, list[str]] = {}
    with acting_as(SYSTEM):
        for clause in scheme.consent:
            of, by = who.get(clause.of), who.get(clause.by)
            if of is None or by is None or of == by:
                continue
            allowed = consented(of, Reader(by, clause.purpose, on))
            missing = [scope for scope in clause.read if scope not in allowed]
            if missing:
                lacking.setdefault(clause.of, []).extend(missing)
    return lacking
