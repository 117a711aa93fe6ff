"""What Django's settings need to know of the database, from files and environment alone: importing starts nothing.

Whoever is about to use the database (a command, the tests, the server's launcher) calls
``jirong.store.embedded.ensure_running()`` first; before the first start ``database_settings`` answers a log-in that
cannot succeed, so that type checkers and documentation builds can read the settings of a bare clone.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from jirong.store.embedded import external, known_connections
from jirong.store.embedded.logins import DATABASE, ROLES, Role, role_name
from jirong.store.embedded.places import home, repository

__all__ = ["database_settings", "home", "repository", "secret"]

ENGINE = "jirong.store.postgresql"


def database_settings(role: str = "app") -> dict[str, Any]:
    """Django's ``DATABASES`` entry for ``role`` (``owner``, ``app`` or ``read``), honouring ``DATABASE_URL``.

    ``JIRONG_DATABASE`` names another database of the same server: examples and the demonstration have their own.
    """
    if role not in ROLES:
        raise ValueError(f"a database role is one of {', '.join(ROLES)}, not {role!r}")
    parts = conninfo_to_dict(_conninfo(role))
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    settings: dict[str, Any] = {key: str(parts.pop(part, "")) for key, part in named.items()}
    settings["NAME"] = os.environ.get("JIRONG_DATABASE") or settings["NAME"] or DATABASE
    settings["USER"] = settings["USER"] or role_name(role)
    return {
        "ENGINE": ENGINE,
        **settings,
        # A site asks the same few statements over and over: planned once a connection they cost PostgreSQL half.
        "OPTIONS": {**parts, "server_side_binding": True, "prepare_threshold": 3},
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _conninfo(role: Role) -> str:
    """A connection string, empty before the first start."""
    known = known_connections()
    if known is None and os.environ.get("DATABASE_URL"):
        known = external.as_given(os.environ["DATABASE_URL"])
    return known.of(role) if known else ""


def secret(name: str) -> str:
    """A secret of this installation, made at first use and kept in a file only its owner can read.

    ``JIRONG_SECRET_<NAME>`` in the environment takes its place (upper case, ``-`` written ``_``), as a site on
    several machines needs.
    """
    given = os.environ.get(f"JIRONG_SECRET_{name.upper().replace('-', '_')}")
    if given:
        return given
    path = home() / "secrets" / name
    if not path.exists():
        _make_secret(path)
    return path.read_text(encoding="ascii").strip()


def _make_secret(path: Path) -> None:
    """Two processes may race: the first link wins, and both read the same secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.making-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(making, path)
    except FileExistsError:
        pass
    finally:
        making.unlink()
