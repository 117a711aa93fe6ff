"""The server's life: made whole or not at all, started once however many ask, and started again after a kill.

``initdb`` writes into a folder beside the data that is renamed when complete, so a data folder always holds a
finished server. After ``kill -9`` the first start may find the old server's children still dying; it is tried again
for up to ten seconds. Nothing here takes the lock: callers hold it (:func:`locked`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.text import Text
from jirong.store.embedded import binaries as programs
from jirong.store.embedded import processes
from jirong.store.embedded.binaries import Binaries
from jirong.store.embedded.logins import ADMIN
from jirong.store.embedded.places import Places

START_SECONDS_MAX = 10
ORPHAN_SECONDS_MAX = 60
RECOVERY_SECONDS_MAX = 600
LOCK_SECONDS_MAX = 60
DISK_BYTES_MIN = 300 * 2**20
ACCEPTING, STARTING = 0, 1


@contextmanager
def locked(at: Places) -> Iterator[None]:
    """Hold the server's life to one process at a time; waits up to a minute for another."""
    with at.lock.open("a") as file:
        _wait_for_lock(file, at)
        yield


def _wait_for_lock(file: IO[str], at: Places) -> None:
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > deadline:
            raise Conflict(
                "database.locked",
                Text(
                    "另一个进程正在启停或恢复数据库", "another process is starting, stopping or restoring the database"
                ),
                remedy=Text(f"请等它结束再试（锁文件 {at.lock}）", f"wait for it and try again (lock file {at.lock})"),
            )
        time.sleep(0.1)


def make(at: Places, admin_password: str) -> None:
    """Run ``initdb`` unless there is a server already."""
    if (at.data / "PG_VERSION").exists():
        _check_major(at)
        return
    _check_disk(at)
    making = at.folder / "data.making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    at.account.own(making)
    with _password_file(at, admin_password) as password_file:
        done = at.account.run(
            [
                programs.for_server(at).program("initdb"), "-D", making, "-U", ADMIN, f"--pwfile={password_file}",
                "-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--data-checksums",
            ]
        )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise failed("initdb", done.stderr)
    making.rename(at.data)


@contextmanager
def _password_file(at: Places, password: str) -> Iterator[Path]:
    """A file only the server's account can read, gone after use; it lies in the private socket folder."""
    descriptor, name = tempfile.mkstemp(dir=at.socket)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        at.account.own(path)
        yield path
    finally:
        path.unlink()


def is_running(at: Places) -> bool:
    """Whether a server lives on the data folder; it may still be starting."""
    return bool(processes.living_in(at.data))


def start(at: Places) -> None:
    """Start the server and wait until it answers; a running one is left as it is.

    After ``kill -9`` the dead server's children need a moment to go (longer on a busy disk), and a start that fails
    is tried again for ten seconds. A server that is recovering is given minutes, because it will come.
    """
    _check_disk(at)
    binaries = programs.for_server(at)
    _configure(at)
    problem = ""
    began = time.monotonic()
    while (answer := _answer(at, binaries)) != ACCEPTING:
        if answer == STARTING or _postmaster_lives(at):
            seconds_max = RECOVERY_SECONDS_MAX
        elif is_running(at):
            seconds_max = ORPHAN_SECONDS_MAX
        else:
            problem = _try_start(at, binaries) or problem
            seconds_max = START_SECONDS_MAX
        if time.monotonic() > began + seconds_max:
            raise failed("pg_ctl start", problem or "no answer")
        time.sleep(0.2)


def _postmaster_lives(at: Places) -> bool:
    """Whether the server itself is there, not only children of one that died."""
    with suppress(OSError, ValueError, IndexError):
        return int((at.data / "postmaster.pid").read_text().splitlines()[0]) in processes.living_in(at.data)
    return False


def _answer(at: Places, binaries: Binaries) -> int:
    """What the socket says: :data:`ACCEPTING`, :data:`STARTING`, or 2 for no answer (``pg_isready``)."""
    return at.account.run([binaries.program("pg_isready"), "-h", at.socket, "-t", "5"]).returncode


