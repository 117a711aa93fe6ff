"""The rooms that compute: features and papers from facts, ratings from assessment methods.

Both read as the lender, for the purpose the firm consented to, so what it has no consent for comes back withheld. The
figures third parties state reach the methods as well: a method asks for what facts do not say.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping

from django.apps import apps

from jirong.facts import features as computed
from jirong.facts.features.online import Reader
from jirong.financing import inputs
from jirong.kernel.errors import NotFound
from jirong.kernel.ids import derived_id
from jirong.schemes.evaluate import FeatureValue

PURPOSE = "credit_assessment"


def register() -> None:
    inputs.compute_features(features)
    inputs.compute_evidence(papers)
    if apps.is_installed("jirong.assessment"):
        from jirong.assessment import results

        results.give(inputs.stated_features)
        inputs.compute_ratings(rating)


def features(
    subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, reader: uuid.UUID
) -> Mapping[str, FeatureValue]:
    known = [name for name in names if name in computed.FEATURES]
    return computed.online(subject, known, as_of=as_of, reader=Reader(reader, PURPOSE, as_of)) if known else {}


def papers(
    subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, reader: uuid.UUID
) -> Mapping[str, datetime.date]:
    return computed.evidence(subject, names, as_of=as_of, reader=Reader(reader, PURPOSE, as_of))


def rating(subject: uuid.UUID, method: str, *, as_of: datetime.date, reader: uuid.UUID) -> inputs.Rating | None:
    """The method applied now; ``None`` where no such method is kept, or what it needs is not known."""
    from jirong.assessment import results

    try:
        found = results.judge(subject, method, as_of=as_of, reader=Reader(reader, PURPOSE, as_of))
    except NotFound:
        return None
    if found.level is None and found.score is None:
        return None

    def keep(because: uuid.UUID) -> uuid.UUID:
        id = derived_id(because, "assessment", subject, method)
        return results.store(found, id=id, subject=subject, assessor=reader, because=because).pk

    return inputs.Rating(found.level, found.score, as_of, reader, keep)
