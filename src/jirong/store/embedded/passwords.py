"""Passwords of the database's roles: made once at random, kept in a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text


def load(path: Path) -> dict[str, str]:
    """Role name → password; empty when the file is not there. Refuses a file that others could read."""
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise _too_open(path)
            return {str(name): str(password) for name, password in json.load(file).items()}
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise Refusal(
            "database.passwords_unreadable",
            Text(f"无权读取数据库口令文件 {path}", f"may not read the database's passwords in {path}"),
            remedy=Text(
                "请用建立它的用户运行，或用 JIRONG_HOME 另指一个文件夹",
                "run as the user who made it, or name another folder in JIRONG_HOME",
            ),
        ) from error


def load_or_make(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The passwords of ``names``, adding those not there yet."""
    known = load(path)
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(32) for name in missing}
        _save(path, known)
    return known


def _save(path: Path, known: dict[str, str]) -> None:
    making = path.with_name(f"{path.name}.making")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)


def _too_open(path: Path) -> Refusal:
    return Refusal(
        "database.passwords_exposed",
        Text(f"口令文件 {path} 可被其他用户读取", f"others can read the passwords in {path}"),
        remedy=Text(f"请运行 chmod 600 {path}", f"run chmod 600 {path}"),
    )
