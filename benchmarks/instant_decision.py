"""The instant decision through the HTTP API: apply, be assessed and judged, contract, payment instructed; one request.

A server of two processes stands before a fresh database on the embedded PostgreSQL (fsync and synchronous commit on).
Each firm has many facts on file (the shop's payments) and figures stated by its platform; each application is signed
in advance, so the answer is a contract and an instructed payment. Open loop: requests leave on a fixed beat whether or
not earlier ones were answered, latency counts from when one was due; then bursts that leave at once.

Run alone: ``python -m benchmarks.instant_decision [--facts 100000] [--firms 4] [--rate 10] [--seconds 30] [--small]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import django
from benchmarks.notes_http import Caller, quantile

DATABASE = f"jirong_bench_decide_{os.getpid()}"
DAY = dt.date(2026, 1, 15)
SCOPES = ["registration.record", "tax.filing", "shop.orders", "shop.reviews", "logistics.deliveries", "court.records",
          "repayment.record"]  # fmt: skip
FIGURES = {
    "shop_months": "20", "shop_stability": "66", "review_score": "4.7", "delivery_on_time": "0.97",
    "flows_12m": "360000.00", "court_defaulter": "false", "overdue_12m": "0",
}  # fmt: skip


@contextlib.contextmanager
def served(workers: int) -> Iterator[int]:
    """A migrated database of our own with a server before it, dropped afterwards."""
    from jirong.cli import serve, upkeep
    from jirong.store import embedded
    from jirong.store.embedded import copies

    logins = embedded.ensure_running()
    with copies.owner(logins) as connection:
        copies.make(connection, DATABASE)
    environment = {"JIRONG_DATABASE": DATABASE}
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="jirong.site.settings")
    django.setup()
    try:
        upkeep.migrate(DATABASE)
        port = serve.free_port()
        with serve.site(serve.HOST, port, workers=workers, environment=environment) as supervisor:
            serve.wait_until_answering(supervisor, serve.HOST, port)
            yield port
    finally:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()
        with copies.owner(logins) as connection:
            copies.drop(connection, [DATABASE])


def prepare(firms: int, facts: int) -> tuple[list[str], str]:
    """Tokens of the firms' makers and the policy they apply under."""
    from django.db import transaction

    from jirong.cli import world as worlds
    from jirong.facts import actions as filing
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

    scheme = uuid.UUID(do("bank", schemes.publish_catalogue, name="instant-loan-310")["scheme"])
    budget = Money.parse("500000000.00")
    policy = do("bank", schemes.sign_policy, scheme=scheme, budget=budget, parties_named=[])["policy"]
    for n in range(firms):
        party, code = world.parties[f"shop{n}"], world.codes[f"shop{n}"]
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
        for low in range(0, facts, 10_000):
            rows = [
                {"record_no": f"R{n}-{k}", "firm": code, "date": str(DAY - dt.timedelta(days=1 + k % 360)),
                 "orders": "3", "received": f"{400_000 // facts}.00"}
                for k in range(low, min(low + 10_000, facts))
            ]  # fmt: skip
            done = do("source", filing.push, kind="shop.orders", rows=rows)
            assert done["added"] == len(rows), done["refused"][:1]
    return [world.tokens[f"shop{n}.maker"] for n in range(firms)], str(policy)


async def apply(caller: Caller, token: str, policy: str) -> None:
    body = {"policy": policy, "amount": "1000.00", "use": "working_capital", "accept_rate": "0.12"}
    answer = await caller.post("/api/actions/application.apply", token, body)
    assert answer["outcome"]["state"] == "signed", answer


async def measure(port: int, tokens: list[str], policy: str, rate: float, seconds: float) -> None:
    caller = Caller(port)
    late: list[float] = []

    async def send(number: int, due: float) -> None:
        await apply(caller, tokens[number % len(tokens)], policy)
        late.append((time.perf_counter() - due) * 1000)

    for token in tokens:
        await apply(caller, token, policy)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(send(number, due))
    print(f"open loop {rate:.0f}/s: {len(late)} decisions, p50 {statistics.median(late):.0f} ms, "
          f"p99 {quantile(late, 0.99):.0f} ms, max {max(late):.0f} ms (budget p99 1000 ms)", flush=True)  # fmt: skip
    for _ in range(3):
        late.clear()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(50):
                group.create_task(send(number, began))
        print(f"burst of 50: all within {max(late):.0f} ms (budget 5000 ms)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--facts", type=int, default=100_000)
    parser.add_argument("--firms", type=int, default=4)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs")
    asked = parser.parse_args()
    facts, firms, seconds = (1_000, 2, 3.0) if asked.small else (asked.facts, asked.firms, asked.seconds)
    with served(asked.workers) as port:
        tokens, policy = prepare(firms, facts)
        print(f"{firms} firms with {facts:,} facts each; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        asyncio.run(measure(port, tokens, policy, asked.rate, seconds))


if __name__ == "__main__":
    sys.exit(main())
