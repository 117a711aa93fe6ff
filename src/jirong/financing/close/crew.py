"""Who does the parts of a close: this process, or several beside it, a core each.

Partitions share no loan, claim or account, so they need not wait for each other; the steps of one come in order. A
partition that fails leaves the others going and is told at the end. A worker that is killed takes its part back with
it (a part is one transaction), and the run goes on when it is resumed.
"""

from __future__ import annotations

import os
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text

Parts = Mapping[int, Sequence[str]]
"""The steps still to do, in order, by partition."""
Done = Callable[[str], None]
WORKERS_MAX = 16


class Crew:
    """Does parts; ``pool`` None: here, one after the other."""

    def __init__(self, pool: ProcessPoolExecutor | None = None) -> None:
        self.pool = pool

    def work(self, run: uuid.UUID, parts: Parts, done: Done) -> None:
        """Do every part of ``run`` that is left; ``done`` hears of each step of each partition.

        What one partition raised is raised when the others are done.
        """
        raised: list[Exception] = []
        for steps, error in self._outcomes(run, parts):
            for step in steps:
                done(step)
            if error is not None:
                raised.append(error)
        if raised:
            raise raised[0]

    def _outcomes(self, run: uuid.UUID, parts: Parts) -> Iterator[tuple[list[str], Exception | None]]:
        if self.pool is None:
            for partition, steps in parts.items():
                yield do_partition(run, partition, steps)
            return
        waiting: list[Future[tuple[list[str], Exception | None]]] = [
            self.pool.submit(_in_a_worker, run, partition, list(steps)) for partition, steps in parts.items()
        ]
        try:
            for each in as_completed(waiting):
                yield each.result()
        except BrokenProcessPool as broken:
            raise Conflict(
                "close.worker_lost",
                Text("日终进程意外终止，已完成的分区不受影响", "A process of the close ended; what was done stands"),
                remedy=Text("请用 --resume 继续", "Go on with --resume"),
            ) from broken


@contextmanager
def several(workers: int) -> Iterator[Crew]:
    """A crew of so many processes (one: this process), which end with the block."""
    if workers <= 1:
        yield Crew()
        return
    with ProcessPoolExecutor(
        min(workers, WORKERS_MAX), mp_context=get_context("spawn"), initializer=_begin, initargs=(_database(),)
    ) as pool:
        try:
            yield Crew(pool)
        except BaseException:
            # Whoever stops the close does not wait for the partitions that have not begun.
            pool.shutdown(cancel_futures=True)
            raise


def do_partition(run: uuid.UUID, partition: int, steps: Sequence[str]) -> tuple[list[str], Exception | None]:
    """The steps of one partition, each an action, until one fails; those done, and what it raised."""
    from jirong.financing.actions import closing
    from jirong.store.identity import SYSTEM

    finished: list[str] = []
    for step in steps:
        try:
            id = derived_id(run, step, partition)
            closing.do_part(actor=SYSTEM, id=id, run=run, step=step, partition=partition)
        except Exception as error:  # noqa: BLE001 - raised again when the other partitions are done
            return finished, error
        finished.append(step)
    return finished, None


def _in_a_worker(run: uuid.UUID, partition: int, steps: Sequence[str]) -> tuple[list[str], Exception | None]:
    """The same in a process of its own, whose errors travel as text: not every exception can be sent."""
    finished, error = do_partition(run, partition, steps)
    if error is None or isinstance(error, Refusal):
        return finished, error
    return finished, RuntimeError("".join(traceback.format_exception(error)))


def _database() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def _begin(database: str) -> None:
    """A worker's first act: Django on the same database."""
    import django

    os.environ["JIRONG_DATABASE"] = database
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jirong.site.settings")
    django.setup()
