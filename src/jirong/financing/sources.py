"""The rooms that compute: features and papers from facts, ratings from assessment methods.

Both read as the lender, for the purposes the firm consented to, so what it has no consent for comes back withheld. The
figures third parties state reach the methods as well: a method asks for what facts do not say.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping

from django.apps import apps

from jirong.facts import features as computed
from jirong.facts.features.online import Reader
from jirong.financing import figures, inputs, queries
from jirong.kernel.errors import NotFound
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.schemes.evaluate import FeatureValue, Known
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import FeatureInfo, Registry


def register() -> None:
    inputs.compute_features(features)
    inputs.compute_evidence(papers)
    if apps.is_installed("jirong.assessment"):
        inputs.compute_ratings(rating)


def features(
    subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, readers: figures.Readers
) -> Mapping[str, FeatureValue]:
    """From facts; with several purposes whatever one of them lets the reader know."""
    known = [name for name in names if name in computed.FEATURES]
    return _merged(known, readers, lambda names, reader: computed.online(subject, names, as_of=as_of, reader=reader))


def papers(
    subject: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, readers: figures.Readers
) -> Mapping[str, datetime.date]:
    found: dict[str, datetime.date] = {}
    for reader in readers:
        found |= computed.evidence(subject, names, as_of=as_of, reader=reader)
    return found


def rating(subject: uuid.UUID, method: str, *, as_of: datetime.date, readers: figures.Readers) -> inputs.Rating | None:
    """The method applied now, with its reasons and what it derived; ``None`` where no such method is kept."""
    from jirong.assessment import results
    from jirong.assessment.methods import house_methods

    try:
        kept = house_methods()[method]
    except NotFound:
        return None
    values = _merged(
        kept.features,
        readers,
        lambda names, reader: results.features(subject, names, as_of=as_of, reader=reader),
    )
    silent = [name for name in kept.features if name not in values or values[name].known is Known.MISSING]
    values |= figures.features_stated(subject, silent, as_of, readers)
    found = kept.assess(values, as_of)

    def keep(because: uuid.UUID) -> uuid.UUID:
        id = derived_id(because, "assessment", subject, method)
        return results.store(found, id=id, subject=subject, assessor=readers[0].party, because=because).pk

    reasons = tuple(reason.as_dict() for reason in found.reasons)
    return inputs.Rating(found.level, found.score, as_of, readers[0].party, keep, reasons, found.features())


def registry(scheme: Scheme) -> Registry:
    """What a scheme to be published may name: what the house computes, and the words it declares for figures and papers
    that third parties state.
    """
    from jirong.assessment import registry as house

    known = house.known(queries.scheme_refs())
    words = dict(scheme.words.items()) if scheme.words else {}
    figured = {
        name: FeatureInfo(Text(word.zh, word.en), word.kind or "number", word.unit)
        for name, word in words.items()
        if name not in (known.features or {})
    }
    papers = {name: Text(word.zh, word.en) for name, word in words.items()}
    return Registry(
        {**figured, **(known.features or {})}, {**papers, **(known.evidence or {})}, known.methods, known.schemes
    )


def _merged(
    names: Iterable[str], readers: figures.Readers, ask: Callable[[list[str], Reader], Mapping[str, FeatureValue]]
) -> dict[str, FeatureValue]:
    """Each name's value as the first reader who may know it learns it; withheld, where one would have to ask again,
    rather than missing.
    """
    wanted = list(names)
    found: dict[str, FeatureValue] = {}
    for reader in readers:
        silent = [name for name in wanted if name not in found or found[name].known in (Known.WITHHELD, Known.MISSING)]
        for name, value in ask(silent, reader).items() if silent else ():
            if name not in found or value.known is not Known.MISSING:
                found[name] = value
    return found
