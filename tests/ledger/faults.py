"""Clients that post while somebody cuts their connections, and the promises that must hold afterwards.

A client never gives up on a journal: when its connection is lost, the outcome is unknown, and it asks again with the
same id until it is told. It keeps every answer, and :func:`broken_promises` compares the answers with the books.

An acknowledgement is for ever. A refusal is for the moment: a ghost, a copy of the call whose sender died while it was
on its way, may come later and be recorded after all (once).
"""

from __future__ import annotations

import contextlib
import datetime
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from jirong.kernel.errors import Refusal
from jirong.ledger import wire
from jirong.ledger.check import check_on
from jirong.ledger.journal import Book, Bound, Journal, Kind, Posted, Terms, Transfer

DAY = datetime.date(2026, 1, 8)
GRANT = 10_000
PATIENCE_S = 60.0


def scene(prefix: str) -> list[Terms]:
    """Two open accounts, two with limits, and a hot one."""
    return [
        Terms(f"{prefix}:source", Book.CASH),
        Terms(f"{prefix}:sink", Book.CASH),
        Terms(f"{prefix}:purse", Book.CASH, bound=Bound.DEBITS),
        Terms(f"{prefix}:stock", Book.CASH, bound=Bound.CREDITS),
        Terms(f"{prefix}:fees", Book.CASH, shards=4),
    ]


def prepare(conninfo: str, opened: Sequence[Terms]) -> None:
    """Open the scene's accounts and give the two limited ones something to lose."""
    source, sink, purse, stock, _ = (terms.id for terms in opened)
    grants = (
        Transfer(uuid.uuid4(), source, purse, GRANT),
        Transfer(uuid.uuid4(), stock, sink, GRANT),
    )
    with psycopg.connect(conninfo) as connection:
        wire.open_on(connection.cursor(), opened)
        wire.post_on(connection.cursor(), [Journal(uuid.uuid4(), DAY, grants, reason="grant")], together=True)


