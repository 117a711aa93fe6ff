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
    "node_modules", "src/jirong/site/static/vendor", ".venv",
)  # fmt: skip


def main() -> int:
    everything = os.environ.get("ALL") == "yes"
    command = ROOT / ".venv" / "bin" / "jirong"
    if command.exists():
        for home in (ROOT / "var", ROOT / "var" / "test"):
            subprocess.run([command, "db", "stop"], env={**os.environ, "JIRONG_HOME": str(home)}, check=False)
    for folder in ROOT.joinpath("src").rglob("__pycache__"):
        shutil.rmtree(folder)
    for name in (*MADE, *(["var"] if everything else [])):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    print("已清理 / cleaned" + ("" if everything else "（数据仍在 var/ / data kept in var/）"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
