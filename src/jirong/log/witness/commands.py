"""``jirong witness``: make a witness, tell its verifier key, and serve. Needs no database."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.log.witness import book as books
from jirong.log.witness.server import server


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser("witness", help="见证日志检查点 / witness a log's checkpoints")
    parser.add_argument("--dir", type=Path, required=True, help="见证人的文件夹 / the witness's own folder")
    parser.add_argument("--name", help="首次：见证人名称 / the first time: its name, such as bank.example/witness")
    parser.add_argument(
        "--log", metavar="VKEY", action="append", default=[], help="要见证的日志公钥 / a log to know, by verifier key"
    )
    parser.add_argument("--listen", metavar="HOST:PORT", help="开始服务 / serve there (port 0: any free one)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the verifier key; with ``--listen``, serve until a signal and print the address first."""
    book = books.open_book(arguments.dir, arguments.name)
    for vkey in arguments.log:
        books.add_log(book, vkey)
    print(book.verifier.vkey, flush=True)
    if arguments.listen:
        _serve(book, *_address(arguments.listen))
    return 0


def _serve(book: books.Book, host: str, port: int) -> None:
    with server(book, host, port) as serving:
        bound = serving.server_address
        print(f"http://{host}:{bound[1]}", flush=True)

        def stop(*_: object) -> None:
            # shutdown() waits for the loop this handler interrupts, so it runs beside it.
            threading.Thread(target=serving.shutdown).start()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        serving.serve_forever()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Invalid(
            "witness.address",
            Text(f"“{text}”不是监听地址", f"“{text}” is not an address to listen on"),
            remedy=Text("例如 127.0.0.1:8941", "Such as 127.0.0.1:8941"),
            where="--listen",
        )
    return host, int(port)