def connect_when_it_is_there(conninfo: str) -> psycopg.Connection[Any]:
    """A connection, as soon as the server takes one; being away is no fault, only a lost call is."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


@dataclass
class Client:
    """One client: what it asked and what it was told, whatever became of its connections."""

    conninfo: str
    opened: Sequence[Terms]
    chance: random.Random
    abrupt: float = 0.0
    told: dict[uuid.UUID, tuple[Journal, Posted]] = field(default_factory=dict)
    losses: int = 0
    holds: list[uuid.UUID] = field(default_factory=list)
    ghosts: set[uuid.UUID] = field(default_factory=set)
    _connection: psycopg.Connection[Any] | None = None

    def work(self, calls: int) -> None:
        for _ in range(calls):
            self.ask([self.journal() for _ in range(self.chance.choice([1, 1, 2, 20]))])
        self.hang_up()

    def ask(self, journals: list[Journal]) -> None:
        """Post until told; the outcomes of a call are kept together."""
        until = time.monotonic() + PATIENCE_S
        outcomes = self.attempt(journals)
        while outcomes is None:
            assert time.monotonic() < until, "no call came through in a minute"
            outcomes = self.attempt(journals)
        for journal, outcome in zip(journals, outcomes, strict=True):
            self.told[journal.id] = (journal, outcome)
            reserved = [transfer.id for transfer in journal.transfers if transfer.kind == Kind.RESERVE]
            self.holds += [] if outcome.refusal else reserved

    def attempt(self, journals: list[Journal]) -> list[Posted] | None:
        try:
            return wire.post_on(self.cursor(journals), journals, together=False)
        except (psycopg.OperationalError, psycopg.errors.DeadlockDetected):
            self.losses += 1
            self.hang_up()
            return None

    def cursor(self, journals: list[Journal]) -> psycopg.Cursor[Any]:
        """A cursor; now and then after sending the same call and vanishing before its answer came."""
        if self.chance.random() < self.abrupt:
            self.vanish(journals)
        if self._connection is None or self._connection.closed:
            self._connection = connect_when_it_is_there(self.conninfo)
        return self._connection.cursor()

    def vanish(self, journals: list[Journal]) -> None:
        """Send the call on a connection of its own and close the socket without reading: a client that died."""
        self.ghosts |= {journal.id for journal in journals}
        with contextlib.suppress(psycopg.Error):
            connection = psycopg.connect(self.conninfo, autocommit=True)
            cursor = psycopg.ClientCursor(connection)
            statement, parameters = wire.statement(journals, together=False)
            connection.pgconn.send_query(cursor.mogrify(statement.replace("%b", "%s"), parameters).encode())
            connection.pgconn.flush()
            connection.pgconn.finish()
            self.losses += 1

    def hang_up(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()

    def journal(self) -> Journal:
        source, sink, purse, stock, fees = (terms.id for terms in self.opened)
        amount = self.chance.choice([1, 10, 700])
        new = uuid.uuid4
        transfers: tuple[Transfer, ...]
        choice = self.chance.randrange(7)
        if choice == 0 and self.holds:
            kind = self.chance.choice([Kind.POST_PENDING, Kind.VOID_PENDING])
            some = self.chance.choice([None, 1])
            transfers = (Transfer(new(), amount_minor=some, kind=kind, pending=self.chance.choice(self.holds)),)
        elif choice == 1:
            transfers = (Transfer(new(), purse, sink, amount, Kind.RESERVE),)
        elif choice == 2:
            transfers = (Transfer(new(), purse, source, amount),)
        elif choice == 3:
            transfers = (Transfer(new(), sink, stock, amount),)
        elif choice == 4:
            transfers = (Transfer(new(), source, fees, amount), Transfer(new(), fees, sink, 1))
        else:
            two = self.chance.sample([source, sink, fees], 2)
            transfers = (Transfer(new(), two[0], two[1], amount),)
        return Journal(new(), DAY, transfers, reason="client")


def run(clients: Sequence[Client], calls: int, meanwhile: Callable[[threading.Event], None]) -> None:
    """Let every client make its calls while ``meanwhile`` does its worst; the first defect of a client is raised."""
    defects: list[BaseException] = []

    def work(client: Client) -> None:
        try:
            client.work(calls)
        except (psycopg.Error, Refusal, AssertionError) as defect:
            defects.append(defect)

    done = threading.Event()
    threads = [threading.Thread(target=work, args=[client]) for client in clients]
    nuisance = threading.Thread(target=meanwhile, args=[done])
    for thread in [*threads, nuisance]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    nuisance.join()
    if defects:
        raise defects[0]


def cut_connections(conninfo: str, chance: random.Random, pause_s: float = 0.06) -> Callable[[threading.Event], None]:
    """Terminate a random back end of the same role and database again and again, at whatever it is doing."""

    def cut(done: threading.Event) -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            while not done.wait(chance.random() * pause_s):
                found = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND usename = current_user AND query LIKE '%ledger_post%'"
                ).fetchall()
                if found:
                    connection.execute("SELECT pg_terminate_backend(%s)", chance.choice(found))

    return cut


def broken_promises(conninfo: str, clients: Sequence[Client]) -> list[str]:
    """What the books do not keep of what the clients were told, and what the ledger's own check finds."""
    told = {id: outcome for client in clients for id, (_, outcome) in client.told.items()}
    ghosts = {id for client in clients for id in client.ghosts}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        wait_for_ghosts(connection)
        connection.execute("SELECT set_config('jirong.role', 'system', false)")
        broken = [f"{found.rule}: {found.table} {found.row}: {found.wrong}" for found in check_on(connection.cursor())]
        rows = connection.execute("SELECT id, recorded_at FROM ledger_journal WHERE reason = 'client'").fetchall()
    recorded: dict[uuid.UUID, datetime.datetime] = dict(rows)
    for id, outcome in told.items():
        if outcome.refusal is None and recorded.get(id) != outcome.recorded_at:
            broken.append(f"journal {id} was acknowledged at {outcome.recorded_at}, stands at {recorded.get(id)}")
        if outcome.refusal is not None and id in recorded and id not in ghosts:
            broken.append(f"journal {id} was refused ({outcome.refusal.code}) and stands")
    broken += [f"journal {id} stands, and nobody was told" for id in recorded if id not in told]
    return broken


def wait_for_ghosts(connection: psycopg.Connection[Any]) -> None:
    """Until nobody is posting any more."""
    until = time.monotonic() + PATIENCE_S
    while connection.execute(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' "
        "AND pid <> pg_backend_pid() AND query LIKE '%ledger_post%'"
    ).fetchone():
        assert time.monotonic() < until, "a call of a client that died never ended"
        time.sleep(0.01)
