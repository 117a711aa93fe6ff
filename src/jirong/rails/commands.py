"""``jirong sandbox``: the pretended bank as a process of its own, answering what waits."""

from __future__ import annotations

import argparse
import time

NEEDS_DJANGO = True
PAUSE_SECONDS = 0.5


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("sandbox", help="沙箱银行：执行并答复付款 / the pretended bank")
    parser.add_argument("--follow", action="store_true", help="持续运行 / keep answering until stopped")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from jirong.rails import sandbox

    answered = sandbox.answer_all()
    while arguments.follow:
        if not answered:
            time.sleep(PAUSE_SECONDS)
        answered = sandbox.answer_all(again=False)
    print(f"{answered} 笔已答复 / answered")
    return 0
