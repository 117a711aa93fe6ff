"""The close of business over a million loans: raise what falls due, overdue, classes by debtor, provisions.

A book is made in SQL on a fresh database of the embedded server (fsync and synchronous commit on): annuities of 12, 24
and 36 months of 250,000 firms in all stages of their lives, due dates spread over the month, three in a hundred left unpaid. Then one day is
closed through the same actions as ``jirong close-of-business``, and each step's seconds are shown. Debit mandates are
off: an instruction a loan is the bank's volume, not the close's. Making the book is not part of the figure.

Run alone: ``python benchmarks/close_of_business.py [--loans 1000000] [--days 1] [--small]``.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator

import django

DATABASE = f"jirong_bench_close_{os.getpid()}"
DAY = dt.date(2026, 6, 17)
CHUNK = 100_000

FIRMS = """
INSERT INTO parties_party (id, name, name_en, uscc, uscc_evidence, size, sector, region)
SELECT md5('firm' || n)::uuid, '企业' || n, '', lpad(n::text, 18, '0'), '', 'micro', '', ''
FROM generate_series(%(low)s::int / 4, %(high)s::int / 4) AS n ON CONFLICT DO NOTHING
"""
BOOK = """
WITH raw AS (
    SELECT n, md5('loan' || n)::uuid AS id, md5('firm' || n / 4)::uuid AS borrower,
        (ARRAY[12, 24, 36])[1 + n %% 3] AS periods, 1000000 + (n * 7919::bigint) %% 90000000 AS principal,
        30000 + 100 * (n %% 700) AS rate, %(day)s::date - (40 + n %% 300) AS start
    FROM generate_series(%(low)s::int, %(high)s::int) AS n
)
INSERT INTO financing_loan (id, lender_id, borrower_id, borrowers, principal_minor, unit, payouts, product, status,
    started, paid_by, recovered_minor, seen_by, rate_e6, periods, every_months, repayment, basis, plain, partition,
    principal_left_minor, raised, loan_class)
SELECT id, %(lender)s, borrower, ARRAY[borrower], principal, 'CNY', '[]',
    jsonb_build_object('rate', to_char(rate / 1000000.0, 'FM0.000000'), 'repayment', 'annuity', 'months', periods,
        'days', NULL, 'every_months', 1, 'basis', NULL, 'grace_days', 0, 'penalty_factor', '1.5', 'early', true),
    'live', start, '{}', 0, ARRAY[borrower, %(lender)s::uuid], rate, periods, 1, 0, 0, true,
    ('x' || right(borrower::text, 2))::bit(8)::int & 63,
    principal, 0, 0
FROM raw
"""


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A migrated database of our own, dropped afterwards."""
    from jirong.cli import upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    with copies.owner(logins) as connection:
        copies.make(connection, DATABASE)
    os.environ.update(JIRONG_DATABASE=DATABASE, DJANGO_SETTINGS_MODULE="jirong.site.settings")
    django.setup()
    try:
        upkeep.migrate(DATABASE)
        yield
    finally:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [DATABASE])


def found() -> uuid.UUID:
    """The bank whose book it is."""
    from jirong.cli import world as worlds

    plan = {
        "business_date": str(DAY),
        "parties": {"bank": {"name": "银行", "size": "large", "roles": ["bank"]}},
    }
    return worlds.found("bench", plan).parties["bank"]


def make_book(loans: int, bank: uuid.UUID) -> None:
    """Rows of loans as the engine would have left them on the eve: raised so far, claims and books to match."""
    from django.db import connection, transaction

    from jirong.store.identity import SYSTEM, acting_as

    for low in range(0, loans, CHUNK):
        with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
            asked = {"day": DAY, "low": low, "high": min(low + CHUNK, loans) - 1, "lender": bank}
            cursor.execute(FIRMS, asked)
            cursor.execute(BOOK, asked)
            age(bank)


