"""Between values and the SQL functions: one call carries a whole batch as binary arrays.

``call`` runs on any psycopg cursor that binds on the server; the caller owns the transaction. A journal of one plain
transfer takes the lean function, everything else the batch function. The answer says which journals were known
already and which are refused; nothing is raised for a refusal, so the caller's transaction stays usable.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.ledger import refusals
from jirong.ledger.journal import (
    AMOUNT_MAX,
    KIND_NUMBERS,
    SHARDS_MAX,
    TRANSFERS_MAX,
    Bound,
    Journal,
    Posted,
    Terms,
    Transfer,
)

ONE = (
    "SELECT recorded_at, replayed::text, refused::text FROM ledger_post_one("
    "%b::uuid, %b::date, %b::timestamptz, %b::text, %b::uuid, %b::uuid, %b::smallint, %b::uuid, %b::uuid, "
    "%b::bigint, %b::text)"
)
BATCH = (
    "SELECT recorded_at, replayed::text, refused::text FROM ledger_post(ROW("
    "%b::uuid[], %b::date[], %b::timestamptz[], %b::text[], %b::uuid[], %b::int[], %b::int[], %b::int[], %b::uuid[], "
    "%b::smallint[], %b::uuid[], %b::uuid[], %b::bigint[], %b::text[], %b::uuid[], %b::uuid[])::ledger_batch, %b)"
)


OPEN = (
    "SELECT ledger_open(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::uuid[], %b::text[], %b::bigint[], "
    "%b::smallint[])"
)


class Answer(NamedTuple):
    """What the database said; journals are numbered from 1 in the order of the call.

    ``replayed`` gives the moment each journal known before was first recorded.
    """

    recorded_at: datetime.datetime
    replayed: dict[int, datetime.datetime]
    refused: list[dict[str, Any]]


def post_on(cursor: psycopg.Cursor[Any], journals: Sequence[Journal], *, together: bool) -> list[Posted]:
    """Record ``journals`` in order; one outcome each. Refusals stand in the outcomes.

    Only a lost race is raised: another call recorded one of the ids, with other accounts, at the same moment.
    """
    try:
        answer = call(cursor, journals, together=together)
    except psycopg.errors.UniqueViolation as violation:
        lost = refusals.reused(violation.diag.constraint_name, journals)
        if lost is None:
            raise
        raise lost from violation
    refused = {said["journal"]: refusals.refusal(said, journals[said["journal"] - 1]) for said in answer.refused}
    if refused and together:
        return _none_recorded(journals, refused)
    replayed = answer.replayed
    return [
        Posted(journal.id, True, replayed[number])
        if number in replayed
        else Posted(journal.id, False, None, refused[number])
        if number in refused
        else Posted(journal.id, False, answer.recorded_at)
        for number, journal in enumerate(journals, 1)
    ]


def open_on(cursor: psycopg.Cursor[Any], terms: Sequence[Terms]) -> list[uuid.UUID]:
    """Open accounts, in one statement; their ids in the order asked. Refuses what is open on other terms."""
    for asked in terms:
        _check_terms(asked)
    unique = list({asked.code: asked for asked in terms}.values())
    row = cursor.execute(OPEN, _terms_columns(unique)).fetchone()
    assert row is not None, "a function call answers one row"
    if row[0]:
        raise refusals.terms_differ(row[0])
    return [asked.id for asked in terms]


def call(cursor: psycopg.Cursor[Any], journals: Sequence[Journal], *, together: bool) -> Answer:
    """Post ``journals`` in one statement. With ``together`` one refusal leaves them all unwritten."""
    cursor.execute(*statement(journals, together=together))
    row = cursor.fetchone()
    assert row is not None, "a function call answers one row"
    recorded_at, replayed, refused = row
    known = json.loads(replayed) if replayed else {}
    return Answer(
        recorded_at,
        {int(number): datetime.datetime.fromisoformat(moment) for number, moment in known.items()},
        json.loads(refused),
    )


def statement(journals: Sequence[Journal], *, together: bool) -> tuple[str, Sequence[Any]]:
    """The call and its parameters, for psycopg's binary placeholders."""
    check(journals)
    if len(journals) == 1 and _plain(journals[0]):
        return ONE, _one(journals[0])
    return BATCH, [*_batch(journals), together]