def _try_start(at: Places, binaries: Binaries) -> str | None:
    """None when the server answers, else what it said. Recovery after a crash may take minutes."""
    # A dead server's file names a process id; where nothing reaps the dead (a container without an init), the id
    # looks alive to PostgreSQL for ever. Nobody lives in the data folder, so the file is a dead one's.
    (at.data / "postmaster.pid").unlink(missing_ok=True)
    at.start_log.unlink(missing_ok=True)
    done = at.account.run(
        [binaries.program("pg_ctl"), "start", "-w", "-t", str(RECOVERY_SECONDS_MAX), "-D", at.data, "-l", at.start_log]
    )
    if done.returncode == 0:
        return None
    said = at.start_log.read_text(errors="replace") if at.start_log.exists() else done.stderr
    return said or done.stdout


def stop(at: Places) -> bool:
    """Stop the server, rolling back what is open; False when it was not running."""
    if not is_running(at):
        return False
    done = at.account.run(
        [programs.for_server(at).program("pg_ctl"), "stop", "-w", "-m", "fast", "-t", "120", "-D", at.data]
    )
    if done.returncode != 0 and is_running(at):
        raise failed("pg_ctl stop", done.stderr or done.stdout)
    return True


def _configure(at: Places) -> None:
    """Write our settings beside PostgreSQL's own file, which only learns to include them."""
    main = at.data / "postgresql.conf"
    include = "include_if_exists = 'jirong.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)
    ours = at.data / "jirong.conf"
    ours.write_text(server_settings(at.socket, _memory_bytes()))
    ours.chmod(0o600)
    at.account.own(ours)


def server_settings(socket: Path, memory_bytes: int) -> str:
    """Durable always; memory in proportion to the machine, with room left for the site and its neighbours."""
    megabytes = memory_bytes // 2**20
    shared = max(64, min(1024, megabytes // 8))
    values: dict[str, str | int] = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{socket}'",
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(128, megabytes // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(512, megabytes // 16))}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "logging_collector": "on",
        "log_directory": "'log'",
        "log_filename": "'server-%a.log'",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_min_duration_statement": "2s",
        "log_lock_waits": "on",
        "idle_in_transaction_session_timeout": "10min",
    }
    if sys.platform == "linux":
        # After a crash, one call for the whole file system instead of one for each of thousands of files.
        values["recovery_init_sync_method"] = "syncfs"
    head = "# Written at each start by `jirong db start`; put changes in postgresql.conf, below its include."
    return "\n".join([head, *(f"{name} = {value}" for name, value in values.items()), ""])


def _memory_bytes() -> int:
    """Physical memory, or the control group's limit where that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory


def _check_major(at: Places) -> None:
    major = (at.data / "PG_VERSION").read_text().strip()
    if major != str(programs.MAJOR):
        raise Refusal(
            "database.other_major",
            Text(
                f"数据由 PostgreSQL {major} 写成，现有程序是 {programs.MAJOR}",
                f"the data was written by PostgreSQL {major}; the programs are {programs.MAJOR}",
            ),
            remedy=Text(
                "请用旧版本备份后移走数据文件夹，再 jirong db restore",
                "back up with the older version, move the data folder away, then run jirong db restore",
            ),
            where=str(at.data),
        )


def _check_disk(at: Places) -> None:
    free = shutil.disk_usage(at.folder).free
    if free < DISK_BYTES_MIN:
        raise disk_full(at.folder, free)


def disk_full(folder: Path, free: int) -> Refusal:
    return Refusal(
        "database.disk_full",
        Text(
            f"磁盘空间不足：{folder} 所在磁盘只剩 {free // 2**20} MB", f"disk full: {free // 2**20} MB left at {folder}"
        ),
        remedy=Text(
            f"请腾出至少 {DISK_BYTES_MIN // 2**20} MB 后重试，或用 JIRONG_HOME 指到别的磁盘",
            f"free at least {DISK_BYTES_MIN // 2**20} MB and try again, or point JIRONG_HOME to another disk",
        ),
    )


def failed(step: str, said: str) -> Refusal:
    """One line from what a PostgreSQL program said: its first error, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["(no message)"]
    worst = next((line for line in lines if "FATAL" in line or "error:" in line or "PANIC" in line), lines[-1])
    return Refusal(
        "database.failed",
        Text(f"数据库未能完成 {step}：{worst}", f"the database failed at {step}: {worst}"),
        remedy=Text(
            "请按提示排除后重试；jirong db status 给出数据与日志的位置",
            "remove the cause and try again; jirong db status says where data and logs lie",
        ),
    )
