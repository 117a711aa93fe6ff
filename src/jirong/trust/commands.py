"""``jirong verify RECEIPT --trust FILE``: a stranger's check, with two files and nothing else."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.trust import receipt, verify

MARKS = {"ok": "✓", "pending": "…", "failed": "✗"}
RESULTS = {
    "ok": Text("凭据成立", "The receipt holds"),
    "pending": Text("凭据待定：证明尚不完整", "The receipt is pending: its proof is not yet complete"),
    "failed": Text("凭据不成立", "The receipt does not hold"),
}


def register(subparsers: Any, *, language: str = "zh") -> None:
    """Add ``verify`` to an ``argparse`` command line; ``language`` is what is spoken without ``--lang``."""
    parser = subparsers.add_parser("verify", help="verify a receipt offline / 离线验证凭据")
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="receipt file / 凭据文件")
    parser.add_argument("--trust", metavar="FILE", type=Path, required=True, help="trust file / 信任文件")
    parser.add_argument("--json", action="store_true", help="answer as JSON / 以 JSON 输出")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh" if language.startswith("zh") else "en")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the steps; 0 if every one holds, 1 if one failed or waits, 2 if a file cannot be read."""
    try:
        trust = receipt.parse_trust(arguments.trust.read_bytes())
        verdict = verify.verify(arguments.receipt.read_bytes(), trust)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except Refusal as error:
        print(f"{arguments.trust}: {error.reason.in_language(arguments.lang)}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(verdict.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print(verdict, arguments.lang)
    return 0 if verdict.ok else 1


def _print(verdict: verify.Verdict, language: str) -> None:
    for step in verdict.steps:
        place = f"  [{step.where}]" if step.state != "ok" else ""
        print(f"{MARKS[step.state]} {step.text.in_language(language)}{place}")
    print(RESULTS[verdict.state].in_language(language))
