"""Notes through the HTTP API: issue, transfer and finance, one client at a time and in an open loop.

A server of two processes stands before a fresh database on the embedded PostgreSQL (fsync and synchronous commit on).
One client: each kind of request after the other, latency as the client sees it. Open loop: requests leave on a fixed
beat whether or not earlier ones have been answered, and latency counts from the moment a request was due, so that a
stall shows in every request it delays. A transfer is ``lot.transfer`` (offered, reserved) and ``offer.take`` (cut and
assigned); the loop sends both, spread over many lots, as a cluster's clerks would. Client and server share the cores.

Run alone: ``python benchmarks/notes_http.py [--rate 150] [--seconds 60] [--small]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import django

DATABASE = f"jirong_bench_notes_{os.getpid()}"
LOTS = 100
SELLERS = {"merchant": "core", "mill": "merchant"}
CONNECTIONS = 64


@dataclass
class Stage:
    """What the requests need: tokens, party ids, lots of the merchant and invoices of the mill."""

    tokens: dict[str, str]
    parties: dict[str, str]
    lots: list[str] = field(default_factory=list)
    invoices: dict[str, list[str]] = field(default_factory=dict)


def rows(kind: str, seller: str, buyer: str, number: int) -> list[dict[str, str]]:
    """One trade's document of a kind, ``number`` telling it from the others."""
    order = f"B-{seller[-4:]}-{number}"
    shared = {"order_no": order, "seller": seller, "buyer": buyer, "quantity": "1000"}
    return [
        {
            "order": shared | {"date": "2025-12-01", "amount": "1000000.00"},
            "delivery": shared | {"delivery_no": f"D-{order}", "date": "2025-12-20"},
            "acceptance": shared
            | {"acceptance_no": f"A-{order}", "delivery_no": f"D-{order}", "date": "2026-01-05"},
            "invoice": shared
            | {
                "invoice_no": f"I-{order}", "date": "2026-01-06", "net": "884955.75", "tax": "115044.25",
                "gross": "1000000.00",
            },
        }[kind]
    ]  # fmt: skip


def prepare(lots: int) -> Stage:
    """Found the world in-process: parties, documents of many trades, one accepted note a trade."""
    import yaml
    from django.db import transaction

    from jirong.cli import world as worlds
    from jirong.facts import actions as facts
    from jirong.facts.models import Fact
    from jirong.parties.models import Staff
    from jirong.store import database
    from jirong.store.identity import SYSTEM, Actor, acting_as
    from jirong.store.ids import new_id

    root = database.repository()
    assert root is not None, "the benchmark runs from the repository"
    plan = yaml.safe_load((root / "examples" / "textile-n-tier.yaml").read_text(encoding="utf-8"))
    world = worlds.found("bench", plan)
    stage = Stage(dict(world.tokens), {name: str(id) for name, id in world.parties.items()})
    for seller, buyer in SELLERS.items():
        for kind in ("order", "delivery", "acceptance", "invoice"):
            by = buyer if kind == "acceptance" else seller
            with acting_as(SYSTEM), transaction.atomic():
                staff = Staff.objects.get(user__username=world.logins[f"{by}.maker"])
            documents = [row for n in range(lots) for row in rows(kind, world.codes[seller], world.codes[buyer], n)]
            actor = Actor("party", staff.party_id, staff.user_id)
            done = facts.push(actor=actor, id=new_id(), kind=kind, rows=documents)
            assert done["added"] == lots, done
        with acting_as(SYSTEM), transaction.atomic():
            found = Fact.objects.filter(kind="invoice", subject=world.parties[seller]).order_by("key")
            stage.invoices[seller] = [str(pk) for pk in found.values_list("pk", flat=True)]
    return stage


