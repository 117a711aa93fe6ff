"""Clerks at one note from several sides while connections and the server are killed: the house keeps what it told.

The short run stands in ``make test``, in this process. The long one (``make soak``, ``JIRONG_FAULTS`` faults, 10,000 if
unsaid, a fifth of which fall here) is the installation itself: ``jirong serve`` in a home of its own, spoken to over sockets, its PostgreSQL killed
again and again. A fault is a request that got no answer.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from tests.api.clerks import Clerk, Memory, Send, work_all

from jirong.ledger import check as ledger_check
from jirong.log import check as log_check
from jirong.log import sequencer
from jirong.store import embedded
from jirong.store.identity import SYSTEM, acting_as

CLERKS = 6
STEPS = 120
FAULTS = int(os.environ.get("JIRONG_FAULTS", "10000"))
CUT_EVERY = 3
"""A connection is cut for so many requests sent, whatever the pace: on a slow machine, too, most come through."""
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle' AND query NOT LIKE 'SELECT pg_t%'"
    " ORDER BY random() LIMIT 1"
)
LOTS = "SELECT id, amount_minor, moved_minor, reserved_minor FROM claims_claim WHERE kind = 'lot'"
OFFERS = "SELECT id, state FROM notes_offer"


def clerks_of(send: Send, memory: Memory, parties: dict[str, str], lot: str, invoice: str) -> list[Clerk]:
    return [Clerk(send, memory, parties, uuid.UUID(lot), invoice, random.Random(n)) for n in range(CLERKS)]


def assert_kept(memory: Memory, lots: list[Any], offers: list[Any]) -> None:
    """Every lot and every offer of the house is what the clerks were told, no more and no less."""
    assert {id: tuple(amounts) for id, *amounts in lots} == memory.expected()
    assert dict(offers) == {id: memory.state_of(id) for id in memory.offers}


def test_the_house_keeps_what_it_told_while_connections_are_cut(committed: Any) -> None:
    lot = committed.held_lot()
    committed.file("mill", "merchant", "textile/tiers/yarn")
    invoice = committed.invoice("mill", "HY-2512-018", "merchant")
    parties = {name: committed.party(name) for name in ("mill", "bank_a")}
    memory = Memory({uuid.UUID(lot): 1_000_000_000})
    done = 0
    due = threading.Semaphore(0)

    def send(who: str, action: str, body: dict[str, Any], id: uuid.UUID) -> tuple[int, Any] | None:
        nonlocal done
        done += 1
        if done % CUT_EVERY == 0:
            due.release()
        try:
            answer = committed.send(who, "post", f"/api/actions/{action}", body, id)
        except Exception:  # noqa: BLE001  # a killed connection shows in many ways; a clerk only knows: no answer
            return None
        return answer.status, answer.body

    stop = threading.Event()

    def cut() -> None:
        with connection.cursor() as cursor:
            while not stop.is_set():
                if due.acquire(timeout=0.1):
                    cursor.execute(CUT)
        connections.close_all()

    cutter = threading.Thread(target=cut)
    cutter.start()
    clerks = clerks_of(send, memory, parties, lot, invoice)
    try:
        work_all(clerks, lambda: done >= STEPS, connections.close_all)
    finally:
        stop.set()
        cutter.join()
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOTS)
        lots = cursor.fetchall()
        cursor.execute(OFFERS)
        assert_kept(memory, lots, cursor.fetchall())
        assert ledger_check.check() == []
    assert len(memory.ended) > 5, Counter(memory.ended.values())
    sequencer.sequence_all()
    assert log_check.check() == []


FOUND = """
import json, sys, uuid
from pathlib import Path
from jirong.cli.main import set_up_django
set_up_django("app")
from tests.api.conftest import Speaker
speaker = Speaker()
lot = speaker.held_lot()
speaker.file("mill", "merchant", "textile/tiers/yarn")
invoice = speaker.invoice("mill", "HY-2512-018", "merchant")
parties = {name: speaker.party(name) for name in ("mill", "bank_a")}
json.dump({"lot": lot, "invoice": invoice, "parties": parties, "tokens": speaker.world.tokens}, sys.stdout)
"""


@dataclass
class House:
    """An installation of the test's own: its folder, its site's port, its database's owner."""

    port: int
    stage: dict[str, Any]
    logins: embedded.Connections
    sent: int = 0
    due: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def send(self, who: str, action: str, body: dict[str, Any], id: uuid.UUID) -> tuple[int, Any] | None:
        self.sent += 1
        if self.sent % CUT_EVERY == 0:
            self.due.release()
        headers = {"Authorization": f"Bearer {self.stage['tokens'][who]}", "Content-Type": "application/json",
                   "Idempotency-Key": str(id)}  # fmt: skip
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("POST", f"/api/actions/{action}", json.dumps(body), headers)
            answer = asked.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            asked.close()


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """``jirong serve`` in a folder of its own, only where soak tests were asked for."""
    if "soak" not in request.config.getoption("markexpr"):
        pytest.skip("a long run: `make soak`")
    folder = Path(tempfile.mkdtemp(prefix="jirong-soak-"))
    folder.chmod(0o755)
    patch = pytest.MonkeyPatch()
    patch.setenv("JIRONG_HOME", str(folder))
    patch.delenv("DATABASE_URL", raising=False)
    run = [sys.executable, "-m", "jirong.cli"]
    subprocess.run([*run, "migrate"], check=True, stdout=subprocess.DEVNULL)
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", FOUND], check=True, capture_output=True, cwd=root)
    port = free_port()
    serving = subprocess.Popen([*run, "serve", "--port", str(port), "--without", "sandbox"], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield House(port, json.loads(found.stdout), embedded.ensure_running())
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(60)
        subprocess.run([*run, "db", "stop"], check=False)
        patch.undo()
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the site did not come up"
            time.sleep(0.1)
        else:
            return


def cut_connections(house: House, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with psycopg.connect(house.logins.owner, autocommit=True) as open_:
                while not stop.is_set():
                    if house.due.acquire(timeout=0.1):
                        open_.execute(CUT)
        except psycopg.Error:
            stop.wait(0.2)


def kill_server(stop: threading.Event, chance: random.Random) -> int:
    """SIGKILL PostgreSQL's first process now and then; the site starts it again by itself. How often."""
    killed = 0
    while not stop.wait(chance.uniform(4, 15)):
        for pid_file in Path(os.environ["JIRONG_HOME"]).glob("**/postmaster.pid"):
            os.kill(int(pid_file.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
            killed += 1
    return killed


@pytest.mark.soak
def test_the_installation_keeps_what_it_told_through_thousands_of_faults(house: House) -> None:
    memory = Memory({uuid.UUID(house.stage["lot"]): 1_000_000_000})
    clerks = clerks_of(house.send, memory, house.stage["parties"], house.stage["lot"], house.stage["invoice"])
    stop, killed = threading.Event(), list[int]()
    nuisances = [
        threading.Thread(target=cut_connections, args=[house, stop]),
        threading.Thread(target=lambda: killed.append(kill_server(stop, random.Random(7)))),
    ]
    for nuisance in nuisances:
        nuisance.start()
    try:
        work_all(clerks, lambda: sum(clerk.losses for clerk in clerks) >= FAULTS // 5)
    finally:
        stop.set()
        for nuisance in nuisances:
            nuisance.join()
    embedded.ensure_running()
    with psycopg.connect(house.logins.app) as open_:
        open_.execute("SELECT set_config('jirong.role', 'system', true)")
        assert_kept(memory, open_.execute(LOTS).fetchall(), open_.execute(OFFERS).fetchall())
    for room in ("ledger", "log"):
        subprocess.run([sys.executable, "-m", "jirong.cli", room, "check"], check=True, stdout=subprocess.DEVNULL)
    ends = Counter(memory.state_of(id) for id in memory.offers)
    print(
        f"\n{sum(clerk.losses for clerk in clerks)} faults, PostgreSQL killed {killed[0]} times; "
        f"{len(memory.answers)} answers kept, {sum(clerk.repeats for clerk in clerks)} asked again and the same; {dict(ends)}"
    )
