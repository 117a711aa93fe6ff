"""Posting, by example: what is recorded, what is repeated, what is refused and how the refusal reads."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.db import transaction

from jirong.kernel.errors import Conflict, Invalid, NotFound, Refusal
from jirong.kernel.money import CNY, USD, Money
from jirong.ledger import accounts, check, queries
from jirong.ledger.journal import Book, Bound, Journal, Terms, Transfer, account_id
from jirong.ledger.models import Account, JournalRow, Reservation, TransferRow
from jirong.ledger.post import post
from jirong.store.identity import SYSTEM, acting_as

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 8)
NOON = datetime.datetime(2026, 1, 8, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def in_order() -> Any:
    """Every test ends with a ledger in order."""
    with acting_as(SYSTEM):
        yield
        assert check.check() == []


def opened(name: str, **terms: Any) -> uuid.UUID:
    return accounts.open_account(f"test:{name}", book=terms.pop("book", Book.CASH), **terms)


def journal(*transfers: Transfer, id: uuid.UUID | None = None, **rest: Any) -> Journal:
    return Journal(id or uuid.uuid4(), rest.pop("on", DAY), transfers, **rest)


def moved(debit: uuid.UUID, credit: uuid.UUID, minor: int) -> Transfer:
    return Transfer.post(uuid.uuid4(), debit, credit, Money(minor))


def reserved(debit: uuid.UUID, credit: uuid.UUID, minor: int) -> Transfer:
    return Transfer.reserve(uuid.uuid4(), debit, credit, Money(minor))


def counters(account: uuid.UUID) -> tuple[int, int, int, int]:
    """Debits pending and posted, credits pending and posted."""
    found = queries.balance(account)
    return found.debits_pending, found.debits_posted, found.credits_pending, found.credits_posted


def refused(*journals: Journal) -> Refusal:
    with pytest.raises(Refusal) as caught:
        post(journals)
    return caught.value


def test_a_transfer_moves_from_credit_to_debit() -> None:
    bank, firm = opened("bank"), opened("firm")
    told = journal(moved(bank, firm, 1000_00), event_at=NOON, reason="test.deposit", subject=bank)

    (outcome,) = post([told])

    row = JournalRow.objects.get(pk=told.id)
    assert (outcome.journal, outcome.replayed, outcome.refusal) == (told.id, False, None)
    assert (row.event_at, row.recorded_at, row.business_date) == (NOON, outcome.recorded_at, DAY)
    assert (row.reason, row.subject_id, row.size) == ("test.deposit", bank, 1)
    assert (counters(bank), counters(firm)) == ((0, 1000_00, 0, 0), (0, 0, 0, 1000_00))
    assert queries.balance(firm).posted == Money(1000_00)


def test_the_moment_of_an_event_is_the_recording_where_nobody_says_otherwise() -> None:
    told = journal(moved(opened("a"), opened("b"), 1))
    (outcome,) = post([told])
    assert JournalRow.objects.get(pk=told.id).event_at == outcome.recorded_at


def test_a_reservation_is_posted_in_parts_and_the_rest_given_back() -> None:
    used, free = opened("used"), opened("free")
    hold = reserved(used, free, 100)
    post([journal(hold)])
    assert counters(free) == (0, 0, 100, 0)

    post([journal(Transfer.post_pending(uuid.uuid4(), hold.id, Money(60)))])
    assert (counters(used), counters(free)) == ((40, 60, 0, 0), (0, 0, 40, 60))

    post([journal(Transfer.void_pending(uuid.uuid4(), hold.id))])
    assert (counters(used), counters(free)) == ((0, 60, 0, 0), (0, 0, 0, 60))
    kept = Reservation.objects.get(pk=hold.id)
    assert (kept.amount_minor, kept.posted_minor, kept.voided_minor, kept.left_minor) == (100, 60, 40, 0)


def test_one_call_may_reserve_and_settle() -> None:
    used, free = opened("used"), opened("free")
    hold = reserved(used, free, 100)
    post([journal(hold, Transfer.post_pending(uuid.uuid4(), hold.id, Money(70)))])
    assert counters(used) == (30, 70, 0, 0)


def test_more_than_is_left_of_a_reservation_is_refused() -> None:
    hold = reserved(opened("used"), opened("free"), 100)
    post([journal(hold)])
    refusal = refused(journal(Transfer.post_pending(uuid.uuid4(), hold.id, Money(101))))
    assert (refusal.code, type(refusal)) == ("ledger.reservation_exceeded", Conflict)
    assert refusal.reason.zh == f"预留 {hold.id} 只剩 1.00 CNY，不能处理 1.01 CNY"

    post([journal(Transfer.void_pending(uuid.uuid4(), hold.id))])
    again = refused(journal(Transfer.post_pending(uuid.uuid4(), hold.id)))
    assert again.code == "ledger.reservation_settled"


def test_a_reversal_undoes_a_transfer_once() -> None:
    a, b = opened("a"), opened("b")
    first = moved(a, b, 70)
    post([journal(first)])

    undoing = Transfer.reversal(uuid.uuid4(), first.id)
    post([journal(undoing)])

    assert (counters(a), counters(b)) == ((0, 70, 0, 70), (0, 70, 0, 70))
    row = TransferRow.objects.get(pk=undoing.id)
    assert (row.debit_account_id, row.credit_account_id, row.amount_minor, row.reverses_id) == (b, a, 70, first.id)
    assert refused(journal(Transfer.reversal(uuid.uuid4(), first.id))).code == "ledger.already_reversed"


def test_the_same_id_and_body_answer_the_first_outcome() -> None:
    a, b = opened("a"), opened("b")
    told = journal(moved(a, b, 5), reserved(a, b, 7))
    (first,) = post([told])
    assert post([told]) == [first._replace(replayed=True)]
    assert counters(a) == (7, 5, 0, 0)


def test_the_same_single_transfer_answers_the_first_outcome() -> None:
    told = journal(moved(opened("a"), opened("b"), 5))
    (first,) = post([told])
    assert post([told]) == [first._replace(replayed=True)]


@pytest.mark.parametrize("change", ["amount", "date", "reason", "accounts", "transfer", "more", "subject", "event"])
def test_the_same_id_with_another_body_is_refused(change: str) -> None:
    a, b = opened("a"), opened("b")
    told = journal(moved(a, b, 5), event_at=NOON)
    post([told])
    (transfer,) = told.transfers
    other = {
        "amount": told._replace(transfers=(transfer._replace(amount_minor=6),)),
        "date": told._replace(business_date=DAY + datetime.timedelta(1)),
        "reason": told._replace(reason="other"),
        "accounts": told._replace(transfers=(transfer._replace(debit=b, credit=a),)),
        "transfer": told._replace(transfers=(transfer._replace(id=uuid.uuid4()),)),
        "more": told._replace(transfers=(transfer, moved(a, b, 1))),
        "subject": told._replace(subject=a),
        "event": told._replace(event_at=NOON + datetime.timedelta(seconds=1)),
    }[change]
    refusal = refused(other)
    assert (refusal.code, type(refusal), str(told.id) in refusal.reason.en) == (
        "ledger.journal_id_reused",
        Conflict,
        True,
    )
    assert counters(a) == (0, 5, 0, 0)


def test_a_transfer_id_is_used_once() -> None:
    a, b = opened("a"), opened("b")
    first = moved(a, b, 5)
    post([journal(first)])
    assert refused(journal(first)).code == "ledger.transfer_id_reused"
    assert refused(journal(first, moved(a, b, 1))).code == "ledger.transfer_id_reused"


@pytest.mark.parametrize(("bound", "debit_first"), [(Bound.DEBITS, False), (Bound.CREDITS, True)])
def test_a_limit_counts_what_is_pending(bound: Bound, debit_first: bool) -> None:
    limited, other = opened("limited", bound=bound), opened("other")
    one_way = (limited, other) if debit_first else (other, limited)
    other_way = (one_way[1], one_way[0])
    post([journal(moved(*one_way, 100))])
    post([journal(reserved(*other_way, 60))])

    refusal = refused(journal(moved(*other_way, 50)))

    assert (refusal.code, type(refusal)) == ("ledger.limit_exceeded", Conflict)
    assert refusal.reason.zh == "账户 test:limited 的限额不足，超出 0.10 CNY"
    assert refusal.reason.en == "Account test:limited would exceed its limit by 0.10 CNY"
    assert refusal.details["account"] == str(limited)
    assert queries.balance(limited).available == Money(40)
    post([journal(moved(*other_way, 40))])


def test_an_allowance_is_a_numeric_limit() -> None:
    card, shop = opened("card", bound=Bound.DEBITS, allowance_minor=500), opened("shop")
    post([journal(moved(card, shop, 500))])
    assert queries.balance(card).available == Money(0)
    assert refused(journal(moved(card, shop, 1))).code == "ledger.limit_exceeded"


def test_limits_hold_after_each_journal_whatever_the_order_inside_it() -> None:
    purse, other = opened("purse", bound=Bound.DEBITS), opened("other")
    spent, filled = moved(purse, other, 30), moved(other, purse, 30)
    post([journal(spent, filled)])
    assert refused(journal(moved(purse, other, 1)), journal(moved(other, purse, 1))).code == "ledger.limit_exceeded"
    post([journal(moved(other, purse, 1)), journal(moved(purse, other, 1))])


def test_together_all_stand_or_none() -> None:
    purse, other = opened("purse", bound=Bound.DEBITS), opened("other")
    good, bad = journal(moved(other, purse, 10)), journal(moved(purse, other, 11))
    assert refused(good, bad).details["journal"] == str(bad.id)
    assert JournalRow.objects.count() == 0


def test_apart_each_answers_for_itself() -> None:
    purse, other = opened("purse", bound=Bound.DEBITS), opened("other")
    told = [journal(moved(*way, minor)) for way, minor in [
        ((other, purse), 10), ((purse, other), 11), ((purse, other), 6), ((purse, other), 6), ((purse, other), 4),
    ]]  # fmt: skip
    outcomes = post(told, together=False)
    assert [outcome.refusal and outcome.refusal.code for outcome in outcomes] == [
        None, "ledger.limit_exceeded", None, "ledger.limit_exceeded", None,
    ]  # fmt: skip
    assert counters(purse) == (0, 10, 0, 10)


def test_a_refusal_leaves_the_transaction_usable() -> None:
    a, b = opened("a", bound=Bound.DEBITS), opened("b")
    with transaction.atomic():
        refused(journal(moved(a, b, 1)))
        refused(journal(moved(a, b, 1), moved(a, b, 1)))
        post([journal(moved(b, a, 1))])
    assert counters(a) == (0, 0, 0, 1)


def test_a_journal_may_hold_several_units_each_balanced() -> None:
    yuan, dollars = (opened("cny1"), opened("cny2")), (opened("usd1", unit=USD), opened("usd2", unit=USD))
    post([journal(moved(*yuan, 720), Transfer.post(uuid.uuid4(), *dollars, Money(100, USD)))])
    assert queries.balance(dollars[1]).posted == Money(100, USD)


def test_accounts_of_different_kinds_do_not_trade() -> None:
    cash, dollars, claims = opened("cash"), opened("usd", unit=USD), opened("claims", book=Book.CLAIMS)
    assert refused(journal(moved(cash, dollars, 1))).code == "ledger.unit_mismatch"
    assert refused(journal(moved(cash, claims, 1))).code == "ledger.book_mismatch"
    in_dollars = Transfer.post(uuid.uuid4(), cash, opened("cash2"), Money(1, USD))
    assert refused(journal(in_dollars)).code == "ledger.unit_mismatch"
    assert refused(journal(moved(cash, cash, 1))).code == "ledger.same_account"


def test_an_account_nobody_opened_is_not_found() -> None:
    refusal = refused(journal(moved(opened("a"), account_id("nobody"), 1)))
    assert (refusal.code, type(refusal)) == ("ledger.account_unknown", NotFound)
    assert refusal.remedy
    assert refusal.remedy.zh == "请先开户"


@pytest.mark.parametrize("minor", [0, -5, 10**15 + 1, 2**70])
def test_amounts_are_positive_and_not_absurd(minor: int) -> None:
    told = journal(moved(opened("a"), opened("b"), 1)._replace(amount_minor=minor))
    expected = "ledger.amount_not_positive" if minor <= 0 else "ledger.amount_too_large"
    refusal = refused(told)
    assert (refusal.code, type(refusal)) == (expected, Invalid)


def test_what_can_never_be_right_is_refused_before_it_is_sent() -> None:
    one = moved(opened("a"), opened("b"), 1)
    assert refused(journal()).code == "ledger.journal_empty"
    assert refused(journal(one, one)).code == "ledger.id_twice"
    many = journal(*(one._replace(id=uuid.uuid4()) for _ in range(20_001)))
    assert refused(many).code == "ledger.batch_too_large"
    assert post([]) == []


def test_opening_twice_on_the_same_terms_is_one_account() -> None:
    first = opened("once", owner=uuid.UUID(int=1))
    assert opened("once", owner=uuid.UUID(int=1)) == first == account_id("test:once")
    with pytest.raises(Conflict) as caught:
        opened("once", owner=uuid.UUID(int=2))
    assert (caught.value.code, caught.value.details) == ("ledger.account_terms_differ", {"codes": ["test:once"]})


def test_a_closed_account_takes_nothing_and_closes_only_empty() -> None:
    a, b = opened("a"), opened("b")
    told = moved(a, b, 5)
    post([journal(told)])
    with pytest.raises(Conflict) as caught:
        accounts.close_account(a)
    assert caught.value.code == "ledger.account_not_empty"

    post([journal(Transfer.reversal(uuid.uuid4(), told.id))])
    accounts.close_account(a)

    assert refused(journal(moved(a, b, 5))).code == "ledger.account_closed"
    with pytest.raises(NotFound):
        accounts.close_account(account_id("nobody"))


def test_a_hot_account_is_the_sum_of_its_sub_accounts() -> None:
    fees, firm = opened("fees", shards=4), opened("firm")
    holds = [reserved(firm, fees, 10) for _ in range(20)]
    post([journal(hold) for hold in holds])
    post([journal(Transfer.post_pending(uuid.uuid4(), hold.id)) for hold in holds[:15]])
    told = [journal(moved(firm, fees, 1)) for _ in range(20)]
    post(told)

    used = Account.objects.filter(parent=fees, entries__gt=0).count()

    assert counters(fees) == (0, 0, 50, 170)
    assert used > 1, "the journal's id spreads the load"
    assert [outcome.replayed for outcome in post(told)] == [True] * 20


def test_a_hot_account_settles_where_it_reserved_and_may_be_named_by_its_heading() -> None:
    fees, firm = opened("fees", shards=8), opened("firm")
    hold = reserved(firm, fees, 10)
    post([journal(hold)])
    named = Transfer(uuid.uuid4(), firm, fees, 10, "post_pending", hold.id)
    post([journal(named)])
    wrong = Transfer(uuid.uuid4(), fees, firm, 10, "post_pending", hold.id)
    assert refused(journal(wrong)).code == "ledger.reservation_mismatch"
    row = TransferRow.objects.get(pk=named.id)
    assert row.credit_account.parent_id == fees


def test_limits_and_shards_exclude_each_other() -> None:
    with pytest.raises(AssertionError):
        accounts.open_accounts([Terms("test:both", Book.CASH, CNY, bound=Bound.DEBITS, shards=2)])


def test_a_thousand_transfers_are_one_call() -> None:
    ids = [opened(str(n)) for n in range(10)]
    transfers = [moved(ids[n % 10], ids[(n * 7 + 1) % 10], n + 1) for n in range(1000) if n % 10 != (n * 7 + 1) % 10]
    told = [journal(transfer) for transfer in transfers[:400]] + [journal(*transfers[400:])]
    outcomes = post(told)
    assert [outcome.replayed for outcome in outcomes] == [False] * len(told)
    total = sum(found.debits_posted for found in queries.balances(ids).values())
    assert total == sum(transfer.amount_minor or 0 for transfer in transfers)
