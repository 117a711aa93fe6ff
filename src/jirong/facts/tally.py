"""Counting facts as they come in, so that a question about 100,000 of them reads a few thousand narrow rows.

The rows say what was learnt when: they are only added, each with the moment it was recorded, so a feature asked again
as of an earlier moment answers as it did then. Sums are whole numbers (fen, millionths): every engine adds them alike.

A document is counted for the source that said it first; another source that says the same changes nothing, one that
says otherwise (:func:`jirong.facts.doubt.differs`) adds a dispute on the day that is counted, and a correction moves
both. Where a day has one answer about a firm, sources that differ add a dispute whatever their documents' numbers.
Writers of the same subjects wait for each other.

A figure a document need not give is null where it was not given, and documents that give different figures are not
added up into one row: so the documents that gave a figure can be counted, and silence is told from zero.

Only flows are added up. A kind that has a level keeps a row a document, and the order of its rows is the order in
which the documents were first stated: a correction stands where its document stood.
"""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from jirong.facts import doubt, kinds
from jirong.facts.models import Dispute, Fact, Tally
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.store.identity import SYSTEM, acting_as

BUCKETS = 64
LOCK_SPACE = 0x6661_6374
"""The advisory locks' first number, "fact"."""
AMOUNT_MAX = 10**16
"""Fen. A hundred trillion yuan on one document is a slip of the pen, and no few of them overflow a sum."""


class Counted(NamedTuple):
    """What one document adds; a figure it does not give is None."""

    key: str
    label: str
    amount: int | None
    measures: tuple[int | None, int | None, int | None, int | None]

    @property
    def figures(self) -> dict[str, int | None]:
        """By the tally's columns."""
        return {"amount": self.amount, **dict(zip("abcd", self.measures, strict=True))}


class Group(NamedTuple):
    subject: uuid.UUID
    on: Any
    key: str
    label: str
    given: tuple[str, ...]


def counted(kind: kinds.FactKind, values: Mapping[str, Any], amount_minor: int | None) -> Counted:
    """What a row of ``kind`` counts for; raises :class:`~jirong.kernel.errors.Invalid` where it cannot be summed."""
    if abs(amount_minor or 0) > AMOUNT_MAX:
        raise Invalid(
            "fact.too_large",
            Text("金额超出单份单据的范围（100万亿元）", "The amount is beyond what one document can hold, 1e14"),
            remedy=Text("请核对单位与位数", "Check its unit and digits"),
            where=kind.amount,
        )
    measures = [measure(values) for measure in kind.measures]
    label = ":".join(values.get(name) or "" for name in kind.label)
    key = values[kind.row_name] if kind.row_name else ""
    a, b, c, d = (*measures, 0, 0, 0, 0)[:4]
    return Counted(key, label, amount_minor if kind.amount else 0, (a, b, c, d))


def lock(subjects: Iterable[uuid.UUID]) -> datetime.datetime:
    """Wait for other writers of these subjects, then answer the moment that stands for this writing."""
    buckets = sorted({subject.int % BUCKETS for subject in subjects})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(%s, bucket)) FROM unnest(%s::int[]) AS bucket", [LOCK_SPACE, buckets]
        )
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime.datetime)
    return moment


def record(kind: kinds.FactKind, facts: Sequence[Fact]) -> None:
    """Count new facts of one kind, stored already, in the caller's transaction; :func:`lock` was called before."""
    if not facts:
        return
    with acting_as(SYSTEM):
        first = _first_said(kind, facts)
        rows: dict[Group, Tally] = {}
        doubts: list[Tally] = []
        for number, fact in enumerate(facts):
            earlier = first.get((fact.subject_id, fact.key))
            if earlier is None:
                said = counted(kind, fact.values, fact.amount_minor)
                _add(_row(kind, fact, said, rows, number), said, 1, 0)
            elif doubt.differs(kind, earlier.values, fact.values):
                doubts.append(_single(kind, earlier, 0, 1))  # on the day of what is counted, whatever the other's day
        doubts += _rivals(kind, facts, gone=())
        for row in doubts:
            row.batch_id, row.recorded_at = facts[0].batch_id, facts[0].recorded_at
        Tally.objects.bulk_create([*rows.values(), *doubts], batch_size=2000)


