"""Reading the ledger: balances, statements and vouchers, under the identity of whoever reads.

A statement runs from the newest line to older ones. It starts from the account's counters, read in the same statement
as the lines, and each line's running balance follows by taking the next one away: so no balance is stored with a
transfer, where its counterparty would see it. A cursor holds, for each sub-account, where the page ended and the
balance there. For one account positions come in the order of commits, so a page can neither miss nor repeat a line
that is recorded while somebody reads.
"""

from __future__ import annotations

import datetime
import heapq
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from jirong.kernel.errors import Invalid
from jirong.kernel.money import UNITS, Money, Unit
from jirong.kernel.text import Text
from jirong.ledger import refusals
from jirong.ledger.journal import KINDS, Bound, Kind
from jirong.ledger.models import Account, JournalRow, Reservation, TransferRow
from jirong.store.identity import Actor

LINES_MAX = 1000
COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's four counters, in minor units of ``unit``; a heading's are the sums of its sub-accounts."""

    account: uuid.UUID
    code: str
    book: str
    unit: Unit
    bound: Bound
    allowance_minor: int
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def posted(self) -> Money:
        """Posted credits less posted debits: what the account's owner is owed; negative for an asset."""
        return Money(self.credits_posted - self.debits_posted, self.unit)

    @property
    def available(self) -> Money | None:
        """How much the limited side may still grow, what is pending taken off; ``None`` without a limit."""
        if self.bound is Bound.DEBITS:
            rest = self.credits_posted + self.allowance_minor - self.debits_posted - self.debits_pending
        elif self.bound is Bound.CREDITS:
            rest = self.debits_posted + self.allowance_minor - self.credits_posted - self.credits_pending
        else:
            return None
        return Money(rest, self.unit)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement. ``balance`` is posted credits less posted debits once it was recorded."""

    position: int
    transfer: uuid.UUID
    journal: uuid.UUID
    kind: str
    side: str
    amount: Money
    counterpart: uuid.UUID
    balance: Money
    business_date: datetime.date
    event_at: datetime.datetime
    recorded_at: datetime.datetime
    reason: str
    subject: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A page, newest first; ``cursor`` fetches the next (older) one, ``None`` at the beginning of the account."""

    account: uuid.UUID
    lines: tuple[Line, ...]
    cursor: str | None


STATEMENT = """
SELECT s.n, a.credits_posted - a.debits_posted, l.position, l.kind, l.side, l.amount_minor, l.id, l.journal_id,
    l.counterpart, j.business_date, j.event_at, j.recorded_at, j.reason, j.subject_id
FROM unnest(%(ids)s::uuid[], %(before)s::bigint[]) WITH ORDINALITY AS s (id, before, n)
JOIN ledger_account a ON a.id = s.id
LEFT JOIN LATERAL (
    SELECT * FROM (
        (SELECT t.position, t.kind, 'debit' AS side, t.amount_minor, t.id, t.journal_id,
            t.credit_account_id AS counterpart
        FROM ledger_transfer t WHERE t.debit_account_id = s.id AND t.position < s.before
        ORDER BY t.position DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT t.position, t.kind, 'credit', t.amount_minor, t.id, t.journal_id, t.debit_account_id
        FROM ledger_transfer t WHERE t.credit_account_id = s.id AND t.position < s.before
        ORDER BY t.position DESC LIMIT %(limit)s)
    ) sides ORDER BY position DESC LIMIT %(limit)s
) l ON true
LEFT JOIN ledger_journal j ON j.id = l.journal_id
ORDER BY s.n, l.position DESC
"""
VOUCHERS = """
SELECT j.business_date, j.id, t.ordinal, j.reason, j.subject_id, d.code, c.code, t.amount_minor, d.unit, d.book,
    j.event_at, j.recorded_at, t.reverses_id
FROM ledger_journal j JOIN ledger_transfer t ON t.journal_id = j.id
JOIN ledger_account d ON d.id = t.debit_account_id JOIN ledger_account c ON c.id = t.credit_account_id
WHERE j.business_date BETWEEN %s AND %s AND t.kind IN (1, 3)
ORDER BY j.business_date, j.recorded_at, j.id, t.ordinal
"""
VOUCHER_COLUMNS = (
    "business_date", "journal", "line", "reason", "subject", "debit", "credit", "amount", "unit", "book", "event_at",
    "recorded_at", "reverses",
)  # fmt: skip
LAST = 2**63 - 1


def access_account(actor: Actor, id: uuid.UUID) -> Account:
    """An account the actor owns (operator and house: any); anything else does not exist for it."""
    found = Account.objects.filter(pk=id).first()
    if found is None:
        raise refusals.not_found(id)
    if actor.role not in ("operator", "system") and (actor.party is None or found.owner_id != actor.party):
        raise refusals.not_found(id)
    return found


def balance(id: uuid.UUID) -> Balance:
    found = balances([id])
    if id not in found:
        raise refusals.not_found(id)
    return found[id]


def balances(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Balance]:
    """The balances of accounts by id, one query; those that do not exist for the reader are absent."""
    summed = {name: F(name) + _sum_of_shards(name) for name in COUNTERS}
    rows = Account.objects.filter(pk__in=ids).annotate(**{f"all_{name}": value for name, value in summed.items()})
    return {row.pk: _balance(row, [getattr(row, f"all_{name}") for name in COUNTERS]) for row in rows}


