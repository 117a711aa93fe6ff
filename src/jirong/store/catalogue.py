"""The catalogue as files: rules, schemes and reference tables, read once for each process.

The pure rooms take their text as an argument; this is who hands it to them.
"""

from __future__ import annotations

import functools
import re
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


@functools.cache
def scheme_refs() -> frozenset[str]:
    """``name@version`` of every scheme of the catalogue, as its first lines say."""
    return frozenset(ref for text in schemes().values() if (ref := ref_of(text)))


def ref_of(text: str) -> str:
    """``name@version`` of a scheme's text as its lines ``scheme:`` and ``version:`` say; nothing where they do not."""
    name, version = (re.search(rf"(?m)^{key}: *([a-z0-9-]+) *$", text) for key in ("scheme", "version"))
    return f"{name[1]}@{version[1]}" if name and version else ""
