"""Many firms at once under a budget nobody has drawn on: each is answered, none is made to begin again."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, transaction

from jirong.financing import deciding, means
from jirong.financing.actions import applications, schemes
from jirong.financing.models import Policy
from jirong.kernel.errors import Refusal
from jirong.kernel.money import Money
from jirong.ledger import check as ledger_check
from jirong.ledger.journal import account_id
from jirong.ledger.models import Account
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

SHOPS = 20
"""As many as the ``crowd`` has."""


def opened(name: str) -> set[str]:
    """Which of the capacity's accounts are open."""
    with acting_as(SYSTEM), transaction.atomic():
        codes = Account.objects.filter(code__startswith=f"capacity:{name}:").values_list("code", flat=True)
        return {code.rpartition(":")[2] for code in codes}


def at_once(calls: list[Callable[[], dict[str, Any]]]) -> Counter[str]:
    """Run the calls at the same moment, each on a connection of its own; how often each state or refusal came of it."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], dict[str, Any]]) -> str:
        gate.wait()
        try:
            return str(call()["state"])
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def against_the_order() -> uuid.UUID:
    """A policy's id whose ``used`` account is locked before its ``free`` one."""
    while True:
        id = new_id()
        free, used = (account_id(f"capacity:policy:{id}:{name}") for name in ("free", "used"))
        if used < free:
            return id


def test_the_first_decisions_under_a_fresh_budget_never_deadlock(crowd: Any) -> None:
    lending, names = crowd, [f"shop{number}" for number in range(SHOPS)]
    for name in names:
        lending.know(name)
    with acting_as(SYSTEM), transaction.atomic():
        scheme = Policy.objects.get(pk=lending.policy).scheme_id
    budget = Money.parse("700000.00")
    policy = against_the_order()
    lending.do("bank", schemes.sign_policy, id=policy, scheme=scheme, budget=budget, parties_named=[])
    actors = [lending.actor(name) for name in names]

    def ask(actor: Any) -> Callable[[], dict[str, Any]]:
        def call() -> dict[str, Any]:
            with acting_as(actor):
                return dict(applications.apply(
                    actor=actor, id=new_id(), policy=policy, use="working_capital", amount=Money.parse("40000.00")
                ))  # fmt: skip

        return call

    # 17 times 40,000 is all that 700,000 covers; a deadlock would be raised here and fail the test.
    assert at_once([ask(actor) for actor in actors]) == {"offered": 17, "ledger.limit_exceeded": 3}
    with acting_as(SYSTEM), transaction.atomic():
        assert str(deciding.free_of(Policy.objects.get(pk=policy))) == "20000.00"
        assert ledger_check.check() == []


def test_whoever_grants_a_budget_opens_all_of_it(lending: Any) -> None:
    whole = {"granted", "free", "used"}
    assert opened(f"policy:{lending.policy}") == whole
    for _ in range(2):
        lending.do("bureau", schemes.commit_means, amount=Money.parse("500.00"))
        assert opened(f"means:{lending.party('bureau')}") == whole
    with acting_as(SYSTEM), transaction.atomic():
        assert means.free_minor(lending.party("bureau")) == 100_000
