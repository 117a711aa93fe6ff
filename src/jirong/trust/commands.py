"""``jirong verify RECEIPT --trust FILE``: a stranger's check, with two files and nothing else."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text
from jirong.trust import receipt, verify

MARKS = {"ok": "✓", "pending": "…", "failed": "✗"}
RESULTS = {
    "ok": Text("凭据成立", "The receipt holds"),
    "pending": Text("凭据待定：证明尚不完整", "The receipt is pending: its proof is not yet complete"),
    "failed": Text("凭据不成立", "The receipt does not hold"),
}


def register(subparsers: Any) -> None:
    """Add ``verify`` to an ``argparse`` command line."""
    parser = subparsers.add_parser("verify", help="离线验证凭据 / verify a receipt offline")
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help="凭据文件 / receipt file")
    parser.add_argument("--trust", metavar="FILE", type=Path, required=True, help="信任文件 / trust file")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    # SUPPRESS: a language chosen before the command's name stays chosen.
    parser.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help="语言 / language")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the steps; 0 if every one holds, 1 if one failed or waits. A :class:`Refusal` if a file cannot be read."""
    language = getattr(arguments, "lang", None) or "zh"
    verdict = verify.verify(_read(arguments.receipt), _trust(arguments.trust))
    if arguments.json:
        print(json.dumps(verdict.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print(verdict, language)
    return 0 if verdict.ok else 1


def _trust(path: Path) -> receipt.Trust:
    try:
        return receipt.parse_trust(_read(path))
    except Refusal as error:
        where = f"{path} {error.where}" if error.where else str(path)
        raise Invalid(error.code, error.reason, remedy=error.remedy, where=where) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(
            "file.unreadable",
            Text(f"无法读取文件：{error.strerror}", f"The file cannot be read: {error.strerror}"),
            remedy=Text("请检查路径和权限", "Check the path and its permissions"),
            where=str(path),
        ) from None


def _print(verdict: verify.Verdict, language: str) -> None:
    for step in verdict.steps:
        place = f"  [{step.where}]" if step.state != "ok" else ""
        print(f"{MARKS[step.state]} {step.text.in_language(language)}{place}")
    print(RESULTS[verdict.state].in_language(language))
