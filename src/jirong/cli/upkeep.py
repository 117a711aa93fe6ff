"""Bringing a database's tables and the site's static files up to date, in this process, once Django is set up.

A thread may work on any database of the server as any of the three roles: Django keeps connections by thread, so
pointing one elsewhere disturbs no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jirong.store.database import database_settings


@contextmanager
def on_database(name: str | None = None, role: str = "app") -> Iterator[None]:
    """Inside, this thread's Django works on database ``name`` (default: the installation's own) as ``role``."""
    from django.db import connection

    connection.close()
    before = connection.settings_dict
    connection.settings_dict = {**before, **database_settings(role), **({"NAME": name} if name else {})}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


def migrate(name: str | None = None) -> None:
    """Create or upgrade the tables of database ``name``, as the owner."""
    from django.core.management import call_command

    with on_database(name, "owner"):
        call_command("migrate", verbosity=0, interactive=False)


def collect_static() -> None:
    """Copy the pages' files to where the site serves them from; unchanged ones stay."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