def correct(kind: kinds.FactKind, old: Fact, new: Fact) -> None:
    """Count ``new`` in the place of ``old``; both stored, in the caller's transaction."""
    with acting_as(SYSTEM):
        of_document = Fact.objects.filter(kind=kind.code, subject=old.subject_id, key=old.key)
        first = of_document.order_by("recorded_at", "pk").first()
        assert first is not None
        standing = of_document.filter(corrections__isnull=True).exclude(pk=new.pk)
        if first.source_id == old.source_id:
            others = [said.values for said in standing]
            disputed = of_document.filter(Q(corrections__isnull=True) | Q(pk=old.pk))
            asked = Dispute.objects.filter(fact__in=disputed, answer__isnull=True).count()
            gone, come = (sum(doubt.differs(kind, v, fact.values) for v in others) + asked for fact in (old, new))
            rows = [_single(kind, old, -1, -gone), _single(kind, new, 1, come)]
            for fact in _later_that_day(kind, first, new) if kind.apart else ():
                rows += [_single(kind, fact, -1, 0), _single(kind, fact, 1, 0)]
        else:
            main = next(said for said in standing if said.source_id == first.source_id)
            moved = doubt.differs(kind, main.values, new.values) - doubt.differs(kind, main.values, old.values)
            rows = [_single(kind, main, 0, moved)]
        for row in [*rows, *(rivals := _rivals(kind, [new], gone=[old]))]:
            row.batch_id, row.recorded_at = new.batch_id, new.recorded_at
        Tally.objects.bulk_create([*rows, *rivals])


def dispute(kind: kinds.FactKind, fact: Fact, change: int, moment: datetime.datetime) -> None:
    """Count a side's dispute of ``fact`` (1), or its end (−1); :func:`lock` gave ``moment`` in this transaction.

    It counts on the day of the statement that is counted, whichever source's was disputed.
    """
    with acting_as(SYSTEM):
        of_document = Fact.objects.filter(kind=kind.code, subject=fact.subject_id, key=fact.key)
        first = of_document.order_by("recorded_at", "pk").first()
        assert first is not None
        row = _single(kind, of_document.get(source=first.source_id, corrections__isnull=True), 0, change)
        row.batch_id, row.recorded_at = fact.batch_id, moment
        row.save(force_insert=True)


def _rivals(kind: kinds.FactKind, come: Sequence[Fact], gone: Sequence[Fact]) -> list[Tally]:
    """Where a day has one answer about a firm: by how many pairs of sources disagree more now that ``come`` is on file
    and ``gone`` no longer stands.
    """
    if not kind.one_answer:
        return []
    # A fact that was not read back has its day as it was written.
    days = {(fact.subject_id, datetime.date.fromisoformat(fact.values[kind.on])): fact for fact in come}
    standing: dict[tuple[uuid.UUID, datetime.date], list[Fact]] = {day: [] for day in days}
    said = Fact.objects.filter(
        kind=kind.code, subject__in={firm for firm, _ in days}, on__in={on for _, on in days}, corrections__isnull=True
    )
    for fact in said.order_by("recorded_at", "line"):
        if (fact.subject_id, fact.on) in standing:
            standing[fact.subject_id, fact.on].append(fact)
    new, rows = {fact.pk for fact in come}, []
    for day, now in standing.items():
        before = [*(fact for fact in now if fact.pk not in new), *gone]
        before.sort(key=lambda fact: (fact.recorded_at, fact.line))
        if change := disagreeing(kind, now) - disagreeing(kind, before):
            rows.append(_single(kind, days[day], 0, change))
    return rows


