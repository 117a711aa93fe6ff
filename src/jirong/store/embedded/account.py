"""Who runs the server. PostgreSQL refuses to run as root, so root lends it to an ordinary account of the machine.

The account must exist in the user table (``initdb`` looks its name up) and must be able to reach the binaries and
the data; :func:`Account.reaches` answers that from folder permissions, without trying.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text

PREFERRED = ("jirong", "postgres", "nobody")
"""Accounts root lends the server to, the first that exists."""


@dataclass(frozen=True, slots=True)
class Account:
    """An entry of the user table, and whether the server must be lent to it (only when we are root)."""

    name: str
    uid: int
    gid: int
    lent: bool

    def reaches(self, path: Path) -> bool:
        """Whether this account may read ``path`` and pass through every folder above it."""
        if not path.exists():
            return False
        above = all(self._may(folder, 0o1) for folder in path.resolve().parents)
        return above and self._may(path, 0o5 if path.is_dir() else 0o4)

    def _may(self, path: Path, bits: int) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            shift = 6
        elif found.st_gid == self.gid:
            shift = 3
        else:
            shift = 0
        return (stat.S_IMODE(found.st_mode) >> shift) & bits == bits

    def own(self, path: Path) -> None:
        """Give ``path`` to this account."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def run(
        self, command: Sequence[str | Path], *, timeout_seconds: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account with a clean environment; never raises for a failing exit status."""
        arguments = [str(part) for part in command]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        try:
            if self.lent:
                return subprocess.run(
                    arguments, cwd="/", env=environment, text=True, capture_output=True, stdin=subprocess.DEVNULL,
                    timeout=timeout_seconds, user=self.uid, group=self.gid, extra_groups=[],
                )  # fmt: skip
            return subprocess.run(
                arguments, cwd="/", env=environment, text=True, capture_output=True, stdin=subprocess.DEVNULL,
                timeout=timeout_seconds,
            )  # fmt: skip
        except PermissionError as error:
            raise Refusal(
                "database.account_refused",
                Text(f"不能以用户{self.name}运行数据库程序：{error}", f"cannot run the server as {self.name}: {error}"),
                remedy=Text(
                    "请以普通用户运行，或用 DATABASE_URL 指定现有的 PostgreSQL",
                    "run as an ordinary user, or name an existing PostgreSQL in DATABASE_URL",
                ),
            ) from error


def server_account(data: Path) -> Account:
    """The account that runs (or will run) the server whose data folder is ``data``.

    Not root: ourselves. Root: whoever owns existing data, else the first of :data:`PREFERRED` that exists.
    """
    uid = os.geteuid()
    if uid != 0:
        return _account(uid, lent=False)
    if data.exists() and data.stat().st_uid != 0:
        return _account(data.stat().st_uid, lent=True)
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, lent=True)
    raise _no_account(f"root, {', '.join(PREFERRED)}")


def _account(uid: int, *, lent: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise _no_account(str(uid)) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, lent=lent)


def _no_account(who: str) -> Refusal:
    return Refusal(
        "database.no_account",
        Text(f"本机用户表中没有可运行数据库的用户（{who}）", f"no user of this machine can run the database ({who})"),
        remedy=Text(
            "请先建立普通用户：useradd --system jirong，或用 DATABASE_URL 指定现有的 PostgreSQL",
            "make one with: useradd --system jirong, or name an existing PostgreSQL in DATABASE_URL",
        ),
    )
