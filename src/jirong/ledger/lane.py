"""One lane for many small postings: threads that post at the same moment share one statement and one commit.

Each thread brings one journal and waits for its own outcome. Whoever finds the lane free leads: it takes everything
that is waiting, posts it in one call (each journal standing alone), and only after the commit wakes the others and
hands the lead to the next in line. There is no thread of the lane's own, no timer, and nothing is answered before it
is durable. A lone caller goes straight through on the lean path.

A lane has its own connection and so its own transaction: for journals that are an event by themselves (metered use,
bank confirmations), not for those that belong to an action. If the connection is lost, the same batch is sent again
on a new one; ids make that safe, so the caller never meets an outcome that nobody knows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.text import Text
from jirong.ledger import wire
from jirong.ledger.journal import Journal, Posted

BATCH_MAX = 500
"""Most journals in one call: about 10 ms of work."""

PAUSES_S = (0.05, 0.2, 0.8, 2.0)
"""How long to wait before each further attempt when the connection is lost; a restart takes about a second."""


class Unreachable(Refusal):
    """Nobody knows whether the journal is recorded; asking again with the same id finds out."""

    status = 503


class Waiting:
    """One caller: its journal, and the lock it sleeps on until it is answered or asked to lead."""

    __slots__ = ("error", "journal", "outcome", "wake")

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.outcome: Posted | None = None
        self.error: BaseException | None = None
        self.wake = threading.Lock()
        self.wake.acquire()

    @property
    def answered(self) -> bool:
        return self.outcome is not None or self.error is not None


class Lane:
    """``connect`` opens an autocommit connection as the application role; it is called again after a loss."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[Any]],
        *,
        batch_max: int = BATCH_MAX,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None
        self._batch_max = batch_max
        self._pauses_s = pauses_s
        self._mutex = threading.Lock()
        self._queue: deque[Waiting] = deque()
        self._led = False
        self._pause = threading.Event()

    def post(self, journal: Journal) -> Posted:
        """Record one journal durably; raises its refusal. Safe from any number of threads."""
        wire.check([journal])
        mine = Waiting(journal)
        with self._mutex:
            self._queue.append(mine)
            lead = not self._led
            self._led = True
        if not lead:
            mine.wake.acquire()
        if not mine.answered:
            self._lead()
        if mine.error is not None:
            raise mine.error
        assert mine.outcome is not None, "a caller leaves the lane with an outcome"
        if mine.outcome.refusal:
            raise mine.outcome.refusal
        return mine.outcome

    def close(self) -> None:
        """Let go of the connection; nobody may be posting."""
        with self._mutex:
            assert not self._led, "the lane is in use"
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _lead(self) -> None:
        """Post what is waiting (ours is the first of it), then pass the lead on and wake those who are answered."""
        with self._mutex:
            batch = self._take()
        try:
            self._run(batch)
        except BaseException as error:
            # A defect or an interrupt of the leader: nobody may be left asleep.
            for waiting in batch:
                waiting.error = error
            raise
        finally:
            with self._mutex:
                heir = self._queue[0] if self._queue else None
                self._led = heir is not None
            if heir:
                heir.wake.release()
            for waiting in batch[1:]:
                waiting.wake.release()

    def _take(self) -> list[Waiting]:
        """The longest wait first; a journal whose ids already stand in the batch waits for the next one."""
        batch: list[Waiting] = []
        seen: set[object] = set()
        put_back: list[Waiting] = []
        while self._queue and len(batch) < self._batch_max:
            waiting = self._queue.popleft()
            ids = {waiting.journal.id, *(transfer.id for transfer in waiting.journal.transfers)}
            if seen.isdisjoint(ids):
                seen |= ids
                batch.append(waiting)
            else:
                put_back.append(waiting)
        self._queue.extendleft(reversed(put_back))
        return batch

    def _run(self, batch: list[Waiting]) -> None:
        """Answer everyone in ``batch``; one bad journal must not spoil the others."""
        try:
            outcomes = self._send([waiting.journal for waiting in batch])
        except Unreachable as error:
            for waiting in batch:
                waiting.error = error
        except (psycopg.Error, Conflict) as error:
            if len(batch) == 1:
                batch[0].error = error
            else:
                for waiting in batch:
                    self._run([waiting])
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.outcome = outcome

    def _send(self, journals: list[Journal]) -> list[Posted]:
        """One committed call. After a lost connection the same ids are sent again: what was recorded is replayed."""
        lost: psycopg.Error | None = None
        for pause_s in (*self._pauses_s, 0.0):
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                    assert self._connection.autocommit, "a lane commits each call"
                return wire.post_on(self._connection.cursor(), journals, together=False)
            except (psycopg.OperationalError, psycopg.errors.DeadlockDetected) as error:
                lost = error
                self._pause.wait(pause_s)
        raise Unreachable(
            "ledger.unreachable",
            Text("暂时连不上账本", "The ledger cannot be reached at the moment"),
            remedy=Text("请稍后用同一编号重试，不会重复记账", "Try again with the same id; nothing is posted twice"),
        ) from lost


def lane_to(conninfo: str) -> Lane:
    """A lane with connections of its own to ``conninfo``."""
    return Lane(lambda: psycopg.connect(conninfo, autocommit=True))
