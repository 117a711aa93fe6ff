"""``jirong scheme …`` as the house runs it: names are checked against what its rooms compute.

``python -m jirong.schemes`` is the language alone and checks no names; here features, papers and methods are known.
No database is needed, but Django's settings are: the rooms that compute are its applications.
"""

from __future__ import annotations

import argparse
import os

from jirong.schemes import commands
from jirong.schemes.registry import Registry

NEEDS_DJANGO = False


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``scheme`` and its sub-commands."""
    commands.register(subparsers, registry)


def registry() -> Registry:
    """The names the house knows; sets Django up, starts no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jirong.site.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from jirong.assessment import registry as names

    return names.known(_published())


def _published() -> frozenset[str]:
    """The versions published in the house's database where it is up; none where it is not: checking starts none."""
    from django.db import DatabaseError

    from jirong.financing import queries
    from jirong.store.identity import SYSTEM, acting_as

    try:
        with acting_as(SYSTEM):
            return queries.scheme_refs()
    except DatabaseError:
        return frozenset()
