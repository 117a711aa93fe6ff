"""Faults: connections cut mid-commit, clients that vanish, one request twenty times at once, two after one thing."""

from __future__ import annotations

import datetime
import random
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.ledger import faults
from tests.ledger.driven import Driven

from jirong.kernel.errors import Refusal
from jirong.ledger import wire
from jirong.ledger.journal import Book, Bound, Journal, Kind, Posted, Terms, Transfer
from jirong.store.embedded import Connections

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2026, 1, 8)
TIMES = 20


def at_once(conninfo: str, calls: Sequence[Callable[[psycopg.Cursor[object]], object]]) -> list[object]:
    """Each call on a connection of its own, all let go at one moment; results and errors in order."""
    start = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def work(number: int) -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            start.wait()
            try:
                results[number] = calls[number](connection.cursor())
            except (Refusal, psycopg.Error) as error:
                results[number] = error

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def poster(journals: Sequence[Journal]) -> Callable[[psycopg.Cursor[object]], list[Posted]]:
    return lambda cursor: wire.post_on(cursor, journals, together=True)


@pytest.mark.parametrize("transfers", [1, 3])
@pytest.mark.parametrize("shards", [0, 4])
def test_one_request_sent_twenty_times_at_once_happens_once(
    database_logins: Connections, transfers: int, shards: int
) -> None:
    two = [Terms("twenty:a", Book.CASH, shards=shards), Terms("twenty:b", Book.CASH)]
    with psycopg.connect(database_logins.app) as connection:
        wire.open_on(connection.cursor(), two)
    rows = tuple(Transfer(uuid.uuid4(), two[0].id, two[1].id, 5) for _ in range(transfers))
    told = Journal(uuid.uuid4(), DAY, rows)

    outcomes = at_once(database_logins.app, [poster([told])] * TIMES)

    posted = [outcome[0] for outcome in outcomes if isinstance(outcome, list)]
    assert len(posted) == TIMES, outcomes
    assert sum(not outcome.replayed for outcome in posted) == 1
    assert len({outcome.recorded_at for outcome in posted}) == 1
    assert standing(database_logins, two[1]) == 5 * transfers


def test_one_id_with_two_bodies_at_once_is_recorded_once(database_logins: Connections) -> None:
    """On accounts of their own the two do not meet at a lock, only at the unique index."""
    four = [Terms(f"bodies:{name}", Book.CASH) for name in "abcd"]
    with psycopg.connect(database_logins.app) as connection:
        wire.open_on(connection.cursor(), four)
    for _ in range(10):
        id = uuid.uuid4()
        bodies = [
            Journal(id, DAY, (Transfer(uuid.uuid4(), debit.id, credit.id, 5),))
            for debit, credit in [four[:2], four[2:]]
        ]
        outcomes = at_once(database_logins.app, [poster([body]) for body in bodies])
        codes = sorted(code_of(outcome) for outcome in outcomes)
        assert codes == ["ledger.journal_id_reused", "recorded"], outcomes


def test_two_banks_cannot_finance_one_lot(database_logins: Connections) -> None:
    free = Terms("lot:free", Book.CAPACITY, bound=Bound.CREDITS)
    granted, used = Terms("lot:granted", Book.CAPACITY), Terms("lot:used", Book.CAPACITY)
    with psycopg.connect(database_logins.app) as connection:
        wire.open_on(connection.cursor(), [free, granted, used])
        grant = Transfer(uuid.uuid4(), free.id, granted.id, 1_000_000)
        wire.post_on(connection.cursor(), [Journal(uuid.uuid4(), DAY, (grant,))], together=True)
    holds = [
        Journal(uuid.uuid4(), DAY, (Transfer(uuid.uuid4(), used.id, free.id, 1_000_000, Kind.RESERVE),))
        for _ in range(10)
    ]
    outcomes = at_once(database_logins.app, [poster([hold]) for hold in holds])
    assert sorted(map(code_of, outcomes)) == ["ledger.limit_exceeded"] * 9 + ["recorded"]


def test_batches_that_cross_do_not_deadlock(database_logins: Connections) -> None:
    """Each client names the same accounts in its own order: alone, reserving many, and settling what it reserved."""
    ten = [Terms(f"cross:{n}", Book.CASH, shards=2 * (n % 2)) for n in range(10)]
    with psycopg.connect(database_logins.app) as connection:
        wire.open_on(connection.cursor(), ten)

    def client(seed: int) -> Callable[[psycopg.Cursor[object]], int]:
        chance = random.Random(seed)

        def pairs(count: int, kind: Kind) -> tuple[Transfer, ...]:
            chosen = [chance.sample(ten, 2) for _ in range(count)]
            return tuple(Transfer(uuid.uuid4(), a.id, b.id, 1, kind) for a, b in chosen)

        def work(cursor: psycopg.Cursor[object]) -> int:
            for _ in range(12):
                holds = pairs(20, Kind.RESERVE)
                settling = tuple(Transfer(uuid.uuid4(), kind=Kind.POST_PENDING, pending=hold.id) for hold in holds)
                for rows in (pairs(1, Kind.POST), holds, settling):
                    wire.post_on(cursor, [Journal(uuid.uuid4(), DAY, rows)], together=True)
            return seed

        return work

    assert at_once(database_logins.app, [client(seed) for seed in range(8)]) == list(range(8))


def test_every_promise_holds_while_connections_are_cut(database_logins: Connections) -> None:
    opened = faults.scene("cut")
    faults.prepare(database_logins.app, opened)
    clients = [faults.Client(database_logins.app, opened, random.Random(seed), abrupt=0.1) for seed in range(6)]

    faults.run(clients, 40, faults.cut_connections(database_logins.app, random.Random(7)))

    assert faults.broken_promises(database_logins.app, clients) == []
    assert sum(client.losses for client in clients) > 20
    outcomes = [outcome for client in clients for _, outcome in client.told.values()]
    assert any(outcome.replayed for outcome in outcomes), "some commits were lost on the way back"
    assert any(outcome.refusal for outcome in outcomes), "some journals met a limit"


def test_the_oracle_and_the_books_agree_while_connections_are_cut(database_logins: Connections) -> None:
    """Sure outcomes are compared word by word; for a lost one the books say whether it was committed."""
    drivers = [Driven(database_logins.app, seed) for seed in range(3)]
    done = threading.Event()
    cut = faults.cut_connections(database_logins.app, random.Random(11), pause_s=0.1)
    nuisance = threading.Thread(target=cut, args=[done])
    nuisance.start()
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda driver: driver.work(2), drivers))
    finally:
        done.set()
        nuisance.join()
    assert sum(driver.losses for driver in drivers) > 2


def code_of(outcome: object) -> str:
    if isinstance(outcome, list):
        (outcome,) = outcome
        assert isinstance(outcome, Posted)
        return outcome.refusal.code if outcome.refusal else "recorded"
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def standing(logins: Connections, terms: Terms) -> int:
    with psycopg.connect(logins.app) as connection:
        connection.execute("SELECT set_config('jirong.role', 'system', true)")
        row = connection.execute("SELECT credits_posted FROM ledger_account WHERE id = %s", [terms.id]).fetchone()
    assert row is not None
    return int(row[0])
