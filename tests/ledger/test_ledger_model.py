"""The ledger against the oracle: whatever is asked, in whatever order, both say the same and stand the same."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Sequence

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.ledger.driven import said
from tests.ledger.generated import Drawer, batch, oracle_of, terms

from jirong.ledger import accounts, check, post, queries, wire
from jirong.ledger.journal import Journal
from jirong.ledger.models import Account, Reservation
from jirong.store.identity import SYSTEM, acting_as

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.outside = transaction.atomic()
        self.outside.__enter__()
        self.identity = acting_as(SYSTEM)
        self.identity.__enter__()
        self.opened = terms("model")
        accounts.open_accounts(self.opened)
        accounts.close_account(self.opened[-1].id)
        self.oracle = oracle_of(self.opened)

    def teardown(self) -> None:
        assert check.check() == []
        transaction.set_rollback(True)
        self.identity.__exit__(None, None, None)
        self.outside.__exit__(None, None, None)

    @rule(data=st.data(), together=st.booleans())
    def post_a_batch(self, data: st.DataObject, together: bool) -> None:
        drawer = Drawer(lambda n: data.draw(st.integers(0, n - 1)))
        self.compare(batch(drawer, self.oracle, self.opened), together=together)

    @rule(seed=st.integers(0, 2**32), together=st.booleans())
    def post_a_random_batch(self, seed: int, together: bool) -> None:
        """Shrinks badly, reaches far."""
        self.compare(batch(Drawer(random.Random(seed).randrange), self.oracle, self.opened), together=together)

    def compare(self, journals: Sequence[Journal], *, together: bool) -> None:
        if not journals:
            return
        outcomes = wire.post_on(post.server_cursor(), journals, together=together)
        assert [said(outcome) for outcome in outcomes] == self.oracle.post(journals, together=together)

    @invariant()
    def stands_alike(self) -> None:
        found = queries.balances([asked.id for asked in self.opened])
        assert {id: tuple(getattr(each, name) for name in COUNTERS) for id, each in found.items()} == {
            id: tuple(getattr(held, name) for name in COUNTERS) for id, held in self.oracle.accounts.items()
        }
        left = {each.pk: each.left_minor for each in Reservation.objects.all()}
        assert left == self.oracle.left
        assert entries(self.opened[5].id) == self.oracle.accounts[self.opened[5].id].entries


def entries(heading: uuid.UUID) -> int:
    return sum(Account.objects.filter(parent=heading).values_list("entries", flat=True))


@pytest.mark.django_db
def test_ledger_does_what_the_oracle_does() -> None:
    """Failures are reported as they are found; with JIRONG_SHRINK in the environment they are shrunk, for minutes."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=checks,
            phases=[Phase.generate] if "JIRONG_SHRINK" not in os.environ else list(Phase),
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_large_batches_do_what_the_oracle_does(seed: int) -> None:
    """Many journals in one call, each standing alone, most of them met by some refusal before or after."""
    chance = random.Random(seed)
    with acting_as(SYSTEM):
        opened = terms("large")
        accounts.open_accounts(opened)
        accounts.close_account(opened[-1].id)
        oracle = oracle_of(opened)
        for _ in range(3):
            journals = batch(Drawer(chance.randrange), oracle, opened, most=150)
            outcomes = wire.post_on(post.server_cursor(), journals, together=False)
            assert [said(outcome) for outcome in outcomes] == oracle.post(journals, together=False)
        assert check.check() == []
