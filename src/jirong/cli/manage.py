"""``jirong migrate`` and ``jirong manage …``: Django's own commands, with the database running and the right role."""

from __future__ import annotations

import argparse
import os

from jirong.cli.main import set_up_django

NEEDS_DJANGO = False
OWNERS = {"migrate", "makemigrations", "sqlmigrate", "squashmigrations"}
"""Commands that change tables; everything else works as the application does."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = subparsers.add_parser("migrate", help="建立或升级数据表 / create or upgrade the tables")
    migrate.set_defaults(run=lambda arguments: run_django(["migrate", "--verbosity=1"]))
    manage = subparsers.add_parser("manage", help="运行一条 Django 命令 / run a Django command")
    manage.add_argument("arguments", nargs=argparse.REMAINDER, metavar="DJANGO-COMMAND …")
    manage.set_defaults(run=lambda arguments: run_django(arguments.arguments or ["help"]))


def run_django(arguments: list[str]) -> int:
    """Run ``django-admin`` with ``arguments`` in this process, as the owner where tables change."""
    os.environ.setdefault("JIRONG_DB_ROLE", "owner" if arguments[0] in OWNERS else "app")
    set_up_django(os.environ["JIRONG_DB_ROLE"])
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jirong manage", *arguments])
    return 0
