"""What falls due: instalments become claims, plain loans in columns, the others one by one through the engine.

The columnar path is the twin of the engine's ``CloseDay``: the same claims under the same ids, the same transfers, the
same header. If anything in it does not fit (a claim changed meanwhile, a ledger refusal), that batch is undone and
halved until what does not fit stands alone; this goes through the engine, and an error stays with its loan.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from jirong.claims import bulk
from jirong.engine.kinds import loan
from jirong.financing import runtime
from jirong.financing.models import Loan
from jirong.instruments.portfolio import book as books
from jirong.instruments.portfolio.contracts import Contracts
from jirong.kernel.ids import derived_id
from jirong.ledger.journal import TRANSFERS_MAX, Journal, Transfer, account_id
from jirong.ledger.post import post
from jirong.store.identity import SYSTEM, acting_as

Report = Callable[[uuid.UUID, Exception], None]
COLUMNS = (
    "id", "borrower_id", "standing", "unit", "principal_minor", "rate_e6", "started", "periods", "every_months",
    "repayment", "basis", "raised", "next_due",
)  # fmt: skip
UPDATE = """
UPDATE financing_loan l SET raised = u.raised, next_due = u.next_due, oldest_due = COALESCE(l.oldest_due, u.due)
FROM unnest(%s::uuid[], %s::int[], %s::date[], %s::date[]) AS u (id, raised, next_due, due) WHERE l.id = u.id
"""


class Changed(Exception):
    """A claim was not as the columns supposed."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which loans: ``lender``'s, in these partitions, on the business date ``on``; ``action`` is the part's id."""

    lender: uuid.UUID
    partitions: Sequence[int]
    on: datetime.date
    action: uuid.UUID


def raise_dues(part: Part, report: Report) -> dict[str, int]:
    """Open the claims of everything due by ``part.on``; how many instalments in columns, loans one by one, and not."""
    counts = {"columns": _raise_plain(part), "single": 0, "errors": 0}
    for id in _left(part):
        try:
            with transaction.atomic():
                running = runtime.lock_loan(id)
                event = loan.CloseDay(id=derived_id(part.action, id))
                runtime.take(running, event, part.on, kind="close_day", quiet=True)
            counts["single"] += 1
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one loan stays with it
            counts["errors"] += 1
            report(id, error)
    return counts


def contracts_of(rows: Sequence[dict[str, Any]]) -> Contracts:
    """Rows of plain loans as columns."""
    return Contracts(
        principal=np.array([row["principal_minor"] for row in rows], dtype=np.int64),
        rate_e6=np.array([row["rate_e6"] for row in rows], dtype=np.int64),
        start=np.array([row["started"] for row in rows], dtype="M8[D]"),
        periods=np.array([row["periods"] for row in rows], dtype=np.int64),
        every_months=np.array([row["every_months"] for row in rows], dtype=np.int64),
        repayment=np.array([row["repayment"] for row in rows], dtype=np.int8),
        basis=np.array([row["basis"] for row in rows], dtype=np.int8),
        interest_only=np.zeros(len(rows), dtype=np.int64),
    )


def _raise_plain(part: Part) -> int:
    """Instalment after instalment until nothing plain is due: normally once."""
    done = 0
    apart: set[uuid.UUID] = set()
    while rows := [row for row in _due(part) if row["id"] not in apart]:
        for day in sorted({row["next_due"] for row in rows}):
            done += _together(part, day, [row for row in rows if row["next_due"] == day], apart)
    return done


def _together(part: Part, day: datetime.date, rows: list[dict[str, Any]], apart: set[uuid.UUID]) -> int:
    """Raise rows as one batch; where something does not fit, by halves, and what does not fit alone goes ``apart``."""
    try:
        with transaction.atomic():
            _raise_on(part, day, rows)
        return len(rows)
    except Exception:  # noqa: BLE001 - whatever it is, the engine will say it of the loan that it is about
        if len(rows) == 1:
            apart.add(rows[0]["id"])
            return 0
    half = len(rows) // 2
    return _together(part, day, rows[:half], apart) + _together(part, day, rows[half:], apart)


