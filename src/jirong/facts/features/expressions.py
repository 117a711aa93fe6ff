"""Parts and features as Ibis expressions: the one definition that PostgreSQL, DuckDB and Spark are compiled from.

A moment says which day, which past days (so many months before it) and up to which record time; as literals for a
batch, as marks for the SQL that the site fills in. Everything that decides a value is here and in the catalogue.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from jirong.facts import kinds
from jirong.facts.features.parts import MEMBERSHIP, Feature, Part, months_before

TALLY = ibis.schema(
    {
        "id": "int64", "subject_id": "uuid", "kind": "string", "on": "date", "key": "string", "label": "string",
        "count": "int32", "disputes": "int32", "amount": "int64", "a": "int64", "b": "int64", "c": "int64",
        "d": "int64", "recorded_at": "timestamp('UTC')",
    }
)  # fmt: skip
MEMBERS = ibis.schema({"party_id": "uuid", "since": "date", "until": "date"})
ORDER_STEP = 10**11
"""Rows are ordered by day, then by when they came; there are never this many."""
NOT_GIVEN = -(2**62)
"""Stands for a figure the latest document does not give; none is ever so small."""


@dataclass(frozen=True)
class Moment:
    """``as_of`` and ``known_at`` of a batch; both inclusive."""

    as_of: datetime.date
    known_at: datetime.datetime

    def day(self, months: int) -> ir.DateValue:
        return ibis.literal(months_before(self.as_of, months), type="date")

    def known(self) -> ir.TimestampValue:
        return ibis.literal(self.known_at, type="timestamp('UTC')")


class Marks:
    """The same moment with marks in its place, to be filled in by whoever runs the SQL."""

    def day(self, months: int) -> ir.DateValue:
        return ibis.literal(f"@day_{months}").cast("date")

    def known(self) -> ir.TimestampValue:
        return ibis.literal("@known").cast("timestamp('UTC')")


When = Moment | Marks


def standing(tally: ir.Table, kind: str, when: When) -> ir.Table:
    """The rows of a kind that count at the moment; of a state kind only the latest about each thing."""
    found = kinds.KINDS[kind]
    rows = tally.filter(
        tally.kind == kind,
        tally.on > when.day(found.months),
        tally.on <= when.day(0),
        tally.recorded_at <= when.known(),
    )
    rows = rows.mutate(order=_order(rows))
    if not found.state:
        return rows.mutate(stands=_stands(rows, found))
    of_thing = ibis.window(
        group_by=["subject_id", "key"], order_by=[(rows["count"] <= 0).cast("int32"), rows["order"].desc()]
    )
    of_day = ibis.window(group_by=["subject_id", "key", "on"])
    ranked = rows.mutate(place=ibis.row_number().over(of_thing), disputed=rows.disputes.sum().over(of_day))
    kept = ranked.filter((ranked.place == 0) & (ranked["count"] > 0))
    return kept.mutate(disputes=kept.disputed, stands=ibis.literal(True))


def _stands(rows: ir.Table, kind: kinds.FactKind) -> ir.BooleanValue:
    """Whether documents of the row still stand on its day: a correction takes them back with a row of less than none.

    Sums need not ask, as what was taken back adds up to nothing; a first day, a last or a greatest figure must.
    """
    of_document = ibis.window(group_by=["subject_id", "on", "key"])
    stands = (rows["count"] > 0) & (rows["count"].sum().over(of_document) > 0)
    if kind.apart:
        taken_back = (rows["count"] < 0).ifelse(rows.id, 0).max().over(of_document)
        # Rows without a name are from before documents were kept apart; they answer as they did then.
        stands &= (rows.id > taken_back) | (rows.key == "")
    return stands


def members(memberships: ir.Table, when: When) -> ir.Table:
    """Memberships that hold on the day, shaped like :func:`standing`."""
    held = memberships.filter(
        memberships.since <= when.day(0), memberships["until"].isnull() | (memberships["until"] > when.day(0))
    )
    one = ibis.literal(1, type="int32")
    return held.select(subject_id=held.party_id, on=held.since, count=one, disputes=one - 1, stands=ibis.literal(True))


def aggregates(rows: ir.Table, kind: str, parts: Iterable[Part], when: When) -> ir.Table:
    """One row a firm: its parts, and ``n``, ``disputes`` and ``last_on`` of the kind."""
    measures = {part.name: aggregate(rows, part, when) for part in parts}
    measures |= {"n": rows["count"].sum(), "disputes": rows.disputes.sum(), "last_on": rows.on.max(where=rows.stands)}
    return rows.group_by("subject_id").aggregate(**measures)


def aggregate(rows: ir.Table, part: Part, when: When) -> ir.Scalar:
    """A part as an aggregate of its kind's rows."""
    where = _window(rows, part, when)
    here = where & rows.stands
    match part.how:
        case "sum":
            found = rows[part.column].sum(where=where)
            if part.optional:
                # Corrections may have taken back every figure: then the sum is zero, and nobody has said so.
                stated = rows["count"].sum(where=where & rows[part.column].notnull())
                found = (stated > 0).ifelse(found, None)
            return found.cast("decimal(38, 0)")
        case "count":
            return rows["count"].sum(where=where).cast("int64")
        case "days":
            return rows.on.nunique(where=here).cast("int64")
        case "last":
            if part.optional:
                # Engines pass over nulls, and would answer with an older document's figure.
                return rows[part.column].fill_null(NOT_GIVEN).argmax(rows["order"], where=here).nullif(NOT_GIVEN)
            return rows[part.column].argmax(rows["order"], where=here)
        case "label":
            return rows.label.argmax(rows["order"], where=here & (rows.label != ""))
        case "max":
            return rows[part.column].max(where=here)
        case "first_on":
            return rows.on.min(where=here)
    raise ValueError(part.how)


