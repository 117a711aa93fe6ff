"""Every check that reads the code and runs none of it: style, types, floors, translations, locks.

All of them run even when one fails, so that one call shows everything there is to mend.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CHECKS: dict[str, list[str | Path]] = {
    "ruff": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "--quiet", "."],
    "types": [BIN / "mypy"],
    "floors": [BIN / "lint-imports", "--no-logo"],
    "translations": [sys.executable, "tools/translations.py", "check"],
}
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|\"resolved\"")


def main() -> int:
    results = {name: run(name, command) for name, command in CHECKS.items()}
    results["locks"] = locks_hold_no_address()
    print("  ".join(f"{name} {'ok' if good else 'FAILED'}" for name, good in results.items()))
    return 0 if all(results.values()) else 1


def run(name: str, command: list[str | Path]) -> bool:
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"── {name} ({time.monotonic() - started:.0f} s)\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 0


def locks_hold_no_address() -> bool:
    """A lock names packages and hashes; where they come from is for the machine that installs them to say."""
    bad = [
        f"{path.relative_to(ROOT)}:{number}: an address"
        for path in (*(ROOT / "requirements").glob("*.txt"), ROOT / "package-lock.json")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ADDRESS.search(line)
    ]
    print("".join(f"{line}\n" for line in bad), end="")
    return not bad


if __name__ == "__main__":
    sys.exit(main())
