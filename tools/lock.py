"""Write the lock files: every package with its hashes, and no address, so that any index or mirror serves them.

``requirements/base.txt`` is what running needs; each other file is base and one extra, with base's versions. The
lock of page assets, ``package-lock.json``, follows ``package.json`` where the machine has npm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {
    "columns": ["columns"],
    "models": ["models"],
    "spark": ["columns", "spark"],
    # Tests hold the engines equal and train models, so that nobody finds them skipped.
    "dev": ["dev", "columns", "models"],
    "bench": ["dev", "columns", "models", "bench"],
}
PLAIN = [
    "--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate",
    "--no-emit-index-url", "--no-emit-find-links", "--quiet",
]  # fmt: skip


def main() -> int:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    compile_lock("base", ["pyproject.toml", *upgrade])
    for name, extras in EXTRAS.items():
        chosen = [f"--extra={extra}" for extra in extras]
        known = ["base", *(extra for extra in extras if extra in EXTRAS and extra != name)]
        constraints = [f"--constraint=requirements/{each}.txt" for each in known]
        compile_lock(name, ["pyproject.toml", *chosen, *constraints, *upgrade])
    # npm alone, to be installed in a folder of its own and removed after use.
    compile_lock("assets", ["--no-deps", "requirements/assets.in", *upgrade])
    if shutil.which("npm"):
        lock_assets()
    return 0


def lock_assets() -> None:
    """Let npm resolve ``package.json``, and drop what it notes of web pages."""
    print("package-lock.json …", flush=True)
    with tempfile.TemporaryDirectory() as cache:
        quiet = {**os.environ, "npm_config_cache": cache, "npm_config_loglevel": "error"}
        command = ["npm", "install", "--package-lock-only", "--ignore-scripts"]
        subprocess.run(command, cwd=ROOT, env=quiet, check=True, stdout=subprocess.DEVNULL)
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def compile_lock(name: str, arguments: list[str]) -> None:
    target = f"requirements/{name}.txt"
    print(f"{target} …", flush=True)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "pip", "compile", *PLAIN, f"--output-file={target}", *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
