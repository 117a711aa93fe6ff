"""``jirong log …``: sequence, check, receipts, the trust file, witnesses, and the tree as files."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

NEEDS_DJANGO = True
NOT_HERE = 3
# Models can be imported only once Django is ready, so each command imports what it needs.


def register(subparsers: Any) -> None:
    log = subparsers.add_parser("log", help="操作日志 / the log of actions")
    commands = log.add_subparsers(dest="log_command", required=True, metavar="COMMAND")

    sequence = commands.add_parser("sequence", help="为条目排序并签检查点 / give entries leaves, sign checkpoints")
    sequence.add_argument("--follow", action="store_true", help="持续运行 / keep running")
    sequence.add_argument("--interval", type=float, default=0.25, metavar="SECONDS", help="轮询间隔 / between looks")
    sequence.set_defaults(run=run_sequence)

    check = commands.add_parser("check", help="重新推导并核对全部日志 / derive the log again and compare")
    check.add_argument("--ask-witnesses", action="store_true", help="并与见证人的记录核对 / also ask the witnesses")
    check.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    check.set_defaults(run=run_check)

    receipt = commands.add_parser("receipt", help="出具凭据 / issue a receipt")
    receipt.add_argument("entry", type=uuid.UUID, metavar="ID", help="操作编号 / the action's id")
    receipt.add_argument("--out", type=Path, metavar="FILE", help="写入文件 / write to a file")
    receipt.set_defaults(run=run_receipt)

    trust = commands.add_parser("trust", help="输出信任文件 / print the trust file")
    trust.add_argument("--quorum", type=int, metavar="N", help="须有几份见证 / cosignatures asked (default: all)")
    trust.set_defaults(run=run_trust)

    key = commands.add_parser("key", help="输出日志公钥（供见证人） / print the log's verifier key, for witnesses")
    key.set_defaults(run=run_key)

    witness = commands.add_parser("add-witness", help="增加见证人 / add a witness")
    witness.add_argument("vkey", metavar="VKEY", help="见证人的公钥 / its verifier key")
    witness.add_argument("url", metavar="URL", help="见证人的地址 / where it listens")
    witness.set_defaults(run=run_add_witness)

    here = commands.add_parser("witness-here", help="在本机运行演示见证人 / a witness on this machine, to demonstrate")
    here.set_defaults(run=run_witness_here)

    export = commands.add_parser("export", help="导出为 C2SP tlog-tiles 文件 / write the tree as static files")
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--entries", action="store_true", help="含全部条目内容（仅供监管） / with every statement")
    export.set_defaults(run=run_export)


def run_sequence(arguments: argparse.Namespace) -> int:
    """Sequence what waits; with ``--follow`` until a signal."""
    from jirong.log import sequencer

    if not arguments.follow:
        print(sequencer.sequence_all())
        return 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sequencer.follow(stop, lambda line: print(line, file=sys.stderr, flush=True), arguments.interval)
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """0 if everything follows, 1 with one line for each row that does not."""
    from jirong.log import check, tiles

    findings = check.check(ask_witnesses=arguments.ask_witnesses)
    head = tiles.head()
    summary = check.summary(findings, head.size if head else 0)
    language = getattr(arguments, "lang", None) or "zh"
    if arguments.json:
        body = {"findings": [finding.as_dict() for finding in findings], "summary": summary.as_dict()}
        print(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(finding.text.in_language(language))
        print(summary.in_language(language))
    return 1 if findings else 0


def run_receipt(arguments: argparse.Namespace) -> int:
    """Write the receipt's exact bytes: a receipt is canonical and must not be reformatted."""
    from jirong.log import receipts
    from jirong.store.identity import SYSTEM, acting_as

    with acting_as(SYSTEM):
        data = receipts.receipt_for(arguments.entry).encode()
    if arguments.out:
        arguments.out.write_bytes(data)
    else:
        sys.stdout.write(data.decode() + "\n")
    return 0


def run_trust(arguments: argparse.Namespace) -> int:
    from jirong.log import receipts

    print(json.dumps(receipts.trust(arguments.quorum).as_dict(), ensure_ascii=False, indent=2))
    return 0


def run_key(arguments: argparse.Namespace) -> int:
    from jirong.log import authority

    print(authority.verifier().vkey)
    return 0


def run_add_witness(arguments: argparse.Namespace) -> int:
    from jirong.log import cosigning
    from jirong.store.identity import SYSTEM
    from jirong.store.ids import new_id

    answer = cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=arguments.vkey, url=arguments.url)
    print(answer["witness"])
    return 0


def run_witness_here(arguments: argparse.Namespace) -> int:
    """Become the witness of this log: a process that has no database. 3 where the log's witnesses live elsewhere."""
    from django.db import connection

    from jirong.log import neighbour

    place = neighbour.settle()
    connection.close()
    if place is None:
        return NOT_HERE
    neighbour.alone(place.folder)
    command = ["-m", "jirong.cli", "witness", "--dir", str(place.folder), "--listen", place.listen]
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # its key is in the log and the trust file
    return os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 our own interpreter


def run_export(arguments: argparse.Namespace) -> int:
    from jirong.log import tiles

    print(tiles.write_out(arguments.folder, entries=arguments.entries))
    return 0
