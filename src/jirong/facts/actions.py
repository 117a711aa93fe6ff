"""Adding facts: by file or by push. What came stays; what was wrong is named by line; nothing is overwritten."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models.functions import Now
from psycopg.types.range import DateRange

from jirong.facts import disputes, einvoice, kinds, reading, sources, tally
from jirong.facts.models import Batch, Disclosure, Fact, Pull, SourceRight
from jirong.kernel.errors import Conflict, Forbidden, Invalid, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.log.actions import action, concern
from jirong.parties.models import Party
from jirong.store import business_date
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.trust import canonical

Outcome = dict[str, Any]
CURSOR_MAX = 500
FUTURE_DAYS = 1
REPORTED_MAX = 1000
"""Refused rows kept with a batch; beyond that only their number."""


@action("facts.import", Text("导入数据文件", "Import a file of facts"))
def import_file(*, actor: Actor, id: uuid.UUID, kind: str, name: str, data: bytes, order_no: str = "") -> Outcome:
    """Read a CSV file of one kind, or the XML of one e-invoice (数电票) as an invoice of order ``order_no``; good rows
    are added, known ones skipped, bad ones reported with line and reason.

    The statement holds the file's SHA-256. Raises :class:`Invalid` where the file as a whole cannot be read.
    """
    found = kinds.kind_of(kind)
    is_xml = found is kinds.INVOICE and einvoice.looks_like(data)
    read = einvoice.read(found, data, order_no.strip()) if is_xml else reading.read_csv(found, data)
    return _add(actor, id, found, name, hashlib.sha256(data).hexdigest(), read)


@action("facts.push", Text("推送数据", "Push facts"))
def push(*, actor: Actor, id: uuid.UUID, kind: str, rows: list[dict[str, Any]]) -> Outcome:
    """Add facts given as objects (field name → string); the same rules and the same report as a file."""
    found = kinds.kind_of(kind)
    if len(rows) > 10_000:
        raise Invalid("facts.too_many", Text("一次最多推送1万条", "Push at most 10,000 rows at once"), where="rows")
    read = (reading.read_object(found, row, line) for line, row in enumerate(rows, 1))
    return _add(actor, id, found, "push", canonical.digest(rows), read)


@action("facts.pull_page", Text("连接器取数", "Pull a page of facts"))
def pull_page(
    *,
    actor: Actor,
    id: uuid.UUID,
    connector: str,
    kind: str,
    rows: list[dict[str, Any]],
    cursor: str,
    name: str = "",
    set_aside: dict[str, Any] | None = None,
) -> Outcome:
    """Add a page a connector brought, and remember ``cursor`` with it, so that the next pull goes on from there.

    ``set_aside`` is the refusal of a page that could not be read: it is kept as the batch's report, and passed over.
    """
    found = kinds.kind_of(kind)
    if len(cursor) > CURSOR_MAX:
        raise Invalid("facts.cursor", Text("游标过长", "The cursor is too long"), where="cursor")
    read = (reading.read_object(found, row, line) for line, row in enumerate(rows, 1))
    unread = [reading.BadRow(0, _as_refusal(set_aside))] if set_aside else []
    done = _add(actor, id, found, name or connector, canonical.digest(rows), [*unread, *read])
    assert actor.party is not None  # a batch has a source
    Pull.objects.create(source_id=actor.party, connector=connector[:60], cursor=cursor, batch_id=id)
    return done


def _as_refusal(said: Mapping[str, Any]) -> Invalid:
    """A refusal that was told in words; it comes from outside, so its form is asked for."""
    try:
        remedy, where = said.get("remedy"), said.get("where")
        return Invalid(
            str(said["code"])[:60], Text.from_dict(said["reason"]), remedy=Text.from_dict(remedy) if remedy else None,
            where=str(where)[:200] if where else None,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Invalid(
            "facts.set_aside", Text("搁置的理由不是约定的格式", "The reason it is set aside for is not of the agreed form"),
            where="set_aside",
        ) from None  # fmt: skip


@action("facts.correct", Text("更正数据", "Correct a fact"))
def correct(*, actor: Actor, id: uuid.UUID, fact: uuid.UUID, values: dict[str, Any]) -> Outcome:
    """Replace what the actor itself said: a new row naming the old; documents of other sources are not touched."""
    old = Fact.objects.filter(pk=fact, source=actor.party).first()
    if old is None:
        raise Invalid(
            "fact.not_yours",
            Text("只能更正本单位提交的数据", "You can only correct what your own party submitted"),
            where="fact",
        )
    if old.corrections.exists():
        raise Conflict(
            "fact.corrected", Text("该数据已被更正过", "This fact has been corrected already"),
            remedy=Text("请更正最新的一条", "Correct the latest one"),
        )  # fmt: skip
    kind = kinds.kind_of(old.kind)
    row = reading.read_object(kind, {**old.values, **values}, 1)
    if isinstance(row, reading.BadRow):
        raise row.refusal
    _keeps(kind, old, row)
    if reading.digest(kind, row.values) == old.digest:
        raise Invalid(
            "fact.unchanged", Text("更正后与原数据相同", "Nothing would change"),
            remedy=Text("如原数据无误，请以“维持”答复异议", "Where it is right, uphold it"), where="values",
        )  # fmt: skip
    batch = _batch(actor, id, kind, "correction", reading.digest(kind, row.values))
    parties = _parties([row], kind)
    new = _fact(kind, row, parties, batch, sources.Sayer(actor, kind, parties.values()))
    moment = tally.lock({old.subject_id, new.subject_id})
    new.corrects, new.recorded_at = old, moment
    new.save(force_insert=True)
    tally.correct(kind, old, new)
    disputes.close_by_correction(old, new, moment, because=id)
    _disclose_again(old, new, because=id)
    _finish(batch, 1, 0, [])
    return {"fact": str(new.pk), "corrects": str(old.pk)}


def _keeps(kind: kinds.FactKind, old: Fact, row: reading.Row) -> None:
    """A correction stays the same document about the same firm; a state keeps its thing and its day too."""
    fixed = [kind.key, kind.subject, *([kind.on, kind.thing] if kind.state else [])]
    for name in filter(None, fixed):
        if row.values[name] != old.values[name]:
            title = kind.field(name).title
            raise Invalid(
                "fact.key",
                Text(f"更正不能改变“{title.zh}”", f"A correction keeps the “{title.en}”"),
                remedy=Text("请另行提交新的一条", "Submit a new one instead"),
                where=name,
            )


def disclose(facts: Iterable[uuid.UUID], to: uuid.UUID, because: uuid.UUID) -> None:
    """Show documents to a financier; runs inside the caller's action ``because``."""
    Disclosure.objects.bulk_create(
        [Disclosure(fact_id=fact, party_id=to, because=because) for fact in facts], ignore_conflicts=True
    )


