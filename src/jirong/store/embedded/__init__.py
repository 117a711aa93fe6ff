"""Jirong's own PostgreSQL: the server binaries of a Python wheel, run privately, so that nothing must be installed.

``ensure_running()`` is the whole interface for programs: it starts the server if need be (or prepares the database
that ``DATABASE_URL`` names) and answers how to log in as each of three roles. ``owner`` migrates; ``app`` is what
the site runs as: no superuser, owner of nothing, bound by row-level security; ``read`` reads only. Log-in is always
by password (scram-sha-256) over a socket folder of our own; there is no TCP port.

Pieces: ``binaries`` finds the wheel's programs, ``account`` decides who runs the server (PostgreSQL refuses root),
``places`` names every path, ``passwords`` keeps the passwords, ``cluster`` makes, starts and stops the server,
``roles`` makes the three roles, ``external`` does the same on a stock server, ``backup`` saves and restores.
"""

from jirong.store.embedded.logins import Connections, Role
from jirong.store.embedded.ready import START, ensure_running, known_connections, revive

__all__ = ["START", "Connections", "Role", "ensure_running", "known_connections", "revive"]
