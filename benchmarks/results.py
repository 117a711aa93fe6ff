"""What a benchmark found, said once: a line for whoever watches, which ``python -m benchmarks --write`` gathers."""

from __future__ import annotations

MARK = "= "


def say(work: str, measured: str, budget: str, kept: bool) -> None:
    """One row of the table of speeds."""
    print(MARK + " | ".join((work, measured, budget, "kept" if kept else "missed")), flush=True)
