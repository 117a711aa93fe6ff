"""The witness over HTTP: ``POST /add-checkpoint`` and ``GET /<origin hash>/checkpoint`` (C2SP tlog-witness)."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jirong.log.witness.book import Answer, Book

BODY_BYTES_MAX = 64 * 1024
"""A checkpoint and 63 proof lines take a twentieth of this."""


def server(book: Book, host: str, port: int) -> ThreadingHTTPServer:
    """A server for ``book``, bound but not yet serving; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
                self.close_connection = True
                self.answer(Answer(400, "a length of at most 64 KiB is needed\n"))
                return
            body = self.rfile.read(int(length))
            if self.path == "/add-checkpoint":
                self.answer(book.add_checkpoint(body, int(time.time())))
            else:
                self.answer(Answer(404, "no such path\n"))

        def do_GET(self) -> None:
            _, _, rest = self.path.partition("/")
            origin, _, name = rest.partition("/")
            self.answer(book.last_checkpoint(origin) if name == "checkpoint" else Answer(404, "no such path\n"))

        def answer(self, answer: Answer) -> None:
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: a request a second would drown whatever matters."""

    return ThreadingHTTPServer((host, port), Handler)
