"""The lane: many threads, few commits, each its own answer, nothing answered before it is durable."""

from __future__ import annotations

import datetime
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import psycopg
import pytest
from tests.ledger import faults

from jirong.kernel.errors import Refusal
from jirong.ledger import wire
from jirong.ledger.check import check_on
from jirong.ledger.journal import Book, Bound, Journal, Posted, Terms, Transfer
from jirong.ledger.lane import Lane, Unreachable, lane_to
from jirong.store.embedded import Connections

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2026, 1, 8)
FREE, PURSE, OTHER = (
    Terms("lane:free", Book.CASH),
    Terms("lane:purse", Book.CASH, bound=Bound.DEBITS),
    Terms("lane:other", Book.CASH),
)


@pytest.fixture
def lane(database_logins: Connections) -> Iterator[Lane]:
    with psycopg.connect(database_logins.app) as connection:
        wire.open_on(connection.cursor(), [FREE, PURSE, OTHER])
    found = lane_to(database_logins.app)
    yield found
    found.close()
    with psycopg.connect(database_logins.app) as connection:
        connection.execute("SELECT set_config('jirong.role', 'system', true)")
        assert check_on(connection.cursor()) == []


def moved(debit: Terms, credit: Terms, minor: int = 1) -> Journal:
    return Journal(uuid.uuid4(), DAY, (Transfer(uuid.uuid4(), debit.id, credit.id, minor),))


def from_threads(posts: Sequence[Callable[[], Posted]]) -> list[Any]:
    """Each call in a thread of its own; outcomes and refusals in order."""
    results: list[Any] = [None] * len(posts)

    def work(number: int) -> None:
        try:
            results[number] = posts[number]()
        except (Refusal, psycopg.Error) as error:
            results[number] = error

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody was left asleep"
    return results


def while_held(logins: Connections, lane: Lane, journals: Sequence[Journal]) -> list[Any]:
    """Post all from threads while another session holds the first account: one leads, the rest gather behind it."""
    with psycopg.connect(logins.owner) as holder:
        holder.execute("SELECT set_config('jirong.posting', 'on', true)")
        holder.execute("SELECT FROM ledger_account WHERE id = %s FOR UPDATE", [FREE.id])
        release = threading.Thread(target=release_when_gathered, args=[lane, holder, len(journals) - 1])
        release.start()
        outcomes = from_threads([partial(lane.post, journal) for journal in journals])
        release.join()
    return outcomes


def release_when_gathered(lane: Lane, holder: psycopg.Connection[Any], waiting: int) -> None:
    pause = threading.Event()
    for _ in range(3000):
        if len(lane._queue) == waiting:
            break
        pause.wait(0.01)
    holder.rollback()


def test_a_lone_caller_goes_straight_through(lane: Lane) -> None:
    told = moved(FREE, OTHER)
    first = lane.post(told)
    assert (first.journal, first.replayed) == (told.id, False)
    assert lane.post(told) == first._replace(replayed=True)


def test_those_who_wait_share_one_commit(lane: Lane, database_logins: Connections) -> None:
    outcomes = while_held(database_logins, lane, [moved(FREE, OTHER) for _ in range(12)])
    assert all(isinstance(outcome, Posted) for outcome in outcomes), outcomes
    assert len({outcome.recorded_at for outcome in outcomes}) == 2


def test_one_refusal_does_not_spoil_the_others(lane: Lane, database_logins: Connections) -> None:
    journals = [moved(FREE, OTHER), *(moved(PURSE, OTHER) if n % 3 == 0 else moved(FREE, OTHER) for n in range(9))]
    outcomes = while_held(database_logins, lane, journals)
    codes = [outcome.code if isinstance(outcome, Refusal) else "recorded" for outcome in outcomes]
    assert codes == ["recorded", *("ledger.limit_exceeded" if n % 3 == 0 else "recorded" for n in range(9))]


def test_one_request_from_many_threads_happens_once(lane: Lane, database_logins: Connections) -> None:
    told = moved(FREE, OTHER)
    outcomes = while_held(database_logins, lane, [told] * 6)
    assert sorted(outcome.replayed for outcome in outcomes) == [False, *[True] * 5]
    assert len({outcome.recorded_at for outcome in outcomes}) == 1


def test_a_call_the_database_cannot_take_spoils_only_itself(lane: Lane, database_logins: Connections) -> None:
    """A broken value makes the whole statement fail; the lane then sends each journal alone."""
    broken = moved(FREE, OTHER)._replace(reason="a NUL \x00 is no text")
    outcomes = while_held(database_logins, lane, [moved(FREE, OTHER), broken, moved(FREE, OTHER)])
    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1], psycopg.Error)


def test_many_threads_are_all_answered_while_the_connection_is_cut(lane: Lane, database_logins: Connections) -> None:
    def client(seed: int) -> Callable[[], Posted]:
        def work() -> Posted:
            for _ in range(59):
                lane.post(moved(FREE, OTHER))
            return lane.post(moved(FREE, OTHER))

        return work

    done = threading.Event()
    cut = faults.cut_connections(database_logins.app, random.Random(3), pause_s=0.3)
    nuisance = threading.Thread(target=cut, args=[done])
    nuisance.start()
    outcomes = from_threads([client(seed) for seed in range(8)])
    done.set()
    nuisance.join()

    assert all(isinstance(outcome, Posted) for outcome in outcomes), outcomes
    with psycopg.connect(database_logins.app) as connection:
        connection.execute("SELECT set_config('jirong.role', 'system', true)")
        row = connection.execute("SELECT credits_posted FROM ledger_account WHERE id = %s", [OTHER.id]).fetchone()
    assert row == (480,)


def test_a_database_that_is_away_is_told_to_everyone_who_waits() -> None:
    def away() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("nobody there")

    lane = Lane(away, pauses_s=(0.0, 0.01))
    outcomes = from_threads([lambda: lane.post(moved(FREE, OTHER)) for _ in range(5)])
    assert [type(outcome) for outcome in outcomes] == [Unreachable] * 5
    assert {outcome.status for outcome in outcomes} == {503}


def test_what_can_never_be_right_does_not_enter_the_lane() -> None:
    with pytest.raises(Refusal):
        Lane(lambda: pytest.fail("no connection is needed")).post(Journal(uuid.uuid4(), DAY, ()))
