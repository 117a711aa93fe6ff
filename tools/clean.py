"""Stop the embedded database and remove what Jirong made: ``make clean`` (keeps data), ``make clean ALL=yes``.

Without ``ALL`` the environment, caches and fetched assets go; with it the data under ``var/`` goes too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MADE = (
    "build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache",
    "node_modules", "src/jirong/site/static/vendor", "var/bytecode", ".venv",
)  # fmt: skip


HOMES = (ROOT / "var", ROOT / "var" / "test")
FOLDER = "from jirong.store.embedded.places import places; print(places().folder)"


def main() -> int:
    everything = os.environ.get("ALL") == "yes"
    for home in HOMES:
        stop_database(home, forget=everything)
    for folder in ROOT.joinpath("src").rglob("__pycache__"):
        shutil.rmtree(folder)
    for name in (*MADE, *(["var"] if everything else [])):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    print("已清理 / cleaned" + ("" if everything else "（数据仍在 var/ / data kept in var/）"))
    return 0


def stop_database(home: Path, *, forget: bool) -> None:
    """Stop the server of ``home``; with ``forget`` remove its data, which may lie outside the repository."""
    python = ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "JIRONG_HOME": str(home)}
    if not python.exists() or not home.exists():
        return
    subprocess.run([python, "-m", "jirong.cli", "db", "stop"], env=environment, check=False)
    if forget:
        done = subprocess.run([python, "-c", FOLDER], env=environment, capture_output=True, text=True, check=True)
        shutil.rmtree(done.stdout.strip(), ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
