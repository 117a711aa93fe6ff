"""The tree of commands, and how a refusal is told."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType

import psycopg

from jirong import __version__
from jirong.cli import language
from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.store import embedded
from jirong.store.embedded import copies
from jirong.store.embedded.logins import DATABASE

MODULES = (
    "jirong.store.embedded.commands",
    "jirong.trust.commands",
    "jirong.log.commands",
    "jirong.log.witness.commands",
    "jirong.ledger.commands",
    "jirong.rails.commands",
    "jirong.instruments.commands",
    "jirong.cli.check",
    "jirong.cli.schemes",
    "jirong.facts.commands",
    "jirong.assessment.commands",
    "jirong.financing.commands",
    "jirong.cli.manage",
    "jirong.cli.serve",
    "jirong.cli.demo",
)
"""Every module that adds commands. A room that has none yet is passed over; a broken module is an error."""

REFUSED = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status: 0 done, 1 found something wrong, 2 refused."""
    arguments = build_parser().parse_args(argv)
    reader = arguments.lang = language.chosen(arguments.lang)
    arguments.lang = reader
    try:
        if arguments.needs_django:
            set_up_django(arguments.database_role)
        return int(arguments.run(arguments) or 0)
    except Refusal as refusal:
        print(told(refusal, reader), file=sys.stderr)
        return REFUSED
    except psycopg.Error as error:
        return _tell_database(error, reader)
    except BrokenPipeError:
        # Whoever read our output (`| head`) has gone; say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        # Django wraps the driver's errors in its own, which cannot be named before it is set up.
        if isinstance(error.__cause__, psycopg.Error):
            return _tell_database(error.__cause__, reader)
        raise
    except KeyboardInterrupt:
        return INTERRUPTED


def _tell_database(error: psycopg.Error, reader: str) -> int:
    """One line for a lost connection and for a database without our tables; anything else is a defect, raised anew."""
    if isinstance(error, psycopg.OperationalError):
        refusal = database_lost(error)
    elif isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedFunction) and not _has_tables():
        refusal = database_empty()
    else:
        raise error
    print(told(refusal, reader), file=sys.stderr)
    return REFUSED


def _has_tables() -> bool:
    known = embedded.known_connections()
    return known is not None and copies.has_tables(copies.chosen(known).owner)


def database_empty() -> Refusal:
    """The database asked has no tables yet; which ones of this server have."""
    known = embedded.known_connections()
    name = os.environ.get("JIRONG_DATABASE") or DATABASE
    others = copies.with_tables(known) if known else []
    use = "".join(f"；JIRONG_DATABASE={other}" for other in others[:5])
    return Refusal(
        "database.empty",
        Text(f"数据库 {name} 里还没有数据表", f"database {name} has no tables yet"),
        remedy=Text(
            "请先 jirong migrate" + (f"，或指明已有数据的数据库：{use.lstrip('；')}" if use else ""),
            "run jirong migrate" + (f", or name one that has: {use.lstrip('；').replace('；', '; ')}" if use else ""),
        ),
    )


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jirong", description="Jirong 集融：把中小企业集群作为一个整体来融资 / finances a cluster as a cluster"
    )
    parser.add_argument("--version", action="version", version=f"jirong {__version__}")
    parser.add_argument("--lang", choices=["zh", "en"], help="提示语言，缺省看 LANG / language of messages")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in MODULES:
        if has_module(name):
            _register(importlib.import_module(name), commands)
    return parser


def has_module(name: str) -> bool:
    """Whether a dotted module exists, importing no more than the packages above it."""
    package, _, _ = name.rpartition(".")
    if package and not has_module(package):
        return False
    return importlib.util.find_spec(name) is not None


def _register(module: ModuleType, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Let ``module`` add its commands, and note on them what it needs before they run."""
    before = set(commands.choices)
    module.register(commands)
    for name in set(commands.choices) - before:
        commands.choices[name].set_defaults(
            needs_django=getattr(module, "NEEDS_DJANGO", False),
            database_role=getattr(module, "DATABASE_ROLE", "app"),
        )


def set_up_django(role: str) -> None:
    """Have the database running and Django ready, logged in as ``role`` (``app``, or ``owner`` to migrate)."""
    embedded.ensure_running()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jirong.site.settings")
    os.environ.setdefault("JIRONG_DB_ROLE", role)
    import django

    django.setup()


def database_lost(error: psycopg.OperationalError) -> Refusal:
    """What a lost connection means to a person at the command line."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return Refusal(
        "database.lost",
        Text(f"与数据库的连接断了：{said}", f"the connection to the database was lost: {said}"),
        remedy=Text(
            "请看 jirong db status，然后重来一遍；重复执行不会重复记账",
            "see jirong db status, then run it again; doing it twice books nothing twice",
        ),
    )


def told(refusal: Refusal, reader: str) -> str:
    """A refusal as one line: where, what is wrong, the clause, what to do."""
    said = refusal.reason.in_language(reader)
    if refusal.where:
        said = f"{refusal.where}: {said}"
    if refusal.clause:
        said += f"（{refusal.clause.in_language(reader)}）" if reader == "zh" else f" ({refusal.clause.en})"
    if refusal.remedy:
        said += ("；" if reader == "zh" else "; ") + refusal.remedy.in_language(reader)
    return f"jirong: {said} [{refusal.code}]"
