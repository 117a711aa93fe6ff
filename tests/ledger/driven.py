"""One client against the oracle on a connection that keeps being cut, each call committed.

When a call is lost, the books say whether it had been committed: then the oracle takes it too, and the client asks
again. So every answer that does come through can be compared word by word, repetitions included.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from tests.ledger import faults
from tests.ledger.generated import Drawer, batch, oracle_of, terms
from tests.ledger.oracle import Oracle

from jirong.ledger import wire
from jirong.ledger.journal import Journal, Posted, Terms

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted", "entries")
BATCHES_A_SCENE = 25
PATIENCE_S = faults.PATIENCE_S


class Driven:
    """``losses`` counts the calls whose answer never came."""

    def __init__(self, conninfo: str, seed: int) -> None:
        self.conninfo = conninfo
        self.seed = seed
        self.chance = random.Random(seed)
        self.losses = 0
        self.scene = 0
        self.connection: psycopg.Connection[Any] | None = None

    def work(self, scenes: int) -> None:
        for _ in range(scenes):
            self.play()
        if self.connection is not None:
            self.connection.close()

    def play(self) -> None:
        """One scene: accounts of its own, random batches, and at the end both stand alike."""
        self.scene += 1
        opened = terms(f"driven:{self.seed}:{self.scene}")
        self.until_it_works(lambda connection: set_up(connection, opened))
        oracle = oracle_of(opened)
        for _ in range(BATCHES_A_SCENE):
            together = self.chance.random() < 0.5
            journals = batch(Drawer(self.chance.randrange), oracle, opened)
            if journals:
                self.post(oracle, journals, together)
        stands = self.until_it_works(lambda connection: standing(connection, opened))
        assert stands == {id: tuple(getattr(held, n) for n in COUNTERS) for id, held in oracle.accounts.items()}

    def post(self, oracle: Oracle, journals: Sequence[Journal], together: bool) -> None:
        until = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < until, "no call came through in a minute"
            try:
                outcomes = wire.post_on(self.connected().cursor(), journals, together=together)
            except psycopg.OperationalError:
                self.losses += 1
                if self.was_committed(oracle, journals, together):
                    oracle.post(journals, together=together)
                continue
            assert [said(outcome) for outcome in outcomes] == oracle.post(journals, together=together)
            return

    def was_committed(self, oracle: Oracle, journals: Sequence[Journal], together: bool) -> bool:
        """Whether the lost call left anything; its back end is gone first."""
        expected = copy.deepcopy(oracle).post(journals, together=together)
        new = [journal.id for journal, word in zip(journals, expected, strict=True) if word == "recorded"]
        left = self.connection.info.backend_pid if self.connection else 0
        self.until_it_works(lambda connection: wait_for_end(connection, left))
        found: int = self.until_it_works(lambda connection: count(connection, new))
        assert found in (0, len(new)), "a call is committed whole or not at all"
        return found > 0

    def until_it_works(self, use: Any) -> Any:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return use(self.connected())
            except psycopg.OperationalError:
                assert time.monotonic() < until, "the database stayed away for a minute"
                time.sleep(0.02)

    def connected(self) -> psycopg.Connection[Any]:
        if self.connection is None or self.connection.closed:
            self.connection = faults.connect_when_it_is_there(self.conninfo)
            self.connection.execute("SELECT set_config('jirong.role', 'system', false)")
        return self.connection


def said(outcome: Posted) -> str:
    """An outcome in the oracle's words."""
    if outcome.refusal:
        return outcome.refusal.code.removeprefix("ledger.")
    if outcome.recorded_at is None:
        return "left out"
    return "replayed" if outcome.replayed else "recorded"


def set_up(connection: psycopg.Connection[Any], opened: Sequence[Terms]) -> None:
    wire.open_on(connection.cursor(), opened)
    connection.execute("SELECT ledger_close(%b::uuid)", [opened[-1].id])


def standing(connection: psycopg.Connection[Any], opened: Sequence[Terms]) -> dict[Any, tuple[int, ...]]:
    sums = ", ".join(f"sum({name})::bigint" for name in COUNTERS)
    rows = connection.execute(
        f"SELECT coalesce(parent_id, id), {sums} FROM ledger_account "
        "WHERE id = ANY (%(ids)s) OR parent_id = ANY (%(ids)s) GROUP BY 1".encode(),
        {"ids": [asked.id for asked in opened]},
    ).fetchall()
    return {id: tuple(counters) for id, *counters in rows}


def count(connection: psycopg.Connection[Any], journals: Sequence[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM ledger_journal WHERE id = ANY (%s)", [list(journals)]).fetchone()
    assert row is not None
    return int(row[0])


def wait_for_end(connection: psycopg.Connection[Any], pid: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while connection.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
        assert time.monotonic() < until, "a back end that was cut never ended"
        time.sleep(0.005)
