"""The close of business over a million loans: raise what falls due, overdue, classes by debtor, provisions.

A book (see ``lending_book``) is loaded into a fresh database of the embedded server (fsync and synchronous commit on),
checked, and closed three days running, a month's end among them, by the same crew as ``jirong close-of-business``.
Between two days 97 of 100 loans pay what fell due, so that the next day is a day like another; that is not timed, nor
is loading. With ``--mandates`` the lender also collects what falls due by debit, in batches to the banks.

Run alone: ``python -m benchmarks.close_of_business [--loans 1000000] [--days 3] [--workers 2] [--mandates] [--small]``.
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
from typing import Any

import django
from benchmarks import results

DATABASE = f"jirong_bench_close_{os.getpid()}"
DAY = dt.date(2026, 6, 29)
BUDGET_SECONDS = 120
PAID = """
SELECT l.id, l.standing, l.borrower_id, l.lender_id, array_agg(c.id), sum(c.outstanding_minor)::bigint,
    coalesce(sum(c.outstanding_minor) FILTER (WHERE c.kind = 'loan'), 0)::bigint
FROM financing_loan l JOIN claims_claim c ON c.contract = l.id AND c.id <> l.standing AND c.state = 'held'
WHERE l.lender_id = %s AND l.oldest_due = %s AND l.status = 'live' AND c.due = %s AND (uuid_hash(l.id) & 2147483647) %% 100 >= %s
GROUP BY l.id
"""
SETTLE = """
UPDATE claims_claim SET state = 'settled', settled_minor = outstanding_minor, outstanding_minor = 0 WHERE id = ANY(%s)
"""
LOANS_PAID = """
UPDATE financing_loan l SET oldest_due = NULL, principal_left_minor = l.principal_left_minor - u.principal,
    paid_by = jsonb_build_object(l.borrower_id::text, u.paid),
    status = CASE WHEN l.next_due IS NULL THEN 'repaid' ELSE l.status END
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS u (id, paid, principal) WHERE l.id = u.id
"""


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A migrated database of our own, dropped afterwards; the administrator's log-in to it."""
    from jirong.cli import upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    if logins.admin is None:
        raise SystemExit("the book is loaded by the embedded server's administrator: unset DATABASE_URL")
    with copies.owner(logins) as connection:
        copies.make(connection, DATABASE)
    os.environ.update(JIRONG_DATABASE=DATABASE, DJANGO_SETTINGS_MODULE="jirong.site.settings")
    django.setup()
    try:
        upkeep.migrate(DATABASE)
        yield str(copies.at_database(logins, DATABASE).admin)
    finally:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [DATABASE])


def found() -> tuple[uuid.UUID, uuid.UUID]:
    """The bank whose book it is, and the policy it lends under."""
    from django.db import transaction

    from jirong.cli import world as worlds
    from jirong.financing.actions import schemes
    from jirong.kernel.money import Money
    from jirong.log import actions as log_actions
    from jirong.parties.models import Staff
    from jirong.store.identity import SYSTEM, Actor, acting_as
    from jirong.store.ids import new_id

    plan = {
        "business_date": str(DAY),
        "parties": {
            "operator": {"name": "平台", "size": "small", "roles": ["operator"]},
            "bank": {"name": "银行", "size": "large", "roles": ["bank"], "bank": "bank", "balance": "1000000.00"},
        },
    }
    world = worlds.found("bench", plan)

    def do(function: Any, **body: Any) -> dict[str, Any]:
        two = log_actions.REGISTRY[function.action_code].two_people
        people = [world.logins[f"bank.{who}"] for who in ("maker", "checker" if two else "maker")]
        with acting_as(SYSTEM), transaction.atomic():
            maker, actor = (Staff.objects.get(user__username=name) for name in people)
        with log_actions.checked_by(maker.user_id):
            return dict(function(actor=Actor("party", actor.party_id, actor.user_id), id=new_id(), **body))

    scheme = uuid.UUID(do(schemes.publish_catalogue, name="instant-loan-310")["scheme"])
    budget = Money.parse("900000000000.00")
    policy = do(schemes.sign_policy, scheme=scheme, budget=budget, parties_named=[])["policy"]
    return world.parties["bank"], uuid.UUID(policy)


def set_mandates(bank: uuid.UUID) -> None:
    from django.db import transaction

    from jirong.financing.actions import closing
    from jirong.financing.close import grading
    from jirong.financing.models import ClosePlan
    from jirong.store.identity import SYSTEM, acting_as

    with acting_as(SYSTEM), transaction.atomic():
        ClosePlan.objects.create(
            lender_id=bank,
            steps=list(closing.STEPS),
            mandates=True,
            provision_bp=list(grading.ruled_rates(DAY).bp),
        )


