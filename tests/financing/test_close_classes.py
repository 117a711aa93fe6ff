"""Classes and provisions by debtor: all its loans together, joint ones too, defaults, and what the lender still holds."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from jirong.financing import runtime
from jirong.financing.actions import closing, contracts, loans, schemes
from jirong.financing.close import running
from jirong.financing.models import ClassChange, Loan, Provision
from jirong.financing.pages import bank_figures
from jirong.kernel.money import Money
from jirong.store.identity import SYSTEM, acting_as

LATE = datetime.date(2026, 2, 20)
DUE = datetime.date(2026, 4, 15)
SCHEME = """
scheme: shared-by-pool
version: 1
title: {zh: 风险分担贷款, en: Loan of shared risk}
source: tests
effective: 2026-01-01
vehicle: bank_loan
parties: {borrower: firm, lender: bank, pool: compensation_pool}
words:
  shop_months: {zh: 店铺连续经营时间, en: months the shop has run, kind: number}
  shop.orders: {zh: 店铺交易流水, en: the shop's payments}
when_missing: ask
eligible:
  - {feature: shop_months, at_least: 6}
consent:
  - {of: borrower, by: lender, read: [shop.orders], purpose: credit_assessment, lasts: 12 months}
limit: {amount: 100000.00}
price: {fixed: 4.00%}
instrument: {kind: credit_line, open_for: 12 months, repay: bullet, tenor: {up_to: 3 months}, day_count: A/360}
drawing: {how: revolving, early: free}
losses: {of: principal_and_interest, borne: [{by: pool, share: 60%, up_to: means}, {by: lender, share: 40%}], excess: lender}
disclose: {borrower: all, lender: all, pool: [payments, losses]}
"""


def rows(model: Any, **where: Any) -> list[Any]:
    with acting_as(SYSTEM), transaction.atomic():
        return list(model.objects.filter(**where).order_by("pk"))


def loan(id: uuid.UUID) -> Loan:
    row: Loan
    (row,) = rows(Loan, pk=id)
    return row


def changed(id: uuid.UUID, **columns: Any) -> None:
    with acting_as(SYSTEM), transaction.atomic():
        Loan.objects.filter(pk=id).update(**columns)


def draw(lending: Any, shop: str = "shop0") -> uuid.UUID:
    """100,000.00 at 4 % for three months, drawn on the day under a scheme whose pool bears 60 % of a loss."""
    lending.do("bureau", schemes.commit_means, amount=Money.parse("90000.00"))
    lending.policy = lending.sign_text(SCHEME, pool="bureau")
    done = lending.apply(shop, amount=Money.parse("100000.00"), accept_rate=Decimal("0.04"))
    drawn = lending.do(shop, contracts.draw, contract=uuid.UUID(done["contract"]), amount=Money.parse("100000.00"))
    lending.banks_answer()
    return uuid.UUID(drawn["loan"])


def close(lending: Any, day: datetime.date) -> Any:
    lending.go_to(day)
    return running.close(lending.party("bank"), day)


def test_a_loan_drawn_after_the_debtor_was_graded_stands_in_the_debtors_class(lending: Any) -> None:
    """Late at the close, paid the same day: until the next close the debtor stands where it stood, with all its loans."""
    first = lending.lend("shop0")
    close(lending, LATE)
    lending.do("shop0", loans.repay, loan_id=first)
    lending.banks_answer()
    second = draw(lending)
    assert (loan(first).loan_class, loan(second).loan_class) == (1, 1)


def test_a_loan_in_a_better_class_than_the_debtors_others_is_put_right_by_the_close(lending: Any) -> None:
    first, second = lending.lend("shop0"), draw(lending)
    close(lending, LATE)
    changed(second, loan_class=0)
    counts = close(lending, LATE + datetime.timedelta(days=1)).counts["classify"]
    assert counts == {"debtors": 1, "changed": 1}
    assert (loan(first).loan_class, loan(second).loan_class) == (1, 1)
    assert [(c.before, c.after) for c in rows(ClassChange)] == [(0, 1), (0, 1)]
    assert close(lending, LATE + datetime.timedelta(days=2)).counts["classify"] == {"debtors": 1, "changed": 0}


def test_joint_debtors_loans_stand_in_one_class_whoever_is_late(lending: Any) -> None:
    """Shop 1 is late on a loan of its own; it owes another with shop 0, whose own loan is graded as well."""
    late, own = lending.lend("shop1"), lending.lend("shop0", "10000.00")
    joint = draw(lending)
    pair = sorted([lending.party("shop0"), lending.party("shop1")])
    changed(joint, borrowers=pair)
    changed(own, oldest_due=None, next_due=DUE)
    found = close(lending, LATE)
    assert found.errors == []
    assert [loan(id).loan_class for id in (late, joint, own)] == [1, 1, 1]
    assert sorted((c.debtor_id, c.before, c.after, c.days_past_due) for c in rows(ClassChange)) == [
        (debtor, 0, 1, 5) for debtor in pair
    ]
    with acting_as(SYSTEM), transaction.atomic():
        assert runtime._class_of(lending.party("bank"), [lending.party("shop1")]) == 1


def test_debtors_of_a_joint_loan_are_classed_together_across_the_parts_of_a_book(
    lending: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of many parts sees the same of a loan that spans them."""
    monkeypatch.setattr(closing, "SMALL_BOOK", 0)
    lending.know("shop0")
    late, joint = lending.lend("shop1"), draw(lending)
    changed(joint, borrowers=[lending.party("shop0"), lending.party("shop1")], partition=3)
    changed(late, partition=60)
    monkeypatch.setattr(
        runtime, "partition_of", lambda id: {lending.party("shop0"): 3, lending.party("shop1"): 60}.get(id, 0)
    )
    close(lending, LATE)
    assert [loan(id).loan_class for id in (late, joint)] == [1, 1]


def test_a_defaulted_loan_is_substandard_at_least_and_only_what_the_lender_holds_is_in_its_book(lending: Any) -> None:
    """Of 101,000.00 the pool pays 60 %: claims of 60,600.00 are its own, interest (1,000.00) before principal."""
    lending.know("shop0")
    id = draw(lending)
    lending.go_to(DUE)
    close(lending, DUE + datetime.timedelta(days=1))
    assert loan(id).loan_class == 1
    lending.do("bank", loans.share_loss, loan_id=id)
    lending.banks_answer()
    row = loan(id)
    assert (row.status, row.principal_left_minor) == ("defaulted", 10_000_000)
    held = row.principal_left_minor - row.others_minor
    assert (row.held_minor, held) == (held, held)
    assert 0 < row.others_minor <= 6_060_000
    close(lending, DUE + datetime.timedelta(days=2))
    assert loan(id).loan_class == 2
    assert rows(ClassChange)[-1].rules == ["loan_class.expected_loss"]
    last = [p for p in rows(Provision) if p.on == DUE + datetime.timedelta(days=2)]
    assert [(p.loan_class, p.loans, p.principal_minor, p.provision_minor) for p in last] == [(2, 1, held, held // 4)]
    with transaction.atomic():
        (cell,) = bank_figures.cells(lending.party("bank"), DUE)
        (debtor,) = bank_figures.debtors(lending.party("bank"))
    assert (cell.loans, cell.minor, debtor.minor) == (1, held, held)
    lending.do("bank", loans.write_off, loan_id=id)
    row = loan(id)
    assert (row.status, row.held_minor, row.principal_left_minor) == ("defaulted", 0, row.others_minor)
    close(lending, DUE + datetime.timedelta(days=3))
    assert [p for p in rows(Provision) if p.on == DUE + datetime.timedelta(days=3)] == []
    with transaction.atomic():
        assert bank_figures.cells(lending.party("bank"), DUE) == []
