"""Features of one firm, now: one query over the narrow tally, and one for consent where somebody reads another's.

What a reader has no consent for is ``withheld`` and is not even computed. What no fact speaks of is ``missing``; what
sources disagree on is ``contradictory``. A value carries the day of the stalest source it rests on.
"""

from __future__ import annotations

import datetime
import functools
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from jirong.facts import kinds
from jirong.facts.features import catalogue
from jirong.facts.features.parts import Feature, months_before
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties.models import Consent, Membership
from jirong.schemes.evaluate.facts import MISSING, FeatureValue, Known
from jirong.store.identity import SYSTEM, acting_as, current

WITHHELD = FeatureValue(None, known=Known.WITHHELD)
CONTRADICTORY = FeatureValue(None, known=Known.CONTRADICTORY)
FOREVER = "infinity"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads another party's facts, and what for; consent is looked up on the day of reading."""

    party: uuid.UUID
    purpose: str
    on: datetime.date


class Consents(dict[uuid.UUID, frozenset[str]]):
    """The kinds of fact that may be read, by firm; of any other firm none."""

    def __missing__(self, firm: uuid.UUID) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """What is on file of a kind: how many documents, how often they are in question, the day of the latest."""

    n: int
    disputes: int
    last_on: datetime.date | None


def online(
    subject: uuid.UUID,
    names: Iterable[str],
    *,
    as_of: datetime.date,
    known_at: datetime.datetime | None = None,
    reader: Reader | None = None,
    given: Mapping[str, FeatureValue] | None = None,
) -> dict[str, FeatureValue]:
    """The features ``names`` of ``subject`` on ``as_of``, as they were known at ``known_at`` (now).

    ``reader``: what it has no consent for is withheld; None is the firm itself or the house. ``given`` takes
    precedence: values of other rooms. Raises :class:`~jirong.kernel.errors.Invalid` for an unknown name.
    """
    wanted = list(names)
    found = many([subject], wanted, as_of=as_of, known_at=known_at, reader=reader)[subject]
    return found | {name: value for name, value in (given or {}).items() if name in found}


def many(
    subjects: Iterable[uuid.UUID],
    names: Iterable[str],
    *,
    as_of: datetime.date,
    known_at: datetime.datetime | None = None,
    reader: Reader | None = None,
) -> dict[uuid.UUID, dict[str, FeatureValue]]:
    """The features of several firms in one query, and one more for their consents where ``reader`` is given.

    Without a reader only the house asks, or a firm about itself; a party that asks about another without saying what
    for is :class:`~jirong.kernel.errors.Forbidden`.
    """
    firms = list(dict.fromkeys(subjects))
    consented_kinds = _consents_of(firms, reader)
    wanted = [catalogue.feature(name) for name in dict.fromkeys(names)]
    computed = [item for item in wanted if not item.given]
    rows = _rows(firms, computed, as_of, known_at) if computed and firms else {}
    answers: dict[uuid.UUID, dict[str, FeatureValue]] = {}
    for firm in firms:
        allowed = None if consented_kinds is None else consented_kinds[firm]
        answers[firm] = {item.code: _answer(item, rows.get(firm), allowed) for item in wanted}
    return answers


def cluster(
    id: uuid.UUID, names: Iterable[str], *, as_of: datetime.date, known_at: datetime.datetime | None = None
) -> dict[str, FeatureValue]:
    """The cluster features ``firms_stopped``, ``loss_making_share`` and ``export_change`` over members on the day."""
    with acting_as(SYSTEM), transaction.atomic():
        held = Membership.objects.filter(cluster=id, since__lte=as_of)
        firms = [row.party_id for row in held if row.until is None or row.until > as_of]
        needs = ["production_stopped", "profit_3m", "export_3m", "export_3m_before"]
        found = list(many(firms, needs, as_of=as_of, known_at=known_at).values())
    values = {
        "firms_stopped": _how_many(found, "production_stopped"),
        "loss_making_share": _losing(found),
        "export_change": _change(found, "export_3m", "export_3m_before"),
    }
    return {name: values.get(catalogue.feature(name).code, MISSING) for name in names}


