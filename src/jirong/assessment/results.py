"""Making a result from facts, and keeping it: plain functions for use inside an action of any room.

An action may not call another action, so a room that assesses on the way to something else (a credit decision) calls
:func:`judge` and :func:`store` inside its own transaction; ``assessment.make`` does just the same by itself.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Protocol

from jirong.assessment.methods import Result, house_methods
from jirong.assessment.models import Assessment, Disclosure
from jirong.facts import features as facts_features
from jirong.facts.features.online import Reader
from jirong.kernel.ids import derived_id
from jirong.schemes.evaluate.facts import FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as


class Giver(Protocol):
    """Features another room knows of a firm on a day (what a third party stated, what is on its books)."""

    def __call__(
        self, subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date
    ) -> Mapping[str, FeatureValue]: ...


_givers: list[Giver] = []


def give(by: Giver) -> None:
    """Let ``by`` answer what facts do not; earlier registered ones go first."""
    _givers.append(by)


def judge(
    subject: uuid.UUID,
    method: str,
    *,
    as_of: datetime.date,
    reader: Reader | None = None,
    given: Mapping[str, FeatureValue] | None = None,
) -> Result:
    """The result of ``method`` (``name@version``) for ``subject`` on ``as_of``; writes nothing.

    ``reader`` is who reads another's facts and what for: what it has no consent for is withheld, and so leaves the
    result incomplete. ``given`` values go before those of facts. Raises :class:`~jirong.kernel.errors.NotFound` for an
    unknown method.
    """
    found = house_methods()[method]
    return found.assess(features(subject, found.features, as_of=as_of, reader=reader, given=given), as_of)


def features(
    subject: uuid.UUID,
    names: Iterable[str],
    *,
    as_of: datetime.date,
    reader: Reader | None = None,
    given: Mapping[str, FeatureValue] | None = None,
) -> dict[str, FeatureValue]:
    """Each name's value: as given, else from facts, else from another room; a name nobody knows is missing."""
    wanted = list(names)
    known = [name for name in wanted if name in facts_features.FEATURES]
    found = facts_features.online(subject, known, as_of=as_of, reader=reader)
    found |= {name: value for name, value in (given or {}).items() if name in wanted}
    for giver in _givers:
        silent = [name for name in wanted if name not in found or found[name].known is Known.MISSING]
        if silent:
            found |= giver(subject, silent, as_of=as_of)
    return found


def store(
    result: Result,
    *,
    id: uuid.UUID,
    subject: uuid.UUID,
    assessor: uuid.UUID,
    because: uuid.UUID,
    shown_to: Iterable[uuid.UUID] = (),
) -> Assessment:
    """Keep ``result`` as row ``id`` in the caller's transaction; ``because`` is the caller's action."""
    with acting_as(SYSTEM):
        row = Assessment.objects.create(
            id=id,
            subject_id=subject,
            assessor_id=assessor,
            method=result.method,
            as_of=result.as_of,
            status=result.status.value,
            score=result.score,
            level=result.level,
            pd=result.pd,
            reasons=result.as_dict()["reasons"],
            inputs=result.as_dict()["inputs"],
            inputs_hash=result.inputs_hash,
            figures=result.as_dict()["figures"],
            verified=result.verified,
            because=because,
        )
        disclose(row, shown_to, because=because)
    return row


def assess(
    subject: uuid.UUID,
    method: str,
    *,
    assessor: uuid.UUID,
    because: uuid.UUID,
    as_of: datetime.date,
    purpose: str = "credit_assessment",
    given: Mapping[str, FeatureValue] | None = None,
    shown_to: Iterable[uuid.UUID] = (),
) -> tuple[Assessment, Result]:
    """Judge and keep in one step; the row's id follows from ``because``, so a repeated action keeps one row."""
    reader = Reader(assessor, purpose, as_of)
    result = judge(subject, method, as_of=as_of, reader=reader, given=given)
    id = derived_id(because, "assessment", subject, method)
    return store(result, id=id, subject=subject, assessor=assessor, because=because, shown_to=shown_to), result


def disclose(row: Assessment, parties: Iterable[uuid.UUID], *, because: uuid.UUID) -> None:
    """Show a result to more parties; those who see it already stay as they are."""
    fresh = set(parties) - {row.subject_id, row.assessor_id}
    with acting_as(SYSTEM):
        Disclosure.objects.bulk_create(
            [Disclosure(assessment=row, party_id=party, because=because) for party in sorted(fresh)],
            ignore_conflicts=True,
        )