def _disclose_again(old: Fact, new: Fact, because: uuid.UUID) -> None:
    """Whoever was shown a document is shown what corrects it, and does not go on with what no longer stands."""
    with acting_as(SYSTEM):
        shown = list(Disclosure.objects.filter(fact=old).values_list("party_id", flat=True))
        Disclosure.objects.bulk_create([Disclosure(fact=new, party_id=party, because=because) for party in shown])


def _add(
    actor: Actor,
    id: uuid.UUID,
    kind: kinds.FactKind,
    name: str,
    sha256: str,
    read: Iterable[reading.Row | reading.BadRow],
) -> Outcome:
    rows: list[reading.Row] = []
    bad: list[reading.BadRow] = []
    for row in read:
        (rows if isinstance(row, reading.Row) else bad).append(row)  # type: ignore[arg-type]
    parties = _parties(rows, kind)
    batch = _batch(actor, id, kind, name, sha256)
    sayer = sources.Sayer(actor, kind, parties.values())
    facts: list[Fact] = []
    for row in rows:
        try:
            facts.append(_fact(kind, row, parties, batch, sayer))
        except Refusal as refusal:
            bad.append(reading.BadRow(row.line, refusal))
    moment = tally.lock({fact.subject_id for fact in facts})
    fresh, contradictions = _new_only(actor, kind, facts)
    bad = sorted([*bad, *contradictions], key=lambda item: item.line)
    for fact in fresh:
        fact.recorded_at = moment
    Fact.objects.bulk_create(fresh, batch_size=2000)
    tally.record(kind, fresh)
    known = len(facts) - len(fresh) - len(contradictions)
    _finish(batch, len(fresh), known, bad)
    concern(*{fact.subject_id for fact in fresh}, *{fact.counterparty_id for fact in fresh})
    return {"batch": str(id), "added": len(fresh), "known": known, "refused": [b.as_dict() for b in bad[:100]]}


def _batch(actor: Actor, id: uuid.UUID, kind: kinds.FactKind, name: str, sha256: str) -> Batch:
    if actor.party is None:
        raise Forbidden("facts.no_source", Text("请先选择代表的单位", "Choose the party you act for first"))
    return Batch(id=id, source_id=actor.party, kind=kind.code, name=name[:200], sha256=sha256)


def _finish(batch: Batch, added: int, known: int, bad: list[reading.BadRow]) -> None:
    batch.added, batch.known = added, known
    batch.refused = {"count": len(bad), "rows": [row.as_dict() for row in bad[:REPORTED_MAX]]}
    batch.save(force_insert=True)


def _parties(rows: list[reading.Row], kind: kinds.FactKind) -> dict[str, uuid.UUID]:
    sides = [side for side in (kind.subject, kind.counterparty) if side]
    codes = {row.values[side] for row in rows for side in sides if side in row.values}
    found = Party.objects.filter(uscc__in=codes).values_list("uscc", "pk")
    return {code: party for code, party in found if code}


