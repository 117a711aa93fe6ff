"""Run the tests as CI does: translations compiled, one worker a core, and extra arguments handed to pytest.

``make test ARGS="tests/store -x"`` runs part of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    subprocess.run([sys.executable, "tools/translations.py", "compile"], cwd=ROOT, check=True)
    arguments = sys.argv[1:]
    chosen = [argument for argument in arguments if not argument.startswith("-")]
    parallel = [] if chosen else ["-n", str(os.cpu_count() or 1), "--dist=worksteal"]
    # Whatever the shell exports must not lead the tests to somebody's data: only a named server may.
    environment = {name: value for name, value in os.environ.items() if name not in ("JIRONG_DB_ROLE", "JIRONG_DEBUG")}
    command = [sys.executable, "-m", "pytest", "--quiet", "--durations=10", *parallel, *arguments]
    status = subprocess.run(command, cwd=ROOT, env=environment).returncode
    if not environment.get("DATABASE_URL"):
        stop = [sys.executable, "-m", "jirong.cli", "db", "stop", "--idle"]
        own = {**environment, "JIRONG_HOME": str(ROOT / "var" / "test")}
        subprocess.run(stop, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, check=False)
    return status


if __name__ == "__main__":
    sys.exit(main())
