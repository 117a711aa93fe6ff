"""A few processes that live and die together: the site, its sequencer, its jobs.

The first part to end takes the others with it, and so does Ctrl-C or a termination signal; nothing is left behind,
not even where this process is killed outright (on Linux the kernel then ends the parts). A part that stands *beside*
the others is different: it starts once they are ready, so that it costs the start nothing, and is started again
whenever it dies.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from jirong.kernel.text import Text

STOP_SECONDS_MAX = 15
TEND_SECONDS = 0.5
AGAIN_SECONDS = (1, 60)
"""How long a part beside the others stays down before it is started again: the first time, and at most."""
STEADY_SECONDS = 60
"""Who has run this long died of something new."""
UNWANTED = 3
"""The exit status by which a part beside the others says that it has nothing to do here and wants to stay down."""

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Part:
    """One process: a name for messages, its command line, what it finds in its environment besides."""

    name: str
    command: list[str]
    beside: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class Ended(Exception):
    """A part ended on its own; ``status`` is its exit status."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} ended with status {status}")
        self.name = name
        self.status = status


@dataclass
class Beside:
    """A part beside the others: when it is to start (monotonic seconds), and how long it waits after the next death."""

    part: Part
    due: float = 0.0
    pause: float = AGAIN_SECONDS[0]
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    unwanted: bool = False

    def ended(self, now: float) -> bool:
        """Whether it died since the last look; if so it is due again after its pause, which grows."""
        if self.process is None or self.process.poll() is None:
            return False
        self.unwanted = self.process.returncode == UNWANTED
        if now - self.started > STEADY_SECONDS:
            self.pause = AGAIN_SECONDS[0]
        self.due, self.process = now + self.pause, None
        self.pause = min(2 * self.pause, AGAIN_SECONDS[1])
        return True

    def is_due(self, now: float) -> bool:
        return self.process is None and not self.unwanted and now >= self.due


class Supervisor:
    """Start parts on entry to a ``with`` block, stop them all on leaving it.

    Parts beside the others are started by :meth:`wait`, once ``ready`` says that the others are.
    """

    def __init__(
        self, parts: list[Part], environment: Mapping[str, str], *, ready: Callable[[], bool] = lambda: True
    ) -> None:
        self.parts = [part for part in parts if not part.beside]
        self.besides = [Beside(part) for part in parts if part.beside]
        self.environment = {**os.environ, **environment}
        self.ready = ready
        self.is_ready = False
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Supervisor:
        # Whatever asks us to end must find us able to stop what we started, so this comes first.
        self.before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            for part in self.parts:
                self.running[part.name] = self._start(part)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()
        signal.signal(signal.SIGTERM, self.before)

    def check(self) -> None:
        """Raise :class:`Ended` if a part has ended."""
        for name, process in self.running.items():
            status = process.poll()
            if status is not None:
                raise Ended(name, status)

    def tend(self, now: float) -> None:
        """Start what stands beside the others, once they are ready and whenever it has died."""
        self.is_ready = self.is_ready or self.ready()
        for beside in self.besides if self.is_ready else ():
            if beside.ended(now) and not beside.unwanted:
                _tell_death(beside.part.name)
            if beside.is_due(now):
                beside.started, beside.process = now, self._start(beside.part)

    def wait(self, tend: Callable[[], None] = lambda: None) -> None:
        """Stay until a part ends (raising :class:`Ended`), or until Ctrl-C or SIGTERM, which return quietly.

        ``tend`` is called about once a second to look after what the parts rest on.
        """
        try:
            while True:
                self.check()
                tend()
                self.tend(time.monotonic())
                time.sleep(TEND_SECONDS)
        except KeyboardInterrupt:
            return

    def stop(self) -> None:
        """Ask every part to end, then insist; last, end whatever workers a part has left behind in its session."""
        beside = [one.process for one in self.besides if one.process is not None]
        processes = [*beside, *self.running.values()]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, part: Part) -> subprocess.Popen[bytes]:
        # A session of their own, so that Ctrl-C reaches us first and they stop in order.
        return subprocess.Popen(
            part.command,
            env={**self.environment, **part.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()) if _libc else None,
        )


def _dying_with(parent: int) -> Callable[[], None]:
    """What a new process does before it becomes the part: ask the kernel to end it when ``parent`` is no more."""
    assert _libc is not None
    prctl = _libc.prctl

    def ask() -> None:
        prctl(_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it went before the kernel was asked
            os._exit(1)

    return ask


def _tell_death(name: str) -> None:
    said = Text(f"进程 {name} 意外结束，将重新启动", f"process {name} ended and is started again")
    print(f"{said.zh} / {said.en}", file=sys.stderr, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
