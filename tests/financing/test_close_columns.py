"""Columns against the engine, loan by loan to the fen; what does not fit goes alone; a killed crew's work stands."""

from __future__ import annotations

import datetime
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jirong.claims.models import ClaimRow
from jirong.engine.intents import Payment
from jirong.engine.kinds import loan
from jirong.financing import product, queries, runtime
from jirong.financing.actions import closing
from jirong.financing.close import columns, crew, debiting, grading, raising, running
from jirong.financing.close.raising import Part
from jirong.financing.models import ClosePart, ClosePlan, CloseRun, Loan, Provision, Step
from jirong.instruments.practice import FixedRate, Repayment
from jirong.kernel.errors import Conflict, NotFound, Refusal
from jirong.kernel.ids import derived_id
from jirong.kernel.text import Text
from jirong.ledger import check as ledger_check
from jirong.ledger.models import Account
from jirong.log import actions as log_actions
from jirong.rails import batches, sandbox
from jirong.rails.models import Batch, Instruction, Leg
from jirong.store.identity import SYSTEM, acting_as
from jirong.store.ids import new_id

START = datetime.date(2026, 1, 15)
KINDS = [Repayment.ANNUITY, Repayment.LINEAR, Repayment.INTEREST_FIRST, Repayment.BULLET]
HEADER = ("status", "raised", "next_due", "oldest_due", "principal_left_minor", "standing", "loan_class")
CLAIM = (
    "id", "kind", "due", "amount_minor", "outstanding_minor", "moved_minor", "settled_minor", "state", "parent_id",
    "root", "debtor", "creditor", "seen_by",
)  # fmt: skip


@contextmanager
def inside_an_action() -> Iterator[None]:
    """Helpers that write are called by actions, which know whom they concern."""
    token = log_actions._running.set(log_actions.Running(new_id()))
    try:
        yield
    finally:
        log_actions._running.reset(token)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside never happened."""
    with transaction.atomic(), inside_an_action():
        yield
        transaction.set_rollback(True)


def lend(
    lender: uuid.UUID, borrower: uuid.UUID, made: loan.Product, minor: int, on: datetime.date, id: uuid.UUID
) -> None:
    """A loan as the bank's answer to its pay-out would leave it."""
    assert isinstance(made.rate, FixedRate)
    bullet, months = made.repayment is Repayment.BULLET, made.months or 1
    row = Loan(
        id=id, lender_id=lender, borrower_id=borrower, borrowers=[borrower], principal_minor=minor, status="paying",
        product=product.as_json(made), seen_by=sorted([lender, borrower]), partition=runtime.partition_of(borrower),
        rate_e6=int(made.rate.rate * 1_000_000), periods=1 if bullet else months, every_months=months if bullet else 1,
        repayment=KINDS.index(made.repayment), basis=KINDS.index(made.repayment) // 2,
    )  # fmt: skip
    paid = Payment(id=derived_id(id, "payout"), payer=lender, payee=borrower, amount_minor=minor, because="loan")
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    state = loan.LoanState(status=loan.LoanStatus.PAYING, payments={paid.id: paid})
    event = loan.Confirm(id=derived_id(id, "paid"), payments=(paid.id,))
    runtime.take(runtime.Running(row, runtime.terms_of(row), state), event, on, kind="disburse.paid")


def plain(repayment: Repayment = Repayment.ANNUITY, months: int = 12, rate: str = "0.06") -> loan.Product:
    return loan.Product(rate=FixedRate(Decimal(rate)), repayment=repayment, months=months)