class Caller:
    """HTTP/1.1 over kept connections, enough of it for JSON to and fro."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
        self.open = 0

    async def post(self, path: str, token: str, body: dict[str, Any], key: uuid.UUID | None = None) -> Any:
        sent = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {key or uuid.uuid4()}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(sent)}\r\n\r\n"
        ).encode()
        reader, writer = await self._connection()
        writer.write(head + sent)
        status, answer = await self._read(reader)
        self.idle.put_nowait((reader, writer))
        if status not in (200, 202):
            raise RuntimeError(f"{path}: {status} {answer}")
        return answer

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while not self.idle.empty() or self.open >= CONNECTIONS:
            reader, writer = await self.idle.get()
            if not reader.at_eof():
                return reader, writer
            writer.close()  # the server ends a connection that was idle for half a minute
            self.open -= 1
        self.open += 1
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, Any]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next(int(line.split(":")[1]) for line in head if line.lower().startswith("content-length"))
        return int(head[0].split()[1]), json.loads(await reader.readexactly(length))


@dataclass
class Bench:
    stage: Stage
    caller: Caller

    async def do(self, who: str, action: str, **body: Any) -> dict[str, Any]:
        answer = await self.caller.post(f"/api/actions/{action}", self.stage.tokens[who], body)
        return dict(answer.get("outcome", answer))

    async def issue(self, number: int) -> str:
        """Propose and approve one note; the merchant accepts it; its lot."""
        proposed = await self.do(
            "core.maker", "note.issue", payee=self.stage.parties["merchant"], due="2026-07-07",
            backings=[{"invoice": self.stage.invoices["merchant"][number], "amount": "1000000.00"}],
        )  # fmt: skip
        path = f"/api/proposals/{proposed['proposal']}/approve"
        approved = await self.caller.post(path, self.stage.tokens["core.checker"], {})
        return str(approved["outcome"]["lot"])

    async def accept(self, lot: str, note: str) -> None:
        await self.do("merchant.maker", "note.accept", note=note, consents_to_term=True)

    async def offer(self, number: int) -> str:
        offered = await self.do(
            "merchant.maker", "lot.transfer", lot=self.stage.lots[number % len(self.stage.lots)],
            to=self.stage.parties["mill"],
            backings=[
                {"invoice": self.stage.invoices["mill"][number % len(self.stage.invoices["mill"])], "amount": "10.00"}
            ],
        )  # fmt: skip
        return str(offered["offer"])

    async def take(self, offer: str) -> None:
        await self.do("mill.maker", "offer.take", offer=offer)

    async def finance(self, number: int) -> None:
        asked = await self.do(
            "merchant.maker", "lot.ask_loan", lot=self.stage.lots[number], lender=self.stage.parties["bank_a"],
            principal="100.00", rate="0.035", amount="200.00",
        )  # fmt: skip
        await self.do(
            "bank_a.maker", "offer.lend", offer=asked["offer"], registration="0523", registered_on="2026-01-08",
            background_checked=True,
        )  # fmt: skip


async def one_client(bench: Bench, count: int) -> dict[str, list[float]]:
    """Milliseconds of each kind of request, one at a time; leaves the stage with accepted lots."""
    seen: dict[str, list[float]] = {}

    async def timed(kind: str, call: Any) -> Any:
        began = time.perf_counter()
        answer = await call
        seen.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        return answer

    for number in range(len(bench.stage.invoices["merchant"])):
        proposed = await timed("propose a note", bench.do(
            "core.maker", "note.issue", payee=bench.stage.parties["merchant"], due="2026-07-07",
            backings=[{"invoice": bench.stage.invoices["merchant"][number], "amount": "1000000.00"}],
        ))  # fmt: skip
        path = f"/api/proposals/{proposed['proposal']}/approve"
        approved = await timed("issue (approved)", bench.caller.post(path, bench.stage.tokens["core.checker"], {}))
        bench.stage.lots.append(approved["outcome"]["lot"])
        await timed("accept", bench.accept(approved["outcome"]["lot"], approved["outcome"]["note"]))
    for number in range(count):
        offer = await timed("transfer: offer", bench.offer(number))
        await timed("transfer: take", bench.take(offer))
    for number in range(min(count, len(bench.stage.lots))):
        await timed("finance (ask + lend)", bench.finance(number))
    return seen


async def open_loop(bench: Bench, rate: float, seconds: float) -> tuple[list[float], int]:
    """Milliseconds from when each request was due, half of them offers and half takes; and how many failed."""
    late: list[float] = []
    failed = 0
    offers: asyncio.Queue[str] = asyncio.Queue()
    for number in range(int(rate)):
        offers.put_nowait(await bench.offer(number))

    async def send(number: int, due: float) -> None:
        nonlocal failed
        try:
            if number % 2:
                offers.put_nowait(await bench.offer(number))
            else:
                await bench.take(await offers.get())
        except (RuntimeError, OSError):
            failed += 1
        late.append((time.perf_counter() - due) * 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(send(number, due))
    return late, failed


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def line(name: str, values: list[float]) -> str:
    cells = (statistics.median(values), quantile(values, 0.99), max(values))
    return f"{name:<24}{len(values):>8}" + "".join(f"{cell:>12.1f}" for cell in cells)


@contextlib.contextmanager
def served(workers: int, database: str = DATABASE) -> Iterator[int]:
    """A migrated database of our own with a server before it, dropped afterwards."""
    from jirong.cli import serve, upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    with copies.owner(logins) as connection:
        copies.make(connection, database)
    environment = {"JIRONG_DATABASE": database}
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="jirong.site.settings")
    django.setup()
    try:
        upkeep.migrate(database)
        port = serve.free_port()
        with serve.site(serve.HOST, port, workers=workers, environment=environment) as supervisor:
            serve.wait_until_answering(supervisor, serve.HOST, port)
            yield port
    finally:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [database])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rate", type=float, default=150)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs")
    asked = parser.parse_args()
    lots, count, seconds = (10, 10, 3.0) if asked.small else (LOTS, 200, asked.seconds)
    with served(asked.workers) as port:
        print(f"notes over HTTP, {dt.date.today()}, {asked.workers} server processes, {os.cpu_count()} cores")  # noqa: DTZ011
        stage = prepare(lots)
        asyncio.run(measure(Bench(stage, Caller(port)), count, asked.rate, seconds))


async def measure(bench: Bench, count: int, rate: float, seconds: float) -> None:
    print(f"{'milliseconds':<24}{'count':>8}{'p50':>12}{'p99':>12}{'max':>12}")
    for kind, values in (await one_client(bench, count)).items():
        print(line(kind, values), flush=True)
    late, failed = await open_loop(bench, rate, seconds)
    print(line(f"open loop {rate:.0f}/s", late), f"  failed {failed}", flush=True)


if __name__ == "__main__":
    main()
