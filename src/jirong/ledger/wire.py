"""Between values and the SQL functions: one call carries a whole batch as binary arrays.

``call`` runs on any psycopg cursor that binds on the server; the caller owns the transaction. A journal of one plain
transfer takes the lean function, everything else the batch function. The answer says which journals were known
already and which are refused; nothing is raised for a refusal, so the caller's transaction stays usable.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.ledger import refusals
from jirong.ledger.journal import AMOUNT_MAX, KIND_NUMBERS, TRANSFERS_MAX, Journal, Transfer

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


class Answer(NamedTuple):
    """What the database said; journals are numbered from 1 in the order of the call.

    ``replayed`` gives the moment each journal known before was first recorded.
    """

    recorded_at: datetime.datetime
    replayed: dict[int, datetime.datetime]
    refused: list[dict[str, Any]]


def call(cursor: psycopg.Cursor[Any], journals: Sequence[Journal], *, together: bool) -> Answer:
    """Post ``journals`` in one statement. With ``together`` one refusal leaves them all unwritten."""
    check(journals)
    if len(journals) == 1 and _plain(journals[0]):
        cursor.execute(ONE, _one(journals[0]))
    else:
        cursor.execute(BATCH, [*_batch(journals), together])
    row = cursor.fetchone()
    assert row is not None, "a function call answers one row"
    recorded_at, replayed, refused = row
    known = json.loads(replayed) if replayed else {}
    return Answer(
        recorded_at,
        {int(number): datetime.datetime.fromisoformat(moment) for number, moment in known.items()},
        json.loads(refused),
    )


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