def rows(model: Any, *names: str, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return sorted(model.objects.filter(**where).values_list(*names), key=repr)


def standing(id: uuid.UUID) -> tuple[Any, ...]:
    """Header, claims and books of a loan."""
    root = derived_id(id, "principal")
    return (
        rows(Loan, *HEADER, pk=id),
        rows(ClaimRow, *CLAIM, contract=id),
        rows(Account, "code", "debits_posted", "credits_posted", code__startswith=f"claims:{root}:"),
    )


def ordered(id: uuid.UUID) -> tuple[Any, ...]:
    """What was instructed for a loan, and who waits for it in the cash book."""
    return (
        rows(Leg, "id", "instruction_id", "amount_minor", "payee_id", "account_id", "because", "lot", "settles",
             instruction__subject=id),
        rows(Instruction, "id", "payer_id", "account_id", "purpose", "state", "business_date", subject=id),
        rows(Account, "code", "debits_pending", "credits_pending", "owner_id", book="cash"),
        rows(Step, "kind", "by_id", "on", "amount_minor", "seen_by", loan=id, kind="debit"),
    )  # fmt: skip


def raised(part: Part) -> dict[str, int]:
    done = raising.raise_dues(part, never)
    grading.mark_overdue(part)
    return done


def never(id: uuid.UUID, error: Exception) -> None:
    raise AssertionError(f"{id} was reported") from error


def part_of(lender: uuid.UUID, on: datetime.date) -> Part:
    return Part(lender, range(64), on, derived_id(lender, "part", on))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    repayment=st.sampled_from(KINDS), months=st.integers(1, 30), minor=st.integers(1, 5_000_000_000),
    rate=st.integers(0, 240_000), start=st.dates(datetime.date(2025, 1, 1), datetime.date(2026, 1, 31)),
    days=st.integers(0, 400),
)  # fmt: skip
def test_columns_raise_and_debit_what_the_engine_would(
    lending: Any, repayment: Repayment, months: int, minor: int, rate: int, start: datetime.date, days: int
) -> None:
    bank, shop, id = lending.party("bank"), lending.party("shop0"), new_id()
    made = plain(repayment, months, f"{rate / 1_000_000:.6f}")
    on = start + datetime.timedelta(days=days)
    with undone():
        lend(bank, shop, made, minor, start, id)
        assert raised(part_of(bank, on))["single"] == 0
        in_columns = standing(id)
        grading.provide(part_of(bank, on), never)
        with acting_as(SYSTEM):
            replayed = queries.standing(Loan.objects.get(pk=id), on)
            assert replayed is not None
            assert [row.accrued_minor for row in Provision.objects.all()] == [replayed.accrued.minor]
            ClosePlan.objects.create(lender_id=bank, steps=list(closing.STEPS), provision_bp=[0] * 5, mandates=True)
        assert debiting.debit(part_of(bank, on), never) == {"debits": int(in_columns[0][0][3] is not None), "errors": 0}
        debited = ordered(id)
        # Of a few fen some instalments are nothing: then the engine counts them.
        assert len(rows(Batch, "id")) == len(debited[0]) or minor < 10_000
    with undone():
        lend(bank, shop, made, minor, start, id)
        runtime.take(runtime.lock_loan(id), loan.CloseDay(id=new_id()), on, kind="close_day")
        assert standing(id) == in_columns
        if in_columns[0][0][3] is not None:
            debiting._debit(part_of(bank, on), id)
        assert ordered(id) == debited


def test_what_does_not_fit_goes_alone(lending: Any) -> None:
    bank, shops = lending.party("bank"), [lending.party("shop0"), lending.party("shop1")]
    ids = [new_id() for _ in range(9)]
    due = datetime.date(2026, 2, 15)
    reported: list[uuid.UUID] = []
    with undone():
        for place, id in enumerate(ids):
            lend(bank, shops[place % 2], plain(), 1_000_000 + place, START, id)
        with acting_as(SYSTEM):
            ClaimRow.objects.filter(pk=derived_id(ids[3], "principal")).update(frozen_by="court", reserved_minor=1)
            ClaimRow.objects.filter(pk=derived_id(ids[4], "principal")).update(outstanding_minor=7, moved_minor=999_997)
            Loan.objects.filter(pk=ids[6]).update(raised=5)
            Loan.objects.filter(pk=ids[7]).update(rate_e6=2_000_000, product={"rate": "nonsense"})
        done = raising.raise_dues(part_of(bank, due), lambda id, error: reported.append(id))
        assert (done["columns"], done["single"], done["errors"]) == (6, 1, 2)
        assert sorted(reported) == sorted([ids[4], ids[7]])
        found = dict(rows(Loan, "pk", "raised", pk__in=ids))
        assert [found[id] for id in ids] == [1, 1, 1, 1, 0, 1, 1, 0, 1]
        provided: list[uuid.UUID] = []
        grading.provide(part_of(bank, due), lambda id, error: provided.append(id))
        assert provided == [ids[7]]
        assert rows(Provision, "loans", "principal_minor") == [(9, sum(1_000_000 + place for place in range(9)))]