def consented(subject: uuid.UUID, reader: Reader) -> frozenset[str]:
    """The kinds of ``subject``'s facts the reader may use for its purpose on its day; its own are all."""
    return consents(reader, [subject])[subject]


def consents(reader: Reader, subjects: Iterable[uuid.UUID] | None = None) -> Consents:
    """Whose facts of which kinds the reader may use now: one query, asked anew at every read, never kept.

    ``subjects`` limits the question to some firms; a firm without consent has no kinds.
    """
    allowed: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    in_force = Consent.objects.filter(
        grantee=reader.party, purpose=reader.purpose, valid__contains=reader.on, withdrawn_at=None
    )
    if subjects is not None:
        subjects = list(subjects)
        in_force = in_force.filter(grantor__in=subjects)
    with acting_as(SYSTEM), transaction.atomic():
        for firm, scope in in_force.values_list("grantor_id", "scope"):
            allowed[firm].update(scope)
    allowed[reader.party].update(kinds.KINDS)
    asked = list(allowed) if subjects is None else subjects
    return Consents({firm: frozenset(allowed[firm]) for firm in asked})


def _consents_of(firms: list[uuid.UUID], reader: Reader | None) -> Consents | None:
    """None where everything may be read: by the house, and by a firm about itself."""
    if reader is not None:
        return consents(reader, firms)
    actor = current()
    if actor.role in ("party", "operator") and any(firm != actor.party for firm in firms):
        raise Forbidden(
            "features.no_purpose",
            Text("读取其他企业的特征须说明用途", "Reading another firm's features needs a stated purpose"),
            remedy=Text(
                "请写明授权用途，如 credit_assessment", "Name the purpose consented to, such as credit_assessment"
            ),
            where="purpose",
        )
    return None


@functools.cache
def compiled() -> dict[str, Any]:
    """The features' SQL as it was compiled: ``kinds`` and ``features``."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("online.json").read_text(encoding="utf-8"))
    return found


def _rows(
    firms: list[uuid.UUID], features: list[Feature], as_of: datetime.date, known_at: datetime.datetime | None
) -> dict[uuid.UUID, dict[str, Any]]:
    """One row a firm: a column for each feature, and ``n``, ``disputes``, ``last_on`` of each kind (``kind/n``)."""
    statement, columns, months = _statement(tuple(item.code for item in features))
    values: dict[str, Any] = {f"day_{n}": months_before(as_of, n) for n in months}
    values |= {"subjects": firms, "known": known_at or FOREVER}
    # The tally is read by the house; what a reader may know was decided before, by consent and purpose.
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in cursor.fetchall()}


def statement(codes: tuple[str, ...]) -> str:
    """The statement that answers these features for some firms, with psycopg's named marks."""
    return _statement(codes)[0]


@functools.lru_cache(maxsize=256)
def _statement(codes: tuple[str, ...]) -> tuple[str, tuple[str, ...], frozenset[int]]:
    """The SQL for these features, its columns, and the months-ago days it asks for."""
    source = compiled()
    needed: dict[str, list[str]] = {}
    for item in (catalogue.FEATURES[code] for code in codes):
        for kind in item.reads:
            needed.setdefault(kind, [])
        for part in item.parts:
            needed.setdefault(part.kind, []).append(part.name)
    joins, columns = [], list(codes)
    shown = [f'{source["features"][code]} AS "{code}"' for code in codes]
    for number, (kind, parts) in enumerate(needed.items()):
        found = source["kinds"][kind]
        chosen = dict.fromkeys(parts)
        inside = [f'{found["columns"][name]} AS "{name}"' for name in chosen]
        for meta in ("n", "disputes", "last_on"):
            inside.append(f'{found["columns"][meta]} AS "k{number}_{meta}"')
            shown.append(f'"k{number}_{meta}"')
            columns.append(f"{kind}/{meta}")
        joins.append(
            f'LEFT JOIN (SELECT "subject_id", {", ".join(inside)} FROM {found["rows"]} GROUP BY 1) k{number} '  # noqa: S608
            "USING (subject_id)"
        )
    statement = (  # every piece is compiled text of ours
        f'SELECT "subject_id", {", ".join(shown)} FROM (SELECT * FROM unnest(%(subjects)s::uuid[]) AS s(subject_id) '  # noqa: S608
        f'{" ".join(joins)}) AS "t0"'
    )
    return statement, tuple(columns), frozenset(_months_asked(statement))


