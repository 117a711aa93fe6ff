"""The command line: ``jirong <room's command> …``.

Each room adds its own commands: a module ``commands`` with ``register(subparsers)``, whose parsers name their
function with ``set_defaults(run=…)`` (it takes the parsed arguments and answers an exit status). A module that works
on the database says ``NEEDS_DJANGO = True``; only then is the database started and Django set up. A refusal is one
line with its remedy, and exit status 2.
"""

from jirong.cli.main import main

__all__ = ["main"]