def pay(bank: uuid.UUID, day: dt.date, late_percent: int = 3) -> int:
    """What fell due on ``day`` is paid by all but ``late_percent`` of a hundred loans, as the bank's answers would."""
    from django.db import connection, transaction

    from jirong.kernel.ids import derived_id
    from jirong.ledger.journal import Journal, Transfer, account_id
    from jirong.ledger.post import post
    from jirong.store.identity import SYSTEM, acting_as

    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PAID, [bank, day, day, late_percent])
        rows = cursor.fetchall()
        cursor.execute(SETTLE, [[claim for row in rows for claim in row[4]]])
        cursor.execute(LOANS_PAID, [[row[0] for row in rows], [row[5] for row in rows], [row[6] for row in rows]])
        for at in range(0, len(rows), 20_000):
            moved = tuple(
                Transfer(
                    derived_id(loan, "paid", day), account_id(f"claims:{root}:owed:{debtor}"),
                    account_id(f"claims:{root}:held:{lender}"), minor,
                )
                for loan, root, debtor, lender, _, minor, _ in rows[at : at + 20_000]
            )  # fmt: skip
            post([Journal(derived_id(bank, "paid", day, at), day, moved)])
    return len(rows)


def close(bank: uuid.UUID, day: dt.date, crew: Any) -> float:
    """Close ``day``; shows each step's work and seconds, answers all of them."""
    from django.db import transaction

    from jirong.financing.close import running
    from jirong.financing.models import ClosePart
    from jirong.store.identity import SYSTEM, acting_as

    began = time.perf_counter()
    done = running.close(bank, day, crew=crew)
    seconds = time.perf_counter() - began
    with acting_as(SYSTEM), transaction.atomic():
        parts = list(ClosePart.objects.filter(run=done.run).values_list("step", "seconds"))
    print(f"{day}: {seconds:.1f} s, {len(done.errors)} errors, load {os.getloadavg()[0]:.1f}")
    for step, counts in done.counts.items():
        spent = sorted(each for name, each in parts if name == step)
        print(
            f"  {step:<9}{sum(spent):7.1f} s over {len(spent)} parts, "
            f"each {spent[0]:.3f} to {spent[-1]:.3f}, median {statistics.median(spent):.3f} s  {counts}",
            flush=True,
        )
    assert not done.errors, done.errors[:3]
    return seconds


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--mandates", action="store_true", help="collect what falls due by debit")
    parser.add_argument("--unchecked", action="store_true", help="leave the checks of the whole book out")
    parser.add_argument("--small", action="store_true", help="20,000 loans")
    asked = parser.parse_args(arguments)
    if asked.small:
        asked.loans = 20_000
    with database() as admin:
        seconds = measure(admin, asked)
    # A small run has the whole budget: most of its seconds are those that any number of loans takes.
    median, budget = statistics.median(seconds), BUDGET_SECONDS * (1 if asked.small else asked.loans / 1_000_000)
    kept = median <= budget
    spread = f"median day {median:.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"
    results.say(f"close of business, {asked.loans:,} loans", spread, f"≤ {budget:.0f} s", kept)
    return 0 if kept else 1


def measure(admin: str, asked: argparse.Namespace) -> list[float]:
    """Seconds of each day's close."""
    from benchmarks import lending_book

    from jirong.financing.close import crew as crews
    from jirong.parties import actions as parties
    from jirong.store.identity import SYSTEM
    from jirong.store.ids import new_id

    bank, policy = found()
    began = time.perf_counter()
    rows = lending_book.load(lending_book.Asked(admin, asked.loans, DAY - dt.timedelta(days=1), bank, policy))
    print(
        f"{asked.loans:,} loans, {sum(rows.values()):,} rows loaded in {time.perf_counter() - began:.1f} s; "
        f"{os.cpu_count()} cores, {asked.workers} workers, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    check(admin, asked)
    if asked.mandates:
        set_mandates(bank)
    seconds = []
    with crews.several(asked.workers) as crew:
        for count in range(asked.days):
            day = DAY + dt.timedelta(days=count)
            if count:
                parties.advance_business_date(actor=SYSTEM, id=new_id(), to=day)
            seconds.append(close(bank, day, crew))
            if not asked.mandates:
                print(f"  (then {pay(bank, day):,} loans pay)", flush=True)
    check(admin, asked)
    return seconds


def check(admin: str, asked: argparse.Namespace) -> None:
    if asked.unchecked:
        return
    from benchmarks import lending_book

    began = time.perf_counter()
    wrong = lending_book.wrong(admin)
    assert not wrong, wrong[:5]
    print(f"ledger and claims agree (checked in {time.perf_counter() - began:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
