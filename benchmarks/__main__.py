"""Every benchmark, one after the other: ``python -m benchmarks [NAME...] [--small] [--write FILE] [--list]``.

A benchmark is a file here whose docstring says how it is run alone. Each runs in a process of its own, so that none
warms another's caches or holds its memory; with names, only those. All run even when one fails; the status is 1 then.
``--write`` makes a table of what they measured and of the machine it was measured on.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import results

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
    parser.add_argument("--write", type=Path, metavar="FILE", help="a table of the results, as Markdown")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    args = parser.parse_args(arguments)
    if unknown := set(args.names) - set(benchmarks):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(benchmarks)}")
    if args.list:
        print("".join(f"{name:20} {words}\n" for name, words in benchmarks.items()), end="")
        return 0
    load = os.getloadavg()
    said: dict[str, list[str]] = {}
    names = args.names or list(benchmarks)
    failed = [name for name in names if not run(name, args.small, said.setdefault(name, []))]
    print(table(said, load))
    if args.write:
        args.write.write_text(page(said, load), encoding="utf-8")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(name: str, small: bool, said: list[str]) -> bool:
    """One benchmark, its lines shown as they come and kept in ``said``; whether it ended well."""
    print(f"── {name}", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", f"benchmarks.{name}", *(["--small"] if small else [])]
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, bufsize=1) as done:
        assert done.stdout is not None, "it was asked for"
        for line in done.stdout:
            print(line, end="", flush=True)
            said.append(line.rstrip())
    print(f"── {name}: {time.monotonic() - began:.0f} s\n", flush=True)
    return done.returncode == 0


def table(said: dict[str, list[str]], load: tuple[float, float, float]) -> str:
    """The results as Markdown; ``load`` is the machine's before the first."""
    rows = [
        line.removeprefix(results.MARK) for lines in said.values() for line in lines if line.startswith(results.MARK)
    ]
    if not rows:
        return ""
    today = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    before, after = (", ".join(f"{each:.1f}" for each in loads) for loads in (load, os.getloadavg()))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = f"{today}; {machine}; load before the first {before}, after the last {after}."
    return "\n".join([head, "", "| work | measured | budget | |", "|---|---|---|---|", *(f"| {row} |" for row in rows)])


def page(said: dict[str, list[str]], load: tuple[float, float, float]) -> str:
    """The table with what each benchmark said, for the documentation."""
    parts = ["# Speed", f"Written by `python -m benchmarks {' '.join(said)} --write FILE`.", table(said, load)]
    for name, lines in said.items():
        told = "\n".join(line for line in lines if not line.startswith(results.MARK))
        parts += [f"## {name}", f"```\n{told}\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
