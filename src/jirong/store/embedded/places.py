"""Where everything lies. By default all of it is under ``var/`` in the repository; ``JIRONG_HOME`` moves it.

Two things cannot always stay there. As root, the server runs as another account, and that account may be unable to
pass through the folders above the repository (a 0700 home): then the database lies in ``/var/lib/jirong/`` under a
name that follows from the home's path. And a socket's path may not exceed 107 bytes: where it would, the socket
lies in a short folder of the machine, again with a name that follows from the home's path.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store.embedded.account import Account, server_account

SOCKET_PATH_BYTES_MAX = 107
SOCKET_NAME = ".s.PGSQL.5432"
MACHINE_FOLDER = Path("/var/lib/jirong")


def repository() -> Path | None:
    """The repository this code runs from, or None when it was installed as a package."""
    root = Path(__file__).resolve().parents[4]
    return root if (root / "pyproject.toml").is_file() else None


def home() -> Path:
    """The folder for everything Jirong keeps on this machine; not necessarily there yet."""
    chosen = os.environ.get("JIRONG_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    root = repository()
    if root is not None:
        return root / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "jirong"


@dataclass(frozen=True, slots=True)
class Places:
    """Every path of one embedded server, and the account that runs it."""

    folder: Path
    socket: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def passwords(self) -> Path:
        return self.folder / "passwords.json"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def start_log(self) -> Path:
        return self.data / "start.log"


def places() -> Places:
    """Decide where the server of this home lies; makes nothing."""
    inside = home() / "postgres"
    outside = MACHINE_FOLDER / f"{home().parent.name or 'root'}-{_fingerprint(home())}"
    folder = _choose(inside, outside)
    account = server_account(folder / "data")
    return Places(folder, _socket_folder(folder), account)


def _choose(inside: Path, outside: Path) -> Path:
    """Existing data decides; else the home, unless root's lent account could not reach it."""
    if os.geteuid() != 0 or (inside / "data").exists():
        return inside
    if (outside / "data").exists():
        return outside
    nearest = next(folder for folder in (inside, *inside.parents) if folder.exists())
    if server_account(inside / "data").reaches(nearest):
        return inside
    return outside


def _socket_folder(folder: Path) -> Path:
    near = folder / "run"
    if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        return near
    short = Path("/run") if os.geteuid() == 0 and Path("/run").is_dir() else Path("/tmp")  # noqa: S108 verified below
    return short / f"jirong-{_fingerprint(folder)}"


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def prepare(at: Places) -> None:
    """Make the folders: the outer one passable by all, the socket's private to the server's account."""
    try:
        at.folder.mkdir(parents=True, exist_ok=True)
        if at.account.lent and at.folder.stat().st_uid == 0:
            at.folder.chmod(0o755)
        at.socket.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Refusal(
            "database.folder_refused",
            Text(f"不能建立数据库文件夹：{error}", f"cannot make the database's folder: {error}"),
            remedy=Text(
                "请用建立它的用户运行，或用 JIRONG_HOME 另指一个可写的文件夹",
                "run as the user who made it, or name a writable folder in JIRONG_HOME",
            ),
        ) from error
    _make_private(at)
    if at.account.lent and not at.account.reaches(at.folder):
        raise unreachable(at.folder, at.account)


def _make_private(at: Places) -> None:
    """Own the socket folder at mode 0700, refusing one that somebody else put there."""
    found = at.socket.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), at.account.uid):
        raise Refusal(
            "database.socket_folder_taken",
            Text(f"套接字文件夹 {at.socket} 属于别的用户", f"the socket folder {at.socket} is another user's"),
            remedy=Text(
                "请删除它，或用 JIRONG_HOME 另指一个文件夹", "remove it, or name another folder in JIRONG_HOME"
            ),
        )
    at.account.own(at.socket)
    if os.geteuid() == 0 or found.st_uid == os.geteuid():
        at.socket.chmod(0o700)


def unreachable(folder: Path, account: Account) -> Refusal:
    return Refusal(
        "database.folder_unreachable",
        Text(
            f"数据库以用户{account.name}运行，但该用户进不了 {folder}",
            f"the database runs as {account.name}, who cannot reach {folder}",
        ),
        remedy=Text(
            "请给各级上层文件夹加通行权限（chmod o+x），或把 JIRONG_HOME 指到别处",
            "let others pass through the folders above it (chmod o+x), or point JIRONG_HOME elsewhere",
        ),
    )
