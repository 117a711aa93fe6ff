"""``jirong check``: is the whole house in order? The books, the log and the documents, each derived again from the rest.

Three independent walks: the ledger's rules (claims against accounts among them), the log from its rows to the signed
checkpoints, and every document from its own words. Exit status 0 when nothing differs, 1 with each row by name.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import NamedTuple

from jirong.kernel.text import Text

NEEDS_DJANGO = True


class Part(NamedTuple):
    """One walk: ``find`` answers what differs, a line each in both languages."""

    title: Text
    find: Callable[[], list[Text]]


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    title = "全面核对：账簿、日志、单据 / check everything: books, log, documents"
    parser = subparsers.add_parser("check", help=title, description=title)
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when nothing differs, 1 when something does."""
    found: dict[str, list[Text]] = {}
    for name, part in PARTS.items():
        began = time.monotonic()
        found[name] = part.find()
        if not arguments.json:
            mark = "✗" if found[name] else "✓"
            print(f"{mark} {part.title.in_language(arguments.lang)} ({time.monotonic() - began:.1f} s)", flush=True)
            for line in found[name]:
                print(f"    {line.in_language(arguments.lang)}")
    if arguments.json:
        print(
            json.dumps({name: [line.as_dict() for line in lines] for name, lines in found.items()}, ensure_ascii=False)
        )
    return 1 if any(found.values()) else 0


def _books() -> list[Text]:
    from jirong.ledger import check

    titles = {rule.code: rule.title for rule in check.rules()}
    return [
        Text(
            f"{titles[finding.rule].zh}：{finding.table} {finding.row}：{finding.wrong}",
            f"{titles[finding.rule].en}: {finding.table} {finding.row}: {finding.wrong}",
        )
        for finding in check.check()
    ]


def _log() -> list[Text]:
    from jirong.log import check

    return [finding.text for finding in check.check()]


def _documents() -> list[Text]:
    from jirong.facts import check

    return [finding.text for finding in check.check()]


PARTS = {
    "books": Part(Text("账簿与债权", "Books and claims"), _books),
    "log": Part(Text("日志、凭据树与检查点", "The log, its tree and checkpoints"), _log),
    "documents": Part(Text("单据与数据", "Documents and facts"), _documents),
}
