"""Compiled sources kept where a start finds them again.

Python compiles each module it loads and keeps the result beside the source, unless it was told not to
(``PYTHONDONTWRITEBYTECODE``, usual in containers). Then every process of a site compiles some 1,700 modules anew,
two thirds of what its start costs. Whoever asked for that wants clean source folders, not slow starts: so the
results go under ``var/`` instead.
"""

from __future__ import annotations

import os
import sys

from jirong.store.embedded.places import home

FORBIDDEN = "PYTHONDONTWRITEBYTECODE"
PLACE = "PYTHONPYCACHEPREFIX"


def keep() -> None:
    """From here on keep compiled modules, this process and those it starts; nothing where Python does so by itself.

    A place that somebody chose stays; so does the flag ``-B``, which is meant for one process.
    """
    if not os.environ.get(FORBIDDEN):
        return
    del os.environ[FORBIDDEN]
    prefix = os.environ.setdefault(PLACE, str(home() / "bytecode"))
    sys.pycache_prefix, sys.dont_write_bytecode = prefix, False
