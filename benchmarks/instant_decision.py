"""The instant decision through the HTTP API: apply, be assessed and judged, contract, payment instructed; one request.

A server of two processes stands before a fresh database on the embedded PostgreSQL (fsync and synchronous commit on).
Each firm has many facts on file (the shop's payments, a thousand a push) and figures stated by its platform; each
application is signed in advance, so the answer is a contract and an instructed payment. Open loop: requests leave on a
fixed beat whether or not earlier ones were answered, latency counts from when one was due; then bursts that leave at
once. What is answered with anything but a signed contract is counted, and the first such answer shown. Last, one
decision is taken apart in this process: its statements, and where its time goes.

Run alone: ``python -m benchmarks.instant_decision [--facts 100000] [--firms 10] [--rate 10] [--seconds 30] [--small]``.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import datetime as dt
import json
import os
import pstats
import statistics
import sys
import time
import uuid
from typing import Any

from benchmarks import results
from benchmarks.notes_http import Caller, quantile, served

DATABASE = f"jirong_bench_decide_{os.getpid()}"
DAY = dt.date(2026, 1, 15)
SCOPES = ["registration.record", "tax.filing", "shop.orders", "shop.reviews", "logistics.deliveries", "court.records",
          "repayment.record"]  # fmt: skip
PUSHED = 1_000
BURST = 50
BATCH = ("id", "source_id", "kind", "name", "sha256", "added", "known", "refused")
FIGURES = {
    "shop_months": "20", "shop_stability": "66", "review_score": "4.7", "delivery_on_time": "0.97",
    "flows_12m": "360000.00", "court_defaulter": "false", "overdue_12m": "0",
}  # fmt: skip


def wide() -> str:
    """The catalogue's instant loan with a limit that hundreds of loans fit into: a firm's open loans count against it,
    and a handful of firms apply again and again.
    """
    from jirong.store import catalogue

    text = catalogue.schemes()["instant-loan-310"]
    wider = {"A: 50000.00, B: 40000.00, C: 30000.00": "A: 50000000.00, B: 40000000.00, C: 30000000.00",
             "part: 20%": "part: 100%"}  # fmt: skip
    for narrow, wide in wider.items():
        assert text.count(narrow) == 1, narrow
        text = text.replace(narrow, wide)
    return text


def prepare(firms: int, facts: int) -> tuple[list[str], str]:
    """Tokens of the firms' makers and the policy they apply under."""
    from django.db import transaction

    from jirong.cli import world as worlds
    from jirong.financing.actions import schemes
    from jirong.kernel.money import Money
    from jirong.log import actions as log_actions
    from jirong.parties import actions as parties
    from jirong.parties.models import Staff
    from jirong.store.identity import SYSTEM, Actor, acting_as
    from jirong.store.ids import new_id

    firm = {"size": "micro", "roles": ["firm"], "bank": "bank"}
    world = worlds.found("decide", {
        "business_date": str(DAY),
        "parties": {
            "bank": {"name": "银行", "size": "large", "roles": ["bank"], "bank": "bank", "balance": "900000000.00"},
            "source": {"name": "数据平台", "size": "large", "roles": ["provider"]},
            **{f"shop{n}": {"name": f"店{n}", **firm} for n in range(firms)},
        },
    })  # fmt: skip

    def actor(who: str, person: str = "maker") -> Actor:
        with acting_as(SYSTEM), transaction.atomic():
            staff = Staff.objects.get(user__username=world.logins[f"{who}.{person}"])
        return Actor("party", staff.party_id, staff.user_id)

    def do(who: str, function: Any, **body: Any) -> dict[str, Any]:
        two = log_actions.REGISTRY[function.action_code].two_people
        with log_actions.checked_by(actor(who).user or 0):
            return dict(function(actor=actor(who, "checker" if two else "maker"), id=new_id(), **body))

    scheme = uuid.UUID(do("bank", schemes.publish_scheme, document=schemes.SchemeText(wide()))["scheme"])
    budget = Money.parse("500000000.00")
    policy = do("bank", schemes.sign_policy, scheme=scheme, budget=budget, parties_named=[])["policy"]
    for n in range(firms):
        party = world.parties[f"shop{n}"]
        do(f"shop{n}", parties.grant_consent, grantee=world.parties["bank"], purpose="credit_assessment",
           scope=SCOPES, since=DAY, until=dt.date(2027, 1, 14))  # fmt: skip
        do(f"shop{n}", parties.grant_consent, grantee=world.parties["source"], purpose="supply",
           scope=["shop.orders", "shop.reviews", "logistics.deliveries", "court.records"], since=DAY,
           until=dt.date(2027, 1, 14))  # fmt: skip
        do(f"shop{n}", parties.grant_consent, grantee=world.parties["bank"], purpose="supply",
           scope=["repayment.record"], since=DAY, until=dt.date(2027, 1, 14))  # fmt: skip
        for name, value in FIGURES.items():
            who = "bank" if name == "overdue_12m" else "source"
            do(who, schemes.state_figure, subject=party, kind="feature", name=name, value=value, on=DAY)
    firms_of = [(world.parties[f"shop{n}"], world.codes[f"shop{n}"]) for n in range(firms)]
    file_facts(firms_of, facts, world.parties["source"])
    return [world.tokens[f"shop{n}.maker"] for n in range(firms)], str(policy)


