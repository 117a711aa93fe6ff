"""Processes that live and die together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jirong.cli import serve
from jirong.cli.supervisor import AGAIN_SECONDS, UNWANTED, Ended, Part, Supervisor
from jirong.kernel.errors import Conflict
from jirong.store import embedded

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_all_are_stopped_on_leaving() -> None:
    with Supervisor([Part("a", SLEEPER), Part("b", SLEEPER)], {}) as supervisor:
        running = list(supervisor.running.values())
        supervisor.check()
    assert [process.returncode for process in running] == [-signal.SIGTERM, -signal.SIGTERM]


def test_workers_of_a_part_are_stopped_too(tmp_path: Path) -> None:
    started = tmp_path / "child"
    code = (
        "import pathlib, subprocess, sys, time; "
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        f"pathlib.Path({str(started)!r}).write_text(str(child.pid)); time.sleep(600)"
    )
    with Supervisor([Part("parent", [sys.executable, "-c", code])], {}) as supervisor:
        while not (started.exists() and started.read_text()):
            supervisor.check()
        child = int(started.read_text())
    assert gone(child)


def gone(pid: int) -> bool:
    """Whether ``pid`` ends within ten seconds of being told to."""
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def alive(pid: int) -> bool:
    """Whether ``pid`` runs; a dead child that nobody has reaped yet does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_first_to_end_is_named_and_takes_the_others_with_it() -> None:
    with Supervisor(
        [Part("stays", SLEEPER), Part("ends", [sys.executable, "-c", "raise SystemExit(3)"])], {}
    ) as supervisor:
        stays = supervisor.running["stays"]
        with pytest.raises(Ended) as ended:
            supervisor.wait()
    assert (ended.value.name, ended.value.status) == ("ends", 3)
    assert stays.returncode == -signal.SIGTERM


def test_one_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("jirong.cli.supervisor.STOP_SECONDS_MAX", 0)
    deaf = tmp_path / "deaf"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(600)"
    )
    with Supervisor([Part("deaf", [sys.executable, "-c", code])], {}) as supervisor:
        while not deaf.exists():
            supervisor.check()
        process = supervisor.running["deaf"]
    assert process.returncode == -signal.SIGKILL


OUTER = """
import sys
import time
from jirong.cli.supervisor import Part, Supervisor
with Supervisor([Part("a", [sys.executable, "-c", sys.argv[1], sys.argv[2]])], {}) as supervisor:
    supervisor.wait()
print("left quietly")
"""
PART = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(600)"


def test_a_termination_signal_stops_everything_quietly(tmp_path: Path) -> None:
    started = tmp_path / "part"
    command = [sys.executable, "-c", OUTER, PART, str(started)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as outer:
        while not (started.exists() and started.read_text()):
            assert outer.poll() is None
        outer.send_signal(signal.SIGTERM)
        said, _ = outer.communicate()
    assert (outer.returncode, said) == (0, "left quietly\n")
    assert gone(int(started.read_text()))


def test_killing_the_supervisor_ends_its_parts(tmp_path: Path) -> None:
    started = tmp_path / "part"
    with subprocess.Popen([sys.executable, "-c", OUTER, PART, str(started)]) as outer:
        while not (started.exists() and started.read_text()):
            assert outer.poll() is None
        outer.kill()
    assert gone(int(started.read_text()))


def test_a_part_beside_the_others_starts_when_they_are_ready_and_again_when_it_died() -> None:
    ready = False
    with Supervisor(
        [Part("site", SLEEPER), Part("helper", SLEEPER, beside=True)], {}, ready=lambda: ready
    ) as supervisor:
        helper = supervisor.besides[0]
        supervisor.tend(0.0)
        assert helper.process is None
        ready = True
        supervisor.tend(1.0)
        first = helper.process
        assert first is not None
        first.kill()
        first.wait()
        supervisor.tend(2.0)
        assert helper.process is None  # not at once: what dies at once would die again
        supervisor.tend(2.0 + AGAIN_SECONDS[0])
        second = helper.process
        assert second is not None
        supervisor.check()  # its death is not the site's
    assert second.returncode == -signal.SIGTERM


def test_a_part_that_is_not_wanted_stays_down() -> None:
    unwanted = [sys.executable, "-c", f"raise SystemExit({UNWANTED})"]
    with Supervisor([Part("helper", unwanted, beside=True)], {}) as supervisor:
        supervisor.tend(0.0)
        helper = supervisor.besides[0]
        assert helper.process is not None
        helper.process.wait()
        supervisor.tend(1.0)
        supervisor.tend(1_000.0)
        assert helper.process is None


def test_each_process_beside_the_site_can_be_left_out_and_is_known_by_name() -> None:
    assert [part.name for part in serve.helpers()] == ["sequencer", "sandbox", "witness", "connectors"]
    (left,) = serve.helpers(["witness", "sandbox", "connectors"])
    assert left.environment == {"PGAPPNAME": "jirong sequencer", embedded.START: "no"}


def test_parts_see_the_environment_they_are_given(tmp_path: Path) -> None:
    out = tmp_path / "seen"
    code = f"import os, pathlib; pathlib.Path({str(out)!r}).write_text(os.environ['JIRONG_DATABASE'])"
    with Supervisor([Part("a", [sys.executable, "-c", code])], {"JIRONG_DATABASE": "mine"}) as supervisor:
        supervisor.running["a"].wait()
    assert out.read_text() == "mine"


def test_a_busy_port_is_refused_with_another_to_try() -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as refused:
            serve.refuse_busy(serve.HOST, port)
    assert refused.value.code == "port.busy"
    assert refused.value.remedy is not None
    assert f"PORT={port + 1}" in refused.value.remedy.en
    serve.refuse_busy(serve.HOST, serve.free_port())
