"""Statements, balances and vouchers."""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import random
import uuid

import pytest

from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.ledger import accounts, commands, queries
from jirong.ledger.journal import Book, Journal, Transfer
from jirong.ledger.models import Account
from jirong.ledger.post import post
from jirong.store.identity import SYSTEM, Actor, acting_as

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 8)
OWNER = uuid.UUID(int=9)


@pytest.fixture(autouse=True)
def as_the_house() -> object:
    with acting_as(SYSTEM):
        yield


def pages(account: uuid.UUID, limit: int) -> list[queries.Line]:
    found = Account.objects.get(pk=account)
    lines: list[queries.Line] = []
    cursor = None
    while True:
        page = queries.statement(found, cursor=cursor, limit=limit)
        assert len(page.lines) <= limit
        assert len(lines) < 1000, "the pages never end"
        lines += page.lines
        cursor = page.cursor
        if cursor is None:
            return lines


def history(account: uuid.UUID, other: uuid.UUID, count: int) -> list[int]:
    """Random postings and reservations; the balance after each, oldest first."""
    chance = random.Random(count)
    balance, balances = 0, []
    for _ in range(count):
        amount, way = chance.randrange(1, 100), chance.choice([(account, other), (other, account)])
        if chance.random() < 0.2:
            transfer = Transfer.reserve(uuid.uuid4(), *way, Money(amount))
        else:
            transfer = Transfer.post(uuid.uuid4(), *way, Money(amount))
            balance += amount if way[1] == account else -amount
        balances.append(balance)
        post([Journal(uuid.uuid4(), DAY, (transfer,), reason="test.move")])
    return balances


@pytest.mark.parametrize("shards", [0, 3])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_a_statement_pages_through_every_line_with_its_balance(shards: int, limit: int) -> None:
    account = accounts.open_account("query:a", book=Book.CASH, shards=shards)
    other = accounts.open_account("query:b", book=Book.CASH)
    expected = history(account, other, 30)

    lines = pages(account, limit)

    assert [line.balance.minor for line in reversed(lines)] == expected
    assert sorted((line.position for line in lines), reverse=True) == [line.position for line in lines]
    assert {line.counterpart for line in lines} == {other}
    assert {(line.reason, line.business_date) for line in lines} == {("test.move", DAY)}


def test_what_is_recorded_while_reading_neither_moves_nor_repeats_a_line() -> None:
    account = accounts.open_account("query:a", book=Book.CASH)
    other = accounts.open_account("query:b", book=Book.CASH)
    expected = history(account, other, 20)
    found = Account.objects.get(pk=account)

    first = queries.statement(found, limit=10)
    history(account, other, 5)
    second = queries.statement(found, cursor=first.cursor, limit=10)

    assert [line.balance.minor for line in reversed(first.lines + second.lines)] == expected
    assert second.cursor is None


def test_an_empty_account_has_an_empty_statement() -> None:
    account = accounts.open_account("query:a", book=Book.CASH)
    assert queries.statement(Account.objects.get(pk=account)) == queries.Statement(account, (), None)


@pytest.mark.parametrize("cursor", ["", "x", "1", "1:2.3:4", "9" * 19 + ":1", "-1:5", "1:2\n"])
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    account = accounts.open_account("query:a", book=Book.CASH)
    with pytest.raises(Invalid) as caught:
        queries.statement(Account.objects.get(pk=account), cursor=cursor)
    assert caught.value.code == "ledger.cursor_unreadable"


def test_a_party_reads_its_own_statement_and_no_balance_of_the_other_side() -> None:
    mine = accounts.open_account("query:mine", book=Book.CASH, owner=OWNER)
    theirs = accounts.open_account("query:theirs", book=Book.CASH, owner=uuid.UUID(int=8))
    post([Journal(uuid.uuid4(), DAY, (Transfer.post(uuid.uuid4(), theirs, mine, Money(5)),))])
    me = Actor("party", OWNER)
    with acting_as(me):
        (line,) = queries.statement(queries.access_account(me, mine)).lines
        assert (line.side, line.amount, line.balance, line.counterpart) == ("credit", Money(5), Money(5), theirs)
        assert set(queries.balances([mine, theirs])) == {mine}
        assert [found.code for found in queries.owned(me)] == ["query:mine"]
        assert queries.owned(me, book="claims") == []


def test_open_reservations_are_what_nobody_answered_yet() -> None:
    a, b = (accounts.open_account(f"query:{name}", book=Book.CASH) for name in "ab")
    holds = [Transfer.reserve(uuid.uuid4(), a, b, Money(10)) for _ in range(3)]
    post([Journal(uuid.uuid4(), DAY, (hold,)) for hold in holds])
    post([Journal(uuid.uuid4(), DAY, (Transfer.post_pending(uuid.uuid4(), holds[0].id),))])
    post([Journal(uuid.uuid4(), DAY, (Transfer.void_pending(uuid.uuid4(), holds[1].id, Money(4)),))])
    assert [(found.pk, found.left_minor) for found in queries.open_reservations(a)] == [
        (holds[1].id, 6),
        (holds[2].id, 10),
    ]


def test_vouchers_hold_the_posted_lines_of_the_dates(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (accounts.open_account(f"query:{name}", book=Book.CASH) for name in "ab")
    hold = Transfer.reserve(uuid.uuid4(), a, b, Money(700))
    told = Journal(uuid.uuid4(), DAY, (Transfer.post(uuid.uuid4(), a, b, Money(1234)), hold), reason="test.deposit")
    next_day = Journal(uuid.uuid4(), DAY + datetime.timedelta(1), (Transfer.post_pending(uuid.uuid4(), hold.id),))
    post([told, next_day])

    assert commands.vouchers(argparse.Namespace(since=DAY, until=None)) == 0

    (line,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (line["journal"], line["debit"], line["credit"], line["amount"], line["unit"], line["reason"]) == (
        str(told.id), "query:a", "query:b", "12.34", "CNY", "test.deposit",
    )  # fmt: skip
    assert len(list(queries.vouchers(DAY, DAY + datetime.timedelta(1)))) == 2


def test_a_journal_is_read_with_its_transfers_in_order() -> None:
    a, b = (accounts.open_account(f"query:{name}", book=Book.CASH) for name in "ab")
    transfers = tuple(Transfer.post(uuid.uuid4(), a, b, Money(n + 1)) for n in range(4))
    told = Journal(uuid.uuid4(), DAY, transfers)
    post([told])
    read = queries.journal(told.id)
    assert read is not None
    assert [row.pk for row in read[1]] == [transfer.id for transfer in transfers]
    assert queries.journal(uuid.uuid4()) is None
