"""Every benchmark, one after the other: ``python -m benchmarks [NAME...] [--small] [--list]``.

A benchmark is a file here whose docstring says how it is run alone. Each runs in a process of its own, so that none
warms another's caches or holds its memory; with names, only those. All run even when one fails; the status is 1 then.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def known() -> dict[str, str]:
    """Each benchmark by name, with the first line of what it says of itself."""
    found = {}
    for path in sorted(HERE.glob("*.py")):
        says = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if "Run alone:" in says:
            found[path.stem] = says.splitlines()[0]
    return found


def main(arguments: list[str] | None = None) -> int:
    benchmarks = known()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks))
    parser.add_argument("--small", action="store_true", help="a few seconds each, to see that they run")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    args = parser.parse_args(arguments)
    if unknown := set(args.names) - set(benchmarks):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(benchmarks)}")
    if args.list:
        print("".join(f"{name:20} {words}\n" for name, words in benchmarks.items()), end="")
        return 0
    failed = [name for name in args.names or benchmarks if not run(name, args.small)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(name: str, small: bool) -> bool:
    """One benchmark; whether it ended well."""
    print(f"── {name}", flush=True)
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *(["--small"] if small else [])], cwd=HERE.parent)
    print(f"── {name}: {time.monotonic() - began:.0f} s\n", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