def check(journals: Sequence[Journal]) -> None:
    """Refuse what no state of the ledger could make right: nothing to post, an id twice, too much at once."""
    transfers = [journal.transfers for journal in journals]
    if not journals or not all(map(len, transfers)):
        raise Invalid("ledger.journal_empty", Text("凭证没有分录", "A journal has no transfers"))
    count = sum(map(len, transfers))
    if count > TRANSFERS_MAX:
        raise Invalid(
            "ledger.batch_too_large",
            Text(
                f"一次有{count}笔分录，最多{TRANSFERS_MAX}笔", f"{count} transfers in one call, {TRANSFERS_MAX} at most"
            ),
            remedy=Text("请分几次记账", "Post them in several calls"),
        )
    ids = {transfer.id for journal in journals for transfer in journal.transfers}
    if len(ids) < count or len({journal.id for journal in journals}) < len(journals):
        raise Invalid(
            "ledger.id_twice",
            Text("同一次记账中有重复的编号", "An id stands twice in one call"),
            remedy=Text("每张凭证、每笔分录各用一个编号", "Give each journal and each transfer an id of its own"),
        )
    for journal in journals:
        for transfer in journal.transfers:
            # Beyond a BIGINT the arrays could not even be sent; zero and less is for the database to name.
            if transfer.amount_minor is not None and abs(transfer.amount_minor) > AMOUNT_MAX:
                raise refusals.refusal({"code": "amount_too_large", "transfer": str(transfer.id)}, journal)


def _plain(journal: Journal) -> bool:
    transfer = journal.transfers[0]
    return (
        len(journal.transfers) == 1
        and transfer.pending is None
        and transfer.reverses is None
        and KIND_NUMBERS[transfer.kind] <= 2
    )


def _one(journal: Journal) -> tuple[Any, ...]:
    id, debit, credit, amount, kind, _, _, unit = journal.transfers[0]
    head = (journal.id, journal.business_date, journal.event_at, journal.reason, journal.subject)
    return (*head, id, KIND_NUMBERS[kind], debit, credit, amount, unit)


def _batch(journals: Sequence[Journal]) -> list[list[Any] | None]:
    """Sixteen columns in the order of the SQL type ``ledger_batch``; a column with nothing in it is NULL."""
    ids, dates, transfers, moments, reasons, subjects = zip(*journals, strict=True)
    sizes = [len(group) for group in transfers]
    rows: list[Transfer] = [transfer for group in transfers for transfer in group]
    id, debit, credit, amount, kind, pending, reverses, unit = zip(*rows, strict=True)
    return [
        list(ids),
        list(dates),
        _unless_empty(moments),
        _unless_empty(reasons),
        _unless_empty(subjects),
        sizes,
        [number for number, size in enumerate(sizes, 1) for _ in range(size)],
        [ordinal for size in sizes for ordinal in range(1, size + 1)],
        list(id),
        [KIND_NUMBERS[name] for name in kind],
        list(debit),
        list(credit),
        list(amount),
        _unless_empty(unit),
        _unless_empty(pending),
        _unless_empty(reverses),
    ]


def _unless_empty(column: tuple[Any, ...]) -> list[Any] | None:
    return list(column) if any(column) else None


def _none_recorded(journals: Sequence[Journal], refused: dict[int, Refusal]) -> list[Posted]:
    return [Posted(journal.id, False, None, refused.get(number)) for number, journal in enumerate(journals, 1)]


def _terms_columns(terms: Sequence[Terms]) -> list[list[object]]:
    """The parameters of ``OPEN``."""
    codes, books, units, owners, bounds, allowances, shards = map(list, zip(*terms, strict=True))
    ids: list[object] = [asked.id for asked in terms]
    return [ids, codes, books, [unit.code for unit in units], owners, bounds, allowances, shards]


def _check_terms(asked: Terms) -> None:
    """Defects of the caller, not refusals: the database would raise on them too."""
    assert asked.code, "an account has a code"
    assert 0 <= asked.shards <= SHARDS_MAX, f"an account has at most {SHARDS_MAX} shards"
    assert asked.bound == Bound.NONE or not asked.shards, "an account with a limit has no shards"
    assert asked.allowance_minor >= 0, "an allowance is not negative"
    assert asked.allowance_minor == 0 or asked.bound != Bound.NONE, "an allowance needs a limit"