def age(bank: uuid.UUID) -> None:
    """Bring the loans just made to the eve of the day: standing claims and accounts, and what is still owed."""
    import numpy as np
    from django.db import connection

    from jirong.claims import bulk
    from jirong.financing.close.raising import COLUMNS, contracts_of
    from jirong.financing.models import Loan
    from jirong.instruments.portfolio import book as books
    from jirong.kernel.ids import derived_id
    from jirong.ledger.journal import Journal, Transfer, account_id
    from jirong.ledger.post import post

    eve = DAY - dt.timedelta(days=1)
    rows = list(Loan.objects.filter(standing=None).order_by("pk").values(*COLUMNS))
    contracts = contracts_of(rows)
    fallen = contracts.fallen(np.datetime64(eve))
    left = books.book(contracts, fallen, eve).performing.tolist()
    due = contracts.due_date(fallen + 1).tolist()
    ids = [row["id"] for row in rows]
    roots = [derived_id(id, "principal") for id in ids]
    debtors = [row["borrower_id"] for row in rows]
    bulk.insert(bulk.Opened(roots, ids, ["loan"] * len(ids), debtors, [bank] * len(ids), left, due, roots))
    codes = [
        (f"claims:{root}:held:{bank}", f"claims:{root}:owed:{debtor}")
        for root, debtor in zip(roots, debtors, strict=True)
    ]
    with connection.cursor() as cursor:
        flat = [code for pair in codes for code in pair]
        cursor.execute(
            "SELECT ledger_open(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::bigint[], "
            "%s::smallint[])",
            [[account_id(code) for code in flat], flat, ["claims"] * len(flat), ["CNY"] * len(flat),
             [None] * len(flat), ["credits", "debits"] * len(codes), [0] * len(flat), [0] * len(flat)],
        )  # fmt: skip
        for at in range(0, len(ids), 20_000):
            batch = tuple(
                Transfer(derived_id(root, "open"), account_id(held), account_id(owed), minor)
                for root, (held, owed), minor in list(zip(roots, codes, left, strict=True))[at : at + 20_000]
            )
            post([Journal(derived_id(ids[at], "made"), eve, batch)])
        late = [eve - dt.timedelta(days=row["principal_minor"] % 120) if row["rate_e6"] % 3000 < 100 else None
                for row in rows]  # fmt: skip
        cursor.execute(
            "UPDATE financing_loan l SET standing = u.root, raised = u.raised, next_due = u.due, "
            "principal_left_minor = u.left_minor, oldest_due = u.late FROM unnest(%s::uuid[], %s::uuid[], %s::int[], "
            "%s::date[], %s::bigint[], %s::date[]) AS u (id, root, raised, due, left_minor, late) WHERE l.id = u.id",
            [ids, roots, fallen.tolist(), due, left, late],
        )


def close(bank: uuid.UUID, day: dt.date) -> float:
    """Close ``day``; shows each step's work and seconds, answers all of them."""
    from django.db import transaction

    from jirong.financing.close import running
    from jirong.financing.models import ClosePart
    from jirong.store.identity import SYSTEM, acting_as

    began = time.perf_counter()
    done = running.close(bank, day)
    seconds = time.perf_counter() - began
    with acting_as(SYSTEM), transaction.atomic():
        parts = list(ClosePart.objects.filter(run=done.run).values_list("step", "seconds"))
    for step, counts in done.counts.items():
        spent = [each for name, each in parts if name == step]
        print(f"  {step:<10}{sum(spent):8.1f} s  median part {statistics.median(spent):6.3f} s  {counts}", flush=True)
    print(f"  {day}: {seconds:.1f} s, {len(done.errors)} errors", flush=True)
    assert not done.errors, done.errors[:3]
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs")
    asked = parser.parse_args()
    loans = 20_000 if asked.small else asked.loans
    with database():
        from jirong.parties import actions as parties
        from jirong.store.identity import SYSTEM
        from jirong.store.ids import new_id

        bank = found()
        began = time.perf_counter()
        make_book(loans, bank)
        print(f"{loans:,} loans made in {time.perf_counter() - began:.0f} s; {os.cpu_count()} cores, load "
              f"{os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
        seconds = []
        for count in range(1 if asked.small else asked.days):
            day = DAY + dt.timedelta(days=count)
            parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)
            seconds.append(close(bank, day))
        print(f"median day {statistics.median(seconds):.1f} s (budget 120 s at 1,000,000)")


if __name__ == "__main__":
    sys.exit(main())
