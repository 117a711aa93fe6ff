"""Which language a person at the command line reads: what they asked for, else what their locale says, else Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping


def chosen(asked: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """``zh`` or ``en``. A locale that names no language (``C``, ``POSIX``, none) gives Chinese."""
    if asked:
        return asked
    # POSIX: the first of these that is set and not empty decides.
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    named = locale.partition(".")[0].lower()
    return "zh" if named in ("", "c", "posix") or named.startswith("zh") else "en"
