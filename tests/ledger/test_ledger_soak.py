"""The long run: thousands of faults on a server of its own, which is itself killed again and again.

``make soak`` runs it; ``JIRONG_FAULTS`` says how many faults (10,000 if unsaid). A fault is a call whose answer never
came: its connection was cut, its client vanished, or the server was killed (SIGKILL) under it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.ledger import faults
from tests.ledger.driven import Driven

from jirong.store import embedded
from jirong.store.embedded import Connections

pytestmark = pytest.mark.soak
FAULTS = int(os.environ.get("JIRONG_FAULTS", "10000"))
SERVER_LIVES_S = (3.0, 12.0)
ROUND_CALLS = 100


@pytest.fixture
def own_server(request: pytest.FixtureRequest) -> Iterator[Connections]:
    """A migrated server that may be killed; only where soak tests were asked for."""
    if "soak" not in request.config.getoption("markexpr"):
        pytest.skip("a long run: `make soak`")
    folder = Path(tempfile.mkdtemp(prefix="jirong-soak-"))
    folder.chmod(0o755)
    patch = pytest.MonkeyPatch()
    patch.setenv("JIRONG_HOME", str(folder))
    patch.delenv("DATABASE_URL", raising=False)
    jirong("migrate")
    yield embedded.ensure_running()
    jirong("db", "stop")
    patch.undo()
    shutil.rmtree(folder)


def jirong(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "jirong.cli", *arguments], check=True, stdout=subprocess.DEVNULL)


def kill_server_now_and_then(done: threading.Event, chance: random.Random) -> int:
    """SIGKILL the server's every process at random moments and start it again; how often."""
    killed = 0
    while not done.wait(chance.uniform(*SERVER_LIVES_S)):
        folder = Path(os.environ["JIRONG_HOME"])
        (pid_file,) = folder.glob("**/postmaster.pid")
        os.kill(int(pid_file.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
        killed += 1
        embedded.ensure_running()
    return killed


def cut_through_restarts(conninfo: str, done: threading.Event) -> None:
    cut = faults.cut_connections(conninfo, random.Random(5))
    while not done.is_set():
        try:
            cut(done)
        except psycopg.OperationalError:
            time.sleep(0.1)


def test_every_promise_holds_through_thousands_of_faults(own_server: Connections) -> None:
    opened = faults.scene("soak")
    faults.prepare(own_server.app, opened)
    clients = [faults.Client(own_server.app, opened, random.Random(n), abrupt=0.1) for n in range(8)]
    drivers = [Driven(own_server.app, n) for n in range(4)]
    done = threading.Event()
    killed: list[int] = []
    defects: list[BaseException] = []
    nuisances = [
        threading.Thread(target=cut_through_restarts, args=[own_server.app, done]),
        threading.Thread(target=lambda: killed.append(kill_server_now_and_then(done, random.Random(6)))),
    ]

    def work(one: faults.Client | Driven) -> None:
        try:
            while lost(clients, drivers) < FAULTS and not defects:
                one.work(ROUND_CALLS if isinstance(one, faults.Client) else 1)
        except BaseException as defect:  # noqa: BLE001  # whatever it is, the run must end and tell it
            defects.append(defect)

    workers = [threading.Thread(target=work, args=[one]) for one in [*clients, *drivers]]
    for thread in [*nuisances, *workers]:
        thread.start()
    for thread in workers:
        thread.join()
    done.set()
    for thread in nuisances:
        thread.join()

    embedded.ensure_running()
    assert not defects, defects
    assert faults.broken_promises(own_server.app, clients) == []
    assert killed[0] > 0 or FAULTS < 1000
    told = sum(len(client.told) for client in clients)
    print(f"\n{lost(clients, drivers)} faults, the server killed {killed[0]} times; {told} journals told and kept")


def lost(clients: list[faults.Client], drivers: list[Driven]) -> int:
    return sum(client.losses for client in clients) + sum(driver.losses for driver in drivers)