def disagreeing(kind: kinds.FactKind, said: Iterable[Fact]) -> int:
    """How many pairs of sources give different figures in their last words of one day, given in the order they came."""
    last = {fact.source_id: counted(kind, fact.values, fact.amount_minor) for fact in said}
    return sum(_apart(one, other) for one, other in itertools.combinations(last.values(), 2))


def _apart(one: Counted, other: Counted) -> bool:
    """Whether a figure or word that both give differs; silence contradicts nobody."""
    words = bool(one.label and other.label) and one.label != other.label
    pairs = [(one.figures[name], other.figures[name]) for name in one.figures]
    return words or any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _later_that_day(kind: kinds.FactKind, first: Fact, new: Fact) -> list[Fact]:
    """What stands counted of the day, and the state's thing, of ``new``, and was first stated after ``first``."""
    that_day = Fact.objects.filter(kind=kind.code, subject=new.subject_id, on=new.on).exclude(key=new.key)
    if kind.thing:
        that_day = that_day.filter(values__contains={kind.thing: new.values[kind.thing]})
    said = Fact.objects.filter(kind=kind.code, subject=new.subject_id, key__in=that_day.values("key"))
    documents: dict[str, list[Fact]] = {}
    for fact in said.order_by("recorded_at", "line"):
        documents.setdefault(fact.key, []).append(fact)
    place = (first.recorded_at, first.line)
    later = [facts for facts in documents.values() if (facts[0].recorded_at, facts[0].line) > place]
    # The last word of whoever stated it first is its correction, and what is counted.
    counted_now = [[fact for fact in facts if fact.source_id == facts[0].source_id][-1] for facts in later]
    return [fact for fact in counted_now if fact.values[kind.on] == new.values[kind.on]]


def _first_said(kind: kinds.FactKind, facts: Sequence[Fact]) -> dict[tuple[uuid.UUID, str], Fact]:
    """Of documents other sources stated before: what the first of them says now, which is what is counted."""
    keys = {fact.key for fact in facts}
    said = Fact.objects.filter(kind=kind.code, key__in=keys).exclude(source=facts[0].source_id)
    first: dict[tuple[uuid.UUID, str], Fact] = {}
    for fact in said.order_by("recorded_at", "pk"):
        earlier = first.setdefault((fact.subject_id, fact.key), fact)
        if earlier.source_id == fact.source_id:
            first[fact.subject_id, fact.key] = fact  # a later statement of the first source is its correction
    return first


def _row(kind: kinds.FactKind, fact: Fact, said: Counted, rows: dict[Group, Tally], number: int) -> Tally:
    """The row of the fact's group; a kind with levels has one for each document, in the order they came."""
    given = tuple(name for name, figure in said.figures.items() if figure is not None)
    group = Group(fact.subject_id, fact.on, f"{said.key}\n{number}" if kind.apart else said.key, said.label, given)
    if group not in rows:
        rows[group] = _empty(kind, fact, said)
        rows[group].batch_id, rows[group].recorded_at = fact.batch_id, fact.recorded_at
    return rows[group]


def _single(kind: kinds.FactKind, fact: Fact, count: int, disputes: int) -> Tally:
    said = counted(kind, fact.values, fact.amount_minor)
    row = _empty(kind, fact, said)
    _add(row, said, count, disputes)
    return row


def _empty(kind: kinds.FactKind, fact: Fact, said: Counted) -> Tally:
    nothing = {name: None if figure is None else 0 for name, figure in said.figures.items()}
    return Tally(subject_id=fact.subject_id, kind=kind.code, on=fact.on, key=said.key, label=said.label,
                 count=0, disputes=0, **nothing)  # fmt: skip


def _add(row: Tally, said: Counted, count: int, disputes: int) -> None:
    row.count += count
    row.disputes += disputes
    for name, figure in said.figures.items():
        if figure is not None:
            setattr(row, name, getattr(row, name) + count * figure)
