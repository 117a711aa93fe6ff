"""How a side of the ledger benchmark is run: clients in threads, each with its own connection, for some seconds.

All sides start from the same neutral work, drawn before the clock starts: pairs of account numbers. Everything else
(ids, objects, encoding, the call, the commit) is inside the clock.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence

Pairs = Sequence[tuple[int, int]]
Call = Callable[[Pairs], None]
AMOUNT_MINOR = 500


def draw(accounts: int, size: int, client: int) -> list[Pairs]:
    """Enough different calls that a side cannot live on one; the same for every side."""
    chance = random.Random(1000 * client + size)
    calls = max(2, 4000 // size)
    return [[tuple(chance.sample(range(accounts), 2)) for _ in range(size)] for _ in range(calls)]  # type: ignore[misc]


def rate(connect: Callable[[], Call], *, accounts: int, size: int, clients: int, seconds: float) -> float:
    """Transfers a second, all clients together, from the common start to the last answer."""
    counts, ends = [0] * clients, [0.0] * clients
    start = threading.Barrier(clients + 1)
    failures: list[BaseException] = []

    def work(client: int) -> None:
        try:
            call, work = connect(), draw(accounts, size, client)
            call(work[0])
            start.wait()
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                call(work[counts[client] % len(work)])
                counts[client] += 1
            ends[client] = time.perf_counter()
        except BaseException as failure:  # noqa: BLE001  # told below, by the thread that started us
            failures.append(failure)
            start.abort()

    threads = [threading.Thread(target=work, args=[client]) for client in range(clients)]
    for thread in threads:
        thread.start()
    try:
        start.wait()
        began = time.perf_counter()
    except threading.BrokenBarrierError:
        began = 0.0
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return size * sum(counts) / (max(ends) - began)
