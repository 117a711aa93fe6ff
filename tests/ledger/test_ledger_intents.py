"""What the engine intends becomes one journal, on accounts opened as they are first named."""

from __future__ import annotations

import datetime
import uuid

import pytest

from jirong.engine import capacity
from jirong.engine.intents import Account as EngineAccount
from jirong.engine.intents import Book, Side, Transfer
from jirong.kernel.errors import Conflict
from jirong.kernel.money import Money
from jirong.ledger import check, intents, queries
from jirong.ledger.journal import account_id
from jirong.ledger.models import Account, JournalRow
from jirong.store.identity import SYSTEM, acting_as

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 8)
OWNER = uuid.UUID(int=1)


@pytest.fixture(autouse=True)
def as_the_house() -> object:
    with acting_as(SYSTEM):
        yield
        assert check.check() == []


def posted(*transfers: Transfer) -> None:
    intents.post(transfers, journal=uuid.uuid4(), on=DAY, reason="test.step", subject=OWNER)


def available(key: str) -> Money | None:
    return queries.balance(account_id(key)).available


def test_a_capacity_is_granted_reserved_used_and_given_back() -> None:
    free, used = capacity.free("x").key, capacity.used("x").key
    posted(capacity.grant("x", 100, uuid.uuid4(), owner=OWNER))
    hold = capacity.reserve("x", 70, uuid.uuid4())
    posted(hold)
    assert (available(free), intents.free_minor([free, "capacity:never:free"])) == (Money(30), {free: 30})

    posted(capacity.use(hold))
    assert (available(free), available(used)) == (Money(30), Money(70))

    posted(capacity.give_back("x", 20, uuid.uuid4()))
    other = capacity.reserve("x", 50, uuid.uuid4())
    posted(other, capacity.release(other))
    assert (available(free), available(used)) == (Money(50), Money(50))


def test_no_more_than_is_free_can_be_reserved() -> None:
    posted(capacity.grant("x", 100, uuid.uuid4()))
    posted(capacity.reserve("x", 60, uuid.uuid4()))
    with pytest.raises(Conflict) as caught:
        posted(capacity.reserve("x", 41, uuid.uuid4()))
    assert caught.value.code == "ledger.limit_exceeded"
    assert "capacity:x:free" in caught.value.reason.zh


def test_accounts_open_on_the_side_the_engine_says() -> None:
    posted(capacity.grant("x", 100, uuid.uuid4(), owner=OWNER))
    rows = {row.code: (row.book, row.bound, row.owner_id) for row in Account.objects.all()}
    assert rows == {
        "capacity:x:free": ("capacity", "credits", OWNER),
        "capacity:x:granted": ("capacity", "debits", OWNER),
    }
    (journal,) = JournalRow.objects.all()
    assert (journal.reason, journal.subject_id, journal.business_date) == ("test.step", OWNER, DAY)


def test_a_known_account_is_taken_as_it_is() -> None:
    """A step that names only some of an account's terms does not disturb it."""
    posted(capacity.grant("x", 100, uuid.uuid4(), owner=OWNER))
    posted(capacity.grant("x", 50, uuid.uuid4()))
    assert available("capacity:x:free") == Money(150)


def test_the_same_step_twice_is_one_journal() -> None:
    journal = uuid.uuid4()
    debit, credit = (
        EngineAccount(f"claims:{name}", OWNER, side) for name, side in [("a", Side.DEBIT), ("b", Side.CREDIT)]
    )
    step = [Transfer(id=uuid.uuid4(), book=Book.CLAIMS, debit=debit, credit=credit, amount_minor=5)]
    first, second = (intents.post(step, journal=journal, on=DAY) for _ in range(2))
    assert (first.replayed, second.replayed, second.recorded_at) == (False, True, first.recorded_at)