def value(feature: Feature, parts: ir.Table, when: When) -> ir.Value:
    """A feature over a table that has a column for each of its parts."""
    assert feature.formula is not None

    def column(part: Part) -> Any:
        found = parts[part.name]
        return found.fill_null(0) if part.counts else found

    found = feature.formula(column, when.day(0))
    match feature.kind:
        case "money":
            return found.cast("decimal(38, 0)")
        case "number" | "percent":
            return found.cast("float64")
        case "flag":
            return found.cast("boolean")
    return found.cast("string")


def part_type(part: Part) -> str:
    """The column type a part has."""
    if part.how == "sum":
        return "decimal(38, 0)"
    return {"first_on": "date", "label": "string"}.get(part.how, "int64")


def parts_of(features: Iterable[Feature]) -> dict[str, dict[str, Part]]:
    """Every part the features need, by kind and name; kinds they only rest on are there without parts."""
    found: dict[str, dict[str, Part]] = {}
    for feature in features:
        for source in feature.sources:
            found.setdefault(source, {})
        for part in feature.parts:
            found.setdefault(part.kind, {})[part.name] = part
    return found


def _window(rows: ir.Table, part: Part, when: When) -> ir.BooleanValue:
    where = ibis.literal(True)
    if part.kind != MEMBERSHIP:
        if part.since < kinds.KINDS[part.kind].months:
            where &= rows.on > when.day(part.since)
        if part.until:
            where &= rows.on <= when.day(part.until)
    if part.labels:
        where &= rows.label.isin(part.labels)
    for column in part.given:
        where &= rows[column].notnull()
    return where


def _order(rows: ir.Table) -> ir.IntegerValue:
    day = (rows.on.year() * 10000 + rows.on.month() * 100 + rows.on.day()).cast("int64")
    return day * ORDER_STEP + rows.id


MEMBERSHIP_TABLE, TALLY_TABLE = "parties_membership", "facts_tally"
