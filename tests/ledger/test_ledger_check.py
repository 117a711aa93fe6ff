"""``jirong ledger check`` finds each sort of damage and names the row. The owner can do the damage, with guards off."""

from __future__ import annotations

import argparse
import datetime
import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import transaction

from jirong.kernel.errors import Forbidden
from jirong.kernel.money import Money
from jirong.ledger import accounts, check, commands
from jirong.ledger.journal import Book, Bound, Journal, Transfer
from jirong.ledger.post import post, server_cursor
from jirong.store.embedded import Connections
from jirong.store.identity import SYSTEM, Actor, acting_as

DAY = datetime.date(2026, 1, 8)
FIRST, HOLD, PART, UNDO = (uuid.UUID(int=n, version=4) for n in range(1, 5))
TOLD, SETTLED = uuid.UUID(int=10, version=4), uuid.UUID(int=11, version=4)


@pytest.fixture
def damage(database_logins: Connections) -> Iterator[psycopg.Connection[Any]]:
    """A small sound ledger, committed, and the owner's connection to it with every guard off."""
    with acting_as(SYSTEM), transaction.atomic():
        a = accounts.open_account("check:a", book=Book.CASH, bound=Bound.DEBITS)
        b = accounts.open_account("check:b", book=Book.CASH)
        hot = accounts.open_account("check:hot", book=Book.CASH, shards=2)
        accounts.open_account("check:claims", book=Book.CLAIMS)
        amount = Money(50)
        post([Journal(TOLD, DAY, (Transfer.post(FIRST, b, a, amount), Transfer.reserve(HOLD, b, hot, amount)))])
        last = (Transfer.post_pending(PART, HOLD, Money(20)), Transfer.reversal(UNDO, FIRST))
        post([Journal(SETTLED, DAY, last)])
    assert check.check() == []
    with psycopg.connect(database_logins.owner, autocommit=True) as owner:
        for table in ("account", "journal", "transfer", "reservation"):
            owner.execute(f"ALTER TABLE ledger_{table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY".encode())
            for (name,) in owner.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [f"ledger_{table}"]
            ).fetchall():
                owner.execute(f"ALTER TABLE ledger_{table} DROP CONSTRAINT {name}".encode())
        yield owner


DAMAGES = {
    "an amount": (f"UPDATE ledger_transfer SET amount_minor = 21 WHERE id = '{PART}'", {"counters", "reservations"}),
    "a counter": (
        "UPDATE ledger_account SET debits_posted = debits_posted + 1 WHERE code = 'check:b'",
        {"counters", "zero_sum"},
    ),
    "two counters that balance": (
        "UPDATE ledger_account SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1 "
        "WHERE code = 'check:b'",
        {"counters"},
    ),
    "a limit": (
        "UPDATE ledger_account SET debits_posted = 51 WHERE code = 'check:a'",
        {"counters", "zero_sum", "limits"},
    ),
    "a transfer gone": (f"DELETE FROM ledger_transfer WHERE id = '{UNDO}'", {"counters", "gaps"}),
    "a journal gone": (f"DELETE FROM ledger_journal WHERE id = '{TOLD}'", {"gaps"}),
    "a journal added": (
        "INSERT INTO ledger_journal SELECT gen_random_uuid(), event_at, recorded_at, business_date, 1, '', NULL "
        f"FROM ledger_journal WHERE id = '{TOLD}'",
        {"gaps"},
    ),
    "an ordinal": (f"UPDATE ledger_transfer SET ordinal = 7 WHERE id = '{UNDO}'", {"gaps"}),
    "accounts swapped": (
        "UPDATE ledger_transfer SET debit_account_id = credit_account_id, credit_account_id = debit_account_id "
        f"WHERE id = '{FIRST}'",
        {"counters", "settlements"},
    ),
    "a reservation gone": (f"DELETE FROM ledger_reservation WHERE id = '{HOLD}'", {"reservations"}),
    "a reservation's state": (f"UPDATE ledger_reservation SET voided_minor = 31 WHERE id = '{HOLD}'", {"reservations"}),
    "a settlement of nothing": (
        f"UPDATE ledger_transfer SET pending_id = gen_random_uuid() WHERE id = '{PART}'",
        {"reservations", "settlements"},
    ),
    "a reversal of nothing": (
        f"UPDATE ledger_transfer SET reverses_id = gen_random_uuid() WHERE id = '{UNDO}'",
        {"settlements"},
    ),
    "an account gone": ("DELETE FROM ledger_account WHERE code = 'check:b'", {"counters", "zero_sum"}),
    "a book": ("UPDATE ledger_account SET book = 'claims' WHERE code = 'check:a'", {"kinds"}),
    "a unit": ("UPDATE ledger_account SET unit = 'USD' WHERE code = 'check:a'", {"kinds"}),
    "a sub-account gone": ("DELETE FROM ledger_account WHERE code LIKE 'check:hot#%' AND entries = 0", {"shards"}),
    "closed while it stands": ("UPDATE ledger_account SET closed = true WHERE code = 'check:b'", {"limits"}),
}


@pytest.mark.django_db(transaction=True)
def test_every_damage_is_found(damage: psycopg.Connection[Any]) -> None:
    for name, (statement, rules) in DAMAGES.items():
        with damage.transaction(force_rollback=True):
            damage.execute(statement.encode())
            found = check.check_on(damage.cursor())
            assert {finding.rule for finding in found} == rules, name
            assert all(finding.row and finding.wrong for finding in found), name


@pytest.mark.django_db(transaction=True)
def test_the_row_is_named_and_the_exit_status_says_so(
    damage: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.check(argparse.Namespace(json=False)) == 0
    assert "✓ 每个账簿、每个单位借贷相等 / Debits equal credits in each book and unit" in capsys.readouterr().out

    damage.execute(DAMAGES["a transfer gone"][0].encode())

    assert commands.check(argparse.Namespace(json=True)) == 1
    found = json.loads(capsys.readouterr().out)
    wrong = "2 transfers, of which there are 1, numbered 1 to 1"
    assert {"rule": "gaps", "table": "ledger_journal", "row": str(SETTLED), "wrong": wrong} in found
    assert commands.check(argparse.Namespace(json=False)) == 1
    assert f"ledger_journal {SETTLED}" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_check_that_cannot_see_says_so() -> None:
    with acting_as(Actor("party", uuid.uuid4())), transaction.atomic(), pytest.raises(Forbidden):
        check.check_on(server_cursor())