def test_columns_are_read_as_the_database_has_them(lending: Any) -> None:
    id = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    query = "SELECT %s::uuid, n::bigint - 2, n::smallint, n %% 2 = 0 FROM generate_series(1, 3) AS n"
    kinds = {"id": "uuid", "n": "bigint", "small": "smallint", "even": "boolean"}
    with transaction.atomic():
        found = columns.read(query, [id], kinds)
        nothing = columns.read(query + " WHERE n > 9", [id], kinds)
        with pytest.raises(AssertionError, match="NULL"):
            columns.read("SELECT NULL::bigint", [], {"n": "bigint"})
    assert [uuid.UUID(bytes=row.tobytes()) for row in found["id"]] == [id] * 3
    assert [found[name].tolist() for name in ("n", "small", "even")] == [[-1, 0, 1], [1, 2, 3], [False, True, False]]
    assert len(nothing["n"]) == 0


def mandated(lending: Any, shops: list[uuid.UUID]) -> list[uuid.UUID]:
    """Loans of these shops, debited on their first due day through the close itself."""
    bank, ids = lending.party("bank"), [new_id() for _ in shops]
    with inside_an_action():
        for shop, id in zip(shops, ids, strict=True):
            lend(bank, shop, plain(), 1_000_000, START, id)
    lending.do("bank", closing.set_plan, steps=list(closing.STEPS), provision_bp=[0] * 5, mandates=True)
    lending.go_to(datetime.date(2026, 2, 15))
    return ids


def test_a_day_s_debits_are_one_batch_a_bank_answered_item_by_item(lending: Any) -> None:
    bank = lending.party("bank")
    ids = mandated(lending, [lending.party("shop0"), lending.party("shop1"), lending.party("source")])
    closed = running.close(bank, datetime.date(2026, 2, 15))
    assert (closed.counts["debit"], [error["code"] for error in closed.errors]) == (
        {"debits": 2, "errors": 1}, ["account.missing"],
    )  # fmt: skip
    ((batch, items, total),) = rows(Batch, "pk", "items", "total_minor")
    first, second = (rows(Instruction, "pk", subject=id)[0][0] for id in ids[:2])
    assert (items, total) == (2, sum(minor for (minor,) in rows(Leg, "amount_minor")))
    with acting_as(SYSTEM), transaction.atomic():
        lines = batches.file_of(Batch.objects.get(pk=batch)).splitlines()
    assert len(lines) == 3
    assert {line.split(",")[0] for line in lines[1:]} == {str(first), str(second)}
    assert running.close(bank, datetime.date(2026, 2, 15)).counts["debit"] == closed.counts["debit"]
    answers = [
        batches.Answer(first, True, "R1"), batches.Answer(second, False, "R2", Text("余额不足", "Insufficient funds")),
        batches.Answer(new_id(), True, "R3"), batches.Answer(first, False, "R4"),
    ]  # fmt: skip
    value_date = datetime.date(2026, 2, 15)
    done = lending.do("bank", batches.confirm_batch, batch=batch, value_date=value_date, answers=answers)
    assert (done["paid"], done["rejected"], done["refused"]) == (1, 1, 2)
    assert [item.get("refused") for item in done["items"][2:]] == ["payment.not_of_batch", "payment.contradicts"]
    assert [rows(Loan, "oldest_due", pk=id) for id in ids[:2]] == [[(None,)], [(value_date,)]]
    with acting_as(SYSTEM), transaction.atomic():
        assert ledger_check.check() == []


