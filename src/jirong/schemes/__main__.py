"""``python -m jirong.schemes check FILE``: the scheme commands alone, with nothing of the site imported."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jirong.kernel.errors import Refusal
from jirong.schemes import commands

REFUSED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """0 done, 1 found errors, 2 refused."""
    parser = argparse.ArgumentParser(prog="python -m jirong.schemes", description="融资方案 / financing schemes")
    commands.add_actions(parser)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Refusal as refusal:
        print(f"{refusal.where}: {refusal.reason}；{refusal.remedy} [{refusal.code}]", file=sys.stderr)
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
