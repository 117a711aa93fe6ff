"""A close in a process of its own, begun from a page that answers at once; and whether a close is under way at all.

The page begins the runs that are due, so that there is something to watch, and starts the very command an operator
would type: each part its own transaction, every core, no lock held by the page. What is done stands in the run's parts
and nowhere else. Whoever drives a close holds a shared advisory lock on its connection for as long as it lives: a run
that is not done while nobody holds the lock was interrupted, however that came about, and can be gone on with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SPACE = int.from_bytes(b"clos")
"""The lock's first number; its second is 0."""
FOUND = """
SELECT EXISTS (
    SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = %s AND l.objid = 0 AND l.granted
)
"""
COMMAND = (sys.executable, "-m", "jirong.cli", "close-of-business", "--json")


@contextmanager
def driving() -> Iterator[None]:
    """Inside, everybody can see that a close is under way; that ends with the block, or with the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [SPACE])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s, 0)", [SPACE])


def is_under_way() -> bool:
    """Whether anybody, on whatever machine, is driving a close of this database."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [SPACE])
        (found,) = cursor.fetchone()
    return bool(found)


def start(*options: str) -> threading.Thread:
    """Run ``jirong close-of-business`` with ``options`` beside this process; the thread ends with it.

    By the time this answers a close is seen to be under way. The thread keeps that so until the command has the lock
    itself, and takes the ended process off the system's hands.
    """
    seen = threading.Event()
    environment = {**os.environ, "JIRONG_DATABASE": str(connection.settings_dict["NAME"])}
    minder = threading.Thread(target=_mind, args=(options, environment, seen), name="close", daemon=True)
    minder.start()
    seen.wait()
    return minder


def _mind(options: tuple[str, ...], environment: dict[str, str], seen: threading.Event) -> None:
    try:
        with driving():
            seen.set()
            # Its complaints join the server's own; what it did stands in the database.
            subprocess.run(
                [*COMMAND, *options], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
            )
    finally:
        seen.set()
        connection.close()
