"""A few processes that live and die together: the site, its sequencer, its jobs.

The first to end takes the others with it, and so does Ctrl-C or a termination signal; nothing is left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

STOP_SECONDS_MAX = 15
TEND_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """One process: a name for messages and its command line."""

    name: str
    command: list[str]


class Ended(Exception):
    """A part ended on its own; ``status`` is its exit status."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} ended with status {status}")
        self.name = name
        self.status = status


class Supervisor:
    """Start parts on entry to a ``with`` block, stop them all on leaving it."""

    def __init__(self, parts: list[Part], environment: Mapping[str, str]) -> None:
        self.parts = parts
        self.environment = {**os.environ, **environment}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Supervisor:
        # Whatever asks us to end must find us able to stop what we started, so this comes first.
        self.before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            for part in self.parts:
                # A session of their own, so that Ctrl-C reaches us first and they stop in order.
                self.running[part.name] = subprocess.Popen(
                    part.command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
                )
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

    def wait(self, tend: Callable[[], None] = lambda: None) -> None:
        """Stay until a part ends (raising :class:`Ended`), or until Ctrl-C or SIGTERM, which return quietly.

        ``tend`` is called about once a second to look after what the parts rest on.
        """
        try:
            while True:
                self.check()
                tend()
                time.sleep(TEND_SECONDS)
        except KeyboardInterrupt:
            return

    def stop(self) -> None:
        """Ask every part to end, then insist; last, end whatever workers a part has left behind in its session."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
