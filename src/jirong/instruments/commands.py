"""``jirong instruments …``: what this room offers on the command line.

The command line hands over its subparsers and gets back, on each parser, ``run(args) -> int`` as the exit status.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from jirong.instruments import replay
from jirong.instruments.practice import commands as practice

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers) -> None:
    """Add ``instruments`` and its verbs to the command line."""
    room = subparsers.add_parser("instruments", help="cash flows of contracts")
    verbs = room.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("replay", help="set the engine beside published ACTUS cases")
    replay.add_arguments(verb)
    verb.set_defaults(run=replay.run)
    practice.register(verbs)
