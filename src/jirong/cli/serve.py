"""``jirong serve``: the site on this machine, with the processes it needs beside it.

The sequencer puts the log in order off the path of requests, the sandbox bank answers instructions on its accounts,
a witness cosigns checkpoints with a key and a memory of its own, and the connectors of the installation, if it has any,
are pulled at their hours. They start once the site answers.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import sys
import time
from collections.abc import Collection

from jirong.cli import upkeep
from jirong.cli.main import set_up_django
from jirong.cli.supervisor import Ended, Part, Supervisor
from jirong.kernel.errors import Conflict, Refusal
from jirong.kernel.text import Text
from jirong.store import embedded

NEEDS_DJANGO = False
HOST = "127.0.0.1"
ANSWER_SECONDS_MAX = 180
"""A site that ends is told at once; one that is only slow, on a busy machine, is given time."""
PAGE_SECONDS_MAX = 30
BESIDE = {
    "sequencer": ("log", "sequence", "--follow"),
    "sandbox": ("sandbox", "--follow"),
    "witness": ("log", "witness-here"),
    "connectors": ("facts", "follow"),
}
"""The processes beside the site, by name: each a command of its own."""
THREADS = 2
"""Threads a worker runs requests on, each with a database connection of its own. Requests are mostly work for the
interpreter, of which a worker has one: more threads than keep it busy while some wait for PostgreSQL only fight for it
(150 writes a second for a minute on two cores: p99 70 ms with 2, 119 ms with 3, 487 ms with 8).
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("serve", help="启动网站 / serve the site")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=port, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="网站进程数 / processes for the site")
    parser.add_argument(
        "--without", metavar="NAME", action="append", default=[], choices=list(BESIDE),
        help=f"不启动某个随行进程 / leave one out: {', '.join(BESIDE)}",
    )  # fmt: skip
    parser.add_argument("--reload", action="store_true", help="源码变动即重启（开发用） / restart on change")
    parser.set_defaults(run=run)


def port(text: str) -> int:
    """A TCP port as a person writes it."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"端口应为1至65535的整数，不是“{text}” / a port is a whole number from 1 to 65535")


def run(arguments: argparse.Namespace) -> int:
    refuse_busy(arguments.host, arguments.port)
    set_up_django("app")
    upkeep.migrate()
    upkeep.collect_static()
    with site(
        arguments.host, arguments.port, workers=arguments.workers, reload=arguments.reload, without=arguments.without
    ) as supervisor:
        print(f"http://{arguments.host}:{arguments.port}  （Ctrl-C 停止 / to stop）", flush=True)
        stay(supervisor)
    return 0


def site(
    host: str,
    port: int,
    *,
    workers: int = 1,
    reload: bool = False,
    without: Collection[str] = (),
    environment: dict[str, str] | None = None,
) -> Supervisor:
    """The processes of a site, not started yet (enter it to start them)."""
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(THREADS), "--log-level", "error", "--no-ws",
        *(["--reload"] if reload else []), "jirong.site.wsgi:application",
    ]  # fmt: skip
    debug = {"JIRONG_DEBUG": "1"} if reload else {}
    return Supervisor(
        [Part("site", web), *helpers(without)], {**debug, **(environment or {})}, ready=lambda: answers(host, port)
    )


def helpers(without: Collection[str] = ()) -> list[Part]:
    """Processes beside the site; PostgreSQL knows each by its name, which is how the operator's page finds it."""
    return [
        Part(name, [sys.executable, "-m", "jirong.cli", *command], beside=True,
             environment={"PGAPPNAME": f"jirong {name}", embedded.START: "no"})
        for name, command in BESIDE.items() if name not in without
    ]  # fmt: skip


def answers(host: str, port: int) -> bool:
    """Whether the site answers HTTP at all, asked with a page that needs no log-in."""
    connection = http.client.HTTPConnection(host, port, timeout=PAGE_SECONDS_MAX)
    try:
        connection.request("GET", "/accounts/login/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def stay(supervisor: Supervisor) -> None:
    """Serve until Ctrl-C; a process that ends by itself is told, a database that was killed is started again."""
    try:
        supervisor.wait(look_after_database)
    except Ended as ended:
        raise Refusal(
            "site.ended",
            Text(f"进程 {ended.name} 意外结束（{ended.status}）", f"process {ended.name} ended ({ended.status})"),
            remedy=Text("请看上面的输出", "see the output above"),
        ) from None


def look_after_database() -> None:
    """Start the embedded server again if it died; one that somebody stopped stays stopped."""
    try:
        if embedded.revive():
            print("数据库曾意外中断，已重新启动 / the database had died and was started again", flush=True)
    except Refusal as refusal:
        print(f"jirong: {refusal.reason} [{refusal.code}]", file=sys.stderr, flush=True)


def wait_until_answering(supervisor: Supervisor, host: str, port: int) -> None:
    """Until the site answers HTTP at all; refuses when it ends or stays silent."""
    deadline = time.monotonic() + ANSWER_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            supervisor.check()
        except Ended:
            break
        if answers(host, port):
            return
        time.sleep(0.1)
    raise Refusal(
        "site.silent",
        Text("网站没有启动成功", "the site did not start"),
        remedy=Text("请看上面的输出", "see the output above"),
    )


def refuse_busy(host: str, port: int) -> None:
    """Refuse a port that somebody listens on, before anything is built."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                "port.busy",
                Text(f"端口 {port} 用不了：{error.strerror}", f"port {port} cannot be used: {error.strerror}"),
                remedy=Text(
                    f"请停掉占用它的程序，或换一个端口：PORT={port + 1}",
                    f"stop whoever uses it, or choose another: PORT={port + 1}",
                ),
            ) from None


def free_port(host: str = HOST) -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