def file_facts(firms: list[tuple[uuid.UUID, str]], count: int, source: uuid.UUID) -> None:
    """A year of a shop's payments by COPY: the rows and the tally that pushes of a thousand would have left."""
    import numpy as np
    from django.db import transaction

    from jirong.facts import kinds, reading
    from jirong.facts.generate import columns, load
    from jirong.kernel.ids import derived_id
    from jirong.store.identity import SYSTEM, acting_as

    kind = kinds.KINDS["shop.orders"]
    recorded = dt.datetime.combine(DAY, dt.time(), dt.UTC)
    reads = {name: kind.field(name).read for name in ("record_no", "firm", "date", "orders", "received")}
    for firm, code in firms:
        batches, facts, tallies = [], [], []
        for low in range(0, count, PUSHED):
            batch = derived_id(firm, "pushed", low)
            numbers = range(low, min(low + PUSHED, count))
            ago = [1 + k * 360 // count for k in numbers]
            fen = 40_000_000 // count
            table = columns.Columns(
                kind, np.zeros(len(ago), dtype=np.int64), np.datetime64(DAY) - np.array(ago),
                {"orders": columns.Number(np.full(len(ago), 3)), "received": columns.Number(np.full(len(ago), fen), 2)},
            )  # fmt: skip
            batches.append((batch, source, kind.code, "pushed", "0" * 64, len(ago), 0, '{"count": 0, "rows": []}'))
            tallies += [(*row[:-1], recorded) for row in load._tallies(columns.tally(table), [firm], batch)]
            for k, days in zip(numbers, ago, strict=True):
                cells = {"record_no": f"R{code}-{k}", "firm": code, "date": str(DAY - dt.timedelta(days=days)),
                         "orders": "3", "received": f"{fen // 100}.{fen % 100:02d}"}  # fmt: skip
                values = {name: reads[name](cell, name) for name, cell in cells.items()}
                facts.append((
                    derived_id(batch, k), kind.code, firm, None, source, values["record_no"], "", values["date"], fen,
                    "CNY", reading.as_json(values), reading.digest(kind, values), batch, k - low + 2, recorded,
                ))  # fmt: skip
        with acting_as(SYSTEM), transaction.atomic():
            load._copy("facts_batch", BATCH, batches)
            load._copy("facts_fact", load.FACT, facts)
            load._copy("facts_tally", load.TALLY, tallies)


def settle_down() -> None:
    """What autovacuum and the checkpointer do in time after a load: an index alone then answers, and disks are idle."""
    import psycopg

    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = copies.at_database(embedded.ensure_running(), DATABASE)
    with psycopg.connect(logins.admin or logins.owner, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
        if logins.admin is not None:
            owner.execute("CHECKPOINT")


class Refused(Exception):
    """An answer that is no signed contract: its status and how it begins."""


class Client(Caller):
    """A caller that can say what it was told when that was no JSON (a page of an error, a proxy's words, nothing)."""

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, Any]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        status = int(head[0].split()[1])
        length = fields.get("content-length")
        if length is None:
            raise Refused(f"{status} without a length: {head[:8]}")
        sent = await reader.readexactly(int(length))
        try:
            answer = json.loads(sent)
        except ValueError:
            raise Refused(f"{status} {fields.get('content-type')}: {sent[:300]!r}") from None
        if status not in (200, 202):
            raise Refused(f"{status}: {sent[:300].decode(errors='replace')}")
        return status, answer


BODY = {"amount": "1000.00", "use": "working_capital", "accept_rate": "0.12"}


async def apply(caller: Caller, token: str, policy: str) -> None:
    answer = await caller.post("/api/actions/application.apply", token, BODY | {"policy": policy})
    if answer["outcome"]["state"] != "signed":
        raise Refused(f"not signed: {str(answer)[:300]}")


class Load:
    """Applications sent at moments due, and how late each was answered (milliseconds)."""

    def __init__(self, port: int, tokens: list[str], policy: str) -> None:
        self.caller, self.tokens, self.policy = Client(port), tokens, policy
        self.late: list[float] = []
        self.failed: list[str] = []

    async def send(self, number: int, due: float) -> None:
        try:
            await apply(self.caller, self.tokens[number % len(self.tokens)], self.policy)
        except (Refused, OSError, EOFError) as failure:
            self.failed.append(f"{type(failure).__name__} {failure}")
            self.caller.open -= 1  # its connection was not given back
        self.late.append((time.perf_counter() - due) * 1000)

    async def run(self, moments: list[float]) -> list[float]:
        """Send one at each of ``moments`` (seconds from now); how late the answers were, in order of coming."""
        self.late, began = [], time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, moment in enumerate(moments):
                await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
                group.create_task(self.send(number, began + moment))
        return sorted(self.late)


async def measure(port: int, tokens: list[str], policy: str, rate: float, seconds: float) -> tuple[float, float]:
    """Milliseconds: the 99th percentile of the open loop, the slowest burst."""
    load = Load(port, tokens, policy)
    await load.run([0.05 * number for number in range(4 * len(tokens))])  # every worker has begun
    late = await load.run([number / rate for number in range(int(rate * seconds))])
    p99 = quantile(late, 0.99)
    print(f"open loop {rate:.0f}/s: {len(late)} decisions, p50 {statistics.median(late):.0f} ms, p99 {p99:.0f} ms, "
          f"max {late[-1]:.0f} ms; load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    bursts = [(await load.run([0.0] * BURST))[-1] for _ in range(3)]
    print(f"bursts of {BURST}: all within {', '.join(f'{burst:.0f}' for burst in bursts)} ms", flush=True)
    if load.failed:
        print(f"{len(load.failed)} not answered with a contract; the first: {load.failed[0]}")
        raise SystemExit(1)
    return p99, max(bursts)


PARTS = {
    "features of facts": ("features/online.py", "many"),
    "rating by the method": ("financing/inputs.py", "rating_of"),
    "all that judges (features, rating, clauses)": ("financing/deciding.py", "judge"),
    "contract, drawing, payment instructed": ("financing/signing.py", "sign"),
    "ledger (budget, limit, cash)": ("ledger/post.py", "post"),
    "log entry and statement": ("log/actions.py", "_record"),
    "the action": ("log/actions.py", "_once"),
    "the request": ("handlers/base.py", "get_response"),
}


def take_apart(tokens: list[str], policy: str, times: int = 20) -> None:
    """One decision in this process: statements, and how long each part takes (parts contain one another)."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client as InProcess
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    client = InProcess()

    def once() -> None:
        answer = client.post(
            "/api/actions/application.apply", json.dumps(BODY | {"policy": policy}), content_type="application/json",
            headers={"Authorization": f"Bearer {tokens[0]}", "Idempotency-Key": str(uuid.uuid4())},
        )  # fmt: skip
        assert answer.status_code == 200, answer.content[:300]

    for _ in range(6):
        once()
    with CaptureQueriesContext(connection) as asked:
        once()
    statements = len(asked)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        once()
    wall, cpu = (time.perf_counter() - began) / times * 1000, (time.process_time() - cpu) / times * 1000
    print(f"one decision in process: {wall:.1f} ms, {cpu:.1f} ms of them this process's, {statements} statements")
    profile = cProfile.Profile()
    with profile:
        for _ in range(times):
            once()
    spent = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # not in the stubs
    whole = max(
        row[3]
        for (file, _, name), row in spent.items()
        if file.endswith(PARTS["the request"][0]) and name == "get_response"
    )
    for label, (file, name) in PARTS.items():
        share = (
            sum(row[3] for (path, _, called), row in spent.items() if path.endswith(file) and called == name) / whole
        )
        print(f"  {label:<46}{share * wall:6.1f} ms {share:5.0%}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--facts", type=int, default=100_000)
    parser.add_argument("--firms", type=int, default=10)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs")
    asked = parser.parse_args()
    if asked.small:
        asked.facts, asked.firms, asked.seconds = 2_000, 2, 3.0
    with served(asked.workers, DATABASE) as port:
        began = time.perf_counter()
        tokens, policy = prepare(asked.firms, asked.facts)
        settle_down()
        print(f"{asked.firms} firms with {asked.facts:,} facts each, made in {time.perf_counter() - began:.0f} s; "
              f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
        p99, burst = asyncio.run(measure(port, tokens, policy, asked.rate, asked.seconds))
        take_apart(tokens, policy)
    facts = f"firms with {asked.facts:,} facts"
    results.say(f"instant decision at {asked.rate:.0f}/s, {facts}", f"p99 {p99:.0f} ms", "p99 ≤ 1000 ms", p99 <= 1000)
    results.say(f"a burst of {BURST} decisions", f"all within {burst:.0f} ms", "≤ 5000 ms", burst <= 5000)
    return 0 if asked.small or (p99 <= 1000 and burst <= 5000) else 1


if __name__ == "__main__":
    sys.exit(main())
