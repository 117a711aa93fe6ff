"""What stands behind the posting functions: privileges, triggers, constraints, and who sees which row."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import Error, connection, transaction

from jirong.kernel.errors import NotFound
from jirong.kernel.money import Money
from jirong.ledger import accounts, queries
from jirong.ledger.journal import Book, Bound, Journal, Transfer
from jirong.ledger.models import Account, JournalRow, Reservation, TransferRow
from jirong.ledger.post import post
from jirong.store.embedded import Connections
from jirong.store.identity import ANONYMOUS, SYSTEM, Actor, acting_as

DAY = datetime.date(2026, 1, 8)
FIRM, BANK, STRANGER = (uuid.UUID(int=n) for n in (1, 2, 3))
TABLES = (Account, JournalRow, TransferRow, Reservation)


@pytest.fixture
def traded(db: None) -> Journal:
    """A loan of 100 and a reservation of 7 between a bank's account and a firm's."""
    with acting_as(SYSTEM):
        bank = accounts.open_account("guard:bank", book=Book.CASH, owner=BANK)
        firm = accounts.open_account("guard:firm", book=Book.CASH, owner=FIRM, bound=Bound.DEBITS)
        both = (
            Transfer.post(uuid.uuid4(), bank, firm, Money(100)),
            Transfer.reserve(uuid.uuid4(), bank, firm, Money(7)),
        )
        told = Journal(uuid.uuid4(), DAY, both)
        post([told])
    return told


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (Actor("party", FIRM), [1, 1, 2, 1]),
        (Actor("party", BANK), [1, 1, 2, 1]),
        (Actor("party", STRANGER), [0, 0, 0, 0]),
        (ANONYMOUS, [0, 0, 0, 0]),
        (Actor("operator", STRANGER), [2, 1, 2, 1]),
        (SYSTEM, [2, 1, 2, 1]),
    ],
    ids=lambda value: value.role if isinstance(value, Actor) else "",
)
def test_each_sees_its_own_accounts_and_what_touched_them(traded: Journal, actor: Actor, seen: list[int]) -> None:
    with acting_as(actor):
        assert counts() == seen


def test_another_party_s_account_does_not_exist(traded: Journal) -> None:
    debit = traded.transfers[0].debit
    assert debit
    for actor in (Actor("party", FIRM), Actor("party", STRANGER), ANONYMOUS):
        with acting_as(actor), pytest.raises(NotFound):
            queries.access_account(actor, debit)
    for actor in (Actor("party", BANK), Actor("operator", STRANGER), SYSTEM):
        with acting_as(actor):
            assert queries.access_account(actor, debit).code == "guard:bank"
    # The funnel holds by itself too, where the database's own policy would let the row through.
    with acting_as(SYSTEM), pytest.raises(NotFound):
        queries.access_account(Actor("party", FIRM), debit)


def test_posting_does_not_widen_what_the_poster_sees(traded: Journal) -> None:
    with acting_as(Actor("party", STRANGER)):
        post([traded])
        assert counts() == [0, 0, 0, 0]


@pytest.mark.parametrize("table", [table._meta.db_table for table in TABLES])
@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} SELECT * FROM {}"]
)
def test_the_application_role_cannot_write(traded: Journal, table: str, verb: str) -> None:
    with acting_as(SYSTEM), pytest.raises(Error, match="permission denied"), transaction.atomic():
        connection.cursor().execute(verb.format(table, table))


@pytest.fixture
def owner(database_logins: Connections) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The owner's connection, in a transaction, with the posting door held open and something posted."""
    with acting_as(SYSTEM), transaction.atomic():
        a = accounts.open_account("guard:a", book=Book.CASH, bound=Bound.DEBITS)
        b = accounts.open_account("guard:b", book=Book.CASH)
        post([Journal(uuid.uuid4(), DAY, (Transfer.reserve(uuid.uuid4(), b, a, Money(5)),))])
    with psycopg.connect(database_logins.owner) as found:
        found.execute("SELECT set_config('jirong.posting', 'on', true)")
        yield found
        found.rollback()


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_changes_what_happened(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    refused = [
        "UPDATE ledger_journal SET reason = 'other'",
        "DELETE FROM ledger_journal",
        "TRUNCATE ledger_journal",
        "UPDATE ledger_transfer SET amount_minor = 6",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "DELETE FROM ledger_reservation",
        "TRUNCATE ledger_reservation",
        "UPDATE ledger_account SET owner_id = gen_random_uuid()",
        "UPDATE ledger_account SET bound = 'none'",
        "UPDATE ledger_account SET allowance_minor = 5",
    ]
    for statement in refused:
        with pytest.raises(psycopg.errors.RestrictViolation), owner.transaction():
            owner.execute(statement.encode())


@pytest.mark.django_db(transaction=True)
def test_constraints_hold_without_the_functions(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    broken = {
        "UPDATE ledger_account SET debits_posted = 1 WHERE code = 'guard:a'": "debits_within_credits",
        "UPDATE ledger_account SET debits_posted = -1 WHERE code = 'guard:b'": "debits_posted_check",
        "UPDATE ledger_reservation SET posted_minor = 6": "ledger_reservation_not_exceeded",
        "UPDATE ledger_reservation SET posted_minor = -1": "posted_minor_check",
        "INSERT INTO ledger_transfer SELECT gen_random_uuid(), journal_id, debit_account_id, credit_account_id, "
        "0, 99, 2, 2, NULL, NULL FROM ledger_transfer": "amount_minor_check",
        "INSERT INTO ledger_transfer SELECT gen_random_uuid(), journal_id, debit_account_id, debit_account_id, "
        "1, 99, 2, 2, NULL, NULL FROM ledger_transfer": "ledger_transfer_two_accounts",
    }
    for statement, constraint in broken.items():
        with pytest.raises(psycopg.errors.CheckViolation, match=constraint), owner.transaction():
            owner.execute(statement.encode())


@pytest.mark.django_db(transaction=True)
def test_row_security_closes_the_tables_to_the_owner_outside_posting(
    owner: psycopg.Connection[tuple[object, ...]],
) -> None:
    owner.execute("SELECT set_config('jirong.posting', '', true)")
    assert owner.execute("SELECT count(*) FROM ledger_transfer").fetchone() == (0,)
    owner.execute("SELECT set_config('jirong.role', 'system', true)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), owner.transaction():
        owner.execute("INSERT INTO ledger_journal VALUES (gen_random_uuid(), now(), now(), '2026-01-08', 1, '', NULL)")


@pytest.mark.django_db(transaction=True)
def test_a_caller_s_own_objects_cannot_stand_in_for_the_ledger_s(database_logins: Connections) -> None:
    """The functions have a fixed search path: a temporary table of the same name is not used."""
    with acting_as(SYSTEM), transaction.atomic():
        connection.cursor().execute("CREATE TEMPORARY TABLE ledger_account (id uuid, code text)")
        a = accounts.open_account("guard:a", book=Book.CASH)
        b = accounts.open_account("guard:b", book=Book.CASH)
        post([Journal(uuid.uuid4(), DAY, (Transfer.post(uuid.uuid4(), a, b, Money(5)),))])
        connection.cursor().execute("DROP TABLE pg_temp.ledger_account")
        assert queries.balance(b).posted == Money(5)