def _fact(
    kind: kinds.FactKind, row: reading.Row, parties: Mapping[str, uuid.UUID], batch: Batch, sayer: sources.Sayer
) -> Fact:
    subject = _party(parties, row, kind.subject)
    counterparty = _party(parties, row, kind.counterparty) if kind.counterparty else None
    sayer.check(subject, counterparty, row.values)
    given = row.values.get(kind.amount) if kind.amount else None
    amount = Money.parse(given).minor if given is not None else None
    tally.counted(kind, row.values, amount)
    _not_in_future(kind, row.values)
    said = reading.digest(kind, row.values)
    return Fact(
        id=derived_id(batch.pk, row.line),
        kind=kind.code,
        subject_id=subject,
        counterparty_id=counterparty,
        source_id=batch.source_id,
        key=row.values[kind.key],
        order_no=row.values.get("order_no", ""),
        on=row.values[kind.on],
        amount_minor=amount,
        values=dict(row.values),
        digest=said,
        batch=batch,
        line=row.line,
    )


def _not_in_future(kind: kinds.FactKind, values: Mapping[str, Any]) -> None:
    """Nothing is stated of a day that has not come; a day's grace is for clocks and time zones."""
    on, today = datetime.date.fromisoformat(values[kind.on]), business_date.today()
    if on > today + datetime.timedelta(days=FUTURE_DAYS):
        raise Invalid(
            "fact.future",
            Text(f"日期{on}晚于营业日{today}", f"{on} is later than the business date {today}"),
            remedy=Text("请核对日期；未到之日的单据到日再提交", "Check the date; submit it when its day has come"),
            where=kind.on,
        )


def _party(parties: Mapping[str, uuid.UUID], row: reading.Row, side: str) -> uuid.UUID:
    code = row.values[side]
    if code not in parties:
        raise Invalid(
            "fact.unknown_party",
            Text(f"信用代码{code}尚未登记", f"No party with credit code {code} is registered"),
            remedy=Text("请先登记该主体", "Register the party first"),
            where=side,
        )
    return parties[code]


def _new_only(actor: Actor, kind: kinds.FactKind, facts: list[Fact]) -> tuple[list[Fact], list[reading.BadRow]]:
    """Leave out what this source has said before; refuse what contradicts it under the same number."""
    said = Fact.objects.filter(source=actor.party, kind=kind.code, key__in={fact.key for fact in facts})
    known: dict[tuple[uuid.UUID, str], set[str]] = {}
    for subject, key, digest in said.values_list("subject_id", "key", "digest"):
        known.setdefault((subject, key), set()).add(digest)
    fresh: list[Fact] = []
    bad: list[reading.BadRow] = []
    for fact in facts:
        earlier = known.setdefault((fact.subject_id, fact.key), set())
        if fact.digest in earlier:
            continue
        if earlier:
            bad.append(reading.BadRow(fact.line, _contradicts(kind, fact)))
            continue
        earlier.add(fact.digest)
        fresh.append(fact)
    return fresh, bad


def _contradicts(kind: kinds.FactKind, fact: Fact) -> Conflict:
    return Conflict(
        "fact.contradicts",
        Text(
            f"{kind.title.zh}{fact.key}已提交过，内容不同",
            f"{kind.title.en} {fact.key} was submitted before with another content",
        ),
        remedy=Text("如需修改请使用“更正”", "To change it, use “correct”"),
        where=kind.key,
    )


@action("facts.grant_source", Text("登记数据来源资格", "Register a source right"))
def grant_source(
    *,
    actor: Actor,
    id: uuid.UUID,
    party: uuid.UUID,
    scope: list[str],
    licence: str,
    since: datetime.date,
    until: datetime.date,
) -> Outcome:
    """Let ``party`` state facts of the kinds in ``scope`` about anybody; ``licence`` says by what right."""
    _only_operator(actor)
    if until < since:
        raise Invalid(
            "source.backwards", Text("资格止期早于起期", "The right would end before it starts"), where="until"
        )
    if not licence.strip():
        raise Invalid(
            "source.no_licence", Text("请写明依据的牌照或委托", "Name its licence or mandate"), where="licence"
        )
    found = [kinds.kind_of(kind).code for kind in scope]
    SourceRight.objects.create(
        id=id, party_id=party, kinds=found, licence=licence[:200], valid=DateRange(since, until, "[]")
    )
    concern(party)
    return {"source_right": str(id), "scope": found}


@action("facts.withdraw_source", Text("撤销数据来源资格", "Withdraw a source right"))
def withdraw_source(*, actor: Actor, id: uuid.UUID, source_right: uuid.UUID) -> Outcome:
    """End a source right at once; what was stated under it stays."""
    _only_operator(actor)
    right = SourceRight.objects.filter(pk=source_right, withdrawn_at=None)
    party = right.values_list("party_id", flat=True).first()
    if not right.update(withdrawn_at=Now()):
        raise Invalid(
            "source.unknown", Text("没有这项有效的资格", "There is no such valid right"), where="source_right"
        )
    concern(party)
    return {"source_right": str(source_right), "withdrawn": True}


def _only_operator(actor: Actor) -> None:
    if actor.role not in ("operator", "system"):
        raise Forbidden("operator.only", Text("只有平台运营方可以操作", "Only the operator can do this"))