def test_a_batch_is_seen_by_its_collector_and_its_bank_alone(lending: Any) -> None:
    mandated(lending, [lending.party("shop0")])
    running.close(lending.party("bank"), datetime.date(2026, 2, 15))
    ((batch,),) = rows(Batch, "pk")
    stranger = lending.actor("shop1")
    with acting_as(stranger), transaction.atomic():
        assert list(batches.visible(stranger)) == []
        with pytest.raises(NotFound):
            batches.access(stranger, batch)
    with pytest.raises(Refusal, match="1 to 2000"):
        lending.do("bank", batches.confirm_batch, batch=batch, value_date=START, answers=[])
    assert sandbox.answer_all() == 1
    assert rows(Instruction, "state", batch=batch) == [("paid",)]


@pytest.fixture
def two_books(transactional_db: None, lending: Any) -> tuple[Any, dict[str, list[uuid.UUID]]]:
    """The same loans at two lenders, really committed, so that other processes see them."""
    books: dict[str, list[uuid.UUID]] = {"bank": [], "source": []}
    for who, ids in books.items():
        for place in range(8):
            ids.append(derived_id(lending.party(who), "loan", place))
            with transaction.atomic(), inside_an_action():
                made = plain(KINDS[place % 4], 6)
                lend(lending.party(who), lending.party(f"shop{place % 2}"), made, 900_000, START, ids[-1])
    lending.go_to(datetime.date(2026, 4, 20))
    return lending, books


def test_a_killed_crew_s_work_stands_and_a_resumed_run_ends_as_an_undisturbed_one(
    two_books: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, books = two_books
    monkeypatch.setattr(closing, "SMALL_BOOK", 0)
    on = datetime.date(2026, 4, 20)
    undisturbed = running.close(world.party("bank"), on)
    with crew.several(2) as hands, pytest.raises(Conflict) as lost:
        running.close(world.party("source"), on, killing(hands), hands)
    assert lost.value.code == "close.worker_lost"
    (run,) = running.unfinished()
    before = len(rows(ClosePart, "pk", run=run))
    assert 0 < before < 64 * 5
    with crew.several(2) as hands:
        resumed = running.resume(run, crew=hands)
    assert resumed.counts == undisturbed.counts
    assert (resumed.errors, running.unfinished()) == ([], [])
    assert [state for (state,) in rows(CloseRun, "state")] == ["done", "done"]
    for ours, theirs in zip(books["bank"], books["source"], strict=True):
        assert amounts(ours) == amounts(theirs)
    with acting_as(SYSTEM), transaction.atomic():
        assert ledger_check.check() == []


def killing(hands: crew.Crew) -> Any:
    """Kill every worker outright, in the midst of its work, once the first partition is told done."""

    def told(step: str, done: int, of: int) -> None:
        assert hands.pool is not None
        for pid in list(hands.pool._processes or {}):
            os.kill(pid, signal.SIGKILL)

    return told


def amounts(id: uuid.UUID) -> tuple[Any, ...]:
    """What stands for a loan, without the identities in which two banks' books differ."""
    header, claims, books = standing(id)
    kept = sorted(claim[1:8] for claim in claims)
    return [row[:5] + row[6:] for row in header], kept, sorted(book[1:] for book in books)


def test_a_partition_that_fails_leaves_the_others_going(lending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = lending.party("bank")
    with inside_an_action():
        lend(bank, lending.party("shop0"), plain(), 1_000_000, START, new_id())
    lending.go_to(datetime.date(2026, 2, 15))
    monkeypatch.setattr(closing, "SMALL_BOOK", 0)
    work = closing._work

    def failing(step: str, part: Part, report: Any) -> dict[str, int]:
        if step == "classify" and 5 in part.partitions:
            raise RuntimeError("no disk")
        return work(step, part, report)

    monkeypatch.setattr(closing, "_work", failing)
    with pytest.raises(RuntimeError, match="no disk"):
        running.close(bank, datetime.date(2026, 2, 15))
    assert len(rows(ClosePart, "pk")) == 64 * len(closing.STEPS) - 2
    monkeypatch.setattr(closing, "_work", work)
    assert running.resume(running.unfinished()[0]).counts["raise"]["columns"] == 1