def _due(part: Part) -> list[dict[str, Any]]:
    with acting_as(SYSTEM):
        found = _running(part).filter(plain=True, next_due__lte=part.on).order_by("pk")
        return list(found.select_for_update(no_key=True).values(*COLUMNS))


def _left(part: Part) -> list[uuid.UUID]:
    with acting_as(SYSTEM):
        return list(_running(part).filter(next_due__lte=part.on).order_by("pk").values_list("pk", flat=True))


def _running(part: Part) -> Any:
    return Loan.objects.filter(lender=part.lender, partition__in=part.partitions, status__in=["live", "overdue"])


def _raise_on(part: Part, day: datetime.date, rows: list[dict[str, Any]]) -> None:
    """The next instalment of each row, all due on ``day``."""
    contracts = contracts_of(rows)
    eve = day - datetime.timedelta(days=1)
    before = books.book(contracts, contracts.fallen(np.datetime64(eve)), eve)
    number = contracts.fallen(np.datetime64(eve)) + 1
    if not (np.array([row["raised"] for row in rows]) + 1 == number).all():
        raise Changed
    principal, interest = before.next_principal.tolist(), before.next_interest.tolist()
    coming = contracts.due_date(number + 1).tolist()
    last = (number >= contracts.periods).tolist()
    _open(part, day, rows, number.tolist(), principal, interest)
    _cut(rows, before.performing.tolist(), principal)
    _post(part, day, rows, number.tolist(), interest)
    with acting_as(SYSTEM), connection.cursor() as cursor:
        following = [None if ended else due for due, ended in zip(coming, last, strict=True)]
        owing = [day if p or i else None for p, i in zip(principal, interest, strict=True)]
        cursor.execute(UPDATE, [[row["id"] for row in rows], number.tolist(), following, owing])


def _open(
    part: Part, day: datetime.date, rows: list[dict[str, Any]], numbers: list[int], principal: list[int],
    interest: list[int],
) -> None:  # fmt: skip
    found: list[tuple[Any, ...]] = []
    for kind, bucket, amounts in (("loan", "principal", principal), ("interest", "interest", interest)):
        found += [
            (derived_id(row["id"], "due", number, bucket), row["id"], kind, row["borrower_id"], minor, row["standing"])
            for row, number, minor in zip(rows, numbers, amounts, strict=True)
            if minor
        ]
    if not found:
        return
    id, contract, kinds, debtor, minor, root = map(list, zip(*found, strict=True))
    bulk.insert(bulk.Opened(id, contract, kinds, debtor, [part.lender] * len(id), minor, [day] * len(id), root))


def _cut(rows: list[dict[str, Any]], before: list[int], principal: list[int]) -> None:
    """Each standing claim must hold exactly what the columns say is not yet due: that is the conservation check."""
    some = [(row["standing"], had, minor) for row, had, minor in zip(rows, before, principal, strict=True) if minor]
    if some and bulk.cut(*map(list, zip(*some, strict=True))) != len(some):
        raise Changed


def _post(part: Part, day: datetime.date, rows: list[dict[str, Any]], numbers: list[int], interest: list[int]) -> None:
    """Interest is a new debt; principal falling due only changes its claim, not the books."""
    transfers = [
        Transfer(
            derived_id(derived_id(row["id"], "due", number, "interest"), "open"),
            account_id(f"claims:{row['standing']}:held:{part.lender}"),
            account_id(f"claims:{row['standing']}:owed:{row['borrower_id']}"),
            minor,
            unit=row["unit"],
        )
        for row, number, minor in zip(rows, numbers, interest, strict=True)
        if minor
    ]
    for at in range(0, len(transfers), TRANSFERS_MAX):
        batch = tuple(transfers[at : at + TRANSFERS_MAX])
        journal = derived_id(part.action, "interest", day, batch[0].id)
        post([Journal(journal, part.on, batch, reason="credit.interest_due")])
