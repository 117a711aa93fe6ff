"""The catalogue as files: rules, schemes and reference tables, read once for each process.

The pure rooms take their text as an argument; this is who hands it to them.
"""

from __future__ import annotations

import functools
from pathlib import Path

from jirong.kernel.rules import Rulebook

FOLDER = Path(__file__).resolve().parents[3] / "catalogue"


@functools.cache
def rulebook() -> Rulebook:
    """Every rule of ``catalogue/rulebook``."""
    files = sorted((FOLDER / "rulebook").glob("*.yaml"))
    return Rulebook.parse({path.name: path.read_text(encoding="utf-8") for path in files})


@functools.cache
def schemes() -> dict[str, str]:
    """The text of every scheme of ``catalogue/schemes`` by file stem."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((FOLDER / "schemes").glob("*.yaml"))}