def owned(actor: Actor, *, book: str = "") -> list[Balance]:
    """Every account of the actor's party, by code; headings with their sums, no sub-accounts."""
    found = Account.objects.filter(owner_id=actor.party, parent__isnull=True)
    ids = found.filter(book=book) if book else found
    return sorted(balances(list(ids.values_list("pk", flat=True))).values(), key=lambda each: each.code)


def statement(account: Account, *, cursor: str | None = None, limit: int = 50) -> Statement:
    """A page of the entries of an account that :func:`access_account` gave; a heading's are merged by position."""
    assert 0 < limit <= LINES_MAX, f"a page has at most {LINES_MAX} lines"
    ids = sorted(account.sub_accounts.values_list("pk", flat=True)) if account.shards else [account.pk]
    marks = _read_cursor(cursor, len(ids))
    with connection.cursor() as executing:
        executing.execute(STATEMENT, {"ids": ids, "before": [place for place, _ in marks], "limit": limit + 1})
        rows = executing.fetchall()
    unit = UNITS.get(account.unit, Unit(account.unit, 0))
    parts = [list(part) for _, part in groupby(rows, key=itemgetter(0))]
    stands = [part[0][1] if start is None else start for part, (_, start) in zip(parts, marks, strict=True)]
    ends = [(place, stand) for (place, _), stand in zip(marks, stands, strict=True)]
    lines: list[Line] = []
    newest_first = heapq.merge(*([row for row in part if row[2]] for part in parts), key=itemgetter(2), reverse=True)
    for row in newest_first:
        if len(lines) == limit:
            return Statement(account.pk, tuple(lines), _write_cursor(ends))
        part = row[0] - 1
        lines.append(_line(row, unit, sum(stand for _, stand in ends)))
        ends[part] = (row[2], ends[part][1] - _moved(row))
    return Statement(account.pk, tuple(lines), None)


def open_reservations(account: uuid.UUID) -> list[Reservation]:
    """Reservations on an account of which something is left, oldest first: what was instructed and not answered."""
    touching = TransferRow.objects.filter(Q(debit_account=account) | Q(credit_account=account), kind=2)
    left = Reservation.objects.filter(amount_minor__gt=F("posted_minor") + F("voided_minor"))
    positions = dict(touching.filter(pk__in=left.values("pk")).values_list("pk", "position"))
    return sorted(left.filter(pk__in=positions), key=lambda each: positions[each.pk])


def journal(id: uuid.UUID) -> tuple[JournalRow, list[TransferRow]] | None:
    """A journal and its transfers in order, as far as the reader may see them."""
    found = JournalRow.objects.filter(pk=id).first()
    if found is None:
        return None
    return found, list(found.transfers.select_related("debit_account", "credit_account").order_by("ordinal"))


def vouchers(since: datetime.date, until: datetime.date) -> Iterator[tuple[Any, ...]]:
    """Posted entries of business dates ``since`` to ``until`` as voucher lines (:data:`VOUCHER_COLUMNS`)."""
    with connection.chunked_cursor() as executing:
        executing.execute(VOUCHERS, [since, until])
        for row in executing:
            unit = UNITS.get(row[8], Unit(row[8], 0))
            yield (*row[:7], str(Money(row[7], unit)), *row[8:])


def _sum_of_shards(counter: str) -> Coalesce:
    shards = Account.objects.filter(parent=OuterRef("pk")).order_by().values("parent")
    return Coalesce(Subquery(shards.annotate(whole=Sum(counter)).values("whole")), 0, output_field=BigIntegerField())


def _balance(row: Account, counters: Sequence[int]) -> Balance:
    unit = UNITS.get(row.unit, Unit(row.unit, 0))
    return Balance(row.pk, row.code, row.book, unit, Bound(row.bound), row.allowance_minor, *counters)


def _line(row: tuple[Any, ...], unit: Unit, stand: int) -> Line:
    _, _, position, kind, side, amount, transfer, journal_id, counterpart, *event = row
    return Line(
        position, transfer, journal_id, KINDS[kind], side, Money(amount, unit), counterpart, Money(stand, unit), *event
    )


def _moved(row: tuple[Any, ...]) -> int:
    """What a line added to posted credits less posted debits; pending lines add nothing."""
    _, _, _, kind, side, amount, *_ = row
    if KINDS[kind] not in (Kind.POST, Kind.POST_PENDING):
        return 0
    return int(amount) if side == "credit" else -int(amount)


def _write_cursor(marks: Sequence[tuple[int, int]]) -> str:
    return ".".join(f"{place}:{stand}" for place, stand in marks)


def _read_cursor(cursor: str | None, parts: int) -> list[tuple[int, int | None]]:
    """For each sub-account, the position to read below and the balance there (not known before the first page)."""
    if cursor is None:
        return [(LAST, None)] * parts
    found = re.fullmatch(r"\d{1,19}:-?\d{1,19}(\.\d{1,19}:-?\d{1,19})*", cursor, re.ASCII)
    marks = (
        [(int(place), int(stand)) for place, stand in (mark.split(":") for mark in cursor.split("."))] if found else []
    )
    if len(marks) != parts or any(place > LAST for place, _ in marks):
        raise Invalid(
            "ledger.cursor_unreadable",
            Text("翻页标记无效", "The page cursor is not readable"),
            remedy=Text("请从第一页重新开始", "Start again from the first page"),
        )
    return [*marks]