def _months_asked(statement: str) -> set[int]:
    return {int(mark.partition(")")[0]) for mark in statement.split("%(day_")[1:]}


def _answer(item: Feature, row: dict[str, Any] | None, allowed: frozenset[str] | None) -> FeatureValue:
    """The value with how it is known."""
    if item.given or row is None:
        return MISSING
    if is_withheld(item, allowed):
        return WITHHELD
    about = {
        kind: Source(row[f"{kind}/n"] or 0, row[f"{kind}/disputes"] or 0, row[f"{kind}/last_on"]) for kind in item.reads
    }
    return judged(item, row[item.code], about)


def is_withheld(item: Feature, allowed: frozenset[str] | None) -> bool:
    """Whether one of its sources may not be read by somebody who may read ``allowed`` kinds (None: all)."""
    return allowed is not None and any(kind not in allowed for kind in catalogue.consent_needed(item))


def judged(item: Feature, raw: Any, about: Mapping[str, Source]) -> FeatureValue:
    """A computed value with what is on file of what it reads; the same for one firm and for a batch."""
    rests_on = [about[kind] for kind in item.sources]
    if any(source.n <= 0 and source.disputes <= 0 for source in rests_on):
        return MISSING
    if any(source.disputes > 0 for source in about.values()):
        return CONTRADICTORY
    value = _read(item, raw)
    if value is None:
        return MISSING
    return FeatureValue(value, _fresh(item, about))


def _fresh(item: Feature, about: Mapping[str, Source]) -> datetime.date | None:
    """The day of the stalest source."""
    if not item.dated:
        return None
    days = (about[kind].last_on for kind in item.sources)
    return min((day for day in days if day is not None), default=None)


def _read(item: Feature, raw: Any) -> Decimal | bool | str | None:
    if raw is None:
        return None
    if item.kind == "money":
        return (Decimal(int(raw)) / item.per).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if item.kind in ("number", "percent"):
        return Decimal(f"{float(raw):.6f}").normalize() + 0
    return bool(raw) if item.kind == "flag" else str(raw)


def _how_many(found: list[dict[str, FeatureValue]], name: str) -> FeatureValue:
    """How many members have the flag; unknown where no member's is known."""
    known = [row[name] for row in found if row[name].known is Known.PRESENT]
    return FeatureValue(Decimal(sum(value.value is True for value in known)), _stalest(known)) if known else MISSING


def _losing(found: list[dict[str, FeatureValue]]) -> FeatureValue:
    known = [row["profit_3m"] for row in found if row["profit_3m"].known is Known.PRESENT]
    if not known:
        return MISSING
    losing = sum(isinstance(value.value, Decimal) and value.value < 0 for value in known)
    return FeatureValue(_share(Decimal(losing), Decimal(len(known))), _stalest(known))


def _change(found: list[dict[str, FeatureValue]], now: str, before: str) -> FeatureValue:
    known = [row for row in found if row[now].known is Known.PRESENT and row[before].known is Known.PRESENT]
    sums = [sum((Decimal(str(row[name].value)) for row in known), Decimal(0)) for name in (now, before)]
    if not known or sums[1] <= 0:
        return MISSING
    return FeatureValue(_share(sums[0] - sums[1], sums[1]), _stalest([row[now] for row in known]))


def _share(of: Decimal, to: Decimal) -> Decimal:
    return (of / to).quantize(Decimal("0.000001")).normalize() + 0


def _stalest(values: list[FeatureValue]) -> datetime.date | None:
    return min((value.fresh_on for value in values if value.fresh_on), default=None)
