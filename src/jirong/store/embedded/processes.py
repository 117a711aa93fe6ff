"""Who lives in a data folder. Every PostgreSQL process works inside it, so its working directory tells.

This is asked of ``/proc`` rather than of the process id that the server wrote down: an id may have been given to
another program since, or belong to a dead process that nobody has reaped.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def living_in(folder: Path) -> list[int]:
    """Process ids, other than ours, whose working directory is ``folder``; dead ones have none."""
    if not PROC.is_dir():
        return _as_written(folder)
    wanted = os.path.realpath(folder)
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if str((entry / "cwd").readlink()) == wanted:
                    found.append(int(entry.name))
    return found


def _as_written(folder: Path) -> list[int]:
    """Without ``/proc`` (macOS): the server's own word, if that process is there."""
    with suppress(OSError, ValueError, IndexError):
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
        return [pid]
    return []
